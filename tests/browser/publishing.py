"""Statements from the draft to the status page: what the browser tests open and the pictures show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from emergency.domain.briefing import Briefing
from emergency.domain.decision import Answer, Decision
from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import Locale
from emergency.domain.statement import Statement, Texts
from emergency.domain.terms import DecisionKind, Outcome, Phase, Team
from emergency.presentation.page import Shown
from emergency.presentation.templating import Page
from tests.browser.gallery import PAGES, PLAN, Sight
from tests.support.publicly import the_history, the_site
from tests.support.team_page import team_briefing, the_updates
from tests.support.telling import briefing, decision_put_at, minutes, shown, the_statement_draft

_FORM = {
    "phase": ["update"],
    "title-zh-Hant": ["最新進展：多數訂單已恢復正常"],
    "text-zh-Hant": ["十筆訂單中已有七筆可以完成。"],
    "title-en": ["Most orders go through again"],
    "text-en": ["Seven of ten orders go through again. <b>We are sorry.</b>"],
}


def _briefing(locale: Locale) -> Briefing:
    return team_briefing(PLAN, DecisionKind.COMPLETE, locale, team=Team.PUBLIC_RELATIONS, updates=the_updates(44))


def _at_desk(locale: Locale) -> Shown:
    return shown(_briefing(locale), after=36)


def drafted(outcome: Outcome | None = None, phase: Phase = Phase.FIRST_NOTICE) -> Decision:
    """A draft, and what became of it."""
    draft = the_statement_draft(PLAN, phase)
    decision = decision_put_at(24, PLAN, DecisionKind.STATEMENT, id=f"statement-{phase}-{outcome}", statement=draft)
    if outcome is None:
        return decision
    by = "" if outcome is Outcome.NOT_APPROVED else PLAN.leadership.deputy_heads[0]
    fields = {"comment": "Say since when."} if outcome is Outcome.RETURNED else {}
    answer = Answer(outcome=outcome, by=by, at=minutes(28), fields=fields, voters=(by,) if by else ())
    return replace(decision, answer=answer)


def speaking(locale: Locale) -> Page:
    """Public relations' page with statements in every state."""
    decisions = [drafted(one) for one in (Outcome.APPROVED, Outcome.RETURNED, Outcome.NOT_APPROVED, None)]
    return PAGES.question(replace(_at_desk(locale), decisions={one.id: one for one in decisions}))


def _approving(locale: Locale) -> Page:
    decision = decision_put_at(24, PLAN, DecisionKind.STATEMENT)
    return PAGES.question(shown(briefing(PLAN, decision, locale), after=26))


WRITING: Mapping[str, Sight] = {
    "statement": Sight(
        "A statement is written: as the plan drafts it, in each of the public's languages",
        lambda locale: PAGES.statement(_at_desk(locale), Phase.UPDATE),
        worth=1100,
    ),
    "statement-returned": Sight(
        "A draft that came back, with what has to change",
        lambda locale: PAGES.statement(_at_desk(locale), Phase.FIRST_NOTICE, drafted(Outcome.RETURNED)),
        worth=600,
    ),
    "statement-approval": Sight("A statement before those who approve it", _approving, worth=1250),
    "statements-so-far": Sight("Public relations at work, with statements in every state", speaking, worth=600),
    "unusable-statement": Sight(
        "A statement with markup: the form as it was posted, and what to correct",
        lambda locale: PAGES.statement_unusable(
            _at_desk(locale), Phase.UPDATE, _FORM, UnusableAnswer("text-en", "markup")
        ),
        worth=500,
    ),
    "refused-statement": Sight(
        "More statements than an incident takes",
        lambda locale: PAGES.statement_refused(_at_desk(locale), Phase.UPDATE, _FORM),
        worth=500,
    ),
}


def _in(locale: Locale, texts: Texts) -> Texts:
    """The texts in a language that the public doesn't have, as well as they can be told in it."""
    return {**texts, locale: texts.get(locale) or texts["zh-Hant"]}


def _site(path: str, locale: Locale, *history: Statement) -> Page:
    told = [replace(one, texts=_in(locale, one.texts)) for one in history]
    return Page(status=200, html=the_site(*told, locale=locale)[path].content)


HISTORY = the_history(PLAN)

STATUS_PAGE: Mapping[str, Sight] = {
    "status-page": Sight(
        "The status page while something is wrong",
        lambda locale: _site(f"{locale}/index.html", locale, *HISTORY),
    ),
    "status-page-well": Sight(
        "The status page on a good day", lambda locale: _site(f"{locale}/index.html", locale, *HISTORY[1:3]), worth=844
    ),
    "status-page-quiet": Sight(
        "The status page before anything was ever published",
        lambda locale: _site(f"{locale}/index.html", locale),
        worth=600,
    ),
    "status-page-incident": Sight(
        "One incident's page",
        lambda locale: _site(f"{locale}/incidents/INC-20261116-2C1D.html", locale, *HISTORY),
    ),
    "status-page-history": Sight(
        "All incidents of the last year", lambda locale: _site(f"{locale}/history.html", locale, *HISTORY)
    ),
    "status-page-empty-history": Sight(
        "No incidents in the last year", lambda locale: _site(f"{locale}/history.html", locale), worth=600
    ),
}
NO_SUCH_PAGE: Mapping[str, Sight] = {
    "status-page-unknown": Sight(
        "No such page", lambda _: Page(status=404, html=the_site()["404.html"].content), is_multilingual=True
    ),
}
