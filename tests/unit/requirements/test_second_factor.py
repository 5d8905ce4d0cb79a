"""Who holds the link is not yet who is named on it: codes, devices, authenticators (R2, R7, R8)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Lock

import pyotp
import pytest

from emergency.domain.errors import CodeExpired, DecisionSettled, TooManyCodes, WrongCode
from emergency.domain.plan import Plan
from emergency.domain.second_factor import CODE_LIFE, CODES, GUESSES, TRIES, device_token, digits
from emergency.domain.terms import DecisionKind, Factor, Outcome
from tests.support.crashes import every_crash
from tests.support.house import House
from tests.support.memory import Faults, MemoryStore
from tests.support.plans import with_contact, with_decision

ORDERED = {"severity": ["SEV2"], "teams": ["technical_support"]}


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def link(house: House, contact: str = "ceo") -> str:
    return house.link_ids(contact)[0]


def test_r2_a_posted_form_alone_decides_nothing(guarded: House, asked: str) -> None:
    """Taken out: `if not opened.decision.second_factor` made true in `AnswerQuestion.press`."""
    for outcome in (Outcome.ACTIVATE, Outcome.STAND_DOWN):
        pressed = guarded.press_only(link(guarded), outcome, ORDERED)
        assert pressed.challenge is not None
    assert guarded.store.decisions[asked, "orders"].is_open
    assert not guarded.workflow.resumed
    guarded.confirm(link(guarded), guarded.code_for("ceo"))
    assert guarded.store.decisions[asked, "orders"].votes[0].factor is Factor.CODE


def test_r2_five_wrong_tries_use_up_a_code_the_right_one_included(guarded: House, asked: str) -> None:
    """Taken out: the count in `tried`."""
    guarded.press_only(link(guarded), Outcome.STAND_DOWN)
    code = guarded.code_for("ceo")
    for left in reversed(range(TRIES)):
        with pytest.raises(WrongCode) as caught:
            guarded.confirm(link(guarded), wrong(code))
        assert caught.value.tries_left == left
    with pytest.raises(CodeExpired):
        guarded.confirm(link(guarded), code)
    assert guarded.store.decisions[asked, "orders"].is_open


def test_r2_nobody_gets_more_than_so_many_codes(guarded: House, asked: str) -> None:
    """Taken out: `if number > CODES` in `challenged`."""
    guarded.press_only(link(guarded), Outcome.STAND_DOWN)
    opened = guarded.open(link(guarded))
    for _ in range(CODES - 1):
        guarded.answers().send_again(opened, guarded.form(opened))
    with pytest.raises(TooManyCodes):
        guarded.answers().send_again(opened, guarded.form(opened))
    codes = [mail.text for mail in guarded.post.sent if "/code-" in mail.name]
    assert len(codes) == CODES
    assert len(set(codes)) > 1


def test_r2_all_codes_together_take_so_many_guesses(guarded: House, asked: str) -> None:
    """Taken out: `earlier_tries` in `challenged`, with which each of the codes takes five guesses more."""
    for _ in range(GUESSES // TRIES):
        guarded.press_only(link(guarded), Outcome.STAND_DOWN)
        for _ in range(TRIES):
            with pytest.raises(WrongCode):
                guarded.confirm(link(guarded), wrong(guarded.code_for("ceo")))
    with pytest.raises(TooManyCodes):
        guarded.press_only(link(guarded), Outcome.STAND_DOWN)
    assert guarded.facts(asked).count("factor_failed") == GUESSES


def test_r2_a_scanner_that_presses_everything_leaves_the_person_a_code(guarded: House, asked: str) -> None:
    """Taken out: `is_a_code` in `AnswerQuestion._try`; and with `CODES` of 5, two visits locked the person out."""
    opened = guarded.open(link(guarded))
    for _ in range(2):
        for outcome, fields in ((Outcome.ACTIVATE, ORDERED), (Outcome.STAND_DOWN, {})):
            guarded.press_only(link(guarded), outcome, fields)
            for entered in ("", " ", "code"):
                with pytest.raises(WrongCode):
                    guarded.confirm(link(guarded), entered)
            guarded.answers().send_again(opened, guarded.form(opened))
        guarded.clock.now += CODE_LIFE
    assert "factor_failed" not in guarded.facts(asked)
    guarded.press(link(guarded), Outcome.STAND_DOWN)
    assert guarded.store.decisions[asked, "orders"].votes[0].factor is Factor.CODE


def test_r2_guessing_in_parallel_gains_no_try(guarded: House, asked: str) -> None:
    """Taken out: the write of a failed try before its answer (`self.challenges.save` in `_try`)."""
    guarded.press_only(link(guarded), Outcome.STAND_DOWN)
    code = guarded.code_for("ceo")
    _serialise(guarded.store)

    def guess(_: int) -> str:
        try:
            guarded.confirm(link(guarded), wrong(code))
        except Exception as error:  # noqa: BLE001 - what came of each guess is counted
            return type(error).__name__
        return "decided"

    with ThreadPoolExecutor(12) as pool:
        came_of = list(pool.map(guess, range(30)))
    assert came_of.count("WrongCode") <= TRIES
    assert "decided" not in came_of


def _serialise(store: MemoryStore) -> None:
    """Makes each write of a challenge atomic, as a transaction is."""
    lock, put = Lock(), store.put_challenge

    def put_one(challenge: object) -> object:
        with lock:
            return put(challenge)  # type: ignore[arg-type]

    store.put_challenge = put_one  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize(("after", "counts"), [(-1, True), (1, False)])
def test_r7_a_code_counts_until_its_last_second_and_not_after(
    guarded: House,
    asked: str,
    after: int,
    counts: bool,  # noqa: FBT001
) -> None:
    """Taken out: `now < self.expires_at` in `Challenge.is_live`."""
    guarded.press_only(link(guarded), Outcome.STAND_DOWN)
    challenge = guarded.challenges.get(asked, "orders", "ceo")
    assert timedelta(0) < challenge.expires_at - challenge.opened_at <= timedelta(minutes=10)
    # The stepping clock moves on a second at each look.
    guarded.clock.now = challenge.opened_at + CODE_LIFE + timedelta(seconds=after - 1)
    if counts:
        guarded.confirm(link(guarded), guarded.code_for("ceo"))
        return
    with pytest.raises(CodeExpired):
        guarded.confirm(link(guarded), guarded.code_for("ceo"))


def test_r7_a_code_is_of_no_use_a_second_time(guarded: House, asked: str) -> None:
    """Taken out: `passed_at` in `Challenge.is_live`, which lets the code of the first vote change it."""
    plan = with_decision(guarded.plan, DecisionKind.ORDERS, second_factor=True)
    house = House(with_quorum(plan))
    house.put_orders()
    house.press(link(house), Outcome.STAND_DOWN)
    with pytest.raises(CodeExpired):
        house.confirm(link(house), house.code_for("ceo"))


def with_quorum(plan: Plan) -> Plan:
    return with_decision(plan, DecisionKind.ORDERS, needed=dict.fromkeys(plan.severities, 2))


def test_r8_a_forwarded_link_gets_no_further_and_the_attempt_is_on_the_timeline(guarded: House, asked: str) -> None:
    """Taken out: the entry of `_failure_of`; and the check of the code (`check_mailed_code`)."""
    guarded.press_only(link(guarded), Outcome.STAND_DOWN)
    assert [mail.to.id for mail in guarded.post.sent if "/code-" in mail.name] == ["ceo"]
    with pytest.raises(WrongCode):
        guarded.confirm(link(guarded), wrong(guarded.code_for("ceo")))
    facts = guarded.facts(asked)
    assert facts.count("factor_asked") == 1
    assert facts.count("factor_failed") == 1
    assert guarded.store.decisions[asked, "orders"].is_open


def test_r8_the_code_of_one_person_proves_no_other(guarded: House, asked: str) -> None:
    """Taken out: the contact in `_code_key`."""
    guarded.press_only(link(guarded), Outcome.STAND_DOWN)
    guarded.press_only(link(guarded, "cto"), Outcome.STAND_DOWN)
    assert guarded.code_for("ceo") != guarded.code_for("cto")
    with pytest.raises(WrongCode):
        guarded.confirm(link(guarded, "cto"), guarded.code_for("ceo"))


def test_r8_a_device_is_trusted_for_its_person_and_incident_alone(guarded: House, asked: str) -> None:
    """Taken out: the contact, and the incident, in `device_token`."""
    guarded.press_only(link(guarded), Outcome.STAND_DOWN)
    token = guarded.confirm(link(guarded), guarded.code_for("ceo")).device_token
    key = guarded.store.device_keys[asked]
    assert token == device_token(key, asked, "ceo")
    assert token not in {device_token(key, asked, "cto"), device_token(key, "INC-2", "ceo")}

    guarded.prepare(asked, DecisionKind.REVIEW, round_=1)
    decision = guarded.store.decisions[asked, "review-1"]
    guarded.store.decisions[asked, "review-1"] = replace(decision, second_factor=True)
    guarded.ask(asked, "review-1", token="token-r")
    guarded.ask(asked, "review-1", level=1, token="token-s")
    for device in ("", "0" * 64, device_token("another key", asked, "ceo")):
        assert guarded.press_only(guarded.link_ids("ceo")[-1], Outcome.ACCEPTED, device=device).challenge is not None
    assert guarded.press_only(guarded.link_ids("cto")[-1], Outcome.ACCEPTED, device=token).challenge is not None
    pressed = guarded.press_only(guarded.link_ids("ceo")[-1], Outcome.ACCEPTED, device=token)
    assert pressed.decision.votes[-1].factor is Factor.DEVICE


def test_r8_an_authenticators_code_counts_once_and_no_mail_is_sent(plan: Plan) -> None:
    """Taken out: `self.challenges.spend`, which lets one code be used for two decisions."""
    plan = with_contact(plan, "ceo", second_factor=Factor.TOTP)
    plan = with_decision(with_decision(plan, DecisionKind.ORDERS, second_factor=True), DecisionKind.REVIEW)
    house = House(with_decision(plan, DecisionKind.REVIEW, second_factor=True))
    secret = pyotp.random_base32()
    house.authenticators.secrets["ceo"] = secret
    incident_id = house.report()
    house.prepare(incident_id, DecisionKind.ORDERS)
    house.prepare(incident_id, DecisionKind.REVIEW, round_=1)
    house.ask(incident_id, "orders")
    house.ask(incident_id, "review-1", token="token-r")
    orders, review = house.link_ids("ceo")
    house.press_only(orders, Outcome.STAND_DOWN)
    house.press_only(review, Outcome.ACCEPTED)
    assert not [mail for mail in house.post.sent if "/code-" in mail.name]
    code = pyotp.TOTP(secret).at(house.clock.now)
    house.confirm(orders, code)
    with pytest.raises(WrongCode):
        house.confirm(review, code)
    house.clock.now += timedelta(seconds=60)
    house.confirm(review, pyotp.TOTP(secret).at(house.clock.now))


def test_r8_an_authenticators_code_confirms_the_answer_on_the_page_and_no_other(plan: Plan) -> None:
    """Somebody else with the link presses another button while the person looks at their app.

    Taken out: `_of_the_page` in `AnswerQuestion._try`.
    """
    plan = with_contact(plan, "ceo", second_factor=Factor.TOTP)
    house = House(with_decision(plan, DecisionKind.ORDERS, second_factor=True))
    house.authenticators.secrets["ceo"] = secret = pyotp.random_base32()
    incident_id = house.put_orders()
    seen = house.press_only(link(house), Outcome.STAND_DOWN).challenge
    assert seen is not None
    house.press_only(link(house), Outcome.ACTIVATE, ORDERED)
    opened, code = house.open(link(house)), pyotp.TOTP(secret).at(house.clock.now)
    form = house.form(opened, code=[code], challenge=[str(seen.number)])
    with pytest.raises(CodeExpired):
        house.answers().confirm(opened, form)
    assert not house.answers().draft(opened, form)
    assert house.store.decisions[incident_id, "orders"].is_open


def test_somebody_whose_authenticator_was_never_set_up_gets_a_code_by_mail(plan: Plan) -> None:
    plan = with_contact(plan, "ceo", second_factor=Factor.TOTP)
    house = House(with_decision(plan, DecisionKind.ORDERS, second_factor=True))
    incident_id = house.put_orders()
    house.press(link(house), Outcome.STAND_DOWN)
    assert house.store.decisions[incident_id, "orders"].votes[0].factor is Factor.CODE


def test_an_authenticator_that_was_removed_meanwhile_asks_for_a_new_code(plan: Plan) -> None:
    plan = with_contact(plan, "ceo", second_factor=Factor.TOTP)
    house = House(with_decision(plan, DecisionKind.ORDERS, second_factor=True))
    house.authenticators.secrets["ceo"] = pyotp.random_base32()
    incident_id = house.put_orders()
    house.press_only(link(house), Outcome.STAND_DOWN)
    del house.authenticators.secrets["ceo"]
    with pytest.raises(CodeExpired):
        house.confirm(link(house), "123456")
    house.press(link(house), Outcome.STAND_DOWN)
    assert house.store.decisions[incident_id, "orders"].votes[0].factor is Factor.CODE


def test_a_second_press_of_the_same_answer_sends_no_second_code(guarded: House, asked: str) -> None:
    for _ in range(2):
        guarded.press_only(link(guarded), Outcome.STAND_DOWN)
    assert len([mail for mail in guarded.post.sent if "/code-" in mail.name]) == 1


def test_r8_a_code_makes_the_answer_count_for_which_it_was_mailed_and_no_other(guarded: House, asked: str) -> None:
    """Taken out: `earlier.draft == draft` in `challenged`, which lets whoever has the link change what a code confirms."""
    guarded.press_only(link(guarded), Outcome.ACTIVATE, ORDERED)
    code = guarded.code_for("ceo")
    guarded.press_only(link(guarded), Outcome.STAND_DOWN)
    with pytest.raises(WrongCode):
        guarded.confirm(link(guarded), code)
    assert guarded.store.decisions[asked, "orders"].is_open
    decision = guarded.confirm(link(guarded), guarded.code_for("ceo")).decision
    assert decision.answer is not None
    assert decision.answer.outcome is Outcome.STAND_DOWN


def test_r2_a_code_for_a_vote_that_stands_already_is_used_up_too(plan: Plan) -> None:
    """Taken out: the write of the challenge in `_record`, without which guesses in parallel are free once one is right."""
    house = House(with_quorum(with_decision(plan, DecisionKind.ORDERS, second_factor=True)))
    incident_id = house.put_orders()
    house.press(link(house), Outcome.STAND_DOWN)
    house.press(link(house), Outcome.STAND_DOWN)
    challenge = house.challenges.get(incident_id, "orders", "ceo")
    assert (challenge.number, challenge.passed_at is not None) == (2, True)
    with pytest.raises(CodeExpired):
        house.confirm(link(house), house.code_for("ceo"))
    assert house.facts(incident_id).count("vote_cast") == 1


def test_a_new_code_takes_the_place_of_the_old_one(guarded: House, asked: str) -> None:
    guarded.press_only(link(guarded), Outcome.STAND_DOWN)
    first = guarded.code_for("ceo")
    opened = guarded.open(link(guarded))
    guarded.answers().send_again(opened, guarded.form(opened))
    assert guarded.code_for("ceo") != first
    with pytest.raises(WrongCode):
        guarded.confirm(link(guarded), first)
    guarded.confirm(link(guarded), guarded.code_for("ceo"))


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "123-456", "１２３４５６", "١٢٣٤٥٦"])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert digits(typed) == "123456"


def test_a_crash_at_any_call_of_a_code_leaves_a_code_that_works_and_one_outcome(plan: Plan) -> None:
    house = House(plan)

    def reset() -> None:
        house.__init__(with_decision(plan, DecisionKind.ORDERS, second_factor=True))  # type: ignore[misc]
        house.put_orders()

    def run(faults: Faults) -> None:
        house.faults = faults
        try:
            house.press_only(link(house), Outcome.STAND_DOWN)
            house.confirm(link(house), house.code_for("ceo"))
        except (DecisionSettled, CodeExpired):
            return
        finally:
            house.faults = None

    def check() -> None:
        assert house.workflow.resumed == [("token-0", "orders", Outcome.STAND_DOWN)]
        assert 1 <= len([mail for mail in house.post.sent if "/code-" in mail.name]) <= 2
        assert len({mail.text for mail in house.post.sent if "/code-" in mail.name}) == 1

    assert every_crash(run, check, reset) >= 20
