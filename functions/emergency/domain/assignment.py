"""A team's tasks for one incident, from the playbook (P5, P6.3, P6.5), and what the team made of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from emergency.domain.errors import UnusableAnswer
from emergency.domain.incident import Incident
from emergency.domain.plan import Plan, Prompt, Task, Text
from emergency.domain.prompting import past, upcoming
from emergency.domain.terms import AutomaticStep, Role, Step, Team
from emergency.domain.timeline import Detail

MOST_TASKS = 60
"""How many tasks a team can have in one incident: more is a mistake, and no page that anybody reads."""


@dataclass(frozen=True, kw_only=True)
class AssignedTask:
    """One task; `began_at` is from when its target counts, `due_at` the target, missing where there is none.

    `owner`, `done_by`, `skipped_by` and `added_by` are contact ids; the last is empty for a task of the playbook.
    `after` names what must be done or skipped before, as `<team>/<task>`. `must_close` holds the team's clean-up until
    the task is done or skipped. `prompted` counts the plan's prompts that were given.
    """

    id: str
    text: Text
    step: Step = Step.EMERGENCY_RESPONSE
    owner: str = ""
    began_at: datetime | None = None
    due_at: datetime | None = None
    after: tuple[str, ...] = ()
    runbook: str = ""
    automatic: AutomaticStep | None = None
    switch_back: Text | None = None
    must_close: bool = False
    done_at: datetime | None = None
    done_by: str = ""
    skipped_at: datetime | None = None
    skipped_by: str = ""
    reason: str = ""
    added_by: str = ""
    prompted: int = 0

    @property
    def told(self) -> dict[str, Detail]:
        """What a fact about it says of it: the words of a task that the plan doesn't hold stand on the timeline."""
        text: dict[str, Detail] = {"text": next(iter(self.text.values()))} if self.added_by else {}
        return {"task": self.id, **text}

    @property
    def is_by_system(self) -> bool:
        """Whether nobody has to do anything for it."""
        return self.automatic is not None and not self.automatic.is_by_people

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it."""
        return self.done_at is None and self.skipped_at is None

    def is_late(self, now: datetime) -> bool:
        """Whether its target has passed, or had when it was done."""
        return self.due_at is not None and self.skipped_at is None and (self.done_at or now) > self.due_at


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One team's tasks for one incident, with the contacts that carry them.

    `cleaning_since` is when the tasks of clean-up were added.
    """

    incident_id: str
    team: Team
    lead: str
    tasks: tuple[AssignedTask, ...]
    assigned_at: datetime
    cleaning_since: datetime | None = None
    version: int = 0

    def task(self, task_id: str) -> AssignedTask:
        """The task of that id. Raises UnusableAnswer, as only a form can name another."""
        for task in self.tasks:
            if task.id == task_id:
                return task
        raise UnusableAnswer("task", "unknown")

    def of(self, step: Step) -> tuple[AssignedTask, ...]:
        """The tasks of the response, or of clean-up."""
        return tuple(task for task in self.tasks if task.step is step)


TeamAssignments = Mapping[Team, Assignment]


def assignment_for(incident: Incident, team: Team, plan: Plan, now: datetime) -> Assignment:
    """The team's assignment by the playbook of the incident; targets count from `now`.

    What a task waits for of teams that were not mobilised doesn't hold it up.
    """
    mobilised = {f"{other}/{task.id}" for other in incident.teams for task in plan.team_tasks(incident.playbook, other)}
    tasks = plan.team_tasks(incident.playbook, team)
    assigned = _assigned(tasks, Step.EMERGENCY_RESPONSE, incident, team, plan, now)
    return Assignment(
        incident_id=incident.id,
        team=team,
        lead=plan.teams[team].lead,
        tasks=tuple(replace(task, after=tuple(ref for ref in task.after if ref in mobilised)) for task in assigned),
        assigned_at=now,
    )


