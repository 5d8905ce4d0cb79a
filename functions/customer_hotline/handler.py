"""Opens and closes the dedicated hotline."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Literal

from customer_hotline.settings import Settings
from emergency.aws.contact_centre import AmazonConnect
from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoAssignments, DynamoIncidents
from emergency.aws.stock import DynamoHotlines
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan, compiled_words
from emergency.domain.inventory import OpenHotline
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.presentation.public import PublicAnnouncer
from emergency.use_cases.do_by_system import DoBySystem
from emergency.use_cases.run_hotline import CloseTheHotline, OpenTheHotline


@dataclass(frozen=True, kw_only=True)
class CustomerHotline:
    """The payload: what to do, for which incident, and the state that runs."""

    operation: Literal["open", "close"]
    incident_id: str
    place: Place


@cache
def _table() -> RecordsTable:
    return RecordsTable(Settings.from_environment(os.environ).records_table)


@cache
def _centre() -> AmazonConnect | None:
    centre = compiled_plan().contact_centre
    return AmazonConnect(centre) if centre else None


@task(CustomerHotline)
def handler(payload: CustomerHotline) -> Result:
    """Gives the id of the opened hotline, or null."""
    hotline = {"open": _open, "close": _close}[payload.operation](payload)
    DoBySystem(incidents=DynamoIncidents(_table()), assignments=DynamoAssignments(_table()), clock=utc_now)(
        payload.incident_id
    )
    return {"hotline": hotline.hotline if hotline else None}


def _open(payload: CustomerHotline) -> OpenHotline | None:
    open_hotline = OpenTheHotline(
        plan=compiled_plan(),
        hotlines=DynamoHotlines(_table()),
        incidents=DynamoIncidents(_table()),
        centre=_centre(),
        announcer=PublicAnnouncer(compiled_plan(), compiled_words()),
        clock=utc_now,
    )
    return open_hotline(payload.incident_id, payload.place)


def _close(payload: CustomerHotline) -> None:
    close_hotline = CloseTheHotline(hotlines=DynamoHotlines(_table()), centre=_centre(), clock=utc_now)
    close_hotline(payload.incident_id, payload.place)
