"""The stock in DynamoDB: resources and the hotline pool, lent and taken by conditional transactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from emergency.aws.codec import Item, from_item, to_attributes, to_item
from emergency.aws.table import ConditionFailed, RecordsTable, incident_key
from emergency.domain.errors import NothingInStock, Overdrawn, RecordChanged
from emergency.domain.inventory import Allocation, CallCount, Expense, OpenHotline, Stock
from emergency.domain.plan import Plan, Resource
from emergency.domain.timeline import TimelineEntry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef as Write


@dataclass(frozen=True)
class DynamoInventory:
    """Resources of P7.

    An item `RESOURCE#<id>` counts what is out (`lent`, what is gone for good among it) and what is gone (`gone`) since
    the stock-take of the day `counted`; how much there is stands in the plan. `RESERVE#<person>` stands while somebody
    of the reserve list is with an incident.
    """

    table: RecordsTable

    def stock(self, resource: Resource) -> Stock:
        """See the port."""
        item = self._counted(resource)
        free = tuple(person.id for person in resource.reserve if not self.table.get(f"RESERVE#{person.id}", "RESERVE"))
        left = resource.stock - _number(item, "lent")
        return Stock(left=min(left, len(free)) if resource.reserve else left, free=free)

    def _counted(self, resource: Resource) -> Item | None:
        """The resource's item, after a newer stock-take without what was gone: that is no longer in the stock."""
        key = f"RESOURCE#{resource.id}"
        item = self.table.get(key, "RESOURCE")
        day = resource.counted.isoformat() if resource.counted else ""
        if item is None or not day or item.get("counted", {}).get("S", "") >= day:
            return item
        gone = _number(item, "gone")
        recount = self.table.update(
            key,
            "RESOURCE",
            "SET counted = :day, gone = :none ADD lent :less",
            "(attribute_not_exists(counted) OR counted < :day) AND "
            + ("gone = :gone" if "gone" in item else "attribute_not_exists(gone)"),
            {":day": day, ":none": 0, ":less": -gone, **({":gone": gone} if "gone" in item else {})},
        )
        # Somebody else counts at the same time: what they left is read anew.
        with suppress(ConditionFailed):
            self.table.write([recount])
        return self.table.get(key, "RESOURCE")

    def lend(self, allocations: Sequence[Allocation], plan: Plan, entries: Sequence[TimelineEntry]) -> None:
        """See the port."""
        incident_id = allocations[0].incident_id
        loans = [
            self.table.put_new(to_item(loan, incident_key(incident_id), f"ALLOCATION#{loan.id}"))
            for loan in allocations
        ]
        taken = [
            *self._taken(allocations, plan),
            *(self._called(loan, who) for loan in allocations for who in loan.people),
        ]
        noted = [self.table.entry(incident_id, entry) for entry in entries]
        try:
            self.table.write([*loans, *taken, *noted])
        except ConditionFailed as error:
            if all(self._loan(incident_id, loan.id) for loan in allocations):
                return
            if min(error.failed) >= len(loans) and min(error.failed) < len(loans) + len(taken):
                raise NothingInStock(incident_id) from error
            raise

    def _taken(self, allocations: Sequence[Allocation], plan: Plan) -> list[Write]:
        wanted = Counter[str]()
        for loan in allocations:
            wanted[loan.resource] += loan.quantity
        return [
            self.table.update(
                f"RESOURCE#{resource}",
                "RESOURCE",
                "SET counted = if_not_exists(counted, :day) ADD lent :quantity",
                "attribute_not_exists(lent) OR lent <= :most",
                {
                    ":quantity": quantity,
                    ":most": plan.resources[resource].stock - quantity,
                    ":day": counted.isoformat() if (counted := plan.resources[resource].counted) else "",
                },
            )
            for resource, quantity in wanted.items()
            if quantity
        ]

    def _called(self, loan: Allocation, person: str) -> Write:
        called = {"pk": f"RESERVE#{person}", "sk": "RESERVE", "incident_id": loan.incident_id, "allocation": loan.id}
        return self.table.put_new(to_attributes(called))

    def spend(self, expense: Expense, entries: Sequence[TimelineEntry]) -> None:
        """See the port."""
        key = incident_key(expense.incident_id)
        # The loan is read first: what the same form has spent since is found then, and isn't taken for too much.
        loan = self._loan(expense.incident_id, expense.allocation)
        if self.table.get(key, f"EXPENSE#{expense.id}"):
            return
        if loan is None or expense.quantity > loan.left:
            raise Overdrawn(expense.allocation)
        spent = self.table.update(
            key,
            f"ALLOCATION#{expense.allocation}",
            "SET spent = :after",
            "attribute_not_exists(returned_at) AND (spent = :before OR attribute_not_exists(spent))",
            {":before": loan.spent, ":after": loan.spent + expense.quantity},
        )
        gone = self.table.update(
            f"RESOURCE#{expense.resource}",
            "RESOURCE",
            "ADD gone :quantity",
            "lent >= :quantity",
            {":quantity": expense.quantity},
        )
        noted = [self.table.entry(expense.incident_id, entry) for entry in entries]
        put = self.table.put_new(to_item(expense, key, f"EXPENSE#{expense.id}"))
        try:
            self.table.write([put, spent, gone, *noted])
        except ConditionFailed:
            # The same form, posted twice at once, is one expense; another one changed the loan under this one.
            if not self.table.get(key, f"EXPENSE#{expense.id}"):
                raise

    def give_back(self, allocation: Allocation, entries: Sequence[TimelineEntry], now: datetime) -> None:
        """See the port."""
        key = incident_key(allocation.incident_id)
        returned = self.table.update(
            key,
            f"ALLOCATION#{allocation.id}",
            "SET returned_at = :now",
            "attribute_exists(pk) AND attribute_not_exists(returned_at)"
            " AND (spent = :spent OR attribute_not_exists(spent))",
            {":now": now.isoformat(), ":spent": allocation.spent},
        )
        left = allocation.quantity - allocation.spent
        stock = self.table.update(
            f"RESOURCE#{allocation.resource}",
            "RESOURCE",
            "ADD lent :less",
            "lent >= :left",
            {":less": -left, ":left": left},
        )
        home = [
            self.table.delete(f"RESERVE#{who}", "RESERVE", "incident_id = :mine", {":mine": allocation.incident_id})
            for who in allocation.people
        ]
        noted = [self.table.entry(allocation.incident_id, entry) for entry in entries]
        try:
            self.table.write([returned, *([stock] if left else []), *home, *noted])
        except ConditionFailed as error:
            loan = self._loan(allocation.incident_id, allocation.id)
            if loan is None or loan.returned_at is None:
                raise RecordChanged(allocation.id) from error

    def allocations(self, incident_id: str) -> tuple[Allocation, ...]:
        """See the port."""
        return tuple(from_item(i, Allocation) for i in self.table.query(incident_key(incident_id), "ALLOCATION#"))

    def _loan(self, incident_id: str, allocation: str) -> Allocation | None:
        item = self.table.get(incident_key(incident_id), f"ALLOCATION#{allocation}")
        return from_item(item, Allocation) if item else None


