"""The pages over HTTP: what shows, what decides, and a clear answer to everything else (R1, R4, R5, R10, R23)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto.ses.models import ses_backends

from decision_page import composition
from decision_page import handler as module
from emergency.aws.clocks import DynamoDeadlines
from emergency.aws.records import DynamoAssignments, DynamoDecisions, DynamoIncidents
from emergency.aws.services import S3Archive, SesPost, StepFunctionsWorkflow
from emergency.aws.signals import DynamoSignals
from emergency.aws.stock import DynamoInventory
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.assignment import MOST_TASKS, AssignedTask, Assignment, assignment_for
from emergency.domain.classification import incident_from, rule_for
from emergency.domain.deadline import Deadline, Watched
from emergency.domain.decision import Answer, Asked, Decision, NoticeClock, Request, asked, asking, prepared
from emergency.domain.errors import MailRefused, PostUnavailable, WorkflowGone
from emergency.domain.event import read_signal
from emergency.domain.incident import IncidentStatus, proposed
from emergency.domain.inventory import Allocation
from emergency.domain.link import Link, digest_of
from emergency.domain.second_factor import CODES, TRIES
from emergency.domain.signal import Disposition, SignalRecord
from emergency.domain.terms import DecisionKind, Factor, Outcome, Step, Team
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from emergency.ports import Mail
from emergency.use_cases import draft_statement, keep_record
from tests.support.events import alarm
from tests.support.opening import open_incident
from tests.support.plans import with_contact
from tests.support.reading import Read

NOW = datetime.now(UTC)
PLACE = Place(execution="INC-1-orders", state="Ask")
LINK = "L" * 43

RESUME = StepFunctionsWorkflow.resume
"""The real one, which most tests replace."""


@dataclass
class Site:
    """The handler behind HTTP, and what the workflow heard."""

    context: Any
    resumed: list[tuple[str, str, Outcome]]
    table: RecordsTable
    hurried: list[tuple[str, str, str]] = field(default_factory=list)
    released: list[tuple[str, str, DecisionKind]] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)

    def request(
        self,
        method: str,
        path: str,
        body: str = "",
        *,
        encoded: bool = False,
        headers: Mapping[str, str] | None = None,
        query: str = "",
    ) -> dict[str, Any]:
        event = {
            "version": "2.0",
            "routeKey": f"{method} {path}",
            "rawPath": path,
            "rawQueryString": query,
            "queryStringParameters": dict(pair.split("=") for pair in query.split("&") if pair),
            "cookies": self.cookies,
            "headers": {"content-type": "application/x-www-form-urlencoded", **(headers or {})},
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

    def post(self, link: str = LINK, /, **fields: str | list[str]) -> dict[str, Any]:
        """Posts a form of the page behind the link."""
        form = {"nonce": self.nonce(link), **fields}
        return self.request("POST", f"/d/{link}", urlencode(form, doseq=True), encoded=True)

    def press(self, outcome: str, link: str = LINK, **fields: str) -> dict[str, Any]:
        """Presses a button, and types the code where one is asked for."""
        answer = self.post(link, outcome=outcome, **fields)
        if 'name="code"' not in answer["body"]:
            return answer
        return self.post(link, action="confirm", code=self.code())

    def mails(self) -> list[EmailMessage]:
        """Every mail that was sent, oldest first."""
        sent = ses_backends["123456789012"]["ap-northeast-1"].sent_messages
        return [message_from_string(mail.raw_data, policy=default) for mail in sent]

    def code(self) -> str:
        """The six digits that were mailed last."""
        codes = [mail for mail in self.mails() if mail["X-Emergency-Purpose"] == "code"]
        body = codes[-1].get_body(("plain",))
        found = re.search(r"^(\d{6})\r?$", body.get_content() if body else "", re.MULTILINE)
        assert found
        return found[1]

    def decision(self, decision_id: str = "orders") -> Decision:
        return DynamoDecisions(self.table).get("INC-1", decision_id)

    def facts(self) -> list[str]:
        return [entry.fact.value for entry in DynamoIncidents(self.table).timeline("INC-1")]

    def stored(self) -> str:
        items = boto3.client("dynamodb").scan(TableName="records")["Items"]
        return json.dumps(items, sort_keys=True, default=repr)


@pytest.fixture
def site(table: RecordsTable, example: None, context: Any, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("RECORDS_TABLE", "records")
    monkeypatch.setenv("PAGES_URL", "https://pages.example")
    monkeypatch.setenv("ARCHIVE_BUCKET", "archive")
    monkeypatch.setenv("UPLOADS_BUCKET", "uploads")
    monkeypatch.setenv("CONFIGURATION_SET", "mail")
    monkeypatch.setenv("STATUS_URL", "https://status.example")
    for machine in ("release", "statement", "carrier"):
        arn = f"arn:aws:states:ap-northeast-1:123456789012:stateMachine:{machine}"
        monkeypatch.setenv(f"{machine.upper()}_STATE_MACHINE", arn)
    monkeypatch.setenv("AUTHENTICATOR_SECRET", "none")
    for part in vars(composition).values():
        if hasattr(part, "cache_clear"):
            part.cache_clear()
    boto3.client("sesv2").create_email_identity(EmailIdentity="banyan-market.example")
    resumed: list[tuple[str, str, Outcome]] = []

    def resume(_self: object, token: str, decision_id: str, outcome: Outcome) -> None:
        if resumed:
            raise WorkflowGone(decision_id)
        resumed.append((token, decision_id, outcome))

    site = Site(context, resumed, table)

    def cut_short(_self: object, *told: str) -> None:
        if not site.hurried:
            site.hurried.append(told)  # type: ignore[arg-type]

    def start_request(_self: object, *started: str) -> None:
        if started not in site.released:
            site.released.append(started)  # type: ignore[arg-type]

    monkeypatch.setattr(StepFunctionsWorkflow, "resume", resume)
    monkeypatch.setattr(StepFunctionsWorkflow, "cut_short", cut_short)
    monkeypatch.setattr(StepFunctionsWorkflow, "start_request", start_request)
    put_question(table, DecisionKind.ORDERS, LINK)
    return site


def put_question(
    table: RecordsTable,
    kind: DecisionKind,
    link_id: str,
    contact: str = "chief-executive",
    team: Team | None = None,
    round_: int = 1,
    request: Request | None = None,
    clock: NoticeClock | None = None,
) -> Decision:
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
        open_incident(DynamoSignals(table), incident, record, entry)
    question = prepared(
        incidents.get("INC-1"),
        plan,
        kind=kind,
        team=team,
        round_=round_ if kind is DecisionKind.REVIEW else 0,
        form_key="form-key",
        place=PLACE,
        now=NOW,
        request=request,
        clock=clock,
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
        mail=f"INC-1-{stored.id}-0-{contact}",
    )
    mailed = asked(stored, Asked(contact=contact, level=0, at=NOW, mail_id=f"ses-{contact}"))
    return decisions.save(mailed, links=[link])


ORDERS = {"severity": "SEV2", "teams": "technical_support"}


def test_a_question_shows_its_form_and_what_may_be_answered(site: Site) -> None:
    page = site.request("GET", f"/d/{LINK}")
    assert page["statusCode"] == 200
    assert 'value="activate"' in page["body"]
    assert 'value="stand_down"' in page["body"]
    assert 'lang="zh-Hant"' in page["body"]


def test_r1_a_hundred_scanners_change_nothing_and_tell_the_workflow_nothing(site: Site) -> None:
    before = site.stored()
    prefetching: tuple[dict[str, str], ...] = (
        {},
        {"purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"x-moz": "prefetch"},
    )
    for number, method in enumerate(("GET", "HEAD") * 50):
        headers = prefetching[number % len(prefetching)]
        assert site.request(method, f"/d/{LINK}", headers=headers, query="done=note")["statusCode"] == 200
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


def test_r24_the_link_of_somebody_who_left_the_plan_is_a_clear_403(site: Site) -> None:
    gone = "G" * 43
    put_question(site.table, DecisionKind.ORDERS, gone, "left-the-company")
    for method in ("GET", "POST"):
        answer = site.request(method, f"/d/{gone}")
        assert answer["statusCode"] == 403
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


def test_a_code_that_the_mail_provider_refuses_is_no_500(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out: `MailRefused` among what `busy` answers."""

    def refuse(_self: object, mail: Mail) -> str:
        raise MailRefused(mail.name)

    monkeypatch.setattr(SesPost, "send", refuse)
    answer = site.post(outcome="stand_down")
    assert answer["statusCode"] == 503
    assert site.decision().is_open


