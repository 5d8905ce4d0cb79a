"""Gives a team its tasks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoAssignments, DynamoIncidents
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.terms import Team
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.use_cases.assign_team import AssignTeam
from team_assignment.settings import Settings


@dataclass(frozen=True, kw_only=True)
class TeamAssignment:
    """The payload: which incident, which team, and the state that runs."""

    incident_id: str
    team: Team
    place: Place


@cache
def _assign() -> AssignTeam:
    table = RecordsTable(Settings.from_environment(os.environ).records_table)
    return AssignTeam(
        plan=compiled_plan(), incidents=DynamoIncidents(table), assignments=DynamoAssignments(table), clock=utc_now
    )


@task(TeamAssignment)
def handler(payload: TeamAssignment) -> Result:
    """Gives the team and how many tasks it has."""
    assignment = _assign()(payload.incident_id, payload.team, payload.place)
    return {"team": assignment.team, "tasks": len(assignment.tasks)}
