"""What every use case around a question says: to the workflow, and on the timeline."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from emergency.domain.decision import Decision
from emergency.domain.errors import WorkflowGone, WorkflowUnavailable
from emergency.domain.timeline import SYSTEM, Detail, Fact, Place, TimelineEntry
from emergency.ports import Workflow


def tell_workflow(decision: Decision, workflow: Workflow) -> None:
    """Tells the waiting execution, if there is one, what was settled, if anything was. Raises WorkflowUnavailable."""
    with suppress(WorkflowGone):
        if decision.answer is not None and decision.task_token:
            workflow.resume(decision.task_token, decision.id, decision.answer.outcome)
        elif decision.cut_short is not None and decision.task_token:
            workflow.cut_short(decision.task_token, decision.id, decision.cut_short)


def tell_workflow_soon(decision: Decision, workflow: Workflow) -> None:
    """Tells the workflow what stands on record by now; where it can't be told, the decision's follow-up does (R13)."""
    with suppress(WorkflowUnavailable):
        tell_workflow(decision, workflow)


def fact_of(
    decision: Decision,
    fact: Fact,
    *,
    key: str,
    now: datetime,
    actor: str = SYSTEM,
    details: Mapping[str, Detail] | None = None,
    place: Place | None = None,
) -> TimelineEntry:
    """A timeline entry about a question, at the given state or else at the one that asks it."""
    about: dict[str, Detail] = {"decision": decision.id, "kind": decision.kind}
    if decision.team:
        about["team"] = decision.team
    return TimelineEntry(
        key=f"{decision.id}/{key}",
        at=now,
        step=decision.kind.step,
        fact=fact,
        actor=actor,
        place=place or decision.place,
        details={**about, **(details or {})},
    )