@pytest.mark.parametrize("kept", [None, "no JSON", '{"chief-executive": "not base 32!"}'])
def test_an_authenticators_secret_that_cannot_be_read_is_no_500_and_no_way_round(
    site: Site, monkeypatch: pytest.MonkeyPatch, kept: str | None
) -> None:
    """Taken out: `AuthenticatorUnavailable` in `SecretAuthenticators.secret_of`."""
    if kept:
        boto3.client("secretsmanager").create_secret(Name="apps", SecretString=kept)
    monkeypatch.setenv("AUTHENTICATOR_SECRET", "apps")
    plan = with_contact(compiled_plan(), "chief-executive", second_factor=Factor.TOTP)
    monkeypatch.setattr(composition, "compiled_plan", lambda: plan)
    answer = site.post(outcome="stand_down")
    assert answer["statusCode"] == 503
    assert not site.mails()


def test_an_answer_on_record_is_said_to_be_so_though_step_functions_fails(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out: `suppress(WorkflowUnavailable)` in `AnswerQuestion`; the page said that nothing was recorded."""
    monkeypatch.setattr(StepFunctionsWorkflow, "resume", RESUME)
    workflow = composition._workflow()
    with Stubber(workflow._client) as stub:
        stub.add_client_error("send_task_success", service_error_code="ThrottlingException")
        assert site.press("stand_down")["statusCode"] == 200
        stub.assert_no_pending_responses()
    assert site.decision().answer is not None


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


TEAM_LINK, LEAD = "T" * 43, "chief-technology-officer"


@pytest.fixture
def team(site: Site) -> Site:
    """The technical lead has been asked whether the tasks are complete."""
    plan = compiled_plan()
    incidents = DynamoIncidents(site.table)
    DynamoAssignments(site.table).create(
        assignment_for(incidents.get("INC-1"), Team.TECHNICAL_SUPPORT, plan, NOW),
        TimelineEntry(
            key="team_assigned",
            at=NOW,
            step=Step.EMERGENCY_RESPONSE,
            fact=Fact.TEAM_ASSIGNED,
            actor=SYSTEM,
            place=PLACE,
            details={"team": "technical_support", "tasks": 1},
        ),
    )
    put_question(site.table, DecisionKind.COMPLETE, TEAM_LINK, LEAD, Team.TECHNICAL_SUPPORT)
    return site


COMPLETE = "complete-technical_support"


def test_r2_the_button_alone_asks_for_a_code_and_the_code_decides(site: Site) -> None:
    asked_for = site.post(outcome="activate", **ORDERS)
    assert asked_for["statusCode"] == 200
    assert 'autocomplete="one-time-code"' in asked_for["body"]
    assert not site.resumed
    assert [mail["X-Emergency-Purpose"] for mail in site.mails()] == ["code"]
    assert site.code() not in str(site.mails()[0]["Subject"])
    assert site.post(action="confirm", code=site.code())["statusCode"] == 200
    assert site.resumed == [("task-token", "orders", Outcome.ACTIVATE)]
    (vote,) = site.decision().votes
    assert (vote.factor, vote.mail) == (Factor.CODE, "INC-1-orders-0-chief-executive")


def test_r2_wrong_codes_run_out_and_the_answer_is_not_lost(site: Site) -> None:
    site.post(outcome="activate", comment="先穩住資料庫", **ORDERS)
    wrong = f"{(int(site.code()) + 1) % 1_000_000:06d}"
    statuses = [site.post(action="confirm", code=wrong)["statusCode"] for _ in range(TRIES)]
    assert statuses == [422] * TRIES
    over = site.post(action="confirm", code=site.code())
    assert over["statusCode"] == 422
    assert "先穩住資料庫" in over["body"]
    assert not site.resumed
    assert site.facts().count("factor_failed") == TRIES


def test_r2_codes_run_out_with_a_clear_page(site: Site) -> None:
    site.post(outcome="stand_down")
    statuses = [site.post(action="send_again")["statusCode"] for _ in range(CODES)]
    assert statuses == [200] * (CODES - 1) + [429]


def test_a_code_before_any_answer_brings_back_the_question(site: Site) -> None:
    for action in ("confirm", "send_again"):
        answer = site.post(action=action, code="123456")
        assert answer["statusCode"] == 422
        assert 'value="activate"' in answer["body"]


def test_r7_a_link_dies_with_its_decision_and_not_a_moment_before(site: Site) -> None:
    """Taken out: `if not opened.decision.is_open` in `_over`, which shows the form of a question that is settled."""
    other = "M" * 43
    put_question(site.table, DecisionKind.ORDERS, other, "chief-technology-officer")
    site.post(other, outcome="stand_down")
    assert site.request("GET", f"/d/{LINK}")["statusCode"] == 200
    site.post(other, action="confirm", code=site.code())
    for link in (LINK, other):
        page = site.request("GET", f"/d/{link}")
        assert page["statusCode"] == 410
        assert "<form" not in page["body"]


def test_r8_the_device_cookie_is_bound_hidden_and_of_use_to_nobody_else(site: Site) -> None:
    answer = site.press("stand_down")
    (cookie,) = answer["cookies"]
    pair, *attributes = cookie.split("; ")
    assert pair.startswith("__Host-device-")
    assert {"HttpOnly", "Secure", "SameSite=Strict", "Path=/"} <= set(attributes)
    review, other = "R" * 43, "S" * 43
    put_question(site.table, DecisionKind.REVIEW, review)
    put_question(site.table, DecisionKind.REVIEW, other, "chief-operating-officer")
    site.cookies = [pair]
    assert 'name="code"' in site.post(other, outcome="accepted")["body"]
    assert 'name="code"' not in site.post(review, outcome="accepted")["body"]
    assert site.decision("review-1").votes[0].factor is Factor.DEVICE


@pytest.mark.parametrize("code", ["TaskTimedOut", "InvalidToken", "TaskDoesNotExist"])
def test_r10_a_workflow_that_no_longer_waits_gives_a_clear_page(
    team: Site, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """Taken out: any one of the three in `StepFunctionsWorkflow._gone`."""
    client = boto3.client("stepfunctions")
    monkeypatch.setattr(StepFunctionsWorkflow, "resume", RESUME)
    monkeypatch.setattr(StepFunctionsWorkflow, "_client", client)
    with Stubber(client) as stubber:
        stubber.add_client_error("send_task_success", service_error_code=code)
        answer = team.post(TEAM_LINK, outcome="completed", measures="Done")
        stubber.assert_no_pending_responses()
    assert answer["statusCode"] == 200
    assert code not in answer["body"]
    assert team.request("GET", f"/d/{TEAM_LINK}")["statusCode"] == 410


def test_an_ordinary_day_of_a_team_on_its_page(team: Site) -> None:
    plan = compiled_plan()
    tasks = [
        task.id for task in plan.playbooks[DynamoIncidents(team.table).get("INC-1").risk].tasks[Team.TECHNICAL_SUPPORT]
    ]
    for fields, done in (
        ({"action": "tasks", "tasks": tasks[:2]}, "tasks"),
        ({"action": "note", "note": "主機已重啟"}, "note"),
        ({"action": "more_time", "extended": "0", "reason": "Still measuring"}, "more_time"),
    ):
        answer = team.post(TEAM_LINK, **fields)
        assert answer["statusCode"] == 303
        assert answer["headers"]["Location"] == f"https://pages.example/d/{TEAM_LINK}?done={done}"
        back = team.request("GET", f"/d/{TEAM_LINK}", query=f"done={done}")
        assert back["statusCode"] == 200
    assert team.facts().count("task_done") == 2
    assert {"note_added", "more_time"} <= set(team.facts())
    assert team.decision(COMPLETE).extended == 1
    page = team.request("GET", f"/d/{TEAM_LINK}")["body"]
    assert "主機已重啟" in page


def test_ticks_beside_an_answer_are_saved_with_it_and_never_hold_it_up(team: Site) -> None:
    """Taken out: the ticks in `_answer`."""
    plan = compiled_plan()
    first = plan.playbooks[DynamoIncidents(team.table).get("INC-1").risk].tasks[Team.TECHNICAL_SUPPORT][0].id
    again = team.post(TEAM_LINK, outcome="completed", ticks="shown", tasks=first)
    assert again["statusCode"] == 422
    assert re.search(rf'value="{first}"[^>]* checked', again["body"])
    done = team.post(TEAM_LINK, outcome="completed", ticks="shown", tasks=[first, "no such task"], measures="Done")
    assert done["statusCode"] == 200
    assert team.facts().count("task_done") == 1
    assert team.decision(COMPLETE).answer is not None


def test_r24_a_page_from_before_that_sends_a_file_with_its_note_is_told_that_it_was_not_taken(team: Site) -> None:
    """Taken out: the look at `sent.file`; the note was taken and its file lost without a word."""
    before = team.stored()
    form = multipart(team.nonce(TEAM_LINK), "graph.png")
    answer = team.request("POST", f"/d/{TEAM_LINK}", form, headers=MULTIPART)
    assert answer["statusCode"] == 422
    assert 'type="file"' in answer["body"]
    assert team.stored() == before


MULTIPART = {"content-type": "multipart/form-data; boundary=b"}


def multipart(nonce: str, name: str) -> str:
    fields = {"nonce": nonce, "action": "note", "note": "See the file"}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return "".join([*parts, head, "content\r\n", "--b--\r\n"])


def test_handing_over_says_to_whom_and_a_second_time_why_not(team: Site) -> None:
    answer = team.post(TEAM_LINK, action="hand_over", reason="On a plane")
    assert answer["statusCode"] == 200
    assert team.decision(COMPLETE).cut_short == "HandedOver"
    assert team.hurried == [("task-token", COMPLETE, "HandedOver")]
    again = team.post(TEAM_LINK, action="hand_over")
    assert again["statusCode"] == 200
    assert team.facts().count("handed_over") == 1


def test_what_cannot_be_passed_on_or_extended_is_said(site: Site) -> None:
    for action in ("hand_over", "more_time"):
        answer = site.post(action=action)
        assert answer["statusCode"] == 409
        assert 'value="activate"' in answer["body"]


def test_a_request_for_release_starts_its_own_workflow_once(team: Site) -> None:
    once = re.search(r'name="once" value="([^"]+)"', team.request("GET", f"/d/{TEAM_LINK}")["body"])
    assert once
    fields = {
        "action": "request",
        "resource": "emergency-funds",
        "quantity": "5,000",
        "reason": "備援線路",
        "once": once[1],
    }
    for _ in range(2):
        assert team.post(TEAM_LINK, **fields)["statusCode"] == 303
    (started,) = team.released
    request = team.decision(started[1]).request
    assert request is not None
    assert (request.by, request.resource, request.quantity) == (LEAD, "emergency-funds", 500_000)
    assert team.post(TEAM_LINK, **{**fields, "quantity": "-1"})["statusCode"] == 422


def test_r9_the_requesters_own_link_is_not_theirs_to_decide(site: Site) -> None:
    """Taken out: the check of `request.by` in `AnswerQuestion._check`."""
    request = Request(by=LEAD, team=Team.TECHNICAL_SUPPORT, resource="emergency-funds", quantity=1, reason="r")
    link = "Q" * 43
    put_question(site.table, DecisionKind.RELEASE, link, LEAD, Team.TECHNICAL_SUPPORT, request=request)
    answer = site.post(link, outcome="released")
    assert answer["statusCode"] == 403
    assert not site.mails()


def test_a_link_to_a_report_that_was_revised_since_says_that_it_was_replaced(site: Site) -> None:
    first, second = "R" * 43, "S" * 43
    put_question(site.table, DecisionKind.REVIEW, first)
    site.press("returned", first, comment="Name the cause")
    put_question(site.table, DecisionKind.REVIEW, second, round_=2)
    answer = site.request("GET", f"/d/{first}")
    assert answer["statusCode"] == 410
    assert answer["body"] != site.request("GET", f"/d/{second}")["body"]


PR_LINK, PR_LEAD = "P" * 43, "head-of-marketing"
HELP_LINK, HELPER = "H" * 43, "chief-operating-officer"
FUNDS = "emergency-funds#technical_support"
OWN = f"uploads/INC-1/{COMPLETE}/{LEAD}/once"


@pytest.fixture
def working(team: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The teams are at work: technical support with funds and somebody who helps, public relations with a clock."""
    plan, incidents = compiled_plan(), DynamoIncidents(team.table)
    for bucket in ("archive", "uploads"):
        boto3.client("s3").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
        )
    relations = assignment_for(incidents.get("INC-1"), Team.PUBLIC_RELATIONS, plan, NOW)
    DynamoAssignments(team.table).create(relations, a_fact("team_assigned/pr"))
    put_question(team.table, DecisionKind.COMPLETE, PR_LINK, PR_LEAD, Team.PUBLIC_RELATIONS)
    clock = Deadline(incident_id="INC-1", id=Watched.UPDATES, began_at=NOW, due_at=NOW + timedelta(hours=1))
    DynamoDeadlines(team.table).create(clock)
    funds = Allocation(
        incident_id="INC-1",
        resource="emergency-funds",
        team=Team.TECHNICAL_SUPPORT,
        wanted=100_000,
        quantity=100_000,
        lent_at=NOW,
    )
    DynamoInventory(team.table).lend([funds], plan, [a_fact("lent")])
    helping = Link(
        digest=digest_of(HELP_LINK),
        incident_id="INC-1",
        decision_id=COMPLETE,
        contact=HELPER,
        level=0,
        made_at=NOW,
        help=True,
    )
    DynamoDecisions(team.table).save(team.decision(COMPLETE), links=[helping])
    return team


