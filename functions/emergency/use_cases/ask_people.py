"""Puts a question to people by mail, rung by rung, until it has its one outcome (design §4; P6.2 to P6.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from emergency.domain.decision import Decision, Link, asked, asking, digest_of, lapsed, prepared
from emergency.domain.errors import MailRefused, NobodyReached, RecordChanged, UnknownContact, WorkflowGone
from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.domain.timeline import SYSTEM, Detail, Fact, Place, TimelineEntry
from emergency.ports import Assignments, Clock, Decisions, Hotlines, Identities, Incidents, MailWriter, Post, Workflow
from emergency.use_cases.attempts import until_written


class Standing(StrEnum):
    """Where a question stands when a rung's time is up."""

    SETTLED = "settled"
    ESCALATE = "escalate"
    LAPSE = "lapse"


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
class AskPeople:
    """Mails everyone on a rung a link of their own. A second run mails only those whose mail wasn't accepted before.

    Who can't be reached doesn't keep the others from being asked.
    """

    plan: Plan
    incidents: Incidents
    decisions: Decisions
    assignments: Assignments
    hotlines: Hotlines
    post: Post
    workflow: Workflow
    identities: Identities
    mails: MailWriter
    pages_url: str
    clock: Clock

    def __call__(
        self, incident_id: str, decision_id: str, level: int, task_token: str, place: Place
    ) -> tuple[str, ...]:
        """Asks, and gives the contacts who could not be; where the question is settled, tells the workflow at once.

        Raises DecisionNotFound, and MailRefused or UnknownContact where nobody on the rung could be asked.
        """
        decision = until_written(lambda: self._begin(incident_id, decision_id, level, task_token, place))
        if decision.level > level:
            return ()
        unreached: dict[str, MailRefused | UnknownContact] = {}
        for contact in decision.rungs[level]:
            if decision.is_open and not decision.was_asked(contact, level):
                try:
                    decision = self._mail(decision, contact)
                except (MailRefused, UnknownContact) as error:
                    unreached[contact] = error
        if decision.answer is not None:
            pass_on(decision, task_token, self.workflow)
        elif len(unreached) == len(decision.rungs[level]):
            raise next(iter(unreached.values()))
        return tuple(unreached)

    def _begin(self, incident_id: str, decision_id: str, level: int, task_token: str, place: Place) -> Decision:
        decision = self.decisions.get(incident_id, decision_id)
        if not decision.is_open or decision.level > level:
            # Settled, or a straggler: its rung is over, and its token would take the place of the one that waits.
            return decision
        return self.decisions.save(asking(decision, level=level, task_token=task_token, place=place, now=self.clock()))

    def _mail(self, decision: Decision, contact: str) -> Decision:
        """Stores the link, then mails it, then puts on record that it was mailed: no mail ever holds a dead link."""
        person = self.plan.contact(contact)
        link_id = self.identities.secret()
        link = Link(
            digest=digest_of(link_id),
            incident_id=decision.incident_id,
            decision_id=decision.id,
            contact=contact,
            level=decision.level,
            made_at=self.clock(),
        )
        decision = self._save(decision, links=[link])
        if not decision.is_open:
            return decision
        mail = self.mails.question(
            self.incidents.get(decision.incident_id),
            decision,
            person,
            f"{self.pages_url}/d/{link_id}",
            self.clock(),
            assignment=self.assignments.get(decision.incident_id, decision.team) if decision.team else None,
            hotline=self.hotlines.open_for(decision.incident_id),
        )
        mail_id = self.post.send(mail)
        return self._note_asked(decision, contact, mail_id)

    def _save(self, decision: Decision, links: Sequence[Link]) -> Decision:
        try:
            return self.decisions.save(decision, links=links)
        except RecordChanged:
            fresh = self.decisions.get(decision.incident_id, decision.id)
            return self._save(fresh, links) if fresh.is_open else fresh

    def _note_asked(self, decision: Decision, contact: str, mail_id: str) -> Decision:
        level = decision.level

        def attempt() -> Decision:
            current = self.decisions.get(decision.incident_id, decision.id)
            if current.was_asked(contact, level):
                return current
            now = self.clock()
            entry = fact_of(
                current,
                Fact.DECISION_ASKED,
                key=f"asked/{level}/{contact}",
                actor=SYSTEM,
                clock=self.clock,
                details={"who": contact, "level": level},
            )
            return self.decisions.save(asked(current, contact, mail_id=mail_id, now=now), [entry])

        return until_written(attempt)


@dataclass(frozen=True, kw_only=True)
class LookForAnswer:
    """Looks, when a rung's time is up, whether an answer was recorded that the workflow never heard of."""

    decisions: Decisions
    incidents: Incidents
    clock: Clock

    def __call__(self, incident_id: str, decision_id: str, level: int, place: Place) -> tuple[Standing, Outcome | None]:
        """Where the question stands, with its outcome once it is settled.

        Raises DecisionNotFound, and NobodyReached where the ladder ends without anybody having been mailed.
        """
        decision = self.decisions.get(incident_id, decision_id)
        if decision.answer is not None:
            return Standing.SETTLED, decision.answer.outcome
        entry = fact_of(
            decision,
            Fact.DECISION_UNANSWERED,
            key=f"unanswered/{level}",
            actor=SYSTEM,
            clock=self.clock,
            details={"level": level},
            place=place,
        )
        self.incidents.add(incident_id, [entry])
        if level + 1 < len(decision.rungs):
            return Standing.ESCALATE, None
        if not decision.asked:
            raise NobodyReached(decision.id)
        return Standing.LAPSE, None


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
        entry = fact_of(
            decision,
            Fact.DECISION_LAPSED,
            key="settled",
            actor=SYSTEM,
            clock=self.clock,
            details={"outcome": decision.on_silence},
            place=place,
        )
        self.decisions.save(lapsed(decision, now=self.clock()), [entry])
        return decision.on_silence


def pass_on(decision: Decision, task_token: str, workflow: Workflow) -> bool:
    """Tells the workflow a settled question's outcome; False where nobody waits there any more."""
    if decision.answer is None:
        return False
    try:
        workflow.resume(task_token, decision.id, decision.answer.outcome)
    except WorkflowGone:
        return False
    return True


def fact_of(
    decision: Decision,
    fact: Fact,
    *,
    key: str,
    actor: str,
    clock: Clock,
    details: dict[str, Detail],
    place: Place | None = None,
) -> TimelineEntry:
    """A timeline entry about a question, at the given state or else at the one that asks it."""
    about: dict[str, Detail] = {"decision": decision.id, "kind": decision.kind}
    if decision.team:
        about["team"] = decision.team
    return TimelineEntry(
        key=f"{decision.id}/{key}",
        at=clock(),
        step=decision.kind.step,
        fact=fact,
        actor=actor,
        place=place or decision.place,
        details={**about, **details},
    )
