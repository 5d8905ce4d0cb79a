"""What is read of each shape beside its meaning: figures, identity, children, tags, reports, mapped events (P6.1, R16)."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from emergency.domain.errors import UnusableSignal
from emergency.domain.event import read_signal
from emergency.domain.plan import SourceMapping
from emergency.domain.signal import ARN_LIMIT, Figures, Meaning, Signal
from emergency.domain.terms import Risk
from tests.support.events import alarm, finding, person

ARN = "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:"


def told(reason_data: object, **state: Any) -> dict[str, Any]:
    event = alarm()
    event["detail"]["state"].update({"reasonData": reason_data, **state})
    return event


def figures(**data: Any) -> Figures:
    return read_signal(told(json.dumps(data))).figures


def health(**detail: Any) -> Signal:
    known = {"service": "RDS", "eventTypeCode": "AWS_RDS_OPERATIONAL_ISSUE", "eventTypeCategory": "issue"}
    event = {**alarm(), "source": "aws.health", "detail-type": "AWS Health Event", "resources": []}
    return read_signal({**event, "detail": {**known, **detail}})


# ---- figures


def test_the_latest_datapoint_stands_against_the_threshold() -> None:
    assert figures(recentDatapoints=[50, 100.0, 150], threshold=50.0) == Figures(value=150, threshold=50)


def test_a_datapoint_that_is_missing_is_not_the_latest() -> None:
    assert figures(recentDatapoints=[1, 2, None], threshold=1).value == 2


@pytest.mark.parametrize(("latest", "crossed"), [(9.0, 3.0), (0.5, 1.0), (2.0, None)])
def test_of_an_anomaly_band_the_side_that_was_crossed_counts(latest: float, crossed: float | None) -> None:
    band = {"recentLowerThresholds": [7, 1], "recentUpperThresholds": [8, 3]}
    assert figures(recentDatapoints=[4, latest], **band).threshold == crossed


@pytest.mark.parametrize("odd", [True, "7", None, [7], 10**400, 1e300, 1e-300])
def test_what_is_no_figure_that_means_something_says_nothing(odd: object) -> None:
    assert figures(recentDatapoints=[odd], threshold=odd) == Figures()


@pytest.mark.parametrize("odd", [7, {"threshold": 1}, "{", "\ud800", "[1]", "null", '{"threshold":NaN}'])
def test_odd_reason_data_says_nothing_and_costs_no_alarm(odd: object) -> None:
    signal = read_signal(told(odd, reason=["x"], timestamp=7))
    assert signal.meaning is Meaning.FAILURE
    assert signal.figures == Figures()


@pytest.mark.parametrize(
    ("source", "detail_type", "severity", "score"),
    [
        ("aws.guardduty", "GuardDuty Finding", 9.1, 9.1),
        ("aws.guardduty", "GuardDuty Finding", 77, None),
        ("aws.macie", "Macie Finding", {"score": 1}, 2),
        ("aws.macie", "Macie Finding", {"score": 2.0, "description": "Medium"}, 5),
        ("aws.macie", "Macie Finding", {"score": 9}, None),
        ("aws.macie", "Macie Finding", {"description": "High"}, None),
    ],
)
def test_a_findings_severity_is_told_from_0_to_10(
    source: str, detail_type: str, severity: object, score: float | None
) -> None:
    event = finding()
    event["detail"]["severity"] = severity
    assert read_signal({**event, "source": source, "detail-type": detail_type}).figures.score == score


# ---- what goes on and off


def test_an_alarm_is_known_by_its_arn() -> None:
    assert read_signal(alarm("a b", "OK")).alarm == read_signal(alarm("a b", event_id="2")).alarm == f"{ARN}a b"


@pytest.mark.parametrize("resources", [[], None, "x", [7], ["arn:aws:s3:::bucket"]])
def test_an_alarm_without_an_arn_has_the_one_that_its_name_makes(resources: object) -> None:
    assert read_signal({**alarm("x"), "resources": resources}).alarm == f"{ARN}x"


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-east-1", "aws-us-gov"), ("eu-west-1", "aws")]
)
def test_the_arn_is_of_the_regions_partition(region: str, partition: str) -> None:
    signal = read_signal({**alarm("x"), "resources": [], "region": region})
    assert signal.alarm == f"arn:{partition}:cloudwatch:{region}:111122223333:alarm:x"


def test_an_arn_has_a_limit() -> None:
    assert len(read_signal({**alarm("x"), "resources": [f"{ARN}{'x' * 9_000}"]}).alarm) == ARN_LIMIT


def test_an_updated_finding_is_the_same_one_and_another_one_is_not() -> None:
    event = finding()
    updated = {**event, "id": "2", "detail": {**event["detail"], "severity": 9, "updatedAt": "2026-11-22T03:00:00Z"}}
    other = {**event, "id": "3", "detail": {**event["detail"], "id": "another"}}

    assert read_signal(updated).alarm == read_signal(event).alarm
    assert read_signal(other).alarm != read_signal(event).alarm


@pytest.mark.parametrize(
    "detail",
    [
        {"archived": True},
        {"service": {"archived": True}},
        {"sample": True},
        {"service": {"additionalInfo": {"sample": True}}},
    ],
)
def test_a_finding_that_was_put_away_is_neither_failure_nor_recovery(detail: dict[str, Any]) -> None:
    event = finding()
    signal = read_signal({**event, "detail": {**event["detail"], **detail}})
    assert signal.meaning is Meaning.NEITHER
    assert signal.why_neither == "an archived or sample finding"


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ({"s3BucketDetails": [{"name": "exports"}], "accessKeyDetails": {"userName": "bot"}}, "exports"),
        ({"instanceDetails": {"instanceId": "i-0abc"}}, "i-0abc"),
        ({"rdsDbInstanceDetails": {"dbInstanceIdentifier": "customers"}}, "customers"),
        ({"lambdaDetails": {"functionName": "resize"}}, "resize"),
        ({"eksClusterDetails": {"name": "shop"}}, "shop"),
        ({"accessKeyDetails": {"userName": "bot"}}, "bot"),
        ({"s3BucketDetails": []}, ""),
        (None, ""),
    ],
)
def test_a_finding_names_what_it_is_about(resource: object, name: str) -> None:
    event = finding()
    assert read_signal({**event, "detail": {**event["detail"], "resource": resource}}).resource == name


def test_the_pages_and_updates_of_a_health_event_are_one_alarm_until_it_is_closed() -> None:
    first, second, closed = (
        health(eventArn="arn:aws:health:x::event/1", page=page, totalPages="2", statusCode=status)
        for page, status in (("1", "open"), ("2", "open"), ("1", "closed"))
    )
    assert first.alarm == second.alarm == closed.alarm == "arn:aws:health:x::event/1"
    assert (first.meaning, second.meaning) == (Meaning.FAILURE, Meaning.FAILURE)
    assert closed.meaning is Meaning.RECOVERY


def test_a_report_of_abuse_is_an_issue_of_aws_health() -> None:
    detail = {"service": "ABUSE", "eventTypeCode": "AWS_ABUSE_EC2_DOS_REPORT", "eventTypeCategory": "issue"}
    event = {**alarm(), "source": "aws.health", "detail-type": "AWS Health Abuse Event", "detail": detail}
    assert read_signal(event).meaning is Meaning.FAILURE


def test_a_health_event_says_itself_where_it_is() -> None:
    """It can come through a backup region and the organisation's own account."""
    signal = health(eventRegion="ap-east-1", affectedAccount="444455556666")
    assert (signal.region, signal.account) == ("ap-east-1", "444455556666")
    assert health().region == "ap-northeast-1"


