"""Opens an incident in the records without an event, for tests of what comes after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from emergency.domain.correlation import Alarm, alarm_of, begun, reported, switched, with_opened
from emergency.domain.event import read_signal
from emergency.domain.filing import Filing
from emergency.domain.incident import Incident
from emergency.domain.signal import KeptSignal, SignalRecord
from emergency.domain.timeline import TimelineEntry
from emergency.ports import Signals
from tests.support.events import alarm


def open_incident(
    signals: Signals,
    incident: Incident,
    record: SignalRecord,
    entry: TimelineEntry,
    event: dict[str, Any] | None = None,
) -> None:
    """Files what the event, an alarm unless it is given, changes where it opens the incident."""
    signal = read_signal(event or alarm(event_id=record.id))
    arn = alarm_of(signal)
    before = signals.alarms([arn]).get(arn)
    after = Alarm(
        arn=arn,
        is_on=True,
        changed_at=signal.at,
        incident_id=incident.id,
        version=before.version if before else 0,
    )
    known = signals.tally(incident.id)
    tally = replace(begun(incident), version=known.version if known else 0)
    tally = switched(reported(tally, signal.at, incident.computed_severity), before, after)
    signals.file(
        Filing(
            kept=KeptSignal(record=record, signal=signal, event="{}"),
            incident=incident,
            register=with_opened(signals.register(), incident, signal),
            alarm=after,
            tallies=(tally,),
            entries=(entry,),
        )
    )
