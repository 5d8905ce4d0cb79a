"""Optimistic writes: read, decide, write; and again when somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from emergency.domain.errors import RecordChanged
from emergency.ports import Pause

T = TypeVar("T")

ATTEMPTS = 8


def at_once(_attempt: int) -> None:
    """Waits for nothing."""


def until_written(attempt: Callable[[], T], pause: Pause = at_once, attempts: int = ATTEMPTS) -> T:
    """What `attempt` gives, tried again, after a pause, when it raises RecordChanged.

    `attempt` must read what it bases its write on. Raises RecordChanged after the last try.
    """
    for number in range(1, attempts):
        try:
            return attempt()
        except RecordChanged:
            pause(number)
    return attempt()
