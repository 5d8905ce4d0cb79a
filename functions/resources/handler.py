"""Lends and takes back resources."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Literal

from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoIncidents
from emergency.aws.stock import DynamoInventory
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.use_cases.lend_resources import LendResources, ReturnResources
from resources.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Resources:
    """The payload: what to do, for which incident, and the state that runs."""

    operation: Literal["lend", "return"]
    incident_id: str
    place: Place


@cache
def _table() -> RecordsTable:
    return RecordsTable(Settings.from_environment(os.environ).records_table)


@task(Resources)
def handler(payload: Resources) -> Result:
    """Gives the number of loans that the incident has."""
    inventory = DynamoInventory(_table())
    if payload.operation == "return":
        ReturnResources(inventory=inventory, clock=utc_now)(payload.incident_id, payload.place)
        return {"loans": 0}
    lend = LendResources(plan=compiled_plan(), incidents=DynamoIncidents(_table()), inventory=inventory, clock=utc_now)
    return {"loans": len(lend(payload.incident_id, payload.place))}
