"""Events as EventBridge delivers them, for tests: small ones of which every field can be set, and whole samples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SAMPLE_DIR = Path(__file__).resolve().parents[1] / "samples"
"""Events of a shop, whole, as AWS documents their shapes; all values are made up."""


def samples() -> dict[str, dict[str, Any]]:
    """Every sample by its file's name."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(SAMPLE_DIR.glob("*.json"))}


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


def person(**detail: Any) -> dict[str, Any]:
    """A person's report over the event bus; None leaves a field out."""
    said = {
        "time": "2026-11-22T03:05:00Z",
        "place": "checkout",
        "nature": "system_failure",
        "first_impact": "The till says that the card can't be read.",
        "by": "head-of-it",
        **detail,
    }
    return {
        "version": "0",
        "id": "9d2f1a60-5b8e-4c0e-9a55-0d7c3b1e7f42",
        "detail-type": "Incident Report",
        "source": "emergency.report",
        "account": "111122223333",
        "time": "2026-11-22T03:12:41Z",
        "region": "ap-northeast-1",
        "resources": [],
        "detail": {name: value for name, value in said.items() if value is not None},
    }


def checked(**detail: Any) -> dict[str, Any]:
    """An event of the shop's own monitoring, which the example plan maps."""
    known = {"check": "basket-canary", "area": "Checkout", "status": "failed", "changed_at": "2026-11-22T05:30:00Z"}
    return {
        "version": "0",
        "id": "5f2c6d8e-0d55-4a52-8df6-0a8f7a3a2c11",
        "detail-type": "Check Changed",
        "source": "shop.monitoring",
        "account": "111122223333",
        "time": "2026-11-22T05:31:00Z",
        "region": "ap-northeast-1",
        "resources": [],
        "detail": {**known, **detail},
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
