"""The decision protocol: one question, put to named people rung by rung, with exactly one outcome (design §4).

Everything here is a value or a rule; storing, mailing and telling the workflow are the use cases' work.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from emergency.domain.errors import DecisionSettled, ForgedForm, UnusableAnswer
from emergency.domain.incident import Incident
from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Outcome, Severity, Team
from emergency.domain.timeline import Place

TEXT_LIMIT = 4_000
"""Characters that one text field of an answer may hold."""

_DECLARED = {
    DecisionKind.ACKNOWLEDGE: Outcome.NOT_ACKNOWLEDGED,
    DecisionKind.COMPLETE: Outcome.NOT_COMPLETED,
    DecisionKind.CLEAN_UP: Outcome.NOT_HANDED_IN,
    DecisionKind.REVIEW: Outcome.NOT_REVIEWED,
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One person asked on one rung. `mail_id` is the mail provider's answer, empty until it has accepted the mail."""

    contact: str
    level: int
    at: datetime
    mail_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The outcome of a decision. `by` is a contact id, or empty where the plan's declared outcome applied."""

    outcome: Outcome
    by: str
    at: datetime
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One question put to people.

    `rungs` are contact ids, first asked first; each rung has `wait` seconds. `form_key` and `task_token` are secrets
    that never leave the records. `place` is the state that asks.
    """

    incident_id: str
    id: str
    kind: DecisionKind
    team: Team | None = None
    round: int
    rungs: tuple[tuple[str, ...], ...]
    wait: int
    on_silence: Outcome
    opened_at: datetime
    place: Place
    form_key: str
    level: int = 0
    due_at: datetime | None = None
    asked: tuple[Asked, ...] = ()
    answer: Answer | None = None
    task_token: str = ""
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the decision still waits for its outcome."""
        return self.answer is None

    @property
    def is_last_rung(self) -> bool:
        """Whether nobody is left to ask after the present rung."""
        return self.level + 1 >= len(self.rungs)

    @property
    def next_rung(self) -> tuple[str, ...]:
        """The contact ids asked next if the present rung stays silent; empty on the last one."""
        return () if self.is_last_rung else self.rungs[self.level + 1]

    def was_asked(self, contact: str, level: int) -> bool:
        """Whether the mail provider has accepted this person's mail for this rung."""
        return any(a.contact == contact and a.level == level and a.mail_id for a in self.asked)


def decision_id(kind: DecisionKind, team: Team | None = None, round_: int = 0) -> str:
    """The id of a decision within its incident, e.g. `orders`, `complete-public_relations`, `review-2`."""
    return "-".join([kind.value, *([team.value] if team else []), *([str(round_)] if round_ else [])])


def prepared(
    incident: Incident,
    plan: Plan,
    *,
    kind: DecisionKind,
    team: Team | None,
    round_: int,
    form_key: str,
    place: Place,
    now: datetime,
) -> Decision:
    """A question ready to be put: who is asked in which order, how long each rung waits, what silence means."""
    severity = plan.severities[incident.severity]
    return Decision(
        incident_id=incident.id,
        id=decision_id(kind, team, round_),
        kind=kind,
        team=team,
        round=round_,
        rungs=plan.ladder(kind, team),
        wait=severity.wait[kind],
        on_silence=severity.orders_on_silence if kind is DecisionKind.ORDERS else _DECLARED[kind],
        opened_at=now,
        place=place,
        form_key=form_key,
    )


def asking(decision: Decision, *, level: int, task_token: str, place: Place, now: datetime) -> Decision:
    """The decision as a rung begins to be asked: its newest task token and the time until which the rung waits.

    A state that is tried again keeps the rung's first deadline. Raises DecisionSettled when there is an outcome.
    """
    if decision.answer is not None:
        raise DecisionSettled(decision.id)
    again = decision.level == level and decision.due_at is not None
    due_at = decision.due_at if again else now + timedelta(seconds=decision.wait)
    return replace(decision, level=level, task_token=task_token, due_at=due_at, place=place)


