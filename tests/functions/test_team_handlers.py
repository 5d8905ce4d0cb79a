"""The functions of teams' work as Step Functions calls them: their payloads, their answers, and a second call (R24)."""

from __future__ import annotations

import hashlib
import importlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import boto3
import msgspec
import pytest
from botocore.stub import ANY, Stubber

from emergency.aws.clocks import DynamoDeadlines
from emergency.aws.records import DynamoAssignments, DynamoDecisions, DynamoIncidents
from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.signals import DynamoSignals
from emergency.aws.stock import DynamoHotlines, DynamoInventory
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.classification import incident_from, rule_for
from emergency.domain.deadline import ClockKind, Watched, duties_of, presumed
from emergency.domain.decision import NoticeClock, Vote, prepared, voted
from emergency.domain.errors import ContactCentreUnavailable, UnusablePayload
from emergency.domain.event import read_signal
from emergency.domain.incident import Orders, ordered, proposed
from emergency.domain.signal import Disposition, SignalRecord
from emergency.domain.terms import DecisionKind, Outcome, Risk, Severity, Step, Team
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from tests.support.events import alarm
from tests.support.opening import open_incident

NOW = datetime.now(UTC)
PLACE = {"execution": "INC-1", "state": "A state"}
SETTINGS = {
    "RECORDS_TABLE": "records",
    "PAGES_URL": "https://pages.example",
    "ARCHIVE_BUCKET": "archive",
    "CONFIGURATION_SET": "mail",
    "DEADLINE_STATE_MACHINE": "arn:aws:states:ap-northeast-1:123456789012:stateMachine:deadline",
}


@dataclass
class Response:
    """An activated data breach of severity I, and the functions that work on it."""

    table: RecordsTable
    context: Any
    clocks: list[tuple[str, ClockKind]] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)

    def call(self, function: str, **payload: object) -> Any:
        """Calls a function twice, as any state may be retried; gives its second answer."""
        module = importlib.import_module(f"{function}.handler")
        event = {"incident_id": "INC-1", "place": PLACE, **payload}
        module.handler(event, self.context)
        return module.handler(event, self.context)

    def facts(self) -> list[str]:
        return [entry.fact.value for entry in DynamoIncidents(self.table).timeline("INC-1")]


