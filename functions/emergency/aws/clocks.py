"""The clocks that are watched, and the notifications that were sent, in DynamoDB beside their incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from emergency.aws.codec import from_item, to_item
from emergency.aws.table import ConditionFailed, RecordsTable, incident_key
from emergency.domain.deadline import Deadline, Watched
from emergency.domain.notification import SentMail
from emergency.domain.timeline import TimelineEntry


@dataclass(frozen=True)
class DynamoDeadlines:
    """Clocks: an item `DEADLINE#<id>` each."""

    table: RecordsTable

    def create(self, deadline: Deadline, entries: Sequence[TimelineEntry] = ()) -> Deadline:
        """See the port."""
        item = to_item(deadline, incident_key(deadline.incident_id), f"DEADLINE#{deadline.id}")
        noted = [self.table.entry(deadline.incident_id, entry) for entry in entries]
        try:
            self.table.write([self.table.put_new(item), *noted])
        except ConditionFailed:
            stored = self.get(deadline.incident_id, deadline.id)
            if stored is None:
                raise
            return stored
        return deadline

    def get(self, incident_id: str, deadline: Watched) -> Deadline | None:
        """See the port."""
        item = self.table.get(incident_key(incident_id), f"DEADLINE#{deadline}")
        return from_item(item, Deadline) if item else None

    def save(self, deadline: Deadline, entries: Sequence[TimelineEntry] = ()) -> Deadline:
        """See the port."""
        new = replace(deadline, version=deadline.version + 1)
        item = to_item(new, incident_key(new.incident_id), f"DEADLINE#{new.id}")
        noted = [self.table.entry(new.incident_id, entry) for entry in entries]
        self.table.write([self.table.put_at(item, deadline.version), *noted])
        return new


@dataclass(frozen=True)
class DynamoSentMails:
    """Notifications: an item `MAIL#<name>` for each that was sent, or refused."""

    table: RecordsTable

    def get(self, incident_id: str, name: str) -> SentMail | None:
        """See the port."""
        item = self.table.get(incident_key(incident_id), f"MAIL#{name}")
        return from_item(item, SentMail) if item else None

    def note(self, mail: SentMail) -> None:
        """See the port."""
        self.table.write([self.table.put(to_item(mail, incident_key(mail.incident_id), f"MAIL#{mail.name}"))])
