"""A house whose plan knows all of teams' work."""

from __future__ import annotations

import pytest

from tests.support.house import House
from tests.support.plans import working_plan


@pytest.fixture
def working() -> House:
    """All use cases over an empty store and the plan with owners, clocks, reserves and funds."""
    return House(working_plan())
