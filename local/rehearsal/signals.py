"""The signals that come while an incident of the rehearsal is on: worse alarms, and alarms that go off."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.rehearsal.answers import LaterSignal
from local.rehearsal.events import happening_at

if TYPE_CHECKING:
    from local.stack import LocalStack


class LaterSignals:
    """Delivers each when its time has come. Call `work` again and again."""

    def __init__(
        self,
        stack: LocalStack,
        signals: Sequence[LaterSignal],
        *,
        time_scale: float,
        now: bool,
        tell: Callable[[str], None],
    ) -> None:
        self._stack = stack
        self._now = now
        self._tell = tell
        began = time.monotonic()
        due = [(began + signal.after / time_scale, signal.event) for signal in signals]
        self._left = sorted(due, key=lambda one: one[0])
        self._refused: list[str] = []

    @property
    def problems(self) -> list[str]:
        """What did not come: no rule of the app takes it, or everything was over before."""
        return [*self._refused, *(f"all was over before event {event['id']} came" for _, event in self._left)]

    def work(self) -> None:
        """Delivers what is due."""
        while self._left and self._left[0][0] <= time.monotonic():
            _, event = self._left.pop(0)
            self._deliver(event)

    def _deliver(self, event: Mapping[str, Any]) -> None:
        what = f"event {event['id']}"
        if self._stack.put_event(happening_at(event, datetime.now(UTC)) if self._now else event):
            self._tell(f"{event['detail-type']}: {what} comes")
        else:
            self._refused.append(f"no rule of the app takes {what}")
