"""Step 1, incident report: signals open incidents, join them, or are put on file (P6.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from emergency.domain.classification import cause_of, incident_from, rule_for
from emergency.domain.event import read_signal
from emergency.domain.plan import Plan, Rule
from emergency.domain.signal import Disposition, Meaning, Signal, SignalRecord
from emergency.domain.terms import Step
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from emergency.ports import Clock, Identities, Signals, Workflow
from emergency.use_cases.attempts import until_written

STATE = "1. Incident report"
"""The state that a signal belongs to: further signals add to the report that opened the incident."""


@dataclass(frozen=True, kw_only=True)
class ReportIncident:
    """Takes one event. Repeating it for an event that was handled changes nothing but makes sure the workflow runs."""

    plan: Plan
    signals: Signals
    workflow: Workflow
    identities: Identities
    clock: Clock
    own_alarm_prefix: str
    """Alarms of such names watch this system: they tell people themselves, not through what they watch."""

    def __call__(self, event: object) -> SignalRecord:
        """What became of the event. Raises UnusableSignal where it can't be read."""
        signal = read_signal(event, self.plan.sources)
        record = until_written(lambda: self._recorded(signal.id) or self._record(signal))
        if record.disposition is Disposition.OPENED:
            # Also after a crash between the record and the start: the redelivery comes by here.
            self.workflow.start(record.incident_id)
        return record

    def _recorded(self, signal_id: str) -> SignalRecord | None:
        """What became of the signal before; an event that was rejected and is redriven gets its second chance."""
        record = self.signals.recorded(signal_id)
        return None if record is None or record.disposition is Disposition.REJECTED else record

    def _record(self, signal: Signal) -> SignalRecord:
        now = self.clock()
        record = SignalRecord(id=signal.id, disposition=Disposition.IGNORED, at=signal.at, received_at=now)
        if signal.meaning is Meaning.NEITHER:
            return self._note(replace(record, reason=signal.why_neither))
        if signal.name.startswith(self.own_alarm_prefix):
            return self._note(replace(record, reason="an alarm of this system itself"))
        rule = rule_for(signal, self.plan)
        incident_id = self.signals.open_incident_of(cause_of(signal, rule))
        if signal.meaning is Meaning.RECOVERY and incident_id is None:
            return self._note(replace(record, reason="no incident of this cause is open"))
        if incident_id is None:
            return self._open(signal, rule, record, now)
        return self._join(signal, replace(record, incident_id=incident_id), now)

    def _note(self, record: SignalRecord) -> SignalRecord:
        self.signals.note(record)
        return record

    def _open(self, signal: Signal, rule: Rule, record: SignalRecord, now: datetime) -> SignalRecord:
        incident_id = self.identities.incident_id(now)
        incident = incident_from(signal, rule, self.plan, incident_id=incident_id, now=now)
        opened = replace(record, disposition=Disposition.OPENED, incident_id=incident_id)
        self.signals.open(incident, opened, _entry(Fact.SIGNAL_OPENED, signal, incident_id, now))
        return opened

    def _join(self, signal: Signal, record: SignalRecord, now: datetime) -> SignalRecord:
        if signal.meaning is Meaning.RECOVERY:
            cleared = replace(record, disposition=Disposition.CLEARED)
            entry = _entry(Fact.SIGNAL_CLEARED, signal, record.incident_id, now)
            self.signals.join(cleared, entry, cleared_at=signal.at)
            return cleared
        joined = replace(record, disposition=Disposition.JOINED)
        self.signals.join(joined, _entry(Fact.SIGNAL_JOINED, signal, record.incident_id, now))
        return joined


def _entry(fact: Fact, signal: Signal, incident_id: str, now: datetime) -> TimelineEntry:
    return TimelineEntry(
        key=f"signal/{signal.id}",
        at=now,
        step=Step.INCIDENT_REPORT,
        fact=fact,
        actor=SYSTEM,
        place=Place(execution=incident_id, state=STATE),
        details={"name": signal.name, "reason": signal.reason, "region": signal.region},
    )
