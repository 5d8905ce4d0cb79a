"""Sets planned maintenance once it was approved, and ends it: at its time, or before."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Literal

from emergency.aws.entry import Result, task
from emergency.aws.maintenance import DynamoMaintenances
from emergency.aws.records import DynamoDecisions, DynamoIncidents
from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.signals import DynamoSignals
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.composition import notify
from emergency.domain.timeline import Place
from emergency.identities import RandomIdentities, pause, utc_now
from emergency.use_cases.maintain import EndMaintenance, SettleMaintenance
from emergency.use_cases.report_incident import ReportIncident
from maintenance.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Maintenance:
    """The payload: what to do, the record's id, and the state that runs; `by` is whoever ends it early."""

    operation: Literal["settle", "end"]
    incident_id: str
    place: Place
    by: str = ""


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _table() -> RecordsTable:
    return RecordsTable(_settings().records_table)


@task(Maintenance)
def handler(payload: Maintenance) -> Result:
    """Gives until when alarms open nothing, empty where they do; or how many signals were recorded meanwhile."""
    return {"settle": _settle, "end": _end}[payload.operation](payload)


def _settle(payload: Maintenance) -> Result:
    table = _table()
    settle = SettleMaintenance(
        plan=compiled_plan(),
        incidents=DynamoIncidents(table),
        decisions=DynamoDecisions(table),
        maintenances=DynamoMaintenances(table),
        signals=DynamoSignals(table),
        notify=notify(table, _settings().configuration_set),
        clock=utc_now,
    )
    until = settle(payload.incident_id, payload.place)
    # A Wait state reads whole seconds and a Z.
    return {"until": f"{until:%Y-%m-%dT%H:%M:%SZ}" if until else ""}


def _end(payload: Maintenance) -> Result:
    table = _table()
    end = EndMaintenance(
        plan=compiled_plan(),
        incidents=DynamoIncidents(table),
        decisions=DynamoDecisions(table),
        maintenances=DynamoMaintenances(table),
        signals=DynamoSignals(table),
        report=ReportIncident(
            plan=compiled_plan(),
            signals=DynamoSignals(table),
            workflow=StepFunctionsWorkflow(_settings().response_state_machine),
            identities=RandomIdentities(),
            clock=utc_now,
            pause=pause,
        ),
        notify=notify(table, _settings().configuration_set),
        clock=utc_now,
    )
    ended = end(payload.incident_id, payload.place, payload.by)
    return {"signals": ended.signals, "still_on": len(ended.still_on)}
