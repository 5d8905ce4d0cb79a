"""The timeline: immutable facts of one incident, each with its place in an execution (P6.5, the complete record)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from emergency.domain.terms import Step

WORSE = "worse/"
"""How the key of an entry begins that tells of a signal worse than those before; the severity follows."""

CLEARED = "cleared/"
"""How the key of an entry begins that tells of an alarm that went off."""

REPORTED = "reported/"
"""How the key of an entry begins that tells what a person has reported."""

ORDERS, CLEAN_UP, CLOSED = "orders", "clean_up_began", "incident_closed"
"""The keys of the entries that tell what was ordered, that the response is over, and that everything is."""

FOLLOWED, FOLLOWED_BEGINNINGS = (ORDERS, CLEAN_UP, CLOSED), (WORSE, CLEARED, REPORTED)
"""The keys of entries that something follows from beside the workflow's own steps, or how these keys begin."""

SYSTEM = "system"
"""The actor of a fact that no person brought about."""


class Fact(StrEnum):
    """What can stand on a timeline. The words have one sentence for each, under `timeline.<fact>`."""

    SIGNAL_OPENED = "signal_opened"
    SIGNAL_JOINED = "signal_joined"
    INCIDENT_REPORTED = "incident_reported"
    SIGNAL_CLEARED = "signal_cleared"
    ALARM_FLAPS = "alarm_flaps"
    ALL_CLEAR = "all_clear"
    SEVERITY_WORSENED = "severity_worsened"
    SEVERITY_ASSESSED = "severity_assessed"
    DECISION_ASKED = "decision_asked"
    DECISION_DELEGATED = "decision_delegated"
    DECISION_REMINDED = "decision_reminded"
    MAIL_UNDELIVERED = "mail_undelivered"
    MAIL_DELAYED = "mail_delayed"
    FACTOR_ASKED = "factor_asked"
    FACTOR_FAILED = "factor_failed"
    VOTE_CAST = "vote_cast"
    HANDED_OVER = "handed_over"
    MORE_TIME = "more_time"
    LEADERSHIP_PAGED = "leadership_paged"
    DECISION_ANSWERED = "decision_answered"
    DECISION_UNANSWERED = "decision_unanswered"
    DECISION_LAPSED = "decision_lapsed"
    SEVERITY_RAISED = "severity_raised"
    PLAN_ACTIVATED = "plan_activated"
    STOOD_DOWN = "stood_down"
    TASK_FORCE_SET_UP = "task_force_set_up"
    TEAM_ASSIGNED = "team_assigned"
    TEAM_CALLED = "team_called"
    TASK_DONE = "task_done"
    TASK_REOPENED = "task_reopened"
    TASK_ADDED = "task_added"
    TASK_REASSIGNED = "task_reassigned"
    TASK_SKIPPED = "task_skipped"
    TASK_DUE = "task_due"
    TASK_LATE = "task_late"
    UPDATE_GIVEN = "update_given"
    UPDATE_DUE = "update_due"
    UPDATE_LATE = "update_late"
    DEADLINE_STARTED = "deadline_started"
    DEADLINE_WARNED = "deadline_warned"
    DEADLINE_MISSED = "deadline_missed"
    DEADLINE_MET = "deadline_met"
    DEADLINE_WAIVED = "deadline_waived"
    NOTE_ADDED = "note_added"
    FILE_ADDED = "file_added"
    RELEASE_REQUESTED = "release_requested"
    HOTLINE_OPENED = "hotline_opened"
    HOTLINE_UNAVAILABLE = "hotline_unavailable"
    HOTLINE_HANDED = "hotline_handed"
    HOTLINE_UNSTAFFED = "hotline_unstaffed"
    CALLS_COUNTED = "calls_counted"
    HOTLINE_CLOSED = "hotline_closed"
    STATEMENT_DRAFTED = "statement_drafted"
    STATEMENT_PUBLISHED = "statement_published"
    MEDIA_TOLD = "media_told"
    SUBSCRIBERS_TOLD = "subscribers_told"
    REPLAN_PROPOSED = "replan_proposed"
    REPLAN_ORDERED = "replan_ordered"
    PARCELS_LISTED = "parcels_listed"
    CARRIER_CONFIRMED = "carrier_confirmed"
    CARRIER_DECLINED = "carrier_declined"
    PARCELS_LEFT = "parcels_left"
    RESOURCE_LENT = "resource_lent"
    RESOURCE_SHORT = "resource_short"
    RESOURCE_RETURNED = "resource_returned"
    RESERVE_CALLED = "reserve_called"
    SHORTAGE_TOLD = "shortage_told"
    FUNDS_SPENT = "funds_spent"
    WRITTEN_OFF = "written_off"
    CLEAN_UP_BEGAN = "clean_up_began"
    RECORD_ASSEMBLED = "record_assembled"
    RECORD_SEALED = "record_sealed"
    REPORT_WRITTEN = "report_written"
    INCIDENT_CLOSED = "incident_closed"
    NEEDS_ATTENTION = "needs_attention"
    MAINTENANCE_REQUESTED = "maintenance_requested"
    MAINTENANCE_SET = "maintenance_set"
    MAINTENANCE_ENDED = "maintenance_ended"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in Step Functions something happened: an execution's name and the name of the state that ran."""

    execution: str
    state: str


Detail = str | int | tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One fact: when, who, what, which step.

    `key` is unique within the incident and follows from what happened, not from when: a handler that runs twice
    writes the entry once. `actor` is a contact id or SYSTEM. `details` fill the sentence; ids, not names.
    """

    key: str
    at: datetime
    step: Step
    fact: Fact
    actor: str
    place: Place
    details: Mapping[str, Detail] = field(default_factory=dict)
