"""Which signals have one cause, and what is remembered for it: open incidents, alarms that are on, planned maintenance.

The register is small, is read for every signal and changes only where an incident or a maintenance window opens or
ends. Whoever opens one writes the register that it was decided on, so that no two open for one cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from emergency.domain.terms import Risk, Severity


@dataclass(frozen=True, kw_only=True)
class OpenIncident:
    """An incident that signals can join. `family` are the ARNs of the composite alarms in it and of their children."""

    id: str
    cause: str
    risk: Risk
    component: str
    opened_at: datetime
    family: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Window:
    """Planned maintenance that was approved: alarms of these components or names open nothing meanwhile.

    `components` and `alarms` are globs; an alarm is concerned where one of either fits. `id` is the incident-like
    record in which the signals are kept.
    """

    id: str
    components: tuple[str, ...]
    alarms: tuple[str, ...]
    first: datetime
    last: datetime


@dataclass(frozen=True, kw_only=True)
class Register:
    """What is open now."""

    incidents: tuple[OpenIncident, ...] = ()
    windows: tuple[Window, ...] = ()
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Former:
    """The incident that a cause had before, and how it ended."""

    incident_id: str
    cause: str
    ended_at: datetime
    severity: Severity
    stood_down: bool


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm as it was last heard of: what goes on and off, whichever incident it belongs to.

    `changed_at` is the alarm's own time of its last change, by which late events are known as such. `changes` are the
    latest of its changes, by which it is known to flap.
    """

    arn: str
    is_on: bool
    changed_at: datetime
    incident_id: str = ""
    changes: tuple[datetime, ...] = ()
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The signals of one incident, counted.

    `alarms` is how many alarms have been on, `on` how many are on now. `worst` is the highest severity that a signal
    was assessed at. `cleared_at` is when the last alarm went off; missing while one is on. With `ended_at` nothing is
    counted any more.
    """

    incident_id: str
    signals: int
    alarms: int
    on: int
    first_at: datetime
    last_at: datetime
    worst: Severity
    cleared_at: datetime | None = None
    ended_at: datetime | None = None
