"""A process may die between any two calls while an incident worsens: run again, it ends as if it had not (R13, R18)."""

from __future__ import annotations

import pytest

from emergency.domain.terms import Outcome, Team
from emergency.domain.timeline import CLEARED, WORSE
from tests.support.at_each_call import Step, crashes_that_end_the_same
from tests.support.house import House
from tests.support.plans import working_plan
from tests.unit.use_cases.test_worsening import WORSE_THAN_KNOWN, asked_to_raise, heard


def what_stands(house: House) -> object:
    """Everything that is on record and was set going, without its times."""
    store = house.store
    return {
        "facts": sorted((owner, entry.fact, entry.key) for (owner, _), entry in store.entries.items()),
        "severities": {key: one.severity for key, one in store.incidents.items()},
        "decisions": {key: one.answer and one.answer.outcome for key, one in store.decisions.items()},
        "clocks": sorted(key for key in house.workflow.clocks),
        "asked": sorted(house.workflow.releases),
        "told": sorted({(mail.subject, mail.to.id) for mail in house.post.sent}),
    }


def asking(house: House) -> Step:
    incident_id = house.activate()
    key = heard(house, incident_id, f"{WORSE}SEV1")

    def step() -> None:
        house.follow_incident(incident_id, key)
        house.follow_up(incident_id, WORSE_THAN_KNOWN)

    return step


def raising(house: House) -> Step:
    incident_id = house.activate(teams=[Team.TECHNICAL_SUPPORT, Team.PUBLIC_RELATIONS], severity="SEV3")
    house.set_up_task_force(incident_id)
    house.press(asked_to_raise(house, incident_id), Outcome.RAISED)
    return lambda: house.raise_severity(incident_id)


def clearing(house: House) -> Step:
    incident_id = house.activate()
    key = heard(house, incident_id, f"{CLEARED}a")
    return lambda: house.follow_incident(incident_id, key)


@pytest.mark.parametrize("step", [asking, raising, clearing])
def test_r13_a_crash_at_any_call_and_a_second_run_end_the_same(step: object) -> None:
    assert crashes_that_end_the_same(working_plan, step, what_stands) >= 4  # type: ignore[arg-type]
