"""Two carriers late at once, rehearsed: what both need isn't there twice, and who must know it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.events import alarm
from tests.workflow.course import (
    DEPUTY_HEADS,
    FUNDS,
    Course,
    assert_closed,
    assert_everything_is_back,
    assert_funds_settled,
    assert_late_and_escalated,
    assert_real_tasks,
    assert_sealed,
    parsed,
)
from tests.workflow.rehearsing import rehearsed

RESOURCE = "standby-handlers"

LOGISTICS_DELAY = {
    "answers": [
        # The first incident keeps what it has on loan until the second has asked for the same.
        {"kind": "orders", "fields": {"severity": "SEV1", "teams": ["logistics_support", "public_relations"]}},
        {
            "kind": "complete",
            "team": "logistics_support",
            "after": 100,
            "press": [
                {"press": "skip", "fields": {"task": "warehouse-shift", "reason": "The staff on standby are enough."}},
                {
                    "press": "spend",
                    "fields": {"allocation": f"{FUNDS}#*", "quantity": "250,000", "reason": "Vans of another carrier."},
                },
                {"press": "completed", "after": 3000},
            ],
        },
        {
            "kind": "complete",
            "team": "public_relations",
            "after": 1200,
            "press": [{"press": "update", "fields": {"update": "Parcels are two days late."}}, "completed"],
        },
    ]
}


def late(carrier: str, event_id: str) -> dict[str, Any]:
    return alarm(
        f"carrier-sla-{carrier}",
        event_id=event_id,
        namespace="Shop/Logistics",
        metric="ParcelsPastDeliverySla",
        dimensions={"Carrier": carrier},
    )


@pytest.fixture(scope="module")
def course(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    events = [late("harbour-express", "d-1"), late("lion-rock-courier", "d-2")]
    with rehearsed(app, tmp_path_factory.mktemp("delay"), *events, answers=LOGISTICS_DELAY, time_scale=100) as done:
        return Course(done)


def both(course: Course, prefix: str) -> list[dict[str, Any]]:
    """Items of both incidents by the beginning of their keys."""
    return [item for item in course.items if item["sk"].startswith(prefix) and item["pk"].startswith("INCIDENT#")]


def test_a_delay_is_worked_on_task_by_task(course: Course) -> None:
    assert_closed(course)
    assert_real_tasks(course)
    assert_late_and_escalated(course, "logistics_support", "find-cause")
    assert course.tasks("logistics_support")["warehouse-shift"]["reason"] == "The staff on standby are enough."
    assert {item["status"] for item in both(course, "INCIDENT")} == {"closed"}


def test_two_delays_never_get_the_same_people(course: Course) -> None:
    """Ten people are in reserve, and each incident wants six."""
    loans = [loan for loan in both(course, "ALLOCATION#") if loan["resource"] == RESOURCE]
    assert sorted(int(loan["quantity"]) for loan in loans) == [4, 6]
    people = [person for loan in loans for person in loan["people"]]
    assert len(set(people)) == len(people) == len(course.plan["resources"][RESOURCE]["reserve"])


def test_the_shortage_of_a_delay_is_named_and_told(course: Course) -> None:
    short = [entry for entry in both(course, "TIMELINE#") if entry["fact"] == "resource_short"]
    assert [
        (entry["details"]["resource"], entry["details"]["wanted"], entry["details"]["quantity"]) for entry in short
    ] == [(RESOURCE, 6, 4)]
    told = [entry for entry in both(course, "TIMELINE#") if entry["fact"] == "shortage_told"]
    assert [set(entry["details"]["people"]) for entry in told] == [DEPUTY_HEADS]
    assert {entry["pk"] for entry in told} == {entry["pk"] for entry in short}


def test_funds_and_people_of_a_delay_are_back(course: Course) -> None:
    """Both incidents spent as much: what is gone of the stock is twice that."""
    assert_everything_is_back(course)
    assert_funds_settled(course, requested=80_000_000, approved=80_000_000, spent=25_000_000)
    assert not [item for item in course.items if item["pk"].startswith("RESERVE#")]


def test_the_public_is_told_of_a_delay_after_the_clock_ran_out(course: Course) -> None:
    (given,) = course.entries("update_given")
    before = [entry for entry in course.entries("update_late") if parsed(entry["at"]) < parsed(given["at"])]
    assert before
    assert "chief-executive" in course.told("update_late")


def test_the_record_of_a_delay_is_sealed(course: Course) -> None:
    assert_sealed(course)
