"""The hotline on Amazon Connect: opened, closed, interrupted anywhere in between (P6.3, P6.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.calls import Calls
from emergency.domain.errors import ContactCentreUnavailable
from emergency.domain.inventory import OpenHotline
from emergency.domain.terms import DecisionKind, Outcome, Step, Team
from emergency.domain.timeline import SYSTEM
from tests.support.crashes import every_crash
from tests.support.events import alarm
from tests.support.house import House
from tests.support.memory import Crash, Faults
from tests.support.plans import connected_plan, small_plan, working_plan

USUAL = {"number-1": "usual-1", "number-2": ""}
"""One number of the pool has a flow of every day, the other has none."""


def connected(faults: Faults | None = None) -> House:
    house = House(connected_plan(small_plan()), faults=faults)
    house.contact_centre.flows.update(USUAL)
    house.contact_centre.counted = Calls(calls=210, answered=180)
    return house


@pytest.fixture
def house() -> House:
    return connected()


def stored(house: House, incident_id: str) -> OpenHotline:
    return house.store.hotlines[incident_id]


class TestOpening:
    def test_calls_reach_the_emergency_flow_and_its_greeting_is_of_this_incident(self, house: House) -> None:
        incident_id = house.report()
        opened = house.open_hotline(incident_id)
        assert opened == stored(house, incident_id)
        assert opened is not None
        assert opened.connected_at is not None
        assert opened.former_flow == "usual-1"
        assert not opened.by_hand
        assert house.contact_centre.flows == {**USUAL, "number-1": "flow-1"}
        assert house.contact_centre.said["flow-1"][0].text == f"Greeting of {incident_id}"
        assert house.contact_centre.about["flow-1"] == f"{incident_id} +886800000001"
        assert house.facts(incident_id)[-1] == "hotline_opened"

    def test_nobody_is_put_through_before_the_greeting_is_theirs(self, house: House) -> None:
        house.open_hotline(house.report())
        done = house.contact_centre.done
        assert done.index("greet") < done.index("connect")

    def test_a_second_run_does_nothing_more(self, house: House) -> None:
        incident_id = house.report()
        first = house.open_hotline(incident_id)
        done = list(house.contact_centre.done)
        assert house.open_hotline(incident_id) == first
        assert house.contact_centre.done == done

    def test_a_closed_queue_is_said_and_the_hotline_opened_all_the_same(self, house: House) -> None:
        house.contact_centre.is_queue_open = False
        incident_id = house.report()
        house.open_hotline(incident_id)
        assert house.facts(incident_id)[-2:] == ["hotline_opened", "hotline_unstaffed"]
        assert house.contact_centre.flows["number-1"] == "flow-1"

    @pytest.mark.parametrize("call", ["flow_of", "greet", "is_staffed", "connect"])
    def test_while_connect_refuses_the_number_is_kept_and_a_later_run_connects_it(
        self, house: House, call: str
    ) -> None:
        incident_id = house.report()
        house.contact_centre.refuses.add(call)
        for _ in range(2):
            with pytest.raises(ContactCentreUnavailable):
                house.open_hotline(incident_id)
        assert house.store.taken == {"line-1": incident_id}
        assert "hotline_opened" not in house.facts(incident_id)
        assert house.contact_centre.flows == USUAL
        house.contact_centre.refuses.clear()
        house.open_hotline(incident_id)
        assert stored(house, incident_id).former_flow == "usual-1"
        assert house.contact_centre.flows["number-1"] == "flow-1"

    def test_a_closed_hotline_is_not_opened_by_a_late_run(self, house: House) -> None:
        incident_id = house.report()
        house.open_hotline(incident_id)
        house.close_hotline(incident_id)
        house.open_hotline(incident_id)
        assert house.contact_centre.flows == USUAL
        assert house.store.taken == {}


class TestClosing:
    def test_the_former_flow_is_back_before_anything_else_and_the_calls_are_counted(self, house: House) -> None:
        incident_id = house.report()
        house.open_hotline(incident_id)
        house.contact_centre.done.clear()
        house.close_hotline(incident_id)
        assert house.contact_centre.flows == USUAL
        assert house.contact_centre.done == ["flow_of", "connect", "calls"]
        assert house.store.taken == {}
        assert house.facts(incident_id)[-2:] == ["calls_counted", "hotline_closed"]
        (count,) = house.store.calls.values()
        assert (count.calls, count.answered, count.complaints, count.by) == (210, 180, None, SYSTEM)

    def test_a_number_that_had_no_flow_has_none_again(self, house: House) -> None:
        first, second = house.report(), house.report(alarm("other", event_id="other"))
        house.open_hotline(first)
        house.open_hotline(second)
        assert house.contact_centre.flows["number-2"] == "flow-2"
        house.close_hotline(second)
        assert house.contact_centre.flows == {"number-1": "flow-1", "number-2": ""}

    def test_what_people_have_switched_to_something_else_is_theirs(self, house: House) -> None:
        incident_id = house.report()
        house.open_hotline(incident_id)
        house.contact_centre.flows["number-1"] = "of the night shift"
        house.close_hotline(incident_id)
        assert house.contact_centre.flows["number-1"] == "of the night shift"
        assert house.store.taken == {}

    def test_calls_that_cannot_be_counted_keep_no_number_from_others(self, house: House) -> None:
        incident_id = house.report()
        house.open_hotline(incident_id)
        house.contact_centre.refuses.add("calls")
        house.close_hotline(incident_id)
        assert house.store.taken == {}
        assert house.store.calls == {}

    def test_what_connect_knows_nothing_of_is_not_counted_as_none(self, house: House) -> None:
        house.contact_centre.counted = None
        incident_id = house.report()
        house.open_hotline(incident_id)
        house.close_hotline(incident_id)
        assert house.store.calls == {}

    def test_a_run_that_was_overtaken_leaves_the_next_incidents_hotline_alone(self, house: House) -> None:
        """Step Functions may call again what still runs; Connect's answer to the first is older than the second."""
        first, second = house.report(), house.report(alarm("other", event_id="other"))
        house.open_hotline(first)
        answer = house.contact_centre.flow_of

        def answers_late(phone_number: str) -> str:
            flow = answer(phone_number)
            house.contact_centre.flow_of = answer  # type: ignore[method-assign]
            house.close_hotline(first)
            house.open_hotline(second)
            return flow

        house.contact_centre.flow_of = answers_late  # type: ignore[method-assign]
        house.close_hotline(first)
        assert house.store.taken == {"line-1": second}
        assert house.contact_centre.flows["number-1"] == "flow-1"

    @pytest.mark.parametrize("call", ["flow_of", "connect"])
    def test_the_number_is_kept_until_it_is_switched_back(self, house: House, call: str) -> None:
        incident_id = house.report()
        house.open_hotline(incident_id)
        house.contact_centre.refuses.add(call)
        with pytest.raises(ContactCentreUnavailable):
            house.close_hotline(incident_id)
        assert house.store.taken == {"line-1": incident_id}
        house.contact_centre.refuses.clear()
        house.close_hotline(incident_id)
        assert house.contact_centre.flows == USUAL
        assert house.store.taken == {}

    def test_a_contact_centre_that_left_the_plan_meanwhile_gives_no_number_back_unswitched(self, house: House) -> None:
        incident_id = house.report()
        house.open_hotline(incident_id)
        house.contact_centre = None  # type: ignore[assignment]
        with pytest.raises(ContactCentreUnavailable):
            house.close_hotline(incident_id)
        assert house.store.taken == {"line-1": incident_id}

    def test_r24_a_hotline_from_before_contact_centres_is_closed_as_it_was_opened(self, house: House) -> None:
        incident_id = house.report()
        old = OpenHotline(incident_id=incident_id, hotline="line-1", number="1", opened_at=house.clock())
        house.hotlines.take(old, [])
        assert house.open_hotline(incident_id) == old
        house.close_hotline(incident_id)
        assert house.contact_centre.done == []
        assert house.store.taken == {}


