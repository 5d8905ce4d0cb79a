"""The forms on a question's page: what they offer, what stands in them, and what has to be corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from emergency.domain.answer import QUESTIONS, TEXT_LIMIT, Form
from emergency.domain.attachment import MOST_BYTES, TYPES
from emergency.domain.decision import Vote
from emergency.domain.errors import UnusableAnswer, UnusableFile
from emergency.domain.inventory import proposed_budget
from emergency.domain.plan import FUNDS
from emergency.domain.terms import DecisionKind, Outcome
from emergency.presentation.asking import AskedTask, Asking
from emergency.presentation.given import Given
from emergency.presentation.plain import cut
from emergency.presentation.words import amount

_TEXT_SHOWN = 5 * TEXT_LIMIT
_LINE_SHOWN = 200
_ROWS = {"comment": 3, "impact": 4, "proposal": 4, "note": 4, "reason": 2}
_ORDERED = ("severity", "teams", "task_force", "budget")
_SIDE: Mapping[str, tuple[str, ...]] = {
    "tasks": ("tasks",),
    "note": ("note", "file"),
    "hand_over": ("reason",),
    "more_time": ("reason",),
    "request": ("resource", "quantity", "reason"),
}
"""The forms beside the answer, by the value of their button, and their fields."""
_KINDS_WITH_REQUESTS = frozenset({DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE})

MEGABYTES = MOST_BYTES // (1024 * 1024)
"""The largest file, as people are told it."""


@dataclass(frozen=True, kw_only=True)
class Control:
    """One field of a form. `id` is unique on the page, `error` says what to correct."""

    id: str
    name: str
    label: str
    hint: str
    value: str = ""
    required: bool = False
    error: str = ""
    rows: int = 0
    limit: int = TEXT_LIMIT

    @property
    def described_by(self) -> str:
        """The ids of what describes the field."""
        parts = [f"{self.id}-hint" if self.hint else "", f"{self.id}-error" if self.error else ""]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What can't be used of a posted form: which form, which field's id, and what to do about it."""

    form: str
    field: str
    text: str