def test_a_health_event_with_many_entities_is_about_the_first() -> None:
    entities = [
        {"entityValue": "arn:aws:rds:x:1:cluster:customers", "tags": {"stage": "prod"}},
        {"entityValue": "arn:aws:rds:x:1:cluster:orders"},
    ]
    signal = health(affectedEntities=entities)
    assert (signal.resource, signal.tags) == ("customers", {"stage": "prod"})


@pytest.mark.parametrize(
    ("detail_type", "why"),
    [
        ("CloudWatch Alarm Contributor State Change", "one contributor of an alarm that reports as a whole"),
        ("CloudWatch Alarm Configuration Change", "the alarm's configuration changed, not its state"),
    ],
)
def test_what_is_no_change_of_state_says_so_and_names_its_alarm(detail_type: str, why: str) -> None:
    signal = read_signal({**alarm("x"), "detail-type": detail_type})
    assert (signal.meaning, signal.why_neither) == (Meaning.NEITHER, why)
    assert (signal.name, signal.alarm) == ("x", f"{ARN}x")


# ---- composite alarms


def composite(rule: object, reason_data: object = "{}") -> Signal:
    event = told(reason_data)
    event["detail"]["configuration"] = {"alarmRule": rule, "actionsSuppressor": "deploying"}
    return read_signal(event)


