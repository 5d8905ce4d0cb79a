"""Step 4, rear support: what the playbook foresees is lent, and returned at clean-up (P6.4, P6.5, P7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from emergency.domain.errors import DecisionStillOpen, NothingInStock, RecordChanged, UnknownContact
from emergency.domain.incident import Incident
from emergency.domain.inventory import Allocation, filled, loans_for
from emergency.domain.notification import Notification, NotificationKind
from emergency.domain.plan import Plan
from emergency.domain.terms import Outcome, Step
from emergency.domain.timeline import SYSTEM, Detail, Fact, Place, TimelineEntry
from emergency.ports import Clock, Decisions, Incidents, Inventory
from emergency.use_cases.attempts import until_written
from emergency.use_cases.do_by_system import DoBySystem
from emergency.use_cases.notify import Notify


@dataclass(frozen=True, kw_only=True)
class RearSupport:
    """Lends, calls the reservists, and says what is short: what activation and a released request have in common."""

    plan: Plan
    inventory: Inventory
    incidents: Incidents
    notify: Notify
    clock: Clock

    def lend(self, wanted: Sequence[Allocation], place: Place) -> None:
        """Lends all of it in one transaction, as far as the stock goes; a second time changes nothing."""
        if wanted:
            until_written(lambda: self._lend(wanted, place))

    def _lend(self, wanted: Sequence[Allocation], place: Place) -> None:
        stocks = {name: self.inventory.stock(self.plan.resources[name]) for name in {one.resource for one in wanted}}
        given, now = filled(wanted, stocks), self.clock()
        entries = [entry for one in given for entry in _lending(one, place, now)]
        try:
            self.inventory.lend([replace(one, lent_at=now) for one in given], self.plan, entries)
        except NothingInStock as error:
            raise RecordChanged(wanted[0].incident_id) from error

    def tell(self, incident: Incident, loans: Sequence[Allocation], about: str, place: Place) -> None:
        """Calls who was rostered, and names what is short to those who are to know it. Raises PostUnavailable."""
        for loan in loans:
            told = self.notify.each(tuple(self._calls(incident, loan)))
            if told:
                entry = _entry(Fact.RESERVE_CALLED, Step.REAR_SUPPORT, loan, place, self.clock())
                self.incidents.add(incident.id, [replace(entry, details={**entry.details, "people": told})])
        short = tuple(loan for loan in loans if loan.quantity < loan.wanted)
        if short:
            self._tell_shortage(incident, short, about, place)

    def _calls(self, incident: Incident, loan: Allocation) -> Iterable[Notification]:
        """To those who were called and are still on the plan's list (R24)."""
        for person in loan.people:
            with suppress(UnknownContact):
                yield self._call(incident, loan, person)

    def _call(self, incident: Incident, loan: Allocation, person: str) -> Notification:
        return Notification(
            kind=NotificationKind.RESERVE_CALLED,
            incident=incident,
            to=self.plan.reservist(loan.resource, person),
            about=loan.release,
            team=loan.team,
            allocations=(loan,),
        )

    def _tell_shortage(self, incident: Incident, short: tuple[Allocation, ...], about: str, place: Place) -> None:
        now = self.clock()
        told = self.notify.each(
            [
                Notification(
                    kind=NotificationKind.SHORTAGE,
                    incident=incident,
                    to=self.plan.contact(who),
                    about=about,
                    allocations=short,
                )
                for who in self.plan.all_of(self.plan.shortage_to, None, now)
            ]
        )
        entry = TimelineEntry(
            key=f"{Fact.SHORTAGE_TOLD}/{about or 'activation'}",
            at=now,
            step=Step.REAR_SUPPORT,
            fact=Fact.SHORTAGE_TOLD,
            actor=SYSTEM,
            place=place,
            details={"people": told},
        )
        if told:
            self.incidents.add(incident.id, [entry])


