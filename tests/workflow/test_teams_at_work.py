"""One rehearsal for each of the four risks, with the teams' real tasks: what they did, and what it left on record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.events import alarm, moment
from tests.workflow.rehearsing import Rehearsed, rehearsed

DEPUTY_HEADS = {"chief-technology-officer", "chief-operating-officer"}
FUNDS = "emergency-funds"


def parsed(text: str) -> datetime:
    return datetime.fromisoformat(text)


def now() -> datetime:
    """Clocks of notices count from the signal: one of long ago would be overdue at once."""
    return datetime.now(UTC)


class Course:
    """What a rehearsal left, as tests ask for it."""

    def __init__(self, done: Rehearsed) -> None:
        self.done = done
        self.record: dict[str, Any] = done.json("incident.json")
        self.id: str = self.record["incident_id"]

    def entries(self, fact: str, **details: Any) -> list[dict[str, Any]]:
        """The timeline's entries of a fact with these details, in order."""
        return [
            entry
            for entry in self.record["timeline"]
            if entry["fact"] == fact and details.items() <= entry["details"].items()
        ]

    def at(self, fact: str, **details: Any) -> datetime:
        """When a fact first stands on the timeline."""
        found = self.entries(fact, **details)
        assert found, f"no {fact} with {details}"
        return parsed(found[0]["at"])

    def tasks(self, team: str) -> dict[str, dict[str, Any]]:
        (assignment,) = [one for one in self.record["assignments"] if one["team"] == team]
        return {task["id"]: task for task in assignment["tasks"]}

    def loans(self, resource: str) -> list[dict[str, Any]]:
        return [loan for loan in self.record["allocations"] if loan["resource"] == resource]

    def told(self, kind: str) -> set[str]:
        """Who was mailed so."""
        return {mail["contact"] for mail in self.record["notifications"] if mail["kind"] == kind and mail["mail_id"]}

    def stock(self, resource: str) -> Mapping[str, Any]:
        """The inventory's own count of a resource."""
        items = self.done.stack.records.scan(ConsistentRead=True)["Items"]
        (found,) = [item for item in items if item["pk"] == f"RESOURCE#{resource}"]
        return found


def assert_closed(course: Course) -> None:
    assert course.done.result.problems == ()
    assert course.done.summary["outcome"] == "closed"
    assert {execution["status"] for execution in course.done.json("executions.json")} == {"SUCCEEDED"}


def assert_real_tasks(course: Course) -> None:
    """Every team has the playbook's tasks, with target and real times; what has no target is none too late."""
    plan, incident = course.done.stack.compiled_plan(), course.record["incident"]
    playbook = plan["playbooks"][incident["risk"]]
    for team in incident["teams"]:
        tasks = course.tasks(team)
        planned = {task["id"]: task for task in playbook["tasks"][team] + playbook["clean_up"][team]}
        assert planned.keys() <= tasks.keys()
        assert all(tasks[id_]["text"] == task["text"] for id_, task in planned.items())
        for id_, task in planned.items():
            within = task.get("within", {}).get(incident["severity"])
            taken = parsed(tasks[id_]["due_at"]) - parsed(tasks[id_]["began_at"]) if within else None
            assert (taken.total_seconds() if taken else None) == within, id_
        done = [task for task in tasks.values() if task["done_at"]]
        assert done
        assert all(parsed(task["began_at"]) <= parsed(task["done_at"]) for task in done)
        assert all(task["done_at"] or task["skipped_at"] for task in tasks.values() if task["must_close"])


def assert_late_and_escalated(course: Course, team: str, task: str) -> None:
    """The deputy heads were told of the task, in time order, and it was done after its target."""
    late = course.entries("task_late", team=team, task=task)
    assert late
    assert late[-1]["details"]["people"]
    assert set(late[-1]["details"]["people"]) >= DEPUTY_HEADS
    assert course.told("tasks_late") >= DEPUTY_HEADS
    worked = course.tasks(team)[task]
    times = [worked["began_at"], worked["due_at"], late[-1]["at"], worked["done_at"]]
    assert sorted(times, key=parsed) == times


