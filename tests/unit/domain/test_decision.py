"""The decision protocol's rules (R4, R5, R6, R12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from emergency.domain.answer import QUESTIONS, read_answer
from emergency.domain.classification import incident_from, rule_for
from emergency.domain.decision import (
    Asked,
    CutShort,
    Decision,
    Turn,
    Vote,
    asked,
    asking,
    decision_id,
    first_wait,
    given_more_time,
    handed_over,
    lapsed,
    next_turn,
    prepared,
    unreached,
    voted,
    without_the_unreachable,
)
from emergency.domain.errors import CannotPassOn, DecisionSettled, ForgedForm, NoMoreTime, UnusableAnswer
from emergency.domain.event import read_signal
from emergency.domain.link import Link, check_nonce, digest_of, nonce_for
from emergency.domain.plan import MoreTime, Plan
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.domain.timeline import Place
from tests.support.events import alarm

NOW = datetime(2026, 11, 22, 3, 13, tzinfo=UTC)
PLACE = Place(execution="INC-1-orders", state="Ask")


def question(plan: Plan, kind: DecisionKind = DecisionKind.ORDERS, team: Team | None = None) -> Decision:
    signal = read_signal(alarm())
    incident = incident_from(signal, rule_for(signal, plan), plan, incident_id="INC-1", now=NOW)
    return prepared(incident, plan, kind=kind, team=team, round_=0, form_key="key", place=PLACE, now=NOW)


def test_orders_climb_from_the_head_to_the_deputies_to_the_members(plan: Plan) -> None:
    assert question(plan).rungs == (("ceo",), ("cto", "coo"), ("head-of-it",))


def test_nobody_stands_on_two_rungs(plan: Plan) -> None:
    leadership = replace(plan.leadership, members=("ceo", "head-of-it"))
    assert question(replace(plan, leadership=leadership)).rungs[-1] == ("head-of-it",)


def test_silence_means_what_the_severity_declares(plan: Plan) -> None:
    assert question(plan).on_silence is Outcome.ACTIVATE
    assert question(plan, DecisionKind.COMPLETE, Team.PUBLIC_RELATIONS).on_silence is Outcome.NOT_COMPLETED


def test_a_rung_waits_from_when_it_is_first_asked_and_a_retry_keeps_its_end(plan: Plan) -> None:
    first = asking(question(plan), level=0, task_token="t1", place=PLACE, now=NOW)
    again = asking(first, level=0, task_token="t2", place=PLACE, now=NOW + timedelta(seconds=30))
    assert first.due_at == again.due_at == NOW + timedelta(seconds=600)
    assert again.task_token == "t2"
    up = asking(again, level=1, task_token="t3", place=PLACE, now=NOW + timedelta(seconds=600))
    assert up.due_at == NOW + timedelta(seconds=1200)


def vote(by: str = "ceo", outcome: Outcome = Outcome.ACTIVATE, **fields: str) -> Vote:
    return Vote(by=by, outcome=outcome, at=NOW, fields=fields)


def begun(plan: Plan, level: int = 0, **changes: object) -> Decision:
    decision = replace(question(plan), **changes)  # type: ignore[arg-type]
    return asking(decision, level=level, task_token="t", place=PLACE, now=NOW)


def mailed(decision: Decision, *contacts: str) -> Decision:
    for contact in contacts:
        decision = asked(decision, Asked(contact=contact, level=decision.level, at=NOW, mail_id=f"m-{contact}"))
    return decision


def test_r5_a_settled_decision_takes_no_other_outcome(plan: Plan) -> None:
    settled = voted(question(plan), vote())
    attempts: tuple[Callable[[], object], ...] = (
        lambda: voted(settled, vote("cto", Outcome.STAND_DOWN)),
        lambda: lapsed(settled, now=NOW),
        lambda: asking(settled, level=1, task_token="t", place=PLACE, now=NOW),
        lambda: handed_over(settled, "ceo"),
        lambda: given_more_time(settled),
    )
    for late in attempts:
        with pytest.raises(DecisionSettled):
            late()


def test_an_unmailed_person_counts_as_not_asked(plan: Plan) -> None:
    decision = begun(plan)
    assert not decision.was_mailed("ceo", 0)
    decision = mailed(decision, "ceo")
    assert decision.was_mailed("ceo", 0)
    assert not decision.was_mailed("ceo", 1)
    assert not decision.was_mailed("ceo", 0, reminder=True)


class TestLadder:
    """Whose turn it is, and for how long."""

    def test_each_rung_has_its_own_time_and_the_last_number_counts_for_the_rest(self, plan: Plan) -> None:
        decision = replace(question(plan), waits=(600, 300))
        assert [decision.seconds(level) for level in range(4)] == [600, 300, 300, 600]

    def test_a_silent_rung_is_reminded_once_and_then_the_next_one_is_asked(self, plan: Plan) -> None:
        decision = mailed(begun(plan, remind_at=60), "ceo")
        assert first_wait(decision, 0) == 360
        assert next_turn(decision, 0, NOW + timedelta(seconds=360)) == Turn(level=0, seconds=240, reminder=True)
        reminded = asking(decision, level=0, reminder=True, task_token="t2", place=PLACE, now=NOW)
        assert reminded.due_at == decision.due_at
        assert next_turn(reminded, 0, NOW + timedelta(seconds=600)) == Turn(level=1, seconds=360)

    def test_a_long_rung_is_not_cut_short_by_a_late_reminder(self, plan: Plan) -> None:
        """Taken out: the most that a rung's end may be missed by, which lets four hours end twelve minutes early."""
        decision = mailed(begun(plan, waits=(14_400,), remind_at=95), "ceo")
        reminded = next_turn(decision, 0, NOW + timedelta(seconds=13_680))
        assert reminded == Turn(level=0, seconds=720, reminder=True)

    def test_a_timer_that_ends_a_moment_before_the_record_says_is_over_all_the_same(self, plan: Plan) -> None:
        assert next_turn(mailed(begun(plan), "ceo"), 0, NOW + timedelta(seconds=595)) == Turn(level=1, seconds=600)

    def test_r19_a_level_on_which_nobody_could_be_mailed_is_not_waited_for(self, plan: Plan) -> None:
        """Taken out: `awaits_somebody` in `next_turn`."""
        soon = NOW + timedelta(seconds=30)
        assert next_turn(begun(plan), 0, soon) == Turn(level=1, seconds=600)
        assert next_turn(mailed(begun(plan, level=1), "coo"), 1, soon) == Turn(level=1, seconds=570)
        assert next_turn(begun(plan, level=2), 2, soon) is None
        earlier = Asked(contact="ceo", level=0, at=NOW, mail_id="m")
        assert next_turn(begun(plan, level=2, asked=(earlier,)), 2, soon) == Turn(level=2, seconds=570)

    def test_the_ladder_ends_with_the_last_level(self, plan: Plan) -> None:
        assert next_turn(begun(plan, level=2), 2, NOW + timedelta(days=1)) is None

    def test_a_ladder_that_starts_over_asks_everybody_once_more_under_new_levels(self, plan: Plan) -> None:
        decision = begun(plan, level=2, start_over=1)
        assert decision.starts_over_next
        assert decision.next_rung == ("ceo",)
        assert next_turn(decision, 2, NOW + timedelta(days=1)) == Turn(level=3, seconds=600)
        assert next_turn(begun(plan, level=5, start_over=1), 5, NOW + timedelta(days=1)) is None

    def test_more_time_moves_the_end_and_the_reminder_and_is_given_so_often_and_no_more(self, plan: Plan) -> None:
        decision = mailed(begun(plan, remind_at=60, more_time=MoreTime(times=1, share=50)), "ceo")
        longer = given_more_time(decision)
        assert longer.due_at == NOW + timedelta(seconds=900)
        assert next_turn(longer, 0, NOW + timedelta(seconds=360)) == Turn(level=0, seconds=180)
        assert next_turn(longer, 0, NOW + timedelta(seconds=540)) == Turn(level=0, seconds=360, reminder=True)
        with pytest.raises(NoMoreTime):
            given_more_time(longer)

    def test_a_hand_over_ends_the_rung_at_once_and_only_by_whoever_holds_the_question(self, plan: Plan) -> None:
        decision = mailed(begun(plan, hand_over=True), "ceo")
        passed_on = handed_over(decision, "ceo")
        assert passed_on.cut_short is CutShort.HANDED_OVER
        assert next_turn(passed_on, 0, NOW) == Turn(level=1, seconds=600)
        for nobody in ("cto", "stranger"):
            with pytest.raises(CannotPassOn):
                handed_over(decision, nobody)
        with pytest.raises(CannotPassOn):
            handed_over(mailed(begun(plan), "ceo"), "ceo")

    def test_the_last_rung_has_nobody_to_hand_over_to(self, plan: Plan) -> None:
        with pytest.raises(CannotPassOn):
            handed_over(mailed(begun(plan, level=2, hand_over=True), "head-of-it"), "head-of-it")

    def test_the_next_level_begins_with_a_clean_slate(self, plan: Plan) -> None:
        decision = handed_over(mailed(begun(plan, hand_over=True), "ceo"), "ceo")
        after = asking(decision, level=1, task_token="t2", place=PLACE, now=NOW)
        assert after.cut_short is None
        assert not after.reminded


