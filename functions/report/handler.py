"""Forms the complete record and the post-incident report, and closes the incident."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Literal

from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoIncidents
from emergency.aws.services import S3Archive
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan, compiled_words
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.presentation.report import ReportWriter
from emergency.use_cases.file_report import AssembleRecord, CloseIncident, WriteReport
from report.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Report:
    """The payload: what to do, for which incident, in which round of review, and the state that runs."""

    operation: Literal["assemble", "write", "close"]
    incident_id: str
    place: Place
    round: int = 1


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@task(Report)
def handler(payload: Report) -> Result:
    """Gives, after writing, whether the report may still be returned for revision."""
    return {"assemble": _assemble, "write": _write, "close": _close}[payload.operation](payload)


def _incidents() -> DynamoIncidents:
    return DynamoIncidents(RecordsTable(_settings().records_table))


def _assemble(payload: Report) -> Result:
    archive = S3Archive(_settings().archive_bucket)
    AssembleRecord(incidents=_incidents(), archive=archive, clock=utc_now)(payload.incident_id, payload.place)
    return {}


def _write(payload: Report) -> Result:
    plan = compiled_plan()
    write = WriteReport(
        plan=plan,
        incidents=_incidents(),
        archive=S3Archive(_settings().archive_bucket),
        reports=ReportWriter(plan, compiled_words()),
        clock=utc_now,
    )
    return {"revisable": write(payload.incident_id, payload.round, payload.place)}


def _close(payload: Report) -> Result:
    plan = compiled_plan()
    close = CloseIncident(
        plan=plan,
        incidents=_incidents(),
        archive=S3Archive(_settings().archive_bucket),
        reports=ReportWriter(plan, compiled_words()),
        clock=utc_now,
    )
    close(payload.incident_id, payload.round, payload.place)
    return {}
