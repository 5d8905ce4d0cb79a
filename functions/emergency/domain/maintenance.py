"""Planned maintenance: what somebody asks to have recorded without opening incidents while they work on it (P6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MAINTENANCE_PREFIX = "MNT-"
"""What the ids of planned maintenance begin with, whose records are like incidents'."""


@dataclass(frozen=True, kw_only=True)
class Maintenance:
    """What is worked on, and when. `components` and `alarms` are globs, of which at least one is there.

    `by` is the contact id of whoever asks, and so can't approve it.
    """

    by: str
    components: tuple[str, ...]
    alarms: tuple[str, ...]
    first: datetime
    last: datetime
    reason: str

    @property
    def named(self) -> tuple[str, ...]:
        """Everything that is worked on, as it was written."""
        return (*self.components, *self.alarms)


def is_maintenance(incident_id: str) -> bool:
    """Whether a record is planned maintenance, and no incident."""
    return incident_id.startswith(MAINTENANCE_PREFIX)
