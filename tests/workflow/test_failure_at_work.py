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
    assert_hotline_was_there,
    assert_late_and_escalated,
    assert_public_was_told,
    assert_real_tasks,
    assert_sealed,
    parsed,
)
from tests.workflow.rehearsing import rehearsed

RETURNED, TITLE = "Say what fails.", "Checkout fails & payments wait"

SYSTEM_FAILURE = {
    "answers": [
        {
            "kind": "orders",
            "fields": {
                "severity": "SEV2",
                "teams": ["technical_support", "customer_service", "public_relations"],
                "budget": "50,000",
            },
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
        # The first draft comes back from everybody who is asked; the second one is approved.
        {"kind": "statement", "press": "returned", "fields": {"comment": RETURNED}, "times": 2},
        {
            "kind": "complete",
            "team": "public_relations",
            "after": 300,
            "press": [
                {"press": "statement", "on": "statement", "fields": {"title-en": "Checkout"}},
                {"press": "statement", "on": "statement", "after": 600, "fields": {"title-en": TITLE}},
                {"press": "statement", "on": ["statement", "statement?phase=resolved"], "after": 600},
                {"press": "completed", "after": 300},
            ],
        },
    ],
    "visitors": [
        {"address": "leaver@customer.example", "locale": "en", "unsubscribes_after": 1},
        {"address": "reader@customer.example", "locale": "zh-Hant"},
    ],
}
UNLUCKY = ["customer_hotline:fail-AssociatePhoneNumberContactFlow:2"] + [
    f"customer_hotline:crash-after-{call}:1" for call in ("UpdateContactFlowContent", "AssociatePhoneNumberContactFlow")
]
"""The first attempt to connect the hotline fails, two more break off; closing it follows."""


@pytest.fixture(scope="module")
def system_failure(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    with rehearsed(app, tmp_path_factory.mktemp("failure"), alarm(), answers=SYSTEM_FAILURE, faults=UNLUCKY) as done:
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
    told = system_failure.at("statement_published")
    # On a busy machine the clock is looked at after its time alone.
    warned = [*system_failure.entries("update_due"), *system_failure.entries("update_late")]
    assert [entry for entry in warned if parsed(entry["at"]) < told]
    assert "head-of-marketing" in system_failure.told("update_due") | system_failure.told("update_late")
    (updates,) = [one for one in system_failure.record["deadlines"] if one["id"] == "updates"]
    assert told < parsed(updates["over_at"])


def test_what_was_returned_of_a_failure_is_never_published(system_failure: Course) -> None:
    assert_public_was_told(system_failure, "first_notice", "resolved")
    drafts = [one for one in system_failure.record["decisions"] if one["kind"] == "statement"]
    assert [one["answer"]["outcome"] for one in drafts] == ["returned", "approved", "approved"]
    assert all(one["answer"]["by"] != one["statement"]["by"] for one in drafts)
    first, last = system_failure.record["statements"]
    assert [one["id"] for one in drafts[1:]] == [first["id"], last["id"]]
    assert first["texts"]["en"]["title"] == TITLE
    public = {file: file.read_text() for file in (system_failure.done.out / "status-page").rglob("*.*")}
    assert any("Checkout fails &amp; payments wait" in text for text in public.values())
    assert not [file for file, text in public.items() if ">Checkout<" in text]


def test_who_subscribed_is_mailed_until_they_leave(system_failure: Course) -> None:
    mails = {
        address: [mail for mail in system_failure.mails if address in mail.to]
        for address in ("leaver@customer.example", "reader@customer.example")
    }
    assert {address: len(own) for address, own in mails.items()} == {
        "leaver@customer.example": 2,
        "reader@customer.example": 3,
    }
    assert all(not mail.incident_id for own in mails.values() for mail in own), "nothing internal stands in them"


def test_a_hotline_opens_though_amazon_connect_failed_and_functions_broke_off(system_failure: Course) -> None:
    assert_hotline_was_there(system_failure)
    assert system_failure.unstruck == ()
    assert len(system_failure.entries("hotline_opened")) == len(system_failure.entries("hotline_closed")) == 1


def test_the_record_of_a_failure_is_sealed(system_failure: Course) -> None:
    assert_sealed(system_failure)
