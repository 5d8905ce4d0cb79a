"""Intake: one cause, one incident, one execution, however often and in whatever order events come (R14, R16)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from emergency.domain.correlation import Tally
from emergency.domain.errors import UnusableSignal
from emergency.domain.incident import IncidentStatus
from emergency.domain.plan import Plan
from emergency.domain.signal import Disposition
from emergency.ports import Signals
from emergency.use_cases.reject_event import RejectEvent
from emergency.use_cases.report_incident import ReportIncident
from tests.support.crashes import Crashing, every_crash
from tests.support.events import alarm
from tests.support.memory import (
    CountingIdentities,
    Faults,
    MemoryDeadLetters,
    MemoryIncidents,
    MemorySignals,
    MemoryStore,
    MemoryWorkflow,
    SteppingClock,
)


@dataclass
class Intake:
    plan: Plan
    store: MemoryStore = field(default_factory=MemoryStore)
    workflow: MemoryWorkflow = field(default_factory=MemoryWorkflow)
    identities: CountingIdentities = field(default_factory=CountingIdentities)
    clock: SteppingClock = field(default_factory=SteppingClock)

    def take(self, event: object, faults: Faults | None = None) -> Disposition:
        signals: Signals = MemorySignals(self.store)
        workflow = self.workflow
        if faults:
            signals, workflow = Crashing(signals, faults), Crashing(workflow, faults)  # type: ignore[assignment]
        report = ReportIncident(
            plan=self.plan,
            signals=signals,
            workflow=workflow,
            identities=self.identities,
            clock=self.clock,
            own_alarm_prefix="EmergencyResponse-",
        )
        return report(event).disposition

    def tally(self) -> Tally:
        """Of the one incident that there is."""
        (tally,) = self.store.tallies.values()
        return tally


@pytest.fixture
def intake(plan: Plan) -> Intake:
    return Intake(plan)


def test_r14_ten_deliveries_of_an_alarm_are_one_incident_and_one_execution(intake: Intake) -> None:
    for _ in range(10):
        assert intake.take(alarm()) is Disposition.OPENED
    assert len(intake.store.incidents) == 1
    assert len(intake.workflow.started) == 1
    assert intake.tally().signals == 1


def test_another_alarm_of_the_same_cause_joins_and_is_counted_once(intake: Intake) -> None:
    intake.take(alarm())
    for _ in range(3):
        assert intake.take(alarm("checkout-latency", event_id="2")) is Disposition.JOINED
    assert len(intake.workflow.started) == 1
    assert intake.tally().signals == 2


def test_another_cause_opens_its_own_incident(intake: Intake) -> None:
    intake.take(alarm())
    assert intake.take(alarm("search-slow", event_id="2")) is Disposition.OPENED
    assert len(intake.workflow.started) == 2


def test_recovery_clears_the_open_incident_and_leaves_it_open(intake: Intake) -> None:
    intake.take(alarm())
    ok = alarm(state="OK", event_id="2", at="2026-11-22T03:39:41.000+0000")
    assert intake.take(ok) is Disposition.CLEARED
    assert (intake.tally().on, intake.tally().cleared_at) == (0, datetime(2026, 11, 22, 3, 39, 41, tzinfo=UTC))
    assert intake.store.register.incidents


def test_an_alarm_that_races_the_end_of_its_incident_opens_the_next_one(intake: Intake) -> None:
    intake.take(alarm())
    ((first, incident),) = intake.store.incidents.items()

    class ClosesInBetween(MemorySignals):
        def tally(self, incident_id: str) -> Tally | None:
            found = super().tally(incident_id)
            if found and not found.ended_at:
                closed = replace(incident, status=IncidentStatus.CLOSED, closed_at=intake.clock())
                MemoryIncidents(self.store).save(closed, release_cause=True)
            return found

    report = ReportIncident(
        plan=intake.plan,
        signals=ClosesInBetween(intake.store),
        workflow=intake.workflow,
        identities=intake.identities,
        clock=intake.clock,
        own_alarm_prefix="EmergencyResponse-",
    )
    assert report(alarm(event_id="2")).disposition is Disposition.OPENED
    (now_open,) = intake.store.register.incidents
    assert now_open.cause == incident.cause
    assert intake.store.incidents[now_open.id].former == first
    assert intake.store.tallies[first].signals == 1
    assert len(intake.workflow.started) == 2


def test_r16_recovery_before_the_alarm_opens_nothing(intake: Intake) -> None:
    assert intake.take(alarm(state="OK")) is Disposition.IGNORED
    assert not intake.store.incidents


def test_too_little_data_is_put_on_file_and_no_more(intake: Intake) -> None:
    assert intake.take(alarm(state="INSUFFICIENT_DATA")) is Disposition.IGNORED
    assert intake.store.signals
    assert not intake.store.incidents


def test_this_systems_own_alarms_open_nothing(intake: Intake) -> None:
    assert intake.take(alarm("EmergencyResponse-IntakeErrors")) is Disposition.IGNORED
    assert not intake.store.incidents


def test_an_unusable_event_is_kept_with_its_reason_and_leaves_nothing_half_open(intake: Intake) -> None:
    with pytest.raises(UnusableSignal):
        intake.take({"id": "x"})
    dead_letters = MemoryDeadLetters()
    reject = RejectEvent(signals=MemorySignals(intake.store), dead_letters=dead_letters, clock=intake.clock)
    assert reject("x", '{"id": "x"}', "$.source is missing").disposition is Disposition.REJECTED
    assert dead_letters.kept == [('{"id": "x"}', "$.source is missing")]
    assert not intake.store.incidents


def test_a_rejected_event_gets_its_second_chance_when_it_is_redriven(intake: Intake) -> None:
    reject = RejectEvent(signals=MemorySignals(intake.store), dead_letters=MemoryDeadLetters(), clock=intake.clock)
    reject(alarm()["id"], "{}", "not understood yet")
    assert intake.take(alarm()) is Disposition.OPENED
    assert intake.take(alarm()) is Disposition.OPENED
    assert len(intake.store.incidents) == 1


def test_a_crash_at_any_call_and_a_redelivery_end_in_the_same_records(plan: Plan) -> None:
    intake = Intake(plan)

    def reset() -> None:
        intake.store, intake.workflow, intake.identities = MemoryStore(), MemoryWorkflow(), CountingIdentities()

    def run(faults: Faults) -> None:
        intake.take(alarm(), faults)
        intake.take(alarm("checkout-latency", event_id="2"), faults)
        intake.take(alarm(state="OK", event_id="3", at="2026-11-22T03:20:41.683+0000"), faults)

    def check() -> None:
        (incident,) = intake.store.incidents.values()
        assert intake.workflow.started == [incident.id]
        tally = intake.tally()
        assert (tally.signals, tally.alarms, tally.on) == (2, 2, 1)
        assert sorted(entry.fact for entry in intake.store.entries.values()) == [
            "signal_cleared",
            "signal_joined",
            "signal_opened",
        ]
        assert sorted(intake.store.kept) == sorted(["2", "3", alarm()["id"]])

    assert every_crash(run, check, reset) > 10