def test_a_composites_children_are_known_by_their_arns() -> None:
    assert composite(f'ALARM("{ARN}a") OR ALARM(b)').children == (f"{ARN}a", f"{ARN}b")


def test_a_composite_in_another_account_has_children_there() -> None:
    foreign = "arn:aws:cloudwatch:us-west-2:444455556666:alarm:a"
    assert composite(f'ALARM("{foreign}")').children == (foreign,)


def test_what_only_holds_a_composite_back_is_no_child_of_it() -> None:
    signal = composite("ALARM(a) AND NOT ALARM(deploying) AND OK(quiet) AND NOT OK(b)")
    assert signal.children == (f"{ARN}a", f"{ARN}b")
    assert "deploying" not in signal.names


@pytest.mark.parametrize(
    ("state", "children"),
    [("ALARM", ("a", "b (main)")), ("NOT OK", ("a", "b (main)")), ("OK", ()), ("NOT ALARM", ())],
)
def test_a_share_of_many_alarms_makes_them_children(state: str, children: tuple[str, ...]) -> None:
    signal = composite(f"ALARM(x) AND AT_LEAST(50%, {state}, (a, \"b (main)\", '{ARN}c'))")
    wanted = ("x", *children, *(["c"] if children else []))
    assert signal.children == tuple(f"{ARN}{name}" for name in wanted)


def test_a_composites_children_are_in_its_own_partition() -> None:
    event = alarm(configuration={"alarmRule": "ALARM(a)"})
    event["resources"] = ["arn:aws-eusc:cloudwatch:eusc-de-east-1:111122223333:alarm:all"]
    assert read_signal(event).children == ("arn:aws-eusc:cloudwatch:eusc-de-east-1:111122223333:alarm:a",)


@pytest.mark.parametrize(
    ("dimensions", "resource"),
    [
        ({"AvailabilityZone": "ap-northeast-1a", "LoadBalancer": "app/checkout/1"}, "app/checkout/1"),
        ({"Operation": "GetItem", "TableName": "orders"}, "orders"),
        ({"Region": "Global", "DistributionId": "E1"}, "E1"),
        ({"Region": "ap-northeast-1"}, "ap-northeast-1"),
    ],
)
def test_an_alarm_is_about_what_is_measured_and_not_about_what_many_things_have(
    dimensions: dict[str, str], resource: str
) -> None:
    assert read_signal(alarm(dimensions=dimensions)).resource == resource


def test_a_suppressed_composite_is_a_failure_all_the_same() -> None:
    event = told("{}", actionsSuppressedBy="Alarm", actionsSuppressedReason="Actions suppressed by deploying")
    event["detail"]["configuration"] = {"alarmRule": "ALARM(a)", "actionsSuppressor": "deploying"}
    assert read_signal(event).meaning is Meaning.FAILURE


def test_what_set_a_composite_off_is_its_child_also_where_the_rule_is_missing() -> None:
    triggering = {"triggeringAlarms": [{"arn": f"{ARN}a", "state": {"value": "ALARM"}}, {"arn": 7}, None]}
    signal = composite(None, json.dumps(triggering))
    assert signal.children == (f"{ARN}a",)
    assert signal.names == ("checkout-alb-5xx-high", "a")


def test_a_composite_has_no_more_children_than_there_can_be() -> None:
    assert len(composite(" OR ".join(f"ALARM(a{number})" for number in range(1_500))).children) == 100


# ---- tags


