"""Every sample event gives what is expected of it, read by itself and taken one after the other (P6.1, R16)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from emergency.domain.classification import rule_for
from emergency.domain.event import read_signal
from emergency.domain.signal import Disposition, Figures, Meaning
from emergency.domain.terms import Risk
from infra.plan_compiler import CompiledPlan
from tests.support.events import alarm, samples
from tests.unit.use_cases.test_report_incident import Intake

SAMPLES = samples()
FAILURE, RECOVERY, NEITHER = Meaning.FAILURE, Meaning.RECOVERY, Meaning.NEITHER
SYSTEM, BREACH, ATTACK, DELAY = Risk.SYSTEM_FAILURE, Risk.DATA_BREACH, Risk.NETWORK_ATTACK, Risk.LOGISTICS_DELAY
OPENED, CLEARED, IGNORED = Disposition.OPENED, Disposition.CLEARED, Disposition.IGNORED

EXPECTED = {
    "01-checkout-alb-5xx-alarm": (FAILURE, SYSTEM, Figures(value=733, threshold=50)),
    "02-checkout-alb-5xx-ok": (RECOVERY, SYSTEM, Figures(value=0, threshold=50)),
    "03-payments-api-error-rate-metric-math": (FAILURE, SYSTEM, Figures(value=14.0625, threshold=5)),
    "04-search-latency-anomaly-detection": (FAILURE, SYSTEM, Figures(value=9.412337721, threshold=0.733981204)),
    "05-orders-composite-with-suppressor": (FAILURE, SYSTEM, Figures()),
    "06-orders-tables-multi-time-series": (FAILURE, SYSTEM, Figures()),
    "07-orders-tables-contributor": (NEITHER, None, Figures()),
    "08-warehouse-heartbeat-insufficient-data": (NEITHER, None, Figures(threshold=1)),
    "09-login-shield-ddos-detected": (FAILURE, ATTACK, Figures(value=1, threshold=0)),
    "10-customer-data-guardduty-exfiltration": (FAILURE, BREACH, Figures(score=8)),
    "11-customer-bucket-macie-public": (FAILURE, BREACH, Figures(score=8)),
    "12-customer-db-health-rds-issue": (FAILURE, SYSTEM, Figures()),
    "13-carrier-sla-delay": (FAILURE, DELAY, Figures(value=402, threshold=150)),
    "14-checkout-alarm-config-update": (NEITHER, None, Figures()),
}


def test_every_sample_has_its_expectation() -> None:
    assert SAMPLES.keys() == EXPECTED.keys()


@pytest.mark.parametrize("name", SAMPLES)
def test_r16_a_sample_means_what_is_expected_of_it(example: CompiledPlan, name: str) -> None:
    meaning, risk, figures = EXPECTED[name]
    signal = read_signal(SAMPLES[name], example.plan.sources)

    assert signal.meaning is meaning
    assert bool(signal.why_neither) is (meaning is NEITHER)
    assert risk in {None, rule_for(signal, example.plan).risk}
    assert signal.figures == figures
    assert signal.alarm.startswith(("arn:aws:", "aws.macie:"))


def test_what_belongs_together_is_one_alarm(example: CompiledPlan) -> None:
    alarms = {name[:2]: read_signal(event, example.plan.sources).alarm for name, event in SAMPLES.items()}

    assert alarms["01"] == alarms["02"] == alarms["14"]
    assert alarms["06"] == alarms["07"]
    assert len(set(alarms.values())) == len(alarms) - 3


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        (name, {FAILURE: OPENED, RECOVERY: IGNORED, NEITHER: IGNORED}[meaning])
        for name, (meaning, *_) in EXPECTED.items()
    ],
)
def test_a_sample_that_comes_alone_opens_an_incident_or_nothing(
    example: CompiledPlan, name: str, disposition: Disposition
) -> None:
    intake = Intake(example.plan)

    assert intake.take(SAMPLES[name]) is disposition
    assert len(intake.workflow.started) == (disposition is OPENED)


def test_the_samples_one_after_the_other_open_nine_incidents(example: CompiledPlan) -> None:
    """The two about orders are one cause; the others have nothing to do with each other."""
    intake = Intake(example.plan)
    taken = {}
    for name, event in SAMPLES.items():
        taken[name[:2]] = intake.take(event)
        intake.clock.now += timedelta(minutes=1)

    opened = {number for number, disposition in taken.items() if disposition is OPENED}
    assert opened == {"01", "03", "04", "05", "09", "10", "11", "12", "13"}
    assert taken["02"] is CLEARED
    assert taken["06"] is Disposition.JOINED
    assert {number for number, disposition in taken.items() if disposition is IGNORED} == {"07", "08", "14"}
    assert len(intake.store.incidents) == len(intake.workflow.started) == len(opened)


def again(name: str, number: int, **detail: object) -> dict[str, object]:
    """A sample that comes once more, a minute later and with another detail."""
    event = SAMPLES[name]
    moved = f"{event['time'][:-3]}{number:02}Z"
    return {**event, "id": f"again-{number}", "time": moved, "detail": {**event["detail"], **detail}}


def test_the_pages_of_a_health_event_are_one_incident_until_it_is_closed(example: CompiledPlan) -> None:
    """The second page names another database, which by itself would be another component."""
    name, other = "12-customer-db-health-rds-issue", "arn:aws:rds:ap-northeast-1:111122223333:cluster:orders-db-prod"
    intake = Intake(example.plan)

    assert intake.take(SAMPLES[name]) is OPENED
    assert intake.take({**again(name, 1, page="2"), "resources": [other]}) is Disposition.JOINED
    assert intake.take(again(name, 2, statusCode="closed")) is CLEARED


def test_an_updated_finding_joins_and_an_archived_one_clears_nothing(example: CompiledPlan) -> None:
    name = "10-customer-data-guardduty-exfiltration"
    intake = Intake(example.plan)

    assert intake.take(SAMPLES[name]) is OPENED
    assert intake.take(again(name, 1, count=2_000)) is Disposition.JOINED
    assert intake.take(again(name, 2, archived=True)) is IGNORED


def test_a_composite_and_its_child_are_one_incident(example: CompiledPlan) -> None:
    """The child's own name would be of another component."""
    composite = alarm("evening-check", configuration={"alarmRule": "ALARM(checkout-5xx) OR ALARM(search-5xx)"})
    intake = Intake(example.plan)

    assert intake.take(composite) is OPENED
    assert intake.take(alarm("search-5xx", event_id="2")) is Disposition.JOINED
    assert intake.take(alarm("orders-5xx", event_id="3")) is OPENED
