"""What one person is told about one question: the facts behind a mail and a page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from emergency.domain.assignment import Assignment, TeamAssignments
from emergency.domain.deadline import Deadline
from emergency.domain.decision import Decision
from emergency.domain.incident import Incident, anonymous
from emergency.domain.inventory import Allocation, CallCount, OpenHotline
from emergency.domain.plan import Contact


@dataclass(frozen=True, kw_only=True)
class Briefing:
    """A question as one contact is asked it.

    `assignment` is the asked team's, `hotline` the incident's; both are missing where there is none. `assignments` are
    all teams', `allocations` what the asked team has or had on loan, `updates` the clock of updates to the public,
    `calls` the counts of calls; they are there on pages alone. With `helps` the contact works on the team's tasks and
    doesn't answer. With `outside` they are nobody of the company, and nothing is here but what they are asked.
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
    outside: bool = False


def from_outside(briefing: Briefing) -> Briefing:
    """What somebody from outside is told: their own order, and nothing else of the incident or its people.

    Pages and mails can't show by mistake what isn't there. Of an answer that somebody else has given remains what it
    is and when.
    """
    own, decision = briefing.contact.id, briefing.decision
    answer = decision.answer
    if answer and answer.by != own:
        answer = replace(answer, by="", fields={}, voters=())
    return Briefing(
        incident=anonymous(briefing.incident),
        decision=replace(
            decision,
            rungs=((own,),),
            asked=tuple(mail for mail in decision.asked if mail.contact == own),
            votes=tuple(vote for vote in decision.votes if vote.by == own),
            undelivered=(),
            handed_over=(),
            answer=answer,
        ),
        contact=briefing.contact,
        outside=True,
    )