def a_fact(key: str) -> TimelineEntry:
    return TimelineEntry(
        key=key, at=NOW, step=Step.REAR_SUPPORT, fact=Fact.RESOURCE_LENT, actor=SYSTEM, place=PLACE, details={}
    )


def technical(site: Site) -> Assignment:
    assignment = DynamoAssignments(site.table).get("INC-1", Team.TECHNICAL_SUPPORT)
    assert assignment
    return assignment


def first_task(site: Site) -> str:
    return technical(site).tasks[0].id


@pytest.mark.parametrize(
    ("link", "action", "fields", "done", "fact"),
    [
        (TEAM_LINK, "add_task", {"task_text": "Restart", "owner": HELPER, "within": "30"}, "task_added", "task_added"),
        (TEAM_LINK, "reassign", {"task": "first", "owner": HELPER}, "reassigned", "task_reassigned"),
        (TEAM_LINK, "skip", {"task": "first", "reason": "Known"}, "skipped", "task_skipped"),
        (TEAM_LINK, "spend", {"allocation": FUNDS, "quantity": "1,000", "reason": "Disks"}, "spent", "funds_spent"),
        (HELP_LINK, "tasks", {"tasks": "first"}, "tasks", "task_done"),
        (HELP_LINK, "note", {"note": "Disk is full"}, "note", "note_added"),
    ],
)
def test_what_a_team_does_on_its_page_is_on_record_once_and_said(
    working: Site, link: str, action: str, fields: dict[str, str], done: str, fact: str
) -> None:
    fields = {name: first_task(working) if value == "first" else value for name, value in fields.items()}
    for _ in range(2):
        assert working.post(link, action=action, once="one", **fields)["statusCode"] == 303
    assert working.facts().count(fact) == 1
    back = working.request("GET", f"/d/{link}", query=f"done={done}")
    assert back["statusCode"] == 200


