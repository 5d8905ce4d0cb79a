"""What people add while their task is open: notes, files, ticks, requests, and the money that was ordered (P6.3 to P7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emergency.domain.errors import DecisionSettled, ForgedForm, TooManyRequests, UnusableAnswer
from emergency.domain.incident import Orders
from emergency.domain.inventory import loans_for, proposed_budget
from emergency.domain.plan import FUNDS, Loan, Plan
from emergency.domain.terms import DecisionKind, Outcome, Severity, Team
from emergency.use_cases.keep_record import MOST_ADDED, AddNote
from emergency.use_cases.request_release import MOST_REQUESTS
from tests.support.house import House
from tests.support.memory import SteppingClock

PNG = b"\x89PNG\r\n\x1a\n, a graph"


@pytest.fixture
def link(house: House) -> str:
    """The technical lead's link to the question whether the tasks are complete."""
    incident_id = house.report()
    house.assign(incident_id, Team.TECHNICAL_SUPPORT)
    decision = house.prepare(incident_id, DecisionKind.COMPLETE, Team.TECHNICAL_SUPPORT)
    house.ask(incident_id, decision.id)
    return house.link_ids("cto")[0]


def incident_of(house: House) -> str:
    return next(iter(house.store.incidents))


def test_a_note_goes_on_the_timeline_once_however_often_it_is_posted(house: House, link: str) -> None:
    for _ in range(2):
        house.note(link, "Database answers again")
    house.note(link, "Second shop too")
    assert house.facts(incident_of(house)).count("note_added") == 2


def test_a_file_is_archived_and_named_on_the_timeline(house: House, link: str) -> None:
    key = house.upload(link, "graph.png", PNG)
    for _ in range(2):
        house.add_file(link, key)
    assert list(house.archive.files.values()) == [PNG]
    assert house.facts(incident_of(house)).count("file_added") == 1


def test_nothing_given_is_said_and_nothing_forged_is_kept(house: House, link: str) -> None:
    with pytest.raises(UnusableAnswer):
        house.note(link, "  ")
    with pytest.raises(ForgedForm):
        AddNote(incidents=house.incidents, clock=house.clock)(house.open(link), {"note": ["x"], "nonce": ["made up"]})


def test_ticks_say_who_did_what_and_can_be_taken_back(house: House, link: str) -> None:
    assert house.tick(link, "look").tasks[0].done_by == "cto"
    house.tick(link, "look")
    assert house.tick(link).tasks[0].done_at is None
    facts = house.facts(incident_of(house))
    assert (facts.count("task_done"), facts.count("task_reopened")) == (1, 1)
    with pytest.raises(UnusableAnswer):
        house.tick(link, "look", "something else")


def test_a_closed_task_takes_nothing_more(house: House, link: str) -> None:
    house.press(link, Outcome.COMPLETED, measures=["Done"])
    for late in (
        lambda: house.note(link, "late"),
        lambda: house.tick(link, "look"),
        lambda: house.request(link, resource=["spare-server"], quantity=["1"], reason=["more"]),
    ):
        with pytest.raises(DecisionSettled):
            late()


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({"resource": ["moon"], "quantity": ["1"], "reason": ["r"]}, "resource", "unknown"),
        ({"quantity": ["1"], "reason": ["r"]}, "resource", "missing"),
        ({"resource": ["spare-server"], "reason": ["r"]}, "quantity", "missing"),
        ({"resource": ["spare-server"], "quantity": ["99"], "reason": ["r"]}, "quantity", "too_much"),
        ({"resource": ["spare-server"], "quantity": ["1"]}, "reason", "missing"),
    ],
)
def test_an_unusable_request_is_answered_by_field(
    house: House, link: str, fields: dict[str, list[str]], field: str, problem: str
) -> None:
    with pytest.raises(UnusableAnswer) as caught:
        house.request(link, **fields)
    assert (caught.value.field, caught.value.problem) == (field, problem)
    assert not house.workflow.releases


