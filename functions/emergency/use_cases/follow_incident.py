"""What must follow once something stands on an incident's record, whatever died in between (P6.1; R13, R14)."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.incident import Incident, IncidentStatus
from emergency.domain.notification import Cleared, Notification, NotificationKind
from emergency.domain.plan import Plan
from emergency.domain.terms import Team
from emergency.domain.timeline import CLEARED, ORDERS, WORSE, TimelineEntry
from emergency.ports import Clock, Incidents, Workflow
from emergency.use_cases.notify import Notify
from emergency.use_cases.raise_severity import AskWhetherToRaise
from emergency.use_cases.tell_reporters import TellReporters


@dataclass(frozen=True, kw_only=True)
class FollowIncident:
    """Sees to what follows from a new incident and from new entries on its timeline.

    Called once for each, or again after a failure; every step may be repeated.
    """

    incidents: Incidents
    workflow: Workflow
    ask_whether_to_raise: AskWhetherToRaise
    tell_of_cleared: TellOfCleared
    tell_reporters: TellReporters

    def begun(self, incident_id: str) -> None:
        """Starts the execution that intake may have died before starting (R14). Raises IncidentNotFound."""
        incident = self.incidents.get(incident_id)
        if incident.status is IncidentStatus.REPORTED and incident.execution == incident.id:
            self.workflow.start(incident_id)

    def __call__(self, incident_id: str, key: str) -> None:
        """Does what follows from the timeline's entry of that key, where it is still there.

        Raises IncidentNotFound, and PostUnavailable to be called again.
        """
        entry = self.incidents.entry(incident_id, key)
        if entry is None:
            return
        if key.startswith(WORSE):
            self.ask_whether_to_raise(incident_id, entry)
        elif key == ORDERS:
            self.ask_whether_to_raise.since_orders(incident_id)
        elif key.startswith(CLEARED):
            self.tell_of_cleared(incident_id, entry)
        self.tell_reporters(incident_id, entry.fact)


@dataclass(frozen=True, kw_only=True)
class TellOfCleared:
    """Tells the lead of technical support that an alarm went off, and how many are still on.

    However many go off, within an hour there is one mail each time that half of them are left.
    """

    plan: Plan
    incidents: Incidents
    notify: Notify
    clock: Clock

    def __call__(self, incident_id: str, entry: TimelineEntry) -> None:
        """Tells it while the incident goes on. Raises IncidentNotFound, and PostUnavailable to be called again."""
        record = self.incidents.record(incident_id)
        if not record.incident.status.is_over:
            self.notify(self._notification(record.incident, entry, record.tally.on if record.tally else None))

    def _notification(self, incident: Incident, entry: TimelineEntry, on: int | None) -> Notification:
        said = entry.details
        lead = self.plan.stand_in(self.plan.teams[Team.TECHNICAL_SUPPORT].lead, self.clock())
        return Notification(
            kind=NotificationKind.ALARM_CLEARED,
            incident=incident,
            to=self.plan.contact(lead),
            about=f"{entry.at:%Y%m%d%H}-{(on or 0).bit_length()}",
            cleared=Cleared(alarm=str(said.get("name", "")), region=str(said.get("region", "")), at=entry.at, on=on),
        )