@pytest.mark.parametrize(
    ("link", "fields"),
    [
        (TEAM_LINK, {"action": "spend", "allocation": FUNDS, "quantity": "1000.01", "reason": "More than there is"}),
        (TEAM_LINK, {"action": "spend", "allocation": FUNDS, "quantity": "-1", "reason": "r"}),
        (TEAM_LINK, {"action": "spend", "allocation": FUNDS, "quantity": "1"}),
        (TEAM_LINK, {"action": "spend", "allocation": "somebody else's", "quantity": "1", "reason": "r"}),
        (TEAM_LINK, {"action": "reassign", "task": "first", "owner": "somebody-unknown"}),
        (TEAM_LINK, {"action": "reassign", "task": "unknown", "owner": HELPER}),
        (TEAM_LINK, {"action": "skip", "task": "first"}),
        (TEAM_LINK, {"action": "add_task", "owner": HELPER}),
        (TEAM_LINK, {"action": "add_task", "task_text": "Restart", "owner": HELPER, "within": "soon"}),
        (TEAM_LINK, {"action": "tasks", "tasks": "unknown"}),
    ],
)
def test_bad_input_is_a_clear_answer_and_nothing_is_half_done(working: Site, link: str, fields: dict[str, str]) -> None:
    fields = {name: first_task(working) if value == "first" else value for name, value in fields.items()}
    before = working.stored()
    answer = working.post(link, **fields)
    assert answer["statusCode"] == 422
    assert 'aria-invalid="true"' in answer["body"] or "-error" in answer["body"]
    assert working.stored() == before
    assert not working.mails()


