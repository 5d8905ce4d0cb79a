"""Events as EventBridge delivers them, for tests: small, and every field can be set."""

from __future__ import annotations

from typing import Any


def alarm(
    name: str = "checkout-alb-5xx-high",
    state: str = "ALARM",
    *,
    event_id: str = "0ff9bb51-0944-4e0c-9dfb-369bab13dfae",
    namespace: str = "AWS/ApplicationELB",
    metric: str = "HTTPCode_ELB_5XX_Count",
    at: str = "2026-11-22T03:12:41.683+0000",
    **detail: Any,
) -> dict[str, Any]:
    return {
        "version": "0",
        "id": event_id,
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": "111122223333",
        "time": f"{at[:19]}Z",
        "region": "ap-northeast-1",
        "resources": [f"arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:{name}"],
        "detail": {
            "alarmName": name,
            "configuration": {
                "metrics": [
                    {
                        "id": "m1",
                        "metricStat": {
                            "metric": {
                                "dimensions": {"LoadBalancer": "app/checkout/1"},
                                "name": metric,
                                "namespace": namespace,
                            },
                            "period": 60,
                            "stat": "Sum",
                        },
                        "returnData": True,
                    }
                ]
            },
            "previousState": {"value": "OK", "timestamp": "2026-11-22T03:00:41.683+0000"},
            "state": {
                "value": state,
                "reason": "Threshold Crossed",
                "reasonData": '{"startDate":"2026-11-22T03:09:00.000+0000"}',
                "timestamp": at,
            },
            **detail,
        },
    }
