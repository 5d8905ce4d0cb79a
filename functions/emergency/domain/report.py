"""The post-incident report (P6.6): course, measures, impact, times, resources, proposals, from the record alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from emergency.domain.assignment import Assignment
from emergency.domain.correlation import Tally, from_before
from emergency.domain.deadline import Deadline
from emergency.domain.decision import Answer, Decision, NoticeClock, answered_orders, decision_id
from emergency.domain.deliveries import CarrierOrder, Replan
from emergency.domain.incident import Incident
from emergency.domain.inventory import Allocation, CallCount, Expense, OpenHotline
from emergency.domain.notification import SentMail
from emergency.domain.statement import Statement
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.domain.timeline import Detail, Fact, TimelineEntry


@dataclass(frozen=True, kw_only=True)
class Times:
    """The moments that P8.1 judges by. Missing where the incident never came that far."""

    began: datetime
    detected: datetime
    reported: datetime
    ordered: datetime | None
    acknowledged: Mapping[Team, datetime]
    resolved: datetime | None
    closed: datetime | None


@dataclass(frozen=True, kw_only=True)
class TeamWork:
    """What one team did: its answers to the three questions that it is asked, and its tasks."""

    team: Team
    assignment: Assignment | None
    acknowledged: Answer | None
    completed: Answer | None
    handed_in: Answer | None

    def said(self, name: str) -> str:
        """A text field of the team's answers (`measures`, `record`, `impact`, `proposal`), or empty."""
        answers = (self.completed, self.handed_in)
        return next((a.fields[name] for a in answers if a is not None and name in a.fields), "")


@dataclass(frozen=True, kw_only=True)
class NoticeWork:
    """One notice to an authority: its clock, and what came of it. `answer` is missing while it is still to be sent."""

    clock: NoticeClock
    answer: Answer | None

    def is_late(self, now: datetime) -> bool:
        """Whether it missed its time: sent after it, or not sent by then. What does not apply is never late."""
        if self.answer is None or self.answer.outcome is Outcome.NOT_SENT:
            return now > self.clock.due_at
        return self.answer.outcome is Outcome.SENT and self.answer.at > self.clock.due_at


@dataclass(frozen=True, kw_only=True)
class UpdateGiven:
    """One update to the public; `is_late` where its time had passed before it was given."""

    at: datetime
    by: str
    text: str
    is_late: bool


@dataclass(frozen=True, kw_only=True)
class ReplanWork:
    """One re-plan that was ordered, or proposed alone, and what became of each carrier's order."""

    replan: Replan
    orders: tuple[tuple[CarrierOrder, Answer | None], ...]


@dataclass(frozen=True, kw_only=True)
class Seal:
    """When the complete record was sealed, of how many documents, and the SHA-256 of its manifest as hex."""

    at: datetime
    parts: int
    digest: str


class Finding(StrEnum):
    """What went worse than the plan foresees; the words have a proposal for each."""

    ORDERS_ESCALATED = "orders_escalated"
    ORDERS_LAPSED = "orders_lapsed"
    ACKNOWLEDGE_ESCALATED = "acknowledge_escalated"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    COMPLETE_ESCALATED = "complete_escalated"
    NOT_COMPLETED = "not_completed"
    NOT_HANDED_IN = "not_handed_in"
    RESOURCE_SHORT = "resource_short"
    HOTLINE_UNAVAILABLE = "hotline_unavailable"
    HOTLINE_UNSTAFFED = "hotline_unstaffed"
    TASKS_LATE = "tasks_late"
    NOTICE_LATE = "notice_late"
    UPDATES_LATE = "updates_late"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A proposal for improvement that follows from a finding; `details` fill its sentence."""

    finding: Finding
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Record:
    """Everything that is on record of one incident (P6.5)."""

    incident: Incident
    timeline: tuple[TimelineEntry, ...]
    decisions: Mapping[str, Decision]
    assignments: Mapping[Team, Assignment]
    allocations: tuple[Allocation, ...]
    hotline: OpenHotline | None
    expenses: tuple[Expense, ...] = ()
    deadlines: Mapping[str, Deadline] = field(default_factory=dict)
    sent: tuple[SentMail, ...] = ()
    statements: tuple[Statement, ...] = ()
    replans: tuple[Replan, ...] = ()
    calls: tuple[CallCount, ...] = ()
    tally: Tally | None = None
    """The signals, counted; missing in records from before they were counted apart (R24)."""


def without_secrets(record: Record) -> Record:
    """The record as it may leave DynamoDB: no task tokens, no form keys (R3)."""
    decisions = {key: replace(decision, form_key="", task_token="") for key, decision in record.decisions.items()}
    deadlines = {key: replace(deadline, task_token="") for key, deadline in record.deadlines.items()}
    return replace(record, decisions=decisions, deadlines=deadlines)


@dataclass(frozen=True, kw_only=True)
class Report:
    """The report's content, before words and layout."""

    incident: Incident
    round: int
    written_at: datetime
    times: Times
    timeline: tuple[TimelineEntry, ...]
    teams: tuple[TeamWork, ...]
    allocations: tuple[Allocation, ...]
    hotline: OpenHotline | None
    proposals: tuple[Proposal, ...]
    review_comments: tuple[Answer, ...]
    """Answers that returned earlier rounds for revision."""
    expenses: tuple[Expense, ...]
    duties: Answer | None
    """Which notices to authorities apply; missing where nobody was asked."""
    notices: tuple[NoticeWork, ...]
    """By the time when each is due."""
    updates: tuple[UpdateGiven, ...]
    updates_late: int
    """How many updates to the public had not come when they were due."""
    seal: Seal | None
    tally: Tally
    """The signals, counted."""
    calls: tuple[CallCount, ...] = ()
    replans: tuple[ReplanWork, ...] = ()


