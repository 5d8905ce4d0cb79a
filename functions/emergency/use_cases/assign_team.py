"""A mobilised team gets its tasks, and at clean-up its checklist (P5, P6.3, P6.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emergency.domain.assignment import Assignment, assignment_for
from emergency.domain.decision import Decision
from emergency.domain.incident import Incident
from emergency.domain.notification import DueTask, Notification, NotificationKind
from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Step, Team
from emergency.domain.timeline import SYSTEM, Detail, Fact, Place, TimelineEntry
from emergency.ports import Assignments, Clock, Incidents
from emergency.use_cases.ask_people import PrepareQuestion
from emergency.use_cases.do_by_system import DoBySystem
from emergency.use_cases.notify import HelpLinks, Notify


@dataclass(frozen=True, kw_only=True)
class AssignTeam:
    """Builds a team's tasks from the playbook, once, and tells its people; a second run makes up what is missing.

    The lead answers for the team and is asked to acknowledge; deputies and members get their tasks and a way to the
    team's page, which is that of the question whether everything is done.
    """

    plan: Plan
    incidents: Incidents
    assignments: Assignments
    prepare: PrepareQuestion
    notify: Notify
    links: HelpLinks
    do_by_system: DoBySystem
    clock: Clock

    def __call__(self, incident_id: str, team: Team, place: Place) -> Assignment:
        """The team's assignment. Raises IncidentNotFound, and PostUnavailable to be called again."""
        incident = self.incidents.get(incident_id)
        assignment = self.assignments.get(incident_id, team) or self._assign(incident, team, place)
        self.do_by_system(incident_id)
        question = self.prepare(incident_id, DecisionKind.COMPLETE, team, 0, place)
        told = [who for who in self._helpers(team) if self._call(incident, assignment, question, who)]
        details: dict[str, Detail] = {"team": team, "people": tuple(told)}
        if told:
            self.incidents.add(incident_id, [self._entry(Fact.TEAM_CALLED, team, place, details)])
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

    def _call(self, incident: Incident, assignment: Assignment, question: Decision, who: str) -> bool:
        call = Notification(
            kind=NotificationKind.TEAM_CALLED,
            incident=incident,
            to=self.plan.contact(who),
            about=assignment.team,
            team=assignment.team,
            tasks=tuple(DueTask(team=assignment.team, task=task) for task in assignment.tasks),
        )
        return self.notify.with_link(call, lambda: self.links(question, who, call.name))

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
