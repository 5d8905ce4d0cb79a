"""A state machine as a nested outline, each state with the status of its last visit; visits on a time axis. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.executions import Execution, StateVisit


@dataclass
class Step:
    """One state of the outline. `status` is empty where it wasn't entered; `leads_to` are (when, state) pairs."""

    name: str
    type: str
    comment: str
    status: str = ""
    visits: int = 0
    leads_to: list[tuple[str, str]] = field(default_factory=list)
    branches: list[list[Step]] = field(default_factory=list)


@dataclass(frozen=True)
class Span:
    """Where a visit lies on the execution's time axis, in percent of its length."""

    visit: StateVisit
    start: float
    width: float


def flow_of(definition: Mapping[str, Any], visits: Sequence[StateVisit]) -> list[Step]:
    """The outline of a state machine (or of one branch), in the order in which its states follow each other."""
    states: Mapping[str, Mapping[str, Any]] = definition.get("States", {})
    return [_step(name, states[name], visits) for name in _in_order(definition.get("StartAt", ""), states)]


def _in_order(start: str, states: Mapping[str, Mapping[str, Any]]) -> list[str]:
    ordered: list[str] = []
    waiting = [start]
    while waiting:
        name = waiting.pop(0)
        if name in states and name not in ordered:
            ordered.append(name)
            # The way on comes first, the ways out of trouble last.
            targets = [target for when, target in _ways(states[name]) if not when.startswith("on ")]
            waiting = targets + waiting + [target for when, target in _ways(states[name]) if when.startswith("on ")]
    return ordered + [name for name in states if name not in ordered]


def _ways(state: Mapping[str, Any]) -> list[tuple[str, str]]:
    ways = [(str(choice.get("Condition", "if")), str(choice["Next"])) for choice in state.get("Choices", [])]
    if "Next" in state:
        ways.append(("", str(state["Next"])))
    if "Default" in state:
        ways.append(("otherwise", str(state["Default"])))
    catchers = state.get("Catch", [])
    ways += [("on " + ", ".join(catcher.get("ErrorEquals", [])), str(catcher["Next"])) for catcher in catchers]
    return ways


def _step(name: str, state: Mapping[str, Any], visits: Sequence[StateVisit]) -> Step:
    mine = [visit for visit in visits if visit.name == name]
    inner = list(state.get("Branches", []))
    inner += [state[key] for key in ("ItemProcessor", "Iterator") if key in state]
    return Step(
        name=name,
        type=str(state.get("Type", "")),
        comment=str(state.get("Comment", "")),
        status=mine[-1].status if mine else "",
        visits=len(mine),
        leads_to=[(when.removeprefix("{%").removesuffix("%}").strip(), target) for when, target in _ways(state)],
        branches=[flow_of(branch, visits) for branch in inner],
    )


def spans_of(execution: Execution, now: datetime) -> list[Span]:
    """The visits on the execution's time axis; a visit that lasts reaches up to now."""
    end = execution.stopped or now
    length = max((end - execution.started).total_seconds(), 0.001)
    spans = []
    for visit in execution.visits:
        start = (visit.entered - execution.started).total_seconds() / length * 100
        stop = ((visit.exited or end) - execution.started).total_seconds() / length * 100
        start = min(max(start, 0.0), 99.5)
        spans.append(Span(visit, round(start, 2), round(max(min(stop, 100.0) - start, 0.5), 2)))
    return spans
