"""Faults that a test or a rehearsal orders, and that the engine carries out a counted number of times."""

from __future__ import annotations

import re
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
    CRASH_BEFORE = "crash-before"
    """The process is killed when it makes a call of AWS, before the call is carried out."""
    CRASH_AFTER = "crash-after"
    """The process is killed after a call of AWS was carried out, before the answer reaches it."""
    FAIL = "fail"
    """AWS answers a call with an error of its own, and doesn't carry it out."""

    @property
    def kills(self) -> bool:
        """Whether the process ends by it."""
        return self is not FaultKind.FAIL


class UnusableFaultError(ValueError):
    """A fault that isn't written as FUNCTION:KIND:TIMES."""


_WRITTEN = re.compile(
    r"(?P<function>[^:]+):(?:(?P<kind>crash|refuse)|(?P<at>crash-before|crash-after|fail)-(?P<call>[A-Z]\w+)):(?P<times>[1-9]\d*)"
)


@dataclass(frozen=True)
class Fault:
    """`times` invocations of `function` (its folder's name) go wrong in the way of `kind`.

    `call` is the operation at which it goes wrong, as AWS names it (SendTaskSuccess); empty for other kinds.
    """

    function: str
    kind: FaultKind
    times: int
    call: str = ""

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Reads FUNCTION:KIND:TIMES, as `triage:crash:2` or `decision_page:crash-after-SendEmail:1`.

        Raises UnusableFaultError.
        """
        match = _WRITTEN.fullmatch(text)
        if match is None:
            kinds = "crash, refuse, crash-before-CALL, crash-after-CALL or fail-CALL"
            raise UnusableFaultError(f"a fault is FUNCTION:KIND:TIMES with KIND {kinds}, not {text!r}")
        kind = FaultKind(match["kind"] or match["at"])
        return cls(match["function"], kind, int(match["times"]), match["call"] or "")

    def __str__(self) -> str:
        return f"{self.function}:{self.kind}{'-' if self.call else ''}{self.call}:{self.times}"


class Faults:
    """The faults still to come, and those that happened. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ordered: Counter[tuple[str, FaultKind, str]] = Counter()
        self._fired: Counter[tuple[str, FaultKind, str]] = Counter()

    def order(self, fault: Fault) -> None:
        """Lets the next invocations of the function fail."""
        with self._lock:
            self._ordered[fault.function, fault.kind, fault.call] += fault.times

    def crash(self, function: str, times: int = 1) -> None:
        """Shorthand for ordering crashes."""
        self.order(Fault(function, FaultKind.CRASH, times))

    def due(self, function: str, kind: FaultKind, call: str = "") -> bool:
        """Whether this invocation, or this call of it, has to fail; counts it if so."""
        with self._lock:
            if not self._ordered[function, kind, call]:
                return False
            self._ordered[function, kind, call] -= 1
            self._fired[function, kind, call] += 1
            return True

    def fired(self, function: str, kind: FaultKind = FaultKind.CRASH, call: str = "") -> int:
        """How many faults of the kind the function has suffered."""
        with self._lock:
            return self._fired[function, kind, call]

    @property
    def left(self) -> tuple[Fault, ...]:
        """What was ordered and has not happened yet."""
        with self._lock:
            return tuple(Fault(name, kind, times, call) for (name, kind, call), times in self._ordered.items() if times)
