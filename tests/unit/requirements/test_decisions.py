"""One outcome, by the right person, once, whatever dies in between (R5, R6, R9, R12, R13, R18, R19)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, BrokenBarrierError, Lock
from typing import Any
from unittest.mock import patch

import pytest

from emergency.domain.decision import CutShort, Decision, Turn
from emergency.domain.errors import DecisionSettled, ForgedForm, NobodyReached, NoMoreTime, NotYours, PostUnavailable
from emergency.domain.incident import IncidentStatus
from emergency.domain.mail_feedback import Feedback, MailFeedback
from emergency.domain.plan import MoreTime, Plan
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.ports import Mail
from emergency.use_cases.ask_people import Standing
from tests.support.crashes import every_crash
from tests.support.house import House
from tests.support.memory import Faults, MemoryDecisions
from tests.support.plans import with_contact, with_decision

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
REQUEST = {"resource": ["spare-server"], "quantity": ["1"], "reason": ["More load"], "once": ["page-1"]}


@pytest.fixture
def open_orders(house: House) -> str:
    return house.put_orders()


def came_back(incident_id: str, contact: str, level: int = 0, **changes: object) -> MailFeedback:
    told: dict[str, object] = {
        "id": f"ses-{contact}-{level}",
        "kind": Feedback.BOUNCE,
        "reason": "bounce.permanent",
        "is_lasting": True,
        "incident_id": incident_id,
        "decision_id": "orders",
        "contact": contact,
        "level": level,
        "purpose": "question",
        "at": NOW,
        **changes,
    }
    return MailFeedback(**told)  # type: ignore[arg-type]


def requested(house: House) -> tuple[str, str]:
    """An active incident whose technical lead has asked for a server; gives the incident's and the decision's id."""
    incident_id = house.put_orders()
    house.press(house.link_ids("ceo")[-1], Outcome.ACTIVATE, severity=["SEV2"], teams=["technical_support"])
    house.carry_out(incident_id)
    decision = house.prepare(incident_id, DecisionKind.COMPLETE, Team.TECHNICAL_SUPPORT)
    house.ask(incident_id, decision.id, token="token-complete")
    return incident_id, house.request(house.link_ids("cto")[-1], **REQUEST).id


def test_r5_fifty_answers_at_once_have_one_winner_and_tell_the_workflow_once(plan: Plan) -> None:
    """Taken out: both the version at which a decision is saved and the one key of its outcome's entry.

    Each of the two is enough by itself. The same over HTTP, with processes that really run side by side, is in `tests/browser/test_answering.py`.
    """
    house = House(plan)
    incident_id = house.put_orders()
    house.ask(incident_id, "orders", level=1, token="token-1")
    links = [house.link_ids(person)[0] for person in ("ceo", "cto", "coo")]
    save, lock, barrier = MemoryDecisions.save, Lock(), Barrier(10)

    def save_one(self: MemoryDecisions, *args: Any, **kwargs: Any) -> Decision:
        """A write is atomic, as a transaction is; between read and write everybody else may be at work."""
        with suppress(BrokenBarrierError):
            barrier.wait(0.05)
        with lock:
            return save(self, *args, **kwargs)

    def answer(number: int) -> str:
        outcome = Outcome.STAND_DOWN if number % 2 else Outcome.ACTIVATE
        try:
            house.press(links[number % 3], outcome, severity=["SEV2"], teams=["technical_support"])
        except DecisionSettled:
            return "settled"
        return outcome

    with patch.object(MemoryDecisions, "save", save_one), ThreadPoolExecutor(10) as pool:
        came_of = list(pool.map(answer, range(50)))
    assert came_of.count("settled") == 49
    ((_, _, outcome),) = house.workflow.resumed
    assert outcome in came_of
    assert house.facts(incident_id).count("decision_answered") == 1


def test_r6_a_form_of_another_incident_decision_or_person_is_refused(house: House, open_orders: str) -> None:
    """Taken out: `check_nonce` in `AnswerQuestion._check`."""
    house.prepare(open_orders, DecisionKind.REVIEW, round_=1)
    house.ask(open_orders, "review-1", token="token-r")
    house.ask(open_orders, "orders", level=1, token="token-1")
    orders, review = (house.open(link) for link in house.link_ids("ceo"))
    deputy = house.open(house.link_ids("cto")[0])
    for opened, other in ((orders, review), (orders, deputy), (deputy, orders), (review, orders)):
        with pytest.raises(ForgedForm):
            house.answers().press(opened, {**house.form(other), "outcome": ["stand_down"]})
    assert not house.workflow.resumed


def test_r9_who_asked_for_it_is_not_asked_and_cannot_decide(house: House) -> None:
    """Taken out: `barred` in `prepared`; and the check of `request.by` in `voted`."""
    incident_id, decision_id = requested(house)
    decision = house.store.decisions[incident_id, decision_id]
    assert decision.request is not None
    assert decision.request.by == "cto"
    assert "cto" not in {contact for rung in decision.rungs for contact in rung}
    house.ask(incident_id, decision_id, token="token-release")
    assert house.post.sent[-1].to.id == "coo"
    house.press(house.link_ids("coo")[-1], Outcome.RELEASED)
    house.release(incident_id, decision_id)
    house.release(incident_id, decision_id)
    (loan,) = house.store.loans.values()
    assert (loan.resource, loan.quantity, loan.release) == ("spare-server", 1, decision_id)


def test_r9_a_request_cannot_be_approved_by_the_one_who_made_it_even_by_a_link(plan: Plan) -> None:
    """Taken out: `NotYours` in `voted`. The requester stands in for the absent approver, and holds a link."""
    house = House(plan)
    incident_id, decision_id = requested(house)
    decision = house.store.decisions[incident_id, decision_id]
    house.store.decisions[incident_id, decision_id] = replace(decision, rungs=(("cto",), ("ceo",)))
    house.ask(incident_id, decision_id, token="token-release")
    with pytest.raises(NotYours):
        house.press(house.link_ids("cto")[-1], Outcome.RELEASED)
    assert house.store.decisions[incident_id, decision_id].is_open


def test_r9_where_two_are_needed_one_decides_nothing(plan: Plan) -> None:
    """Taken out: `len(agreeing) >= decision.needed` in `voted`."""
    house = House(with_decision(plan, DecisionKind.ORDERS, needed=dict.fromkeys(plan.severities, 2)))
    incident_id = house.put_orders()
    assert {mail.to.id for mail in house.post.sent} == {"ceo", "cto", "coo"}
    for _ in range(3):
        house.press(house.link_ids("ceo")[0], Outcome.STAND_DOWN)
    assert not house.workflow.resumed
    house.press(house.link_ids("coo")[0], Outcome.STAND_DOWN)
    assert house.workflow.resumed == [("token-0", "orders", Outcome.STAND_DOWN)]
    assert house.store.decisions[incident_id, "orders"].answer.voters == ("ceo", "coo")  # type: ignore[union-attr]


def test_r12_the_newer_token_waits_and_the_older_mail_still_counts_once(house: House, open_orders: str) -> None:
    """Taken out: `task_token=task_token` in `asking`."""
    house.ask(open_orders, "orders", level=1, token="token-1")
    house.press(house.link_ids("ceo")[0], Outcome.STAND_DOWN)
    with pytest.raises(DecisionSettled):
        house.press(house.link_ids("cto")[0], Outcome.STAND_DOWN)
    assert house.workflow.resumed == [("token-1", "orders", Outcome.STAND_DOWN)]


@pytest.mark.parametrize("lost", ["answer", "hand over", "request"])
def test_r13_what_was_recorded_but_not_passed_on_is_made_up_for(plan: Plan, lost: str) -> None:
    """Taken out: each of the three lines of `FollowUp.__call__` that tell the workflow."""
    house = House(with_decision(plan, DecisionKind.ORDERS, hand_over=True))
    if lost == "request":
        incident_id, decision_id = requested(house)
        house.workflow.releases.clear()
        house.follow_up(incident_id, decision_id)
        assert house.workflow.releases == [(incident_id, decision_id)]
        return
    incident_id = house.put_orders()
    house.workflow.waiting.clear()
    if lost == "answer":
        house.press(house.link_ids("ceo")[0], Outcome.STAND_DOWN)
    else:
        house.hand_over(house.link_ids("ceo")[0])
    house.workflow.waiting.add("token-0")
    house.follow_up(incident_id, "orders")
    house.follow_up(incident_id, "orders")
    told = [*house.workflow.resumed, *house.workflow.hurried]
    expected = Outcome.STAND_DOWN if lost == "answer" else CutShort.HANDED_OVER
    assert told == [("token-0", "orders", expected)]


def test_r18_everyone_asked_learns_what_was_decided_whatever_crashes(plan: Plan) -> None:
    """Taken out: `self._tell`; and `until_written(lambda: self._note(...))`, which tells again at every change."""
    house = House(plan)

    def reset() -> None:
        house.__init__(plan)  # type: ignore[misc]
        incident_id = house.put_orders()
        house.ask(incident_id, "orders", level=1, token="token-1")
        house.press(house.link_ids("cto")[0], Outcome.STAND_DOWN)

    def run(faults: Faults) -> None:
        house.faults = faults
        ((incident_id, _),) = house.store.decisions
        house.follow_up(incident_id, "orders")
        house.faults = None
        house.follow_up(incident_id, "orders")

    def check() -> None:
        told = [mail.to.id for mail in house.post.sent if "/settled/" in mail.name]
        assert set(told) == {"ceo", "coo"}
        assert len(told) <= 3

    assert every_crash(run, check, reset) >= 10


def test_r19_a_bounce_asks_the_next_rung_at_once_and_ops_see_it(house: House, open_orders: str) -> None:
    """Taken out: `without_the_unreachable` in `NoteUndelivered._mark`."""
    for _ in range(2):
        house.feed_back(came_back(open_orders, "ceo"))
    assert house.workflow.hurried == [("token-0", "orders", CutShort.MAIL_BOUNCED)]
    found = house.look(open_orders, "orders")
    assert (found.standing, found.turn and found.turn.level) == (Standing.ASK, 1)
    assert house.facts(open_orders).count("mail_undelivered") == 1


def test_r19_a_bounce_of_one_of_two_leaves_the_other_their_time(house: House, open_orders: str) -> None:
    """Taken out: `all(...)` in `without_the_unreachable` made `any(...)`."""
    house.ask(open_orders, "orders", level=1, token="token-1")
    house.feed_back(came_back(open_orders, "cto", 1))
    assert not house.workflow.hurried
    house.feed_back(came_back(open_orders, "coo", 1))
    assert house.workflow.hurried == [("token-1", "orders", CutShort.MAIL_BOUNCED)]


def test_r19_a_marked_person_is_still_mailed_and_nobody_waits_for_them(house: House, open_orders: str) -> None:
    """Taken out: the address book in `AskPeople._without_the_unreachable`."""
    house.feed_back(came_back(open_orders, "ceo"))
    house.prepare(open_orders, DecisionKind.REVIEW, round_=1)
    house.ask(open_orders, "review-1", token="token-r")
    assert house.post.sent[-1].to.id == "ceo"
    assert house.workflow.hurried[-1] == ("token-r", "review-1", CutShort.MAIL_BOUNCED)
    house.press(house.link_ids("ceo")[-1], Outcome.ACCEPTED)
    assert not house.store.marked


def test_r19_a_corrected_address_is_no_longer_marked(house: House, open_orders: str) -> None:
    house.feed_back(came_back(open_orders, "ceo"))
    assert house.book.is_unreachable(house.plan.contact("ceo"))
    corrected = with_contact(house.plan, "ceo", email="new@island-shop.example")
    assert not house.book.is_unreachable(corrected.contact("ceo"))


def test_r19_a_delay_is_noted_and_changes_nothing(house: House, open_orders: str) -> None:
    house.feed_back(came_back(open_orders, "ceo", kind=Feedback.DELIVERY_DELAY, reason="delay", is_lasting=False))
    assert house.facts(open_orders)[-1] == "mail_delayed"
    assert not house.workflow.hurried
    assert not house.store.marked


def test_r19_a_passing_bounce_moves_on_and_marks_nobody(house: House, open_orders: str) -> None:
    house.feed_back(came_back(open_orders, "ceo", reason="bounce.transient", is_lasting=False))
    assert house.workflow.hurried
    assert not house.store.marked


def test_r19_a_bounce_of_a_code_is_noted_and_hurries_nobody(house: House, open_orders: str) -> None:
    house.feed_back(came_back(open_orders, "ceo", purpose="code"))
    assert house.facts(open_orders)[-1] == "mail_undelivered"
    assert not house.workflow.hurried


def test_r19_a_sender_that_is_throttled_moves_on_and_comes_to_an_end_of_the_ladder_that_pages(house: House) -> None:
    """Taken out: `awaits_somebody` in `next_turn`; see also the definition's catch of `PostUnavailable`."""
    incident_id = house.report()
    house.prepare(incident_id, DecisionKind.ORDERS)
    with patch.object(house.post, "send", side_effect=PostUnavailable):
        for level in range(3):
            with pytest.raises(PostUnavailable):
                house.ask(incident_id, "orders", level=level, token=f"token-{level}")
            if level < 2:
                assert house.look(incident_id, "orders", level).turn == Turn(level=level + 1, seconds=600)
    with pytest.raises(NobodyReached):
        house.look(incident_id, "orders", 2)


