"""One person to whom something is told: names, times and tasks in their words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from emergency.domain.assignment import AssignedTask
from emergency.domain.plan import Contact, Plan
from emergency.domain.terms import Team
from emergency.presentation.letter import Item
from emergency.presentation.naming import Names
from emergency.presentation.plain import one_line
from emergency.presentation.words import Words

_TASK_LIMIT = 600


@dataclass(frozen=True)
class Reader:
    """A contact who is written to at a time."""

    contact: Contact
    now: datetime
    plan: Plan
    words: Words

    @property
    def names(self) -> Names:
        """Names for ids, in the reader's words."""
        return Names(self.plan, self.words)

    def when(self, moment: datetime) -> str:
        """A time as one would say it now."""
        return self.words.when(moment, self.now, self.plan)

    def when_in_zone(self, moment: datetime) -> str:
        """A time as one would say it now, with the zone named."""
        return self.words.when_in_zone(moment, self.now, self.plan)

    def task(self, task: AssignedTask, team: Team | None = None, *, phone: bool = False) -> Item:
        """A task with its target, and below it whose it is: with its team, and with a number to call, where wanted."""
        who = self._owner(task, phone=phone, is_alone=team is None)
        under = self.words.labelled(self.names.team(team), who) if team and who else who
        return Item(text=self._targeted(task), under=under)

    def _targeted(self, task: AssignedTask) -> str:
        text = one_line(self.plan.text(task.text, self.words.locale), _TASK_LIMIT)
        if task.due_at is None:
            return text
        key = "notification.task_late" if task.is_late(self.now) else "mail.task_by"
        return self.words(key, task=text, time=self.when(task.due_at))

    def _owner(self, task: AssignedTask, *, phone: bool, is_alone: bool) -> str:
        if task.is_by_system:
            return self.words("notification.by_system")
        if task.owner == self.contact.id:
            return "" if is_alone else self.words("notification.yours")
        if not task.owner:
            return ""
        return self.reached(task.owner) if phone else self.names.contact(task.owner)

    def reached(self, contact_id: str) -> str:
        """A contact by name and office, with the number at which they are reached."""
        contact, who = self.plan.contacts.get(contact_id), self.names.contact(contact_id)
        return self.words("notification.person", who=who, phone=contact.phone) if contact and contact.phone else who
