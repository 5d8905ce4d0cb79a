from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from local.engine import envelopes
from local.engine.envelopes import NotAnEnvelopeError, check_envelope, target_input
from tests.support.small_response import alarm_event

ENVELOPE = alarm_event("e-1", names=["a", "b"], note='say "no"', size=3)
RULE = "arn:aws:events:ap-northeast-1:123456789012:rule/alarms"


def test_an_envelope_passes_as_it_is() -> None:
    assert check_envelope(ENVELOPE) == ENVELOPE


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([], "JSON object"),
        ({**ENVELOPE, "detail": "text"}, "'detail'"),
        ({k: v for k, v in ENVELOPE.items() if k != "id"}, "needs 'id'"),
        ({**ENVELOPE, "time": 3}, "'time'"),
    ],
)
def test_other_things_are_no_envelopes(value: Any, says: str) -> None:
    with pytest.raises(NotAnEnvelopeError, match=says):
        check_envelope(value)


@pytest.mark.parametrize(
    ("target", "received"),
    [
        ({}, ENVELOPE),
        ({"Input": '{"constant": 1}'}, {"constant": 1}),
        ({"InputPath": "$.detail.names[1]"}, "b"),
        ({"InputPath": "$.detail.nothing"}, ""),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"note": "$.detail.note", "size": "$.detail.size", "names": "$.detail.names"},
                    "InputTemplate": '{"text": "Note: <note> (<size>)", "note": <note>, "names": <names>, '
                    '"rule": <aws.events.rule-arn>, "unknown": "<b>"}',
                }
            },
            {
                "text": 'Note: say "no" (3)',
                "note": 'say "no"',
                "names": ["a", "b"],
                "rule": RULE,
                "unknown": "<b>",
            },
        ),
        ({"InputTransformer": {"InputTemplate": '{"whole": <aws.events.event.json>}'}}, {"whole": ENVELOPE}),
    ],
)
def test_what_a_target_receives(target: dict[str, Any], received: Any) -> None:
    assert json.loads(target_input(target, ENVELOPE, RULE)) == received


def test_times_are_written_as_aws_writes_them() -> None:
    moment = datetime(2026, 11, 22, 11, 9, 8, 7654, tzinfo=timezone(timedelta(hours=8)))
    assert envelopes.aws_timestamp(moment) == "2026-11-22T03:09:08.007+0000"
    assert envelopes.whole_seconds(moment.astimezone(UTC)) == "2026-11-22T03:09:08Z"


def test_metric_math_alarms_show_their_queries() -> None:
    metric = {"Namespace": "Shop", "MetricName": "Errors", "Dimensions": [{"Name": "Api", "Value": "pay"}]}
    configuration = envelopes.metric_queries_configuration(
        [
            {"Id": "rate", "Expression": "errors/calls", "ReturnData": True, "Label": "Error rate"},
            {"Id": "errors", "ReturnData": False, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}},
        ],
        "Payments fail",
    )
    assert configuration["description"] == "Payments fail"
    rate, errors = configuration["metrics"]
    assert rate == {"id": "rate", "expression": "errors/calls", "label": "Error rate", "returnData": True}
    assert errors["metricStat"]["metric"]["dimensions"] == {"Api": "pay"}
    assert errors["returnData"] is False


def test_a_state_without_reason_data_has_none() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert "reasonData" not in envelopes.alarm_state(value="OK", reason="x", reason_data="{}", at=now)
