"""A team's tasks as one reader sees them: whose each is, by when, what it waits for, what became of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from emergency.domain.assignment import AssignedTask, TeamAssignments, holding_up
from emergency.domain.briefing import Briefing
from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Step, Team
from emergency.presentation.naming import Names
from emergency.presentation.plain import cut, one_line, web_link
from emergency.presentation.words import Words

STEPS: Mapping[DecisionKind, Step] = {
    DecisionKind.ACKNOWLEDGE: Step.EMERGENCY_RESPONSE,
    DecisionKind.COMPLETE: Step.EMERGENCY_RESPONSE,
    DecisionKind.CLEAN_UP: Step.SITE_CLEAN_UP,
}
"""The kinds of questions that are about tasks, and of which step these are."""

_TEXT_LIMIT = 600
_QUOTED = 60
_GIST_ENDS = re.compile("[:：;；]")


@dataclass(frozen=True, kw_only=True)
class AskedTask:
    """One task as the reader sees it. What has nothing to say is empty.

    `due` is its target time, `target` the same as a remark that says whether it has passed; `about` are the other
    remarks, `became` who did or skipped it and when.
    """

    id: str
    text: str
    owner: str = ""
    is_mine: bool = False
    due: str = ""
    target: str = ""
    is_late: bool = False
    runbook: str = ""
    about: tuple[str, ...] = ()
    became: str = ""
    is_done: bool = False
    can_be_ticked: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether nobody has to do it any more."""
        return bool(self.became)


@dataclass(frozen=True)
class TaskTeller:
    """Tells the tasks of a briefing's team in its reader's words."""

    briefing: Briefing
    now: datetime
    plan: Plan
    words: Words

    def tasks(self) -> tuple[AskedTask, ...]:
        """The tasks that the question is about, as they were assigned; none where it is about something else."""
        return tuple(self._told(task) for task in self.assigned())

    def assigned(self) -> tuple[AssignedTask, ...]:
        """The same as they stand on record."""
        assignment, step = self.briefing.assignment, STEPS.get(self.briefing.decision.kind)
        return assignment.of(step) if assignment and step else ()

    def text(self, task: AssignedTask, limit: int = _TEXT_LIMIT) -> str:
        """What is to be done, on one line."""
        return one_line(self.plan.text(task.text, self.words.locale), limit)

    def _told(self, task: AssignedTask) -> AskedTask:
        waits_for = holding_up(task, self._assignments) if task.is_open else ()
        is_late = task.is_open and task.is_late(self.now)
        due = self._when(task.due_at) if task.due_at else ""
        return AskedTask(
            id=task.id,
            text=self.text(task),
            owner="" if task.is_by_system else self._owner(task.owner),
            is_mine=task.owner == self.briefing.contact.id and not task.is_by_system,
            due=due,
            target=self.words("page.task.late" if is_late else "page.task.by", time=due) if due else "",
            is_late=is_late,
            runbook=web_link(task.runbook),
            about=tuple(self._about(task, waits_for)),
            became=self._became(task),
            is_done=task.done_at is not None,
            can_be_ticked=not (waits_for or task.skipped_at or task.automatic),
        )

    def _about(self, task: AssignedTask, waits_for: tuple[str, ...]) -> list[str]:
        """What stands between an open task and its end."""
        if not task.is_open:
            return []
        words = self.words
        waits = words.join([self._quoted(name) for name in waits_for])
        return [
            *([words("page.task.waits", tasks=waits)] if waits else []),
            *([words("page.task.automatic" if task.is_by_system else "page.task.published")] if task.automatic else []),
            *([words("page.task.must_close")] if task.must_close else []),
        ]

    def _became(self, task: AssignedTask) -> str:
        words = self.words
        if task.skipped_at:
            skipped = words("page.task.skipped", who=self._who(task.skipped_by), time=self._when(task.skipped_at))
            return words.paragraph(skipped, words.sentence(one_line(task.reason, _TEXT_LIMIT)))
        if task.done_at is None:
            return ""
        if not task.done_by:
            return words("page.task.done_by_system", time=self._when(task.done_at))
        return words("page.task.done", who=self._who(task.done_by), time=self._when(task.done_at))

    def _quoted(self, name: str) -> str:
        """A task that another waits for, by its text, with its team where that is another one."""
        team, _, task_id = name.partition("/")
        assignment = self._assignments.get(Team(team)) if team in set(Team) else None
        found = [task for task in assignment.tasks if task.id == task_id] if assignment else []
        text = _gist(self.text(found[0])) if found else one_line(task_id, _QUOTED)
        if team == self.briefing.decision.team:
            return self.words("page.task.quoted", task=text)
        return self.words("page.task.of_team", task=text, team=self._names.team_inside(team))

    def _owner(self, contact_id: str) -> str:
        """The owner's name alone: a team knows its people, and a list of tasks is read at a glance."""
        contact = self.plan.contacts.get(contact_id)
        return self.plan.text(contact.name, self.words.locale) if contact else one_line(contact_id, _QUOTED)

    def _who(self, contact_id: str) -> str:
        return self._names.contact(contact_id)

    def _when(self, moment: datetime) -> str:
        return self.words.when(moment, self.now, self.plan)

    @property
    def _names(self) -> Names:
        return Names(self.plan, self.words)

    @property
    def _assignments(self) -> TeamAssignments:
        own = self.briefing.assignment
        return {**self.briefing.assignments, **({own.team: own} if own else {})}


def _gist(text: str) -> str:
    """How a task is called by others: its text up to where it goes into detail."""
    return cut(_GIST_ENDS.split(text)[0].rstrip(".。 "), _QUOTED)
