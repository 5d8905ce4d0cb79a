"""Correlation's own rules: what depends on what, what an alarm's news change, and how they are counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.classification import classify
from emergency.domain.correlation import (
    MOST_FAMILIES_BYTES,
    MOST_FAMILY,
    Alarm,
    Former,
    OpenIncident,
    Register,
    Tally,
    Window,
    alarm_of,
    from_before,
    heard,
    home_of,
    is_quiet,
    left,
    reported,
    switched,
    window_for,
    with_family,
)
from emergency.domain.event import read_signal
from emergency.domain.incident import IncidentStatus
from emergency.domain.plan import Correlation
from emergency.domain.signal import Report
from emergency.domain.terms import Risk, Severity
from tests.support.events import alarm
from tests.support.plans import small_plan
from tests.support.telling import the_incident

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PLAN = small_plan()
RULES = Correlation()


def seconds(number: float) -> datetime:
    return NOW + timedelta(seconds=number)


def is_home(
    named: str, component: str, depends: Mapping[str, tuple[str, ...]], risk: Risk = Risk.SYSTEM_FAILURE
) -> bool:
    """Whether an alarm of that name joins an incident of the component that opened at the same moment."""
    one = OpenIncident(id="INC-1", cause=f"{risk}/{component}", risk=risk, component=component, opened_at=NOW)
    signal = classify(read_signal(alarm(named), ()), PLAN)
    home = home_of(signal, Register(incidents=(one,)), {}, Correlation(depends=depends), NOW)
    return home is not None


@pytest.mark.parametrize(
    ("named", "component", "depends", "expected"),
    [
        ("api", "db", {"api": ("db",)}, True),
        ("db", "api", {"api": ("db",)}, True),
        ("api", "disk", {"api": ("db",), "db": ("disk",)}, True),
        ("API", "Db", {"api": ("d?",)}, True),
        ("api-2", "db", {"api-*": ("db",)}, True),
        ("api", "cache", {"api": ("db",), "web": ("cache", "api")}, False),
        ("api", "db", {"api": ("network_attack/db",)}, False),
        ("api", "db", {"api": ("system_failure/db",)}, True),
        ("api", "zone/db", {"api": ("zone/db",)}, True),
        ("one", "two", {"api": ("one", "two")}, False),
        ("a", "c", {"a": ("b",), "b": ("a",)}, False),
    ],
)
def test_a_component_belongs_to_what_it_depends_on_and_the_other_way_round(
    named: str, component: str, depends: Mapping[str, tuple[str, ...]], expected: object
) -> None:
    assert is_home(named, component, depends) is expected


def test_a_dependency_on_another_risk_is_named_with_it() -> None:
    depends = {"api": ("network_attack/edge",)}
    assert is_home("api", "edge", depends, Risk.NETWORK_ATTACK)
    assert not is_home("api", "edge", depends, Risk.DATA_BREACH)


_NAMES = st.sampled_from("abcdef*")


@given(st.dictionaries(_NAMES, st.lists(_NAMES, max_size=4).map(tuple), max_size=7), _NAMES, _NAMES)
def test_whatever_a_plan_makes_depend_on_what_is_answered_the_same_from_both_sides(
    depends: Mapping[str, tuple[str, ...]], one: str, other: str
) -> None:
    assert is_home(one, other, depends) == is_home(other, one, depends)


def test_the_same_cause_comes_before_a_family_and_that_before_a_dependency() -> None:
    def open_incident(number: int, component: str, family: tuple[str, ...] = ()) -> OpenIncident:
        cause = f"system_failure/{component}"
        risk = Risk.SYSTEM_FAILURE
        return OpenIncident(id=str(number), cause=cause, risk=risk, component=component, opened_at=NOW, family=family)

    signal = classify(read_signal(alarm("api"), ()), PLAN)
    depends, family = open_incident(1, "db"), open_incident(2, "web", (signal.signal.alarm,))
    rules = Correlation(depends={"api": ("db",)})
    for register, expected in (
        ((depends, family, open_incident(3, "api")), "3"),
        ((depends, family), "2"),
        ((depends,), "1"),
    ):
        home = home_of(signal, Register(incidents=register), {}, rules, NOW)
        assert home is not None
        assert home.id == expected


def test_a_family_has_an_end() -> None:
    one = OpenIncident(id="1", cause="c", risk=Risk.SYSTEM_FAILURE, component="c", opened_at=NOW)
    signal = replace(read_signal(alarm(), ()), children=tuple(str(number) for number in range(5_000)))
    grown = with_family(Register(incidents=(one,)), "1", signal).incidents[0]
    assert len(grown.family) == MOST_FAMILY


def test_all_families_together_leave_room_in_the_register() -> None:
    register = Register()
    for number in range(20):
        children = tuple(f"{number}/{child}/{'告' * 100}" for child in range(MOST_FAMILY))
        one = OpenIncident(id=str(number), cause="c", risk=Risk.SYSTEM_FAILURE, component="c", opened_at=NOW)
        signal = replace(read_signal(alarm(), ()), children=children)
        register = with_family(replace(register, incidents=(*register.incidents, one)), one.id, signal)
    families = [arn for one in register.incidents for arn in one.family]
    assert len(families) > MOST_FAMILY
    assert sum(len(arn.encode()) for arn in families) <= MOST_FAMILIES_BYTES


def test_what_has_no_arn_is_known_by_where_it_comes_from() -> None:
    signal = replace(read_signal(alarm("x"), ()), alarm="")
    assert alarm_of(signal) == "aws.cloudwatch/111122223333/ap-northeast-1/x"
    assert alarm_of(replace(signal, report=Report(place="p", first_impact="i"))) == ""


_NEWS = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=12)


@given(_NEWS, st.randoms(use_true_random=False))
def test_an_alarm_ends_in_the_same_state_in_whatever_order_its_news_come(
    news: list[tuple[int, bool]], random: Random
) -> None:
    def told(order: list[tuple[int, bool]]) -> tuple[bool, datetime]:
        known: Alarm | None = None
        for at, is_on in order:
            known = heard(known, "arn", is_on=is_on, at=seconds(at), incident_id="1", rules=RULES)
        assert known is not None
        return known.is_on, known.changed_at

    shuffled = list(news)
    random.shuffle(shuffled)
    assert told(shuffled) == told(news) == (max(news)[1], seconds(max(news)[0]))


def test_an_alarm_flaps_by_its_latest_changes_and_calms_down() -> None:
    rules = Correlation(flaps=3, flaps_within=60)
    known: Alarm | None = None
    flapping = []
    for number, at in enumerate((0, 10, 20, 30, 200, 300)):
        known = heard(known, "arn", is_on=number % 2 == 0, at=seconds(at), incident_id="1", rules=rules)
        flapping.append(known.is_flapping)
    assert flapping == [False, False, True, True, False, False]


def test_an_alarm_of_a_plan_without_flapping_never_flaps() -> None:
    rules = Correlation(flaps=2, flaps_within=0)
    known = heard(None, "arn", is_on=True, at=NOW, incident_id="1", rules=rules)
    for number in range(9):
        known = heard(known, "arn", is_on=number % 2 == 1, at=seconds(number), incident_id="1", rules=rules)
        assert not known.is_flapping


def tally() -> Tally:
    return Tally(incident_id="1", signals=0, alarms=0, on=0, first_at=NOW, last_at=NOW, worst=Severity.SEV3, version=3)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50), st.booleans()), max_size=30))
def test_as_many_alarms_are_on_as_say_so(news: list[tuple[str, int, bool]]) -> None:
    counted, alarms = tally(), dict[str, Alarm]()
    for arn, at, is_on in news:
        before = alarms.get(arn)
        alarms[arn] = heard(before, arn, is_on=is_on, at=seconds(at), incident_id="1", rules=RULES)
        counted = switched(counted, before, alarms[arn])
        assert (counted.alarms, counted.on) == (len(alarms), sum(one.is_on for one in alarms.values()))
        offs = [one.changed_at for one in alarms.values()]
        assert counted.cleared_at == (None if counted.on else max(offs))


def test_an_alarm_that_goes_over_to_another_incident_is_no_longer_on_in_the_first() -> None:
    one = replace(tally(), alarms=1, on=1)
    assert (left(one, seconds(9)).on, left(one, seconds(9)).cleared_at) == (0, seconds(9))
    assert left(replace(one, on=2), seconds(9)).cleared_at is None
    moved = Alarm(arn="a", is_on=True, changed_at=NOW, incident_id="other")
    assert switched(tally(), moved, replace(moved, incident_id="1")).on == 1


def test_reports_are_counted_with_their_times_and_the_worst_of_them() -> None:
    counted = reported(reported(tally(), seconds(60), Severity.SEV2), seconds(-60), Severity.SEV4)
    assert (counted.signals, counted.worst) == (2, Severity.SEV2)
    assert (counted.first_at, counted.last_at) == (seconds(-60), seconds(60))


def test_a_record_from_before_has_its_counts_from_the_incident() -> None:
    incident = replace(the_incident(), signals=7, cleared_at=NOW)
    assert (from_before(incident).signals, from_before(incident).cleared_at) == (7, NOW)
    assert from_before(incident).ended_at is None
    over = replace(incident, status=IncidentStatus.CLOSED, closed_at=seconds(5))
    assert from_before(over).ended_at == seconds(5)


@pytest.mark.parametrize(
    ("stood_down", "after", "severity", "expected"),
    [
        (True, 1_799, Severity.SEV1, True),
        (True, 1_801, Severity.SEV1, False),
        (False, 1, Severity.SEV1, False),
        (True, 1, Severity.SEV4, False),
    ],
)
def test_quiet_follows_standing_down_only_for_a_while_and_for_nothing_worse(
    *, stood_down: bool, after: int, severity: Severity, expected: bool
) -> None:
    former = Former(incident_id="1", cause="c", ended_at=NOW, severity=severity, stood_down=stood_down)
    signal = classify(read_signal(alarm(), ()), PLAN)
    assert is_quiet(former, signal, RULES, seconds(after)) is expected
    assert not is_quiet(None, signal, RULES, seconds(after))


@pytest.mark.parametrize(
    ("glob", "is_concerned"),
    [("*-1*", False), ("*alarm*", False), ("ap*", True), ("arn:*:alarm:api", True), ("arn:*:alarm:web", False)],
)
def test_maintenance_of_alarms_goes_by_their_names_and_not_by_where_they_are(glob: str, *, is_concerned: bool) -> None:
    window = Window(id="MNT-1", components=(), alarms=(glob,), first=NOW, last=NOW)
    found = classify(read_signal(alarm("api"), ()), PLAN)
    assert (window_for(found, Register(windows=(window,)), NOW) is not None) is is_concerned


def test_maintenance_counts_from_its_first_to_its_last_moment() -> None:
    window = Window(id="M", components=("checkout",), alarms=(), first=NOW, last=seconds(60))
    signal = classify(read_signal(alarm(), ()), PLAN)
    register = Register(windows=(window,))
    hits = [window_for(signal, register, seconds(at)) is window for at in (-1, 0, 60, 61)]
    assert hits == [False, True, True, False]
