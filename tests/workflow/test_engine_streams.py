"""Streams of tables feed functions as Lambda's pollers do."""

from __future__ import annotations

import importlib
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.support.engine_app import function, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.stack import LocalStack

WATCH = """
import json, os, pathlib, time
SEEN = pathlib.Path(os.environ["SEEN"])
NAME = os.environ["AWS_LAMBDA_FUNCTION_NAME"].partition("-")[2]

def handler(event, context):
    before = SEEN.read_text() if SEEN.exists() else ""
    with SEEN.open("a") as seen:
        seen.write(json.dumps({"by": NAME, "records": event["Records"]}) + "\\n")
    failed = []
    for record in event["Records"]:
        image = record["dynamodb"].get("NewImage", {})
        time.sleep(float(image.get("sleep", {}).get("N", 0)))
        does = image.get("fails", {}).get("S")
        if does == "always" or (does == "once" and record["eventID"] not in before):
            if os.environ.get("RAISES"):
                raise ValueError("no")
            failed.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
    return {"batchItemFailures": failed}
"""


def arn(logical_id: str, attribute: str = "Arn") -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, attribute]}


def mapping(watcher: str, *patterns: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "EventSourceArn": arn("Records", "StreamArn"),
            "FunctionName": {"Ref": watcher},
            "StartingPosition": "TRIM_HORIZON",
            "FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]},
            "DestinationConfig": {"OnFailure": {"Destination": arn("GivenUp")}},
            **properties,
        },
    }


def of_partition(prefix: str) -> dict[str, Any]:
    return {"dynamodb": {"Keys": {"pk": {"S": [{"prefix": prefix}]}}}}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("seen") / "seen.jsonl"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, seen: Path) -> Iterator[LocalStack]:
    def watcher(name: str, **variables: str) -> dict[str, Any]:
        return function("watch", FunctionName=f"f-{name}", Environment={"Variables": {"SEEN": str(seen), **variables}})

    resources = {
        "Records": {
            "Type": "AWS::DynamoDB::GlobalTable",
            "Properties": {
                "TableName": "records",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                "AttributeDefinitions": [
                    {"AttributeName": "pk", "AttributeType": "S"},
                    {"AttributeName": "sk", "AttributeType": "S"},
                ],
                "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
            },
        },
        "GivenUp": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "given-up"}},
        "Decisions": watcher("decisions"),
        "Whole": watcher("whole", RAISES="1"),
        "Halves": watcher("halves", RAISES="1"),
        "Old": watcher("old", RAISES="1"),
        "OfDecisions": mapping(
            "Decisions",
            {
                "dynamodb": {
                    "Keys": {"sk": {"S": [{"prefix": "DECISION#"}]}},
                    "NewImage": {"outcome": {"S": [{"exists": True}]}},
                }
            },
            {"eventName": ["REMOVE"], **of_partition("GONE#")},
            {**of_partition("PARTLY#")},
            FunctionResponseTypes=["ReportBatchItemFailures"],
            MaximumRetryAttempts=2,
        ),
        "OfWhole": mapping("Whole", of_partition("WHOLE#"), MaximumRetryAttempts=1, BatchSize=2),
        "OfHalves": mapping("Halves", of_partition("HALVES#"), MaximumRetryAttempts=0, BisectBatchOnFunctionError=True),
        "OfOld": mapping("Old", of_partition("OLD#"), MaximumRecordAgeInSeconds=1),
        "Disabled": mapping("Whole", Enabled=False),
    }
    folder = tmp_path_factory.mktemp("app")
    with running(folder, resources, {"watch": WATCH}) as stack:
        yield stack


def put(engine: LocalStack, pk: str, sk: str = "X", **values: Any) -> None:
    engine.records.put_item(Item={"pk": pk, "sk": sk, **values})


def together(engine: LocalStack, *items: dict[str, Any]) -> None:
    """Writes the items so that one batch holds them all."""
    table = engine.records.name
    puts: list[Any] = [{"Put": {"TableName": table, "Item": item}} for item in items]
    engine.records.meta.client.transact_write_items(TransactItems=puts)


