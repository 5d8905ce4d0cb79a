"""Proposes a re-plan of deliveries when logistics support is called, and notes what became of a carrier's order."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Literal

from carriers.settings import Settings
from emergency.aws.deliveries import DynamoReplans
from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoDecisions, DynamoIncidents
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.composition import do_by_system, notify
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.use_cases.replan import ProposeReplan, SettleCarrier


@dataclass(frozen=True, kw_only=True)
class Carriers:
    """The payload: what to do, for which incident, and the state that runs; `settle` needs the decision too."""

    operation: Literal["propose", "settle"]
    incident_id: str
    place: Place
    decision_id: str = ""


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _table() -> RecordsTable:
    return RecordsTable(_settings().records_table)


@task(Carriers)
def handler(payload: Carriers) -> Result:
    """Gives how many parcels the proposal moves, or what came of the carrier's order."""
    return {"propose": _propose, "settle": _settle}[payload.operation](payload)


def _propose(payload: Carriers) -> Result:
    propose = ProposeReplan(
        plan=compiled_plan(),
        incidents=DynamoIncidents(_table()),
        replans=DynamoReplans(_table()),
        do_by_system=do_by_system(_table()),
        clock=utc_now,
    )
    proposed = propose(payload.incident_id, payload.place)
    return {"parcels": proposed.moved if proposed else 0}


def _settle(payload: Carriers) -> Result:
    settle = SettleCarrier(
        plan=compiled_plan(),
        incidents=DynamoIncidents(_table()),
        decisions=DynamoDecisions(_table()),
        notify=notify(_table(), _settings().configuration_set),
        clock=utc_now,
    )
    return {"outcome": settle(payload.incident_id, payload.decision_id, payload.place)}
