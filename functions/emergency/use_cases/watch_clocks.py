"""Watches the clocks of tasks and updates: prompts those whose time runs out, and those to whom it goes up (P8.1)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from emergency.domain.assignment import Assignment, Due, next_prompt, prompted, prompts_due
from emergency.domain.deadline import Deadline, Watched, missed
from emergency.domain.decision import decision_id
from emergency.domain.errors import WorkflowGone
from emergency.domain.incident import Incident, IncidentStatus
from emergency.domain.notification import DueTask, Notification, NotificationKind
from emergency.domain.plan import Plan
from emergency.domain.prompting import past, upcoming
from emergency.domain.report import Record
from emergency.domain.terms import DecisionKind, Role, Step, Team
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from emergency.ports import Assignments, Clock, Deadlines, Incidents, Workflow
from emergency.use_cases.attempts import until_written
from emergency.use_cases.notify import Notify

IDLE_SECONDS = 3600
"""After how long a clock is looked at in any case: tasks can be added, and the message that says so be lost."""


@dataclass(frozen=True, kw_only=True)
class WatchClock:
    """Keeps the token under which an execution waits, so that it can be told when the clock is over."""

    deadlines: Deadlines
    workflow: Workflow

    def __call__(self, incident_id: str, clock: Watched, task_token: str) -> None:
        """Stores the token. Where the clock is over by now, or isn't known, the execution is told at once."""
        deadline = until_written(lambda: self._keep(incident_id, clock, task_token))
        if deadline is None or deadline.over_at:
            with suppress(WorkflowGone):
                self.workflow.end_clock(task_token, clock)

    def _keep(self, incident_id: str, clock: Watched, task_token: str) -> Deadline | None:
        deadline = self.deadlines.get(incident_id, clock)
        if deadline is None or deadline.over_at:
            return deadline
        # An execution that waits again has paged about what was missed.
        return self.deadlines.save(replace(deadline, task_token=task_token, paged=deadline.missed))


@dataclass(frozen=True, kw_only=True)
class EndClock:
    """Ends a clock that no longer counts; a second time tells the execution again."""

    deadlines: Deadlines
    workflow: Workflow
    clock: Clock

    def __call__(self, incident_id: str, clock: Watched) -> None:
        """Ends it, where there is one. Raises WorkflowUnavailable to be called again."""
        deadline = until_written(lambda: self._end(incident_id, clock))
        if deadline and deadline.task_token:
            with suppress(WorkflowGone):
                self.workflow.end_clock(deadline.task_token, clock)

    def _end(self, incident_id: str, clock: Watched) -> Deadline | None:
        deadline = self.deadlines.get(incident_id, clock)
        if deadline is None or deadline.over_at:
            return deadline
        return self.deadlines.save(replace(deadline, over_at=self.clock()))


class ClockStanding(StrEnum):
    """What becomes of a clock after a look."""

    WATCH = "watch"
    PAGE = "page"
    """Watched on, once the leadership group was paged."""
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class ClockLook:
    """What was found: the seconds until the next prompt, and what the page says, in words for a pager."""

    standing: ClockStanding
    seconds: int = IDLE_SECONDS
    what: str = ""


