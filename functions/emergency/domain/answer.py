"""What a form offers for each kind of decision, and what was posted, read into an answer (P6.2 to P6.6)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Outcome, Severity, Team

TEXT_LIMIT = 4_000
"""Characters that one text field of an answer may hold."""

LIMITS: Mapping[str, int] = {"reference": 200, "task_text": 300}
"""Those that hold less."""

_MOMENT_LIMIT = 40
_YEARS = range(2000, 2200)

Form = Mapping[str, Sequence[str]]
"""A posted form: name → values."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a form offers for one kind of decision: its buttons, natural answer first, and its text fields.

    `required` names, for an outcome, the text fields that must not be empty.
    """

    outcomes: tuple[Outcome, ...]
    texts: tuple[str, ...]
    required: Mapping[Outcome, frozenset[str]] = field(default_factory=dict)


QUESTIONS: Mapping[DecisionKind, Question] = {
    DecisionKind.ORDERS: Question(outcomes=(Outcome.ACTIVATE, Outcome.STAND_DOWN), texts=("comment",)),
    DecisionKind.ACKNOWLEDGE: Question(outcomes=(Outcome.ACKNOWLEDGED,), texts=("comment",)),
    DecisionKind.COMPLETE: Question(
        outcomes=(Outcome.COMPLETED,),
        texts=("measures",),
        required={Outcome.COMPLETED: frozenset({"measures"})},
    ),
    DecisionKind.CLEAN_UP: Question(
        outcomes=(Outcome.HANDED_IN,),
        texts=("record", "impact", "proposal"),
        required={Outcome.HANDED_IN: frozenset({"record"})},
    ),
    DecisionKind.REVIEW: Question(
        outcomes=(Outcome.ACCEPTED, Outcome.RETURNED),
        texts=("comment",),
        required={Outcome.RETURNED: frozenset({"comment"})},
    ),
    DecisionKind.RELEASE: Question(
        outcomes=(Outcome.RELEASED, Outcome.DECLINED),
        texts=("comment",),
        required={Outcome.DECLINED: frozenset({"comment"})},
    ),
    DecisionKind.DUTIES: Question(outcomes=(Outcome.CONFIRMED,), texts=("comment",)),
    DecisionKind.NOTICE: Question(
        outcomes=(Outcome.SENT, Outcome.DOES_NOT_APPLY),
        texts=("reference", "comment"),
        required={
            Outcome.SENT: frozenset({"reference"}),
            Outcome.DOES_NOT_APPLY: frozenset({"comment"}),
        },
    ),
    DecisionKind.STATEMENT: Question(
        outcomes=(Outcome.APPROVED, Outcome.RETURNED),
        texts=("comment",),
        required={Outcome.RETURNED: frozenset({"comment"})},
    ),
    DecisionKind.CARRIER: Question(
        outcomes=(Outcome.CONFIRMED, Outcome.DECLINED),
        texts=("comment",),
        required={Outcome.DECLINED: frozenset({"comment"})},
    ),
    DecisionKind.SEVERITY: Question(outcomes=(Outcome.RAISED, Outcome.KEPT), texts=("comment",)),
    DecisionKind.MAINTENANCE: Question(
        outcomes=(Outcome.APPROVED, Outcome.DECLINED),
        texts=("comment",),
        required={Outcome.DECLINED: frozenset({"comment"})},
    ),
}


def read_answer(kind: DecisionKind, plan: Plan, form: Form) -> tuple[Outcome, dict[str, str]]:
    """The outcome and the fields of a posted form.

    Orders that activate also carry `severity`, `teams` and `task_force` (ids, comma-separated), and `budget` in whole
    cents where one was written; confirmed duties the ids of the `notices` that apply.
    Raises UnusableAnswer naming the field and what is wrong: `missing`, `unknown`, `unusable`, `too_long`, `too_much`.
    """
    question = QUESTIONS[kind]
    outcome = _outcome(question, form)
    fields = {name: read_text(form, name) for name in question.texts}
    for name in sorted(question.required.get(outcome, frozenset())):
        if not fields[name]:
            raise UnusableAnswer(name, "missing")
    if outcome is Outcome.ACTIVATE:
        fields |= {
            "severity": _severity(form),
            "teams": ",".join(_teams(form)),
            "task_force": ",".join(_listed(form, "task_force", tuple(plan.contacts))),
            "budget": _budget(form, plan),
        }
    if kind is DecisionKind.DUTIES:
        fields["notices"] = ",".join(_listed(form, "notices", tuple(plan.deadlines.notices)))
    return outcome, {name: value for name, value in fields.items() if value}


def read_text(form: Form, name: str, limit: int = 0) -> str:
    """A text field, trimmed; of so many characters, by LIMITS without a `limit`.

    Raises UnusableAnswer where it is too long.
    """
    text = "\n".join(form.get(name, ())).replace("\r\n", "\n").strip()
    if len(text) > (limit or LIMITS.get(name, TEXT_LIMIT)):
        raise UnusableAnswer(name, "too_long")
    return text


def read_required(form: Form, name: str, limit: int = 0) -> str:
    """As `read_text`, of a field that must say something. Raises UnusableAnswer where it is empty or too long."""
    text = read_text(form, name, limit)
    if not text:
        raise UnusableAnswer(name, "missing")
    return text


def read_choice(form: Form, name: str, choices: Sequence[str]) -> str:
    """The one chosen value of a field. Raises UnusableAnswer where none or an unknown one was chosen."""
    chosen = [value for value in form.get(name, ()) if value]
    if not chosen:
        raise UnusableAnswer(name, "missing")
    if len(chosen) > 1 or chosen[0] not in choices:
        raise UnusableAnswer(name, "unknown")
    return chosen[0]


def read_moment(form: Form, name: str, plan: Plan) -> datetime:
    """A day and time, in the company's zone where it names none; given in UTC. Raises UnusableAnswer."""
    text = read_required(form, name, _MOMENT_LIMIT)
    try:
        moment = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise UnusableAnswer(name, "unusable") from None
    if moment.year not in _YEARS:
        raise UnusableAnswer(name, "unusable")
    local = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(plan.company.time_zone))
    return local.astimezone(UTC)


