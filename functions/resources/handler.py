"""Lends and takes back resources."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Literal

from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoDecisions, DynamoIncidents
from emergency.aws.stock import DynamoInventory
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.composition import do_by_system, notify
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.use_cases.lend_resources import LendResources, RearSupport, ReleaseResources, ReturnResources
from resources.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Resources:
    """The payload: what to do, for which incident, and the state that runs; `release` needs the decision too."""

    operation: Literal["lend", "release", "return"]
    incident_id: str
    place: Place
    decision_id: str = ""


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _table() -> RecordsTable:
    return RecordsTable(_settings().records_table)


@cache
def _inventory() -> DynamoInventory:
    return DynamoInventory(_table())


@cache
def _incidents() -> DynamoIncidents:
    return DynamoIncidents(_table())


@task(Resources)
def handler(payload: Resources) -> Result:
    """Gives the number of loans that the incident has."""
    {"lend": _lend, "release": _release, "return": _return}[payload.operation](payload)
    return {"loans": sum(loan.returned_at is None for loan in _inventory().allocations(payload.incident_id))}


def _rear_support() -> RearSupport:
    return RearSupport(
        plan=compiled_plan(),
        inventory=_inventory(),
        incidents=_incidents(),
        notify=notify(_table(), _settings().configuration_set),
        clock=utc_now,
    )


def _lend(payload: Resources) -> None:
    lend = LendResources(
        plan=compiled_plan(),
        incidents=_incidents(),
        inventory=_inventory(),
        rear_support=_rear_support(),
        do_by_system=do_by_system(_table()),
        clock=utc_now,
    )
    lend(payload.incident_id, payload.place)


def _release(payload: Resources) -> None:
    release = ReleaseResources(
        incidents=_incidents(),
        decisions=DynamoDecisions(_table()),
        inventory=_inventory(),
        rear_support=_rear_support(),
        clock=utc_now,
    )
    release(payload.incident_id, payload.decision_id, payload.place)


def _return(payload: Resources) -> None:
    ReturnResources(incidents=_incidents(), inventory=_inventory(), clock=utc_now)(payload.incident_id, payload.place)
    do_by_system(_table())(payload.incident_id)
