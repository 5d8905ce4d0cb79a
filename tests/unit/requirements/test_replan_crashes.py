"""A process may die between any two calls of a re-plan: run again, it ends as if it had not (R13, R18)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emergency.domain.terms import DecisionKind, Outcome, Team
from tests.support.at_each_call import Step, crashes_that_end_the_same
from tests.support.events import alarm
from tests.support.house import House
from tests.support.plans import late_plan

LOGISTICS = Team.LOGISTICS_SUPPORT
TWO_CARRIERS = {"carrier": ["steady"], "move.north.swift": ["200"], "move.south.thrifty": ["50"]}


def what_stands(house: House) -> object:
    """Everything that is on record and was set going, without its times."""
    store = house.store
    return {
        "facts": sorted((owner, entry.fact, entry.key) for (owner, _), entry in store.entries.items()),
        "replans": {
            key: [(move.region, move.carrier, move.parcels) for move in one.moves] for key, one in store.replans.items()
        },
        "decisions": {key: one.answer and one.answer.outcome for key, one in store.decisions.items()},
        "tasks": {key: [bool(task.done_at) for task in one.tasks] for key, one in store.assignments.items()},
        "asked": sorted(house.workflow.releases),
        "told": sorted({(mail.subject, mail.to.id) for mail in house.post.sent}),
        "files": sorted(house.archive.files),
    }


def at_work(house: House) -> tuple[str, str]:
    incident_id = house.activate(alarm("late-steady"))
    house.assign(incident_id, LOGISTICS)
    return incident_id, house.asked(incident_id, DecisionKind.COMPLETE, LOGISTICS)


def proposing(house: House) -> Step:
    incident_id, _ = at_work(house)
    return lambda: house.propose_replan(incident_id)


def ordering(house: House) -> Step:
    _, link = at_work(house)
    key = house.upload(link, "orders.csv", b"order,region\n" + b"".join(b"A%d,N\n" % at for at in range(200)))
    return lambda: house.replan(link, **TWO_CARRIERS, **{"parcels.south": ["50"]}, key=[key], once=["one"])


def settling(outcome: Outcome, **fields: list[str]) -> Callable[[House], Step]:
    def step(house: House) -> Step:
        incident_id, link = at_work(house)
        house.replan(link, **TWO_CARRIERS, once=["one"])
        question = next(d.id for d in house.store.decisions.values() if d.order)
        house.ask(incident_id, question, token="carrier")
        house.press(house.link_ids("carrier-swift")[-1], outcome, **fields)
        return lambda: house.settle_carrier(incident_id, question)

    return step


@pytest.mark.parametrize(
    "step",
    [proposing, ordering, settling(Outcome.CONFIRMED), settling(Outcome.DECLINED, comment=["No vans"])],
    ids=["proposing", "ordering", "confirmed", "declined"],
)
def test_r13_a_crash_at_any_call_and_a_second_run_end_the_same(step: Callable[[House], Step]) -> None:
    assert crashes_that_end_the_same(late_plan, step, what_stands) >= 4
