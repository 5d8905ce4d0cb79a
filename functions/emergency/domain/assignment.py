"""A team's tasks for one incident, from the playbook (P5, P6.3), and what the team made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from emergency.domain.incident import Incident
from emergency.domain.plan import Plan, Text
from emergency.domain.terms import Team


@dataclass(frozen=True, kw_only=True)
class AssignedTask:
    """One task; `due_at` is its target time, missing where the playbook sets none."""

    id: str
    text: Text
    due_at: datetime | None = None


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
