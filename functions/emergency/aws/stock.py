"""The stock in DynamoDB: resources and the hotline pool, lent and taken by conditional transactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from emergency.aws.codec import from_item, to_item
from emergency.aws.table import ConditionFailed, RecordsTable, incident_key
from emergency.domain.errors import NothingInStock, RecordChanged
from emergency.domain.inventory import Allocation, OpenHotline
from emergency.domain.timeline import TimelineEntry

_LOAN, _STOCK = 0, 1
"""Positions of the two guarded writes in a loan's transaction."""


@dataclass(frozen=True)
class DynamoInventory:
    """Resources of P7. An item `RESOURCE#<id>` counts what is out; how much there is stands in the plan."""

    table: RecordsTable

    def available(self, resource: str, stock: int) -> int:
        """See the port."""
        item = self.table.get(f"RESOURCE#{resource}", "RESOURCE")
        return stock - (int(item["lent"]["N"]) if item else 0)

    def lend(self, allocation: Allocation, stock: int, entries: Sequence[TimelineEntry]) -> None:
        """See the port."""
        taken = self.table.update(
            f"RESOURCE#{allocation.resource}",
            "RESOURCE",
            "ADD lent :quantity",
            "attribute_not_exists(lent) OR lent <= :most",
            {":quantity": allocation.quantity, ":most": stock - allocation.quantity},
        )
        loan = self.table.put_new(
            to_item(allocation, incident_key(allocation.incident_id), f"ALLOCATION#{allocation.id}")
        )
        noted = [self.table.entry(allocation.incident_id, entry) for entry in entries]
        try:
            self.table.write([loan, *([taken] if allocation.quantity else []), *noted])
        except ConditionFailed as error:
            if _LOAN in error.failed and self._is_lent(allocation):
                return
            if _STOCK in error.failed and 0 < allocation.quantity > self.available(allocation.resource, stock):
                raise NothingInStock(allocation.resource) from error
            raise

    def give_back(self, allocation: Allocation, entries: Sequence[TimelineEntry], now: datetime) -> None:
        """See the port."""
        key = incident_key(allocation.incident_id)
        returned = self.table.update(
            key,
            f"ALLOCATION#{allocation.id}",
            "SET returned_at = :now",
            "attribute_exists(pk) AND attribute_not_exists(returned_at)",
            {":now": now.isoformat()},
        )
        stock = self.table.update(
            f"RESOURCE#{allocation.resource}",
            "RESOURCE",
            "ADD lent :less",
            "lent >= :quantity",
            {":less": -allocation.quantity, ":quantity": allocation.quantity},
        )
        try:
            guarded = [returned, stock] if allocation.quantity else [returned]
            self.table.write([*guarded, *(self.table.entry(allocation.incident_id, entry) for entry in entries)])
        except ConditionFailed as error:
            item = self.table.get(key, f"ALLOCATION#{allocation.id}")
            if item is None or "returned_at" not in item:
                raise RecordChanged(allocation.id) from error

    def allocations(self, incident_id: str) -> tuple[Allocation, ...]:
        """See the port."""
        return tuple(from_item(i, Allocation) for i in self.table.query(incident_key(incident_id), "ALLOCATION#"))

    def _is_lent(self, allocation: Allocation) -> bool:
        return self.table.get(incident_key(allocation.incident_id), f"ALLOCATION#{allocation.id}") is not None


@dataclass(frozen=True)
class DynamoHotlines:
    """The pool of telephone numbers. An item `HOTLINE#<id>` stands while an incident has the number."""

    table: RecordsTable

    def take(self, hotline: OpenHotline, entry: TimelineEntry) -> bool:
        """See the port."""
        taken = to_item(hotline, f"HOTLINE#{hotline.hotline}", "HOTLINE")
        mine = to_item(hotline, incident_key(hotline.incident_id), "HOTLINE")
        try:
            self.table.write(
                [self.table.put_new(taken), self.table.put_new(mine), self.table.entry(hotline.incident_id, entry)]
            )
        except ConditionFailed:
            held = self.open_for(hotline.incident_id)
            return held is not None and held.hotline == hotline.hotline
        return True

    def open_for(self, incident_id: str) -> OpenHotline | None:
        """See the port."""
        item = self.table.get(incident_key(incident_id), "HOTLINE")
        return from_item(item, OpenHotline) if item else None

    def release(self, hotline: OpenHotline, entry: TimelineEntry, now: datetime) -> None:
        """See the port."""
        closed = to_item(replace(hotline, closed_at=now), incident_key(hotline.incident_id), "HOTLINE")
        freed = self.table.delete(
            f"HOTLINE#{hotline.hotline}", "HOTLINE", "incident_id = :incident", {":incident": hotline.incident_id}
        )
        try:
            self.table.write([freed, self.table.put(closed), self.table.entry(hotline.incident_id, entry)])
        except ConditionFailed as error:
            held = self.open_for(hotline.incident_id)
            if held is None or held.closed_at is None:
                raise RecordChanged(hotline.hotline) from error
