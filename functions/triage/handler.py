"""Assesses a reported incident."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoIncidents
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.use_cases.assess_incident import AssessIncident
from triage.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Triage:
    """The payload: which incident, and the state that runs."""

    incident_id: str
    place: Place


@cache
def _assess() -> AssessIncident:
    settings = Settings.from_environment(os.environ)
    incidents = DynamoIncidents(RecordsTable(settings.records_table))
    return AssessIncident(plan=compiled_plan(), incidents=incidents, clock=utc_now)


@task(Triage)
def handler(payload: Triage) -> Result:
    """Gives risk, severity and the proposed teams."""
    incident = _assess()(payload.incident_id, payload.place)
    return {"risk": incident.risk, "severity": incident.severity, "teams": list(incident.teams)}