@pytest.fixture
def response(table: RecordsTable, example: None, context: Any, monkeypatch: pytest.MonkeyPatch) -> Response:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    for function in ("task_force", "deadlines", "team_assignment", "customer_hotline", "resources", "report"):
        for part in vars(importlib.import_module(f"{function}.handler")).values():
            if hasattr(part, "cache_clear") and part.__module__.startswith(function):
                part.cache_clear()
    boto3.client("sesv2").create_email_identity(EmailIdentity="banyan-market.example")
    boto3.client("s3").create_bucket(
        Bucket="archive", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    plan, signal = compiled_plan(), read_signal(alarm())
    opened = incident_from(signal, rule_for(signal, plan), plan, incident_id="INC-1", now=NOW)
    incident = proposed(replace(opened, risk=Risk.DATA_BREACH, named_playbook="", severity=Severity.SEV1), plan)
    entry = TimelineEntry(
        key="signal/s",
        at=NOW,
        step=Step.INCIDENT_REPORT,
        fact=Fact.SIGNAL_OPENED,
        actor=SYSTEM,
        place=Place(**PLACE),
        details={"name": signal.name, "reason": signal.reason, "region": signal.region},
    )
    record = SignalRecord(id="s", disposition=Disposition.OPENED, at=NOW, received_at=NOW, incident_id="INC-1")
    open_incident(DynamoSignals(table), incident, record, entry)
    orders = Orders(
        decision_id="orders",
        outcome=Outcome.ACTIVATE,
        severity=Severity.SEV1,
        teams=tuple(Team),
        task_force=tuple(plan.teams[team].lead for team in Team),
        by="chief-executive",
        at=NOW,
    )
    DynamoIncidents(table).save(ordered(incident, orders))
    response = Response(table, context)

    def start_clock(_self: object, _incident: str, clock: str, kind: ClockKind, seconds: int = 0) -> None:
        assert seconds >= 0
        if (clock, kind) not in response.clocks:
            response.clocks.append((clock, kind))

    monkeypatch.setattr(StepFunctionsWorkflow, "start_clock", start_clock)
    monkeypatch.setattr(StepFunctionsWorkflow, "end_clock", lambda _self, *told: response.ended.append(told))
    return response


def test_the_task_force_is_introduced_and_the_clocks_begin(response: Response) -> None:
    assert response.call("task_force") == {"introduced": 4}
    assert response.clocks == [
        ("tasks", ClockKind.WATCHED),
        ("updates", ClockKind.WATCHED),
        ("duties", ClockKind.DUTIES),
    ]
    assert response.facts().count("task_force_set_up") == 1


def test_a_team_is_assigned_and_its_automatic_tasks_are_done_whoever_came_first(response: Response) -> None:
    response.call("resources", operation="lend")
    for team in Team:
        answer = response.call("team_assignment", operation="assign", team=team)
        stored = DynamoAssignments(response.table).get("INC-1", team)
        assert stored
        assert answer == {"team": team, "tasks": len(stored.tasks)}
    assert response.facts().count("team_called") == len(Team)
    question = DynamoDecisions(response.table).get("INC-1", "complete-technical_support")
    assert question.due_at is None


def test_r24_an_execution_from_before_clean_up_calls_without_an_operation(response: Response) -> None:
    assert response.call("team_assignment", team="technical_support")["team"] == "technical_support"


def test_an_assignment_without_a_team_is_an_error_by_name(response: Response) -> None:
    with pytest.raises(UnusablePayload):
        response.call("team_assignment", operation="assign")
    with pytest.raises(msgspec.ValidationError):
        response.call("team_assignment", operation="assign", team="kitchen")


def test_clean_up_begins_once_and_the_responses_clocks_end(response: Response) -> None:
    response.call("task_force")
    response.call("team_assignment", team="technical_support")
    response.call("deadlines", operation="watch", clock="tasks", task_token="token")
    assert response.call("team_assignment", operation="clean_up") == {}
    assert response.facts().count("clean_up_began") == 1
    assert set(response.ended) == {("token", "tasks")}
    assert ("clean-up", ClockKind.WATCHED) in response.clocks
    stored = DynamoAssignments(response.table).get("INC-1", Team.TECHNICAL_SUPPORT)
    assert stored
    assert stored.of(Step.SITE_CLEAN_UP)


def test_what_is_lent_is_counted_and_returned(response: Response) -> None:
    plan, inventory = compiled_plan(), DynamoInventory(response.table)
    lent = response.call("resources", operation="lend")["loans"]
    loans = inventory.allocations("INC-1")
    assert lent == len(loans) > 0
    assert response.call("resources", operation="return") == {"loans": 0}
    for resource in plan.resources.values():
        assert inventory.stock(resource).left == resource.stock


def test_a_clock_is_watched_and_looked_at(response: Response) -> None:
    response.call("task_force")
    response.call("deadlines", operation="watch", clock="updates", task_token="token")
    stored = DynamoDeadlines(response.table).get("INC-1", Watched.UPDATES)
    assert stored
    assert stored.task_token == "token"
    look = response.call("deadlines", operation="look", clock="updates")
    assert set(look) == {"status", "seconds", "what"}
    assert look["status"] == "watch"
    assert look["seconds"] > 0
    assert response.call("deadlines", operation="look", clock="clean-up")["status"] == "over"


def test_notices_begin_once_legal_has_spoken_and_those_after_another_once_it_was_sent(response: Response) -> None:
    plan, decisions = compiled_plan(), DynamoDecisions(response.table)
    following = next(one for one in plan.deadlines.notices.values() if one.begins in plan.deadlines.notices)
    first = plan.deadlines.notices[following.begins]
    question = prepared(
        DynamoIncidents(response.table).get("INC-1"),
        plan,
        kind=DecisionKind.DUTIES,
        team=None,
        form_key="key",
        place=Place(**PLACE),
        now=NOW,
    )
    chosen = {"notices": f"{first.id},{following.id}"}
    answered = voted(question, Vote(by="head-of-legal", outcome=Outcome.CONFIRMED, at=NOW, fields=chosen))
    decisions.create(answered)
    response.call("deadlines", operation="start", clock="duties")
    assert response.clocks == [(f"notice-{first.id}", ClockKind.NOTICE)]
    notice = decisions.get("INC-1", f"notice-{first.id}")
    assert isinstance(notice.clock, NoticeClock)
    response.call("deadlines", operation="follow", clock=notice.id)
    assert len(response.clocks) == 1
    decisions.save(voted(notice, Vote(by="head-of-legal", outcome=Outcome.SENT, at=NOW, fields={"reference": "A"})))
    response.call("deadlines", operation="follow", clock=notice.id)
    assert response.clocks[1:] == [(f"notice-{following.id}", ClockKind.NOTICE)]
    assert response.facts().count("deadline_started") == 2


def test_where_nobody_could_be_asked_every_notice_in_force_begins(response: Response) -> None:
    notices = duties_of(DynamoIncidents(response.table).get("INC-1"), compiled_plan())
    owed = {f"notice-{one.id}" for one in notices if one.id in presumed(notices) and one.begins == "detected"}
    for _ in range(2):
        response.call("deadlines", operation="start", clock="duties")
    assert {clock for clock, _ in response.clocks} == owed
    assert owed
    answer = DynamoDecisions(response.table).get("INC-1", "duties").answer
    assert answer
    assert answer.outcome is Outcome.NOT_CONFIRMED


def test_p6_5_the_record_is_assembled_sealed_and_after_the_end_sealed_anew(response: Response) -> None:
    assert response.call("report", operation="assemble") == {}
    assert response.call("report", operation="write", round=1) == {"revisable": True}
    assert response.call("report", operation="seal") == {}
    response.call("report", operation="close", round=1)
    response.call("report", operation="seal")
    s3 = boto3.client("s3")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="archive")["Contents"]]
    content = {key: s3.get_object(Bucket="archive", Key=key)["Body"].read() for key in keys}
    sealed = json.loads(content["INC-1/manifest.json"])
    assert {one["name"] for one in sealed["parts"]} == set(keys) - {"INC-1/manifest.json"}
    for one in sealed["parts"]:
        assert one["sha256"] == hashlib.sha256(content[one["name"]]).hexdigest()


