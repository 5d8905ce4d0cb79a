"""One test for each repair of moto; each fails when its repair is taken out of `moto_repairs.REPAIRS`."""

from __future__ import annotations

import dataclasses
import http.client
import importlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from urllib3.filepost import encode_multipart_formdata

from local.engine import clients, moto_repairs
from local.engine.redaction import TOKEN_PREFIX
from tests.support.engine_app import finished, function, invoke, machine, run, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.stack import LocalStack

ECHO = """
def handler(event, context):
    return event
"""

ASK = """
import json, os, pathlib
NOTES = pathlib.Path(os.environ["NOTES"])
def handler(event, context):
    with NOTES.open("a") as notes:
        notes.write(json.dumps(event) + "\\n")
    if event.get("fail_first") and len(NOTES.read_text().splitlines()) == 1:
        raise type("Flaky", (Exception,), {})("first time")
    return {}
"""

TOKEN_TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Arguments": {
        "FunctionName": "${Ask}",
        "Payload": {
            "token": "{% $states.context.Task.Token %}",
            "fail_first": "{% $states.input.fail_first = true %}",
        },
    },
    "Output": "{% $states.result %}",
}

ASKED = {
    "Ask": {
        **TOKEN_TASK,
        "TimeoutSeconds": "{% $states.input.seconds %}",
        "Retry": [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "MaxAttempts": 2, "MaxDelaySeconds": 1}],
        "Catch": [{"ErrorEquals": ["States.Timeout"], "Output": {"outcome": "silence"}, "Next": "Over"}],
        "Next": "Over",
    },
    "Over": {"Type": "Pass", "End": True},
}
HEARTBEAT = {
    "Ask": {
        **TOKEN_TASK,
        "TimeoutSeconds": 20,
        "HeartbeatSeconds": 1,
        "Catch": [
            {"ErrorEquals": ["States.HeartbeatTimeout"], "Output": "{% $states.errorOutput.Error %}", "Next": "Over"}
        ],
        "Next": "Over",
    },
    "Over": {"Type": "Pass", "End": True},
}
HEARTBEAT_AS_TIMEOUT = {
    **HEARTBEAT,
    "Ask": {
        **HEARTBEAT["Ask"],
        "Catch": [{"ErrorEquals": ["States.Timeout"], "Output": "{% $states.errorOutput.Error %}", "Next": "Over"}],
    },
}
EXPRESSIONS = {
    "Compute": {
        "Type": "Pass",
        "Assign": {"said": "{% $states.input.said %}"},
        "Output": {
            "uuid": "{% $uuid() != $uuid() %}",
            "hash": "{% $hash('abc', 'SHA-256') %}",
            "parts": "{% $partition([1,2,3], 2) %}",
            "range": "{% $range(0, 4, 2) %}",
            "parsed": "{% $parse('{\"a\": [1]}').a %}",
            "seeded": "{% $random(7) = $random(7) %}",
            "half": "{% 10 / 2 %}",
        },
        "Next": "Say",
    },
    "Say": {"Type": "Pass", "Output": "{% $merge([$states.input, {'said': $said & '!'}]) %}", "End": True},
}
CHILD = {"StartAt": "Ask", "States": ASKED}
NESTED_ARGUMENTS = {"StateMachineArn": "${Child}", "Input": {"seconds": "{% $states.input.seconds %}"}}
PARENT = {
    "Decide": {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Arguments": {**NESTED_ARGUMENTS, "Name": "{% $states.context.Execution.Name & '-child' %}"},
        "Output": "{% $states.result %}",
        "End": True,
    }
}
PARENT_TEXT = {"Decide": {**PARENT["Decide"], "Resource": "arn:aws:states:::states:startExecution.sync"}}
FIRE = {
    "Fire": {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Arguments": {"StateMachineArn": "${Expressions}", "Name": "fired", "Input": {"said": "x"}},
        "Output": "{% $states.result.ExecutionArn %}",
        "End": True,
    }
}
BRANCHES = {
    "Both": {
        "Type": "Parallel",
        "Branches": [
            {"StartAt": "Decide", "States": PARENT},
            {
                "StartAt": "Think",
                "States": {
                    "Think": {"Type": "Wait", "Seconds": 1, "Next": "Give up"},
                    "Give up": {"Type": "Fail", "Error": "GaveUp"},
                },
            },
        ],
        "End": True,
    }
}
INNER_FAILURE = {
    "Outer": {
        "Type": "Parallel",
        "Branches": [
            CHILD,
            {
                "StartAt": "Inner",
                "States": {
                    "Inner": {
                        "Type": "Parallel",
                        "Branches": [
                            CHILD,
                            {
                                "StartAt": "Think",
                                "States": {
                                    "Think": {"Type": "Wait", "Seconds": 1, "Next": "Give up"},
                                    "Give up": {"Type": "Fail", "Error": "GaveUp"},
                                },
                            },
                        ],
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "caught", "Next": "Went on"}],
                        "Next": "Went on",
                    },
                    "Went on": {"Type": "Pass", "End": True},
                },
            },
        ],
        "End": True,
    }
}
TELL = {
    "Tell": {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Arguments": {"TopicArn": "${Topic}", "Subject": "Look", "Message": {"incident": "{% $states.input.id %}"}},
        "Assign": {"messageId": "{% $states.result.MessageId %}"},
        "Output": "{% $states.input %}",
        "Next": "Note",
    },
    "Note": {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:updateItem",
        "Arguments": {
            "TableName": "${Table}",
            "Key": {"pk": {"S": "{% $states.input.id %}"}, "sk": {"S": "INCIDENT"}},
            "UpdateExpression": "SET #s = :s",
            "ExpressionAttributeNames": {"#s": "status"},
            "ExpressionAttributeValues": {":s": {"S": "needs_attention"}},
            "ReturnValues": "ALL_NEW",
        },
        "Output": "{% $states.result.Attributes.status.S %}",
        "Next": "Keep",
    },
    "Keep": {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Arguments": {
            "TableName": "${Table}",
            "Item": {"pk": {"S": "kept"}, "sk": {"S": "{% $states.input %}"}},
            "ConditionExpression": "attribute_not_exists(pk)",
        },
        "Catch": [
            {
                "ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"],
                "Assign": {"again": True},
                "Output": {"again": "{% $states.errorOutput.Error %}"},
                "Next": "Over",
            }
        ],
        "Output": {"status": "{% $states.input %}", "message": "{% $exists($messageId) %}"},
        "Next": "Over",
    },
    "Over": {"Type": "Pass", "End": True},
}
TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
    },
}
ASK_ARN = {"Fn::GetAtt": ["AskFunction", "Arn"]}
ALARM = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "AlarmName": "checkout-5xx",
        "AlarmDescription": "Checkout fails",
        "Namespace": "AWS/ApplicationELB",
        "MetricName": "HTTPCode_ELB_5XX_Count",
        "Dimensions": [{"Name": "LoadBalancer", "Value": "app/checkout/1"}],
        "Period": 60,
        "Statistic": "Sum",
        "EvaluationPeriods": 1,
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
    },
}


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notes") / "asked.jsonl"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, notes: Path) -> Iterator[LocalStack]:
    resources: dict[str, Any] = {
        "AskFunction": function("ask", Environment={"Variables": {"NOTES": str(notes)}}),
        "Table": TABLE,
        "Uploads": {"Type": "AWS::S3::Bucket", "Properties": {}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "leadership"}},
        "Inbox": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "inbox"}},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"detail-type": ["CloudWatch Alarm State Change", "Rehearsal"]},
                "Targets": [
                    {"Id": "queue", "Arn": {"Fn::GetAtt": ["Inbox", "Arn"]}},
                    {"Id": "machine", "Arn": {"Ref": "Expressions"}, "Input": '{"said": "by a rule"}'},
                ],
            },
        },
        "Alarm": ALARM,
        "Identity": {"Type": "AWS::SES::EmailIdentity", "Properties": {"EmailIdentity": "shop.example"}},
        "Expressions": machine("expressions", {"StartAt": "Compute", "States": EXPRESSIONS}),
        "Asked": machine("asked", CHILD, Ask=ASK_ARN),
        "Heartbeat": machine("heartbeat", {"StartAt": "Ask", "States": HEARTBEAT}, Ask=ASK_ARN),
        "HeartbeatAsTimeout": machine(
            "heartbeat_as_timeout", {"StartAt": "Ask", "States": HEARTBEAT_AS_TIMEOUT}, Ask=ASK_ARN
        ),
        "Parent": machine("parent", {"StartAt": "Decide", "States": PARENT}, Child={"Ref": "Asked"}),
        "ParentText": machine("parent_text", {"StartAt": "Decide", "States": PARENT_TEXT}, Child={"Ref": "Asked"}),
        "Branches": machine("branches", {"StartAt": "Both", "States": BRANCHES}, Child={"Ref": "Asked"}),
        "Fire": machine("fire", {"StartAt": "Fire", "States": FIRE}, Expressions={"Ref": "Expressions"}),
        "InnerFailure": machine("inner_failure", {"StartAt": "Outer", "States": INNER_FAILURE}, Ask=ASK_ARN),
        "Tell": machine("tell", {"StartAt": "Tell", "States": TELL}, Topic={"Ref": "Topic"}, Table={"Ref": "Table"}),
        "Echoed": machine(
            "echoed",
            {
                "StartAt": "Echo",
                "States": {
                    "Echo": invoke(
                        "${Echo}", "{% $states.input.value %}", Output="{% $states.result.Payload %}", End=True
                    )
                },
            },
            Echo={"Ref": "EchoFunction"},
        ),
    }
    folder = tmp_path_factory.mktemp("engine")
    with running(folder, resources, {"echo": ECHO, "ask": ASK}) as stack:
        yield stack


