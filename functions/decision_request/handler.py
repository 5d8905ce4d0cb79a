"""Puts a question to people."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Literal

from decision_request.settings import Settings
from emergency.aws.entry import Result, logger, task
from emergency.aws.records import DynamoAssignments, DynamoDecisions, DynamoIncidents
from emergency.aws.services import SesPost, StepFunctionsWorkflow
from emergency.aws.stock import DynamoHotlines
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan, compiled_words
from emergency.domain.terms import DecisionKind, Team
from emergency.domain.timeline import Place
from emergency.identities import RandomIdentities, utc_now
from emergency.presentation.mail import MailWriter
from emergency.use_cases.ask_people import AskPeople, LetPlanDecide, LookForAnswer, PrepareQuestion


@dataclass(frozen=True, kw_only=True)
class DecisionRequest:
    """The payload. `prepare` needs the kind (and team and round), the others the decision; `ask` the token too."""

    operation: Literal["prepare", "ask", "look", "lapse"]
    incident_id: str
    place: Place
    kind: DecisionKind = DecisionKind.ORDERS
    team: Team | None = None
    round: int = 0
    decision_id: str = ""
    level: int = 0
    task_token: str = ""


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _table() -> RecordsTable:
    return RecordsTable(_settings().records_table)


@task(DecisionRequest)
def handler(payload: DecisionRequest) -> Result:
    """Gives what the state machine `decision` needs to go on."""
    return {"prepare": _prepare, "ask": _ask, "look": _look, "lapse": _lapse}[payload.operation](payload)


def _prepare(payload: DecisionRequest) -> Result:
    prepare = PrepareQuestion(
        plan=compiled_plan(),
        incidents=DynamoIncidents(_table()),
        decisions=DynamoDecisions(_table()),
        identities=RandomIdentities(),
        clock=utc_now,
    )
    decision = prepare(payload.incident_id, payload.kind, payload.team, payload.round, payload.place)
    return {"decision_id": decision.id, "seconds": decision.wait}


def _ask(payload: DecisionRequest) -> Result:
    plan = compiled_plan()
    ask = AskPeople(
        plan=plan,
        incidents=DynamoIncidents(_table()),
        decisions=DynamoDecisions(_table()),
        assignments=DynamoAssignments(_table()),
        hotlines=DynamoHotlines(_table()),
        post=SesPost(plan.company, _settings().configuration_set),
        workflow=StepFunctionsWorkflow(),
        identities=RandomIdentities(),
        mails=MailWriter(plan, compiled_words()),
        pages_url=_settings().pages_url,
        clock=utc_now,
    )
    unreached = ask(payload.incident_id, payload.decision_id, payload.level, payload.task_token, payload.place)
    if unreached:
        logger.error("not reached by mail", contacts=unreached)
    return {}


def _look(payload: DecisionRequest) -> Result:
    look = LookForAnswer(decisions=DynamoDecisions(_table()), incidents=DynamoIncidents(_table()), clock=utc_now)
    standing, outcome = look(payload.incident_id, payload.decision_id, payload.level, payload.place)
    return {"status": standing, "outcome": outcome}


def _lapse(payload: DecisionRequest) -> Result:
    decide = LetPlanDecide(decisions=DynamoDecisions(_table()), clock=utc_now)
    return {"outcome": decide(payload.incident_id, payload.decision_id, payload.place)}
