"""`python -m local dead-letters --aws`: what it reads of queues that look as CloudFormation and AWS leave them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from local.cli import main
from local.dead_letters import DeadLetter, DeadLetterQueue, DeadLetters

STACK = "EmergencyResponse"
MAIL = "somebody@company.example"
BOUNCED = {
    "detail-type": "Email Bounced",
    "detail": {"mail": {"destination": [MAIL]}, "bounce": {"bouncedRecipients": [{"emailAddress": MAIL}]}},
}


def make_queue(logical_id: str, redrive_policy: str = "") -> str:
    """A queue under a name as CloudFormation makes it. Returns the URL."""
    name = f"{STACK}-{logical_id}-Xk3JdE82kdAb"
    queues = boto3.client("sqs")
    url = queues.create_queue(QueueName=name)["QueueUrl"]
    if redrive_policy:
        queues.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": redrive_policy})
    return url


def put(url: str, body: object, **attributes: str) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    noted: Any = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody=text, MessageAttributes=noted)


def found() -> dict[str, DeadLetterQueue]:
    return {queue.name: queue for queue in letters().queues()}


def letters() -> DeadLetters:
    return DeadLetters(sqs=boto3.client("sqs"), events=boto3.client("events"), stack=STACK)


def only_letter(body: object, **attributes: str) -> DeadLetter:
    put(make_queue("TopicsUndeliveredPages7FE4E5CA"), body, **attributes)
    (letter,) = letters().letters(found()["UndeliveredPages"])
    return letter


@pytest.mark.parametrize(
    ("logical_id", "name"),
    [
        ("IntakeRejectedSignals19946DA5", "RejectedSignals"),
        ("FollowUpUnfollowedDecisions9C5DE7E8", "UnfollowedDecisions"),
        ("FollowUpUnfollowedIncidentsCA0614EF", "UnfollowedIncidents"),
        ("StatusSiteUnrefreshedStatusPagesA1B2C3D4", "UnrefreshedStatusPages"),
        ("ForwarderUndeliveredSignalsB83428D8", "UndeliveredSignals"),
        ("SomethingElse0A1B2C3D", f"{STACK}-SomethingElse0A1B2C3D-Xk3JdE82kdAb"),
    ],
)
def test_a_queue_is_called_as_in_the_documentation(logical_id: str, name: str) -> None:
    make_queue(logical_id)
    assert list(found()) == [name]


def test_only_this_stack_s_last_stops_are_found_each_with_the_queue_that_it_stands_behind() -> None:
    make_queue("TopicsUndeliveredPages7FE4E5CA")
    boto3.client("sqs").create_queue(QueueName="Shop-RejectedOrders")
    rejected, undelivered = make_queue("IntakeRejectedSignals19946DA5"), make_queue("IntakeUndeliveredSignals96C79677")
    arns = {url: f"arn:aws:sqs:ap-northeast-1:123456789012:{url.rpartition('/')[2]}" for url in (rejected, undelivered)}
    policy = json.dumps({"deadLetterTargetArn": arns[rejected], "maxReceiveCount": 360})
    signals = make_queue("IntakeSignals5AA4B3C1", policy).rpartition("/")[2]
    signals_arn = f"arn:aws:sqs:ap-northeast-1:123456789012:{signals}"
    events = boto3.client("events")
    events.put_rule(Name="alarms", EventPattern='{"source": ["aws.cloudwatch"]}')
    target = {"Id": "queue", "Arn": signals_arn, "DeadLetterConfig": {"Arn": arns[undelivered]}}
    events.put_targets(Rule="alarms", Targets=[target])  # type: ignore[list-item]
    assert {name: queue.destination for name, queue in found().items()} == {
        "RejectedSignals": signals_arn,
        "UndeliveredPages": "",
        "UndeliveredSignals": signals_arn,
    }


@pytest.mark.parametrize(
    ("body", "attributes", "reason", "event"),
    [
        ({"detail": {"alarmName": "db-down"}}, {"reason": "$.id: missing"}, "$.id: missing", "db-down"),
        (
            {"detail": {"type": "Policy:S3"}, "detail-type": "Macie Finding"},
            {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "not authorised"},
            "NO_PERMISSIONS: not authorised",
            "Policy:S3",
        ),
        (BOUNCED, {}, "its function failed on it again and again; its log says why", "Email Bounced"),
        (
            {"requestPayload": {"detail-type": "Scheduled Event"}, "responsePayload": {"errorMessage": "no bucket"}},
            {},
            "no bucket",
            "Scheduled Event",
        ),
        (
            {"requestContext": {"condition": "RetryAttemptsExhausted", "functionArn": "arn:aws:lambda:x:1:function:f"}},
            {},
            "RetryAttemptsExhausted",
            "f",
        ),
        ("[" * 9000, {"reason": "no JSON"}, "no JSON", "not an event"),
        ('["a", "list"]', {"reason": "no object"}, "no object", "not an event"),
        ({"detail": {"alarmName": {"odd": 1}}, "detail-type": 7}, {"reason": "odd"}, "odd", "not an event"),
        ({"detail": {"alarmName": "a\x1b]0;\n" + "x" * 999}}, {"reason": "r"}, "r", "a\ufffd]0;\ufffd" + "x" * 294),
    ],
)
def test_it_is_said_why_a_message_lies_there_and_what_it_is_about(
    body: object, attributes: Mapping[str, str], reason: str, event: str
) -> None:
    letter = only_letter(body, **attributes)
    assert (letter.reason, letter.event) == (reason, event)


def test_nobody_s_address_is_shown() -> None:
    assert MAIL not in repr(only_letter(BOUNCED))


def test_a_full_queue_is_shown_in_part_and_redriven_as_a_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    rejected = make_queue("IntakeRejectedSignals19946DA5")
    for number in range(103):
        put(rejected, {"detail": {"alarmName": f"alarm-{number}"}}, reason="test")
    signals = boto3.client("sqs", region_name="eu-west-1").create_queue(QueueName="signals")["QueueUrl"]
    assert main(["dead-letters", "--aws"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("alarm-") == 100
    assert "and 3 more" in shown
    to = "arn:aws:sqs:eu-west-1:123456789012:signals"
    assert main(["dead-letters", "--aws", "--redrive", "--queue", "RejectedSignals", "--to", to]) == 0
    assert capsys.readouterr().out.strip() == "RejectedSignals: 103 of 103 redriven."
    counted = boto3.client("sqs", region_name="eu-west-1").get_queue_attributes(
        QueueUrl=signals, AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]
    assert counted == {"ApproximateNumberOfMessages": "103"}
    assert found()["RejectedSignals"].waiting == 0


def test_a_message_is_gone_only_when_it_has_arrived() -> None:
    """Whoever is interrupted between the two finds it here again: an event counts once, however often it comes."""
    put(make_queue("IntakeRejectedSignals19946DA5"), {"detail": {}})
    with pytest.raises(boto3.client("sqs").exceptions.QueueDoesNotExist):
        letters().redrive(found()["RejectedSignals"], boto3.client("sqs"), "https://sqs/123456789012/gone")
    url = found()["RejectedSignals"].url
    counted = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert int(counted["ApproximateNumberOfMessages"]) + int(counted["ApproximateNumberOfMessagesNotVisible"]) == 1


def test_without_a_stack_there_it_says_where_to_look(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dead-letters", "--aws"]) == 1
    assert "there is no queue of a stack EmergencyResponse here; --stack, --region" in capsys.readouterr().err
