"""The dedicated hotline: a number of the pool is opened for the response and given back at clean-up (P6.3, P6.5).

The number is taken on record before anything is switched, and given back after everything is switched back: so whatever
dies in between, the number is the incident's, and a second run goes on where the first one ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from emergency.domain.errors import ContactCentreUnavailable, RecordChanged
from emergency.domain.inventory import CallCount, OpenHotline, taken
from emergency.domain.plan import Plan
from emergency.domain.terms import Step
from emergency.domain.timeline import SYSTEM, Detail, Fact, Place, TimelineEntry
from emergency.ports import Announcer, Clock, ContactCentre, Hotlines, Incidents

BY_CENTRE = "contact-centre"
"""The id of the count that Amazon Connect gives."""


@dataclass(frozen=True, kw_only=True)
class OpenTheHotline:
    """Takes the first free number and connects it; a second run goes on with the number that the first one took."""

    plan: Plan
    hotlines: Hotlines
    incidents: Incidents
    centre: ContactCentre | None
    announcer: Announcer
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> OpenHotline | None:
        """The incident's hotline, or None where every number is taken (which stands on the timeline).

        Raises ContactCentreUnavailable while it can't be connected, IncidentNotFound.
        """
        held = self.hotlines.open_for(incident_id) or self._take(incident_id, place)
        return self._connect(held, place) if held is not None and held.is_to_connect else held

    def _take(self, incident_id: str, place: Place) -> OpenHotline | None:
        for hotline in self.plan.hotlines:
            now = self.clock()
            mine = taken(hotline, incident_id, self.plan.contact_centre, now)
            handed = [_opened(Fact.HOTLINE_HANDED, mine, place, now)] if mine.by_hand else []
            if self.hotlines.take(mine, handed):
                return mine
            held = self.hotlines.open_for(incident_id)
            if held is not None:
                return held
        now = self.clock()
        self.incidents.add(incident_id, [_entry(Fact.HOTLINE_UNAVAILABLE, Step.EMERGENCY_RESPONSE, place, now, {})])
        return None

    def _connect(self, held: OpenHotline, place: Place) -> OpenHotline:
        centre = _expect(self.centre)
        incident = self.incidents.get(held.incident_id)
        held = self._remember(held, centre.flow_of(held.phone_number))
        centre.greet(held.flow, self.announcer.greeting(incident), f"{incident.id} {held.number}")
        is_staffed = centre.is_staffed(self.clock())
        centre.connect(held.phone_number, held.flow)
        now = self.clock()
        entries = [_opened(Fact.HOTLINE_OPENED, held, place, now)]
        if not is_staffed:
            entries.append(_opened(Fact.HOTLINE_UNSTAFFED, held, place, now))
        return self._note(replace(held, connected_at=now), entries)

    def _remember(self, held: OpenHotline, flow: str) -> OpenHotline:
        """The emergency flow is what a run before this one connected, and never what to go back to."""
        if flow in {held.flow, held.former_flow}:
            return held
        remembered = replace(held, former_flow=flow)
        self.hotlines.note(remembered)
        return remembered

    def _note(self, connected: OpenHotline, entries: list[TimelineEntry]) -> OpenHotline:
        try:
            self.hotlines.note(connected, entries)
        except RecordChanged:
            held = self.hotlines.open_for(connected.incident_id)
            if held is None or held.is_to_connect:
                raise
            return held
        return connected


@dataclass(frozen=True, kw_only=True)
class CloseTheHotline:
    """Switches the number back, counts its calls and gives it back; a second run changes nothing."""

    hotlines: Hotlines
    centre: ContactCentre | None
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> None:
        """Closes the incident's hotline, if it has one. Raises ContactCentreUnavailable while it can't be switched."""
        held = self.hotlines.open_for(incident_id)
        if held is None or held.closed_at is not None:
            return
        if held.phone_number:
            self._switch_back(held)
            self._count(held, place)
        now = self.clock()
        entry = _entry(Fact.HOTLINE_CLOSED, Step.SITE_CLEAN_UP, place, now, {"number": held.number})
        self.hotlines.release(held, entry, now)

    def _switch_back(self, held: OpenHotline) -> None:
        """What people have switched to something else since is theirs.

        Connect may take its time to answer. Another run may have closed the hotline by then, and another incident have
        opened one with the number: so it is looked at again.
        """
        centre = _expect(self.centre)
        has_emergency_flow = centre.flow_of(held.phone_number) == held.flow
        if has_emergency_flow and self.hotlines.open_for(held.incident_id) == held:
            centre.connect(held.phone_number, held.former_flow)

    def _count(self, held: OpenHotline, place: Place) -> None:
        """A number that nobody counted is no reason to keep another incident from it."""
        if held.connected_at is None:
            return
        now = self.clock()
        with suppress(ContactCentreUnavailable):
            counted = _expect(self.centre).calls(held.connected_at, now)
            if counted is None:
                return
            count = CallCount(
                incident_id=held.incident_id,
                id=BY_CENTRE,
                calls=counted.calls,
                answered=counted.answered,
                by=SYSTEM,
                at=now,
            )
            details: dict[str, Detail] = {"calls": counted.calls, "answered": counted.answered}
            self.hotlines.count(count, _entry(Fact.CALLS_COUNTED, Step.SITE_CLEAN_UP, place, now, details))


def _expect(centre: ContactCentre | None) -> ContactCentre:
    """The contact centre, on which the number was taken."""
    if centre is None:
        raise ContactCentreUnavailable("the plan has no contact centre any more")
    return centre


def _opened(fact: Fact, held: OpenHotline, place: Place, now: datetime) -> TimelineEntry:
    return _entry(fact, Step.EMERGENCY_RESPONSE, place, now, {"number": held.number})


def _entry(fact: Fact, step: Step, place: Place, now: datetime, details: Mapping[str, Detail]) -> TimelineEntry:
    return TimelineEntry(key=fact.value, at=now, step=step, fact=fact, actor=SYSTEM, place=place, details=details)
