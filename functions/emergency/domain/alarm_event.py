"""CloudWatch's alarm events: single metric, metric maths, anomaly, composite, Metrics Insights."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import msgspec

from emergency.domain.envelope import (
    Envelope,
    bare,
    clean,
    decoded,
    inside,
    moment_or,
    named,
    not_after,
    number,
    tags_of,
    text,
)
from emergency.domain.errors import UnusableSignal
from emergency.domain.signal import ARN_LIMIT, NAME_LIMIT, REASON_LIMIT, Figures, Meaning, Signal

_QUERY = re.compile(
    r'\b[A-Z]+\(\s*"?(?P<metric>[\w.\-/]+)"?\s*\)\s+FROM\s+(?:SCHEMA\(\s*)?"?(?P<namespace>[\w./\-#:]+)"?',
    re.IGNORECASE,
)
_RULE_ALARM = re.compile(
    r"""\b(?P<negated>NOT\s+)?(?P<state>ALARM|OK|INSUFFICIENT_DATA)"""
    r"""\(\s*(?:"(?P<double>[^"]+)"|'(?P<single>[^']+)'|(?P<bare>[^"'()\s]+))\s*\)"""
)
"""An alarm in a composite's rule. No two parts of it can take the same character, so that odd rules cost no time."""

_RULE_LIMIT = 16_384
"""Rules and queries are shorter: CloudWatch takes 10,240 characters."""

_CHILDREN_LIMIT = 100
"""As many as CloudWatch allows below one composite alarm."""

_AT_LEAST = re.compile(
    r"""\bAT_LEAST\(\s*\d+\s*%?\s*,\s*(?P<negated>NOT\s+)?(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*,\s*"""
    r"""\((?P<alarms>(?:"[^"]*"|'[^']*'|[^"'()])*)\)"""
)
"""A number or share of the alarms in a list."""

_LISTED = re.compile(r"""\s*(?:"(?P<double>[^"]+)"|'(?P<single>[^']+)'|(?P<bare>[^"',\s]+))""")

_QUALIFIERS = frozenset({"AvailabilityZone", "Region", "Operation", "ExecutedVersion", "Broker ID"})
"""Dimensions that many different things have in common."""

_MEANINGS = {"ALARM": Meaning.FAILURE, "OK": Meaning.RECOVERY, "INSUFFICIENT_DATA": Meaning.NEITHER}

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
"""How a region's name begins → its partition; `aws` for all others."""


class _State(msgspec.Struct):
    value: str
    reason: object = None
    reasonData: object = None  # noqa: N815
    timestamp: object = None


class _Alarm(msgspec.Struct):
    alarmName: str  # noqa: N815
    state: _State
    configuration: object = None
    alarmTags: object = None  # noqa: N815


def read_alarm(envelope: Envelope) -> Signal:
    """An alarm that changed its state.

    A composite alarm's suppressor is not obeyed: CloudWatch sends the event all the same, and what opens nothing during
    planned maintenance is for people to decide.
    """
    alarm = msgspec.convert({**envelope.detail}, _Alarm)
    name = clean(alarm.alarmName, NAME_LIMIT)
    if not name:
        raise UnusableSignal("$.detail.alarmName: empty")
    if alarm.state.value not in _MEANINGS:
        raise UnusableSignal(f"$.detail.state.value: {clean(alarm.state.value, 40)!r} is no alarm state")
    at = moment_or(envelope.at, alarm.state.timestamp) if alarm.state.timestamp else envelope.at
    told = decoded(text(alarm.state.reasonData))
    namespace, metric, resource = _measured(inside(alarm.configuration, "metrics"))
    signal = replace(bare(envelope), at=at, names=(name,))
    own = _arn(envelope, signal)
    children = _children(alarm, told, own)
    return replace(
        signal,
        meaning=_MEANINGS[alarm.state.value],
        names=(name, *(child.rsplit(":alarm:", 1)[-1][:NAME_LIMIT] for child in children)),
        namespace=namespace,
        metric=metric,
        resource=resource,
        reason=clean(text(alarm.state.reason), REASON_LIMIT),
        began_at=not_after(at, told.get("startDate")),
        why_neither="the alarm has too little data" if alarm.state.value == "INSUFFICIENT_DATA" else "",
        alarm=own,
        children=children,
        tags=tags_of(alarm.alarmTags),
        figures=_figures(told),
    )


def read_contributor(envelope: Envelope) -> Signal:
    """One contributor to an alarm over many time series."""
    return _beside(envelope, "one contributor of an alarm that reports as a whole")


