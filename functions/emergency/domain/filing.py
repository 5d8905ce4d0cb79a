"""What one signal changes: all of it is written together or not at all (P6.1).

A storm must neither disturb a workflow nor make its pages unreadable: a signal that joins touches the tally, not the
incident, and only so many of them make timeline entries. The counting and the kept signals are complete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from emergency.domain.assessment import Assessment
from emergency.domain.correlation import Alarm, Register, Tally, reported, switched
from emergency.domain.incident import Incident
from emergency.domain.signal import Disposition, KeptSignal, Meaning, Report
from emergency.domain.terms import Severity, Step
from emergency.domain.timeline import CLEARED, REPORTED, SYSTEM, WORSE, Fact, Place, TimelineEntry

STATE = "1. Incident report"
"""The state that a signal belongs to: further signals add to the report that opened the incident."""

MOST_TOLD = 50
"""How many timeline entries an incident's signals make at most, its opening and what is worse beside them."""


@dataclass(frozen=True, kw_only=True)
class Filing:
    """What one signal changes. The records stand at the versions at which they were read.

    `incident` is one that opens. `early` are signals that were put on file before, and only now have their incident.
    """

    kept: KeptSignal
    incident: Incident | None = None
    register: Register | None = None
    alarm: Alarm | None = None
    tallies: tuple[Tally, ...] = ()
    entries: tuple[TimelineEntry, ...] = ()
    early: tuple[KeptSignal, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """What several signals change together, each record once, as the last of them leaves it.

    `moved` are signals from before that only now have their incident. `entries` are timeline entries with the incidents
    that they belong to.
    """

    kept: tuple[KeptSignal, ...]
    moved: tuple[KeptSignal, ...]
    incidents: tuple[Incident, ...]
    register: Register | None
    alarms: tuple[Alarm, ...]
    tallies: tuple[Tally, ...]
    entries: tuple[tuple[str, TimelineEntry], ...]

    @property
    def records(self) -> int:
        """About how many records it writes, rather more than fewer."""
        twice = len(self.kept) + len(self.moved) + len(self.incidents)
        return 2 * twice + len(self.alarms) + len(self.tallies) + len(self.entries) + 1

    @property
    def characters(self) -> int:
        """How long the events in it are together, before they are packed."""
        return sum(len(one.event) for one in (*self.kept, *self.moved))


def bundled(filings: Sequence[Filing]) -> Bundle:
    """Filings of which each was made of what those before it leave behind, over the same versions of the records."""
    kept = {filing.kept.record.id: filing.kept for filing in filings}
    early = {one.record.id: one for filing in filings for one in filing.early}
    registers = [filing.register for filing in filings if filing.register]
    return Bundle(
        kept=tuple(early.get(id_, one) for id_, one in kept.items()),
        moved=tuple(one for id_, one in early.items() if id_ not in kept),
        incidents=tuple(filing.incident for filing in filings if filing.incident),
        register=registers[-1] if registers else None,
        alarms=tuple({filing.alarm.arn: filing.alarm for filing in filings if filing.alarm}.values()),
        tallies=tuple({tally.incident_id: tally for filing in filings for tally in filing.tallies}.values()),
        entries=tuple((filing.kept.record.incident_id, entry) for filing in filings for entry in filing.entries),
    )


@dataclass(frozen=True, kw_only=True)
class Heard:
    """An alarm as it was known before a signal, and after it."""

    before: Alarm | None
    after: Alarm

    @property
    def went_on(self) -> bool:
        """Whether it went on, or is heard of for the first time."""
        return self.after.is_on and not (self.before is not None and self.before.is_on)

    @property
    def went_off(self) -> bool:
        """Whether it went off."""
        return self.before is not None and self.before.is_on and not self.after.is_on

    @property
    def began_to_flap(self) -> bool:
        """Whether it is now known to flap."""
        return self.after.is_flapping and not (self.before is not None and self.before.is_flapping)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A tally after a signal, and what the timeline has of it."""

    tally: Tally
    entries: tuple[TimelineEntry, ...]


def counted(kept: KeptSignal, tally: Tally, heard: Heard | None, assessed: Assessment, now: datetime) -> Counted:
    """The tally with one more signal. The first one of a tally opens its incident."""
    signal, opens = kept.signal, kept.record.disposition is Disposition.OPENED
    after = tally
    if signal.meaning is Meaning.FAILURE:
        after = reported(after, min(signal.at, now), assessed.severity)
    if heard:
        after = switched(after, heard.before, heard.after)
    facts: list[Fact] = [] if heard is None else _facts(tally, after, heard)
    if opens:
        facts = [fact for fact in facts if fact is not Fact.SIGNAL_JOINED]
    facts = facts[: max(0, MOST_TOLD - tally.told)]
    entries = [_entry(fact, kept, after, now) for fact in facts]
    if signal.report is not None:
        entries.append(_report(kept, signal.report, now))
    elif opens:
        entries.insert(0, _entry(Fact.SIGNAL_OPENED, kept, after, now))
    if not opens and after.worst < tally.worst:
        entries.append(_worse(kept, after.worst, assessed, now))
    return Counted(tally=replace(after, told=after.told + len(facts)), entries=tuple(entries))


def _facts(before: Tally, after: Tally, heard: Heard) -> list[Fact]:
    """What is told of an alarm: its first time, each time it goes off, and that it flaps, but then no more."""
    facts = []
    if after.alarms > before.alarms:
        facts.append(Fact.SIGNAL_JOINED)
    if heard.began_to_flap:
        facts.append(Fact.ALARM_FLAPS)
    if heard.after.is_flapping:
        return facts
    is_off = not heard.after.is_on
    if is_off and (heard.went_off or after.alarms > before.alarms):
        facts.append(Fact.SIGNAL_CLEARED)
        if not after.on:
            facts.append(Fact.ALL_CLEAR)
    return facts


_KEYS = {
    Fact.SIGNAL_OPENED: "signal/",
    Fact.SIGNAL_JOINED: "signal/",
    Fact.SIGNAL_CLEARED: CLEARED,
    Fact.ALARM_FLAPS: "flaps/",
    Fact.ALL_CLEAR: "all-clear/",
}


def _entry(fact: Fact, kept: KeptSignal, tally: Tally, now: datetime) -> TimelineEntry:
    signal = kept.signal
    details = {"name": signal.name, "reason": signal.reason, "account": signal.account, "region": signal.region}
    if fact is Fact.ALL_CLEAR:
        return _told(f"{_KEYS[fact]}{signal.id}", fact, kept, now, {"count": tally.alarms})
    return _told(f"{_KEYS[fact]}{signal.id}", fact, kept, now, details)


def _report(kept: KeptSignal, report: Report, now: datetime) -> TimelineEntry:
    """What a person reported; never too much to be told, as its writer waits for news of it."""
    details = {"who": report.by, "where": report.place, "nature": report.risk or "", "text": report.first_impact}
    entry = _told(f"{REPORTED}{kept.signal.id}", Fact.INCIDENT_REPORTED, kept, now, details)
    return replace(entry, actor=report.by or SYSTEM)


def _worse(kept: KeptSignal, worst: Severity, assessed: Assessment, now: datetime) -> TimelineEntry:
    details: Mapping[str, str | int] = {
        "name": kept.signal.name,
        "region": kept.signal.region,
        "reason": kept.signal.reason,
        "severity": worst,
        "likelihood": assessed.likelihood,
        "impact": assessed.impact,
    }
    return _told(f"{WORSE}{worst}", Fact.SEVERITY_WORSENED, kept, now, details)


def _told(key: str, fact: Fact, kept: KeptSignal, now: datetime, details: Mapping[str, str | int]) -> TimelineEntry:
    incident_id = kept.record.incident_id
    return TimelineEntry(
        key=key,
        at=now,
        step=Step.INCIDENT_REPORT,
        fact=fact,
        actor=SYSTEM,
        place=Place(execution=kept.record.execution or incident_id, state=STATE),
        details=details,
    )
