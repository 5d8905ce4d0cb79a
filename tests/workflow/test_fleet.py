"""Alarms of other regions and accounts open incidents in the home; what got lost on the way is shown and redriven."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from local import synth
from local.cli import main
from local.engine.delivery import Home
from local.records import IncidentRecord
from local.sample import SHOP_ALARMS
from local.stack import HOME, LocalStack
from tests.support.events import alarm

NEXT_REGION = Home(account=HOME.account, region="us-east-1")
NEXT_ACCOUNT = Home(account="222233334444", region="eu-west-1")
CONTEXT = {
    "home": {"account": HOME.account, "region": HOME.region},
    "monitored": [{"region": NEXT_REGION.region}, {"account": NEXT_ACCOUNT.account, "region": NEXT_ACCOUNT.region}],
}


BROKEN = alarm(event_id="broken", name="\x1b[31mred\nalarm", state="ON FIRE")


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with LocalStack(synth.assembly(CONTEXT), time_scale=1) as running:
        yield running


def fire(stack: LocalStack, place: Home, shop_alarm: Mapping[str, Any]) -> None:
    """As somebody in that account and region makes an alarm and sets it off."""
    cloudwatch = stack.client("cloudwatch", place)
    cloudwatch.put_metric_alarm(
        Statistic="Sum", EvaluationPeriods=3, ComparisonOperator="GreaterThanThreshold", **shop_alarm
    )
    cloudwatch.set_alarm_state(AlarmName=shop_alarm["AlarmName"], StateValue="ALARM", StateReason="drill")


def opened_by(stack: LocalStack, place: Home, shop_alarm: Mapping[str, Any]) -> IncidentRecord:
    """The incident that an alarm opens there, in the home's records."""
    before = set(stack.reader.incident_ids())
    fire(stack, place, shop_alarm)
    stack.wait_until(lambda: len(stack.reader.incident_ids()) > len(before), 20, "the incident")
    (opened,) = set(stack.reader.incident_ids()) - before
    record = stack.reader.incident(opened)
    assert record is not None
    return record


@pytest.mark.parametrize(("place", "shop_alarm"), [(NEXT_REGION, SHOP_ALARMS[0]), (NEXT_ACCOUNT, SHOP_ALARMS[3])])
def test_an_alarm_elsewhere_opens_an_incident_at_home_with_its_own_account_and_region(
    stack: LocalStack, place: Home, shop_alarm: Mapping[str, Any]
) -> None:
    record = opened_by(stack, place, shop_alarm)
    assert record.incident["signal_name"] == shop_alarm["AlarmName"]
    assert record.incident["place"]["en"].endswith(f", {place.region}")
    (opening,) = [entry["details"] for entry in record.timeline if entry["fact"] == "signal_opened"]
    assert (opening["account"], opening["region"]) == (place.account, place.region)
    stack.wait_until(lambda: any(e.name == record.id for e in stack.executions()), 20, "the execution")
    assert stack.dead_letters() == 0


def test_an_alarm_where_nothing_is_monitored_stays_there(stack: LocalStack) -> None:
    before = stack.reader.incident_ids()
    fire(stack, Home(account=HOME.account, region="us-west-2"), SHOP_ALARMS[1])
    stack.wait_until(stack.is_idle, 20, "the engine")
    assert stack.reader.incident_ids() == before


