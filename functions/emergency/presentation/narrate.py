"""Timeline entries told as sentences: ids become names, quantities get their units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from emergency.domain.plan import Plan, Text
from emergency.domain.terms import DecisionKind, Factor, Outcome, Step, Team
from emergency.domain.timeline import Detail, Fact, TimelineEntry
from emergency.presentation.deliveries import DeliveryTeller
from emergency.presentation.naming import Names
from emergency.presentation.plain import one_line
from emergency.presentation.words import Words

_TEXT_LIMIT = 300
_DASH = "–"

_ENDINGS = {Outcome.ACCEPTED, Outcome.RETURNED, Outcome.NOT_REVIEWED}
_REASONS = frozenset({"refused", "bounce.permanent", "bounce.transient", "complaint", "reject"})
_FACTORS = frozenset({Factor.CODE, Factor.TOTP, Factor.DEVICE})


def sentence(entry: TimelineEntry, plan: Plan, words: Words, playbook: str = "") -> str:
    """The entry told in the words' locale. A detail that is missing is told as a dash, never an error.

    `playbook` is the incident's: it holds the texts of the tasks that an entry names.
    """
    teller = _Teller(entry, Names(plan, words), playbook)
    key = f"timeline.{entry.fact}"
    variant = _VARIANTS.get(entry.fact)
    if variant is not None:
        key = f"{key}.{variant(entry.details)}"
    if entry.fact in _COUNTED:
        return words.plural(key, teller.count(_COUNTED[entry.fact]), **teller.values())
    return words.paragraph(words(key, **teller.values()), *teller.additions())


def _kind(details: Mapping[str, Detail]) -> str:
    kind = details.get("kind")
    return str(kind) if kind in set(DecisionKind) else "unknown"


def _outcome(details: Mapping[str, Detail]) -> str:
    outcome = details.get("outcome")
    return str(outcome) if outcome in set(Outcome) else "unknown"


def _answered(details: Mapping[str, Detail]) -> str:
    outcome = _outcome(details)
    if _kind(details) == DecisionKind.CARRIER and outcome in {Outcome.CONFIRMED, Outcome.DECLINED}:
        return f"carrier_{outcome}"
    if _kind(details) == DecisionKind.MAINTENANCE and outcome in {Outcome.APPROVED, Outcome.DECLINED}:
        return f"maintenance_{outcome}"
    if (_kind(details), outcome) == (DecisionKind.STATEMENT, Outcome.RETURNED):
        return "draft_returned"
    return "unknown" if outcome.startswith("not_") else outcome


def _lapsed(details: Mapping[str, Detail]) -> str:
    outcome = _outcome(details)
    if _kind(details) == DecisionKind.CARRIER and outcome == Outcome.NOT_CONFIRMED:
        return "carrier_not_confirmed"
    if _kind(details) == DecisionKind.MAINTENANCE and outcome == Outcome.NOT_APPROVED:
        return "maintenance_not_approved"
    known = outcome.startswith("not_") or outcome in {Outcome.ACTIVATE, Outcome.STAND_DOWN}
    return outcome if known else "unknown"


def _ending(details: Mapping[str, Detail]) -> str:
    outcome = _outcome(details)
    return outcome if outcome in _ENDINGS else "unknown"


def _reason(details: Mapping[str, Detail]) -> str:
    reason = details.get("reason")
    return str(reason) if reason in _REASONS else "unknown"


def _factor(details: Mapping[str, Detail]) -> str:
    return "totp" if details.get("factor") == Factor.TOTP else "code"


def _doer(details: Mapping[str, Detail]) -> str:
    return "by_person" if details.get("who") else "by_system"


def _punctuality(details: Mapping[str, Detail]) -> str:
    return "late" if details.get("late") else "in_time"


_COUNTED = {
    Fact.TEAM_ASSIGNED: "tasks",
    Fact.CLEAN_UP_BEGAN: "tasks",
    Fact.RECORD_SEALED: "parts",
    Fact.MEDIA_TOLD: "count",
    Fact.ALL_CLEAR: "count",
}
"""Facts whose sentence counts something, and the detail that holds the number."""

_VARIANTS: Mapping[Fact, Callable[[Mapping[str, Detail]], str]] = {
    Fact.DECISION_ASKED: _kind,
    Fact.DECISION_UNANSWERED: _kind,
    Fact.DECISION_ANSWERED: _answered,
    Fact.DECISION_LAPSED: _lapsed,
    Fact.MAIL_UNDELIVERED: _reason,
    Fact.FACTOR_ASKED: _factor,
    Fact.INCIDENT_CLOSED: _ending,
    Fact.TASK_DONE: _doer,
    Fact.DEADLINE_MET: _punctuality,
    Fact.CALLS_COUNTED: _doer,
    Fact.MAINTENANCE_ENDED: _doer,
    Fact.INCIDENT_REPORTED: _doer,
}
"""Facts that are told differently by what was asked or what came of it, and how the words' key ends then."""

