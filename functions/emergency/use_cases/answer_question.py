"""Takes the answer behind a link: only a posted form decides, and only once its person is proven (design §4; R1 to R9).

Every answer goes the same way: the form's nonce, what it says, who says it, and then one transaction that records the
vote, what it came to, and the code that it used up. Telling the workflow follows; where that is lost, `follow_up` makes
up for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from emergency.domain.answer import Form, read_answer
from emergency.domain.assignment import still_to_close
from emergency.domain.decision import Decision, Vote, voted
from emergency.domain.errors import CodeExpired, DecisionSettled, NotEnrolled, NotYours, UnusableAnswer, WrongCode
from emergency.domain.link import Link
from emergency.domain.plan import Contact, Plan
from emergency.domain.second_factor import (
    Challenge,
    challenged,
    check_mailed_code,
    device_token,
    is_a_code,
    is_trusted,
    mailed,
    mailed_code,
    passed,
    totp_step,
    tried,
)
from emergency.domain.terms import Factor, Outcome
from emergency.domain.timeline import Detail, Fact, TimelineEntry
from emergency.ports import (
    AddressBook,
    Authenticators,
    Challenges,
    Clock,
    Decisions,
    Identities,
    MailWriter,
    Post,
    Workflow,
)
from emergency.use_cases.attempts import until_written
from emergency.use_cases.notices import answered_notice
from emergency.use_cases.open_link import NONCE, Opened, check_answerer
from emergency.use_cases.telling import fact_of, tell_workflow_soon

CODE = "code"
CHALLENGE = "challenge"
"""The field that says for which challenge a page asked for the code."""

_FORM_ONLY = frozenset({NONCE, CODE, CHALLENGE, "action"})


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """What came of a button: the decision with the vote, or the challenge that must be met before it counts."""

    decision: Decision
    challenge: Challenge | None = None
    device_token: str = ""
    """What the person's device may keep as a sign of trust; empty where no code was given just now."""