def test_p7_what_is_released_too_late_goes_back_at_once(house: House) -> None:
    incident_id, decision_id = requested(house)
    house.ask(incident_id, decision_id, token="token-release")
    house.press(house.link_ids("coo")[-1], Outcome.RELEASED)
    house.give_back(incident_id)
    house.release(incident_id, decision_id)
    assert house.left("spare-server") == 3


def test_a_request_that_outlives_its_incident_is_declined_without_a_mail(house: House) -> None:
    incident_id, decision_id = requested(house)
    house.give_back(incident_id)
    sent = len(house.post.sent)
    house.ask(incident_id, decision_id, token="token-release")
    assert house.workflow.resumed[-1] == ("token-release", decision_id, Outcome.NOT_RELEASED)
    assert len(house.post.sent) == sent
    assert house.store.incidents[incident_id].status is IncidentStatus.ACTIVE


def test_the_same_request_form_posted_twice_is_one_request(house: House) -> None:
    incident_id, decision_id = requested(house)
    again = house.request(house.link_ids("cto")[-1], **REQUEST)
    other = house.request(house.link_ids("cto")[-1], **{**REQUEST, "once": ["page-2"]})
    assert again.id == decision_id
    assert other.id != decision_id
    assert house.workflow.releases == [(incident_id, decision_id), (incident_id, other.id)]


