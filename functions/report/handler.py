"""Forms the complete record and the post-incident report, and closes the incident."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Literal

from emergency.aws.clocks import DynamoDeadlines
from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoIncidents
from emergency.aws.services import S3Archive, StepFunctionsWorkflow
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan, compiled_words
from emergency.composition import do_by_system
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.presentation.report import ReportWriter
from emergency.use_cases.file_report import AssembleRecord, CloseIncident, WriteReport
from emergency.use_cases.seal_record import SealRecord
from emergency.use_cases.watch_clocks import EndClock
from report.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Report:
    """The payload: what to do, for which incident, in which round of review, and the state that runs."""

    operation: Literal["assemble", "write", "close", "seal"]
    incident_id: str
    place: Place
    round: int = 1


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@task(Report)
def handler(payload: Report) -> Result:
    """Gives, after writing, whether the report may still be returned for revision."""
    operations = {"assemble": _assemble, "write": _write, "close": _close, "seal": _seal_anew}
    return operations[payload.operation](payload)


@cache
def _table() -> RecordsTable:
    return RecordsTable(_settings().records_table)


@cache
def _incidents() -> DynamoIncidents:
    return DynamoIncidents(_table())


@cache
def _archive() -> S3Archive:
    return S3Archive(_settings().archive_bucket)


def _seal() -> SealRecord:
    return SealRecord(plan=compiled_plan(), incidents=_incidents(), archive=_archive(), clock=utc_now)


def _assemble(payload: Report) -> Result:
    assemble = AssembleRecord(
        incidents=_incidents(),
        do_by_system=do_by_system(_table()),
        end_clock=EndClock(deadlines=DynamoDeadlines(_table()), workflow=StepFunctionsWorkflow(), clock=utc_now),
        seal=_seal(),
        clock=utc_now,
    )
    assemble(payload.incident_id, payload.place)
    return {}


def _write(payload: Report) -> Result:
    plan = compiled_plan()
    write = WriteReport(
        plan=plan,
        incidents=_incidents(),
        archive=_archive(),
        reports=ReportWriter(plan, compiled_words()),
        clock=utc_now,
    )
    return {"revisable": write(payload.incident_id, payload.round, payload.place)}


def _close(payload: Report) -> Result:
    plan = compiled_plan()
    close = CloseIncident(
        plan=plan,
        incidents=_incidents(),
        archive=_archive(),
        reports=ReportWriter(plan, compiled_words()),
        seal=_seal(),
        clock=utc_now,
    )
    close(payload.incident_id, payload.round, payload.place)
    return {}


def _seal_anew(payload: Report) -> Result:
    _seal().anew(payload.incident_id, payload.place)
    return {}
