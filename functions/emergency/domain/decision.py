"""The decision protocol: one question, put to named people rung by rung, with exactly one outcome (design §4).

Everything here is a value or a rule; storing, mailing and telling the workflow are the use cases' work.

A ladder is climbed by `level`: 0 is the first rung, and where the plan starts over after a silent ladder the levels go
on counting, so that each level is asked once and has its own place on the record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from emergency.domain.answer import QUESTIONS
from emergency.domain.deliveries import CarrierOrder, Replan, orders_of
from emergency.domain.errors import CannotPassOn, DecisionSettled, NoMoreTime, NotYours
from emergency.domain.incident import Incident
from emergency.domain.maintenance import Maintenance
from emergency.domain.plan import MoreTime, Plan
from emergency.domain.statement import Draft
from emergency.domain.terms import DecisionKind, Factor, Outcome, Severity, Team
from emergency.domain.timeline import Place

_DECLARED = {
    DecisionKind.ACKNOWLEDGE: Outcome.NOT_ACKNOWLEDGED,
    DecisionKind.COMPLETE: Outcome.NOT_COMPLETED,
    DecisionKind.CLEAN_UP: Outcome.NOT_HANDED_IN,
    DecisionKind.REVIEW: Outcome.NOT_REVIEWED,
    DecisionKind.RELEASE: Outcome.NOT_RELEASED,
    DecisionKind.DUTIES: Outcome.NOT_CONFIRMED,
    DecisionKind.NOTICE: Outcome.NOT_SENT,
    DecisionKind.STATEMENT: Outcome.NOT_APPROVED,
    DecisionKind.CARRIER: Outcome.NOT_CONFIRMED,
    DecisionKind.SEVERITY: Outcome.NOT_RAISED,
    DecisionKind.MAINTENANCE: Outcome.NOT_APPROVED,
}

_BESIDE_WORK = frozenset({DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE})
"""The questions beside which a team does its work."""

_TOLERANCE, _MOST_TOLERANCE = 0.1, 30.0
"""The part of a rung's time by which its end may be missed, and the most seconds that this may be.

