"""Planned maintenance on the whole system: a contact's page, somebody else's approval, the wait, and its end (P6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from infra.permissions import actions_of
from local.rehearsal.answers import parse_answers
from local.rehearsal.people import People
from local.stack import LocalStack, void
from tests.support.events import alarm
from tests.workflow.rehearsing import actions_called

BY = "chief-technology-officer"
LASTS = 20


@pytest.fixture(scope="module")
def stack(app: Path) -> Iterator[LocalStack]:
    with LocalStack(app, time_scale=60) as stack:
        yield stack


def page_of(stack: LocalStack) -> str:
    """Where the contact plans maintenance, by the link that is mailed to them."""
    stack.invoke("incident_report", {"operation": "invite", "contacts": [BY]})
    found = re.search(rf"{re.escape(stack.url)}/r/[\w-]+", stack.mailbox.mails[-1].text)
    assert found
    return f"{found[0]}/maintenance"


def post(page: str, **fields: str) -> None:
    with urlopen(page, timeout=60) as answer:
        hidden = dict(re.findall(r'type="hidden" name="(nonce|once|locale)" value="([^"]+)"', answer.read().decode()))
    with urlopen(Request(page, urlencode({**hidden, **fields}).encode(), method="POST"), timeout=60) as answer:
        assert answer.status == 200


def approve(stack: LocalStack) -> None:
    people = People(stack, parse_answers({}, "the test's answers"), time_scale=60, tell=void)

    def is_set() -> bool:
        people.work()
        return any(item["fact"] == "maintenance_set" for item in stack.records.scan()["Items"] if "fact" in item)

    stack.wait_until(is_set, 60, "the maintenance to be approved")


def test_alarms_are_recorded_until_it_ends_and_what_is_still_on_is_reported_then(stack: LocalStack) -> None:
    page, now = page_of(stack), datetime.now(UTC)
    first, last = now - timedelta(minutes=1), now + timedelta(seconds=LASTS)
    post(page, alarms="payments-*", first=first.isoformat(), last=last.isoformat(), reason="New certificates.")
    maintenance = min(one.name for one in stack.executions() if one.name.startswith("MNT-"))
    approve(stack)

    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"
    stack.put_event(alarm("payments-api-5xx-high", at=at))
    stack.wait_until(lambda: "SUPPRESSED" in dispositions(stack), 30, "the alarm to be recorded")
    assert stack.reader.incidents() == ()

    stack.wait_until(lambda: bool(stack.reader.incidents()), 90, "the end of the maintenance")

    assert datetime.now(UTC) > last
    (incident,) = stack.reader.incidents()
    assert incident.incident["signal_name"] == "payments-api-5xx-high"
    stack.wait_until(lambda: ended(stack, maintenance) == "SUCCEEDED", 30, "the execution's end")
    assert incident.id in {one.name for one in stack.executions()}
    (over,) = [mail for mail in stack.mailbox.mails if mail.purpose == "maintenance_over"]
    assert "payments-api-5xx-high" in over.text
    # Least privilege (R21): what was called is what may be called.
    assert actions_called(stack)["maintenance"] == actions_of("maintenance") - {"ses:SendRawEmail"}


def dispositions(stack: LocalStack) -> set[str]:
    return {str(item["disposition"]).upper() for item in stack.records.scan()["Items"] if "disposition" in item}


def ended(stack: LocalStack, name: str) -> str:
    return next(one.status for one in stack.executions() if one.name == name)
