"""What belongs to one incident: causes, families, dependencies, aftershocks, returns, quiet, flapping, maintenance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emergency.domain.correlation import Tally, Window
from emergency.domain.event import read_signal
from emergency.domain.filing import MOST_TOLD
from emergency.domain.incident import Incident, IncidentStatus
from emergency.domain.plan import Correlation, Match, Plan
from emergency.domain.signal import Disposition, Report, SignalRecord
from emergency.domain.terms import Risk, Severity
from emergency.use_cases.report_incident import ReportIncident
from tests.support.crashes import Crashing, every_crash
from tests.support.events import alarm
from tests.support.memory import (
    CountingIdentities,
    Faults,
    MemoryIncidents,
    MemorySignals,
    MemoryStore,
    MemoryWorkflow,
)
from tests.support.plans import small_plan

BEGAN = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def minutes(number: float) -> datetime:
    return BEGAN + timedelta(minutes=number)


def event(
    name: str = "checkout-5xx", state: str = "ALARM", at: float = 0, number: str = "", **more: Any
) -> dict[str, Any]:
    told = minutes(at).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return alarm(name, state, event_id=f"{name}-{state}-{at}{number}", at=told, **more)


def composite(name: str, *children: str, at: float = 0) -> dict[str, Any]:
    rule = " OR ".join(f'ALARM("{child}")' for child in children)
    return event(name, at=at, configuration={"alarmRule": rule})


@dataclass
class Desk:
    """Takes events at the time that they tell, or later."""

    plan: Plan = field(default_factory=small_plan)
    store: MemoryStore = field(default_factory=MemoryStore)
    workflow: MemoryWorkflow = field(default_factory=MemoryWorkflow)
    identities: CountingIdentities = field(default_factory=CountingIdentities)
    now: datetime = BEGAN
    faults: Faults | None = None

    def take(self, told: Mapping[str, Any]) -> SignalRecord:
        self.now = max(self.now, read_signal(told, ()).at)
        return self.report(told)

    @property
    def report(self) -> ReportIncident:
        return ReportIncident(
            plan=self.plan,
            signals=self._port(MemorySignals(self.store)),
            workflow=self._port(self.workflow),
            identities=self.identities,
            clock=lambda: self.now,
        )

    def _port(self, port: Any) -> Any:
        return Crashing(port, self.faults) if self.faults else port

    def rules(self, **rules: Any) -> Desk:
        self.plan = replace(self.plan, correlation=Correlation(**rules))
        return self

    def tally(self, incident_id: str) -> Tally:
        return self.store.tallies[incident_id]

    def facts(self, incident_id: str) -> list[str]:
        mine = [entry for (owner, _), entry in self.store.entries.items() if owner == incident_id]
        return [str(entry.fact) for entry in mine]

    def change(self, incident_id: str, **changes: Any) -> Incident:
        incidents = MemoryIncidents(self.store)
        changed = replace(incidents.get(incident_id), **changes)
        incidents.save(changed, release_cause=True)
        return changed

    def stand_down(self, incident_id: str, at: float) -> None:
        self.change(incident_id, status=IncidentStatus.STOOD_DOWN, closed_at=minutes(at))

    def close(self, incident_id: str, at: float) -> None:
        self.change(incident_id, status=IncidentStatus.CLOSED, closed_at=minutes(at))

    def plan_maintenance(self, first: float, last: float, **globs: tuple[str, ...]) -> None:
        named: dict[str, Any] = {"components": (), "alarms": (), **globs}
        window = Window(id="MNT-1", first=minutes(first), last=minutes(last), **named)
        signals = MemorySignals(self.store)
        register = signals.register()
        signals.save(replace(register, windows=(*register.windows, window)))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_composite_alarm_joins_what_its_child_opened_and_other_children_join_it(desk: Desk) -> None:
    opened = desk.take(event("web-a", at=0))
    assert desk.take(composite("web", "web-a", "web-b", at=1)).incident_id == opened.incident_id
    assert desk.take(event("web-b", at=40)).incident_id == opened.incident_id
    assert len(desk.store.incidents) == 1


def test_children_join_what_their_composite_opened(desk: Desk) -> None:
    opened = desk.take(composite("web", "web-a", "web-b"))
    assert desk.take(event("web-b", at=40)).incident_id == opened.incident_id
    assert desk.take(event("web-c", at=41)).disposition is Disposition.OPENED


def test_a_data_breach_is_never_hidden_in_a_failure_that_a_composite_alarm_has_it_beside(desk: Desk) -> None:
    breach = replace(desk.plan.rules[0], id="breach", match=Match(name="*export*"), risk=Risk.DATA_BREACH)
    desk.plan = replace(desk.plan, rules=(desk.plan.rules[0], breach, *desk.plan.rules[1:]))
    opened = desk.take(composite("checkout-health", "checkout-5xx", "mass-export"))
    exported = desk.take(event("mass-export", at=1))
    assert exported.disposition is Disposition.OPENED
    assert desk.store.incidents[exported.incident_id].risk is Risk.DATA_BREACH
    assert desk.take(event("checkout-5xx", at=2)).incident_id == opened.incident_id


def test_what_depends_on_a_component_joins_it_within_its_time_both_ways(desk: Desk) -> None:
    desk.rules(related=600, depends={"checkout": ("db-*",), "db-*": ("network_attack/edge",), "search": ("index",)})
    opened = desk.take(event("db-main"))
    assert desk.take(event("checkout-5xx", at=5)).incident_id == opened.incident_id
    assert desk.take(event("checkout-slow", at=11)).disposition is Disposition.OPENED
    edge = desk.take(event("shield", at=12, namespace="AWS/DDoSProtection"))
    assert desk.store.incidents[edge.incident_id].cause == "system_failure/checkout"
    assert desk.take(event("search", at=13)).disposition is Disposition.OPENED


def test_time_without_length_relates_nothing(desk: Desk) -> None:
    desk.rules(related=0, depends={"checkout": ("db-*",)})
    desk.take(event("db-main"))
    assert desk.take(event("checkout-5xx")).disposition is Disposition.OPENED


def test_aftershocks_join_and_what_comes_later_opens_an_incident_that_names_the_former_one(desk: Desk) -> None:
    first = desk.take(event())
    desk.change(first.incident_id, handled_at=minutes(60))
    assert desk.take(event(at=70)).incident_id == first.incident_id
    second = desk.take(event(at=76))
    assert second.disposition is Disposition.OPENED
    assert desk.store.incidents[second.incident_id].former == first.incident_id
    assert desk.take(event(at=77)).incident_id == second.incident_id
    assert (desk.tally(first.incident_id).on, desk.tally(second.incident_id).on) == (0, 1)


@pytest.mark.parametrize(("days", "named"), [(6.9, 1), (7.1, 0)])
def test_a_cause_that_comes_back_names_the_former_incident_for_as_long_as_the_plan_says(
    desk: Desk, days: float, named: int
) -> None:
    first = desk.take(event())
    desk.close(first.incident_id, at=60)
    second = desk.take(event(at=60 + days * 1440))
    assert second.disposition is Disposition.OPENED
    assert desk.store.incidents[second.incident_id].former == first.incident_id * named


def test_after_people_stood_down_the_same_cause_is_quiet_for_a_while(desk: Desk) -> None:
    first = desk.take(event())
    desk.stand_down(first.incident_id, at=10)
    damped = desk.take(event("checkout-slow", at=20))
    assert (damped.disposition, damped.incident_id) == (Disposition.DAMPED, first.incident_id)
    assert "stood down" in damped.reason
    assert [kept.record.id for kept in MemoryIncidents(desk.store).signals(first.incident_id)][-1] == damped.id
    assert desk.tally(first.incident_id).signals == 1
    assert desk.take(event(at=41)).disposition is Disposition.OPENED


def test_quiet_holds_though_an_earlier_incident_of_the_cause_is_still_in_clean_up(desk: Desk) -> None:
    desk.rules(aftershocks=900, quiet=1800)
    desk.change(desk.take(event(at=0)).incident_id, handled_at=minutes(10))
    again = desk.take(event(at=40))
    assert again.disposition is Disposition.OPENED
    desk.stand_down(again.incident_id, at=45)
    assert desk.take(event(at=50)).disposition is Disposition.DAMPED


def test_what_is_worse_than_what_people_stood_down_for_opens_all_the_same(desk: Desk) -> None:
    first = desk.take(event())
    desk.change(
        first.incident_id,
        status=IncidentStatus.STOOD_DOWN,
        closed_at=minutes(10),
        severity=Severity.SEV4,
        computed_severity=Severity.SEV4,
    )
    assert desk.take(event(at=20)).disposition is Disposition.OPENED


def test_a_person_s_report_is_neither_damped_nor_suppressed(desk: Desk) -> None:
    first = desk.take(event())
    desk.stand_down(first.incident_id, at=10)
    desk.plan_maintenance(0, 60, components=("*",))
    told = replace(read_signal(event(at=20), ()), id="told", report=Report(place="checkout", first_impact="down"))
    desk.now = minutes(20)
    opened = desk.report.take(told, "{}")
    assert opened.disposition is Disposition.OPENED
    assert desk.tally(opened.incident_id).alarms == 0


@pytest.mark.parametrize("globs", [{"components": ("check*",)}, {"alarms": ("*-5xx",)}, {"alarms": ("arn:*:*5xx",)}])
def test_planned_maintenance_records_without_opening(desk: Desk, globs: dict[str, tuple[str, ...]]) -> None:
    desk.plan_maintenance(5, 30, **globs)
    assert desk.take(event("other", at=6)).disposition is Disposition.OPENED
    on = desk.take(event(at=10))
    assert (on.disposition, on.incident_id, on.reason) == (Disposition.SUPPRESSED, "MNT-1", "planned maintenance")
    off = desk.take(event(state="OK", at=12))
    assert (off.disposition, off.incident_id) == (Disposition.SUPPRESSED, "MNT-1")
    assert len(list(MemoryIncidents(desk.store).signals("MNT-1"))) == 2
    assert desk.take(event(at=31)).disposition is Disposition.OPENED


def test_what_is_still_on_after_maintenance_joins_no_incident_whose_response_is_over(desk: Desk) -> None:
    desk.rules(aftershocks=900).plan_maintenance(0, 60, alarms=("checkout-5xx",))
    suppressed = read_signal(event(at=10), ())
    assert desk.take(event(at=10)).disposition is Disposition.SUPPRESSED
    desk.change(desk.take(event("checkout-slow", at=15)).incident_id, handled_at=minutes(20))
    desk.store.register, desk.now = replace(desk.store.register, windows=()), minutes(60)
    assert desk.report.take(replace(suppressed, id="still-on"), "{}").disposition is Disposition.OPENED


def test_maintenance_does_not_hide_what_goes_on_in_an_incident_already(desk: Desk) -> None:
    opened = desk.take(event())
    desk.plan_maintenance(5, 30, components=("*",))
    assert desk.take(event("checkout-slow", at=10)).incident_id == opened.incident_id


def test_an_incident_is_clear_when_its_last_alarm_went_off(desk: Desk) -> None:
    opened = desk.take(event()).incident_id
    desk.take(event("checkout-slow", at=1))
    desk.take(event(state="OK", at=5))
    assert (desk.tally(opened).on, desk.tally(opened).cleared_at) == (1, None)
    assert desk.take(event("checkout-slow", "OK", at=7)).disposition is Disposition.CLEARED
    assert (desk.tally(opened).on, desk.tally(opened).cleared_at) == (0, minutes(7))
    assert desk.facts(opened) == ["signal_opened", "signal_joined", "signal_cleared", "signal_cleared", "all_clear"]
    desk.take(event(at=9))
    assert desk.tally(opened).cleared_at is None


def test_r16_an_ok_that_came_first_is_told_with_its_alarm(desk: Desk) -> None:
    early = desk.take(event(state="OK", at=5))
    assert (early.disposition, early.incident_id) == (Disposition.IGNORED, "")
    opened = desk.take(event(at=1))
    assert opened.disposition is Disposition.OPENED
    tally = desk.tally(opened.incident_id)
    assert (tally.signals, tally.alarms, tally.on, tally.cleared_at) == (1, 1, 0, minutes(5))
    assert desk.facts(opened.incident_id) == ["signal_opened", "signal_cleared", "all_clear"]
    assert desk.store.signals[early.id].disposition is Disposition.CLEARED
    assert [kept.record.incident_id for kept in desk.store.kept.values()] == [opened.incident_id] * 2


def test_r16_every_order_of_an_alarm_that_goes_on_and_off_twice_ends_the_same(plan: Plan) -> None:
    events = [event(state=state, at=at) for at, state in ((1, "ALARM"), (2, "OK"), (3, "ALARM"), (4, "OK"))]
    for order in permutations(events):
        desk = Desk(plan)
        for one in order:
            desk.take(one)
        (incident_id,) = desk.store.incidents
        found = desk.store.signals.values()
        assert {record.incident_id for record in found} == {incident_id}
        assert Counter(record.disposition for record in found) == {"opened": 1, "joined": 1, "cleared": 2}


def test_an_ok_from_before_its_alarm_went_on_is_not_told_with_it(desk: Desk) -> None:
    earlier = desk.take(event(state="OK", at=1))
    opened = desk.take(event(at=5))
    assert desk.store.signals[earlier.id].disposition is Disposition.IGNORED
    assert [kept.record.id for kept in desk.store.kept.values() if kept.record.incident_id] == [opened.id]


def test_an_alarm_from_the_future_does_not_make_all_later_news_late(desk: Desk) -> None:
    opened = desk.report(event(at=60 * 24 * 365)).incident_id
    assert desk.take(event(state="OK", at=5)).disposition is Disposition.CLEARED
    assert desk.tally(opened).on == 0
    desk.close(opened, at=10)
    assert desk.take(event(at=60)).disposition is Disposition.OPENED


def test_late_news_changes_no_state_and_opens_nothing_again(desk: Desk) -> None:
    opened = desk.take(event(at=10)).incident_id
    desk.take(event(state="OK", at=20))
    assert desk.take(event(at=15)).disposition is Disposition.JOINED
    assert desk.tally(opened).on == 0
    desk.close(opened, at=60)
    late = desk.take(event(at=16))
    assert (late.disposition, late.incident_id) == (Disposition.IGNORED, opened)
    assert len(desk.store.incidents) == 1


def test_a_recovery_after_the_end_is_kept_and_lets_the_next_alarm_open(desk: Desk) -> None:
    opened = desk.take(event()).incident_id
    desk.close(opened, at=60)
    after = desk.take(event(state="OK", at=70))
    assert (after.disposition, after.incident_id) == (Disposition.IGNORED, opened)
    assert desk.take(event(at=80)).disposition is Disposition.OPENED


def test_flapping_is_told_once_and_recorded_throughout(desk: Desk) -> None:
    opened = desk.take(event()).incident_id
    for number in range(1, 20):
        desk.take(event(state="OK" if number % 2 else "ALARM", at=number))
    assert desk.facts(opened).count("alarm_flaps") == 1
    assert len(desk.facts(opened)) < 8
    assert desk.tally(opened).signals == 10
    assert len(list(MemoryIncidents(desk.store).signals(opened))) == 20
    assert desk.tally(opened).cleared_at == minutes(19)
    desk.take(event(at=90))
    desk.take(event(state="OK", at=91))
    assert desk.facts(opened)[-2:] == ["signal_cleared", "all_clear"]


def test_a_storm_leaves_the_incident_alone_and_its_timeline_readable(desk: Desk) -> None:
    opened = desk.take(event("checkout-0")).incident_id
    before = desk.store.incidents[opened]
    for number in range(1, 200):
        desk.take(event(f"checkout-{number}", at=number / 60))
    assert desk.store.incidents[opened] == before
    assert len(desk.facts(opened)) == MOST_TOLD + 1
    tally = desk.tally(opened)
    assert (tally.signals, tally.alarms, tally.on, tally.first_at) == (200, 200, 200, minutes(0))
    assert len(desk.store.kept) == 200


def test_what_is_worse_is_told_once_for_each_severity(desk: Desk) -> None:
    rules = tuple(
        replace(desk.plan.rules[0], id=name, match=replace(desk.plan.rules[0].match, name=name), likelihood=n, impact=n)
        for name, n in (("mild", 1), ("bad", 3), ("worst", 5))
    )
    desk.plan = replace(desk.plan, rules=(*rules, *desk.plan.rules))
    opened = desk.take(event("mild")).incident_id
    for number, name in enumerate(("bad", "mild", "worst", "worst", "bad"), 1):
        assert desk.take(event(name, at=number)).incident_id == opened
    worse = [entry for (_, key), entry in desk.store.entries.items() if key.startswith("worse/")]
    found = [Severity(str(entry.details["severity"])) for entry in worse]
    assert len(found) == 2
    assert all(later < sooner for sooner, later in pairwise(found))
    assert desk.tally(opened).worst == found[-1]
    assert desk.store.incidents[opened].severity > found[-1]


def test_the_rule_that_matched_stands_on_the_record(desk: Desk) -> None:
    assert desk.take(event()).rule == "checkout"
    assert desk.take(event("else")).rule == "default"


def test_an_execution_that_has_begun_carries_the_incident_out_and_no_other_is_started(desk: Desk) -> None:
    signal = read_signal(event(), ())
    for _ in range(2):
        record = desk.report.take(signal, "{}", incident_id="INC-MINE", execution="by-hand")
        assert (record.incident_id, record.execution) == ("INC-MINE", "by-hand")
    assert desk.store.incidents["INC-MINE"].execution == "by-hand"
    assert not desk.workflow.started


# In any order

NAMES = ("checkout-5xx", "checkout-slow", "search-slow", "web-a")


def told(order: list[dict[str, Any]]) -> object:
    """What stands after the events, as it doesn't depend on which one opened."""
    desk = Desk()
    desk.now = minutes(120)
    for one in order:
        desk.take(one)
    family = {"system_failure/web": "system_failure/web-a"}
    incidents = {
        family.get(incident.cause, incident.cause): replace(
            desk.tally(incident.id), incident_id="", told=0, version=0, last_off_at=None
        )
        for incident in desk.store.incidents.values()
    }
    states = {arn: (one.is_on, one.changed_at) for arn, one in desk.store.alarms.items()}
    return len(desk.store.incidents), incidents, states, sorted(desk.store.signals), len(desk.workflow.started)