@pytest.fixture(autouse=True)
def nobody_asked_yet(notes: Path) -> None:
    notes.unlink(missing_ok=True)


def start(engine: LocalStack, name: str, given: Any, execution: str) -> str:
    return str(
        engine.client("stepfunctions").start_execution(
            stateMachineArn=engine.loaded.state_machines[name], name=execution, input=json.dumps(given)
        )["executionArn"]
    )


def tokens(engine: LocalStack, notes: Path, count: int) -> list[str]:
    def asked() -> list[str]:
        return notes.read_text().splitlines() if notes.exists() else []

    engine.wait_until(lambda: len(asked()) >= count, 15, f"{count} questions")
    time.sleep(0.1)
    return [json.loads(line)["token"] for line in asked()]


def answer(engine: LocalStack, token: str, outcome: str = "activate") -> None:
    engine.client("stepfunctions").send_task_success(taskToken=token, output=json.dumps({"outcome": outcome}))


def error_code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_jsonata(engine: LocalStack) -> None:
    output = json.loads(run(engine, "expressions", {"said": "plain"}, execution="jsonata")["output"])
    assert output == {
        "uuid": True,
        "hash": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "parts": [[1, 2], [3]],
        "range": [0, 2, 4],
        "parsed": [1],
        "seeded": True,
        "half": 5,
        "said": "plain!",
    }


