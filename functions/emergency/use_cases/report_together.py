"""Step 1 for many signals at once: in a storm, what they change is read and written together (P6.1, R15)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from emergency.domain.correlation import Alarm, Former, Register, Tally, alarm_of
from emergency.domain.errors import RecordChanged
from emergency.domain.filing import Filing, bundled
from emergency.domain.signal import KeptSignal, Signal, SignalRecord
from emergency.ports import Signals
from emergency.use_cases.attempts import until_written
from emergency.use_cases.report_incident import ReportIncident

MOST_RECORDS, MOST_CHARACTERS = 100, 2_000_000
"""What one transaction takes: so many records, and less than 4 MB of packed events."""

ATTEMPTS = 6
_MOST_AT_ONCE = 99
"""Open incidents whose tallies are read at once; with the one that is asked for, one read has a hundred."""


@dataclass(frozen=True)
class Arrived:
    """A signal, and the event that it was read from, as JSON."""

    signal: Signal
    event: str


@dataclass(frozen=True, kw_only=True)
class ReportTogether:
    """Takes several signals, with one transaction for all of them.

    What becomes of each is what would become of it if they were taken one after another.
    """

    report: ReportIncident

    def __call__(self, arrived: Sequence[Arrived]) -> Sequence[SignalRecord | None]:
        """What became of each signal; None for all where they have to be taken one by one.

        No execution was started. Raises RecordChanged where others kept on being faster.
        """
        return until_written(lambda: self._attempt(arrived), self.report.pause, ATTEMPTS)

    def _attempt(self, arrived: Sequence[Arrived]) -> Sequence[SignalRecord | None]:
        together = _Together.of(self.report.signals, arrived)
        report = replace(self.report, signals=together)
        records = [report.attempt(one.signal, one.event) for one in arrived]
        if not together.fits:
            return [None] * len(arrived)
        together.write()
        return records


@dataclass
class _Together:
    """Signals as they are once those so far are on file, which they aren't yet: they are written at the end.

    Records keep the versions at which they were read.
    """

    signals: Signals
    records: dict[str, SignalRecord]
    known: dict[str, Alarm | None]
    counts: dict[str, Tally | None] = field(default_factory=dict)
    filings: list[Filing] = field(default_factory=list)
    read: Register | None = None

    @classmethod
    def of(cls, signals: Signals, arrived: Sequence[Arrived]) -> _Together:
        """With what all of the signals need."""
        arns = {arn for one in arrived if (arn := alarm_of(one.signal))}
        alarms = signals.alarms(arns)
        return cls(
            signals=signals,
            records=dict(signals.recorded_among([one.signal.id for one in arrived])),
            known={arn: alarms.get(arn) for arn in arns},
        )

    @property
    def fits(self) -> bool:
        """Whether one transaction can write it."""
        bundle = bundled(self.filings)
        return bundle.records <= MOST_RECORDS and bundle.characters <= MOST_CHARACTERS

    def write(self) -> None:
        """Writes what was put on file."""
        if self.filings:
            self.signals.file(*self.filings)

    # --- The port ------------------------------------------------------------------------------------------------

    def recorded(self, signal_id: str) -> SignalRecord | None:
        """See the port; of the signals that arrived together."""
        return self.records.get(signal_id)

    def recorded_among(self, signal_ids: Collection[str]) -> Mapping[str, SignalRecord]:
        """See the port; of the signals that arrived together."""
        return {id_: self.records[id_] for id_ in signal_ids if id_ in self.records}

    def register(self) -> Register:
        """See the port."""
        if self.read is None:
            self.read = self.signals.register()
        return self.read

    def save(self, register: Register) -> None:
        """See the port; no signal asks for it."""
        raise RecordChanged(str(register.version))

    def alarms(self, arns: Collection[str]) -> Mapping[str, Alarm]:
        """See the port."""
        unread = [arn for arn in arns if arn not in self.known]
        if unread:
            self.known |= dict.fromkeys(unread) | dict(self.signals.alarms(unread))
        return {arn: alarm for arn in arns if (alarm := self.known[arn])}

    def tally(self, incident_id: str) -> Tally | None:
        """See the port."""
        if not self.counts:
            # A batch of a storm is mostly about what is open.
            incidents = [one.id for one in self.register().incidents][:_MOST_AT_ONCE]
            self.counts |= self.signals.tallies({*incidents, incident_id})
        if incident_id not in self.counts:
            self.counts[incident_id] = self.signals.tally(incident_id)
        return self.counts[incident_id]

    def tallies(self, incident_ids: Collection[str]) -> Mapping[str, Tally]:
        """See the port."""
        return {id_: tally for id_ in incident_ids if (tally := self.tally(id_))}

    def former(self, cause: str) -> Former | None:
        """See the port."""
        return self.signals.former(cause)

    def open_incident_of(self, cause: str) -> str | None:
        """See the port."""
        return self.signals.open_incident_of(cause)

    def file(self, *filings: Filing) -> None:
        """Notes what is to be written."""
        for filing in filings:
            self.filings.append(filing)
            self.read = filing.register or self.read
            self.counts |= {tally.incident_id: tally for tally in filing.tallies}
            self.known |= {filing.alarm.arn: filing.alarm} if filing.alarm else {}
            self.records |= {one.record.id: one.record for one in (filing.kept, *filing.early)}

    def note(self, signal: SignalRecord) -> None:
        """See the port."""
        self.signals.note(signal)

    def early(self, signal_id: str) -> KeptSignal | None:
        """See the port."""
        kept = {filing.kept.record.id: filing.kept for filing in self.filings}
        return kept.get(signal_id) or self.signals.early(signal_id)
