"""The dedicated hotline: a number from the pool is opened for the response and given back at clean-up (P6.3, P6.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from emergency.domain.inventory import OpenHotline
from emergency.domain.plan import Plan
from emergency.domain.terms import Step
from emergency.domain.timeline import SYSTEM, Detail, Fact, Place, TimelineEntry
from emergency.ports import Clock, Hotlines, Incidents


@dataclass(frozen=True, kw_only=True)
class OpenTheHotline:
    """Takes the first free number; a second run gives the number that the first one took."""

    plan: Plan
    hotlines: Hotlines
    incidents: Incidents
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> OpenHotline | None:
        """The incident's hotline, or None where every number is taken (which stands on the timeline)."""
        held = self.hotlines.open_for(incident_id)
        if held is not None:
            return held
        for hotline in self.plan.hotlines:
            now = self.clock()
            taken = OpenHotline(incident_id=incident_id, hotline=hotline.id, number=hotline.number, opened_at=now)
            step = Step.EMERGENCY_RESPONSE
            if self.hotlines.take(taken, _entry(Fact.HOTLINE_OPENED, step, place, now, {"number": hotline.number})):
                return taken
            held = self.hotlines.open_for(incident_id)
            if held is not None:
                return held
        now = self.clock()
        self.incidents.add(incident_id, [_entry(Fact.HOTLINE_UNAVAILABLE, Step.EMERGENCY_RESPONSE, place, now, {})])
        return None


@dataclass(frozen=True, kw_only=True)
class CloseTheHotline:
    """Gives the number back; a second run, or an incident without a hotline, changes nothing."""

    hotlines: Hotlines
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> None:
        """Closes the incident's hotline."""
        held = self.hotlines.open_for(incident_id)
        if held is None or held.closed_at is not None:
            return
        now = self.clock()
        entry = _entry(Fact.HOTLINE_CLOSED, Step.SITE_CLEAN_UP, place, now, {"number": held.number})
        self.hotlines.release(held, entry, now)


def _entry(fact: Fact, step: Step, place: Place, now: datetime, details: dict[str, Detail]) -> TimelineEntry:
    return TimelineEntry(key=fact.value, at=now, step=step, fact=fact, actor=SYSTEM, place=place, details=details)
