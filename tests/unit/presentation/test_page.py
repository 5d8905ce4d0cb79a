"""Link pages: each question, each thing that can become of it, and that a page does nothing but what it shows."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from emergency.domain.decision import QUESTIONS, TEXT_LIMIT
from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import Contact
from emergency.domain.terms import DecisionKind, Outcome
from emergency.presentation.page import SECURITY_HEADERS, Page, PageWriter, security_headers
from tests.support.hostile import TEXTS, assert_harmless, assert_no_secrets, hostile_incident, hostile_timeline
from tests.support.telling import (
    ALL_KINDS,
    LINK,
    LOCALES,
    active_incident,
    company,
    minutes,
    settled_decision,
    the_assignment,
    the_decision,
    the_hotline,
    the_incident,
    the_timeline,
)

PLAN, WORDS = company()
PAGES = PageWriter(PLAN, WORDS)
TIMELINE = the_timeline(PLAN)


def reader(locale: str, contact: str = "") -> Contact:
    return replace(PLAN.contact(contact or PLAN.leadership.head), locale=locale)


def question(kind: DecisionKind, locale: str = "en") -> Page:
    incident = the_incident() if kind is DecisionKind.ORDERS else active_incident(PLAN)
    return PAGES.question(
        incident,
        the_decision(PLAN, kind),
        reader(locale),
        nonce="the-nonce",
        url=LINK,
        now=minutes(4),
        timeline=TIMELINE[:9],
        assignment=the_assignment(PLAN),
        hotline=the_hotline(),
    )


def unusable(kind: DecisionKind, form: Mapping[str, Sequence[str]], error: UnusableAnswer, locale: str = "en") -> Page:
    incident = the_incident() if kind is DecisionKind.ORDERS else active_incident(PLAN)
    decision = the_decision(PLAN, kind)
    return PAGES.unusable(
        incident, decision, reader(locale), nonce="the-nonce", url=LINK, now=minutes(4), form=form, error=error
    )


class Form(HTMLParser):
    """What a browser would read of a form: its fields with their values, its buttons, and every id and reference."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.buttons: list[tuple[str, str]] = []
        self.forms: list[dict[str, str | None]] = []
        self.ids: list[str] = []
        self.references: set[str] = set()
        self.labelled: set[str] = set()
        self.tags: list[str] = []
        self._area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        assert "style" not in values
        self._note_ids(values)
        name = values.get("name") or ""
        if tag == "form":
            self.forms.append(values)
        if tag == "label" and values.get("for"):
            self.labelled.add(values["for"] or "")
        if (tag == "input" and values.get("type") == "hidden") or (
            tag == "input" and values.get("type") == "checkbox" and "checked" in values
        ):
            self.fields.setdefault(name, []).append(values.get("value") or "")
        if tag == "option" and "selected" in values:
            self.fields["severity"] = [values.get("value") or ""]
        if tag == "textarea":
            self.fields[name], self._area = [""], name
        if tag == "button":
            self.buttons.append((name, values.get("value") or ""))

    def _note_ids(self, values: dict[str, str | None]) -> None:
        if identity := values.get("id"):
            self.ids.append(identity)
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            self.references.update((values.get(attribute) or "").split())
        if (href := values.get("href") or "").startswith("#"):
            self.references.add(href[1:])

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area][0] += data.removeprefix("\n")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_each_question_has_a_page_in_each_language(kind: DecisionKind, locale: str) -> None:
    page = question(kind, locale)
    form = Form(page.html)
    assert page.status == 200
    assert f'<html lang="{locale}"' in page.html
    assert form.tags.count("h1") == 1
    assert form.forms == [{"method": "post"}]
    assert form.buttons == [("outcome", outcome.value) for outcome in QUESTIONS[kind].outcomes]
    assert set(QUESTIONS[kind].texts) | {"nonce"} <= set(form.fields)
    assert len(form.ids) == len(set(form.ids))
    assert form.references <= set(form.ids)
    assert set(QUESTIONS[kind].texts) <= form.labelled
    assert not {"script", "iframe", "link rel=stylesheet"} & set(form.tags)


