"""Mails that don't simply arrive: what SendEmail answers, what SES tells afterwards, and whom that reaches."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.engine import clients
from local.engine.mail_faults import MailFaultKind
from tests.support.engine_app import function, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.mailbox import Mail
    from local.stack import LocalStack

HEAR = """
import json, os, pathlib
HEARD = pathlib.Path(os.environ["HEARD"])

def handler(event, context):
    with HEARD.open("a") as heard:
        for record in event["Records"]:
            heard.write(record["body"] + "\\n")
"""


def arn(logical_id: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def destination(name: str, *types: str, **properties: Any) -> dict[str, Any]:
    bus = {"Fn::Sub": "arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"}
    return {
        "Type": "AWS::SES::ConfigurationSetEventDestination",
        "Properties": {
            "ConfigurationSetName": {"Ref": name},
            "EventDestination": {
                "Enabled": True,
                "EventBridgeDestination": {"EventBusArn": bus},
                "MatchingEventTypes": [*types],
                **properties,
            },
        },
    }


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("heard") / "heard.jsonl"
    file.touch()
    return file


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, heard: Path) -> Iterator[LocalStack]:
    resources = {
        "HearFunction": function("hear", Environment={"Variables": {"HEARD": str(heard)}}),
        "Identity": {"Type": "AWS::SES::EmailIdentity", "Properties": {"EmailIdentity": "shop.example"}},
        "Mails": {"Type": "AWS::SES::ConfigurationSet", "Properties": {"Name": "mails"}},
        "Quiet": {"Type": "AWS::SES::ConfigurationSet", "Properties": {"Name": "quiet"}},
        "Events": destination("Mails", "bounce", "complaint", "reject", "deliveryDelay"),
        "BouncesOnly": destination("Quiet", "BOUNCE", Enabled=False),
        "Metrics": destination("Quiet", "bounce", EventBridgeDestination=None),
        "Complaints": destination("Quiet", "complaint"),
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"source": ["aws.ses"], "detail": {"mail": {"tags": {"incident": [{"exists": True}]}}}},
                "Targets": [{"Id": "queue", "Arn": arn("Queue")}],
            },
        },
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"EventSourceArn": arn("Queue"), "FunctionName": {"Ref": "HearFunction"}},
        },
    }
    with running(tmp_path_factory.mktemp("app"), resources, {"hear": HEAR}) as stack:
        yield stack


def send(engine: LocalStack, *to: str, configuration_set: str | None = "mails", retries: int = 0) -> str:
    raw = f"From: Plan <plan@shop.example>\r\nTo: {', '.join(to)}\r\nSubject: Decide\r\nX-Own: 1\r\n\r\nHello"
    ses = clients.client(
        "sesv2",
        endpoint=engine.url,
        region="ap-northeast-1",
        key_id="TEST",
        config=Config(retries={"total_max_attempts": 1 + retries}),
    )
    named = {"ConfigurationSetName": configuration_set} if configuration_set else {}
    return str(
        ses.send_email(
            FromEmailAddress="plan@shop.example",
            Destination={"ToAddresses": [*to]},
            Content={"Raw": {"Data": raw.encode()}},
            EmailTags=[{"Name": "incident", "Value": "INC-1"}, {"Name": "contact", "Value": "head"}],
            **named,
        )["MessageId"]
    )


def events(engine: LocalStack, heard: Path, message_id: str) -> list[dict[str, Any]]:
    engine.wait_until(engine.is_idle, 20, "the mail events")
    told = [json.loads(line) for line in heard.read_text().splitlines()]
    return [event for event in told if event["detail"]["mail"]["messageId"] == message_id]


def kept(engine: LocalStack, message_id: str) -> Mail:
    mail = engine.mailbox.find(message_id)
    assert mail is not None
    return mail


def test_an_ordinary_mail_arrives_and_nothing_is_said_of_it(engine: LocalStack, heard: Path) -> None:
    message_id = send(engine, "fine@shop.example")
    assert events(engine, heard, message_id) == []
    assert kept(engine, message_id).lost == ""


def test_a_bounced_mail_is_lost_and_told_of_as_ses_does(engine: LocalStack, heard: Path) -> None:
    engine.mail_faults.fail("GONE@*", MailFaultKind.BOUNCE)
    message_id = send(engine, "Gone@shop.example")
    (event,) = events(engine, heard, message_id)
    assert (event["source"], event["detail-type"], event["account"]) == ("aws.ses", "Email Bounced", "123456789012")
    assert event["resources"] == ["arn:aws:ses:ap-northeast-1:123456789012:configuration-set/mails"]
    detail = event["detail"]
    assert detail["eventType"] == "Bounce"
    bounce = detail["bounce"]
    assert (bounce["bounceType"], bounce["bounceSubType"]) == ("Permanent", "General")
    (recipient,) = bounce["bouncedRecipients"]
    assert (recipient["emailAddress"], recipient["action"], recipient["status"]) == (
        "Gone@shop.example",
        "failed",
        "5.1.1",
    )
    assert bounce["feedbackId"]
    assert bounce["timestamp"].endswith("Z")
    mail = detail["mail"]
    assert mail["destination"] == ["Gone@shop.example"]
    assert mail["source"] == "Plan <plan@shop.example>"
    assert {"name": "X-Own", "value": "1"} in mail["headers"]
    assert (
        mail["tags"].items() >= {"ses:configuration-set": ["mails"], "incident": ["INC-1"], "contact": ["head"]}.items()
    )
    assert kept(engine, message_id).lost == "bounce"
    assert kept(engine, message_id).summary()["lost"] == "bounce"


@pytest.mark.parametrize(
    ("kind", "detail_type", "part", "says", "lost"),
    [
        ("soft_bounce", "Email Bounced", "bounce", {"bounceType": "Transient", "bounceSubType": "General"}, True),
        (
            "suppressed",
            "Email Bounced",
            "bounce",
            {"bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList"},
            True,
        ),
        ("complaint", "Email Complaint Received", "complaint", {"complaintFeedbackType": "abuse"}, False),
        ("reject", "Email Rejected", "reject", {"reason": "Bad content"}, True),
        (
            "delay",
            "Email Delivery Delayed",
            "deliveryDelay",
            {"delayType": "TransientCommunicationFailure"},
            False,
        ),
    ],
)
def test_the_other_kinds(
    engine: LocalStack, heard: Path, kind: str, detail_type: str, part: str, says: dict[str, str], *, lost: bool
) -> None:
    engine.mail_faults.fail(f"{kind}@*", MailFaultKind(kind), 1)
    message_id, again = send(engine, f"{kind}@shop.example"), send(engine, f"{kind}@shop.example")
    (event,) = events(engine, heard, message_id)
    assert event["detail-type"] == detail_type
    assert event["detail"][part].items() >= says.items()
    assert kept(engine, message_id).lost == (kind if lost else "")
    assert engine.mail_faults.fired(MailFaultKind(kind)) == 1
    assert events(engine, heard, again) == []
    assert kept(engine, again).lost == ""


def test_a_mail_that_bounced_for_one_reader_reached_the_other(engine: LocalStack, heard: Path) -> None:
    engine.mail_faults.fail("one@shop.example", MailFaultKind.BOUNCE)
    message_id = send(engine, "one@shop.example", "two@shop.example")
    (event,) = events(engine, heard, message_id)
    assert [r["emailAddress"] for r in event["detail"]["bounce"]["bouncedRecipients"]] == ["one@shop.example"]
    assert kept(engine, message_id).lost == ""


def test_the_event_comes_after_the_sender_has_its_answer(engine: LocalStack, heard: Path) -> None:
    engine.mail_faults.fail("later@*", MailFaultKind.BOUNCE)
    events(engine, heard, "")
    message_id = send(engine, "later@shop.example")
    assert engine._queues_are_empty()
    assert not engine.is_idle()
    assert len(events(engine, heard, message_id)) == 1


@pytest.mark.parametrize("configuration_set", ["quiet", None])
def test_without_a_destination_that_names_the_kind_nobody_is_told(
    engine: LocalStack, heard: Path, configuration_set: str | None
) -> None:
    engine.mail_faults.fail("quiet@*", MailFaultKind.BOUNCE, 1)
    message_id = send(engine, "quiet@shop.example", configuration_set=configuration_set)
    assert events(engine, heard, message_id) == []
    assert kept(engine, message_id).lost == "bounce"


@pytest.mark.parametrize(
    ("kind", "code", "status"), [("refuse", "MessageRejected", 400), ("throttle", "TooManyRequestsException", 429)]
)
def test_send_email_itself_can_refuse(engine: LocalStack, kind: str, code: str, status: int) -> None:
    before = len(engine.mailbox.mails)
    engine.mail_faults.fail(f"{kind}@*", MailFaultKind(kind), 1)
    with pytest.raises(ClientError) as refused:
        send(engine, f"{kind}@shop.example")
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert len(engine.mailbox.mails) == before
    assert kept(engine, send(engine, f"{kind}@shop.example")).lost == ""


def test_a_throttled_sender_gets_through_when_it_tries_again(engine: LocalStack) -> None:
    engine.mail_faults.fail("patient@*", MailFaultKind.THROTTLE, 1)
    assert kept(engine, send(engine, "patient@shop.example", retries=2))
