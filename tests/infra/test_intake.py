"""Signals on their way in: which events are taken, and that none is lost (R17)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.infra.template import Properties, Template, listed, target_of
from tests.support.events import samples


def event(detail_type: str, source: str = "aws.cloudwatch", **detail: Any) -> dict[str, Any]:
    """An envelope as EventBridge sends it."""
    return {
        "version": "0",
        "id": "0ff9bb51-0944-4e0c-9dfb-369bab13dfae",
        "detail-type": detail_type,
        "source": source,
        "account": "111122223333",
        "time": "2026-11-20T03:12:41Z",
        "region": "ap-northeast-1",
        "resources": [],
        "detail": detail,
    }


ALARM = "CloudWatch Alarm State Change"
OURS = "EmergencyResponse-IntakeErrors089D4F1C-1X2Y3Z"

TAKEN = {
    "single metric alarm": event(ALARM, alarmName="checkout-alb-5xx-high", state={"value": "ALARM"}),
    "the same alarm, cleared": event(ALARM, alarmName="checkout-alb-5xx-high", state={"value": "OK"}),
    "no data": event(ALARM, alarmName="warehouse-heartbeat", state={"value": "INSUFFICIENT_DATA"}),
    "composite alarm": event(
        ALARM,
        alarmName="orders-unhealthy",
        state={"value": "ALARM", "actionsSuppressedBy": "WaitPeriod"},
        configuration={"alarmRule": 'ALARM("orders-5xx")', "actionsSuppressor": "deployment"},
    ),
    "hostile name": event(ALARM, alarmName="<script>\r\nBcc: x@example.com", state={"value": "ALARM"}),
    "no name at all": event(ALARM, state={"value": "ALARM"}),
    "this system's own alarm, which intake puts on file": event(ALARM, alarmName=OURS, state={"value": "ALARM"}),
    "GuardDuty": event("GuardDuty Finding", "aws.guardduty", type="Exfiltration:S3/MaliciousIPCaller", severity=8),
    "Macie": event("Macie Finding", "aws.macie", type="Policy:IAMUser/S3BucketPublic"),
    "Health issue": event("AWS Health Event", "aws.health", eventTypeCategory="issue", service="RDS"),
    "contributor, which intake puts on file": event("CloudWatch Alarm Contributor State Change", alarmName="tables"),
    "configuration, which intake puts on file": event("CloudWatch Alarm Configuration Change", alarmName="checkout"),
    "a person's report": event("Incident Report", "emergency.report", place="checkout"),
    "what the plan maps": event("Check Changed", "shop.monitoring", check="baskets", status="failed"),
}
PASSED_BY = {
    "planned maintenance": event("AWS Health Event", "aws.health", eventTypeCategory="scheduledChange"),
    "somebody else's event of that name": event(ALARM, "shop.custom", alarmName="checkout-alb-5xx-high"),
    "another event of a source that the plan maps": event("Check Added", "shop.monitoring", check="baskets"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_takes(template: Template, name: str) -> None:
    assert len(template.rules_that_match(TAKEN[name])) == 1


SAMPLES = samples()


@pytest.mark.parametrize("name", SAMPLES)
def test_takes_every_sample(template: Template, name: str) -> None:
    assert len(template.rules_that_match(SAMPLES[name])) == 1


@pytest.mark.parametrize("name", PASSED_BY)
def test_passes_by(template: Template, name: str) -> None:
    assert not template.rules_that_match(PASSED_BY[name])


def test_every_target_of_a_rule_has_a_retry_policy_and_a_dead_letter_queue(template: Template) -> None:
    rules = template.of_type("AWS::Events::Rule")
    assert rules
    for rule in rules.values():
        for target in rule["Targets"]:
            assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
            assert template.resources[target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0]]["Type"] == "AWS::SQS::Queue"


def test_a_rule_may_write_to_its_queue_and_to_its_dead_letter_queue(template: Template) -> None:
    for name, rule in template.of_type("AWS::Events::Rule").items():
        for target in rule["Targets"]:
            for queue in filter(partial(_is_queue, template), (target["Arn"], target["DeadLetterConfig"]["Arn"])):
                assert _may_send(template, queue, source={"Fn::GetAtt": [name, "Arn"]}), name


def test_every_queue_that_is_read_hands_over_what_fails(template: Template) -> None:
    assert template.queues_read().keys() == {"intake", "mail_feedback"}
    for mapping, _ in template.queues_read().values():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_message_stays_hidden_for_six_times_as_long_as_its_function_may_take(template: Template) -> None:
    for function, (_, queue) in template.queues_read().items():
        assert queue["VisibilityTimeout"] >= 6 * template.functions()[function]["Timeout"]


def test_a_message_whose_function_failed_for_a_moment_comes_again_within_a_minute(template: Template) -> None:
    for _, queue in template.queues_read().values():
        assert queue["VisibilityTimeout"] <= 60


@pytest.mark.parametrize(("function", "seconds"), [("intake", 6 * 3600), ("mail_feedback", 5 * 60)])
def test_a_message_comes_again_for_hours_where_waiting_helps_and_for_minutes_where_a_person_must_look(
    template: Template, function: str, seconds: int
) -> None:
    """A throttled StartExecution is waited out; SQS takes 1,000 receives at most, and the queue keeps a message longer."""
    _, queue = template.queues_read()[function]
    receives = queue["RedrivePolicy"]["maxReceiveCount"]
    assert receives * queue["VisibilityTimeout"] == seconds
    assert receives <= 1000
    assert queue["MessageRetentionPeriod"] > 2 * seconds


def test_a_dead_letter_queue_keeps_messages_for_a_fortnight(template: Template) -> None:
    queues = {template.resources[name]["Type"] for name in template.dead_letter_queues()}
    assert queues == {"AWS::SQS::Queue"}
    for name in template.dead_letter_queues():
        assert template.resources[name]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


def _is_queue(template: Template, arn: Properties) -> bool:
    return bool(template.resources[target_of(arn)]["Type"] == "AWS::SQS::Queue")


def _may_send(template: Template, queue: Properties, source: Properties) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and "sqs:SendMessage" in listed(statement["Action"])
        and statement["Resource"] == queue
        and statement["Principal"] == {"Service": "events.amazonaws.com"}
        and statement["Condition"]["ArnEquals"]["aws:SourceArn"] == source
        for policy in template.of_type("AWS::SQS::QueuePolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
    )
