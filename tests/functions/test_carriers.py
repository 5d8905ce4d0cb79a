"""Deliveries planned anew over HTTP, as Step Functions calls it, and what a carrier gets to see of an incident (P6.3)."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from botocore.stub import Stubber

from decision_page import composition
from decision_page import handler as module
from emergency.aws.deliveries import DynamoReplans
from emergency.aws.identity import DynamoAddressBook
from emergency.aws.records import DynamoAssignments, DynamoDecisions, DynamoIncidents
from emergency.aws.services import SesPost
from emergency.aws.signals import DynamoSignals
from emergency.aws.stock import DynamoHotlines
from emergency.aws.uploads import S3Uploads
from emergency.compiled import compiled_plan, compiled_words
from emergency.domain.assignment import assignment_for
from emergency.domain.classification import incident_from, rule_for
from emergency.domain.decision import Decision
from emergency.domain.deliveries import CarrierOrder, Move, Replan
from emergency.domain.errors import RecordChanged
from emergency.domain.event import read_signal
from emergency.domain.incident import IncidentStatus, Orders, ordered
from emergency.domain.link import Link, digest_of
from emergency.domain.order_list import MOST_BYTES
from emergency.domain.signal import Disposition, SignalRecord
from emergency.domain.terms import DecisionKind, Outcome, Severity, Step, Team
from emergency.domain.timeline import Fact, Place, TimelineEntry
from emergency.identities import RandomIdentities
from emergency.presentation.mail import MailWriter
from emergency.use_cases.ask_people import AskPeople, Briefer, Call
from emergency.use_cases.follow_up import FollowUp
from emergency.use_cases.replan import ProposeReplan
from tests.functions.test_decision_page import Site, put_question
from tests.functions.test_decision_page import site as site  # noqa: PLC0414 - a fixture
from tests.support.events import alarm
from tests.support.opening import open_incident

NOW = datetime.now(UTC)
PLACE = Place(execution="INC-1", state="Some state")
LEAD = "head-of-logistics"
LEAD_LINK, CARRIER_LINK = "T" * 43, "C" * 43
ORDER = {
    "carrier": "harbour-express",
    "parcels.kowloon": "1000",
    "move.kowloon.lion-rock-courier": "600",
    "move.kowloon.victoria-freight": "300",
}
CANARY = "canary-of-the-incident"


@pytest.fixture
def working(site: Site) -> Site:
    """A delay of the one carrier, and the logistics lead at work; whatever tells of it holds a canary."""
    plan = compiled_plan()
    boto3.client("dynamodb").delete_item(
        TableName="records", Key={"pk": {"S": "INCIDENT#INC-1"}, "sk": {"S": "INCIDENT"}}
    )
    signal = read_signal(alarm("carrier-sla", event_id="late"))
    fresh = incident_from(signal, rule_for(signal, plan), plan, incident_id="INC-1", now=NOW)
    told = dict.fromkeys(plan.company.locales, CANARY)
    incident = replace(
        fresh,
        component=f"{CANARY}/harbour-express",
        cause=CANARY,
        status=IncidentStatus.ACTIVE,
        title=told,
        place=told,
        first_impact=told,
        signal_name=CANARY,
        signal_reason=CANARY,
    )
    orders = Orders(
        decision_id="orders",
        outcome=Outcome.ACTIVATE,
        severity=Severity.SEV2,
        teams=tuple(Team),
        task_force=(),
        by="chief-executive",
        at=NOW,
        comment=CANARY,
    )
    incident = ordered(incident, orders)
    entry = TimelineEntry(
        key="note/canary",
        at=NOW,
        step=Step.EMERGENCY_RESPONSE,
        fact=Fact.NOTE_ADDED,
        actor=LEAD,
        place=PLACE,
        details={"who": LEAD, "text": CANARY},
    )
    record = SignalRecord(id="t", disposition=Disposition.OPENED, at=NOW, received_at=NOW, incident_id="INC-1")
    boto3.client("dynamodb").delete_item(
        TableName="records", Key={"pk": {"S": "INCIDENTS"}, "sk": {"S": "INCIDENT#INC-1"}}
    )
    open_incident(DynamoSignals(site.table), incident, record, entry)
    assigned = assignment_for(incident, Team.LOGISTICS_SUPPORT, plan, NOW)
    tasks = tuple(replace(task, text=dict.fromkeys(plan.company.locales, CANARY)) for task in assigned.tasks)
    DynamoAssignments(site.table).create(replace(assigned, tasks=tasks), replace(entry, key="assigned"))
    for bucket in ("uploads", "archive"):
        boto3.client("s3").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
        )
    put_question(site.table, DecisionKind.COMPLETE, LEAD_LINK, LEAD, Team.LOGISTICS_SUPPORT)
    return site


def text_of(page: str) -> str:
    """What stands on a page, without its tags."""
    return re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))


def shown(site: Site, query: str = "", link: str = LEAD_LINK) -> dict[str, Any]:
    return site.request("GET", f"/d/{link}/replan", query=query)


def order(site: Site, **fields: str) -> dict[str, Any]:
    """The lead orders a re-plan as the page offers it."""
    page = shown(site)["body"]
    found = {name: re.search(f'name="{name}" value="([^"]+)"', page) for name in ("nonce", "once")}
    form = {name: value[1] for name, value in found.items() if value}
    return site.request("POST", f"/d/{LEAD_LINK}/replan", urlencode({**form, "action": "replan", **fields}))


def questions(site: Site) -> list[Decision]:
    return [one for one in DynamoIncidents(site.table).record("INC-1").decisions.values() if one.order]


def put_to_carrier(site: Site) -> Decision:
    """Orders a re-plan, and asks the one carrier by a link that the test knows."""
    assert order(site, **ORDER)["statusCode"] == 303
    question = next(one for one in questions(site) if one.order and one.order.carrier == "lion-rock-courier")
    ask(site, question, level=0)
    decisions = DynamoDecisions(site.table)
    link = Link(
        digest=digest_of(CARRIER_LINK),
        incident_id="INC-1",
        decision_id=question.id,
        contact="carrier-lion-rock-courier",
        level=0,
        made_at=NOW,
    )
    return decisions.save(decisions.get("INC-1", question.id), links=[link])


def briefer(site: Site) -> Briefer:
    table = site.table
    return Briefer(
        plan=compiled_plan(),
        incidents=DynamoIncidents(table),
        assignments=DynamoAssignments(table),
        hotlines=DynamoHotlines(table),
    )


def ask(site: Site, question: Decision, level: int, *, reminder: bool = False) -> None:
    ask_people = AskPeople(
        plan=compiled_plan(),
        decisions=DynamoDecisions(site.table),
        briefer=briefer(site),
        book=DynamoAddressBook(site.table),
        post=SesPost(compiled_plan().company, "mail"),
        workflow=composition.plan_deliveries().put.workflow,
        identities=RandomIdentities(),
        mails=MailWriter(compiled_plan(), compiled_words()),
        pages_url="https://pages.example",
        clock=lambda: NOW,
    )
    call = Call(
        incident_id="INC-1",
        decision_id=question.id,
        level=level,
        task_token="task-token",
        place=PLACE,
        reminder=reminder,
    )
    ask_people(call)


def follow_up(site: Site, question: Decision) -> None:
    follow = FollowUp(
        decisions=DynamoDecisions(site.table),
        briefer=briefer(site),
        post=SesPost(compiled_plan().company, "mail"),
        mails=MailWriter(compiled_plan(), compiled_words()),
        workflow=composition.plan_deliveries().put.workflow,
        clock=lambda: NOW,
    )
    follow("INC-1", question.id)


# The lead's page


def test_the_lead_s_page_leads_to_the_re_plan(working: Site) -> None:
    assert f'href="https://pages.example/d/{LEAD_LINK}/replan"' in working.request("GET", f"/d/{LEAD_LINK}")["body"]


def test_the_page_proposes_where_the_parcels_go(working: Site) -> None:
    page = shown(working)
    assert page["statusCode"] == 200
    body = page["body"]
    assert 'value="harbour-express" selected' in body
    assert re.search(r'name="move\.kowloon\.lion-rock-courier"[^>]* value="\d+"', body)
    assert "3,600" in text_of(page["body"])
    assert "https://uploads.s3.ap-northeast-1.amazonaws.com" in page["headers"]["Content-Security-Policy"]


def test_r1_looking_changes_nothing_whatever_the_query_says(working: Site) -> None:
    before = working.stored()
    for query in ("", "carrier=corner-pickup", "carrier=x", "parcels.kowloon=-1", "key=x", "a=b&" * 300, "%ff=%fe"):
        for method in ("GET", "HEAD"):
            answer = working.request(method, f"/d/{LEAD_LINK}/replan", query=query)
            assert answer["statusCode"] in {200, 422}
    assert working.stored() == before
    assert not boto3.client("s3").list_objects_v2(Bucket="archive").get("Contents")


def test_what_can_not_be_used_is_said_with_what_was_written(working: Site) -> None:
    answer = order(working, **{**ORDER, "move.kowloon.lion-rock-courier": "9000"})
    assert answer["statusCode"] == 422
    assert 'value="9000"' in answer["body"]
    assert 'href="#move.kowloon.lion-rock-courier"' in answer["body"]
    assert not questions(working)


@pytest.mark.parametrize(
    "fields",
    [
        {"carrier": "nobody"},
        {"carrier": "harbour-express", "move.atlantis.lion-rock-courier": "1"},
        {"carrier": "harbour-express", "move.<script>.x": "1"},
        {"carrier": "harbour-express", "move.kowloon.lion-rock-courier": "<script>"},
        {"carrier": "harbour-express"},
        {"carrier": "harbour-express", "key": "records/secret", "move.kowloon.lion-rock-courier": "1"},
    ],
)
def test_whatever_is_posted_is_answered_on_the_page(working: Site, fields: dict[str, str]) -> None:
    answer = order(working, **fields)
    assert answer["statusCode"] == 422
    assert "<script>" not in answer["body"]
    assert not questions(working)


def test_an_order_asks_each_carrier_once_and_shows_on_the_page(working: Site) -> None:
    answer = order(working, **ORDER)
    assert answer["statusCode"] == 303
    assert answer["headers"]["Location"].endswith("?done=replan")
    asked = questions(working)
    assert {one.order.carrier for one in asked if one.order} == {"lion-rock-courier", "victoria-freight"}
    assert sorted(working.released) == sorted(("INC-1", one.id, DecisionKind.CARRIER) for one in asked)
    assert {"replan_ordered", "parcels_left"} <= set(working.facts())
    text = text_of(shown(working)["body"])
    assert "600" in text


@pytest.mark.parametrize("link", ["unknown", digest_of(LEAD_LINK)])
def test_nobody_without_a_link_gets_there(working: Site, link: str) -> None:
    assert shown(working, link=link)["statusCode"] == 404


def test_other_teams_and_other_questions_have_no_such_page(working: Site) -> None:
    other = "O" * 43
    put_question(working.table, DecisionKind.COMPLETE, other, "head-of-customer-service", Team.CUSTOMER_SERVICE)
    assert shown(working, link=other)["statusCode"] == 404
    assert "/replan" not in working.request("GET", f"/d/{other}")["body"]


def test_a_forged_order_is_refused(working: Site) -> None:
    answer = working.request("POST", f"/d/{LEAD_LINK}/replan", urlencode({**ORDER, "nonce": "x"}))
    assert answer["statusCode"] == 403
    assert not questions(working)


# Lists of orders


def uploaded(site: Site, content: bytes, name: str = "orders.csv", prefix: str = "") -> str:
    page = shown(site)["body"]
    key = re.search(r'name="key" value="(uploads/[^"]+)\$\{filename\}"', page)
    assert key
    where = (prefix or key[1]) + name
    boto3.client("s3").put_object(Bucket="uploads", Key=where, Body=content)
    return where


def test_a_list_says_how_many_are_affected_and_which_rows_are_not_used(working: Site) -> None:
    rows = "訂單編號,地區\nA1,九龍\nA2,九龍\nA3,火星\n"
    key = uploaded(working, rows.encode("cp950"))
    page = shown(working, urlencode({"bucket": "uploads", "key": key, "etag": "x"}))
    assert page["statusCode"] == 200
    assert "火星" in page["body"]
    assert 'name="parcels.kowloon" value="2"' in page["body"]
    assert (
        order(
            working,
            **{
                **ORDER,
                "parcels.kowloon": "",
                "key": key,
                "move.kowloon.lion-rock-courier": "2",
                "move.kowloon.victoria-freight": "",
            },
        )["statusCode"]
        == 303
    )
    (replan,) = DynamoIncidents(working.table).record("INC-1").replans
    assert replan.parcels == {"kowloon": 2}
    archived = boto3.client("s3").list_objects_v2(Bucket="archive")["Contents"]
    assert [one["Key"].rpartition("-")[2] for one in archived] == ["orders.csv"]


def test_a_list_of_the_warehouse_is_offered(working: Site) -> None:
    key = uploaded(working, b"order,region\n1,kowloon\n", "wms 1.csv", "orders/INC-1/")
    page = shown(working)["body"]
    assert urlencode({"key": key}).replace("&", "&amp;") in page.replace("%20", "+")
    assert 'name="parcels.kowloon" value="1"' in shown(working, urlencode({"key": key}))["body"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"\x89PNG\0", "picture.csv"),
        (b"a,b\n1,2", "other.csv"),
        (b"x" * (MOST_BYTES + 1), "large.csv"),
        (b'order,region,"note\n1,kowloon', "quote.csv"),
    ],
)
def test_a_list_that_can_not_be_read_is_told_so_on_the_page(working: Site, content: bytes, name: str) -> None:
    key = uploaded(working, content, name)
    page = shown(working, urlencode({"key": key}))
    assert page["statusCode"] == 422
    assert 'id="file-error"' in page["body"]
    assert 'name="nonce"' in page["body"]


def test_a_row_whose_quote_is_never_closed_is_told_and_the_others_are_counted(working: Site) -> None:
    key = uploaded(working, b'order,region\n1,"kowloon\n2,kowloon\n', "quote.csv")
    page = shown(working, urlencode({"key": key}))
    assert page["statusCode"] == 200
    assert 'name="parcels.kowloon" value="1"' in page["body"]
    assert "引號有開頭，沒有結尾。" in page["body"]


def test_names_and_rows_of_a_list_can_not_inject_markup(working: Site) -> None:
    evil = "<script>alert(1)</script>"
    key = uploaded(working, f'order,region,weight\n1,"{evil}",1\n2,kowloon,"{evil}"\n'.encode(), f"{evil[:8]}.csv")
    page = shown(working, urlencode({"key": key}))
    assert page["statusCode"] == 200
    assert "<script" not in page["body"]


# What a carrier sees


def test_a_carrier_answers_by_its_own_link(working: Site) -> None:
    question = put_to_carrier(working)
    page = working.request("GET", f"/d/{CARRIER_LINK}")
    assert page["statusCode"] == 200
    assert "600" in text_of(page["body"])
    answer = working.post(CARRIER_LINK, outcome="confirmed")
    assert answer["statusCode"] == 200
    assert working.resumed == [("task-token", question.id, Outcome.CONFIRMED)]
    assert "600" in text_of(shown(working)["body"])


def seen_by_the_carrier(site: Site) -> Iterator[tuple[str, str]]:
    """Every page that a carrier's link can lead to, and every mail that it gets, with what it is."""
    for path in ("", "/file", "/statement", "/report", "/answers", "/replan", "/calls", "/x"):
        for method in ("GET", "HEAD"):
            answer = site.request(method, f"/d/{CARRIER_LINK}{path}", query="done=note&key=x&phase=update")
            yield f"{method} {path}", str(answer)
            if path:
                assert answer["statusCode"] == 404, path
    nonce = site.nonce(CARRIER_LINK)
    for path in ("/file", "/statement", "/answers", "/replan"):
        answer = site.request("POST", f"/d/{CARRIER_LINK}{path}", urlencode({"nonce": nonce, "key": "x", **ORDER}))
        yield f"POST {path}", str(answer)
        assert answer["statusCode"] == 404, path
    for action in (*module._ACTIONS, "statement", "calls", "replan"):
        form = {"nonce": nonce, "action": action, "note": "x", "tasks": "x", "reason": "x", "code": "000000"}
        answer = site.request("POST", f"/d/{CARRIER_LINK}", urlencode(form))
        yield f"POST {action}", str(answer)
        assert answer["statusCode"] in {403, 422}, action
    yield (
        "unusable",
        str(site.request("POST", f"/d/{CARRIER_LINK}", urlencode({"nonce": nonce, "outcome": "declined"}))),
    )
    for mail in site.mails():
        if "lion-rock" in str(mail["To"]):
            yield (
                f"mail {mail['Subject']}",
                f"{mail['Subject']} {mail}"
                + "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"),
            )