def batches(seen: Path, by: str, pk: str) -> list[list[dict[str, Any]]]:
    """The batches that a function got, as far as they are of a partition."""
    lines = [json.loads(line) for line in seen.read_text().splitlines()] if seen.exists() else []
    own = [
        [record for record in line["records"] if record["dynamodb"]["Keys"]["pk"]["S"] == pk]
        for line in lines
        if line["by"] == by
    ]
    return [batch for batch in own if batch]


def sort_keys(batch: list[dict[str, Any]]) -> list[str]:
    return [record["dynamodb"]["Keys"]["sk"]["S"] for record in batch]


def settled(engine: LocalStack) -> None:
    engine.wait_until(engine.is_idle, 20, "the streams")


def given_up(engine: LocalStack) -> list[dict[str, Any]]:
    queues = engine.client("sqs")
    url = queues.get_queue_url(QueueName="given-up")["QueueUrl"]
    told = []
    while messages := queues.receive_message(QueueUrl=url).get("Messages", []):
        for message in messages:
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            told.append(json.loads(message["Body"]))
    return told


def test_a_record_arrives_as_lambda_gives_it(engine: LocalStack, seen: Path) -> None:
    put(engine, "SHAPE", "DECISION#1", outcome="activate", count=3)
    put(engine, "SHAPE", "DECISION#1", outcome="stand_down", count=4)
    settled(engine)
    (inserted,), (changed,) = [[record] for batch in batches(seen, "decisions", "SHAPE") for record in batch]
    assert inserted["eventName"] == "INSERT"
    assert changed.keys() == {
        "eventID", "eventName", "eventVersion", "eventSource", "eventSourceARN", "awsRegion", "dynamodb",
    }  # fmt: skip
    assert (changed["eventName"], changed["eventSource"], changed["awsRegion"]) == (
        "MODIFY",
        "aws:dynamodb",
        "ap-northeast-1",
    )
    assert ":table/records/stream/" in changed["eventSourceARN"]
    body = changed["dynamodb"]
    assert abs(body.pop("ApproximateCreationDateTime") - time.time()) < 30
    assert body.pop("SizeBytes") > 0
    assert int(body.pop("SequenceNumber")) > int(inserted["dynamodb"]["SequenceNumber"])
    keys = {"pk": {"S": "SHAPE"}, "sk": {"S": "DECISION#1"}}
    assert body == {
        "Keys": keys,
        "NewImage": {**keys, "outcome": {"S": "stand_down"}, "count": {"N": "4"}},
        "OldImage": {**keys, "outcome": {"S": "activate"}, "count": {"N": "3"}},
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }


def test_only_what_a_filter_takes_reaches_the_function(engine: LocalStack, seen: Path) -> None:
    put(engine, "FILTER", "DECISION#open")
    put(engine, "FILTER", "OTHER", outcome="x")
    put(engine, "FILTER", "DECISION#made", outcome="x")
    put(engine, "GONE#1")
    engine.records.delete_item(Key={"pk": "GONE#1", "sk": "X"})
    settled(engine)
    assert [sort_keys(batch) for batch in batches(seen, "decisions", "FILTER")] == [["DECISION#made"]]
    assert [record["eventName"] for batch in batches(seen, "decisions", "GONE#1") for record in batch] == ["REMOVE"]


def test_a_disabled_mapping_feeds_nobody(engine: LocalStack, seen: Path) -> None:
    put(engine, "DISABLED")
    settled(engine)
    assert batches(seen, "whole", "DISABLED") == []


