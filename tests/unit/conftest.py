"""Unit tests reach nothing outside the process, and share one house."""

from __future__ import annotations

import pytest
import pytest_socket

from emergency.domain.plan import Plan
from tests.support.house import House


@pytest.fixture
def house(plan: Plan) -> House:
    """All use cases over an empty in-memory store and the small plan."""
    return House(plan)


def pytest_runtest_setup() -> None:
    pytest_socket.disable_socket(allow_unix_socket=True)
