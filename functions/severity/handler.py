"""Raises an incident as the leadership group decided, and starts what the higher severity asks for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

from emergency.aws.clocks import DynamoDeadlines
from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoDecisions, DynamoIncidents
from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.composition import notify, start_notices
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.use_cases.raise_severity import RaiseSeverity
from emergency.use_cases.start_clocks import StartClocks
from severity.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Raising:
    """The payload: which decision of which incident, and the state that runs."""

    incident_id: str
    decision_id: str
    place: Place


@cache
def _raise_severity() -> RaiseSeverity:
    settings, plan = Settings.from_environment(os.environ), compiled_plan()
    table = RecordsTable(settings.records_table)
    incidents, deadlines = DynamoIncidents(table), DynamoDeadlines(table)
    workflow = StepFunctionsWorkflow(deadline_state_machine=settings.deadline_state_machine)
    return RaiseSeverity(
        plan=plan,
        incidents=incidents,
        decisions=DynamoDecisions(table),
        deadlines=deadlines,
        start_clocks=StartClocks(plan=plan, incidents=incidents, deadlines=deadlines, workflow=workflow, clock=utc_now),
        start_notices=start_notices(table, workflow),
        notify=notify(table, settings.configuration_set),
        workflow=workflow,
        clock=utc_now,
    )


@task(Raising)
def handler(payload: Raising) -> Result:
    """Gives the severity that the incident has from now on."""
    return {"severity": _raise_severity()(payload.incident_id, payload.decision_id, payload.place)}