def resolved_at(decisions: Mapping[str, Decision], teams: Iterable[Team]) -> datetime | None:
    """When the last mobilised team reported completion; missing where one did not."""
    answers = [_answer(decisions, DecisionKind.COMPLETE, team) for team in teams]
    times = [answer.at for answer in answers if answer and answer.outcome is Outcome.COMPLETED]
    return max(times) if times and len(times) == len(answers) else None


def write_report(record: Record, *, round_: int, now: datetime) -> Report:
    """The report over a record, as it stands at `now`."""
    incident, decisions = record.incident, record.decisions
    teams = tuple(_team_work(record, team) for team in incident.teams)
    return Report(
        incident=incident,
        round=round_,
        written_at=now,
        times=Times(
            began=incident.began_at,
            detected=incident.detected_at,
            reported=incident.reported_at,
            ordered=incident.orders.at if incident.orders else None,
            acknowledged={
                work.team: work.acknowledged.at
                for work in teams
                if work.acknowledged and work.acknowledged.outcome is Outcome.ACKNOWLEDGED
            },
            resolved=resolved_at(decisions, incident.teams),
            closed=incident.closed_at,
        ),
        timeline=record.timeline,
        teams=teams,
        allocations=record.allocations,
        hotline=record.hotline,
        proposals=tuple(_proposals(record, teams, now)),
        review_comments=tuple(
            decision.answer
            for decision in decisions.values()
            if decision.kind is DecisionKind.REVIEW
            and decision.answer is not None
            and decision.answer.outcome is Outcome.RETURNED
        ),
        expenses=record.expenses,
        duties=duties.answer if (duties := decisions.get(decision_id(DecisionKind.DUTIES))) else None,
        notices=_notices(decisions),
        updates=_updates(record.timeline),
        updates_late=len(_late_beats(record.timeline)),
        seal=_seal(record.timeline),
        tally=record.tally or from_before(record.incident),
        calls=record.calls,
        replans=_replans(record),
    )


def _answer(decisions: Mapping[str, Decision], kind: DecisionKind, team: Team) -> Answer | None:
    decision = decisions.get(decision_id(kind, team))
    return decision.answer if decision else None


def _team_work(record: Record, team: Team) -> TeamWork:
    return TeamWork(
        team=team,
        assignment=record.assignments.get(team),
        acknowledged=_answer(record.decisions, DecisionKind.ACKNOWLEDGE, team),
        completed=_answer(record.decisions, DecisionKind.COMPLETE, team),
        handed_in=_answer(record.decisions, DecisionKind.CLEAN_UP, team),
    )


def _notices(decisions: Mapping[str, Decision]) -> tuple[NoticeWork, ...]:
    works = [NoticeWork(clock=one.clock, answer=one.answer) for one in decisions.values() if one.clock]
    return tuple(sorted(works, key=lambda work: (work.clock.due_at, work.clock.notice)))


