"""Step 1, incident report: signals open incidents, join them, or are put on file (P6.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from emergency.domain.classification import Classified, classify, incident_from, placed
from emergency.domain.correlation import (
    MOST_CHILDREN,
    Alarm,
    Early,
    Former,
    OpenIncident,
    Register,
    Tally,
    alarm_of,
    begun,
    credible,
    has_returned,
    heard,
    home_of,
    is_quiet,
    left,
    window_for,
    with_early,
    with_family,
    with_opened,
)
from emergency.domain.errors import RecordChanged
from emergency.domain.event import read_signal
from emergency.domain.filing import Filing, Heard, counted
from emergency.domain.maintenance import is_maintenance
from emergency.domain.plan import Plan
from emergency.domain.signal import Disposition, KeptSignal, Meaning, Signal, SignalRecord
from emergency.ports import Clock, Identities, Pause, Signals, Workflow
from emergency.use_cases.attempts import at_once, until_written

ATTEMPTS = 12
"""More than elsewhere: in a storm, many write the same tally."""

_PLANNED = "planned maintenance"
_STOOD_DOWN = "people have just stood down from its cause"


@dataclass(frozen=True, kw_only=True)
class ReportIncident:
    """Takes one event. Repeating it for an event that was handled changes nothing but makes sure the workflow runs."""

    plan: Plan
    signals: Signals
    workflow: Workflow
    identities: Identities
    clock: Clock
    own_alarm_prefix: str = ""
    """Alarms of such names watch this system: they tell people themselves, not through what they watch."""
    pause: Pause = at_once
    """Waits before another attempt, each time longer."""

    def __call__(self, event: object, text: str = "") -> SignalRecord:
        """What became of the event; `text` is its JSON as it came. Raises UnusableSignal where it can't be read."""
        return self.take(self.read(event), text or json.dumps(event))

    def read(self, event: object) -> Signal:
        """The signal that an event reports, by the plan's mappings and places. Raises UnusableSignal."""
        return placed(read_signal(event, self.plan.sources), self.plan)

    def take(self, signal: Signal, event: str, *, incident_id: str = "", execution: str = "") -> SignalRecord:
        """What became of a signal; `event` is what is kept of it, as JSON.

        Where it opens an incident, that gets `incident_id`, or an id of its own. With `execution`, the execution of
        that name carries the incident out, and none is started. Raises RecordChanged to be called again.
        """

        def attempt() -> SignalRecord:
            return self.attempt(signal, event, incident_id=incident_id, execution=execution)

        record = until_written(attempt, self.pause, ATTEMPTS)
        self.carry_out(record)
        return record

    def attempt(self, signal: Signal, event: str, *, incident_id: str = "", execution: str = "") -> SignalRecord:
        """As `take`, once and without starting anything. Raises RecordChanged where somebody else was faster."""
        call = _Call(self, signal, event, incident_id, execution)
        return self._recorded(signal.id) or call.record()

    def carry_out(self, record: SignalRecord) -> None:
        """Starts the execution of an incident that a signal opened; again after a crash between record and start."""
        if record.disposition is Disposition.OPENED and not record.execution:
            self.workflow.start(record.incident_id)

    def _recorded(self, signal_id: str) -> SignalRecord | None:
        """What became of the signal before; an event that was rejected and is redriven gets its second chance."""
        record = self.signals.recorded(signal_id)
        return None if record is None or record.disposition is Disposition.REJECTED else record


@dataclass(frozen=True)
class _Known:
    """What is on record when a signal is looked at, and when that is."""

    now: datetime
    at: datetime
    found: Classified
    register: Register
    alarms: Mapping[str, Alarm]
    own: Alarm | None


