"""The first assessment of a signal: likelihood, impact and the severity that the risk matrix gives (P3, P6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from emergency.domain.plan import Plan, Rule
from emergency.domain.signal import Signal
from emergency.domain.terms import Severity
from emergency.domain.timeline import Detail


class ReasonKind(StrEnum):
    """What an assessment rests on. The words have a sentence for each, under `because.<kind>`."""

    RULE = "rule"
    """The plan's own assessment: the risk's, or that of the rule that matched."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason of an assessment; `details` fill its sentence."""

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
    """What the plan makes of a signal."""
    risk = plan.risks[rule.risk]
    likelihood, impact = rule.likelihood or risk.likelihood, rule.impact or risk.impact
    reason = Reason(
        kind=ReasonKind.RULE,
        details={"signal": signal.name, "rule": rule.id, "likelihood": likelihood, "impact": impact},
    )
    return Assessment(
        likelihood=likelihood, impact=impact, severity=plan.severity_of(likelihood, impact), reasons=(reason,)
    )
