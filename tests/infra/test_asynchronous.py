"""R17: whatever is handed on asynchronously is tried again, then kept in a queue, which raises an alarm that pages.

For the home and for what a monitored region gets.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.infra.conftest import STACKS
from tests.infra.template import Properties, Template, target_of

BY_THE_RULE = {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}


@pytest.fixture(scope="session", params=["EmergencyResponse", *STACKS])
def stack(fleet: Path, request: pytest.FixtureRequest) -> Template:
    return Template.read(fleet, request.param)


def test_a_rule_s_target(stack: Template) -> None:
    targets = [target for rule in stack.of_type("AWS::Events::Rule").values() for target in rule["Targets"]]
    assert targets
    for target in targets:
        assert target["RetryPolicy"] == BY_THE_RULE
        assert target_of(target["DeadLetterConfig"]["Arn"]) in watched_queues(stack)


def test_a_subscription_of_a_topic(stack: Template) -> None:
    subscriptions = stack.of_type("AWS::SNS::Subscription").values()
    assert subscriptions
    for subscription in subscriptions:
        assert target_of(subscription["RedrivePolicy"]["deadLetterTargetArn"]) in watched_queues(stack)


def test_a_function_that_reads_a_queue_or_a_stream(stack: Template) -> None:
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping").values():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert kept_in(stack, mapping) in watched_queues(stack)


def test_a_function_that_is_called_without_waiting(stack: Template) -> None:
    """What EventBridge calls: Lambda takes the event, so that the rule's own retries are over before it runs."""
    called = {
        target_of(target["Arn"])
        for rule in stack.of_type("AWS::Events::Rule").values()
        for target in rule["Targets"]
        if isinstance(target["Arn"], dict)
        and stack.resources[target_of(target["Arn"])]["Type"] == "AWS::Lambda::Function"
    }
    configured = {c["FunctionName"]["Ref"]: c for c in stack.of_type("AWS::Lambda::EventInvokeConfig").values()}
    assert configured.keys() == called
    for options in configured.values():
        assert options["MaximumRetryAttempts"] > 0
        assert target_of(options["DestinationConfig"]["OnFailure"]["Destination"]) in watched_queues(stack)


def test_no_other_way_of_handing_on_has_slipped_in(stack: Template) -> None:
    """A resource type that hands on asynchronously belongs into one of the tests above."""
    kinds = {resource["Type"] for resource in stack.resources.values()}
    assert not kinds & {
        "AWS::Pipes::Pipe",
        "AWS::Scheduler::Schedule",
        "AWS::Events::Connection",
        "AWS::SES::ReceiptRule",
    }
    for bucket in stack.of_type("AWS::S3::Bucket").values():
        assert "NotificationConfiguration" not in bucket


def test_a_queue_is_either_read_and_hands_over_what_fails_or_is_a_last_stop_that_raises_an_alarm(
    stack: Template,
) -> None:
    queues = stack.of_type("AWS::SQS::Queue")
    read = {name for name, queue in queues.items() if "RedrivePolicy" in queue}
    assert queues.keys() - read == stack.dead_letter_queues() == watched_queues(stack)


def kept_in(stack: Template, mapping: Properties) -> str:
    """The queue for what a mapping's function fails on."""
    source = stack.resources[target_of(mapping["EventSourceArn"])]
    if source["Type"] == "AWS::SQS::Queue":
        return target_of(source["Properties"]["RedrivePolicy"]["deadLetterTargetArn"])
    assert mapping["MaximumRecordAgeInSeconds"] > 0
    return target_of(mapping["DestinationConfig"]["OnFailure"]["Destination"])


def watched_queues(stack: Template) -> set[str]:
    """The queues whose first message raises an alarm that pages."""
    return {
        _one(alarm["Dimensions"])["Value"]["Fn::GetAtt"][0]
        for alarm in stack.of_type("AWS::CloudWatch::Alarm").values()
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        and (alarm["Threshold"], alarm["EvaluationPeriods"]) == (0, 1)
        and any(action["Ref"].startswith("TopicsLeadership") for action in alarm["AlarmActions"])
    }


def _one(values: list[Any]) -> Any:
    (value,) = values
    return value
