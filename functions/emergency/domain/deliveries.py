"""Deliveries when a carrier fails: whose parcels go to which other carrier (P6.3, P7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import Carrier, Plan
from emergency.domain.transport import cheapest

MOST_PARCELS = 1_000_000
"""More of one region is nobody's day, and no number that was meant."""


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
    orders that it rests on; empty where it rests on the plan's usual days. What no carrier can take is left. `number`
    counts the incident's ordered ones from 1; a proposal has none.
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
    number: int = 0

    @property
    def is_ordered(self) -> bool:
        """Whether the team's lead has ordered it."""
        return self.ordered_at is not None

    @property
    def moved(self) -> int:
        """How many parcels go elsewhere."""
        return parcels_in(self.moves)

    @property
    def left(self) -> Mapping[str, int]:
        """The parcels by region that stay where they are."""
        return left_of(self.parcels, self.moves)


@dataclass(frozen=True, kw_only=True)
class CarrierOrder:
    """What one carrier is asked to take over of a re-plan."""

    replan: str
    carrier: str
    moves: tuple[Move, ...]

    @property
    def parcels(self) -> int:
        """How many parcels it is about."""
        return parcels_in(self.moves)

    @property
    def cost(self) -> int:
        """What it costs in all, in cents."""
        return cost_of(self.moves)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A re-plan before it is ordered: whose parcels, how many by region, where they go, and who could take how many.

    `listed` is the list of affected orders that it rests on, waiting under `key`.
    """

    carrier: str
    parcels: Mapping[str, int]
    moves: tuple[Move, ...]
    spare: Mapping[str, int]
    listed: OrderList | None = None
    key: str = ""

    @property
    def left(self) -> Mapping[str, int]:
        """The parcels by region that nobody can take."""
        return left_of(self.parcels, self.moves)


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
    value: str = ""
    """What stands there, cut to a readable length."""


def parcels_in(moves: Iterable[Move]) -> int:
    """How many parcels these are."""
    return sum(move.parcels for move in moves)


def cost_of(moves: Iterable[Move]) -> int:
    """What they cost, in cents."""
    return sum(move.parcels * move.cost for move in moves)


def by_region(moves: Iterable[Move]) -> Mapping[str, int]:
    """How many parcels they are by region."""
    counts = Counter[str]()
    for move in moves:
        counts[move.region] += move.parcels
    return counts


def left_of(parcels: Mapping[str, int], moves: Iterable[Move]) -> Mapping[str, int]:
    """What stays of some parcels by region, in their order, once the moves are made."""
    moved = by_region(moves)
    return {region: count - moved.get(region, 0) for region, count in parcels.items() if count > moved.get(region, 0)}


def failing_carrier(component: str, plan: Plan) -> str:
    """The carrier that an incident's component names, as in `carriers/harbour-express`; empty where it names none."""
    named = component.casefold().replace(":", "/").split("/")
    return next((carrier for carrier in plan.carriers if carrier.casefold() in named), "")


def usual_parcels(plan: Plan, carrier: str) -> Mapping[str, int]:
    """What a carrier has on a usual day, by region: what is affected where no list of orders says otherwise."""
    lanes = plan.carriers[carrier].lanes
    return {region: lanes[region].parcels for region in plan.regions if region in lanes}


def collected_on(carrier: Carrier, plan: Plan, now: datetime) -> date:
    """The day on which a carrier collects what it is asked to take over now: the next one after its cut-off."""
    here = now.astimezone(ZoneInfo(plan.company.time_zone))
    return here.date() if here.time() < carrier.cut_off else here.date() + timedelta(days=1)


def spare(plan: Plan, failing: str, orders: Iterable[CarrierOrder], now: datetime) -> Mapping[str, int]:
    """How many parcels each other carrier can take on the day on which it would collect them.

    That is what its capacity leaves beside its usual day, less what the `orders` give it already on that day.
    """
    given = tuple(move for order in orders for move in order.moves)
    free = dict[str, int]()
    for carrier in plan.carriers.values():
        if carrier.id == failing:
            continue
        day = collected_on(carrier, plan, now)
        usual = sum(lane.parcels for lane in carrier.lanes.values())
        taken = parcels_in(move for move in given if (move.carrier, move.collected_on) == (carrier.id, day))
        free[carrier.id] = max(0, carrier.daily_capacity - usual - taken)
    return free


