"""Gives a team its tasks, and at clean-up all teams their checklists."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Literal

from emergency.aws.clocks import DynamoDeadlines
from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoAssignments, DynamoIncidents
from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.composition import do_by_system, help_links, notify, prepare_question, start_notices
from emergency.domain.errors import UnusablePayload
from emergency.domain.terms import Team
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.use_cases.assign_team import AssignTeam
from emergency.use_cases.begin_clean_up import BeginCleanUp
from emergency.use_cases.call_helpers import CallHelpers
from emergency.use_cases.start_clocks import StartClocks
from emergency.use_cases.watch_clocks import EndClock
from team_assignment.settings import Settings


@dataclass(frozen=True, kw_only=True)
class TeamAssignment:
    """The payload: which incident, and the state that runs; `assign` needs the team too."""

    incident_id: str
    place: Place
    operation: Literal["assign", "clean_up"] = "assign"
    team: Team | None = None


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _table() -> RecordsTable:
    return RecordsTable(_settings().records_table)


@task(TeamAssignment)
def handler(payload: TeamAssignment) -> Result:
    """Gives the team and how many tasks it has; nothing after the beginning of clean-up. Raises UnusablePayload."""
    if payload.operation == "clean_up":
        _begin_clean_up()(payload.incident_id, payload.place)
        return {}
    if payload.team is None:
        raise UnusablePayload("team is missing")
    assignment = _assign()(payload.incident_id, payload.team, payload.place)
    return {"team": assignment.team, "tasks": len(assignment.tasks)}


def _call_helpers() -> CallHelpers:
    table = _table()
    return CallHelpers(
        plan=compiled_plan(),
        incidents=DynamoIncidents(table),
        prepare=prepare_question(table),
        notify=notify(table, _settings().configuration_set),
        links=help_links(table, _settings().pages_url),
        clock=utc_now,
    )


def _assign() -> AssignTeam:
    table = _table()
    return AssignTeam(
        plan=compiled_plan(),
        incidents=DynamoIncidents(table),
        assignments=DynamoAssignments(table),
        call_helpers=_call_helpers(),
        do_by_system=do_by_system(table),
        clock=utc_now,
    )


def _begin_clean_up() -> BeginCleanUp:
    table, plan, incidents = _table(), compiled_plan(), DynamoIncidents(_table())
    workflow = StepFunctionsWorkflow(deadline_state_machine=_settings().deadline_state_machine)
    deadlines = DynamoDeadlines(table)
    return BeginCleanUp(
        plan=plan,
        incidents=incidents,
        assignments=DynamoAssignments(table),
        end_clock=EndClock(deadlines=deadlines, workflow=workflow, clock=utc_now),
        start_clocks=StartClocks(plan=plan, incidents=incidents, deadlines=deadlines, workflow=workflow, clock=utc_now),
        start_notices=start_notices(table, workflow),
        do_by_system=do_by_system(table),
        call_helpers=_call_helpers(),
        clock=utc_now,
    )
