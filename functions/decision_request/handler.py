"""Puts a question to people."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from functools import cache
from typing import Literal

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from decision_request.settings import Settings
from emergency.aws.entry import Result, logger, task
from emergency.aws.identity import DynamoAddressBook
from emergency.aws.records import DynamoAssignments, DynamoDecisions, DynamoIncidents
from emergency.aws.services import SesPost, StepFunctionsWorkflow
from emergency.aws.stock import DynamoHotlines
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan, compiled_words
from emergency.composition import prepare_question
from emergency.domain.decision import Decision, first_wait
from emergency.domain.terms import DecisionKind, Team
from emergency.domain.timeline import Place
from emergency.identities import RandomIdentities, utc_now
from emergency.presentation.mail import MailWriter
from emergency.use_cases.ask_people import AskPeople, Briefer, Call, LetPlanDecide, LookForAnswer

metrics = Metrics()


@dataclass(frozen=True, kw_only=True)
class DecisionRequest:
    """The payload. `prepare` needs the kind (and team and round) or a decision that exists, the others the decision.

    `ask` needs the token too.
    """

    operation: Literal["prepare", "ask", "look", "lapse"]
    incident_id: str
    place: Place
    kind: DecisionKind = DecisionKind.ORDERS
    team: Team | None = None
    round: int = 0
    decision_id: str = ""
    level: int = 0
    reminder: bool = False
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
    decision = _prepared(payload)
    return {"decision_id": decision.id, "level": 0, "reminder": False, "seconds": first_wait(decision, 0)}


def _prepared(payload: DecisionRequest) -> Decision:
    if payload.decision_id:
        return DynamoDecisions(_table()).get(payload.incident_id, payload.decision_id)
    prepare = prepare_question(_table())
    return prepare(payload.incident_id, payload.kind, payload.team, payload.round, payload.place)


def _ask(payload: DecisionRequest) -> Result:
    plan = compiled_plan()
    ask = AskPeople(
        plan=plan,
        decisions=DynamoDecisions(_table()),
        briefer=Briefer(
            plan=plan,
            incidents=DynamoIncidents(_table()),
            assignments=DynamoAssignments(_table()),
            hotlines=DynamoHotlines(_table()),
        ),
        book=DynamoAddressBook(_table()),
        post=SesPost(plan.company, _settings().configuration_set),
        workflow=StepFunctionsWorkflow(),
        identities=RandomIdentities(),
        mails=MailWriter(plan, compiled_words()),
        pages_url=_settings().pages_url,
        clock=utc_now,
    )
    unreached = ask(
        Call(
            incident_id=payload.incident_id,
            decision_id=payload.decision_id,
            level=payload.level,
            reminder=payload.reminder,
            task_token=payload.task_token,
            place=payload.place,
        )
    )
    if unreached:
        logger.error("not reached by mail", contacts=unreached)
        metrics.add_metric(name="MailsUndelivered", unit=MetricUnit.Count, value=len(unreached))
        metrics.flush_metrics()
    return {}


def _look(payload: DecisionRequest) -> Result:
    look = LookForAnswer(decisions=DynamoDecisions(_table()), incidents=DynamoIncidents(_table()), clock=utc_now)
    found = look(payload.incident_id, payload.decision_id, payload.level, payload.place)
    turn = asdict(found.turn) if found.turn else {}
    return {"status": found.standing, "outcome": found.outcome, **turn}


def _lapse(payload: DecisionRequest) -> Result:
    decide = LetPlanDecide(decisions=DynamoDecisions(_table()), clock=utc_now)
    return {"outcome": decide(payload.incident_id, payload.decision_id, payload.place)}
