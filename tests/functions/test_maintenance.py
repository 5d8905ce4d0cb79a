"""The `maintenance` function over DynamoDB as moto plays it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from emergency.aws.maintenance import DynamoMaintenances
from emergency.aws.records import DynamoDecisions, DynamoIncidents
from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.signals import DynamoSignals
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.decision import Answer
from emergency.domain.errors import RecordChanged
from emergency.domain.incident import IncidentStatus
from emergency.domain.signal import Disposition
from emergency.domain.terms import DecisionKind, Outcome
from emergency.identities import RandomIdentities, utc_now
from emergency.use_cases.maintain import GRACE, PlanMaintenance, ShowMaintenance
from emergency.use_cases.put_request import PutRequest
from emergency.use_cases.report_incident import ReportIncident
from tests.support.events import alarm

SETTINGS = {"RECORDS_TABLE": "records", "CONFIGURATION_SET": "mail", "RESPONSE_STATE_MACHINE": "response"}
PLACE = {"execution": "MNT", "state": "Settle"}
NOW = datetime.now(UTC).replace(microsecond=0)
FIRST, LAST = NOW - timedelta(minutes=5), NOW + timedelta(hours=1)


@dataclass
class Site:
    """The records, and what was started."""

    table: RecordsTable
    context: Any
    by: str
    started: list[str] = field(default_factory=list)
    released: list[tuple[str, str, DecisionKind]] = field(default_factory=list)

    @property
    def maintenances(self) -> DynamoMaintenances:
        return DynamoMaintenances(self.table)

    def plan(self) -> str:
        put = PutRequest(
            plan=compiled_plan(),
            decisions=DynamoDecisions(self.table),
            workflow=StepFunctionsWorkflow(),
            identities=RandomIdentities(),
            clock=utc_now,
        )
        plan = PlanMaintenance(plan=compiled_plan(), maintenances=self.maintenances, put=put, clock=utc_now)
        form = {
            "alarms": ["payments-*"],
            "first": [FIRST.isoformat()],
            "last": [LAST.isoformat()],
            "reason": ["New certificates."],
        }
        return plan(self.by, form, "once").incident_id

    def decide(self, incident_id: str, outcome: Outcome = Outcome.APPROVED) -> None:
        decisions = DynamoDecisions(self.table)
        question = decisions.get(incident_id, "maintenance")
        who = question.rungs[0][0]
        answer = Answer(outcome=outcome, by=who, at=NOW, fields={"comment": "Fine."}, voters=(who,))
        decisions.save(replace(question, answer=answer))

    def call(self, operation: str, incident_id: str, **more: str) -> Any:
        handler = importlib.import_module("maintenance.handler").handler
        event = {"operation": operation, "incident_id": incident_id, "place": PLACE, **more}
        handler(event, self.context)
        return handler(event, self.context)

    def take(self, name: str, state: str = "ALARM", *, event_id: str, minutes: int = 0) -> Any:
        take = ReportIncident(
            plan=compiled_plan(),
            signals=DynamoSignals(self.table),
            workflow=StepFunctionsWorkflow("response"),
            identities=RandomIdentities(),
            clock=utc_now,
        )
        at = NOW - timedelta(minutes=4 - minutes)
        return take(alarm(name, state, event_id=event_id, at=f"{at:%Y-%m-%dT%H:%M:%S}.000+0000"))


@pytest.fixture
def site(table: RecordsTable, example: None, context: Any, monkeypatch: pytest.MonkeyPatch) -> Site:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    boto3.client("sesv2").create_email_identity(EmailIdentity="banyan-market.example")
    site = Site(table, context, next(iter(compiled_plan().teams.values())).lead)
    monkeypatch.setattr(StepFunctionsWorkflow, "start", lambda _self, incident_id: site.started.append(incident_id))
    monkeypatch.setattr(StepFunctionsWorkflow, "start_request", lambda _self, *asked: site.released.append(asked))
    return site


def test_a_plan_is_stored_once_and_listed_until_it_is_over(site: Site) -> None:
    incident_id = site.plan()
    assert site.plan() == incident_id
    assert site.maintenances.planned() == (incident_id,)
    assert DynamoIncidents(site.table).ids() == ()
    assert set(site.released) == {(incident_id, "maintenance", DecisionKind.MAINTENANCE)}
    show = ShowMaintenance(maintenances=site.maintenances, incidents=DynamoIncidents(site.table))
    ((incident, question),) = show(site.by)
    assert (incident.id, question.maintenance and question.maintenance.last) == (incident_id, LAST)
    assert show("head-of-legal") == ()


def test_a_record_that_moved_is_not_ended_over(site: Site) -> None:
    record = DynamoIncidents(site.table).get(site.plan())
    site.maintenances.end(replace(record, status=IncidentStatus.CLOSED), ())
    with pytest.raises(RecordChanged):
        site.maintenances.end(replace(record, status=IncidentStatus.CLOSED), ())
    assert site.maintenances.planned() == ()


def test_approved_maintenance_suppresses_until_it_ends_and_then_reports_what_is_on(site: Site) -> None:
    incident_id = site.plan()
    site.decide(incident_id)
    until = LAST + GRACE
    assert site.call("settle", incident_id) == {"until": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
    on = site.take("payments-api-5xx-high", event_id="one")
    site.take("payments-api-slow", event_id="two")
    site.take("payments-api-slow", "OK", event_id="three", minutes=1)
    assert (on.disposition, on.incident_id) == (Disposition.SUPPRESSED, incident_id)
    assert site.started == []

    assert site.call("end", incident_id) == {"signals": 3, "still_on": 1}

    (opened,) = DynamoIncidents(site.table).ids()
    assert set(site.started) == {opened}
    assert DynamoIncidents(site.table).get(incident_id).status is IncidentStatus.CLOSED
    assert site.maintenances.planned() == ()
    kinds = sorted(mail.kind for mail in DynamoIncidents(site.table).record(incident_id).sent)
    assert kinds == ["maintenance_approved", "maintenance_over"]
    cleared = site.take("payments-api-5xx-high", "OK", event_id="four", minutes=2)
    assert (cleared.disposition, cleared.incident_id) == (Disposition.CLEARED, opened)


def test_what_was_declined_waits_for_nothing(site: Site) -> None:
    incident_id = site.plan()
    site.decide(incident_id, Outcome.DECLINED)
    assert site.call("settle", incident_id) == {"until": ""}
    assert site.take("payments-api-5xx-high", event_id="one").disposition is Disposition.OPENED


def test_it_is_ended_early_by_who_planned_it(site: Site) -> None:
    incident_id = site.plan()
    site.decide(incident_id)
    site.call("settle", incident_id)
    assert site.call("end", incident_id, by=site.by) == {"signals": 0, "still_on": 0}
    facts = [(entry.fact, entry.actor) for entry in DynamoIncidents(site.table).timeline(incident_id)]
    assert ("maintenance_ended", site.by) in facts
    assert site.take("payments-api-5xx-high", event_id="one").disposition is Disposition.OPENED
