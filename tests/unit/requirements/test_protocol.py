"""The decision protocol under everything that can happen to it, in any order (Hypothesis).

Asked, answered, late, doubled, crashed, escalated, delegated, handed over, extended, bounced, expired; in every order
there is one outcome, none without a person or the plan's own word, and no open decision without a timer.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from emergency.domain.decision import Answer
from emergency.domain.errors import EmergencyError
from emergency.domain.mail_feedback import Feedback, MailFeedback
from emergency.domain.plan import Absence, MoreTime, Plan
from emergency.domain.terms import DecisionKind, Factor, Outcome, Severity
from tests.support.execution import Execution
from tests.support.house import House
from tests.support.memory import Crash, Faults
from tests.support.plans import small_plan, with_contact, with_decision

OUTCOMES = st.sampled_from([Outcome.ACTIVATE, Outcome.STAND_DOWN])
PEOPLE = st.integers(min_value=0, max_value=9)
CRASHES = st.builds(Faults, at=st.integers(min_value=0, max_value=20), before=st.booleans())
ORDERED = {"severity": ["SEV2"], "teams": ["technical_support"]}


def _plan(needed: int, start_over: int, *, second_factor: bool, away: bool) -> Plan:
    plan = with_decision(
        small_plan(),
        DecisionKind.ORDERS,
        second_factor=second_factor,
        needed=dict.fromkeys(Severity, needed),
        remind_at=60,
        start_over=start_over,
        hand_over=True,
        more_time=MoreTime(times=2, share=50),
    )
    absences = (Absence(first=date(2026, 11, 20), last=date(2026, 11, 23)),) if away else ()
    return with_contact(plan, "ceo", absences=absences, delegate="head-of-it")


class Protocol(RuleBasedStateMachine):
    """People, scanners, mail servers, crashes and time, against one question."""

    @initialize(needed=st.integers(1, 2), start_over=st.integers(0, 1), second_factor=st.booleans(), away=st.booleans())
    def put_the_question(self, needed: int, start_over: int, second_factor: bool, away: bool) -> None:  # noqa: FBT001
        self.house = House(_plan(needed, start_over, second_factor=second_factor, away=away))
        incident_id = self.house.report()
        decision = self.house.prepare(incident_id, DecisionKind.ORDERS)
        self.execution = Execution(self.house, incident_id, decision.id)
        self.execution.start()
        self.settled: Answer | None = None

    def _link(self, person: int) -> str | None:
        mails = [mail for mail in self.house.post.sent if mail.text.startswith("https://")]
        return mails[person % len(mails)].text.rpartition("/")[2] if mails else None

    def _with_crash(self, crash: Faults | None, act: Callable[[], object]) -> None:
        """A person's request, that dies at a call if there are so many; nobody but the stream tries again."""
        self.house.faults = crash
        try:
            with suppress(EmergencyError, Crash):
                act()
        finally:
            self.house.faults = None

    @rule(person=PEOPLE, outcome=OUTCOMES, crash=CRASHES)
    def somebody_answers(self, person: int, outcome: Outcome, crash: Faults) -> None:
        if link := self._link(person):
            self._with_crash(crash, lambda: self.house.press(link, outcome, **ORDERED))

    @rule(person=PEOPLE, outcome=OUTCOMES)
    def somebody_presses_and_goes_away(self, person: int, outcome: Outcome) -> None:
        if link := self._link(person):
            self._with_crash(None, lambda: self.house.press_only(link, outcome, ORDERED))

    @rule(person=PEOPLE, code=st.integers(0, 999_999))
    def somebody_guesses_a_code(self, person: int, code: int) -> None:
        if link := self._link(person):
            right = {mail.text for mail in self.house.post.sent if "/code-" in mail.name}
            if f"{code:06d}" not in right:
                self._with_crash(None, lambda: self.house.confirm(link, f"{code:06d}"))

    @rule(person=PEOPLE)
    def a_scanner_opens_the_link(self, person: int) -> None:
        if link := self._link(person):
            before = repr(self.house.store)
            self.house.open(link)
            assert repr(self.house.store) == before

    @rule(person=PEOPLE, crash=CRASHES)
    def somebody_hands_over(self, person: int, crash: Faults) -> None:
        if link := self._link(person):
            self._with_crash(crash, lambda: self.house.hand_over(link))

    @rule(person=PEOPLE)
    def somebody_asks_for_more_time(self, person: int) -> None:
        if link := self._link(person):
            self._with_crash(None, lambda: self.house.more_time(link))

    @rule(person=PEOPLE, crash=CRASHES)
    def a_mail_comes_back(self, person: int, crash: Faults) -> None:
        asked = self.execution.decision.asked
        if asked:
            mail = asked[person % len(asked)]
            feedback = MailFeedback(
                id=f"ses-{mail.contact}-{mail.level}",
                kind=Feedback.BOUNCE,
                reason="bounce.permanent",
                is_lasting=True,
                incident_id=self.execution.incident_id,
                decision_id=self.execution.decision_id,
                contact=mail.contact,
                level=mail.level,
                purpose="question",
                at=datetime(2026, 11, 22, tzinfo=UTC),
            )
            self._with_crash(crash, lambda: self.house.feed_back(feedback))
            self.house.feed_back(feedback)

    @rule(contact=st.sampled_from(["ceo", "cto", "coo", "head-of-it"]))
    def mail_is_refused_from_now_on(self, contact: str) -> None:
        self.house.post.refuses ^= {contact}

    @rule(crash=CRASHES)
    def the_next_function_crashes(self, crash: Faults) -> None:
        if len(self.execution.crashes) < 3:
            self.execution.crashes.append(crash)

    @rule(seconds=st.integers(1, 700))
    def time_passes(self, seconds: int) -> None:
        self.house.clock.now += timedelta(seconds=seconds)
        self.execution.work()

    @rule()
    def the_stream_delivers(self) -> None:
        """What was settled reaches the workflow by then, whatever died before (R13)."""
        self.house.follow_up(self.execution.incident_id, self.execution.decision_id)
        self.execution.work()
        decision = self.execution.decision
        assert self.execution.ended is not None or (decision.is_open and decision.cut_short is None)

    @precondition(lambda self: self.execution.ended is None)
    @rule()
    def the_timer_runs_out(self) -> None:
        if self.execution.until:
            self.house.clock.now = max(self.house.clock.now, self.execution.until)
        self.execution.work()

    @invariant()
    def there_is_one_outcome(self) -> None:
        answer = self.execution.decision.answer
        assert self.settled is None or answer == self.settled
        self.settled = answer
        heard = {outcome for _, _, outcome in self.house.workflow.resumed}
        if isinstance(self.execution.ended, Outcome):
            heard.add(self.execution.ended)
        assert not heard or (answer is not None and heard == {answer.outcome})

    @invariant()
    def no_outcome_without_a_person(self) -> None:
        decision, answer = self.execution.decision, self.execution.decision.answer
        if answer is None:
            return
        if not answer.by:
            assert answer.outcome is decision.on_silence
            assert decision.is_last_level
            return
        agreed = [vote for vote in decision.votes if vote.outcome is answer.outcome]
        assert {vote.by for vote in agreed} >= set(answer.voters)
        assert len(set(answer.voters)) >= decision.needed
        linked = {link.contact for link in self.house.store.links.values()}
        assert set(answer.voters) <= linked
        if decision.second_factor:
            assert all(vote.factor is not Factor.LINK for vote in decision.votes)

    @invariant()
    def no_open_decision_without_a_timer(self) -> None:
        if self.execution.decision.is_open:
            assert self.execution.ended in ("NobodyReached", "Crash") or self.execution.until is not None

    def teardown(self) -> None:
        """Left alone, every question comes to its end: by an answer that was lost, or by the plan."""
        if not hasattr(self, "execution"):
            return
        for _ in range(60):
            if self.execution.ended is not None:
                break
            self.the_stream_delivers()
            if self.execution.ended is None:
                self.the_timer_runs_out()
        assert self.execution.ended is not None
        self.there_is_one_outcome()
        self.no_outcome_without_a_person()


Protocol.TestCase.settings = settings(max_examples=300, stateful_step_count=25, deadline=None)
TestProtocol = Protocol.TestCase
