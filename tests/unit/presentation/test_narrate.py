"""The timeline told: every fact has a sentence in each language, whatever its details."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.terms import DecisionKind, Factor, Outcome, Risk, Step
from emergency.domain.timeline import SYSTEM, Detail, Fact, TimelineEntry
from emergency.presentation.narrate import sentence
from tests.support.telling import LOCALES, PLACE, company, minutes, the_timeline

PLAN, WORDS = company()
LEAD = "head-of-customer-service"
TEAM: Mapping[str, Detail] = {"kind": "complete", "team": "customer_service", "who": LEAD}
LEAD_NAME = "Chang Hui-wen (head of customer service)"


def entry(fact: Fact, details: Mapping[str, Detail] | None = None) -> TimelineEntry:
    return TimelineEntry(
        key="k", at=minutes(0), step=Step.ORDERS, fact=fact, actor=SYSTEM, place=PLACE, details=details or {}
    )


def told(fact: Fact, locale: str = "en", **details: Detail) -> str:
    return sentence(entry(fact, {**TEAM, **details}), PLAN, WORDS[locale], Risk.SYSTEM_FAILURE)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("fact", Fact)
def test_every_fact_has_a_sentence_even_without_details(fact: Fact, locale: str) -> None:
    said = sentence(entry(fact), PLAN, WORDS[locale])
    assert said.endswith((".", "。", "”", "」"))
    assert "{" not in said


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", DecisionKind)
@pytest.mark.parametrize("fact", Fact)
def test_every_question_and_outcome_is_told(fact: Fact, kind: DecisionKind, locale: str) -> None:
    for outcome in Outcome:
        assert told(fact, locale, kind=kind, outcome=outcome, who="chief-executive", level=1)


def test_ids_become_names_and_quantities_get_their_units() -> None:
    english = [sentence(one, PLAN, WORDS["en"], Risk.SYSTEM_FAILURE) for one in the_timeline(PLAN)]
    chinese = [sentence(one, PLAN, WORDS["zh-Hant"], Risk.SYSTEM_FAILURE) for one in the_timeline(PLAN)]
    assert "Lent to technical support: spare servers, 4 units." in english
    assert "Lent to customer service: emergency funds, TWD 50,000." in english
    assert any(line.startswith("Technical support was given 3 tasks") for line in english)
    assert any("（" not in line and "執行長" in line for line in chinese)
    for line in english + chinese:
        assert not any(id_ in line for id_ in ("chief-executive", "technical_support", "spare-servers", "SYSTEM"))
        assert "staff-hotline" not in line


def test_several_people_are_one_enumeration() -> None:
    who = PLAN.leadership.deputy_heads
    assert " and " in told(Fact.DECISION_ASKED, kind="orders", who=who)


def test_what_the_plan_no_longer_holds_is_shown_as_it_is() -> None:
    said = told(Fact.RESOURCE_LENT, resource="old-kit", quantity=3, team="old_team")
    assert "old-kit" in said
    assert "old_team" in said
    assert "old-task" in told(Fact.TASK_DONE, task="old-task")


@pytest.mark.parametrize(
    ("factor", "how"),
    [
        (Factor.LINK, ""),
        (Factor.CODE, " Confirmed with a code."),
        (Factor.TOTP, " Confirmed with the authenticator app."),
        (Factor.DEVICE, " On a trusted device."),
    ],
)
def test_an_answer_tells_how_its_person_was_known(factor: Factor, how: str) -> None:
    said = told(Fact.DECISION_ANSWERED, outcome="completed", factor=factor, voters=(LEAD,), mail="m")
    assert said == f"{LEAD_NAME} reported the tasks of customer service complete.{how}"


def test_an_answer_tells_for_whom_it_was_given_and_who_had_agreed() -> None:
    said = told(
        Fact.DECISION_ANSWERED,
        outcome="completed",
        instead_of="head-of-logistics",
        factor="code",
        voters=("head-of-legal", "head-of-marketing", LEAD),
    )
    assert said.endswith(
        " In place of Ho Chi-keung (head of logistics). Confirmed with a code."
        " The same answer had come from Vivian Leung (head of legal) and Tsai Hsin-yi (head of marketing)."
    )


def test_a_vote_that_does_not_decide_is_told_as_one() -> None:
    said = told(Fact.VOTE_CAST, kind="orders", outcome="activate", factor="device")
    assert said == f"{LEAD_NAME} answered about the orders: plan activated. Others have to agree. On a trusted device."


def test_what_was_handed_over_is_told_with_whom_it_went_to_and_why() -> None:
    said = told(Fact.HANDED_OVER, to=("head-of-legal",), text="I am\non a plane.")
    assert said == (
        f"{LEAD_NAME} handed over the tasks of customer service to Vivian Leung (head of legal)."
        " Reason: “I am on a plane.”"
    )


def test_more_time_is_told_until_when() -> None:
    assert told(Fact.MORE_TIME, until=minutes(60).isoformat()) == (
        f"{LEAD_NAME} asked for more time for the tasks of customer service, until 22 Nov, 04:09."
    )
    assert "until whenever" in told(Fact.MORE_TIME, until="whenever")


def test_a_task_is_told_in_the_words_of_the_incidents_playbook() -> None:
    said = told(Fact.TASK_DONE, "zh-Hant", task="staff-hotline")
    assert "安排人員接聽專門熱線" in said
    assert not said.endswith("。。")
    unknown = sentence(entry(Fact.TASK_DONE, {**TEAM, "task": "staff-hotline"}), PLAN, WORDS["en"])
    assert "staff-hotline" in unknown


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("refused", "was not accepted"),
        ("bounce.permanent", "the address does not work"),
        ("bounce.transient", "takes no mail at the moment"),
        ("complaint", "marked as spam"),
        ("reject", "stopped by the mail service"),
        ("never heard of", "did not arrive"),
        ("", "did not arrive"),
    ],
)
def test_a_mail_that_did_not_arrive_is_told_with_its_reason(reason: str, why: str) -> None:
    assert why in told(Fact.MAIL_UNDELIVERED, reason=reason)


def test_a_stand_in_is_told_with_whom_they_stand_in_for() -> None:
    said = told(Fact.DECISION_DELEGATED, instead_of="head-of-legal")
    assert (
        said == f"Vivian Leung (head of legal) is away, so {LEAD_NAME} was asked about the tasks of customer service."
    )


DETAIL = st.one_of(st.text(max_size=50), st.integers(), st.tuples(st.text(max_size=10)), st.just(()))
NAMES = st.sampled_from(
    (
        *("name", "region", "severity", "likelihood", "who", "team", "teams", "task_force", "kind", "outcome"),
        *("level", "tasks", "number", "resource", "quantity", "wanted", "round", "unheard_of"),
        *("to", "instead_of", "factor", "voters", "text", "file", "until", "task", "reason"),
    )
)


@given(st.sampled_from(Fact), st.dictionaries(NAMES, DETAIL), st.sampled_from(LOCALES))
def test_no_details_whatever_crash_a_sentence(fact: Fact, details: dict[str, Detail], locale: str) -> None:
    said = sentence(entry(fact, details), PLAN, WORDS[locale], Risk.SYSTEM_FAILURE)
    assert "\n" not in said
