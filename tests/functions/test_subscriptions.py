"""Subscribing over HTTP, subscribers in DynamoDB, their mails on the wire, and what SES tells of these."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from moto.ses.models import ses_backends

from emergency import composition
from emergency.aws.services import SesPost
from emergency.aws.subscribers import DynamoSubscribers
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.errors import MailRefused, PostUnavailable, RecordChanged, UnknownLink
from emergency.domain.link import digest_of
from emergency.domain.statement import Wording
from emergency.domain.subscription import CONFIRM_WITHIN, Subscriber, asked, confirmed, digest_of_address, told_of
from emergency.identities import RandomIdentities, utc_now
from emergency.ports import Mail
from emergency.use_cases.subscriptions import Subscribe
from mail_feedback import handler as feedback_module
from subscriptions import handler as module
from subscriptions.settings import Settings
from tests.functions.conftest import at_once, create_table
from tests.support.memory import MemoryPost, MemorySubscribers
from tests.unit.domain.test_mail_feedback import EVENT
from tests.unit.use_cases.test_subscriptions import PlainMails, statement

MEI = "mei.lin@example.org"
PAGES, STATUS = "https://abc1234567.execute-api.ap-northeast-1.amazonaws.com", "https://status.example.org"
NOW = datetime(2026, 11, 22, 3, 13, tzinfo=UTC)


@pytest.fixture
def subscribers_table() -> RecordsTable:
    return create_table("subscribers")


@dataclass
class Site:
    """The handler behind HTTP."""

    context: Any
    table: RecordsTable

    def request(
        self, method: str, path: str, body: str = "", *, encoded: bool = True, content_type: str = ""
    ) -> dict[str, Any]:
        event = {
            "version": "2.0",
            "routeKey": f"{method} {path}",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"content-type": content_type or "application/x-www-form-urlencoded"},
            "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
            "body": base64.b64encode(body.encode()).decode() if encoded else body,
            "isBase64Encoded": encoded,
        }
        answer: dict[str, Any] = module.handler(event, self.context)
        return answer

    def subscribe(self, address: str = MEI, **fields: str) -> dict[str, Any]:
        return self.request("POST", "/subscribe", urlencode({"address": address, "locale": "en", **fields}))

    def mails(self) -> list[EmailMessage]:
        sent = ses_backends["123456789012"]["ap-northeast-1"].sent_messages
        return [message_from_string(mail.raw_data, policy=default) for mail in sent]

    def link(self) -> str:
        """The path of the link that was mailed last."""
        body = self.mails()[-1].get_body(("plain",))
        found = re.search(rf"{PAGES}(/s/[\w-]{{43}})\s", body.get_content() if body else "")
        assert found
        return found[1]

    def join(self, address: str = MEI, **fields: str) -> str:
        self.subscribe(address, **fields)
        link = self.link()
        assert self.request("POST", link)["statusCode"] == 200
        return link

    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = boto3.client("dynamodb").scan(TableName=self.table.name)["Items"]
        return sorted(found, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


@pytest.fixture
def site(
    subscribers_table: RecordsTable, example: None, context: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    given = {
        "SUBSCRIBERS_TABLE": subscribers_table.name,
        "CONFIGURATION_SET": "mail",
        "STATUS_URL": STATUS,
        "PAGES_URL": PAGES,
    }
    assert set(given) == set(Settings.variables())
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    boto3.client("ses").verify_email_identity(EmailAddress=compiled_plan().company.mail_from)
    caches = (module._settings, module._subscribers, module._subscriptions, module._subscribe, module._pages)
    for cached in caches:
        cached.cache_clear()
    yield Site(context, subscribers_table)
    for cached in caches:
        cached.cache_clear()


def test_an_address_is_asked_confirmed_and_forgotten(site: Site) -> None:
    answer = site.subscribe()
    assert answer["statusCode"] == 200
    assert "Look into your mailbox" in answer["body"]
    link = site.link()
    assert site.items()[0]["status"]["S"] == "asked"
    assert 'method="post"' in site.request("GET", link)["body"]
    assert "You get statements by mail" in site.request("POST", link)["body"]
    assert site.items()[0]["status"]["S"] == "confirmed"
    assert not any("expires_at" in item for item in site.items())
    assert "You are unsubscribed" in site.request("POST", f"{link}/unsubscribe")["body"]
    assert site.items() == []


def test_what_is_not_confirmed_expires_by_itself(site: Site) -> None:
    before = datetime.now(UTC)
    site.subscribe()
    ends = {int(item["expires_at"]["N"]) for item in site.items()}
    assert len(site.items()) == 2
    assert len(ends) == 1
    assert abs(ends.pop() - (before + CONFIRM_WITHIN).timestamp()) < 60


def test_the_answer_is_the_same_whatever_is_known_of_the_address(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    first = site.subscribe()
    again = site.subscribe()
    site.request("POST", site.link())
    known = site.subscribe()
    filled_in = site.subscribe("eve@example.org", website="https://spam.example")
    monkeypatch.setattr(SesPost, "send", _refuse)
    refused = site.subscribe("gone@example.org")
    assert first == again == known == filled_in == refused
    assert [mail["To"] for mail in site.mails()] == [MEI]


def _refuse(_post: SesPost, mail: Mail) -> str:
    raise MailRefused(mail.name)


def test_a_program_that_fills_in_everything_gets_no_mail_and_no_record(site: Site) -> None:
    site.subscribe(website="x")
    assert site.mails() == []
    assert site.items() == []


@pytest.mark.parametrize(
    "address", ["", "mei", "mei@example.org, eve@example.org", '"><script>alert(1)</script>@x.org']
)
def test_an_address_that_is_none_comes_back_with_what_to_correct(site: Site, address: str) -> None:
    answer = site.subscribe(address, locale="zh-Hant")
    assert answer["statusCode"] == 422
    assert 'aria-invalid="true"' in answer["body"]
    assert 'name="website"' in answer["body"]
    assert "<script>" not in answer["body"]
    assert 'lang="zh-Hant"' in answer["body"]
    assert site.items() == []


@pytest.mark.parametrize("locale", ["fr", "", "../en", "zh-Hant, en"])
def test_an_unknown_language_is_the_publics_first(site: Site, locale: str) -> None:
    first = compiled_plan().communications.locales[0]
    assert f'<html lang="{first}"' in site.subscribe(locale=locale)["body"]
    assert site.items()[0]["locale"]["S"] == first


def test_a_body_that_is_too_large_is_refused_unread(site: Site) -> None:
    assert site.subscribe(more="x" * 5_000)["statusCode"] == 413
    assert site.items() == []


@pytest.mark.parametrize(
    ("body", "encoded"), [("", True), ("no form", True), ("%%%", False), ("&".join(f"a{n}=1" for n in range(99)), True)]
)
def test_what_is_no_form_is_an_empty_one(site: Site, body: str, *, encoded: bool) -> None:
    assert site.request("POST", "/subscribe", body, encoded=encoded)["statusCode"] == 422


def test_a_body_that_is_not_encoded_as_it_says_is_no_form(site: Site) -> None:
    event_body = "address=" + "!" * 8
    answer = module.handler(
        {
            "version": "2.0",
            "rawPath": "/subscribe",
            "headers": {},
            "requestContext": {"http": {"method": "POST", "path": "/subscribe"}, "stage": "$default"},
            "body": event_body,
            "isBase64Encoded": True,
        },
        site.context,
    )
    assert answer["statusCode"] == 422


def test_r1_scanners_may_open_every_link(site: Site) -> None:
    site.subscribe()
    link, before = site.link(), site.items()
    for _ in range(25):
        for method in ("GET", "HEAD"):
            for path in (link, f"{link}/unsubscribe"):
                assert site.request(method, path)["statusCode"] == 200
    assert site.items() == before


def test_rfc_8058_one_click_unsubscribes_without_a_redirect_and_can_be_repeated(site: Site) -> None:
    link = site.join()
    boundary = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
    answers = [
        site.request("POST", f"{link}/unsubscribe", "List-Unsubscribe=One-Click"),
        site.request("POST", f"{link}/unsubscribe", boundary, content_type="multipart/form-data; boundary=b"),
        site.request("POST", f"{link}/unsubscribe"),
    ]
    assert [answer["statusCode"] for answer in answers] == [200, 200, 200]
    assert not any("Location" in answer["headers"] for answer in answers)
    assert site.items() == []


def test_a_link_that_is_over_or_foreign_is_a_clear_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.subscribe()
    link = site.link()
    later = datetime.now(UTC) + CONFIRM_WITHIN
    for cached in (module._subscriptions,):
        cached.cache_clear()
    monkeypatch.setattr(module, "utc_now", lambda: later)
    for path in (link, "/s/" + "x" * 43, f"/s/{digest_of(link.removeprefix('/s/'))}", "/s/", "/elsewhere"):
        for method in ("GET", "POST"):
            answer = site.request(method, path)
            assert answer["statusCode"] == 404, path
            assert answer["body"].count("<h1>") == 1
    assert "You are unsubscribed" in site.request("GET", f"/s/{'x' * 43}/unsubscribe")["body"]


def test_every_page_runs_and_loads_nothing(site: Site) -> None:
    site.subscribe()
    link = site.link()
    answers = [
        site.subscribe("no address"),
        site.request("GET", link),
        site.request("GET", f"{link}/unsubscribe"),
        site.request("POST", link),
        site.request("POST", f"{link}/unsubscribe"),
        site.request("GET", link),
    ]
    for answer in answers:
        headers = answer["headers"]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert MEI not in answer["body"]


def test_aws_that_does_not_answer_is_said_and_mail_that_takes_none_can_be_tried_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_post: SesPost, mail: Mail) -> str:
        raise PostUnavailable(mail.name)

    with monkeypatch.context() as patched:
        patched.setattr(SesPost, "send", closed)
        assert site.subscribe()["statusCode"] == 503
    assert site.subscribe()["statusCode"] == 200
    assert len(site.mails()) == 1
    boto3.client("dynamodb").delete_table(TableName=site.table.name)
    assert site.request("GET", site.link())["statusCode"] == 503


def everything(caplog: pytest.LogCaptureFixture) -> str:
    """All that was logged, with every value beside the messages."""
    return "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)


def test_no_address_and_no_link_stands_in_a_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    link = site.join()
    site.subscribe("nobody")
    site.subscribe(website="x")
    site.request("POST", f"{link}/unsubscribe")
    logged = everything(caplog)
    assert "confirmed" in logged
    for secret in (MEI, digest_of_address(MEI), link.removeprefix("/s/"), digest_of(link.removeprefix("/s/"))):
        assert secret not in logged


def test_b1_a_button_does_not_wait_for_what_reads_addresses_or_writes_feeds() -> None:
    read = "import sys, subscriptions.handler; print({'email_validator', 'feedgenerator'} & set(sys.modules) or 'none')"
    environment = {**os.environ, "PYTHONPATH": str(Path(module.__file__).parents[1])}
    said = subprocess.run([sys.executable, "-c", read], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "none"


# Mails


def tell(site: Site, **changes: object) -> EmailMessage:
    told = replace(statement(), **changes)  # type: ignore[arg-type]
    use_case = composition.tell_subscribers(site.table.name, "mail", status_url=STATUS, pages_url=PAGES)
    assert use_case(told) == ""
    return site.mails()[-1]


def test_a_statement_can_be_left_by_one_click_and_belongs_to_no_thread(site: Site) -> None:
    link = site.join()
    mail = tell(site)
    assert mail["To"] == MEI
    assert mail["List-Unsubscribe"] == f"<{PAGES}{link}/unsubscribe>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not {"In-Reply-To", "References", "X-Emergency-Incident", "X-Emergency-Purpose"} & set(mail.keys())
    body = mail.get_body(("plain",))
    assert body
    assert f"{PAGES}{link}/unsubscribe" in body.get_content()
    assert f"{STATUS}/en/incidents/INC-1.html" in body.get_content()


def test_a_long_link_stands_in_its_header_as_mail_programs_read_it(site: Site) -> None:
    """Folded, it would be encoded as RFC 2047 has it, which no program decodes there."""
    link = site.join()
    tell(site)
    raw = ses_backends["123456789012"]["ap-northeast-1"].sent_messages[-1].raw_data
    assert f"List-Unsubscribe: <{PAGES}{link}/unsubscribe>" in raw.splitlines()


def test_r23_a_statement_that_holds_markup_or_lines_harms_no_mail(site: Site) -> None:
    site.join()
    hostile = Wording(title="Checkout\r\nBcc: eve@example.org", text="<script>alert(1)</script>\u202e\n\n{{ 7 * 7 }}")
    mail = tell(site, texts={"en": hostile})
    assert mail["Bcc"] is None
    assert mail["Subject"].endswith("Checkout Bcc: eve@example.org")
    html = mail.get_body(("html",))
    assert html
    assert "<script>" not in html.get_content()
    assert "&lt;script&gt;" in html.get_content()
    assert "\u202e" not in html.get_content()
    assert "{{ 7 * 7 }}" in html.get_content()


def test_a_statement_without_the_readers_language_comes_in_one_that_it_has(site: Site) -> None:
    site.join(locale="zh-Hant")
    body = tell(site, texts={"en": Wording(title="Checkout", text="Works again.")}).get_body(("plain",))
    assert body
    assert "Works again." in body.get_content()
    assert "取消訂閱" in body.get_content()


def test_a_mail_is_tagged_by_its_kind_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Mail] = []

    def send(_post: SesPost, mail: Mail) -> str:
        sent.append(mail)
        return "mail"

    monkeypatch.setattr(SesPost, "send", send)
    site.subscribe()
    subscriber = DynamoSubscribers(site.table).get(digest_of_address(MEI))
    assert subscriber
    DynamoSubscribers(site.table).save(confirmed(subscriber, NOW))
    use_case = composition.tell_subscribers(site.table.name, "mail", status_url=STATUS, pages_url=PAGES)
    use_case(statement())
    assert [mail.tags for mail in sent] == [{"purpose": "subscription"}] * 2
    assert not any(MEI in mail.name for mail in sent)


# What SES tells


def _event(kind: str, purpose: str = "subscription", **detail: Any) -> dict[str, Any]:
    event = deepcopy(EVENT)
    event["detail"] = {
        "eventType": kind,
        **detail,
        "mail": {**event["detail"]["mail"], "destination": [MEI], "tags": {"purpose": [purpose]}},
    }
    return event


def _feed(site: Site, event: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("RECORDS_TABLE", "records")
    for cached in (feedback_module._settings, feedback_module._forget):
        cached.cache_clear()
    record = {
        "messageId": "m1",
        "receiptHandle": "r",
        "body": json.dumps(event),
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:ap-northeast-1:123456789012:feedback",
        "awsRegion": "ap-northeast-1",
    }
    return feedback_module.handler({"Records": [record]}, site.context)


@pytest.mark.parametrize(
    ("event", "stays"),
    [
        (_event("Bounce", bounce={"bounceType": "Permanent"}), False),
        (_event("Complaint", complaint={}), False),
        (_event("Bounce", bounce={"bounceType": "Transient"}), True),
        (_event("DeliveryDelay", deliveryDelay={}), True),
        (_event("Reject", reject={}), True),
        (_event("Complaint", "newsletter", complaint={}), True),
    ],
    ids=["permanent", "complaint", "transient", "delay", "reject", "somebody else's"],
)
def test_who_is_not_reached_or_complains_is_forgotten(
    site: Site,
    event: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    stays: bool,
) -> None:
    site.join()
    for _ in range(2):
        assert _feed(site, event, monkeypatch) == {"batchItemFailures": []}
    assert bool(site.items()) is stays
    assert MEI not in everything(caplog)


def test_feedback_without_its_recipient_comes_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    event = _event("Complaint", complaint={})
    event["detail"]["mail"]["destination"] = "everybody"
    assert _feed(site, event, monkeypatch) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


# The port's promises, held against the in-memory fake and DynamoDB alike


@pytest.fixture(params=["memory", "dynamodb"])
def subscribers(request: pytest.FixtureRequest, subscribers_table: RecordsTable) -> Any:
    return MemorySubscribers() if request.param == "memory" else DynamoSubscribers(subscribers_table)


def somebody(number: int = 0) -> Subscriber:
    return asked(None, f"reader-{number}@example.org", "en", f"secret-{number}", NOW)


def test_a_subscriber_is_found_by_address_and_by_link(subscribers: Any) -> None:
    saved = subscribers.save(told_of(confirmed(somebody(), NOW), "statement-1"))
    assert subscribers.get(saved.address_digest) == saved == subscribers.of_link(saved.link_digest)
    assert subscribers.get("unknown") is None
    with pytest.raises(UnknownLink):
        subscribers.of_link("unknown")


def test_a_write_over_a_newer_version_is_refused(subscribers: Any) -> None:
    first = subscribers.save(somebody())
    subscribers.save(first)
    for stale in (first, somebody()):
        with pytest.raises(RecordChanged):
            subscribers.save(stale)


def test_who_was_forgotten_is_not_written_back(subscribers: Any) -> None:
    saved = subscribers.save(confirmed(somebody(), NOW))
    for _ in range(2):
        subscribers.forget(saved)
    with pytest.raises(RecordChanged):
        subscribers.save(told_of(saved, "statement-1"))
    assert subscribers.confirmed() == ((), "")


def test_an_old_link_neither_opens_nor_removes_what_was_asked_for_anew(subscribers: Any) -> None:
    old = subscribers.save(somebody())
    new = subscribers.save(asked(old, old.address, "en", "secret-new", NOW + CONFIRM_WITHIN + timedelta(days=1)))
    with pytest.raises(UnknownLink):
        subscribers.of_link(old.link_digest)
    with pytest.raises(RecordChanged):
        subscribers.forget(old)
    assert subscribers.of_link(new.link_digest) == new


def test_those_who_confirmed_are_listed_page_by_page_each_once(subscribers: Any) -> None:
    people = [subscribers.save(confirmed(somebody(number), NOW)) for number in range(7)]
    subscribers.save(somebody(99))
    found, cursor = subscribers.confirmed(limit=3)
    while cursor:
        more, cursor = subscribers.confirmed(cursor, limit=3)
        found += more
    assert sorted(one.address for one in found) == sorted(one.address for one in people)


def test_an_address_that_was_removed_by_hand_and_subscribed_anew_is_listed_once(
    subscribers_table: RecordsTable,
) -> None:
    adapter = DynamoSubscribers(subscribers_table)
    old = adapter.save(confirmed(somebody(), NOW))
    key = {"pk": {"S": f"ADDRESS#{old.address_digest}"}, "sk": {"S": "SUBSCRIBER"}}
    boto3.client("dynamodb").delete_item(TableName=subscribers_table.name, Key=key)
    assert adapter.confirmed() == ((), "")
    with pytest.raises(UnknownLink):
        adapter.of_link(old.link_digest)
    new = adapter.save(confirmed(asked(None, old.address, "en", "secret-new", NOW), NOW))
    assert adapter.confirmed() == ((new,), "")


@pytest.mark.usefixtures("_one_call_at_a_time")
def test_of_many_who_enter_an_address_at_once_one_has_it_mailed(subscribers_table: RecordsTable) -> None:
    post = MemoryPost()
    subscribe = Subscribe(
        subscribers=DynamoSubscribers(subscribers_table),
        post=post,
        mails=PlainMails(),
        identities=RandomIdentities(),
        clock=utc_now,
    )
    assert at_once([partial(subscribe, MEI, "en")] * 8) == [None] * 8
    assert len(post.sent) == 1


def test_r24_a_subscriber_of_before_and_one_of_later_are_read(subscribers_table: RecordsTable) -> None:
    saved = DynamoSubscribers(subscribers_table).save(somebody())
    key = {"pk": {"S": f"ADDRESS#{saved.address_digest}"}, "sk": {"S": "SUBSCRIBER"}}
    boto3.client("dynamodb").update_item(
        TableName=subscribers_table.name,
        Key=key,
        UpdateExpression="REMOVE told, wanted SET phone = :phone",
        ExpressionAttributeValues={":phone": {"S": "0"}},
    )
    assert DynamoSubscribers(subscribers_table).get(saved.address_digest) == saved
