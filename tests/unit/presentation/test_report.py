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

from emergency.domain.report import Finding, Proposal, Report, write_report
from emergency.domain.terms import Outcome, Step
from emergency.domain.timeline import SYSTEM, Fact
from emergency.presentation.picture import MARKS, draw
from emergency.presentation.report import ReportWriter
from tests.support.hostile import TEXTS, assert_harmless, assert_no_secrets, hostile_incident, hostile_timeline
from tests.support.teams_at_work import DIGEST, NOTICE, UNSENT, plan_at_work, the_whole_record, the_whole_report
from tests.support.telling import LOCALES, Tale, company, empty_report, minutes, the_report, the_timeline

PLAN, WORDS = company()
REPORTS = ReportWriter(PLAN, WORDS)
WORKING = plan_at_work(PLAN)
TEAMS_AT_WORK = ReportWriter(WORKING, WORDS)
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


def cells(html: str) -> str:
    """The document's text with a bar between what stands apart."""
    return re.sub(r"\s*(<[^>]*>\s*)+", "|", html)


@pytest.mark.parametrize(
    "row",
    [
        (
            "|Open the hotline and tell the contact centre its number.|Kuo Mei-ling (manager of the Taipei contact centre)"
            "|22 Nov, 03:34|Kuo Mei-ling (manager of the Taipei contact centre), 22 Nov, 03:33|"
        ),
        "|22 Nov, 03:49|Chang Hui-wen (head of customer service), 22 Nov, 04:01|12 minutes late|",
        "|no target|skipped: Chang Hui-wen (head of customer service), 22 Nov, 03:39. Reason: “Finance has them.”|",
        "|Lend what the playbook sets aside.|no target|by the system, 22 Nov, 03:27|",
        "|22 Nov, 04:09|not ticked off, past its target|",
        "|Site clean-up|Task|Owner|Target|Done|Ask the bank.|",
        "|Vivian Leung (head of legal) confirmed on 22 Nov, 03:39 which notices apply.|",
        (
            "|EU: personal data breach|the authority in charge|22 Nov, 04:19|Vivian Leung (head of legal), 22 Nov, 04:29"
            "|10 minutes late|R-7|"
        ),
        "|22 Nov, 04:19|does not apply: Vivian Leung (head of legal), 22 Nov, 04:30. Reason: “Not essential.”|",
        "|22 Nov, 04:19|not reported as sent|2 days 9 hours late|",
        (
            "|One update had not come when it was due.|Chang Hui-wen (head of customer service), 22 Nov, 04:24 (late)"
            "|Status page.|Chang Hui-wen (head of customer service), 22 Nov, 04:25|Solved.|"
        ),
        "|1 (wanted: 2 people): Lai Pin-yu|",
        "|Emergency funds|Customer service|TWD 50,000|22 Nov, 03:26|TWD 12,500|22 Nov, 04:50: TWD 37,500|",
        "|Spare mobile phones|Customer service|4 phones|22 Nov, 03:26|1|22 Nov, 04:50: 3 phones|",
        "|Requested|TWD 50,000|Approved|TWD 50,000|Spent|TWD 12,500|Returned|TWD 37,500|Left|TWD 0|",
        (
            "|Spare mobile phones (1)|Customer service|Chang Hui-wen (head of customer service), 22 Nov, 04:31"
            "|Lost on the way.|"
        ),
        "|The complete record was sealed on 22 Nov, 16:30: 14 documents. The SHA-256 of its manifest is " + DIGEST,
        "|2 tasks of customer service missed their targets.",
        "|The notice “EU: personal data breach” was not sent in time.",
        "|One update to the public was late.",
    ],
)
def test_a_report_tells_what_teams_clocks_and_money_came_to(row: str) -> None:
    assert row in cells(TEAMS_AT_WORK.html(the_whole_report(WORKING), "en"))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_report_of_teams_at_work_is_whole_in_each_language(locale: str) -> None:
    html = TEAMS_AT_WORK.html(the_whole_report(WORKING), locale)
    assert DIGEST in html
    assert not re.search(r"\{\w+\}", re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))
    assert_no_secrets(html)


def test_what_there_was_none_of_has_no_heading() -> None:
    html = REPORTS.html(the_report(PLAN), "en")
    for heading in ("Notices to authorities", "Updates to the public", "Spent and written off", "was sealed"):
        assert heading not in html


def test_a_notice_that_is_still_to_be_sent_is_late_only_once_its_time_has_passed() -> None:
    report = the_whole_report(WORKING)
    waiting = next(replace(notice, answer=None) for notice in report.notices if notice.clock.notice == UNSENT)
    assert not waiting.is_late(waiting.clock.due_at)
    assert waiting.is_late(waiting.clock.due_at + timedelta(seconds=1))
    html = TEAMS_AT_WORK.html(replace(report, notices=(waiting,), written_at=waiting.clock.due_at), "en")
    assert "|22 Nov, 04:19|not sent yet|" in cells(html)


def test_what_came_late_is_a_finding_and_what_came_in_time_is_none() -> None:
    record = the_whole_record(WORKING)
    late = [
        one for one in write_report(record, round_=1, now=minutes(3_501)).proposals if one.finding.endswith("_late")
    ]
    assert [(one.finding, dict(one.details)) for one in late] == [
        (Finding.TASKS_LATE, {"team": "technical_support", "count": 2}),
        (Finding.TASKS_LATE, {"team": "customer_service", "count": 2}),
        (Finding.NOTICE_LATE, {"notice": NOTICE}),
        (Finding.NOTICE_LATE, {"notice": UNSENT}),
        (Finding.UPDATES_LATE, {"count": 1}),
    ]
    in_time = replace(
        record,
        timeline=tuple(entry for entry in record.timeline if entry.fact is not Fact.UPDATE_LATE),
        assignments={
            team: replace(work, tasks=tuple(task for task in work.tasks if not task.is_late(minutes(3_501))))
            for team, work in record.assignments.items()
        },
        decisions={
            id_: replace(decision, answer=replace(decision.answer, at=minutes(60)))
            for id_, decision in record.decisions.items()
            if decision.answer and decision.answer.outcome is not Outcome.NOT_SENT
        },
    )
    found = {proposal.finding for proposal in write_report(in_time, round_=1, now=minutes(3_501)).proposals}
    assert not found & {Finding.TASKS_LATE, Finding.NOTICE_LATE, Finding.UPDATES_LATE}


def test_r23_what_teams_write_is_harmless_in_reports() -> None:
    report = the_whole_report(WORKING)
    for text in TEXTS:
        teams = tuple(
            replace(
                work,
                assignment=replace(
                    work.assignment, tasks=tuple(replace(t, reason=text, owner=text) for t in work.assignment.tasks)
                ),
            )
            for work in report.teams
            if work.assignment
        )
        hostile = replace(
            report,
            teams=teams,
            timeline=hostile_timeline(report.timeline, text),
            expenses=tuple(replace(expense, reason=text, by=text) for expense in report.expenses),
            updates=tuple(replace(update, text=text, by=text) for update in report.updates),
            notices=tuple(
                replace(notice, answer=replace(notice.answer, fields={"reference": text, "comment": text}, by=text))
                for notice in report.notices
                if notice.answer
            ),
        )
        for locale in LOCALES:
            assert_harmless(TEAMS_AT_WORK.html(hostile, locale))


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
            details={
                "team": "customer_service",
                "resource": "spare-servers",
                "wanted": 3,
                "quantity": 1,
                "notice": "gdpr",
                "count": 2,
            },
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
