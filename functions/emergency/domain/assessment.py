"""The first assessment of a signal: likelihood, impact and the severity that the risk matrix gives (P3, P6.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from emergency.domain.plan import Plan, Rule, Shift
from emergency.domain.signal import Figures, Signal
from emergency.domain.terms import Severity
from emergency.domain.timeline import Detail

LOWEST, HIGHEST = 1, 5
"""Between which likelihood and impact stay, whatever figures add to them."""


class ReasonKind(StrEnum):
    """What an assessment rests on. The words have a clause for each, under `because.<kind>`."""

    RULE = "rule"
    """The plan's own assessment: the risk's, or that of the rule that matched."""
    OVER_THRESHOLD = "over_threshold"
    """The value is so many times its threshold."""
    UNDER_THRESHOLD = "under_threshold"
    """The value must not fall below its threshold, and the threshold is so many times the value."""
    MEASURED = "measured"
    """Value and threshold have no ratio, as one is zero or they differ in sign."""
    USERS = "users"
    """So many people are concerned."""
    SCORE = "score"
    """A finding's own severity, 0 to 10."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason of an assessment; `details` fill its clause, figures in them are decimal numbers.

    Of RULE, `likelihood` and `impact` are what the plan starts from; of a figure, what it adds to them.
    """

    kind: ReasonKind
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """Likelihood and impact, each 1 to 5, the severity that the matrix gives for them, and why."""

    likelihood: int
    impact: int
    severity: Severity
    reasons: tuple[Reason, ...] = ()


def assess(signal: Signal, rule: Rule, plan: Plan) -> Assessment:
    """What the plan makes of a signal: the rule's assessment, shifted by the signal's own figures."""
    risk = plan.risks[rule.risk]
    likelihood, impact = rule.likelihood or risk.likelihood, rule.impact or risk.impact
    base = Reason(
        kind=ReasonKind.RULE,
        details={"rule": rule.id, "likelihood": likelihood, "impact": impact},
    )
    read = tuple(_figures(signal.figures, plan))
    likelihood = _within(likelihood + sum(shift.likelihood for shift, _ in read))
    impact = _within(impact + sum(shift.impact for shift, _ in read))
    return Assessment(
        likelihood=likelihood,
        impact=impact,
        severity=plan.severity_of(likelihood, impact),
        reasons=(base, *(reason for _, reason in read)),
    )


def _figures(figures: Figures, plan: Plan) -> Iterator[tuple[Shift, Reason]]:
    """What each figure of a signal adds, and says; those that add nothing are said too."""
    if figures.value is not None and figures.threshold is not None:
        told = {"value": _decimal(figures.value), "threshold": _decimal(figures.threshold)}
        if figures.times is None:
            yield _reason(ReasonKind.MEASURED, told, _NOTHING)
        else:
            # Of negative figures, the one that is further from zero is the larger of the two as well.
            is_over = abs(figures.value) >= abs(figures.threshold)
            kind = ReasonKind.OVER_THRESHOLD if is_over else ReasonKind.UNDER_THRESHOLD
            shift = _reached(plan.figures.times_over, figures.times)
            yield _reason(kind, {**told, "times": _decimal(figures.times)}, shift)
    if figures.users is not None:
        shift = _reached(plan.figures.users, figures.users)
        yield _reason(ReasonKind.USERS, {"users": figures.users}, shift)
    if figures.score is not None:
        shift = _reached(plan.figures.score, figures.score)
        yield _reason(ReasonKind.SCORE, {"score": _decimal(figures.score)}, shift)


_NOTHING = Shift(at_least=0)


def _reached(shifts: Sequence[Shift], figure: float) -> Shift:
    """The highest shift that the figure reaches; one that adds nothing where it reaches none."""
    reached = [shift for shift in shifts if figure >= shift.at_least]
    return max(reached, key=lambda shift: shift.at_least, default=_NOTHING)


def _reason(kind: ReasonKind, told: Mapping[str, Detail], shift: Shift) -> tuple[Shift, Reason]:
    added = {"likelihood": shift.likelihood, "impact": shift.impact}
    return shift, Reason(kind=kind, details={**told, **{name: steps for name, steps in added.items() if steps}})


def _within(level: int) -> int:
    return min(HIGHEST, max(LOWEST, level))


def _decimal(figure: float) -> str:
    """A figure as records hold it: as written, without the noise of its last binary digits."""
    return f"{figure:.15g}"
