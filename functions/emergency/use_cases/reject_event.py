"""An event that can't be used: kept with its reason for people to look at, never lost (P6.1)."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.signal import Disposition, SignalRecord
from emergency.ports import Clock, DeadLetters, Signals


@dataclass(frozen=True, kw_only=True)
class RejectEvent:
    """Puts an unusable event on the dead-letter queue and its rejection on record."""

    signals: Signals
    dead_letters: DeadLetters
    clock: Clock

    def __call__(self, event_id: str, body: str, reason: str) -> SignalRecord:
        """The rejection's record. `event_id` is the event's own id, or the queue message's where it has none."""
        now = self.clock()
        self.dead_letters.put(body, reason)
        record = SignalRecord(id=event_id, disposition=Disposition.REJECTED, at=now, received_at=now, reason=reason)
        self.signals.note(record)
        return record
