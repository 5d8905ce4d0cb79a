"""What AWS and others report, read into signals (P6.1): the documented shapes, as EventBridge delivers them.

CloudWatch alarm events, GuardDuty and Macie findings, AWS Health events, people's reports, and what the plan maps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import msgspec

from emergency.domain.alarm_event import read_alarm, read_configuration, read_contributor
from emergency.domain.envelope import Envelope, bare, clean, envelope_of
from emergency.domain.errors import UnusableSignal
from emergency.domain.finding_event import read_finding, read_health
from emergency.domain.mapped_event import mapping_for, read_mapped
from emergency.domain.plan import SourceMapping
from emergency.domain.report_event import REPORT_SOURCE, REPORT_TYPE, read_report
from emergency.domain.signal import REASON_LIMIT, Signal

_READERS: Mapping[tuple[str, str], Callable[[Envelope], Signal]] = {
    ("aws.cloudwatch", "CloudWatch Alarm State Change"): read_alarm,
    ("aws.cloudwatch", "CloudWatch Alarm Contributor State Change"): read_contributor,
    ("aws.cloudwatch", "CloudWatch Alarm Configuration Change"): read_configuration,
    ("aws.guardduty", "GuardDuty Finding"): read_finding,
    ("aws.macie", "Macie Finding"): read_finding,
    ("aws.health", "AWS Health Event"): read_health,
    ("aws.health", "AWS Health Abuse Event"): read_health,
    (REPORT_SOURCE, REPORT_TYPE): read_report,
}

READ: Mapping[str, frozenset[str]] = {
    source: frozenset(detail_type for other, detail_type in _READERS if other == source) for source, _ in _READERS
}
"""Source → the detail types that are read without a mapping."""


def read_signal(event: object, sources: Sequence[SourceMapping] = ()) -> Signal:
    """The signal that an EventBridge envelope reports. `sources` are the plan's mappings of other events.

    Event types that nothing here knows are signals with the meaning NEITHER, not errors.
    Raises UnusableSignal where the envelope or the detail lacks what the type promises; the message names the place.
    """
    try:
        return _read(envelope_of(event), sources)
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        raise UnusableSignal(clean(str(error), REASON_LIMIT)) from error


def _read(envelope: Envelope, sources: Sequence[SourceMapping]) -> Signal:
    reader = _READERS.get((envelope.source, envelope.detail_type))
    if reader is not None:
        return reader(envelope)
    mapping = mapping_for(envelope, sources)
    if mapping is not None:
        return read_mapped(envelope, mapping)
    return replace(bare(envelope), why_neither="no reader for this type of event")
