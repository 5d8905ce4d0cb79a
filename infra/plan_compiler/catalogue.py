"""Which sentences the system says, and what it fills into each: the contract between the words files and the code.

Whoever lets the system say a new sentence adds its key here and its text to every file of `plan/words/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emergency.domain.decision import QUESTIONS
from emergency.domain.terms import DecisionKind, Outcome, Severity, Step

STATUSES = ("reported", "active", "stood_down", "closed", "needs_attention")

_ON_SILENCE: Mapping[DecisionKind, tuple[Outcome, ...]] = {
    DecisionKind.ORDERS: (Outcome.ACTIVATE, Outcome.STAND_DOWN),
    DecisionKind.ACKNOWLEDGE: (Outcome.NOT_ACKNOWLEDGED,),
    DecisionKind.COMPLETE: (Outcome.NOT_COMPLETED,),
    DecisionKind.CLEAN_UP: (Outcome.NOT_HANDED_IN,),
    DecisionKind.REVIEW: (Outcome.NOT_REVIEWED,),
}


@dataclass(frozen=True)
class Sentence:
    """What the code fills into a sentence, and whether it counts something (which fills `{count}`)."""

    placeholders: frozenset[str]
    counted: bool = False


def _fills(*names: str) -> Sentence:
    return Sentence(frozenset(names))


def _counts(*names: str) -> Sentence:
    return Sentence(frozenset({*names, "count"}), counted=True)


def _fixed(area: str, *names: str) -> dict[str, Sentence]:
    """Sentences of one area into which nothing is filled."""
    return {f"{area}.{name}": _fills() for name in names}


def _of_decision(kind: DecisionKind) -> dict[str, Sentence]:
    area = f"decision.{kind}"
    return {
        f"{area}.ask": _fills("team"),
        f"{area}.question": _fills("team"),
        f"{area}.explain": _fills("team"),
        f"{area}.deadline": _fills("time"),
        f"{area}.link": _fills(),
        **{f"{area}.button.{outcome}": _fills() for outcome in QUESTIONS[kind].outcomes},
        **{f"{area}.done.{outcome}": _fills("level", "teams", "team") for outcome in QUESTIONS[kind].outcomes},
        f"{area}.silence.next": _counts("next"),
        **{f"{area}.silence.{outcome}": _fills("level", "team") for outcome in _ON_SILENCE[kind]},
        **{f"{area}.{name}.{part}": _fills() for name in QUESTIONS[kind].texts for part in ("label", "hint")},
    }


_NAMES = {
    **_fixed("step", *Step),
    **_fixed("status", *STATUSES),
    **_fixed("severity.level", *Severity),
    "role.head": _fills(),
    "role.deputy_heads": _counts(),
    "role.members": _counts(),
    "role.team_lead": _fills("team"),
    "role.team_deputies": _counts("team"),
    "person.full": _fills("name", "title"),
    **_fixed("person", "system", "nobody"),
    **_fixed("outcome", *Outcome),
}

_MAIL = {
    "mail.subject": _fills("severity", "title", "ask", "incident"),
    "mail.subject_since": _fills("severity", "title", "began", "ask", "incident"),
    "mail.sender": _fills("company"),
    "mail.happened": _fills("title", "began", "impact"),
    "mail.detected": _fills("alarm", "time", "place"),
    "mail.lead.orders": _fills("level", "teams"),
    "mail.lead.acknowledge": _fills("level", "time", "team"),
    "mail.lead.complete": _fills("team"),
    "mail.lead.clean_up": _fills("team"),
    "mail.lead.review": _fills("round"),
    "mail.note": _fills("comment"),
    "mail.escalated": _fills("who"),
    "mail.together": _counts("others"),
    "mail.tasks": _fills(),
    "mail.task_by": _fills("time", "task"),
    "mail.hotline": _fills("number"),
    "mail.link": _fills("link"),
    "mail.footer.why": _fills("title", "company"),
    "mail.footer.personal": _fills(),
    "mail.footer.reply": _fills("address"),
}

_PAGE = {
    "page.title": _fills("title", "incident"),
    "page.personal": _fills("name"),
    "page.why": _fills("title", "company"),
    "page.label.status": _fills(),
    "page.label.severity": _fills(),
    "page.label.risk": _fills(),
    "page.label.place": _fills(),
    "page.label.detected": _fills(),
    "page.label.reported_by": _fills(),
    "page.label.teams": _fills(),
    "page.label.timeline": _fills(),
    "page.label.began": _fills(),
    "page.label.likelihood_impact": _fills(),
    "page.label.answer": _fills(),
    "page.label.written": _fills(),
    "page.label.facts": _fills(),
    "page.label.signal_reason": _fills(),
    "page.required": _fills(),
    "page.optional": _fills(),
    "page.time_left": _fills("duration"),
    "page.time_over": _fills(),
    "page.scores": _fills("likelihood", "impact"),
    "page.computed": _fills("severity"),
    "page.severity_option": _fills("severity", "means"),
    "page.at_least_one": _fills(),
    "page.open_report": _fills(),
    "page.earlier": _counts(),
    "page.invalid.heading": _fills(),
    "page.invalid.comment_missing": _fills(),
    "page.invalid.record_missing": _fills(),
    "page.invalid.teams_missing": _fills(),
    "page.invalid.severity_unknown": _fills(),
    "page.invalid.outcome_unknown": _fills(),
    "page.invalid.title": _fills("title"),
    "page.invalid.outcome_missing": _fills(),
    "page.invalid.severity_missing": _fills(),
    "page.invalid.teams_unknown": _fills(),
    "page.invalid.measures_missing": _fills(),
    "page.invalid.too_long": _fills("field", "limit"),
    "page.invalid.unusable": _fills(),
    "page.done.heading": _fills(),
    "page.done.at": _fills("time"),
    "page.done.by_hand": _fills(),
    "page.decided.heading": _fills(),
    "page.decided.text": _fills("who", "time", "outcome"),
    "page.decided.by_you": _fills("time", "outcome"),
    "page.decided.not_recorded": _fills(),
    "page.lapsed.heading": _fills(),
    "page.lapsed.text": _fills("time", "outcome"),
    "page.gone.heading": _fills(),
    "page.gone.text": _fills(),
    "page.unknown.heading": _fills(),
    "page.unknown.text": _fills(),
    "page.forged.heading": _fills(),
    "page.forged.text": _fills(),
    "page.error.heading": _fills(),
    "page.error.text": _fills(),
    "page.error.again": _fills(),
}

_TIMELINE = {
    "timeline.signal_opened": _fills("alarm", "region"),
    "timeline.signal_joined": _fills("alarm", "region"),
    "timeline.signal_cleared": _fills("alarm", "region"),
    "timeline.severity_assessed": _fills("level", "likelihood", "impact"),
    "timeline.decision_asked.orders": _fills("who"),
    "timeline.decision_asked.acknowledge": _fills("team", "who"),
    "timeline.decision_asked.complete": _fills("team", "who"),
    "timeline.decision_asked.clean_up": _fills("team", "who"),
    "timeline.decision_asked.review": _fills("who"),
    "timeline.decision_asked.unknown": _fills("who"),
    "timeline.decision_answered.activate": _fills("who"),
    "timeline.decision_answered.stand_down": _fills("who"),
    "timeline.decision_answered.acknowledged": _fills("who", "team"),
    "timeline.decision_answered.completed": _fills("who", "team"),
    "timeline.decision_answered.handed_in": _fills("who", "team"),
    "timeline.decision_answered.accepted": _fills("who"),
    "timeline.decision_answered.returned": _fills("who"),
    "timeline.decision_answered.unknown": _fills("who"),
    "timeline.decision_lapsed.activate": _fills(),
    "timeline.decision_lapsed.stand_down": _fills(),
    "timeline.decision_lapsed.not_acknowledged": _fills("team"),
    "timeline.decision_lapsed.not_completed": _fills("team"),
    "timeline.decision_lapsed.not_handed_in": _fills("team"),
    "timeline.decision_lapsed.not_reviewed": _fills(),
    "timeline.decision_lapsed.unknown": _fills(),
    "timeline.plan_activated": _fills("level", "teams", "task_force"),
    "timeline.stood_down": _fills(),
    "timeline.team_assigned": _counts("team"),
    "timeline.hotline_opened": _fills("number"),
    "timeline.hotline_unavailable": _fills(),
    "timeline.hotline_closed": _fills("number"),
    "timeline.resource_lent": _fills("team", "resource", "quantity"),
    "timeline.resource_short": _fills("team", "resource", "wanted", "quantity"),
    "timeline.resource_returned": _fills("team", "resource", "quantity"),
    "timeline.record_assembled": _fills(),
    "timeline.report_written": _fills("round"),
    "timeline.needs_attention": _fills(),
    "timeline.decision_unanswered.orders": _fills("rung"),
    "timeline.decision_unanswered.acknowledge": _fills("rung", "team"),
    "timeline.decision_unanswered.complete": _fills("rung", "team"),
    "timeline.decision_unanswered.clean_up": _fills("rung", "team"),
    "timeline.decision_unanswered.review": _fills("rung"),
    "timeline.decision_unanswered.unknown": _fills("rung"),
    "timeline.incident_closed.accepted": _fills(),
    "timeline.incident_closed.returned": _fills(),
    "timeline.incident_closed.not_reviewed": _fills(),
    "timeline.incident_closed.unknown": _fills(),
}

_REPORT = {
    "report.title": _fills("title"),
    "report.subtitle": _fills("incident", "round", "time"),
    "report.submitted": _fills(),
    "report.label.task_force": _fills(),
    "report.label.teams": _fills(),
    "report.heading.summary": _fills(),
    "report.heading.course": _fills(),
    "report.heading.measures": _fills(),
    "report.heading.impact": _fills(),
    "report.heading.times": _fills(),
    "report.heading.resources": _fills(),
    "report.heading.proposals": _fills(),
    "report.heading.remarks": _fills(),
    "report.summary.what": _fills("title", "place", "time"),
    "report.summary.activated": _counts("level", "teams"),
    "report.summary.resolved": _fills("duration"),
    "report.summary.unresolved": _fills(),
    "report.summary.stood_down": _fills(),
    "report.summary.no_orders": _fills(),
    "report.course.picture": _fills(),
    "report.course.zone": _fills("zone"),
    "report.course.none": _fills(),
    "report.course.described": _counts("begin", "end"),
    "report.course.folded": _fills("durations"),
    "report.course.entries": _counts("step"),
    "report.course.moments": _fills(),
    "report.measures.acknowledged": _fills("who", "time"),
    "report.measures.not_acknowledged": _fills(),
    "report.measures.completed": _fills("who", "time"),
    "report.measures.not_completed": _fills(),
    "report.measures.result": _fills(),
    "report.measures.record": _fills(),
    "report.measures.no_record": _fills(),
    "report.measures.task": _fills(),
    "report.measures.target": _fills(),
    "report.measures.none": _fills(),
    "report.measures.no_tasks": _fills(),
    "report.measures.no_target": _fills(),
    "report.measures.no_result": _fills(),
    "report.measures.note": _fills(),
    "report.impact.risk": _fills("risk"),
    "report.impact.assessed": _fills("likelihood", "impact", "level"),
    "report.impact.ordered": _fills("who", "level"),
    "report.impact.first": _fills(),
    "report.impact.signals": _counts(),
    "report.impact.cleared": _fills("time"),
    "report.impact.not_cleared": _fills(),
    "report.impact.risk_in_plan": _fills(),
    "report.impact.happens": _fills(),
    "report.impact.harms": _fills(),
    "report.impact.said": _fills(),
    "report.impact.no_said": _fills(),
    "report.impact.severity": _fills(),
    "report.impact.ordered_by_plan": _fills("level"),
    "report.impact.comment": _fills("comment"),
    "report.times.point": _fills(),
    "report.times.time": _fills(),
    "report.times.since": _fills(),
    "report.times.detected": _fills(),
    "report.times.reported": _fills(),
    "report.times.ordered": _fills(),
    "report.times.acknowledged": _fills("team"),
    "report.times.resolved": _fills(),
    "report.times.closed": _fills(),
    "report.times.not_reached": _fills(),
    "report.times.began": _fills(),
    "report.times.before": _fills(),
    "report.times.cleared": _fills(),
    "report.times.all_acknowledged": _fills(),
    "report.resources.resource": _fills(),
    "report.resources.team": _fills(),
    "report.resources.quantity": _fills(),
    "report.resources.lent": _fills(),
    "report.resources.returned": _fills(),
    "report.resources.outstanding": _fills(),
    "report.resources.none": _fills(),
    "report.resources.no_hotline": _fills(),
    "report.resources.hotline_open": _fills("number", "opened"),
    "report.resources.hotline_closed": _fills("number", "opened", "closed"),
    "report.resources.lent_of": _fills("quantity", "wanted"),
    "report.resources.caption": _fills(),
    "report.proposals.none": _fills(),
    "report.proposals.record": _fills(),
    "report.proposals.teams": _fills(),
    "report.proposal.orders_escalated": _fills(),
    "report.proposal.orders_lapsed": _fills(),
    "report.proposal.acknowledge_escalated": _fills("team"),
    "report.proposal.not_acknowledged": _fills("team"),
    "report.proposal.complete_escalated": _fills("team"),
    "report.proposal.not_completed": _fills("team"),
    "report.proposal.not_handed_in": _fills("team"),
    "report.proposal.resource_short": _fills("resource", "team", "wanted", "quantity"),
    "report.proposal.hotline_unavailable": _fills(),
    "report.remarks.none": _fills(),
    "report.remarks.returned": _fills("who", "time"),
    "report.footer": _fills("incident", "company"),
}

_FORMATS = {
    "quantity.units": _fills("count", "unit"),
    "quantity.money": _fills("currency", "amount"),
    "time.moment": _fills("day", "month", "clock", "zone"),
    "time.moment_short": _fills("day", "month", "clock"),
    "time.in_zone": _fills("time", "zone"),
    "time.date": _fills("day", "month", "year"),
    "time.day": _fills("day", "month"),
    "time.clock": _fills("hour", "minute"),
    "time.seconds": _counts(),
    "time.minutes": _counts(),
    "time.hours": _counts(),
    "time.days": _counts(),
    "time.units": _fills("larger", "smaller"),
    "time.no_time": _fills(),
    "list.more": _fills("first", "last"),
    "list.last": _fills("first", "last"),
    **{f"time.month.{month}": _fills() for month in range(1, 13)},
}

CATALOGUE: Mapping[str, Sentence] = {
    **_NAMES,
    **{key: sentence for kind in DecisionKind for key, sentence in _of_decision(kind).items()},
    **_MAIL,
    **_PAGE,
    **_TIMELINE,
    **_REPORT,
    **_FORMATS,
}
"""Every key of the words files."""
