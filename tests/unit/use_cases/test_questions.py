"""Questions to people: asked, answered, late, doubled, escalated, crashed; one outcome in every case (R1, R4, R5, R12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from emergency.domain.decision import CutShort
from emergency.domain.errors import DecisionSettled, ForgedForm, NobodyReached, UnknownLink
from emergency.domain.link import digest_of
from emergency.domain.plan import Absence, Plan
from emergency.domain.terms import DecisionKind, Outcome, Severity, Team
from emergency.use_cases.ask_people import Look, Standing
from tests.support.crashes import every_crash
from tests.support.house import House
from tests.support.memory import Faults
from tests.support.plans import with_contact, with_decision

ORDERED = {"severity": ["SEV2"], "teams": ["technical_support", "public_relations"]}


@pytest.fixture
def asked(house: House) -> str:
    """An incident whose orders the head has been asked for."""
    return house.put_orders()


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


def test_a_rung_on_which_nobody_can_be_reached_goes_on_at_once_and_says_so(house: House, asked: str) -> None:
    house.post.refuses = {"cto", "coo"}
    assert house.ask(asked, "orders", level=1, token="token-1") == ("cto", "coo")
    assert house.workflow.hurried == [("token-1", "orders", CutShort.MAIL_BOUNCED)]
    found = house.look(asked, "orders", 1)
    assert (found.standing, found.turn and found.turn.level) == (Standing.ASK, 2)
    assert house.facts(asked).count("mail_undelivered") == 2
    assert "decision_unanswered" not in house.facts(asked)


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
        house.open(digest_of(link_id))


def test_r1_looking_changes_nothing(house: House, asked: str) -> None:
    (link_id,) = house.link_ids("ceo")
    before = repr(house.store)
    for _ in range(100):
        house.open(link_id)
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
    opened = house.open(house.link_ids("ceo")[0])
    with pytest.raises(ForgedForm):
        house.answers().press(opened, {"outcome": ["activate"], **ORDERED})
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
    for level in (1, 2):
        found = house.time_out(asked, "orders")
        assert (found.standing, found.turn and found.turn.level) == (Standing.ASK, level)
        house.ask(asked, "orders", level=level, token=f"token-{level}")
    assert house.time_out(asked, "orders").standing is Standing.LAPSE
    assert house.lapse(asked, "orders") is Outcome.ACTIVATE
    with pytest.raises(DecisionSettled):
        house.press(house.link_ids("ceo")[0], Outcome.STAND_DOWN)


def test_a_ladder_on_which_nobody_could_be_mailed_has_no_outcome(house: House) -> None:
    house.post.refuses = set(house.plan.contacts)
    incident_id = house.report()
    house.prepare(incident_id, DecisionKind.ORDERS)
    for level in range(3):
        house.ask(incident_id, "orders", level=level, token=f"token-{level}")
    with pytest.raises(NobodyReached):
        house.look(incident_id, "orders", 2)


def test_a_ladder_that_starts_over_pages_the_leadership_group_first(plan: Plan) -> None:
    house = House(with_decision(plan, DecisionKind.REVIEW, start_over=1))
    incident_id = house.report()
    review = house.prepare(incident_id, DecisionKind.REVIEW, round_=1)
    house.ask(incident_id, review.id)
    assert house.time_out(incident_id, review.id).standing is Standing.ASK
    house.ask(incident_id, review.id, level=1, token="token-1")
    found = house.time_out(incident_id, review.id)
    assert (found.standing, found.turn and found.turn.level) == (Standing.PAGE, 2)
    assert house.facts(incident_id)[-1] == "leadership_paged"
    house.ask(incident_id, review.id, level=2, token="token-2")
    assert [mail.to.id for mail in house.post.sent] == ["ceo", "cto", "coo", "ceo"]


def test_a_reminder_goes_to_those_who_are_silent_with_a_link_of_its_own(plan: Plan) -> None:
    house = House(with_decision(plan, DecisionKind.ORDERS, remind_at=60, needed=dict.fromkeys(Severity, 2)))
    incident_id = house.put_orders()
    house.press(house.link_ids("ceo")[0], Outcome.STAND_DOWN)
    for _ in range(2):
        house.ask(incident_id, "orders", token="token-1", reminder=True)
    reminded = [mail.name for mail in house.post.sent if mail.name.endswith("reminder")]
    assert reminded == ["orders/0/cto/reminder", "orders/0/coo/reminder"]
    assert house.facts(incident_id).count("decision_reminded") == 2
    house.press(house.link_ids("cto")[0], Outcome.STAND_DOWN)
    assert house.workflow.resumed == [("token-1", "orders", Outcome.STAND_DOWN)]


def test_an_absent_contacts_delegate_is_asked_instead_and_the_record_says_for_whom(plan: Plan) -> None:
    absence = Absence(first=date(2026, 11, 20), last=date(2026, 11, 30))
    away = with_contact(plan, "ceo", absences=(absence,), delegate="coo")
    house = House(away)
    incident_id = house.put_orders()
    assert [mail.to.id for mail in house.post.sent] == ["coo"]
    assert "decision_delegated" in house.facts(incident_id)
    house.press(house.link_ids("coo")[0], Outcome.STAND_DOWN)
    assert house.store.decisions[incident_id, "orders"].votes[0].instead_of == "ceo"


def test_where_everybody_on_the_way_is_away_the_person_themselves_is_asked(plan: Plan) -> None:
    absence = Absence(first=date(2026, 11, 20), last=date(2026, 11, 30))
    away = with_contact(plan, "ceo", absences=(absence,), delegate="coo")
    away = with_contact(away, "coo", absences=(absence,), delegate="ceo")
    assert away.stand_in("ceo", datetime(2026, 11, 22, tzinfo=UTC)) == "ceo"


def test_a_day_of_absence_begins_and_ends_where_the_company_is(plan: Plan) -> None:
    absence = Absence(first=date(2026, 11, 20), last=date(2026, 11, 20))
    away = with_contact(plan, "ceo", absences=(absence,), delegate="coo")
    assert away.stand_in("ceo", datetime(2026, 11, 19, 15, 59, tzinfo=UTC)) == "ceo"
    assert away.stand_in("ceo", datetime(2026, 11, 19, 16, 0, tzinfo=UTC)) == "coo"
    assert away.stand_in("ceo", datetime(2026, 11, 20, 15, 59, tzinfo=UTC)) == "coo"
    assert away.stand_in("ceo", datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) == "ceo"


def test_an_answer_that_the_workflow_never_heard_of_is_found_when_the_rung_ends(house: House, asked: str) -> None:
    house.workflow.waiting.clear()
    house.press(house.link_ids("ceo")[0], Outcome.STAND_DOWN)
    assert house.look(asked, "orders", 0) == Look(standing=Standing.SETTLED, outcome=Outcome.STAND_DOWN)
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
        house.put_orders()

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