@pytest.mark.parametrize(
    ("link", "fields"),
    [
        (PR_LINK, {"action": "update", "update": "As pages from before could"}),
        (PR_LINK, {"action": "spend", "allocation": FUNDS, "quantity": "1", "reason": "Another team's"}),
        (LINK, {"action": "skip", "task": "first", "reason": "Not mine"}),
        (LINK, {"action": "tasks", "tasks": "first"}),
    ],
)
def test_r6_what_a_page_does_not_offer_it_does_not_take(working: Site, link: str, fields: dict[str, str]) -> None:
    fields = {name: first_task(working) if value == "first" else value for name, value in fields.items()}
    before = working.stored()
    assert working.post(link, **fields)["statusCode"] == 422
    assert working.stored() == before


def test_where_no_mail_is_taken_now_a_task_stays_with_whom_it_was(
    working: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_self: object, mail: Mail) -> str:
        raise PostUnavailable(mail.name)

    monkeypatch.setattr(SesPost, "send", closed)
    before, facts = technical(working), working.facts()
    answer = working.post(TEAM_LINK, action="reassign", task=first_task(working), owner=HELPER)
    assert answer["statusCode"] == 503
    assert technical(working) == before
    assert working.facts() == facts


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "completed", "measures": "Done"},
        {"action": "confirm", "code": "123456"},
        {"action": "send_again"},
        {"action": "hand_over"},
        {"action": "more_time", "extended": "0"},
        {"action": "request", "resource": "emergency-funds", "quantity": "1", "reason": "r"},
        {"action": "spend", "allocation": FUNDS, "quantity": "1", "reason": "r"},
        {"action": "calls", "calls": "5"},
        {"action": "add_task", "task_text": "Restart", "owner": HELPER},
        {"action": "reassign", "task": "first", "owner": HELPER},
        {"action": "skip", "task": "first", "reason": "r"},
    ],
)
def test_r6_a_link_to_help_gets_a_clear_403_for_whatever_its_lead_answers_for(
    working: Site, fields: dict[str, str]
) -> None:
    before = working.stored()
    assert working.post(HELP_LINK, **fields)["statusCode"] == 403
    assert working.stored() == before
    assert not working.resumed


