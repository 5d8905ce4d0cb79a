"""Storms of alarms and failures of intake: nothing opens twice, nothing is lost, few are mailed (R14, R15, B5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.aftermath import Aftermath, let_loose
from benchmarks.run_storm import most_mails
from benchmarks.storm import FAMILIES, Recipe, Storm, storm
from local.engine.faults import Fault, FaultKind
from local.stack import LocalStack
from tests.support.events import alarm

LONE_TRANSITIONS = 7
"""Billed state transitions of an incident that is stood down, in all its executions."""
OF_SIGNALS = {"signal_opened", "signal_joined", "signal_cleared", "all_clear", "alarm_flaps"}
"""The timeline's entries that signals make."""


def recipe(**options: Any) -> Recipe:
    return Recipe(first=datetime.now(UTC).replace(microsecond=0), **options)


def weathered(app: Path, made: Storm) -> Aftermath:
    with LocalStack(app) as stack:
        stack.warm()
        aftermath = let_loose(stack, made.deliveries)
        assert_counted(stack, made, aftermath)
    return aftermath


def assert_counted(stack: LocalStack, made: Storm, aftermath: Aftermath) -> None:
    """Every signal is on record once, with the incident of its cause; what is counted is what happened."""
    signals = stack.reader.signals()
    for cause, ids in made.ids.items():
        incident = aftermath.by_cause[cause]
        assert {signals[id_]["incident_id"] for id_ in ids} == {incident.id}
        assert Counter(signals[id_]["disposition"] for id_ in ids) == {
            "opened": 1,
            "joined": made.failures[cause] - 1,
            "cleared": len(ids) - made.failures[cause],
        }
        tally = tally_of(stack, incident.id)
        assert tally["signals"] == made.failures[cause]
        assert tally["alarms"] == made.alarms[cause]
        assert tally["on"] == len(made.on[cause])


def tally_of(stack: LocalStack, incident_id: str) -> Mapping[str, Any]:
    """The incident's signals, counted."""
    return stack.records.get_item(Key={"pk": f"INCIDENT#{incident_id}", "sk": "TALLY"}, ConsistentRead=True)["Item"]


def assert_weathered(made: Storm, aftermath: Aftermath) -> None:
    assert len(aftermath.courses) == len(aftermath.by_cause) == len(made.ids)
    assert not aftermath.lost
    assert not aftermath.dead_letters
    assert all(course.mails <= most_mails(made.alarms[course.cause]) for course in aftermath.courses)
    assert {course.transitions for course in aftermath.courses} == {LONE_TRANSITIONS}
    assert {course.status for course in aftermath.courses} == {"stood_down"}


def test_r15_a_thousand_alarms_of_one_cause_are_one_incident(app: Path) -> None:
    made = storm(recipe(causes=1))
    assert made.signals == 1000
    assert_weathered(made, weathered(app, made))


def test_r15_alarms_of_seven_causes_at_once_are_seven_incidents(app: Path) -> None:
    """A thousand of them take `make storm`, which also looks at times."""
    made = storm(recipe(seed=7, signals=350))
    assert len(made.ids) == len(FAMILIES)
    assert_weathered(made, weathered(app, made))


@pytest.fixture(scope="module")
def stack(app: Path) -> Iterator[LocalStack]:
    with LocalStack(app) as stack:
        stack.warm()
        yield stack


def delivered(stack: LocalStack, *events: Mapping[str, Any]) -> None:
    """Each event is dealt with before the next one comes."""
    for event in events:
        stack.put_event(event)
        stack.wait_until(stack.is_idle, 60, "intake to deal with the event")


def records_of(stack: LocalStack, name: str, *events: Mapping[str, Any]) -> dict[str, Any]:
    """What stands of an alarm's incident, without what is its own: its name, its ids and its times."""
    signals = [stack.reader.signal(str(event["id"])) or {} for event in events]
    (incident_id,) = {str(signal.get("incident_id")) for signal in signals}
    incident = stack.reader.incident(incident_id)
    assert incident
    executions = [execution for execution in stack.executions() if execution.name == incident_id]
    return {
        "dispositions": [signal["disposition"] for signal in signals],
        "cause": str(incident.incident["cause"]).replace(name, "…"),
        "counted": [tally_of(stack, incident_id)[what] for what in ("signals", "alarms", "on", "told")],
        "facts": sorted(str(entry["fact"]) for entry in incident.timeline if str(entry["fact"]) in OF_SIGNALS),
        "executions": len(executions),
        "dead": stack.dead_letters(),
    }


def a_short_storm(name: str) -> list[dict[str, Any]]:
    """An alarm that goes on twice as two events, and off."""
    states = (("ALARM", 1), ("OK", 2), ("ALARM", 3))
    return [
        alarm(name, state, event_id=f"{name}-{at}", namespace="Shop/Made", at=f"2026-11-22T03:1{at}:41.683+0000")
        for state, at in states
    ]


@pytest.fixture(scope="module")
def undisturbed(stack: LocalStack) -> dict[str, Any]:
    events = a_short_storm("undisturbed")
    delivered(stack, *events)
    records = records_of(stack, "undisturbed", *events)
    assert records["executions"] == 1
    return records


@pytest.mark.parametrize("kind", [FaultKind.CRASH_BEFORE, FaultKind.CRASH_AFTER])
@pytest.mark.parametrize(
    ("call", "times"),
    [("GetItem", 1), ("GetItem", 2), ("BatchGetItem", 1), ("TransactWriteItems", 1), ("StartExecution", 1)],
)
def test_r14_intake_that_dies_at_a_call_leaves_the_same_records(
    stack: LocalStack, undisturbed: dict[str, Any], kind: FaultKind, call: str, times: int
) -> None:
    name = f"{kind.value}-{call}-{times}".lower()
    events = a_short_storm(name)
    stack.faults.order(Fault("intake", kind, times, call))
    delivered(stack, *events)
    assert not stack.faults.left
    assert records_of(stack, name, *events) == undisturbed


def test_r15_throttled_starts_of_executions_are_waited_out(stack: LocalStack, undisturbed: dict[str, Any]) -> None:
    events = a_short_storm("throttled")
    stack.faults.order(Fault("intake", FaultKind.FAIL, 12, "StartExecution"))
    delivered(stack, *events)
    assert not stack.faults.left
    assert records_of(stack, "throttled", *events) == undisturbed
