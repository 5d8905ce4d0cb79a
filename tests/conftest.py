"""Fixtures for every layer."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from emergency.domain.plan import Plan
from tests.support.plans import small_plan

# Machines that share their cores are slow now and then; a time limit per example would only fail there.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")


@pytest.fixture(scope="session")
def plan() -> Plan:
    """A small plan that no test depends on the example company for."""
    return small_plan()
