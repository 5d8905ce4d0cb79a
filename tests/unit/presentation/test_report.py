"""The report: every section says what happened or that nothing did, in each language, over any length of record."""

from __future__ import annotations

import re
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emergency.domain.report import Finding, Proposal, Report
from emergency.domain.terms import Step
from emergency.domain.timeline import SYSTEM, Fact
from emergency.presentation.picture import MARKS, draw
from emergency.presentation.report import ReportWriter
from tests.support.hostile import TEXTS, assert_harmless, assert_no_secrets, hostile_incident, hostile_timeline
from tests.support.telling import LOCALES, Tale, company, empty_report, minutes, the_report, the_timeline

PLAN, WORDS = company()
REPORTS = ReportWriter(PLAN, WORDS)
HEADINGS = ("summary", "course", "measures", "impact", "times", "resources", "proposals", "remarks")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("report", [the_report, empty_report], ids=["whole", "empty"])
def test_every_report_has_every_section(report: Callable[..., Report], locale: str) -> None:
    html = REPORTS.html(report(PLAN), locale)
    for heading in HEADINGS:
        assert WORDS[locale](f"report.heading.{heading}") in html
    assert html.count("<h1") == 1
    assert "src=" not in html
    assert "http" not in re.sub(r'xmlns="[^"]*"', "", html)


@pytest.mark.parametrize(("locale", "character_set"), [("zh-Hant", "big5"), ("zh-Hans", "gb2312")])
def test_a_report_in_chinese_is_in_one_script(locale: str, character_set: str) -> None:
    written = "".join(re.findall("[\u4e00-\u9fff]", REPORTS.html(the_report(PLAN), locale)))
    assert len(written) > 1_000
    written.encode(character_set)


def test_an_empty_report_says_so_in_words() -> None:
    html = REPORTS.html(empty_report(PLAN), "en")
    for sentence in (
        "The timeline is empty.",
        "No team was called, so there are no measures.",
        "The teams wrote nothing about the impact.",
        "Nothing was lent.",
        "No hotline was opened.",
        "There are no proposals.",
        "No version was returned for revision.",
        "not reached",
    ):
        assert sentence in html
    assert "<svg" not in html


def test_a_report_tells_what_happened() -> None:
    html = REPORTS.html(the_report(PLAN), "en")
    for sentence in (
        "All teams had finished 1 hour 37 minutes after detection.",
        "TWD 50,000",
        "40 people (wanted: 50 people)",
        "not returned",
        "The hotline +886 800 000 001 was open from 22 Nov, 03:26 to 22 Nov, 04:50.",
        "Please say how the double charges were found.",
        "Test the rollback of the checkout service every month.",
        "03:48 release 812 rolled back.",
        "Customer-service agents on standby ran short",
        "Derek Chen (chief technology officer) set severity II.",
        "24 Nov 2026",
        "Chang Hui-wen (head of customer service), 22 Nov, 04:09",
        "not ticked off",
        "Two supervisors from Taipei\nhelp in Hong Kong until 06:00.",
        "File: queue-0335.png",
        "Customer-service agents on standby (6 people)",
        "released: Derek Chen (chief technology officer), 22 Nov, 03:42",
        "On a trusted device.",
    ):
        assert sentence in html


def test_a_request_that_nobody_decided_on_is_told_as_such() -> None:
    report = the_report(PLAN)
    undecided = tuple(entry for entry in report.timeline if entry.details.get("outcome") != "released")
    assert "not decided" in REPORTS.html(replace(report, timeline=undecided), "en")
    lapsed = [
        replace(entry, fact=Fact.DECISION_LAPSED, actor=SYSTEM, details={**entry.details, "outcome": "not_released"})
        if entry.details.get("outcome") == "released"
        else entry
        for entry in report.timeline
    ]
    assert "not released: 22 Nov, 03:42" in REPORTS.html(replace(report, timeline=tuple(lapsed)), "en")


def test_the_budget_of_the_orders_is_a_key_fact_where_one_was_set() -> None:
    report = the_report(PLAN)
    assert report.incident.orders is not None
    assert "<dt>Budget</dt>" not in REPORTS.html(report, "en")
    orders = replace(report.incident.orders, budget=25_000_000)
    html = REPORTS.html(replace(report, incident=replace(report.incident, orders=orders)), "en")
    assert "<dt>Budget</dt><dd>TWD 250,000</dd>" in html


@pytest.mark.parametrize("locale", LOCALES)
def test_every_finding_has_its_proposal(locale: str) -> None:
    proposals = tuple(
        Proposal(
            finding=finding,
            details={"team": "customer_service", "resource": "spare-servers", "wanted": 3, "quantity": 1},
        )
        for finding in Finding
    )
    html = REPORTS.html(replace(the_report(PLAN), proposals=proposals), locale)
    assert "{" not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)