_VOTES = frozenset({Fact.DECISION_ANSWERED, Fact.VOTE_CAST})
_REASONED = frozenset(
    {
        *(Fact.HANDED_OVER, Fact.MORE_TIME, Fact.RELEASE_REQUESTED, Fact.MAINTENANCE_REQUESTED),
        *(Fact.CARRIER_CONFIRMED, Fact.CARRIER_DECLINED),
        *(Fact.FUNDS_SPENT, Fact.WRITTEN_OFF, Fact.DEADLINE_WAIVED),
    }
)


class _Teller:
    """The values that an entry's details give to the placeholders of its sentence."""

    def __init__(self, entry: TimelineEntry, names: Names, playbook: str) -> None:
        self._fact = entry.fact
        self._details = entry.details
        self._names = names
        self._step = entry.step
        self._playbook = playbook

    def values(self) -> dict[str, str]:
        """Every placeholder that a sentence of the timeline may use."""
        tell: Mapping[str, Callable[[Detail], str]] = {
            "team": lambda detail: self._names.team_inside(str(detail)),
            "teams": lambda detail: self._names.teams(_several(detail)),
            "level": lambda detail: self._names.level(str(detail)),
            "before": lambda detail: self._names.level(str(detail)),
            "resource": lambda detail: self._names.resource(str(detail)),
            "quantity": self._quantity,
            "wanted": self._quantity,
            "task": self._task,
            "until": self._moment,
            "first": self._moment,
            "where": lambda detail: self._names.place(str(detail)),
            "carrier": lambda detail: self._names.carrier(str(detail)),
            "carriers": lambda detail: self._names.words.join([self._names.carrier(id_) for id_ in _several(detail)]),
            "parcels": self._parcels,
            "regions": self._regions,
            "due": self._moment,
            **dict.fromkeys(_PEOPLE, self._people),
        }
        told = {
            placeholder: self._told(detail, tell.get(placeholder, self._text))
            for placeholder, detail in _PLACEHOLDERS.items()
        }
        told["notice"] = self._notice()
        about = self._names.words(f"timeline.about.{_kind(self._details)}", team=told["team"], notice=told["notice"])
        outcome = self._names.words(f"outcome.{_outcome(self._details)}") if _is_known(self._details) else _DASH
        return {**told, "rung": str(self.count("level") + 1), "about": about, "outcome": outcome}

    def additions(self) -> list[str]:
        """What is said after the sentence: for whom somebody answered, how they were known, who agreed, and why."""
        words, told = self._names.words, []
        if self._fact in _VOTES:
            told += self._additions_to_vote()
        text = self._details.get("text")
        if self._fact in _REASONED and text:
            told.append(words("mail.reason", text=self._text(text)))
        return told

    def _additions_to_vote(self) -> list[str]:
        words, told = self._names.words, []
        if absent := self._details.get("instead_of"):
            told.append(words("timeline.instead_of", absent=self._people(absent)))
        if (factor := self._details.get("factor")) in _FACTORS:
            told.append(words(f"timeline.factor.{factor}"))
        voters = _several(self._details.get("voters", ()))
        if others := [voter for voter in voters if voter != self._details.get("who")]:
            told.append(words("timeline.agreed", others=self._names.contacts(others)))
        return told

    def count(self, name: str) -> int:
        """A detail as a number; 0 where it isn't one."""
        detail = self._details.get(name)
        return detail if isinstance(detail, int) else 0

    def _told(self, name: str, tell: Callable[[Detail], str]) -> str:
        detail = self._details.get(name)
        return _DASH if detail is None or detail in ("", ()) else tell(detail) or _DASH

    def _text(self, detail: Detail) -> str:
        return one_line(self._names.words.join(_several(detail)), _TEXT_LIMIT)

    def _people(self, detail: Detail) -> str:
        return self._names.people(_several(detail))

    def _quantity(self, detail: Detail) -> str:
        if not isinstance(detail, int):
            return self._text(detail)
        return self._names.quantity(str(self._details.get("resource", "")), detail)

    def _task(self, detail: Detail) -> str:
        """A task by its text: of the playbook, or as it was written when somebody added it."""
        plan, task_id = self._names.plan, str(detail)
        found = next((text for id_, text in self._texts() if id_ == task_id), None)
        written = self._text(self._details.get("text") or detail)
        return (plan.text(found, self._names.words.locale) if found else written).rstrip(".。")

    def _texts(self) -> Iterator[tuple[str, Text]]:
        """The tasks that the playbook has for the team, by their ids, those of the entry's own step first."""
        team = self._details.get("team")
        if not self._playbook or team not in set(Team):
            return
        plan, of_team = self._names.plan, Team(str(team))
        response, clean_up = plan.team_tasks(self._playbook, of_team), plan.team_clean_up(self._playbook, of_team)
        tasks = (*clean_up, *response) if self._step is Step.SITE_CLEAN_UP else (*response, *clean_up)
        yield from ((task.id, task.text) for task in tasks)
        yield from ((f"back-{task.id}", task.switch_back) for task in response if task.switch_back)

    def _notice(self) -> str:
        """The notice that the entry is about; its question is named for it."""
        names, decision = self._names, str(self._details.get("decision", ""))
        notice = self._details.get("notice") or decision.removeprefix(f"{DecisionKind.NOTICE}-")
        if str(notice) not in names.plan.deadlines.notices:
            return names.words("timeline.notice_unnamed")
        return names.words("timeline.notice_named", notice=names.notice_alone(str(notice)))

    def _parcels(self, detail: Detail) -> str:
        return self._deliveries.parcels(detail) if isinstance(detail, int) else self._text(detail)

    def _regions(self, detail: Detail) -> str:
        """Parcels by region, each written as `<region>:<count>`."""
        counted = [(region, count) for region, _, count in (one.rpartition(":") for one in _several(detail))]
        return self._deliveries.by_region((region, int(count)) for region, count in counted if count.isdecimal())

    @property
    def _deliveries(self) -> DeliveryTeller:
        return DeliveryTeller(self._names.plan, self._names.words)

    def _moment(self, detail: Detail) -> str:
        try:
            return self._names.words.short_moment(datetime.fromisoformat(str(detail)), self._names.plan)
        except (ValueError, OverflowError):
            return self._text(detail)


