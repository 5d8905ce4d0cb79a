"""Decisions under what goes wrong at night, rehearsed on the real ASL: crashes, bounces, reminders, hand-overs, requests."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.events import alarm
from tests.workflow.rehearsing import Rehearsed, rehearsed

TECHNICAL = {"teams": ["technical_support"], "severity": "SEV2"}
ONE_TEAM = {"kind": "orders", "fields": TECHNICAL}
STANDING_DOWN = {"kind": "orders", "press": "stand_down"}
"""What is about the orders alone needs no response after them."""


def entered(done: Rehearsed, execution: str) -> Counter[str]:
    history: list[dict[str, Any]] = done.json(f"history/{execution}.json")
    return Counter(e["stateEnteredEventDetails"]["name"] for e in history if e["type"].endswith("StateEntered"))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("fault", ["crash-before-SendTaskSuccess", "crash-after-SendTaskSuccess"])
def test_r13_a_crash_between_vote_and_workflow_heals_by_itself(app: Path, tmp_path: Path, fault: str) -> None:
    """Taken out: the event source mapping of `decision_follow_up`; then the rung's end finds the answer, too late."""
    answers = {"answers": [STANDING_DOWN]}
    with rehearsed(app, tmp_path, alarm(), answers=answers, faults=[f"decision_page:{fault}:1"]) as done:
        assert done.summary["outcome"] == "stood_down"
        incident = done.summary["incident_id"]
        assert entered(done, f"{incident}-orders") == {"Prepare the question": 1, "Ask": 1}
        voted = moment(done.decision("orders")["votes"][0]["at"])
        history = done.json(f"history/{incident}-orders.json")
        heard = moment(next(e["timestamp"] for e in history if e["type"] == "TaskSucceeded"))
        assert (heard - voted).total_seconds() < 60
        assert done.facts().count("stood_down") == 1


def test_r19_a_bounced_head_costs_no_time_and_is_on_record(app: Path, tmp_path: Path) -> None:
    """Taken out: the rule that brings SES events to `mail_feedback`; then the rung waits for its end."""
    answers = {
        "answers": [STANDING_DOWN],
        "mail": [{"who": "chief-executive", "what": "bounce"}],
    }
    with rehearsed(app, tmp_path, alarm(), answers=answers, time_scale=10) as done:
        assert done.summary["outcome"] == "stood_down"
        orders = done.decision("orders")
        assert {who["level"] for who in orders["asked"]} == {0, 1}
        assert orders["answer"]["by"] in {"chief-technology-officer", "chief-operating-officer"}
        first, second = (moment(who["at"]) for who in orders["asked"][:2])
        rung = orders["waits"][0]
        assert (second - first).total_seconds() < rung / 2
        facts = done.facts()
        assert "mail_undelivered" in facts
        assert "decision_unanswered" not in facts[: facts.index("stood_down")]
        marks = [item for item in done.stack.records.scan()["Items"] if item["sk"] == "MAIL"]
        assert [mark["pk"] for mark in marks] == ["CONTACT#chief-executive"]
        assert "@" not in str(marks)


def test_r12_an_answer_after_the_reminder_counts_under_the_token_that_replaced_the_first(
    app: Path, tmp_path: Path
) -> None:
    """Taken out: the new token in `asking`. At SEV2 the head has ten minutes, and is reminded after six."""
    answers = {"answers": [{**STANDING_DOWN, "after": 440}]}
    with rehearsed(app, tmp_path, alarm(), answers=answers, time_scale=20) as done:
        assert done.summary["outcome"] == "stood_down"
        orders = done.decision("orders")
        assert [(who["contact"], who["level"], who["reminder"]) for who in orders["asked"]] == [
            ("chief-executive", 0, False),
            ("chief-executive", 0, True),
        ]
        assert orders["votes"][0]["mail"].endswith("-0-chief-executive-reminder")
        assert entered(done, f"{done.summary['incident_id']}-orders")["Ask"] == 2
        assert "decision_reminded" in done.facts()
        assert "decision_unanswered" not in done.facts()


def test_a_lead_asks_for_more_gets_it_and_hands_over(app: Path, tmp_path: Path) -> None:
    """Four eyes: the chief technology officer leads the team and asks; by what a server is worth the head releases."""
    asking = {
        "kind": "complete",
        "team": "technical_support",
        "who": "chief-technology-officer",
        "after": 30,
        "press": ["note", "request", "more_time", "hand_over"],
        "fields": {
            "note": "Two nodes drained.",
            "resource": "spare-servers",
            "quantity": "1",
            "reason": "Load is still rising.",
        },
    }
    answers = {"answers": [ONE_TEAM, asking, {"kind": "release", "after": 20}, {"kind": "complete", "after": 300}]}
    with rehearsed(app, tmp_path, alarm(), answers=answers) as done:
        assert done.result.problems == ()
        assert done.summary["outcome"] == "closed"
        record = done.json("incident.json")
        (release,) = [decision for decision in record["decisions"] if decision["kind"] == "release"]
        assert release["request"]["by"] == "chief-technology-officer"
        assert release["answer"]["by"] == "chief-executive"
        assert "chief-technology-officer" not in {who["contact"] for who in release["asked"]}
        lent = [loan for loan in record["allocations"] if loan["release"] == release["id"]]
        assert [(loan["resource"], loan["quantity"]) for loan in lent] == [("spare-servers", 1)]
        assert all(loan["returned_at"] for loan in record["allocations"])
        complete = done.decision("complete-technical_support")
        assert complete["handed_over"] == ["chief-technology-officer"]
        assert complete["extended"] == 1
        assert complete["answer"]["by"] in {"head-of-information-technology", "reliability-lead"}
        incident = done.summary["incident_id"]
        assert done.status_of(f"{incident}-{release['id']}") == "SUCCEEDED"
        told = [mail for mail in done.stack.mailbox.mails if mail.purpose == "settled"]
        assert {mail.to[0].partition("@")[0] for mail in told} >= {"chief-technology-officer"}
        assert all("/d/" not in mail.text for mail in told)
