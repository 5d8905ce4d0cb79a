"""What is ordered to happen to mails that don't simply arrive."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class MailFaultKind(StrEnum):
    """What can become of a mail on purpose."""

    BOUNCE = "bounce"
    """The address does not exist: a permanent bounce."""
    SOFT_BOUNCE = "soft_bounce"
    """The mailbox can't take it, and SES gave up trying: a transient bounce."""
    SUPPRESSED = "suppressed"
    """The address bounced before, and stands on the account's suppression list."""
    COMPLAINT = "complaint"
    """It arrives, and its reader calls it spam."""
    REJECT = "reject"
    """SES took it, and found a virus in it."""
    DELAY = "delay"
    """It arrives, though SES had said that it would be late."""
    REFUSE = "refuse"
    """SendEmail itself answers MessageRejected."""
    THROTTLE = "throttle"
    """SendEmail itself answers TooManyRequestsException."""

    @property
    def is_refused(self) -> bool:
        """Whether SES does not even take the mail."""
        return self in (MailFaultKind.REFUSE, MailFaultKind.THROTTLE)

    @property
    def arrives(self) -> bool:
        """Whether the mail reaches its reader all the same."""
        return self in (MailFaultKind.COMPLAINT, MailFaultKind.DELAY)


@dataclass(frozen=True)
class MailFault:
    """Mails to these addresses meet with `kind`, so many `times`, or always.

    `who` are globs over mail addresses, in lower case.
    """

    who: tuple[str, ...]
    kind: MailFaultKind
    times: int | None = None

    def hits(self, addresses: Collection[str]) -> tuple[str, ...]:
        """Those of the addresses that the fault is meant for."""
        return tuple(address for address in addresses if any(fnmatchcase(address.lower(), who) for who in self.who))


class MailFaults:
    """The faults still to come, and those that happened. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ordered: list[MailFault] = []
        self._used: Counter[int] = Counter()
        self._fired: Counter[MailFaultKind] = Counter()

    def order(self, fault: MailFault) -> None:
        """Lets the next mails to the fault's addresses meet with it."""
        with self._lock:
            self._ordered.append(fault)

    def fail(self, who: str, kind: MailFaultKind, times: int | None = None) -> None:
        """Shorthand for ordering a fault of one address glob."""
        self.order(MailFault((who.lower(),), kind, times))

    def due(self, addresses: Sequence[str], *, refused: bool) -> tuple[MailFaultKind, tuple[str, ...]] | None:
        """The fault that a mail to these addresses meets with, and those whom it hits; counts it. None for none.

        `refused` asks for faults of SendEmail itself; without it for those of mails that were taken.
        """
        with self._lock:
            for number, fault in enumerate(self._ordered):
                hit = fault.hits(addresses)
                left = fault.times is None or self._used[number] < fault.times
                if hit and left and fault.kind.is_refused == refused:
                    self._used[number] += 1
                    self._fired[fault.kind] += 1
                    return fault.kind, hit
        return None

    def fired(self, kind: MailFaultKind) -> int:
        """How many mails have met with a fault of the kind."""
        with self._lock:
            return self._fired[kind]
