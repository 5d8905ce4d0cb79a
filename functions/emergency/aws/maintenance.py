"""Planned maintenance in DynamoDB: a record like an incident's, and the index `MAINTENANCE` of what isn't over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from emergency.aws.codec import from_item, to_attributes, to_item
from emergency.aws.table import ConditionFailed, RecordsTable, incident_key
from emergency.domain.incident import Incident
from emergency.domain.timeline import TimelineEntry

_INDEX = "MAINTENANCE"


@dataclass(frozen=True)
class DynamoMaintenances:
    """Records of planned maintenance."""

    table: RecordsTable

    def create(self, record: Incident) -> Incident:
        """See the port."""
        key = incident_key(record.id)
        index = {"pk": _INDEX, "sk": key, "incident_id": record.id}
        try:
            self.table.write(
                [self.table.put_new(to_item(record, key, "INCIDENT")), self.table.put_new(to_attributes(index))]
            )
        except ConditionFailed:
            stored = self.table.get(key, "INCIDENT")
            if stored is None:
                # Another transaction was at the item, and has not ended or not written.
                raise
            return from_item(stored, Incident)
        return record

    def planned(self) -> tuple[str, ...]:
        """See the port."""
        return tuple(item["incident_id"]["S"] for item in self.table.query(_INDEX))

    def end(self, record: Incident, entries: Sequence[TimelineEntry]) -> Incident:
        """See the port."""
        key, new = incident_key(record.id), replace(record, version=record.version + 1)
        self.table.write(
            [
                self.table.put_at(to_item(new, key, "INCIDENT"), record.version),
                *(self.table.entry(record.id, entry) for entry in entries),
                self.table.delete(_INDEX, key),
            ]
        )
        return new
