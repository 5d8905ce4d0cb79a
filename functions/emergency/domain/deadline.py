"""Clocks that somebody must beat: the tasks' targets, the updates to the public, notices to authorities (design §1).

The clock of a notice is a decision of its own (`Decision.notice`), as somebody answers it. The others are watched here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from emergency.domain.incident import Incident
from emergency.domain.plan import Begins, Notice, NoticeStatus, Plan
from emergency.domain.statement import Statement
from emergency.domain.terms import Phase, Team

MOST_MISSED = 3
"""After how many updates missed in a row the clock falls silent: everybody whom it can tell knows."""


class ClockKind(StrEnum):
    """What an execution of the state machine `deadline` does."""

    WATCHED = "watched"
    """Waits for the clock's next prompt."""
    DUTIES = "duties"
    """Asks which notices apply, and starts their clocks."""
    NOTICE = "notice"
    """Asks for one notice until it was sent."""


class Watched(StrEnum):
    """The clocks that are watched by the time alone."""

    TASKS = "tasks"
    CLEAN_UP = "clean-up"
    UPDATES = "updates"


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One clock of an incident. `due_at` is missing where the tasks say what is due, and where nothing presses.

    `beat` counts the updates that the clock has waited for, `missed` how many in a row did not come, `paged` about how
    many of these the leadership group was paged; `prompted` the plan's prompts that were given in the present beat.
    `given` names the last update that was given. `task_token` is a secret that never leaves the records.
    """

    incident_id: str
    id: Watched
    began_at: datetime
    due_at: datetime | None = None
    beat: int = 0
    missed: int = 0
    paged: int = 0
    prompted: int = 0
    given: str = ""
    task_token: str = ""
    over_at: datetime | None = None
    version: int = 0


def first_update(incident: Incident, plan: Plan, now: datetime) -> Deadline | None:
    """The clock of the updates to the public, from activation; None where nobody gives any."""
    updates = plan.deadlines.updates
    if updates is None or Team.PUBLIC_RELATIONS not in incident.teams:
        return None
    within = timedelta(seconds=updates.first[incident.severity])
    return Deadline(incident_id=incident.id, id=Watched.UPDATES, began_at=now, due_at=now + within)


def updated(deadline: Deadline, given: str, incident: Incident, plan: Plan, now: datetime) -> Deadline:
    """The clock after the update `given`: the next one is due an interval later."""
    return replace(_next_beat(deadline, incident, plan, now), missed=0, paged=0, given=given)


def announced(deadline: Deadline, statement: Statement, incident: Incident, plan: Plan, now: datetime) -> Deadline:
    """The clock after a published statement: that everything is over is followed by none, until one says otherwise."""
    after = updated(deadline, statement.id, incident, plan, now)
    return replace(after, due_at=None) if statement.phase is Phase.RESOLVED else after


def hastened(deadline: Deadline, incident: Incident, plan: Plan, now: datetime) -> Deadline:
    """The clock after the incident was raised: an update is due after no more than the higher severity allows."""
    updates = plan.deadlines.updates
    if updates is None or deadline.due_at is None:
        return deadline
    pace = updates.every if deadline.beat else updates.first
    return replace(deadline, due_at=min(deadline.due_at, now + timedelta(seconds=pace[incident.severity])))


def missed(deadline: Deadline, incident: Incident, plan: Plan, now: datetime) -> Deadline:
    """The clock after the last prompt of a beat found no update: it waits for the next, or falls silent until one."""
    after = replace(_next_beat(deadline, incident, plan, now), missed=deadline.missed + 1)
    return replace(after, due_at=None) if after.missed >= MOST_MISSED else after


def _next_beat(deadline: Deadline, incident: Incident, plan: Plan, now: datetime) -> Deadline:
    updates = plan.deadlines.updates
    every = timedelta(seconds=updates.every[incident.severity]) if updates else timedelta(days=1)
    return replace(deadline, began_at=now, due_at=now + every, beat=deadline.beat + 1, prompted=0)


def duties_of(incident: Incident, plan: Plan) -> tuple[Notice, ...]:
    """The notices that the incident may have to be followed by, for legal to confirm."""
    return tuple(
        notice
        for notice in plan.deadlines.notices.values()
        if incident.risk in notice.risks and incident.severity in notice.severities
    )


def presumed(notices: Sequence[Notice]) -> tuple[str, ...]:
    """The ids of those that count where nobody says otherwise: what is in force."""
    return tuple(notice.id for notice in notices if notice.status is NoticeStatus.IN_FORCE)


def beginning(notices: Sequence[Notice], begins: Begins | str) -> tuple[Notice, ...]:
    """Those whose clock begins with an event: a Begins, or the id of a notice that was sent."""
    return tuple(notice for notice in notices if notice.begins == begins)
