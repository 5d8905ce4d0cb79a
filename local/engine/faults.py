"""Faults that a test or a rehearsal orders, and that the engine carries out a counted number of times."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What can go wrong with a function on purpose."""

    CRASH = "crash"
    """The handler does its work, then its process is killed before the answer leaves it."""
    REFUSE = "refuse"
    """The process is killed before it sees the event."""


class UnusableFaultError(ValueError):
    """A fault that isn't written as FUNCTION:KIND:TIMES."""


@dataclass(frozen=True)
class Fault:
    """`times` invocations of `function` (its folder's name) go wrong in the way of `kind`."""

    function: str
    kind: FaultKind
    times: int

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Reads FUNCTION:KIND:TIMES, for example `triage:crash:2`. Raises UnusableFaultError."""
        function, _, rest = text.partition(":")
        kind, _, times = rest.partition(":")
        if not function or kind not in set(FaultKind) or not times.isdecimal() or int(times) < 1:
            kinds = " or ".join(FaultKind)
            raise UnusableFaultError(f"a fault is FUNCTION:KIND:TIMES with KIND {kinds}, not {text!r}")
        return cls(function, FaultKind(kind), int(times))


class Faults:
    """The faults still to come, and those that happened. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ordered: Counter[tuple[str, FaultKind]] = Counter()
        self._fired: Counter[tuple[str, FaultKind]] = Counter()

    def order(self, fault: Fault) -> None:
        """Lets the next invocations of the function fail."""
        with self._lock:
            self._ordered[fault.function, fault.kind] += fault.times

    def crash(self, function: str, times: int = 1) -> None:
        """Shorthand for ordering crashes."""
        self.order(Fault(function, FaultKind.CRASH, times))

    def due(self, function: str, kind: FaultKind) -> bool:
        """Whether this invocation has to fail; counts it if so."""
        with self._lock:
            if not self._ordered[function, kind]:
                return False
            self._ordered[function, kind] -= 1
            self._fired[function, kind] += 1
            return True

    def fired(self, function: str, kind: FaultKind = FaultKind.CRASH) -> int:
        """How many faults of the kind the function has suffered."""
        with self._lock:
            return self._fired[function, kind]
