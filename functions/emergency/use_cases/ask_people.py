"""Puts a question to people by mail, rung by rung, until it has its one outcome (design §4; P6.2 to P6.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from emergency.domain.briefing import Briefing, from_outside
from emergency.domain.decision import (
    Asked,
    Decision,
    Turn,
    asked,
    asking,
    lapsed,
    next_turn,
    prepared,
    unreached,
    without_the_unreachable,
)
from emergency.domain.errors import MailRefused, NobodyReached, UnknownContact
from emergency.domain.link import Link, digest_of
from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.domain.timeline import Detail, Fact, Place, TimelineEntry
from emergency.ports import (
    AddressBook,
    Assignments,
    Clock,
    Decisions,
    Hotlines,
    Identities,
    Incidents,
    MailWriter,
    Post,
    Workflow,
)
from emergency.use_cases.attempts import until_written
from emergency.use_cases.links import save_links
from emergency.use_cases.notices import missed_notice, warned_notice
from emergency.use_cases.telling import fact_of, tell_workflow


@dataclass(frozen=True, kw_only=True)
class PrepareQuestion:
    """Stores a new question; a second run gives the stored one."""

    plan: Plan
    incidents: Incidents
    decisions: Decisions
    identities: Identities
    clock: Clock

    def __call__(self, incident_id: str, kind: DecisionKind, team: Team | None, round_: int, place: Place) -> Decision:
        """The question as stored. Raises IncidentNotFound."""
        question = prepared(
            self.incidents.get(incident_id),
            self.plan,
            kind=kind,
            team=team,
            round_=round_,
            form_key=self.identities.secret(),
            place=place,
            now=self.clock(),
        )
        return self.decisions.create(question)


@dataclass(frozen=True, kw_only=True)
class Briefer:
    """Gathers what a person is told about a question."""

    plan: Plan
    incidents: Incidents
    assignments: Assignments
    hotlines: Hotlines

    def about(self, decision: Decision, contact: str) -> Briefing:
        """The briefing for one contact. Raises IncidentNotFound, UnknownContact."""
        told = Briefing(
            incident=self.incidents.get(decision.incident_id),
            decision=decision,
            contact=self.plan.contact(contact),
            assignment=self.assignments.get(decision.incident_id, decision.team) if decision.team else None,
            hotline=self.hotlines.open_for(decision.incident_id),
        )
        return from_outside(told) if self.plan.is_outside(contact) else told


@dataclass(frozen=True, kw_only=True)
class Call:
    """One run of the state that asks: which level it asks or reminds, and the token under which it waits."""

    incident_id: str
    decision_id: str
    level: int
    task_token: str
    place: Place
    reminder: bool = False


@dataclass(frozen=True)
class Person:
    """Somebody on a level, and the absent contact for whom they stand in; empty where they are asked themselves."""

    contact: str
    instead_of: str = ""


def people_on(decision: Decision, plan: Plan, level: int, now: datetime) -> tuple[Person, ...]:
    """Who is asked on a level: an absent contact's delegate instead of them, and nobody twice."""
    people = dict[str, Person]()
    for contact in decision.rung(level):
        asked_now = plan.stand_in(contact, now)
        if asked_now == decision.requested_by:
            asked_now = contact
        instead_of = contact if asked_now != contact else ""
        people.setdefault(asked_now, Person(asked_now, instead_of))
    return tuple(people.values())


