"""What people add to the record while their task is open: notes, files, and tasks that are done (P6.3, P6.5)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from emergency.domain.answer import Form, read_text
from emergency.domain.assignment import Assignment, ticked
from emergency.domain.attachment import Attachment
from emergency.domain.errors import DecisionSettled, UnusableAnswer
from emergency.domain.terms import DecisionKind
from emergency.domain.timeline import Fact, TimelineEntry
from emergency.ports import Archive, Assignments, Clock, Incidents
from emergency.use_cases.attempts import until_written
from emergency.use_cases.open_link import Opened, check_form
from emergency.use_cases.telling import fact_of

NOTE = "note"
TASKS = "tasks"
TICKS = "ticks"
"""The field that says that the posted form showed the boxes: without it, no box is no news."""
MOST_ADDED = 200
"""How much one person adds to one incident's record: more is a mistake, or somebody else's link.

Every page reads the whole record, and has to open for everybody else.
"""
_ADDED = frozenset({Fact.NOTE_ADDED, Fact.FILE_ADDED, Fact.TASK_DONE, Fact.TASK_REOPENED})


@dataclass(frozen=True, kw_only=True)
class AddToRecord:
    """Puts a note and a file on record. The same note or file of the same person twice is one."""

    incidents: Incidents
    archive: Archive
    clock: Clock

    def __call__(self, opened: Opened, form: Form, file: Attachment | None) -> None:
        """Adds what was given.

        Raises ForgedForm, UnusableAnswer where nothing was or the person has added too much, DecisionSettled.
        """
        _check(opened, form, NOTE)
        note = read_text(form, NOTE)
        if not note and file is None:
            raise UnusableAnswer(NOTE, "missing")
        entries = [self._note(opened, note)] if note else []
        if file is not None:
            self.archive.put(file.key(opened.link.incident_id), file.content, file.content_type)
            entries.append(self._file(opened, file))
        self.incidents.add(opened.link.incident_id, entries)

    def _note(self, opened: Opened, note: str) -> TimelineEntry:
        digest = hashlib.sha256(note.encode()).hexdigest()[:16]
        who = opened.link.contact
        return fact_of(
            opened.decision,
            Fact.NOTE_ADDED,
            key=f"note/{who}/{digest}",
            now=self.clock(),
            actor=who,
            details={"who": who, "text": note},
        )

    def _file(self, opened: Opened, file: Attachment) -> TimelineEntry:
        who = opened.link.contact
        return fact_of(
            opened.decision,
            Fact.FILE_ADDED,
            key=f"file/{who}/{file.digest[:16]}",
            now=self.clock(),
            actor=who,
            details={"who": who, "file": file.name, "archived": file.key(opened.link.incident_id)},
        )


@dataclass(frozen=True, kw_only=True)
class TickTasks:
    """Notes which tasks of a team are done."""

    assignments: Assignments
    clock: Clock

    def __call__(self, opened: Opened, form: Form) -> Assignment:
        """The assignment with exactly the posted `tasks` done.

        Raises ForgedForm, DecisionSettled, and UnusableAnswer where the team has no such task, the question is
        another one, or the person has added too much.
        """
        _check(opened, form, TASKS)
        if opened.decision.kind is not DecisionKind.COMPLETE:
            raise UnusableAnswer(TASKS, "unknown")
        done = frozenset(form.get(TASKS, ()))
        return until_written(lambda: self._tick(opened, done))

    def _tick(self, opened: Opened, done: Collection[str]) -> Assignment:
        team, who = opened.decision.team, opened.link.contact
        before = self.assignments.get(opened.link.incident_id, team) if team else None
        if before is None or set(done) - {task.id for task in before.tasks}:
            raise UnusableAnswer(TASKS, "unknown")
        now = self.clock()
        after = ticked(before, done, by=who, now=now)
        entries = [
            fact_of(
                opened.decision,
                Fact.TASK_DONE if task.done_at else Fact.TASK_REOPENED,
                key=f"task/{task.id}/{before.version}",
                now=now,
                actor=who,
                details={"who": who, "task": task.id},
            )
            for task, earlier in zip(after.tasks, before.tasks, strict=True)
            if task != earlier
        ]
        return self.assignments.save(after, entries) if entries else before


def _check(opened: Opened, form: Form, field: str) -> None:
    check_form(opened, form)
    if not opened.decision.is_open:
        raise DecisionSettled(opened.decision.id)
    who = opened.link.contact
    if sum(entry.actor == who and entry.fact in _ADDED for entry in opened.record.timeline) >= MOST_ADDED:
        raise UnusableAnswer(field, "too_much")
