"""What AWS and others report, read into signals (P6.1): the documented shapes, as EventBridge delivers them.

CloudWatch alarm events, GuardDuty and Macie findings, AWS Health events. Text from outside stays text: names are cut to
a sane length and stripped of control characters here, and escaped where they are shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from emergency.domain.errors import UnusableSignal
from emergency.domain.signal import ID_LIMIT, NAME_LIMIT, REASON_LIMIT, Meaning, Signal, is_usable_id

_QUERY = re.compile(
    r'\b[A-Z]+\(\s*"?(?P<metric>[\w.\-/]+)"?\s*\)\s+FROM\s+(?:SCHEMA\(\s*)?"?(?P<namespace>[\w./\-#:]+)"?',
    re.IGNORECASE,
)
_RULE_ALARM = re.compile(
    r"""\b(?:ALARM|OK|INSUFFICIENT_DATA)\(\s*(?:"(?P<double>[^"]+)"|'(?P<single>[^']+)'|(?P<bare>[^"'()\s]+))\s*\)"""
)
"""An alarm in a composite's rule. No two parts of it can take the same character, so that odd rules cost no time."""

_YEARS = range(2000, 2200)
"""Times outside these years are no event's; some of them can't be told in every time zone."""


class _Envelope(msgspec.Struct, rename={"detail_type": "detail-type"}):
    id: str
    source: str
    detail_type: str
    time: str
    detail: dict[str, object]
    account: str = ""
    region: str = ""
    resources: list[str] | None = None


class _State(msgspec.Struct):
    value: str
    reason: str | None = None
    reasonData: str | None = None  # noqa: N815
    timestamp: str | None = None


class _Alarm(msgspec.Struct):
    alarmName: str  # noqa: N815
    state: _State
    configuration: dict[str, object] | None = None


def read_signal(event: object) -> Signal:
    """The signal that an EventBridge envelope reports.

    Event types that nothing here knows are signals with the meaning NEITHER, not errors.
    Raises UnusableSignal where the envelope or the detail lacks what the type promises; the message names the place.
    """
    try:
        envelope = msgspec.convert(event, _Envelope)
        if not is_usable_id(envelope.id):
            raise UnusableSignal(f"$.id: must have 1 to {ID_LIMIT} visible characters")
        reader = _READERS.get((envelope.source, envelope.detail_type), _unknown)
        return reader(envelope)
    except (msgspec.ValidationError, ValueError) as error:
        raise UnusableSignal(_clean(str(error), REASON_LIMIT)) from error


def _clean(text: str, limit: int) -> str:
    """Text from outside, without control characters and not longer than `limit`."""
    visible = "".join(" " if unicodedata.category(char).startswith("C") else char for char in text)
    return " ".join(visible.split())[:limit]


def _named(resource: str) -> str:
    """What people call a resource: of an ARN the part behind its type, of anything else the whole."""
    own = resource.split(":", 5)[-1] if resource.startswith("arn:") else resource
    _kind, separator, name = own.partition(":" if ":" in own else "/")
    return _clean(name if resource.startswith("arn:") and separator else own, NAME_LIMIT)


def _moment(text: str) -> datetime:
    """A time as AWS writes it: ISO 8601 with Z or +0000, or the HTTP date of AWS Health. Raises ValueError."""
    try:
        moment = _parsed(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{_clean(text, 40)!r} is out of range") from error
    if moment.year not in _YEARS:
        raise ValueError(f"{_clean(text, 40)!r} is out of range")
    return moment


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)


def _not_after(at: datetime, began: object) -> datetime:
    """When it began, by an event's own word; `at` where it says nothing usable, or a later time."""
    try:
        return min(_moment(began), at) if isinstance(began, str) else at
    except ValueError:
        return at


def _text(value: object) -> str:
    """A detail's value as text; what isn't text, null above all, is empty."""
    return value if isinstance(value, str) else ""


def _alarm(envelope: _Envelope) -> Signal:
    alarm = msgspec.convert({**envelope.detail}, _Alarm)
    name = _clean(alarm.alarmName, NAME_LIMIT)
    if not name:
        raise UnusableSignal("$.detail.alarmName: empty")
    meanings = {"ALARM": Meaning.FAILURE, "OK": Meaning.RECOVERY, "INSUFFICIENT_DATA": Meaning.NEITHER}
    if alarm.state.value not in meanings:
        raise UnusableSignal(f"$.detail.state.value: {_clean(alarm.state.value, 40)!r} is no alarm state")
    at = _moment(alarm.state.timestamp or envelope.time)
    namespace, metric, resource = _measured(alarm.configuration or {})
    return replace(
        _bare(envelope, at),
        meaning=meanings[alarm.state.value],
        names=(name, *_children(alarm)),
        namespace=namespace,
        metric=metric,
        resource=resource,
        reason=_clean(alarm.state.reason or "", REASON_LIMIT),
        began_at=_began(alarm.state.reasonData or "", at),
        why_neither="the alarm has too little data" if alarm.state.value == "INSUFFICIENT_DATA" else "",
    )


