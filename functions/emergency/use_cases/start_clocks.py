"""The clocks that begin with the response: the tasks' targets, the updates to the public, the legal duties (P6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from emergency.domain.deadline import ClockKind, Deadline, Watched, duties_of, first_update
from emergency.domain.incident import Incident
from emergency.domain.plan import Plan, Task
from emergency.domain.prompting import upcoming
from emergency.domain.terms import DecisionKind, Team
from emergency.ports import Clock, Deadlines, Incidents, Workflow
from emergency.use_cases.watch_clocks import seconds_until


@dataclass(frozen=True, kw_only=True)
class StartClocks:
    """Starts them; one that runs or ran is left alone."""

    plan: Plan
    incidents: Incidents
    deadlines: Deadlines
    workflow: Workflow
    clock: Clock

    def __call__(self, incident_id: str) -> None:
        """Starts what the incident needs. Raises IncidentNotFound, WorkflowUnavailable."""
        incident, now = self.incidents.get(incident_id), self.clock()
        self.watch_tasks(incident, Watched.TASKS, now)
        update = first_update(incident, self.plan, now)
        if update is not None:
            stored = self.deadlines.create(update)
            moment = upcoming(stored, self.plan.deadlines.update_prompts)
            if moment is not None:
                seconds = seconds_until(moment, now)
                self.workflow.start_clock(incident_id, Watched.UPDATES, ClockKind.WATCHED, seconds)
        if duties_of(incident, self.plan):
            self.workflow.start_clock(incident_id, DecisionKind.DUTIES, ClockKind.DUTIES)

    def watch_tasks(self, incident: Incident, clock: Watched, now: datetime) -> None:
        """Starts the clock over the tasks of the response, or of clean-up; a task with a target can be added to any."""
        prompts = self.plan.deadlines.task_prompts
        targets = [
            task.within[incident.severity]
            for team in incident.teams
            for task in self._tasks(incident, clock, team)
            if incident.severity in task.within
        ]
        if prompts:
            self.deadlines.create(Deadline(incident_id=incident.id, id=clock, began_at=now))
            first = now + timedelta(seconds=min(targets)) * prompts[0].at / 100 if targets else None
            self.workflow.start_clock(incident.id, clock, ClockKind.WATCHED, seconds_until(first, now))

    def _tasks(self, incident: Incident, clock: Watched, team: Team) -> tuple[Task, ...]:
        of = self.plan.team_tasks if clock is Watched.TASKS else self.plan.team_clean_up
        return of(incident.playbook, team)
