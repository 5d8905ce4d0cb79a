"""Events as EventBridge delivers them, for tests: small, and every field can be set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def alarm(
    name: str = "checkout-alb-5xx-high",
    state: str = "ALARM",
    *,
    event_id: str = "0ff9bb51-0944-4e0c-9dfb-369bab13dfae",
    namespace: str = "AWS/ApplicationELB",
    metric: str = "HTTPCode_ELB_5XX_Count",
    at: str = "2026-11-22T03:12:41.683+0000",
    dimensions: Mapping[str, str] | None = None,
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
                                "dimensions": dimensions or {"LoadBalancer": "app/checkout/1"},
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


def finding(*, bucket: str = "customer-data", at: str = "2026-11-22T02:17:00Z") -> dict[str, Any]:
    """A GuardDuty finding: somebody reads customers' data who doesn't usually."""
    return {
        "version": "0",
        "id": "6d6a8a1e-8f0a-4c46-9b5c-6a3ff5a1d0b7",
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "account": "111122223333",
        "time": at,
        "region": "ap-northeast-1",
        "resources": [],
        "detail": {
            "schemaVersion": "2.0",
            "id": "f1e2d3c4b5a697887766554433221100",
            "type": "Exfiltration:S3/AnomalousBehavior",
            "severity": 8.0,
            "createdAt": at,
            "updatedAt": at,
            "title": "Objects of the bucket were read in an unusual way.",
            "resource": {"resourceType": "S3Bucket", "s3BucketDetails": [{"name": bucket}]},
            "service": {"eventFirstSeen": at, "eventLastSeen": at, "count": 1},
        },
    }