@pytest.mark.parametrize(
    "tags",
    [
        {"team": "orders", "env": "prod"},
        [{"key": "team", "value": "orders"}, {"key": "env", "value": "prod"}],
        [{"Key": "team", "Value": "orders"}, {"Key": "env", "Value": "prod"}],
        [{"TagKey": "team", "TagValue": "orders"}, {"TagKey": "env", "TagValue": "prod"}],
        {"team": "orders", "env": "prod", "count": 7, "": "x"},
    ],
)
def test_tags_are_read_in_every_spelling(tags: object) -> None:
    assert read_signal(alarm(alarmTags=tags)).tags == {"team": "orders", "env": "prod"}


@pytest.mark.parametrize("tags", [None, 7, "team=orders", [7, None, {"key": "x"}, {"value": "y"}], [[]]])
def test_what_are_no_tags_are_none(tags: object) -> None:
    assert read_signal(alarm(alarmTags=tags)).tags == {}


def test_findings_carry_the_tags_of_what_they_are_about() -> None:
    event = finding()
    event["detail"]["resource"]["s3BucketDetails"][0]["tags"] = [{"key": "data-class", "value": "customer"}]
    assert read_signal(event).tags == {"data-class": "customer"}


def test_tags_have_a_limit() -> None:
    assert len(read_signal(alarm(alarmTags={str(number): "x" for number in range(9_000)})).tags) == 50


# ---- people's reports


def test_a_report_holds_what_p6_1_asks_for() -> None:
    signal = read_signal(person())
    assert signal.report is not None
    assert (signal.report.place, signal.report.risk, signal.report.by) == (
        "checkout",
        Risk.SYSTEM_FAILURE,
        "head-of-it",
    )
    assert signal.report.first_impact == signal.reason == "The till says that the card can't be read."
    assert signal.began_at == datetime(2026, 11, 22, 3, 5, tzinfo=UTC)
    assert signal.meaning is Meaning.FAILURE
    assert not signal.alarm


def test_rules_can_match_a_reports_nature_and_place() -> None:
    signal = read_signal(person(nature="unknown", place="Taichung warehouse"))
    assert (signal.namespace, signal.resource) == ("unknown", "Taichung warehouse")
    assert "Taichung warehouse" in signal.names
    assert signal.report is not None
    assert signal.report.risk is None


@pytest.mark.parametrize("field", ["time", "place", "nature", "first_impact"])
@pytest.mark.parametrize("said", [None, "", " \n", 7])
def test_a_report_that_lacks_something_is_rejected_by_the_fields_name(field: str, said: object) -> None:
    with pytest.raises(UnusableSignal, match=rf"\$\.detail\.{field}: must say something"):
        read_signal(person(**{field: said}))


@pytest.mark.parametrize(("field", "said"), [("time", "this morning"), ("nature", "fire"), ("time", "0001-01-01")])
def test_a_report_that_says_something_unusable_is_rejected_by_the_fields_name(field: str, said: str) -> None:
    with pytest.raises(UnusableSignal, match=rf"\$\.detail\.{field}: '{said}' is"):
        read_signal(person(**{field: said}))


def test_a_report_can_do_without_a_contact_and_knows_no_future() -> None:
    signal = read_signal(person(by=None, time="2027-01-01T00:00:00Z"))
    assert signal.report is not None
    assert not signal.report.by
    assert signal.began_at == signal.at


# ---- mapped events

CHECK = SourceMapping(
    id="checks",
    source="shop.monitoring",
    detail_types=("Check Changed",),
    name="detail.check",
    alarm="detail.check",
    state="detail.ok",
    failure=("false",),
    recovery=("true",),
    value="detail.value",
    score="detail.score",
    users="detail.users",
    at="detail.at",
    reason="to_string(detail.why)",
)


def check(**detail: Any) -> dict[str, Any]:
    known = {"check": "basket", "ok": False, **detail}
    return {**alarm(), "source": "shop.monitoring", "detail-type": "Check Changed", "detail": known}


def test_a_mapped_event_is_read_as_the_plan_says() -> None:
    signal = read_signal(check(value=7, users=40.0, score=8, at="2026-11-22T02:00:00Z", why="slow"), [CHECK])
    assert (signal.name, signal.meaning, signal.alarm) == ("basket", Meaning.FAILURE, "shop.monitoring:basket")
    assert signal.figures == Figures(value=7, users=40, score=8)
    assert signal.at == datetime(2026, 11, 22, 2, tzinfo=UTC)
    assert signal.reason == "slow"


