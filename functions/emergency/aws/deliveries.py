"""Re-plans of deliveries in DynamoDB, beside their incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emergency.aws.codec import from_item, to_attributes, to_item
from emergency.aws.table import ConditionFailed, RecordsTable, incident_key
from emergency.domain.decision import Decision
from emergency.domain.deliveries import Replan
from emergency.domain.timeline import TimelineEntry


@dataclass(frozen=True)
class DynamoReplans:
    """Re-plans: an item `REPLAN#<id>` each, written with the questions that it puts to carriers.

    `ORDERED-REPLAN#<number>` stands beside each that was ordered, so that no two have the same number.
    """

    table: RecordsTable

    def store(
        self, replan: Replan, entries: Sequence[TimelineEntry] = (), questions: Sequence[Decision] = ()
    ) -> Replan:
        """See the port."""
        key = incident_key(replan.incident_id)
        numbered = {"pk": key, "sk": f"ORDERED-REPLAN#{replan.number}", "replan": replan.id}
        counted = [self.table.put_new(to_attributes(numbered))] if replan.number else []
        asked = [self.table.put_new(to_item(one, key, f"DECISION#{one.id}")) for one in questions]
        noted = [self.table.entry(replan.incident_id, entry) for entry in entries]
        try:
            self.table.write(
                [self.table.put_new(to_item(replan, key, f"REPLAN#{replan.id}")), *counted, *asked, *noted]
            )
        except ConditionFailed:
            stored = self.get(replan.incident_id, replan.id)
            if stored is None:
                # Another one was ordered meanwhile, or another transaction was at the items and hasn't written.
                raise
            return stored
        return replan

    def get(self, incident_id: str, replan_id: str) -> Replan | None:
        """See the port."""
        item = self.table.get(incident_key(incident_id), f"REPLAN#{replan_id}")
        return from_item(item, Replan) if item else None
