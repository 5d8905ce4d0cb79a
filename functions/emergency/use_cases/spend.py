"""A team spends its funds, or writes off what it had on loan, for a reason (P6.4, P6.5, P7)."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.answer import Form, read_amount, read_choice, read_required
from emergency.domain.errors import Overdrawn, UnusableAnswer
from emergency.domain.inventory import Allocation, Expense
from emergency.domain.plan import FUNDS, Plan
from emergency.domain.terms import DecisionKind
from emergency.domain.timeline import Fact
from emergency.ports import Clock, Inventory
from emergency.use_cases.attempts import until_written
from emergency.use_cases.keep_record import check_addition
from emergency.use_cases.open_link import Opened, check_answerer, form_id
from emergency.use_cases.pass_along import REASON
from emergency.use_cases.telling import fact_of

ALLOCATION, QUANTITY = "allocation", "quantity"
_ON = frozenset({DecisionKind.COMPLETE, DecisionKind.CLEAN_UP})


@dataclass(frozen=True, kw_only=True)
class Spend:
    """Puts an expense on record; the same form posted twice is one expense."""

    plan: Plan
    inventory: Inventory
    clock: Clock

    def __call__(self, opened: Opened, form: Form) -> Expense:
        """What was spent or written off.

        Raises ForgedForm, NotYours, DecisionSettled, and UnusableAnswer: `quantity` is `too_much` where the team has
        less left.
        """
        check_answerer(opened, form)
        check_addition(opened, form, QUANTITY)
        expense = self._expense(opened, form)
        is_money = self.plan.resources[expense.resource].kind == FUNDS
        entry = fact_of(
            opened.decision,
            Fact.FUNDS_SPENT if is_money else Fact.WRITTEN_OFF,
            key=f"expense/{expense.id}",
            now=expense.at,
            actor=expense.by,
            details={
                "who": expense.by,
                "resource": expense.resource,
                "quantity": expense.quantity,
                "text": expense.reason,
            },
        )
        try:
            until_written(lambda: self.inventory.spend(expense, [entry]))
        except Overdrawn:
            raise UnusableAnswer(QUANTITY, "too_much") from None
        return expense

    def _expense(self, opened: Opened, form: Form) -> Expense:
        loan = self._loan(opened, form)
        quantity = read_amount(form, QUANTITY, is_money=self.plan.resources[loan.resource].kind == FUNDS)
        reason = read_required(form, REASON)
        return Expense(
            incident_id=loan.incident_id,
            id=form_id(opened, form, loan.id, str(quantity), reason)[:16],
            allocation=loan.id,
            resource=loan.resource,
            team=loan.team,
            quantity=quantity,
            reason=reason,
            by=opened.link.contact,
            at=self.clock(),
        )

    def _loan(self, opened: Opened, form: Form) -> Allocation:
        if opened.decision.kind not in _ON:
            raise UnusableAnswer(ALLOCATION, "unknown")
        mine = [loan for loan in opened.briefing.allocations if loan.resource in self.plan.resources]
        loans = {loan.id: loan for loan in mine if not loan.people}
        return loans[read_choice(form, ALLOCATION, tuple(loans))]
