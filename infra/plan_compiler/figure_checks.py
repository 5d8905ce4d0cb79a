"""What the shifts of an assessment mean together: each step must be reachable and add to the one below it (P3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from infra.plan_compiler.findings import Finding
from infra.plan_compiler.source import Node

_ADDED = ("likelihood", "impact")
_LEAST_TIMES = 1
_MOST_SCORE = 10


def check_figures(figures: Node) -> Iterator[Finding]:
    """Says which steps of a figure are never reached, change nothing, or make worse figures milder."""
    for name, shifts in figures.entries().items():
        steps = [shift for shift in shifts.items() if _at_least(shift) is not None]
        for step in steps:
            yield from _reachable(name, step.get("at_least"))
        yield from _steps(sorted(steps, key=lambda step: _at_least(step) or 0))


def _reachable(name: str, at_least: Node) -> Iterator[Finding]:
    value = at_least.value
    if not isinstance(value, int | float):
        return
    if name == "score" and value > _MOST_SCORE:
        yield at_least.finding(f"no finding's severity reaches {value:g}", f"write {_MOST_SCORE} or less")
    if name == "times_over" and value < _LEAST_TIMES:
        yield at_least.finding(
            f"{value:g} is always reached: a figure beyond its threshold is more than {_LEAST_TIMES} times as much",
            "write how many times over counts, like 20",
        )


def _steps(steps: list[Node]) -> Iterator[Finding]:
    for step in steps[:1]:
        if not any(_added(step).values()):
            yield step.finding("adds nothing", "add 'likelihood:' or 'impact:' with what it adds, or remove it")
    for lower, higher in pairwise(steps):
        below, above, line = _added(lower), _added(higher), lower.line
        if _at_least(lower) == _at_least(higher):
            yield higher.finding(
                f"stands here a second time for the same figure (first on line {line})", "keep one of the two"
            )
        elif any(above[name] < below[name] for name in _ADDED):
            yield higher.finding(
                f"adds less than the lower step on line {line}, so a worse figure would be milder",
                "let it add as much or more",
            )
        elif above == below:
            yield higher.finding(f"adds what the lower step on line {line} adds already", "remove it, or add more")


def _at_least(step: Node) -> float | None:
    value = step.get("at_least").value
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _added(step: Node) -> Mapping[str, int]:
    return {name: step.get(name).number() or 0 for name in _ADDED}