def test_a_mapped_state_can_be_a_recovery_or_nothing() -> None:
    assert read_signal(check(ok=True), [CHECK]).meaning is Meaning.RECOVERY
    unclear = read_signal(check(ok="maybe"), [CHECK])
    assert unclear.meaning is Meaning.NEITHER
    assert unclear.why_neither == "the mapping 'checks' takes no notice of the state 'maybe'"


def test_without_a_state_every_mapped_event_is_a_failure() -> None:
    mapping = SourceMapping(id="checks", source="shop.monitoring", name="detail.check")
    assert read_signal(check(ok=True), [mapping]).meaning is Meaning.FAILURE


def test_a_mapped_event_without_a_name_is_rejected_by_the_mappings_name() -> None:
    with pytest.raises(UnusableSignal, match=r"the mapping 'checks' finds no name at detail\.check"):
        read_signal(check(check=None), [CHECK])


@pytest.mark.parametrize(
    "expression", ["sum(detail.check)", "join(`1`, detail.check)", "to_number(detail)", "nothing()"]
)
def test_an_expression_that_does_not_fit_the_event_finds_nothing(expression: str) -> None:
    mapping = SourceMapping(id="x", source="shop.monitoring", name="detail.check", value=expression, reason=expression)
    signal = read_signal(check(), [mapping])
    assert (signal.figures.value, signal.reason) == (None, "")


def test_the_first_mapping_that_fits_reads_an_event_and_others_stay_unread() -> None:
    other = SourceMapping(id="other", source="shop.monitoring", name="'other'")
    assert read_signal(check(), [CHECK, other]).name == "basket"
    assert read_signal({**check(), "detail-type": "Else"}, [CHECK, other]).name == "other"
    assert read_signal({**check(), "detail-type": "Else"}, [CHECK]).meaning is Meaning.NEITHER
    assert read_signal(check()).meaning is Meaning.NEITHER


def test_no_mapping_takes_what_is_read_already() -> None:
    mapping = SourceMapping(id="x", source="aws.cloudwatch", name="'x'")
    assert read_signal(alarm(), [mapping]).name == "checkout-alb-5xx-high"


# ---- hostile input


def deep(levels: int = 50_000) -> Any:
    nested: Any = []
    for _ in range(levels):
        nested = [nested]
    return nested


MILLION = 1_000_000
HOSTILE = {
    "a long name": alarm("x" * MILLION),
    "invisible names": alarm("\u202e" * MILLION + "x"),
    "a long rule": alarm(configuration={"alarmRule": "ALARM(a) OR NOT " * (MILLION // 16)}),
    "a rule of spaces": alarm(configuration={"alarmRule": "NOT" + " " * MILLION}),
    "a query of brackets": alarm(configuration={"metrics": [{"expression": "SUM(" * (MILLION // 4)}]}),
    "a query without an end": alarm(configuration={"metrics": [{"expression": "SUM(" + "x" * MILLION}]}),
    "many metrics": alarm(configuration={"metrics": [{"id": "x"}] * 100_000}),
    "many datapoints": told(json.dumps({"recentDatapoints": [None] * 100_000})),
    "many triggering alarms": told(json.dumps({"triggeringAlarms": [{"arn": f"{ARN}a"}] * 50_000})),
    "many tags": alarm(alarmTags=[{"key": "x", "value": "y"}] * 100_000),
    "many resources": {**alarm(), "resources": ["arn:aws:s3:::x"] * 100_000},
    "a deep expression": alarm(configuration={"metrics": [{"expression": deep()}]}),
    "a deep detail": {**check(why=deep()), "resources": deep()},
    "a long time": {**alarm(), "time": "9" * MILLION},
    "a long report": person(place="x" * MILLION, first_impact="\x00" * MILLION + "x"),
    "a number without an end": check(value=10**4_000, users=10**4_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_r16_hostile_input_is_read_or_rejected_in_a_moment(name: str) -> None:
    began = time.process_time()
    with suppress(UnusableSignal):
        read_signal(HOSTILE[name], [CHECK])
    assert time.process_time() - began < 2


def test_a_rejection_of_a_long_text_is_short() -> None:
    with pytest.raises(UnusableSignal) as rejected:
        read_signal(HOSTILE["a long time"])
    assert len(str(rejected.value)) < 100
