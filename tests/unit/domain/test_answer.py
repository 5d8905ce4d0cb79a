"""What people type into forms, read: amounts, choices, people, text (P6.2, P6.4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.answer import read_answer, read_cents, read_quantity
from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import FUNDS, Plan
from emergency.domain.terms import DecisionKind, Outcome
from tests.support.plans import small_plan

ACTIVATE = {"outcome": ["activate"], "severity": ["SEV2"], "teams": ["technical_support"]}


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("50000", 5_000_000),
        ("50,000", 5_000_000),
        (" 50 000 ", 5_000_000),
        ("50000.50", 5_000_050),
        ("５００００", 5_000_000),
        ("0", 0),
        ("", None),
    ],
)
def test_money_is_read_as_people_write_it(typed: str, cents: int | None) -> None:
    assert read_cents({"budget": [typed]}, "budget") == cents


@pytest.mark.parametrize("typed", ["-1", "1.005", "NaN", "Infinity", "1e99", "a lot", "1" * 40, "五萬"])
def test_what_is_no_amount_is_said_to_be_none(typed: str) -> None:
    with pytest.raises(UnusableAnswer) as caught:
        read_cents({"budget": [typed]}, "budget")
    assert (caught.value.field, caught.value.problem) == ("budget", "unusable")


@pytest.mark.parametrize("typed", ["0", "-3", "1.5", "two"])
def test_a_quantity_is_a_whole_number_above_zero(typed: str) -> None:
    with pytest.raises(UnusableAnswer):
        read_quantity({"quantity": [typed]}, "quantity")


@given(st.text())
def test_no_text_makes_the_reader_of_amounts_stumble(typed: str) -> None:
    try:
        cents = read_cents({"budget": [typed]}, "budget")
    except UnusableAnswer:
        return
    assert cents is None or cents >= 0


def test_orders_name_people_and_money_of_the_plan(plan: Plan) -> None:
    form = {**ACTIVATE, "task_force": ["coo", "ceo"], "budget": ["1,000"]}
    assert read_answer(DecisionKind.ORDERS, plan, form) == (
        Outcome.ACTIVATE,
        {"severity": "SEV2", "teams": "technical_support", "task_force": "ceo,coo", "budget": "100000"},
    )


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [("task_force", "stranger", "unknown"), ("budget", "999999999", "too_much"), ("budget", "-1", "unusable")],
)
def test_what_the_plan_does_not_have_is_refused_by_field(plan: Plan, field: str, value: str, problem: str) -> None:
    with pytest.raises(UnusableAnswer) as caught:
        read_answer(DecisionKind.ORDERS, plan, {**ACTIVATE, field: [value]})
    assert (caught.value.field, caught.value.problem) == (field, problem)


def test_the_small_plan_keeps_funds() -> None:
    assert small_plan().funds == sum(r.stock for r in small_plan().resources.values() if r.kind == FUNDS) > 0
