"""A signal that is worse than those before is put to the leadership group, and what it decides is done (P3)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from emergency.domain.deadline import Deadline, Watched, hastened
from emergency.domain.decision import Decision, Worsening, prepared
from emergency.domain.errors import DecisionStillOpen, WorkflowUnavailable
from emergency.domain.incident import Incident, can_be_raised, further_teams
from emergency.domain.notification import Notification, NotificationKind, Raised
from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Outcome, Severity
from emergency.domain.timeline import WORSE, Detail, Fact, Place, TimelineEntry
from emergency.ports import Clock, Deadlines, Decisions, Identities, Incidents, Workflow
from emergency.use_cases.attempts import until_written
from emergency.use_cases.notices import StartNotices
from emergency.use_cases.notify import Notify
from emergency.use_cases.start_clocks import StartClocks
from emergency.use_cases.telling import fact_of
from emergency.use_cases.work_on_tasks import move_clock


@dataclass(frozen=True, kw_only=True)
class AskWhetherToRaise:
    """Puts the question on record and to people, one for each severity; a second call finds it there."""

    plan: Plan
    incidents: Incidents
    decisions: Decisions
    workflow: Workflow
    identities: Identities
    clock: Clock

    def __call__(self, incident_id: str, entry: TimelineEntry) -> Decision | None:
        """The question; None where the severity can't be raised to it now. `entry` tells what is worse.

        Raises IncidentNotFound.
        """
        incident, severity = self.incidents.get(incident_id), Severity(entry.key.removeprefix(WORSE))
        if not can_be_raised(incident, severity):
            return None
        decision = self.decisions.create(self._question(incident, severity, entry))
        # The question stands on record by now; where it can't be put now, its follow-up does (034).
        with suppress(WorkflowUnavailable):
            self.workflow.start_request(incident_id, decision.id, decision.kind)
        return decision

    def since_orders(self, incident_id: str) -> None:
        """Asks about what was heard after the orders were answered and before they were carried out."""
        incident = self.incidents.get(incident_id)
        for severity in Severity:
            entry = self.incidents.entry(incident_id, f"{WORSE}{severity}")
            if entry and incident.orders and entry.at > incident.orders.at:
                self(incident_id, entry)

    def _question(self, incident: Incident, severity: Severity, entry: TimelineEntry) -> Decision:
        said = entry.details
        return prepared(
            incident,
            self.plan,
            kind=DecisionKind.SEVERITY,
            team=None,
            form_key=self.identities.secret(),
            place=entry.place,
            now=self.clock(),
            worsening=Worsening(
                severity=severity, signal=str(said.get("name", "")), reason=str(said.get("reason", "")), at=entry.at
            ),
            id_=f"{DecisionKind.SEVERITY}-{severity}",
        )


@dataclass(frozen=True, kw_only=True)
class RaiseSeverity:
    """Raises an incident as it was decided, and sets going what the higher severity asks for.

    A second run changes nothing and tells nobody twice. Teams are called by orders alone; which ones the playbook would
    add is told to those who are there.
    """

    plan: Plan
    incidents: Incidents
    decisions: Decisions
    deadlines: Deadlines
    start_clocks: StartClocks
    start_notices: StartNotices
    notify: Notify
    workflow: Workflow
    clock: Clock

    def __call__(self, incident_id: str, decision_id: str, place: Place) -> Severity:
        """The incident's severity from now on. It is never lowered, and stays once clean-up has begun.

        Raises IncidentNotFound, DecisionNotFound, DecisionStillOpen, and WorkflowUnavailable or PostUnavailable to be
        called again.
        """
        decision = self.decisions.get(incident_id, decision_id)
        if decision.answer is None:
            raise DecisionStillOpen(decision_id)
        entry = until_written(lambda: self._raise(decision, place))
        incident = self.incidents.get(incident_id)
        if entry is not None and not incident.status.is_over:
            self._go_on(decision, incident, entry, place)
        return incident.severity

    def _raise(self, decision: Decision, place: Place) -> TimelineEntry | None:
        """What is on the timeline of it, now or from before; None where nothing was raised."""
        key = f"{decision.id}/{Fact.SEVERITY_RAISED}"
        before = self.incidents.entry(decision.incident_id, key)
        incident, worsening, answer = self.incidents.get(decision.incident_id), decision.worsening, decision.answer
        if before or worsening is None or answer is None or answer.outcome is not Outcome.RAISED:
            return before
        if not can_be_raised(incident, worsening.severity):
            return None
        details: dict[str, Detail] = {
            "severity": worsening.severity,
            "before": incident.severity,
            "name": worsening.signal,
        }
        entry = fact_of(
            decision,
            Fact.SEVERITY_RAISED,
            key=Fact.SEVERITY_RAISED,
            now=self.clock(),
            actor=answer.by,
            details=details,
            place=place,
        )
        self.incidents.save(replace(incident, severity=worsening.severity), [entry])
        return entry

    def _go_on(self, decision: Decision, incident: Incident, entry: TimelineEntry, place: Place) -> None:
        """Everything that the higher severity asks for, while the response runs."""
        if incident.handled_at is None:
            self.start_clocks(incident.id)
            updates = until_written(lambda: self._hasten(incident))
            move_clock(updates, self.workflow)
        self.start_notices(incident.id, place)
        self._tell_leads(decision, incident, Severity(str(entry.details["before"])))

    def _hasten(self, incident: Incident) -> Deadline | None:
        deadline = self.deadlines.get(incident.id, Watched.UPDATES)
        if deadline is None or deadline.over_at:
            return deadline
        sooner = hastened(deadline, incident, self.plan, self.clock())
        return deadline if sooner == deadline else self.deadlines.save(sooner)

    def _tell_leads(self, decision: Decision, incident: Incident, before: Severity) -> None:
        answer, worsening, now = decision.answer, decision.worsening, self.clock()
        raised = Raised(
            before=before,
            by=answer.voters if answer else (),
            signal=worsening.signal if worsening else "",
            uncalled=further_teams(incident, self.plan),
        )
        leads = dict.fromkeys(self.plan.stand_in(self.plan.teams[team].lead, now) for team in incident.teams)
        self.notify.each(
            [
                Notification(
                    kind=NotificationKind.SEVERITY_RAISED,
                    incident=incident,
                    to=self.plan.contact(lead),
                    about=decision.id,
                    raised=raised,
                )
                for lead in leads
            ]
        )
