"""People report on the whole system: by their link, by a started execution; they add a photo and hear of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest

from infra.permissions import actions_of
from local.stack import LocalStack
from tests.workflow.rehearsing import actions_called

WHO = "head-of-customer-service"
FORM = {
    "time": "2026-11-22T03:05",
    "place": "checkout",
    "nature": "system_failure",
    "first_impact": "Nobody can pay.",
    "locale": "en",
}
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.fixture(scope="module")
def stack(app: Path) -> Iterator[LocalStack]:
    with LocalStack(app) as stack:
        yield stack


def get(url: str) -> str:
    with urlopen(url, timeout=60) as answer:
        body: str = answer.read().decode()
    return body


def post(url: str, **fields: str) -> tuple[int, str]:
    try:
        with urlopen(Request(url, urlencode(fields).encode(), method="POST"), timeout=60) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(nonce|once|key)" value="([^"]+)"', page))


def start(stack: LocalStack, name: str, **detail: str) -> Any:
    machines = stack.client("stepfunctions")
    (arn,) = [
        one["stateMachineArn"]
        for one in machines.list_state_machines()["stateMachines"]
        if '"Joined"' in machines.describe_state_machine(stateMachineArn=one["stateMachineArn"])["definition"]
    ]
    started = machines.start_execution(stateMachineArn=arn, name=name, input=json.dumps({"report": detail}))
    return lambda: machines.describe_execution(executionArn=started["executionArn"])


def test_a_contact_reports_adds_a_photo_and_gets_the_reference(stack: LocalStack) -> None:
    answer = stack.invoke("incident_report", {"operation": "invite", "contacts": [WHO]})
    assert json.loads(answer.payload) == {"mailed": [WHO]}
    link = re.search(rf"{re.escape(stack.url)}/r/[\w-]+", stack.mailbox.mails[-1].text)
    assert link
    sent = {**FORM, **hidden(get(link[0]))}
    (status, page), (_, again) = post(link[0], **sent), post(link[0], **sent)
    assert (status, page) == (200, again)
    found = re.search(r"INC-\d{8}-\w{4}", page)
    assert found
    incident_id = found[0]

    page_url = f"{link[0]}/reports/{incident_id}"
    assert "Nobody can pay." in get(page_url)
    prefix = hidden(get(f"{page_url}/file"))["key"].removesuffix("${filename}")
    storage = stack.client("s3")
    (uploads,) = [one["Name"] for one in storage.list_buckets()["Buckets"] if "upload" in one["Name"]]
    storage.put_object(Bucket=uploads, Key=f"{prefix}till.png", Body=PHOTO)
    form = hidden(get(f"{page_url}/file?key={quote(prefix)}till.png"))
    assert post(f"{page_url}/file", **form)[0] == 200
    assert "till.png" in get(page_url)
    assert any(name.endswith("till.png") for name in stack.archived(incident_id))

    def told() -> bool:
        return any(f"({incident_id})" in mail.subject and "arrived" in mail.subject for mail in stack.mailbox.mails)

    stack.wait_until(
        lambda: told() or any("已收到" in mail.subject for mail in stack.mailbox.mails), 60, "the reference"
    )
    joined = start(stack, "the-same", **{**FORM, "time": "2026-11-21T19:06:00Z"})
    stack.wait_until(lambda: joined()["status"] != "RUNNING", 60, "the second report to join")
    assert joined()["status"] == "SUCCEEDED"
    assert json.loads(joined()["output"]) == {"incident_id": incident_id, "outcome": "joined"}


def test_an_execution_that_is_started_with_a_report_carries_its_incident_out(stack: LocalStack) -> None:
    running = start(
        stack,
        "by-hand",
        time="2026-11-21T19:05:00Z",
        place="deliveries",
        nature="logistics_delay",
        first_impact="Late.",
    )
    unusable = start(stack, "unusable", place="deliveries")
    stack.wait_until(lambda: unusable()["status"] == "FAILED", 60, "the unusable report to fail")
    assert "first_impact" in unusable()["cause"]
    assert "{" not in unusable()["cause"]

    def asked() -> bool:
        return any("Late." in mail.text for mail in stack.mailbox.mails)

    stack.wait_until(asked, 60, "the leadership group to be asked")
    assert running()["status"] == "RUNNING"


def test_r21_what_was_called_is_what_may_be_called(stack: LocalStack) -> None:
    unseen = {
        "dynamodb:UpdateItem",  # only for the open page
        "ses:SendRawEmail",
        "sqs:SendMessage",  # only while the records are out
        "s3:ListBucket",  # no call of its own: without it S3 doesn't say that a document is missing
    }
    assert actions_called(stack)["incident_report"] == actions_of("incident_report") - unseen
