"""Likelihood and impact by the plan, shifted by a signal's own figures, each reason kept (P3, P6.1)."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.assessment import Assessment, Reason, ReasonKind, assess
from emergency.domain.classification import incident_from, rule_for
from emergency.domain.plan import FigureShifts, Match, Plan, Rule, Shift
from emergency.domain.signal import Figures, Meaning, Signal
from emergency.domain.terms import Risk, Severity
from tests.support.telling import company

EXAMPLE, _ = company()
FIGURES = FigureShifts(
    times_over=(Shift(at_least=5, likelihood=1), Shift(at_least=20, likelihood=1, impact=1)),
    users=(Shift(at_least=1_000, impact=1),),
    score=(Shift(at_least=0, impact=-2), Shift(at_least=4), Shift(at_least=9, likelihood=1, impact=1)),
)
PLAN = replace(EXAMPLE, figures=FIGURES)
NOTHING = {"en": "", "zh-Hant": "", "zh-Hans": ""}
RULE = Rule(
    id="anything",
    match=Match(),
    risk=Risk.SYSTEM_FAILURE,
    component="anything",
    title=NOTHING,
    place=NOTHING,
    first_impact=NOTHING,
    likelihood=3,
    impact=3,
)
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
SIGNAL = Signal(
    id="1",
    source="aws.cloudwatch",
    detail_type="CloudWatch Alarm State Change",
    account="111122223333",
    region="ap-east-1",
    meaning=Meaning.FAILURE,
    names=("checkout-5xx",),
    at=MOMENT,
    began_at=MOMENT,
    tags={"team": "Shop", "stage": "prod"},
)

NO_FIGURES = Figures()


def assessed(figures: Figures = NO_FIGURES, *, plan: Plan = PLAN, rule: Rule = RULE) -> Assessment:
    return assess(replace(SIGNAL, figures=figures), rule, plan)


def test_without_figures_the_plans_own_assessment_stands() -> None:
    rule = Reason(kind=ReasonKind.RULE, details={"rule": "anything", "likelihood": 3, "impact": 3})
    assert assessed() == Assessment(likelihood=3, impact=3, severity=Severity.SEV3, reasons=(rule,))


def test_a_rule_that_says_nothing_leaves_the_risks_own_assessment() -> None:
    silent, risk = replace(RULE, likelihood=None, impact=None), PLAN.risks[RULE.risk]
    told = assessed(rule=silent)
    assert (told.likelihood, told.impact) == (risk.likelihood, risk.impact)
    assert told.reasons[0].details == {"rule": "anything", "likelihood": risk.likelihood, "impact": risk.impact}


@pytest.mark.parametrize(
    ("figures", "likelihood", "impact", "kind", "details"),
    [
        (
            Figures(value=733.0, threshold=50.0),
            4,
            3,
            ReasonKind.OVER_THRESHOLD,
            {"value": "733", "threshold": "50", "times": "14.66", "likelihood": 1},
        ),
        (
            Figures(value=4.9, threshold=1.0),
            3,
            3,
            ReasonKind.OVER_THRESHOLD,
            {"value": "4.9", "threshold": "1", "times": "4.9"},
        ),
        (
            Figures(value=100.0, threshold=5.0),
            4,
            4,
            ReasonKind.OVER_THRESHOLD,
            {"value": "100", "threshold": "5", "times": "20", "likelihood": 1, "impact": 1},
        ),
        (
            Figures(value=2.0, threshold=10.0),
            4,
            3,
            ReasonKind.UNDER_THRESHOLD,
            {"value": "2", "threshold": "10", "times": "5", "likelihood": 1},
        ),
        (
            Figures(value=-60.0, threshold=-10.0),
            4,
            3,
            ReasonKind.OVER_THRESHOLD,
            {"value": "-60", "threshold": "-10", "times": "6", "likelihood": 1},
        ),
        (Figures(value=1.0, threshold=0.0), 3, 3, ReasonKind.MEASURED, {"value": "1", "threshold": "0"}),
        (Figures(value=-3.0, threshold=2.0), 3, 3, ReasonKind.MEASURED, {"value": "-3", "threshold": "2"}),
        (
            Figures(value=1e300, threshold=1e-300),
            3,
            3,
            ReasonKind.MEASURED,
            {"value": "1e+300", "threshold": "1e-300"},
        ),
        (Figures(users=999), 3, 3, ReasonKind.USERS, {"users": 999}),
        (Figures(users=1_000), 3, 4, ReasonKind.USERS, {"users": 1_000, "impact": 1}),
        (Figures(score=3.9), 3, 1, ReasonKind.SCORE, {"score": "3.9", "impact": -2}),
        (Figures(score=8.0), 3, 3, ReasonKind.SCORE, {"score": "8"}),
        (Figures(score=9.0), 4, 4, ReasonKind.SCORE, {"score": "9", "likelihood": 1, "impact": 1}),
    ],
)
def test_each_figure_shifts_as_far_as_its_highest_step(
    figures: Figures, likelihood: int, impact: int, kind: ReasonKind, details: dict[str, object]
) -> None:
    told = assessed(figures)
    assert (told.likelihood, told.impact) == (likelihood, impact)
    assert told.reasons[1:] == (Reason(kind=kind, details=details),)  # type: ignore[arg-type]


def test_the_shifts_of_several_figures_add_up_and_their_order_in_the_plan_does_not_matter() -> None:
    backwards = FigureShifts(times_over=FIGURES.times_over[::-1], users=FIGURES.users, score=FIGURES.score[::-1])
    for plan in (PLAN, replace(PLAN, figures=backwards)):
        told = assessed(Figures(value=60.0, threshold=10.0, users=5_000, score=5.0), plan=plan)
        assert (told.likelihood, told.impact, told.severity) == (4, 4, PLAN.severity_of(4, 4))
        assert [reason.kind for reason in told.reasons] == ["rule", "over_threshold", "users", "score"]


@pytest.mark.parametrize(("own", "users", "reached"), [(5, 1_000_000, 5), (1, 0, 1)])
def test_likelihood_and_impact_stay_within_one_and_five(own: int, users: int, reached: int) -> None:
    steps = FigureShifts(users=(Shift(at_least=0, likelihood=-4, impact=-4), Shift(at_least=9, likelihood=4, impact=4)))
    told = assessed(
        Figures(users=users), plan=replace(PLAN, figures=steps), rule=replace(RULE, likelihood=own, impact=own)
    )
    assert (told.likelihood, told.impact) == (reached, reached)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.builds(Figures, value=st.none() | NUMBERS, threshold=st.none() | NUMBERS, score=st.none() | NUMBERS))
def test_any_figures_give_an_assessment_within_the_matrix(figures: Figures) -> None:
    told = assess(replace(SIGNAL, figures=figures), RULE, PLAN)
    assert 1 <= told.likelihood <= 5
    assert 1 <= told.impact <= 5
    assert told.severity is PLAN.severity_of(told.likelihood, told.impact)
    assert figures.times is None or (math.isfinite(figures.times) and figures.times >= 1)


def test_the_incident_keeps_what_its_severity_rests_on() -> None:
    signal = replace(SIGNAL, figures=Figures(value=100.0, threshold=5.0))
    incident = incident_from(signal, RULE, PLAN, incident_id="INC-1", now=MOMENT)
    told = assess(signal, RULE, PLAN)
    assert (incident.reasons, incident.rule, incident.computed_severity) == (told.reasons, "anything", told.severity)


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        (Match(account="111122223333"), True),
        (Match(account="4444*"), False),
        (Match(region="AP-*"), True),
        (Match(region="us-*"), False),
        (Match(tags={"team": "shop"}), True),
        (Match(tags={"team": "sh?p", "stage": "prod"}), True),
        (Match(tags={"team": "shop", "stage": "test"}), False),
        (Match(tags={"stage": "*"}), True),
        (Match(tags={"owner": "*"}), False),
        (Match(tags={"Team": "shop"}), False),
        (Match(region="ap-*", tags={"team": "other"}), False),
    ],
    ids=str,
)
def test_rules_look_for_account_region_and_tags(match: Match, fits: bool) -> None:  # noqa: FBT001
    plan = replace(PLAN, rules=(replace(RULE, id="special", match=match), RULE))
    assert rule_for(SIGNAL, plan).id == ("special" if fits else "anything")


def test_the_first_rule_that_fits_counts_and_the_last_one_takes_all_else() -> None:
    first, second = (replace(RULE, id=name, match=Match(tags={"team": "shop"})) for name in ("first", "second"))
    plan = replace(PLAN, rules=(first, second, RULE))
    assert rule_for(SIGNAL, plan).id == "first"
    assert rule_for(replace(SIGNAL, tags={}), plan).id == "anything"
