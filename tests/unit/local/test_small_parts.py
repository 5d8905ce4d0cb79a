"""The plan's clock, redaction, faults, mails, and Lambda's rules for partial batches."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from local import synth
from local.console.pages import clock, day, duration, linked, pretty, words
from local.engine.delivery import QueueMapping, failed_messages
from local.engine.faults import Fault, FaultKind, Faults, UnusableFaultError
from local.engine.lambda_runtime import Answer
from local.engine.plan_clock import scaled
from local.engine.redaction import REDACTED, new_task_token, redact
from local.mailbox import read_mail
from local.rehearsal.events import happening_at
from local.rehearsal.people import contact_ids
from local.rehearsal.rehearse import abandoned_clocks, longest_course
from local.stack import HOME
from tests.support.events import alarm


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ({"home": "", "monitored": []}, {"home": "", "monitored": []}),
        (
            {
                "home": {"account": "111122223333", "region": "ap-southeast-1"},
                "monitored": [
                    {"region": HOME.region},
                    {"region": "us-east-1"},
                    {"account": "444455556666", "region": HOME.region},
                ],
            },
            {
                "home": {"account": HOME.account, "region": HOME.region},
                "monitored": [{"region": "us-east-1"}, {"account": "444455556666", "region": HOME.region}],
            },
        ),
    ],
)
def test_a_home_that_is_named_is_here_and_the_other_places_stay(given: dict[str, Any], used: dict[str, Any]) -> None:
    """A place that would be the home itself is left out."""
    assert synth._context({**given, "stack-name": "x"}) == {**used, "stack-name": "x", "asset-platform": "host"}


def test_the_plans_timers_are_divided_and_last_a_second_at_least() -> None:
    plan = {
        "severities": {"SEV1": {"wait": {"orders": [600, 300, 30], "review": [30]}, "means": {"en": "wait"}}},
        "playbooks": {"x": {"tasks": {"t": [{"id": "a", "within": {"SEV1": 1800}}]}}},
        "review_rounds": 3,
        "company": {"wait": "a word"},
        "contacts": {"head": {"absences": [{"first": "2026-07-13", "last": "2026-07-20"}]}},
        "deadlines": {"updates": {"first": {"SEV1": 300}, "every": {"SEV1": 1200}}, "notices": {"x": {"within": 3600}}},
    }
    assert scaled(plan, 60) == {
        "severities": {"SEV1": {"wait": {"orders": [10, 5, 1], "review": [1]}, "means": {"en": "wait"}}},
        "playbooks": {"x": {"tasks": {"t": [{"id": "a", "within": {"SEV1": 30}}]}}},
        "review_rounds": 3,
        "company": {"wait": "a word"},
        "contacts": {"head": {"absences": [{"first": "2026-07-13", "last": "2026-07-20"}]}},
        "deadlines": {"updates": {"first": {"SEV1": 5}, "every": {"SEV1": 20}}, "notices": {"x": {"within": 60}}},
    }


def test_the_longest_course_is_silence_at_every_turn() -> None:
    decisions = {
        "orders": {"ladder": [["head"], ["deputy_heads"], ["members"]], "start_over": 1},
        "complete": {"ladder": [["team_lead"], ["team_deputies"]], "more_time": {"times": 2, "share": 50}},
        "review": {"ladder": [["head"]], "more_time": None},
    }
    long = {"orders": [20, 10], "complete": [100, 40], "review": [7]}
    severities = {"SEV1": {"wait": {"orders": [1], "complete": [1], "review": [1]}}, "SEV4": {"wait": long}}
    plan = {"decisions": decisions, "severities": severities, "review_rounds": 3}
    assert longest_course(plan) == (20 + 10 + 10) * 2 + (100 + 40) + 2 * 50 + 4 * 7
    assert longest_course({}) == 0


def test_the_longest_course_waits_for_duties_and_for_one_notice_after_another() -> None:
    decisions = {"duties": {"ladder": [["legal"], ["deputy_heads"]]}, "notice": {"ladder": [["legal"], ["head"]]}}
    severities = {"SEV1": {"wait": {"duties": [15], "notice": [30]}}}
    notices = {"first": {"within": 1000}, "second": {"within": 200}}
    plan = {"decisions": decisions, "severities": severities, "deadlines": {"notices": notices}}
    assert longest_course(plan) == 2 * 15 + (2 * 30 + 1000) + (2 * 30 + 200)


def test_clocks_of_a_failed_response_are_not_waited_for() -> None:
    """Its other executions are, and so are notices: somebody still sends them."""
    inputs = {
        "arn:EmergencyResponse-deadline:INC-1-clock-tasks": {"incident_id": "INC-1", "kind": "watched"},
        "arn:EmergencyResponse-deadline:INC-1-clock-notice-x": {"incident_id": "INC-1", "kind": "notice"},
        "arn:EmergencyResponse-deadline:INC-2-clock-tasks": {"incident_id": "INC-2", "kind": "watched"},
        "arn:decision:INC-1-release": {"incident_id": "INC-1", "kind": "watched"},
    }
    states = {"INC-1": "needs_attention", "INC-2": "active"}
    stack: Any = SimpleNamespace(
        running=lambda: tuple(inputs),
        input_of=inputs.__getitem__,
        reader=SimpleNamespace(incident=lambda name: SimpleNamespace(status=states[name])),
    )
    assert abandoned_clocks(stack) == {"arn:EmergencyResponse-deadline:INC-1-clock-tasks"}


def test_an_event_can_happen_now() -> None:
    event = alarm(at="2026-11-22T03:12:41.683+0000", event_id="11111111-2222-4333-8444-555555555555")
    fresh = happening_at(event, datetime(2027, 1, 1, 0, 0, 0, tzinfo=UTC))
    assert fresh["time"] == "2027-01-01T00:00:00Z"
    assert fresh["detail"]["state"]["timestamp"] == "2027-01-01T00:00:00.683+0000"
    assert fresh["detail"]["previousState"]["timestamp"] == "2026-12-31T23:48:00.683+0000"
    assert json.loads(fresh["detail"]["state"]["reasonData"]) == {"startDate": "2026-12-31T23:56:19.000+0000"}
    assert {**fresh, "time": event["time"], "detail": event["detail"]} == event


def test_task_tokens_are_redacted_wherever_they_hide() -> None:
    token = new_task_token()
    clean = redact({"a": [f"x {token} y"], "task_token": token, "n": 1, "t": (token,)})
    assert clean == {"a": [f"x {REDACTED} y"], "n": 1, "t": [REDACTED]}


def test_a_fault_fires_as_often_as_it_was_ordered() -> None:
    faults = Faults()
    faults.order(Fault.parse("triage:crash:2"))
    assert [faults.due("triage", FaultKind.CRASH) for _ in range(3)] == [True, True, False]
    assert not faults.due("triage", FaultKind.REFUSE)
    assert faults.fired("triage") == 2


def test_a_fault_at_a_call_fires_at_that_call_alone() -> None:
    faults = Faults()
    fault = Fault.parse("decision_page:crash-after-SendTaskSuccess:1")
    assert (fault.kind, fault.call, str(fault)) == (
        FaultKind.CRASH_AFTER,
        "SendTaskSuccess",
        "decision_page:crash-after-SendTaskSuccess:1",
    )
    faults.order(fault)
    assert not faults.due("decision_page", FaultKind.CRASH_AFTER, "SendEmail")
    assert not faults.due("decision_page", FaultKind.CRASH_BEFORE, "SendTaskSuccess")
    assert [*faults.left] == [fault]
    assert faults.due("decision_page", FaultKind.CRASH_AFTER, "SendTaskSuccess")
    assert not faults.left
    assert faults.fired("decision_page", FaultKind.CRASH_AFTER, "SendTaskSuccess") == 1


@pytest.mark.parametrize(
    "text",
    [
        "triage:crash-before:1",
        "triage:fail:1",
        "triage:crash-at-SendEmail:1",
        "triage:crash-after-:1",
        "a:crash-PutItem:1",
        "triage",
        "triage:crash",
        "triage:crash:0",
        "triage:crash:x",
        "triage:burn:1",
        ":crash:1",
    ],
)
def test_other_faults_are_refused(text: str) -> None:
    with pytest.raises(UnusableFaultError, match="FUNCTION:KIND:TIMES"):
        Fault.parse(text)


def test_a_mail_is_read_with_both_its_parts() -> None:
    raw = (
        "From: Plan <plan@shop.example>\nTo: =?utf-8?b?546L?= <wang@shop.example>, b@shop.example\n"
        "Subject: =?utf-8?b?5piv5ZCm5ZWf5YuV6aCQ5qGI77yf?=\nX-Emergency-Incident: INC-1\nX-Emergency-Decision: orders\n"
        'MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="b"\n\n'
        "--b\nContent-Type: text/plain; charset=utf-8\n\nDecide\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>Decide</p>\n--b--\n"
    )
    mail = read_mail(raw, [], "id", datetime(2026, 11, 22, tzinfo=UTC))
    assert mail.to == ("wang@shop.example", "b@shop.example")
    assert (mail.subject, mail.text.strip(), mail.html.strip()) == ("是否啟動預案？", "Decide", "<p>Decide</p>")
    assert (mail.incident_id, mail.decision_id) == ("INC-1", "orders")
    assert mail.summary()["to"] == "wang@shop.example, b@shop.example"


@pytest.mark.parametrize(
    ("payload", "is_error", "failed"),
    [
        ('{"batchItemFailures": []}', False, set()),
        ("null", False, set()),
        ("{}", False, set()),
        ('{"batchItemFailures": [{"itemIdentifier": "a"}]}', False, {"a"}),
        ('{"batchItemFailures": [{"itemIdentifier": "z"}]}', False, {"a", "b"}),
        ('{"batchItemFailures": [{"itemIdentifier": ""}]}', False, {"a", "b"}),
        ('{"batchItemFailures": "x"}', False, {"a", "b"}),
        ("{}", True, {"a", "b"}),
    ],
)
def test_which_messages_of_a_batch_come_again(payload: str, *, is_error: bool, failed: set[str]) -> None:
    mapping = QueueMapping(queue_arn="arn:aws:sqs:r:a:q", function="f", batch_size=10, partial_failures=True)
    assert failed_messages(Answer(payload, is_error), {"a", "b"}, mapping) == failed


def test_contacts_are_found_by_their_address() -> None:
    assert contact_ids({"contacts": {"head": {"email": "Head@Shop.example"}}}) == {"head@shop.example": "head"}


def test_the_consoles_words() -> None:
    moment = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)
    assert (clock(moment), day(moment.isoformat()), clock("soon"), clock(None)) == ("03:04:05", "2 Nov, 03:04", "", "")
    assert [duration(s) for s in (None, 0.25, 61, 3725, 59.6)] == ["", "250 ms", "1 min 1 s", "1 h 2 min", "1 min 0 s"]
    assert words("technical_support") == "Technical support"
    assert json.loads(pretty('{"a":1}')) == {"a": 1}
    assert pretty("text") == "text"
    assert linked("See <b> http://x/d/1.") == 'See &lt;b&gt; <a href="http://x/d/1">http://x/d/1</a>.'