@dataclass(frozen=True, kw_only=True)
class LookAtClock:
    """Gives the prompts that are due, each once, and says when the next one is."""

    plan: Plan
    incidents: Incidents
    assignments: Assignments
    deadlines: Deadlines
    notify: Notify
    clock: Clock

    def __call__(self, incident_id: str, clock: Watched, place: Place) -> ClockLook:
        """How the clock stands. Raises IncidentNotFound, and PostUnavailable to be called again."""
        record = self.incidents.record(incident_id)
        deadline = record.deadlines.get(clock)
        if deadline is None or deadline.over_at or record.incident.status is not IncidentStatus.ACTIVE:
            return ClockLook(standing=ClockStanding.OVER)
        if clock is Watched.UPDATES:
            return self._look_at_updates(record, deadline, place)
        return self._look_at_tasks(record, clock, place)

    def _look_at_tasks(self, record: Record, clock: Watched, place: Place) -> ClockLook:
        step, kind = _TASKS_OF[clock]
        working = tuple(one for one in _narrowed(record, step) if _is_at_work(record, one.team, kind))
        prompts, now = self.plan.deadlines.task_prompts, self.clock()
        due = prompts_due(working, prompts, now)
        if due:
            told = self._prompt(record.incident, due)
            for team in dict.fromkeys(one.team for one in due):
                until_written(lambda team=team: self._note(record.incident.id, team, due, told, place))  # type: ignore[misc]
        moment = next_prompt([prompted(one, due) for one in working], prompts)
        return ClockLook(standing=ClockStanding.WATCH, seconds=seconds_until(moment, now))

    def _prompt(self, incident: Incident, due: Sequence[Due]) -> dict[str, tuple[str, ...]]:
        """One mail a person and kind, whatever it speaks of; gives for each task who was told."""
        bundles = defaultdict[tuple[str, bool], list[Due]](list)
        for one in due:
            for who in self._recipients(one):
                bundles[who, one.is_late].append(one)
        told = defaultdict[str, tuple[str, ...]](tuple)
        for (who, is_late), tasks in bundles.items():
            if self.notify(self._notification(incident, who, is_late=is_late, tasks=tasks)):
                for one in tasks:
                    told[one.ref] = (*told[one.ref], who)
        return told

    def _recipients(self, due: Due) -> tuple[str, ...]:
        now = self.clock()
        owner = [due.task.owner] if Role.OWNER in due.prompt.to and due.task.owner in self.plan.contacts else []
        holders = self.plan.all_of(due.prompt.to, due.team, now)
        return tuple(dict.fromkeys([*(self.plan.stand_in(who, now) for who in owner), *holders]))

    def _notification(self, incident: Incident, who: str, *, is_late: bool, tasks: Sequence[Due]) -> Notification:
        about = ",".join(sorted(f"{one.ref}/{one.number}" for one in tasks))
        return Notification(
            kind=NotificationKind.TASKS_LATE if is_late else NotificationKind.TASKS_DUE,
            incident=incident,
            to=self.plan.contact(who),
            about=hashlib.sha256(about.encode()).hexdigest()[:12],
            team=tasks[0].team,
            tasks=tuple(DueTask(team=one.team, task=one.task) for one in tasks),
        )

    def _note(
        self, incident_id: str, team: Team, due: Sequence[Due], told: dict[str, tuple[str, ...]], place: Place
    ) -> None:
        current = self.assignments.get(incident_id, team)
        if current is None:
            return
        fresh = [one for one in due if one.team is team and current.task(one.task.id).prompted < one.number]
        entries = [_entry_of(one, told.get(one.ref, ()), self.clock(), place) for one in fresh]
        if entries:
            self.assignments.save(prompted(current, fresh), entries)

    def _look_at_updates(self, record: Record, deadline: Deadline, place: Place) -> ClockLook:
        prompts, now = self.plan.deadlines.update_prompts, self.clock()
        if not prompts or not _is_at_work(record, Team.PUBLIC_RELATIONS, DecisionKind.COMPLETE):
            return ClockLook(standing=ClockStanding.OVER)
        number = past(deadline, prompts, now)
        after = deadline
        if number > deadline.prompted:
            told = self._prompt_update(record.incident, deadline, number)
            after = until_written(lambda: self._note_update(deadline, number, told, record.incident, place))
        if after.over_at:
            return ClockLook(standing=ClockStanding.OVER)
        seconds = seconds_until(upcoming(after, prompts), now)
        if after.missed > after.paged:
            what = f"no update to the public, missed {after.missed} in a row"
            return ClockLook(standing=ClockStanding.PAGE, seconds=seconds, what=what)
        return ClockLook(standing=ClockStanding.WATCH, seconds=seconds)

    def _prompt_update(self, incident: Incident, deadline: Deadline, number: int) -> tuple[str, ...]:
        prompt = self.plan.deadlines.update_prompts[number - 1]
        return self.notify.each(
            [
                Notification(
                    kind=NotificationKind.UPDATE_LATE if prompt.is_late else NotificationKind.UPDATE_DUE,
                    incident=incident,
                    to=self.plan.contact(who),
                    about=f"{deadline.beat}-{number}",
                    team=Team.PUBLIC_RELATIONS,
                    due_at=deadline.due_at,
                )
                for who in self.plan.all_of(prompt.to, Team.PUBLIC_RELATIONS, self.clock())
            ]
        )

    def _note_update(
        self, seen: Deadline, number: int, told: tuple[str, ...], incident: Incident, place: Place
    ) -> Deadline:
        current = self.deadlines.get(seen.incident_id, seen.id) or seen
        if current.beat != seen.beat or current.prompted >= number or current.over_at:
            return current
        prompts, now = self.plan.deadlines.update_prompts, self.clock()
        is_last, is_late = number == len(prompts), prompts[number - 1].is_late
        after = missed(current, incident, self.plan, now) if is_last else replace(current, prompted=number)
        entry = TimelineEntry(
            key=f"updates/{seen.beat}/{number}",
            at=now,
            step=Step.EMERGENCY_RESPONSE,
            fact=Fact.UPDATE_LATE if is_late else Fact.UPDATE_DUE,
            actor=SYSTEM,
            place=place,
            details={"people": told, "beat": seen.beat},
        )
        return self.deadlines.save(after, [entry])


_TASKS_OF = {
    Watched.TASKS: (Step.EMERGENCY_RESPONSE, DecisionKind.COMPLETE),
    Watched.CLEAN_UP: (Step.SITE_CLEAN_UP, DecisionKind.CLEAN_UP),
}


def _narrowed(record: Record, step: Step) -> Iterable[Assignment]:
    return (replace(one, tasks=one.of(step)) for one in record.assignments.values())


def _is_at_work(record: Record, team: Team, kind: DecisionKind) -> bool:
    """Whether the team hasn't answered yet, or had it answered for it, that this part of its work is over."""
    decision = record.decisions.get(decision_id(kind, team))
    return decision is None or decision.is_open


def seconds_until(moment: datetime | None, now: datetime) -> int:
    """Seconds until a moment, rounded up, so that the prompt is due when the clock is looked at; an hour at most."""
    if moment is None:
        return IDLE_SECONDS
    return min(IDLE_SECONDS, max(1, int((moment - now).total_seconds()) + 1))


def _entry_of(due: Due, told: tuple[str, ...], now: datetime, place: Place) -> TimelineEntry:
    return TimelineEntry(
        key=f"task/{due.team}/{due.task.id}/prompt/{due.number}",
        at=now,
        step=due.task.step,
        fact=Fact.TASK_LATE if due.is_late else Fact.TASK_DUE,
        actor=SYSTEM,
        place=place,
        details={"team": due.team, "people": told, **due.task.told},
    )
