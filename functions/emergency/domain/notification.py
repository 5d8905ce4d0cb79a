"""Mails that tell people something and ask nothing: who is called, what is due, what is short."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from emergency.domain.assignment import AssignedTask
from emergency.domain.deliveries import CarrierOrder
from emergency.domain.incident import Incident
from emergency.domain.inventory import Allocation
from emergency.domain.maintenance import Maintenance
from emergency.domain.plan import Contact
from emergency.domain.statement import Statement
from emergency.domain.terms import Severity, Team


class NotificationKind(StrEnum):
    """What a mail tells. The words have its sentences under `notification.<kind>`."""

    TASK_FORCE = "task_force"
    """To each of the task force: who the others are, and how to reach them."""
    TEAM_CALLED = "team_called"
    """To a team's deputies and members: the tasks, theirs first, and the link to work on them."""
    CLEAN_UP_CALLED = "clean_up_called"
    """To a team's people who have tasks in site clean-up: as before."""
    TASK_YOURS = "task_yours"
    """To somebody who was given a task by the team's lead."""
    TASKS_DUE = "tasks_due"
    """Tasks whose target comes near."""
    TASKS_LATE = "tasks_late"
    """Tasks whose target has passed; also to those to whom this goes up."""
    UPDATE_DUE = "update_due"
    UPDATE_LATE = "update_late"
    SHORTAGE = "shortage"
    """To the leadership group: what could not be lent, and to whom."""
    CARRIER_CONFIRMED = "carrier_confirmed"
    """To the logistics lead: a carrier takes over what it was asked."""
    CARRIER_DECLINED = "carrier_declined"
    """To the logistics lead: a carrier does not, or has not answered; and what is left."""
    STATEMENT = "statement"
    """To a newsroom: a statement as it was published, and nothing else."""
    STATEMENT_OUT = "statement_out"
    """To the teams whom it concerns: that a statement is out, and what it says."""
    ALARM_CLEARED = "alarm_cleared"
    """To the lead of technical support: an alarm went off, and how many are still on."""
    SEVERITY_RAISED = "severity_raised"
    """To the leads of the called teams: the incident was raised to a higher severity, and why."""
    MAINTENANCE_APPROVED = "maintenance_approved"
    """To whoever planned maintenance: alarms open no incidents while it lasts."""
    MAINTENANCE_DECLINED = "maintenance_declined"
    """To whoever planned maintenance: it was declined, or nobody decided."""
    MAINTENANCE_OVER = "maintenance_over"
    """To whoever planned maintenance: what was recorded meanwhile, and which alarms were still on."""
    REPORT_TAKEN = "report_taken"
    """To a contact who reported the incident: its reference."""
    REPORT_ORDERED = "report_ordered"
    """To the same, as all that follows: that the response has begun."""
    REPORT_STOOD_DOWN = "report_stood_down"
    REPORT_RESOLVED = "report_resolved"
    REPORT_CLOSED = "report_closed"
    RESERVE_CALLED = "reserve_called"
    """To somebody of the reserve list: which team they help, and whom they report to."""


@dataclass(frozen=True, kw_only=True)
class DueTask:
    """A task that a mail speaks of, with its team."""

    team: Team
    task: AssignedTask


@dataclass(frozen=True, kw_only=True)
class Cleared:
    """An alarm that went off, and how many of the incident's are still on; None where they weren't counted."""

    alarm: str
    region: str
    at: datetime
    on: int | None


@dataclass(frozen=True, kw_only=True)
class Raised:
    """What an incident was raised from, by whom (contact ids), for which signal; the teams that were never called."""

    before: Severity
    by: tuple[str, ...]
    signal: str
    uncalled: tuple[Team, ...]


@dataclass(frozen=True, kw_only=True)
class Notification:
    """One such mail to one person. `about` makes it one of its kind within the incident, so that it is sent once.

    `tasks` are those that it speaks of, `allocations` what is short or on loan, `people` contact ids, `due_at` when an
    update is or was due, `link_url` the reader's own way to the team's page, empty where they have one already, or with
    a `statement` where it was published. `order` is what a carrier was asked, `text` what it wrote. Of `maintenance`
    that is over, `signals` were recorded, and the alarms `still_on` are reported now.
    """

    kind: NotificationKind
    incident: Incident
    to: Contact
    about: str = ""
    team: Team | None = None
    tasks: tuple[DueTask, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    people: tuple[str, ...] = ()
    due_at: datetime | None = None
    link_url: str = ""
    order: CarrierOrder | None = None
    text: str = ""
    statement: Statement | None = None
    cleared: Cleared | None = None
    raised: Raised | None = None
    maintenance: Maintenance | None = None
    signals: int = 0
    still_on: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The mail's name: the same for a mail that was sent twice."""
        return "-".join(part for part in (self.incident.id, self.kind.value, self.about, self.to.id) if part)


@dataclass(frozen=True, kw_only=True)
class SentMail:
    """A notification that the mail provider has accepted, or has refused: then `mail_id` is empty."""

    incident_id: str
    name: str
    kind: NotificationKind
    contact: str
    at: datetime
    mail_id: str = ""
