"""Finds what waits for itself by way of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter


def circles(waits: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    """The circles in which things wait for each other, until none is left; each thing waits for the one after it.

    Args:
        waits: What each thing waits for, by name.
    """
    graph = {name: list(others) for name, others in waits.items()}
    while circle := _circle(graph):
        yield circle
        graph[circle[-1]].remove(circle[0])


def told(circle: list[str]) -> str:
    """A circle in words, from its first to its first."""
    first, *others = circle
    return f"'{first}' waits for " + ", which waits for ".join(f"'{name}'" for name in (*others, first))


def begun_at(circle: list[str], key: Callable[[str], tuple[bool, int]]) -> list[str]:
    """The same circle, begun at the one with the least key."""
    start = circle.index(min(circle, key=key))
    return circle[start:] + circle[:start]


def _circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # graphlib names what comes before first, and the first one again at the end
        *circle, _ = map(str, error.args[1])
        return circle[::-1]
    return []
