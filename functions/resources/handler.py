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
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.use_cases.lend_resources import LendResources, ReleaseResources, ReturnResources
from resources.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Resources:
    """The payload: what to do, for which incident, and the state that runs; `release` needs the decision too."""

    operation: Literal["lend", "release", "return"]
    incident_id: str
    place: Place
    decision_id: str = ""


@cache
def _table() -> RecordsTable:
    return RecordsTable(Settings.from_environment(os.environ).records_table)


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


def _lend(payload: Resources) -> None:
    lend = LendResources(plan=compiled_plan(), incidents=_incidents(), inventory=_inventory(), clock=utc_now)
    lend(payload.incident_id, payload.place)


def _release(payload: Resources) -> None:
    release = ReleaseResources(
        plan=compiled_plan(),
        incidents=_incidents(),
        decisions=DynamoDecisions(_table()),
        inventory=_inventory(),
        clock=utc_now,
    )
    release(payload.incident_id, payload.decision_id, payload.place)


def _return(payload: Resources) -> None:
    ReturnResources(incidents=_incidents(), inventory=_inventory(), clock=utc_now)(payload.incident_id, payload.place)
