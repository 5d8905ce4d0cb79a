"""The tables of a report: tasks, notices to authorities, updates to the public, loans, requests and money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from emergency.domain.assignment import AssignedTask
from emergency.domain.decision import Answer
from emergency.domain.inventory import Allocation, CallCount, account_of
from emergency.domain.plan import Plan
from emergency.domain.report import NoticeWork, ReplanWork, Report, TeamWork, UpdateGiven
from emergency.domain.terms import DecisionKind, Outcome, Step
from emergency.domain.timeline import SYSTEM, Fact, TimelineEntry
from emergency.presentation.deliveries import DeliveryTeller
from emergency.presentation.naming import Names
from emergency.presentation.plain import one_line
from emergency.presentation.words import Words, known

_TEXT_LIMIT = 600
_NOTE_LIMIT = 4_000


@dataclass(frozen=True, kw_only=True)
class TaskRow:
    """One task: whose it was, its target, what became of it, and by how much it was late; each perhaps empty."""

    text: str
    owner: str
    target: str
    done: str
    late: str


@dataclass(frozen=True, kw_only=True)
class TaskTable:
    """A team's tasks of one step, with the step's name."""

    caption: str
    rows: list[TaskRow]


@dataclass(frozen=True, kw_only=True)
class NoticeRow:
    """One notice: its name, recipient and due time, what became of it, its reference, by how much it was late."""

    name: str
    recipient: str
    due: str
    outcome: str
    reference: str
    late: str


@dataclass(frozen=True, kw_only=True)
class ReplanRow:
    """What one carrier was asked in a re-plan: region by region, its cost, and what became of it."""

    carrier: str
    parcels: list[str]
    cost: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class ReplanTable:
    """One re-plan: who ordered it for whose parcels, its orders, and what no carrier took."""

    told: str
    rows: list[ReplanRow]
    left: str


@dataclass(frozen=True, kw_only=True)
class UpdateRow:
    """One update to the public: who gave it when, and whether that was late; what was told and where."""

    who: str
    text: str


@dataclass(frozen=True, kw_only=True)
class LoanRow:
    """What a team was lent: how much, when, what of it is gone for good, and when the rest came back."""

    resource: str
    team: str
    quantity: str
    lent: str
    gone: str
    returned: str


@dataclass(frozen=True, kw_only=True)
class ExpenseRow:
    """What was spent or written off for a team: what, by whom and when, and for what."""

    what: str
    team: str
    who: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RequestRow:
    """What a team asked for beyond its playbook, and what became of it."""

    what: str
    team: str
    asked: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class CallRow:
    """One count of calls: who counted when, and the numbers; a dash for what isn't known."""

    counted: str
    calls: str
    answered: str
    complaints: str


