"""The last days at a glance: on which of them something was wrong, as far as was published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from emergency.domain.plan import Plan
from emergency.domain.statement import PublicIncident
from emergency.presentation.words import local_time

DAYS = 90


@dataclass(frozen=True, kw_only=True)
class DaySquare:
    """One day, and whether something was wrong on it."""

    day: date
    is_troubled: bool


def local_day(moment: datetime, plan: Plan) -> date:
    """The day in the company's time zone."""
    return local_time(moment, plan).date()


def day_strip(incidents: Sequence[PublicIncident], plan: Plan, now: datetime) -> list[DaySquare]:
    """The last days until today, oldest first."""
    today = local_day(now, plan)
    spans = [(local_day(one.began_at, plan), local_day(one.ended_at(now), plan)) for one in incidents]
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    return [DaySquare(day=day, is_troubled=any(first <= day <= last for first, last in spans)) for day in days]
