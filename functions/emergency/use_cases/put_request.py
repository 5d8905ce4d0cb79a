"""Something that somebody asks for on a page goes on record, and to those who decide on it (P6.3, P6.4; R9, R13)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from emergency.domain.decision import Decision, Request, prepared
from emergency.domain.deliveries import CarrierOrder
from emergency.domain.errors import WorkflowUnavailable
from emergency.domain.plan import Plan
from emergency.domain.statement import Draft
from emergency.domain.terms import DecisionKind, Team
from emergency.domain.timeline import Detail, Fact
from emergency.ports import Clock, Decisions, Identities, Workflow
from emergency.use_cases.open_link import Opened
from emergency.use_cases.telling import fact_of


@dataclass(frozen=True, kw_only=True)
class PutRequest:
    """Prepares a question about what was asked for, stores it, and has it put to people."""

    plan: Plan
    decisions: Decisions
    workflow: Workflow
    identities: Identities
    clock: Clock

    def __call__(self, question: Decision, fact: Fact, key: str, details: dict[str, Detail]) -> Decision:
        """The question on record, with the fact that its author asked; its own execution was started."""
        who = question.requested_by
        entry = fact_of(question, fact, key=key, now=question.opened_at, actor=who, details={"who": who, **details})
        stored = self.decisions.create(question, [entry])
        self.start(stored.incident_id, stored.id, stored.kind)
        return stored

    def question(
        self,
        opened: Opened,
        kind: DecisionKind,
        team: Team,
        id_: str,
        *,
        request: Request | None = None,
        statement: Draft | None = None,
        order: CarrierOrder | None = None,
    ) -> Decision:
        """The question about what was asked for on a link's page; not yet on record."""
        return prepared(
            opened.record.incident,
            self.plan,
            kind=kind,
            team=team,
            form_key=self.identities.secret(),
            place=opened.decision.place,
            now=self.clock(),
            request=request,
            statement=statement,
            order=order,
            id_=id_,
        )

    def start(self, incident_id: str, decision_id: str, kind: DecisionKind) -> None:
        """Has a question put to people that stands on record; where that can't be begun now, its follow-up does."""
        with suppress(WorkflowUnavailable):
            self.workflow.start_request(incident_id, decision_id, kind)
