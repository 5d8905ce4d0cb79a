"""The ladder told: who was asked when, what came of it, and who comes next; on pages and in mails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emergency.domain.decision import Asked, CutShort, Decision, Undelivered
from emergency.domain.plan import Absence
from emergency.domain.terms import DecisionKind, Outcome
from emergency.presentation.asking import Asking
from emergency.presentation.ladder import ladder
from tests.support.telling import (
    ALL_KINDS,
    LOCALES,
    briefing,
    company,
    minutes,
    settled_decision,
    the_decision,
    the_vote,
)

PLAN, WORDS = company()
HEAD, (FIRST_DEPUTY, SECOND_DEPUTY) = PLAN.leadership.head, PLAN.leadership.deputy_heads
CEO, CTO, COO = (
    "Lin Shu-yu (chief executive officer)",
    "Derek Chen (chief technology officer)",
    "Huang Ya-chi (chief operating officer)",
)


AWAY = (Absence(first=minutes(0).date(), last=minutes(2_000).date()),)


def asking(decision: Decision, contact: str = "", locale: str = "en", after: float = 16) -> Asking:
    return Asking(briefing(PLAN, decision, locale, contact), minutes(after), PLAN, WORDS[locale])


def orders(level: int = 0, **changes: object) -> Decision:
    return the_decision(PLAN, DecisionKind.ORDERS, level=level, **changes)


def test_the_ladder_of_the_orders_from_the_first_mail_to_the_next_round() -> None:
    assert ladder(asking(orders(1), FIRST_DEPUTY)) == [
        f"{CEO} was asked at 03:13. A reminder followed at 03:19.",
        "You were asked at 03:23.",
        f"{COO} was asked at 03:23.",
        "If nobody has answered, the other members of the leadership group will be asked at 03:28.",
        "If nobody has answered at 03:33, the leadership group will be paged and everyone asked again.",
    ]


def test_each_rung_to_come_is_told_with_the_time_that_those_before_it_have() -> None:
    assert ladder(asking(orders(), HEAD, after=6)) == [
        "You were asked at 03:13.",
        "If nobody has answered, the deputy heads will be asked at 03:23.",
        "If nobody has answered, the other members of the leadership group will be asked at 03:28.",
        "If nobody has answered at 03:33, the leadership group will be paged and everyone asked again.",
    ]


def test_the_ladder_ends_with_what_the_plan_declares() -> None:
    last = orders(5)
    assert last.is_last_level
    told = ladder(asking(last, FIRST_DEPUTY, after=40))
    assert told[-1] == "If nobody has answered by 03:53, the plan's own outcome counts: plan activated."
    once = ladder(asking(orders(on_silence=Outcome.STAND_DOWN, start_over=0), HEAD))
    assert once[-1].endswith("counts: stood down.")


def test_a_teams_people_are_named_by_what_they_are_in_the_team() -> None:
    """The head of customer service is a member of the leadership group, too, but is asked as the team's lead."""
    last = the_decision(PLAN, DecisionKind.ACKNOWLEDGE, level=2, cut_short=CutShort.HANDED_OVER)
    assert asking(last).otherwise == "The lead of customer service is being asked now."
    assert "the deputy leads of customer service" in asking(the_decision(PLAN, DecisionKind.ACKNOWLEDGE)).otherwise


def test_people_asked_together_are_named_together() -> None:
    told = ladder(asking(orders(1), HEAD))
    assert told[0] == "You were asked at 03:13. A reminder followed at 03:19."
    assert told[1] == f"{CTO} and {COO} were asked at 03:23."


def test_a_mail_that_came_back_and_a_question_that_was_passed_on_are_told_on_their_level() -> None:
    came_back = Undelivered(contact=SECOND_DEPUTY, level=1, reason="refused", at=minutes(14))
    told = ladder(asking(orders(2, undelivered=(came_back,), handed_over=(FIRST_DEPUTY,)), HEAD, after=20))
    assert told[2:4] == [f"Mail to {COO} did not arrive.", f"{CTO} handed it over."]


def test_somebody_asked_twice_passed_it_on_the_second_time() -> None:
    told = ladder(asking(orders(4, handed_over=(FIRST_DEPUTY,)), HEAD, after=40))
    assert told.count(f"{CTO} handed it over.") == 1
    assert told.index(f"{CTO} handed it over.") == 6
    assert told[3] == "Nobody had answered. At 03:33 the leadership group was paged, and everyone was asked again."


@pytest.mark.parametrize("why", CutShort)
def test_once_a_level_is_cut_short_the_next_people_are_being_asked(why: CutShort) -> None:
    decision = orders(cut_short=why)
    told = ladder(asking(decision, HEAD, after=6))
    assert told[1:3] == [
        "The deputy heads are being asked now.",
        "If nobody has answered, the other members of the leadership group will be asked at 03:20.",
    ]
    assert asking(decision, HEAD).otherwise == "The deputy heads are being asked now."
    assert not asking(decision, HEAD).deadline
    assert not asking(decision, HEAD).time_left


