"""What a team does with its tasks from its page: ticks, adds, gives to others, passes over (P6.3)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from emergency.domain.answer import Form, read_choice, read_quantity, read_required
from emergency.domain.assignment import AssignedTask, Assignment, added, reassigned, skipped, ticked
from emergency.domain.deadline import Deadline, Watched
from emergency.domain.decision import decision_id
from emergency.domain.errors import DecisionSettled, UnusableAnswer, WorkflowGone, WorkflowUnavailable
from emergency.domain.notification import DueTask, Notification, NotificationKind
from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Step, Team
from emergency.domain.timeline import Detail, Fact, TimelineEntry
from emergency.ports import Assignments, Clock, Workflow
from emergency.use_cases.attempts import until_written
from emergency.use_cases.keep_record import check_addition
from emergency.use_cases.links import HelpLinks
from emergency.use_cases.notify import Notify
from emergency.use_cases.open_link import Opened, check_answerer, form_id
from emergency.use_cases.pass_along import REASON
from emergency.use_cases.telling import fact_of

TASKS = "tasks"
TICKS = "ticks"
"""The field that says that the posted form showed the boxes: without it, no box is no news."""
WAS_DONE = "was_done"
"""The tasks whose boxes were ticked when the page was shown: what was unticked is known by them."""
TASK, TASK_TEXT, OWNER, WITHIN = "task", "task_text", "owner", "within"

_LONGEST = 60 * 24 * 30
"""Minutes that a task can be given: a month."""

_STEPS: Mapping[DecisionKind, Step] = {
    DecisionKind.ACKNOWLEDGE: Step.EMERGENCY_RESPONSE,
    DecisionKind.COMPLETE: Step.EMERGENCY_RESPONSE,
    DecisionKind.CLEAN_UP: Step.SITE_CLEAN_UP,
}
_TICKED_ON = frozenset({DecisionKind.COMPLETE, DecisionKind.CLEAN_UP})


def step_of(kind: DecisionKind) -> Step | None:
    """Which tasks a question of that kind is about; None where it is about none."""
    return _STEPS.get(kind)


@dataclass(frozen=True, kw_only=True)
class TickTasks:
    """Notes which tasks of a team are done."""

    assignments: Assignments
    clock: Clock

    def __call__(self, opened: Opened, form: Form) -> Assignment:
        """The assignment with what the person has ticked and unticked; what others did meanwhile stays.

        Raises ForgedForm, DecisionSettled, and UnusableAnswer where the team has no such task, it waits for another,
        the question is another one, or the person has added too much.
        """
        check_addition(opened, form, TASKS)
        if opened.decision.kind not in _TICKED_ON:
            raise UnusableAnswer(TASKS, "unknown")
        posted, was_done = frozenset(form.get(TASKS, ())), frozenset(form.get(WAS_DONE, ()))
        return until_written(lambda: self._tick(opened, posted - was_done, was_done - posted))

    def _tick(self, opened: Opened, fresh: Collection[str], undone: Collection[str]) -> Assignment:
        before, now = _assignment_of(opened, self.assignments), self.clock()
        step = _STEPS[opened.decision.kind]
        if step is Step.EMERGENCY_RESPONSE and before.cleaning_since:
            # What is to be switched back was listed by what was done until then.
            raise DecisionSettled(opened.decision.id)
        others = {team: one for team, one in opened.record.assignments.items() if team is not before.team}
        done = {task.id for task in before.of(step) if task.done_at}.difference(undone).union(fresh)
        after = ticked(before, done, step, by=opened.link.contact, now=now, others=others)
        entries = [
            _fact(opened, Fact.TASK_DONE if task.done_at else Fact.TASK_REOPENED, before, task, now, {})
            for task, earlier in zip(after.tasks, before.tasks, strict=True)
            if task != earlier
        ]
        return self.assignments.save(after, entries) if entries else before


@dataclass(frozen=True, kw_only=True)
class ChangeTasks:
    """Changes a team's tasks as its lead, or whoever answers for it, orders. Who gets a task hears of it first."""

    plan: Plan
    assignments: Assignments
    notify: Notify
    links: HelpLinks
    workflow: Workflow
    clock: Clock

    def add(self, opened: Opened, form: Form) -> Assignment:
        """The assignment with one task more. The same form twice is one task.

        Raises ForgedForm, NotYours, DecisionSettled, UnusableAnswer, PostUnavailable.
        """
        step = self._check(opened, form)
        text = " ".join(read_required(form, TASK_TEXT).split())
        owner, now = self._owner(form), self.clock()
        task = AssignedTask(
            id=f"added-{form_id(opened, form, text, owner)[:8]}",
            text={self.plan.company.locale: text},
            step=step,
            owner=owner,
            began_at=now,
            due_at=_due(form, now),
            added_by=opened.link.contact,
        )
        details: dict[str, Detail] = {"owner": owner, "text": text}
        return self._change(opened, task.id, Fact.TASK_ADDED, details, lambda before: added(before, task))

    def reassign(self, opened: Opened, form: Form) -> Assignment:
        """The assignment with a task in other hands. Raises as `add`."""
        self._check(opened, form)
        task_id, owner = self._task(opened, form), self._owner(form)
        details: dict[str, Detail] = {"owner": owner}
        return self._change(
            opened, task_id, Fact.TASK_REASSIGNED, details, lambda before: reassigned(before, task_id, owner)
        )

    def skip(self, opened: Opened, form: Form) -> Assignment:
        """The assignment with a task passed over, for a reason. Raises as `add`, but never PostUnavailable."""
        self._check(opened, form)
        task_id, reason, now = self._task(opened, form), read_required(form, REASON), self.clock()
        by = opened.link.contact
        return self._change(
            opened,
            task_id,
            Fact.TASK_SKIPPED,
            {"reason": reason},
            lambda before: skipped(before, task_id, by=by, reason=reason, now=now),
        )

    def _check(self, opened: Opened, form: Form) -> Step:
        check_answerer(opened, form)
        check_addition(opened, form, TASK)
        step = step_of(opened.decision.kind)
        if step is None:
            raise UnusableAnswer(TASK, "unknown")
        return step

    def _task(self, opened: Opened, form: Form) -> str:
        step = _STEPS[opened.decision.kind]
        return read_choice(form, TASK, [task.id for task in _assignment_of(opened, self.assignments).of(step)])

    def _owner(self, form: Form) -> str:
        return read_choice(form, OWNER, tuple(self.plan.contacts))

    def _change(
        self,
        opened: Opened,
        task_id: str,
        fact: Fact,
        details: Mapping[str, Detail],
        change: Callable[[Assignment], Assignment],
    ) -> Assignment:
        def attempt() -> Assignment:
            before = _assignment_of(opened, self.assignments)
            after = change(before)
            if after == before:
                return before
            task = after.task(task_id)
            if "owner" in details:
                self._tell(opened, before, task)
            return self.assignments.save(after, [_fact(opened, fact, before, task, self.clock(), details)])

        changed = until_written(attempt)
        # A target that is nearer than the one that is watched for has to be watched from now on.
        move_clock(opened.record.deadlines.get(_CLOCKS[_STEPS[opened.decision.kind]]), self.workflow)
        return changed

    def _tell(self, opened: Opened, before: Assignment, task: AssignedTask) -> None:
        """Raises UnusableAnswer where their mail is refused: nobody owns a task that they never heard of."""
        if task.owner == opened.link.contact:
            return
        call = Notification(
            kind=NotificationKind.TASK_YOURS,
            incident=opened.record.incident,
            to=self.plan.contact(self.plan.stand_in(task.owner, self.clock())),
            about=f"{before.team}-{task.id}-{before.version}",
            team=before.team,
            tasks=(DueTask(team=before.team, task=task),),
            people=(opened.link.contact,),
        )
        if not self.notify.with_link(call, lambda: self._link(opened, before.team, call)):
            raise UnusableAnswer(OWNER, "unreachable")

    def _link(self, opened: Opened, team: Team, call: Notification) -> str:
        """To the page on which the task can be ticked; the question may not have been put yet."""
        kind = opened.decision.kind
        ticked_on = DecisionKind.COMPLETE if kind is DecisionKind.ACKNOWLEDGE else kind
        question = opened.record.decisions.get(decision_id(ticked_on, team))
        return self.links(question, call.to.id, call.name) if question else ""


