"""A process may die between any two calls: run again, every step of teams' work ends as if it had not (R13, R18).

Mails may come twice then, never zero times; everything else is there once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from emergency.domain.assignment import AssignedTask
from emergency.domain.deadline import Watched
from emergency.domain.terms import DecisionKind, Outcome, Team
from tests.support.at_each_call import Step, crashes_that_end_the_same
from tests.support.events import alarm
from tests.support.house import PLACE, House
from tests.support.plans import with_resource, working_plan

TECHNICAL, SERVICE, RELATIONS = Team.TECHNICAL_SUPPORT, Team.CUSTOMER_SERVICE, Team.PUBLIC_RELATIONS


def _task(task: AssignedTask) -> object:
    return task.id, task.owner, bool(task.done_at), task.done_by, bool(task.skipped_at), task.prompted, task.must_close


def what_stands(house: House) -> object:
    """Everything that is on record and was set going, without its times and versions."""
    store = house.store
    return {
        "facts": sorted((owner, entry.fact, entry.key) for (owner, _), entry in store.entries.items()),
        "tasks": {key: [_task(task) for task in one.tasks] for key, one in store.assignments.items()},
        "loans": {
            key: (loan.quantity, loan.wanted, loan.spent, loan.people, bool(loan.returned_at))
            for key, loan in store.loans.items()
        },
        "calls": {key: (one.calls, one.complaints) for key, one in store.calls.items()},
        "expenses": {key: one.quantity for key, one in store.expenses.items()},
        "clocks": {
            key: (one.beat, one.missed, one.prompted, bool(one.over_at)) for key, one in store.deadlines.items()
        },
        "decisions": {key: one.answer and one.answer.outcome for key, one in store.decisions.items()},
        "executions": sorted((key, kind) for key, (kind, _) in house.workflow.clocks.items()),
        "told": sorted({(mail.subject, mail.to.id) for mail in house.post.sent}),
        "incidents": {
            key: (one.status, bool(one.handled_at), bool(one.returning_at)) for key, one in store.incidents.items()
        },
        "left": {name: house.inventory.stock(resource) for name, resource in house.plan.resources.items()},
        "files": sorted(name for name in house.archive.files),
        "statements": sorted((key, one.number) for key, one in store.statements.items()),
        "site": {path: file.content for path, file in house.site.files.items()},
    }


def assigning(house: House) -> Step:
    incident_id = house.activate()
    house.open_hotline(incident_id)
    return lambda: house.assign(incident_id, SERVICE) and house.assign(incident_id, TECHNICAL)


def setting_up_the_task_force(house: House) -> Step:
    incident_id = house.activate()
    house.assign(incident_id, TECHNICAL)

    def set_up() -> None:
        house.set_up_task_force(incident_id)
        house.do_by_system(incident_id)

    return set_up


def beginning_clean_up(house: House) -> Step:
    incident_id = house.activate()
    house.start_clocks(incident_id)
    for team in Team:
        house.assign(incident_id, team)
    house.tick(house.asked(incident_id, DecisionKind.COMPLETE, TECHNICAL), "look", "isolate")
    house.press(house.asked(incident_id, DecisionKind.DUTIES), Outcome.CONFIRMED, notices=["early", "summary"])
    house.open_hotline(incident_id)
    house.watch(incident_id, Watched.TASKS)
    return lambda: house.begin_clean_up(incident_id)


def lending(house: House) -> Step:
    """There is one person of the reserve left, and too few telephones."""
    house.plan = with_resource(house.plan, "phone", stock=4)
    house.lend(house.activate())
    incident_id = house.activate(alarm("other", event_id="other"))
    house.assign(incident_id, SERVICE)
    return lambda: house.lend(incident_id)


def releasing(house: House) -> Step:
    incident_id = house.activate()
    house.assign(incident_id, TECHNICAL)
    link = house.asked(incident_id, DecisionKind.COMPLETE, TECHNICAL)
    request = house.request(link, resource=["rear-staff"], quantity=["2"], reason=["Night"])
    house.ask(incident_id, request.id, token="release")
    house.press(house.link_ids("coo")[-1], Outcome.RELEASED)
    return lambda: house.release(incident_id, request.id)


def returning(house: House) -> Step:
    incident_id = house.activate()
    house.lend(incident_id)
    return lambda: house.give_back(incident_id)


def looking_at_tasks(house: House) -> Step:
    incident_id = house.activate()
    house.start_clocks(incident_id)
    for team in (TECHNICAL, RELATIONS):
        house.assign(incident_id, team)
    house.clock.now += timedelta(minutes=61)
    return lambda: house.look_at(incident_id, Watched.TASKS)


def looking_at_updates(house: House) -> Step:
    incident_id = house.activate()
    house.start_clocks(incident_id)
    house.clock.now += timedelta(minutes=95)

    def look() -> None:
        assert house.look_at(incident_id, Watched.UPDATES).standing == "page"

    return look


def starting_notices(house: House) -> Step:
    incident_id = house.activate()
    house.press(house.asked(incident_id, DecisionKind.DUTIES), Outcome.CONFIRMED, notices=["early", "planned"])
    return lambda: house.start_notices(incident_id, PLACE)


def at_work(house: House, team: Team = TECHNICAL) -> tuple[str, str]:
    """An incident whose team was called and lent to, and its lead's link."""
    incident_id = house.activate()
    house.start_clocks(incident_id)
    house.assign(incident_id, team)
    house.lend(incident_id)
    return incident_id, house.asked(incident_id, DecisionKind.COMPLETE, team)