def test_two_who_tick_on_pages_of_their_own_both_count(working: Site) -> None:
    """Taken out: `was_done` in the page's form."""
    first, second = technical(working).tasks[0].id, next(t.id for t in technical(working).tasks[1:] if not t.after)
    seen = Read(working.request("GET", f"/d/{TEAM_LINK}")["body"]).form("tasks").fields
    working.post(HELP_LINK, action="tasks", tasks=first)
    form = {**seen, "action": "tasks", "tasks": [second]}
    assert working.request("POST", f"/d/{TEAM_LINK}", urlencode(form, doseq=True))["statusCode"] == 303
    assert {task.id for task in technical(working).tasks if task.done_at} == {first, second}
    seen = Read(working.request("GET", f"/d/{TEAM_LINK}")["body"]).form("tasks").fields
    assert set(seen["was_done"]) == {first, second}
    form = {**seen, "action": "tasks", "tasks": [second]}
    working.request("POST", f"/d/{TEAM_LINK}", urlencode(form, doseq=True))
    assert {task.id for task in technical(working).tasks if task.done_at} == {second}


def test_a_page_with_as_many_tasks_as_a_team_can_have_can_be_posted(working: Site) -> None:
    """Taken out: room for a form's fields in `MOST_FIELDS`; what a browser sends would be no form at all."""
    assignment = technical(working)
    many = tuple(AssignedTask(id=f"added-{n}", text={"en": "More"}, added_by=LEAD) for n in range(MOST_TASKS))
    DynamoAssignments(working.table).save(replace(assignment, tasks=many), [])
    for _ in range(2):
        fields = Read(working.request("GET", f"/d/{TEAM_LINK}")["body"]).form("tasks").fields
        form = {**fields, "action": "tasks", "tasks": [task.id for task in many]}
        assert working.request("POST", f"/d/{TEAM_LINK}", urlencode(form, doseq=True))["statusCode"] == 303
    assert all(task.done_at for task in technical(working).tasks)


def test_r1_looking_at_the_page_for_files_changes_nothing(working: Site) -> None:
    """Taken out: nothing; a scanner that follows every link and the way back from S3 puts no file on record."""
    boto3.client("s3").put_object(Bucket="uploads", Key=f"{OWN}/graph.png", Body=PNG)
    before = working.stored()
    for method in ("GET", "HEAD") * 10:
        for query in ("", f"key={OWN}/graph.png", f"key={OWN}/nothing.png", "key=other", "bucket=uploads"):
            answer = working.request(method, f"/d/{TEAM_LINK}/file", query=query)
            assert answer["statusCode"] in {200, 422}
    assert working.stored() == before
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket="archive")


def test_a_form_for_a_file_posts_to_the_bucket_and_to_nowhere_else(working: Site) -> None:
    answer = working.request("GET", f"/d/{TEAM_LINK}/file")
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    policy = headers["content-security-policy"].split("; ")
    assert "form-action 'self' https://uploads.s3.ap-northeast-1.amazonaws.com" in policy
    (form,) = [one for one in Read(answer["body"]).forms if "policy" in one.fields]
    assert form.fields["key"][0].startswith(f"uploads/INC-1/{COMPLETE}/{LEAD}/")
    assert form.fields["success_action_redirect"] == [f"https://pages.example/d/{TEAM_LINK}/file"]


PNG = b"\x89PNG\r\n\x1a\n, a graph"


def put_on_record(site: Site, key: str, link: str = TEAM_LINK) -> dict[str, Any]:
    """A person says that the file of that key belongs on record."""
    form = urlencode({"nonce": site.nonce(link), "action": "file", "key": key})
    return site.request("POST", f"/d/{link}/file", form)


def test_a_file_that_arrived_goes_on_record_once_when_its_person_says_so(working: Site) -> None:
    key = f"{OWN}/graph.png"
    boto3.client("s3").put_object(Bucket="uploads", Key=key, Body=PNG)
    shown = working.request("GET", f"/d/{TEAM_LINK}/file", query=f"key={key}")
    assert "graph.png" in shown["body"]
    for _ in range(2):
        answer = put_on_record(working, key)
        assert answer["statusCode"] == 303
        assert answer["headers"]["Location"] == f"https://pages.example/d/{TEAM_LINK}?done=file"
    (kept,) = boto3.client("s3").list_objects_v2(Bucket="archive")["Contents"]
    assert kept["Key"].startswith("INC-1/attachments/")
    assert working.facts().count("file_added") == 1


@pytest.mark.parametrize(
    ("key", "content"),
    [
        (f"{OWN}/program.exe", b"MZ"),
        (f"{OWN}/program.png", b"MZ"),
        (f"{OWN}/large.txt", b"x" * 101),
        (f"{OWN}/deeper/graph.png", PNG),
        (f"uploads/INC-1/{COMPLETE}/{HELPER}/once/graph.png", PNG),
        (f"uploads/INC-2/{COMPLETE}/{LEAD}/once/graph.png", PNG),
        ("", None),
        (f"{OWN}/never-sent.png", None),
    ],
)
def test_a_file_of_the_wrong_kind_or_size_or_of_somebody_else_leaves_nothing(
    working: Site, monkeypatch: pytest.MonkeyPatch, key: str, content: bytes | None
) -> None:
    monkeypatch.setattr(keep_record, "MOST_BYTES", 100)
    if content is not None:
        boto3.client("s3").put_object(Bucket="uploads", Key=key, Body=content)
    before = working.stored()
    assert put_on_record(working, key)["statusCode"] == 422
    assert working.stored() == before
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket="archive")


