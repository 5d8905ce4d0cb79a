"""What planned maintenance works with: use cases over the adapters, each built when it is first needed."""

from __future__ import annotations

import os
from functools import cache

from emergency.aws.maintenance import DynamoMaintenances
from emergency.aws.records import DynamoDecisions, DynamoIncidents
from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.signals import DynamoSignals
from emergency.aws.standing import DynamoStandingLinks
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan, compiled_words
from emergency.composition import notify
from emergency.identities import RandomIdentities, pause, utc_now
from emergency.presentation.maintaining import MaintenancePages
from emergency.use_cases.maintain import EndMaintenance, PlanMaintenance, SettleMaintenance, ShowMaintenance
from emergency.use_cases.put_request import PutRequest
from emergency.use_cases.report_incident import ReportIncident
from emergency.use_cases.standing_links import OpenStandingLink
from maintenance.settings import Settings


@cache
def pages() -> MaintenancePages:
    """Writes the page."""
    return MaintenancePages(compiled_plan(), compiled_words())


@cache
def open_link() -> OpenStandingLink:
    """Opens standing links."""
    return OpenStandingLink(plan=compiled_plan(), links=DynamoStandingLinks(_table()))


@cache
def plan() -> PlanMaintenance:
    """Puts planned maintenance on record."""
    put = PutRequest(
        plan=compiled_plan(),
        decisions=DynamoDecisions(_table()),
        workflow=_workflow(),
        identities=RandomIdentities(),
        clock=utc_now,
    )
    return PlanMaintenance(plan=compiled_plan(), maintenances=DynamoMaintenances(_table()), put=put, clock=utc_now)


@cache
def show() -> ShowMaintenance:
    """Reads what somebody has planned."""
    return ShowMaintenance(maintenances=DynamoMaintenances(_table()), incidents=DynamoIncidents(_table()))


@cache
def settle() -> SettleMaintenance:
    """Carries out what was decided."""
    return SettleMaintenance(
        plan=compiled_plan(),
        incidents=DynamoIncidents(_table()),
        decisions=DynamoDecisions(_table()),
        maintenances=DynamoMaintenances(_table()),
        signals=DynamoSignals(_table()),
        notify=notify(_table(), _settings().configuration_set),
        clock=utc_now,
    )


@cache
def end() -> EndMaintenance:
    """Ends maintenance."""
    report = ReportIncident(
        plan=compiled_plan(),
        signals=DynamoSignals(_table()),
        workflow=_workflow(),
        identities=RandomIdentities(),
        clock=utc_now,
        pause=pause,
    )
    return EndMaintenance(
        plan=compiled_plan(),
        incidents=DynamoIncidents(_table()),
        decisions=DynamoDecisions(_table()),
        maintenances=DynamoMaintenances(_table()),
        signals=DynamoSignals(_table()),
        report=report,
        notify=notify(_table(), _settings().configuration_set),
        clock=utc_now,
    )


@cache
def _workflow() -> StepFunctionsWorkflow:
    return StepFunctionsWorkflow(
        _settings().response_state_machine, maintenance_state_machine=_settings().maintenance_state_machine
    )


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _table() -> RecordsTable:
    return RecordsTable(_settings().records_table)