@pytest.fixture
def dead_letters(
    stack: LocalStack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """What `python -m local dead-letters` says with some options, in one line."""
    monkeypatch.setenv("COLUMNS", "200")

    def say(*options: str, status: int = 0) -> str:
        assert main(["dead-letters", "--endpoint-url", stack.url, *options]) == status
        printed = capsys.readouterr()
        return printed.out + printed.err

    return say


def put_broken(stack: LocalStack) -> None:
    before = stack.dead_letters()
    stack.put_event(BROKEN)
    stack.wait_until(lambda: stack.dead_letters() == before + 1, 20, "the dead letter")


def test_a_rejected_signal_is_shown_with_its_reason_and_can_be_looked_at_again_at_once(
    stack: LocalStack, dead_letters: Callable[..., str]
) -> None:
    put_broken(stack)
    for _ in range(2):
        shown = dead_letters()
        (row,) = [line for line in shown.splitlines() if "RejectedSignals" in line]
        assert "'ON FIRE' is no alarm state" in row
        assert "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}alarm" in row
        assert "\x1b[31m" not in shown
    assert stack.dead_letters() == 1


def test_a_redrive_sends_each_message_once_and_what_is_still_bad_comes_back(
    stack: LocalStack, dead_letters: Callable[..., str]
) -> None:
    incidents = stack.reader.incident_ids()
    for _ in range(2):
        said = dead_letters("--redrive")
        assert "RejectedSignals: 1 of 1 redriven." in said
        assert "UndeliveredSignals: 0 of 0 redriven." in said
        stack.wait_until(lambda: stack.is_idle() and stack.dead_letters() == 1, 20, "intake to reject it again")
    assert stack.reader.incident_ids() == incidents


def test_what_was_handled_already_may_be_redriven_without_harm(
    stack: LocalStack, dead_letters: Callable[..., str]
) -> None:
    """R17: as after a crash between recording a signal and taking its message from the queue."""
    event = alarm("login-5xx-high", event_id="handled-already")
    before = set(stack.reader.incident_ids())
    stack.put_event(event)
    stack.wait_until(lambda: stack.reader.signal("handled-already") is not None, 20, "intake")
    stack.wait_until(lambda: stack.is_quiet(ignoring=stack.running()), 20, "the first mail")
    (opened,) = set(stack.reader.incident_ids()) - before
    as_it_was = record_of(stack, opened)
    (rejected,) = [arn for arn in stack.loaded.queues if "RejectedSignals" in arn]
    queues = stack.client("sqs")
    url = queues.get_queue_url(QueueName=rejected.rpartition(":")[2])["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody=json.dumps(event))
    assert "RejectedSignals: 2 of 2 redriven." in dead_letters("--redrive")
    stack.wait_until(lambda: stack.is_idle() and stack.dead_letters() == 1, 20, "intake")
    assert set(stack.reader.incident_ids()) == before | {opened}
    assert record_of(stack, opened) == as_it_was
    assert len([execution for execution in stack.executions() if execution.name == opened]) == 1


def record_of(stack: LocalStack, incident_id: str) -> dict[str, Any]:
    record = stack.reader.incident(incident_id)
    assert record is not None
    return record.as_json()


def test_sqs_s_own_redrive_is_as_documented(stack: LocalStack, dead_letters: Callable[..., str]) -> None:
    queues = stack.client("sqs")
    (source,) = [arn for arn in stack.loaded.queues if "RejectedSignals" in arn]
    (destination,) = [arn for arn in stack.loaded.queues if re.search(r"-IntakeSignals\w+$", arn)]
    queues.start_message_move_task(SourceArn=source, DestinationArn=destination)
    (task,) = queues.list_message_move_tasks(SourceArn=source)["Results"]
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 1)
    stack.wait_until(lambda: stack.is_idle() and stack.dead_letters() == 1, 20, "intake to reject it again")
    queues.purge_queue(QueueUrl=queues.get_queue_url(QueueName=source.rpartition(":")[2])["QueueUrl"])
    assert dead_letters().startswith("Nothing lies in RejectedFeedback, RejectedSignals, ")


def test_a_signal_that_could_not_be_forwarded_is_kept_there_and_redriven_to_the_home_it_opens_its_incident(
    stack: LocalStack, dead_letters: Callable[..., str]
) -> None:
    """The way to the home breaks: the rule's target is a bus that isn't there."""
    rules = stack.client("events", NEXT_REGION)
    (rule,) = [rule["Name"] for rule in rules.list_rules()["Rules"] if "Alarms" in rule["Name"]]
    (target,) = rules.list_targets_by_rule(Rule=rule)["Targets"]
    rules.put_targets(Rule=rule, Targets=[{**target, "Arn": target["Arn"].replace("default", "none")}])
    before = stack.reader.incident_ids()
    fire(stack, NEXT_REGION, SHOP_ALARMS[2])
    stack.wait_until(lambda: stack.dead_letters() == 1, 20, "the dead letter")
    assert stack.reader.incident_ids() == before

    there = ("--region", NEXT_REGION.region)
    assert re.search(r"UndeliveredSignals .*event bus.*login-ddos-detected", dead_letters(*there), re.IGNORECASE)
    assert "UndeliveredSignals: 1 left, as they were meant for no queue here." in dead_letters(*there, "--redrive")
    (signals,) = [arn for arn in stack.loaded.queues if re.search(r"-IntakeSignals\w+$", arn)]
    said = dead_letters(*there, "--redrive", "--queue", "UndeliveredSignals", "--to", signals)
    assert "UndeliveredSignals: 1 of 1 redriven." in said
    stack.wait_until(lambda: len(stack.reader.incident_ids()) > len(before), 20, "the incident")
    assert stack.dead_letters() == 0


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--queue", "Rejected"], "no dead-letter queue is called Rejected; there are RejectedFeedback, "),
        (["--stack", "Elsewhere"], "there is no queue of a stack Elsewhere here"),
        (["--redrive", "--to", "arn:aws:sqs:us-east-1:123456789012:x"], "--to needs --queue"),
        (
            ["--redrive", "--queue", "RejectedSignals", "--to", "arn:aws:sqs:us-east-1:123456789012:x"],
            "The specified queue does not exist",
        ),
        (["--endpoint-url", "http://127.0.0.1:9"], "Start it with `python -m local up`"),
    ],
)
def test_what_can_t_be_done_is_said_in_a_line(
    dead_letters: Callable[..., str], options: list[str], complaint: str
) -> None:
    said = dead_letters(*options, status=1)
    assert complaint in said
    assert "Traceback" not in said
