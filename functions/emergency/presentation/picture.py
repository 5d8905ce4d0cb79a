"""A picture of an incident's course: six lanes for the six steps, time from left to right, drawn from the timeline.

Across, positions are in percent, so that the picture fits any width with letters of one size. Long quiet stretches are
folded, so that seconds stay apart even when days lie between them. The number of marks is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from emergency.domain.plan import Plan
from emergency.domain.terms import Step
from emergency.domain.timeline import TimelineEntry
from emergency.presentation.words import Words, local_time

MARKS = 80
"""How many dots a picture has at most."""

_LEFT, _RIGHT = 2.5, 97.5
_FOLD = 6.0
_MOST_FOLDS = 6
_ENOUGH_TO_FOLD = 8
_CELL = 2.0
_TICKS = 5
_TICK_ROOM = 17.0
_EXACT_BELOW = 300
_PIN_ROOM = 5.0
_LANE = 40
_PIN_ROW = 24
_STEPS_OF_TIME = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1_800),
    *(3_600, 7_200, 10_800, 21_600, 43_200),
    *(86_400, 172_800, 604_800, 1_209_600, 2_592_000),
)
_DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One or more entries of a step close together."""

    x: float
    count: int

    @property
    def radius(self) -> float:
        """Larger for more entries, within bounds."""
        return min(9.0, 4.0 + 0.8 * (self.count.bit_length() - 1))


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One step: its band from the first entry to the last, and its entries."""

    name: str
    y: int
    count: int
    x1: float
    x2: float
    dots: tuple[Dot, ...]


@dataclass(frozen=True, kw_only=True)
class Tick:
    """One time on the axis; `day` is set where the day is new."""

    x: float
    label: str
    day: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class Fold:
    """A quiet stretch that is drawn shorter than it was."""

    x: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A numbered moment."""

    number: int
    x: float
    y: int
    name: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Everything that the template draws."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    folds: tuple[Fold, ...]
    pins: tuple[Pin, ...]
    top: int
    bottom: int
    height: int
    folded: str


class _Axis:
    """Where on the picture a moment lies: straight within each busy stretch, folded between them."""

    def __init__(self, moments: Sequence[datetime]) -> None:
        ordered = sorted(set(moments))
        self.begin, self.end = ordered[0], ordered[-1]
        folded = _folded(ordered)
        self.stretches: list[tuple[datetime, datetime, float, float]] = []
        self.folds: list[tuple[datetime, datetime, float, float]] = []
        borders = [self.begin, *(moment for pair in folded for moment in pair), self.end]
        stretches = list(zip(borders[::2], borders[1::2], strict=True))
        self.busy = sum(((end - begin).total_seconds() for begin, end in stretches), 0.0)
        scale = (_RIGHT - _LEFT - _FOLD * len(folded)) / self.busy if self.busy else 0.0
        x = _LEFT if self.busy else (_LEFT + _RIGHT) / 2
        for number, (begin, end) in enumerate(stretches):
            width = (end - begin).total_seconds() * scale
            self.stretches.append((begin, end, x, width))
            x += width
            if number < len(folded):
                self.folds.append((*folded[number], x, _FOLD))
                x += _FOLD

    def x(self, moment: datetime) -> float:
        """The moment's position in percent; outside the axis its nearer end."""
        moment = min(max(moment, self.begin), self.end)
        for begin, end, x, width in self.stretches + self.folds:
            if begin <= moment <= end:
                span = (end - begin).total_seconds()
                return round(x + (width * (moment - begin).total_seconds() / span if span else 0), 2)
        return _LEFT


