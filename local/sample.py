"""The sample alarm of the demo: checkout answers with errors."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local.engine.envelopes import aws_timestamp

if TYPE_CHECKING:
    from local.stack import LocalStack

SAMPLE_ALARM = "checkout-alb-5xx-high"
_THRESHOLD = 50.0
_POINTS = (212.0, 468.0, 733.0)


def fire_sample_alarm(stack: LocalStack) -> None:
    """Makes the alarm as an operator would, with `put-metric-alarm`, and lets it go off with `set-alarm-state`."""
    cloudwatch = stack.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=SAMPLE_ALARM,
        AlarmDescription="Checkout load balancer itself answers 5XX: customers cannot place orders.",
        Namespace="AWS/ApplicationELB",
        MetricName="HTTPCode_ELB_5XX_Count",
        Dimensions=[{"Name": "LoadBalancer", "Value": "app/checkout-prod/7c1d5f0a9be24e63"}],
        Period=60,
        Statistic="Sum",
        EvaluationPeriods=3,
        DatapointsToAlarm=3,
        Threshold=_THRESHOLD,
        ComparisonOperator="GreaterThanThreshold",
    )
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
    cloudwatch.set_alarm_state(
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
