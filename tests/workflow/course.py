"""What the rehearsals of teams at work have in common: how they are read, and what holds for each of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from infra.permissions import actions_of
from tests.workflow.rehearsing import Rehearsed

TOLD_TWICE = {
    "kind": "complete",
    "team": "public_relations",
    "after": 300,
    "press": [
        {"press": "statement", "on": "statement"},
        {"press": "statement", "on": ["statement", "statement?phase=resolved"], "after": 900},
        {"press": "completed", "after": 300},
    ],
}
"""Public relations tells the public what the plan drafts: at the beginning, and when it is over."""

DEPUTY_HEADS = {"chief-technology-officer", "chief-operating-officer"}
FUNDS = "emergency-funds"


def parsed(text: str) -> datetime:
    return datetime.fromisoformat(text)


class Course:
    """What a rehearsal left, as tests ask for it; it is read at once, as the stack closes before the tests begin."""

    def __init__(self, done: Rehearsed) -> None:
        self.done = done
        self.plan = done.stack.compiled_plan()
        self.items: list[dict[str, Any]] = [*done.stack.records.scan(ConsistentRead=True)["Items"]]
        self.pages = done.stack.mailbox.pages
        self.record: dict[str, Any] = done.json("incident.json")
        self.id: str = self.record["incident_id"]
        self.actions = done.actions()
        self.centre = done.stack.contact_centre
        self.unstruck = done.stack.faults.left
        self.mails = done.stack.mailbox.mails

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

    def decision(self, decision_id: str) -> dict[str, Any]:
        return self.done.decision(decision_id)

    def told(self, kind: str) -> set[str]:
        """Who was mailed so."""
        return {mail["contact"] for mail in self.record["notifications"] if mail["kind"] == kind and mail["mail_id"]}

    def stock(self, resource: str) -> Mapping[str, Any]:
        """The inventory's own count of a resource."""
        (found,) = [item for item in self.items if item["pk"] == f"RESOURCE#{resource}"]
        return found


def assert_closed(course: Course) -> None:
    """It ended as the plan allows, in every execution, and no function did what it may not do."""
    assert course.done.result.problems == ()
    assert course.done.summary["outcome"] == "closed"
    assert {execution["status"] for execution in course.done.json("executions.json")} == {"SUCCEEDED"}
    assert {function: more for function, used in course.actions.items() if (more := used - actions_of(function))} == {}


def assert_real_tasks(course: Course) -> None:
    """Every team has the playbook's tasks, with target and real times; what has no target is none too late."""
    incident = course.record["incident"]
    playbook = course.plan["playbooks"][incident["risk"]]
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


def assert_hotline_was_there(course: Course) -> None:
    """A number was taken, connected and given back; calls were counted; every number leads where it led before."""
    hotline = course.record["hotline"]
    times = [hotline[name] for name in ("opened_at", "connected_at", "closed_at")]
    assert sorted(times, key=parsed) == times
    assert course.at("hotline_opened", number=hotline["number"]) < course.at("hotline_closed", number=hotline["number"])
    (pooled,) = [line for line in course.plan["hotlines"] if line["id"] == hotline["hotline"]]
    assert {(call.number, call.flow) for call in course.centre.calls} >= {(pooled["phone_number"], pooled["flow"])}
    assert course.centre.flow_of == course.centre.everyday
    # Calls are those of the queue: another incident's count too.
    counted = [one["calls"] for one in course.record["calls"] if one["by"] == "system"]
    assert len(counted) == 1
    assert counted[0] >= course.centre.callers
    assert not [item for item in course.items if item["pk"].startswith("HOTLINE#")]


def assert_public_was_told(course: Course, *phases: str) -> None:
    """Statements of these phases were approved by others and published; each moment of the page has those so far."""
    statements = course.record["statements"]
    assert [one["phase"] for one in statements] == [*phases]
    severity = course.record["incident"]["severity"]
    needed = course.plan["decisions"]["statement"]["needed"][severity]
    for one in statements:
        assert len(set(one["approved_by"]) - {one["by"]}) == len(one["approved_by"]) >= needed
        assert course.entries("statement_published", phase=one["phase"])
    moments = course.record["status_page"]
    assert [moment["statement"] for moment in moments] == [one["id"] for one in statements]
    for locale in course.plan["communications"]["locales"]:
        for count, moment in enumerate(moments, start=1):
            page = f"{locale}/incidents/{course.id}.html"
            shown = (course.done.out / moment["folder"] / page).read_text()
            told = [one["id"] in shown for one in statements]
            assert told == [number < count for number in range(len(statements))], (moment["folder"], page)
            assert moment["files"].keys() >= {
                f"{locale}/{file}" for file in ("index.html", "history.html", "feed.atom")
            }
    assert {mail.to[0] for mail in course.mails} >= {one["email"] for one in course.plan["communications"]["media"]}
    assert len(course.entries("media_told")) == len(course.entries("subscribers_told")) == len(statements)
    last = json.loads((course.done.out / "status-page" / "status.json").read_bytes())
    assert course.id in json.dumps(last)


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
    of_all = [item for item in course.items if item["sk"].startswith("EXPENSE#") and item["resource"] == FUNDS]
    assert course.stock(FUNDS).get("gone", 0) == sum(expense["quantity"] for expense in of_all)


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
