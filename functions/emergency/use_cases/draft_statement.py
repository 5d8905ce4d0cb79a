"""Public relations drafts a statement; others approve it (P6.3; R9)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from emergency.domain.answer import Form
from emergency.domain.decision import Decision, prepared
from emergency.domain.errors import DecisionSettled, TooManyRequests, UnknownLink, WorkflowUnavailable
from emergency.domain.plan import Plan
from emergency.domain.statement import Draft, read_draft, read_phase
from emergency.domain.terms import DecisionKind, Outcome, Phase, Team
from emergency.domain.timeline import Fact
from emergency.ports import Clock, Decisions, Identities, Workflow
from emergency.use_cases.open_link import Opened, check_answerer, form_id
from emergency.use_cases.telling import fact_of

MOST_STATEMENTS = 100
"""How many statements one incident takes: an update every 20 minutes for more than a day."""

WRITTEN_ON = frozenset({DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE, DecisionKind.CLEAN_UP})
"""The questions beside which public relations writes."""


def writes(opened: Opened) -> bool:
    """Whether statements are written on the pages of this link: those of public relations' own questions."""
    decision = opened.decision
    return decision.team is Team.PUBLIC_RELATIONS and decision.kind in WRITTEN_ON and not opened.link.help


def drafts_of(opened: Opened) -> tuple[Decision, ...]:
    """The incident's drafted statements, oldest first."""
    drafted = [decision for decision in opened.record.decisions.values() if decision.statement]
    return tuple(sorted(drafted, key=lambda decision: (decision.opened_at, decision.id)))


def returned_draft(opened: Opened, phase: Phase | None) -> Decision | None:
    """The last draft, where it came back and nothing was written since: its author goes on from there.

    None where another phase is asked for.
    """
    last = next(iter(reversed(drafts_of(opened))), None)
    if last is None or last.statement is None or last.answer is None or last.answer.outcome is not Outcome.RETURNED:
        return None
    return last if phase in {None, last.statement.phase} else None


@dataclass(frozen=True, kw_only=True)
class DraftStatement:
    """Puts a draft on record and to those who approve it; the same form posted twice is one draft."""

    plan: Plan
    decisions: Decisions
    workflow: Workflow
    identities: Identities
    clock: Clock

    def __call__(self, opened: Opened, form: Form) -> Decision:
        """The question whether it is published. Its own execution was started.

        Raises ForgedForm, NotYours, UnknownLink for a page that isn't public relations', UnusableAnswer naming the
        field, TooManyRequests, DecisionSettled where the team's task is over.
        """
        check_answerer(opened, form)
        if not writes(opened):
            raise UnknownLink
        if not opened.decision.is_open:
            raise DecisionSettled(opened.decision.id)
        draft = Draft(by=opened.link.contact, phase=read_phase(form), texts=read_draft(form, self.plan))
        said = [part for wording in draft.texts.values() for part in (wording.title, wording.text)]
        id_ = f"{DecisionKind.STATEMENT}-{form_id(opened, form, draft.phase, *said)[:8]}"
        if len({decision.id for decision in drafts_of(opened)} | {id_}) > MOST_STATEMENTS:
            raise TooManyRequests(opened.link.incident_id)
        decision = self._store(opened, draft, id_)
        # The draft stands on record by now; where its execution can't be started, its follow-up does.
        with suppress(WorkflowUnavailable):
            self.workflow.start_request(decision.incident_id, decision.id, decision.kind)
        return decision

    def _store(self, opened: Opened, draft: Draft, id_: str) -> Decision:
        now = self.clock()
        question = prepared(
            opened.record.incident,
            self.plan,
            kind=DecisionKind.STATEMENT,
            team=Team.PUBLIC_RELATIONS,
            form_key=self.identities.secret(),
            place=opened.decision.place,
            now=now,
            statement=draft,
            id_=id_,
        )
        entry = fact_of(
            question,
            Fact.STATEMENT_DRAFTED,
            key="drafted",
            now=now,
            actor=draft.by,
            details={"who": draft.by, "phase": draft.phase, "text": next(iter(draft.texts.values())).title},
        )
        return self.decisions.create(question, [entry])
