"""What one person is told about one question: the facts behind a mail and a page."""

from __future__ import annotations

from dataclasses import dataclass, field

from emergency.domain.assignment import Assignment, TeamAssignments
from emergency.domain.deadline import Deadline
from emergency.domain.decision import Decision
from emergency.domain.incident import Incident
from emergency.domain.inventory import Allocation, CallCount, OpenHotline
from emergency.domain.plan import Contact


@dataclass(frozen=True, kw_only=True)
class Briefing:
    """A question as one contact is asked it.

    `assignment` is the asked team's, `hotline` the incident's; both are missing where there is none. `assignments` are
    all teams', `allocations` what the asked team has or had on loan, `updates` the clock of updates to the public,
    `calls` the counts of calls; they are there on pages alone. With `helps` the contact works on the team's tasks and
    doesn't answer.
    """

    incident: Incident
    decision: Decision
    contact: Contact
    assignment: Assignment | None = None
    hotline: OpenHotline | None = None
    assignments: TeamAssignments = field(default_factory=dict)
    allocations: tuple[Allocation, ...] = ()
    updates: Deadline | None = None
    calls: tuple[CallCount, ...] = ()
    helps: bool = False
