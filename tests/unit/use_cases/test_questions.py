"""Questions to people: asked, answered, late, doubled, escalated, crashed; one outcome in every case (R1, R4, R5, R12)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emergency.domain.decision import digest_of
from emergency.domain.errors import DecisionSettled, ForgedForm, MailRefused, NobodyReached, UnknownLink
from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Outcome, Team
from tests.support.crashes import every_crash
from tests.support.house import House
from tests.support.memory import Faults

ORDERED = {"severity": ["SEV2"], "teams": ["technical_support", "public_relations"]}


@pytest.fixture
def house(plan: Plan) -> House:
    return House(plan)


@pytest.fixture
def asked(house: House) -> str:
    """An incident whose orders the head has been asked for."""
    incident_id = house.report()
    house.prepare(incident_id, DecisionKind.ORDERS)
    house.ask(incident_id, "orders")
    return incident_id


def test_each_person_gets_one_mail_with_a_link_of_their_own(house: House, asked: str) -> None:
    house.ask(asked, "orders", level=1, token="token-1")
    assert [mail.to.id for mail in house.post.sent] == ["ceo", "cto", "coo"]
    assert len({mail.text for mail in house.post.sent}) == 3


def test_who_cannot_be_reached_does_not_keep_the_others_from_being_asked(house: House, asked: str) -> None:
    house.post.refuses = {"cto"}
    assert house.ask(asked, "orders", level=1, token="token-1") == ("cto",)
    assert [mail.to.id for mail in house.post.sent] == ["ceo", "coo"]
    house.press(house.link_ids("coo")[0], Outcome.STAND_DOWN)
    assert house.workflow.resumed == [("token-1", "orders", Outcome.STAND_DOWN)]


def test_a_rung_on_which_nobody_can_be_reached_fails_and_can_be_asked_again(house: House, asked: str) -> None:
    house.post.refuses = {"cto", "coo"}
    with pytest.raises(MailRefused):
        house.ask(asked, "orders", level=1, token="token-1")
    house.post.refuses = set()
    assert house.ask(asked, "orders", level=1, token="token-1") == ()
    assert [mail.to.id for mail in house.post.sent] == ["ceo", "cto", "coo"]


def test_r24_who_left_the_plan_since_the_question_was_prepared_is_passed_over(house: House, asked: str) -> None:
    contacts = {key: contact for key, contact in house.plan.contacts.items() if key != "cto"}
    later = replace(house.plan, contacts=contacts)
    assert house.ask(asked, "orders", level=1, token="token-1", plan=later) == ("cto",)
    assert [mail.to.id for mail in house.post.sent] == ["ceo", "coo"]


def test_r4_only_the_digest_of_a_link_is_stored(house: House, asked: str) -> None:
    (link_id,) = house.link_ids("ceo")
    assert link_id not in house.store.links
    assert digest_of(link_id) in house.store.links
    with pytest.raises(UnknownLink):
        house.answers().look(digest_of(link_id))


def test_r1_looking_changes_nothing(house: House, asked: str) -> None:
    (link_id,) = house.link_ids("ceo")
    before = repr(house.store)
    for _ in range(100):
        house.answers().look(link_id)
    assert repr(house.store) == before
    assert not house.workflow.resumed


def test_a_pressed_button_decides_and_tells_the_workflow(house: House, asked: str) -> None:
    house.press(house.link_ids("ceo")[0], Outcome.ACTIVATE, **ORDERED)
    assert house.workflow.resumed == [("token-0", "orders", Outcome.ACTIVATE)]


def test_r5_the_first_answer_counts_and_the_second_person_is_told(house: House, asked: str) -> None:
    house.ask(asked, "orders", level=1, token="token-1")
    house.press(house.link_ids("coo")[0], Outcome.STAND_DOWN)
    with pytest.raises(DecisionSettled):
        house.press(house.link_ids("cto")[0], Outcome.ACTIVATE, **ORDERED)
    assert [outcome for _, _, outcome in house.workflow.resumed] == [Outcome.STAND_DOWN]


def test_a_form_without_its_nonce_decides_nothing(house: House, asked: str) -> None:
    answers = house.answers()
    opened = answers.look(house.link_ids("ceo")[0])
    with pytest.raises(ForgedForm):
        answers.decide(opened, {"outcome": ["activate"], **ORDERED})
    assert not house.workflow.resumed


def test_r12_an_answer_by_the_older_mail_counts_under_the_newer_token(house: House, asked: str) -> None:
    house.ask(asked, "orders", level=1, token="token-1")
    house.press(house.link_ids("ceo")[0], Outcome.ACTIVATE, **ORDERED)
    assert house.workflow.resumed == [("token-1", "orders", Outcome.ACTIVATE)]


def test_a_straggler_of_an_earlier_rung_mails_nobody_and_leaves_the_newer_token(house: House, asked: str) -> None:
    house.ask(asked, "orders", level=1, token="token-1")
    sent = len(house.post.sent)
    house.post.refuses = {"ceo"}
    assert house.ask(asked, "orders", level=0, token="token-0") == ()
    assert len(house.post.sent) == sent
    house.press(house.link_ids("cto")[0], Outcome.STAND_DOWN)
    assert house.workflow.resumed == [("token-1", "orders", Outcome.STAND_DOWN)]


def test_silence_escalates_rung_by_rung_and_then_the_plan_decides(house: House, asked: str) -> None:
    assert house.look(asked, "orders", 0) == ("escalate", None)
    assert house.look(asked, "orders", 1) == ("escalate", None)
    assert house.look(asked, "orders", 2) == ("lapse", None)
    assert house.lapse(asked, "orders") is Outcome.ACTIVATE
    with pytest.raises(DecisionSettled):
        house.press(house.link_ids("ceo")[0], Outcome.STAND_DOWN)


def test_a_ladder_on_which_nobody_could_be_mailed_has_no_outcome(house: House) -> None:
    incident_id = house.report()
    house.prepare(incident_id, DecisionKind.ORDERS)
    assert house.look(incident_id, "orders", 0) == ("escalate", None)
    with pytest.raises(NobodyReached):
        house.look(incident_id, "orders", 2)


def test_an_answer_that_the_workflow_never_heard_of_is_found_when_the_rung_ends(house: House, asked: str) -> None:
    house.workflow.waiting.clear()
    house.press(house.link_ids("ceo")[0], Outcome.STAND_DOWN)
    assert house.look(asked, "orders", 0) == ("settled", Outcome.STAND_DOWN)
    assert house.lapse(asked, "orders") is Outcome.STAND_DOWN


def test_an_answer_recorded_before_the_next_rung_is_asked_is_passed_on_at_once(house: House, asked: str) -> None:
    house.workflow.waiting.clear()
    house.press(house.link_ids("ceo")[0], Outcome.STAND_DOWN)
    sent = len(house.post.sent)
    house.ask(asked, "orders", level=1, token="token-1")
    assert house.workflow.resumed == [("token-1", "orders", Outcome.STAND_DOWN)]
    assert len(house.post.sent) == sent


def test_a_second_press_makes_up_for_a_lost_first_one(house: House, asked: str) -> None:
    (link_id,) = house.link_ids("ceo")
    house.workflow.waiting.clear()
    house.press(link_id, Outcome.ACTIVATE, **ORDERED)
    house.workflow.waiting.add("token-0")
    with pytest.raises(DecisionSettled):
        house.press(link_id, Outcome.ACTIVATE, **ORDERED)
    assert house.workflow.resumed == [("token-0", "orders", Outcome.ACTIVATE)]


def test_a_team_question_goes_to_the_lead_and_then_the_deputy(house: House) -> None:
    incident_id = house.report()
    decision = house.prepare(incident_id, DecisionKind.ACKNOWLEDGE, Team.TECHNICAL_SUPPORT)
    assert decision.rungs == (("cto",), ("head-of-it",))


def test_r18_asking_twice_never_mails_zero_times_and_a_crash_is_made_up_for(plan: Plan) -> None:
    house = House(plan)

    def reset() -> None:
        house.__init__(plan)  # type: ignore[misc]

    def run(faults: Faults) -> None:
        house.faults = None
        incident_id = house.report()
        house.faults = faults
        house.prepare(incident_id, DecisionKind.ORDERS)
        house.ask(incident_id, "orders", level=0)
        house.ask(incident_id, "orders", level=1, token="token-1")

    def check() -> None:
        asked = [mail.name for mail in house.post.sent]
        assert set(asked) == {"orders/0/ceo", "orders/1/cto", "orders/1/coo"}
        assert len(asked) <= 4
        (decision,) = house.store.decisions.values()
        assert [(a.contact, a.level) for a in decision.asked] == [("ceo", 0), ("cto", 1), ("coo", 1)]
        assert all(
            digest_of(link) in house.store.links for who in ("ceo", "cto", "coo") for link in house.link_ids(who)
        )

    assert every_crash(run, check, reset) > 20


def test_a_crash_at_any_call_of_an_answer_leaves_one_outcome_that_the_workflow_hears(plan: Plan) -> None:
    house = House(plan)

    def reset() -> None:
        house.__init__(plan)  # type: ignore[misc]
        incident_id = house.report()
        house.prepare(incident_id, DecisionKind.ORDERS)
        house.ask(incident_id, "orders")

    def run(faults: Faults) -> None:
        house.faults = faults
        try:
            house.press(house.link_ids("ceo")[0], Outcome.ACTIVATE, **ORDERED)
        except DecisionSettled:
            return
        finally:
            house.faults = None

    def check() -> None:
        assert house.workflow.resumed == [("token-0", "orders", Outcome.ACTIVATE)]

    assert every_crash(run, check, reset) >= 8
