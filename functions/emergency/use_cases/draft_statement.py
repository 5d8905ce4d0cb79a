"""Public relations drafts a statement; others approve it (P6.3; R9)."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.answer import Form
from emergency.domain.decision import Decision, drafts
from emergency.domain.errors import DecisionSettled, TooManyRequests, UnknownLink
from emergency.domain.plan import Plan
from emergency.domain.statement import Draft, read_draft, read_phase
from emergency.domain.terms import DecisionKind, Outcome, Phase, Team
from emergency.domain.timeline import Fact
from emergency.use_cases.open_link import Opened, check_answerer, form_id
from emergency.use_cases.put_request import PutRequest

MOST_STATEMENTS = 100
"""How many statements one incident takes: an update every 20 minutes for more than a day."""


def writes(opened: Opened) -> bool:
    """Whether statements are written on the pages of this link: those of public relations' own questions."""
    return opened.decision.writes_statements and not opened.link.help


def returned_draft(opened: Opened, phase: Phase | None) -> Decision | None:
    """The last draft, where it came back and nothing was written since: its author goes on from there.

    None where another phase is asked for.
    """
    last = next(iter(reversed(drafts(opened.record.decisions.values()))), None)
    if last is None or last.statement is None or last.answer is None or last.answer.outcome is not Outcome.RETURNED:
        return None
    return last if phase in {None, last.statement.phase} else None


@dataclass(frozen=True, kw_only=True)
class DraftStatement:
    """Puts a draft on record and to those who approve it; the same form posted twice is one draft."""

    plan: Plan
    put: PutRequest

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
        if len({decision.id for decision in drafts(opened.record.decisions.values())} | {id_}) > MOST_STATEMENTS:
            raise TooManyRequests(opened.link.incident_id)
        question = self.put.question(opened, DecisionKind.STATEMENT, Team.PUBLIC_RELATIONS, id_, statement=draft)
        title = next(iter(draft.texts.values())).title
        return self.put(question, Fact.STATEMENT_DRAFTED, "drafted", {"phase": draft.phase, "text": title})