def test_orders_come_with_the_proposal_filled_in() -> None:
    form = Form(question(DecisionKind.ORDERS).html)
    assert form.fields["severity"] == ["SEV2"]
    assert form.fields["teams"] == ["technical_support", "customer_service", "public_relations"]
    assert form.fields["nonce"] == ["the-nonce"]


def test_a_page_says_until_when_and_what_otherwise() -> None:
    html = question(DecisionKind.ORDERS).html
    assert "Decide by 03:31." in html
    assert "18 minutes left" in html
    assert "the deputy heads are asked" in html


def test_only_a_review_links_to_the_report() -> None:
    assert f'href="{LINK}/report"' in question(DecisionKind.REVIEW).html
    assert "/report" not in question(DecisionKind.ORDERS).html


def test_a_long_course_shows_its_latest_entries_and_says_how_many_are_left_out() -> None:
    timeline = TIMELINE * 10
    decision = the_decision(PLAN, DecisionKind.ORDERS)
    page = PAGES.question(
        the_incident(), decision, reader("en"), nonce="n", url=LINK, now=minutes(4), timeline=timeline
    )
    assert f"{len(timeline) - 40} earlier entries are not shown here." in page.html


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("kind", "field", "problem"),
    [
        (DecisionKind.ORDERS, "outcome", "missing"),
        (DecisionKind.ORDERS, "outcome", "unknown"),
        (DecisionKind.ORDERS, "severity", "missing"),
        (DecisionKind.ORDERS, "severity", "unknown"),
        (DecisionKind.ORDERS, "teams", "missing"),
        (DecisionKind.ORDERS, "teams", "unknown"),
        (DecisionKind.COMPLETE, "measures", "missing"),
        (DecisionKind.CLEAN_UP, "record", "missing"),
        (DecisionKind.CLEAN_UP, "proposal", "too_long"),
        (DecisionKind.REVIEW, "comment", "missing"),
        (DecisionKind.REVIEW, "comment", "never heard of"),
    ],
)
def test_an_unusable_answer_shows_the_form_again_with_a_link_to_the_field(
    kind: DecisionKind, field: str, problem: str, locale: str
) -> None:
    page = unusable(kind, {}, UnusableAnswer(field, problem), locale)
    form = Form(page.html)
    assert page.status == 422
    assert f'href="#{field}"' in page.html
    assert 'role="alert"' in page.html
    assert form.references <= set(form.ids)


def test_what_was_entered_stays_entered() -> None:
    entered = {"severity": ["SEV1"], "teams": ["logistics_support"], "comment": ["\n  Line one\nline <two>"]}
    form = Form(unusable(DecisionKind.ORDERS, entered, UnusableAnswer("outcome", "missing")).html)
    assert form.fields["severity"] == ["SEV1"]
    assert form.fields["teams"] == ["logistics_support"]
    assert form.fields["comment"] == ["\n  Line one\nline <two>"]
    none = Form(unusable(DecisionKind.ORDERS, {"comment": [""]}, UnusableAnswer("teams", "missing")).html)
    assert "teams" not in none.fields


def test_a_text_far_too_long_comes_back_cut() -> None:
    page = unusable(DecisionKind.REVIEW, {"comment": ["x" * 1_000_000]}, UnusableAnswer("comment", "too_long"))
    assert len(page.html) < 6 * TEXT_LIMIT + 20_000
    assert str(TEXT_LIMIT) in page.html


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_an_answer_is_confirmed_with_what_it_sets_in_motion(kind: DecisionKind, locale: str) -> None:
    page = PAGES.recorded(active_incident(PLAN), settled_decision(PLAN, kind), reader(locale), now=minutes(12))
    assert page.status == 200
    assert "<form" not in page.html


