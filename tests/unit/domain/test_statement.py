"""Statements: read without markup, filled from the plan's templates, grouped as the public knows incidents (P6.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import DEFAULT_PLAYBOOK, Plan, StatementTemplate
from emergency.domain.statement import (
    BODY_LIMIT,
    CURRENT_FOR,
    PLACEHOLDERS,
    SHOWN_FOR,
    TITLE_LIMIT,
    Statement,
    Wording,
    draft_from,
    field_of,
    filled,
    incidents_of,
    next_phase,
    read_draft,
    read_phase,
)
from emergency.domain.terms import Phase, Risk
from tests.support.plans import both, small_plan

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PLAN = small_plan()


def form(title: str = "Slow", text: str = "It is slow.", locale: str = "en") -> dict[str, Sequence[str]]:
    """A form that can be used but for what is said in one language."""
    fine = {field_of(part, one): ["Fine"] for part in ("title", "text") for one in ("en", "zh-Hant")}
    return {**fine, field_of("title", locale): [title], field_of("text", locale): [text]}


def said(minutes: float, incident: str = "INC-1", phase: Phase = Phase.UPDATE) -> Statement:
    return Statement(
        incident_id=incident,
        id=f"statement-{minutes}",
        risk=Risk.SYSTEM_FAILURE,
        phase=phase,
        texts={"en": Wording(title="Slow", text="It is slow.")},
        by="head-of-marketing",
        approved_by=("cto",),
        began_at=NOW,
        published_at=NOW + timedelta(minutes=minutes),
    )


class TestReading:
    def test_a_statement_is_read_in_every_language_of_the_public(self) -> None:
        texts = read_draft(form("  A \r\n title ", "One.\r\n\r\nTwo. \n"), PLAN)
        assert texts["en"] == Wording(title="A title", text="One.\n\nTwo.")
        assert set(texts) == {"en", "zh-Hant"}

    def test_paragraphs_are_apart_by_an_empty_line(self) -> None:
        assert Wording(title="t", text="One,\nstill one.\n \t\n\nTwo.").paragraphs == ("One,\nstill one.", "Two.")

    @pytest.mark.parametrize("locale", ["en", "zh-Hant"])
    @pytest.mark.parametrize(
        ("title", "text", "part", "problem"),
        [
            ("", "Text", "title", "missing"),
            ("Title", " \n ", "text", "missing"),
            ("x" * (TITLE_LIMIT + 1), "Text", "title", "too_long"),
            ("Title", "x" * (BODY_LIMIT + 1), "text", "too_long"),
            ("<b>Now</b>", "Text", "title", "markup"),
            ("Title", "<script>alert(1)</script>", "text", "markup"),
            ("Title", "See <!-- this -->", "text", "markup"),
            ("Title", "</p>", "text", "markup"),
            ("Title", "<?xml version='1.0'?>", "text", "markup"),
            ("Title", "&lt;b&gt;", "text", "markup"),
            ("Title", "&#x3c;b", "text", "markup"),
            ("Title", "bell \a", "text", "markup"),
            ("Title", "nul \x00", "text", "markup"),
            ("Title", "turned \u202egnp.exe", "text", "markup"),
            ("Title", "isolated \u2066x", "text", "markup"),
            ("Title", "zero\u200bwidth", "text", "markup"),
            ("Title", "bom \ufeff here", "text", "markup"),
            ("Title", "line\u2028separator", "text", "markup"),
            ("Title", "lone \ud800 surrogate", "text", "markup"),
            ("Title", "no \uffff character", "text", "markup"),
        ],
    )
    def test_what_cannot_be_published_is_named_with_its_field(
        self, title: str, text: str, part: str, problem: str, locale: str
    ) -> None:
        with pytest.raises(UnusableAnswer) as caught:
            read_draft(form(title, text, locale), PLAN)
        assert (caught.value.field, caught.value.problem) == (f"{part}-{locale}", problem)

    @pytest.mark.parametrize(
        "text", ["1 < 2 & 3 > 2", "AT&T, R&D", "x" * BODY_LIMIT, "家庭 👨\u200d👩\u200d👧", "Tab\there", "{hotline}"]
    )
    def test_what_people_write_is_no_markup(self, text: str) -> None:
        assert read_draft(form("Title", text), PLAN)["en"].text == text

    def test_a_language_that_is_left_out_is_missing(self) -> None:
        with pytest.raises(UnusableAnswer) as caught:
            read_draft({"title-en": ["Title"], "text-en": ["Text"]}, PLAN)
        assert (caught.value.field, caught.value.problem) == ("title-zh-Hant", "missing")

    @given(st.text())
    def test_whatever_is_written_is_read_or_named(self, text: str) -> None:
        try:
            read = read_draft(form("Title", text), PLAN)["en"].text
        except UnusableAnswer as error:
            read = f"{error.field} {error.problem}"
        assert read in {"text-en missing", "text-en too_long", "text-en markup"} or "<script" not in read.lower()
        read.encode()

    @pytest.mark.parametrize(("given", "problem"), [([], "missing"), (["over"], "unknown")])
    def test_a_phase_is_one_of_three(self, given: list[str], problem: str) -> None:
        assert read_phase({"phase": ["resolved"]}) is Phase.RESOLVED
        with pytest.raises(UnusableAnswer) as caught:
            read_phase({"phase": given})
        assert caught.value.problem == problem


VALUES = {locale: dict.fromkeys(PLACEHOLDERS, f"<{locale}>") for locale in ("en", "zh-Hant")}


class TestDrafting:
    def test_every_placeholder_is_filled_in_its_language(self) -> None:
        texts = draft_from(PLAN, "anything", Phase.UPDATE, VALUES)
        assert texts["en"] == Wording(title="<en>: update", text="Since <en>. Call <en>. Next: <en>.")
        assert texts["zh-Hant"].title == "<zh-Hant>: update"

    def test_a_playbook_s_own_template_comes_first(self) -> None:
        template = StatementTemplate(title=both("Attack"), text=both("We are attacked."))
        statements = {**PLAN.communications.statements, "network_attack": {Phase.FIRST_NOTICE: template}}
        plan: Plan = replace(PLAN, communications=replace(PLAN.communications, statements=statements))
        assert draft_from(plan, "network_attack", Phase.FIRST_NOTICE, VALUES)["en"].title == "Attack"
        assert draft_from(plan, "network_attack", Phase.RESOLVED, VALUES)["en"].title == "<en>: resolved"
        assert DEFAULT_PLAYBOOK in plan.communications.statements

    def test_what_has_no_value_stays_for_people_to_see_and_values_are_not_filled_again(self) -> None:
        assert filled("{a} {b} {a}", {"a": "{b}"}) == "{b} {b} {b}"
        assert filled("{unknown} {", {}) == "{unknown} {"

    def test_the_first_notice_is_followed_by_updates(self) -> None:
        assert next_phase([]) is Phase.FIRST_NOTICE
        assert next_phase([said(1)]) is Phase.UPDATE


class TestIncidents:
    def test_they_are_told_by_their_statements_in_order(self) -> None:
        incidents = incidents_of([said(9), said(1, phase=Phase.FIRST_NOTICE), said(5, "INC-2")], NOW)
        assert [(one.id, [s.id for s in one.statements]) for one in incidents] == [
            ("INC-1", ["statement-1", "statement-9"]),
            ("INC-2", ["statement-5"]),
        ]

    def test_one_goes_on_until_the_public_is_told_that_it_is_over(self) -> None:
        (going,) = incidents_of([said(1)], NOW)
        assert going.is_current(NOW + timedelta(hours=1))
        (over,) = incidents_of([said(1), said(60, phase=Phase.RESOLVED)], NOW)
        assert not over.is_current(NOW + timedelta(hours=1))
        assert over.resolved_at == over.ended_at(NOW) == NOW + timedelta(hours=1)

    def test_it_begins_again_where_that_was_too_early(self) -> None:
        (again,) = incidents_of([said(1), said(60, phase=Phase.RESOLVED), said(90)], NOW)
        assert again.is_current(NOW + timedelta(hours=2))
        assert again.resolved_at is None

    def test_one_that_nobody_speaks_of_any_more_is_not_worked_on_for_ever(self) -> None:
        (old,) = incidents_of([said(0)], NOW)
        assert old.is_current(NOW + CURRENT_FOR - timedelta(seconds=1))
        assert not old.is_current(NOW + CURRENT_FOR)
        assert old.ended_at(NOW + CURRENT_FOR) == NOW

    def test_after_a_year_it_is_no_longer_shown(self) -> None:
        assert incidents_of([said(0)], NOW + SHOWN_FOR - timedelta(seconds=1))
        assert not incidents_of([said(0)], NOW + SHOWN_FOR)

    def test_a_statement_from_before_a_language_is_told_in_one_that_it_has(self) -> None:
        assert said(1).wording("zh-Hant").title == "Slow"