def cleaning(assignment: Assignment, incident: Incident, plan: Plan, now: datetime) -> Assignment:
    """The assignment with the team's checklist for clean-up (P6.5): what was switched is to be switched back."""
    checklist = plan.team_clean_up(incident.playbook, assignment.team)
    back = [_back(task, now) for task in assignment.tasks if task.done_at and task.switch_back]
    listed = _assigned(checklist, Step.SITE_CLEAN_UP, incident, assignment.team, plan, now)
    return replace(assignment, tasks=(*assignment.tasks, *back, *listed), cleaning_since=now)


def _back(task: AssignedTask, now: datetime) -> AssignedTask:
    return AssignedTask(
        id=f"back-{task.id}",
        text=task.switch_back or {},
        step=Step.SITE_CLEAN_UP,
        owner=task.owner,
        began_at=now,
        runbook=task.runbook,
        must_close=True,
    )


def _assigned(
    tasks: Sequence[Task], step: Step, incident: Incident, team: Team, plan: Plan, now: datetime
) -> list[AssignedTask]:
    return [
        AssignedTask(
            id=task.id,
            text=task.text,
            step=step,
            owner=_owner(task.owner, position, team, plan, now),
            began_at=now,
            due_at=now + timedelta(seconds=within) if (within := task.within.get(incident.severity)) else None,
            after=task.after,
            runbook=task.runbook,
            automatic=task.automatic,
            switch_back=task.switch_back,
        )
        for position, task in enumerate(tasks)
    ]


def _owner(owner: str, position: int, team: Team, plan: Plan, now: datetime) -> str:
    """A role's holder; several share its tasks among them. Nobody holds the role: the team's lead."""
    if owner in plan.contacts:
        return plan.stand_in(owner, now)
    holders = plan.holders(Role(owner), team) or (plan.teams[team].lead,)
    return plan.stand_in(holders[position % len(holders)], now)


def holding_up(task: AssignedTask, assignments: TeamAssignments) -> tuple[str, ...]:
    """What the task still waits for, as `<team>/<task>`; a task that nobody knows holds nothing up."""
    is_open = {f"{team}/{one.id}": one.is_open for team, its in assignments.items() for one in its.tasks}
    return tuple(ref for ref in task.after if is_open.get(ref, False))


def ticked(
    assignment: Assignment,
    done: Collection[str],
    step: Step,
    *,
    by: str,
    now: datetime,
    others: TeamAssignments | None = None,
) -> Assignment:
    """The assignment with exactly these tasks of a step done; a task that was done before keeps who did it and when.

    Tasks that were skipped or that the system does stay as they are. Raises UnusableAnswer where a task isn't of the
    team's, or still waits for another that isn't being ticked with it.
    """
    by_id = {task.id: task for task in assignment.of(step)}
    if set(done) - by_id.keys():
        raise UnusableAnswer("tasks", "unknown")
    tasks = tuple(_ticked(task, done, by, now) if task.id in by_id else task for task in assignment.tasks)
    after = replace(assignment, tasks=tasks)
    known = {**(others or {}), assignment.team: after}
    fresh = [task for task in after.tasks if task.done_at and not by_id.get(task.id, task).done_at]
    if any(holding_up(task, known) for task in fresh):
        raise UnusableAnswer("tasks", "waits")
    return after


def _ticked(task: AssignedTask, done: Collection[str], by: str, now: datetime) -> AssignedTask:
    is_done = task.id in done
    if is_done == (task.done_at is not None) or task.skipped_at or task.automatic:
        return task
    return replace(task, done_at=now, done_by=by) if is_done else replace(task, done_at=None, done_by="")


def done_by_system(assignment: Assignment, steps: Collection[AutomaticStep], now: datetime) -> Assignment:
    """The assignment with the tasks done that the system has carried out by now."""
    return replace(
        assignment,
        tasks=tuple(
            replace(task, done_at=now) if task.is_open and task.automatic in steps else task
            for task in assignment.tasks
        ),
    )