class Forms:
    """All forms of one question's page, empty or as one of them was posted."""

    def __init__(
        self,
        asking: Asking,
        *,
        nonce: str,
        once: str,
        posted: Form | None = None,
        error: UnusableAnswer | UnusableFile | None = None,
    ) -> None:
        self._asking = asking
        self._posted = posted
        self._question = QUESTIONS[asking.decision.kind]
        self.nonce = nonce
        self.once = once
        self.problem = self._problem(error) if error else None

    # The answer

    @property
    def offers_orders(self) -> bool:
        """Whether severity, teams, task force and budget are to be chosen."""
        return self._asking.decision.kind is DecisionKind.ORDERS

    @property
    def proposal(self) -> list[tuple[str, str]]:
        """What pressing the first button means when nothing is changed; empty where something was."""
        if not self.offers_orders or self.shows_orders:
            return []
        given = Given(self._asking, Outcome.ACTIVATE, self._proposed)
        return given.chosen if self.offers_budget else given.chosen[:-1]

    @property
    def shows_orders(self) -> bool:
        """Whether the choices of the orders stand open: they were changed, or have to be."""
        return self._answer is not None

    @property
    def buttons(self) -> list[tuple[Outcome, str]]:
        """The answers, natural one first."""
        return [(outcome, self._asking.word(f"button.{outcome}")) for outcome in self._question.outcomes]

    @property
    def texts(self) -> list[Control]:
        """The answer's text fields."""
        return [self._text(name) for name in self._question.texts]

    @property
    def severity(self) -> str:
        """The severity that is chosen: the posted one, else the proposed one."""
        return next(iter(self._values("severity")), self._asking.incident.severity)

    @property
    def teams(self) -> Sequence[str]:
        """The teams that are chosen."""
        return self._values("teams")

    @property
    def task_force(self) -> Sequence[str]:
        """Who is chosen beside the teams' leads."""
        return self._values("task_force")

    @property
    def offers_budget(self) -> bool:
        """Whether the company keeps funds that a budget could be taken from."""
        return self._asking.plan.funds > 0

    @property
    def budget(self) -> Control:
        """The budget's field, in units of the currency."""
        words, plan = self._asking.words, self._asking.plan
        return Control(
            id="budget",
            name="budget",
            label=words("page.budget.label", currency=plan.company.currency),
            hint=words("page.budget.hint", funds=words.money(plan.funds, plan)),
            value=cut("".join(self._values("budget")), _LINE_SHOWN),
            error=self.error_at("budget"),
        )

    @cached_property
    def _answer(self) -> Form | None:
        """The posted answer, or what stood in its form when ticks were saved; None where another form, or none, was."""
        return self._posted if self._posted is not None and self._action(self._posted) in ("", "tasks") else None

    @cached_property
    def _proposed(self) -> Mapping[str, str]:
        """What the orders propose: what another person voted for, else what the plan foresees; as stored fields."""
        asking = self._asking
        mine = asking.decision.vote_of(asking.contact.id)
        others = [vote for vote in asking.decision.votes if vote is not mine]
        voted = [vote for vote in (*([mine] if mine else []), *others) if vote.outcome is Outcome.ACTIVATE]
        if voted:
            return voted[-1].fields
        budget = proposed_budget(asking.incident.risk, asking.incident.teams, asking.plan)
        return {
            "severity": asking.incident.severity,
            "teams": ",".join(asking.incident.teams),
            **({"budget": str(budget)} if budget else {}),
        }

    def _values(self, name: str) -> Sequence[str]:
        if self._answer is not None:
            return list(self._answer.get(name, ()))
        proposed = self._proposed.get(name, "") if name in _ORDERED else ""
        if name == "budget" and proposed.isdecimal():
            return [amount(int(proposed))]
        return [value for value in proposed.split(",") if value]

    def _text(self, name: str) -> Control:
        asking = self._asking
        always = all(name in self._question.required.get(outcome, ()) for outcome in self._question.outcomes)
        return Control(
            id=name,
            name=name,
            label=asking.word(f"{name}.label"),
            hint=asking.word(f"{name}.hint"),
            value=cut("\n".join(self._values(name)), _TEXT_SHOWN),
            required=always,
            error=self.error_at(name),
            rows=_ROWS.get(name, 6),
        )

    # What a person can do beside answering

    @property
    def tasks(self) -> Sequence[AskedTask]:
        """The tasks that can be ticked off."""
        return self._asking.tasks if self._asking.decision.kind is DecisionKind.COMPLETE else ()

    def is_ticked(self, task: AskedTask) -> bool:
        """Whether a task's box is ticked."""
        posted = self._posted or {}
        return task.id in posted.get("tasks", ()) if "ticks" in posted else bool(task.done)

    def is_open(self, form: str) -> bool:
        """Whether a form beside the answer stands open, because something in it has to be corrected."""
        return self.problem is not None and self.problem.form == form

    @property
    def note(self) -> Control:
        """The note's text."""
        return self._side("note", "note", required=False)

    @property
    def file(self) -> Control:
        """The file's field."""
        words = self._asking.words
        types = words.join([ending.removeprefix(".").upper() for ending in TYPES])
        hint = words("page.note.file_hint", types=types, megabytes=MEGABYTES)
        return self._control("note", "file", hint=hint)

    @property
    def file_types(self) -> str:
        """What a browser offers to choose from."""
        return ",".join(TYPES)

    @property
    def offers_hand_over(self) -> bool:
        """Whether the reader can pass the question on."""
        return self._asking.decision.may_hand_over(self._asking.contact.id)

    @property
    def hand_over_to(self) -> str:
        """Who is asked then."""
        next_ = self._asking.decision.next_rung
        return self._asking.words.plural("page.hand_over.text", len(next_), next=self._asking.rung(next_))

    @property
    def hand_over(self) -> Control:
        """Why it is passed on."""
        return self._side("hand_over", "reason", required=False)

    @property
    def extended_until(self) -> str:
        """Until when more time would last; empty where the plan gives none."""
        due_at, extension = self._asking.decision.due_at, self._asking.decision.extension
        return self._asking.when(due_at + extension) if due_at and extension and self._asking.due else ""

    @property
    def extended(self) -> int:
        """How often more time was given before, so that the same form posted twice extends once."""
        return self._asking.decision.extended

    @property
    def more_time(self) -> Control:
        """Why more time is needed."""
        return self._side("more_time", "reason", required=False)

    @property
    def offers_requests(self) -> bool:
        """Whether the reader's team can ask for resources now."""
        decision, incident = self._asking.decision, self._asking.incident
        return decision.kind in _KINDS_WITH_REQUESTS and bool(decision.team) and incident.returning_at is None

    @property
    def resource(self) -> Control:
        """What is asked for."""
        return self._control("request", "resource", required=True)

    @property
    def resources(self) -> list[tuple[str, str]]:
        """The resources to choose from: id, and name with unit."""
        asking = self._asking
        plan, words = asking.plan, asking.words
        units = {
            id_: plan.company.currency if resource.kind == FUNDS else plan.text(resource.unit, words.locale)
            for id_, resource in plan.resources.items()
        }
        return [
            (id_, words("page.request.option", resource=asking.names.resource_alone(id_), unit=unit))
            for id_, unit in units.items()
        ]

    @property
    def quantity(self) -> Control:
        """How much is asked for."""
        hint = self._asking.words("page.request.quantity_hint", currency=self._asking.plan.company.currency)
        return self._control("request", "quantity", hint=hint, required=True)

    @property
    def request(self) -> Control:
        """Why it is asked for."""
        return self._side("request", "reason", required=True)

    def _side(self, form: str, name: str, *, required: bool) -> Control:
        hint = self._asking.words(f"page.{form}.{name}_hint")
        return self._control(form, name, hint=hint, required=required, rows=_ROWS[name], most=_TEXT_SHOWN)

    def _control(
        self, form: str, name: str, *, hint: str = "", required: bool = False, rows: int = 0, most: int = _LINE_SHOWN
    ) -> Control:
        posted = self._of(form) or {}
        id_ = _id(form, name)
        return Control(
            id=id_,
            name=name,
            label=self._asking.words(f"page.{form}.{name}"),
            hint=hint,
            value=cut("\n".join(posted.get(name, ())), most),
            required=required,
            error=self.error_at(id_),
            rows=rows,
        )

    def _of(self, form: str) -> Form | None:
        """What was posted by that form; None where it wasn't."""
        return self._posted if self._posted is not None and self._action(self._posted) == form else None

    @staticmethod
    def _action(posted: Form) -> str:
        action = next(iter(posted.get("action", ())), "")
        return action if action in _SIDE else ""

    # What is wrong

    def error_at(self, id_: str) -> str:
        """What to correct in the field with that id; empty where nothing is wrong there."""
        return self.problem.text if self.problem and self.problem.field == id_ else ""

    def _problem(self, error: UnusableAnswer | UnusableFile) -> Problem:
        form = self._action(self._posted) if self._posted is not None else ""
        if isinstance(error, UnusableFile):
            return Problem(form="note", field="file", text=self._said("file", error.problem))
        known = _SIDE[form] if form else ("outcome", *_ORDERED, *self._question.texts)
        if error.field not in known:
            return Problem(form="", field="outcome", text=self._said("", error.problem))
        return Problem(form=form, field=_id(form, error.field), text=self._said(error.field, error.problem, form))

    def _said(self, field: str, problem: str, form: str = "") -> str:
        asking = self._asking
        words, plan = asking.words, asking.plan
        label = f"page.{form}.{field}" if form else f"decision.{asking.decision.kind}.{field}.label"
        if problem == "too_long" and label in words:
            return words("page.invalid.too_long", field=words(label), limit=TEXT_LIMIT)
        key = f"page.invalid.{field}_{problem}"
        most = words.money(plan.funds, plan) if field == "budget" else self._stock()
        return words(key, most=most, megabytes=MEGABYTES) if key in words else words("page.invalid.unusable")

    def _stock(self) -> str:
        """All that there is of the resource that was asked for."""
        chosen = next(iter((self._posted or {}).get("resource", ())), "")
        resource = self._asking.plan.resources.get(chosen)
        return self._asking.names.quantity(chosen, resource.stock) if resource else ""


def _id(form: str, field: str) -> str:
    """A field's id: its name, or with its form's name where several forms have a field of that name."""
    return f"{form}-{field}" if field == "reason" else field


def vote_of(asking: Asking, vote: Vote, proposal: Sequence[tuple[str, str]]) -> tuple[str, list[tuple[str, str]]]:
    """What somebody has voted: a sentence, what they chose where that isn't the proposal, and what they wrote."""
    words = asking.words
    outcome, time = words(f"outcome.{vote.outcome}"), words.moment(vote.at, asking.plan)
    told = words("page.decided.text", who=asking.names.contact(vote.by), time=time, outcome=outcome)
    given = Given(asking, vote.outcome, vote.fields)
    chosen = [] if given.chosen == proposal else given.chosen
    return told, [*chosen, *given.written]
