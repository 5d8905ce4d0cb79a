"""What the engine itself does beside moto: Lambda workers, queues, rules, schedules, faults."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from local.engine.faults import Fault, FaultKind
from local.stack import HOME, LocalStack, LocalStackError
from tests.support.engine_app import function, running, write_assembly

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORK = """
import json, os, sys, time
import boto3

STARTED = time.time()

def handler(event, context):
    do = event.get("do") if isinstance(event, dict) else None
    if do == "sleep":
        time.sleep(event["seconds"])
    if do == "exit":
        os._exit(3)
    if do == "raise":
        raise type("RecordChanged", (Exception,), {})("lost the race")
    if do == "env":
        return {k: os.environ.get(k) for k in event["names"]}
    if do == "send":
        table = boto3.resource("dynamodb").Table("written")
        table.put_item(Item={"pk": "before", "n": 1})
        boto3.client("sqs").send_message(QueueUrl=event["queue"], MessageBody="{}")
        table.put_item(Item={"pk": "after", "n": 1})
        return "sent"
    if do == "list":
        return boto3.client("sqs").list_queues().get("QueueUrls", [])
    print(json.dumps(event))
    return {"pid": os.getpid(), "event": event, "left": context.get_remaining_time_in_millis(), "arn": context.invoked_function_arn}
"""
BROKEN = "import nothing_like_this\n"
TAKE = """
import json, os, pathlib
SEEN = pathlib.Path(os.environ["SEEN"])

def handler(event, context):
    bodies = [json.loads(record["body"]) for record in event["Records"]]
    with SEEN.open("a") as seen:
        for record, body in zip(event["Records"], bodies):
            seen.write(json.dumps([body, record["attributes"]["ApproximateReceiveCount"]]) + "\\n")
    if any(body.get("crash") for body in bodies):
        os._exit(1)
    return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r, b in zip(event["Records"], bodies) if b.get("bad")]}