def assert_everything_is_back(course: Course) -> None:
    """What was lent is back or accounted for, in the incident's record and in the inventory's own count."""
    assert course.entries("resource_lent")
    for loan in course.record["allocations"]:
        gone = sum(one["quantity"] for one in course.record["expenses"] if one["allocation"] == key_of(loan))
        assert (loan["spent"], "returned_at" in loan) == (gone, True)
        details = {"resource": loan["resource"], "team": loan["team"], "quantity": loan["quantity"] - gone}
        assert course.entries("resource_returned", **details) or loan["quantity"] == gone
    for resource in {loan["resource"] for loan in course.record["allocations"]}:
        count = course.stock(resource)
        assert count["lent"] == count.get("gone", 0), resource


def key_of(loan: Mapping[str, Any]) -> str:
    return "#".join(part for part in (loan["resource"], loan["team"], loan["release"]) if part)


def assert_funds_settled(course: Course, *, requested: int, approved: int, spent: int) -> None:
    """In cents: approved is what was spent and what went back, and each expense names its reason."""
    loans = course.loans(FUNDS)
    assert sum(loan["wanted"] for loan in loans) == requested
    assert sum(loan["quantity"] for loan in loans) == approved
    expenses = [expense for expense in course.record["expenses"] if expense["resource"] == FUNDS]
    assert sum(expense["quantity"] for expense in expenses) == sum(loan["spent"] for loan in loans) == spent
    assert all(expense["reason"] and expense["by"] for expense in expenses)
    back = sum(entry["details"]["quantity"] for entry in course.entries("resource_returned", resource=FUNDS))
    assert back == approved - spent
    assert course.stock(FUNDS).get("gone", 0) == spent


def assert_sealed(course: Course) -> None:
    """The manifest names everything that was filed, each by the digest that its bytes have; the timeline names it."""
    archive = course.done.out / "archive"
    manifest = json.loads((archive / "manifest.json").read_bytes())
    filed = {f.relative_to(archive).as_posix(): f.read_bytes() for f in archive.rglob("*") if f.is_file()}
    del filed["manifest.json"]
    sealed = {part["name"]: (part["size"], part["sha256"]) for part in manifest["parts"]}
    assert sealed == {
        f"{course.id}/{name}": (len(content), hashlib.sha256(content).hexdigest()) for name, content in filed.items()
    }
    assert {"record.json", "report.en.html", "report.zh-Hant.html", "report.zh-Hans.html"} <= filed.keys()
    last = course.entries("record_sealed")[-1]["details"]
    assert last["digest"] == hashlib.sha256((archive / "manifest.json").read_bytes()).hexdigest()
    assert last["parts"] == len(sealed)
    record = json.loads(filed["record.json"])
    assert record["incident"]["status"] == "closed"
    assert {entry["key"] for entry in record["timeline"]} == {
        entry["key"] for entry in course.record["timeline"] if entry["fact"] != "record_sealed"
    }


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
def system_failure(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    with rehearsed(app, tmp_path_factory.mktemp("failure"), alarm(at=moment(now())), answers=SYSTEM_FAILURE) as done:
        yield Course(done)


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


CRITICAL, SUMMARY = "notice-china-incident-critical", "notice-china-incident-summary"

NETWORK_ATTACK = {
    "answers": [
        {"kind": "orders", "fields": {"severity": "SEV2", "teams": ["technical_support", "customer_service"]}},
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
def network_attack(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    event = alarm("login-alb-ddos-detected", namespace="AWS/DDoSProtection", metric="DDoSDetected", at=moment(now()))
    with rehearsed(app, tmp_path_factory.mktemp("attack"), event, answers=NETWORK_ATTACK, time_scale=120) as done:
        yield Course(done)


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


def test_the_record_of_an_attack_is_sealed(network_attack: Course) -> None:
    assert_sealed(network_attack)
