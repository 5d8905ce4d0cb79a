"""Reports by started executions and through the queue: the same answer however often, and nobody's link opens nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emergency.domain.errors import JoinedAnother, UnusableSignal
from emergency.domain.incident_report import PersonReport, event_of
from emergency.domain.link import digest_of
from emergency.domain.standing import link_for
from emergency.domain.terms import Risk
from emergency.domain.timeline import Fact
from emergency.use_cases.report_by_hand import NameReporter, ReportByHand
from emergency.use_cases.report_incident import ReportIncident
from emergency.use_cases.standing_links import OpenStandingLink
from tests.support.at_each_call import crashes_that_end_the_same
from tests.support.events import alarm
from tests.support.house import House
from tests.support.memory import EPOCH, MemorySignals, MemoryStandingLinks
from tests.support.plans import working_plan

REPORT = {
    "time": "2026-11-22T03:05:00Z",
    "place": "the gate",
    "nature": "network_attack",
    "first_impact": "It is shut.",
}


def by_hand(house: House) -> ReportByHand:
    report = ReportIncident(
        plan=house.plan,
        signals=house._port(MemorySignals(house.store)),
        workflow=house._port(house.workflow),
        identities=house.identities,
        clock=house.clock,
    )
    return ReportByHand(report=report, clock=house.clock)


@pytest.mark.parametrize(("execution", "named"), [("INC-20261122-GATE", True), ("try-it", False), ("INC-", False)])
def test_an_execution_opens_its_incident_once_and_carries_it_out_itself(execution: str, *, named: bool) -> None:
    house = House(working_plan())
    incident_id = by_hand(house)(REPORT, execution)
    assert by_hand(house)(REPORT, execution) == incident_id
    incident = house.incidents.get(incident_id)
    assert (incident_id == execution) is named
    assert incident.execution == execution
    assert house.workflow.started == []
    assert [one.fact for one in house.incidents.timeline(incident_id)] == [Fact.INCIDENT_REPORTED]


def test_what_belongs_to_an_open_incident_joins_it_and_the_execution_ends() -> None:
    house = House(working_plan())
    first = by_hand(house)(REPORT, "one")
    for _ in range(2):
        with pytest.raises(JoinedAnother, match=first):
            by_hand(house)(REPORT, "two")
    tally = MemorySignals(house.store).tally(first)
    assert tally is not None
    assert tally.signals == 2


@pytest.mark.parametrize("field", REPORT)
def test_a_report_that_can_t_be_read_names_the_field(field: str) -> None:
    report = {name: value for name, value in REPORT.items() if name != field}
    with pytest.raises(UnusableSignal, match=field):
        by_hand(House(working_plan()))(report, "one")


@pytest.mark.parametrize("report", [None, "The gate is shut.", 17, [REPORT], {}])
def test_what_is_no_report_is_refused_by_name(report: object) -> None:
    with pytest.raises(UnusableSignal, match="detail"):
        by_hand(House(working_plan()))(report, "one")


def test_whatever_call_dies_the_execution_has_one_incident_in_the_end() -> None:
    def prepare(house: House) -> Any:
        return lambda: by_hand(house)(REPORT, "try-it")

    def stands(house: House) -> object:
        incidents = [(one.risk, one.execution) for one in house.store.incidents.values()]
        return incidents, len(house.store.signals), house.workflow.started

    assert crashes_that_end_the_same(working_plan, prepare, stands) >= 6


def named(event: object, *, contact: str = "") -> Any:
    plan = working_plan()
    link = replace(link_for(next(iter(plan.contacts.values()))), digest="d1")
    links = MemoryStandingLinks({"x": replace(link, contact=contact) if contact else link})
    return NameReporter(open_link=OpenStandingLink(plan=plan, links=links))(event)


def queued(link: str) -> dict[str, object]:
    report = PersonReport(noticed_at=EPOCH, place="", words="x", risk=Risk.DATA_BREACH, first_impact="y")
    return event_of(report, id_="r", now=EPOCH, link=link)


def test_a_report_from_the_queue_gets_its_reporter_by_the_link_and_loses_the_link() -> None:
    detail = named(queued("d1"))["detail"]
    assert detail["by"] == next(iter(working_plan().contacts))
    assert "link" not in detail


def test_other_events_pass_as_they_are() -> None:
    events: list[object] = [
        alarm(),
        queued(""),
        "no event",
        {"source": "emergency.report"},
        {"source": [], "detail": {}},
    ]
    for event in events:
        assert named(event) is event


@pytest.mark.parametrize(("link", "contact"), [(digest_of("other"), ""), ("d1", "somebody-who-left")])
def test_a_link_that_is_nobody_s_opens_nothing(link: str, contact: str) -> None:
    with pytest.raises(UnusableSignal, match="link"):
        named(queued(link), contact=contact)
