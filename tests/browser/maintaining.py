"""The page on which maintenance is planned, and what is asked about it: for the browser tests and the pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import Locale
from emergency.domain.terms import DecisionKind
from emergency.presentation.maintaining import MaintenanceForm, MaintenancePages
from emergency.presentation.templating import Page
from tests.browser.gallery import PLAN, WORDS, Sight
from tests.browser.reporting import ONCE, URL
from tests.support.telling import minutes, settled_decision, the_decision, the_incident, the_maintenance

PAGES = MaintenancePages(PLAN, WORDS)
_KIND = DecisionKind.MAINTENANCE


def maintenance_form(locale: Locale, **changes: object) -> MaintenanceForm:
    """The page of whoever has planned two things: one is approved, one waits."""
    questions = (settled_decision(PLAN, _KIND), the_decision(PLAN, _KIND))
    usual = MaintenanceForm(
        now=minutes(4),
        once=ONCE,
        nonce="n",
        contact=replace(PLAN.contact(the_maintenance(PLAN).by), locale=locale),
        report_url=URL,
        locale=locale,
        planned=[(the_incident(id=f"MNT-{number}"), question) for number, question in enumerate(questions)],
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def _page(locale: Locale, **changes: object) -> Page:
    return PAGES.maintenance(maintenance_form(locale, **changes))


def _wrong(locale: Locale) -> Page:
    posted = {"components": ["checkout"], "alarms": ["*"], "reason": ["New disks."]}
    return _page(locale, planned=(), posted=posted, error=UnusableAnswer("alarms", "too_wide"))


MAINTAINING: Mapping[str, Sight] = {
    "maintenance-form": Sight("A contact plans maintenance, and ends what is done", _page),
}
MAINTAINING_ALIKE: Mapping[str, Sight] = {
    "maintenance-wrong": Sight("What has to be corrected in a plan for maintenance", _wrong),
    "maintenance-new": Sight("Nothing is planned", lambda locale: _page(locale, planned=())),
    "maintenance-sent": Sight("It was put to others", lambda locale: _page(locale, done="sent")),
    "maintenance-components": Sight(
        "Nothing was chosen", lambda locale: _page(locale, error=UnusableAnswer("components", "missing"))
    ),
}
"""What looks like another one and is worth no picture."""
