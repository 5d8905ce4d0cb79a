"""What an incident has on loan: resources of P7 and a telephone number for the hotline (P6.3, P6.4)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from emergency.domain.incident import Incident
from emergency.domain.plan import FUNDS, Loan, Plan
from emergency.domain.terms import Risk, Team


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """So many units of a resource, lent to a team (whole cents for funds). `quantity` may be less than `wanted`."""

    incident_id: str
    resource: str
    team: Team
    wanted: int
    quantity: int
    lent_at: datetime
    returned_at: datetime | None = None
    release: str = ""
    """The decision that released it, or empty for what the playbook lends at activation."""

    @property
    def id(self) -> str:
        """The allocation's id within its incident."""
        return "#".join([self.resource, self.team, *([self.release] if self.release else [])])


@dataclass(frozen=True, kw_only=True)
class OpenHotline:
    """The hotline of one incident; `closed_at` is set when the number goes back to the pool."""

    incident_id: str
    hotline: str
    number: str
    opened_at: datetime
    closed_at: datetime | None = None


def loans_for(incident: Incident, plan: Plan) -> tuple[Loan, ...]:
    """What the incident's teams are lent at activation: the playbook's loans, the funds within the ordered budget.

    A budget is handed out in the playbook's order, and what is left over goes to the last team that gets funds, or to
    the first mobilised team where the playbook foresees none.
    """
    loans = [loan for loan in plan.playbooks[incident.risk].loans if loan.team in incident.teams]
    budget = incident.orders.budget if incident.orders else None
    if budget is None:
        return tuple(loans)
    return (*(loan for loan in loans if not _is_money(loan, plan)), *_within(budget, loans, incident.teams, plan))


def proposed_budget(risk: Risk, teams: Collection[Team], plan: Plan) -> int:
    """The funds that the playbook foresees for these teams, in cents."""
    loans = [loan for loan in plan.playbooks[risk].loans if loan.team in teams]
    return sum(loan.quantity for loan in loans if _is_money(loan, plan))


def _within(budget: int, loans: Collection[Loan], teams: Collection[Team], plan: Plan) -> tuple[Loan, ...]:
    money = [loan for loan in loans if _is_money(loan, plan)]
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


def _is_money(loan: Loan, plan: Plan) -> bool:
    return plan.resources[loan.resource].kind == FUNDS
