"""Tells a team's people of their tasks, with a way to the team's page, on which they help (P5, P6.3, P6.5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from emergency.domain.assignment import Assignment
from emergency.domain.decision import Decision
from emergency.domain.incident import Incident
from emergency.domain.notification import DueTask, Notification, NotificationKind
from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Step
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from emergency.ports import Clock, Incidents
from emergency.use_cases.ask_people import PrepareQuestion
from emergency.use_cases.links import HelpLinks
from emergency.use_cases.notify import Notify

_CALLS = {
    Step.EMERGENCY_RESPONSE: (NotificationKind.TEAM_CALLED, DecisionKind.COMPLETE),
    Step.SITE_CLEAN_UP: (NotificationKind.CLEAN_UP_CALLED, DecisionKind.CLEAN_UP),
}
"""For each step what is mailed, and whose question's page is the team's."""


@dataclass(frozen=True, kw_only=True)
class CallHelpers:
    """Mails them, each once. The question need not have been put yet: it is on record from now on."""

    plan: Plan
    incidents: Incidents
    prepare: PrepareQuestion
    notify: Notify
    links: HelpLinks
    clock: Clock

    def __call__(
        self, incident: Incident, assignment: Assignment, step: Step, people: Iterable[str], place: Place
    ) -> None:
        """Calls these people of the team for its tasks of that step. Raises PostUnavailable to be called again."""
        _, kind = _CALLS[step]
        question = self.prepare(incident.id, kind, assignment.team, 0, place)
        told = tuple(who for who in people if self._call(incident, assignment, step, question, who))
        if told:
            entry = TimelineEntry(
                key=f"{Fact.TEAM_CALLED}/{step}/{assignment.team}",
                at=self.clock(),
                step=step,
                fact=Fact.TEAM_CALLED,
                actor=SYSTEM,
                place=place,
                details={"team": assignment.team, "people": told},
            )
            self.incidents.add(incident.id, [entry])

    def _call(self, incident: Incident, assignment: Assignment, step: Step, question: Decision, who: str) -> bool:
        call = Notification(
            kind=_CALLS[step][0],
            incident=incident,
            to=self.plan.contact(who),
            about=assignment.team,
            team=assignment.team,
            tasks=tuple(DueTask(team=assignment.team, task=task) for task in assignment.of(step)),
        )
        return self.notify.with_link(call, lambda: self.links(question, who, call.name))