@pytest.mark.parametrize("text", TEXTS, ids=["markup", "template", "turned", "header", "long"])
def test_r23_text_from_outside_is_harmless_in_reports(text: str) -> None:
    report = the_report(PLAN)
    teams = tuple(
        replace(
            work,
            acknowledged=work.acknowledged and replace(work.acknowledged, fields={"comment": text}),
            completed=work.completed and replace(work.completed, fields={"measures": text}, by=text),
            handed_in=work.handed_in
            and replace(work.handed_in, fields={"record": text, "impact": text, "proposal": text}),
        )
        for work in report.teams
    )
    comments = tuple(replace(answer, fields={"comment": text}, by=text) for answer in report.review_comments)
    hostile = replace(
        report,
        incident=hostile_incident(report.incident, text),
        timeline=hostile_timeline(report.timeline, text),
        teams=teams,
        review_comments=comments,
    )
    for locale in LOCALES:
        assert_harmless(REPORTS.html(hostile, locale))


def test_r3_no_secret_reaches_a_report() -> None:
    assert_no_secrets(REPORTS.html(the_report(PLAN), "en"))


def long_report(count: int) -> Report:
    tale = Tale()
    for number in range(count):
        tale.tell(minutes(number / 7), Step.INCIDENT_REPORT, Fact.SIGNAL_JOINED, name="checkout", region="ap-east-1")
    return replace(the_report(PLAN), timeline=tuple(tale.entries))


def test_b8_time_and_memory_grow_linearly_with_the_timeline() -> None:
    def measure(count: int) -> tuple[float, int, int]:
        report = long_report(count)
        tracemalloc.start()
        begin = time.process_time()
        html = REPORTS.html(report, "en")
        seconds = time.process_time() - begin
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return seconds, peak, len(html)

    measure(100)
    small, large = measure(2_000), measure(10_000)
    assert large[0] <= 5 * small[0] * 2
    assert large[1] <= 5 * small[1] * 1.5
    assert long_report(10_000).timeline[-1].at > minutes(1_400)


@pytest.mark.parametrize("spacing", [0, 0.001, 1, 60, 86_400, 86_400 * 30])
@pytest.mark.parametrize("count", [1, 2, 9, 2_000])
def test_a_picture_stays_bounded_and_on_the_page(count: int, spacing: float) -> None:
    tale = Tale()
    for number in range(count):
        step = list(Step)[number % len(Step)]
        tale.tell(minutes(0) + timedelta(seconds=spacing * number), step, Fact.STOOD_DOWN)
    picture = draw(tale.entries, [("Began", minutes(-1)), ("Closed", minutes(90))], PLAN, WORDS["en"])
    assert picture is not None
    places = [dot.x for lane in picture.lanes for dot in lane.dots]
    assert len(places) <= MARKS
    assert sum(dot.count for lane in picture.lanes for dot in lane.dots) == count
    assert all(0 <= x <= 100 for x in places + [tick.x for tick in picture.ticks] + [pin.x for pin in picture.pins])
    assert len(picture.ticks) <= 8


@given(st.lists(st.floats(min_value=0, max_value=1e7), min_size=1, max_size=60))
@settings(max_examples=60)
def test_later_is_never_drawn_further_left(seconds: list[float]) -> None:
    tale = Tale()
    for second in sorted(seconds):
        tale.tell(minutes(second / 60), Step.ORDERS, Fact.STOOD_DOWN)
    picture = draw(tale.entries, [(str(n), entry.at) for n, entry in enumerate(tale.entries)], PLAN, WORDS["en"])
    assert picture is not None
    across = [pin.x for pin in picture.pins]
    assert across == sorted(across)
    ticks = [tick.x for tick in picture.ticks]
    assert all(later - earlier >= 16.9 for earlier, later in pairwise(ticks))


def test_seconds_stay_apart_when_days_lie_between_them() -> None:
    tale = Tale()
    for day in range(2):
        for second in range(6):
            tale.tell(minutes(day * 2_880 + second / 6), Step.ORDERS, Fact.STOOD_DOWN)
    picture = draw(tale.entries, [], PLAN, WORDS["en"])
    assert picture is not None
    assert len(picture.folds) == 1
    assert "2 days" in picture.folded
    assert sum(len(lane.dots) for lane in picture.lanes) == 12


def test_evenly_spread_entries_are_drawn_without_folds() -> None:
    assert (
        picture := draw(
            Tale([replace(e, at=minutes(n * 60)) for n, e in enumerate(the_timeline(PLAN))]).entries,
            [],
            PLAN,
            WORDS["en"],
        )
    )
    assert not picture.folds
