"""The reference incident: an alarm walks all six steps to an accepted report, and its files agree with each other."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from infra.permissions import FUNCTIONS, actions_of
from tests.support.events import alarm
from tests.workflow.rehearsing import Rehearsed, rehearsed

ALL_TEAMS = {
    "answers": [
        {
            "kind": "orders",
            "fields": {
                "teams": ["technical_support", "customer_service", "logistics_support", "public_relations"],
                "severity": "SEV1",
            },
        },
    ]
}


@pytest.fixture(scope="module")
def incident(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    """At a scale at which work is done before its targets come near, as prompts cost transitions of their own."""
    with rehearsed(app, tmp_path_factory.mktemp("reference"), alarm(), answers=ALL_TEAMS, time_scale=4) as done:
        yield done


def entered(history: list[dict[str, Any]]) -> Counter[str]:
    """How often each state of an execution was entered."""
    return Counter(e["stateEnteredEventDetails"]["name"] for e in history if e["type"].endswith("StateEntered"))


def mails(incident: Rehearsed) -> list[EmailMessage]:
    parsed = [message_from_bytes(f.read_bytes(), policy=default) for f in sorted((incident.out / "mails").iterdir())]
    assert all(isinstance(message, EmailMessage) for message in parsed)
    return [message for message in parsed if isinstance(message, EmailMessage)]


def test_it_ends_closed_with_every_execution_succeeded(incident: Rehearsed) -> None:
    assert incident.summary["outcome"] == "closed"
    assert incident.result.is_as_planned
    assert incident.summary["severity"] == "SEV1"
    assert len(incident.summary["teams"]) == 4
    assert {e["status"] for e in incident.json("executions.json")} == {"SUCCEEDED"}


def test_b6_it_costs_at_most_eighty_transitions(incident: Rehearsed) -> None:
    counted = sum(sum(entered(json.loads(file.read_text())).values()) for file in (incident.out / "history").iterdir())
    assert incident.summary["transitions"] == counted
    assert counted <= 80


def test_every_timeline_entry_has_its_place_in_the_execution_history(incident: Rehearsed) -> None:
    for entry in incident.json("incident.json")["timeline"]:
        place = entry["place"]
        history = incident.json(f"history/{place['execution']}.json")
        assert place["state"] in entered(history), entry["key"]


def test_every_step_of_the_plan_is_on_the_timeline(incident: Rehearsed) -> None:
    steps = {entry["step"] for entry in incident.json("incident.json")["timeline"]}
    assert steps == {
        "incident_report",
        "orders",
        "emergency_response",
        "rear_support",
        "site_clean_up",
        "post_incident_report",
    }


def test_every_mail_has_its_decision_and_every_person_asked_a_mail(incident: Rehearsed) -> None:
    record = incident.json("incident.json")
    asked = Counter(
        (decision["id"], f"{who['contact']}@") for decision in record["decisions"] for who in decision["asked"]
    )
    mailed: Counter[tuple[str, str]] = Counter()
    for message in mails(incident):
        assert message["X-Emergency-Incident"] == incident.summary["incident_id"]
        if message["X-Emergency-Purpose"] == "question":
            who = message["To"].addresses[0].addr_spec.partition("@")[0]
            mailed[message["X-Emergency-Decision"], f"{who}@"] += 1
    assert mailed == asked
    assert incident.summary["mails"] == len(mails(incident))


def test_a_code_is_asked_for_once_for_each_person_and_stands_in_no_log_and_no_record(incident: Rehearsed) -> None:
    """The head decides orders and report; the device that gave the first code is trusted for the second answer."""
    codes = [message for message in mails(incident) if message["X-Emergency-Purpose"] == "code"]
    assert [message["X-Emergency-Decision"] for message in codes] == ["orders"]
    (code,) = re.findall(r"^(\d{6})$", text_of(codes[0]), re.MULTILINE)
    kept = [
        json.dumps(incident.stack.records.scan()["Items"], default=repr),
        (incident.out / "incident.json").read_text(),
    ]
    kept += [incident.stack.logs(function) for function in incident.stack.functions]
    assert not any(re.search(rf"(?<!\d){code}(?!\d)", text) for text in kept)
    factors = {vote["factor"] for d in incident.json("incident.json")["decisions"] for vote in d["votes"]}
    assert factors == {"code", "device", "link"}


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_every_mail_of_the_incident_is_one_thread_and_can_be_read_as_text(incident: Rehearsed) -> None:
    for message in mails(incident):
        assert message["References"] == f"<{incident.summary['incident_id']}@banyan-market.example>"
        assert incident.summary["incident_id"] in message["Subject"]
        html = message.get_body(("html",))
        assert html is not None
        links = re.findall(r"http://\S+/d/[\w-]{43,}", text_of(message))
        assert len(links) == (
            1 if message["X-Emergency-Purpose"] in {"question", "team_called", "clean_up_called"} else 0
        )
        assert all(link in html.get_content() for link in links)


def test_every_decision_was_answered_by_the_person_asked(incident: Rehearsed) -> None:
    for decision in incident.json("incident.json")["decisions"]:
        assert decision["answer"]["by"] in {who["contact"] for who in decision["asked"]}


def test_hotline_and_resources_are_back_when_it_is_over(incident: Rehearsed) -> None:
    record = incident.json("incident.json")
    assert record["hotline"]["closed_at"]
    assert record["allocations"]
    assert all(allocation["returned_at"] for allocation in record["allocations"])
    facts = incident.facts()
    assert facts.index("hotline_opened") < facts.index("hotline_closed") < facts.index("incident_closed")


def test_the_report_names_times_teams_and_proposals(incident: Rehearsed) -> None:
    report = (incident.out / "report.html").read_text()
    record = incident.json("incident.json")["incident"]
    assert record["id"] in report
    for text in record["title"].values():
        if text in report:
            break
    else:
        pytest.fail("the report doesn't name the incident")
    for needed in ("<svg", "@page", f'<html lang="{incident.stack.compiled_plan()["company"]["locale"]}"'):
        assert needed in report
    assert not re.search(r'(src|href)="https?://', report)


def test_r3_no_task_token_leaves_the_records(incident: Rehearsed) -> None:
    """All tokens and form keys of a whole incident, looked for in everything that left the table."""
    items = incident.stack.records.scan()["Items"]
    tokens = {str(item["task_token"]) for item in items if item.get("task_token")}
    keys = {str(item[key]) for item in items for key in ("form_key", "device_key") if item.get(key)}
    assert len(tokens) == 17  # of 14 questions and of the clocks of tasks, clean-up and updates
    said = [file.read_text() for file in incident.out.rglob("*") if file.is_file()]
    said += [mail.raw for mail in incident.stack.mailbox.mails]
    said += [incident.stack.logs(function) for function in incident.stack.functions]
    archive = incident.stack.client("s3")
    for bucket in archive.list_buckets()["Buckets"]:
        for item in archive.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
            body = archive.get_object(Bucket=bucket["Name"], Key=item["Key"])["Body"].read()
            said.append(body.decode("utf-8", "replace"))
    for secret in tokens | keys:
        assert not any(secret in text for text in said)


def test_r4_no_link_is_stored_as_it_was_mailed(incident: Rehearsed) -> None:
    stored = json.dumps(incident.stack.records.scan()["Items"], default=repr)
    for mail in incident.stack.mailbox.mails:
        assert not any(link_id in stored for link_id in re.findall(r"/d/([\w-]+)", mail.text))


UNSEEN = {
    "intake": {
        "sqs:ReceiveMessage",  # Lambda's own poller, with the function's role
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:SendMessage",  # only for an event that can't be read
    },
    "orders": {"dynamodb:DeleteItem"},  # only for an incident from before the register
    "decision_request": {
        "ses:SendRawEmail",  # asked for by the same call as SendEmail
        "states:SendTaskSuccess",  # only where an answer was recorded before the rung was asked
        "states:SendTaskFailure",  # only where nobody on a rung can be reached
    },
    "decision_page": {
        "dynamodb:DeleteItem",  # only when a marked address turns out to work
        "dynamodb:UpdateItem",  # only when something is spent or written off
        "s3:GetObject",  # only when somebody reads the report
        "s3:ListBucket",
        "s3:PutObject",  # only when somebody sends a file, and puts it on record
        "ses:SendRawEmail",  # asked for by the same call as SendEmail
        "states:SendTaskFailure",  # only when a question is handed over
        "states:StartExecution",  # only when a team asks for more
        "secretsmanager:GetSecretValue",  # only for authenticator apps, which the example plan has none of
    },
    "decision_follow_up": {
        "dynamodb:DescribeStream",  # Lambda's own poller, with the function's role
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        "dynamodb:PutItem",  # only when somebody else than the decider was asked
        "ses:SendEmail",
        "ses:SendRawEmail",
        "sqs:SendMessage",  # only for what can't be followed up
        "states:SendTaskFailure",  # only where a hand-over was lost
        "states:StartExecution",  # only where a request or a notice's clock was lost
    },
    "incident_follow_up": {  # nothing worsens or clears: tests/workflow/test_worsening.py
        "dynamodb:DescribeStream",  # Lambda's own poller, with the function's role
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "ses:SendEmail",
        "ses:SendRawEmail",
        "sqs:SendMessage",  # only for what can't be followed up
    },
    "severity": {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "ses:SendEmail",
        "ses:SendRawEmail",
        "states:SendTaskFailure",
        "states:StartExecution",
    },
    "task_force": {"ses:SendRawEmail"},  # asked for by the same call as SendEmail
    "team_assignment": {"ses:SendRawEmail"},
    "deadlines": {
        "dynamodb:Query",  # only when a clock is looked at
        "ses:SendEmail",  # only for a prompt
        "ses:SendRawEmail",
        "states:SendTaskSuccess",  # only where a clock was over before it was watched
        "states:StartExecution",  # only for a notice to an authority
    },
    "customer_hotline": {"connect:DisassociatePhoneNumberContactFlow"},  # only for a number that led nowhere before
    "carriers": {  # no carrier fails: tests/workflow/test_delay_at_work.py
        "dynamodb:PutItem",
        "dynamodb:Query",
        "ses:SendEmail",
        "ses:SendRawEmail",
    },
    "statement": {  # nothing is published, the status page is written all the same: tests/workflow/test_failure_at_work.py
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "s3:GetObject",
        "s3:ListBucket",
        "ses:SendEmail",
        "ses:SendRawEmail",
        "sqs:SendMessage",  # Lambda's own, for a status page that could not be written
        "states:SendTaskFailure",
    },
    "subscriptions": {  # nobody subscribed: tests/workflow/test_subscribing.py
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "ses:SendEmail",
        "ses:SendRawEmail",
    },
    "incident_report": {*actions_of("incident_report")},  # nobody reported: tests/workflow/test_reporting.py
    "maintenance": {*actions_of("maintenance")},  # nobody planned any: tests/workflow/test_maintenance.py
    "resources": {"ses:SendRawEmail"},
    "report": {
        "dynamodb:DeleteItem",  # only for an incident from before the register
        "s3:ListBucket",  # no call of its own: without it S3 doesn't say that a document is missing
    },
    "mail_feedback": {  # nothing came back
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
        "states:SendTaskFailure",
        "states:SendTaskSuccess",
    },
}
"""Actions that the reference incident has no call for, each with its reason."""


def test_r21_each_function_holds_the_actions_that_its_calls_need_and_no_other(incident: Rehearsed) -> None:
    """Held against the calls that the engine saw."""
    unasked = {
        function: set[str]()
        for function in ("mail_feedback", "subscriptions", "incident_report", "severity", "maintenance")
    }
    seen = {**unasked, **incident.actions()}
    assert set(seen) == set(FUNCTIONS)
    missing = {function: used - actions_of(function) for function, used in seen.items()}
    unused = {function: actions_of(function) - used - UNSEEN.get(function, set()) for function, used in seen.items()}
    assert {function: more for function, more in missing.items() if more} == {}
    assert {function: more for function, more in unused.items() if more} == {}


def test_logs_tell_the_incident_and_no_person(incident: Rehearsed) -> None:
    logs = "".join(incident.stack.logs(function) for function in incident.stack.functions)
    assert incident.summary["incident_id"] in logs
    assert "@banyan-market.example" not in logs
