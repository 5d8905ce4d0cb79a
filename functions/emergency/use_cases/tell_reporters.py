"""Whoever reported an incident gets its reference, and hears how it goes on (P6.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emergency.domain.notification import Notification, NotificationKind
from emergency.domain.plan import Plan
from emergency.domain.timeline import Fact, TimelineEntry
from emergency.ports import Incidents
from emergency.use_cases.notify import Notify

NEWS: Mapping[Fact, NotificationKind] = {
    Fact.INCIDENT_REPORTED: NotificationKind.REPORT_TAKEN,
    Fact.PLAN_ACTIVATED: NotificationKind.REPORT_ORDERED,
    Fact.STOOD_DOWN: NotificationKind.REPORT_STOOD_DOWN,
    Fact.CLEAN_UP_BEGAN: NotificationKind.REPORT_RESOLVED,
    Fact.INCIDENT_CLOSED: NotificationKind.REPORT_CLOSED,
}
"""The facts of which reporters are told, and by which mail."""


def reporters(timeline: Iterable[TimelineEntry], plan: Plan) -> tuple[str, ...]:
    """The contacts who reported the incident, each once, first the one who did so first."""
    told = (str(entry.details.get("who", "")) for entry in timeline if entry.fact is Fact.INCIDENT_REPORTED)
    return tuple(dict.fromkeys(contact for contact in told if contact in plan.contacts))


@dataclass(frozen=True, kw_only=True)
class TellReporters:
    """Mails every contact who reported the incident; each mail once."""

    plan: Plan
    incidents: Incidents
    notify: Notify

    def __call__(self, incident_id: str, fact: Fact) -> tuple[str, ...]:
        """The contacts who have been told of that fact, now or before; nobody for a fact that is no news.

        Raises IncidentNotFound, and PostUnavailable to be called again.
        """
        kind = NEWS.get(fact)
        if kind is None:
            return ()
        people = reporters(self.incidents.timeline(incident_id), self.plan)
        if not people:
            return ()
        incident = self.incidents.get(incident_id)
        return self.notify.each(
            [Notification(kind=kind, incident=incident, to=self.plan.contact(contact)) for contact in people]
        )
