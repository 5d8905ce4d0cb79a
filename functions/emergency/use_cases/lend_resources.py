"""Step 4, rear support: what the playbook foresees is lent, and returned at clean-up (P6.4, P6.5, P7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from emergency.domain.errors import DecisionStillOpen, NothingInStock, RecordChanged
from emergency.domain.inventory import Allocation, loans_for
from emergency.domain.plan import Plan
from emergency.domain.terms import Outcome, Step
from emergency.domain.timeline import SYSTEM, Detail, Fact, Place, TimelineEntry
from emergency.ports import Clock, Decisions, Incidents, Inventory
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
        for loan in loans_for(incident, self.plan):
            if (loan.resource, loan.team) not in lent:
                wanted = Allocation(
                    incident_id=incident_id,
                    resource=loan.resource,
                    team=loan.team,
                    wanted=loan.quantity,
                    quantity=loan.quantity,
                    lent_at=self.clock(),
                )
                _lend(wanted, self.plan, self.inventory, place, self.clock)
        return self.inventory.allocations(incident_id)


@dataclass(frozen=True, kw_only=True)
class ReleaseResources:
    """Lends a team what it asked for and the leadership group released; a second run lends nothing twice."""

    plan: Plan
    incidents: Incidents
    decisions: Decisions
    inventory: Inventory
    clock: Clock

    def __call__(self, incident_id: str, decision_id: str, place: Place) -> None:
        """Lends, as far as the stock goes. What comes too late for the response goes back at once.

        Raises DecisionNotFound, and DecisionStillOpen where nothing was released.
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
        _lend(wanted, self.plan, self.inventory, place, self.clock)
        incident = self.incidents.get(incident_id)
        # Whoever takes things back says so before they look what there is; so one of the two sees the other.
        if incident.returning_at is not None or incident.status.is_over:
            ReturnResources(incidents=self.incidents, inventory=self.inventory, clock=self.clock)(incident_id, place)


@dataclass(frozen=True, kw_only=True)
class ReturnResources:
    """Puts every loan back; a second run changes nothing."""

    incidents: Incidents
    inventory: Inventory
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> None:
        """Returns what the incident has on loan; from now on nothing more is lent. Raises IncidentNotFound."""
        until_written(lambda: self._announce(incident_id))
        for allocation in self.inventory.allocations(incident_id):
            if allocation.returned_at is None:
                now = self.clock()
                entry = _entry(Fact.RESOURCE_RETURNED, Step.SITE_CLEAN_UP, allocation, place, now)
                self.inventory.give_back(allocation, [entry] if allocation.quantity else [], now)

    def _announce(self, incident_id: str) -> None:
        incident = self.incidents.get(incident_id)
        if incident.returning_at is None:
            self.incidents.save(replace(incident, returning_at=self.clock()))


def _lend(wanted: Allocation, plan: Plan, inventory: Inventory, place: Place, clock: Clock) -> None:
    """Lends what is wanted, or what is left of it."""

    def attempt() -> None:
        stock = plan.resources[wanted.resource].stock
        left = inventory.available(wanted.resource, stock)
        allocation = replace(wanted, quantity=max(0, min(wanted.wanted, left)), lent_at=clock())
        try:
            inventory.lend(allocation, stock, _lending(allocation, place, allocation.lent_at))
        except NothingInStock as error:
            raise RecordChanged(wanted.resource) from error

    until_written(attempt)


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
