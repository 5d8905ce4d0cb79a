"""Every shape with parts of it taken out, added or exchanged is read, or rejected by name (R16)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.classification import incident_from, rule_for
from emergency.domain.errors import UnusableSignal
from emergency.domain.event import read_signal
from infra.plan_compiler import CompiledPlan
from tests.support.events import checked, person, samples
from tests.support.hostile import TEXTS
from tests.support.memory import EPOCH

WHOLE = [*samples().values(), person(), checked(value=40, limit=4.0, users=1200)]
Path = tuple[str | int, ...]

odd_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.sampled_from(TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def paths(value: Any, path: Path = ()) -> list[Path]:
    """Every place in an event, from the outside to the inside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in paths(part, (*path, key)))][not path :]


def held(event: Any, path: Path) -> Any:
    """What stands at a place; the last that there is on the way to one that is gone."""
    for step in path:
        try:
            event = event[step]
        except (IndexError, KeyError, TypeError):
            break
    return event


@st.composite
def mutilated(draw: st.DrawFn) -> Any:
    event = copy.deepcopy(draw(st.sampled_from(WHOLE)))
    for path in draw(st.lists(st.sampled_from(paths(event)), min_size=1, max_size=4)):
        holder = held(event, path[:-1])
        if isinstance(holder, dict) and draw(st.booleans()):
            holder.pop(path[-1], None)
        elif isinstance(holder, dict):
            holder[path[-1]] = draw(odd_values)
    return event


def unusable(event: object, example: CompiledPlan) -> bool:
    """Whether an event is rejected; what isn't has to give an incident."""
    try:
        signal = read_signal(event, example.plan.sources)
    except UnusableSignal:
        return True
    incident = incident_from(signal, rule_for(signal, example.plan), example.plan, incident_id="INC-1", now=EPOCH)
    assert incident.began_at <= EPOCH
    return False


@given(event=mutilated())
def test_r16_a_mutilated_event_is_read_or_rejected_by_name(example: CompiledPlan, event: object) -> None:
    unusable(event, example)


@pytest.mark.parametrize("whole", WHOLE, ids=lambda event: str(event["detail-type"]))
def test_what_nobody_knows_in_an_event_does_no_harm(example: CompiledPlan, whole: dict[str, Any]) -> None:
    event = copy.deepcopy(whole)
    for path in paths(whole):
        holder = held(event, path[:-1])
        if isinstance(holder, dict):
            holder["nobodyKnows"] = {"this": [1, None, "…"]}

    assert read_signal(event, example.plan.sources).meaning is read_signal(whole, example.plan.sources).meaning


NEEDED = {
    ("id",),
    ("source",),
    ("detail-type",),
    ("time",),
    ("detail",),
    ("detail", "alarmName"),
    ("detail", "state"),
    ("detail", "state", "value"),
    ("detail", "type"),
    ("detail", "eventTypeCode"),
    ("detail", "time"),
    ("detail", "place"),
    ("detail", "nature"),
    ("detail", "first_impact"),
    ("detail", "check"),
}


@pytest.mark.parametrize("whole", WHOLE, ids=lambda event: str(event["detail-type"]))
def test_no_event_is_lost_for_a_field_that_nobody_needs(example: CompiledPlan, whole: dict[str, Any]) -> None:
    for path in paths(whole):
        event = copy.deepcopy(whole)
        holder = held(event, path[:-1])
        holder[path[-1]] = None
        if path not in NEEDED:
            assert not unusable(event, example), path
