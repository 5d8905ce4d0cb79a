"""Fixtures for every layer, and how the tests are dealt out to the workers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from emergency.domain.plan import Plan
from tests.support.plans import small_plan

# Machines that share their cores are slow now and then; a time limit per example would only fail there.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")


_HERE = Path(__file__).parent
_TOGETHER = frozenset({"browser", "infra"})
_APART = frozenset({"test_asset.py"})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps tests together that share something costly: a file's incident, the browser, the one synthesis of infra."""
    for item in items:
        if item.get_closest_marker("spread") is None:
            item.add_marker(pytest.mark.xdist_group(_group(item.path.relative_to(_HERE))))


def _group(file: Path) -> str:
    layer = file.parts[0]
    return layer if layer in _TOGETHER and file.name not in _APART else file.as_posix()


@pytest.fixture(scope="session")
def plan() -> Plan:
    """A small plan that no test depends on the example company for."""
    return small_plan()
