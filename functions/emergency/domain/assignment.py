"""A team's tasks for one incident, from the playbook (P5, P6.3), and what the team made of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from emergency.domain.incident import Incident
from emergency.domain.plan import Plan, Text
from emergency.domain.terms import Team


@dataclass(frozen=True, kw_only=True)
class AssignedTask:
    """One task; `due_at` is its target time, missing where the playbook sets none.

    `done_at` and `done_by` (a contact id) are missing while it isn't done.
    """

    id: str
    text: Text
    due_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One team's tasks for one incident, with the contacts that carry them."""

    incident_id: str
    team: Team
    lead: str
    tasks: tuple[AssignedTask, ...]
    assigned_at: datetime
    version: int = 0


def assignment_for(incident: Incident, team: Team, plan: Plan, now: datetime) -> Assignment:
    """The team's assignment by the playbook of the incident's risk; targets count from `now`."""
    tasks = plan.playbooks[incident.risk].tasks.get(team, ())
    return Assignment(
        incident_id=incident.id,
        team=team,
        lead=plan.teams[team].lead,
        tasks=tuple(
            AssignedTask(
                id=task.id,
                text=task.text,
                due_at=now + timedelta(seconds=within) if (within := task.within.get(incident.severity)) else None,
            )
            for task in tasks
        ),
        assigned_at=now,
    )


def ticked(assignment: Assignment, done: Collection[str], *, by: str, now: datetime) -> Assignment:
    """The assignment with exactly these tasks done; a task that was done before keeps who did it and when."""
    return replace(assignment, tasks=tuple(_ticked(task, task.id in done, by, now) for task in assignment.tasks))


def _ticked(task: AssignedTask, is_done: bool, by: str, now: datetime) -> AssignedTask:  # noqa: FBT001 - a fact
    if is_done == (task.done_at is not None):
        return task
    return replace(task, done_at=now, done_by=by) if is_done else replace(task, done_at=None, done_by="")