def _number(item: Item | None, name: str) -> int:
    return int(item[name]["N"]) if item and name in item else 0


@dataclass(frozen=True)
class DynamoHotlines:
    """The pool of telephone numbers. An item `HOTLINE#<id>` stands while an incident has the number."""

    table: RecordsTable

    def take(self, hotline: OpenHotline, entries: Sequence[TimelineEntry]) -> bool:
        """See the port."""
        taken = to_item(hotline, f"HOTLINE#{hotline.hotline}", "HOTLINE")
        mine = to_item(hotline, incident_key(hotline.incident_id), "HOTLINE")
        noted = [self.table.entry(hotline.incident_id, entry) for entry in entries]
        try:
            self.table.write([self.table.put_new(taken), self.table.put_new(mine), *noted])
        except ConditionFailed:
            held = self.open_for(hotline.incident_id)
            return held is not None and held.hotline == hotline.hotline
        return True

    def open_for(self, incident_id: str) -> OpenHotline | None:
        """See the port."""
        item = self.table.get(incident_key(incident_id), "HOTLINE")
        return from_item(item, OpenHotline) if item else None

    def note(self, hotline: OpenHotline, entries: Sequence[TimelineEntry] = ()) -> None:
        """See the port."""
        mine = to_item(hotline, incident_key(hotline.incident_id), "HOTLINE")
        is_open = "hotline = :hotline AND attribute_not_exists(closed_at)"
        noted = [self.table.entry(hotline.incident_id, entry) for entry in entries]
        self.table.write([self.table.put_if(mine, is_open, {":hotline": hotline.hotline}), *noted])

    def count(self, calls: CallCount, entry: TimelineEntry) -> None:
        """See the port."""
        key, id_ = incident_key(calls.incident_id), f"CALLS#{calls.id}"
        try:
            self.table.write([self.table.put_new(to_item(calls, key, id_)), self.table.entry(calls.incident_id, entry)])
        except ConditionFailed:
            if not self.table.get(key, id_):
                raise

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
