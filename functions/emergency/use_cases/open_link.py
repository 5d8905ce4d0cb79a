"""Opens a mailed link: looking changes nothing (design §4; R1, R4, R6)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from emergency.domain.answer import Form
from emergency.domain.assignment import Assignment
from emergency.domain.briefing import Briefing, from_outside
from emergency.domain.deadline import Watched
from emergency.domain.decision import Decision
from emergency.domain.errors import DecisionNotFound, NotYours
from emergency.domain.incident import anonymous
from emergency.domain.link import Link, check_nonce, digest_of
from emergency.domain.plan import Contact, Plan
from emergency.domain.report import Record
from emergency.domain.terms import DecisionKind, Team
from emergency.ports import Decisions, Incidents

NONCE = "nonce"
"""The field of every form that binds it to its link."""

ONCE = "once"
"""The field that is new each time a page is shown."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An opened link: who is asked what, and the incident's record so far.

    For somebody from `outside` the record says whether the incident is over, and nothing else.
    """

    link: Link
    contact: Contact
    decision: Decision
    record: Record
    outside: bool = False

    @property
    def briefing(self) -> Briefing:
        """What the link's person is told."""
        team = self.decision.team
        told = Briefing(
            incident=self.record.incident,
            decision=self.decision,
            contact=self.contact,
            assignment=self.record.assignments.get(team) if team else None,
            hotline=self.record.hotline,
            assignments=self.record.assignments,
            allocations=tuple(loan for loan in self.record.allocations if loan.team is team),
            updates=self.record.deadlines.get(Watched.UPDATES) if team is Team.PUBLIC_RELATIONS else None,
            calls=self.record.calls if team is Team.CUSTOMER_SERVICE else (),
            helps=self.link.help,
        )
        return from_outside(told) if self.outside else told

    def with_assignment(self, assignment: Assignment) -> Opened:
        """The same with a team's tasks as they are now."""
        assignments = {**self.record.assignments, assignment.team: assignment}
        return replace(self, record=replace(self.record, assignments=assignments))

    @property
    def is_over(self) -> bool:
        """Whether the incident's end has overtaken the question. A notice is still owed after it."""
        return self.record.incident.status.is_over and self.decision.clock is None

    @property
    def is_replaced(self) -> bool:
        """Whether the same question was put again since: a report that was revised."""
        others = self.record.decisions.values()
        later = [d for d in others if d.kind is self.decision.kind and d.round > self.decision.round]
        return self.decision.kind is DecisionKind.REVIEW and bool(later)


def check_form(opened: Opened, form: Form) -> None:
    """Raises ForgedForm unless the form comes from the page of this link."""
    check_nonce(opened.decision, opened.link, next(iter(form.get(NONCE, ())), ""))


def check_answerer(opened: Opened, form: Form) -> None:
    """Raises ForgedForm as `check_form`, and NotYours for somebody whose link is to help alone."""
    check_form(opened, form)
    if opened.link.help:
        raise NotYours(opened.decision.id)


def form_id(opened: Opened, form: Form, *said: str) -> str:
    """Names what a form asks for by its page and what it says, so that a double press is one; SHA-256 as hex."""
    return digest_of("\n".join([opened.link.digest, "".join(form.get(ONCE, ())), *said]))


@dataclass(frozen=True, kw_only=True)
class OpenLink:
    """Reads what a link leads to."""

    plan: Plan
    incidents: Incidents
    decisions: Decisions

    def __call__(self, link_id: str) -> Opened:
        """What is asked behind the link; writes nothing.

        Raises UnknownLink, IncidentNotFound, DecisionNotFound, and NotYours where its person is no longer in the plan.
        """
        link = self.decisions.link(digest_of(link_id))
        if not self.plan.knows(link.contact):
            raise NotYours(link.decision_id)
        record = self.incidents.record(link.incident_id)
        if link.decision_id not in record.decisions:
            raise DecisionNotFound(link.decision_id)
        decision = record.decisions[link.decision_id]
        outside = self.plan.is_outside(link.contact)
        return Opened(
            link=link,
            contact=self.plan.contact(link.contact),
            decision=decision,
            record=_closed(record) if outside else record,
            outside=outside,
        )


def _closed(record: Record) -> Record:
    """The record as somebody from outside may know it."""
    return Record(
        incident=anonymous(record.incident),
        timeline=(),
        decisions={},
        assignments={},
        allocations=(),
        hotline=None,
    )
