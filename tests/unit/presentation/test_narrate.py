"""The timeline told: every fact has a sentence in each language, whatever its details."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.terms import DecisionKind, Outcome, Step
from emergency.domain.timeline import SYSTEM, Detail, Fact, TimelineEntry
from emergency.presentation.narrate import sentence
from tests.support.telling import LOCALES, PLACE, company, minutes, the_timeline

PLAN, WORDS = company()


def entry(fact: Fact, details: Mapping[str, Detail] | None = None) -> TimelineEntry:
    return TimelineEntry(
        key="k", at=minutes(0), step=Step.ORDERS, fact=fact, actor=SYSTEM, place=PLACE, details=details or {}
    )


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("fact", Fact)
def test_every_fact_has_a_sentence_even_without_details(fact: Fact, locale: str) -> None:
    told = sentence(entry(fact), PLAN, WORDS[locale])
    assert told.endswith((".", "。"))
    assert "{" not in told


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", DecisionKind)
@pytest.mark.parametrize("fact", [fact for fact in Fact if fact.startswith("decision_")])
def test_every_question_and_outcome_is_told(fact: Fact, kind: DecisionKind, locale: str) -> None:
    for outcome in Outcome:
        details: dict[str, Detail] = {"kind": kind, "outcome": outcome, "team": "customer_service", "who": "chief-executive", "level": 1}
        assert sentence(entry(fact, details), PLAN, WORDS[locale])


def test_ids_become_names_and_quantities_get_their_units() -> None:
    told = [sentence(one, PLAN, WORDS["en"]) for one in the_timeline(PLAN)]
    chinese = [sentence(one, PLAN, WORDS["zh-Hant"]) for one in the_timeline(PLAN)]
    assert "Lent to technical support: spare servers, 4 units." in told
    assert "Lent to customer service: emergency funds, TWD 50,000." in told
    assert any(line.startswith("Technical support was given 3 tasks") for line in told)
    assert any("（" not in line and "執行長" in line for line in chinese)
    for line in told + chinese:
        assert not any(id_ in line for id_ in ("chief-executive", "technical_support", "spare-servers", "SYSTEM"))


def test_several_people_are_one_enumeration() -> None:
    who = PLAN.leadership.deputy_heads
    told = sentence(entry(Fact.DECISION_ASKED, {"kind": "orders", "who": who}), PLAN, WORDS["en"])
    assert " and " in told


def test_what_the_plan_no_longer_holds_is_shown_as_it_is() -> None:
    details: dict[str, Detail] = {"resource": "old-kit", "quantity": 3, "team": "old_team"}
    told = sentence(entry(Fact.RESOURCE_LENT, details), PLAN, WORDS["en"])
    assert "old-kit" in told
    assert "old_team" in told


DETAIL = st.one_of(st.text(max_size=50), st.integers(), st.tuples(st.text(max_size=10)), st.just(()))
NAMES = st.sampled_from(
    (
        *("name", "region", "severity", "likelihood", "who", "team", "teams", "task_force", "kind", "outcome"),
        *("level", "tasks", "number", "resource", "quantity", "wanted", "round", "unheard_of"),
    )
)


@given(st.sampled_from(Fact), st.dictionaries(NAMES, DETAIL), st.sampled_from(LOCALES))
def test_no_details_whatever_crash_a_sentence(fact: Fact, details: dict[str, Detail], locale: str) -> None:
    told = sentence(entry(fact, details), PLAN, WORDS[locale])
    assert "\n" not in told
