"""What every port of the records promises, held against the in-memory fakes and the DynamoDB adapters alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from emergency.aws.codec import to_attributes, to_item
from emergency.aws.identity import DynamoAddressBook, DynamoChallenges
from emergency.aws.records import DynamoAssignments, DynamoDecisions, DynamoIncidents
from emergency.aws.signals import DynamoSignals
from emergency.aws.stock import DynamoHotlines, DynamoInventory
from emergency.aws.table import ConditionFailed, RecordsTable, incident_key
from emergency.domain.assignment import assignment_for, ticked
from emergency.domain.classification import incident_from, rule_for
from emergency.domain.correlation import Register, Window, alarm_of, heard, switched, with_family, with_opened
from emergency.domain.decision import Asked, Decision, Vote, asked, prepared, voted, without_the_unreachable
from emergency.domain.errors import (
    DecisionNotFound,
    IncidentNotFound,
    NothingInStock,
    Overdrawn,
    RecordChanged,
    UnknownLink,
)
from emergency.domain.event import read_signal
from emergency.domain.filing import Filing
from emergency.domain.incident import Incident, IncidentStatus, Orders, ordered
from emergency.domain.inventory import Allocation, CallCount, Expense, OpenHotline, Stock
from emergency.domain.link import Link
from emergency.domain.plan import Correlation, Plan
from emergency.domain.second_factor import Challenge
from emergency.domain.signal import Disposition, KeptSignal, SignalRecord
from emergency.domain.terms import DecisionKind, Factor, Outcome, Severity, Step, Team
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from emergency.use_cases.ask_people import LookForAnswer
from emergency.use_cases.attempts import until_written
from tests.functions.conftest import at_once
from tests.support.events import alarm
from tests.support.memory import (
    MemoryAddressBook,
    MemoryAssignments,
    MemoryChallenges,
    MemoryDecisions,
    MemoryHotlines,
    MemoryIncidents,
    MemoryInventory,
    MemorySignals,
    MemoryStore,
)
from tests.support.opening import open_incident
from tests.support.plans import with_resource, working_plan

NOW = datetime(2026, 11, 22, 3, 13, 0, 123000, tzinfo=UTC)
PLACE = Place(execution="INC-1", state="A state")


@dataclass
class Records:
    signals: Any
    incidents: Any
    decisions: Any
    assignments: Any
    inventory: Any
    hotlines: Any
    challenges: Any
    book: Any


@pytest.fixture(params=["memory", "dynamodb"])
def records(request: pytest.FixtureRequest, table: RecordsTable) -> Records:
    if request.param == "memory":
        store = MemoryStore()
        return Records(
            MemorySignals(store),
            MemoryIncidents(store),
            MemoryDecisions(store),
            MemoryAssignments(store),
            MemoryInventory(store),
            MemoryHotlines(store),
            MemoryChallenges(store),
            MemoryAddressBook(store),
        )
    return Records(
        DynamoSignals(table),
        DynamoIncidents(table),
        DynamoDecisions(table),
        DynamoAssignments(table),
        DynamoInventory(table),
        DynamoHotlines(table),
        DynamoChallenges(table),
        DynamoAddressBook(table),
    )


def entry(key: str, at: datetime = NOW) -> TimelineEntry:
    return TimelineEntry(
        key=key,
        at=at,
        step=Step.ORDERS,
        fact=Fact.PLAN_ACTIVATED,
        actor=SYSTEM,
        place=PLACE,
        details={"severity": "SEV1", "teams": ("technical_support",), "count": 2},
    )


def incident(plan: Plan, incident_id: str = "INC-1") -> Incident:
    signal = read_signal(alarm())
    return incident_from(signal, rule_for(signal, plan), plan, incident_id=incident_id, now=NOW)


def signal(signal_id: str = "s-1", disposition: Disposition = Disposition.OPENED) -> SignalRecord:
    return SignalRecord(id=signal_id, disposition=disposition, at=NOW, received_at=NOW, incident_id="INC-1")


@pytest.fixture
def opened(records: Records, plan: Plan) -> Incident:
    open_incident(records.signals, incident(plan), signal(), entry("signal/s-1"))
    stored = records.incidents.get("INC-1")
    assert isinstance(stored, Incident)
    return stored


def test_an_incident_comes_back_as_it_was_stored(records: Records, opened: Incident, plan: Plan) -> None:
    assert opened == incident(plan)
    assert records.signals.recorded("s-1") == signal()
    assert [one.id for one in records.signals.register().incidents] == ["INC-1"]
    assert records.incidents.timeline("INC-1") == (entry("signal/s-1"),)


def test_one_incident_opens_on_one_register(records: Records, plan: Plan) -> None:
    read = records.signals.register()
    open_incident(records.signals, incident(plan), signal(), entry("signal/s-1"))
    second = incident(plan, "INC-2")
    late = Filing(kept=kept(signal("s-2")), incident=second, register=with_opened(read, second, read_signal(alarm())))
    with pytest.raises(RecordChanged):
        records.signals.file(late)
    with pytest.raises(IncidentNotFound):
        records.incidents.get("INC-2")


def kept(record: SignalRecord, state: str = "ALARM") -> KeptSignal:
    read = read_signal({**alarm(state=state, event_id=record.id), "new": "unknown"})
    return KeptSignal(record=record, signal=replace(read, at=record.at), event='{"new": "unknown"}')


@pytest.mark.usefixtures("opened")
def test_what_a_signal_changes_is_written_once_and_comes_back(records: Records) -> None:
    signals = records.signals
    tally, arn = signals.tally("INC-1"), alarm_of(read_signal(alarm()))
    off = heard(signals.alarms([arn, "other"])[arn], arn, is_on=False, at=NOW, incident_id="INC-1", rules=Correlation())
    one = kept(signal("s-2", Disposition.CLEARED), "OK")
    filing = Filing(
        kept=one,
        alarm=off,
        tallies=(switched(tally, signals.alarms([arn])[arn], off),),
        register=with_family(signals.register(), "INC-1", replace(one.signal, children=("child",))),
        entries=(entry("signal/s-2"),),
    )
    signals.file(filing)
    with pytest.raises(RecordChanged):
        signals.file(filing)
    after = signals.tally("INC-1")
    assert (after.signals, after.alarms, after.on, after.cleared_at) == (1, 1, 0, NOW)
    assert records.incidents.record("INC-1").tally == after
    assert signals.alarms([arn])[arn] == replace(off, version=2)
    assert "child" in signals.register().incident("INC-1").family
    assert one in list(records.incidents.signals("INC-1"))
    assert records.incidents.get("INC-1").version == 0
    assert [found.key for found in records.incidents.timeline("INC-1")] == ["signal/s-1", "signal/s-2"]


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("part", ["alarm", "tallies", "register", "entries"])
def test_a_signal_that_was_decided_on_what_moved_since_changes_nothing(records: Records, part: str) -> None:
    signals = records.signals
    tally, arn = signals.tally("INC-1"), alarm_of(read_signal(alarm()))
    known = signals.alarms([arn])[arn]
    parts: dict[str, Any] = {
        "alarm": replace(known, version=7),
        "tallies": (replace(tally, version=7),),
        "register": replace(signals.register(), version=7),
        "entries": (entry("signal/s-1"),),
    }
    right = {"alarm": known, "tallies": (tally,), "register": signals.register(), "entries": ()}
    filing = Filing(kept=kept(signal("s-2", Disposition.JOINED)), **{**right, part: parts[part]})
    with pytest.raises(RecordChanged):
        signals.file(filing)
    assert signals.recorded("s-2") is None
    assert signals.tally("INC-1") == tally


def test_a_signal_that_meets_the_end_of_its_incident_joins_nothing(records: Records, opened: Incident) -> None:
    tally = records.signals.tally("INC-1")
    records.incidents.save(replace(opened, status=IncidentStatus.CLOSED, closed_at=NOW), release_cause=True)
    with pytest.raises(RecordChanged):
        records.signals.file(Filing(kept=kept(signal("s-2", Disposition.JOINED)), tallies=(tally,)))
    assert records.signals.recorded("s-2") is None
    assert records.signals.tally("INC-1").ended_at == NOW


def test_a_signal_without_an_incident_is_kept_until_it_has_one(records: Records) -> None:
    early = kept(replace(signal("s-0", Disposition.IGNORED), incident_id=""), "OK")
    records.signals.file(Filing(kept=early))
    assert records.signals.early("s-0") == early
    mine = replace(early, record=replace(early.record, disposition=Disposition.CLEARED, incident_id="INC-1"))
    records.signals.file(Filing(kept=kept(signal("s-1", Disposition.JOINED)), early=(mine,)))
    assert records.signals.early("s-0") is None
    assert records.signals.recorded("s-0").disposition is Disposition.CLEARED
    assert mine in list(records.incidents.signals("INC-1"))


@pytest.mark.usefixtures("opened")
def test_what_several_signals_change_is_written_together_or_not_at_all(records: Records) -> None:
    signals = records.signals
    tally, arn = signals.tally("INC-1"), alarm_of(read_signal(alarm()))
    known = signals.alarms([arn])[arn]
    early = kept(replace(signal("s-2", Disposition.IGNORED), incident_id=""), "OK")
    mine = replace(early, record=replace(early.record, disposition=Disposition.CLEARED, incident_id="INC-1"))
    joined = Filing(
        kept=kept(signal("s-3", Disposition.JOINED)),
        early=(mine,),
        alarm=replace(known, changed_at=NOW),
        tallies=(replace(tally, signals=2),),
        entries=(entry("signal/s-3"),),
    )
    last = Filing(kept=kept(signal("s-4", Disposition.JOINED)), tallies=(replace(tally, signals=3),))
    filings = [Filing(kept=early), joined, last]
    with pytest.raises(RecordChanged):
        signals.file(*filings, Filing(kept=kept(signal("s-1"))))
    assert signals.tally("INC-1") == tally
    signals.file(*filings)
    found = signals.recorded_among(["s-2", "s-2", "s-3", "s-4", "s-5"])
    assert {id_: record.disposition for id_, record in found.items()} == {
        "s-2": Disposition.CLEARED,
        "s-3": Disposition.JOINED,
        "s-4": Disposition.JOINED,
    }
    counted = replace(tally, signals=3, version=tally.version + 1)
    assert (signals.tally("INC-1"), signals.tallies(["INC-1", "INC-1", "INC-2"])) == (counted, {"INC-1": counted})
    assert signals.alarms([arn])[arn] == replace(known, changed_at=NOW, version=known.version + 1)
    assert {one.record.id for one in records.incidents.signals("INC-1")} == {"s-1", "s-2", "s-3", "s-4"}
    assert [one.key for one in records.incidents.timeline("INC-1")] == ["signal/s-1", "signal/s-3"]


def test_more_alarms_are_known_than_one_read_takes(records: Records) -> None:
    opens = read_signal(alarm())
    known = {f"arn:{number}" for number in range(250)}
    assert not records.signals.alarms([*known, opens.alarm])


def test_the_register_is_stored_at_its_version(records: Records) -> None:
    window = Window(id="MNT-1", components=("search*",), alarms=(), first=NOW, last=NOW)
    read = records.signals.register()
    records.signals.save(replace(read, windows=(window,)))
    with pytest.raises(RecordChanged):
        records.signals.save(read)
    assert records.signals.register() == Register(windows=(window,), version=1)


def test_noting_a_signal_twice_keeps_the_first_and_a_rejection_gives_way(records: Records) -> None:
    records.signals.note(signal("s", Disposition.REJECTED))
    records.signals.note(signal("s", Disposition.IGNORED))
    records.signals.note(signal("s", Disposition.JOINED))
    assert records.signals.recorded("s").disposition is Disposition.IGNORED


def test_saving_an_incident_that_moved_is_refused_and_writes_nothing(records: Records, opened: Incident) -> None:
    records.incidents.save(replace(opened, report_round=1), [entry("one")])
    with pytest.raises(RecordChanged):
        records.incidents.save(replace(opened, report_round=2), [entry("two")])
    assert records.incidents.get("INC-1").report_round == 1
    assert [e.key for e in records.incidents.timeline("INC-1")] == ["one", "signal/s-1"]


def test_orders_come_back_whole_and_a_released_cause_can_open_again(
    records: Records, opened: Incident, plan: Plan
) -> None:
    orders = Orders(
        decision_id="orders",
        outcome=Outcome.STAND_DOWN,
        severity=Severity.SEV2,
        teams=(),
        task_force=(),
        by="ceo",
        at=NOW,
        comment="字",
    )
    records.incidents.save(ordered(opened, orders), [entry("orders")], release_cause=True)
    assert records.incidents.get("INC-1").orders == orders
    assert not records.signals.register().incidents
    former = records.signals.former(opened.cause)
    assert (former.incident_id, former.ended_at, former.stood_down) == ("INC-1", NOW, True)
    open_incident(records.signals, incident(plan, "INC-2"), signal("s-2"), entry("signal/s-2"))


def test_an_incident_whose_response_is_over_stays_open_for_aftershocks(records: Records, opened: Incident) -> None:
    records.incidents.save(replace(opened, handled_at=NOW), release_cause=True)
    assert [one.handled_at for one in records.signals.register().incidents] == [NOW]
    assert records.signals.tally("INC-1").ended_at is None
    assert records.signals.former(opened.cause) is None


def test_an_incident_from_before_the_register_is_joined_and_ends_as_it_would_have(
    table: RecordsTable, plan: Plan
) -> None:
    signals, incidents, first = DynamoSignals(table), DynamoIncidents(table), replace(incident(plan), signals=3)
    table.write(
        [
            table.put(to_item(first, incident_key(first.id), "INCIDENT")),
            table.put(to_attributes({"pk": f"CAUSE#{first.cause}", "sk": "OPEN", "incident_id": first.id})),
        ]
    )
    assert signals.open_incident_of(first.cause) == first.id
    tally = signals.tally(first.id)
    assert tally is not None
    assert (tally.signals, tally.ended_at) == (3, None)
    signals.file(Filing(kept=kept(signal("s-2", Disposition.JOINED)), tallies=(replace(tally, signals=4),)))
    incidents.save(replace(first, status=IncidentStatus.CLOSED, closed_at=NOW), release_cause=True)
    assert signals.open_incident_of(first.cause) is None
    ended = signals.tally(first.id)
    assert ended is not None
    assert (ended.signals, ended.ended_at) == (4, NOW)


def test_an_incident_ends_though_its_cause_was_let_go_by_hand_and_opened_another(
    table: RecordsTable, plan: Plan
) -> None:
    signals, incidents = DynamoSignals(table), DynamoIncidents(table)
    open_incident(signals, incident(plan), signal(), entry("signal/s-1"))
    first = incidents.get("INC-1")
    signals.save(replace(signals.register(), incidents=()))
    open_incident(signals, incident(plan, "INC-2"), signal("s-2"), entry("signal/s-2"))
    incidents.save(replace(first, status=IncidentStatus.CLOSED, closed_at=NOW), release_cause=True)
    assert incidents.get("INC-1").status is IncidentStatus.CLOSED
    assert [one.id for one in signals.register().incidents] == ["INC-2"]


@pytest.mark.usefixtures("opened")
def test_the_timeline_is_in_order_of_time_and_an_entry_is_written_once(records: Records) -> None:
    later, sooner = NOW + timedelta(seconds=2), NOW - timedelta(seconds=2)
    records.incidents.add("INC-1", [entry("b", later), entry("c", sooner)])
    records.incidents.add("INC-1", [entry("b", NOW)])
    assert [(e.key, e.at) for e in records.incidents.timeline("INC-1")] == [
        ("c", sooner),
        ("signal/s-1", NOW),
        ("b", later),
    ]


@pytest.mark.usefixtures("opened")
def test_one_entry_is_found_by_its_key(records: Records) -> None:
    records.incidents.add("INC-1", [entry("worse/SEV1")])
    assert records.incidents.entry("INC-1", "worse/SEV1") == entry("worse/SEV1")
    assert records.incidents.entry("INC-1", "worse/SEV2") is None
    assert records.incidents.entry("INC-2", "worse/SEV1") is None


def question(about: Incident, plan: Plan) -> Decision:
    return prepared(about, plan, kind=DecisionKind.ORDERS, team=None, form_key="key", place=PLACE, now=NOW)


def test_a_decision_keeps_everything_and_its_versions(records: Records, opened: Incident, plan: Plan) -> None:
    decision = question(opened, plan)
    assert records.decisions.create(decision) == decision
    assert records.decisions.create(replace(decision, form_key="other")) == decision
    link = Link(digest="d", incident_id="INC-1", decision_id="orders", contact="ceo", level=0, made_at=NOW)
    saved = records.decisions.save(
        asked(decision, Asked(contact="ceo", level=0, at=NOW, mail_id="m")), [entry("asked")], [link]
    )
    settled = records.decisions.save(
        voted(saved, Vote(by="ceo", outcome=Outcome.ACTIVATE, fields={"comment": "go"}, at=NOW))
    )
    assert records.decisions.get("INC-1", "orders") == settled
    assert records.decisions.link("d") == link
    with pytest.raises(RecordChanged):
        records.decisions.save(saved)
    record = records.incidents.record("INC-1")
    assert record.decisions == {"orders": settled}


def test_r24_a_question_put_before_rungs_had_their_own_times_is_read_and_goes_on_as_its_execution_knows(
    table: RecordsTable, plan: Plan
) -> None:
    """Taken out: the default of `waits`; `is_from_before` in `LookForAnswer` and in `without_the_unreachable`."""
    decisions, incidents = DynamoDecisions(table), DynamoIncidents(table)
    old = {
        "pk": "INCIDENT#INC-1",
        "sk": "DECISION#orders",
        "incident_id": "INC-1",
        "id": "orders",
        "kind": "orders",
        "round": 0,
        "rungs": [["ceo"], ["cto", "coo"]],
        "wait": 600,
        "on_silence": "activate",
        "level": 0,
        "opened_at": NOW.isoformat(),
        "due_at": NOW.isoformat(),
        "form_key": "key",
        "task_token": "t",
        "version": 3,
        "place": {"execution": "INC-1-orders", "state": "Ask"},
        "asked": [{"contact": "ceo", "level": 0, "at": NOW.isoformat(), "mail_id": "m"}],
    }
    table.write([table.put_new(to_attributes(old))])
    decision = decisions.get("INC-1", "orders")
    assert [decision.seconds(level) for level in (0, 1)] == [600, 600]
    assert without_the_unreachable(decision, {"ceo"}, {"ceo"}) == decision
    look = LookForAnswer(decisions=decisions, incidents=incidents, clock=lambda: NOW)
    assert look("INC-1", "orders", 0, PLACE).standing == "escalate"
    assert look("INC-1", "orders", 1, PLACE).standing == "lapse"
    settled = decisions.save(voted(decision, Vote(by="ceo", outcome=Outcome.ACTIVATE, at=NOW)))
    assert settled.answer is not None


def test_a_decision_that_another_transaction_held_up_is_tried_again(
    table: RecordsTable, opened: Incident, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DecisionNotFound would not be: no state retries it."""
    decision = question(opened, plan)

    def conflict(_self: object, _writes: object) -> None:
        raise ConditionFailed([0])

    monkeypatch.setattr(RecordsTable, "write", conflict)
    with pytest.raises(RecordChanged):
        DynamoDecisions(table).create(decision)