def test_a_settled_question_has_no_future() -> None:
    told = ladder(asking(settled_decision(PLAN, DecisionKind.ORDERS), HEAD))
    assert told == ["You were asked at 03:13."]


def test_nobody_was_asked_yet() -> None:
    assert ladder(asking(orders(asked=(), due_at=None), HEAD)) == []


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_ladder_is_told_to_its_end_in_every_language(kind: DecisionKind, locale: str) -> None:
    levels = the_decision(PLAN, kind).levels
    for level in range(levels):
        decision = the_decision(PLAN, kind, level=level)
        # A carrier reads of no ladder; whoever of the company may answer for it does.
        told = ladder(asking(decision, decision.rung(levels - 1)[0], locale=locale))
        assert len(told) > level
        assert all(line.endswith((".", "。")) for line in told)


def away(contact: str, delegate: str = "") -> Asking:
    """The orders on the first rung, whose only person may be away."""
    absent = replace(PLAN.contact(HEAD), delegate=delegate, absences=AWAY)
    plan = replace(PLAN, contacts={**PLAN.contacts, HEAD: absent})
    told = briefing(plan, orders(asked=()), "en", contact)
    return Asking(told, minutes(5), plan, WORDS["en"])


def test_a_stand_in_is_told_for_whom_they_are_asked_already_in_the_first_mail() -> None:
    assert away(FIRST_DEPUTY, delegate=FIRST_DEPUTY).instead == f"{CEO} is away; you are asked instead."
    assert not away(FIRST_DEPUTY, delegate=FIRST_DEPUTY).together
    assert not away(SECOND_DEPUTY, delegate=FIRST_DEPUTY).instead
    assert not away(HEAD).instead


def test_whoever_asked_for_something_is_not_said_to_be_asked_for_an_absent_person() -> None:
    """They may not decide it, so the absent person is asked in any case."""
    decision = the_decision(PLAN, DecisionKind.RELEASE, asked=())
    assert decision.request is not None
    absent = replace(PLAN.contact(SECOND_DEPUTY), delegate=decision.request.by, absences=AWAY)
    plan = replace(PLAN, contacts={**PLAN.contacts, SECOND_DEPUTY: absent})
    told = Asking(briefing(plan, decision, "en", FIRST_DEPUTY), minutes(5), plan, WORDS["en"])
    assert told.together.startswith(f"{COO} is asked at the same time.")


def test_a_stand_in_reads_it_later_from_the_record_and_so_do_the_others() -> None:
    mail = Asked(contact=FIRST_DEPUTY, level=0, at=minutes(4), mail_id="m", instead_of=HEAD)
    decision = orders(asked=(mail,))
    assert asking(decision, FIRST_DEPUTY).instead == f"{CEO} is away; you are asked instead."
    assert ladder(asking(decision, FIRST_DEPUTY))[0] == f"You were asked at 03:13, as {CEO} is away."
    assert ladder(asking(decision, SECOND_DEPUTY))[0] == f"{CTO} was asked at 03:13, as {CEO} is away."


def test_whoever_stands_in_for_one_and_is_asked_themselves_is_not_told_that_they_stand_in() -> None:
    deputy = replace(
        PLAN.contact(SECOND_DEPUTY),
        delegate=FIRST_DEPUTY,
        absences=AWAY,
    )
    plan = replace(PLAN, contacts={**PLAN.contacts, SECOND_DEPUTY: deputy})
    told = Asking(briefing(plan, orders(1, asked=()), "en", FIRST_DEPUTY), minutes(15), plan, WORDS["en"])
    assert not told.instead
    assert not told.together


def test_what_led_to_the_next_rung_is_told_apart() -> None:
    decision = orders(2)
    silent = f"No answer came from {CEO}, {CTO} and {COO} in time. You are asked now."
    assert asking(decision).escalated == silent
    came_back = Undelivered(contact=SECOND_DEPUTY, level=1, reason="bounce.permanent", at=minutes(14))
    apart = asking(replace(decision, undelivered=(came_back,), handed_over=(FIRST_DEPUTY,))).escalated
    assert apart == (
        f"No answer came from {CEO} in time. {CTO} handed this over. Mail to {COO} did not arrive. You are asked now."
    )


def test_whoever_has_answered_is_not_called_silent() -> None:
    decision = orders(1, votes=(the_vote(PLAN, DecisionKind.ORDERS, HEAD),))
    assert not asking(decision, FIRST_DEPUTY).escalated


def test_nobody_is_told_of_their_own_silence() -> None:
    assert not asking(orders(), HEAD).escalated
    assert not asking(orders(1), HEAD).escalated


def test_the_second_round_says_so() -> None:
    assert "The leadership group was paged, and everyone is asked again." in asking(orders(3), HEAD).escalated


def test_before_the_next_round_the_page_is_announced() -> None:
    assert asking(orders(2)).otherwise == (
        "If nobody has answered by then, the leadership group is paged and everyone is asked again."
    )
