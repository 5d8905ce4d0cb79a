"""Ticks off what the system has done by itself: a playbook's automatic tasks (P6.3 to P6.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emergency.domain.assignment import Assignment, done_by_system, handed_to_people
from emergency.domain.report import Record
from emergency.domain.terms import AutomaticStep, Team
from emergency.domain.timeline import SYSTEM, Fact, TimelineEntry
from emergency.ports import Assignments, Clock, Incidents
from emergency.use_cases.attempts import until_written

_DONE_WITH: Mapping[AutomaticStep, frozenset[Fact]] = {
    AutomaticStep.INTRODUCE_TASK_FORCE: frozenset({Fact.TASK_FORCE_SET_UP}),
    AutomaticStep.OPEN_HOTLINE: frozenset({Fact.HOTLINE_OPENED}),
    AutomaticStep.PROPOSE_REPLAN: frozenset({Fact.REPLAN_PROPOSED, Fact.REPLAN_ORDERED}),
    AutomaticStep.LEND_RESOURCES: frozenset({Fact.RESOURCE_LENT}),
    AutomaticStep.PUBLISH_STATEMENT: frozenset({Fact.STATEMENT_PUBLISHED}),
    AutomaticStep.CLOSE_HOTLINE: frozenset({Fact.HOTLINE_CLOSED}),
    AutomaticStep.RETURN_RESOURCES: frozenset({Fact.RESOURCE_RETURNED}),
}
"""What has to stand on the timeline for a step to be done; resources are returned when the last of them is."""

_RETURN = AutomaticStep.RETURN_RESOURCES


@dataclass(frozen=True, kw_only=True)
class DoBySystem:
    """Compares tasks with the timeline.

    Whoever does the step and whoever assigns the tasks both call this after their own write: so the second of the two
    sees the first, whichever that is.
    """

    incidents: Incidents
    assignments: Assignments
    clock: Clock

    def __call__(self, incident_id: str) -> None:
        """Ticks what is done by now, and hands to people what they have to do; a second run changes nothing.

        Raises IncidentNotFound.
        """
        record = self.incidents.record(incident_id)
        steps, by_hand = done_steps(record), steps_by_hand(record)
        for team in record.assignments:
            until_written(lambda team=team: self._tick(record, team, steps, by_hand))  # type: ignore[misc]

    def _tick(
        self, record: Record, team: Team, steps: frozenset[AutomaticStep], by_hand: frozenset[AutomaticStep]
    ) -> None:
        before = self.assignments.get(record.incident.id, team)
        if before is None:
            return
        after = done_by_system(handed_to_people(before, by_hand), steps, self.clock())
        entries = [
            _entry(record, after, task.id)
            for task, earlier in zip(after.tasks, before.tasks, strict=True)
            if task.done_at != earlier.done_at
        ]
        if after != before:
            self.assignments.save(after, entries)


def done_steps(record: Record) -> frozenset[AutomaticStep]:
    """What the system has done by itself in this incident."""
    facts = {entry.fact for entry in record.timeline}
    steps = {step for step, proofs in _DONE_WITH.items() if facts & proofs}
    is_returned = record.incident.returning_at and all(loan.returned_at for loan in record.allocations)
    return frozenset(steps | {_RETURN} if is_returned else steps - {_RETURN})


def steps_by_hand(record: Record) -> frozenset[AutomaticStep]:
    """What people do in this incident that the system does in others.

    That is a hotline that isn't on a contact centre, or that there is none of where every number was taken.
    """
    if record.hotline is None:
        is_without = any(entry.fact is Fact.HOTLINE_UNAVAILABLE for entry in record.timeline)
        return frozenset({AutomaticStep.OPEN_HOTLINE}) if is_without else frozenset()
    is_by_hand = record.hotline.by_hand
    return frozenset({AutomaticStep.OPEN_HOTLINE, AutomaticStep.CLOSE_HOTLINE}) if is_by_hand else frozenset()


def _entry(record: Record, assignment: Assignment, task_id: str) -> TimelineEntry:
    """That a task is done, at the place where the step itself was."""
    task = assignment.task(task_id)
    proofs = _DONE_WITH[task.automatic] if task.automatic else frozenset[Fact]()
    # Where everything was spent, nothing went back that could stand on the timeline.
    proof = next((entry for entry in record.timeline if entry.fact in proofs), record.timeline[-1])
    return TimelineEntry(
        key=f"task/{assignment.team}/{task_id}/system",
        at=task.done_at or proof.at,
        step=task.step,
        fact=Fact.TASK_DONE,
        actor=SYSTEM,
        place=proof.place,
        details={"team": assignment.team, **task.told},
    )