@dataclass(frozen=True, kw_only=True)
class AnswerQuestion:
    """Takes answers and the codes that make them count."""

    plan: Plan
    decisions: Decisions
    challenges: Challenges
    authenticators: Authenticators
    book: AddressBook
    post: Post
    mails: MailWriter
    workflow: Workflow
    identities: Identities
    clock: Clock

    def press(self, opened: Opened, form: Form, device: str = "") -> Pressed:
        """Takes the answer of a form; `device` is the token that the person's device holds, if any.

        Where the plan asks for a second factor, the answer waits under a challenge.
        Raises ForgedForm, UnusableAnswer, NotYours, TooManyCodes, and DecisionSettled where there is an outcome.
        """
        self._check(opened, form)
        outcome, _ = read_answer(opened.decision.kind, self.plan, form)
        if outcome is Outcome.HANDED_IN and still_to_close(opened.briefing.assignment):
            raise UnusableAnswer("tasks", "switched")
        if not opened.decision.second_factor:
            return Pressed(decision=self._vote(opened, form, Factor.LINK))
        if self._knows(device, opened.link):
            return Pressed(decision=self._vote(opened, form, Factor.DEVICE))
        draft = {name: list(values) for name, values in form.items() if name not in _FORM_ONLY}
        challenge = self._challenge(opened, draft)
        return Pressed(decision=opened.decision, challenge=challenge)

    def send_again(self, opened: Opened, form: Form) -> Pressed:
        """Gives a person whose code got lost a new one, for the same answer.

        Raises ForgedForm, TooManyCodes, CodeExpired where nothing was answered yet, and DecisionSettled.
        """
        self._check(opened, form)
        earlier = _of_the_page(self._challenge_of(opened.link), form)
        if earlier is None or earlier.passed_at is not None:
            raise CodeExpired
        return Pressed(decision=opened.decision, challenge=self._challenge(opened, earlier.draft, anew=True))

    def confirm(self, opened: Opened, form: Form) -> Pressed:
        """Makes the answer count whose code is entered.

        Raises ForgedForm, WrongCode, CodeExpired, NotYours, and DecisionSettled where there is an outcome already.
        """
        self._check(opened, form)
        decision = self._settle(opened, lambda: self._try(opened, form))
        return Pressed(decision=decision, device_token=self._trust(opened.link))

    def draft(self, opened: Opened, form: Form) -> Form:
        """What was answered on the page that this form comes from, without making it count; empty for nothing."""
        challenge = _of_the_page(self._challenge_of(opened.link), form)
        return challenge.draft if challenge and challenge.passed_at is None else {}

    def pending(self, opened: Opened) -> Challenge | None:
        """The challenge under which the person's answer waits, or None."""
        challenge = self._challenge_of(opened.link)
        return challenge if challenge and challenge.is_live(self.clock()) else None

    def _check(self, opened: Opened, form: Form) -> None:
        check_answerer(opened, form)
        if not opened.decision.is_open:
            # A second press makes up for a first one that the workflow never heard of.
            tell_workflow_soon(opened.decision, self.workflow)
            raise DecisionSettled(opened.decision.id)
        if opened.decision.requested_by == opened.link.contact:
            raise NotYours(opened.decision.id)

    def _vote(self, opened: Opened, form: Form, factor: Factor) -> Decision:
        return self._settle(opened, lambda: self._record(opened, form, factor, None))

    def _settle(self, opened: Opened, attempt: Callable[[], Decision | WrongCode]) -> Decision:
        """The decision that an attempt has written, passed on. Raises WrongCode and DecisionSettled."""
        try:
            decision = until_written(attempt)
        except DecisionSettled:
            tell_workflow_soon(self.decisions.get(opened.link.incident_id, opened.link.decision_id), self.workflow)
            raise
        if isinstance(decision, WrongCode):
            raise decision
        tell_workflow_soon(decision, self.workflow)
        self.book.clear(opened.contact)
        return decision

    def _record(self, opened: Opened, form: Form, factor: Factor, challenge: Challenge | None) -> Decision:
        """One transaction: the vote, its outcome, its entry, and the code that it uses up."""
        decision = self.decisions.get(opened.link.incident_id, opened.link.decision_id)
        outcome, fields = read_answer(decision.kind, self.plan, form)
        vote = Vote(
            by=opened.link.contact,
            outcome=outcome,
            at=self.clock(),
            fields=fields,
            factor=factor,
            mail=opened.link.mail,
            instead_of=opened.link.instead_of,
        )
        earlier = decision.vote_of(vote.by)
        if decision.is_open and earlier and (earlier.outcome, earlier.fields) == (outcome, fields):
            # Nothing new to record but the code: one that is right must be used up, or guessing in parallel is free.
            return self.decisions.save(decision, challenge=challenge) if challenge else decision
        after = voted(decision, vote)
        entries = [_entry_of(after, vote), *answered_notice(after)]
        return self.decisions.save(after, entries, challenge=challenge)

    def _challenge(self, opened: Opened, draft: Form, *, anew: bool = False) -> Challenge:
        challenge = until_written(lambda: self._open_challenge(opened, draft, anew=anew))
        if challenge.factor is Factor.CODE and not challenge.mail_id:
            challenge = self._mail_code(opened, challenge)
        return challenge

    def _open_challenge(self, opened: Opened, draft: Form, *, anew: bool) -> Challenge:
        link, now = opened.link, self.clock()
        earlier, factor = self._challenge_of(link), self._factor_of(opened.contact)
        challenge = challenged(opened.decision, link.contact, factor, draft, earlier, anew=anew, now=now)
        if challenge is earlier:
            return challenge
        entry = fact_of(
            opened.decision,
            Fact.FACTOR_ASKED,
            key=f"factor/{link.contact}/{challenge.number}",
            now=now,
            actor=link.contact,
            details={"who": link.contact, "factor": challenge.factor, "mail": link.mail},
        )
        return self.challenges.save(challenge, [entry])

    def _mail_code(self, opened: Opened, challenge: Challenge) -> Challenge:
        code = mailed_code(opened.decision, challenge)
        mail_id = self.post.send(self.mails.code(opened.briefing, code, challenge, self.clock()))
        return until_written(lambda: self._note_mailed(opened.link, challenge, mail_id))

    def _note_mailed(self, link: Link, challenge: Challenge, mail_id: str) -> Challenge:
        current = self._challenge_of(link) or challenge
        if current.number != challenge.number or current.mail_id:
            return current
        return self.challenges.save(mailed(current, mail_id))

    def _factor_of(self, contact: Contact) -> Factor:
        """The contact's factor; a code by mail where their authenticator was never set up."""
        if contact.second_factor is Factor.TOTP:
            try:
                self.authenticators.secret_of(contact.id)
            except NotEnrolled:
                return Factor.CODE
        return contact.second_factor

    def _try(self, opened: Opened, form: Form) -> Decision | WrongCode:
        """The decision with the answer that the code belongs to, or what is wrong with the code.

        Nobody learns whether a code was right before the try is on record: guessing in parallel gains nothing (R2).
        """
        link, now = opened.link, self.clock()
        challenge, entered = tried(_of_the_page(self._challenge_of(link), form), now), "".join(form.get(CODE, ()))
        if not is_a_code(entered):
            return WrongCode(challenge.tries_left + 1)
        try:
            self._check_code(opened.decision, challenge, entered)
        except WrongCode as wrong:
            self.challenges.save(challenge, [_failure_of(opened, challenge, self.clock())])
            return wrong
        done = passed(challenge, now)
        return self._record(opened, challenge.draft, challenge.factor, done)

    def _check_code(self, decision: Decision, challenge: Challenge, entered: str) -> None:
        if challenge.factor is Factor.CODE:
            check_mailed_code(decision, challenge, entered)
            return
        try:
            secret = self.authenticators.secret_of(challenge.contact)
        except NotEnrolled:
            raise CodeExpired from None
        step = totp_step(secret, challenge, entered, self.clock())
        if not self.challenges.spend(challenge, step):
            raise WrongCode(challenge.tries_left)

    def _challenge_of(self, link: Link) -> Challenge | None:
        return self.challenges.get(link.incident_id, link.decision_id, link.contact)

    def _knows(self, device: str, link: Link) -> bool:
        if not device:
            return False
        key = self.challenges.device_key(link.incident_id)
        return bool(key) and is_trusted(key, link.incident_id, link.contact, device)

    def _trust(self, link: Link) -> str:
        key = self.challenges.device_key(link.incident_id, self.identities.secret())
        return device_token(key, link.incident_id, link.contact)