def secrets_of(site: Site) -> list[str]:
    """What tells of the incident, its people and its other orders."""
    plan = compiled_plan()
    names = [name for contact in plan.contacts.values() for name in (*contact.name.values(), *contact.title.values())]
    other = [
        name for carrier in ("harbour-express", "victoria-freight") for name in plan.carriers[carrier].name.values()
    ]
    severity = [name for one in plan.severities.values() for name in one.name.values() if len(name) > 2]
    return [CANARY, "harbour-express", "victoria", 'class="severity', *names, *other, *severity, "task-token"]


def assert_tells_nothing(site: Site, seen: Mapping[str, str]) -> None:
    """The style sheet knows all severities; it is the same for everybody."""
    for secret in secrets_of(site):
        for name, text in seen.items():
            assert secret not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL), (secret, name)


def test_a_carrier_sees_nothing_of_the_incident_but_its_order(working: Site) -> None:
    """Taken out: `from_outside`, `_closed`, the guard of `_open`, that of `act`; each lets something through."""
    question = put_to_carrier(working)
    ask(working, question, level=0, reminder=True)
    seen = dict(seen_by_the_carrier(working))
    assert sum(name.startswith("mail") for name in seen) == 2
    assert "600" in seen["GET "]
    assert_tells_nothing(working, seen)


