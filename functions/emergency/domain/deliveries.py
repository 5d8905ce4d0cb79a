"""Deliveries when a carrier fails: whose parcels go to which other carrier (P6.3, P7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class Move:
    """So many parcels of a region that go to a carrier, for `cost` cents each, collected on that day."""

    region: str
    carrier: str
    parcels: int
    cost: int
    collected_on: date


@dataclass(frozen=True, kw_only=True)
class Replan:
    """A re-plan of one incident: the parcels of `carrier` by region, and where they go.

    It is proposed by the system, and ordered `by` the team's lead at `ordered_at`. `orders` names the list of affected
    orders that it rests on; empty where it rests on the plan's usual days. What no carrier can take is left.
    """

    incident_id: str
    id: str
    carrier: str
    parcels: Mapping[str, int]
    moves: tuple[Move, ...]
    proposed_at: datetime
    orders: str = ""
    by: str = ""
    ordered_at: datetime | None = None
    version: int = 0

    @property
    def left(self) -> Mapping[str, int]:
        """The parcels by region that stay where they are."""
        moved = {region: sum(m.parcels for m in self.moves if m.region == region) for region in self.parcels}
        return {region: count - moved[region] for region, count in self.parcels.items() if count > moved[region]}


@dataclass(frozen=True, kw_only=True)
class CarrierOrder:
    """What one carrier is asked to take over of a re-plan."""

    replan: str
    carrier: str
    moves: tuple[Move, ...]


@dataclass(frozen=True, kw_only=True)
class OrderList:
    """A list of affected orders, read: its good rows counted by region, and the rows that could not.

    `promised` is the earliest promised day of each region. `bad_rows` counts all bad rows, `findings` tells of the
    first of them.
    """

    name: str
    parcels: Mapping[str, int]
    grams: Mapping[str, int] = field(default_factory=dict)
    promised: Mapping[str, date] = field(default_factory=dict)
    bad_rows: int = 0
    findings: tuple[RowFinding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RowFinding:
    """What is wrong in one row: its line in the file, the column, and which problem; the words say what to do."""

    line: int
    column: str
    problem: str
