"""Subscribing on the whole system: the routes, the function in its asset, its table, its mails, and what SES tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from infra.permissions import actions_of
from local.engine.mail_faults import MailFault, MailFaultKind
from local.stack import LocalStack
from tests.workflow.rehearsing import actions_called

MEI, AN = "mei.lin@reader.example", "an@reader.example"


@pytest.fixture(scope="module")
def stack(app: Path) -> Iterator[LocalStack]:
    with LocalStack(app) as stack:
        yield stack


def post(url: str, **fields: str) -> tuple[int, str]:
    with urlopen(Request(url, urlencode(fields).encode(), method="POST"), timeout=60) as answer:
        return answer.status, answer.read().decode()


def mails(stack: LocalStack, address: str) -> list[str]:
    return [mail.text for mail in stack.mailbox.mails if address in mail.to]


def subscribers(stack: LocalStack) -> list[str]:
    client = stack.client("dynamodb")
    (table,) = [name for name in client.list_tables()["TableNames"] if "ubscribers" in name]
    return sorted(item["pk"]["S"].partition("#")[0] for item in client.scan(TableName=table)["Items"])


def test_a_customer_subscribes_and_leaves_by_one_click(stack: LocalStack) -> None:
    assert post(f"{stack.url}/subscribe", address=MEI, locale="en")[0] == 200
    found = re.search(rf"{re.escape(stack.url)}/s/[\w-]+", mails(stack, MEI)[0])
    assert found
    assert "You get statements by mail" in post(found[0])[1]
    assert subscribers(stack) == ["ADDRESS", "CONFIRMED", "LINK"]
    assert post(f"{found[0]}/unsubscribe", **{"List-Unsubscribe": "One-Click"})[0] == 200
    assert subscribers(stack) == []
    # Least privilege (R21): what was called is what may be called.
    assert actions_called(stack)["subscriptions"] == actions_of("subscriptions") - {"ses:SendRawEmail"}


def test_an_address_that_does_not_exist_is_forgotten(stack: LocalStack) -> None:
    stack.mail_faults.order(MailFault(who=(AN,), kind=MailFaultKind.BOUNCE))
    post(f"{stack.url}/subscribe", address=AN, locale="en")
    stack.wait_until(lambda: not subscribers(stack), 60, "the bounce to be taken in")
    assert [mail.lost for mail in stack.mailbox.mails if AN in mail.to] == ["bounce"]
    assert actions_called(stack)["mail_feedback"] == {"dynamodb:GetItem", "dynamodb:DeleteItem"}
