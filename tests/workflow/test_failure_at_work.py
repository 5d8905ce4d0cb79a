"""A failing checkout, rehearsed with its teams' real tasks: reassigned, skipped, late; funds spent; the public told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.events import alarm
from tests.workflow.course import (
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

SYSTEM_FAILURE = {
    "answers": [
        {
            "kind": "orders",
            "fields": {"severity": "SEV2", "teams": ["technical_support", "public_relations"], "budget": "50,000"},
        },
        # A member ticks the first task from a link to help, long after its target.
        {
            "kind": "help",
            "who": "reliability-lead",
            "after": 1500,
            "press": "tasks",
            "fields": {"tasks": "confirm-scope"},
        },
        {
            "kind": "complete",
            "team": "technical_support",
            "after": 60,
            "press": [
                {"press": "reassign", "fields": {"task": "relieve-load", "owner": "database-engineer"}},
                {"press": "skip", "fields": {"task": "reconcile", "reason": "No order was lost."}},
                {
                    "press": "spend",
                    "fields": {"allocation": f"{FUNDS}#*", "quantity": "12,000.50", "reason": "Rented servers."},
                },
                {"press": "completed", "after": 1560},
            ],
        },
        {
            "kind": "complete",
            "team": "public_relations",
            "after": 360,
            "press": [{"press": "update", "fields": {"update": "Checkout fails; on our status page."}}, "completed"],
        },
    ]
}


@pytest.fixture(scope="module")
def system_failure(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    with rehearsed(app, tmp_path_factory.mktemp("failure"), alarm(), answers=SYSTEM_FAILURE) as done:
        return Course(done)


def test_a_failure_is_worked_on_task_by_task(system_failure: Course) -> None:
    assert_closed(system_failure)
    assert_real_tasks(system_failure)
    assert_late_and_escalated(system_failure, "technical_support", "confirm-scope")
    tasks = system_failure.tasks("technical_support")
    assert tasks["confirm-scope"]["done_by"] == "reliability-lead"
    assert tasks["relieve-load"]["owner"] == "database-engineer"
    assert "database-engineer" in system_failure.told("task_yours")
    assert tasks["reconcile"]["skipped_by"] == "chief-technology-officer"
    assert tasks["reconcile"]["reason"] == "No order was lost."


def test_a_failure_leaves_nothing_switched_and_nothing_on_loan(system_failure: Course) -> None:
    tasks = system_failure.tasks("technical_support")
    back = tasks["back-stop-changes"]
    assert (back["must_close"], back["done_by"]) == (True, "chief-technology-officer")
    assert back["text"] == tasks["stop-changes"]["switch_back"]
    assert_everything_is_back(system_failure)
    assert_funds_settled(system_failure, requested=5_000_000, approved=5_000_000, spent=1_200_050)


def test_a_failure_is_told_to_the_public_once_the_clock_warned(system_failure: Course) -> None:
    given = system_failure.at("update_given")
    assert system_failure.at("update_due") < given
    assert "head-of-marketing" in system_failure.told("update_due")
    (updates,) = [one for one in system_failure.record["deadlines"] if one["id"] == "updates"]
    assert given < parsed(updates["over_at"])


def test_the_record_of_a_failure_is_sealed(system_failure: Course) -> None:
    assert_sealed(system_failure)
