"""The answer behind a mailed link: looking changes nothing, only a posted form decides (design §4; R1, R5, R6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emergency.domain.decision import Decision, Link, answered, check_nonce, digest_of, read_answer
from emergency.domain.errors import DecisionSettled
from emergency.domain.plan import Contact, Plan
from emergency.domain.report import Record
from emergency.domain.timeline import Fact
from emergency.ports import Clock, Decisions, Incidents, Workflow
from emergency.use_cases.ask_people import fact_of, pass_on
from emergency.use_cases.attempts import until_written


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An opened link: who is asked what, and the incident's record so far."""

    link: Link
    contact: Contact
    decision: Decision
    record: Record


@dataclass(frozen=True, kw_only=True)
class AnswerQuestion:
    """Reads what a link asks, and takes its answer."""

    plan: Plan
    incidents: Incidents
    decisions: Decisions
    workflow: Workflow
    clock: Clock

    def look(self, link_id: str) -> Opened:
        """What is asked behind the link; writes nothing. Raises UnknownLink."""
        link = self.decisions.link(digest_of(link_id))
        record = self.incidents.record(link.incident_id)
        return Opened(
            link=link,
            contact=self.plan.contact(link.contact),
            decision=self.decisions.get(link.incident_id, link.decision_id),
            record=record,
        )

    def decide(self, opened: Opened, form: Mapping[str, Sequence[str]]) -> Decision:
        """The decision with this answer as its outcome; the workflow has been told.

        A vote and its outcome are one conditional write; telling the workflow follows and is made up for where it is
        lost: by a second press, by a retried state, or when the rung's time is up.
        Raises ForgedForm, UnusableAnswer, and DecisionSettled where another answer came first.
        """
        check_nonce(opened.decision, opened.link, next(iter(form.get("nonce", ())), ""))
        try:
            decision = until_written(lambda: self._record(opened, form))
        except DecisionSettled:
            decision = self.decisions.get(opened.link.incident_id, opened.link.decision_id)
            pass_on(decision, decision.task_token, self.workflow)
            raise
        pass_on(decision, decision.task_token, self.workflow)
        return decision

    def _record(self, opened: Opened, form: Mapping[str, Sequence[str]]) -> Decision:
        decision = self.decisions.get(opened.link.incident_id, opened.link.decision_id)
        if not decision.is_open:
            raise DecisionSettled(decision.id)
        outcome, fields = read_answer(decision, form)
        contact = opened.link.contact
        entry = fact_of(
            decision,
            Fact.DECISION_ANSWERED,
            key="settled",
            actor=contact,
            clock=self.clock,
            details={"outcome": outcome, "who": contact},
        )
        return self.decisions.save(
            answered(decision, by=contact, outcome=outcome, fields=fields, now=self.clock()), [entry]
        )