"""


UNREAD = f"arn:aws:sqs:{HOME.region}:{HOME.account}:unread"


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def arn(logical_id: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("seen") / "seen.jsonl"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, seen: Path) -> Iterator[LocalStack]:
    resources: dict[str, Any] = {
        "WorkFunction": function(
            "work",
            Timeout=2,
            Environment={"Variables": {"QUEUE_URL": {"Ref": "Work"}, "REGION": {"Ref": "AWS::Region"}}},
        ),
        "TakeFunction": function("take", Environment={"Variables": {"SEEN": str(seen)}}),
        "Work": queue(QueueName="work", RedrivePolicy={"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 3}),
        "Dead": queue(QueueName="dead"),
        "Unread": queue(QueueName="unread"),
        "Written": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "written",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            },
        },
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": arn("Work"),
                "FunctionName": {"Ref": "TakeFunction"},
                "BatchSize": 5,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            },
        },
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "leadership"}},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"detail": {"level": [{"numeric": [">", 3]}], "name": [{"prefix": "checkout"}]}},
                "Targets": [
                    {"Id": "f", "Arn": arn("WorkFunction")},
                    {"Id": "t", "Arn": {"Ref": "Topic"}, "InputPath": "$.detail.name"},
                    {
                        "Id": "gone",
                        "Arn": "arn:aws:lambda:ap-northeast-1:123456789012:function:gone",
                        "DeadLetterConfig": {"Arn": arn("Dead")},
                    },
                ],
            },
        },
        "Tick": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "ScheduleExpression": "rate(1 minute)",
                "Targets": [{"Id": "t", "Arn": {"Ref": "Topic"}, "Input": '"tick"'}],
            },
        },
    }
    folder = tmp_path_factory.mktemp("engine")
    handlers = {"work": WORK, "broken": BROKEN, "take": TAKE}
    with running(folder, resources, handlers, time_scale=30) as stack:
        yield stack


def error_of(stack: LocalStack, name: str, event: Any) -> dict[str, Any]:
    answer = stack.invoke(name, event)
    assert answer.is_error
    return dict(json.loads(answer.payload))


def result(stack: LocalStack, name: str, event: Any) -> Any:
    answer = stack.invoke(name, event)
    assert not answer.is_error, answer.payload
    return json.loads(answer.payload)


def test_a_worker_is_kept_between_invocations(engine: LocalStack) -> None:
    first, second = (result(engine, "work", {"n": n}) for n in (1, 2))
    assert first["pid"] == second["pid"]
    assert first["event"] == {"n": 1}
    assert 0 < first["left"] <= 2000
    assert ":function:Fixture-WorkFunction" in first["arn"]


def test_functions_see_the_environment_of_lambda_and_no_packages_of_this_machine(engine: LocalStack) -> None:
    names = ["AWS_REGION", "AWS_ENDPOINT_URL", "QUEUE_URL", "REGION", "AWS_LAMBDA_FUNCTION_NAME", "HOME", "VIRTUAL_ENV"]
    given = result(engine, "work", {"do": "env", "names": names})
    assert given["AWS_REGION"] == given["REGION"] == "ap-northeast-1"
    assert given["AWS_ENDPOINT_URL"] == engine.url
    assert given["QUEUE_URL"].endswith("/123456789012/work")
    assert given["VIRTUAL_ENV"] is None
    assert len(result(engine, "work", {"do": "list"})) == 3


def test_busy_workers_get_company_up_to_a_limit(engine: LocalStack) -> None:
    started = time.monotonic()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: result(engine, "work", {"do": "sleep", "seconds": 0.4}), range(6)))
    assert 1 < len({answer["pid"] for answer in answers}) <= 4
    assert time.monotonic() - started >= 0.8


@pytest.mark.parametrize(
    ("event", "kind", "says"),
    [
        ({"do": "raise"}, "RecordChanged", "lost the race"),
        ({"do": "exit"}, "Runtime.ExitError", "exit status 3"),
        ({"do": "sleep", "seconds": 5}, "Sandbox.Timedout", "timed out after 2.00 seconds"),
    ],
)
def test_failures_have_lambdas_own_names_and_leave_a_working_function(
    engine: LocalStack, event: dict[str, Any], kind: str, says: str
) -> None:
    error = error_of(engine, "work", event)
    assert error["errorType"] == kind
    assert says in error["errorMessage"]
    assert result(engine, "work", {"n": 3})["event"] == {"n": 3}


def test_a_handler_that_cannot_be_loaded_says_so_each_time(engine: LocalStack) -> None:
    for _ in range(2):
        error = error_of(engine, "broken", {})
        assert error["errorType"] == "Runtime.ImportModuleError"
        assert "nothing_like_this" in error["errorMessage"]
    assert "nothing_like_this" in engine.logs("broken")


def test_faults_strike_as_often_as_ordered(engine: LocalStack) -> None:
    engine.faults.crash("work", 2)
    kinds = [error_of(engine, "work", {"n": "crash"})["errorType"] for _ in range(2)]
    assert kinds == ["Runtime.ExitError"] * 2
    assert result(engine, "work", {"n": 1})
    assert engine.faults.fired("work", FaultKind.CRASH) == 2
    # The work was done both times; only the answer was lost.
    assert engine.logs("work").count('{"n": "crash"}') == 2


@pytest.mark.parametrize(("kind", "arrived"), [(FaultKind.CRASH_BEFORE, 0), (FaultKind.CRASH_AFTER, 1)])
def test_a_process_can_crash_at_a_call_of_aws(engine: LocalStack, kind: FaultKind, arrived: int) -> None:
    queue_url = engine.client("sqs").get_queue_url(QueueName="unread")["QueueUrl"]
    before = engine._messages(UNREAD)
    written = engine.client("dynamodb")
    for item in written.scan(TableName="written")["Items"]:
        written.delete_item(TableName="written", Key={"pk": item["pk"]})
    engine.faults.order(Fault("work", kind, 1, "SendMessage"))
    slow = {"do": "sleep", "seconds": 1}
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(result, engine, "work", slow | {"n": 1})
        time.sleep(0.2)
        error = error_of(engine, "work", {"do": "send", "queue": queue_url})
        assert beside.result()["event"] == slow | {"n": 1}
    assert (error["errorType"], "signal: killed" in error["errorMessage"]) == ("Runtime.ExitError", True)
    assert engine._messages(UNREAD) - before == arrived
    assert [item["pk"]["S"] for item in written.scan(TableName="written")["Items"]] == ["before"]
    assert engine.faults.fired("work", kind, "SendMessage") == 1
    assert engine.invoke("work", {"do": "send", "queue": queue_url}).payload == '"sent"'


def test_messages_reach_their_function_and_bad_ones_the_dead_letter_queue(engine: LocalStack, seen: Path) -> None:
    queues = engine.client("sqs")
    url = queues.get_queue_url(QueueName="work")["QueueUrl"]
    before = engine.dead_letters()
    for body in ({"n": 1}, {"n": 2, "bad": True}, {"n": 3}):
        queues.send_message(QueueUrl=url, MessageBody=json.dumps(body))
    engine.wait_until(lambda: engine.dead_letters() == before + 1, 20, "the dead letter")
    assert engine.is_idle()
    received = [json.loads(line) for line in seen.read_text().splitlines()]
    assert sum(body["n"] == 1 for body, _ in received) == 1
    assert [count for body, count in received if body["n"] == 2] == ["1", "2", "3"]


def test_a_batch_whose_function_dies_comes_again(engine: LocalStack, seen: Path) -> None:
    queues = engine.client("sqs")
    url = queues.get_queue_url(QueueName="work")["QueueUrl"]
    before = engine.dead_letters()
    queues.send_message(QueueUrl=url, MessageBody='{"n": 9, "crash": true}')
    engine.wait_until(lambda: engine.dead_letters() == before + 1, 20, "the dead letter")
    assert sum(json.loads(line)[0]["n"] == 9 for line in seen.read_text().splitlines()) == 3


def envelope(**detail: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "e-1",
        "detail-type": "Anything",
        "source": "shop",
        "account": "444455556666",
        "time": "2026-11-22T03:12:41Z",
        "region": "ap-east-1",
        "resources": [],
        "detail": detail,
    }


def test_rules_deliver_to_functions_topics_and_dead_letter_queues(engine: LocalStack) -> None:
    before = engine.dead_letters()
    given = envelope(level=4, name="checkout-5xx")
    assert len(engine.put_event(given)) == 1
    engine.wait_until(lambda: '"444455556666"' in engine.logs("work"), 10, "the function")
    engine.wait_until(lambda: any(n.text == '"checkout-5xx"' for n in engine.mailbox.pages), 10, "the topic")
    engine.wait_until(lambda: engine.dead_letters() == before + 1, 10, "the dead letter of the target that is gone")


@pytest.mark.parametrize("detail", [{"level": 3, "name": "checkout"}, {"level": 4, "name": "search"}, {}])
def test_other_events_match_no_rule(engine: LocalStack, detail: dict[str, Any]) -> None:
    assert engine.put_event(envelope(**detail)) == ()


def test_schedules_fire_at_their_rate_by_the_time_scale(engine: LocalStack) -> None:
    engine.wait_until(lambda: any(n.text == '"tick"' for n in engine.mailbox.pages), 10, "a tick")


def test_one_home_at_a_time(engine: LocalStack, tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match="runs in this process already"):
        LocalStack(write_assembly(tmp_path, {})).start()
