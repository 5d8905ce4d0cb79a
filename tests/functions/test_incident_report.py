"""Reporting over HTTP: standing links, the form and what it sends, the open page, and mails that bring links."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.ses.models import ses_backends

from emergency.aws.services import SesPost
from emergency.aws.standing import DynamoOpenReports, DynamoStandingLinks
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.errors import PostUnavailable, RecordChanged, UnknownLink
from emergency.domain.link import digest_of
from emergency.domain.standing import StandingLink, standing_nonce
from emergency.identities import utc_now
from emergency.ports import Mail
from incident_report import composition
from incident_report import handler as module
from incident_report.settings import Settings
from tests.functions.conftest import at_once

PAGES = "https://abc1234567.execute-api.ap-northeast-1.amazonaws.com"
ACCOUNT = "123456789012"
FORM = {
    "time": "2026-11-22T03:05",
    "place": "checkout",
    "place_words": "only on Android",
    "nature": "system_failure",
    "first_impact": "Nobody can pay. <b>All</b> cards are refused.",
    "locale": "en",
}


@dataclass
class Desk:
    """The handler behind HTTP."""

    context: Any
    table: RecordsTable
    queue: str

    def request(self, method: str, path: str, body: str = "", query: str = "") -> dict[str, Any]:
        event = {
            "version": "2.0",
            "routeKey": f"{method} {path}",
            "rawPath": path,
            "rawQueryString": query,
            "headers": {"content-type": "application/x-www-form-urlencoded"},
            "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
            "body": base64.b64encode(body.encode()).decode(),
            "isBase64Encoded": True,
        }
        answer: dict[str, Any] = module.handler(event, self.context)
        return answer

    def invite(self, *contacts: str) -> list[str]:
        answer: Any = module.handler({"operation": "invite", "contacts": list(contacts)}, self.context)
        return list(answer["mailed"])

    def mails(self) -> list[EmailMessage]:
        sent = ses_backends[ACCOUNT]["ap-northeast-1"].sent_messages
        return [message_from_string(mail.raw_data, policy=default) for mail in sent]

    def link(self) -> str:
        """The path of the link that was mailed last."""
        body = self.mails()[-1].get_body(("plain",))
        found = re.search(rf"{PAGES}(/r/[\w-]{{43}})\s", body.get_content() if body else "")
        assert found
        return found[1]

    def hidden(self, path: str) -> dict[str, str]:
        """The fields of the page's form that nobody fills in."""
        page = self.request("GET", path)["body"]
        return dict(re.findall(r'type="hidden" name="(nonce|once)" value="([^"]+)"', page))

    def report(self, path: str, **fields: str) -> dict[str, Any]:
        return self.request("POST", path, urlencode({**FORM, **self.hidden(path), **fields}))

    def queued(self) -> list[dict[str, Any]]:
        found = boto3.client("sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    def items(self, prefix: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = boto3.client("dynamodb").scan(TableName=self.table.name)["Items"]
        return [item for item in found if item["pk"]["S"].startswith(prefix)]


@pytest.fixture
def desk(table: RecordsTable, example: None, context: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    queue = boto3.client("sqs").create_queue(QueueName="signals")["QueueUrl"]
    machine = boto3.client("stepfunctions").create_state_machine(
        name="emergency_response",
        definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/none",
    )["stateMachineArn"]
    given = {
        "RECORDS_TABLE": table.name,
        "RESPONSE_STATE_MACHINE": machine,
        "SIGNAL_QUEUE": queue,
        "OWN_ALARM_PREFIX": "EmergencyResponse-",
        "ARCHIVE_BUCKET": "archive",
        "UPLOADS_BUCKET": "uploads",
        "CONFIGURATION_SET": "mail",
        "PAGES_URL": PAGES,
    }
    assert set(given) == set(Settings.variables())
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "ALIKE", 0.0)
    boto3.client("ses").verify_email_identity(EmailAddress=compiled_plan().company.mail_from)
    caches = [
        part
        for part in vars(composition).values()
        if hasattr(part, "cache_clear") and part.__module__ == composition.__name__
    ]
    for cached in caches:
        cached.cache_clear()
    yield Desk(context, table, queue)
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
def link(desk: Desk) -> str:
    assert desk.invite("chief-technology-officer") == ["chief-technology-officer"]
    return desk.link()


def out(*_args: object, **_kwargs: object) -> object:
    raise ClientError({"Error": {"Code": "InternalServerError", "Message": ""}}, "GetItem")


def test_invited_contacts_get_a_link_in_their_language_and_the_records_hold_only_its_digest(desk: Desk) -> None:
    assert set(desk.invite()) == set(compiled_plan().contacts)
    subjects = {str(mail["Subject"]).partition("（")[0].partition(" (")[0] for mail in desk.mails()}
    assert subjects == {"Your link for reporting incidents", "您的突發事件通報連結", "您的突发事件上报链接"}
    secret = desk.link().rpartition("/")[2]
    assert secret not in json.dumps(desk.items())
    assert digest_of(secret) in json.dumps(desk.items())


@pytest.mark.parametrize(
    ("locale", "heading"),
    [("en", "Report an incident"), ("zh-Hant", "通報突發事件"), ("zh-Hans", "上报突发事件")],
)
def test_the_page_shows_the_four_questions_in_each_language_and_changes_nothing(
    desk: Desk, link: str, locale: str, heading: str
) -> None:
    before = desk.items()
    for method in ("GET", "HEAD"):
        answer = desk.request(method, link, query=f"lang={locale}")
        assert answer["statusCode"] == 200
    assert heading in answer["body"]
    names = set(re.findall(r'(?<= name=")[a-z_]+(?=")', answer["body"]))
    assert names >= {"time", "place", "place_words", "nature", "first_impact", "nonce", "once"}
    assert desk.items() == before


def test_an_unknown_link_and_a_digest_are_404_and_lead_to_a_new_link(desk: Desk, link: str) -> None:
    for path in ("/r/nothing", f"/r/{digest_of(link.rpartition('/')[2])}"):
        answer = desk.request("GET", path)
        assert answer["statusCode"] == 404
        assert 'href="/r?lang=' in answer["body"]


def test_a_form_of_another_page_is_403(desk: Desk, link: str) -> None:
    hidden = desk.hidden(link)
    desk.invite("chief-executive")
    other = desk.link()
    assert desk.request("POST", other, urlencode({**FORM, **hidden}))["statusCode"] == 403
    assert desk.request("POST", link, urlencode(FORM))["statusCode"] == 403
    assert desk.request("POST", link, urlencode({**FORM, "first_impact": "x" * 40_000}))["statusCode"] == 403


def test_what_is_wrong_stands_at_every_field_and_nothing_is_lost(desk: Desk, link: str) -> None:
    hidden = desk.hidden(link)
    sent = {"time": "2199-01-01T00:00", "place": "elsewhere", "first_impact": "", "locale": "zh-Hans", "nature": "war"}
    answer = desk.request("POST", link, urlencode({**sent, **hidden}))
    assert answer["statusCode"] == 422
    page = answer["body"]
    for field in ("time", "place_words", "nature", "first_impact"):
        assert f'href="#{field}"' in page
        assert f'id="{field}-error"' in page
    assert 'value="2199-01-01T00:00"' in page
    assert 'value="elsewhere" selected' in page
    assert hidden["once"] in page
    assert "尚未提交" in page
    assert desk.items("INCIDENT") == []


def test_a_report_opens_an_incident_once_however_often_it_is_sent(desk: Desk, link: str) -> None:
    sent = urlencode({**FORM, **desk.hidden(link)})
    first, second = (desk.request("POST", link, sent) for _ in range(2))
    assert (first["statusCode"], first["body"]) == (200, second["body"])
    (incident,) = [item for item in desk.items("INCIDENT#") if item["sk"]["S"] == "INCIDENT"]
    incident_id = incident["pk"]["S"].partition("#")[2]
    assert incident_id in first["body"]
    assert incident["risk"]["S"] == "system_failure"
    machine = composition.settings().response_state_machine
    running = boto3.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert [one["name"] for one in running] == [incident_id]


def test_while_the_records_are_out_the_form_opens_and_its_report_waits_in_the_queue(
    desk: Desk, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(RecordsTable, "get", out)
        answer = desk.report(link)
    assert answer["statusCode"] == 202
    assert "on its way" in answer["body"]
    (event,) = desk.queued()
    assert event["source"] == "emergency.report"
    assert event["detail"] == {
        "time": "2026-11-21T19:05:00+00:00",
        "place": "checkout: only on Android",
        "nature": "system_failure",
        "first_impact": FORM["first_impact"],
        "link": digest_of(link.rpartition("/")[2]),
    }


def test_a_lost_link_is_mailed_again_and_the_answer_tells_nobody_who_is_known(desk: Desk) -> None:
    known, locale = compiled_plan().contact("chief-technology-officer").email, "en"
    first = desk.request("POST", "/r", urlencode({"address": "nobody@example.org", "locale": locale}))
    assert desk.mails() == []
    second = desk.request("POST", "/r", urlencode({"address": known, "locale": locale}))
    assert (first["statusCode"], first["body"]) == (second["statusCode"], second["body"])
    assert desk.request("GET", desk.link())["statusCode"] == 200
    wrong = desk.request("POST", "/r", urlencode({"address": "no address", "locale": locale}))
    assert wrong["statusCode"] == 422
    assert 'value="no address"' in wrong["body"]


def test_asking_for_a_link_takes_as_long_and_says_the_same_for_whoever_is_known(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = compiled_plan().contact("chief-technology-officer").email
    monkeypatch.setattr(module, "ALIKE", 0.4)

    def refuse(_self: SesPost, mail: Mail) -> str:
        raise PostUnavailable(mail.name)

    def ask(address: str) -> tuple[int, str]:
        began = time.monotonic()
        answer = desk.request("POST", "/r", urlencode({"address": address, "locale": "en"}))
        assert time.monotonic() - began >= module.ALIKE
        return answer["statusCode"], answer["body"]

    stranger = ask("nobody@example.org")
    with monkeypatch.context() as patched:
        patched.setattr(SesPost, "send", refuse)
        assert ask(known) == stranger
    with monkeypatch.context() as patched:
        patched.setattr(RecordsTable, "get", out)
        assert ask(known) == stranger
    assert ask(known) == stranger
    assert len(desk.mails()) == 1


@pytest.fixture
def _open_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = compiled_plan()
    open_plan = replace(plan, reporting=replace(plan.reporting, open_page=True, per_hour=2))
    for place in (module, composition):
        monkeypatch.setattr(place, "compiled_plan", lambda: open_plan)


def openly(desk: Desk, once: str, **fields: str) -> dict[str, Any]:
    return desk.request("POST", "/report", urlencode({**FORM, "once": once, **fields}))


@pytest.mark.usefixtures("_open_page")
def test_a_report_on_the_open_page_waits_in_the_queue_while_the_records_are_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(RecordsTable, "get", out)
        answer = openly(desk, "a")
    assert answer["statusCode"] == 202
    assert "by mail" not in answer["body"]
    (event,) = desk.queued()
    assert (event["source"], event["detail"]["first_impact"]) == ("emergency.report", FORM["first_impact"])


def test_there_is_no_open_page_unless_the_plan_has_one(desk: Desk) -> None:
    assert desk.request("GET", "/report")["statusCode"] == 404
    assert desk.request("POST", "/report", urlencode({**FORM, "once": "1"}))["statusCode"] == 404


def test_the_open_page_takes_as_many_reports_as_the_plan_lets_it_and_names_a_number(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = replace(compiled_plan(), reporting=replace(compiled_plan().reporting, open_page=True, per_hour=1))
    for part in (module, composition):
        monkeypatch.setattr(part, "compiled_plan", lambda: opened)
    page = desk.request("GET", "/report")["body"]
    assert "website" in page
    assert 'name="nonce"' not in page
    once = desk.hidden("/report")["once"]
    robot = desk.request("POST", "/report", urlencode({**FORM, "once": once, "website": "spam"}))
    assert robot["statusCode"] == 403
    assert "could not be sent" in robot["body"]
    assert desk.items("INCIDENT") == []
    for _ in range(2):
        taken = desk.request("POST", "/report", urlencode({**FORM, "once": once}))
        assert taken["statusCode"] == 200
        assert re.search(r"INC-\d{8}-\w{4}", taken["body"])
        assert "/file" not in taken["body"]
    refused = desk.report("/report")
    assert refused["statusCode"] == 429
    assert opened.hotlines[0].number in refused["body"]


def test_files_of_a_report_are_the_reporter_s_own_and_five_at_most(desk: Desk, link: str) -> None:
    storage = boto3.client("s3")
    for bucket in ("archive", "uploads"):
        storage.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    found = re.search(r"INC-\d{8}-\w{4}", desk.report(link)["body"])
    assert found
    page = f"{link}/reports/{found[0]}"
    form = desk.request("GET", f"{page}/file")
    assert "form-action 'self' https://uploads.s3" in form["headers"]["Content-Security-Policy"]
    target = re.search(r'name="key" value="([^"]+)\$\{filename\}"', form["body"])
    assert target

    def add(number: int) -> dict[str, Any]:
        key = f"{target[1]}{number}.txt"
        storage.put_object(Bucket="uploads", Key=key, Body=b"%d" % number)
        shown = desk.request("GET", f"{page}/file", query=urlencode({"key": key}))["body"]
        fields = dict(re.findall(r'type="hidden" name="(nonce|once|key)" value="([^"]+)"', shown))
        return desk.request("POST", f"{page}/file", urlencode(fields))

    assert [add(number)["statusCode"] for number in range(5)] == [303] * 5
    sixth = f"{target[1]}6.txt"
    storage.put_object(Bucket="uploads", Key=sixth, Body=b"6")
    nonce = standing_nonce(link.rpartition("/")[2], sixth)
    refused = desk.request("POST", f"{page}/file", urlencode({"key": sixth, "once": sixth, "nonce": nonce}))
    assert refused["statusCode"] == 422
    assert "4.txt" in desk.request("GET", page)["body"]
    listed = [one["sk"]["S"] for one in desk.items("INCIDENT#") if "report-file" in one["sk"]["S"]]
    assert len(listed) == 5
    assert (
        desk.request("POST", f"{page}/file", urlencode({"key": f"{target[1]}1.txt", "once": "x"}))["statusCode"] == 403
    )
    desk.invite("chief-executive")
    other = f"{desk.link()}/reports/{found[0]}"
    for path in (other, f"{other}/file", f"{link}/reports/INC-20260101-0000"):
        assert desk.request("GET", path)["statusCode"] == 404


def test_links_in_the_table_are_found_by_both_digests_and_a_moved_version_is_noticed(table: RecordsTable) -> None:
    links = DynamoStandingLinks(table)
    assert links.get("chief-technology-officer") is None
    saved = links.save(StandingLink(contact="chief-technology-officer", address="", digest="a", coming="b"))
    assert links.get("chief-technology-officer") == saved == links.of_link("a") == links.of_link("b")
    with pytest.raises(RecordChanged):
        links.save(replace(saved, version=0))
    links.save(replace(saved, digest="b", coming=""))
    with pytest.raises(UnknownLink):
        links.of_link("a")


@pytest.mark.usefixtures("_one_call_at_a_time")
def test_the_open_page_counts_each_report_once_and_stops_at_the_most_of_an_hour(table: RecordsTable) -> None:
    counts, now = DynamoOpenReports(table), utc_now()
    assert at_once([partial(counts.take, f"r{n}", now, 3) for n in range(6)]).count(True) == 3
    taken = [
        name for name in (f"r{n}" for n in range(6)) if table.get(f"OPEN-REPORTS#{now:%Y-%m-%dT%H}", f"REPORT#{name}")
    ]
    assert len(taken) == 3
    assert counts.take(taken[0], now, 3)
    assert not counts.take("another", now, 3)


ODD = (
    "",
    "\x00",
    "\u202efdp",
    "<script>alert(1)</script>",
    "x\r\nBcc: a@b.example",
    "9999-12-31T23:59",
    "😀" * 300,
    "a" * 5_000,
)
FIELDS = (
    "time",
    "place",
    "place_words",
    "nature",
    "first_impact",
    "locale",
    "once",
    "nonce",
    "address",
    "website",
    "key",
)
HEADERS = ("cache-control", "content-security-policy", "referrer-policy", "x-content-type-options")


@pytest.mark.usefixtures("_open_page")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_sent_to_whichever_page_the_answer_is_a_page_and_reading_changes_nothing(
    desk: Desk, link: str, data: st.DataObject
) -> None:
    once = data.draw(st.sampled_from(("", "once")))
    known = {**FORM, "once": once, "nonce": standing_nonce(link.rpartition("/")[2], once)}
    texts = st.one_of(st.sampled_from((*ODD, *FORM.values())), st.text(max_size=40))
    form = {**data.draw(st.sampled_from(({}, known))), **data.draw(st.dictionaries(st.sampled_from(FIELDS), texts))}
    method = data.draw(st.sampled_from(("GET", "HEAD", "POST", "PUT", "OPTIONS", "BREW")))
    pages = (link, f"{link}/reports/INC-1", f"{link}/reports/INC-1/file", "/r", "/report", f"{link}/reports/\x00")
    path = data.draw(st.one_of(st.sampled_from((*pages, "", "/r/" + "é" * 9_000)), st.text(max_size=20)))
    query = data.draw(st.one_of(st.sampled_from(("", "lang=zh-Hant", "lang=%ff", "key=..%2f..")), st.text(max_size=20)))
    before = desk.items()
    answer = desk.request(method, path, urlencode(form, errors="replace"), query)
    assert answer["statusCode"] < HTTPStatus.INTERNAL_SERVER_ERROR
    assert {name.lower() for name in answer["headers"]}.issuperset(HEADERS)
    assert "<script" not in answer["body"]
    assert method == "POST" or desk.items() == before