def test_jsonata_of_nothing_is_an_error_as_on_aws(engine: LocalStack) -> None:
    description = run(engine, "expressions", {}, execution="nothing")
    assert description["status"] == "FAILED"
    assert description["error"] == "States.QueryEvaluationError"


def test_jsonata_variables(engine: LocalStack) -> None:
    said = 'She said "no" \\ 突發事件 😀\n'
    output = json.loads(run(engine, "expressions", {"said": said}, execution="variables")["output"])
    assert output["said"] == said + "!"


def is_open(engine: LocalStack, token: str) -> bool:
    try:
        engine.client("stepfunctions").send_task_heartbeat(taskToken=token)
    except ClientError:
        return False
    return True


def test_task_tokens(engine: LocalStack, notes: Path) -> None:
    arn = start(engine, "asked", {"seconds": 30, "fail_first": True}, "tokens")
    first, second = tokens(engine, notes, 2)
    assert first != second
    assert second.startswith(TOKEN_PREFIX)
    assert 500 < len(second) <= 2048
    with pytest.raises(ClientError) as old:
        answer(engine, first)
    assert error_code(old) == "TaskTimedOut"

    def try_answer(_: int) -> bool:
        try:
            answer(engine, second)
        except ClientError as error:
            return error.response["Error"]["Code"] != "TaskTimedOut"
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_answer, range(16))) == 1
    assert json.loads(finished(engine, arn)["output"]) == {"outcome": "activate"}
    with pytest.raises(ClientError) as spent:
        answer(engine, second)
    assert error_code(spent) == "TaskTimedOut"
    with pytest.raises(ClientError) as unknown:
        answer(engine, "nonsense")
    assert error_code(unknown) == "InvalidToken"


def test_task_tokens_are_closed_by_the_timeout(engine: LocalStack, notes: Path) -> None:
    arn = start(engine, "asked", {"seconds": 1}, "late")
    (token,) = tokens(engine, notes, 1)
    assert json.loads(finished(engine, arn)["output"]) == {"outcome": "silence"}
    with pytest.raises(ClientError) as late:
        answer(engine, token)
    assert error_code(late) == "TaskTimedOut"


def test_task_failure_cause(engine: LocalStack, notes: Path) -> None:
    arn = start(engine, "asked", {"seconds": 30}, "failure")
    (token,) = tokens(engine, notes, 1)
    engine.client("stepfunctions").send_task_failure(taskToken=token, error="Refused", cause="by the head")
    description = finished(engine, arn)
    assert (description["status"], description["error"], description["cause"]) == ("FAILED", "Refused", "by the head")


@pytest.mark.parametrize("name", ["heartbeat", "heartbeat_as_timeout"])
def test_heartbeat_timeout(engine: LocalStack, name: str) -> None:
    description = run(engine, name, {}, execution=name)
    assert json.loads(description["output"]) == "States.HeartbeatTimeout"


