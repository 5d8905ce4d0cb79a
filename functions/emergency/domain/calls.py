"""Calls to the hotline: what callers hear first, when somebody answers them, how many there were (P6.3, P8.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from emergency.domain.plan import Voice


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A text as a voice says it."""

    text: str
    voice: Voice


@dataclass(frozen=True, kw_only=True)
class Calls:
    """How many calls reached the queue, and how many of them somebody answered."""

    calls: int
    answered: int


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Hours on one day of the week, Monday being 0. What ends no later than it begins ends on the next day."""

    weekday: int
    begins: time
    ends: time


def is_open(hours: Iterable[Opening], zone: tzinfo, now: datetime) -> bool:
    """Whether `now` lies within one of the hours, which are those of that zone."""
    local = now.astimezone(zone)
    return any(_holds(opening, local) for opening in hours)


def _holds(opening: Opening, local: datetime) -> bool:
    """The zone's own wall clock counts: on the days when it is put forward or back, too."""
    wall = local.replace(tzinfo=None)
    for day in (wall.date(), wall.date() - timedelta(days=1)):
        if day.weekday() == opening.weekday:
            ends_on = day if opening.ends > opening.begins else day + timedelta(days=1)
            if datetime.combine(day, opening.begins) <= wall < datetime.combine(ends_on, opening.ends):
                return True
    return False
