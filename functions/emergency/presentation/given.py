"""An answer told back: to whoever confirms it, to the others who are asked, and once it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emergency.domain.answer import QUESTIONS, Form, read_answer
from emergency.domain.errors import UnusableAnswer
from emergency.domain.incident import task_force
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.presentation.asking import Asking


@dataclass(frozen=True)
class Given:
    """One answer: its outcome and its fields, as they are stored."""

    asking: Asking
    outcome: Outcome
    fields: Mapping[str, str]

    @property
    def button(self) -> str:
        """What the pressed button said."""
        return self.asking.word(f"button.{self.outcome}")

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """What was chosen with it: label and value."""
        if self.asking.decision.kind is DecisionKind.DUTIES:
            told = self.asking.notice_teller.names(self._listed("notices"))
            return [(self.asking.words("page.label.notices"), told)]
        if self.outcome is not Outcome.ACTIVATE or not self.fields.get("severity"):
            return []
        words, names = self.asking.words, self.asking.names
        teams = [Team(team) for team in self._listed("teams") if team in set(Team)]
        people = task_force(self.asking.plan, teams, self._listed("task_force"))
        return [
            (words("page.label.severity"), names.severity(self.fields["severity"])),
            (words("page.label.teams"), names.teams_alone(teams)),
            (words("report.label.task_force"), names.contacts(people)),
            (words("page.label.budget"), self.budget),
        ]

    @property
    def budget(self) -> str:
        """The budget, or that the playbook's share stands."""
        cents, words = self.fields.get("budget", ""), self.asking.words
        return words.money(int(cents), self.asking.plan) if cents.isdecimal() else words("page.budget_as_planned")

    @property
    def written(self) -> list[tuple[str, str]]:
        """What was written with it: label and text of each field that holds something."""
        names = [name for name in QUESTIONS[self.asking.decision.kind].texts if self.fields.get(name)]
        return [(self.asking.word(f"{name}.label"), self.fields[name]) for name in names]

    @property
    def lines(self) -> list[str]:
        """All of it, one line each."""
        return [self.asking.words.labelled(label, text) for label, text in (*self.chosen, *self.written)]

    def _listed(self, name: str) -> list[str]:
        return [item for item in self.fields.get(name, "").split(",") if item]


def drafted(asking: Asking, draft: Form) -> Given | None:
    """The answer that waits under a challenge; None where the plan, changed since, no longer allows it."""
    try:
        outcome, fields = read_answer(asking.decision.kind, asking.plan, draft)
    except UnusableAnswer:
        return None
    return Given(asking, outcome, fields)


def settled(asking: Asking) -> Given | None:
    """The answer that counts; None while there is none."""
    answer = asking.decision.answer
    return Given(asking, answer.outcome, answer.fields) if answer else None
