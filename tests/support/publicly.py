"""The example company's status page, with an incident that goes on, one that is over, and one that nobody ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from emergency.domain.plan import Locale, Plan
from emergency.domain.statement import SiteFile, Statement, Wording
from emergency.domain.terms import Phase
from emergency.presentation.status_site.writer import SiteWriter
from tests.support.telling import BEGAN, company, minutes, the_statement

STATUS_URL, PAGES_URL = "https://status.example", "https://pages.example"
NOW = minutes(40)


def _said(plan: Plan, incident: str, phase: Phase, began: datetime, after: float, **texts: Wording) -> Statement:
    return the_statement(
        plan,
        incident_id=incident,
        id=f"statement-{incident[-4:].lower()}{phase.value[:1]}",
        phase=phase,
        texts={"en": texts["english"], "zh-Hant": texts["chinese"]},
        began_at=began,
        published_at=began + timedelta(minutes=after),
    )


def the_history(plan: Plan) -> tuple[Statement, ...]:
    """What was published in the last weeks; the checkout's incident goes on."""
    late, forgotten = BEGAN - timedelta(days=6), BEGAN - timedelta(days=70)
    first = the_statement(plan)
    update = _said(
        plan,
        first.incident_id,
        Phase.UPDATE,
        BEGAN,
        31,
        english=Wording(
            title="Most orders go through again",
            text="Seven of ten orders go through again. We are adding servers for the rest.\n\n"
            "The next update follows by 04:00 (Taipei time).",
        ),
        chinese=Wording(
            title="多數訂單已恢復正常",
            text="十筆訂單中已有七筆可以完成，其餘正在增加伺服器處理。\n\n下次更新最晚在 04:00（台北時間）。",
        ),
    )
    return (
        _said(
            plan,
            "INC-20260912-9Z9Z",
            Phase.FIRST_NOTICE,
            forgotten,
            12,
            english=Wording(title="Some pictures are missing", text="Pictures of some products are missing."),
            chinese=Wording(title="部分商品缺少圖片", text="部分商品的圖片無法顯示。"),
        ),
        _said(
            plan,
            "INC-20261116-2C1D",
            Phase.FIRST_NOTICE,
            late,
            9,
            english=Wording(title="Parcels to the south are late", text="A carrier has told us of delays."),
            chinese=Wording(title="寄往南部的包裹延誤", text="物流公司通知我們配送延誤。"),
        ),
        _said(
            plan,
            "INC-20261116-2C1D",
            Phase.RESOLVED,
            late,
            560,
            english=Wording(title="Parcels travel as usual again", text="All parcels that were late are on their way."),
            chinese=Wording(title="包裹配送已恢復正常", text="延誤的包裹都已在路上。"),
        ),
        first,
        update,
    )


def site_writer(locale: Locale = "") -> SiteWriter:
    """Writes the example company's page; with a `locale`, in that language alone."""
    plan, words = company()
    if locale:
        plan = replace(plan, communications=replace(plan.communications, locales=(locale,)))
    return SiteWriter(plan=plan, words=words, status_url=STATUS_URL, pages_url=PAGES_URL)


def the_site(*statements: Statement, now: datetime = NOW, locale: Locale = "") -> dict[str, SiteFile]:
    """The files by path."""
    return {file.path: file for file in site_writer(locale).files(statements, now)}