_PEOPLE = ("who", "to", "absent", "task_force", "people", "owner")

_PLACEHOLDERS: Mapping[str, str] = {
    "alarm": "name",
    "reason": "reason",
    "region": "region",
    "severity": "severity",
    "level": "severity",
    "before": "before",
    "likelihood": "likelihood",
    "impact": "impact",
    "who": "who",
    "to": "to",
    "absent": "instead_of",
    "team": "team",
    "teams": "teams",
    "task_force": "task_force",
    "number": "number",
    "resource": "resource",
    "quantity": "quantity",
    "wanted": "wanted",
    "round": "round",
    "task": "task",
    "text": "text",
    "file": "file",
    "until": "until",
    "first": "first",
    "what": "what",
    "signals": "signals",
    "still_on": "still_on",
    "people": "people",
    "owner": "owner",
    "due": "due",
    "reference": "reference",
    "digest": "digest",
    "calls": "calls",
    "answered": "answered",
    "complaints": "complaints",
    "carrier": "carrier",
    "carriers": "to",
    "parcels": "parcels",
    "regions": "regions",
    "where": "where",
}
"""The placeholders of the timeline's sentences, and the detail that fills each."""


def _is_known(details: Mapping[str, Detail]) -> bool:
    return _outcome(details) != "unknown"


def _several(detail: Detail) -> tuple[str, ...]:
    return tuple(str(item) for item in detail) if isinstance(detail, tuple | list) else (str(detail),)
