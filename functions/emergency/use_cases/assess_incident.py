"""Step 1, incident report: the first assessment of severity and the proposal of teams (P6.1, P3)."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.incident import Incident, proposed
from emergency.domain.plan import Plan
from emergency.domain.terms import Step
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from emergency.ports import Clock, Incidents
from emergency.use_cases.attempts import until_written


@dataclass(frozen=True, kw_only=True)
class AssessIncident:
    """Puts the assessed severity on the timeline and proposes teams, once; a second run gives the same."""

    plan: Plan
    incidents: Incidents
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> Incident:
        """The assessed incident. Raises IncidentNotFound."""
        return until_written(lambda: self._assess(incident_id, place))

    def _assess(self, incident_id: str, place: Place) -> Incident:
        incident = self.incidents.get(incident_id)
        if incident.teams:
            return incident
        incident = proposed(incident, self.plan)
        entry = TimelineEntry(
            key="severity_assessed",
            at=self.clock(),
            step=Step.INCIDENT_REPORT,
            fact=Fact.SEVERITY_ASSESSED,
            actor=SYSTEM,
            place=place,
            details={
                "severity": incident.severity,
                "likelihood": incident.likelihood,
                "impact": incident.impact,
            },
        )
        self.incidents.save(incident, [entry])
        return incident