_CLOCKS: Mapping[Step, Watched] = {Step.EMERGENCY_RESPONSE: Watched.TASKS, Step.SITE_CLEAN_UP: Watched.CLEAN_UP}


def move_clock(deadline: Deadline | None, workflow: Workflow) -> None:
    """Has a clock looked at now. Where it can't be told it looks by itself, at the latest after an hour."""
    if deadline and deadline.task_token and not deadline.over_at:
        with suppress(WorkflowGone, WorkflowUnavailable):
            workflow.move_clock(deadline.task_token, deadline.id)


def _assignment_of(opened: Opened, assignments: Assignments) -> Assignment:
    team = opened.decision.team
    assignment = assignments.get(opened.link.incident_id, team) if team else None
    if assignment is None:
        raise UnusableAnswer(TASKS, "unknown")
    return assignment


def _due(form: Form, now: datetime) -> datetime | None:
    if not "".join(form.get(WITHIN, ())).strip():
        return None
    minutes = read_quantity(form, WITHIN)
    if minutes > _LONGEST:
        raise UnusableAnswer(WITHIN, "unusable")
    return now + timedelta(minutes=minutes)


def _fact(
    opened: Opened, fact: Fact, before: Assignment, task: AssignedTask, now: datetime, details: Mapping[str, Detail]
) -> TimelineEntry:
    who = opened.link.contact
    return replace(
        fact_of(
            opened.decision,
            fact,
            key=f"task/{task.id}/{before.version}",
            now=now,
            actor=who,
            details={"who": who, **task.told, **details},
        ),
        step=task.step,
    )
