"""What a team does on its page: changes its tasks, accounts for what it has, sees when the public is told next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from emergency.domain.inventory import Allocation, CallCount
from emergency.domain.plan import FUNDS
from emergency.domain.terms import DecisionKind, Team
from emergency.domain.timeline import SYSTEM
from emergency.presentation.asking import Asking
from emergency.presentation.controls import Control, Sheet
from emergency.presentation.tasks import STEPS, AskedTask
from emergency.presentation.words import known

_TICKED = frozenset({DecisionKind.COMPLETE, DecisionKind.CLEAN_UP})
_FOLDED_FROM = 6
_FIRST = 4
_OPTION_LIMIT = 90

Options = Sequence[tuple[str, str]]
"""What can be chosen: id and name."""


class WorkForms:
    """The forms of a team's work, empty or as one of them was posted."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._asking = sheet.asking
        self._answers = not sheet.asking.briefing.helps
        self._kind = sheet.asking.decision.kind

    # Ticking off

    @cached_property
    def tasks(self) -> Sequence[AskedTask]:
        """The team's tasks."""
        return self._asking.tasks

    @property
    def are_ticked(self) -> bool:
        """Whether tasks are ticked off on this page."""
        return bool(self.tasks) and self._kind in _TICKED

    @property
    def tasks_in_sight(self) -> Sequence[AskedTask]:
        """All of a few tasks; of many those that somebody has to do, or the first before they are taken on."""
        return [task for task in self.tasks if task not in self.folded_tasks]

    @cached_property
    def folded_tasks(self) -> Sequence[AskedTask]:
        """The tasks that are folded away."""
        # What was ticked and could not be saved stays in sight.
        if len(self.tasks) < _FOLDED_FROM or self._sheet.error_at("tasks"):
            return ()
        return [task for task in self.tasks if task.is_closed] if self.are_ticked else self.tasks[_FIRST:]

    @property
    def folded(self) -> str:
        """How many those are."""
        key = "page.tasks.closed" if self.are_ticked else "page.tasks.more"
        return self._asking.words.plural(key, len(self.folded_tasks))

    def is_ticked(self, task: AskedTask) -> bool:
        """Whether a task's box is ticked."""
        posted = self._sheet.posted or {}
        return task.id in posted.get("tasks", ()) if "ticks" in posted else task.is_done

    @property
    def heading(self) -> str:
        """Whose tasks these are, and how many of them are done."""
        words, counted = self._asking.words, [task for task in self.tasks if task.is_done or not task.is_closed]
        if not self.are_ticked:
            return words("mail.tasks")
        done = sum(task.is_done for task in counted)
        return words("page.tasks.heading", done=done, total=len(counted))

    @property
    def late(self) -> str:
        """How many of them should have been done by now; empty where none is late."""
        count = sum(task.is_late for task in self.tasks)
        return self._asking.words.plural("page.tasks.late", count) if count else ""

    # Changing the tasks

    @property
    def offers_changes(self) -> bool:
        """Whether the reader can add, reassign and skip tasks."""
        return self._answers and self._kind in STEPS and self._asking.briefing.assignment is not None

    @cached_property
    def changeable(self) -> Options:
        """The tasks that can be given to somebody else or skipped."""
        teller = self._asking.task_teller
        return [(task.id, teller.text(task, _OPTION_LIMIT)) for task in teller.assigned() if task.is_open]

    @property
    def people(self) -> Sequence[tuple[str, Options]]:
        """Who can own a task: the team's people, then everybody else, each group by its name."""
        plan, names = self._asking.plan, self._asking.names
        team = self._asking.decision.team
        own = plan.team_people(team) if team else ()
        others = [id_ for id_ in plan.contacts if id_ not in own]
        groups = ((names.team(team) if team else "", own), (self._asking.words("page.people.others"), others))
        return [(label, [(id_, names.contact(id_)) for id_ in ids if id_ in plan.contacts]) for label, ids in groups]

    @property
    def task_text(self) -> Control:
        """What is to be done."""
        hint = self._asking.words("page.add_task.task_text_hint")
        return self._sheet.line("add_task", "task_text", required=True, hint=hint)

    @property
    def new_owner(self) -> Control:
        """Who is to do it; the reader where nobody else is chosen."""
        return self._sheet.line("add_task", "owner", required=True, value=self._asking.contact.id)

    @property
    def within(self) -> Control:
        """In how many minutes."""
        return self._sheet.line("add_task", "within", hint=self._asking.words("page.add_task.within_hint"))

    @property
    def reassigned(self) -> Control:
        """Which task gets another owner."""
        return self._sheet.line("reassign", "task", required=True)

    @property
    def other_owner(self) -> Control:
        """Who does it from now on."""
        return self._sheet.line("reassign", "owner", required=True)

    @property
    def skipped(self) -> Control:
        """Which task is passed over."""
        return self._sheet.line("skip", "task", required=True)

    @property
    def skip_reason(self) -> Control:
        """Why."""
        return self._sheet.area("skip", "reason", required=True)

    # What the team has on loan

    @property
    def loans(self) -> list[tuple[str, str]]:
        """What the team has or had on loan: name, and what became of how much."""
        if self._kind not in _TICKED or not self._answers:
            return []
        loans = self._asking.briefing.allocations
        return [(self._asking.names.resource_alone(loan.resource), self._told(loan)) for loan in loans]

    def _told(self, loan: Allocation) -> str:
        words = self._asking.words

        def said(key: str, quantity: int) -> str:
            told = self._asking.names.quantity(loan.resource, quantity)
            return words(f"page.loans.{key}", quantity=told) if quantity else ""

        gone = "spent" if self._is_money(loan) else "written_off"
        left = said("left", loan.left) if loan.spent else ""
        told = [said("lent", loan.quantity), said(gone, loan.spent), said("returned", loan.returned), left]
        return words.join([part for part in told if part]) or words("page.loans.none")

    def _is_money(self, loan: Allocation) -> bool:
        resource = self._asking.plan.resources.get(loan.resource)
        return resource is not None and resource.kind == FUNDS

    @property
    def spendable(self) -> Options:
        """The loans of which something can be spent or written off."""
        if not self.loans:
            return []
        names, words = self._asking.names, self._asking.words
        return [
            (
                loan.id,
                words(
                    "page.spend.option",
                    resource=names.resource_alone(loan.resource),
                    quantity=names.quantity(loan.resource, loan.left),
                ),
            )
            for loan in self._asking.briefing.allocations
            if loan.can_be_spent
        ]

    @property
    def allocation(self) -> Control:
        """Of which loan something is gone."""
        return self._sheet.line("spend", "allocation", required=True)

    @property
    def spent(self) -> Control:
        """How much of it."""
        hint = self._asking.words("page.spend.quantity_hint", currency=self._asking.plan.company.currency)
        return self._sheet.line("spend", "quantity", required=True, hint=hint)

    @property
    def spend_reason(self) -> Control:
        """What for, or what happened to it."""
        return self._sheet.area("spend", "reason", required=True)

    # Who called

    @property
    def answers_calls(self) -> bool:
        """Whether the reader's team answers customers' calls."""
        return self._asking.decision.team is Team.CUSTOMER_SERVICE and self._kind in STEPS

    @property
    def counts_calls(self) -> bool:
        """Whether the reader counts calls and complaints."""
        return self._answers and self.answers_calls and self._kind in _TICKED

    @property
    def counted(self) -> list[str]:
        """The last count of people, and the one of Amazon Connect."""
        asking, latest = self._asking, {count.by == SYSTEM: count for count in self._asking.briefing.calls}
        return [self._count(latest[by], asking) for by in sorted(latest)]

    @staticmethod
    def _count(count: CallCount, asking: Asking) -> str:
        return asking.words(
            "page.calls.by_centre" if count.by == SYSTEM else "page.calls.so_far",
            calls=f"{count.calls:,}",
            answered=known(count.answered),
            complaints=known(count.complaints),
            who=asking.names.contact(count.by),
            time=asking.when(count.at),
        )

    @property
    def calls(self) -> Control:
        """How many called."""
        return self._sheet.line("calls", "calls", required=True, hint=self._asking.words("page.calls.calls_hint"))

    @property
    def complaints(self) -> Control:
        """How many complained."""
        return self._sheet.line("calls", "complaints")

    # What the public is told

    @property
    def offers_statement(self) -> bool:
        """Whether the reader writes statements."""
        return self._answers and self._asking.decision.writes_statements

    @property
    def statement_due(self) -> str:
        """When the next statement is due, that it is late, or that one can be written."""
        updates, words = self._asking.briefing.updates, self._asking.words
        if updates is None or updates.due_at is None or updates.over_at:
            return words("page.statement.heading")
        key = "page.statement.late" if self.is_update_late else "page.statement.due"
        return words(key, time=self._asking.when(updates.due_at))

    @property
    def is_update_late(self) -> bool:
        """Whether the next statement should have been out by now."""
        updates = self._asking.briefing.updates
        return bool(updates and updates.due_at and not updates.over_at and updates.due_at < self._asking.now)
