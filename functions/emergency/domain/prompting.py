"""When the plan's prompts fall due in a span of time that somebody must beat: a task's, or a clock's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from emergency.domain.plan import Prompt


class Timed(Protocol):
    """What is to be done from `began_at` to `due_at`; `prompted` counts the prompts that were given."""

    @property
    def began_at(self) -> datetime | None:
        """From when the time counts."""
        ...

    @property
    def due_at(self) -> datetime | None:
        """Until when; missing where nothing presses."""
        ...

    @property
    def prompted(self) -> int:
        """How many prompts were given."""
        ...


def moment_of(prompt: Prompt, timed: Timed) -> datetime | None:
    """When a prompt falls due; None where nothing presses."""
    if timed.began_at is None or timed.due_at is None:
        return None
    return timed.began_at + (timed.due_at - timed.began_at) * prompt.at / 100


def past(timed: Timed, prompts: Sequence[Prompt], now: datetime) -> int:
    """How many of the prompts have had their moment."""
    return sum(1 for prompt in prompts if (moment := moment_of(prompt, timed)) and moment <= now)


def upcoming(timed: Timed, prompts: Sequence[Prompt]) -> datetime | None:
    """When the next prompt falls due; None after the last. Prompts stand in the order of their moments."""
    left = prompts[timed.prompted :]
    return moment_of(left[0], timed) if left else None