def test_orders_are_confirmed_as_they_were_given_not_as_they_were_proposed() -> None:
    page = PAGES.recorded(the_incident(), settled_decision(PLAN, DecisionKind.ORDERS), reader("en"), now=minutes(12))
    assert "severity I." in page.html
    assert "public relations" not in page.html


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("by", ["chief-executive", "head-of-legal", ""])
def test_a_settled_question_says_who_decided_what_and_when(kind: DecisionKind, locale: str, by: str) -> None:
    decision = settled_decision(PLAN, kind, by)
    looked = PAGES.settled(active_incident(PLAN), decision, reader(locale), now=minutes(30))
    pressed = PAGES.settled(active_incident(PLAN), decision, reader(locale), now=minutes(30), posted=True)
    assert (looked.status, pressed.status) == (410, 409)
    assert "03:21" in looked.html
    assert "<form" not in looked.html
    assert (WORDS[locale]("page.decided.not_recorded") in pressed.html) == (kind is not None)


def test_the_other_answers_have_their_status_and_their_language() -> None:
    decision = the_decision(PLAN, DecisionKind.ORDERS)
    gone = PAGES.gone(the_incident(), decision, reader("en"), now=minutes(30))
    assert [page.status for page in (gone, PAGES.unknown(), PAGES.forged(), PAGES.busy())] == [410, 404, 403, 503]
    for locale in LOCALES:
        assert f'lang="{locale}"' in PAGES.unknown().html
        assert WORDS[locale]("page.unknown.text") in PAGES.unknown().html
    assert 'lang="zh-Hant"' not in PAGES.busy(reader("en")).html
    assert 'lang="en"' not in PAGES.forged(reader("zh-Hant")).html
    assert 'lang="zh-Hant"' not in PAGES.forged(reader("zh-Hans")).html


def test_the_policy_allows_the_pages_own_style_and_nothing_else() -> None:
    html = question(DecisionKind.ORDERS).html
    styles = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert len(styles) == 1
    digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    for directive in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert directive in policy
    assert SECURITY_HEADERS["Cache-Control"] == "no-store"
    assert SECURITY_HEADERS["Referrer-Policy"] == "no-referrer"
    assert f"'sha256-{digest}'" in security_headers(html)["Content-Security-Policy"]
    assert "style-src 'none'" in security_headers("no style")["Content-Security-Policy"]


@pytest.mark.parametrize("text", TEXTS, ids=["markup", "template", "turned", "header", "long"])
@pytest.mark.parametrize("locale", LOCALES)
def test_r23_text_from_outside_is_harmless_on_pages(text: str, locale: str) -> None:
    incident = hostile_incident(active_incident(PLAN), text)
    timeline = hostile_timeline(TIMELINE, text)
    for kind in ALL_KINDS:
        decision = the_decision(PLAN, kind)
        shown = PAGES.question(
            incident, decision, reader(locale), nonce="n", url=LINK, now=minutes(4), timeline=timeline
        )
        form = {name: [text] for name in ("comment", "measures", "record", "impact", "proposal", "severity", "teams")}
        again = PAGES.unusable(
            incident,
            decision,
            reader(locale),
            nonce="n",
            url=LINK,
            now=minutes(4),
            form=form,
            error=UnusableAnswer(text, text),
        )
        settled = settled_decision(PLAN, kind)
        assert settled.answer is not None
        fields = dict.fromkeys(settled.answer.fields, text)
        settled = replace(settled, answer=replace(settled.answer, fields=fields, by=text))
        after = PAGES.settled(incident, settled, reader(locale), now=minutes(30))
        done = PAGES.recorded(incident, settled, reader(locale), now=minutes(30))
        for page in (shown, again, after, done):
            assert_harmless(page.html)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_r3_no_secret_reaches_a_page(kind: DecisionKind) -> None:
    decision = settled_decision(PLAN, kind)
    assert_no_secrets(question(kind).html)
    assert_no_secrets(PAGES.settled(active_incident(PLAN), decision, reader("en"), now=minutes(30)).html)
    assert_no_secrets(PAGES.recorded(active_incident(PLAN), decision, reader("en"), now=minutes(30)).html)


def test_standing_down_is_confirmed_too() -> None:
    decision = settled_decision(PLAN, DecisionKind.ORDERS)
    assert decision.answer is not None
    decision = replace(decision, answer=replace(decision.answer, outcome=Outcome.STAND_DOWN, fields={}))
    page = PAGES.recorded(the_incident(), decision, reader("en"), now=minutes(12))
    assert "No team is called" in page.html
