"""Signals: every documented shape is read, nothing from outside crashes the reader (R16), rules classify (P6.1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.classification import cause_of, incident_from, rule_for
from emergency.domain.errors import UnusableSignal
from emergency.domain.event import read_signal
from emergency.domain.plan import Plan
from emergency.domain.signal import Meaning
from emergency.domain.terms import Risk, Severity
from tests.support.events import alarm

NOW = datetime(2026, 11, 22, 3, 13, tzinfo=UTC)


def test_an_alarm_tells_when_it_was_noticed_and_when_the_trouble_began() -> None:
    signal = read_signal(alarm())
    assert signal.meaning is Meaning.FAILURE
    assert signal.at == datetime(2026, 11, 22, 3, 12, 41, 683000, tzinfo=UTC)
    assert signal.began_at == datetime(2026, 11, 22, 3, 9, tzinfo=UTC)
    assert (signal.name, signal.namespace, signal.metric) == (
        "checkout-alb-5xx-high",
        "AWS/ApplicationELB",
        "HTTPCode_ELB_5XX_Count",
    )


@pytest.mark.parametrize(
    ("state", "meaning"),
    [("ALARM", Meaning.FAILURE), ("OK", Meaning.RECOVERY), ("INSUFFICIENT_DATA", Meaning.NEITHER)],
)
def test_the_alarm_state_gives_the_meaning(state: str, meaning: Meaning) -> None:
    assert read_signal(alarm(state=state)).meaning is meaning


def test_a_composite_alarm_brings_its_childrens_names() -> None:
    configuration = {"alarmRule": 'ALARM("arn:aws:cloudwatch:eu-west-1:1:alarm:a b") OR (ALARM(c) AND NOT OK(d))'}
    assert read_signal(alarm("parent", configuration=configuration)).names == ("parent", "a b", "c", "d")


def test_a_metrics_insights_alarm_names_its_metric_only_in_the_query() -> None:
    query = 'SELECT SUM(SystemErrors) FROM SCHEMA("AWS/DynamoDB", TableName) GROUP BY TableName'
    signal = read_signal(alarm(configuration={"metrics": [{"id": "q1", "expression": query}]}))
    assert (signal.namespace, signal.metric) == ("AWS/DynamoDB", "SystemErrors")


@pytest.mark.parametrize(
    "detail_type", ["CloudWatch Alarm Contributor State Change", "CloudWatch Alarm Configuration Change", "Else"]
)
def test_other_events_are_read_and_mean_nothing(detail_type: str) -> None:
    signal = read_signal({**alarm(), "detail-type": detail_type})
    assert signal.meaning is Meaning.NEITHER
    assert signal.why_neither


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ("not an object", "Expected"),
        ({}, "missing required field"),
        ({**alarm(), "id": ""}, "$.id"),
        ({**alarm(), "id": "x" * 129}, "$.id"),
        ({**alarm(), "time": "yesterday", "detail": {**alarm()["detail"], "state": {"value": "ALARM"}}}, "yesterday"),
        ({**alarm(), "detail": {}}, "alarmName"),
        ({**alarm(), "detail": {"alarmName": 7, "state": {"value": "ALARM"}}}, "alarmName"),
        ({**alarm(), "detail": {"alarmName": " \n", "state": {"value": "ALARM"}}}, "alarmName"),
        (alarm(state="ALARMING"), "ALARMING"),
    ],
)
def test_a_broken_event_is_rejected_with_the_place(broken: object, place: str) -> None:
    with pytest.raises(UnusableSignal, match=place.replace("$", r"\$")):
        read_signal(broken)


def with_reason_data(reason_data: str) -> dict[str, Any]:
    event = alarm()
    event["detail"]["state"]["reasonData"] = reason_data
    return event


@pytest.mark.parametrize(
    "odd", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", f"Mon, 01 Jan {'9' * 20} 00:00:00 +0000"]
)
def test_a_time_out_of_range_is_rejected_and_as_a_beginning_not_believed(odd: str) -> None:
    with pytest.raises(UnusableSignal, match=r"\$\.time"):
        read_signal(alarm(at=odd))
    signal = read_signal(with_reason_data(f'{{"startDate":"{odd}"}}'))
    assert signal.began_at == signal.at


@pytest.mark.parametrize("created", ["yesterday", None, 7, "0001-01-01T00:00:00+14:00"])
def test_a_finding_whose_beginning_is_odd_began_when_it_was_found(created: object) -> None:
    finding = {"type": "Exfiltration:S3/MaliciousIPCaller", "createdAt": created, "title": None}
    event = {**alarm(), "source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": finding}
    signal = read_signal(event)
    assert signal.began_at == signal.at
    assert not signal.reason


def test_deeply_nested_reason_data_says_nothing() -> None:
    signal = read_signal(with_reason_data('{"a":' + "[" * 100_000))
    assert signal.began_at == signal.at


def test_an_odd_rule_of_a_composite_alarm_costs_no_time() -> None:
    """With overlapping parts the pattern takes minutes for these ten thousand spaces."""
    assert read_signal(alarm("parent", configuration={"alarmRule": "ALARM(" + " " * 10_000})).names == ("parent",)
    rule = """ALARM( "a (prod)" ) OR ALARM('it"s') OR INSUFFICIENT_DATA(b)"""
    names = read_signal(alarm("parent", configuration={"alarmRule": rule})).names
    assert names == ("parent", "a (prod)", 'it"s', "b")


@pytest.mark.parametrize("event_id", ["\ud800", "a\nb", "\u202e"])
def test_an_id_that_no_record_can_have_is_rejected(event_id: str) -> None:
    with pytest.raises(UnusableSignal, match=r"\$\.id"):
        read_signal(alarm(event_id=event_id))


def test_account_and_region_are_cut_and_cleaned_like_every_text_from_outside() -> None:
    signal = read_signal({**alarm(), "region": "x\ud800\n" + "y" * 300_000, "account": "\x00" * 9})
    assert signal.region.startswith("x y")
    assert len(signal.region) <= 256
    assert not signal.account


def test_names_lose_control_characters_and_excess() -> None:
    signal = read_signal(alarm("a\r\nBcc: x@example\x00\u202e" + "b" * 500))
    assert signal.name.startswith("a Bcc: x@example")
    assert len(signal.name) <= 256
    assert "\u202e" not in signal.name


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=15,
)


@given(detail=st.dictionaries(st.sampled_from(["alarmName", "state", "configuration", "type"]), json_values))
def test_whatever_stands_in_the_detail_is_read_or_rejected_by_name(detail: dict[str, Any]) -> None:
    for source, detail_type in [
        ("aws.cloudwatch", "CloudWatch Alarm State Change"),
        ("aws.guardduty", "GuardDuty Finding"),
        ("aws.health", "AWS Health Event"),
    ]:
        try:
            read_signal({**alarm(), "source": source, "detail-type": detail_type, "detail": detail})
        except UnusableSignal:
            continue


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:rds:ap-northeast-1:1:cluster:customer-db-prod", "customer-db-prod"),
        ("arn:aws:elasticloadbalancing:us-west-2:4:loadbalancer/app/login-prod/5be8", "app/login-prod/5be8"),
        ("arn:aws:s3:::shop-exports", "shop-exports"),
        ("", ""),
    ],
)
def test_a_resource_is_named_as_people_name_it(arn: str, name: str) -> None:
    health = {"eventTypeCode": "AWS_RDS_OPERATIONAL_ISSUE", "eventTypeCategory": "issue", "service": "RDS"}
    event = {**alarm(), "source": "aws.health", "detail-type": "AWS Health Event", "detail": health}
    assert read_signal({**event, "resources": [arn]}).resource == name


def test_the_first_rule_that_matches_decides_and_the_last_matches_everything(plan: Plan) -> None:
    assert rule_for(read_signal(alarm("CHECKOUT-errors")), plan).id == "checkout"
    assert rule_for(read_signal(alarm("x", namespace="AWS/DDoSProtection")), plan).risk is Risk.NETWORK_ATTACK
    assert rule_for(read_signal(alarm("never-seen")), plan).id == "default"


def test_a_composites_child_can_match_for_its_parent(plan: Plan) -> None:
    signal = read_signal(alarm("parent", configuration={"alarmRule": "ALARM(checkout-5xx)"}))
    assert rule_for(signal, plan).id == "checkout"


def test_the_same_component_is_the_same_cause_and_unknown_alarms_stay_apart(plan: Plan) -> None:
    def cause(name: str) -> str:
        signal = read_signal(alarm(name))
        return cause_of(signal, rule_for(signal, plan))

    assert cause("checkout-a") == cause("checkout-b")
    assert cause("this") != cause("that")


def test_an_incident_opens_with_the_report_that_p6_1_asks_for(plan: Plan) -> None:
    signal = read_signal(alarm())
    incident = incident_from(signal, rule_for(signal, plan), plan, incident_id="INC-1", now=NOW)
    assert incident.detected_at == signal.at
    assert incident.place["en"] == "Checkout in ap-northeast-1"
    assert incident.title["zh-Hant"] == "結帳失敗"
    assert incident.first_impact["en"]
    assert incident.computed_severity is incident.severity is Severity.SEV2


def test_braces_in_a_name_stay_what_they_are(plan: Plan) -> None:
    signal = read_signal(alarm("{region} {0} {{"))
    incident = incident_from(signal, rule_for(signal, plan), plan, incident_id="INC-1", now=NOW)
    assert incident.title["en"] == "{region} {0} {{ reports a failure"