@dataclass(frozen=True, kw_only=True)
class AskPeople:
    """Mails everyone on a level a link of their own, or reminds them.

    A second run mails only those whose mail wasn't accepted before. Who can't be reached doesn't keep the others from
    being asked; where nobody can, the next rung is asked at once (R19).
    """

    plan: Plan
    decisions: Decisions
    briefer: Briefer
    book: AddressBook
    post: Post
    workflow: Workflow
    identities: Identities
    mails: MailWriter
    pages_url: str
    clock: Clock

    def __call__(self, call: Call) -> tuple[str, ...]:
        """Asks, and gives the contacts who could not be; tells the workflow at once where there is nothing to wait for.

        Raises DecisionNotFound.
        """
        decision = until_written(lambda: self._begin(call))
        if decision.level > call.level:
            return ()
        people = people_on(decision, self.plan, call.level, self.clock())
        for person in people:
            if decision.is_open and _is_to_be_mailed(decision, person.contact, call):
                decision = self._try(decision, person, call)
        if not call.reminder:
            decision = until_written(lambda: self._without_the_unreachable(call, people))
        tell_workflow(replace(decision, task_token=call.task_token), self.workflow)
        return tuple(person.contact for person in people if decision.is_unreached(person.contact, call.level))

    def _begin(self, call: Call) -> Decision:
        decision = self.decisions.get(call.incident_id, call.decision_id)
        if not decision.is_open or decision.level > call.level:
            # Settled, or a straggler: its level is over, and its token would take the place of the one that waits.
            return decision
        now = self.clock()
        if self._is_pointless(decision):
            decision = lapsed(decision, now=now)
            return self.decisions.save(decision, [_lapse_of(decision, call.place, now)])
        return self.decisions.save(
            asking(
                decision,
                level=call.level,
                reminder=call.reminder,
                task_token=call.task_token,
                place=call.place,
                now=now,
            )
        )

    def _is_pointless(self, decision: Decision) -> bool:
        """Whether a request comes too late: its incident is over, or takes things back by now."""
        if not decision.is_requested:
            return False
        incident = self.briefer.incidents.get(decision.incident_id)
        takes_back = decision.request is not None and incident.returning_at is not None
        return incident.status.is_over or takes_back

    def _try(self, decision: Decision, person: Person, call: Call) -> Decision:
        try:
            return self._mail(decision, person, call)
        except (MailRefused, UnknownContact):
            return until_written(lambda: self._note_unreached(decision, person.contact))

    def _mail(self, decision: Decision, person: Person, call: Call) -> Decision:
        """Stores the link, then mails it, then puts on record that it was mailed: no mail ever holds a dead link."""
        link_id, now = self.identities.secret(), self.clock()
        briefing = self.briefer.about(decision, person.contact)
        mail = self.mails.question(briefing, f"{self.pages_url}/d/{link_id}", now, reminder=call.reminder)
        link = Link(
            digest=digest_of(link_id),
            incident_id=decision.incident_id,
            decision_id=decision.id,
            contact=person.contact,
            level=decision.level,
            made_at=now,
            mail=mail.name,
            instead_of=person.instead_of,
        )
        decision = save_links(self.decisions, decision, [link])
        if not decision.is_open:
            return decision
        mail_id = self.post.send(mail)
        return until_written(lambda: self._note_asked(decision, person, mail_id, call))

    def _note_asked(self, decision: Decision, person: Person, mail_id: str, call: Call) -> Decision:
        current = self.decisions.get(decision.incident_id, decision.id)
        if current.was_mailed(person.contact, call.level, reminder=call.reminder):
            return current
        entry = Asked(
            contact=person.contact,
            level=call.level,
            at=self.clock(),
            mail_id=mail_id,
            reminder=call.reminder,
            instead_of=person.instead_of,
        )
        return self.decisions.save(asked(current, entry), _entries_of(current, entry))

    def _note_unreached(self, decision: Decision, contact: str) -> Decision:
        current = self.decisions.get(decision.incident_id, decision.id)
        noted = unreached(current, contact, decision.level, "refused", now=self.clock())
        if noted is current:
            return current
        entry = fact_of(
            current,
            Fact.MAIL_UNDELIVERED,
            key=f"undelivered/{decision.level}/{contact}",
            now=self.clock(),
            details={"who": contact, "reason": "refused", "level": decision.level},
        )
        return self.decisions.save(noted, [entry])

    def _without_the_unreachable(self, call: Call, people: Sequence[Person]) -> Decision:
        decision = self.decisions.get(call.incident_id, call.decision_id)
        contacts = [person.contact for person in people]
        known = [contact for contact in contacts if self.plan.knows(contact)]
        marked = {contact for contact in known if self.book.is_unreachable(self.plan.contact(contact))}
        cut = without_the_unreachable(decision, marked, contacts)
        return decision if cut is decision else self.decisions.save(cut)


def _is_to_be_mailed(decision: Decision, contact: str, call: Call) -> bool:
    """Whether a mail is still due; nobody is reminded of what they have answered, or of a level that is over early."""
    if decision.was_mailed(contact, call.level, reminder=call.reminder):
        return False
    return not call.reminder or (decision.vote_of(contact) is None and decision.cut_short is None)


