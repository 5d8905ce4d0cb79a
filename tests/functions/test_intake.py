"""Intake as Lambda runs it: batches, failures one by one, rejections, and what is counted."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import boto3
import pytest

from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.signals import DynamoSignals
from emergency.aws.table import RecordsTable
from emergency.domain.signal import Disposition, SignalRecord
from emergency.identities import RandomIdentities, pause, utc_now
from emergency.use_cases.report_incident import ReportIncident
from intake import handler as module
from tests.functions.conftest import at_once
from tests.support.events import alarm
from tests.support.memory import MemoryWorkflow
from tests.support.plans import small_plan


@pytest.fixture
def queue(table: RecordsTable, example: None, monkeypatch: pytest.MonkeyPatch) -> str:
    url = boto3.client("sqs").create_queue(QueueName="dead")["QueueUrl"]
    monkeypatch.setenv("RECORDS_TABLE", "records")
    monkeypatch.setenv("RESPONSE_STATE_MACHINE", "arn:aws:states:ap-northeast-1:123456789012:stateMachine:m")
    monkeypatch.setenv("DEAD_LETTER_QUEUE", url)
    monkeypatch.setenv("OWN_ALARM_PREFIX", "EmergencyResponse-")
    for cached in (module._settings, module._signals, module._report, module._reject, module._take):
        cached.cache_clear()
    monkeypatch.setattr(StepFunctionsWorkflow, "start", lambda _self, _incident_id: None)
    return url


def batch(*bodies: object) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "r",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:ap-northeast-1:123456789012:signals",
                "awsRegion": "ap-northeast-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def test_a_batch_is_taken_event_by_event(queue: str, table: RecordsTable, context: Any) -> None:
    broken = {**alarm(event_id="broken"), "detail": {}}
    answer = module.handler(batch(alarm(), broken, "no json", alarm(event_id="2")), context)
    assert answer == {"batchItemFailures": []}
    signals = DynamoSignals(table)
    found = {key: record.disposition for key in ("broken", "m2", "2") if (record := signals.recorded(key))}
    assert found == {"broken": Disposition.REJECTED, "m2": Disposition.REJECTED, "2": Disposition.JOINED}
    messages = boto3.client("sqs").receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )["Messages"]
    reasons = {message["MessageAttributes"]["reason"]["StringValue"] for message in messages}
    assert len(messages) == 2
    assert any("alarmName" in reason for reason in reasons)


@pytest.mark.parametrize(
    "body", ["[" * 200_000, json.dumps({**alarm(event_id="\ud800")}), json.dumps(alarm(at="0001-01-01T00:00:00+14:00"))]
)
def test_a_body_that_trips_its_readers_is_rejected_with_its_reason(
    queue: str, table: RecordsTable, context: Any, body: str
) -> None:
    assert module.handler(batch(body), context) == {"batchItemFailures": []}
    (message,) = boto3.client("sqs").receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"]
    assert message["MessageAttributes"]["reason"]["StringValue"]


def test_only_what_failed_comes_again(
    queue: str, table: RecordsTable, context: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_self: object, _incident_id: str) -> None:
        raise ConnectionError("Step Functions can't be reached")

    monkeypatch.setattr(StepFunctionsWorkflow, "start", refuse)
    answer = module.handler(batch(alarm(), alarm(event_id="2", state="INSUFFICIENT_DATA")), context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert "signal comes again" in caplog.text


def test_what_became_of_signals_is_counted(queue: str, context: Any, capsys: pytest.CaptureFixture[str]) -> None:
    module.handler(batch(alarm(), alarm(event_id="2")), context)
    assert "SignalsOpened" in (said := capsys.readouterr().out)
    assert "SignalsJoined" in said


def reporting(table: RecordsTable) -> ReportIncident:
    """An intake with connections of its own, as each environment of a function has."""
    return ReportIncident(
        plan=small_plan(),
        signals=DynamoSignals(RecordsTable(table.name)),
        workflow=MemoryWorkflow(),
        identities=RandomIdentities(),
        clock=utc_now,
        pause=pause,
    )


def test_of_intakes_that_take_one_cause_at_once_one_opens_and_all_are_counted(table: RecordsTable) -> None:
    runs = [partial(reporting(table), alarm(f"checkout-{number}", event_id=f"e{number}")) for number in range(6)]
    taken = at_once(runs)
    dispositions = [record.disposition for record in taken if isinstance(record, SignalRecord)]
    assert sorted(dispositions) == [Disposition.JOINED] * 5 + [Disposition.OPENED]
    (incident,) = DynamoSignals(table).register().incidents
    tally = DynamoSignals(table).tally(incident.id)
    assert tally is not None
    assert (tally.signals, tally.alarms, tally.on) == (6, 6, 6)


def test_a_composite_and_its_child_at_once_open_one_incident(table: RecordsTable) -> None:
    """Neither knows of the other when it is read: only the register that both write tells them."""
    child = alarm("web-a", event_id="child")
    parent = alarm("web", event_id="parent", configuration={"alarmRule": 'ALARM("web-a")'})
    taken = at_once([partial(reporting(table), child), partial(reporting(table), parent)])
    assert len({record.incident_id for record in taken if isinstance(record, SignalRecord)}) == 1
    assert len(DynamoSignals(table).register().incidents) == 1


def test_one_event_taken_at_once_by_many_is_counted_once(table: RecordsTable) -> None:
    taken = at_once([partial(reporting(table), alarm()) for _ in range(5)])
    assert {record.disposition for record in taken if isinstance(record, SignalRecord)} == {Disposition.OPENED}
    (incident,) = DynamoSignals(table).register().incidents
    tally = DynamoSignals(table).tally(incident.id)
    assert tally is not None
    assert tally.signals == 1