def asked(decision: Decision, contact: str, *, mail_id: str, now: datetime) -> Decision:
    """The decision after the mail provider has accepted a person's mail for the present rung."""
    entry = Asked(contact=contact, level=decision.level, at=now, mail_id=mail_id)
    return replace(decision, asked=(*decision.asked, entry))


def answered(decision: Decision, *, by: str, outcome: Outcome, fields: Mapping[str, str], now: datetime) -> Decision:
    """The decision with a person's answer. Raises DecisionSettled when there is an outcome already."""
    if decision.answer is not None:
        raise DecisionSettled(decision.id)
    return replace(decision, answer=Answer(outcome=outcome, by=by, at=now, fields=fields))


def lapsed(decision: Decision, *, now: datetime) -> Decision:
    """The decision with the outcome that the plan declares for silence. Raises DecisionSettled when there is one."""
    return answered(decision, by="", outcome=decision.on_silence, fields={}, now=now)


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
}


def read_answer(decision: Decision, form: Mapping[str, Sequence[str]]) -> tuple[Outcome, dict[str, str]]:
    """The outcome and the fields of a posted form (name → values).

    Orders that activate also carry `severity` and `teams` (comma-separated ids).
    Raises UnusableAnswer naming the field and what is wrong: `missing`, `unknown` or `too_long`.
    """
    question = QUESTIONS[decision.kind]
    outcome = _outcome(question, form)
    fields = {name: _text(form, name) for name in question.texts}
    for name in sorted(question.required.get(outcome, frozenset())):
        if not fields[name]:
            raise UnusableAnswer(name, "missing")
    if outcome is Outcome.ACTIVATE:
        fields |= {"severity": _severity(form), "teams": ",".join(_teams(form))}
    return outcome, {name: value for name, value in fields.items() if value}


def _outcome(question: Question, form: Mapping[str, Sequence[str]]) -> Outcome:
    pressed = [value for value in form.get("outcome", ()) if value]
    if not pressed:
        raise UnusableAnswer("outcome", "missing")
    if len(pressed) > 1 or pressed[0] not in question.outcomes:
        raise UnusableAnswer("outcome", "unknown")
    return Outcome(pressed[0])


def _text(form: Mapping[str, Sequence[str]], name: str) -> str:
    text = "\n".join(form.get(name, ())).replace("\r\n", "\n").strip()
    if len(text) > TEXT_LIMIT:
        raise UnusableAnswer(name, "too_long")
    return text


def _severity(form: Mapping[str, Sequence[str]]) -> str:
    chosen = [value for value in form.get("severity", ()) if value]
    if not chosen:
        raise UnusableAnswer("severity", "missing")
    if chosen[0] not in set(Severity):
        raise UnusableAnswer("severity", "unknown")
    return chosen[0]


def _teams(form: Mapping[str, Sequence[str]]) -> list[str]:
    chosen = [value for value in form.get("teams", ()) if value]
    if not chosen:
        raise UnusableAnswer("teams", "missing")
    if set(chosen) - set(Team):
        raise UnusableAnswer("teams", "unknown")
    return [team.value for team in Team if team in chosen]


@dataclass(frozen=True, kw_only=True)
class Link:
    """One person's own way to one decision. Only the digest of the link's id is stored (R4)."""

    digest: str
    incident_id: str
    decision_id: str
    contact: str
    level: int
    made_at: datetime


def digest_of(link_id: str) -> str:
    """What is stored of a link's id: its SHA-256, as lower-case hex."""
    return hashlib.sha256(link_id.encode()).hexdigest()


def nonce_for(decision: Decision, link: Link) -> str:
    """The nonce that binds a form to its link, decision and person; showing the page writes nothing for it (R1)."""
    bound = f"{link.digest}\n{decision.incident_id}\n{decision.id}\n{link.contact}"
    return hmac.new(decision.form_key.encode(), bound.encode(), hashlib.sha256).hexdigest()


def check_nonce(decision: Decision, link: Link, nonce: str) -> None:
    """Raises ForgedForm unless the nonce was made for this link."""
    if not hmac.compare_digest(nonce_for(decision, link).encode(), nonce.encode()):
        raise ForgedForm(decision.id)
