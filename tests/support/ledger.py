"""A machine that lends, spends, writes off, returns and counts over several incidents, while processes die.

What must hold after each step is said once, for the in-memory stock and for the one in DynamoDB.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from emergency.domain.errors import Overdrawn
from emergency.domain.inventory import Allocation, Expense, account_of
from emergency.domain.plan import FUNDS
from emergency.domain.terms import Team
from tests.support.events import alarm
from tests.support.house import PLACE, House
from tests.support.memory import Crash, Faults
from tests.support.plans import with_resource, working_plan

MOST_INCIDENTS = 4
FIRST_COUNT = date(2026, 1, 1)
crashes = st.one_of(st.none(), st.tuples(st.integers(0, 14), st.booleans()))
numbers = st.integers(0, 40)


class Ledger(RuleBasedStateMachine):
    """`owned` is what the company has, on its shelves and on loan: only what is spent or written off leaves it."""

    def __init__(self) -> None:
        super().__init__()
        self.house = self.built()
        self.house.plan = with_resource(self.house.plan, "funds", counted=FIRST_COUNT)
        self.owned = {name: resource.stock for name, resource in self.house.plan.resources.items()}
        self.incidents: list[str] = []
        self.day = FIRST_COUNT
        self.spent: set[str] = set()

    def built(self) -> House:
        """A house over the stock that is to be tried."""
        return House(working_plan())

    def dying(self, crash: tuple[int, bool] | None, run: Any) -> None:
        """Runs something whose process may die at a call of a port, and then once more, as its state is retried."""
        if crash:
            self.house.faults = Faults(at=crash[0], before=crash[1])
            with suppress(Crash):
                run()
        self.house.faults = None
        run()

    def loans(self) -> list[Allocation]:
        return [loan for one in self.incidents for loan in self.house.inventory.allocations(one)]

    @precondition(lambda self: len(self.incidents) < MOST_INCIDENTS)
    @rule()
    def an_alarm_is_answered(self) -> None:
        number = len(self.incidents)
        self.incidents.append(self.house.activate(alarm(f"other-{number}", event_id=f"event-{number}")))

    @precondition(lambda self: self.incidents)
    @rule(number=numbers, crash=crashes)
    def the_playbook_is_lent(self, number: int, crash: tuple[int, bool] | None) -> None:
        incident_id = self.incidents[number % len(self.incidents)]
        self.dying(crash, lambda: self.house.lend(incident_id))

    @precondition(lambda self: self.incidents)
    @rule(
        number=numbers,
        resource=st.sampled_from(["spare-server", "phone", "rear-staff", "funds"]),
        wanted=st.integers(1, 6),
        crash=crashes,
    )
    def more_is_released(self, number: int, resource: str, wanted: int, crash: tuple[int, bool] | None) -> None:
        incident_id = self.incidents[number % len(self.incidents)]
        extra = Allocation(
            incident_id=incident_id,
            resource=resource,
            team=Team.TECHNICAL_SUPPORT,
            wanted=wanted,
            quantity=wanted,
            lent_at=self.house.clock(),
            release=f"release-{number}",
        )
        self.dying(crash, lambda: self.house.rear_support.lend([extra], PLACE))

    @precondition(lambda self: self.loans())
    @rule(number=numbers, quantity=st.integers(1, 600_000), once=st.integers(0, 3), crash=crashes)
    def something_is_spent(self, number: int, quantity: int, once: int, crash: tuple[int, bool] | None) -> None:
        loans = self.loans()
        loan = loans[number % len(loans)]
        is_money = self.house.plan.resources[loan.resource].kind == FUNDS
        expense = Expense(
            incident_id=loan.incident_id,
            id=f"expense-{number}-{quantity}-{once}",
            allocation=loan.id,
            resource=loan.resource,
            team=loan.team,
            quantity=quantity if is_money else 1 + quantity % 3,
            reason="for the incident",
            by="cto",
            at=self.house.clock(),
        )
        fits = loan.left >= expense.quantity
        is_new = (key := f"{expense.incident_id}/{expense.id}") not in self.spent

        def run() -> None:
            try:
                self.house.inventory.spend(expense, [])
            except Overdrawn:
                assert not fits
                assert is_new
                return
            assert fits or not is_new

        self.dying(crash, run)
        if fits and is_new:
            self.spent.add(key)
            self.owned[loan.resource] -= expense.quantity

    @precondition(lambda self: self.incidents)
    @rule(number=numbers, crash=crashes)
    def an_incident_returns_what_it_has(self, number: int, crash: tuple[int, bool] | None) -> None:
        incident_id = self.incidents[number % len(self.incidents)]
        self.dying(crash, lambda: self.house.give_back(incident_id))
        assert all(loan.left == 0 for loan in self.house.inventory.allocations(incident_id))

    @rule(resource=st.sampled_from(["spare-server", "phone", "funds"]))
    def somebody_counts_what_is_there(self, resource: str) -> None:
        """A stock-take of the plan: from now on its number is what there is, on the shelves and on loan."""
        self.day += timedelta(days=1)
        self.house.plan = with_resource(self.house.plan, resource, counted=self.day, stock=self.owned[resource])

    @invariant()
    def nothing_is_lost_and_nothing_is_there_twice(self) -> None:
        loans = self.loans()
        for name, resource in self.house.plan.resources.items():
            stock = self.house.inventory.stock(resource)
            out = sum(loan.left for loan in loans if loan.resource == name)
            assert stock.left >= 0
            if not resource.reserve:
                assert stock.left + out == self.owned[name]

    @invariant()
    def nobody_of_the_reserve_is_with_two_incidents(self) -> None:
        called = [who for loan in self.loans() if loan.returned_at is None for who in loan.people]
        free = self.house.inventory.stock(self.house.plan.resources["rear-staff"]).free
        assert sorted([*called, *free]) == ["jun", "mei"]

    @invariant()
    def a_loan_is_spent_returned_and_left_together(self) -> None:
        for loan in self.loans():
            assert 0 <= loan.spent <= loan.quantity <= loan.wanted
            assert loan.quantity == loan.spent + loan.returned + loan.left
        for one in self.incidents:
            account = account_of(self.house.inventory.allocations(one), self.house.plan)
            assert min(account.approved, account.spent, account.returned, account.left) >= 0
            assert account.approved == account.spent + account.returned + account.left
