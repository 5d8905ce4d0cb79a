"""Step 2, orders: the leadership group's answer becomes the incident's state (P6.2)."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.decision import Answer
from emergency.domain.errors import DecisionStillOpen
from emergency.domain.incident import Incident, Orders, ordered, task_force
from emergency.domain.plan import Plan
from emergency.domain.terms import Outcome, Severity, Step, Team
from emergency.domain.timeline import ORDERS, SYSTEM, Fact, Place, TimelineEntry
from emergency.ports import Clock, Decisions, Incidents
from emergency.use_cases.attempts import until_written


@dataclass(frozen=True, kw_only=True)
class CarryOutOrders:
    """Activates the plan or stands down, once; a second run gives what the first one did."""

    plan: Plan
    incidents: Incidents
    decisions: Decisions
    clock: Clock

    def __call__(self, incident_id: str, decision_id: str, place: Place) -> Incident:
        """The incident after the orders. Raises IncidentNotFound, DecisionNotFound, DecisionStillOpen."""
        return until_written(lambda: self._carry_out(incident_id, decision_id, place))

    def _carry_out(self, incident_id: str, decision_id: str, place: Place) -> Incident:
        incident = self.incidents.get(incident_id)
        if incident.orders is not None:
            return incident
        answer = self.decisions.get(incident_id, decision_id).answer
        if answer is None:
            raise DecisionStillOpen(decision_id)
        incident = ordered(incident, self._orders(incident, decision_id, answer))
        entry = self._entry(incident, answer, place)
        self.incidents.save(incident, [entry], release_cause=incident.status.is_over)
        return incident

    def _orders(self, incident: Incident, decision_id: str, answer: Answer) -> Orders:
        """The orders; what an answer leaves open stays as it was proposed."""
        teams = tuple(Team(team) for team in _listed(answer, "teams")) or incident.teams
        budget = answer.fields.get("budget")
        return Orders(
            decision_id=decision_id,
            outcome=answer.outcome,
            severity=Severity(answer.fields.get("severity", incident.severity)),
            teams=teams,
            task_force=task_force(self.plan, teams, _listed(answer, "task_force"))
            if answer.outcome is Outcome.ACTIVATE
            else (),
            by=answer.by,
            at=answer.at,
            comment=answer.fields.get("comment", ""),
            budget=int(budget) if budget is not None else None,
        )

    def _entry(self, incident: Incident, answer: Answer, place: Place) -> TimelineEntry:
        activated = answer.outcome is Outcome.ACTIVATE
        orders = incident.orders
        return TimelineEntry(
            key=ORDERS,
            at=self.clock(),
            step=Step.ORDERS,
            fact=Fact.PLAN_ACTIVATED if activated else Fact.STOOD_DOWN,
            actor=answer.by or SYSTEM,
            place=place,
            details={
                "severity": incident.severity,
                "teams": tuple(incident.teams),
                "task_force": orders.task_force if orders else (),
            }
            if activated
            else {},
        )


def _listed(answer: Answer, name: str) -> list[str]:
    return [item for item in answer.fields.get(name, "").split(",") if item]
