"""A network attack, rehearsed: a task more, funds asked for and settled, a loss written off, a notice warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.events import alarm
from tests.workflow.course import (
    FUNDS,
    TOLD_TWICE,
    Course,
    assert_closed,
    assert_everything_is_back,
    assert_funds_settled,
    assert_hotline_was_there,
    assert_late_and_escalated,
    assert_public_was_told,
    assert_real_tasks,
    assert_sealed,
)
from tests.workflow.rehearsing import rehearsed

CRITICAL, SUMMARY = "notice-china-incident-critical", "notice-china-incident-summary"

TEAMS = ["technical_support", "customer_service", "public_relations"]

NETWORK_ATTACK = {
    "answers": [
        {"kind": "orders", "fields": {"severity": "SEV2", "teams": TEAMS}},
        {"kind": "duties", "fields": {"notices": ["china-incident-critical", "china-incident-summary"]}},
        # Legal waits for the warning that the hour is nearly over.
        {"decision": CRITICAL, "silent": True, "times": 1},
        {"decision": CRITICAL, "press": "sent", "fields": {"reference": "CII-2026-17"}},
        {
            "kind": "complete",
            "team": "technical_support",
            "after": 60,
            "press": [
                {
                    "press": "add_task",
                    "fields": {"task_text": "Ask the bank which payments hang.", "owner": "database-engineer"},
                },
                {
                    "press": "request",
                    "fields": {"resource": FUNDS, "quantity": "30,000", "reason": "Traffic is scrubbed by the hour."},
                },
                {
                    "press": "spend",
                    "after": 1200,
                    "fields": {"allocation": f"{FUNDS}#*", "quantity": "4500", "reason": "Three hours of scrubbing."},
                },
                {"press": "completed", "after": 480},
            ],
        },
        TOLD_TWICE,
        {
            "kind": "complete",
            "team": "customer_service",
            "after": 600,
            "press": [
                {"press": "calls", "fields": {"calls": "41", "complaints": "3"}},
                {"press": "completed", "after": 600},
            ],
        },
        {
            "kind": "clean_up",
            "team": "technical_support",
            "press": [
                {
                    "press": "spend",
                    "fields": {"allocation": "spare-servers#*", "quantity": "1", "reason": "Its disks are gone."},
                },
                "handed_in",
            ],
        },
    ]
}


@pytest.fixture(scope="module")
def network_attack(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    event = alarm("login-alb-ddos-detected", namespace="AWS/DDoSProtection", metric="DDoSDetected")
    folder = tmp_path_factory.mktemp("attack")
    with rehearsed(app, folder, event, answers=NETWORK_ATTACK, time_scale=45, now=True) as done:
        return Course(done)


def test_an_attack_is_worked_on_task_by_task(network_attack: Course) -> None:
    assert_closed(network_attack)
    assert_real_tasks(network_attack)
    assert_late_and_escalated(network_attack, "technical_support", "read-attack")
    (added,) = [task for task in network_attack.tasks("technical_support").values() if task["added_by"]]
    assert (added["owner"], added["added_by"]) == ("database-engineer", "chief-technology-officer")
    assert list(added["text"].values()) == ["Ask the bank which payments hang."]
    assert added["done_at"]


def test_funds_of_an_attack_are_asked_for_released_by_another_and_settled(network_attack: Course) -> None:
    (release,) = [one for one in network_attack.record["decisions"] if one["kind"] == "release"]
    assert (release["request"]["by"], release["answer"]["outcome"]) == ("chief-technology-officer", "released")
    assert release["answer"]["by"] != release["request"]["by"]
    assert [loan["release"] for loan in network_attack.loans(FUNDS)] == [release["id"]]
    assert_funds_settled(network_attack, requested=3_000_000, approved=3_000_000, spent=450_000)
    assert_everything_is_back(network_attack)


def test_what_an_attack_destroyed_is_written_off_with_its_reason(network_attack: Course) -> None:
    (gone,) = network_attack.entries("written_off")
    assert (gone["details"]["quantity"], gone["details"]["text"]) == (1, "Its disks are gone.")
    (loan,) = network_attack.loans("spare-servers")
    assert (loan["quantity"], loan["spent"]) == (6, 1)
    assert network_attack.stock("spare-servers")["gone"] == 1


def test_a_notice_of_an_attack_is_warned_of_and_answered_in_time(network_attack: Course) -> None:
    assert network_attack.at("deadline_warned", notice="china-incident-critical") < network_attack.at(
        "deadline_met", notice="china-incident-critical", reference="CII-2026-17", late=0
    )
    assert not network_attack.entries("deadline_missed")


def test_the_summary_of_an_attack_has_its_time_from_the_end_of_handling(network_attack: Course) -> None:
    (summary,) = [one for one in network_attack.record["decisions"] if one["id"] == SUMMARY]
    assert summary["clock"]["began_at"] == network_attack.record["incident"]["handled_at"]
    assert summary["answer"]["outcome"] == "sent"


def test_customers_are_told_of_an_attack_and_answered(network_attack: Course) -> None:
    assert_public_was_told(network_attack, "first_notice", "resolved")
    assert_hotline_was_there(network_attack)
    (counted,) = [one for one in network_attack.record["calls"] if one["by"] != "system"]
    assert (counted["by"], counted["calls"], counted["complaints"]) == ("head-of-customer-service", 41, 3)


def test_the_record_of_an_attack_is_sealed(network_attack: Course) -> None:
    assert_sealed(network_attack)