def test_parameter_casing(engine: LocalStack) -> None:
    started = run(engine, "fire", {}, execution="fire")
    assert json.loads(started["output"]).endswith(":expressions:fired")


def test_parameter_casing_of_other_services(engine: LocalStack) -> None:
    first = run(engine, "tell", {"id": "INC-1"}, execution="casing")
    assert json.loads(first["output"]) == {"status": "needs_attention", "message": True}
    notification = engine.mailbox.pages[-1]
    assert (notification.subject, json.loads(notification.text)) == ("Look", {"incident": "INC-1"})
    again = run(engine, "tell", {"id": "INC-1"}, execution="casing-again")
    assert json.loads(again["output"]) == {"again": "DynamoDB.ConditionalCheckFailedException"}


@pytest.mark.parametrize("name", ["parent", "parent_text"])
def test_nested_executions(engine: LocalStack, notes: Path, name: str) -> None:
    arn = start(engine, name, {"seconds": 30}, name)
    answer(engine, tokens(engine, notes, 1)[0])
    answered = time.monotonic()
    result = json.loads(finished(engine, arn)["output"])
    assert time.monotonic() - answered < 1
    assert result["Status"] == "SUCCEEDED"
    assert result["Name"] == f"{name}-child"
    given, output = {"seconds": 30}, {"outcome": "activate"}
    as_text = name == "parent_text"
    assert (json.loads(result["Input"]) if as_text else result["Input"]) == given
    assert (json.loads(result["Output"]) if as_text else result["Output"]) == output


def test_nested_executions_stop_with_their_parent(engine: LocalStack, notes: Path) -> None:
    arn = start(engine, "branches", {"seconds": 30}, "branches")
    description = finished(engine, arn)
    assert (description["status"], description["error"]) == ("FAILED", "GaveUp")
    child = engine.loaded.state_machines["asked"].replace("stateMachine", "execution") + ":branches-child"
    assert finished(engine, child, timeout=5)["status"] == "ABORTED"


def test_state_machine_clients(engine: LocalStack) -> None:
    first = moto_repairs._client("lambda", "ap-northeast-1")
    assert first.meta.endpoint_url == engine.url
    assert moto_repairs._client("lambda", "ap-northeast-1") is first
    assert json.loads(run(engine, "echoed", {"value": {"a": None}}, execution="clients")["output"]) == {"a": None}


def test_stop_execution(engine: LocalStack, notes: Path) -> None:
    arn = start(engine, "asked", {"seconds": 60}, "stop")
    tokens(engine, notes, 1)
    engine.client("stepfunctions").stop_execution(executionArn=arn, error="Cancelled", cause="drill over")
    description = finished(engine, arn, timeout=5)
    assert (description["status"], description["error"], description["cause"]) == ("ABORTED", "Cancelled", "drill over")
    stopped = engine.execution(arn)
    assert stopped.history[-1]["type"] == "ExecutionAborted"
    assert not any(event["type"] == "TaskTimedOut" for event in stopped.history)


def test_stop_execution_of_a_branch_leaves_the_others_waiting(engine: LocalStack, notes: Path) -> None:
    arn = start(engine, "inner_failure", {"seconds": 30}, "inner-failure")
    tokens_now = tokens(engine, notes, 2)
    time.sleep(1.5)  # by now the inner Parallel has failed, was caught, and its waiting branch was stopped
    open_tokens = [token for token in tokens_now if is_open(engine, token)]
    assert len(open_tokens) == 1
    answer(engine, open_tokens[0])
    assert json.loads(finished(engine, arn)["output"]) == [{"outcome": "activate"}, "caught"]


@pytest.mark.parametrize("value", ["text", None, [1, "two"], 0])
def test_describe_execution(engine: LocalStack, value: Any) -> None:
    name = f"describe-{type(value).__name__}"
    description = run(engine, "echoed", {"value": value}, execution=name)
    assert json.loads(description["output"]) == ({} if value is None else value)
    assert description["stopDate"]


def test_history_paging(engine: LocalStack) -> None:
    arn = str(run(engine, "expressions", {"said": "paged"}, execution="paging")["executionArn"])
    states = engine.client("stepfunctions")
    whole = states.get_execution_history(executionArn=arn)["events"]
    first = states.get_execution_history(executionArn=arn, maxResults=2)
    rest = states.get_execution_history(executionArn=arn, nextToken=first["nextToken"])["events"]
    backwards = states.get_execution_history(executionArn=arn, reverseOrder=True)["events"]
    assert len(first["events"]) == 2
    assert [e["id"] for e in first["events"] + rest] == [e["id"] for e in whole]
    assert [e["id"] for e in backwards] == [e["id"] for e in whole][::-1]


