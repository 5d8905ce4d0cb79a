"""Step 5, site clean-up: every team gets its checklist, and the response's clocks end (P6.5)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from emergency.domain.assignment import cleaning
from emergency.domain.deadline import Watched
from emergency.domain.incident import Incident
from emergency.domain.plan import Plan
from emergency.domain.terms import Step, Team
from emergency.domain.timeline import CLEAN_UP, SYSTEM, Fact, Place, TimelineEntry
from emergency.ports import Assignments, Clock, Incidents
from emergency.use_cases.attempts import until_written
from emergency.use_cases.call_helpers import CallHelpers
from emergency.use_cases.do_by_system import DoBySystem
from emergency.use_cases.notices import StartNotices
from emergency.use_cases.start_clocks import StartClocks
from emergency.use_cases.watch_clocks import EndClock


@dataclass(frozen=True, kw_only=True)
class BeginCleanUp:
    """Adds the checklists, what was switched among them; a second run adds nothing twice."""

    plan: Plan
    incidents: Incidents
    assignments: Assignments
    end_clock: EndClock
    start_clocks: StartClocks
    start_notices: StartNotices
    do_by_system: DoBySystem
    call_helpers: CallHelpers
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> None:
        """Begins. Raises IncidentNotFound, and WorkflowUnavailable or PostUnavailable to be called again."""
        incident = until_written(lambda: self._note_handled(incident_id))
        # What the system has done by now may have to be switched back, too.
        self.do_by_system(incident_id)
        tasks = sum(until_written(lambda team=team: self._add(incident, team)) for team in incident.teams)  # type: ignore[misc]
        self.incidents.add(incident_id, [self._entry(incident, tasks, place)])
        self.do_by_system(incident_id)
        for clock in (Watched.TASKS, Watched.UPDATES):
            self.end_clock(incident_id, clock)
        self.start_clocks.watch_tasks(incident, Watched.CLEAN_UP, self.clock())
        self.start_notices(incident_id, place)
        for team in incident.teams:
            self._call(incident, team, place)

    def _note_handled(self, incident_id: str) -> Incident:
        incident = self.incidents.get(incident_id)
        if incident.handled_at is None:
            incident = replace(incident, handled_at=self.clock())
            self.incidents.save(incident, release_cause=True)
        return incident

    def _add(self, incident: Incident, team: Team) -> int:
        """How many tasks the team has in clean-up; none where it never got an assignment."""
        assignment = self.assignments.get(incident.id, team)
        if assignment is None:
            return 0
        if assignment.cleaning_since is None:
            assignment = self.assignments.save(cleaning(assignment, incident, self.plan, self.clock()), [])
        return len(assignment.of(Step.SITE_CLEAN_UP))

    def _call(self, incident: Incident, team: Team, place: Place) -> None:
        """Tells those who have something to clean up; the lead is asked for the record in any case."""
        assignment = self.assignments.get(incident.id, team)
        if assignment is None:
            return
        open_tasks = [task for task in assignment.of(Step.SITE_CLEAN_UP) if task.is_open and not task.automatic]
        owners = [self.plan.stand_in(task.owner, self.clock()) for task in open_tasks]
        people = [who for who in dict.fromkeys(owners) if who in self.plan.contacts and who != assignment.lead]
        if people:
            self.call_helpers(incident, assignment, Step.SITE_CLEAN_UP, people, place)

    def _entry(self, incident: Incident, tasks: int, place: Place) -> TimelineEntry:
        return TimelineEntry(
            key=CLEAN_UP,
            at=self.clock(),
            step=Step.SITE_CLEAN_UP,
            fact=Fact.CLEAN_UP_BEGAN,
            actor=SYSTEM,
            place=place,
            details={"teams": tuple(incident.teams), "tasks": tasks},
        )
