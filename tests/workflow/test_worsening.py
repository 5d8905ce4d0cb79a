"""Signals during an incident, on the local engine: a worse alarm is decided on, one that goes off is told (P3, P6.1)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.permissions import actions_of
from local.engine.faults import Fault, FaultKind
from local.stack import LocalStack
from tests.support.events import alarm
from tests.workflow.course import Course
from tests.workflow.rehearsing import rehearsed

LEADS = {"chief-technology-officer", "head-of-marketing"}
WORSE = "severity-SEV1"


def worse() -> dict[str, Any]:
    """Another alarm of the same cause, thirty times over its threshold."""
    event = alarm("checkout-errors-critical", event_id="worse", at="2026-11-22T03:20:41.683+0000")
    reason = {"version": "1.0", "threshold": 50.0, "recentDatapoints": [1200.0, 1500.0]}
    event["detail"]["state"]["reasonData"] = json.dumps(reason)
    return event


COURSE = {
    "answers": [
        {"kind": "orders", "fields": {"severity": "SEV2", "teams": ["technical_support", "public_relations"]}},
        {"kind": "complete", "after": 1200},
    ],
    "signals": [
        {"after": 300, "event": worse()},
        {"after": 900, "event": alarm(state="OK", event_id="off", at="2026-11-22T03:30:41.683+0000")},
    ],
}


@pytest.fixture(scope="module")
def course(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    with rehearsed(app, tmp_path_factory.mktemp("worsening"), alarm(), answers=COURSE) as done:
        assert done.result.problems == ()
        return Course(done)


def test_the_leadership_raises_it_and_the_response_goes_on(course: Course) -> None:
    assert course.done.summary["outcome"] == "closed"
    question = course.done.decision(WORSE)
    assert (question["answer"]["outcome"], question["worsening"]["signal"]) == ("raised", "checkout-errors-critical")
    assert course.record["incident"]["severity"] == "SEV1"
    assert course.record["incident"]["orders"]["severity"] == "SEV2"
    facts = [entry["fact"] for entry in course.record["timeline"]]
    assert facts.index("plan_activated") < facts.index("severity_worsened") < facts.index("severity_raised")
    assert course.done.status_of(f"{course.id}-{WORSE}") == "SUCCEEDED"


def test_the_leads_of_the_called_teams_are_told_of_it_once(course: Course) -> None:
    raised = [mail for mail in course.mails if "raised to severity I" in mail.subject or "已提高為" in mail.subject]
    assert len(raised) == len(LEADS)
    assert course.told("severity_raised") == LEADS


def test_the_technical_lead_hears_which_alarm_went_off_and_that_another_is_on(course: Course) -> None:
    assert course.told("alarm_cleared") == {"chief-technology-officer"}
    (mail,) = [
        mail
        for mail in course.mails
        if "checkout-alb-5xx-high 已恢復正常" in mail.subject or "back to normal" in mail.subject
    ]
    assert "仍有 1 個告警" in mail.text or "1 alarm of this incident is still on" in mail.text
    assert "severity_worsened" in [entry["fact"] for entry in course.record["timeline"]]


def test_r21_what_follows_incidents_up_does_what_its_role_says_and_no_more(course: Course) -> None:
    for function in ("incident_follow_up", "severity"):
        assert course.actions[function] <= actions_of(function)
    assert {"dynamodb:PutItem", "dynamodb:Query", "ses:SendEmail", "states:StartExecution"} <= course.actions[
        "incident_follow_up"
    ]
    assert {"dynamodb:PutItem", "dynamodb:Query", "states:StartExecution", "states:SendTaskFailure"} <= course.actions[
        "severity"
    ]


def test_r14_an_incident_whose_execution_was_never_started_gets_it(app: Path) -> None:
    """Taken out: the event source mapping of `incident_follow_up`; then nothing runs until the event comes again."""
    with LocalStack(app) as stack:
        stack.faults.order(Fault("intake", FaultKind.FAIL, 1_000, "StartExecution"))
        stack.put_event(alarm())
        stack.wait_until(lambda: bool(stack.reader.incidents()), 30, "the incident to be on record")
        (incident,) = stack.reader.incidents()
        stack.wait_until(lambda: incident.id in {one.name for one in stack.executions()}, 60, "its execution")
        assert stack.faults.left