def test_an_incident_takes_only_so_many_requests(house: House, link: str) -> None:
    for number in range(MOST_REQUESTS):
        house.request(link, resource=["spare-server"], quantity=["1"], reason=["more"], once=[str(number)])
    with pytest.raises(TooManyRequests):
        house.request(link, resource=["spare-server"], quantity=["1"], reason=["more"], once=["one too many"])


def funds_of(plan: Plan) -> str:
    return next(key for key, resource in plan.resources.items() if resource.kind == FUNDS)


def with_funds(plan: Plan, *shares: tuple[Team, int]) -> Plan:
    loans = tuple(Loan(resource=funds_of(plan), team=team, quantity=cents) for team, cents in shares)
    return replace(plan, playbooks={risk: replace(book, loans=loans) for risk, book in plan.playbooks.items()})


@pytest.mark.parametrize(
    ("shares", "budget", "given"),
    [
        ((("technical_support", 300), ("public_relations", 200)), None, [300, 200]),
        ((("technical_support", 300), ("public_relations", 200)), 900, [300, 600]),
        ((("technical_support", 300), ("public_relations", 200)), 250, [250]),
        ((("technical_support", 300), ("public_relations", 200)), 0, []),
        ((), 400, [400]),
        ((), 0, []),
    ],
)
def test_an_ordered_budget_is_what_the_teams_get_no_more_and_no_less(
    plan: Plan, shares: tuple[tuple[str, int], ...], budget: int | None, given: list[int]
) -> None:
    plan = with_funds(plan, *((Team(team), cents) for team, cents in shares))
    house = House(plan)
    incident = house.store.incidents[house.report()]
    orders = Orders(
        decision_id="orders",
        outcome=Outcome.ACTIVATE,
        severity=Severity.SEV2,
        teams=tuple(Team),
        task_force=(),
        by="ceo",
        at=SteppingClock().now,
        budget=budget,
    )
    loans = loans_for(replace(incident, orders=orders, teams=tuple(Team)), plan)
    assert [loan.quantity for loan in loans] == given
    assert proposed_budget(incident.risk, tuple(Team), plan) == sum(cents for _, cents in shares)


def test_the_task_force_is_the_leads_and_whoever_was_chosen_beside_them(house: House) -> None:
    incident_id = house.put_orders()
    chosen = {"severity": ["SEV2"], "teams": ["technical_support"], "task_force": ["coo", "cto"], "budget": ["10"]}
    house.press(house.link_ids("ceo")[0], Outcome.ACTIVATE, **chosen)
    orders = house.carry_out(incident_id).orders
    assert orders is not None
    assert (orders.task_force, orders.budget) == (("cto", "coo"), 1_000)


def test_nobody_fills_the_record_until_its_pages_no_longer_open(house: House, link: str) -> None:
    """Taken out: the count in `_check`. Every page reads the whole record, so that a link could shut all others out."""
    for number in range(MOST_ADDED):
        house.note(link, f"Note {number}")
    with pytest.raises(UnusableAnswer):
        house.note(link, "One more")
    with pytest.raises(UnusableAnswer):
        house.tick(link, "look")
    assert len(house.facts(incident_of(house))) <= MOST_ADDED + 10


def test_only_whoever_is_asked_for_a_teams_tasks_ticks_them_and_requests_for_it(house: House, link: str) -> None:
    """Taken out: the kind of the question in `TickTasks` and `RequestRelease`, whose releases name a team too (R6)."""
    request = house.request(link, resource=["spare-server"], quantity=["1"], reason=["Load"])
    house.ask(incident_of(house), request.id, token="token-release")
    approver = house.link_ids("coo")[-1]
    with pytest.raises(UnusableAnswer):
        house.tick(approver, "look")
    with pytest.raises(UnusableAnswer):
        house.request(approver, resource=["spare-server"], quantity=["2"], reason=["Mine"])