def test_a_file_without_a_nonce_or_after_the_answer_is_refused_clearly(working: Site) -> None:
    key = f"{OWN}/graph.png"
    boto3.client("s3").put_object(Bucket="uploads", Key=key, Body=PNG)
    nonce = working.nonce(TEAM_LINK)
    assert working.request("POST", f"/d/{TEAM_LINK}/file", urlencode({"key": key}))["statusCode"] == 403
    working.post(TEAM_LINK, outcome="completed", measures="Done")
    late = working.request("POST", f"/d/{TEAM_LINK}/file", urlencode({"key": key, "nonce": nonce}))
    assert late["statusCode"] == 409
    assert working.request("GET", f"/d/{TEAM_LINK}/file")["statusCode"] == 410
    assert "file_added" not in working.facts()


def test_p6_5_nothing_is_handed_in_while_something_is_switched(working: Site) -> None:
    assignment = technical(working)
    back = AssignedTask(id="back-x", text={"en": "Connect"}, step=Step.SITE_CLEAN_UP, owner=LEAD, must_close=True)
    DynamoAssignments(working.table).save(replace(assignment, tasks=(*assignment.tasks, back)), [])
    link = "C" * 43
    put_question(working.table, DecisionKind.CLEAN_UP, link, LEAD, Team.TECHNICAL_SUPPORT)
    before = working.stored()
    answer = working.post(link, outcome="handed_in", record="All")
    assert answer["statusCode"] == 422
    assert working.stored() == before
    assert working.post(link, outcome="handed_in", record="All", ticks="shown", tasks="back-x")["statusCode"] == 200
    assert working.decision("clean_up-technical_support").answer


def test_a_notice_is_still_answered_after_the_incident_was_closed(working: Site) -> None:
    plan, incidents = compiled_plan(), DynamoIncidents(working.table)
    notice = next(iter(plan.deadlines.notices))
    clock = NoticeClock(notice=notice, began_at=NOW, due_at=NOW + timedelta(days=3))
    link = "N" * 43
    put_question(working.table, DecisionKind.NOTICE, link, "head-of-legal", clock=clock)
    incidents.save(replace(incidents.get("INC-1"), status=IncidentStatus.CLOSED, closed_at=NOW))
    assert working.request("GET", f"/d/{TEAM_LINK}")["statusCode"] == 410
    assert working.request("GET", f"/d/{link}")["statusCode"] == 200
    assert working.press("sent", link)["statusCode"] == 422
    assert working.press("sent", link, reference="A-1")["statusCode"] == 200
    assert "deadline_met" in working.facts()


SERVICE_LINK, SERVICE_LEAD = "C" * 43, "head-of-customer-service"


@pytest.fixture
def serving(working: Site) -> Site:
    """Customer service answers calls."""
    assignment = assignment_for(
        DynamoIncidents(working.table).get("INC-1"), Team.CUSTOMER_SERVICE, compiled_plan(), NOW
    )
    DynamoAssignments(working.table).create(assignment, a_fact("team_assigned/cs"))
    put_question(working.table, DecisionKind.COMPLETE, SERVICE_LINK, SERVICE_LEAD, Team.CUSTOMER_SERVICE)
    return working


def test_p6_3_calls_are_counted_once_a_form_and_a_number_that_is_none_is_asked_for_again(serving: Site) -> None:
    page = serving.request("GET", f"/d/{SERVICE_LINK}")["body"]
    form = Read(page).form("calls").fields
    for _ in range(2):
        body = urlencode({**form, "action": "calls", "calls": "1,210", "complaints": "12"}, doseq=True)
        answer = serving.request("POST", f"/d/{SERVICE_LINK}", body)
        assert answer["statusCode"] == 303
        assert answer["headers"]["Location"].endswith("?done=calls")
    (count,) = DynamoIncidents(serving.table).record("INC-1").calls
    assert (count.calls, count.complaints, count.by) == (1210, 12, SERVICE_LEAD)
    wrong = serving.post(SERVICE_LINK, action="calls", calls="<b>many")
    assert wrong["statusCode"] == 422
    assert "&lt;b&gt;many" in wrong["body"]


def test_r1_the_agents_sheet_is_read_and_changes_nothing(serving: Site) -> None:
    before = serving.stored()
    for method in ("GET", "HEAD") * 5:
        answer = serving.request(method, f"/d/{SERVICE_LINK}/answers")
        assert answer["statusCode"] == 200
    assert serving.stored() == before
    assert "Content-Security-Policy" in answer["headers"]
    sheet = serving.request("GET", f"/d/{SERVICE_LINK}/answers")["body"]
    assert f'href="https://pages.example/d/{SERVICE_LINK}"' in sheet


def test_r6_the_agents_sheet_is_customer_services_alone_and_lasts_until_the_incident_is_over(serving: Site) -> None:
    for link in (TEAM_LINK, PR_LINK, "unknown"):
        assert serving.request("GET", f"/d/{link}/answers")["statusCode"] == 404
    serving.press("completed", SERVICE_LINK, measures="Done")
    assert serving.request("GET", f"/d/{SERVICE_LINK}/answers")["statusCode"] == 200
    incidents = DynamoIncidents(serving.table)
    incidents.save(replace(incidents.get("INC-1"), status=IncidentStatus.CLOSED))
    assert serving.request("GET", f"/d/{SERVICE_LINK}/answers")["statusCode"] == 410


