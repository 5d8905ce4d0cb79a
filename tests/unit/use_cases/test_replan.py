"""Deliveries planned anew: proposed, changed and ordered by the lead, taken over by carriers (P6.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from emergency.domain.assignment import AssignedTask
from emergency.domain.errors import (
    DecisionSettled,
    DecisionStillOpen,
    ForgedForm,
    NotYours,
    RecordChanged,
    TooManyRequests,
    UnknownLink,
    UnusableAnswer,
    UnusableFile,
)
from emergency.domain.link import digest_of
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.use_cases.replan import MOST_REPLANS
from tests.support.events import alarm
from tests.support.house import House
from tests.support.plans import late_plan

LOGISTICS = Team.LOGISTICS_SUPPORT
LEAD = "head-of-logistics"
MORNING = datetime(2026, 11, 22, 1, tzinfo=UTC)
NORTH_TO_SWIFT = {"carrier": ["steady"], "move.north.swift": ["300"]}


@pytest.fixture
def house() -> House:
    house = House(late_plan())
    house.clock.now = MORNING
    return house


def at_work(house: House, event: object | None = None) -> tuple[str, str]:
    """An incident of a late carrier, and the link of the logistics lead."""
    incident_id = house.activate(event or alarm("late-steady"))
    house.assign(incident_id, LOGISTICS)
    return incident_id, house.asked(incident_id, DecisionKind.COMPLETE, LOGISTICS)


def ordered(house: House) -> tuple[str, str]:
    """An incident, and the question to the carrier that takes the north over."""
    incident_id, link = at_work(house)
    house.replan(link, **NORTH_TO_SWIFT, once=["one"])
    question = next(d for d in house.open(link).record.decisions.values() if d.order)
    house.ask(incident_id, question.id, token="carrier")
    return incident_id, question.id


def task_of(house: House, incident_id: str) -> AssignedTask:
    return house.store.assignments[incident_id, LOGISTICS].tasks[0]


def test_the_system_proposes_where_the_incident_names_who_fails(house: House) -> None:
    incident_id, _ = at_work(house)
    assert task_of(house, incident_id).done_at is None
    proposed = house.propose_replan(incident_id)
    assert proposed
    assert [(move.region, move.carrier, move.parcels) for move in proposed.moves] == [
        ("north", "swift", 300),
        ("south", "thrifty", 150),
    ]
    assert proposed.left == {"south": 50}
    assert not proposed.is_ordered
    assert house.facts(incident_id).count("replan_proposed") == 1
    assert task_of(house, incident_id).done_at
    house.clock.now += timedelta(hours=1)
    assert house.propose_replan(incident_id) == proposed


def test_nothing_is_proposed_where_nobody_is_named(house: House) -> None:
    incident_id = house.activate()
    assert house.propose_replan(incident_id) is None
    assert "replan_proposed" not in house.facts(incident_id)


def test_a_draft_rests_on_the_usual_day_and_on_what_was_written(house: House) -> None:
    _, link = at_work(house)
    opened = house.open(link)
    before = dict(house.store.entries)
    draft = house.deliveries.draft(opened, {})
    assert (draft.carrier, draft.parcels) == ("steady", {"north": 300, "south": 200})
    changed = house.deliveries.draft(opened, {"carrier": ["swift"], "parcels.north": ["50"]})
    assert changed.carrier == "swift"
    assert [(move.carrier, move.parcels) for move in changed.moves] == [("steady", 50)]
    assert house.store.entries == before


@pytest.mark.parametrize(
    ("form", "field", "problem"),
    [
        ({"carrier": ["nobody"]}, "carrier", "unknown"),
        ({"parcels.north": ["many"]}, "parcels.north", "unusable"),
        ({"parcels.north": ["-1"]}, "parcels.north", "unusable"),
        ({"parcels.north": ["99999999"]}, "parcels.north", "unusable"),
    ],
)
def test_a_draft_says_what_it_can_not_use(house: House, form: dict[str, list[str]], field: str, problem: str) -> None:
    _, link = at_work(house)
    with pytest.raises(UnusableAnswer) as caught:
        house.deliveries.draft(house.open(link), form)
    assert (caught.value.field, caught.value.problem) == (field, problem)


def test_an_order_asks_each_carrier_and_names_what_is_left(house: House) -> None:
    incident_id, link = at_work(house)
    replan = house.replan(link, **NORTH_TO_SWIFT, **{"move.south.thrifty": ["100"]}, once=["one"])
    assert replan.by == LEAD
    assert replan.left == {"south": 100}
    questions = [d for d in house.store.decisions.values() if d.order]
    assert [d.rungs for d in questions] == [(("carrier-swift",), (LEAD,)), (("carrier-thrifty",), (LEAD,))]
    assert house.workflow.releases == [(incident_id, d.id) for d in questions]
    left = next(e for e in house.store.entries.values() if e.fact.value == "parcels_left")
    assert left.details["regions"] == ("south:100",)
    assert task_of(house, incident_id).done_at


def test_the_same_form_twice_is_one_replan_and_another_page_makes_another(house: House) -> None:
    """Also where the first one has taken all the room that there was."""
    _, link = at_work(house)
    most = {"carrier": ["steady"], "parcels.north": ["600"], "move.north.swift": ["600"]}
    first = house.replan(link, **most, once=["one"])
    assert house.replan(link, **most, once=["one"]) == first
    house.clock.now += timedelta(hours=12)
    assert house.replan(link, **most, once=["one"]) == first
    assert len(house.store.replans) == 1
    house.replan(link, carrier=["steady"], **{"move.north.swift": ["10"], "parcels.north": ["10"]}, once=["two"])
    assert len(house.store.replans) == 2


def test_of_two_pages_that_order_at_once_the_second_looks_again_at_what_is_left(house: House) -> None:
    _, link = at_work(house)
    whole = {"carrier": ["steady"], "parcels.north": ["500"], "move.north.swift": ["500"]}
    first, second = house.open(link), house.open(link)
    house.deliveries(first, house.form(first, **whole, once=["one"]))
    with pytest.raises(RecordChanged):
        house.deliveries(second, house.form(second, **whole, once=["two"]))
    with pytest.raises(UnusableAnswer, match=r"move\.north\.swift: capacity"):
        house.replan(link, **whole, once=["two"])
    assert len(house.store.replans) == 1


def test_what_was_ordered_before_takes_its_capacity(house: House) -> None:
    _, link = at_work(house)
    house.replan(link, carrier=["steady"], **{"parcels.north": ["500"], "move.north.swift": ["500"]}, once=["one"])
    with pytest.raises(UnusableAnswer, match=r"move\.north\.swift: capacity"):
        house.replan(link, **NORTH_TO_SWIFT, once=["two"])
    assert house.deliveries.draft(house.open(link), {}).spare["swift"] == 100


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"carrier": ["steady"]}, "moves: missing"),
        ({"move.north.swift": ["1"]}, "carrier: missing"),
        ({"carrier": ["steady"], "move.west.swift": ["1"]}, r"move\.west\.swift: unknown"),
        ({"carrier": ["steady"], "move.north.other": ["1"]}, r"move\.north\.other: unknown"),
        ({"carrier": ["steady"], "move.north.steady": ["1"]}, r"move\.north\.steady: unknown"),
        ({"carrier": ["steady"], "move.": ["1"]}, r"move\.\.: unknown"),
        ({"carrier": ["steady"], "move.north.swift": ["301"]}, r"move\.north\.swift: too_much"),
        ({"carrier": ["steady"], "move.south.thrifty": ["151"]}, r"move\.south\.thrifty: capacity"),
        ({"carrier": ["steady"], "move.north.swift": ["1.5"]}, r"move\.north\.swift: unusable"),
    ],
)
def test_an_order_that_can_not_be_carried_out_does_nothing(
    house: House, fields: dict[str, list[str]], error: str
) -> None:
    _, link = at_work(house)
    with pytest.raises(UnusableAnswer, match=error):
        house.replan(link, **fields, once=["one"])
    assert not house.store.replans
    assert not house.workflow.releases


def test_nobody_else_orders(house: House) -> None:
    incident_id, link = at_work(house)
    other = house.asked(incident_id, DecisionKind.COMPLETE, Team.CUSTOMER_SERVICE)
    with pytest.raises(UnknownLink):
        house.replan(other, **NORTH_TO_SWIFT, once=["one"])
    opened = house.open(link)
    with pytest.raises(ForgedForm):
        house.deliveries(opened, {**NORTH_TO_SWIFT, "nonce": ["x"]})
    helping = replace(opened, link=replace(opened.link, help=True))
    with pytest.raises(NotYours):
        house.deliveries.draft(helping, {})
    house.press(link, Outcome.COMPLETED, measures=["Done"])
    with pytest.raises(DecisionSettled):
        house.replan(link, **NORTH_TO_SWIFT, once=["one"])
    assert not house.store.replans


def test_an_incident_takes_so_many_replans_and_no_more(house: House) -> None:
    _, link = at_work(house)
    one = {"carrier": ["steady"], "move.north.swift": ["1"]}
    for number in range(MOST_REPLANS):
        house.replan(link, **one, once=[str(number)])
    with pytest.raises(TooManyRequests):
        house.replan(link, **one, once=["more"])


# The list of orders


LIST = b"order,region\nA1,north\nA2,north\nA3,west\n"


def test_a_list_that_was_sent_says_how_many_and_goes_on_record_with_the_order(house: House) -> None:
    incident_id, link = at_work(house)
    key = house.upload(link, "late orders.csv", LIST)
    draft = house.deliveries.draft(house.open(link), {"key": [key]})
    assert draft.parcels == {"north": 2}
    assert draft.listed
    assert [one.problem for one in draft.listed.findings] == ["unknown"]
    assert not house.archive.files
    replan = house.replan(link, carrier=["steady"], key=[key], **{"move.north.swift": ["2"]}, once=["one"])
    assert replan.orders == "late orders.csv"
    assert replan.parcels == {"north": 2}
    (name,) = house.archive.files
    entry = next(e for e in house.store.entries.values() if e.fact.value == "parcels_listed")
    assert (entry.details["archived"], entry.details["parcels"], entry.details["bad_rows"]) == (name, 2, 1)
    house.press(link, Outcome.COMPLETED, measures=["Done"])
    house.assemble(incident_id)
    assert name.encode() in house.archive.files[f"{incident_id}/manifest.json"]


def test_a_list_that_a_warehouse_has_put_there_is_found(house: House) -> None:
    incident_id, link = at_work(house)
    key = f"orders/{incident_id}/wms.txt"
    house.uploads.files |= {key: LIST, "orders/INC-OTHER/x.csv": LIST}
    opened = house.open(link)
    assert [one.name for one in house.deliveries.lists(opened)] == ["wms.txt"]
    assert house.deliveries.draft(opened, {"key": [key]}).parcels == {"north": 2}


@pytest.mark.parametrize("key", ["orders/INC-OTHER/x.csv", "uploads/x", "records/secret", "orders/", "../x"])
def test_a_list_of_somebody_else_is_none(house: House, key: str) -> None:
    _, link = at_work(house)
    house.uploads.files[key] = LIST
    with pytest.raises(UnusableFile, match="missing"):
        house.deliveries.draft(house.open(link), {"key": [key]})


def test_a_list_that_can_not_be_read_orders_nothing(house: House) -> None:
    _, link = at_work(house)
    key = house.upload(link, "picture.csv", b"\x89PNG\0\xff")
    with pytest.raises(UnusableFile, match="encoding"):
        house.replan(link, **NORTH_TO_SWIFT, key=[key], once=["one"])
    assert not house.store.replans


# What the carriers say


def test_a_carrier_confirms_by_its_own_link_and_the_lead_is_told(house: House) -> None:
    incident_id, question = ordered(house)
    with pytest.raises(DecisionStillOpen):
        house.settle_carrier(incident_id, question)
    house.press(house.link_ids("carrier-swift")[-1], Outcome.CONFIRMED)
    assert house.workflow.resumed[-1] == ("carrier", question, Outcome.CONFIRMED)
    assert house.settle_carrier(incident_id, question) is Outcome.CONFIRMED
    assert house.facts(incident_id).count("carrier_confirmed") == 1
    assert house.post.sent[-1].subject == "carrier_confirmed"
    assert house.post.sent[-1].to.id == LEAD


def test_what_a_carrier_declines_is_left_and_goes_to_others_next(house: House) -> None:
    incident_id, question = ordered(house)
    link = house.link_ids("carrier-swift")[-1]
    with pytest.raises(UnusableAnswer, match="comment: missing"):
        house.press(link, Outcome.DECLINED)
    house.press(link, Outcome.DECLINED, comment=["No vans"])
    house.settle_carrier(incident_id, question)
    left = [e for e in house.store.entries.values() if e.fact.value == "parcels_left" and e.key.startswith("carrier")]
    assert [e.details["regions"] for e in left] == [("north:300",)]
    assert house.post.sent[-1].subject == "carrier_declined"
    lead = next(link for link in house.link_ids(LEAD))
    draft = house.deliveries.draft(house.open(lead), {"parcels.south": ["0"]})
    assert draft.moves == ()
    assert draft.spare["swift"] == 600


def test_a_silent_carrier_is_answered_for_by_the_lead_who_has_phoned(house: House) -> None:
    incident_id, question = ordered(house)
    house.time_out(incident_id, question)
    house.ask(incident_id, question, level=1, token="lead")
    house.press(house.link_ids(LEAD)[-1], Outcome.CONFIRMED)
    sent = len(house.post.sent)
    assert house.settle_carrier(incident_id, question) is Outcome.CONFIRMED
    assert len(house.post.sent) == sent
    entry = next(e for e in house.store.entries.values() if e.fact.value == "carrier_confirmed")
    assert entry.actor == LEAD


def test_a_carrier_whom_nobody_hears_of_has_not_taken_over(house: House) -> None:
    incident_id, question = ordered(house)
    house.lapse(incident_id, question)
    assert house.settle_carrier(incident_id, question) is Outcome.NOT_CONFIRMED
    assert "carrier_declined" in house.facts(incident_id)
    assert "parcels_left" in house.facts(incident_id)


def test_an_order_whose_execution_could_not_start_is_followed_up(house: House) -> None:
    incident_id, link = at_work(house)
    house.replan(link, **NORTH_TO_SWIFT, once=["one"])
    ((_, question),) = house.workflow.releases
    house.workflow.releases.clear()
    house.follow_up(incident_id, question)
    assert house.workflow.releases == [(incident_id, question)]


def test_a_carrier_s_question_has_a_name_that_an_execution_can_have(house: House) -> None:
    long = [f"a-carrier-with-a-very-long-name-{number}" for number in range(2)]
    swift = house.plan.carriers["swift"]
    house.plan = replace(house.plan, carriers={**house.plan.carriers, **{id_: replace(swift, id=id_) for id_ in long}})
    _, link = at_work(house)
    house.replan(link, carrier=["steady"], **{f"move.north.{id_}": ["1"] for id_ in long}, once=["one"])
    names = {f"{incident}-{decision}-decision" for incident, decision in house.workflow.releases}
    assert len(names) == 2
    assert all(len(name) <= 80 for name in names)


# What a carrier sees


def test_a_carrier_is_told_its_order_and_nothing_else(house: House) -> None:
    incident_id, question = ordered(house)
    opened = house.open(house.link_ids("carrier-swift")[-1])
    assert opened.record.timeline == ()
    briefing = opened.briefing
    assert briefing.outside
    assert briefing.assignment is None
    assert not any(briefing.incident.title.values())
    assert briefing.decision.rungs == (("carrier-swift",),)
    house.note(house.link_ids(LEAD)[-1], "canary")
    again = house.open(house.link_ids("carrier-swift")[-1])
    told = repr(again.briefing) + repr(again.record)
    for secret in ("canary", "Parcels late", "Late", LEAD, "late-steady", "carriers/steady"):
        assert secret not in told
    mailed = house.briefer().about(house.store.decisions[incident_id, question], "carrier-swift")
    assert mailed == briefing


def test_what_the_lead_wrote_for_a_carrier_stays_inside(house: House) -> None:
    incident_id, question = ordered(house)
    house.time_out(incident_id, question)
    house.ask(incident_id, question, level=1, token="lead")
    house.press(house.link_ids(LEAD)[-1], Outcome.DECLINED, comment=["canary: they never pick up"])
    opened = house.open(house.link_ids("carrier-swift")[-1])
    answer = opened.briefing.decision.answer
    assert answer
    assert (answer.outcome, answer.by, answer.fields) == (Outcome.DECLINED, "", {})
    assert digest_of(house.link_ids("carrier-swift")[-1]) == opened.link.digest