class TestByHand:
    """Taken out: `handed_to_people`, and nobody could tick what nobody else does."""

    @pytest.fixture
    def by_hand(self) -> House:
        return House(replace(working_plan(), contact_centre=None))

    def test_a_number_is_handed_over_and_nothing_is_switched(self, by_hand: House) -> None:
        incident_id = by_hand.report()
        opened = by_hand.open_hotline(incident_id)
        assert opened is not None
        assert opened.by_hand
        assert by_hand.facts(incident_id)[-1] == "hotline_handed"
        by_hand.close_hotline(incident_id)
        assert by_hand.contact_centre.done == []
        assert by_hand.store.taken == {}

    def test_a_number_without_ids_is_handed_over_beside_those_that_are_connected(self, house: House) -> None:
        first, *others = house.plan.hotlines
        house.plan = replace(house.plan, hotlines=(replace(first, flow=""), *others))
        kinds = [house.open_hotline(house.report(alarm(f"o{n}", event_id=f"o{n}"))) for n in range(2)]
        assert [one.by_hand for one in kinds if one] == [True, False]

    @pytest.mark.parametrize("is_opened_first", [True, False])
    def test_opening_is_a_task_of_the_team(self, by_hand: House, *, is_opened_first: bool) -> None:
        incident_id = by_hand.activate()
        steps: list[Callable[[], object]] = [
            lambda: by_hand.open_hotline(incident_id) and by_hand.do_by_system(incident_id),
            lambda: by_hand.assign(incident_id, Team.CUSTOMER_SERVICE),
        ]
        for step in steps if is_opened_first else reversed(steps):
            step()
        task = by_hand.store.assignments[incident_id, Team.CUSTOMER_SERVICE].task("line")
        assert task.is_open
        assert task.automatic is None
        link = by_hand.asked(incident_id, DecisionKind.COMPLETE, Team.CUSTOMER_SERVICE)
        ticked = by_hand.tick(link, "line").task("line")
        assert ticked.done_by == "head-of-customer-service"

    def test_where_every_number_is_taken_calls_are_the_team_s_to_lead_somewhere(self) -> None:
        house = House(replace(working_plan(), hotlines=()))
        incident_id = house.activate()
        house.assign(incident_id, Team.CUSTOMER_SERVICE)
        assert house.open_hotline(incident_id) is None
        house.do_by_system(incident_id)
        link = house.asked(incident_id, DecisionKind.COMPLETE, Team.CUSTOMER_SERVICE)
        assert house.tick(link, "line").task("line").done_by == "head-of-customer-service"

    def test_closing_is_a_task_that_holds_up_the_clean_up(self, by_hand: House) -> None:
        incident_id = by_hand.activate()
        by_hand.assign(incident_id, Team.CUSTOMER_SERVICE)
        by_hand.open_hotline(incident_id)
        by_hand.begin_clean_up(incident_id)
        tasks = by_hand.store.assignments[incident_id, Team.CUSTOMER_SERVICE].of(Step.SITE_CLEAN_UP)
        assert {(task.id, task.automatic, task.must_close) for task in tasks} == {("closed", None, True)}
        link = by_hand.asked(incident_id, DecisionKind.CLEAN_UP, Team.CUSTOMER_SERVICE)
        by_hand.tick(link, "closed")
        by_hand.press(link, Outcome.HANDED_IN, record=["All there"])
        by_hand.close_hotline(incident_id)
        by_hand.do_by_system(incident_id)
        done = by_hand.store.assignments[incident_id, Team.CUSTOMER_SERVICE].task("closed")
        assert done.done_by == "head-of-customer-service"


