"""Carries out the leadership group's orders."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

from emergency.aws.entry import Result, task
from emergency.aws.records import DynamoDecisions, DynamoIncidents
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.terms import Outcome
from emergency.domain.timeline import Place
from emergency.identities import utc_now
from emergency.use_cases.carry_out_orders import CarryOutOrders
from orders.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Orders:
    """The payload: which incident, which decision holds the orders, and the state that runs."""

    incident_id: str
    decision_id: str
    place: Place


@cache
def _carry_out() -> CarryOutOrders:
    table = RecordsTable(Settings.from_environment(os.environ).records_table)
    return CarryOutOrders(
        plan=compiled_plan(), incidents=DynamoIncidents(table), decisions=DynamoDecisions(table), clock=utc_now
    )


@task(Orders)
def handler(payload: Orders) -> Result:
    """Gives the outcome, and the severity and teams that were ordered."""
    incident = _carry_out()(payload.incident_id, payload.decision_id, payload.place)
    outcome = incident.orders.outcome if incident.orders else Outcome.STAND_DOWN
    return {"outcome": outcome, "severity": incident.severity, "teams": list(incident.teams)}
