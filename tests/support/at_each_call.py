"""Crashes a step of a whole house at each of its calls, and holds what stands after a second run to a run without."""

from __future__ import annotations

from collections.abc import Callable

from emergency.domain.plan import Plan
from tests.support.crashes import every_crash
from tests.support.house import House
from tests.support.memory import Faults

Step = Callable[[], object]


def crashes_that_end_the_same(
    plan: Callable[[], Plan], prepare: Callable[[House], Step], stands: Callable[[House], object]
) -> int:
    """How many crashes were tried; `prepare` brings a house to where the step begins, and gives the step.

    Fails where what stands afterwards isn't what stands without a crash.
    """
    house = House(plan())
    wanted: list[object] = []
    run_step: list[Step] = []

    def reset() -> None:
        house.__init__(plan())  # type: ignore[misc]
        run_step[:] = [prepare(house)]

    def run(faults: Faults) -> None:
        house.faults = faults
        try:
            run_step[0]()
        finally:
            house.faults = None

    def check() -> None:
        found = stands(house)
        wanted[:] = wanted or [found]
        assert found == wanted[0]

    return every_crash(run, check, reset)