def test_execution_names(engine: LocalStack) -> None:
    states = engine.client("stepfunctions")
    machine_arn = engine.loaded.state_machines["asked"]
    ready = threading.Barrier(8)

    def start_same(_: int) -> str:
        ready.wait()
        return str(
            states.start_execution(stateMachineArn=machine_arn, name="same", input='{"seconds":30}')["executionArn"]
        )

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start_same, range(8)))) == 1
    listed = [
        item for item in states.list_executions(stateMachineArn=machine_arn)["executions"] if item["name"] == "same"
    ]
    assert len(listed) == 1
    states.stop_execution(executionArn=listed[0]["executionArn"])
    nameless = [
        states.start_execution(stateMachineArn=machine_arn, input='{"seconds":1}')["executionArn"] for _ in "ab"
    ]
    assert len(set(nameless)) == 2
    with pytest.raises(ClientError) as long:
        states.start_execution(stateMachineArn=machine_arn, name="x" * 81)
    assert error_code(long) == "InvalidName"


def test_dynamodb_values(engine: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.records.put_item(Item={"pk": "value", "sk": "x", "text": "字", "many": [1, {"yes": True}]})
    guessed: list[str] = []
    picker = importlib.import_module("moto.core.serialize").XFormedAttributePicker
    guess = picker.get_possible_keys

    def noted(self: Any, context: Any) -> Any:
        guessed.append(context.key)
        return guess(self, context)

    monkeypatch.setattr(picker, "get_possible_keys", noted)
    item = engine.records.get_item(Key={"pk": "value", "sk": "x"})["Item"]
    assert (item["text"], item["many"]) == ("字", [1, {"yes": True}])
    assert "Item" in guessed
    assert not {"S", "N", "BOOL", "L", "M"} & set(guessed)


def test_definitions(engine: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("moto.stepfunctions.parser.asl.parse.asl_parser")
    read = module.AmazonStateLanguageParser.parse
    definition = json.dumps(engine.definition("asked"))
    program, tree = read(definition)
    monkeypatch.delattr(module, "ASLLexer")
    again, same_tree = read(definition)
    assert same_tree is tree
    assert again is not program


def test_dynamodb_transactions(engine: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("updated", "put", "other"):
        engine.records.put_item(Item={"pk": "transaction", "sk": name, "text": "before"})
    item = importlib.import_module("moto.dynamodb.models.dynamo_type").Item
    copied, deep_copy = set(), item.__deepcopy__

    def noted(self: Any, memo: Any) -> Any:
        copied.add(self.range_key.value)
        return deep_copy(self, memo)

    monkeypatch.setattr(item, "__deepcopy__", noted)

    table, tables = importlib.import_module("moto.dynamodb.models").Table, []

    def noted_table(self: Any, protocol: int) -> Any:
        tables.append(self)
        return object.__reduce_ex__(self, protocol)

    monkeypatch.setattr(table, "__reduce_ex__", noted_table)

    def write(expected: str) -> None:
        name, keys = (
            engine.records.name,
            {sk: {"pk": {"S": "transaction"}, "sk": {"S": sk}} for sk in ("updated", "put")},
        )
        update = {"UpdateExpression": "SET #t = :t, added = :t", "ExpressionAttributeNames": {"#t": "text"}}
        put = {"Item": {**keys["put"], "text": {"S": "after"}}, "ConditionExpression": "#t = :t"}
        texts = {"ExpressionAttributeValues": {":t": {"S": "after"}}}
        expecting = {"ExpressionAttributeNames": {"#t": "text"}, "ExpressionAttributeValues": {":t": {"S": expected}}}
        engine.client("dynamodb").transact_write_items(
            TransactItems=[
                {"Update": {"TableName": name, "Key": keys["updated"], **update, **texts}},
                {"Put": {"TableName": name, **put, **expecting}},
            ]
        )

    def texts() -> dict[str, Any]:
        items = engine.records.scan()["Items"]
        return {str(item["sk"]): (item["text"], item.get("added")) for item in items if item["pk"] == "transaction"}

    before = texts()
    with pytest.raises(ClientError) as cancelled:
        write(expected="something else")
    assert error_code(cancelled) == "TransactionCanceledException"
    assert texts() == before
    copied.clear()
    write(expected="before")
    assert copied == {"updated"}
    assert len(tables) == 2
    assert texts() == {"updated": ("after", "after"), "put": ("after", None), "other": ("before", None)}


def test_service_dispatch(engine: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.client("sns").list_topics()
    monkeypatch.delattr("moto.backends.list_of_moto_modules")
    assert "Topics" in engine.client("sns").list_topics()


def test_queue_messages(engine: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    sqs = engine.client("sqs")
    url = sqs.create_queue(QueueName="looked-through")["QueueUrl"]
    for delay in (0, 0, 60):
        sqs.send_message(QueueUrl=url, MessageBody="{}", DelaySeconds=delay)
    sqs.receive_message(QueueUrl=url, VisibilityTimeout=60)
    monkeypatch.delattr("moto.sqs.models.unix_time_millis")
    names = ["ApproximateNumberOfMessages", "NotVisible", "Delayed"]
    asked = [names[0], *(names[0] + name for name in names[1:])]
    counted = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=asked)["Attributes"]
    assert [counted[name] for name in asked] == ["1", "1", "1"]


def test_dynamodb_one_at_a_time(engine: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    table = engine.records
    backend = importlib.import_module("moto.dynamodb.models").DynamoDBBackend
    put_item, under_way, most = backend.put_item, [0], [0]

    def slow_put_item(*args: Any, **options: Any) -> Any:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        time.sleep(0.02)
        try:
            return put_item(*args, **options)
        finally:
            under_way[0] -= 1

    monkeypatch.setattr(backend, "put_item", slow_put_item)

    def claim(_: int) -> bool:
        try:
            table.put_item(Item={"pk": "claimed", "sk": "x"}, ConditionExpression="attribute_not_exists(pk)")
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(claim, range(32))) == 1
    assert most[0] == 1


def test_dynamodb_streams(engine: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    functions = engine.client("lambda")
    echo = next(f for f in engine.loaded.functions if f.short_name == "echo")
    stream = engine.records.latest_stream_arn
    assert stream is not None
    functions.create_event_source_mapping(EventSourceArn=stream, FunctionName=echo.name, StartingPosition="LATEST")
    invoked: list[str] = []
    models = importlib.import_module("moto.awslambda.models")
    monkeypatch.setattr(models.LambdaBackend, "send_dynamodb_items", lambda *_: invoked.append("moto"))
    key = {"pk": "streamed", "sk": "x"}
    change = {"Key": key, "UpdateExpression": "SET seen = :seen", "ExpressionAttributeValues": {":seen": {"n": 1}}}
    engine.records.update_item(**change)  # type: ignore[arg-type]
    engine.records.update_item(**change)  # type: ignore[arg-type]
    engine.records.update_item(Key=key, UpdateExpression="SET seen.n = :n", ExpressionAttributeValues={":n": 2})
    own = [
        record["dynamodb"] for record in streamed(engine, stream) if record["dynamodb"]["Keys"]["pk"]["S"] == "streamed"
    ]
    assert [record.get("OldImage", {}).get("seen") for record in own] == [None, {"M": {"n": {"N": "1"}}}]
    assert [record["NewImage"]["seen"] for record in own] == [{"M": {"n": {"N": n}}} for n in "12"]
    assert invoked == []


def test_dynamodb_streams_are_not_copied_by_transactions(engine: LocalStack) -> None:
    table = engine.records
    table.put_item(Item={"pk": "first", "sk": "x"})
    shard = stream_shard(engine)
    first = shard.items[0].record
    rolled_back = {"TableName": table.name, "Item": {"pk": "rolled back", "sk": "x"}}
    refused = {"TableName": table.name, "Item": {"pk": "first", "sk": "x"}}
    parts: list[Any] = [
        {"Put": rolled_back},
        {"Put": {**refused, "ConditionExpression": "attribute_not_exists(pk)"}},
    ]
    with pytest.raises(ClientError):
        table.meta.client.transact_write_items(TransactItems=parts)
    assert stream_shard(engine) is not shard
    assert stream_shard(engine).items[0].record is first
    assert not [
        item for item in stream_shard(engine).items if item.record["dynamodb"]["Keys"]["pk"]["S"] == "rolled back"
    ]
    table.put_item(Item={"pk": "after", "sk": "x"})
    assert stream_shard(engine).items[-1].record["dynamodb"]["Keys"]["pk"]["S"] == "after"


def streamed(engine: LocalStack, stream: str) -> list[dict[str, Any]]:
    streams = engine.client("dynamodbstreams")
    (shard,) = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    records: list[dict[str, Any]] = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    return records


def stream_shard(engine: LocalStack) -> Any:
    backends = importlib.import_module("moto.dynamodb.models").dynamodb_backends
    return backends["123456789012"]["ap-northeast-1"].tables[engine.records.name].stream_shard


def test_dynamodb_streams_are_read_while_nobody_writes(engine: LocalStack) -> None:
    stream = str(engine.records.latest_stream_arn)
    with ThreadPoolExecutor(1) as pool:
        with moto_repairs.dynamodb_alone:
            reading = pool.submit(streamed, engine, stream)
            with pytest.raises(TimeoutError):
                reading.result(0.5)
        assert isinstance(reading.result(10), list)


def test_lambda_invocations(engine: LocalStack) -> None:
    functions = engine.client("lambda")
    name = next(f.name for f in engine.loaded.functions if f.short_name == "echo")
    answered = functions.invoke(FunctionName=name, Payload=b'{"a": [1]}')
    assert json.loads(answered["Payload"].read()) == {"a": [1]}
    assert json.loads(functions.invoke(FunctionName=name)["Payload"].read()) == {}


def test_event_rules(engine: LocalStack) -> None:
    entry = {"Source": "shop", "DetailType": "Rehearsal", "Detail": '{"n": 1}', "Resources": ["arn:x"]}
    bad = {"Source": "shop", "DetailType": "Rehearsal", "Detail": "{"}
    answer = engine.client("events").put_events(Entries=[entry, bad])
    assert answer["Entries"][1]["ErrorCode"] == "MalformedDetail"
    envelope = received(engine)
    assert envelope["id"] == answer["Entries"][0]["EventId"]
    assert envelope["time"].endswith("Z")
    assert {"detail-type": "Rehearsal", "detail": {"n": 1}, "resources": ["arn:x"]}.items() <= envelope.items()
    engine.wait_until(
        lambda: any(json.loads(e.input) == {"said": "by a rule"} for e in engine.executions()),
        10,
        "the rule's execution",
    )


def test_message_move_tasks(engine: LocalStack) -> None:
    queues = engine.client("sqs")
    urls = {name: queues.create_queue(QueueName=name)["QueueUrl"] for name in ("bad-letters", "elsewhere")}
    arns = {name: f"arn:aws:sqs:ap-northeast-1:123456789012:{name}" for name in (*urls, "letters")}
    with pytest.raises(ClientError, match="must be configured as a Dead Letter Queue"):
        queues.start_message_move_task(SourceArn=arns["bad-letters"], DestinationArn=arns["elsewhere"])
    policy = json.dumps({"deadLetterTargetArn": arns["bad-letters"], "maxReceiveCount": 1})
    urls["letters"] = queues.create_queue(QueueName="letters", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    queues.send_message(QueueUrl=urls["letters"], MessageBody="read too often")
    for _ in range(2):
        queues.receive_message(QueueUrl=urls["letters"], VisibilityTimeout=0)
    queues.send_message(QueueUrl=urls["bad-letters"], MessageBody="put there")

    queues.start_message_move_task(SourceArn=arns["bad-letters"])
    (task,) = queues.list_message_move_tasks(SourceArn=arns["bad-letters"])["Results"]
    assert (task["Status"], task["FailureReason"]) == ("FAILED", "CouldNotDetermineMessageSource")
    assert (task["ApproximateNumberOfMessagesMoved"], task["ApproximateNumberOfMessagesToMove"]) == (1, 2)
    assert [m["Body"] for m in queues.receive_message(QueueUrl=urls["letters"])["Messages"]] == ["read too often"]

    queues.start_message_move_task(SourceArn=arns["bad-letters"], DestinationArn=arns["elsewhere"])
    (task,) = queues.list_message_move_tasks(SourceArn=arns["bad-letters"])["Results"]
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 1)
    assert [m["Body"] for m in queues.receive_message(QueueUrl=urls["elsewhere"])["Messages"]] == ["put there"]
    assert not queues.receive_message(QueueUrl=urls["bad-letters"]).get("Messages")


def test_alarm_events(engine: LocalStack) -> None:
    cloudwatch = engine.client("cloudwatch")
    data = '{"version":"1.0","threshold":5.0}'
    cloudwatch.set_alarm_state(
        AlarmName="checkout-5xx", StateValue="ALARM", StateReason="crossed", StateReasonData=data
    )
    cloudwatch.set_alarm_state(AlarmName="checkout-5xx", StateValue="ALARM", StateReason="still")
    detail = received(engine)["detail"]
    assert detail["alarmName"] == "checkout-5xx"
    assert (detail["previousState"]["value"], detail["state"]["value"]) == ("OK", "ALARM")
    assert detail["state"]["reasonData"] == data
    assert detail["state"]["timestamp"].endswith("+0000")
    stat = detail["configuration"]["metrics"][0]["metricStat"]
    assert stat == {
        "metric": {
            "namespace": "AWS/ApplicationELB",
            "name": "HTTPCode_ELB_5XX_Count",
            "dimensions": {"LoadBalancer": "app/checkout/1"},
        },
        "period": 60,
        "stat": "Sum",
    }
    assert received(engine, wait=1) == {}


def test_outgoing_messages(engine: LocalStack) -> None:
    raw = b"From: a@shop.example\r\nTo: =?utf-8?q?B?= <b@shop.example>\r\nSubject: =?utf-8?b?5LqL5Lu2?=\r\n\r\nHello"
    engine.client("sesv2").send_email(Content={"Raw": {"Data": raw}}, Destination={"ToAddresses": ["b@shop.example"]})
    mail = engine.mailbox.wait_for(1, timeout=5)[-1]
    assert (mail.to, mail.subject, mail.text.strip()) == (("b@shop.example",), "事件", "Hello")
    topic = engine.loaded.topics[0]
    engine.client("sns").publish(TopicArn=topic, Subject="Page", Message="Look")
    assert engine.mailbox.pages[-1].text == "Look"


def test_mail_options(engine: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []
    hooks = moto_repairs._hooks()
    spied = dataclasses.replace(hooks, mail_sent=lambda message, *options: kept.append((message.source, *options)))
    monkeypatch.setattr(moto_repairs, "_connected", [spied])
    raw = b"From: a@shop.example\r\nTo: b@shop.example\r\n\r\nHello"
    mail = {"FromEmailAddress": "a@shop.example", "Content": {"Raw": {"Data": raw}}}
    ses = engine.client("sesv2")
    ses.send_email(**mail, ConfigurationSetName="mails", EmailTags=[{"Name": "incident", "Value": "INC-1"}])
    ses.send_email(**mail)
    assert kept == [("a@shop.example", "mails", {"incident": "INC-1"}), ("a@shop.example", "", {})]


RETURN_TO = "https://pages.example/d/one/file?from=form"


def posted_form(engine: LocalStack, content: bytes = b"\x89PNG\r\n", **changed: str) -> tuple[int, str, str]:
    """Posts a file by a form that was signed for it; gives status, Location and body of the answer."""
    (bucket,) = engine.loaded.buckets
    settings = {"endpoint": engine.url, "region": "ap-northeast-1", "key_id": "TEST"}
    signed = clients.client("s3", **settings, config=Config(signature_version="s3v4")).generate_presigned_post(
        Bucket=bucket,
        Key="uploads/${filename}",
        Fields={"success_action_redirect": RETURN_TO},
        Conditions=[{"success_action_redirect": RETURN_TO}, ["content-length-range", 1, 10]],
        ExpiresIn=-1 if changed.pop("expired", "") else 60,
    )
    fields = {name: value for name, value in {**signed["fields"], **changed}.items() if value}
    body, content_type = encode_multipart_formdata({**fields, "file": ("a b.png", content, "image/png")})
    connection = http.client.HTTPConnection(engine.url.removeprefix("http://"), timeout=20)
    connection.request("POST", urlsplit(signed["url"]).path, body, {"Content-Type": content_type})
    answer = connection.getresponse()
    return answer.status, answer.headers.get("Location", ""), answer.read().decode()


def test_posted_forms(engine: LocalStack) -> None:
    status, location, _ = posted_form(engine)
    (bucket,) = engine.loaded.buckets
    stored = engine.client("s3").get_object(Bucket=bucket, Key="uploads/a b.png")
    assert stored["Body"].read() == b"\x89PNG\r\n"
    back = urlsplit(location)
    assert (status, location.partition("?")[0]) == (303, "https://pages.example/d/one/file")
    assert parse_qs(back.query) == {
        "from": ["form"],
        "bucket": [bucket],
        "key": ["uploads/a b.png"],
        "etag": [stored["ETag"]],
    }


@pytest.mark.parametrize(
    ("changed", "content", "status", "says"),
    [
        ({}, b"x" * 11, 400, "EntityTooLarge"),
        ({}, b"", 400, "EntityTooSmall"),
        ({"expired": "yes"}, b"x", 403, "Policy expired"),
        ({"key": "elsewhere/x"}, b"x", 403, "$key"),
        ({"success_action_redirect": "https://elsewhere.example/"}, b"x", 403, "$success_action_redirect"),
        ({"acl": "public-read"}, b"x", 403, "Extra input fields: acl"),
        ({"policy": ""}, b"x", 403, "AccessDenied"),
        ({"policy": "x"}, b"x", 400, "InvalidPolicyDocument"),
    ],
)
def test_posted_forms_keep_to_their_policy(
    engine: LocalStack, changed: dict[str, str], content: bytes, status: int, says: str
) -> None:
    (bucket,) = engine.loaded.buckets
    s3 = engine.client("s3")
    s3.delete_object(Bucket=bucket, Key="uploads/a b.png")
    answered, _, body = posted_form(engine, content, **changed)
    assert (answered, says in body) == (status, True)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def received(engine: LocalStack, wait: int = 5) -> dict[str, Any]:
    queues = engine.client("sqs")
    url = queues.get_queue_url(QueueName="inbox")["QueueUrl"]
    for message in queues.receive_message(QueueUrl=url, WaitTimeSeconds=wait).get("Messages", []):
        queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return dict(json.loads(message["Body"]))
    return {}
