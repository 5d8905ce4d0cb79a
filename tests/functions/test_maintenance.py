"""The `maintenance` function over DynamoDB as moto plays it."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import boto3
import pytest
from botocore.exceptions import ClientError

from emergency.aws.maintenance import DynamoMaintenances
from emergency.aws.records import DynamoDecisions, DynamoIncidents
from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.signals import DynamoSignals
from emergency.aws.standing import DynamoStandingLinks
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.decision import Answer
from emergency.domain.errors import RecordChanged
from emergency.domain.incident import IncidentStatus
from emergency.domain.link import digest_of
from emergency.domain.signal import Disposition
from emergency.domain.standing import link_for, standing_nonce
from emergency.domain.terms import DecisionKind, Outcome
from emergency.identities import RandomIdentities, utc_now
from emergency.use_cases.maintain import GRACE, PlanMaintenance, ShowMaintenance
from emergency.use_cases.put_request import PutRequest
from emergency.use_cases.report_incident import ReportIncident
from maintenance import composition
from maintenance.handler import handler
from tests.support.events import alarm

LINK = "Zm9yIHRlc3RzIG9ubHk"
SETTINGS = {
    "RECORDS_TABLE": "records",
    "CONFIGURATION_SET": "mail",
    "RESPONSE_STATE_MACHINE": "response",
    "MAINTENANCE_STATE_MACHINE": "maintenance",
}
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

    @property
    def path(self) -> str:
        return f"/r/{LINK}/maintenance"

    def request(self, method: str, path: str, body: str = "", query: str = "") -> dict[str, Any]:
        event: dict[str, object] = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": query,
            "headers": {"content-type": "application/x-www-form-urlencoded"},
            "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
            "body": base64.b64encode(body.encode()).decode(),
            "isBase64Encoded": True,
        }
        return handler(event, self.context)

    def post(self, **fields: str | list[str]) -> dict[str, Any]:
        page = self.request("GET", self.path)["body"]
        hidden = dict(re.findall(r'type="hidden" name="(nonce|once|locale)" value="([^"]+)"', page))
        return self.request("POST", self.path, urlencode({**hidden, **fields}, doseq=True))

    def items(self) -> list[Any]:
        return boto3.client("dynamodb").scan(TableName="records")["Items"]

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
        event: dict[str, object] = {"operation": operation, "incident_id": incident_id, "place": PLACE, **more}
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
    for part in vars(composition).values():
        if hasattr(part, "cache_clear") and part.__module__ == composition.__name__:
            part.cache_clear()
    boto3.client("sesv2").create_email_identity(EmailIdentity="banyan-market.example")
    site = Site(table, context, next(iter(compiled_plan().teams.values())).lead)
    DynamoStandingLinks(table).save(replace(link_for(compiled_plan().contact(site.by)), digest=digest_of(LINK)))
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


def planned_on_the_page(site: Site) -> dict[str, str | list[str]]:
    zone = ZoneInfo(compiled_plan().company.time_zone)
    first, last = (f"{at.astimezone(zone):%Y-%m-%dT%H:%M}" for at in (FIRST, LAST))
    return {"components": ["payments"], "alarms": "orders-db-*", "first": first, "last": last, "reason": "<b>Disks</b>"}


@pytest.mark.parametrize("locale", ["en", "zh-Hant", "zh-Hans"])
def test_r1_the_page_shows_its_form_in_each_language_and_changes_nothing(site: Site, locale: str) -> None:
    before = site.items()
    for method in ("GET", "HEAD"):
        answer = site.request(method, site.path, query=f"lang={locale}")
        assert answer["statusCode"] == 200
    assert f'lang="{locale}"' in answer["body"]
    assert set(re.findall(r'name="(components|alarms|first|last|reason)"', answer["body"])) == {
        *("components", "alarms", "first", "last", "reason")
    }
    assert "no-store" in answer["headers"]["Cache-Control"]
    assert site.items() == before


def test_maintenance_is_planned_on_the_page_once_however_often_it_is_sent(site: Site) -> None:
    fields = planned_on_the_page(site)
    page = site.request("GET", site.path)["body"]
    hidden = dict(re.findall(r'type="hidden" name="(nonce|once|locale)" value="([^"]+)"', page))
    body = urlencode({**hidden, **fields}, doseq=True)
    for _ in range(2):
        answer = site.request("POST", site.path, body)
        assert answer["statusCode"] == 200
    (incident_id,) = site.maintenances.planned()
    maintenance = DynamoDecisions(site.table).get(incident_id, "maintenance").maintenance
    assert maintenance is not None
    assert (maintenance.by, maintenance.components, maintenance.alarms) == (site.by, ("payments",), ("orders-db-*",))
    assert maintenance.last == LAST.replace(second=0)
    assert f'value="{incident_id}"' in answer["body"]


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost_or_stored(site: Site) -> None:
    answer = site.post(**{**planned_on_the_page(site), "alarms": "*"})
    assert answer["statusCode"] == 422
    assert 'id="alarms-error"' in answer["body"]
    assert "&lt;b&gt;Disks&lt;/b&gt;" in answer["body"]
    assert site.maintenances.planned() == ()


def test_who_planned_it_ends_it_on_the_page(site: Site) -> None:
    incident_id = site.plan()
    site.decide(incident_id)
    site.call("settle", incident_id)
    answer = site.post(end=incident_id)
    assert (answer["statusCode"], site.maintenances.planned()) == (200, ())
    assert f'value="{incident_id}"' not in answer["body"]
    assert site.take("payments-api-5xx-high", event_id="one").disposition is Disposition.OPENED


def test_r6_nobody_ends_what_somebody_else_planned(site: Site) -> None:
    incident_id, whose = site.plan(), site.by
    other = next(contact for contact in compiled_plan().contacts if contact != whose)
    DynamoStandingLinks(site.table).save(replace(link_for(compiled_plan().contact(other)), digest=digest_of("other")))
    hidden = {"once": "1", "nonce": standing_nonce("other", "1"), "end": incident_id}
    assert site.request("POST", "/r/other/maintenance", urlencode(hidden))["statusCode"] == 404
    assert site.maintenances.planned() == (incident_id,)
    assert incident_id not in site.request("GET", "/r/other/maintenance")["body"]


def test_unknown_links_maintenance_and_forms_of_other_pages_are_refused(site: Site) -> None:
    assert site.request("GET", "/r/unknown/maintenance")["statusCode"] == 404
    assert site.request("GET", f"/r/{digest_of(LINK)}/maintenance")["statusCode"] == 404
    assert site.post(end="MNT-20260101-NOBODYS")["statusCode"] == 404
    assert site.request("POST", site.path, urlencode({"once": "1", "nonce": "forged"}))["statusCode"] == 403


def test_a_page_that_can_t_read_the_records_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def out(*_args: object, **_kwargs: object) -> object:
        raise ClientError({"Error": {"Code": "InternalServerError", "Message": ""}}, "GetItem")

    monkeypatch.setattr(RecordsTable, "get", out)
    assert site.request("GET", site.path)["statusCode"] == 503