def _updates(timeline: Sequence[TimelineEntry]) -> tuple[UpdateGiven, ...]:
    late = _late_beats(timeline)
    return tuple(
        UpdateGiven(
            at=entry.at,
            by=entry.actor,
            text=str(entry.details.get("text", "")),
            is_late=entry.details.get("beat") in late,
        )
        for entry in timeline
        if entry.fact in {Fact.UPDATE_GIVEN, Fact.STATEMENT_PUBLISHED}
    )


def _replans(record: Record) -> tuple[ReplanWork, ...]:
    return tuple(
        ReplanWork(replan=replan, orders=answered_orders(replan, record.decisions.values()))
        for replan in sorted(record.replans, key=lambda one: (one.proposed_at, one.id))
    )


def _late_beats(timeline: Sequence[TimelineEntry]) -> frozenset[Detail]:
    return frozenset(entry.details["beat"] for entry in timeline if _is_late_update(entry))


def _is_late_update(entry: TimelineEntry) -> bool:
    return entry.fact is Fact.UPDATE_LATE and "beat" in entry.details


def _seal(timeline: Sequence[TimelineEntry]) -> Seal | None:
    """The last seal: whatever was added later was sealed again with all that was there before."""
    sealed = [entry for entry in timeline if entry.fact is Fact.RECORD_SEALED]
    if not sealed:
        return None
    parts = sealed[-1].details.get("parts")
    return Seal(
        at=sealed[-1].at,
        parts=parts if isinstance(parts, int) else 0,
        digest=str(sealed[-1].details.get("digest", "")),
    )


def _proposals(record: Record, teams: Sequence[TeamWork], now: datetime) -> Iterable[Proposal]:
    orders = record.decisions.get(decision_id(DecisionKind.ORDERS))
    if orders and orders.answer:
        if not orders.answer.by:
            yield Proposal(finding=Finding.ORDERS_LAPSED)
        elif orders.level > 0:
            yield Proposal(finding=Finding.ORDERS_ESCALATED)
    for work in teams:
        yield from _team_proposals(record, work)
    yield from _late(record, teams, now)
    for allocation in record.allocations:
        if allocation.quantity < allocation.wanted:
            yield Proposal(
                finding=Finding.RESOURCE_SHORT,
                details={
                    "resource": allocation.resource,
                    "team": allocation.team,
                    "wanted": allocation.wanted,
                    "quantity": allocation.quantity,
                },
            )
    facts = {entry.fact for entry in record.timeline}
    if Fact.HOTLINE_UNAVAILABLE in facts:
        yield Proposal(finding=Finding.HOTLINE_UNAVAILABLE)
    if Fact.HOTLINE_UNSTAFFED in facts:
        yield Proposal(finding=Finding.HOTLINE_UNSTAFFED)


def _late(record: Record, teams: Sequence[TeamWork], now: datetime) -> Iterable[Proposal]:
    """What missed its time: a team's tasks, notices to authorities, updates to the public."""
    for work in teams:
        tasks = work.assignment.tasks if work.assignment else ()
        if late := sum(task.is_late(now) for task in tasks):
            yield Proposal(finding=Finding.TASKS_LATE, details={"team": work.team, "count": late})
    for notice in _notices(record.decisions):
        if notice.is_late(now):
            yield Proposal(finding=Finding.NOTICE_LATE, details={"notice": notice.clock.notice})
    if late := len(_late_beats(record.timeline)):
        yield Proposal(finding=Finding.UPDATES_LATE, details={"count": late})


def _team_proposals(record: Record, work: TeamWork) -> Iterable[Proposal]:
    details: Mapping[str, Detail] = {"team": work.team}
    unanswered = {
        Outcome.NOT_ACKNOWLEDGED: Finding.NOT_ACKNOWLEDGED,
        Outcome.NOT_COMPLETED: Finding.NOT_COMPLETED,
        Outcome.NOT_HANDED_IN: Finding.NOT_HANDED_IN,
    }
    escalated = {
        DecisionKind.ACKNOWLEDGE: Finding.ACKNOWLEDGE_ESCALATED,
        DecisionKind.COMPLETE: Finding.COMPLETE_ESCALATED,
    }
    if work.handed_in is None:
        yield Proposal(finding=Finding.NOT_HANDED_IN, details=details)
    for answer in (work.acknowledged, work.completed, work.handed_in):
        if answer and answer.outcome in unanswered:
            yield Proposal(finding=unanswered[answer.outcome], details=details)
    for kind, finding in escalated.items():
        decision = record.decisions.get(decision_id(kind, work.team))
        if decision and decision.level > 0 and decision.answer and decision.answer.by:
            yield Proposal(finding=finding, details=details)