def proposal(
    plan: Plan,
    carrier: str,
    parcels: Mapping[str, int],
    now: datetime,
    *,
    orders: Iterable[CarrierOrder] = (),
    without: Collection[str] = (),
) -> tuple[Move, ...]:
    """Where a failing carrier's parcels can go: as many as others can take, and of all such ways the cheapest.

    `orders` are those that stand already, `without` names carriers that are not asked again.
    """
    free = {id_: room for id_, room in spare(plan, carrier, orders, now).items() if id_ not in without}
    costs = {
        (region, id_): plan.carriers[id_].lanes[region].cost
        for region in parcels
        for id_ in free
        if region in plan.carriers[id_].lanes
    }
    flow = cheapest(parcels, free, costs)
    return tuple(_move(plan, way, flow[way], now) for way in costs if way in flow)


def check_moves(
    plan: Plan,
    carrier: str,
    parcels: Mapping[str, int],
    wanted: Mapping[tuple[str, str], int],
    now: datetime,
    orders: Iterable[CarrierOrder] = (),
) -> tuple[Move, ...]:
    """The moves that somebody wants, by region and carrier, as a re-plan holds them.

    Raises UnusableAnswer naming the field: `unknown` where a region or carrier isn't in the plan, fails itself or does
    not go there, `too_much` above what there is of a region, `capacity` above what a carrier can take, and `missing`
    where nothing is moved at all.
    """
    moves = {way: count for way, count in wanted.items() if count}
    if not moves:
        raise UnusableAnswer("moves", "missing")
    for region, to in moves:
        if region not in plan.regions or to == carrier or region not in _lanes(plan, to):
            raise UnusableAnswer(field_of_move(region, to), "unknown")
    for region in parcels:
        _check_sum(moves, {way for way in moves if way[0] == region}, parcels[region], "too_much")
    for region, to in moves:
        if region not in parcels:
            raise UnusableAnswer(field_of_move(region, to), "too_much")
    for to, room in spare(plan, carrier, orders, now).items():
        _check_sum(moves, {way for way in moves if way[1] == to}, room, "capacity")
    return tuple(_move(plan, way, count, now) for way, count in moves.items())


def field_of_move(region: str, carrier: str) -> str:
    """The form's field for the parcels of a region that go to a carrier."""
    return f"move.{region}.{carrier}"


def field_of_region(region: str) -> str:
    """The form's field for the affected parcels of a region."""
    return f"parcels.{region}"


def orders_of(replan: Replan) -> tuple[CarrierOrder, ...]:
    """What each carrier is asked to take over."""
    carriers = dict.fromkeys(move.carrier for move in replan.moves)
    return tuple(
        CarrierOrder(
            replan=replan.id, carrier=carrier, moves=tuple(move for move in replan.moves if move.carrier == carrier)
        )
        for carrier in carriers
    )


def _lanes(plan: Plan, carrier: str) -> Collection[str]:
    return plan.carriers[carrier].lanes if carrier in plan.carriers else ()


def _check_sum(
    moves: Mapping[tuple[str, str], int], ways: Collection[tuple[str, str]], most: int, problem: str
) -> None:
    """Raises UnusableAnswer at the first field with which the ways hold more than there may be."""
    total = 0
    for way, count in moves.items():
        total += count if way in ways else 0
        if total > most:
            raise UnusableAnswer(field_of_move(*way), problem)


def _move(plan: Plan, way: tuple[str, str], parcels: int, now: datetime) -> Move:
    region, carrier = way
    to = plan.carriers[carrier]
    day = collected_on(to, plan, now)
    return Move(region=region, carrier=carrier, parcels=parcels, cost=to.lanes[region].cost, collected_on=day)
