"""Signals that are taken together leave what they would leave one after another, whatever fails between (R14, R15)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pprint import pformat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.errors import RecordChanged
from emergency.domain.filing import Filing, bundled
from emergency.domain.plan import Plan
from emergency.domain.signal import Disposition, SignalRecord
from emergency.ports import Signals
from emergency.use_cases import report_together
from emergency.use_cases.reject_event import RejectEvent
from emergency.use_cases.report_by_hand import NameReporter
from emergency.use_cases.report_incident import ReportIncident
from emergency.use_cases.standing_links import OpenStandingLink
from emergency.use_cases.take_messages import Message, TakeMessages, Taken
from tests.support.crashes import Crashing, every_crash
from tests.support.events import alarm
from tests.support.memory import (
    CountingIdentities,
    Crash,
    Faults,
    MemoryDeadLetters,
    MemorySignals,
    MemoryStandingLinks,
    MemoryStore,
    MemoryWorkflow,
    SteppingClock,
)
from tests.support.plans import small_plan


class Intake:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.store, self.workflow, self.dead_letters = MemoryStore(), MemoryWorkflow(), MemoryDeadLetters()
        self.identities = CountingIdentities()
        self.signals: Signals = MemorySignals(self.store)

    def __call__(self, events: Sequence[object], faults: Faults | None = None) -> Sequence[Taken]:
        signals, workflow, clock = self.signals, self.workflow, SteppingClock()
        if faults:
            signals, workflow = Crashing(signals, faults), Crashing(workflow, faults)  # type: ignore[assignment]
        report = ReportIncident(
            plan=self.plan, signals=signals, workflow=workflow, identities=self.identities, clock=clock
        )
        reject = RejectEvent(signals=signals, dead_letters=self.dead_letters, clock=clock)
        bodies = [event if isinstance(event, str) else json.dumps(event, sort_keys=True) for event in events]
        name_reporter = NameReporter(open_link=OpenStandingLink(plan=self.plan, links=MemoryStandingLinks()))
        take = TakeMessages(report=report, reject=reject, name_reporter=name_reporter)
        return take([Message(f"message of {body[:12]}", body) for body in bodies])

    def left(self) -> Mapping[str, Any]:
        """What stands, without the times of its writing and without versions, which say how often it was written."""
        store = self.store
        return {
            "signals": {id_: (one.disposition, one.incident_id, one.reason) for id_, one in store.signals.items()},
            "kept": {id_: one.record.incident_id for id_, one in store.kept.items()},
            "alarms": {arn: replace(one, version=0) for arn, one in store.alarms.items()},
            "tallies": {id_: replace(one, version=0) for id_, one in store.tallies.items()},
            "open": [(one.id, one.cause, one.family) for one in store.register.incidents],
            "incidents": {one.id: one.cause for one in store.incidents.values()},
            "entries": {key: entry.fact for key, entry in store.entries.items()},
            "started": sorted(set(self.workflow.started)),
        }


NAMES = ("checkout-1", "checkout-2", "payments-1")


def change(number: int, name: str, state: str) -> dict[str, Any]:
    return alarm(name, state, event_id=f"e{number}", at=f"2026-11-22T03:12:{number:02d}.000+0000")


def outcomes(taken: Sequence[Taken]) -> Counter[str]:
    return Counter(str(one.outcome.disposition) if isinstance(one.outcome, SignalRecord) else "again" for one in taken)


@pytest.fixture
def intake(plan: Plan) -> Intake:
    return Intake(plan)


@given(
    changes=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["ALARM", "OK"])), min_size=1, max_size=12),
    order=st.randoms(use_true_random=False),
    parts=st.integers(1, 12),
)
def test_r15_a_batch_leaves_what_its_signals_leave_one_by_one(
    changes: list[tuple[str, str]], order: Any, parts: int
) -> None:
    events = [change(number, *one) for number, one in enumerate(changes)]
    order.shuffle(events)
    events.append(events[0])
    together, alone = Intake(small_plan()), Intake(small_plan())
    for at in range(0, len(events), parts):
        together(events[at : at + parts])
    for event in events:
        alone([event])
    assert together.left() == alone.left()


def test_r15_a_batch_is_one_write_and_reads_each_record_once(intake: Intake) -> None:
    faults = Faults()
    intake([change(number, "checkout-1", "ALARM") for number in range(1, 9)], faults)
    assert Counter(faults.calls)["file"] == 1
    faults = Faults()
    intake([change(number, f"checkout-{number}", "ALARM") for number in range(10, 20)], faults)
    assert Counter(faults.calls) == {"alarms": 1, "recorded_among": 1, "register": 1, "tallies": 1, "file": 1}


class Killed(BaseException):
    """The process ended: nothing of it catches this."""


@dataclass
class Kills(Faults):
    """Ends the process where `faults` lets a call fail."""

    faults: Faults = field(default_factory=Faults)

    def around(self, name: str, effect: Callable[[], object]) -> object:
        try:
            return self.faults.around(name, effect)
        except Crash as crash:
            raise Killed from crash


@pytest.mark.parametrize("ends_the_process", [True, False], ids=["killed", "failed"])
def test_r14_a_crash_at_any_call_of_a_batch_and_a_redelivery_end_in_the_same_records(
    plan: Plan, *, ends_the_process: bool
) -> None:
    """A call that fails makes its signal come again, or has it taken by itself; a process that ends, the batch."""
    intake, left = Intake(plan), list[str]()
    batches = (
        [change(2, "checkout-1", "OK"), change(1, "checkout-1", "ALARM"), change(3, "payments-1", "ALARM"), "no json"],
        [change(4, "checkout-2", "ALARM"), change(1, "checkout-1", "ALARM"), change(5, "payments-1", "OK")],
    )

    def reset() -> None:
        intake.__init__(plan)  # type: ignore[misc]

    def run(faults: Faults) -> None:
        ends = Kills(faults=faults) if ends_the_process else faults
        for batch in batches:
            try:
                taken = intake(batch, ends)
            except Killed:
                taken = intake(batch)
            intake([one.message.body for one in taken if isinstance(one.outcome, Exception)])

    def check() -> None:
        names = intake.left()["incidents"]
        left.append(re.sub("|".join(names), lambda found: names[found.group()], pformat(intake.left())))
        assert left[-1] == left[0]
        assert intake.left()["started"] == sorted(names)
        assert len(names) == len(intake.store.register.incidents) == 2

    every_crash(run, check, reset)
    assert len(left) > 20


def test_one_signal_that_makes_trouble_does_not_hold_up_the_others(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = ReportIncident.attempt

    def stumbling(self: ReportIncident, signal: Any, event: str, **options: str) -> SignalRecord:
        if signal.id == "e2":
            raise KeyError("a mistake of ours")
        return attempt(self, signal, event, **options)

    monkeypatch.setattr(ReportIncident, "attempt", stumbling)
    taken = intake([change(number, f"checkout-{number}", "ALARM") for number in (1, 2, 3)])
    assert outcomes(taken) == {"opened": 1, "joined": 1, "again": 1}
    (again,) = [one.message for one in taken if isinstance(one.outcome, Exception)]
    assert json.loads(again.body)["id"] == "e2"


def test_what_is_too_much_for_one_transaction_is_written_one_by_one(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_together, "MOST_RECORDS", 12)
    faults = Faults()
    taken = intake([change(number, f"checkout-{number}", "ALARM") for number in range(1, 9)], faults)
    assert outcomes(taken) == {"opened": 1, "joined": 7}
    assert Counter(faults.calls)["file"] == 8


def test_a_batch_that_lost_the_race_is_decided_anew(intake: Intake) -> None:
    intake([change(1, "checkout-1", "ALARM")])
    file, written = intake.signals.file, list[int]()

    def racing(*filings: Filing) -> None:
        written.append(len(filings))
        if len(written) == 1:
            (tally,) = intake.store.tallies.values()
            intake.store.tallies[tally.incident_id] = replace(tally, version=tally.version + 1, signals=41)
        file(*filings)

    intake.signals.file = racing  # type: ignore[method-assign]
    taken = intake([change(number, f"checkout-{number}", "ALARM") for number in range(2, 5)])
    (tally,) = intake.store.tallies.values()
    assert (tally.signals, outcomes(taken)) == (44, {"joined": 3})
    assert written == [3, 3]


def test_a_bundle_writes_each_record_once(intake: Intake) -> None:
    filings: list[Filing] = []
    file = intake.signals.file

    def noted(*given: Filing) -> None:
        filings.extend(given)
        file(*given)

    intake.signals.file = noted  # type: ignore[method-assign]
    intake([change(2, "checkout-1", "OK"), change(1, "checkout-1", "ALARM"), change(3, "checkout-1", "ALARM")])
    bundle = bundled(filings)
    assert sorted(one.record.id for one in bundle.kept) == ["e1", "e2", "e3"]
    assert {one.record.disposition for one in bundle.kept} == {
        Disposition.OPENED,
        Disposition.CLEARED,
        Disposition.JOINED,
    }
    assert not bundle.moved
    assert (len(bundle.alarms), len(bundle.tallies)) == (1, 1)
    assert bundle.alarms[0].changed_at == datetime.fromisoformat("2026-11-22T03:12:03+00:00")


def test_the_memory_refuses_a_bundle_of_which_one_part_is_known(intake: Intake) -> None:
    filings: list[Filing] = []
    intake.signals.file = lambda *given: filings.extend(given)  # type: ignore[method-assign]
    intake([change(1, "checkout-1", "ALARM"), change(2, "checkout-2", "ALARM")])
    signals = MemorySignals(intake.store)
    signals.file(*filings)
    with pytest.raises(RecordChanged):
        signals.file(*filings)
