"""Notices to authorities: which apply, their clocks, and what the timeline tells of them (P4; design §1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from emergency.domain.deadline import ClockKind, beginning, duties_of, presumed
from emergency.domain.decision import Asked, Decision, NoticeClock, decision_id, prepared
from emergency.domain.plan import Begins, Notice, Plan
from emergency.domain.report import Record
from emergency.domain.terms import DecisionKind, Outcome, Severity
from emergency.domain.timeline import Fact, Place, TimelineEntry
from emergency.ports import Clock, Decisions, Identities, Incidents, Workflow
from emergency.use_cases.telling import fact_of


@dataclass(frozen=True, kw_only=True)
class StartNotices:
    """Starts the clocks of the notices that apply; one that runs or ran is left alone."""

    plan: Plan
    incidents: Incidents
    decisions: Decisions
    workflow: Workflow
    identities: Identities
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> None:
        """Those that have begun by now, with the incident or with its end.

        Where legal has not said yet which apply, none is started. Raises IncidentNotFound, WorkflowUnavailable.
        """
        record = self.incidents.record(incident_id)
        notices = applying(record, self.plan)
        for notice in beginning(notices, Begins.DETECTED):
            self._start(record, notice, record.incident.detected_at, place)
        if record.incident.handled_at:
            for notice in beginning(notices, Begins.HANDLED):
                self._start(record, notice, record.incident.handled_at, place)

    def after(self, incident_id: str, sent: str, place: Place) -> None:
        """Those that begin when the notice of that decision was sent; none where it was not."""
        record = self.incidents.record(incident_id)
        decision = record.decisions[sent]
        if decision.clock is None or decision.answer is None or decision.answer.outcome is not Outcome.SENT:
            return
        for notice in beginning(applying(record, self.plan), decision.clock.notice):
            self._start(record, notice, decision.answer.at, place)

    def _start(self, record: Record, notice: Notice, began_at: datetime, place: Place) -> None:
        clock = NoticeClock(notice=notice.id, began_at=began_at, due_at=began_at + timedelta(seconds=notice.within))
        question = prepared(
            record.incident,
            self.plan,
            kind=DecisionKind.NOTICE,
            team=None,
            form_key=self.identities.secret(),
            place=place,
            now=self.clock(),
            clock=clock,
            id_=f"{DecisionKind.NOTICE}-{notice.id}",
        )
        entry = _fact(question, Fact.DEADLINE_STARTED, "started", question.opened_at, due=clock.due_at)
        decision = self.decisions.create(question, [entry])
        # The question stands on record by now; where its clock can't be started, its follow-up does.
        self.workflow.start_clock(record.incident.id, decision.id, ClockKind.NOTICE)


def applying(record: Record, plan: Plan) -> tuple[Notice, ...]:
    """The notices that apply: those that legal confirmed, or where nobody did, all that are in force."""
    notices = duties_of(record.incident, plan)
    decision = record.decisions.get(decision_id(DecisionKind.DUTIES))
    if decision is None or decision.answer is None:
        return ()
    answer = decision.answer
    is_confirmed = answer.outcome is Outcome.CONFIRMED
    chosen = answer.fields.get("notices", "").split(",") if is_confirmed else presumed(notices)
    known = duties_of(replace(record.incident, severity=_severity_at(record, answer.at)), plan)
    # Legal has never been asked about those that a higher severity has brought since; each can be answered by itself.
    further = presumed([notice for notice in notices if notice not in known])
    return tuple(notice for notice in notices if notice.id in {*chosen, *further})


def _severity_at(record: Record, moment: datetime) -> Severity:
    """The severity that the incident had; it only ever rises."""
    raised = [entry for entry in record.timeline if entry.fact is Fact.SEVERITY_RAISED]
    later = [Severity(str(entry.details["before"])) for entry in raised if entry.at > moment]
    return max(later, default=record.incident.severity)


def warned_notice(decision: Decision, mail: Asked) -> TimelineEntry:
    """That somebody was warned before a notice's time is over."""
    due = decision.clock.due_at if decision.clock else None
    key = f"warned/{mail.level}/{mail.contact}"
    return _fact(decision, Fact.DEADLINE_WARNED, key, mail.at, due=due, who=mail.contact)


def missed_notice(decision: Decision, now: datetime, place: Place) -> Iterable[TimelineEntry]:
    """That a notice was not sent in time, the same entry from whichever rung; nothing for other questions."""
    if decision.clock and decision.is_overdue(now):
        due = decision.clock.due_at
        yield _fact(decision, Fact.DEADLINE_MISSED, "missed", max(now, due), due=due, place=place)


def answered_notice(decision: Decision) -> Iterable[TimelineEntry]:
    """That a notice was sent, with its reference number, or need not be; nothing for other questions."""
    answer, clock = decision.answer, decision.clock
    if clock is None or answer is None:
        return
    if answer.outcome is Outcome.SENT:
        yield _fact(
            decision,
            Fact.DEADLINE_MET,
            "met",
            answer.at,
            who=answer.by,
            reference=answer.fields.get("reference", ""),
            late=int(answer.at > clock.due_at),
        )
    else:
        text = answer.fields.get("comment", "")
        yield _fact(decision, Fact.DEADLINE_WAIVED, "waived", answer.at, who=answer.by, text=text)


def _fact(
    decision: Decision,
    fact: Fact,
    key: str,
    now: datetime,
    *,
    due: datetime | None = None,
    who: str = "",
    place: Place | None = None,
    **details: str | int,
) -> TimelineEntry:
    clock = decision.clock
    about: dict[str, str | int] = {"notice": clock.notice if clock else "", **details}
    if due:
        about["due"] = due.isoformat()
    actor = {"actor": who} if who and fact is not Fact.DEADLINE_WARNED else {}
    return fact_of(
        decision,
        fact,
        key=f"deadline/{key}",
        now=now,
        details={**about, **({"who": who} if who else {})},
        place=place,
        **actor,
    )
