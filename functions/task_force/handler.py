"""Introduces the task force, and starts the clocks that begin with the response."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

from emergency.aws.clocks import DynamoDeadlines
from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoIncidents
from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.composition import do_by_system, notify
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.use_cases.introduce_task_force import IntroduceTaskForce
from emergency.use_cases.start_clocks import StartClocks
from task_force.settings import Settings


@dataclass(frozen=True, kw_only=True)
class TaskForce:
    """The payload: which incident, and the state that runs."""

    incident_id: str
    place: Place


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _table() -> RecordsTable:
    return RecordsTable(_settings().records_table)


@task(TaskForce)
def handler(payload: TaskForce) -> Result:
    """Gives how many were introduced. The clocks come first: no mail that can't be sent holds them up."""
    _start_clocks()(payload.incident_id)
    introduced = _introduce()(payload.incident_id, payload.place)
    do_by_system(_table())(payload.incident_id)
    return {"introduced": len(introduced)}


def _start_clocks() -> StartClocks:
    return StartClocks(
        plan=compiled_plan(),
        incidents=DynamoIncidents(_table()),
        deadlines=DynamoDeadlines(_table()),
        workflow=StepFunctionsWorkflow(deadline_state_machine=_settings().deadline_state_machine),
        clock=utc_now,
    )


def _introduce() -> IntroduceTaskForce:
    return IntroduceTaskForce(
        plan=compiled_plan(),
        incidents=DynamoIncidents(_table()),
        notify=notify(_table(), _settings().configuration_set),
        clock=utc_now,
    )
