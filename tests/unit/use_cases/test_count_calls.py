"""Customer service counts calls and complaints on its pages (P6.3, P8.2)."""

from __future__ import annotations

import pytest

from emergency.domain.errors import DecisionSettled, ForgedForm, NotYours, UnusableAnswer
from emergency.domain.terms import DecisionKind, Outcome, Team
from tests.support.house import House
from tests.support.plans import working_plan

LEAD = "head-of-customer-service"


@pytest.fixture
def house() -> House:
    return House(working_plan())


@pytest.fixture
def link(house: House) -> str:
    incident_id = house.activate()
    house.assign(incident_id, Team.CUSTOMER_SERVICE)
    return house.asked(incident_id, DecisionKind.COMPLETE, Team.CUSTOMER_SERVICE)


def test_a_count_is_on_record_with_who_counted(house: House, link: str) -> None:
    count = house.count_calls(link, calls=["1,210"], complaints=["１２"])
    assert (count.calls, count.complaints, count.answered, count.by) == (1210, 12, None, LEAD)
    opened = house.open(link)
    assert opened.record.calls == opened.briefing.calls == (count,)
    entry = opened.record.timeline[-1]
    assert (entry.fact, entry.details["calls"], entry.details["complaints"]) == ("calls_counted", 1210, 12)


def test_complaints_may_be_unknown_and_no_call_is_a_count(house: House, link: str) -> None:
    count = house.count_calls(link, calls=["0"], complaints=[""])
    assert (count.calls, count.complaints) == (0, None)
    assert "complaints" not in house.open(link).record.timeline[-1].details


def test_the_same_form_twice_is_one_count_and_another_form_a_second(house: House, link: str) -> None:
    for once in ("one", "one", "two"):
        house.count_calls(link, calls=["5"], once=[once])
    assert len(house.store.calls) == 2


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({}, "calls", "missing"),
        ({"calls": [" "]}, "calls", "missing"),
        ({"calls": ["many"]}, "calls", "unusable"),
        ({"calls": ["-1"]}, "calls", "unusable"),
        ({"calls": ["1.5"]}, "calls", "unusable"),
        ({"calls": ["10,000,001"]}, "calls", "unusable"),
        ({"calls": ["NaN"]}, "calls", "unusable"),
        ({"calls": ["5"], "complaints": ["some"]}, "complaints", "unusable"),
    ],
)
def test_what_is_no_number_of_calls_is_not_taken(
    house: House, link: str, fields: dict[str, list[str]], field: str, problem: str
) -> None:
    with pytest.raises(UnusableAnswer) as refused:
        house.count_calls(link, **fields)
    assert (refused.value.field, refused.value.problem) == (field, problem)
    assert not house.store.calls


def test_only_customer_service_counts(house: House) -> None:
    incident_id = house.activate()
    house.assign(incident_id, Team.TECHNICAL_SUPPORT)
    link = house.asked(incident_id, DecisionKind.COMPLETE, Team.TECHNICAL_SUPPORT)
    with pytest.raises(UnusableAnswer):
        house.count_calls(link, calls=["5"])


def test_who_helps_counts_nothing_nor_does_a_forged_form_or_a_late_one(house: House, link: str) -> None:
    helper = next(one for one in house.post.sent if one.to.id == "coo" and one.text.startswith("https://"))
    with pytest.raises(NotYours):
        house.count_calls(helper.text.rpartition("/")[2], calls=["5"])
    with pytest.raises(ForgedForm):
        house.count_calls(link, calls=["5"], nonce=["x"])
    house.press(link, Outcome.COMPLETED, measures=["Done"])
    with pytest.raises(DecisionSettled):
        house.count_calls(link, calls=["5"])
    assert not house.store.calls
