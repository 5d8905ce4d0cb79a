"""What an incident has on loan: resources of P7 and a telephone number for the hotline (P6.3, P6.4).

Whatever leaves the stock is a loan. A part of it may be gone for good, spent or written off with a reason; the rest
goes back. So at any time what the stock is short of is what incidents have, and what is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from emergency.domain.incident import Incident
from emergency.domain.plan import FUNDS, ContactCentre, Hotline, Loan, Plan
from emergency.domain.terms import Team


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """So many units of a resource, lent to a team (whole cents for funds). `quantity` may be less than `wanted`.

    `spent` of it is gone for good; what is left goes back at `returned_at`. `people` are the reservists called.
    """

    incident_id: str
    resource: str
    team: Team
    wanted: int
    quantity: int
    lent_at: datetime
    spent: int = 0
    people: tuple[str, ...] = ()
    returned_at: datetime | None = None
    release: str = ""
    """The decision that released it, or empty for what the playbook lends at activation."""

    @property
    def id(self) -> str:
        """The allocation's id within its incident."""
        return "#".join([self.resource, self.team, *([self.release] if self.release else [])])

    @property
    def left(self) -> int:
        """What the team has of it: neither spent nor returned."""
        return 0 if self.returned_at else self.quantity - self.spent

    @property
    def can_be_spent(self) -> bool:
        """Whether anything of it can be gone for good; people come home."""
        return self.left > 0 and not self.people

    @property
    def returned(self) -> int:
        """What went back to the stock."""
        return self.quantity - self.spent if self.returned_at else 0


@dataclass(frozen=True, kw_only=True)
class Expense:
    """What a team spent of its funds, or wrote off of what it had on loan, and for what."""

    incident_id: str
    id: str
    allocation: str
    resource: str
    team: Team
    quantity: int
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Account:
    """An incident's emergency funds in cents (P7): approved is spent, returned and left together."""

    requested: int
    approved: int
    spent: int
    returned: int

    @property
    def left(self) -> int:
        """What its teams can still spend."""
        return self.approved - self.spent - self.returned


def account_of(allocations: Iterable[Allocation], plan: Plan) -> Account:
    """The account of an incident's funds, from its loans of money."""
    money = [loan for loan in allocations if loan.resource in plan.resources and _is_money(loan.resource, plan)]
    return Account(
        requested=sum(loan.wanted for loan in money),
        approved=sum(loan.quantity for loan in money),
        spent=sum(loan.spent for loan in money),
        returned=sum(loan.returned for loan in money),
    )


@dataclass(frozen=True, kw_only=True)
class OpenHotline:
    """The hotline of one incident; `closed_at` is set when the number goes back to the pool.

    On Amazon Connect the number's id is `phone_number`, its own emergency flow `flow`, and `former_flow` the one that
    it had before, empty where it had none. With `by_hand`, people switch it. `connected_at` says since when calls reach
    the emergency flow; missing while it is being opened, or by hand.
    """

    incident_id: str
    hotline: str
    number: str
    opened_at: datetime
    by_hand: bool = False
    phone_number: str = ""
    flow: str = ""
    former_flow: str = ""
    connected_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def is_to_connect(self) -> bool:
        """Whether it still has to be connected on Amazon Connect."""
        return bool(self.phone_number) and self.connected_at is None and self.closed_at is None


def taken(hotline: Hotline, incident_id: str, centre: ContactCentre | None, now: datetime) -> OpenHotline:
    """A number of the pool as an incident takes it; without a contact centre, or ids there, people switch it."""
    is_switched = bool(centre and hotline.phone_number and hotline.flow)
    return OpenHotline(
        incident_id=incident_id,
        hotline=hotline.id,
        number=hotline.number,
        opened_at=now,
        by_hand=not is_switched,
        phone_number=hotline.phone_number if is_switched else "",
        flow=hotline.flow if is_switched else "",
    )


@dataclass(frozen=True, kw_only=True)
class CallCount:
    """Calls and complaints in one incident (P6.3, P8.2), as Amazon Connect or the team's lead counted them.

    `by` is a contact id, or SYSTEM for what Amazon Connect says. `answered` and `complaints` may be unknown.
    """

    incident_id: str
    id: str
    calls: int
    answered: int | None = None
    complaints: int | None = None
    by: str
    at: datetime


def loans_for(incident: Incident, plan: Plan) -> tuple[Loan, ...]:
    """What the incident's teams are lent at activation: the playbook's loans, the funds within the ordered budget.

    A budget is handed out in the playbook's order, and what is left over goes to the last team that gets funds, or to
    the first mobilised team where the playbook foresees none.
    """
    loans = [loan for loan in plan.playbook(incident.playbook).loans if loan.team in incident.teams]
    budget = incident.orders.budget if incident.orders else None
    if budget is None:
        return tuple(loans)
    others = (loan for loan in loans if not _is_money(loan.resource, plan))
    return (*others, *_within(budget, loans, incident.teams, plan))


def proposed_budget(playbook: str, teams: Collection[Team], plan: Plan) -> int:
    """The funds that the playbook foresees for these teams, in cents."""
    loans = [loan for loan in plan.playbook(playbook).loans if loan.team in teams]
    return sum(loan.quantity for loan in loans if _is_money(loan.resource, plan))


def _within(budget: int, loans: Collection[Loan], teams: Collection[Team], plan: Plan) -> tuple[Loan, ...]:
    money = [loan for loan in loans if _is_money(loan.resource, plan)]
    if not money:
        funds = [key for key, resource in plan.resources.items() if resource.kind == FUNDS]
        if not (funds and teams and budget):
            return ()
        return (Loan(resource=funds[0], team=next(iter(teams)), quantity=budget),)
    given, left = [], budget
    for position, loan in enumerate(money):
        share = left if position == len(money) - 1 else min(loan.quantity, left)
        given.append(replace(loan, quantity=share))
        left -= share
    return tuple(loan for loan in given if loan.quantity)


def _is_money(resource: str, plan: Plan) -> bool:
    return plan.resources[resource].kind == FUNDS


@dataclass(frozen=True, kw_only=True)
class Stock:
    """What is there of one resource: units, and for people who of the reserve list is free, in its order."""

    left: int
    free: tuple[str, ...] = ()


def filled(wanted: Iterable[Allocation], stocks: Mapping[str, Stock]) -> tuple[Allocation, ...]:
    """The loans as far as the stocks go, first come, first served."""
    left = {name: stock.left for name, stock in stocks.items()}
    free = {name: list(stock.free) for name, stock in stocks.items()}
    given = []
    for loan in wanted:
        quantity = max(0, min(loan.wanted, left[loan.resource]))
        left[loan.resource] -= quantity
        people = tuple(free[loan.resource][:quantity])
        del free[loan.resource][:quantity]
        given.append(replace(loan, quantity=quantity, people=people))
    return tuple(given)
