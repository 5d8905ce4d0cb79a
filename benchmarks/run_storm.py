"""Measures a storm against lone incidents of the same causes, in one run on the local engine (R15, B5).

    python -m benchmarks.run_storm --seed 6

Ratios count, not times: both parts run on the same machine under the same load. Exit code 1 says that a budget of B5 or
R15 wasn't kept.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.aftermath import Aftermath, Course, let_loose
from benchmarks.storm import FAMILIES, OTHERS, Delivery, Recipe, Storm, storm
from local import synth
from local.stack import LocalStack

MOST_TRANSITIONS = 1.1
MOST_WAIT = 3.0
MOST_HOURS = 2
"""A storm of a minute may lie in two hours of the clock."""


def most_mails(alarms: int) -> int:
    """The most mails of an incident of so many alarms before anybody has answered.

    Somebody is asked for orders; and the technical lead hears, within an hour, each time that half of the alarms that
    were on are left.
    """
    return 1 + MOST_HOURS * (alarms.bit_length() + 1)


@dataclass(frozen=True)
class Budget:
    """One figure and what it may be at most."""

    what: str
    figure: float
    at_most: float

    @property
    def is_kept(self) -> bool:
        """Whether the figure is within the budget."""
        return self.figure <= self.at_most


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A storm, what came of it, and what came of one alarm of each of its causes by itself."""

    storm: Storm
    stormy: Aftermath
    lone: tuple[Course, ...]

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """What R15 and B5 ask."""
        stormy, lone = self.stormy, self.lone
        waits = [course.first_mail for course in stormy.courses]
        return (
            Budget("incidents per cause", len(stormy.courses) / len(self.storm.ids), 1),
            Budget("signals lost", len(stormy.lost) + stormy.dead_letters, 0),
            Budget(
                "mails of an incident / the most of its alarms",
                max(course.mails / most_mails(self.storm.alarms[course.cause]) for course in stormy.courses),
                1,
            ),
            Budget(
                "state transitions / those of lone incidents",
                stormy.transitions / sum(course.transitions for course in lone),
                MOST_TRANSITIONS,
            ),
            Budget(
                "p95 of the first mail / a lone incident's",
                p95(waits) / statistics.median(course.first_mail for course in lone),
                MOST_WAIT,
            ),
        )

    @property
    def is_within_budget(self) -> bool:
        """Whether all budgets are kept."""
        return all(budget.is_kept for budget in self.budgets)


def p95(figures: Sequence[float]) -> float:
    """The 95th percentile: the smallest figure that at least 95 of 100 don't exceed."""
    return sorted(figures)[-(-len(figures) * 95 // 100) - 1]


def measure(assembly: Path, recipe: Recipe, *, in_real_time: bool) -> Measured:
    """Runs the lone incidents in one local home, and the storm in another."""
    made = storm(recipe)
    with LocalStack(assembly) as stack:
        _warm(stack, recipe)
        lone = tuple(_lone(stack, made))
    with LocalStack(assembly) as stack:
        _warm(stack, recipe)
        stormy = let_loose(stack, made.deliveries, in_real_time=in_real_time)
    return Measured(storm=made, stormy=stormy, lone=lone)


def _warm(stack: LocalStack, recipe: Recipe) -> None:
    """Lets the functions load and run once, so that neither part is measured with cold ones."""
    stack.warm()
    let_loose(stack, storm(replace(recipe, families=OTHERS, causes=len(OTHERS), signals=20)).deliveries)


def _lone(stack: LocalStack, made: Storm) -> Iterator[Course]:
    """One incident after another, each of the storm's first alarm of a cause."""
    for ids in made.ids.values():
        yield from let_loose(stack, [_first(made.deliveries, ids)]).courses


def _first(deliveries: Iterable[Delivery], ids: frozenset[str]) -> Delivery:
    """The first event that says that something is wrong."""
    return next(
        delivery
        for delivery in deliveries
        if delivery.event["id"] in ids and delivery.event["detail"]["state"]["value"] == "ALARM"
    )


def _show(measured: Measured, console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("cause", "signals", "incidents", "first mail (alone)", "mails", "transitions (alone)"):
        table.add_column(heading, justify="left" if heading == "cause" else "right")
    alone = {course.cause: course for course in measured.lone}
    for cause, ids in measured.storm.ids.items():
        courses = [course for course in measured.stormy.courses if course.cause == cause]
        table.add_row(
            cause,
            str(len(ids)),
            str(len(courses)),
            f"{min(course.first_mail for course in courses):.2f} s ({alone[cause].first_mail:.2f} s)",
            str(sum(course.mails for course in courses)),
            f"{sum(course.transitions for course in courses)} ({alone[cause].transitions})",
        )
    console.print(table)
    stormy, deliveries = measured.stormy, len(measured.storm.deliveries)
    became = ", ".join(f"{count} {disposition}" for disposition, count in sorted(stormy.dispositions.items()))
    console.print(f"\n{measured.storm.signals} signals in {deliveries} deliveries: {became}.")
    console.print(f"{stormy.seconds:.1f} s; {stormy.intake_calls / deliveries:.2f} calls of AWS a delivery.\n")
    for budget in measured.budgets:
        mark = "[green]kept[/]" if budget.is_kept else "[red]not kept[/]"
        console.print(f"{budget.what}: {budget.figure:.2f} (at most {budget.at_most:g}) {mark}", highlight=False)


def _run(
    *,
    seed: Annotated[int, typer.Option(help="The same seed gives the same storm.")] = 6,
    signals: Annotated[int, typer.Option(min=1, help="How many changes of alarms.")] = 1000,
    causes: Annotated[int, typer.Option(min=1, max=len(FAMILIES), help="How many causes they have.")] = 7,
    at_once: Annotated[bool, typer.Option("--at-once", help="All at once, instead of within a minute.")] = False,
) -> None:
    """Measures a storm on the local engine against lone incidents of the same causes."""
    recipe = Recipe(seed=seed, signals=signals, causes=causes)
    # What happens now is not old news: windows of time are counted from when alarms went off.
    recipe = replace(recipe, first=datetime.now(UTC).replace(microsecond=0))
    measured = measure(synth.assembly(), recipe, in_real_time=not at_once)
    _show(measured, Console())
    raise typer.Exit(0 if measured.is_within_budget else 1)


if __name__ == "__main__":
    typer.run(_run)
