"""The decision protocol's rules (R4, R5, R6, R12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from emergency.domain.decision import (
    QUESTIONS,
    Decision,
    Link,
    answered,
    asked,
    asking,
    check_nonce,
    decision_id,
    digest_of,
    lapsed,
    nonce_for,
    prepared,
    read_answer,
)
from emergency.domain.errors import DecisionSettled, ForgedForm, UnusableAnswer
from emergency.domain.plan import Plan
from emergency.domain.signal import incident_from, read_signal, rule_for
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


def test_r5_a_settled_decision_takes_no_other_outcome(plan: Plan) -> None:
    settled = answered(question(plan), by="ceo", outcome=Outcome.ACTIVATE, fields={}, now=NOW)
    with pytest.raises(DecisionSettled):
        answered(settled, by="cto", outcome=Outcome.STAND_DOWN, fields={}, now=NOW)
    with pytest.raises(DecisionSettled):
        lapsed(settled, now=NOW)
    with pytest.raises(DecisionSettled):
        asking(settled, level=1, task_token="t", place=PLACE, now=NOW)


def test_an_unmailed_person_counts_as_not_asked(plan: Plan) -> None:
    decision = asking(question(plan), level=0, task_token="t", place=PLACE, now=NOW)
    assert not decision.was_asked("ceo", 0)
    decision = asked(decision, "ceo", mail_id="m-1", now=NOW)
    assert decision.was_asked("ceo", 0)
    assert not decision.was_asked("ceo", 1)


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
        read_answer(question(plan, kind, Team.TECHNICAL_SUPPORT), form)
    assert (caught.value.field, caught.value.problem) == (field, problem)


def test_orders_carry_severity_and_teams_and_nothing_that_was_not_asked(plan: Plan) -> None:
    form = {
        "outcome": ["activate"],
        "severity": ["SEV1"],
        "teams": ["public_relations", "technical_support"],
        "comment": ["  Go\r\nahead "],
        "by": ["somebody else"],
    }
    outcome, fields = read_answer(question(plan), form)
    assert outcome is Outcome.ACTIVATE
    assert fields == {"severity": "SEV1", "teams": "technical_support,public_relations", "comment": "Go\nahead"}


def test_standing_down_needs_neither_severity_nor_teams(plan: Plan) -> None:
    assert read_answer(question(plan), {"outcome": ["stand_down"], "severity": ["SEV1"]}) == (Outcome.STAND_DOWN, {})


def test_every_kind_of_question_has_a_natural_answer_first() -> None:
    assert {kind: QUESTIONS[kind].outcomes[0] for kind in DecisionKind} == {
        DecisionKind.ORDERS: Outcome.ACTIVATE,
        DecisionKind.ACKNOWLEDGE: Outcome.ACKNOWLEDGED,
        DecisionKind.COMPLETE: Outcome.COMPLETED,
        DecisionKind.CLEAN_UP: Outcome.HANDED_IN,
        DecisionKind.REVIEW: Outcome.ACCEPTED,
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