def _measured(configuration: Mapping[str, object]) -> tuple[str, str, str]:
    """Namespace, metric and first dimension of an alarm; from a Metrics Insights query where there is no metric."""
    metrics = configuration.get("metrics")
    for entry in metrics if isinstance(metrics, list) else []:
        stat = entry.get("metricStat") if isinstance(entry, dict) else None
        metric = stat.get("metric") if isinstance(stat, dict) else None
        if isinstance(metric, dict):
            dimensions = metric.get("dimensions")
            first = next(iter(dimensions.values()), "") if isinstance(dimensions, dict) else ""
            return (
                _clean(_text(metric.get("namespace")), NAME_LIMIT),
                _clean(_text(metric.get("name")), NAME_LIMIT),
                _named(_text(first)),
            )
    for entry in metrics if isinstance(metrics, list) else []:
        query = _QUERY.search(str(entry.get("expression", ""))) if isinstance(entry, dict) else None
        if query:
            return query["namespace"][:NAME_LIMIT], query["metric"][:NAME_LIMIT], ""
    return "", "", ""


def _children(alarm: _Alarm) -> tuple[str, ...]:
    """The names in a composite alarm's rule; none for any other alarm."""
    rule = (alarm.configuration or {}).get("alarmRule")
    found = _RULE_ALARM.findall(rule) if isinstance(rule, str) else []
    named = (next(filter(None, alternatives)) for alternatives in found)
    return tuple(dict.fromkeys(_clean(name.rsplit(":alarm:", 1)[-1], NAME_LIMIT) for name in named))


def _began(reason_data: str, at: datetime) -> datetime:
    """When the measured trouble began: the first datapoint of the alarm's reason, or the alarm itself."""
    try:
        data = msgspec.json.decode(reason_data or "{}", type=dict[str, object])
    except (msgspec.DecodeError, RecursionError):
        return at
    return _not_after(at, data.get("startDate"))


def _finding(envelope: _Envelope) -> Signal:
    detail = envelope.detail
    kind = _clean(_text(detail.get("type")), NAME_LIMIT)
    if not kind:
        raise UnusableSignal("$.detail.type: a finding needs its type")
    archived = detail.get("archived") is True or detail.get("sample") is True
    archived = archived or _inside(detail, "service", "archived") is True
    at = _moment(envelope.time)
    bucket = _inside(detail, "resourcesAffected", "s3Bucket", "name") or _inside(
        detail, "resource", "s3BucketDetails", 0, "name"
    )
    return replace(
        _bare(envelope, at),
        meaning=Meaning.NEITHER if archived else Meaning.FAILURE,
        names=(kind,),
        resource=_clean(_text(bucket), NAME_LIMIT),
        reason=_clean(_text(detail.get("title")), REASON_LIMIT),
        began_at=_not_after(at, detail.get("createdAt")),
        why_neither="an archived or sample finding" if archived else "",
    )


def _health(envelope: _Envelope) -> Signal:
    detail = envelope.detail
    code = _clean(_text(detail.get("eventTypeCode")), NAME_LIMIT)
    if not code:
        raise UnusableSignal("$.detail.eventTypeCode: a health event needs its type code")
    is_issue = detail.get("eventTypeCategory") == "issue"
    meaning = Meaning.NEITHER
    if is_issue:
        meaning = Meaning.RECOVERY if detail.get("statusCode") == "closed" else Meaning.FAILURE
    at = _moment(envelope.time)
    described = _inside(detail, "eventDescription", 0, "latestDescription")
    return replace(
        _bare(envelope, at),
        meaning=meaning,
        names=(code,),
        namespace=_clean(f"AWS/{_text(detail.get('service'))}", NAME_LIMIT),
        resource=_named(next(iter(envelope.resources or ()), "")),
        reason=_clean(_text(described), REASON_LIMIT),
        began_at=_not_after(at, detail.get("startTime")),
        why_neither="" if is_issue else "a health event that is no issue",
    )


def _unknown(envelope: _Envelope) -> Signal:
    return replace(_bare(envelope, _moment(envelope.time)), why_neither="no reader for this type of event")


def _bare(envelope: _Envelope, at: datetime) -> Signal:
    """What every signal takes from its envelope; the rest means nothing yet."""
    return Signal(
        id=envelope.id,
        source=envelope.source,
        detail_type=envelope.detail_type,
        account=_clean(envelope.account, NAME_LIMIT),
        region=_clean(envelope.region, NAME_LIMIT),
        meaning=Meaning.NEITHER,
        names=(_clean(envelope.detail_type, NAME_LIMIT),),
        at=at,
        began_at=at,
    )


def _inside(value: object, *path: str | int) -> object:
    """What stands at a path of keys and indices, or None where the path breaks off."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


_READERS: Mapping[tuple[str, str], Callable[[_Envelope], Signal]] = {
    ("aws.cloudwatch", "CloudWatch Alarm State Change"): _alarm,
    ("aws.guardduty", "GuardDuty Finding"): _finding,
    ("aws.macie", "Macie Finding"): _finding,
    ("aws.health", "AWS Health Event"): _health,
}
