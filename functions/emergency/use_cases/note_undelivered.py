"""A mail came back: its person is marked, the next rung is asked at once, and people can see it (R19)."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.decision import Decision, unreached, without_the_unreachable
from emergency.domain.errors import DecisionNotFound
from emergency.domain.mail_feedback import Feedback, MailFeedback
from emergency.domain.plan import Plan
from emergency.domain.terms import Step
from emergency.domain.timeline import SYSTEM, Detail, Fact, Place, TimelineEntry
from emergency.ports import AddressBook, Clock, Decisions, Incidents, Workflow
from emergency.use_cases.ask_people import people_on
from emergency.use_cases.attempts import until_written
from emergency.use_cases.telling import fact_of, tell_workflow

_ASKING = frozenset({"question", "reminder"})
_RESPONSE = "3. Emergency response and 4. Rear support"
"""The state during which mails are sent that belong to no question."""


@dataclass(frozen=True, kw_only=True)
class NoteUndelivered:
    """Takes in what the mail provider tells of one mail. A second time changes nothing and tells the workflow again."""

    plan: Plan
    incidents: Incidents
    decisions: Decisions
    book: AddressBook
    workflow: Workflow
    clock: Clock

    def __call__(self, feedback: MailFeedback) -> None:
        """Puts it on record and moves the question on. A question that doesn't exist any more is let be."""
        try:
            decision = self._question(feedback)
        except DecisionNotFound:
            return
        is_late = feedback.kind is Feedback.DELIVERY_DELAY
        if not is_late and feedback.is_lasting and self.plan.knows(feedback.contact):
            self.book.mark(self.plan.contact(feedback.contact), feedback.reason, self.clock())
        fact = Fact.MAIL_DELAYED if is_late else Fact.MAIL_UNDELIVERED
        self.incidents.add(feedback.incident_id, [self._entry(decision, feedback, fact)])
        if decision and not is_late and feedback.purpose in _ASKING:
            tell_workflow(until_written(lambda: self._mark(feedback)), self.workflow)

    def _question(self, feedback: MailFeedback) -> Decision | None:
        """The question that the mail was about; None for a mail that told something and asked nothing."""
        return self.decisions.get(feedback.incident_id, feedback.decision_id) if feedback.decision_id else None

    def _mark(self, feedback: MailFeedback) -> Decision:
        decision = self.decisions.get(feedback.incident_id, feedback.decision_id)
        marked = unreached(decision, feedback.contact, feedback.level, feedback.reason, now=self.clock())
        # Mails come back while others of the rung are still being sent: whoever is yet to be asked counts too.
        to_ask = people_on(decision, self.plan, decision.level, decision.level_began_at or self.clock())
        asked_now = {mail.contact for mail in decision.asked if mail.level == decision.level}
        cut = without_the_unreachable(marked, frozenset(), asked_now.union(person.contact for person in to_ask))
        return decision if cut == decision else self.decisions.save(cut)

    def _entry(self, decision: Decision | None, feedback: MailFeedback, fact: Fact) -> TimelineEntry:
        details: dict[str, Detail] = {
            "who": feedback.contact,
            "reason": feedback.reason,
            "level": feedback.level,
            "purpose": feedback.purpose,
        }
        key, now = f"{fact}/{feedback.id}", self.clock()
        if decision:
            return fact_of(decision, fact, key=key, now=now, details=details)
        return TimelineEntry(
            key=key,
            at=now,
            step=Step.EMERGENCY_RESPONSE,
            fact=fact,
            actor=SYSTEM,
            place=Place(execution=feedback.incident_id, state=_RESPONSE),
            details=details,
        )
