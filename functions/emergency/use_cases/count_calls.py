"""Customer service counts calls and complaints, where Amazon Connect doesn't know them (P6.3, P8.2)."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.answer import Form, read_count
from emergency.domain.errors import UnusableAnswer
from emergency.domain.inventory import CallCount
from emergency.domain.terms import DecisionKind, Team
from emergency.domain.timeline import Detail, Fact
from emergency.ports import Clock, Hotlines
from emergency.use_cases.keep_record import check_addition
from emergency.use_cases.open_link import Opened, check_answerer, form_id
from emergency.use_cases.telling import fact_of

CALLS, COMPLAINTS = "calls", "complaints"
MOST = 10_000_000
"""No incident has more calls; more is a number from elsewhere, a telephone number perhaps."""

_ON = frozenset({DecisionKind.COMPLETE, DecisionKind.CLEAN_UP})


@dataclass(frozen=True, kw_only=True)
class CountCalls:
    """Puts a count of the calls so far on record; the same form posted twice is one count."""

    hotlines: Hotlines
    clock: Clock

    def __call__(self, opened: Opened, form: Form) -> CallCount:
        """What was counted. Raises ForgedForm, NotYours, DecisionSettled, UnusableAnswer."""
        check_answerer(opened, form)
        check_addition(opened, form, CALLS)
        decision, who = opened.decision, opened.link.contact
        if decision.team is not Team.CUSTOMER_SERVICE or decision.kind not in _ON:
            raise UnusableAnswer(CALLS, "unknown")
        calls, complaints = read_count(form, CALLS, MOST), read_count(form, COMPLAINTS, MOST)
        if calls is None:
            raise UnusableAnswer(CALLS, "missing")
        count = CallCount(
            incident_id=opened.link.incident_id,
            id=form_id(opened, form, str(calls), str(complaints))[:16],
            calls=calls,
            complaints=complaints,
            by=who,
            at=self.clock(),
        )
        details: dict[str, Detail] = {"who": who, "calls": calls}
        if complaints is not None:
            details["complaints"] = complaints
        key = f"calls/{count.id}"
        entry = fact_of(decision, Fact.CALLS_COUNTED, key=key, now=count.at, actor=who, details=details)
        self.hotlines.count(count, entry)
        return count