DRAFT = {
    "phase": "first_notice",
    "title-zh-Hant": "部分訂單無法送出",
    "text-zh-Hant": "我們正在處理。",
    "title-en": "Some orders fail",
    "text-en": "We are working on it.\r\n\r\nMore soon.",
}


def draft(site: Site, link: str = PR_LINK, **fields: str) -> dict[str, Any]:
    """Sends the form of the page on which statements are written."""
    form = {"nonce": site.nonce(link), "once": "one", **DRAFT, **fields}
    return site.request("POST", f"/d/{link}/statement", urlencode(form), encoded=True)


def statements(site: Site) -> list[Decision]:
    decisions = DynamoIncidents(site.table).record("INC-1").decisions.values()
    return [decision for decision in decisions if decision.kind is DecisionKind.STATEMENT]


def test_p63_a_statement_is_written_on_its_own_page_and_goes_to_others(working: Site) -> None:
    page = working.request("GET", f"/d/{PR_LINK}/statement")
    assert page["statusCode"] == 200
    form = Read(page["body"]).forms[0]
    assert form.fields["phase"] == ["first_notice"]
    assert set(DRAFT) <= set(form.fields)
    assert all(form.fields[name][0] for name in DRAFT)
    for _ in range(2):
        answer = draft(working)
        assert answer["statusCode"] == 303
        assert answer["headers"]["Location"] == f"https://pages.example/d/{PR_LINK}?done=statement"
    (question,) = statements(working)
    assert question.statement
    assert question.statement.texts["en"].text == "We are working on it.\n\nMore soon."
    assert PR_LEAD not in {who for rung in question.rungs for who in rung}
    assert working.released == [("INC-1", question.id, DecisionKind.STATEMENT)]
    assert working.facts().count("statement_drafted") == 1
    assert "部分訂單無法送出" in working.request("GET", f"/d/{PR_LINK}")["body"]


@pytest.mark.parametrize(("query", "phase"), [("phase=resolved", "resolved"), ("phase=x", "first_notice")])
def test_another_phase_has_another_draft(working: Site, query: str, phase: str) -> None:
    page = working.request("GET", f"/d/{PR_LINK}/statement", query=query)
    assert Read(page["body"]).forms[0].fields["phase"] == [phase]


@pytest.mark.parametrize(
    "fields",
    [
        {"title-en": ""},
        {"title-en": "x" * 121},
        {"text-zh-Hant": "長" * 2_001},
        {"text-en": "<script>alert(1)</script>"},
        {"text-en": "turned \u202e around"},
        {"phase": "over"},
        {"phase": ""},
    ],
)
def test_a_statement_that_cannot_be_used_is_shown_again_as_it_was_written(
    working: Site, fields: dict[str, str]
) -> None:
    before = working.stored()
    answer = draft(working, **fields)
    assert answer["statusCode"] == 422
    assert "<script>alert(1)" not in answer["body"]
    assert "我們正在處理。" in answer["body"] or "text-zh-Hant" in fields
    assert working.stored() == before
    assert not working.released


@pytest.mark.parametrize("link", [TEAM_LINK, LINK, HELP_LINK])
def test_r6_nobody_else_writes_statements(working: Site, link: str) -> None:
    before = working.stored()
    assert working.request("GET", f"/d/{link}/statement")["statusCode"] == 404
    assert draft(working, link)["statusCode"] == 404
    assert working.stored() == before


def test_a_forged_statement_is_refused(working: Site) -> None:
    before = working.stored()
    assert draft(working, nonce="forged")["statusCode"] == 403
    assert working.stored() == before


def test_more_statements_than_an_incident_takes_are_a_clear_answer(
    working: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft_statement, "MOST_STATEMENTS", 0)
    answer = draft(working)
    assert answer["statusCode"] == 429
    assert "Some orders fail" in answer["body"]


def test_once_the_team_is_done_nothing_is_written(working: Site) -> None:
    nonce = working.nonce(PR_LINK)
    working.press("completed", PR_LINK, measures="Said")
    assert working.request("GET", f"/d/{PR_LINK}/statement")["statusCode"] == 410
    body = urlencode({"nonce": nonce, "once": "one", **DRAFT})
    assert working.request("POST", f"/d/{PR_LINK}/statement", body, encoded=True)["statusCode"] == 409
    assert not statements(working)


def test_a_draft_that_came_back_stands_in_the_form_with_its_remarks(working: Site) -> None:
    draft(working)
    (question,) = statements(working)
    answer = Answer(
        outcome=Outcome.RETURNED, by="chief-executive", at=NOW, fields={"comment": "Say since when"}, voters=()
    )
    DynamoDecisions(working.table).save(replace(question, answer=answer))
    page = working.request("GET", f"/d/{PR_LINK}/statement")["body"]
    assert "Say since when" in page
    assert Read(page).forms[0].fields["title-en"] == ["Some orders fail"]
    other = working.request("GET", f"/d/{PR_LINK}/statement", query="phase=resolved")["body"]
    assert "Say since when" not in other


def test_whoever_approves_reads_every_word_in_every_language(working: Site) -> None:
    draft(working)
    (question,) = statements(working)
    link = Link(
        digest=digest_of("A" * 43),
        incident_id="INC-1",
        decision_id=question.id,
        contact=question.rungs[0][0],
        level=0,
        made_at=NOW,
    )
    DynamoDecisions(working.table).save(
        asking(question, level=0, task_token="token", place=PLACE, now=NOW), links=[link]
    )
    page = working.request("GET", f"/d/{'A' * 43}")["body"]
    for name, value in DRAFT.items():
        for line in value.split("\r\n\r\n"):
            assert line in page or name == "phase"
    assert 'value="approved"' in page
    assert 'value="returned"' in page