def test_transactions_are_told_of_once_they_hold(
    engine: LocalStack, seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together(engine, *({"pk": "TOGETHER", "sk": f"DECISION#{n}", "outcome": "x"} for n in range(3)))
    writes = engine.records.meta.client
    backend = importlib.import_module("moto.dynamodb.models").DynamoDBBackend
    get_item = backend.get_item

    def slow_get_item(*args: Any, **options: Any) -> Any:
        time.sleep(0.2)
        return get_item(*args, **options)

    monkeypatch.setattr(backend, "get_item", slow_get_item)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        writes.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": engine.records.name,
                        "Item": {"pk": "TOGETHER", "sk": "DECISION#9", "outcome": "x"},
                    }
                },
                {
                    "Put": {
                        "TableName": engine.records.name,
                        "Item": {"pk": "TOGETHER", "sk": "DECISION#0"},
                        "ConditionExpression": "attribute_not_exists(pk)",
                    }
                },
            ]
        )
    put(engine, "TOGETHER", "DECISION#after", outcome="x")
    settled(engine)
    told = [key for batch in batches(seen, "decisions", "TOGETHER") for key in sort_keys(batch)]
    assert told == ["DECISION#0", "DECISION#1", "DECISION#2", "DECISION#after"]


def test_a_write_is_told_of_well_within_a_second(engine: LocalStack, seen: Path) -> None:
    put(engine, "WARM", "DECISION#1", outcome="x")
    settled(engine)
    started = time.monotonic()
    put(engine, "FAST", "DECISION#1", outcome="x")
    engine.wait_until(lambda: bool(batches(seen, "decisions", "FAST")), 5, "the record")
    assert time.monotonic() - started < 1


def test_a_partial_failure_comes_again_from_the_first_record_named(engine: LocalStack, seen: Path) -> None:
    together(
        engine,
        {"pk": "PARTLY#1", "sk": "1"},
        {"pk": "PARTLY#1", "sk": "2", "fails": "once"},
        {"pk": "PARTLY#1", "sk": "3"},
    )
    settled(engine)
    assert [sort_keys(batch) for batch in batches(seen, "decisions", "PARTLY#1")] == [["1", "2", "3"], ["2", "3"]]
    assert given_up(engine) == []


def test_records_behind_a_failing_one_wait_and_it_is_given_up_after_its_retries(engine: LocalStack, seen: Path) -> None:
    together(engine, {"pk": "WHOLE#1", "sk": "1", "fails": "always"}, *({"pk": "WHOLE#1", "sk": n} for n in "23"))
    settled(engine)
    assert [sort_keys(batch) for batch in batches(seen, "whole", "WHOLE#1")] == [["1", "2"], ["1", "2"], ["3"]]
    (told,) = given_up(engine)
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["requestContext"]["approximateInvokeCount"] == 2
    assert told["requestContext"]["functionArn"].endswith(":function:f-whole")
    assert told["responseContext"]["functionError"] == "Unhandled"
    assert told["DDBStreamBatchInfo"]["batchSize"] == 2
    assert told["DDBStreamBatchInfo"]["streamArn"] == engine.loaded.stream_mappings[0].stream_arn
    (first, *_), *_ = batches(seen, "whole", "WHOLE#1")
    assert told["DDBStreamBatchInfo"]["startSequenceNumber"] == first["dynamodb"]["SequenceNumber"]


def test_a_bisected_batch_gives_up_the_bad_record_alone(engine: LocalStack, seen: Path) -> None:
    items = [{"pk": "HALVES#1", "sk": str(n)} for n in range(4)]
    items[2]["fails"] = "always"
    together(engine, *items)
    settled(engine)
    split = [sort_keys(batch) for batch in batches(seen, "halves", "HALVES#1")]
    assert split == [["0", "1", "2", "3"], ["0", "1"], ["2", "3"], ["2"], ["3"]]
    (told,) = given_up(engine)
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1


def test_a_record_that_grows_too_old_is_given_up(engine: LocalStack, seen: Path) -> None:
    put(engine, "OLD#1", fails="always")
    settled(engine)
    (told,) = given_up(engine)
    assert told["requestContext"]["condition"] == "RecordAgeExceeded"
    assert len(batches(seen, "old", "OLD#1")) > 1


def test_a_home_is_not_idle_while_a_record_is_at_a_function(engine: LocalStack, seen: Path) -> None:
    put(engine, "PARTLY#slow", "1", sleep=1)
    assert not engine.is_idle()
    engine.wait_until(lambda: bool(batches(seen, "decisions", "PARTLY#slow")), 5, "the record")
    assert not engine.is_idle()
    settled(engine)
