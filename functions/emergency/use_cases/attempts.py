"""Optimistic writes: read, decide, write; and again when somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from emergency.domain.errors import RecordChanged

T = TypeVar("T")

ATTEMPTS = 8


def until_written(attempt: Callable[[], T]) -> T:
    """What `attempt` gives, tried again when it raises RecordChanged.

    `attempt` must read what it bases its write on. Raises RecordChanged after the last try.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except RecordChanged:
            continue
    return attempt()
