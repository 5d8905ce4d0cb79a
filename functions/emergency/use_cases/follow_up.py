"""What must follow once a decision stands on record, whatever died in between (R13): the outbox of the decisions."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from emergency.domain.deadline import ClockKind
from emergency.domain.decision import Decision
from emergency.domain.errors import MailRefused, UnknownContact
from emergency.ports import Clock, Decisions, MailWriter, Post, Workflow
from emergency.use_cases.ask_people import Briefer
from emergency.use_cases.attempts import until_written
from emergency.use_cases.telling import tell_workflow


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """Sees that the workflow hears of a decision, that everyone asked learns of it, and that requests are put.

    Called after every change of a decision's record, as often as that takes; each of its steps may be repeated.
    """

    decisions: Decisions
    briefer: Briefer
    post: Post
    mails: MailWriter
    workflow: Workflow
    clock: Clock

    def __call__(self, incident_id: str, decision_id: str) -> None:
        """Does what is left to do. Raises DecisionNotFound, and PostUnavailable to be called again."""
        decision = self.decisions.get(incident_id, decision_id)
        if decision.is_requested and decision.is_open and decision.due_at is None:
            self.workflow.start_request(incident_id, decision_id, decision.kind)
        if decision.clock and decision.is_open and decision.due_at is None:
            self.workflow.start_clock(incident_id, decision_id, ClockKind.NOTICE)
        tell_workflow(decision, self.workflow)
        if decision.answer is not None:
            for contact in _to_be_told(decision):
                self._tell(decision, contact)

    def _tell(self, decision: Decision, contact: str) -> None:
        """Mails first, then notes it: a person may be told twice, never not at all (R18)."""
        # Nothing waits for this mail: who can't be reached keeps nobody else from being told.
        with suppress(MailRefused, UnknownContact):
            self.post.send(self.mails.settled(self.briefer.about(decision, contact), self.clock()))
        until_written(lambda: self._note(decision, contact))

    def _note(self, decision: Decision, contact: str) -> Decision:
        current = self.decisions.get(decision.incident_id, decision.id)
        if contact in current.told:
            return current
        return self.decisions.save(replace(current, told=(*current.told, contact)))


def _to_be_told(decision: Decision) -> list[str]:
    """Everyone who was asked, and who requested it; not those whose own votes decided."""
    if decision.answer is None:
        return []
    concerned = [*(mail.contact for mail in decision.asked), decision.requested_by]
    knowing = {*decision.answer.voters, *decision.told, ""}
    return [contact for contact in dict.fromkeys(concerned) if contact not in knowing]