def test_an_assignment_that_another_transaction_held_up_is_tried_again(
    table: RecordsTable, opened: Incident, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was given back as if it were stored: the team was called for tasks that nobody could tick."""
    assignment = assignment_for(opened, Team.TECHNICAL_SUPPORT, plan, NOW)

    def conflict(_self: object, _writes: object) -> None:
        raise ConditionFailed([0])

    monkeypatch.setattr(RecordsTable, "write", conflict)
    with pytest.raises(RecordChanged):
        DynamoAssignments(table).create(assignment, entry("a"))


def test_r24_records_from_before_teams_work_are_read_and_written_on(table: RecordsTable, plan: Plan) -> None:
    """Taken out: `attribute_not_exists(spent)` or `attribute_not_exists(gone)`; the defaults of what is new."""
    open_incident(DynamoSignals(table), incident(plan), signal(), entry("signal/s-1"))
    pk, at = "INCIDENT#INC-1", NOW.isoformat()
    old_loan = {"incident_id": "INC-1", "resource": "spare-server", "team": "technical_support", "lent_at": at}
    old_task = {"id": "look", "text": {"en": "Look"}, "due_at": at}
    for item in (
        {"pk": pk, "sk": f"ALLOCATION#{loan(2).id}", **old_loan, "wanted": 2, "quantity": 2},
        {"pk": "RESOURCE#spare-server", "sk": "RESOURCE", "lent": 2},
        {
            "pk": pk,
            "sk": "ASSIGNMENT#technical_support",
            "incident_id": "INC-1",
            "team": "technical_support",
            "lead": "cto",
            "tasks": [old_task],
            "assigned_at": at,
            "version": 1,
        },
        {"pk": "LINK#d", "sk": "LINK", "digest": "d", "incident_id": "INC-1", "decision_id": "x", "contact": "cto"}
        | {"level": 0, "made_at": at},
    ):
        table.write([table.put_new(to_attributes(item))])
    inventory = DynamoInventory(table)
    assert left_of(inventory, plan) == 1
    inventory.spend(expense(1), [entry("spent")])
    counted = with_resource(plan, "spare-server", stock=2, counted=date(2026, 11, 1))
    assert left_of(inventory, counted) == 1
    (stored,) = inventory.allocations("INC-1")
    inventory.give_back(stored, [entry("r")], NOW)
    assert left_of(inventory, counted) == 2
    record = DynamoIncidents(table).record("INC-1")
    (task,) = record.assignments[Team.TECHNICAL_SUPPORT].tasks
    assert (task.step, task.owner, task.is_open) == (Step.EMERGENCY_RESPONSE, "", True)
    assert (record.incident.handled_at, record.deadlines, record.expenses[0].quantity) == (None, {}, 1)
    assert not DynamoDecisions(table).link("d").help
    done = ticked(record.assignments[Team.TECHNICAL_SUPPORT], {"look"}, task.step, by="cto", now=NOW)
    assert DynamoAssignments(table).save(done, [entry("t")]).version == 2


def left_of(inventory: DynamoInventory, plan: Plan) -> int:
    return inventory.stock(plan.resources["spare-server"]).left


def test_what_is_unknown_is_said_by_name(records: Records) -> None:
    reads: list[tuple[Callable[[], object], type[Exception]]] = [
        (lambda: records.incidents.get("INC-9"), IncidentNotFound),
        (lambda: records.incidents.record("INC-9"), IncidentNotFound),
        (lambda: records.decisions.get("INC-9", "orders"), DecisionNotFound),
        (lambda: records.decisions.link("nothing"), UnknownLink),
    ]
    for read, error in reads:
        with pytest.raises(error):
            read()
    assert records.signals.recorded("nothing") is None


def test_an_assignment_is_stored_once(records: Records, opened: Incident, plan: Plan) -> None:
    assignment = assignment_for(opened, Team.TECHNICAL_SUPPORT, plan, NOW)
    assert records.assignments.create(assignment, entry("a")) == assignment
    later = replace(assignment, assigned_at=NOW + timedelta(seconds=9))
    assert records.assignments.create(later, entry("a")) == assignment
    assert records.assignments.get("INC-1", Team.TECHNICAL_SUPPORT) == assignment
    assert records.assignments.get("INC-1", Team.PUBLIC_RELATIONS) is None


def loan(quantity: int, resource: str = "spare-server") -> Allocation:
    return Allocation(
        incident_id="INC-1",
        resource=resource,
        team=Team.TECHNICAL_SUPPORT,
        wanted=quantity,
        quantity=quantity,
        lent_at=NOW,
    )


def left(records: Records, plan: Plan, resource: str = "spare-server") -> int:
    there: int = records.inventory.stock(plan.resources[resource]).left
    return there


@pytest.mark.usefixtures("opened")
def test_the_stock_is_never_overdrawn_and_a_loan_counts_once(records: Records, plan: Plan) -> None:
    inventory = records.inventory
    inventory.lend([loan(2)], plan, [entry("l")])
    inventory.lend([loan(2)], plan, [entry("l")])
    assert left(records, plan) == 1
    other = replace(loan(2), team=Team.PUBLIC_RELATIONS)
    with pytest.raises(NothingInStock):
        inventory.lend([other], plan, [entry("o")])
    inventory.lend([replace(other, quantity=0)], plan, [entry("o")])
    inventory.give_back(loan(2), [entry("r")], NOW)
    inventory.give_back(loan(2), [entry("r")], NOW)
    assert left(records, plan) == 3
    assert {a.returned_at for a in inventory.allocations("INC-1") if a.quantity} == {NOW}


@pytest.mark.usefixtures("opened")
def test_nothing_is_lent_and_returned_where_the_plan_was_cut_below_what_is_out(records: Records, plan: Plan) -> None:
    records.inventory.lend([loan(3)], plan, [entry("l")])
    none = replace(loan(2), team=Team.PUBLIC_RELATIONS, quantity=0)
    records.inventory.lend([none], with_resource(plan, "spare-server", stock=1), [entry("o")])
    records.inventory.give_back(none, [entry("r")], NOW)
    assert left(records, plan) == 0
    assert {a.team: a.returned_at for a in records.inventory.allocations("INC-1")}[Team.PUBLIC_RELATIONS] == NOW


def all_loans(incident_id: str = "INC-1", person: str = "mei") -> list[Allocation]:
    """What a playbook lends: two servers, and somebody of the reserve."""
    servers = replace(loan(2), incident_id=incident_id)
    staff = replace(servers, resource="rear-staff", wanted=1, quantity=1, people=(person,))
    return [servers, staff]


@pytest.mark.usefixtures("opened")
def test_p6_4_all_loans_of_an_incident_are_taken_together_or_none(records: Records) -> None:
    """Taken out: one transaction, by writing each loan alone; the condition on the stock; that on the reserve."""
    plan, inventory = working_plan(), records.inventory
    inventory.lend(all_loans(), plan, [entry("l")])
    for second in (all_loans("INC-2"), all_loans("INC-2", "jun")):
        with pytest.raises(NothingInStock):
            inventory.lend(second, plan, [entry("l")])
        assert inventory.allocations("INC-2") == ()
        assert records.incidents.timeline("INC-2") == ()
    assert left(records, plan) == 1
    assert inventory.stock(plan.resources["rear-staff"]) == Stock(left=1, free=("jun",))


@pytest.mark.usefixtures("opened")
def test_p6_4_nobody_of_the_reserve_is_called_by_two_incidents(records: Records) -> None:
    """Taken out: the condition on `RESERVE#…`; there are two people, so their number alone forbids nothing."""
    plan, inventory = working_plan(), records.inventory
    first, second = all_loans()[1:], all_loans("INC-2")[1:]
    inventory.lend(first, plan, [entry("l")])
    with pytest.raises(NothingInStock):
        inventory.lend(second, plan, [entry("l")])
    inventory.give_back(first[0], [entry("r")], NOW)
    inventory.lend(second, plan, [entry("l")])
    inventory.give_back(first[0], [entry("r")], NOW)
    assert inventory.stock(plan.resources["rear-staff"]).free == ("jun",)


def expense(quantity: int, once: str = "e") -> Expense:
    return Expense(
        incident_id="INC-1",
        id=f"{once}-{quantity}",
        allocation=loan(2).id,
        resource="spare-server",
        team=Team.TECHNICAL_SUPPORT,
        quantity=quantity,
        reason="Broken",
        by="cto",
        at=NOW,
    )


@pytest.mark.usefixtures("opened")
def test_p7_nobody_spends_more_than_they_have_and_an_expense_counts_once(records: Records, plan: Plan) -> None:
    """Taken out: `expense.quantity > loan.left`; the look for the expense before the look whether it was returned."""
    inventory = records.inventory
    inventory.lend([loan(2)], plan, [entry("l")])
    for _ in range(2):
        inventory.spend(expense(1), [entry("spent")])
    for too_much in (expense(2), replace(expense(1, "x"), allocation="unknown")):
        with pytest.raises(Overdrawn):
            inventory.spend(too_much, [entry("too much")])
    (stored,) = inventory.allocations("INC-1")
    assert (stored.spent, stored.left) == (1, 1)
    inventory.give_back(stored, [entry("r")], NOW)
    inventory.spend(expense(1), [entry("spent")])
    with pytest.raises(Overdrawn):
        inventory.spend(expense(1, "late"), [entry("late")])
    assert left(records, plan) == 2
    assert [e.id for e in records.incidents.record("INC-1").expenses] == ["e-1"]
    assert [e.key for e in records.incidents.timeline("INC-1")] == ["l", "r", "signal/s-1", "spent"]


@pytest.mark.usefixtures("opened")
def test_p7_a_loan_goes_back_as_it_is_and_not_as_it_was(records: Records, plan: Plan) -> None:
    """Taken out: the condition on `spent` in `give_back`; what was spent meanwhile would be back in the stock."""
    records.inventory.lend([loan(2)], plan, [entry("l")])
    records.inventory.spend(expense(1), [entry("spent")])
    with pytest.raises(RecordChanged):
        records.inventory.give_back(loan(2), [entry("r")], NOW)
    assert left(records, plan) == 1


@pytest.mark.usefixtures("opened")
def test_p7_a_stock_take_begins_the_count_anew_once(records: Records, plan: Plan) -> None:
    """What was written off before is no longer in the plan's number; what was written off since still is."""
    records.inventory.lend([loan(2)], plan, [entry("l")])
    records.inventory.spend(expense(1), [entry("one")])
    recounted = with_resource(plan, "spare-server", stock=2, counted=date(2026, 11, 1))
    assert [left(records, recounted) for _ in range(2)] == [1, 1]
    records.inventory.spend(expense(1, "second"), [entry("two")])
    assert [left(records, recounted) for _ in range(2)] == [1, 1]
    older = with_resource(recounted, "spare-server", counted=date(2026, 10, 1))
    assert left(records, older) == 1


def test_p7_two_who_read_a_stock_take_at_once_count_once(
    table: RecordsTable, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out: `counted < :day`. The second would take off what was written off after the first."""
    inventory = DynamoInventory(table)
    inventory.lend([loan(2)], plan, [entry("l")])
    inventory.spend(expense(1), [entry("one")])
    recounted = with_resource(plan, "spare-server", stock=2, counted=date(2026, 11, 1))
    write = RecordsTable.write

    def others_come_first(self: RecordsTable, writes: Any) -> None:
        monkeypatch.setattr(RecordsTable, "write", write)
        inventory.stock(recounted.resources["spare-server"])
        inventory.spend(expense(1, "second"), [entry("two")])
        write(self, writes)

    monkeypatch.setattr(RecordsTable, "write", others_come_first)
    assert inventory.stock(recounted.resources["spare-server"]).left == 1


def test_people_that_were_written_off_are_not_lent_beyond_those_who_are_there(records: Records) -> None:
    plan = working_plan()
    (staff,) = all_loans()[1:]
    records.inventory.lend([staff], plan, [entry("l")])
    gone = replace(expense(1), allocation=staff.id, resource="rear-staff")
    records.inventory.spend(gone, [entry("gone")])
    recounted = with_resource(plan, "rear-staff", counted=date(2026, 11, 1))
    assert records.inventory.stock(recounted.resources["rear-staff"]) == Stock(left=1, free=("jun",))


@pytest.mark.usefixtures("_one_call_at_a_time")
def test_p6_4_of_many_incidents_that_lend_at_once_as_many_get_some_as_there_is(table: RecordsTable) -> None:
    """Taken out: `lent <= :most`."""
    plan, inventory = working_plan(), DynamoInventory(table)
    lend = [
        partial(inventory.lend, [replace(loan(1), incident_id=f"INC-{number}")], plan, [entry("l")])
        for number in range(8)
    ]
    given = at_once(lend)
    assert [type(one) for one in given if one is not None] == [NothingInStock] * 5
    lent = [one for number in range(8) for one in inventory.allocations(f"INC-{number}")]
    assert len(lent) == 3
    assert inventory.stock(plan.resources["spare-server"]).left == 0


@pytest.mark.usefixtures("_one_call_at_a_time")
def test_p7_funds_that_several_spend_at_once_are_never_overdrawn(table: RecordsTable, plan: Plan) -> None:
    """Taken out: the condition on `spent` in `spend`."""
    inventory = DynamoInventory(table)
    funds = replace(loan(500), resource="funds")
    inventory.lend([funds], plan, [entry("l")])

    def spend(number: int) -> None:
        one = replace(expense(100, f"form-{number}"), allocation=funds.id, resource="funds")
        until_written(lambda: inventory.spend(one, [entry(f"spent/{number}")]))

    at_once([partial(spend, number) for number in range(8)])
    (stored,) = inventory.allocations("INC-1")
    expenses = list(table.query("INCIDENT#INC-1", "EXPENSE#"))
    assert stored.spent == 100 * len(expenses) <= 500
    assert inventory.stock(plan.resources["funds"]).left == 1_000_000 - 500


@pytest.mark.usefixtures("opened")
def test_a_number_belongs_to_one_incident_until_it_is_released(records: Records) -> None:
    mine = OpenHotline(incident_id="INC-1", hotline="line-1", number="1", opened_at=NOW)
    theirs = replace(mine, incident_id="INC-2")
    assert records.hotlines.take(mine, [entry("h")])
    assert records.hotlines.take(mine, [entry("h")])
    assert not records.hotlines.take(theirs, [entry("h")])
    assert records.hotlines.open_for("INC-1") == mine
    records.hotlines.release(mine, entry("closed"), NOW)
    records.hotlines.release(mine, entry("closed"), NOW)
    assert records.hotlines.open_for("INC-1").closed_at == NOW
    assert records.hotlines.take(theirs, [entry("h")])


@pytest.mark.usefixtures("opened")
def test_what_is_known_of_a_hotline_is_stored_once_and_while_it_is_open(records: Records) -> None:
    mine = OpenHotline(incident_id="INC-1", hotline="line-1", number="1", opened_at=NOW, phone_number="n", flow="f")
    with pytest.raises(RecordChanged):
        records.hotlines.note(mine)
    assert records.hotlines.take(mine, [])
    remembered = replace(mine, former_flow="usual")
    records.hotlines.note(remembered)
    records.hotlines.note(remembered)
    connected = replace(remembered, connected_at=NOW)
    records.hotlines.note(connected, [entry("opened")])
    with pytest.raises(RecordChanged):
        records.hotlines.note(connected, [entry("opened")])
    assert records.hotlines.open_for("INC-1") == connected
    records.hotlines.release(connected, entry("closed"), NOW)
    with pytest.raises(RecordChanged):
        records.hotlines.note(connected)
    assert records.hotlines.open_for("INC-1").closed_at == NOW


@pytest.mark.usefixtures("opened")
def test_calls_are_counted_once(records: Records) -> None:
    count = CallCount(incident_id="INC-1", id="one", calls=12, complaints=3, by="ceo", at=NOW)
    later = replace(count, id="two", calls=15, at=NOW + timedelta(minutes=1))
    for one in (later, count, count, replace(count, calls=99)):
        records.hotlines.count(one, entry(f"calls/{one.id}"))
    record = records.incidents.record("INC-1")
    assert sorted(record.calls, key=lambda one: one.at) == [count, later]
    assert [one.key for one in record.timeline if one.key.startswith("calls/")] == ["calls/one", "calls/two"]


def challenge(contact: str = "ceo", number: int = 1) -> Challenge:
    return Challenge(
        incident_id="INC-1",
        decision_id="orders",
        contact=contact,
        factor=Factor.CODE,
        number=number,
        opened_at=NOW,
        draft={"outcome": ["activate"], "teams": ["technical_support", "public_relations"]},
    )


def test_a_challenge_comes_back_as_it_was_stored_and_only_its_newest_version_can_be_written(records: Records) -> None:
    assert records.challenges.get("INC-1", "orders", "ceo") is None
    first = records.challenges.save(challenge(), [entry("factor/1")])
    assert records.challenges.get("INC-1", "orders", "ceo") == first == replace(challenge(), version=1)
    second = records.challenges.save(replace(first, tries=1))
    for stale in (challenge(), first):
        with pytest.raises(RecordChanged):
            records.challenges.save(stale)
    assert records.challenges.get("INC-1", "orders", "ceo") == second
    assert records.challenges.get("INC-1", "orders", "cto") is None


@pytest.mark.usefixtures("opened")
def test_a_vote_and_the_code_that_it_uses_up_are_written_together_or_not_at_all(records: Records, plan: Plan) -> None:
    decision = records.decisions.create(question(incident(plan), plan), [entry("asked/0")])
    used = records.challenges.save(challenge())
    records.challenges.save(replace(used, tries=1))
    with pytest.raises(RecordChanged):
        records.decisions.save(decision, [entry("settled")], challenge=replace(used, passed_at=NOW))
    assert records.decisions.get("INC-1", decision.id) == decision
    current = records.challenges.get("INC-1", "orders", "ceo")
    records.decisions.save(decision, [entry("settled")], challenge=replace(current, passed_at=NOW))
    assert records.challenges.get("INC-1", "orders", "ceo").passed_at == NOW
    assert [e.key for e in records.incidents.timeline("INC-1")] == ["asked/0", "settled", "signal/s-1"]


def test_the_first_device_key_of_an_incident_stays(records: Records) -> None:
    assert records.challenges.device_key("INC-1") == ""
    assert records.challenges.device_key("INC-1", "one") == "one"
    assert records.challenges.device_key("INC-1", "two") == "one"
    assert records.challenges.device_key("INC-2") == ""


def test_an_authenticators_code_is_spent_once_for_one_challenge(records: Records) -> None:
    first, second = challenge(), challenge(number=2)
    assert records.challenges.spend(first, 100)
    assert records.challenges.spend(first, 100)
    assert not records.challenges.spend(second, 100)
    assert not records.challenges.spend(first, 99)
    assert records.challenges.spend(second, 101)
    assert records.challenges.spend(challenge("cto"), 100)


def test_a_mark_belongs_to_an_address_not_to_a_person(records: Records, plan: Plan) -> None:
    ceo = plan.contact("ceo")
    assert not records.book.is_unreachable(ceo)
    records.book.mark(ceo, "bounce.permanent", NOW)
    assert records.book.is_unreachable(ceo)
    assert not records.book.is_unreachable(replace(ceo, email="other@island-shop.example"))
    assert not records.book.is_unreachable(plan.contact("cto"))
    records.book.clear(ceo)
    records.book.clear(ceo)
    assert not records.book.is_unreachable(ceo)


@pytest.mark.usefixtures("opened")
def test_ticked_tasks_are_written_over_the_version_that_was_read(records: Records, plan: Plan) -> None:
    stored = records.assignments.create(
        assignment_for(incident(plan), Team.TECHNICAL_SUPPORT, plan, NOW), entry("team_assigned")
    )
    done = ticked(stored, {"look"}, Step.EMERGENCY_RESPONSE, by="cto", now=NOW)
    saved = records.assignments.save(done, [entry("task/look/0")])
    assert records.assignments.get("INC-1", Team.TECHNICAL_SUPPORT) == saved
    assert saved.tasks[0].done_by == "cto"
    with pytest.raises(RecordChanged):
        records.assignments.save(done, [entry("task/look/again")])