def test_the_same_more_time_form_posted_twice_extends_once(plan: Plan) -> None:
    house = House(with_decision(plan, DecisionKind.ORDERS, more_time=MoreTime(times=3, share=50)))
    incident_id = house.put_orders()
    before = house.store.decisions[incident_id, "orders"].due_at
    for _ in range(2):
        after = house.more_time(house.link_ids("ceo")[0], extended=["0"], reason=["Still measuring"])
    assert before is not None
    assert after.due_at == before + timedelta(seconds=300)
    assert house.facts(incident_id).count("more_time") == 1


def test_who_is_asked_again_on_a_later_level_can_hand_over_again(plan: Plan) -> None:
    """Taken out: `may_hand_over` in `HandOver._pass_on`, and the level in the entry's key."""
    house = House(with_decision(plan, DecisionKind.ORDERS, hand_over=True, start_over=1, remind_at=60))
    incident_id = house.report()
    house.prepare(incident_id, DecisionKind.ORDERS)
    for level in (0, 3):
        token = f"token-{level}"
        house.ask(incident_id, "orders", level=level, token=token)
        house.ask(incident_id, "orders", level=level, token=token, reminder=True)
        for _ in range(2):
            house.hand_over(house.link_ids("ceo")[-1])
        assert house.workflow.hurried[-1] == (token, "orders", CutShort.HANDED_OVER)
        assert house.look(incident_id, "orders", level).turn == Turn(level=level + 1, seconds=360)
    assert house.facts(incident_id).count("handed_over") == 2
    assert [mail.name for mail in house.post.sent] == [
        f"orders/{level}/ceo{suffix}" for level in (0, 3) for suffix in ("", "/reminder")
    ]
    assert house.store.decisions[incident_id, "orders"].handed_over == ("ceo",)


def test_no_more_time_is_given_to_a_level_that_is_over_early(plan: Plan) -> None:
    house = House(with_decision(plan, DecisionKind.ORDERS, hand_over=True, more_time=MoreTime(times=3, share=50)))
    house.put_orders()
    house.hand_over(house.link_ids("ceo")[0])
    with pytest.raises(NoMoreTime):
        house.more_time(house.link_ids("ceo")[0])


def test_a_bounce_that_comes_before_the_second_of_two_was_mailed_leaves_them_their_time(
    house: House, open_orders: str
) -> None:
    """Taken out: the whole rung in `NoteUndelivered._mark`, which looked at those who had been mailed so far."""
    send = house.post.send

    def send_and_bounce(mail: Mail) -> str:
        mail_id = send(mail)
        if mail.to.id == "coo":
            house.feed_back(came_back(open_orders, "cto", 1))
        return mail_id

    with patch.object(house.post, "send", send_and_bounce):
        house.ask(open_orders, "orders", level=1, token="token-1")
    assert not house.workflow.hurried