def read_configuration(envelope: Envelope) -> Signal:
    """An alarm that was created, changed or deleted."""
    return _beside(envelope, "the alarm's configuration changed, not its state")


def _beside(envelope: Envelope, why: str) -> Signal:
    """An event about an alarm that is not its state."""
    signal = bare(envelope)
    name = clean(text(envelope.detail.get("alarmName")), NAME_LIMIT) or signal.name
    return replace(signal, names=(name,), alarm=_arn(envelope, replace(signal, names=(name,))), why_neither=why)


def _arn(envelope: Envelope, signal: Signal) -> str:
    given = next((resource for resource in envelope.named_resources if ":alarm:" in resource[:ARN_LIMIT]), "")
    if given:
        return clean(given, ARN_LIMIT)
    partition = next((own for begin, own in _PARTITIONS.items() if signal.region.startswith(begin)), "aws")
    return f"arn:{partition}:cloudwatch:{signal.region}:{signal.account}:alarm:{signal.name}"[:ARN_LIMIT]


def _measured(metrics: object) -> tuple[str, str, str]:
    """Namespace, metric and what is measured of an alarm; from a Metrics Insights query where there is no metric."""
    entries = metrics if isinstance(metrics, list) else []
    for entry in entries:
        metric = inside(entry, "metricStat", "metric")
        if isinstance(metric, dict):
            dimensions = metric.get("dimensions")
            first = _telling(dimensions) if isinstance(dimensions, dict) else ""
            return (
                clean(text(metric.get("namespace")), NAME_LIMIT),
                clean(text(metric.get("name")), NAME_LIMIT),
                named(text(first)),
            )
    for entry in entries:
        query = _QUERY.search(text(inside(entry, "expression"))[:_RULE_LIMIT])
        if query:
            return query["namespace"][:NAME_LIMIT], query["metric"][:NAME_LIMIT], ""
    return "", "", ""


def _telling(dimensions: Mapping[str, object]) -> object:
    """The first dimension that says what is measured, and not only where in it."""
    telling = (value for name, value in dimensions.items() if name not in _QUALIFIERS)
    return next(telling, next(iter(dimensions.values()), ""))


def _children(alarm: _Alarm, told: Mapping[str, object], own: str) -> tuple[str, ...]:
    """The ARNs of the alarms by which a composite one goes on; none for any other alarm.

    They are where it is, by its own ARN.
    """
    beside = own.partition(":alarm:")[0]
    triggering = told.get("triggeringAlarms")
    named_by_rule = _of_rule(text(inside(alarm.configuration, "alarmRule"))[:_RULE_LIMIT])
    named_by_state = (text(inside(one, "arn")) for one in (triggering if isinstance(triggering, list) else ()))
    found: dict[str, None] = {}
    for child in (*named_by_rule, *named_by_state):
        if len(found) == _CHILDREN_LIMIT:
            break
        cleaned = clean(child, ARN_LIMIT)
        if cleaned:
            found[cleaned if ":alarm:" in cleaned else f"{beside}:alarm:{cleaned[:NAME_LIMIT]}"[:ARN_LIMIT]] = None
    return tuple(found)


def _of_rule(rule: str) -> Iterator[str]:
    """The alarms that a rule counts as failures, not those that only hold it back: `AND NOT ALARM(deploying)`."""
    for found in _RULE_ALARM.finditer(rule):
        if _fails(found):
            yield _name_in(found)
    for many in _AT_LEAST.finditer(rule):
        if _fails(many):
            yield from map(_name_in, _LISTED.finditer(many["alarms"]))


def _fails(part: re.Match[str]) -> bool:
    """Whether a part of a rule asks for alarms that are on, or not OK."""
    return (part["state"] == "OK") is bool(part["negated"])


def _name_in(part: re.Match[str]) -> str:
    return part["double"] or part["single"] or part["bare"]


def _figures(told: Mapping[str, object]) -> Figures:
    """The latest datapoint and what it crossed: the threshold, or that side of an anomaly band."""
    value = _latest(told.get("recentDatapoints"))
    threshold = number(told.get("threshold"))
    lower, upper = (_latest(told.get(f"recent{side}Thresholds")) for side in ("Lower", "Upper"))
    if value is not None and threshold is None:
        over = upper is not None and value > upper
        under = lower is not None and value < lower
        threshold = upper if over else lower if under else None
    return Figures(value=value, threshold=threshold)


def _latest(figures: object) -> float | None:
    """The last figure of a list, the oldest of which comes first."""
    listed = figures if isinstance(figures, list) else []
    return next((figure for one in reversed(listed) if (figure := number(one)) is not None), None)