class TestUnreachable:
    """Whom mail doesn't reach holds nobody up (R19)."""

    def test_one_of_two_out_of_reach_leaves_the_rung_waiting(self, plan: Plan) -> None:
        decision = mailed(begun(plan, level=1), "cto", "coo")
        one = unreached(decision, "cto", 1, "refused", now=NOW)
        assert without_the_unreachable(one, (), ["cto", "coo"]) == one

    def test_a_rung_with_nobody_in_reach_is_cut_short(self, plan: Plan) -> None:
        decision = mailed(begun(plan, level=1), "cto", "coo")
        one = unreached(decision, "cto", 1, "refused", now=NOW)
        assert without_the_unreachable(one, {"coo"}, ["cto", "coo"]).cut_short is CutShort.MAIL_BOUNCED

    def test_the_last_rung_waits_on_where_somebody_was_reached_before(self, plan: Plan) -> None:
        first = mailed(begun(plan), "ceo")
        last = mailed(asking(first, level=2, task_token="t", place=PLACE, now=NOW), "head-of-it")
        lost = unreached(last, "head-of-it", 2, "refused", now=NOW)
        assert without_the_unreachable(lost, (), ["head-of-it"]) == lost

    def test_the_last_rung_does_not_wait_where_nobody_ever_was(self, plan: Plan) -> None:
        last = begun(plan, level=2)
        lost = unreached(last, "head-of-it", 2, "refused", now=NOW)
        assert without_the_unreachable(lost, (), ["head-of-it"]).cut_short is CutShort.MAIL_BOUNCED


