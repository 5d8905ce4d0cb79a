"""Assesses a reported incident."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoIncidents
from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.signals import DynamoSignals
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.timeline import Place
from emergency.identities import RandomIdentities, pause, utc_now
from emergency.use_cases.assess_incident import AssessIncident
from emergency.use_cases.report_by_hand import ReportByHand
from emergency.use_cases.report_incident import ReportIncident
from triage.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Triage:
    """The payload: which incident, and the state that runs; or what is reported, where the execution has none yet."""

    place: Place
    incident_id: str = ""
    report: Any = None


@cache
def _table() -> RecordsTable:
    return RecordsTable(Settings.from_environment(os.environ).records_table)


@cache
def _assess() -> AssessIncident:
    return AssessIncident(plan=compiled_plan(), incidents=DynamoIncidents(_table()), clock=utc_now)


def _report() -> ReportByHand:
    report = ReportIncident(
        plan=compiled_plan(),
        signals=DynamoSignals(_table()),
        # The execution that asks is the one that carries the incident out.
        workflow=StepFunctionsWorkflow(),
        identities=RandomIdentities(),
        clock=utc_now,
        pause=pause,
    )
    return ReportByHand(report=report, clock=utc_now)


@task(Triage)
def handler(payload: Triage) -> Result:
    """Gives the incident's id, risk, severity and the proposed teams.

    Raises UnusableSignal, and JoinedAnother where what is reported belongs to an open incident.
    """
    incident_id = payload.incident_id or _report()(payload.report, payload.place.execution)
    incident = _assess()(incident_id, payload.place)
    teams = list(incident.teams)
    return {"incident_id": incident.id, "risk": incident.risk, "severity": incident.severity, "teams": teams}
