"""Timeline entries told as sentences: ids become names, quantities get their units."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Outcome
from emergency.domain.timeline import Detail, Fact, TimelineEntry
from emergency.presentation.naming import Names
from emergency.presentation.plain import one_line
from emergency.presentation.words import Words

_TEXT_LIMIT = 300
_DASH = "–"

_ENDINGS = {Outcome.ACCEPTED, Outcome.RETURNED, Outcome.NOT_REVIEWED}


def sentence(entry: TimelineEntry, plan: Plan, words: Words) -> str:
    """The entry as one sentence in the words' locale. A detail that is missing is told as a dash, never an error."""
    teller = _Teller(entry.details, Names(plan, words))
    key = f"timeline.{entry.fact}"
    variant = _VARIANTS.get(entry.fact)
    if variant is not None:
        key = f"{key}.{variant(entry.details)}"
    if entry.fact is Fact.TEAM_ASSIGNED:
        text = words.plural(key, teller.count("tasks"), **teller.values())
    else:
        text = words(key, **teller.values())
    return text


def _kind(details: Mapping[str, Detail]) -> str:
    kind = details.get("kind")
    return str(kind) if kind in set(DecisionKind) else "unknown"


def _outcome(details: Mapping[str, Detail]) -> str:
    outcome = details.get("outcome")
    return str(outcome) if outcome in set(Outcome) else "unknown"


def _answered(details: Mapping[str, Detail]) -> str:
    outcome = _outcome(details)
    return "unknown" if outcome.startswith("not_") else outcome


def _lapsed(details: Mapping[str, Detail]) -> str:
    outcome = _outcome(details)
    known = outcome.startswith("not_") or outcome in {Outcome.ACTIVATE, Outcome.STAND_DOWN}
    return outcome if known else "unknown"


def _ending(details: Mapping[str, Detail]) -> str:
    outcome = _outcome(details)
    return outcome if outcome in _ENDINGS else "unknown"


_VARIANTS: Mapping[Fact, Callable[[Mapping[str, Detail]], str]] = {
    Fact.DECISION_ASKED: _kind,
    Fact.DECISION_UNANSWERED: _kind,
    Fact.DECISION_ANSWERED: _answered,
    Fact.DECISION_LAPSED: _lapsed,
    Fact.INCIDENT_CLOSED: _ending,
}
"""Facts that are told differently by what was asked or what came of it, and how the words' key ends then."""


class _Teller:
    """The values that an entry's details give to the placeholders of its sentence."""

    def __init__(self, details: Mapping[str, Detail], names: Names) -> None:
        self._details = details
        self._names = names

    def values(self) -> dict[str, str]:
        """Every placeholder that a sentence of the timeline may use."""
        tell: Mapping[str, Callable[[Detail], str]] = {
            "team": lambda detail: self._names.team_inside(str(detail)),
            "teams": lambda detail: self._names.teams(_several(detail)),
            "task_force": lambda detail: self._names.contacts(_several(detail)),
            "who": lambda detail: self._names.contacts(_several(detail)),
            "level": lambda detail: self._names.level(str(detail)),
            "resource": lambda detail: self._names.resource(str(detail)),
            "quantity": self._quantity,
            "wanted": self._quantity,
        }
        told = {
            placeholder: self._told(detail, tell.get(placeholder, self._text))
            for placeholder, detail in _PLACEHOLDERS.items()
        }
        return {**told, "rung": str(self.count("level") + 1)}

    def count(self, name: str) -> int:
        """A detail as a number; 0 where it isn't one."""
        detail = self._details.get(name)
        return detail if isinstance(detail, int) else 0

    def _told(self, name: str, tell: Callable[[Detail], str]) -> str:
        detail = self._details.get(name)
        return _DASH if detail is None or detail in ("", ()) else tell(detail) or _DASH

    def _text(self, detail: Detail) -> str:
        return one_line(self._names.words.join(_several(detail)), _TEXT_LIMIT)

    def _quantity(self, detail: Detail) -> str:
        if not isinstance(detail, int):
            return self._text(detail)
        return self._names.quantity(str(self._details.get("resource", "")), detail)


_PLACEHOLDERS: Mapping[str, str] = {
    "alarm": "name",
    "reason": "reason",
    "region": "region",
    "severity": "severity",
    "level": "severity",
    "likelihood": "likelihood",
    "impact": "impact",
    "who": "who",
    "team": "team",
    "teams": "teams",
    "task_force": "task_force",
    "number": "number",
    "resource": "resource",
    "quantity": "quantity",
    "wanted": "wanted",
    "round": "round",
}
"""The placeholders of the timeline's sentences, and the detail that fills each."""


def _several(detail: Detail) -> tuple[str, ...]:
    return tuple(str(item) for item in detail) if isinstance(detail, tuple | list) else (str(detail),)