@dataclass(frozen=True, kw_only=True)
class LendResources:
    """Lends each mobilised team its share, as far as the stock goes; a second run lends nothing twice."""

    plan: Plan
    incidents: Incidents
    inventory: Inventory
    rear_support: RearSupport
    do_by_system: DoBySystem
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> tuple[Allocation, ...]:
        """What the incident has on loan. Raises IncidentNotFound, and PostUnavailable to be called again."""
        incident = self.incidents.get(incident_id)
        lent = {(a.resource, a.team) for a in self.inventory.allocations(incident_id)}
        wanted = [
            Allocation(
                incident_id=incident_id,
                resource=loan.resource,
                team=loan.team,
                wanted=loan.quantity,
                quantity=loan.quantity,
                lent_at=self.clock(),
            )
            for loan in loans_for(incident, self.plan)
            if (loan.resource, loan.team) not in lent
        ]
        self.rear_support.lend(wanted, place)
        loans = self.inventory.allocations(incident_id)
        self.do_by_system(incident_id)
        self.rear_support.tell(incident, [loan for loan in loans if not loan.release], "", place)
        return loans


@dataclass(frozen=True, kw_only=True)
class ReleaseResources:
    """Lends a team what it asked for and the leadership group released; a second run lends nothing twice."""

    incidents: Incidents
    decisions: Decisions
    inventory: Inventory
    rear_support: RearSupport
    clock: Clock

    def __call__(self, incident_id: str, decision_id: str, place: Place) -> None:
        """Lends, as far as the stock goes. What comes too late for the response goes back at once.

        Raises DecisionNotFound, DecisionStillOpen where nothing was released, and PostUnavailable to be called again.
        """
        decision = self.decisions.get(incident_id, decision_id)
        request = decision.request
        if request is None or decision.answer is None or decision.answer.outcome is not Outcome.RELEASED:
            raise DecisionStillOpen(decision_id)
        wanted = Allocation(
            incident_id=incident_id,
            resource=request.resource,
            team=request.team,
            wanted=request.quantity,
            quantity=request.quantity,
            lent_at=self.clock(),
            release=decision_id,
        )
        self.rear_support.lend([wanted], place)
        incident = self.incidents.get(incident_id)
        # Whoever takes things back says so before they look what there is; so one of the two sees the other.
        if incident.returning_at is not None or incident.status.is_over:
            give_back = ReturnResources(incidents=self.incidents, inventory=self.inventory, clock=self.clock)
            give_back(incident_id, place)
            return
        loans = [loan for loan in self.inventory.allocations(incident_id) if loan.release == decision_id]
        self.rear_support.tell(incident, loans, decision_id, place)


@dataclass(frozen=True, kw_only=True)
class ReturnResources:
    """Puts back what is left of every loan; a second run changes nothing."""

    incidents: Incidents
    inventory: Inventory
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> None:
        """Returns what the incident has on loan; from now on nothing more is lent. Raises IncidentNotFound."""
        until_written(lambda: self._announce(incident_id))
        for allocation in self.inventory.allocations(incident_id):
            if allocation.returned_at is None:
                until_written(lambda id_=allocation.id: self._give_back(incident_id, id_, place))  # type: ignore[misc]

    def _give_back(self, incident_id: str, id_: str, place: Place) -> None:
        """Reads the loan anew each time: something may be spent of it while it goes back."""
        allocation = next(one for one in self.inventory.allocations(incident_id) if one.id == id_)
        now = self.clock()
        entry = _entry(Fact.RESOURCE_RETURNED, Step.SITE_CLEAN_UP, allocation, place, now)
        entry = replace(entry, details={**entry.details, "quantity": allocation.left})
        self.inventory.give_back(allocation, [entry] if allocation.left else [], now)

    def _announce(self, incident_id: str) -> None:
        incident = self.incidents.get(incident_id)
        if incident.returning_at is None:
            self.incidents.save(replace(incident, returning_at=self.clock()))


def _lending(allocation: Allocation, place: Place, now: datetime) -> Sequence[TimelineEntry]:
    entries = []
    if allocation.quantity:
        entries.append(_entry(Fact.RESOURCE_LENT, Step.REAR_SUPPORT, allocation, place, now))
    if allocation.quantity < allocation.wanted:
        entries.append(_entry(Fact.RESOURCE_SHORT, Step.REAR_SUPPORT, allocation, place, now))
    return entries


def _entry(fact: Fact, step: Step, allocation: Allocation, place: Place, now: datetime) -> TimelineEntry:
    details: dict[str, Detail] = {
        "resource": allocation.resource,
        "team": allocation.team,
        "quantity": allocation.quantity,
    }
    if fact is Fact.RESOURCE_SHORT:
        details["wanted"] = allocation.wanted
    return TimelineEntry(
        key=f"{fact}/{allocation.id}", at=now, step=step, fact=fact, actor=SYSTEM, place=place, details=details
    )
