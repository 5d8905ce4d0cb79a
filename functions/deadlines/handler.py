"""Watches clocks, and starts those of notices."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Literal

from deadlines.settings import Settings
from emergency.aws.clocks import DynamoDeadlines
from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoAssignments, DynamoDecisions, DynamoIncidents
from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.composition import notify, prepare_question, start_notices
from emergency.domain.deadline import Watched
from emergency.domain.terms import DecisionKind
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.use_cases.ask_people import LetPlanDecide
from emergency.use_cases.watch_clocks import LookAtClock, WatchClock


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """The payload: what to do with which clock of which incident, and the state that runs; `watch` needs the token."""

    operation: Literal["watch", "look", "start", "follow"]
    incident_id: str
    clock: str
    place: Place
    task_token: str = ""


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _table() -> RecordsTable:
    return RecordsTable(_settings().records_table)


@task(Deadlines)
def handler(payload: Deadlines) -> Result:
    """Gives, after a look, how the clock stands and when to look again."""
    return {"watch": _watch, "look": _look, "start": _start, "follow": _follow}[payload.operation](payload)


def _watch(payload: Deadlines) -> Result:
    watch = WatchClock(deadlines=DynamoDeadlines(_table()), workflow=_workflow())
    watch(payload.incident_id, Watched(payload.clock), payload.task_token)
    return {}


def _look(payload: Deadlines) -> Result:
    look = LookAtClock(
        plan=compiled_plan(),
        incidents=DynamoIncidents(_table()),
        assignments=DynamoAssignments(_table()),
        deadlines=DynamoDeadlines(_table()),
        notify=notify(_table(), _settings().configuration_set),
        clock=utc_now,
    )
    found = look(payload.incident_id, Watched(payload.clock), payload.place)
    return {"status": found.standing, "seconds": found.seconds, "what": found.what}


def _start(payload: Deadlines) -> Result:
    """Where nobody could be asked which notices apply, the plan's own word counts, as it does for silence."""
    question = prepare_question(_table())(payload.incident_id, DecisionKind.DUTIES, None, 0, payload.place)
    LetPlanDecide(decisions=DynamoDecisions(_table()), clock=utc_now)(payload.incident_id, question.id, payload.place)
    start_notices(_table(), _workflow())(payload.incident_id, payload.place)
    return {}


def _follow(payload: Deadlines) -> Result:
    start_notices(_table(), _workflow()).after(payload.incident_id, payload.clock, payload.place)
    return {}


def _workflow() -> StepFunctionsWorkflow:
    return StepFunctionsWorkflow(deadline_state_machine=_settings().deadline_state_machine)
