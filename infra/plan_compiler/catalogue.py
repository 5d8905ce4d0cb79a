"""Which sentences the system says, and what it fills into each: the contract between the words files and the code.

Whoever lets the system say a new sentence adds its key here and its text to every file of `plan/words/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emergency.domain.terms import DecisionKind, Outcome, Severity, Step

STATUSES = ("reported", "active", "stood_down", "closed", "needs_attention")

_ANSWERS: Mapping[DecisionKind, tuple[Outcome, ...]] = {
    DecisionKind.ORDERS: (Outcome.ACTIVATE, Outcome.STAND_DOWN),
    DecisionKind.ACKNOWLEDGE: (Outcome.ACKNOWLEDGED,),
    DecisionKind.COMPLETE: (Outcome.COMPLETED,),
    DecisionKind.CLEAN_UP: (Outcome.HANDED_IN,),
    DecisionKind.REVIEW: (Outcome.ACCEPTED, Outcome.RETURNED),
}
_ON_SILENCE: Mapping[DecisionKind, tuple[Outcome, ...]] = {
    DecisionKind.ORDERS: (Outcome.ACTIVATE, Outcome.STAND_DOWN),
    DecisionKind.ACKNOWLEDGE: (Outcome.NOT_ACKNOWLEDGED,),
    DecisionKind.COMPLETE: (Outcome.NOT_COMPLETED,),
    DecisionKind.CLEAN_UP: (Outcome.NOT_HANDED_IN,),
    DecisionKind.REVIEW: (Outcome.NOT_REVIEWED,),
}


@dataclass(frozen=True)
class Sentence:
    """What the code fills into a sentence, and whether it counts something (and so fills `{count}` and picks a plural)."""

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
        f"{area}.name": _fills(),
        f"{area}.ask": _fills("team"),
        f"{area}.question": _fills("team"),
        f"{area}.explain": _fills("team"),
        f"{area}.deadline": _fills("time"),
        f"{area}.link": _fills(),
        **{f"{area}.button.{outcome}": _fills() for outcome in _ANSWERS[kind]},
        **{f"{area}.done.{outcome}": _fills("level", "teams", "team") for outcome in _ANSWERS[kind]},
        f"{area}.silence.next": _counts("next"),
        **{f"{area}.silence.{outcome}": _fills("level", "team") for outcome in _ON_SILENCE[kind]},
        f"{area}.comment.label": _fills(),
        f"{area}.comment.hint": _fills(),
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
    "mail.sender": _fills("company"),
    "mail.detected": _fills("alarm", "place", "time"),
    "mail.tasks": _fills(),
    "mail.task_within": _fills("task", "duration"),
    "mail.note": _fills("comment"),
    "mail.lead.orders": _fills("level", "teams"),
    "mail.lead.acknowledge": _fills("level", "team", "time"),
    "mail.lead.complete": _fills("team", "who", "time"),
    "mail.lead.complete_unacknowledged": _fills("team"),
    "mail.lead.clean_up": _fills("team"),
    "mail.lead.review": _fills("round", "rounds"),
    "mail.lead.review_revised": _fills("round", "rounds", "comment"),
    "mail.footer.why": _fills("title", "company"),
    "mail.footer.personal": _fills(),
    "mail.footer.reply": _fills("address"),
}

_PAGE_LABELS = (
    *("incident", "status", "severity", "risk", "likelihood", "impact", "place", "detected", "reported_by"),
    *("first_impact", "proposal", "team", "teams", "tasks", "resources", "hotline", "asked", "decide_until"),
    *("timeline", "note", "report", "remarks"),
)

_PAGE = {
    "page.title": _fills("title", "incident"),
    "page.personal": _fills("name"),
    **_fixed("page.label", *_PAGE_LABELS),
    "page.task_within": _fills("duration"),
    "page.time_left": _fills("duration"),
    **_fixed("page", "open_report", "required"),
    "page.done.heading": _fills(),
    "page.done.at": _fills("time"),
    "page.decided.heading": _fills(),
    "page.decided.text": _fills("who", "outcome", "time"),
    "page.decided.by_you": _fills("outcome", "time"),
    "page.lapsed.heading": _fills(),
    "page.lapsed.text": _fills("outcome", "time"),
    **_fixed("page.unknown", "heading", "text"),
    **_fixed("page.invalid", "heading", "comment_missing", "record_missing", "teams_missing", "severity_unknown"),
    **_fixed("page.invalid", "outcome_unknown", "form_expired"),
    "page.invalid.comment_too_long": _fills("limit"),
    **_fixed("page.error", "heading", "text", "method", "again"),
}

_TIMELINE = {
    "timeline.signal_opened": _fills("alarm"),
    "timeline.signal_joined": _fills("alarm"),
    "timeline.signal_cleared": _fills("alarm"),
    "timeline.severity_assessed": _fills("risk", "level", "likelihood", "impact"),
    "timeline.severity_ordered": _fills("who", "level"),
    "timeline.decision_asked.orders": _fills("who"),
    "timeline.decision_asked.acknowledge": _fills("who", "team"),
    "timeline.decision_asked.complete": _fills("who", "team"),
    "timeline.decision_asked.clean_up": _fills("who", "team"),
    "timeline.decision_asked.review": _fills("who", "round"),
    "timeline.decision_answered.activate": _fills("who"),
    "timeline.decision_answered.stand_down": _fills("who"),
    "timeline.decision_answered.acknowledged": _fills("who", "team"),
    "timeline.decision_answered.completed": _fills("who", "team"),
    "timeline.decision_answered.handed_in": _fills("who", "team"),
    "timeline.decision_answered.accepted": _fills("who"),
    "timeline.decision_answered.returned": _fills("who"),
    "timeline.decision_unanswered": _fills("who", "duration", "kind"),
    "timeline.decision_lapsed.activate": _fills(),
    "timeline.decision_lapsed.stand_down": _fills(),
    "timeline.decision_lapsed.not_acknowledged": _fills("team"),
    "timeline.decision_lapsed.not_completed": _fills("team"),
    "timeline.decision_lapsed.not_handed_in": _fills("team"),
    "timeline.decision_lapsed.not_reviewed": _fills(),
    "timeline.comment": _fills("comment"),
    "timeline.plan_activated": _fills("level", "teams"),
    "timeline.stood_down": _fills(),
    "timeline.team_assigned": _counts("team"),
    "timeline.team_not_mobilised": _fills("team"),
    "timeline.hotline_opened": _fills("number"),
    "timeline.hotline_unavailable": _fills(),
    "timeline.hotline_closed": _fills("number"),
    "timeline.resource_lent": _fills("resource", "quantity", "team"),
    "timeline.resource_short": _fills("resource", "quantity", "available", "team"),
    "timeline.resource_returned": _fills("resource", "quantity", "team"),
    "timeline.record_handed_in": _fills("team"),
    "timeline.record_assembled": _fills(),
    "timeline.report_written": _fills("round"),
    "timeline.report_returned": _fills("round"),
    "timeline.report_accepted": _fills(),
    "timeline.incident_closed": _fills(),
    "timeline.needs_attention": _fills("reason"),
}

_REPORT = {
    "report.title": _fills("title"),
    "report.subtitle": _fills("incident", "round", "time"),
    "report.submitted": _fills(),
    **_fixed(
        "report.heading",
        "summary",
        "course",
        "measures",
        "impact",
        "times",
        "resources",
        "proposals",
        "remarks",
    ),
    "report.summary.what": _fills("title", "place", "time"),
    "report.summary.activated": _fills("level", "teams"),
    "report.summary.resolved": _fills("duration"),
    "report.summary.unresolved": _fills(),
    **_fixed("report.course", "picture", "time", "step", "event", "by"),
    "report.course.zone": _fills("zone"),
    "report.measures.acknowledged": _fills("who", "time"),
    "report.measures.completed": _fills("who", "time"),
    **_fixed("report.measures", "not_acknowledged", "not_completed", "not_mobilised"),
    **_fixed("report.measures", "result", "record", "no_record", "task", "target"),
    "report.measures.hotline": _fills("number", "opened", "closed"),
    "report.impact.risk": _fills("risk"),
    "report.impact.assessed": _fills("likelihood", "impact", "level"),
    "report.impact.ordered": _fills("level"),
    "report.impact.first": _fills(),
    "report.impact.signals": _counts(),
    "report.impact.lasted": _fills("duration"),
    "report.impact.cleared": _fills("time"),
    "report.impact.not_cleared": _fills(),
    "report.impact.funds": _fills("amount"),
    **_fixed("report.times", "point", "time", "since", "span", "duration", "not_reached"),
    **_fixed("report.times", "detected", "reported", "ordered", "acknowledged", "resolved", "closed"),
    **_fixed("report.times", "detected_to_reported", "reported_to_ordered", "ordered_to_acknowledged"),
    **_fixed("report.times", "ordered_to_resolved", "detected_to_closed"),
    **_fixed("report.resources", "resource", "team", "quantity", "lent", "returned", "outstanding", "short", "none"),
    "report.footer": _fills("incident", "company"),
}

_PROPOSALS = {
    **_fixed("report.proposals", "none", "record", "hotline_unavailable", "signals_again", "report_returned"),
    **_fixed("report.proposals", "needs_attention"),
    "report.proposals.late_acknowledgement": _fills("team", "duration", "target"),
    "report.proposals.not_acknowledged": _fills("team"),
    "report.proposals.escalated": _counts("kind"),
    "report.proposals.decided_by_silence": _fills("outcome"),
    "report.proposals.severity_changed": _fills("computed", "ordered", "risk"),
    "report.proposals.not_completed": _fills("team"),
    "report.proposals.resource_short": _fills("resource", "quantity", "available"),
    "report.proposals.resource_outstanding": _fills("resource", "quantity"),
    "report.proposals.no_record": _fills("team"),
}

_FORMATS = {
    "quantity.units": _fills("count", "unit"),
    "quantity.money": _fills("currency", "amount"),
    "time.moment": _fills("day", "month", "clock", "zone"),
    "time.moment_short": _fills("day", "month", "clock"),
    "time.date": _fills("year", "month", "day"),
    "time.clock": _fills("hour", "minute"),
    **{f"time.month.{month}": _fills() for month in range(1, 13)},
    **{f"time.{unit}": _counts() for unit in ("seconds", "minutes", "hours", "days")},
    "time.units": _fills("larger", "smaller"),
    "time.left": _fills("duration"),
    "list.more": _fills("first", "last"),
    "list.last": _fills("first", "last"),
    "list.none": _fills(),
}

CATALOGUE: Mapping[str, Sentence] = {
    **_NAMES,
    **{key: sentence for kind in DecisionKind for key, sentence in _of_decision(kind).items()},
    **_MAIL,
    **_PAGE,
    **_TIMELINE,
    **_REPORT,
    **_PROPOSALS,
    **_FORMATS,
}
"""Every key of the words files."""