def read_quantity(form: Form, name: str) -> int:
    """A whole number above zero, in any script's digits. Raises UnusableAnswer."""
    amount = _number(form, name)
    if amount is None:
        raise UnusableAnswer(name, "missing")
    if amount <= 0 or amount != amount.to_integral_value():
        raise UnusableAnswer(name, "unusable")
    return int(amount)


def read_count(form: Form, name: str, most: int) -> int | None:
    """A whole number from zero to `most`, in any script's digits; None for an empty field. Raises UnusableAnswer."""
    number = _number(form, name)
    if number is None:
        return None
    if not 0 <= number <= most or number != number.to_integral_value():
        raise UnusableAnswer(name, "unusable")
    return int(number)


def read_cents(form: Form, name: str) -> int | None:
    """An amount of money as whole cents: `50,000`, `50000.50`, `５００００`; None for an empty field.

    Raises UnusableAnswer for what is no amount, is negative, or has parts of a cent.
    """
    amount = _number(form, name)
    if amount is None:
        return None
    cents = amount * 100
    if amount < 0 or cents != cents.to_integral_value():
        raise UnusableAnswer(name, "unusable")
    return int(cents)


def read_amount(form: Form, name: str, *, is_money: bool) -> int:
    """Cents of a sum of money, or a whole number of units; above zero. Raises UnusableAnswer."""
    amount = (read_cents(form, name) or 0) if is_money else read_quantity(form, name)
    if amount <= 0:
        raise UnusableAnswer(name, "missing")
    return amount


_MOST_DIGITS = 15


def _number(form: Form, name: str) -> Decimal | None:
    text = unicodedata.normalize("NFKC", "".join(form.get(name, ()))).replace(",", "").replace(" ", "").strip()
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise UnusableAnswer(name, "unusable") from None
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS or len(text) > 2 * _MOST_DIGITS:
        raise UnusableAnswer(name, "unusable")
    return number


def _outcome(question: Question, form: Form) -> Outcome:
    return Outcome(read_choice(form, "outcome", question.outcomes))


def _severity(form: Form) -> str:
    return read_choice(form, "severity", tuple(Severity))


def _teams(form: Form) -> list[str]:
    chosen = {value for value in form.get("teams", ()) if value}
    if not chosen:
        raise UnusableAnswer("teams", "missing")
    if chosen - set(Team):
        raise UnusableAnswer("teams", "unknown")
    return [team.value for team in Team if team in chosen]


def _listed(form: Form, name: str, known: Sequence[str]) -> list[str]:
    chosen = [value for value in form.get(name, ()) if value]
    if set(chosen) - set(known):
        raise UnusableAnswer(name, "unknown")
    return [one for one in known if one in chosen]


def _budget(form: Form, plan: Plan) -> str:
    cents = read_cents(form, "budget")
    if cents is None:
        return ""
    if cents > plan.funds:
        raise UnusableAnswer("budget", "too_much")
    return str(cents)