def _of_the_page(challenge: Challenge | None, form: Form) -> Challenge | None:
    """The challenge, where the form comes from its page; None where another answer has taken its place since.

    An authenticator's code fits any challenge: without this, whoever changes the answer would have it confirmed by a
    person who sees the former one.
    """
    number = "".join(form.get(CHALLENGE, ()))
    return challenge if challenge and number in ("", str(challenge.number)) else None


def _entry_of(decision: Decision, vote: Vote) -> TimelineEntry:
    about: dict[str, Detail] = {
        "who": vote.by,
        "outcome": vote.outcome,
        "factor": vote.factor,
        "mail": vote.mail,
        **({"instead_of": vote.instead_of} if vote.instead_of else {}),
    }
    if decision.answer is None:
        key = f"vote/{vote.by}/{decision.version}"
        return fact_of(decision, Fact.VOTE_CAST, key=key, now=vote.at, actor=vote.by, details=about)
    about["voters"] = decision.answer.voters
    return fact_of(decision, Fact.DECISION_ANSWERED, key="settled", now=vote.at, actor=vote.by, details=about)


def _failure_of(opened: Opened, challenge: Challenge, now: datetime) -> TimelineEntry:
    return fact_of(
        opened.decision,
        Fact.FACTOR_FAILED,
        key=f"factor_failed/{challenge.contact}/{challenge.number}/{challenge.tries}",
        now=now,
        details={"who": challenge.contact, "factor": challenge.factor, "mail": opened.link.mail},
    )