def test_a_carrier_that_its_lead_answered_for_is_told_that_alone(working: Site) -> None:
    question = put_to_carrier(working)
    ask(working, question, level=1)
    link = Link(
        digest=digest_of("P" * 43),
        incident_id="INC-1",
        decision_id=question.id,
        contact=LEAD,
        level=1,
        made_at=NOW,
    )
    decisions = DynamoDecisions(working.table)
    decisions.save(decisions.get("INC-1", question.id), links=[link])
    text = text_of(working.request("GET", f"/d/{'P' * 43}")["body"])
    assert "+852 0000 0902" in text
    assert working.post("P" * 43, outcome="declined", comment=CANARY)["statusCode"] == 200
    follow_up(working, question)
    seen = dict(seen_by_the_settled(working))
    assert sum(name.startswith("mail") for name in seen) == 2
    assert_tells_nothing(working, seen)


def seen_by_the_settled(site: Site) -> Iterator[tuple[str, str]]:
    """What a carrier sees once its order is settled."""
    yield "GET", str(site.request("GET", f"/d/{CARRIER_LINK}"))
    yield "POST", str(site.request("POST", f"/d/{CARRIER_LINK}", urlencode({"nonce": "x", "outcome": "confirmed"})))
    for mail in site.mails():
        if "lion-rock" in str(mail["To"]):
            body = "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
            yield f"mail {mail['Subject']}", f"{mail}{body}"


