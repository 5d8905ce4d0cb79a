"""What the plan says of events of other sources: what it makes of them, and each mistake in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emergency.domain.classification import rule_for
from emergency.domain.event import read_signal
from emergency.domain.signal import Meaning
from emergency.domain.terms import Risk
from infra.plan_compiler import CompiledPlan
from tests.support.events import checked
from tests.unit.plan.conftest import Spoil, expect_finding, findings_of

SOURCES = "sources.yaml"

# what stands there, what is written instead, and the finding after `file:line: `
MISTAKES = {
    "no expression": (
        "state: detail.status",
        "state: detail.[",
        "sources[shop-monitoring].state: 'detail.[' is not a JMESPath expression",
    ),
    "beside the detail": (
        "name: detail.check\n",
        "name: check\n",
        (
            "sources[shop-monitoring].name: an event has nothing called 'check' beside its detail; "
            "did you mean 'detail.check'?"
        ),
    ),
    "beside the detail, inside a function": (
        "join('/', ['Shop', detail.area])",
        "join('/', ['Shop', details.area])",
        (
            "sources[shop-monitoring].namespace: an event has nothing called 'details' beside its detail; "
            "did you mean 'detail'?"
        ),
    ),
    "read already": (
        "source: shop.monitoring",
        "source: aws.health",
        "",
    ),
    "read already, all of it": (
        "source: shop.monitoring\n    detail_types: [Check Changed]",
        "source: aws.guardduty",
        (
            "sources[shop-monitoring].source: events of aws.guardduty are read without a mapping: GuardDuty Finding; "
            "name in 'detail_types' other ones, or remove the mapping"
        ),
    ),
    "read already, by its type": (
        "source: shop.monitoring\n    detail_types: [Check Changed]",
        "source: emergency.report\n    detail_types: [Incident Report, Else]",
        "events of emergency.report are read without a mapping: Incident Report;",
    ),
    "a function that doesn't exist": (
        "join('/', ['Shop', detail.area])",
        "concat('/', ['Shop', detail.area])",
        "sources[shop-monitoring].namespace: there is no function 'concat'; ",
    ),
    "a glob as source": (
        "source: shop.monitoring",
        "source: shop.*",
        "sources[shop-monitoring].source: 'shop.*' can't be the source of an event",
    ),
    "taken by an earlier one": (
        "source: aws.securityhub\n    detail_types: [Security Hub Findings - Imported]",
        "source: shop.monitoring\n    detail_types: [Check Changed]",
        "sources[security-hub]: 'shop-monitoring' on line ",
    ),
    "the id of another": ("id: security-hub", "id: shop-monitoring", "the id 'shop-monitoring' is taken (line "),
    "states that stand nowhere": (
        "    state: detail.status\n",
        "",
        "sources[shop-monitoring].failure: nothing says where the state stands; add 'state:', like detail.status",
    ),
    "no failure": (
        "    failure: [failed]\n",
        "",
        "sources[shop-monitoring].failure: no state is a failure, so no event would open an incident; add 'failure:'",
    ),
    "one state for both": (
        "recovery: [passed]",
        "recovery: [failed]",
        "sources[shop-monitoring].recovery[1]: 'failed' stands here a second time",
    ),
    "a recovery of nothing": (
        "    alarm: join('/', [account, region, detail.check])\n",
        "",
        (
            "sources[shop-monitoring].alarm: is missing, so nobody could tell what a recovery is the end of; "
            "add 'alarm:' with what stays the same, like detail.check"
        ),
    ),
    "a key that nothing reads": (
        "users: detail.users",
        "user: detail.users",
        "sources[shop-monitoring].user: nothing reads the key 'user'; did you mean 'users'?",
    ),
    "no name": ("    name: detail.check\n", "", "sources[shop-monitoring].name: is missing; add 'name:'"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found(plan_dir: Path, spoil: Spoil, name: str) -> None:
    old, new, finding = MISTAKES[name]
    spoil(SOURCES, old, new)
    if finding:
        expect_finding(plan_dir, finding)
    else:
        assert not findings_of(plan_dir)


def test_a_plan_can_do_without_other_sources(plan_dir: Path) -> None:
    (plan_dir / SOURCES).unlink()
    assert not findings_of(plan_dir)


def test_the_shops_own_monitoring_opens_what_its_area_says(example: CompiledPlan) -> None:
    plan = example.plan
    signal = read_signal(checked(value=40, limit=4.0, users=1200), plan.sources)

    assert signal.meaning is Meaning.FAILURE
    assert rule_for(signal, plan).id == "checkout"
    assert (signal.figures.times, signal.figures.users) == (10.0, 1200)


def test_the_shops_own_monitoring_recovers_as_the_same_alarm(example: CompiledPlan) -> None:
    sources = example.plan.sources
    failed, passed = (read_signal(checked(status=status), sources) for status in ("failed", "passed"))

    assert passed.meaning is Meaning.RECOVERY
    assert passed.alarm == failed.alarm
    assert failed.alarm


def hub(**finding: Any) -> dict[str, Any]:
    known = {
        "Id": "arn:aws:securityhub:ap-east-1:111122223333:subscription/x/finding/1",
        "Title": "RDS snapshot is public",
        "Types": ["Effects/Data Exposure"],
        "ProductName": "Security Hub",
        "RecordState": "ACTIVE",
        "Workflow": {"Status": "NEW"},
        "Severity": {"Label": "CRITICAL", "Normalized": 90},
        "Resources": [{"Id": "arn:aws:rds:ap-east-1:111122223333:snapshot:customers"}],
    }
    imported = {"source": "aws.securityhub", "detail-type": "Security Hub Findings - Imported"}
    return {**checked(), **imported, "detail": {"findings": [{**known, **finding}]}}


def test_a_grave_new_finding_of_security_hub_is_a_breach(example: CompiledPlan) -> None:
    signal = read_signal(hub(), example.plan.sources)

    assert signal.meaning is Meaning.FAILURE
    assert rule_for(signal, example.plan).risk is Risk.DATA_BREACH
    assert (signal.resource, signal.figures.score) == ("customers", 9.0)


@pytest.mark.parametrize(
    ("finding", "meaning"),
    [
        ({"Severity": {"Label": "LOW"}}, Meaning.NEITHER),
        ({"ProductName": "GuardDuty"}, Meaning.NEITHER),
        ({"RecordState": "ARCHIVED"}, Meaning.NEITHER),
        ({"Workflow": {"Status": "SUPPRESSED"}}, Meaning.NEITHER),
        ({"Workflow": {"Status": "RESOLVED"}}, Meaning.RECOVERY),
        ({"Severity": {"Label": "HIGH"}}, Meaning.FAILURE),
    ],
)
def test_what_security_hub_says_of_a_finding(example: CompiledPlan, finding: Any, meaning: Meaning) -> None:
    assert read_signal(hub(**finding), example.plan.sources).meaning is meaning
