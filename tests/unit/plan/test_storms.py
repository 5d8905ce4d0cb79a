"""The storms of `benchmarks/storm.py`: the same seed gives the same one, and it says truly what is in it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest

from benchmarks.storm import FAMILIES, Recipe, storm
from emergency.domain.classification import cause_of, rule_for
from emergency.domain.event import read_signal
from emergency.domain.signal import Meaning, Signal
from infra.plan_compiler import CompiledPlan
from local.engine.envelopes import check_envelope

RECIPE = Recipe()


def signals_of(recipe: Recipe) -> tuple[Signal, ...]:
    return tuple(read_signal(check_envelope(event)) for event in storm(recipe).events)


def digest(recipe: Recipe) -> str:
    return hashlib.sha256(json.dumps(storm(recipe).events).encode()).hexdigest()


def disorder(signals: Sequence[Signal]) -> int:
    return sum(earlier.at > later.at for earlier, later in pairwise(signals))


def test_a_seed_is_replayable() -> None:
    assert digest(RECIPE) == digest(Recipe())
    assert digest(RECIPE) != digest(Recipe(seed=7))


def test_by_the_example_plan_every_event_has_the_cause_that_the_storm_says(example: CompiledPlan) -> None:
    made = storm(RECIPE)
    found: dict[str, set[str]] = {}
    for event in made.events:
        signal = read_signal(event)
        found.setdefault(cause_of(signal, rule_for(signal, example.plan)), set()).add(signal.id)
    assert found == made.ids
    assert len(found) == len(FAMILIES) == 7
    assert made.signals == 1000


def test_it_brings_what_storms_bring() -> None:
    signals = signals_of(RECIPE)
    times = Counter(signal.id for signal in signals)
    assert set(times.values()) == {1, 2}
    assert 50 < sum(count - 1 for count in times.values()) < 150
    assert disorder(signals) > 100
    recoveries = [signal for signal in signals if signal.meaning is Meaning.RECOVERY]
    assert 100 < len(recoveries) < 300
    first: dict[str, Signal] = {}
    for signal in signals:
        first.setdefault(signal.name, signal)
    assert any(signal.meaning is Meaning.RECOVERY for signal in first.values()), "an OK before its ALARM"


@pytest.mark.parametrize("recipe", [RECIPE, Recipe(signals=1, causes=1), Recipe(seed=3, causes=1, returning=0.9)])
def test_which_alarms_are_on_in_the_end_is_what_their_latest_states_say(recipe: Recipe) -> None:
    made, latest = storm(recipe), dict[str, Signal]()
    for event in sorted(made.events, key=lambda event: str(event["detail"]["state"]["timestamp"])):
        latest[event["resources"][0]] = read_signal(event)
    on = {arn for arn, signal in latest.items() if signal.meaning is Meaning.FAILURE}
    assert on == {arn for arns in made.on.values() for arn in arns}
    assert len(latest) == sum(made.alarms.values())
