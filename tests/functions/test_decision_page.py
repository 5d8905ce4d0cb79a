"""The pages over HTTP: what shows, what decides, and a clear answer to everything else (R1, R4, R5, R10, R23)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from botocore.exceptions import ClientError

from decision_page import handler as module
from emergency.aws.records import DynamoDecisions, DynamoIncidents, DynamoSignals
from emergency.aws.services import S3Archive, StepFunctionsWorkflow
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.decision import Link, asking, digest_of, prepared
from emergency.domain.errors import WorkflowGone
from emergency.domain.incident import IncidentStatus, proposed
from emergency.domain.signal import Disposition, SignalRecord, incident_from, read_signal, rule_for
from emergency.domain.terms import DecisionKind, Outcome, Step
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from tests.support.events import alarm

NOW = datetime.now(UTC)
PLACE = Place(execution="INC-1-orders", state="Ask")
LINK = "L" * 43

Press = Callable[..., dict[str, Any]]


@dataclass
class Site:
    """The handler behind HTTP, and what the workflow heard."""

    context: Any
    resumed: list[tuple[str, str, Outcome]]
    table: RecordsTable

    def request(self, method: str, path: str, body: str = "", *, encoded: bool = False) -> dict[str, Any]:
        event = {
            "version": "2.0",
            "routeKey": f"{method} {path}",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"content-type": "application/x-www-form-urlencoded"},
            "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
            "body": base64.b64encode(body.encode()).decode() if encoded else body,
            "isBase64Encoded": encoded,
        }
        answer: dict[str, Any] = module.handler(event, self.context)
        return answer

    def nonce(self, link: str = LINK) -> str:
        found = re.search(r'name="nonce" value="([^"]+)"', self.request("GET", f"/d/{link}")["body"])
        assert found
        return found[1]

    def press(self, outcome: str, link: str = LINK, **fields: str) -> dict[str, Any]:
        form = {"nonce": self.nonce(link), "outcome": outcome, **fields}
        return self.request("POST", f"/d/{link}", urlencode(form), encoded=True)

    def stored(self) -> str:
        items = boto3.client("dynamodb").scan(TableName="records")["Items"]
        return json.dumps(items, sort_keys=True)


@pytest.fixture
def site(table: RecordsTable, example: None, context: Any, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("RECORDS_TABLE", "records")
    monkeypatch.setenv("PAGES_URL", "https://pages.example")
    monkeypatch.setenv("ARCHIVE_BUCKET", "archive")
    for cached in (module._settings, module._answers, module._pages):
        cached.cache_clear()
    resumed: list[tuple[str, str, Outcome]] = []

    def resume(_self: object, token: str, decision_id: str, outcome: Outcome) -> None:
        if resumed:
            raise WorkflowGone(decision_id)
        resumed.append((token, decision_id, outcome))

    monkeypatch.setattr(StepFunctionsWorkflow, "resume", resume)
    put_question(table, DecisionKind.ORDERS, LINK)
    return Site(context, resumed, table)


def put_question(table: RecordsTable, kind: DecisionKind, link_id: str, contact: str = "chief-executive") -> None:
    plan = compiled_plan()
    incidents, decisions = DynamoIncidents(table), DynamoDecisions(table)
    signal = read_signal(alarm("checkout-<script>alert(1)</script>"))
    if table.get("INCIDENT#INC-1", "INCIDENT") is None:
        incident = proposed(incident_from(signal, rule_for(signal, plan), plan, incident_id="INC-1", now=NOW), plan)
        record = SignalRecord(id="s", disposition=Disposition.OPENED, at=NOW, received_at=NOW, incident_id=incident.id)
        entry = TimelineEntry(
            key="signal/s",
            at=NOW,
            step=Step.INCIDENT_REPORT,
            fact=Fact.SIGNAL_OPENED,
            actor=SYSTEM,
            place=PLACE,
            details={"name": signal.name, "reason": signal.reason, "region": signal.region},
        )
        DynamoSignals(table).open(incident, record, entry)
    question = prepared(
        incidents.get("INC-1"),
        plan,
        kind=kind,
        team=None,
        round_=1 if kind is DecisionKind.REVIEW else 0,
        form_key="form-key",
        place=PLACE,
        now=NOW,
    )
    stored = decisions.create(question)
    if not stored.task_token:
        stored = decisions.save(asking(stored, level=0, task_token="task-token", place=PLACE, now=NOW))
    link = Link(
        digest=digest_of(link_id),
        incident_id="INC-1",
        decision_id=stored.id,
        contact=contact,
        level=0,
        made_at=NOW,
    )
    decisions.save(stored, links=[link])


ORDERS = {"severity": "SEV2", "teams": "technical_support"}


def test_a_question_shows_its_form_and_what_may_be_answered(site: Site) -> None:
    page = site.request("GET", f"/d/{LINK}")
    assert page["statusCode"] == 200
    assert 'value="activate"' in page["body"]
    assert 'value="stand_down"' in page["body"]
    assert 'lang="zh-Hant"' in page["body"]


def test_r1_a_hundred_scanners_change_nothing_and_tell_the_workflow_nothing(site: Site) -> None:
    before = site.stored()
    for method in ("GET", "HEAD") * 50:
        assert site.request(method, f"/d/{LINK}")["statusCode"] == 200
    assert site.stored() == before
    assert not site.resumed


def test_every_answer_forbids_storing_framing_and_scripts(site: Site) -> None:
    for answer in (
        site.request("GET", f"/d/{LINK}"),
        site.request("GET", "/d/unknown"),
        site.request("POST", f"/d/{LINK}"),
        site.press("stand_down"),
        site.request("GET", f"/d/{LINK}"),
    ):
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["content-type"] == "text/html; charset=utf-8"


def test_a_pressed_button_is_recorded_once_and_the_workflow_hears_it(site: Site) -> None:
    answer = site.press("activate", **ORDERS)
    assert answer["statusCode"] == 200
    assert site.resumed == [("task-token", "orders", Outcome.ACTIVATE)]


def test_r5_a_second_answer_gets_the_recorded_outcome(site: Site) -> None:
    other = "M" * 43
    put_question(site.table, DecisionKind.ORDERS, other, "chief-technology-officer")
    nonce = site.nonce(other)
    site.press("activate", **ORDERS)
    late = site.request("POST", f"/d/{other}", urlencode({"nonce": nonce, "outcome": "stand_down"}))
    assert late["statusCode"] == 409
    assert site.request("GET", f"/d/{LINK}")["statusCode"] == 410
    assert len(site.resumed) == 1


@pytest.mark.parametrize("path", ["/d/unknown", f"/d/{digest_of(LINK)}", "/d/", "/", "/favicon.ico", "/d/%E5%AD%97"])
def test_r4_unknown_links_and_digests_are_a_clear_404(site: Site, path: str) -> None:
    answer = site.request("GET", path)
    assert answer["statusCode"] == 404
    assert "<h1" in answer["body"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/d/{LINK}/x"),
        ("GET", f"/D/{LINK}"),
        ("GET", f"/d/{LINK}&gt;"),
        ("PUT", f"/d/{LINK}"),
        ("OPTIONS", "/d"),
    ],
)
def test_what_only_the_default_route_takes_is_the_same_404(site: Site, method: str, path: str) -> None:
    answer = site.request(method, path)
    assert answer["statusCode"] == 404
    assert answer["body"] == site.request("GET", "/d/unknown")["body"]


@pytest.mark.parametrize(
    "body", ["", "outcome=activate", "nonce=x&outcome=activate", '{"outcome": "activate"}', "%ff=%fe", "a=b&" * 99]
)
def test_a_post_that_is_no_form_of_this_page_decides_nothing(site: Site, body: str) -> None:
    assert site.request("POST", f"/d/{LINK}", body)["statusCode"] == 403
    assert not site.resumed


def test_r24_the_link_of_somebody_who_left_the_plan_is_a_clear_404(site: Site) -> None:
    gone = "G" * 43
    put_question(site.table, DecisionKind.ORDERS, gone, "left-the-company")
    for method in ("GET", "POST"):
        answer = site.request(method, f"/d/{gone}")
        assert answer["statusCode"] == 404
        assert "<h1" in answer["body"]


def test_r6_a_nonce_of_another_link_is_refused(site: Site) -> None:
    other = "M" * 43
    put_question(site.table, DecisionKind.ORDERS, other, "chief-technology-officer")
    form = urlencode({"nonce": site.nonce(other), "outcome": "stand_down"})
    assert site.request("POST", f"/d/{LINK}", form)["statusCode"] == 403


def test_an_unusable_answer_comes_back_with_what_was_entered(site: Site) -> None:
    answer = site.press("activate", severity="SEV2", comment="寫到一半")
    assert answer["statusCode"] == 422
    assert "寫到一半" in answer["body"]
    assert not site.resumed


def test_r23_what_comes_from_outside_is_escaped(site: Site) -> None:
    assert "<script>" not in site.request("GET", f"/d/{LINK}")["body"]


def test_no_secret_is_on_any_page(site: Site) -> None:
    for answer in (site.request("GET", f"/d/{LINK}"), site.press("activate", **ORDERS)):
        assert "task-token" not in json.dumps(answer)
        assert "form-key" not in json.dumps(answer)


def test_a_link_whose_incident_is_over_says_so(site: Site) -> None:
    incidents = DynamoIncidents(site.table)
    nonce = site.nonce()
    incidents.save(replace(incidents.get("INC-1"), status=IncidentStatus.CLOSED))
    assert site.request("GET", f"/d/{LINK}")["statusCode"] == 410
    form = urlencode({"nonce": nonce, "outcome": "stand_down"})
    assert site.request("POST", f"/d/{LINK}", form)["statusCode"] == 410
    assert not site.resumed


def test_an_answer_to_an_incident_in_peoples_hands_promises_nothing(site: Site) -> None:
    incidents = DynamoIncidents(site.table)
    incidents.save(replace(incidents.get("INC-1"), status=IncidentStatus.NEEDS_ATTENTION))
    answer = site.press("activate", **ORDERS)
    assert answer["statusCode"] == 200
    assert "由人員接手" in answer["body"]
    assert "正在召集" not in answer["body"]


def test_when_aws_does_not_answer_the_page_says_try_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise ClientError({"Error": {"Code": "InternalServerError"}}, "GetItem")

    monkeypatch.setattr(RecordsTable, "get", down)
    answer = site.request("GET", f"/d/{LINK}")
    assert answer["statusCode"] == 503
    assert "InternalServerError" not in answer["body"]


@pytest.mark.parametrize(
    ("contact", "locale"),
    [("chief-technology-officer", "en"), ("chief-executive", "zh-Hant"), ("transport-manager-hong-kong", "zh-Hans")],
)
def test_the_report_under_review_is_shown_in_the_readers_language(site: Site, contact: str, locale: str) -> None:
    boto3.client("s3").create_bucket(
        Bucket="archive", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    review = "R" * 43
    put_question(site.table, DecisionKind.REVIEW, review, contact)
    assert site.request("GET", f"/d/{review}/report")["statusCode"] == 404
    S3Archive("archive").put(f"INC-1/report-1.{locale}.html", "<!doctype html><p>報告", "text/html")
    answer = site.request("GET", f"/d/{review}/report")
    assert (answer["statusCode"], answer["body"]) == (200, "<!doctype html><p>報告")
    assert site.request("GET", f"/d/{LINK}/report")["statusCode"] == 404
