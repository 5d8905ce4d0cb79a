"""What a person reports: read from a form, carried by an event, understood by the plan's places."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.classification import cause_of, incident_from, placed, rule_for
from emergency.domain.errors import UnusableReport
from emergency.domain.event import read_signal
from emergency.domain.incident_report import REPORT_LIMITS, event_of, local_minute, read_report, report_id
from emergency.domain.plan import Match as Looked
from emergency.domain.plan import Plan, Reporting, ReportPlace, Rule
from emergency.domain.report_event import REPORT_SOURCE, place_of
from emergency.domain.signal import Meaning
from emergency.domain.terms import Risk
from tests.support.plans import working_plan

NOW = datetime(2026, 11, 22, 3, 12, 45, tzinfo=UTC)
PLACES = (
    ReportPlace(id="checkout", name={"en": "Cart and checkout", "zh-Hant": "購物車與結帳"}, component="checkout"),
    ReportPlace(id="deliveries", name={"en": "Deliveries", "zh-Hant": "配送"}, component="deliveries"),
)
FORM = {"time": ["2026-11-22T11:05"], "place": ["checkout"], "nature": ["data_breach"], "first_impact": ["Cards leak."]}


@pytest.fixture(scope="module")
def plan() -> Plan:
    plan = working_plan()
    in_zone = dataclasses.replace(plan.company, time_zone="Asia/Taipei")
    return dataclasses.replace(plan, company=in_zone, reporting=Reporting(places=PLACES))


def problems(form: dict[str, list[str]], plan: Plan) -> dict[str, str]:
    with pytest.raises(UnusableReport) as raised:
        read_report(form, plan, NOW)
    return dict(raised.value.problems)


def test_a_form_is_read_in_the_company_s_time(plan: Plan) -> None:
    report = read_report({**FORM, "place_words": [" only\non Android "]}, plan, NOW)
    assert report.noticed_at == datetime(2026, 11, 22, 3, 5, tzinfo=UTC)
    assert (report.where, report.risk, report.first_impact) == (
        "checkout: only on Android",
        Risk.DATA_BREACH,
        "Cards leak.",
    )
    assert local_minute(report.noticed_at, plan) == FORM["time"][0]


def test_every_field_says_what_is_wrong_with_it_at_once(plan: Plan) -> None:
    missing = {"time": "missing", "place": "missing", "nature": "missing", "first_impact": "missing"}
    assert problems({}, plan) == missing
    assert problems({**FORM, "place": ["elsewhere"]}, plan) == {"place_words": "missing"}
    assert problems({**FORM, "place": ["moon"], "nature": ["war"]}, plan) == {"place": "unknown", "nature": "unknown"}
    over = "x" * (REPORT_LIMITS["first_impact"] + 1)
    assert problems({**FORM, "first_impact": [over]}, plan) == {"first_impact": "too_long"}


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59+00:00"])
def test_a_time_that_is_none_is_refused(plan: Plan, time: str) -> None:
    assert problems({**FORM, "time": [time]}, plan) == {"time": "unusable"}


def test_a_clock_that_is_a_little_ahead_is_forgiven_and_the_future_is_not(plan: Plan) -> None:
    ahead = local_minute(NOW + timedelta(minutes=4), plan)
    assert read_report({**FORM, "time": [ahead]}, plan, NOW).noticed_at > NOW
    assert problems({**FORM, "time": [local_minute(NOW + timedelta(hours=1), plan)]}, plan) == {"time": "future"}


@given(
    st.fixed_dictionaries(
        {name: st.just(values) | st.lists(st.text(max_size=40), max_size=2) for name, values in FORM.items()},
        optional={"place_words": st.lists(st.text(max_size=40), max_size=2)},
    )
)
def test_no_form_brings_anything_but_a_report_or_what_is_wrong(form: dict[str, list[str]]) -> None:
    plan = dataclasses.replace(working_plan(), reporting=Reporting(places=PLACES))
    try:
        report = read_report(form, plan, NOW)
    except UnusableReport:
        return
    assert read_signal(event_of(report, id_="r", now=NOW)).report is not None


def test_the_same_page_sent_twice_is_one_report() -> None:
    assert report_id("link", "1") == report_id("link", "1")
    assert len({report_id("link", "1"), report_id("link", "2"), report_id("other", "1")}) == 3


@pytest.mark.parametrize(("by", "link"), [("ceo", ""), ("", "digest"), ("", "")])
def test_the_event_of_a_report_is_read_as_that_report(plan: Plan, by: str, link: str) -> None:
    report = read_report({**FORM, "nature": ["unknown"]}, plan, NOW)
    signal = read_signal(event_of(report, id_="report-1", now=NOW, by=by, link=link))
    assert signal.report is not None
    assert (signal.id, signal.meaning, signal.began_at) == ("report-1", Meaning.FAILURE, report.noticed_at)
    assert (signal.report.place, signal.report.risk, signal.report.by) == ("checkout", None, by)
    assert signal.report.first_impact == report.first_impact


@pytest.mark.parametrize(
    ("said", "place", "words"),
    [
        ("checkout", "checkout", ""),
        ("購物車與結帳: 手機", "checkout", "手機"),
        ("CART AND CHECKOUT", "checkout", ""),
        ("the roof: north", None, "the roof: north"),
    ],
)
def test_a_place_is_known_by_its_id_and_its_names(plan: Plan, said: str, place: str | None, words: str) -> None:
    found, told = place_of(said, plan)
    assert (found.id if found else None, told) == (place, words)


def _rule(**fields: Any) -> Rule:
    text = {"en": "Failure ({resource})", "zh-Hant": "故障（{resource}）", "zh-Hans": "故障（{resource}）"}
    given = {"place": {"en": "x"}, "first_impact": {"en": "x"}, "component": "{resource}", "title": text, **fields}
    return Rule(risk=Risk.SYSTEM_FAILURE, **given)


def test_a_report_belongs_to_the_component_of_its_place_and_tells_in_its_writer_s_words(plan: Plan) -> None:
    rules = (
        _rule(id="delay", match=Looked(source=REPORT_SOURCE, name="deliveries")),
        _rule(id="else", match=Looked(source=REPORT_SOURCE)),
    )
    plan = dataclasses.replace(plan, rules=rules)
    contact = next(iter(plan.contacts))

    def incident(place: str, by: str) -> Any:
        report = read_report({**FORM, "place": [place], "place_words": ["the north gate"]}, plan, NOW)
        signal = placed(read_signal(event_of(report, id_="r", now=NOW, by=by)), plan)
        rule = rule_for(signal, plan)
        assert cause_of(signal, rule) == f"system_failure/{place if place != 'elsewhere' else 'the north gate'}"
        return incident_from(signal, rule, plan, incident_id="INC-1", now=NOW)

    at_checkout = incident("checkout", contact)
    assert (at_checkout.rule, at_checkout.component, at_checkout.reporter) == ("else", "checkout", contact)
    assert at_checkout.title["zh-Hant"] == "故障（購物車與結帳）"
    assert at_checkout.place["en"] == "Cart and checkout (the north gate)"
    assert set(at_checkout.first_impact.values()) == {"Cards leak."}
    assert incident("deliveries", "nobody").rule == "delay"
    assert incident("elsewhere", "nobody").reporter == ""
