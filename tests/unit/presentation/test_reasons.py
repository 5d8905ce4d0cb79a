"""Why a severity was computed, in words: on the mail, the page and the report (P3, P6.1)."""

from __future__ import annotations

import pytest

from emergency.domain.assessment import Reason, ReasonKind
from emergency.domain.incident import anonymous
from emergency.domain.terms import DecisionKind
from emergency.presentation.mail import MailWriter
from emergency.presentation.naming import Names
from emergency.presentation.page import PageWriter
from emergency.presentation.reasons import ReasonTeller
from emergency.presentation.report import ReportWriter
from emergency.presentation.words import figure
from tests.support.telling import (
    LINK,
    active_incident,
    briefing,
    company,
    minutes,
    shown,
    the_decision,
    the_incident,
    the_report,
)

PLAN, WORDS = company()
SHIFTED = (
    Reason(kind=ReasonKind.RULE, details={"rule": "checkout", "likelihood": 4, "impact": 4}),
    Reason(kind=ReasonKind.OVER_THRESHOLD, details={"value": "1480", "threshold": "50", "times": "29.6", "impact": 1}),
    Reason(kind=ReasonKind.USERS, details={"users": 120_000, "likelihood": 1, "impact": 1}),
)


def told(locale: str, *reasons: Reason) -> ReasonTeller:
    return ReasonTeller(the_incident(reasons=reasons), Names(PLAN, WORDS[locale]))


def test_a_figure_that_shifts_nothing_is_told_all_the_same() -> None:
    teller = ReasonTeller(the_incident(), Names(PLAN, WORDS["en"]))
    assert teller.because == (
        "SEV2 because the plan's rule “checkout” gives likelihood 4 and impact 4, of 5; "
        "733 is 14.7 times the threshold of 50."
    )


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        (
            "en",
            (
                "SEV2 because the plan's rule “checkout” gives likelihood 4 and impact 4, of 5; 1,480 is 29.6 times the "
                "threshold of 50 (impact +1); 120,000 users are concerned (likelihood +1 and impact +1)."
            ),
        ),
        (
            "zh-Hant",
            (
                "評為「重大」，理由：依預案規則「checkout」，可能性 4、影響程度 4（最高 5）；數值 1,480，是門檻 50 的 29.6 倍"
                "（影響程度 +1）；120,000 名用戶受影響（可能性 +1 與影響程度 +1）。"
            ),
        ),
        (
            "zh-Hans",
            (
                "评定为“重大”，理由：按预案规则“checkout”，可能性 4、影响程度 4（最高 5）；数值 1,480，是阈值 50 的 29.6 倍"
                "（影响程度 +1）；120,000 名用户受影响（可能性 +1 和影响程度 +1）。"
            ),
        ),
    ],
)
def test_what_a_figure_adds_stands_beside_it(locale: str, sentence: str) -> None:
    assert told(locale, *SHIFTED).because == sentence


@pytest.mark.parametrize(
    ("reason", "clause"),
    [
        (
            Reason(kind=ReasonKind.UNDER_THRESHOLD, details={"value": "2", "threshold": "10", "times": "5"}),
            "2 is below the threshold of 10, which is 5 times as much",
        ),
        (
            Reason(kind=ReasonKind.MEASURED, details={"value": "1", "threshold": "0"}),
            "1 was measured against a threshold of 0",
        ),
        (Reason(kind=ReasonKind.USERS, details={"users": 1}), "1 user is concerned"),
        (
            Reason(kind=ReasonKind.SCORE, details={"score": "3.9", "impact": -2}),
            "the finding's own severity is 3.9, of 10 (impact −2)",
        ),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_every_kind_of_reason_has_its_clause(reason: Reason, clause: str) -> None:
    assert told("en", reason).reasons == f"Reasons: {clause}."


def test_a_record_from_before_reasons_were_kept_tells_none() -> None:
    assert told("en").because == told("en").reasons == ""
    old = briefing(PLAN, the_decision(PLAN, DecisionKind.ORDERS), incident=the_incident(reasons=()))
    assert "because" not in PageWriter(PLAN, WORDS).question(shown(old)).html


def test_whoever_gives_the_orders_reads_why_on_mail_and_page_and_others_do_not() -> None:
    why = "數值 733，是門檻 50 的 14.7 倍"
    for kind, reads_why in ((DecisionKind.ORDERS, True), (DecisionKind.REVIEW, False)):
        asked = briefing(PLAN, the_decision(PLAN, kind), "zh-Hant")
        mail = MailWriter(PLAN, WORDS).question(asked, LINK, minutes(5))
        assert (why in mail.text) is (why in mail.html) is reads_why
        # The facts of the page give the assessment with every question.
        assert PageWriter(PLAN, WORDS).question(shown(asked)).html.count(why) == 1 + reads_why


def test_the_report_gives_the_reasons_beside_the_assessment() -> None:
    html = ReportWriter(PLAN, WORDS).html(the_report(PLAN), "en")
    assert "Reasons: the plan" in html
    assert "733 is 14.7 times the threshold of 50" in html


def test_an_anonymous_incident_gives_no_reasons() -> None:
    assert anonymous(active_incident(PLAN)).reasons == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (733.0, "733"),
        (0.733981204, "0.734"),
        (14.66, "14.7"),
        (20.0, "20"),
        (1_480.4, "1,480"),
        (1_000_000.0, "1,000,000"),
        (0.0, "0"),
        (-3.5, "-3.5"),
        (0.00001234, "0.0000123"),
        (3.2e15, "3.20e+15"),
        (1e-18, "1.00e-18"),
    ],
)
def test_figures_are_as_long_as_can_be_read(value: float, text: str) -> None:
    assert figure(value) == text