def test_p6_3_the_hotline_is_connected_once_and_switched_back_once(response: Response) -> None:
    """The client's stub answers each call once: a second one that did more would find no answer."""
    module = importlib.import_module("customer_hotline.handler")
    line, centre = compiled_plan().hotlines[0], compiled_plan().contact_centre
    assert centre is not None
    number = {"PhoneNumberId": line.phone_number, "InstanceId": centre.instance}
    flow = {"InstanceId": centre.instance, "ContactFlowId": line.flow}
    queue = {"Queue": {"QueueArn": f"arn:aws:connect:x:1:instance/{centre.instance}/queue/q", "Status": "DISABLED"}}
    stub = Stubber(module._centre()._client)

    def listed(flow_id: str) -> None:
        found = [{"ResourceId": f"arn:x:phone-number/{line.phone_number}", "FlowId": f"arn:x:contact-flow/{flow_id}"}]
        stub.add_response("list_flow_associations", {"FlowAssociationSummaryList": found})

    listed("usual")
    stub.add_response("update_contact_flow_content", {}, {**flow, "Content": ANY})
    stub.add_response("update_contact_flow_metadata", {}, {**flow, "Description": ANY, "ContactFlowState": "ACTIVE"})
    stub.add_response("describe_queue", queue)
    stub.add_response("associate_phone_number_contact_flow", {}, {**number, "ContactFlowId": line.flow})
    with stub:
        assert response.call("customer_hotline", operation="open") == {"hotline": line.id}
        stub.assert_no_pending_responses()
        assert response.facts()[-2:] == ["hotline_opened", "hotline_unstaffed"]
        listed(line.flow)
        stub.add_response("associate_phone_number_contact_flow", {}, {**number, "ContactFlowId": "usual"})
        stub.add_response("describe_queue", queue)
        stub.add_client_error("get_metric_data_v2", "ThrottlingException")
        stub.add_client_error("get_metric_data_v2", "ThrottlingException")
        assert response.call("customer_hotline", operation="close") == {"hotline": None}
    held = DynamoHotlines(response.table).open_for("INC-1")
    assert held is not None
    assert held.closed_at is not None
    assert response.facts()[-1] == "hotline_closed"


def test_a_hotline_that_connect_refuses_leaves_under_the_name_that_is_retried(response: Response) -> None:
    module = importlib.import_module("customer_hotline.handler")
    with Stubber(module._centre()._client) as stub:
        stub.add_client_error("list_flow_associations", "InternalServiceException")
        with pytest.raises(ContactCentreUnavailable):
            module.handler({"incident_id": "INC-1", "place": PLACE, "operation": "open"}, response.context)
    assert DynamoHotlines(response.table).open_for("INC-1") is not None
    assert "hotline_opened" not in response.facts()