@dataclass(frozen=True)
class Tables:
    """The tables of one report in one locale."""

    report: Report
    plan: Plan
    words: Words

    @property
    def names(self) -> Names:
        """Names for ids, in the report's words."""
        return Names(self.plan, self.words)

    def at(self, moment: datetime) -> str:
        """Day and time; the zone is named once, with the times."""
        return self.words.short_moment(moment, self.plan)

    def by(self, contact: str, moment: datetime) -> str:
        """Who did something, and when."""
        return self.words("report.by", who=self.names.contact(contact), time=self.at(moment))

    def late(self, due: datetime, done: datetime) -> str:
        """By how much something came after its time; empty where it didn't."""
        seconds = (done - due).total_seconds()
        return self.words("report.late", duration=self.words.duration(seconds)) if seconds > 0 else ""

    # Tasks

    def tasks(self, work: TeamWork) -> list[TaskTable]:
        """A team's tasks, step by step; none for a step that has none."""
        assignment = work.assignment
        if assignment is None:
            return []
        return [
            TaskTable(caption=self.words(f"step.{step}"), rows=[self._task(task) for task in assignment.of(step)])
            for step in (Step.EMERGENCY_RESPONSE, Step.SITE_CLEAN_UP)
            if assignment.of(step)
        ]

    def _task(self, task: AssignedTask) -> TaskRow:
        late = self.late(task.due_at, task.done_at) if task.due_at and task.done_at else ""
        return TaskRow(
            text=one_line(self.plan.text(task.text, self.words.locale), _TEXT_LIMIT),
            owner=self.names.contact(task.owner) if task.owner and not task.is_by_system else "",
            target=self.at(task.due_at) if task.due_at else "",
            done=self._done(task),
            late=late,
        )

    def _done(self, task: AssignedTask) -> str:
        """Who did it or passed it over, and when; or that it was not ticked off, perhaps past its target."""
        words = self.words
        if task.done_at:
            by_system = words("report.measures.by_system", time=self.at(task.done_at))
            return self.by(task.done_by, task.done_at) if task.done_by else by_system
        if task.skipped_at:
            skipped = self.by(task.skipped_by, task.skipped_at)
            reason = one_line(task.reason, _NOTE_LIMIT)
            return words("report.measures.skipped", who=skipped, reason=reason)
        is_late = task.is_late(self.report.written_at)
        return words("report.measures.missed" if is_late else "report.measures.not_done")

    # Clocks

    @property
    def duties(self) -> str:
        """Who confirmed which notices apply, or that nobody did; empty where nobody was asked."""
        answer = self.report.duties
        if answer is None:
            return ""
        if answer.outcome is not Outcome.CONFIRMED:
            return self.words("report.notices.not_confirmed")
        return self.words("report.notices.confirmed", who=self.names.contact(answer.by), time=self.at(answer.at))

    @property
    def notices(self) -> list[NoticeRow]:
        """The notices to authorities whose clocks ran."""
        return [self._notice(work) for work in self.report.notices]

    def _notice(self, work: NoticeWork) -> NoticeRow:
        answer, clock = work.answer, work.clock
        notice = self.plan.deadlines.notices.get(clock.notice)
        is_sent = answer is not None and answer.outcome is Outcome.SENT
        ended = answer.at if answer and is_sent else self.report.written_at
        return NoticeRow(
            name=self.names.notice_alone(clock.notice),
            recipient=self.plan.text(notice.recipient, self.words.locale) if notice else "",
            due=self.at(clock.due_at),
            outcome=self._became(answer),
            reference=one_line(answer.fields.get("reference", ""), _TEXT_LIMIT) if answer else "",
            late=self.late(clock.due_at, ended) if work.is_late(self.report.written_at) else "",
        )

    def _became(self, answer: Answer | None) -> str:
        """Who sent it when, or why it wasn't."""
        if answer is None:
            return self.words("report.notices.open")
        if answer.outcome is Outcome.SENT:
            return self.by(answer.by, answer.at)
        if answer.outcome is Outcome.DOES_NOT_APPLY:
            who, reason = self.by(answer.by, answer.at), one_line(answer.fields.get("comment", ""), _NOTE_LIMIT)
            return self.words("report.notices.waived", who=who, reason=reason)
        return self.words("report.notices.not_sent")

    @property
    def updates(self) -> list[UpdateRow]:
        """The updates that were given to the public."""
        return [UpdateRow(who=self._given(update), text=update.text[:_NOTE_LIMIT]) for update in self.report.updates]

    def _given(self, update: UpdateGiven) -> str:
        given = self.by(update.by, update.at)
        return self.words("report.updates.given_late", given=given) if update.is_late else given

    @property
    def updates_late(self) -> str:
        """How many updates had not come when they were due; empty where none was late."""
        late = self.report.updates_late
        return self.words.plural("report.updates.late", late) if late else ""

    # Deliveries

    @property
    def replans(self) -> list[ReplanTable]:
        """What was proposed and ordered when a carrier failed, and what the others said."""
        return [self._replan(work) for work in self.report.replans]

    def _replan(self, work: ReplanWork) -> ReplanTable:
        replan, words, deliveries = work.replan, self.words, DeliveryTeller(self.plan, self.words)
        carrier = self.names.carrier(replan.carrier)
        if replan.ordered_at is None:
            parcels = deliveries.parcels(replan.moved)
            told = words("report.replans.proposed", time=self.at(replan.proposed_at), parcels=parcels, carrier=carrier)
            return ReplanTable(told=told, rows=[], left="")
        who, time = self.names.contact(replan.by), self.at(replan.ordered_at)
        rows = [
            ReplanRow(
                carrier=self.names.carrier(order.carrier),
                parcels=[words.labelled(region, told) for region, told in map(deliveries.move, order.moves)],
                cost=words.money(order.cost, self.plan),
                outcome=self._carrier_outcome(answer),
            )
            for order, answer in work.orders
        ]
        told = words("page.replan.ordered", time=time, carrier=carrier, who=who)
        return ReplanTable(told=told, rows=rows, left=deliveries.left(replan.left))

    def _carrier_outcome(self, answer: Answer | None) -> str:
        words = self.words
        if answer is None:
            return words("report.replans.open")
        outcome, comment = words(f"outcome.{answer.outcome}"), one_line(answer.fields.get("comment", ""), _TEXT_LIMIT)
        return words.labelled(outcome, comment) if comment else outcome

    # Resources and money

    @property
    def loans(self) -> list[LoanRow]:
        """What the teams had on loan."""
        return [
            LoanRow(
                resource=self.names.resource_alone(loan.resource),
                team=self.names.team(loan.team),
                quantity=self._lent(loan),
                lent=self.at(loan.lent_at),
                gone=self.names.quantity(loan.resource, loan.spent) if loan.spent else "",
                returned=self._returned(loan),
            )
            for loan in self.report.allocations
        ]

    def _lent(self, loan: Allocation) -> str:
        """How much was lent, and how much was wanted where that is more; who it was, where it was people."""
        lent = self.names.quantity(loan.resource, loan.quantity)
        if loan.quantity < loan.wanted:
            wanted = self.names.quantity(loan.resource, loan.wanted)
            lent = self.words("report.resources.lent_of", quantity=lent, wanted=wanted)
        return self.words.labelled(lent, self.names.people(loan.people)) if loan.people else lent

    def _returned(self, loan: Allocation) -> str:
        """What went back when; nothing is outstanding of what was all gone, or never lent."""
        if loan.returned_at is None:
            return self.words("report.resources.outstanding") if loan.left else ""
        if loan.returned == loan.quantity:
            return self.at(loan.returned_at)
        quantity = self.names.quantity(loan.resource, loan.returned)
        return self.words.labelled(self.at(loan.returned_at), quantity)

    @property
    def calls(self) -> list[CallRow]:
        """The counts of calls, as people and Amazon Connect gave them."""
        return [
            CallRow(
                counted=self._counter(count),
                calls=f"{count.calls:,}",
                answered=known(count.answered),
                complaints=known(count.complaints),
            )
            for count in self.report.calls
        ]

    def _counter(self, count: CallCount) -> str:
        if count.by == SYSTEM:
            return self.words("report.calls.centre", time=self.at(count.at))
        return self.by(count.by, count.at)

    @property
    def account(self) -> list[tuple[str, str]]:
        """The account of the emergency funds: label and amount; empty where none were lent."""
        account = account_of(self.report.allocations, self.plan)
        if not account.requested:
            return []
        amounts = {
            "requested": account.requested,
            "approved": account.approved,
            "spent": account.spent,
            "returned": account.returned,
            "left": account.left,
        }
        return [
            (self.words(f"report.account.{name}"), self.words.money(amount, self.plan))
            for name, amount in amounts.items()
        ]

    @property
    def expenses(self) -> list[ExpenseRow]:
        """What was spent of the funds, and written off of the rest."""
        return [
            ExpenseRow(
                what=self.names.amount_alone(expense.resource, expense.quantity),
                team=self.names.team(expense.team),
                who=self.by(expense.by, expense.at),
                reason=one_line(expense.reason, _NOTE_LIMIT),
            )
            for expense in self.report.expenses
        ]

    @property
    def requests(self) -> list[RequestRow]:
        """What teams asked for beyond their playbook, and what became of each, from the timeline."""
        told = (Fact.DECISION_ANSWERED, Fact.DECISION_LAPSED)
        outcomes = {
            str(entry.details.get("decision", "")): entry
            for entry in self.report.timeline
            if entry.fact in told and entry.details.get("kind") == DecisionKind.RELEASE
        }
        return [
            self._request(entry, outcomes.get(str(entry.details.get("decision", ""))))
            for entry in self.report.timeline
            if entry.fact is Fact.RELEASE_REQUESTED
        ]

    def _request(self, asked: TimelineEntry, decided: TimelineEntry | None) -> RequestRow:
        details = asked.details
        resource, quantity = str(details.get("resource", "")), details.get("quantity", 0)
        outcome = self.words("report.requests.open")
        if decided is not None:
            found = decided.details.get("outcome")
            label = self.words(f"outcome.{found if found in set(Outcome) else Outcome.NOT_RELEASED}")
            is_persons = decided.actor != SYSTEM
            decided_by = self.by(decided.actor, decided.at) if is_persons else self.at(decided.at)
            outcome = self.words.labelled(label, decided_by)
        return RequestRow(
            what=self.names.amount_alone(resource, quantity if isinstance(quantity, int) else 0),
            team=self.names.team(str(details.get("team", ""))),
            asked=self.by(asked.actor, asked.at),
            outcome=outcome,
        )
