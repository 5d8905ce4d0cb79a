"""Tells why an incident was assessed as it was: the rule of the plan, and the signal's own figures (P3, P6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emergency.domain.assessment import Reason, ReasonKind
from emergency.domain.incident import Incident
from emergency.presentation.naming import Names
from emergency.presentation.plain import one_line
from emergency.presentation.words import Words, figure

_RULE_LIMIT = 80
_FIGURES = ("value", "threshold", "times", "users", "score")
_SHIFTED = ("likelihood", "impact")


@dataclass(frozen=True)
class ReasonTeller:
    """Why the risk matrix gave an incident its severity, in one reader's words."""

    incident: Incident
    names: Names

    @property
    def because(self) -> str:
        """The computed severity with all of its reasons, as a sentence; empty where the record has none (R24)."""
        return self._told("because.severity", severity=self.names.severity(self.incident.computed_severity))

    @property
    def reasons(self) -> str:
        """The reasons alone, as a sentence; empty where the record has none (R24)."""
        return self._told("because.reasons")

    def _told(self, key: str, **values: str) -> str:
        clauses = [self._clause(reason) for reason in self.incident.reasons]
        return self._words(key, reasons=self._joined(clauses), **values) if clauses else ""

    @property
    def _words(self) -> Words:
        return self.names.words

    def _joined(self, clauses: Sequence[str]) -> str:
        first, *rest = clauses
        for clause in rest:
            first = self._words("because.more", first=first, next=clause)
        return first

    def _clause(self, reason: Reason) -> str:
        """One reason; of a figure, with what it adds to likelihood and impact."""
        details = reason.details
        if reason.kind is ReasonKind.RULE:
            rule = one_line(str(details["rule"]), _RULE_LIMIT)
            likelihood, impact = details["likelihood"], details["impact"]
            return self._words("because.rule", rule=rule, likelihood=likelihood, impact=impact)
        told = {name: figure(float(str(details[name]))) for name in _FIGURES if name in details}
        key, is_users = f"because.{reason.kind}", reason.kind is ReasonKind.USERS
        clause = self._words.plural(key, int(str(details["users"])), **told) if is_users else self._words(key, **told)
        shifts = [
            self._words(f"because.shift.{name}", steps=f"{int(str(details[name])):+d}".replace("-", "\N{MINUS SIGN}"))
            for name in _SHIFTED
            if name in details
        ]
        return self._words("because.shifted", reason=clause, shifts=self._words.join(shifts)) if shifts else clause