@dataclass(frozen=True)
class _Call:
    """One signal, taken: reads, decides, writes."""

    use: ReportIncident
    signal: Signal
    event: str
    incident_id: str
    execution: str

    def record(self) -> SignalRecord:
        signal = self.signal
        now = self.use.clock()
        if signal.meaning is Meaning.NEITHER:
            return self._aside(now, signal.why_neither)
        if self.use.own_alarm_prefix and signal.name.startswith(self.use.own_alarm_prefix):
            return self._aside(now, "an alarm of this system itself")
        arn = alarm_of(signal)
        wanted = [*([arn] if arn else []), *signal.children[:MOST_CHILDREN]]
        alarms = self.use.signals.alarms(wanted)
        register = self.use.signals.register()
        found = classify(signal, self.use.plan)
        own = credible(alarms.get(arn), signal.at, now)
        known = _Known(now, min(signal.at, now), found, register, alarms, own)
        return self._recovery(known) if signal.meaning is Meaning.RECOVERY else self._failure(known)

    def _failure(self, known: _Known) -> SignalRecord:
        own = known.own
        # What planned maintenance has kept aside so far belongs to what is open now.
        at = known.now if own and is_maintenance(own.incident_id) else known.at
        home = home_of(known.found, known.register, known.alarms, self.use.plan.correlation, at)
        if home:
            return self._join(home, known)
        if own and own.incident_id and own.is_newer_than(self.signal):
            return self._aside(known.now, "its alarm has told later news since", own.incident_id, known.found)
        window = window_for(known.found, known.register, known.at)
        if window:
            return self._without_opening(Disposition.SUPPRESSED, window.id, known, _PLANNED)
        before = self._from_before(known)
        if before:
            return self._join(before, known)
        former = self._former(known)
        if former and is_quiet(former, known.found, self.use.plan.correlation, known.now):
            return self._without_opening(Disposition.DAMPED, former.incident_id, known, _STOOD_DOWN)
        return self._open(former, known)

    def _recovery(self, known: _Known) -> SignalRecord:
        own = known.own
        if own is None or not own.incident_id:
            before = self._from_before(known)
            return self._join(before, known) if before else self._unclaimed(known)
        if is_maintenance(own.incident_id):
            return self._without_opening(Disposition.SUPPRESSED, own.incident_id, known, _PLANNED)
        tally = self.use.signals.tally(own.incident_id)
        if tally is None or tally.ended_at:
            return self._without_opening(Disposition.IGNORED, own.incident_id, known, "its incident is over")
        home = known.register.incident(own.incident_id) or self._open_incident(own.incident_id, known)
        return self._join(home, known)

    def _from_before(self, known: _Known) -> OpenIncident | None:
        """The incident that the cause has open from the time when causes were kept one by one (R24)."""
        incident_id = self.use.signals.open_incident_of(known.found.cause)
        if not incident_id or known.register.incident(incident_id):
            return None
        return self._open_incident(incident_id, known)

    def _open_incident(self, incident_id: str, known: _Known) -> OpenIncident:
        found = known.found
        return OpenIncident(
            id=incident_id, cause=found.cause, risk=found.rule.risk, component=found.component, opened_at=known.now
        )

    def _former(self, known: _Known) -> Former | None:
        """The incident that the cause had last; one in clean-up that takes nothing any more among them."""
        formers = [
            Former(
                incident_id=one.id,
                cause=one.cause,
                ended_at=one.handled_at,
                severity=known.found.assessed.severity,
                stood_down=False,
            )
            for one in known.register.incidents
            if one.cause == known.found.cause and one.handled_at
        ]
        over = self.use.signals.former(known.found.cause)
        return max([*formers, *([over] if over else [])], key=lambda one: one.ended_at, default=None)

    def _open(self, former: Former | None, known: _Known) -> SignalRecord:
        use, signal = self.use, self.signal
        rules = use.plan.correlation
        incident_id = self.incident_id or use.identities.incident_id(known.now)
        incident = incident_from(signal, known.found.rule, use.plan, incident_id=incident_id, now=known.now)
        if former and has_returned(former, rules, known.at):
            incident = replace(incident, former=former.incident_id)
        kept = self._kept(Disposition.OPENED, known.now, known.found, incident_id)
        if self.execution:
            incident = replace(incident, execution_name=self.execution)
        change = self._heard(incident_id, known)
        done = counted(kept, begun(incident), change, known.found.assessed, known.now)
        use.signals.file(
            Filing(
                kept=kept,
                incident=incident,
                register=with_opened(known.register, incident, signal),
                alarm=change.after if change else None,
                tallies=(done.tally, *self._left(incident_id, known)),
                entries=done.entries,
                early=self._early(kept.record, known),
            )
        )
        return kept.record

    def _join(self, home: OpenIncident, known: _Known) -> SignalRecord:
        use = self.use
        tally = use.signals.tally(home.id)
        if tally is None or tally.ended_at:
            # It ended between two reads; what is open must be looked at again.
            raise RecordChanged(home.id)
        is_failure = self.signal.meaning is Meaning.FAILURE
        kept = self._kept(Disposition.JOINED if is_failure else Disposition.CLEARED, known.now, known.found, home.id)
        change = self._heard(home.id, known)
        done = counted(kept, tally, change, known.found.assessed, known.now)
        register = with_family(known.register, home.id, self.signal) if is_failure else known.register
        use.signals.file(
            Filing(
                kept=kept,
                register=None if register == known.register else register,
                alarm=change.after if change else None,
                tallies=(done.tally, *self._left(home.id, known)),
                entries=done.entries,
                early=self._early(kept.record, known),
            )
        )
        return kept.record

    def _without_opening(self, disposition: Disposition, incident_id: str, known: _Known, reason: str) -> SignalRecord:
        """Put on file with an incident or maintenance that it belongs to, which it doesn't change."""
        kept = self._kept(disposition, known.now, known.found, incident_id, reason)
        change = self._heard(incident_id, known)
        self.use.signals.file(
            Filing(kept=kept, alarm=change.after if change else None, tallies=self._left(incident_id, known))
        )
        return kept.record

    def _unclaimed(self, known: _Known) -> SignalRecord:
        """An alarm that goes off without having been on, as far as is known: its report may still be under way."""
        kept = self._kept(Disposition.IGNORED, known.now, known.found, reason="its alarm was not on")
        change = self._heard("", known)
        alarm = with_early(change.after, self.signal) if change else None
        self.use.signals.file(Filing(kept=kept, alarm=alarm))
        return kept.record

    def _aside(
        self, now: datetime, reason: str, incident_id: str = "", found: Classified | None = None
    ) -> SignalRecord:
        kept = self._kept(Disposition.IGNORED, now, found, incident_id, reason)
        self.use.signals.file(Filing(kept=kept))
        return kept.record

    def _heard(self, incident_id: str, known: _Known) -> Heard | None:
        """The alarm before and after the signal; None for a person's report."""
        arn = alarm_of(self.signal)
        if not arn:
            return None
        is_on = self.signal.meaning is Meaning.FAILURE
        rules = self.use.plan.correlation
        after = heard(known.own, arn, is_on=is_on, at=self.signal.at, incident_id=incident_id, rules=rules)
        claimed = self._claimed(known)
        return Heard(
            before=known.own, after=replace(after, early=tuple(one for one in after.early if one not in claimed))
        )

    def _left(self, incident_id: str, known: _Known) -> tuple[Tally, ...]:
        """The tally of another open incident in which the alarm was on."""
        own = known.own
        if own is None or not own.is_on or own.incident_id in {"", incident_id} or is_maintenance(own.incident_id):
            return ()
        tally = self.use.signals.tally(own.incident_id)
        return () if tally is None or tally.ended_at or not tally.on else (left(tally, known.at),)

    def _claimed(self, known: _Known) -> tuple[Early, ...]:
        """What said that the alarm had gone off since this, before this said that it was on."""
        if known.own is None or self.signal.meaning is not Meaning.FAILURE:
            return ()
        return tuple(one for one in known.own.early if one.at >= self.signal.at)

    def _early(self, record: SignalRecord, known: _Known) -> tuple[KeptSignal, ...]:
        """The signals that this one claims: they belong to the incident, too."""
        found = [self.use.signals.early(one.signal_id) for one in self._claimed(known)]
        return tuple(
            replace(
                one,
                record=replace(
                    one.record,
                    disposition=Disposition.CLEARED,
                    incident_id=record.incident_id,
                    reason="",
                    execution=record.execution,
                ),
            )
            for one in found
            if one
        )

    def _kept(
        self,
        disposition: Disposition,
        now: datetime,
        found: Classified | None,
        incident_id: str = "",
        reason: str = "",
    ) -> KeptSignal:
        signal = self.signal
        record = SignalRecord(
            id=signal.id,
            disposition=disposition,
            at=signal.at,
            received_at=now,
            incident_id=incident_id,
            reason=reason,
            rule=found.rule.id if found else "",
            execution=self.execution if disposition is Disposition.OPENED else "",
        )
        return KeptSignal(record=record, signal=signal, event=self.event)
