"""What a signal means by the plan: risk, component, first impact, and the incident that it opens (P6.1, P3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase

from emergency.domain.assessment import Assessment, assess
from emergency.domain.incident import Incident, IncidentStatus
from emergency.domain.plan import Match, Plan, Rule, Text
from emergency.domain.report_event import place_of
from emergency.domain.signal import Report, Signal

_PLACE_LIMIT = 40
"""Characters of a place in an incident's title."""


@dataclass(frozen=True, kw_only=True)
class Classified:
    """A signal and what the plan makes of it: the rule that matched, the component, the cause, the severity."""

    signal: Signal
    rule: Rule
    component: str
    cause: str
    assessed: Assessment


def classify(signal: Signal, plan: Plan) -> Classified:
    """What the plan makes of a signal."""
    rule = rule_for(signal, plan)
    return Classified(
        signal=signal,
        rule=rule,
        component=_fill_one(rule.component, signal),
        cause=cause_of(signal, rule),
        assessed=assess(signal, rule, plan),
    )


def rule_for(signal: Signal, plan: Plan) -> Rule:
    """The first rule of the plan that matches the signal; the last rule matches everything."""
    return next(rule for rule in plan.rules if _matches(rule.match, signal))


def _matches(match: Match, signal: Signal) -> bool:
    return (
        _globs(match.source, (signal.source,))
        and _globs(match.detail_type, (signal.detail_type,))
        and _globs(match.namespace, (signal.namespace,))
        and _globs(match.metric, (signal.metric,))
        and _globs(match.name, signal.names)
        and _globs(match.account, (signal.account,))
        and _globs(match.region, (signal.region,))
        and all(key in signal.tags and _globs(glob, (signal.tags[key],)) for key, glob in match.tags.items())
    )


def _globs(pattern: str, values: tuple[str, ...]) -> bool:
    """Whether the glob fits one of the values; an empty glob fits anything."""
    return not pattern or any(fnmatchcase(value.casefold(), pattern.casefold()) for value in values)


def cause_of(signal: Signal, rule: Rule) -> str:
    """What correlates signals: the risk and the component that the rule names (its placeholders filled)."""
    return f"{rule.risk}/{_fill_one(rule.component, signal)}"


def incident_from(signal: Signal, rule: Rule, plan: Plan, *, incident_id: str, now: datetime) -> Incident:
    """The incident that a signal opens: the report of P6.1, with the severity that the risk matrix gives (P3)."""
    assessed = assess(signal, rule, plan)
    incident = Incident(
        id=incident_id,
        status=IncidentStatus.REPORTED,
        cause=cause_of(signal, rule),
        rule=rule.id,
        risk=rule.risk,
        component=_fill_one(rule.component, signal),
        title=_fill(rule.title, signal),
        place=_fill(rule.place, signal),
        first_impact=_fill(rule.first_impact, signal),
        signal_name=signal.name,
        signal_reason=signal.reason,
        began_at=min(signal.began_at, now),
        detected_at=min(signal.at, now),
        reported_at=now,
        likelihood=assessed.likelihood,
        impact=assessed.impact,
        computed_severity=assessed.severity,
        severity=assessed.severity,
        reasons=assessed.reasons,
        named_playbook=rule.playbook,
    )
    return _reported(incident, rule, signal, signal.report, plan) if signal.report else incident


def placed(signal: Signal, plan: Plan) -> Signal:
    """The signal; a person's report with the component of its place as its resource, and the place's id as a name.

    So a report belongs to one incident with the alarms of that component. A place that the plan doesn't know is its
    own component, in its reporter's words.
    """
    if signal.report is None:
        return signal
    place, _ = place_of(signal.report.place, plan)
    if place is None:
        return signal
    return replace(signal, resource=place.component, names=(signal.name, place.id, *signal.names[1:]))


def _reported(incident: Incident, rule: Rule, signal: Signal, report: Report, plan: Plan) -> Incident:
    """The incident with what its reporter says of it; the rule's title is filled with the place as people call it."""
    place, words = place_of(report.place, plan)
    names = place.name if place else dict.fromkeys(plan.company.locales, report.place)
    return replace(
        incident,
        title={
            locale: _fill_one(title, replace(signal, resource=names.get(locale, "")[:_PLACE_LIMIT]))
            for locale, title in rule.title.items()
        },
        place={locale: f"{name} ({words})" if place and words else name for locale, name in names.items()},
        first_impact=dict.fromkeys(plan.company.locales, report.first_impact),
        reporter=report.by if report.by in plan.contacts else "",
    )


def _fill(text: Text, signal: Signal) -> Text:
    return {locale: _fill_one(sentence, signal) for locale, sentence in text.items()}


def _fill_one(sentence: str, signal: Signal) -> str:
    """A plan text with what it may say of the signal."""
    return sentence.format(
        alarm=signal.name, resource=signal.resource or signal.name, region=signal.region, account=signal.account
    )
