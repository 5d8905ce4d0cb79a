"""Deliveries told: regions, parcels, and what a carrier is asked to take over (P6.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from emergency.domain.deliveries import CarrierOrder, Move, cost_of, parcels_in
from emergency.domain.plan import Plan
from emergency.presentation.naming import Names
from emergency.presentation.plain import one_line
from emergency.presentation.words import Words

_VALUE_LIMIT = 60
_NOON = time(12)


@dataclass(frozen=True)
class DeliveryTeller:
    """Regions, parcels and orders in one reader's words."""

    plan: Plan
    words: Words

    @property
    def names(self) -> Names:
        """Names for ids."""
        return Names(self.plan, self.words)

    def region(self, region_id: str) -> str:
        """A region's name; its id where the plan no longer has it."""
        region = self.plan.regions.get(region_id)
        return self.plan.text(region.name, self.words.locale) if region else one_line(region_id, _VALUE_LIMIT)

    def parcels(self, count: int) -> str:
        """So many parcels."""
        return self.words.plural("deliveries.parcels", count, number=f"{count:,}")

    def day(self, day: date) -> str:
        """A day."""
        return self.words.date(datetime.combine(day, _NOON, UTC), self.plan)

    def move(self, move: Move) -> tuple[str, str]:
        """A region, and what goes from there: how many, when they are collected, at what price."""
        told = self.words(
            "deliveries.move",
            parcels=self.parcels(move.parcels),
            date=self.day(move.collected_on),
            cost=self.words.money(move.cost, self.plan),
        )
        return self.region(move.region), told

    def order(self, order: CarrierOrder) -> list[tuple[str, str]]:
        """What a carrier is asked, region by region, and in all."""
        return [*(self.move(move) for move in order.moves), (self.words("deliveries.total"), self.total(order.moves))]

    def total(self, moves: Sequence[Move]) -> str:
        """How many parcels these are, and what they cost."""
        parcels, cost = self.parcels(parcels_in(moves)), self.words.money(cost_of(moves), self.plan)
        return self.words("deliveries.total_of", parcels=parcels, cost=cost)

    def what(self, order: CarrierOrder) -> str:
        """An order within a sentence: `Harbour Express (1,200 parcels)`."""
        name, parcels = self.names.carrier(order.carrier), self.parcels(order.parcels)
        return self.words("quantity.named", name=name, quantity=parcels)

    def left(self, parcels: Mapping[str, int]) -> str:
        """What no carrier takes, by region; empty for nothing."""
        return self.words("page.replan.left", regions=self.by_region(parcels.items())) if parcels else ""

    def by_region(self, counted: Iterable[tuple[str, int]]) -> str:
        """So many parcels of each region, as one enumeration."""
        return self.words.join(
            [
                self.words("quantity.named", name=self.region(region), quantity=self.parcels(count))
                for region, count in counted
            ]
        )