def _without_times(hotline: OpenHotline) -> object:
    kept = (hotline.hotline, hotline.former_flow, bool(hotline.connected_at), bool(hotline.closed_at))
    return (*kept, hotline.by_hand)


def what_stands(house: House) -> object:
    return {
        "taken": dict(house.store.taken),
        "hotlines": {key: _without_times(one) for key, one in house.store.hotlines.items()},
        "flows": dict(house.contact_centre.flows),
        "counts": {key: one.calls for key, one in house.store.calls.items()},
        "facts": sorted((owner, entry.fact, entry.key) for (owner, _), entry in house.store.entries.items()),
    }


def _open(house: House, incident_id: str) -> None:
    house.open_hotline(incident_id)


def _close(house: House, incident_id: str) -> None:
    house.close_hotline(incident_id)


def _open_and_close(house: House, incident_id: str) -> None:
    house.open_hotline(incident_id)
    house.close_hotline(incident_id)


@pytest.mark.parametrize("step", [_open, _close, _open_and_close])
def test_r13_a_crash_between_any_two_calls_loses_no_number_and_leaves_no_flow_in_the_wrong_place(
    step: Callable[[House, str], None],
) -> None:
    house, incident_id, wanted = connected(), "", list[object]()

    def reset() -> None:
        nonlocal house, incident_id
        house = connected()
        incident_id = house.report()
        if step is _close:
            house.open_hotline(incident_id)

    def run(faults: Faults) -> None:
        house.faults = faults
        try:
            step(house, incident_id)
        finally:
            house.faults = None

    def check() -> None:
        stands = what_stands(house)
        wanted[:] = wanted or [stands]
        assert stands == wanted[0]
        held = stored(house, incident_id)
        assert held.former_flow == "usual-1"
        assert house.contact_centre.flows["number-1"] == ("usual-1" if held.closed_at else "flow-1")

    assert every_crash(run, check, reset) >= 10


