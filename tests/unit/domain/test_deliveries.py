"""Who takes over whose parcels: within capacity, by the cut-off, and what people may change of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.deliveries import (
    CarrierOrder,
    Move,
    Replan,
    check_moves,
    collected_on,
    failing_carrier,
    orders_of,
    proposal,
    spare,
    usual_parcels,
)
from emergency.domain.errors import UnusableAnswer
from tests.support.plans import small_plan

PLAN = small_plan()
MORNING = datetime(2026, 11, 22, 1, tzinfo=UTC)
"""Nine o'clock in Taipei."""
TODAY, TOMORROW = date(2026, 11, 22), date(2026, 11, 23)


def move(region: str, carrier: str, parcels: int, cost: int, day: date = TODAY) -> Move:
    return Move(region=region, carrier=carrier, parcels=parcels, cost=cost, collected_on=day)


@pytest.mark.parametrize(
    ("component", "carrier"),
    [
        ("carriers/swift", "swift"),
        ("Carriers:SWIFT", "swift"),
        ("swift", "swift"),
        ("checkout", ""),
        ("swiftly", ""),
        ("", ""),
    ],
)
def test_the_failing_carrier_is_the_one_that_the_component_names(component: str, carrier: str) -> None:
    assert failing_carrier(component, PLAN) == carrier


def test_without_a_list_a_usual_day_is_affected() -> None:
    assert usual_parcels(PLAN, "steady") == {"north": 300, "south": 200}


@pytest.mark.parametrize(
    ("local", "day"), [("16:59:59", TODAY), ("17:00:00", TOMORROW), ("23:59:59", TOMORROW), ("00:00:00", TODAY)]
)
def test_what_is_ordered_after_the_cut_off_is_collected_on_the_next_day(local: str, day: date) -> None:
    here = datetime.fromisoformat(f"2026-11-22T{local}+08:00").astimezone(UTC)
    assert collected_on(PLAN.carriers["swift"], PLAN, here) == day


def test_spare_is_what_a_usual_day_and_other_orders_leave() -> None:
    assert spare(PLAN, "steady", (), MORNING) == {"swift": 600, "thrifty": 150}
    order = CarrierOrder(replan="r", carrier="swift", moves=(move("north", "swift", 250, 100),))
    assert spare(PLAN, "steady", [order], MORNING)["swift"] == 350
    assert spare(PLAN, "steady", [order], MORNING + timedelta(days=1))["swift"] == 600
    small = replace(PLAN.carriers["swift"], daily_capacity=100)
    assert spare(replace(PLAN, carriers={**PLAN.carriers, "swift": small}), "steady", (), MORNING)["swift"] == 0


def test_the_proposal_is_within_capacity_and_the_rest_is_left() -> None:
    moves = proposal(PLAN, "steady", {"north": 300, "south": 200}, MORNING)
    assert moves == (move("north", "swift", 300, 100), move("south", "thrifty", 150, 90))
    replan = Replan(
        incident_id="INC",
        id="r",
        carrier="steady",
        parcels={"north": 300, "south": 200},
        moves=moves,
        proposed_at=MORNING,
    )
    assert replan.left == {"south": 50}
    assert [(order.carrier, order.parcels, order.cost) for order in orders_of(replan)] == [
        ("swift", 300, 30_000),
        ("thrifty", 150, 13_500),
    ]


def test_a_carrier_that_has_declined_is_not_proposed_again() -> None:
    moves = proposal(PLAN, "swift", {"north": 100}, MORNING)
    assert [one.carrier for one in moves] == ["steady"]
    assert proposal(PLAN, "swift", {"north": 100}, MORNING, without={"steady"}) == ()


@given(
    st.fixed_dictionaries({}, optional={"north": st.integers(0, 900), "south": st.integers(0, 900)}),
    st.sampled_from(sorted(PLAN.carriers)),
)
def test_what_is_proposed_can_be_ordered(parcels: dict[str, int], failing: str) -> None:
    moves = proposal(PLAN, failing, parcels, MORNING)
    assert all(one.carrier != failing for one in moves)
    if moves:
        wanted = {(one.region, one.carrier): one.parcels for one in moves}
        assert check_moves(PLAN, failing, parcels, wanted, MORNING) == moves


@pytest.mark.parametrize(
    ("wanted", "field", "problem"),
    [
        ({}, "moves", "missing"),
        ({("north", "swift"): 0}, "moves", "missing"),
        ({("west", "swift"): 1}, "move.west.swift", "unknown"),
        ({("north", "nobody"): 1}, "move.north.nobody", "unknown"),
        ({("south", "swift"): 1}, "move.south.swift", "unknown"),
        ({("north", "steady"): 1}, "move.north.steady", "unknown"),
        ({("south", "thrifty"): 120}, "move.south.thrifty", "too_much"),
        ({("north", "swift"): 601}, "move.north.swift", "capacity"),
    ],
)
def test_what_can_not_be_moved_is_said_with_its_field(
    wanted: dict[tuple[str, str], int], field: str, problem: str
) -> None:
    with pytest.raises(UnusableAnswer) as caught:
        check_moves(PLAN, "steady", {"north": 700, "south": 100}, wanted, MORNING)
    assert (caught.value.field, caught.value.problem) == (field, problem)


def test_parcels_of_a_region_that_has_none_can_not_be_moved() -> None:
    with pytest.raises(UnusableAnswer, match=r"move\.north\.swift: too_much"):
        check_moves(PLAN, "steady", {"south": 5}, {("north", "swift"): 1}, MORNING)
