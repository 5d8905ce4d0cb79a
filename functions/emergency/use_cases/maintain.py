"""Maintenance is planned, approved by somebody else, and ends with what is still wrong being reported (P6.1; R9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from emergency.domain.answer import Form
from emergency.domain.correlation import alarm_of
from emergency.domain.decision import Decision, prepared
from emergency.domain.errors import DecisionStillOpen, NotApproved, NotYours, TooManyRequests
from emergency.domain.incident import Incident, IncidentStatus
from emergency.domain.link import digest_of
from emergency.domain.maintenance import Maintenance
from emergency.domain.notification import Notification, NotificationKind
from emergency.domain.plan import Plan
from emergency.domain.planning import maintenance_id, read_maintenance, record_of, with_window, without_window
from emergency.domain.signal import KeptSignal, Meaning
from emergency.domain.terms import DecisionKind, Outcome
from emergency.domain.timeline import SYSTEM, Detail, Fact, Place, TimelineEntry
from emergency.ports import Clock, Decisions, Incidents, Maintenances, Signals
from emergency.use_cases.attempts import until_written
from emergency.use_cases.notify import Notify
from emergency.use_cases.put_request import PutRequest
from emergency.use_cases.report_incident import ReportIncident

DECISION_ID = DecisionKind.MAINTENANCE.value
"""The id of the one question within each record of planned maintenance."""

GRACE = timedelta(seconds=15)
"""For how long signals that came before its end may be under way: then they are counted to it."""

MOST_PLANNED = 50
"""How much maintenance can be planned at a time: more is a mistake, or somebody else's link."""


@dataclass(frozen=True, kw_only=True)
class PlanMaintenance:
    """Puts planned maintenance on record and to those who approve it; the same form posted twice is one plan."""

    plan: Plan
    maintenances: Maintenances
    put: PutRequest
    clock: Clock

    def __call__(self, contact: str, form: Form, once: str) -> Decision:
        """The question that decides about it. Its own execution was started.

        `once` is new each time the form is shown. Raises UnusableAnswer, TooManyRequests.
        """
        now = self.clock()
        maintenance = read_maintenance(form, self.plan, by=contact, now=now)
        id_ = maintenance_id(maintenance, once)
        planned = self.maintenances.planned()
        if id_ not in planned and len(planned) >= MOST_PLANNED:
            raise TooManyRequests(id_)
        record = self.maintenances.create(record_of(maintenance, self.plan, id_=id_, now=now))
        question = prepared(
            record,
            self.plan,
            kind=DecisionKind.MAINTENANCE,
            team=None,
            form_key=self.put.identities.secret(),
            place=Place(execution=f"{id_}-{DECISION_ID}", state=_PLANNED),
            now=now,
            maintenance=maintenance,
            id_=DECISION_ID,
        )
        asked: dict[str, Detail] = {**_times(maintenance), "text": maintenance.reason}
        return self.put(question, Fact.MAINTENANCE_REQUESTED, "requested", asked)


_PLANNED = "Planned maintenance"
"""The state that a plan's first entry belongs to: no execution runs yet."""


@dataclass(frozen=True, kw_only=True)
class ShowMaintenance:
    """What maintenance somebody has planned."""

    maintenances: Maintenances
    incidents: Incidents

    def __call__(self, contact: str) -> tuple[tuple[Incident, Decision], ...]:
        """The records that aren't over, with their questions, soonest first; of that contact alone."""
        records = [self.incidents.record(id_) for id_ in self.maintenances.planned()]
        own = [(one.incident, one.decisions[DECISION_ID]) for one in records if DECISION_ID in one.decisions]
        mine = [(incident, question) for incident, question in own if question.requested_by == contact]
        return tuple(sorted(mine, key=lambda one: (one[0].began_at, one[0].id)))