_ONE = st.builds(event, st.sampled_from(NAMES), st.sampled_from(("ALARM", "OK")), st.integers(0, 12))
_COMPOSITE = st.builds(lambda at: composite("web", "web-a", at=at), st.integers(0, 12))


@settings(max_examples=300, deadline=None)
@given(st.lists(_ONE | _COMPOSITE, min_size=1, max_size=14), st.data())
def test_any_order_and_duplication_ends_in_the_same_incidents_counts_and_states(
    events: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Of one alarm at one moment, only one state is told: CloudWatch can't have been in both."""
    by_moment = {(one["detail"]["alarmName"], one["detail"]["state"]["timestamp"]): one for one in events}
    once = sorted(by_moment.values(), key=lambda one: str(one["detail"]["state"]["timestamp"]))
    again = data.draw(st.lists(st.sampled_from(once), max_size=6))
    shuffled = data.draw(st.permutations([*once, *again]))
    assert told(shuffled) == told(once)


# A crash at any call

Scenario = Callable[[Desk], list[dict[str, Any]]]


def _opens(desk: Desk) -> list[dict[str, Any]]:
    return [event()]


def _joins(desk: Desk) -> list[dict[str, Any]]:
    desk.take(event())
    return [event("checkout-slow", at=1), event("checkout-slow", at=2)]


def _clears(desk: Desk) -> list[dict[str, Any]]:
    desk.take(event())
    return [event(state="OK", at=1)]


def _flaps(desk: Desk) -> list[dict[str, Any]]:
    desk.take(event())
    for number in range(1, 3):
        desk.take(event(state="OK" if number % 2 else "ALARM", at=number))
    return [event(state="OK", at=3)]


def _came_early(desk: Desk) -> list[dict[str, Any]]:
    return [event(state="OK", at=5), event(at=1)]


def _family(desk: Desk) -> list[dict[str, Any]]:
    desk.take(event("web-a"))
    return [composite("web", "web-a", "web-b", at=1), event("web-b", at=2)]


def _damped(desk: Desk) -> list[dict[str, Any]]:
    desk.stand_down(desk.take(event()).incident_id, at=10)
    return [event(at=20)]


def _suppressed(desk: Desk) -> list[dict[str, Any]]:
    desk.plan_maintenance(0, 60, components=("checkout",))
    return [event(at=20), event(state="OK", at=21)]


def _returns(desk: Desk) -> list[dict[str, Any]]:
    desk.close(desk.take(event()).incident_id, at=10)
    return [event(at=20)]


def _goes_over(desk: Desk) -> list[dict[str, Any]]:
    desk.change(desk.take(event()).incident_id, handled_at=minutes(1))
    return [event(at=60)]


def _from_before(desk: Desk) -> list[dict[str, Any]]:
    """An incident as it was stored before there was a register (R24)."""
    incident_id = desk.take(event()).incident_id
    incident = desk.store.incidents[incident_id]
    desk.store.__init__()  # type: ignore[misc]
    desk.store.incidents[incident_id] = replace(incident, signals=3)
    desk.store.causes[incident.cause] = incident_id
    return [event("checkout-slow", at=1), event(state="OK", at=2)]


@pytest.mark.parametrize(
    "scenario",
    [
        _opens,
        _joins,
        _clears,
        _flaps,
        _came_early,
        _family,
        _damped,
        _suppressed,
        _returns,
        _goes_over,
        _from_before,
    ],
)
def test_a_crash_at_any_call_and_a_redelivery_end_in_the_same_records(scenario: Scenario) -> None:
    desk = Desk()
    events: list[dict[str, Any]] = []
    wanted: list[object] = []

    def reset() -> None:
        desk.__init__()  # type: ignore[misc]
        events[:] = scenario(desk)

    def run(faults: Faults) -> None:
        desk.faults = faults
        for one in events:
            desk.take(one)

    def check() -> None:
        wanted[:] = wanted or [_stands(desk)]
        assert _stands(desk) == wanted[0]

    assert every_crash(run, check, reset) >= 2 * 3


def _stands(desk: Desk) -> object:
    """Every record, each at its version: nothing was written twice. But for the ids that were given out in vain."""
    store = desk.store
    ids = {incident_id: f"incident {number}" for number, incident_id in enumerate(store.incidents)}
    received: dict[str, Any] = {"received_at": BEGAN, "execution": ""}
    return (
        [
            replace(one, id=ids[one.id], former=ids.get(one.former, ""), reported_at=BEGAN)
            for one in store.incidents.values()
        ],
        {
            key: replace(one, incident_id=ids.get(one.incident_id, one.incident_id), **received)
            for key, one in store.signals.items()
        },
        {key: ids.get(one.record.incident_id, one.record.incident_id) for key, one in store.kept.items()},
        {key: replace(one, incident_id=ids.get(one.incident_id, one.incident_id)) for key, one in store.alarms.items()},
        {ids[key]: replace(one, incident_id="") for key, one in store.tallies.items()},
        sorted((ids[owner], key, entry.fact) for (owner, key), entry in store.entries.items()),
        ([(ids[one.id], one.family, one.handled_at) for one in store.register.incidents], store.register.version),
        [ids[started] for started in desk.workflow.started],
    )
