"""Step 2, orders: the task force (專項小組) is introduced to each other by mail (P6.2)."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.incident import Incident
from emergency.domain.notification import Notification, NotificationKind
from emergency.domain.plan import Plan
from emergency.domain.terms import Step
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from emergency.ports import Clock, Incidents
from emergency.use_cases.notify import Notify


@dataclass(frozen=True, kw_only=True)
class IntroduceTaskForce:
    """Tells each of the task force who the others are and how to reach them; a second run mails nobody twice."""

    plan: Plan
    incidents: Incidents
    notify: Notify
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> tuple[str, ...]:
        """The contacts who were told. Raises IncidentNotFound, and PostUnavailable to be called again."""
        incident = self.incidents.get(incident_id)
        people = tuple(who for who in (incident.orders.task_force if incident.orders else ()) if self._knows(who))
        told = self.notify.each([self._introduction(incident, who, people) for who in people])
        if told:
            entry = TimelineEntry(
                key=Fact.TASK_FORCE_SET_UP.value,
                at=self.clock(),
                step=Step.ORDERS,
                fact=Fact.TASK_FORCE_SET_UP,
                actor=SYSTEM,
                place=place,
                details={"people": people},
            )
            self.incidents.add(incident_id, [entry])
        return told

    def _knows(self, contact: str) -> bool:
        return contact in self.plan.contacts

    def _introduction(self, incident: Incident, who: str, people: tuple[str, ...]) -> Notification:
        to = self.plan.contact(who)
        return Notification(kind=NotificationKind.TASK_FORCE, incident=incident, to=to, people=people)
