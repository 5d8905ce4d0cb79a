"""The plan carried out step by step over in-memory records (P6), and again after a crash at any call."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from emergency.domain.errors import DecisionStillOpen
from emergency.domain.incident import IncidentStatus
from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Outcome, Severity, Team
from tests.support.crashes import every_crash
from tests.support.events import alarm
from tests.support.house import House
from tests.support.memory import Faults

TEAMS = (Team.TECHNICAL_SUPPORT, Team.CUSTOMER_SERVICE)


def decide(house: House, incident_id: str, kind: DecisionKind, outcome: Outcome, team: Team | None = None) -> None:
    """One question, put to its first rung and answered there."""
    decision = house.prepare(incident_id, kind, team, 1 if kind is DecisionKind.REVIEW else 0)
    token = f"token of {decision.id}"
    house.ask(incident_id, decision.id, token=token)
    fields = {"severity": ["SEV1"], "teams": [str(team) for team in TEAMS], "measures": ["Done"], "record": ["Filed"]}
    house.press(house.link_ids(decision.rungs[0][0])[-1], outcome, **fields)


def order(house: House, outcome: Outcome = Outcome.ACTIVATE) -> str:
    incident_id = house.report()
    decide(house, incident_id, DecisionKind.ORDERS, outcome)
    house.carry_out(incident_id)
    return incident_id


def test_p6_2_orders_change_severity_and_teams_and_the_computed_severity_is_kept(house: House) -> None:
    incident = house.store.incidents[order(house)]
    assert incident.status is IncidentStatus.ACTIVE
    assert (incident.computed_severity, incident.severity) == (Severity.SEV2, Severity.SEV1)
    assert incident.teams == TEAMS
    assert incident.orders is not None
    assert incident.orders.task_force == ("cto", "head-of-customer-service")


def test_p6_2_standing_down_ends_the_incident_on_the_record_and_frees_the_cause(house: House) -> None:
    incident_id = order(house, Outcome.STAND_DOWN)
    incident = house.store.incidents[incident_id]
    assert incident.status is IncidentStatus.STOOD_DOWN
    assert incident.closed_at is not None
    assert house.facts(incident_id)[-1] == "stood_down"
    house.clock.now += timedelta(minutes=31)
    assert house.report(alarm(event_id="2", at="2026-11-22T03:50:00.000+0000")) != incident_id


def test_orders_are_not_carried_out_before_there_are_any(house: House) -> None:
    incident_id = house.report()
    house.prepare(incident_id, DecisionKind.ORDERS)
    with pytest.raises(DecisionStillOpen):
        house.carry_out(incident_id)


def test_p6_3_a_team_gets_its_playbook_with_target_times(house: House) -> None:
    incident_id = house.report()
    assignment = house.assign(incident_id, Team.TECHNICAL_SUPPORT)
    assert [task.id for task in assignment.tasks] == ["look"]
    assert assignment.tasks[0].due_at is not None
    assert (assignment.tasks[0].due_at - assignment.assigned_at).total_seconds() == 900
    assert house.assign(incident_id, Team.TECHNICAL_SUPPORT) == assignment


def test_p6_3_two_incidents_never_share_a_hotline_and_the_third_is_told_plainly(house: House) -> None:
    ids = [house.report(alarm(f"other-{n}", event_id=str(n))) for n in range(3)]
    numbers = [hotline.number if (hotline := house.open_hotline(i)) else None for i in ids]
    assert numbers == ["+886800000001", "+886800000002", None]
    assert house.facts(ids[2])[-1] == "hotline_unavailable"
    house.close_hotline(ids[0])
    house.close_hotline(ids[0])
    assert house.store.taken == {"line-2": ids[1]}


def test_p6_4_only_mobilised_teams_are_lent_to_and_what_is_short_is_said(house: House) -> None:
    first, second = (house.report(alarm(f"other-{n}", event_id=str(n))) for n in range(2))
    house.lend(first)
    house.lend(first)
    house.lend(second)
    lent = {(a.incident_id, a.resource): (a.quantity, a.wanted) for a in house.store.loans.values()}
    assert lent[first, "spare-server"] == (2, 2)
    assert lent[second, "spare-server"] == (1, 2)
    assert "resource_short" in house.facts(second)
    house.give_back(first)
    house.give_back(first)
    assert house.left("spare-server") == 2


def test_p6_6_the_record_that_is_filed_holds_everything_but_secrets(house: House) -> None:
    incident_id = order(house)
    house.assemble(incident_id)
    text = house.archive.documents[f"{incident_id}/record.json"]
    filed = json.loads(text)
    assert filed["incident"]["id"] == incident_id
    assert [entry["fact"] for entry in filed["timeline"]] == house.facts(incident_id)[:-1]
    assert house.facts(incident_id)[-1] == "record_sealed"
    assert "token of orders" not in text
    assert house.store.decisions[incident_id, "orders"].form_key not in text


def test_p6_6_a_report_may_be_returned_as_often_as_the_plan_says(house: House) -> None:
    incident_id = order(house)
    assert [house.write(incident_id, round_) for round_ in (1, 2, 3)] == [True, True, False]


def test_p6_6_each_round_and_the_final_report_are_archived_in_every_language_of_the_plan(plan: Plan) -> None:
    locales = ("en", "zh-Hant", "zh-Hans")
    house = House(replace(plan, company=replace(plan.company, locales=locales)))
    whole_response(house, Faults())
    reports = {name.partition("/")[2] for name in house.archive.documents if name.endswith(".html")}
    assert reports == {f"{report}.{locale}.html" for report in ("report-1", "report") for locale in locales}


def whole_response(house: House, faults: Faults) -> str:
    """All steps, each as Step Functions would call it; people answer without faults."""

    def people(kind: DecisionKind, outcome: Outcome, team: Team | None = None) -> None:
        house.faults = None
        decide_once(house, incident_id, kind, outcome, team)
        house.faults = faults

    house.faults = None
    incident_id = house.report()
    people(DecisionKind.ORDERS, Outcome.ACTIVATE)
    house.carry_out(incident_id)
    house.lend(incident_id)
    for team in TEAMS:
        house.assign(incident_id, team)
        people(DecisionKind.ACKNOWLEDGE, Outcome.ACKNOWLEDGED, team)
        people(DecisionKind.COMPLETE, Outcome.COMPLETED, team)
    house.open_hotline(incident_id)
    house.close_hotline(incident_id)
    house.give_back(incident_id)
    house.assemble(incident_id)
    house.write(incident_id)
    people(DecisionKind.REVIEW, Outcome.ACCEPTED)
    house.close(incident_id)
    return incident_id


def decide_once(house: House, incident_id: str, kind: DecisionKind, outcome: Outcome, team: Team | None) -> None:
    settled = [d for d in house.store.decisions.values() if (d.kind, d.team) == (kind, team) and not d.is_open]
    if not settled:
        decide(house, incident_id, kind, outcome, team)


def test_a_crash_at_any_call_of_any_step_ends_in_the_same_record(plan: Plan) -> None:
    house = House(plan)
    wanted: list[str] = []

    def reset() -> None:
        house.__init__(plan)  # type: ignore[misc]

    def run(faults: Faults) -> None:
        whole_response(house, faults)

    def check() -> None:
        (incident,) = house.store.incidents.values()
        # Every step runs again here, also after the end; so the record is sealed anew, as it has grown since.
        facts = sorted(fact for fact in house.facts(incident.id) if fact != "record_sealed")
        wanted[:] = wanted or facts
        assert facts == wanted
        assert incident.status is IncidentStatus.CLOSED
        assert incident.resolved_at is not None
        assert not house.store.register.incidents
        assert not house.store.taken
        assert house.left("spare-server") == 3
        for name in ("record.json", "report.en.html", "report.zh-Hant.html", "report-1.en.html"):
            assert f"{incident.id}/{name}" in house.archive.documents

    assert every_crash(run, check, reset) > 60
