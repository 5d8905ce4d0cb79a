"""P6.1: planned maintenance is approved by somebody else; meanwhile alarms go on record and open nothing (R9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emergency.domain.correlation import Register
from emergency.domain.errors import (
    DecisionStillOpen,
    NotApproved,
    NotYours,
    TooManyRequests,
    UnusableAnswer,
)
from emergency.domain.incident import IncidentStatus
from emergency.domain.plan import Plan, Reporting, ReportPlace
from emergency.domain.planning import FARTHEST, read_maintenance
from emergency.domain.signal import Disposition
from emergency.domain.terms import DecisionKind, Outcome, Risk, Severity
from emergency.use_cases import maintain
from tests.support.at_each_call import Step, crashes_that_end_the_same
from tests.support.events import alarm
from tests.support.house import House
from tests.support.memory import EPOCH, MemorySignals
from tests.support.plans import both, small_plan

BY = "cto"
FORM = {
    "alarms": ["orders-*\ncheckout-alb-*"],
    "first": ["2026-11-22T03:00:00+00:00"],
    "last": ["2026-11-22T05:00:00+00:00"],
    "reason": ["New disks."],
}


def orders_alarm() -> dict[str, Any]:
    return alarm("orders-db-down", event_id="orders-1", at="2026-11-22T03:20:00.000+0000")


def company() -> Plan:
    places = (ReportPlace(id="checkout", name=both("Checkout"), component="checkout"),)
    return replace(small_plan(), reporting=Reporting(places=places))


@pytest.fixture
def house() -> House:
    return House(company())


def planned(house: House, **form: list[str]) -> str:
    return house.plan_maintenance(BY, **{**FORM, **form}).incident_id


def decided(house: House, outcome: Outcome = Outcome.APPROVED, **fields: list[str]) -> str:
    """Maintenance that was put to the first rung and answered there."""
    incident_id = planned(house)
    house.ask(incident_id, "maintenance", token="maintenance")
    house.press(house.link_ids("coo")[-1], outcome, **fields)
    return incident_id


def running(house: House) -> str:
    incident_id = decided(house)
    house.settle_maintenance(incident_id)
    return incident_id


def told(house: House) -> list[str]:
    return [mail.subject for mail in house.post.sent if mail.to.id == BY]


def test_what_is_planned_is_on_record_and_put_to_others_and_is_no_incident(house: House) -> None:
    question = house.plan_maintenance(BY, **FORM, components=["checkout"])

    record = house.incidents.record(question.incident_id)
    assert question.incident_id.startswith("MNT-20261122-")
    assert (record.incident.status, record.incident.severity) == (IncidentStatus.PLANNED, Severity.SEV4)
    assert question.maintenance is not None
    assert (question.maintenance.components, question.maintenance.alarms) == (
        ("checkout",),
        ("orders-*", "checkout-alb-*"),
    )
    assert house.facts(question.incident_id) == ["maintenance_requested"]
    assert house.workflow.releases == [(question.incident_id, "maintenance")]
    assert house.store.register.incidents == ()
    assert house.store.register.windows == ()


def test_r9_whoever_plans_it_is_never_asked(house: House) -> None:
    question = house.plan_maintenance(BY, **FORM)
    assert question.rungs == (("coo",), ("ceo",))
    assert question.requested_by == BY


def test_the_same_form_posted_twice_is_one_maintenance(house: House) -> None:
    assert planned(house) == planned(house)
    assert len(house.store.planned) == 1
    assert planned(house, reason=["Other disks."]) == planned(house)
    assert planned(house, last=["2026-11-22T04:00:00+00:00"]) != planned(house)


def test_no_more_can_be_planned_than_anybody_needs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintain, "MOST_PLANNED", 1)
    planned(house)
    planned(house)
    with pytest.raises(TooManyRequests):
        planned(house, last=["2026-11-22T04:00:00+00:00"])


def test_times_are_the_company_s_own(house: House) -> None:
    form = {**FORM, "first": ["2026-11-22T12:00"], "last": ["2026-11-22T14:30"]}
    maintenance = read_maintenance(form, house.plan, by=BY, now=EPOCH)
    assert maintenance.first == datetime(2026, 11, 22, 4, tzinfo=UTC)
    assert maintenance.last == datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "field", "problem"),
    [
        ({"alarms": [""]}, "components", "missing"),
        ({"components": ["warehouse"]}, "components", "unknown"),
        ({"alarms": ["*"]}, "alarms", "too_wide"),
        ({"alarms": ["orders-*\n*?*"]}, "alarms", "too_wide"),
        ({"alarms": ["*[a-z]*"]}, "alarms", "too_wide"),
        ({"alarms": ["arn:*"]}, "alarms", "too_wide"),
        ({"alarms": ["arn:aws:cloudwatch:*:*:alarm:*"]}, "alarms", "too_wide"),
        ({"alarms": ["x" * 201]}, "alarms", "too_many"),
        ({"alarms": ["\n".join(f"a{number}" for number in range(21))]}, "alarms", "too_many"),
        ({"first": [""]}, "first", "missing"),
        ({"first": ["tomorrow"]}, "first", "unusable"),
        ({"first": ["0001-01-01T00:00"]}, "first", "unusable"),
        ({"last": ["2026-11-22T03:00:00+00:00"]}, "last", "before_first"),
        ({"first": ["2026-11-21T03:00+00:00"], "last": ["2026-11-21T04:00+00:00"]}, "last", "over"),
        ({"last": ["2026-11-22T11:00:01+00:00"]}, "last", "too_far"),
        ({"reason": [" "]}, "reason", "missing"),
    ],
)
def test_what_can_t_be_used_is_named(house: House, form: dict[str, list[str]], field: str, problem: str) -> None:
    with pytest.raises(UnusableAnswer) as why:
        planned(house, **form)
    assert (why.value.field, why.value.problem) == (field, problem)
    assert house.store.incidents == {}


def test_nothing_is_planned_for_a_day_that_nobody_knows_yet(house: House) -> None:
    first = EPOCH + FARTHEST + timedelta(days=1)
    with pytest.raises(UnusableAnswer, match="first: too_far"):
        planned(house, first=[first.isoformat()], last=[(first + timedelta(hours=1)).isoformat()])


def test_while_it_is_undecided_alarms_open_incidents_as_always(house: House) -> None:
    incident_id = planned(house)
    assert house.take(orders_alarm()).disposition is Disposition.OPENED
    with pytest.raises(DecisionStillOpen):
        house.settle_maintenance(incident_id)


def test_once_approved_alarms_are_recorded_and_open_nothing(house: House) -> None:
    incident_id = running(house)
    taken = house.take(orders_alarm())
    assert (taken.disposition, taken.incident_id) == (Disposition.SUPPRESSED, incident_id)
    assert house.workflow.started == []
    assert house.take(alarm("search-slow", event_id="other")).disposition is Disposition.OPENED
    assert told(house) == ["maintenance_approved"]
    assert "maintenance_set" in house.facts(incident_id)


def test_it_ends_at_its_time_with_a_moment_for_what_is_under_way(house: House) -> None:
    until = house.settle_maintenance(decided(house))
    assert until == datetime(2026, 11, 22, 5, tzinfo=UTC) + maintain.GRACE


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.NOT_APPROVED])
def test_what_was_not_approved_is_over_and_changes_nothing(house: House, outcome: Outcome) -> None:
    if outcome is Outcome.DECLINED:
        incident_id = decided(house, outcome, comment=["Not tonight."])
    else:
        incident_id = planned(house)
        house.lapse(incident_id, "maintenance")
    assert house.settle_maintenance(incident_id) is None
    assert house.settle_maintenance(incident_id) is None
    assert house.store.incidents[incident_id].status is IncidentStatus.CLOSED
    assert house.store.planned == []
    assert house.take(orders_alarm()).disposition is Disposition.OPENED
    assert told(house) == ["maintenance_declined"]


def test_r9_an_approval_of_its_own_author_sets_nothing(house: House) -> None:
    incident_id = decided(house)
    key = (incident_id, "maintenance")
    answer = house.store.decisions[key].answer
    assert answer is not None
    house.store.decisions[key] = replace(house.store.decisions[key], answer=replace(answer, voters=(BY,)))
    with pytest.raises(NotApproved):
        house.settle_maintenance(incident_id)
    assert house.store.register.windows == ()


def test_what_is_still_on_at_the_end_opens_incidents_and_what_went_off_does_not(house: House) -> None:
    incident_id = running(house)
    house.take(orders_alarm())
    house.take(alarm(event_id="checkout-1", at="2026-11-22T03:30:00.000+0000"))
    house.take(alarm(state="OK", event_id="checkout-2", at="2026-11-22T03:40:00.000+0000"))

    ended = house.end_maintenance(incident_id)

    assert (ended.signals, ended.still_on) == (3, ("orders-db-down",))
    (opened,) = house.store.register.incidents
    assert house.store.incidents[opened.id].signal_name == "orders-db-down"
    assert house.workflow.started == [opened.id]
    assert house.store.register.windows == ()
    assert house.store.incidents[incident_id].status is IncidentStatus.CLOSED
    assert house.store.planned == []
    assert told(house) == ["maintenance_approved", "maintenance_over"]
    assert house.take(alarm(event_id="later", at="2026-11-22T05:10:00.000+0000")).disposition is Disposition.OPENED


def test_what_goes_off_after_the_end_belongs_to_the_incident_that_it_opened(house: House) -> None:
    incident_id = running(house)
    house.take(orders_alarm())
    house.end_maintenance(incident_id)
    (opened,) = house.store.register.incidents
    cleared = house.take(alarm("orders-db-down", state="OK", event_id="orders-2", at="2026-11-22T03:50:00.000+0000"))
    assert (cleared.disposition, cleared.incident_id) == (Disposition.CLEARED, opened.id)
    assert incident_id not in house.store.tallies


def test_a_recovery_between_the_window_s_end_and_the_record_s_touches_no_incident(house: House) -> None:
    incident_id = running(house)
    house.take(orders_alarm())
    house.store.register = replace(house.store.register, windows=())
    taken = house.take(alarm("orders-db-down", state="OK", event_id="orders-2", at="2026-11-22T04:00:00.000+0000"))
    assert taken.disposition is Disposition.SUPPRESSED
    assert incident_id not in house.store.tallies
    assert house.end_maintenance(incident_id).still_on == ()


def test_whoever_planned_it_ends_it_early_and_nobody_else(house: House) -> None:
    incident_id = running(house)
    house.take(orders_alarm())
    with pytest.raises(NotYours):
        house.end_maintenance(incident_id, by="coo")
    assert house.store.register.windows
    assert house.end_maintenance(incident_id, by=BY).still_on == ("orders-db-down",)
    # The execution comes at the end that was approved.
    assert house.end_maintenance(incident_id).still_on == ("orders-db-down",)
    assert len(house.store.register.incidents) == 1
    assert told(house).count("maintenance_over") == 1
    ended = [entry for entry in house.store.entries.values() if entry.fact == "maintenance_ended"]
    assert [entry.actor for entry in ended] == [BY]


def test_what_is_called_off_before_it_was_decided_never_begins(house: House) -> None:
    incident_id = decided(house)
    house.end_maintenance(incident_id, by=BY)
    assert house.settle_maintenance(incident_id) is None
    assert house.store.register.windows == ()
    assert house.take(orders_alarm()).disposition is Disposition.OPENED


def test_what_is_called_off_while_it_is_set_does_not_stay(house: House) -> None:
    incident_id = decided(house)

    class CalledOffMeanwhile(MemorySignals):
        def save(self, register: Register) -> None:
            if house.store.planned:
                house.end_maintenance(incident_id, by=BY)
            super().save(register)

    settle = maintain.SettleMaintenance(
        plan=house.plan,
        incidents=house.incidents,
        decisions=house.decisions,
        maintenances=house.maintenances,
        signals=CalledOffMeanwhile(house.store),
        notify=house.notify,
        clock=house.clock,
    )
    assert settle(incident_id, house.store.decisions[incident_id, "maintenance"].place) is None
    assert house.store.register.windows == ()
    assert told(house) == ["maintenance_over"]


def test_people_s_reports_open_incidents_whatever_is_planned(house: House) -> None:
    running(house)
    (window,) = house.store.register.windows
    everything = replace(window, components=("*",), alarms=("*",))
    house.store.register = replace(house.store.register, windows=(everything,))
    said = {
        "time": "2026-11-22T03:20:00.000+0000",
        "place": "checkout",
        "nature": "system_failure",
        "first_impact": "Nobody can pay.",
    }
    event = {**alarm(), "source": "emergency.report", "detail-type": "Incident Report", "detail": said}
    assert house.take(event).disposition is Disposition.OPENED


def test_what_is_on_while_another_window_is_open_stays_recorded(house: House) -> None:
    first = running(house)
    second = house.plan_maintenance(BY, **{**FORM, "alarms": ["orders-db-*"]}).incident_id
    house.ask(second, "maintenance", token="second")
    house.press(house.link_ids("coo")[-1], Outcome.APPROVED)
    house.settle_maintenance(second)
    house.take(orders_alarm())
    house.end_maintenance(first)
    assert house.store.register.incidents == ()
    assert house.end_maintenance(second).still_on == ("orders-db-down",)
    assert len(house.store.register.incidents) == 1


def planning(house: House) -> Step:
    return lambda: planned(house)


def settling(house: House) -> Step:
    incident_id = decided(house)
    return lambda: house.settle_maintenance(incident_id)


def declining(house: House) -> Step:
    incident_id = decided(house, Outcome.DECLINED, comment=["No."])
    return lambda: house.settle_maintenance(incident_id)


def ending(house: House) -> Step:
    incident_id = running(house)
    house.take(orders_alarm())
    house.take(alarm(event_id="checkout-1", at="2026-11-22T03:30:00.000+0000"))
    return lambda: house.end_maintenance(incident_id)


def what_stands(house: House) -> object:
    """Everything that is on record and was set going, without its times; incidents by their causes."""
    store = house.store
    names = {id_: one.cause for id_, one in store.incidents.items()}
    return {
        "facts": sorted((names[owner], entry.fact, entry.key) for (owner, _), entry in store.entries.items()),
        "decisions": {key: one.answer and one.answer.outcome for key, one in store.decisions.items()},
        "records": {names[id_]: one.status for id_, one in store.incidents.items()},
        "planned": store.planned,
        "register": (
            sorted(one.cause for one in store.register.incidents),
            sorted(one.id for one in store.register.windows),
        ),
        "alarms": {arn: (one.is_on, names[one.incident_id]) for arn, one in store.alarms.items()},
        "signals": {id_: one.disposition for id_, one in store.signals.items()},
        "asked": sorted(house.workflow.releases),
        "started": sorted(names[id_] for id_ in house.workflow.started),
        "told": sorted({(mail.subject, mail.to.id) for mail in house.post.sent}),
    }


@pytest.mark.parametrize(
    ("step", "calls"),
    [(planning, 3), (settling, 5), (declining, 4), (ending, 10)],
    ids=["planning", "settling", "declining", "ending"],
)
def test_r13_a_crash_at_any_call_and_a_second_run_end_the_same(step: Callable[[House], Step], calls: int) -> None:
    assert crashes_that_end_the_same(company, step, what_stands) >= calls


def test_a_decision_from_before_there_was_maintenance_still_loads(house: House) -> None:
    """R24: nothing of an old record names it."""
    incident_id = house.report()
    assert house.prepare(incident_id, DecisionKind.ORDERS).maintenance is None
    assert house.store.incidents[incident_id].risk is Risk.SYSTEM_FAILURE


def test_no_response_begins_for_a_record_of_maintenance(house: House) -> None:
    """The records' stream brings it like every new record of that shape."""
    house.follow_incident.begun(planned(house))
    assert house.workflow.started == []