@dataclass(frozen=True, kw_only=True)
class SettleMaintenance:
    """Carries out what was decided; repeating it changes nothing."""

    plan: Plan
    incidents: Incidents
    decisions: Decisions
    maintenances: Maintenances
    signals: Signals
    notify: Notify
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> datetime | None:
        """When to end it; None where alarms open incidents as always: declined, not decided, or called off.

        Raises DecisionStillOpen, and NotApproved for what wasn't agreed to by as many others as the plan asks.
        """
        decision = self.decisions.get(incident_id, DECISION_ID)
        maintenance, answer = decision.maintenance, decision.answer
        if maintenance is None or answer is None:
            raise DecisionStillOpen(decision.id)
        if answer.outcome is not Outcome.APPROVED:
            incident = until_written(lambda: self._close(incident_id))
            self._tell(NotificationKind.MAINTENANCE_DECLINED, incident, decision, maintenance)
            return None
        if maintenance.by in answer.voters or len(set(answer.voters)) < decision.needed:
            raise NotApproved(decision.id)
        until_written(lambda: self._let(incident_id, maintenance))
        incident = self.incidents.get(incident_id)
        if incident.status.is_over:
            # Called off while it was being set: whoever did so may have looked before it was there.
            until_written(lambda: _unset(self.signals, incident_id, self.clock()))
            return None
        self.incidents.add(incident_id, [self._entry(decision, maintenance, place)])
        self._tell(NotificationKind.MAINTENANCE_APPROVED, incident, decision, maintenance)
        return maintenance.last + GRACE

    def _let(self, incident_id: str, maintenance: Maintenance) -> None:
        register = self.signals.register()
        if register.window(incident_id) is None and not self.incidents.get(incident_id).status.is_over:
            self.signals.save(with_window(register, incident_id, maintenance, self.clock()))

    def _close(self, incident_id: str) -> Incident:
        incident = self.incidents.get(incident_id)
        return incident if incident.status.is_over else self.maintenances.end(_over(incident, self.clock()), ())

    def _entry(self, decision: Decision, maintenance: Maintenance, place: Place) -> TimelineEntry:
        return TimelineEntry(
            key="maintenance/set",
            at=self.clock(),
            step=DecisionKind.MAINTENANCE.step,
            fact=Fact.MAINTENANCE_SET,
            actor=SYSTEM,
            place=place,
            details={"decision": decision.id, "kind": decision.kind, **_times(maintenance)},
        )

    def _tell(self, kind: NotificationKind, incident: Incident, decision: Decision, maintenance: Maintenance) -> None:
        if not self.plan.knows(maintenance.by):
            return
        answer = decision.answer
        self.notify(
            Notification(
                kind=kind,
                incident=incident,
                to=self.plan.contact(maintenance.by),
                maintenance=maintenance,
                people=answer.voters if answer else (),
                text=answer.fields.get("comment", "") if answer else "",
            )
        )


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What came of maintenance that is over: how many signals were recorded, and which alarms were still on."""

    signals: int
    still_on: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class EndMaintenance:
    """Ends maintenance, at its time or before: alarms count again, and what is still on is reported.

    Repeating it changes nothing. What is ended before it was decided never begins.
    """

    plan: Plan
    incidents: Incidents
    decisions: Decisions
    maintenances: Maintenances
    signals: Signals
    report: ReportIncident
    notify: Notify
    clock: Clock

    def __call__(self, incident_id: str, place: Place, by: str = "") -> Ended:
        """What came of it. `by` is who ends it early, empty where its time is over.

        Raises IncidentNotFound, DecisionNotFound, and NotYours for somebody else than who planned it.
        """
        decision = self.decisions.get(incident_id, DECISION_ID)
        maintenance = decision.maintenance
        if maintenance is None or (by and by != maintenance.by):
            raise NotYours(decision.id)
        until_written(lambda: _unset(self.signals, incident_id, self.clock()))
        ended = self._report_on(incident_id)
        incident = until_written(lambda: self._end(incident_id, ended, place, by))
        if decision.answer and decision.answer.outcome is Outcome.APPROVED and self.plan.knows(maintenance.by):
            self.notify(
                Notification(
                    kind=NotificationKind.MAINTENANCE_OVER,
                    incident=incident,
                    to=self.plan.contact(maintenance.by),
                    maintenance=maintenance,
                    signals=ended.signals,
                    still_on=ended.still_on,
                )
            )
        return ended

    def _report_on(self, incident_id: str) -> Ended:
        """Reports each alarm that is on by the last signal that said so."""
        count, last = 0, dict[str, KeptSignal]()
        for kept in self.incidents.signals(incident_id):
            count += 1
            if kept.signal.meaning is Meaning.FAILURE:
                last[alarm_of(kept.signal)] = kept
        alarms = self.signals.alarms(last)
        still_on = []
        for arn, kept in last.items():
            id_ = f"still-on-{digest_of(f'{incident_id}/{kept.signal.id}')}"
            alarm = alarms.get(arn)
            is_on = alarm is not None and alarm.is_on and alarm.incident_id == incident_id
            if is_on or self.signals.recorded(id_):
                # Also what was reported before: its execution may not have been started.
                self.report.take(replace(kept.signal, id=id_), kept.event)
                still_on.append(kept.signal.name)
        return Ended(signals=count, still_on=tuple(still_on))

    def _end(self, incident_id: str, ended: Ended, place: Place, by: str) -> Incident:
        incident, now = self.incidents.get(incident_id), self.clock()
        if incident.status.is_over:
            return incident
        who: Mapping[str, Detail] = {"who": by} if by else {}
        entry = TimelineEntry(
            key="maintenance/ended",
            at=now,
            step=DecisionKind.MAINTENANCE.step,
            fact=Fact.MAINTENANCE_ENDED,
            actor=by or SYSTEM,
            place=place,
            details={**who, "signals": ended.signals, "still_on": len(ended.still_on)},
        )
        return self.maintenances.end(_over(incident, now), (entry,))


def _unset(signals: Signals, incident_id: str, now: datetime) -> None:
    """Takes the window off the register, where it is there."""
    register = signals.register()
    if register.window(incident_id):
        signals.save(without_window(register, incident_id, now))


def _over(incident: Incident, now: datetime) -> Incident:
    return replace(incident, status=IncidentStatus.CLOSED, closed_at=now)


def _times(maintenance: Maintenance) -> dict[str, Detail]:
    return {
        "what": maintenance.named,
        "first": maintenance.first.isoformat(),
        "until": maintenance.last.isoformat(),
    }