A function's start lies between timer and record, and takes no longer because the rung does.
"""

_MOMENT = timedelta(seconds=2)
"""By how much a timer of whole seconds may run out before its time."""


def _slack(seconds: float) -> float:
    return min(max(1.0, seconds * _TOLERANCE), _MOST_TOLERANCE)


class CutShort(StrEnum):
    """Why a rung's wait ends before its time. The values are the error names that the ASL catches."""

    HANDED_OVER = "HandedOver"
    MAIL_BOUNCED = "MailBounced"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One mail that asked, or reminded, one person on one level.

    `mail_id` is the mail provider's answer. `instead_of` is the absent contact for whom this person stands in.
    """

    contact: str
    level: int
    at: datetime
    mail_id: str = ""
    reminder: bool = False
    instead_of: str = ""


@dataclass(frozen=True, kw_only=True)
class Undelivered:
    """A mail that did not reach a person on a level, and why: `refused`, `complaint` and the like."""

    contact: str
    level: int
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Vote:
    """What one person answered. `mail` names the mail whose link they used."""

    by: str
    outcome: Outcome
    at: datetime
    fields: Mapping[str, str] = field(default_factory=dict)
    factor: Factor = Factor.LINK
    mail: str = ""
    instead_of: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The outcome of a decision. `by` is a contact id, or empty where the plan's declared outcome applied.

    `voters` are all who agreed to it, `by` the last of them.
    """

    outcome: Outcome
    by: str
    at: datetime
    fields: Mapping[str, str] = field(default_factory=dict)
    voters: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a team asks the leadership group to release (P6.4): units of a resource, or cents of the funds."""

    by: str
    team: Team
    resource: str
    quantity: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class NoticeClock:
    """The clock of one notice: which of the plan's, from when, and until when it must be sent."""

    notice: str
    began_at: datetime
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Worsening:
    """A signal that makes an incident worse than it was taken for: how bad, which signal, and what that says."""

    severity: Severity
    signal: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One question put to people.

    `rungs` are contact ids, first asked first; each rung has its seconds in `waits`, or all the same `wait` in records
    from before rungs had their own (R24). `due_at` is when the present level ends, `remind_at` the percentage of its
    time after which its people are reminded. `cut_short` says that its wait is over early. `votes` holds the last
    answer of each person; `needed` of them must agree. `clock` is there where a notice to an authority must be sent in
    time: then the first level lasts as long as it. `request`, `statement`, `order` and `maintenance` are what somebody
    asked for on a page, `worsening` is what the severity is to be raised for. `form_key` and `task_token` are secrets
    that never leave the records. `place` is the state that asks.
    """

    incident_id: str
    id: str
    kind: DecisionKind
    team: Team | None = None
    round: int
    rungs: tuple[tuple[str, ...], ...]
    waits: tuple[int, ...] = ()
    wait: int = 0
    on_silence: Outcome
    opened_at: datetime
    place: Place
    form_key: str
    needed: int = 1
    second_factor: bool = False
    remind_at: int = 0
    start_over: int = 0
    hand_over: bool = False
    more_time: MoreTime | None = None
    request: Request | None = None
    clock: NoticeClock | None = None
    statement: Draft | None = None
    order: CarrierOrder | None = None
    worsening: Worsening | None = None
    maintenance: Maintenance | None = None
    level: int = 0
    level_began_at: datetime | None = None
    due_at: datetime | None = None
    reminded: bool = False
    extended: int = 0
    cut_short: CutShort | None = None
    handed_over: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()
    votes: tuple[Vote, ...] = ()
    answer: Answer | None = None
    told: tuple[str, ...] = ()
    task_token: str = ""
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the decision still waits for its outcome."""
        return self.answer is None

    @property
    def is_requested(self) -> bool:
        """Whether it came up beside the steps, from a page or a signal: an execution of its own puts it to people."""
        return bool(self.request or self.statement or self.order or self.worsening or self.maintenance)

    @property
    def requested_by(self) -> str:
        """Who asks for something and so can't grant it (R9): its author; or empty."""
        return _author(self.request, self.statement, self.maintenance)

    @property
    def writes_statements(self) -> bool:
        """Whether public relations writes statements beside it: it is one of the team's own questions."""
        return self.team is Team.PUBLIC_RELATIONS and self.kind in _BESIDE_WORK | {DecisionKind.CLEAN_UP}

    @property
    def plans_deliveries(self) -> bool:
        """Whether the logistics lead plans deliveries anew beside it."""
        return self.team is Team.LOGISTICS_SUPPORT and self.kind in _BESIDE_WORK

    @property
    def is_from_before(self) -> bool:
        """Whether an execution asks that knows neither reminders nor waits that are cut short (R24)."""
        return not self.waits

    @property
    def levels(self) -> int:
        """How many levels there are in all: the rungs, as often as the ladder is climbed."""
        return len(self.rungs) * (self.start_over + 1)

    @property
    def is_last_level(self) -> bool:
        """Whether nobody is left to ask after the present level."""
        return self.level + 1 >= self.levels

    @property
    def next_rung(self) -> tuple[str, ...]:
        """The contact ids asked next if the present level stays silent; empty on the last one."""
        return () if self.is_last_level else self.rung(self.level + 1)

    @property
    def starts_over_next(self) -> bool:
        """Whether the next level is the first rung once more, after the leadership group was paged."""
        return not self.is_last_level and self.starts_over_at(self.level + 1)

    def starts_over_at(self, level: int) -> bool:
        """Whether a level is the first rung once more."""
        return level > 0 and level % len(self.rungs) == 0

    def is_overdue(self, now: datetime) -> bool:
        """Whether a notice's time is over; a timer of whole seconds may run out a moment before."""
        return self.clock is not None and now + _MOMENT >= self.clock.due_at

    def pages_before(self, level: int) -> bool:
        """Whether the leadership group is paged before a level is asked: a ladder begins anew, a notice is overdue."""
        return self.starts_over_at(level) or (self.clock is not None and level == 1)

    def rung(self, level: int) -> tuple[str, ...]:
        """The contact ids of a level."""
        return self.rungs[level % len(self.rungs)]

    def seconds(self, level: int) -> int:
        """How long a level waits."""
        rung = level % len(self.rungs)
        if self.clock and level > 0:
            # The first rung has the law's time once; asked again, it has a rung's.
            rung = max(rung, 1)
        return self.waits[min(rung, len(self.waits) - 1)] if self.waits else self.wait

    def was_mailed(self, contact: str, level: int, *, reminder: bool = False) -> bool:
        """Whether the mail provider has accepted this person's mail, or their reminder, for a level."""
        return any((a.contact, a.level, a.reminder) == (contact, level, reminder) and a.mail_id for a in self.asked)

    def is_unreached(self, contact: str, level: int) -> bool:
        """Whether a mail to this person on that level was refused or came back."""
        return any((u.contact, u.level) == (contact, level) for u in self.undelivered)

    @property
    def reached(self) -> frozenset[str]:
        """Everybody with whom at least one mail has stayed."""
        return frozenset(a.contact for a in self.asked if not self.is_unreached(a.contact, a.level))

    @property
    def awaits_somebody(self) -> bool:
        """Whether the present level can be answered: by its people, or on the last one by those asked before."""
        mailed = any(a.level == self.level and a.mail_id for a in self.asked)
        return mailed or (self.is_last_level and bool(self.reached))

    def vote_of(self, contact: str) -> Vote | None:
        """What a person answered last, or None."""
        return next((vote for vote in self.votes if vote.by == contact), None)

    def may_hand_over(self, contact: str) -> bool:
        """Whether this person can pass the question to those who come next (the plan allows it, and it is theirs)."""
        is_theirs = any(a.contact == contact and a.level == self.level for a in self.asked)
        return self.is_open and self.hand_over and is_theirs and not self.is_last_level and self.cut_short is None

    @property
    def extension(self) -> timedelta | None:
        """By how much the present level would be extended, or None where it is over or the plan gives no more time."""
        if not self.is_open or self.due_at is None or self.cut_short is not None:
            return None
        if self.more_time is None or self.extended >= self.more_time.times:
            return None
        return timedelta(seconds=self.seconds(self.level) * self.more_time.share // 100)


def decision_id(kind: DecisionKind, team: Team | None = None, round_: int = 0) -> str:
    """The id of a decision within its incident, e.g. `orders`, `complete-public_relations`, `review-2`."""
    return "-".join([kind.value, *([team.value] if team else []), *([str(round_)] if round_ else [])])


def prepared(
    incident: Incident,
    plan: Plan,
    *,
    kind: DecisionKind,
    team: Team | None,
    round_: int = 0,
    form_key: str,
    place: Place,
    now: datetime,
    request: Request | None = None,
    clock: NoticeClock | None = None,
    statement: Draft | None = None,
    order: CarrierOrder | None = None,
    worsening: Worsening | None = None,
    maintenance: Maintenance | None = None,
    id_: str = "",
) -> Decision:
    """A question ready to be put: who is asked in which order, how long each rung waits, what silence means.

    Who requested something, or drafted a statement, is nobody whom it is put to (four eyes, R9). How much a request is
    worth says who decides on it (P6.4). Whether to raise the severity is decided as fast as at the higher one.
    """
    bad = worsening.severity if worsening else incident.severity
    severity, how = plan.severities[bad], plan.decisions[kind]
    approval = plan.approval(request.resource, request.quantity) if request else None
    needed = approval.needed if approval else how.needed.get(bad, 1)
    waits = severity.wait[kind]
    barred = _author(request, statement, maintenance)
    return Decision(
        incident_id=incident.id,
        id=id_ or decision_id(kind, team, round_),
        kind=kind,
        team=team,
        round=round_,
        rungs=plan.ladder(
            kind, team, needed=needed, barred=barred, approval=approval, carrier=order.carrier if order else ""
        ),
        waits=(max(_whole((clock.due_at - now).total_seconds()), waits[0]), *waits) if clock else waits,
        on_silence=severity.orders_on_silence if kind is DecisionKind.ORDERS else _DECLARED[kind],
        opened_at=now,
        place=place,
        form_key=form_key,
        needed=needed,
        second_factor=how.second_factor,
        remind_at=how.remind_at,
        start_over=how.start_over,
        hand_over=how.hand_over,
        more_time=how.more_time,
        request=request,
        clock=clock,
        statement=statement,
        order=order,
        worsening=worsening,
        maintenance=maintenance,
    )


def _author(*asked_for: Request | Draft | Maintenance | None) -> str:
    """Who asks for what is decided, and so has no say in it; empty where nobody does."""
    return next((one.by for one in asked_for if one), "")


def drafts(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """The drafted statements among decisions, oldest first."""
    drafted = [decision for decision in decisions if decision.statement]
    return tuple(sorted(drafted, key=lambda decision: (decision.opened_at, decision.id)))


def answered_orders(replan: Replan, decisions: Iterable[Decision]) -> tuple[tuple[CarrierOrder, Answer | None], ...]:
    """What each carrier is asked of a re-plan, and what it has answered; None while it has not."""
    answers = {one.order.carrier: one.answer for one in decisions if one.order and one.order.replan == replan.id}
    return tuple((order, answers.get(order.carrier)) for order in orders_of(replan))


def asking(
    decision: Decision, *, level: int, reminder: bool = False, task_token: str, place: Place, now: datetime
) -> Decision:
    """The decision as a level begins to be asked or reminded: its newest task token, and until when the level waits.

    A state that is tried again keeps the level's first deadline. Raises DecisionSettled when there is an outcome.
    """
    _expect_open(decision)
    fresh = replace(decision, level=level, task_token=task_token, place=place)
    if decision.level == level and decision.due_at is not None:
        return replace(fresh, reminded=decision.reminded or reminder)
    began_at, due_at = now, now + timedelta(seconds=decision.seconds(level))
    if decision.clock and (level == 0 or now < decision.clock.due_at):
        # The law's time runs on while the question is on its way; only what is hardly left is made an answer's time.
        # Where nobody on the rungs before could be mailed, whoever is asked instead has all that is left of it.
        began_at = decision.clock.began_at
        due_at = max(decision.clock.due_at, now + timedelta(seconds=decision.seconds(max(level, 1))))
    return replace(fresh, level_began_at=began_at, due_at=due_at, reminded=reminder, cut_short=None)


def _expect_open(decision: Decision) -> None:
    """Raises DecisionSettled when there is an outcome: nothing that comes later changes it (R5)."""
    if decision.answer is not None:
        raise DecisionSettled(decision.id)


def asked(decision: Decision, mail: Asked) -> Decision:
    """The decision after the mail provider has accepted a person's mail."""
    return replace(decision, asked=(*decision.asked, mail))


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What comes next when a level's timer has run out: a level to wait on, for so many seconds."""

    level: int
    seconds: int
    reminder: bool = False


def next_turn(decision: Decision, level: int, now: datetime) -> Turn | None:
    """Whose turn it is after `level` timed out or was cut short; None where the ladder ends.

    More time that was given meanwhile is waited out first, then the level's people are reminded, then the next level
    is asked. A level on which nobody could be mailed is not waited for (R19).
    """
    is_on = decision.level == level and decision.cut_short is None and decision.awaits_somebody
    if is_on and decision.due_at and decision.level_began_at:
        left = (decision.due_at - now).total_seconds()
        slack = _slack(decision.seconds(level))
        if left > slack:
            return _rest_of_level(decision, decision.level_began_at, left, slack)
    if level + 1 >= decision.levels and not _ended_with_its_clock(decision, level):
        return None
    return Turn(level=level + 1, seconds=first_wait(decision, level + 1))


def _ended_with_its_clock(decision: Decision, level: int) -> bool:
    """Whether the last level was asked while a notice could still be in time: then it is asked for once it is overdue.

    So a rung that can't be mailed costs none of the law's time, nor the time that the plan gives after it.
    """
    if decision.clock is None or level + 1 != decision.levels or decision.level_began_at is None:
        return False
    return decision.level == level and decision.level_began_at < decision.clock.due_at


def _rest_of_level(decision: Decision, began_at: datetime, left: float, slack: float) -> Turn:
    if decision.reminded or not decision.remind_at or decision.due_at is None:
        return Turn(level=decision.level, seconds=_whole(left), reminder=decision.reminded)
    length = (decision.due_at - began_at).total_seconds()
    until_reminder = left - length * (100 - decision.remind_at) / 100
    if until_reminder > slack:
        return Turn(level=decision.level, seconds=_whole(until_reminder))
    return Turn(level=decision.level, seconds=_whole(left), reminder=True)


def first_wait(decision: Decision, level: int) -> int:
    """The seconds for which a level waits before its people are reminded, or altogether where they aren't."""
    seconds = decision.seconds(level)
    if not decision.remind_at:
        return seconds
    if decision.clock and level == 0:
        due_at = decision.opened_at + timedelta(seconds=seconds)
        warned_at = decision.clock.began_at + (due_at - decision.clock.began_at) * decision.remind_at / 100
        return _whole((warned_at - decision.opened_at).total_seconds()) if warned_at > decision.opened_at else seconds
    return max(1, seconds * decision.remind_at // 100)


def _whole(seconds: float) -> int:
    return max(1, round(seconds))


def voted(decision: Decision, vote: Vote) -> Decision:
    """The decision with a person's vote; where enough people agree, with its outcome.

    One person has one vote, and may change it while the decision is open. Votes agree when they have the same outcome
    and the same substance: every field that isn't free text.
    Raises DecisionSettled when there is an outcome already, NotYours for whoever requested what is decided (R9).
    """
    _expect_open(decision)
    if decision.requested_by == vote.by:
        raise NotYours(decision.id)
    votes = (*(earlier for earlier in decision.votes if earlier.by != vote.by), vote)
    after = replace(decision, votes=votes)
    alike = agreeing(after, vote)
    if len(alike) < decision.needed:
        return after
    voters = tuple(other.by for other in alike)
    answer = Answer(outcome=vote.outcome, by=vote.by, at=vote.at, fields=vote.fields, voters=voters)
    return replace(after, answer=answer)


def agreeing(decision: Decision, vote: Vote) -> tuple[Vote, ...]:
    """The decision's votes that agree with this one, itself among them once it was cast."""
    return tuple(other for other in decision.votes if _substance(decision, other) == _substance(decision, vote))


def _substance(decision: Decision, vote: Vote) -> tuple[Outcome, tuple[tuple[str, str], ...]]:
    free = QUESTIONS[decision.kind].texts
    return vote.outcome, tuple(sorted((name, value) for name, value in vote.fields.items() if name not in free))


def lapsed(decision: Decision, *, now: datetime) -> Decision:
    """The decision with the outcome that the plan declares for silence. Raises DecisionSettled when there is one."""
    _expect_open(decision)
    return replace(decision, answer=Answer(outcome=decision.on_silence, by="", at=now))


def handed_over(decision: Decision, contact: str) -> Decision:
    """The decision after a person has passed it to those who come next. Raises CannotPassOn, DecisionSettled."""
    _expect_open(decision)
    if not decision.may_hand_over(contact):
        raise CannotPassOn(decision.id)
    once_each = tuple(dict.fromkeys((*decision.handed_over, contact)))
    return replace(decision, handed_over=once_each, cut_short=CutShort.HANDED_OVER)


def given_more_time(decision: Decision) -> Decision:
    """The decision with more time on its present level. Raises NoMoreTime, DecisionSettled."""
    _expect_open(decision)
    extension = decision.extension
    if extension is None or decision.due_at is None:
        raise NoMoreTime(decision.id)
    return replace(decision, due_at=decision.due_at + extension, extended=decision.extended + 1)


def unreached(decision: Decision, contact: str, level: int, reason: str, *, now: datetime) -> Decision:
    """The decision after a mail to a person was refused or came back; a second time changes nothing (R19)."""
    if decision.is_unreached(contact, level):
        return decision
    entry = Undelivered(contact=contact, level=level, reason=reason, at=now)
    return replace(decision, undelivered=(*decision.undelivered, entry))


def without_the_unreachable(decision: Decision, unreachable: Collection[str], people: Collection[str]) -> Decision:
    """The decision, its present level cut short where all of these people are out of reach (R19).

    The last level waits on, as somebody asked before may still answer; unless nobody was ever reached.
    """
    hopeless = bool(people) and all(p in unreachable or decision.is_unreached(p, decision.level) for p in people)
    nobody_waits = not decision.is_last_level or not decision.reached
    if decision.is_from_before:
        return decision
    if decision.is_open and decision.cut_short is None and hopeless and nobody_waits:
        return replace(decision, cut_short=CutShort.MAIL_BOUNCED)
    return decision