def test_a_carrier_that_is_over_with_sees_no_more(working: Site) -> None:
    put_to_carrier(working)
    incidents = DynamoIncidents(working.table)
    incidents.save(replace(incidents.get("INC-1"), status=IncidentStatus.CLOSED, closed_at=NOW))
    page = working.request("GET", f"/d/{CARRIER_LINK}")
    assert page["statusCode"] == 410
    assert_tells_nothing(working, {"over": str(page)})


# As Step Functions calls it


def call(site: Site, monkeypatch: pytest.MonkeyPatch, **payload: object) -> Any:
    """Calls the function twice, as any state may be retried; gives its second answer."""
    for name, value in {"RECORDS_TABLE": "records", "CONFIGURATION_SET": "mail"}.items():
        monkeypatch.setenv(name, value)
    carriers = importlib.import_module("carriers.handler")
    for part in vars(carriers).values():
        if hasattr(part, "cache_clear") and part.__module__.startswith("carriers"):
            part.cache_clear()
    event = {"incident_id": "INC-1", "place": {"execution": "INC-1", "state": "A state"}, **payload}
    carriers.handler(event, site.context)
    return carriers.handler(event, site.context)


def test_the_function_proposes_once(working: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(working, monkeypatch, operation="propose") == {"parcels": 10_100}
    assert working.facts().count("replan_proposed") == 1


def test_the_function_settles_once_and_mails_the_lead(working: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    question = put_to_carrier(working)
    working.post(CARRIER_LINK, outcome="declined", comment="No vans before noon")
    assert call(working, monkeypatch, operation="settle", decision_id=question.id) == {"outcome": "declined"}
    assert working.facts().count("carrier_declined") == 1
    told = [mail for mail in working.mails() if mail["X-Emergency-Purpose"] == "carrier_declined"]
    assert len(told) == 1
    body = told[0].get_body(("plain",))
    assert body
    assert "No vans before noon" in body.get_content()


# The adapters


def test_a_replan_is_stored_with_its_questions_or_not_at_all(working: Site) -> None:
    move = Move(region="kowloon", carrier="lion-rock-courier", parcels=1, cost=1, collected_on=NOW.date())
    replan = Replan(
        incident_id="INC-1",
        id="replan-x",
        carrier="harbour-express",
        parcels={"kowloon": 1},
        moves=(move,),
        proposed_at=NOW,
        by=LEAD,
        ordered_at=NOW,
    )
    replans = DynamoReplans(working.table)
    assert replans.get("INC-1", "replan-x") is None
    question = replace(
        DynamoDecisions(working.table).get("INC-1", "complete-logistics_support"),
        id="carrier-x",
        order=CarrierOrder(replan="replan-x", carrier="lion-rock-courier", moves=(move,)),
        clock=None,
    )
    entry = TimelineEntry(
        key="x", at=NOW, step=Step.EMERGENCY_RESPONSE, fact=Fact.REPLAN_ORDERED, actor=LEAD, place=PLACE
    )
    assert replans.store(replan, [entry], [question]) == replan
    assert replans.store(replace(replan, by="somebody"), [entry], [question]) == replan
    assert replans.get("INC-1", "replan-x") == replan
    assert DynamoDecisions(working.table).get("INC-1", "carrier-x").order == question.order
    with pytest.raises(Exception, match="met something else"):
        replans.store(replace(replan, id="replan-y"), [entry], [replace(question, id="carrier-y")])
    assert replans.get("INC-1", "replan-y") is None
    first = replans.store(replace(replan, id="replan-1", number=1))
    assert replans.store(replace(first, by="somebody")) == first
    with pytest.raises(RecordChanged):
        replans.store(replace(first, id="replan-z"))
    assert replans.get("INC-1", "replan-z") is None
    assert DynamoIncidents(working.table).record("INC-1").replans == (first, replan)


def test_files_under_a_prefix_are_listed_the_newest_first(working: Site) -> None:
    uploads = S3Uploads("uploads")
    with Stubber(uploads._client) as stub:
        contents = [
            {"Key": f"orders/INC-1/{name}", "Size": 3, "LastModified": datetime(2026, 11, day, tzinfo=UTC)}
            for name, day in (("old", 1), ("new", 2))
        ]
        stub.add_response("list_objects_v2", {"Contents": contents}, {"Bucket": "uploads", "Prefix": "orders/INC-1/"})
        assert [one.name for one in uploads.listed("orders/INC-1/")] == ["new", "old"]


def test_a_proposal_is_the_same_however_often(working: Site) -> None:
    propose = ProposeReplan(
        plan=compiled_plan(),
        incidents=DynamoIncidents(working.table),
        replans=DynamoReplans(working.table),
        do_by_system=composition.plan_deliveries().do_by_system,
        clock=lambda: NOW,
    )
    assert propose("INC-1", PLACE) == propose("INC-1", PLACE)