def handed_to_people(assignment: Assignment, steps: Collection[AutomaticStep]) -> Assignment:
    """The assignment with the tasks for people to do that the system can't do in this incident.

    A hotline that people switched on holds up the clean-up until they have switched it back.
    """
    return replace(
        assignment,
        tasks=tuple(
            replace(task, automatic=None, must_close=task.automatic is AutomaticStep.CLOSE_HOTLINE)
            if task.is_open and task.automatic in steps
            else task
            for task in assignment.tasks
        ),
    )


def added(assignment: Assignment, task: AssignedTask) -> Assignment:
    """The assignment with one task more; the same one twice is one. Raises UnusableAnswer where there are too many."""
    if any(other.id == task.id for other in assignment.tasks):
        return assignment
    if len(assignment.tasks) >= MOST_TASKS:
        raise UnusableAnswer("task_text", "too_much")
    return replace(assignment, tasks=(*assignment.tasks, task))


def reassigned(assignment: Assignment, task_id: str, owner: str) -> Assignment:
    """The assignment with a task in other hands. Raises UnusableAnswer where it is unknown or closed."""
    task = _expect_open(assignment, task_id)
    return _with(assignment, replace(task, owner=owner))


def skipped(assignment: Assignment, task_id: str, *, by: str, reason: str, now: datetime) -> Assignment:
    """The assignment with a task passed over, and why; the same twice is once.

    Raises UnusableAnswer where it is unknown or closed.
    """
    known = assignment.task(task_id)
    if known.skipped_at and (known.skipped_by, known.reason) == (by, reason):
        return assignment
    task = _expect_open(assignment, task_id)
    return _with(assignment, replace(task, skipped_at=now, skipped_by=by, reason=reason))


def _expect_open(assignment: Assignment, task_id: str) -> AssignedTask:
    task = assignment.task(task_id)
    if not task.is_open:
        raise UnusableAnswer("task", "closed")
    return task


def _with(assignment: Assignment, task: AssignedTask) -> Assignment:
    return replace(assignment, tasks=tuple(task if other.id == task.id else other for other in assignment.tasks))


def still_to_close(assignment: Assignment | None) -> tuple[AssignedTask, ...]:
    """What holds the team's clean-up: things that were switched for the incident and not switched back (P6.5)."""
    return tuple(task for task in assignment.tasks if task.must_close and task.is_open) if assignment else ()


@dataclass(frozen=True, kw_only=True)
class Due:
    """A task for which a prompt is due: the last one whose moment has come."""

    team: Team
    task: AssignedTask
    prompt: Prompt
    number: int
    """How many of the plan's prompts are given with this one."""

    @property
    def ref(self) -> str:
        """The task as `<team>/<task>`."""
        return f"{self.team}/{self.task.id}"

    @property
    def is_late(self) -> bool:
        """Whether the prompt says that the target has passed."""
        return self.prompt.is_late


def prompts_due(assignments: Iterable[Assignment], prompts: Sequence[Prompt], now: datetime) -> tuple[Due, ...]:
    """The open tasks whose owners, or others, are to be told now; of several prompts of one task the last."""
    found = []
    for assignment in assignments:
        for task in assignment.tasks:
            number = past(task, prompts, now)
            if task.is_open and number > task.prompted:
                found.append(Due(team=assignment.team, task=task, prompt=prompts[number - 1], number=number))
    return tuple(found)


def prompted(assignment: Assignment, given: Iterable[Due]) -> Assignment:
    """The assignment after prompts were given."""
    numbers = {due.task.id: due.number for due in given if due.team is assignment.team}
    return replace(
        assignment,
        tasks=tuple(replace(task, prompted=max(task.prompted, numbers.get(task.id, 0))) for task in assignment.tasks),
    )


def next_prompt(assignments: Iterable[Assignment], prompts: Sequence[Prompt]) -> datetime | None:
    """When the next prompt of any open task falls due; None where none does."""
    moments = [
        moment
        for assignment in assignments
        for task in assignment.tasks
        if task.is_open and (moment := upcoming(task, prompts))
    ]
    return min(moments, default=None)
