"""Alarms of other regions and accounts open incidents in the home; what could not be forwarded is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from local import synth
from local.engine.delivery import Home
from local.sample import SHOP_ALARMS
from local.stack import HOME, LocalStack

NEXT_REGION = Home(account=HOME.account, region="us-east-1")
NEXT_ACCOUNT = Home(account="222233334444", region="eu-west-1")
CONTEXT = {
    "home": {"account": HOME.account, "region": HOME.region},
    "monitored": [{"region": NEXT_REGION.region}, {"account": NEXT_ACCOUNT.account, "region": NEXT_ACCOUNT.region}],
}


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


def opened_by(stack: LocalStack, place: Home, shop_alarm: Mapping[str, Any]) -> Mapping[str, Any]:
    """The incident that an alarm opens there, in the home's records."""
    before = set(stack.reader.incident_ids())
    fire(stack, place, shop_alarm)
    stack.wait_until(lambda: len(stack.reader.incident_ids()) > len(before), 20, "the incident")
    (opened,) = set(stack.reader.incident_ids()) - before
    record = stack.reader.incident(opened)
    assert record is not None
    return record.incident


@pytest.mark.parametrize(("place", "shop_alarm"), [(NEXT_REGION, SHOP_ALARMS[0]), (NEXT_ACCOUNT, SHOP_ALARMS[3])])
def test_an_alarm_elsewhere_opens_an_incident_at_home_with_its_own_region(
    stack: LocalStack, place: Home, shop_alarm: Mapping[str, Any]
) -> None:
    incident = opened_by(stack, place, shop_alarm)
    assert incident["signal_name"] == shop_alarm["AlarmName"]
    assert incident["place"]["en"].endswith(f", {place.region}")
    assert any(execution.name == incident["id"] for execution in stack.executions())
    assert stack.dead_letters() == 0


def test_an_alarm_where_nothing_is_monitored_stays_there(stack: LocalStack) -> None:
    before = stack.reader.incident_ids()
    fire(stack, Home(account=HOME.account, region="us-west-2"), SHOP_ALARMS[1])
    stack.wait_until(stack.is_idle, 20, "the engine")
    assert stack.reader.incident_ids() == before
