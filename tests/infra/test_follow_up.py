"""The outbox of the decisions: what of the records is told, to whom, and what becomes of what fails (R3, R13, R17)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emergency.aws.table import decision_of
from tests.infra.template import Template, allowed, listed, statements, takes, target_of

INCIDENT = "INCIDENT#INC-20261122-7F3K"


def record(pk: str, sk: str, name: str = "MODIFY") -> dict[str, Any]:
    """A record as the stream of a table gives it that tells keys only."""
    return {
        "eventID": "c81e728d9d4c2f636f067f89cc14862c",
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "awsRegion": "ap-northeast-1",
        "dynamodb": {
            "Keys": {"pk": {"S": pk}, "sk": {"S": sk}},
            "SequenceNumber": "111",
            "SizeBytes": 26,
            "StreamViewType": "KEYS_ONLY",
        },
    }


TAKEN = {
    "a question that is put": record(INCIDENT, "DECISION#orders", "INSERT"),
    "a question that changes": record(INCIDENT, "DECISION#orders"),
    "a request for release": record(INCIDENT, "DECISION#release-1a2b3c4d", "INSERT"),
}
PASSED_BY = {
    "the incident": record(INCIDENT, "INCIDENT"),
    "its timeline": record(INCIDENT, "TIMELINE#orders/settled", "INSERT"),
    "a link": record("LINK#0a1b", "LINK", "INSERT"),
    "a challenge": record("CHALLENGE#INC-20261122-7F3K#orders", "chief-executive"),
    "the key of trusted devices": record("DEVICES#INC-20261122-7F3K", "DEVICES", "INSERT"),
    "a question that people delete": record(INCIDENT, "DECISION#orders", "REMOVE"),
}


def test_r3_the_stream_tells_keys_and_no_secret(template: Template) -> None:
    tables = template.of_type("AWS::DynamoDB::GlobalTable").values()
    (table,) = [table for table in tables if "StreamSpecification" in table]
    assert table["StreamSpecification"] == {"StreamViewType": "KEYS_ONLY"}


@pytest.mark.parametrize("action", ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"])
def test_decision_follow_up_and_nobody_else_may_read_the_stream(template: Template, action: str) -> None:
    """Lambda refuses to make a mapping for a role that lacks one of the four."""
    (table,) = [name for name in template.of_type("AWS::DynamoDB::GlobalTable") if name.startswith("Records")]
    assert template.mapping_of("decision_follow_up")["EventSourceArn"] == {"Fn::GetAtt": [table, "StreamArn"]}
    readers = {
        name
        for name, function in template.functions().items()
        for held, _ in allowed(template.role_of(function))
        if held == f"dynamodb:{action}"
    }
    assert readers == {"decision_follow_up"}


@pytest.mark.parametrize("name", TAKEN)
def test_follows_up(template: Template, name: str) -> None:
    assert _takes(template, TAKEN[name])
    assert decision_of(_keys(TAKEN[name]))


@pytest.mark.parametrize("name", PASSED_BY)
def test_lets_be(template: Template, name: str) -> None:
    assert not _takes(template, PASSED_BY[name])


def test_a_new_mapping_misses_nothing(template: Template) -> None:
    assert template.mapping_of("decision_follow_up")["StartingPosition"] == "TRIM_HORIZON"


def test_what_fails_is_tried_for_an_hour_and_then_told_to_a_queue(template: Template) -> None:
    mapping = template.mapping_of("decision_follow_up")
    assert mapping["MaximumRecordAgeInSeconds"] == 3600
    assert "MaximumRetryAttempts" not in mapping
    unfollowed = target_of(mapping["DestinationConfig"]["OnFailure"]["Destination"])
    assert template.resources[unfollowed]["Type"] == "AWS::SQS::Queue"
    role = template.role_of(template.functions()["decision_follow_up"])
    assert ("sqs:SendMessage", f"<{unfollowed}.Arn>") in set(allowed(role))


def test_a_decision_that_fails_holds_up_as_few_others_as_can_be(template: Template) -> None:
    mapping = template.mapping_of("decision_follow_up")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert (mapping["BatchSize"], mapping["ParallelizationFactor"]) == (10, 10)


def test_the_stream_is_read_with_the_table_s_key(template: Template) -> None:
    role = template.role_of(template.functions()["decision_follow_up"])
    reading, using_key = statements(role, "stream")
    assert listed(reading["Resource"]) == [template.mapping_of("decision_follow_up")["EventSourceArn"]]
    (key,) = template.of_type("AWS::KMS::Key")
    assert using_key["Resource"] == {"Fn::GetAtt": [key, "Arn"]}
    assert "kms:Decrypt" in using_key["Action"]


def _takes(template: Template, sent: dict[str, Any]) -> bool:
    filters = template.mapping_of("decision_follow_up")["FilterCriteria"]["Filters"]
    return any(takes(json.loads(each["Pattern"]), sent) for each in filters)


def _keys(sent: dict[str, Any]) -> dict[str, object]:
    return {name: value["S"] for name, value in sent["dynamodb"]["Keys"].items()}
