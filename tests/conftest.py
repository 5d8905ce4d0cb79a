"""Fixtures for every layer, and how the tests are dealt out to the workers."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from emergency.domain.plan import Plan
from tests.support.plans import small_plan

# Machines that share their cores are slow now and then; a time limit per example would only fail there.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

TOGETHER = frozenset({"tests/infra"})
"""Layers whose files share something costly: the synthesis of the template."""
ONE_BY_ONE = frozenset({"tests/workflow/test_decisions_rehearsed.py", "tests/workflow/test_other_ends.py"})
"""Files whose tests are long and share nothing."""
LONGEST = ("tests/browser", "tests/workflow", "tests/functions")
"""Layers that begin first, so that a worker at the end waits only for something short."""


class Dealer(LoadScopeScheduling):  # type: ignore[misc]
    """Deals out files to workers, some together and some test by test, in the order in which they were collected.

    Said here and not by marks, as xdist 3.8 does not see `xdist_group` under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file in ONE_BY_ONE:
            return nodeid
        layer = file.rpartition("/")[0]
        return layer if layer in TOGETHER and not file.endswith("/test_asset.py") else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest layers first; what has the same place keeps its order."""
    items.sort(
        key=lambda item: next((i for i, layer in enumerate(LONGEST) if item.nodeid.startswith(layer)), len(LONGEST))
    )


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Dealer:
    return Dealer(config, log)


@pytest.fixture(scope="session")
def plan() -> Plan:
    """A small plan that no test depends on the example company for."""
    return small_plan()
