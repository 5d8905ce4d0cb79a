"""The fields of a page's forms: what stands in them, and what has to be corrected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from emergency.domain.answer import LIMITS, QUESTIONS, TEXT_LIMIT, Form
from emergency.domain.attachment import MOST_BYTES
from emergency.domain.errors import UnusableAnswer
from emergency.domain.terms import DecisionKind
from emergency.presentation.asking import Asking
from emergency.presentation.plain import cut

TEXT_SHOWN = 5 * TEXT_LIMIT
LINE_SHOWN = 400
ORDERED = ("severity", "teams", "task_force", "budget")
BESIDE: Mapping[str, tuple[str, ...]] = {
    "tasks": ("tasks",),
    "add_task": ("task_text", "owner", "within"),
    "reassign": ("task", "owner"),
    "skip": ("task", "reason"),
    "spend": ("allocation", "quantity", "reason"),
    "calls": ("calls", "complaints"),
    "note": ("note",),
    "hand_over": ("reason",),
    "more_time": ("reason",),
    "request": ("resource", "quantity", "reason"),
}
"""The forms beside the answer, by the value of their button, and their fields."""

_FORMS_WITH = Counter(name for names in BESIDE.values() for name in names)
_ROWS = {"comment": 3, "impact": 4, "proposal": 4, "note": 4, "reason": 2}

MEGABYTES = MOST_BYTES // (1024 * 1024)
"""The largest file, as people are told it."""


@dataclass(frozen=True, kw_only=True)
class Control:
    """One field of a form. `id` is unique on the page, `error` says what to correct; without `rows` it is one line."""

    id: str
    name: str
    label: str
    hint: str = ""
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


def rows_of(name: str) -> int:
    """How many lines a text field shows; 0 for one that holds a line alone."""
    return 0 if name in LIMITS else _ROWS.get(name, 6)


def limit_of(name: str) -> int:
    """How many characters a text field holds."""
    return LIMITS.get(name, TEXT_LIMIT)


@dataclass(frozen=True)
class Sheet:
    """All that the forms of one page share: the question, what was posted, and what is wrong with it.

    `nonce` binds the forms to the link; `once` is new each time, so that a form posted twice counts once.
    """

    asking: Asking
    nonce: str
    once: str
    posted: Form | None = None
    error: UnusableAnswer | None = None

    @property
    def action(self) -> str:
        """Which form beside the answer was posted; empty for the answer itself."""
        action = next(iter((self.posted or {}).get("action", ())), "")
        return action if action in BESIDE else ""

    def sent_by(self, form: str) -> Form | None:
        """What was posted by that form; None where it wasn't."""
        return self.posted if self.posted is not None and self.action == form else None

    @cached_property
    def problem(self) -> Problem | None:
        """What is wrong with what was posted; None where nothing is."""
        error = self.error
        if error is None:
            return None
        form = self.action
        known = BESIDE[form] if form else ("outcome", "tasks", "notices", *ORDERED, *QUESTIONS[self._kind].texts)
        if error.field not in known:
            return Problem(form="", field="outcome", text=self._said("", "", error.problem))
        return Problem(form=form, field=id_of(form, error.field), text=self._said(form, error.field, error.problem))

    def error_at(self, id_: str) -> str:
        """What to correct in the field with that id; empty where nothing is wrong there."""
        return self.problem.text if self.problem and self.problem.field == id_ else ""

    def is_open(self, *forms: str) -> bool:
        """Whether one of these forms stands open, because something in it has to be corrected."""
        return self.problem is not None and self.problem.form in forms

    def area(self, form: str, name: str, *, required: bool = False) -> Control:
        """A field for text of some lines, with its hint."""
        return self.line(form, name, required=required, hint=self.asking.words(f"page.{form}.{name}_hint"))

    def line(
        self, form: str, name: str, *, required: bool = False, hint: str = "", value: str = "", rows: int | None = None
    ) -> Control:
        """A field of a form beside the answer. `value` stands in it until something was posted."""
        posted, id_ = self.sent_by(form), id_of(form, name)
        rows = (rows_of(name) if name in _ROWS else 0) if rows is None else rows
        entered = "\n".join(posted.get(name, ())) if posted is not None else value
        return Control(
            id=id_,
            name=name,
            label=self.asking.words(f"page.{form}.{name}"),
            hint=hint,
            value=cut(entered, TEXT_SHOWN if rows else LINE_SHOWN),
            required=required,
            error=self.error_at(id_),
            rows=rows,
            limit=limit_of(name),
        )

    @property
    def _kind(self) -> DecisionKind:
        return self.asking.decision.kind

    def _said(self, form: str, field: str, problem: str) -> str:
        words = self.asking.words
        label = f"page.{form}.{field}" if form else f"decision.{self._kind}.{field}.label"
        if problem == "too_long" and label in words:
            return words("page.invalid.too_long", field=words(label), limit=limit_of(field))
        for key in (f"page.invalid.{form}_{field}_{problem}", f"page.invalid.{field}_{problem}"):
            if key in words:
                return words(key, most=self._most(form, field), megabytes=MEGABYTES)
        return words("page.invalid.unusable")

    def _most(self, form: str, field: str) -> str:
        """How much there is of what too much was written of."""
        asking = self.asking
        if field == "budget":
            return asking.words.money(asking.plan.funds, asking.plan)
        if form == "spend":
            chosen = self._chosen("allocation")
            left = {loan.id: asking.names.quantity(loan.resource, loan.left) for loan in asking.briefing.allocations}
            return left.get(chosen, "")
        chosen = self._chosen("resource")
        resource = asking.plan.resources.get(chosen)
        return asking.names.quantity(chosen, resource.stock) if resource else ""

    def _chosen(self, name: str) -> str:
        return next(iter((self.posted or {}).get(name, ())), "")


def id_of(form: str, field: str) -> str:
    """A field's id: its name, or with its form's name where several forms have a field of that name."""
    return f"{form}-{field}" if _FORMS_WITH[field] > 1 else field