def _folded(ordered: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    """The quiet stretches to fold: those beside which everything else would be a smudge.

    Gaps are taken from the longest down, those of like length together, while they leave little of the whole.
    """
    if len(ordered) < _ENOUGH_TO_FOLD:
        return []
    gaps = sorted(pairwise(ordered), key=lambda gap: (gap[1] - gap[0], gap[0]), reverse=True)
    spans = [(end - begin).total_seconds() for begin, end in gaps]
    rest = sum(spans)
    folds = 0
    while folds < _MOST_FOLDS:
        alike = folds
        while alike < len(spans) and spans[alike] > spans[folds] / 3:
            alike += 1
        left = rest - sum(spans[folds:alike])
        if alike > _MOST_FOLDS or left <= 0 or left > rest / 2:
            break
        folds, rest = alike, left
    return sorted(gaps[:folds])


def draw(
    timeline: Sequence[TimelineEntry], moments: Iterable[tuple[str, datetime]], plan: Plan, words: Words
) -> Picture | None:
    """The picture of a timeline with its named moments; None where there is nothing to draw."""
    if not timeline:
        return None
    pinned = sorted(moments, key=lambda moment: moment[1])
    axis = _Axis([*(entry.at for entry in timeline), *(at for _, at in pinned)])
    pins, rows = _pins(pinned, axis)
    top = rows * _PIN_ROW + 6
    lanes = _lanes(timeline, axis, words, top)
    bottom = top + _LANE * len(Step) + 6
    return Picture(
        lanes=lanes,
        ticks=_ticks(axis, plan, words),
        folds=tuple(
            Fold(
                x=round(x, 2),
                width=width,
            )
            for begin, end, x, width in axis.folds
        ),
        pins=pins,
        top=top,
        bottom=bottom,
        height=bottom + 44,
        folded=_said(axis, words),
    )


def _said(axis: _Axis, words: Words) -> str:
    """That quiet stretches are folded, and how long they were; empty where none is."""
    lengths = [words.duration((end - begin).total_seconds()) for begin, end, _, _ in axis.folds]
    return words("report.course.folded", durations=words.join(lengths)) if lengths else ""


def _pins(moments: Sequence[tuple[str, datetime]], axis: _Axis) -> tuple[tuple[Pin, ...], int]:
    """The numbered moments, those too close together one below the other; and how many rows they take."""
    last: list[float] = []
    pins = []
    for number, (name, at) in enumerate(moments, 1):
        x = axis.x(at)
        row = next((row for row, taken in enumerate(last) if x - taken >= _PIN_ROOM), len(last))
        last[row : row + 1] = [x]
        pins.append(Pin(number=number, x=x, y=row * _PIN_ROW + 12, name=name, at=at))
    return tuple(pins), len(last)


def _lanes(timeline: Sequence[TimelineEntry], axis: _Axis, words: Words, top: int) -> tuple[Lane, ...]:
    positions: dict[Step, list[float]] = {step: [] for step in Step}
    for entry in timeline:
        positions[entry.step].append(axis.x(entry.at))
    dots = _dots(positions)
    return tuple(
        Lane(
            name=words(f"step.{step}"),
            y=top + number * _LANE,
            count=len(positions[step]),
            x1=min(positions[step], default=0.0),
            x2=max(positions[step], default=0.0),
            dots=dots[step],
        )
        for number, step in enumerate(Step)
    )


def _dots(positions: Mapping[Step, Sequence[float]]) -> dict[Step, tuple[Dot, ...]]:
    """The entries of each step, close ones as one dot; coarser until there are few enough."""
    cell = _CELL
    while True:
        dots = {step: _gathered(places, cell) for step, places in positions.items()}
        if sum(map(len, dots.values())) <= MARKS:
            return dots
        cell *= 1.5


def _gathered(places: Iterable[float], cell: float) -> tuple[Dot, ...]:
    cells: dict[int, list[float]] = {}
    for place in places:
        cells.setdefault(int(place / cell), []).append(place)
    return tuple(
        Dot(x=round(sum(together) / len(together), 2), count=len(together)) for _, together in sorted(cells.items())
    )


def _ticks(axis: _Axis, plan: Plan, words: Words) -> tuple[Tick, ...]:
    """Times on the axis: both ends, where a busy stretch begins, then round ones; each only where it has room."""
    wanted = axis.busy / _TICKS
    step = next((step for step in _STEPS_OF_TIME if step >= wanted), _STEPS_OF_TIME[-1])
    begins = [begin for begin, _, _, _ in axis.stretches]
    rounds = [moment for begin, end, _, _ in axis.stretches for moment in _round_times(begin, end, step, plan)]
    placed: dict[float, datetime] = {}
    for moment in [axis.begin, axis.end, *begins, *rounds]:
        x = axis.x(moment)
        if all(abs(x - taken) >= _TICK_ROOM for taken in placed):
            placed[x] = moment
    ticks: list[Tick] = []
    day = ""
    for x, moment in sorted(placed.items()):
        today = words.day(moment, plan)
        exact = axis.busy < _EXACT_BELOW
        clock = words.exact_clock(moment, plan) if exact else words.clock(moment, plan)
        ticks.append(Tick(x=x, label=clock, day="" if today == day else today, anchor=_anchor(x)))
        day = today
    return tuple(ticks)


def _anchor(x: float) -> str:
    if x < _LEFT + _TICK_ROOM / 2:
        return "start"
    return "end" if x > _RIGHT - _TICK_ROOM / 2 else "middle"


def _round_times(begin: datetime, end: datetime, step: int, plan: Plan) -> Iterable[datetime]:
    """The multiples of `step` seconds, counted from the local midnight before, within a stretch."""
    local = local_time(begin, plan)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    count = int((begin - midnight).total_seconds() // step) + 1
    moment = midnight + timedelta(seconds=count * step)
    while moment <= end:
        yield moment
        moment += timedelta(seconds=step)
