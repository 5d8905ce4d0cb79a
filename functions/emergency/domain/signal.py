"""Signals: what is reported, in one shape, whoever reports it, and what became of it (P6.1)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from emergency.domain.terms import Risk

ID_LIMIT = 128
NAME_LIMIT = 256
ARN_LIMIT = 512
REASON_LIMIT = 1_024


class Meaning(StrEnum):
    """What a signal says: a failure, its end, or nothing that calls for a response."""

    FAILURE = "failure"
    RECOVERY = "recovery"
    NEITHER = "neither"


class Disposition(StrEnum):
    """What became of a signal."""

    OPENED = "opened"
    JOINED = "joined"
    CLEARED = "cleared"
    SUPPRESSED = "suppressed"
    """Recorded without opening: planned maintenance, approved beforehand."""
    DAMPED = "damped"
    """Recorded without opening: its cause came back just after people had stood down."""
    IGNORED = "ignored"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a signal measures. Missing is what it doesn't say.

    `value` is the latest figure, `threshold` the one that it crossed, `score` a finding's own severity from 0 to 10,
    `users` how many people it says are concerned.
    """

    value: float | None = None
    threshold: float | None = None
    score: float | None = None
    users: int | None = None

    @property
    def times(self) -> float | None:
        """How many times over its threshold the value is, or below it where it must not fall; 1 at least.

        None where there is no such ratio: a figure is missing, zero, they differ in sign, or are too far apart.
        """
        if not self.value or not self.threshold or (self.value > 0) is not (self.threshold > 0):
            return None
        smaller, larger = sorted((abs(self.value), abs(self.threshold)))
        ratio = larger / smaller
        return ratio if math.isfinite(ratio) else None


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a person reports (P6.1), beside when: where, of what nature, and the first impact, in their own words.

    `by` is a contact id, empty where it isn't known who reports. `risk` is missing where they can't tell.
    """

    place: str
    first_impact: str
    risk: Risk | None = None
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """An alarm state change, finding, health event or person's report, normalised.

    `began_at` is the start of what was measured, `at` when it was noticed. `names` holds every name that a rule may
    match: the alarm's own first, then those of a composite's children. `alarm` is the ARN of what goes on and off, or
    whatever else stays the same over its states; empty for what has none. `children` are the ARNs of the alarms that a
    composite one is made of. `why_neither` says in a few words why a signal with the meaning NEITHER calls for nothing.
    """

    id: str
    source: str
    detail_type: str
    account: str
    region: str
    meaning: Meaning
    names: tuple[str, ...]
    namespace: str = ""
    metric: str = ""
    resource: str = ""
    reason: str = ""
    at: datetime
    began_at: datetime
    why_neither: str = ""
    alarm: str = ""
    children: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)
    report: Report | None = None

    @property
    def name(self) -> str:
        """The alarm's or finding's own name."""
        return self.names[0]


@dataclass(frozen=True, kw_only=True)
class SignalRecord:
    """What became of one signal; kept for a while so that a second delivery is known as such."""

    id: str
    disposition: Disposition
    at: datetime
    received_at: datetime
    incident_id: str = ""
    reason: str = ""
    rule: str = ""
    execution: str = ""
    """The execution that had begun before its incident was opened; empty where the incident starts its own."""


@dataclass(frozen=True, kw_only=True)
class KeptSignal:
    """A signal as it is kept: what became of it, how it was read, and the event as it came, as JSON."""

    record: SignalRecord
    signal: Signal
    event: str


def is_usable_id(event_id: str) -> bool:
    """Whether an event's id can be a key of the records: neither empty nor too long, and nothing in it is invisible."""
    return 0 < len(event_id) <= ID_LIMIT and event_id.isprintable()