def test_r13_a_crash_while_opening_and_no_second_run_is_mended_by_closing() -> None:
    """The workflow gives up opening after its retries, and closes at clean-up all the same."""
    calls = Faults()
    house = connected()
    house.faults = calls
    house.open_hotline(house.report())
    for at in range(len(calls.calls)):
        for before in (True, False):
            house = connected()
            incident_id = house.report()
            house.faults = Faults(at=at, before=before)
            try:
                house.open_hotline(incident_id)
            except Crash:
                house.faults = None
                house.close_hotline(incident_id)
            house.faults = None
            house.close_hotline(incident_id)
            assert house.contact_centre.flows == USUAL
            assert house.store.taken == {}


STEPS = st.lists(
    st.tuples(st.sampled_from((0, 1)), st.sampled_from((_open, _close)), st.integers(-1, 14), st.booleans()),
    max_size=14,
)


@given(steps=STEPS)
def test_two_incidents_never_meet_whatever_dies(
    steps: list[tuple[int, Callable[[House, str], None], int, bool]],
) -> None:
    """Each step may die at any of its calls. Whoever holds a number is the only one who changes its flow."""
    house = connected()
    ids = [house.report(alarm(f"other-{n}", event_id=str(n))) for n in range(2)]
    for who, step, at, before in steps:
        house.faults = Faults(at=at, before=before)
        try:
            step(house, ids[who])
        except Crash:
            pass
        finally:
            house.faults = None
        held = [house.store.hotlines[owner] for owner in house.store.taken.values()]
        assert len({one.hotline for one in held}) == len(held)
        for number, usual in USUAL.items():
            holder = next((one for one in held if one.phone_number == number), None)
            allowed = {usual, holder.flow} if holder else {usual}
            assert house.contact_centre.flows[number] in allowed
            if holder and holder.connected_at and house.contact_centre.flows[number] == holder.flow:
                assert house.contact_centre.said[holder.flow][0].text == f"Greeting of {holder.incident_id}"
    for incident_id in ids:
        house.close_hotline(incident_id)
    house.clock.now += timedelta(minutes=1)
    assert house.contact_centre.flows == USUAL
    assert house.store.taken == {}
