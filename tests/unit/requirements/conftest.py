"""A house in which orders need a code, and an incident whose head was asked for them."""

from __future__ import annotations

import pytest

from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind
from tests.support.house import House
from tests.support.plans import with_decision


@pytest.fixture
def guarded(plan: Plan) -> House:
    """Orders need a second factor."""
    return House(with_decision(plan, DecisionKind.ORDERS, second_factor=True))


@pytest.fixture
def asked(guarded: House) -> str:
    """An incident whose orders the head and the deputy heads have been asked for."""
    incident_id = guarded.put_orders()
    guarded.ask(incident_id, "orders", level=1, token="token-1")
    return incident_id
