"""Publishes approved statements: on the status page, to newsrooms, to who subscribed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Literal

from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoDecisions, DynamoIncidents
from emergency.aws.services import S3Archive, StepFunctionsWorkflow
from emergency.aws.statements import DynamoStatements
from emergency.aws.status_site import S3StatusSite
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan, compiled_words
from emergency.composition import do_by_system, notify, tell_subscribers
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.presentation.status_site.writer import SiteWriter
from emergency.use_cases.publish_statement import PublishStatement, ShowStatements, TellOfStatement
from emergency.use_cases.seal_record import SealRecord
from statement.settings import Settings

_NOWHERE = Place(execution="", state="")


@dataclass(frozen=True, kw_only=True)
class Publication:
    """The payload: what to do with which approved statement, and the state that runs.

    `subscribers` needs the `cursor` that it gave before, empty at first. `refresh` writes the status page anew and
    needs nothing else.
    """

    operation: Literal["publish", "media", "subscribers", "refresh"]
    incident_id: str = ""
    decision_id: str = ""
    cursor: str = ""
    place: Place = _NOWHERE


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _table() -> RecordsTable:
    return RecordsTable(_settings().records_table)


@cache
def _archive() -> S3Archive:
    return S3Archive(_settings().archive_bucket)


@task(Publication)
def handler(payload: Publication) -> Result:
    """Gives what the state machine `statement` needs to go on."""
    operations = {"publish": _publish, "media": _media, "subscribers": _subscribers, "refresh": _refresh}
    return operations[payload.operation](payload)


def _show() -> ShowStatements:
    writer = SiteWriter(
        plan=compiled_plan(),
        words=compiled_words(),
        status_url=_settings().status_url,
        pages_url=_settings().pages_url,
    )
    site = S3StatusSite(_settings().status_bucket)
    return ShowStatements(statements=DynamoStatements(_table()), writer=writer, site=site, clock=utc_now)


def _publish(payload: Publication) -> Result:
    plan, incidents = compiled_plan(), DynamoIncidents(_table())
    publish = PublishStatement(
        plan=plan,
        incidents=incidents,
        decisions=DynamoDecisions(_table()),
        statements=DynamoStatements(_table()),
        show=_show(),
        archive=_archive(),
        seal=SealRecord(plan=plan, incidents=incidents, archive=_archive(), clock=utc_now),
        do_by_system=do_by_system(_table()),
        workflow=StepFunctionsWorkflow(),
        clock=utc_now,
    )
    return {"number": publish(payload.incident_id, payload.decision_id, payload.place).number}


def _tell() -> TellOfStatement:
    return TellOfStatement(
        plan=compiled_plan(),
        incidents=DynamoIncidents(_table()),
        decisions=DynamoDecisions(_table()),
        notify=notify(_table(), _settings().configuration_set),
        status_url=_settings().status_url,
        clock=utc_now,
    )


def _media(payload: Publication) -> Result:
    return {"newsrooms": _tell().media(payload.incident_id, payload.decision_id, payload.place)}


def _subscribers(payload: Publication) -> Result:
    settings = _settings()
    tell = tell_subscribers(
        settings.subscribers_table,
        settings.configuration_set,
        status_url=settings.status_url,
        pages_url=settings.pages_url,
    )
    after = _tell().subscribers(payload.incident_id, payload.decision_id, payload.cursor, tell, payload.place)
    return {"cursor": after}


def _refresh(_payload: Publication) -> Result:
    return {"files": len(_show()())}
