"""Step 4, rear support: what the playbook foresees is lent, and returned at clean-up (P6.4, P6.5, P7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from emergency.domain.errors import NothingInStock, RecordChanged
from emergency.domain.inventory import Allocation
from emergency.domain.plan import Loan, Plan
from emergency.domain.terms import Step
from emergency.domain.timeline import SYSTEM, Detail, Fact, Place, TimelineEntry
from emergency.ports import Clock, Incidents, Inventory
from emergency.use_cases.attempts import until_written


@dataclass(frozen=True, kw_only=True)
class LendResources:
    """Lends each mobilised team its share, as far as the stock goes; a second run lends nothing twice."""

    plan: Plan
    incidents: Incidents
    inventory: Inventory
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> tuple[Allocation, ...]:
        """What the incident has on loan. Raises IncidentNotFound."""
        incident = self.incidents.get(incident_id)
        lent = {(a.resource, a.team) for a in self.inventory.allocations(incident_id)}
        for loan in self.plan.playbooks[incident.risk].loans:
            if loan.team in incident.teams and (loan.resource, loan.team) not in lent:
                self._lend(incident_id, loan, place)
        return self.inventory.allocations(incident_id)

    def _lend(self, incident_id: str, loan: Loan, place: Place) -> None:
        def attempt() -> None:
            stock = self.plan.resources[loan.resource].stock
            left = self.inventory.available(loan.resource, stock)
            now = self.clock()
            allocation = Allocation(
                incident_id=incident_id,
                resource=loan.resource,
                team=loan.team,
                wanted=loan.quantity,
                quantity=max(0, min(loan.quantity, left)),
                lent_at=now,
            )
            try:
                self.inventory.lend(allocation, stock, _lending(allocation, place, now))
            except NothingInStock as error:
                raise RecordChanged(loan.resource) from error

        until_written(attempt)


@dataclass(frozen=True, kw_only=True)
class ReturnResources:
    """Puts every loan back; a second run changes nothing."""

    inventory: Inventory
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> None:
        """Returns what the incident has on loan."""
        for allocation in self.inventory.allocations(incident_id):
            if allocation.returned_at is None:
                now = self.clock()
                entry = _entry(Fact.RESOURCE_RETURNED, Step.SITE_CLEAN_UP, allocation, place, now)
                self.inventory.give_back(allocation, [entry] if allocation.quantity else [], now)


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
