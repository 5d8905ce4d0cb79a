"""Step 3, emergency response: a mobilised team gets its tasks (P6.3, P5)."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.assignment import Assignment, assignment_for
from emergency.domain.plan import Plan
from emergency.domain.terms import Step, Team
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from emergency.ports import Assignments, Clock, Incidents


@dataclass(frozen=True, kw_only=True)
class AssignTeam:
    """Builds a team's tasks from the playbook, once; a second run gives what the first one stored."""

    plan: Plan
    incidents: Incidents
    assignments: Assignments
    clock: Clock

    def __call__(self, incident_id: str, team: Team, place: Place) -> Assignment:
        """The team's assignment. Raises IncidentNotFound."""
        stored = self.assignments.get(incident_id, team)
        if stored is not None:
            return stored
        now = self.clock()
        assignment = assignment_for(self.incidents.get(incident_id), team, self.plan, now)
        entry = TimelineEntry(
            key=f"team_assigned/{team}",
            at=now,
            step=Step.EMERGENCY_RESPONSE,
            fact=Fact.TEAM_ASSIGNED,
            actor=SYSTEM,
            place=place,
            details={"team": team, "tasks": len(assignment.tasks)},
        )
        return self.assignments.create(assignment, entry)