def _entries_of(decision: Decision, entry: Asked) -> list[TimelineEntry]:
    where = f"{entry.level}/{entry.contact}"
    about: dict[str, Detail] = {"who": entry.contact, "level": entry.level}
    if entry.reminder and decision.clock and not decision.is_overdue(entry.at):
        return [warned_notice(decision, entry)]
    if entry.reminder:
        key = f"reminded/{where}"
        return [fact_of(decision, Fact.DECISION_REMINDED, key=key, now=entry.at, details=about)]
    entries = [fact_of(decision, Fact.DECISION_ASKED, key=f"asked/{where}", now=entry.at, details=about)]
    if entry.instead_of:
        about |= {"instead_of": entry.instead_of}
        key = f"delegated/{where}"
        entries.append(fact_of(decision, Fact.DECISION_DELEGATED, key=key, now=entry.at, details=about))
    return entries


class Standing(StrEnum):
    """Where a question stands when a level's time is up."""

    SETTLED = "settled"
    ASK = "ask"
    ESCALATE = "escalate"
    """What executions from before reminders know ASK as (R24)."""
    PAGE = "page"
    """The ladder was silent to its end, and begins anew once the leadership group was paged."""
    LAPSE = "lapse"


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was found: the outcome of a settled question, or whose turn it is."""

    standing: Standing
    outcome: Outcome | None = None
    turn: Turn | None = None


@dataclass(frozen=True, kw_only=True)
class LookForAnswer:
    """Looks, when a level's time is up or was cut short, whether there is an answer, and whose turn it is if not."""

    decisions: Decisions
    incidents: Incidents
    clock: Clock

    def __call__(self, incident_id: str, decision_id: str, level: int, place: Place) -> Look:
        """Where the question stands.

        Raises DecisionNotFound, and NobodyReached where the ladder ends without anybody having been reached by mail.
        """
        decision = self.decisions.get(incident_id, decision_id)
        if decision.answer is not None:
            return Look(standing=Standing.SETTLED, outcome=decision.answer.outcome)
        turn = next_turn(decision, level, self.clock())
        if turn is not None and turn.level == level:
            return Look(standing=Standing.ASK, turn=turn)
        self.incidents.add(incident_id, self._entries(decision, level, turn, place))
        if turn is None:
            if not decision.reached:
                raise NobodyReached(decision.id)
            return Look(standing=Standing.LAPSE)
        if decision.is_from_before:
            return Look(standing=Standing.ESCALATE, turn=turn)
        return Look(standing=Standing.PAGE if decision.pages_before(turn.level) else Standing.ASK, turn=turn)

    def _entries(self, decision: Decision, level: int, turn: Turn | None, place: Place) -> list[TimelineEntry]:
        told = [] if decision.cut_short else [(Fact.DECISION_UNANSWERED, f"unanswered/{level}")]
        if turn is not None and decision.pages_before(turn.level):
            told.append((Fact.LEADERSHIP_PAGED, f"paged/{level}"))
        entries = [
            fact_of(decision, fact, key=key, now=self.clock(), details={"level": level}, place=place)
            for fact, key in told
        ]
        return [*entries, *missed_notice(decision, self.clock(), place)]


@dataclass(frozen=True, kw_only=True)
class LetPlanDecide:
    """Settles a question that nobody answered with the outcome that the plan declares, unless an answer comes first."""

    decisions: Decisions
    clock: Clock

    def __call__(self, incident_id: str, decision_id: str, place: Place) -> Outcome:
        """The question's one outcome. Raises DecisionNotFound."""
        return until_written(lambda: self._settle(incident_id, decision_id, place))

    def _settle(self, incident_id: str, decision_id: str, place: Place) -> Outcome:
        decision = self.decisions.get(incident_id, decision_id)
        if decision.answer is not None:
            return decision.answer.outcome
        now = self.clock()
        decision = lapsed(decision, now=now)
        self.decisions.save(decision, [_lapse_of(decision, place, now)])
        return decision.on_silence


def _lapse_of(decision: Decision, place: Place, now: datetime) -> TimelineEntry:
    details: dict[str, Detail] = {"outcome": decision.on_silence}
    return fact_of(decision, Fact.DECISION_LAPSED, key="settled", now=now, details=details, place=place)
