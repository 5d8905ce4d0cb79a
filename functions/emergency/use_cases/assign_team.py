"""A mobilised team gets its tasks, and at clean-up its checklist (P5, P6.3, P6.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emergency.domain.assignment import Assignment, assignment_for
from emergency.domain.incident import Incident
from emergency.domain.plan import Plan
from emergency.domain.terms import Step, Team
from emergency.domain.timeline import SYSTEM, Detail, Fact, Place, TimelineEntry
from emergency.ports import Assignments, Clock, Incidents
from emergency.use_cases.call_helpers import CallHelpers
from emergency.use_cases.do_by_system import DoBySystem


@dataclass(frozen=True, kw_only=True)
class AssignTeam:
    """Builds a team's tasks from the playbook, once, and tells its people; a second run makes up what is missing.

    The lead answers for the team and is asked to acknowledge; deputies and members get their tasks and a way to the
    team's page, which is that of the question whether everything is done.
    """

    plan: Plan
    incidents: Incidents
    assignments: Assignments
    call_helpers: CallHelpers
    do_by_system: DoBySystem
    clock: Clock

    def __call__(self, incident_id: str, team: Team, place: Place) -> Assignment:
        """The team's assignment. Raises IncidentNotFound, and PostUnavailable to be called again."""
        incident = self.incidents.get(incident_id)
        assignment = self.assignments.get(incident_id, team) or self._assign(incident, team, place)
        self.do_by_system(incident_id)
        self.call_helpers(incident, assignment, Step.EMERGENCY_RESPONSE, self._helpers(team), place)
        return assignment

    def _assign(self, incident: Incident, team: Team, place: Place) -> Assignment:
        assignment = assignment_for(incident, team, self.plan, self.clock())
        details: dict[str, Detail] = {"team": team, "tasks": len(assignment.tasks)}
        return self.assignments.create(assignment, self._entry(Fact.TEAM_ASSIGNED, team, place, details))

    def _helpers(self, team: Team) -> tuple[str, ...]:
        """The team's people but its lead; those who are away are spared."""
        today, lead = self.clock(), self.plan.teams[team].lead
        people = [who for who in self.plan.team_people(team) if who != lead]
        return tuple(who for who in people if self.plan.stand_in(who, today) == who)

    def _entry(self, fact: Fact, team: Team, place: Place, details: Mapping[str, Detail]) -> TimelineEntry:
        return TimelineEntry(
            key=f"{fact}/{team}",
            at=self.clock(),
            step=Step.EMERGENCY_RESPONSE,
            fact=fact,
            actor=SYSTEM,
            place=place,
            details=details,
        )
