"""Goods from places to carriers: as many as can be carried, and of all such ways the cheapest.

It is the transport problem: a flow of least cost, found by successive shortest paths. Each path is the cheapest one
that can still take something, so what is carried is cheapest for its amount after each of them, and the greatest amount
is carried when no path is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Flow = dict[tuple[str, str], int]
"""How much goes from a place to a carrier; nothing is left out."""


def cheapest(supplies: Mapping[str, int], capacities: Mapping[str, int], costs: Mapping[tuple[str, str], int]) -> Flow:
    """What goes from each place to each carrier: as much as possible, then at the least cost.

    `supplies` are by place, `capacities` by carrier; `costs` of one unit name the ways that there are. Neither is
    negative. Ways that cost the same are used in the order of `costs`.
    """
    left = _Left(supplies=dict(supplies), capacities=dict(capacities), costs=costs)
    while path := left.cheapest_path():
        left.send_along(path)
    return {way: amount for way, amount in left.flow.items() if amount}


@dataclass
class _Left:
    """What is still to be carried, what can still be taken, and what goes where so far."""

    supplies: dict[str, int]
    capacities: dict[str, int]
    costs: Mapping[tuple[str, str], int]
    flow: Flow = field(default_factory=dict)

    def cheapest_path(self) -> tuple[tuple[str, str], ...]:
        """The ways of the cheapest path from a place with goods to a carrier with room; empty where there is none.

        Its even ways are used for more, its odd ones for less: what a carrier gives back makes room for other goods.
        """
        at_place: dict[str, tuple[int, tuple[tuple[str, str], ...]]] = {
            place: (0, ()) for place, count in self.supplies.items() if count > 0
        }
        at_carrier: dict[str, tuple[int, tuple[tuple[str, str], ...]]] = {}
        # Giving back costs less than nothing, so a way may be improved on later (Bellman and Ford).
        while self._extend(at_place, at_carrier):
            pass
        ends = [reached for carrier, reached in at_carrier.items() if self.capacities.get(carrier, 0) > 0]
        return min(ends, key=lambda reached: reached[0])[1] if ends else ()

    def _extend(
        self,
        at_place: dict[str, tuple[int, tuple[tuple[str, str], ...]]],
        at_carrier: dict[str, tuple[int, tuple[tuple[str, str], ...]]],
    ) -> bool:
        """Goes one way further from everything that is reached; whether that reached something cheaper."""
        is_better = False
        for way, cost in self.costs.items():
            place, carrier = way
            if place in at_place:
                spent, path = at_place[place]
                if carrier not in at_carrier or spent + cost < at_carrier[carrier][0]:
                    at_carrier[carrier] = (spent + cost, (*path, way))
                    is_better = True
            if carrier in at_carrier and self.flow.get(way, 0) > 0:
                spent, path = at_carrier[carrier]
                if place not in at_place or spent - cost < at_place[place][0]:
                    at_place[place] = (spent - cost, (*path, way))
                    is_better = True
        return is_better

    def send_along(self, path: tuple[tuple[str, str], ...]) -> None:
        """Carries as much along a path as goes."""
        begins, ends = path[0][0], path[-1][1]
        given_back = [self.flow[way] for way in path[1::2]]
        amount = min(self.supplies[begins], self.capacities[ends], *given_back)
        for number, way in enumerate(path):
            self.flow[way] = self.flow.get(way, 0) + (-amount if number % 2 else amount)
        self.supplies[begins] -= amount
        self.capacities[ends] -= amount
