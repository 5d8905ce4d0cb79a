"""What one person is told about one question: the facts behind a mail and a page."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.assignment import Assignment
from emergency.domain.decision import Decision
from emergency.domain.incident import Incident
from emergency.domain.inventory import OpenHotline
from emergency.domain.plan import Contact


@dataclass(frozen=True, kw_only=True)
class Briefing:
    """A question as one contact is asked it.

    `assignment` is the asked team's, `hotline` the incident's; both are missing where there is none.
    """

    incident: Incident
    decision: Decision
    contact: Contact
    assignment: Assignment | None = None
    hotline: OpenHotline | None = None
