"""EventBridge envelopes: reading them, making CloudWatch's, and shaping them for a rule's target. All pure."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "version": str,
    "id": str,
    "detail-type": str,
    "source": str,
    "account": str,
    "time": str,
    "region": str,
    "resources": list,
    "detail": Mapping,
}
_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.-]+)>")


class NotAnEnvelopeError(ValueError):
    """Something that EventBridge would not send; the message says what is wrong."""


def check_envelope(value: object) -> dict[str, Any]:
    """The value as an envelope. Raises NotAnEnvelopeError."""
    if not isinstance(value, Mapping):
        raise NotAnEnvelopeError("an EventBridge envelope is a JSON object")
    for name, kind in _FIELDS.items():
        if name not in value:
            raise NotAnEnvelopeError(f"an EventBridge envelope needs {name!r}")
        if not isinstance(value[name], kind):
            raise NotAnEnvelopeError(f"{name!r} of an EventBridge envelope has another type")
    return dict(value)


def aws_timestamp(moment: datetime) -> str:
    """A time as alarms give it: milliseconds and +0000."""
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}+0000"


def whole_seconds(moment: datetime) -> str:
    """A time as envelopes give it: whole seconds and Z."""
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%SZ")


def milliseconds(moment: datetime) -> str:
    """A time as the details of most services give it: milliseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def alarm_state_change(
    *,
    alarm_name: str,
    alarm_arn: str,
    configuration: Mapping[str, Any],
    previous: Mapping[str, Any],
    current: Mapping[str, Any],
    account: str,
    region: str,
    now: datetime,
    event_id: str = "",
) -> dict[str, Any]:
    """The envelope of a `CloudWatch Alarm State Change`. `previous` and `current` come from `alarm_state`."""
    return {
        "version": "0",
        "id": event_id or str(uuid.uuid4()),
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": account,
        "time": whole_seconds(now),
        "region": region,
        "resources": [alarm_arn],
        "detail": {
            "alarmName": alarm_name,
            "configuration": dict(configuration),
            "previousState": dict(previous),
            "state": dict(current),
        },
    }


def stack_created(*, stack_id: str, account: str, region: str, now: datetime) -> dict[str, Any]:
    """The envelope of a `CloudFormation Stack Status Change` that ends a first deployment."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "CloudFormation Stack Status Change",
        "source": "aws.cloudformation",
        "account": account,
        "time": whole_seconds(now),
        "region": region,
        "resources": [stack_id],
        "detail": {
            "stack-id": stack_id,
            "status-details": {"status": "CREATE_COMPLETE", "status-reason": ""},
            "client-request-token": "",
        },
    }


def alarm_state(*, value: str, reason: str, reason_data: str | None, at: datetime) -> dict[str, Any]:
    """One state of an alarm within the event; `reasonData` is left out where there is none, as AWS does."""
    state = {"value": value, "reason": reason, "timestamp": aws_timestamp(at)}
    if reason_data and reason_data != "{}":
        state["reasonData"] = reason_data
    return state


def single_metric_configuration(
    *,
    namespace: str,
    metric: str,
    dimensions: Mapping[str, str],
    period: int,
    stat: str,
    description: str | None,
    query_id: str = "",
) -> dict[str, Any]:
    """The `configuration` of an alarm on one metric."""
    entry = {
        "id": query_id or str(uuid.uuid4()),
        "metricStat": {
            "metric": {"namespace": namespace, "name": metric, "dimensions": dict(dimensions)},
            "period": period,
            "stat": stat,
        },
        "returnData": True,
    }
    return _with_description({"metrics": [entry]}, description)


def metric_queries_configuration(queries: list[Mapping[str, Any]], description: str | None) -> dict[str, Any]:
    """The `configuration` of a metric math alarm, from its queries in the API's spelling."""
    return _with_description({"metrics": [_metric_query(query) for query in queries]}, description)


def composite_configuration(rule: str, description: str | None) -> dict[str, Any]:
    """The `configuration` of a composite alarm."""
    return _with_description({"alarmRule": rule}, description)


def _with_description(configuration: dict[str, Any], description: str | None) -> dict[str, Any]:
    return {"description": description, **configuration} if description else configuration


def _metric_query(query: Mapping[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": query["Id"], "returnData": bool(query.get("ReturnData", True))}
    for name, key in (("Expression", "expression"), ("Label", "label"), ("Period", "period")):
        if query.get(name) is not None:
            entry[key] = query[name]
    stat = query.get("MetricStat")
    if stat:
        metric = stat["Metric"]
        entry["metricStat"] = {
            "metric": {
                "namespace": metric.get("Namespace"),
                "name": metric.get("MetricName"),
                "dimensions": {item["Name"]: item["Value"] for item in metric.get("Dimensions") or []},
            },
            "period": stat.get("Period"),
            "stat": stat.get("Stat"),
        }
    return entry


def target_input(target: Mapping[str, Any], envelope: Mapping[str, Any], rule_arn: str) -> str:
    """The JSON text that a rule's target receives for an envelope: constant, part, transformed, or the whole."""
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        return json.dumps(_at(envelope, str(target["InputPath"])))
    transformer = target.get("InputTransformer")
    if transformer:
        return _transform(transformer, envelope, rule_arn)
    return json.dumps(envelope)


def _transform(transformer: Mapping[str, Any], envelope: Mapping[str, Any], rule_arn: str) -> str:
    template = str(transformer["InputTemplate"])
    values: dict[str, Any] = {
        name: _at(envelope, path) for name, path in (transformer.get("InputPathsMap") or {}).items()
    }
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event.ingestion-time": whole_seconds(datetime.now(UTC)),
        "aws.events.event": {key: item for key, item in envelope.items() if key != "detail"},
        "aws.events.event.json": envelope,
    }

    def value_of(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            return match.group(0)
        text = json.dumps(values[name])
        quoted = template[: match.start()].replace('\\"', "").count('"') % 2 == 1
        return text[1:-1] if quoted and isinstance(values[name], str) else text

    return _PLACEHOLDER.sub(value_of, template)


def _at(envelope: Mapping[str, Any], path: str) -> Any:
    """The value at a simple JSON path ($.a.b[0]); a path that leads nowhere gives an empty text, as on AWS."""
    value: Any = envelope
    for name, index in re.findall(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]", path):
        try:
            value = value[name] if name else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return ""
    return value