class TestQuorum:
    """Two heads: who agrees with whom, and on what."""

    def test_votes_agree_on_the_substance_not_on_the_remarks(self, plan: Plan) -> None:
        decision = replace(question(plan), needed=2)
        first = voted(decision, vote("ceo", severity="SEV2", comment="Go"))
        assert first.is_open
        second = voted(first, vote("cto", severity="SEV2", comment="Agreed"))
        assert second.answer is not None
        assert second.answer.voters == ("ceo", "cto")

    def test_another_proposal_is_a_vote_of_its_own_until_somebody_joins_it(self, plan: Plan) -> None:
        decision = replace(question(plan), needed=2)
        split = voted(voted(decision, vote("ceo", severity="SEV2")), vote("cto", severity="SEV1"))
        assert split.is_open
        joined = voted(split, vote("ceo", severity="SEV1"))
        assert joined.answer is not None
        assert joined.answer.fields == {"severity": "SEV1"}

    def test_one_person_has_one_vote_however_often_they_press(self, plan: Plan) -> None:
        decision = replace(question(plan), needed=2)
        for _ in range(3):
            decision = voted(decision, vote("ceo"))
        assert decision.is_open
        assert len(decision.votes) == 1

    def test_the_first_rungs_are_asked_together_until_they_are_enough(self, plan: Plan) -> None:
        assert plan.ladder(DecisionKind.ORDERS, None, needed=2) == (("ceo", "cto", "coo"), ("head-of-it",))