def adding_a_file(house: House) -> Step:
    _, link = at_work(house)
    key = house.upload(link, "graph.png", b"\x89PNG\r\n\x1a\n, a graph")
    return lambda: house.add_file(link, key)


def spending(house: House) -> Step:
    _, link = at_work(house)
    # All there is: a second expense would be refused, and a person who is told so would spend it once more.
    form = {"allocation": ["funds#technical_support"], "quantity": ["5000"], "reason": ["Disks"], "once": ["one"]}
    return lambda: house.spend(link, **form)


def drafting(house: House) -> Step:
    _, link = at_work(house, RELATIONS)
    return lambda: house.draft(link)


def publishing(house: House) -> Step:
    incident_id, link = at_work(house, RELATIONS)
    house.watch(incident_id, Watched.UPDATES)
    question = house.approved(link)

    def publish() -> None:
        house.publish(incident_id, question.id)
        house.tell.media(incident_id, question.id, PLACE)

    return publish


def counting_calls(house: House) -> Step:
    _, link = at_work(house, SERVICE)
    return lambda: house.count_calls(link, calls=["210"], complaints=["12"], once=["one"])


def reassigning(house: House) -> Step:
    _, link = at_work(house)

    def reassign() -> None:
        opened = house.open(link)
        house.tasks.reassign(opened, house.form(opened, task=["look"], owner=["engineer-b"]))

    return reassign


def adding_a_task(house: House) -> Step:
    _, link = at_work(house)

    def add() -> None:
        opened = house.open(link)
        fields = {"task_text": ["Call"], "owner": ["engineer-b"], "within": ["9"], "once": ["one"]}
        house.tasks.add(opened, house.form(opened, **fields))

    return add


def sealing(house: House) -> Step:
    incident_id, link = at_work(house)
    house.press(link, Outcome.COMPLETED, measures=["Done"])
    house.begin_clean_up(incident_id)

    def seal() -> None:
        house.assemble(incident_id)
        house.write(incident_id)
        house.close(incident_id)

    return seal


def settled(house: House) -> object:
    """As `what_stands`, but for how often the record was sealed: between two runs it may have grown."""
    stands = what_stands(house)
    assert isinstance(stands, dict)
    return {**stands, "facts": [fact for fact in stands["facts"] if fact[1] != "record_sealed"]}


@pytest.mark.parametrize(
    "step",
    [
        assigning,
        setting_up_the_task_force,
        beginning_clean_up,
        lending,
        releasing,
        returning,
        looking_at_tasks,
        looking_at_updates,
        starting_notices,
        adding_a_file,
        spending,
        counting_calls,
        drafting,
        publishing,
        reassigning,
        adding_a_task,
        sealing,
    ],
)
def test_r13_a_crash_at_any_call_and_a_second_run_end_the_same(step: Callable[[House], Step]) -> None:
    assert crashes_that_end_the_same(working_plan, step, settled) >= 4


def test_two_runs_without_any_crash_end_the_same_too() -> None:
    """Step Functions may call a function twice: the second finds everything done, and mails nobody."""
    for step in (assigning, setting_up_the_task_force, beginning_clean_up, lending, looking_at_tasks, starting_notices):
        house = House(working_plan())
        run = step(house)
        run()
        before, sent = what_stands(house), len(house.post.sent)
        run()
        assert what_stands(house) == before
        assert len(house.post.sent) == sent
