"""The outbox of the decisions: what of the records is told, to whom, and what becomes of what fails (R3, R13, R17)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emergency.aws.table import decision_of, happening_of
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
FOLLOWED = {
    "a new incident": record(INCIDENT, "INCIDENT", "INSERT"),
    "a signal that is worse": record(INCIDENT, "TIMELINE#worse/SEV1", "INSERT"),
    "an alarm that goes off": record(INCIDENT, "TIMELINE#cleared/0a1b", "INSERT"),
    "what a person reports": record(INCIDENT, "TIMELINE#reported/0a1b", "INSERT"),
    "orders": record(INCIDENT, "TIMELINE#orders", "INSERT"),
    "that the response is over": record(INCIDENT, "TIMELINE#clean_up_began", "INSERT"),
    "the end": record(INCIDENT, "TIMELINE#incident_closed", "INSERT"),
}
NOT_FOLLOWED = {
    "an incident that changes": record(INCIDENT, "INCIDENT"),
    "that orders are asked for": record(INCIDENT, "TIMELINE#orders/asked/0", "INSERT"),
    "a signal that joins": record(INCIDENT, "TIMELINE#signal/0a1b", "INSERT"),
    "how many signals there are": record(INCIDENT, "TALLY"),
    "a question": record(INCIDENT, "DECISION#orders", "INSERT"),
    "what people delete": record(INCIDENT, "TIMELINE#worse/SEV1", "REMOVE"),
}
FOLLOW_UPS = ("decision_follow_up", "incident_follow_up")


def test_r3_the_stream_tells_keys_and_no_secret(template: Template) -> None:
    tables = template.of_type("AWS::DynamoDB::GlobalTable").values()
    (table,) = [table for table in tables if "StreamSpecification" in table]
    assert table["StreamSpecification"] == {"StreamViewType": "KEYS_ONLY"}


@pytest.mark.parametrize("action", ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"])
def test_the_follow_ups_and_nobody_else_may_read_the_stream(template: Template, action: str) -> None:
    """Lambda refuses to make a mapping for a role that lacks one of the four."""
    (table,) = [name for name in template.of_type("AWS::DynamoDB::GlobalTable") if name.startswith("Records")]
    for function in FOLLOW_UPS:
        assert template.mapping_of(function)["EventSourceArn"] == {"Fn::GetAtt": [table, "StreamArn"]}
    readers = {
        name
        for name, function in template.functions().items()
        for held, _ in allowed(template.role_of(function))
        if held == f"dynamodb:{action}"
    }
    assert readers == set(FOLLOW_UPS)


@pytest.mark.parametrize("name", TAKEN)
def test_follows_up(template: Template, name: str) -> None:
    assert _takes(template, "decision_follow_up", TAKEN[name])
    assert decision_of(_keys(TAKEN[name]))


@pytest.mark.parametrize("name", PASSED_BY)
def test_lets_be(template: Template, name: str) -> None:
    assert not _takes(template, "decision_follow_up", PASSED_BY[name])


@pytest.mark.parametrize("name", FOLLOWED)
def test_follows_an_incident(template: Template, name: str) -> None:
    assert _takes(template, "incident_follow_up", FOLLOWED[name])
    happened = happening_of(_keys(FOLLOWED[name]))
    assert happened
    assert f"TIMELINE#{happened[1]}" in {"TIMELINE#", _keys(FOLLOWED[name])["sk"]}


@pytest.mark.parametrize("name", NOT_FOLLOWED)
def test_a_storm_of_what_changes_nothing_costs_no_invocation(template: Template, name: str) -> None:
    assert not _takes(template, "incident_follow_up", NOT_FOLLOWED[name])


@pytest.mark.parametrize("function", FOLLOW_UPS)
def test_a_new_mapping_misses_nothing(template: Template, function: str) -> None:
    assert template.mapping_of(function)["StartingPosition"] == "TRIM_HORIZON"


@pytest.mark.parametrize("function", FOLLOW_UPS)
def test_what_fails_is_tried_for_an_hour_and_then_told_to_a_queue(template: Template, function: str) -> None:
    mapping = template.mapping_of(function)
    assert mapping["MaximumRecordAgeInSeconds"] == 3600
    assert "MaximumRetryAttempts" not in mapping
    unfollowed = target_of(mapping["DestinationConfig"]["OnFailure"]["Destination"])
    assert template.resources[unfollowed]["Type"] == "AWS::SQS::Queue"
    role = template.role_of(template.functions()[function])
    assert ("sqs:SendMessage", f"<{unfollowed}.Arn>") in set(allowed(role))


@pytest.mark.parametrize("function", FOLLOW_UPS)
def test_what_fails_holds_up_as_little_else_as_can_be(template: Template, function: str) -> None:
    mapping = template.mapping_of(function)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert (mapping["BatchSize"], mapping["ParallelizationFactor"]) == (10, 10)


@pytest.mark.parametrize("function", FOLLOW_UPS)
def test_the_stream_is_read_with_the_table_s_key(template: Template, function: str) -> None:
    role = template.role_of(template.functions()[function])
    reading, using_key = statements(role, "stream")
    assert listed(reading["Resource"]) == [template.mapping_of(function)["EventSourceArn"]]
    (key,) = template.of_type("AWS::KMS::Key")
    assert using_key["Resource"] == {"Fn::GetAtt": [key, "Arn"]}
    assert "kms:Decrypt" in using_key["Action"]


def _takes(template: Template, function: str, sent: dict[str, Any]) -> bool:
    filters = template.mapping_of(function)["FilterCriteria"]["Filters"]
    return any(takes(json.loads(each["Pattern"]), sent) for each in filters)


def _keys(sent: dict[str, Any]) -> dict[str, object]:
    return {name: value["S"] for name, value in sent["dynamodb"]["Keys"].items()}