@pytest.mark.parametrize(
    ("kind", "form", "field", "problem"),
    [
        (DecisionKind.ORDERS, {}, "outcome", "missing"),
        (DecisionKind.ORDERS, {"outcome": ["accepted"]}, "outcome", "unknown"),
        (DecisionKind.ORDERS, {"outcome": ["activate", "stand_down"]}, "outcome", "unknown"),
        (DecisionKind.ORDERS, {"outcome": ["not_acknowledged"]}, "outcome", "unknown"),
        (DecisionKind.ORDERS, {"outcome": ["activate"], "teams": ["technical_support"]}, "severity", "missing"),
        (DecisionKind.ORDERS, {"outcome": ["activate"], "severity": ["SEV9"], "teams": ["x"]}, "severity", "unknown"),
        (DecisionKind.ORDERS, {"outcome": ["activate"], "severity": ["SEV1"]}, "teams", "missing"),
        (DecisionKind.ORDERS, {"outcome": ["activate"], "severity": ["SEV1"], "teams": ["x"]}, "teams", "unknown"),
        (DecisionKind.COMPLETE, {"outcome": ["completed"], "measures": [" "]}, "measures", "missing"),
        (DecisionKind.COMPLETE, {"outcome": ["completed"], "measures": ["x" * 4001]}, "measures", "too_long"),
        (DecisionKind.REVIEW, {"outcome": ["returned"]}, "comment", "missing"),
    ],
)
def test_an_unusable_answer_names_the_field_and_the_problem(
    plan: Plan, kind: DecisionKind, form: dict[str, list[str]], field: str, problem: str
) -> None:
    with pytest.raises(UnusableAnswer) as caught:
        read_answer(kind, plan, form)
    assert (caught.value.field, caught.value.problem) == (field, problem)


def test_orders_carry_severity_and_teams_and_nothing_that_was_not_asked(plan: Plan) -> None:
    form = {
        "outcome": ["activate"],
        "severity": ["SEV1"],
        "teams": ["public_relations", "technical_support"],
        "comment": ["  Go\r\nahead "],
        "by": ["somebody else"],
    }
    outcome, fields = read_answer(DecisionKind.ORDERS, plan, form)
    assert outcome is Outcome.ACTIVATE
    assert fields == {"severity": "SEV1", "teams": "technical_support,public_relations", "comment": "Go\nahead"}


def test_standing_down_needs_neither_severity_nor_teams(plan: Plan) -> None:
    assert read_answer(DecisionKind.ORDERS, plan, {"outcome": ["stand_down"], "severity": ["SEV1"]}) == (
        Outcome.STAND_DOWN,
        {},
    )


def test_every_kind_of_question_has_a_natural_answer_first() -> None:
    assert {kind: QUESTIONS[kind].outcomes[0] for kind in DecisionKind} == {
        DecisionKind.ORDERS: Outcome.ACTIVATE,
        DecisionKind.ACKNOWLEDGE: Outcome.ACKNOWLEDGED,
        DecisionKind.COMPLETE: Outcome.COMPLETED,
        DecisionKind.CLEAN_UP: Outcome.HANDED_IN,
        DecisionKind.REVIEW: Outcome.ACCEPTED,
        DecisionKind.RELEASE: Outcome.RELEASED,
        DecisionKind.DUTIES: Outcome.CONFIRMED,
        DecisionKind.NOTICE: Outcome.SENT,
        DecisionKind.STATEMENT: Outcome.APPROVED,
        DecisionKind.CARRIER: Outcome.CONFIRMED,
        DecisionKind.SEVERITY: Outcome.RAISED,
        DecisionKind.MAINTENANCE: Outcome.APPROVED,
    }


def link(decision: Decision, contact: str = "ceo", link_id: str = "id") -> Link:
    return Link(
        digest=digest_of(link_id),
        incident_id=decision.incident_id,
        decision_id=decision.id,
        contact=contact,
        level=0,
        made_at=NOW,
    )


def test_r6_a_nonce_fits_its_link_person_and_decision_only(plan: Plan) -> None:
    decision = question(plan)
    nonce = nonce_for(decision, link(decision))
    check_nonce(decision, link(decision), nonce)
    for other in (link(decision, "cto"), link(decision, link_id="other"), replace(link(decision), decision_id="x")):
        forged = nonce_for(replace(decision, id=other.decision_id), other)
        with pytest.raises(ForgedForm):
            check_nonce(decision, link(decision), forged)
    for nonsense in ("", "字", digest_of("id")):
        with pytest.raises(ForgedForm):
            check_nonce(decision, link(decision), nonsense)


def test_decision_ids_are_readable() -> None:
    assert decision_id(DecisionKind.ORDERS) == "orders"
    assert decision_id(DecisionKind.COMPLETE, Team.PUBLIC_RELATIONS) == "complete-public_relations"
    assert decision_id(DecisionKind.REVIEW, None, 2) == "review-2"
