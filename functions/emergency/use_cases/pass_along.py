"""What a person does with a question beside answering it: hands it over, or asks for more time (P6.3, P6.5)."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.answer import Form, read_text
from emergency.domain.decision import Decision, given_more_time, handed_over
from emergency.domain.timeline import Detail, Fact
from emergency.ports import Clock, Decisions, Workflow
from emergency.use_cases.attempts import until_written
from emergency.use_cases.open_link import Opened, check_answerer
from emergency.use_cases.telling import fact_of, tell_workflow_soon

REASON = "reason"


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """Passes a question on to those who come next, at once: "not me"."""

    decisions: Decisions
    workflow: Workflow
    clock: Clock

    def __call__(self, opened: Opened, form: Form) -> Decision:
        """The question as it was passed on; a second press changes nothing and tells the workflow again.

        Raises ForgedForm, NotYours, UnusableAnswer, CannotPassOn, DecisionSettled.
        """
        check_answerer(opened, form)
        reason = read_text(form, REASON)
        decision = until_written(lambda: self._pass_on(opened, reason))
        tell_workflow_soon(decision, self.workflow)
        return decision

    def _pass_on(self, opened: Opened, reason: str) -> Decision:
        link = opened.link
        decision = self.decisions.get(link.incident_id, link.decision_id)
        if link.contact in decision.handed_over and not decision.may_hand_over(link.contact):
            return decision
        details: dict[str, Detail] = {"who": link.contact, "to": decision.next_rung, "mail": link.mail}
        entry = fact_of(
            decision,
            Fact.HANDED_OVER,
            key=f"handed_over/{decision.level}/{link.contact}",
            now=self.clock(),
            actor=link.contact,
            details={**details, **({"text": reason} if reason else {})},
        )
        return self.decisions.save(handed_over(decision, link.contact), [entry])


@dataclass(frozen=True, kw_only=True)
class AskForMoreTime:
    """Extends the time that a question's present level has, as often as the plan allows."""

    decisions: Decisions
    clock: Clock

    def __call__(self, opened: Opened, form: Form) -> Decision:
        """The question with its new deadline. Posting the same form twice extends once.

        Raises ForgedForm, NotYours, UnusableAnswer, NoMoreTime, DecisionSettled.
        """
        check_answerer(opened, form)
        reason = read_text(form, REASON)
        seen = "".join(form.get("extended", ()))
        return until_written(lambda: self._extend(opened, reason, seen))

    def _extend(self, opened: Opened, reason: str, seen: str) -> Decision:
        link = opened.link
        decision = self.decisions.get(link.incident_id, link.decision_id)
        if seen.isdecimal() and int(seen) < decision.extended:
            return decision
        extended = given_more_time(decision)
        details: dict[str, Detail] = {"who": link.contact, "mail": link.mail}
        if extended.due_at:
            details["until"] = extended.due_at.isoformat()
        entry = fact_of(
            decision,
            Fact.MORE_TIME,
            key=f"more_time/{extended.extended}",
            now=self.clock(),
            actor=link.contact,
            details={**details, **({"text": reason} if reason else {})},
        )
        return self.decisions.save(extended, [entry])
