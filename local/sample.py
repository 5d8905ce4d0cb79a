"""The alarms of a shop that has nothing but them: what there is to be set off on this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from local.engine.envelopes import aws_timestamp

if TYPE_CHECKING:
    from local.stack import LocalStack

SAMPLE_ALARM = "checkout-alb-5xx-high"
"""The alarm of the demo."""

_THRESHOLD = 50.0
_POINTS = (212.0, 468.0, 733.0)

SHOP_ALARMS: tuple[Mapping[str, Any], ...] = (
    {
        "AlarmName": SAMPLE_ALARM,
        "AlarmDescription": "Checkout load balancer itself answers 5XX: customers cannot place orders.",
        "Namespace": "AWS/ApplicationELB",
        "MetricName": "HTTPCode_ELB_5XX_Count",
        "Dimensions": [{"Name": "LoadBalancer", "Value": "app/checkout-prod/7c1d5f0a9be24e63"}],
        "Period": 60,
        "Threshold": _THRESHOLD,
    },
    {
        "AlarmName": "payments-api-5xx-high",
        "AlarmDescription": "Payment authorisations fail with a server error.",
        "Namespace": "AWS/ApiGateway",
        "MetricName": "5XXError",
        "Dimensions": [{"Name": "ApiName", "Value": "payments-api"}],
        "Period": 300,
        "Threshold": 25.0,
    },
    {
        "AlarmName": "login-ddos-detected",
        "AlarmDescription": "Shield Advanced sees an attack on the login load balancer.",
        "Namespace": "AWS/DDoSProtection",
        "MetricName": "DDoSDetected",
        "Dimensions": [{"Name": "ResourceArn", "Value": "app/login-prod/5be80f3c1d2a9476"}],
        "Period": 60,
        "Threshold": 0.0,
    },
    {
        "AlarmName": "carrier-parcels-overdue",
        "AlarmDescription": "Parcels past the carrier's promised delivery time.",
        "Namespace": "Shop/Logistics",
        "MetricName": "ParcelsPastDeliverySla",
        "Dimensions": [{"Name": "Carrier", "Value": "harbour-express"}],
        "Period": 900,
        "Threshold": 150.0,
    },
)
"""What `put_metric_alarm` takes, beside what all of them share."""


def make_shop_alarms(stack: LocalStack) -> None:
    """Makes the shop's alarms, as they would be there before the system is deployed beside them."""
    for alarm in SHOP_ALARMS:
        stack.client("cloudwatch").put_metric_alarm(
            Statistic="Sum",
            EvaluationPeriods=3,
            DatapointsToAlarm=3,
            ComparisonOperator="GreaterThanThreshold",
            **alarm,
        )


def fire_sample_alarm(stack: LocalStack) -> None:
    """Lets the demo's alarm go off, with `set-alarm-state` as an operator would."""
    now = datetime.now(UTC)
    data = {
        "version": "1.0",
        "queryDate": aws_timestamp(now),
        "startDate": aws_timestamp(now - timedelta(minutes=3)),
        "statistic": "Sum",
        "period": 60,
        "recentDatapoints": list(_POINTS),
        "threshold": _THRESHOLD,
    }
    stack.client("cloudwatch").set_alarm_state(
        AlarmName=SAMPLE_ALARM,
        StateValue="ALARM",
        StateReason=_reason(now),
        StateReasonData=json.dumps(data, separators=(",", ":")),
    )


def _reason(now: datetime) -> str:
    shown = [
        f"{value} ({(now - timedelta(minutes=age)).strftime('%d/%m/%y %H:%M:00')})"
        for age, value in zip((1, 2, 3), reversed(_POINTS), strict=True)
    ]
    return (
        f"Threshold Crossed: 3 out of the last 3 datapoints [{', '.join(shown)}] were greater than the threshold "
        f"({_THRESHOLD}) (minimum 3 datapoints for OK -> ALARM transition)."
    )
