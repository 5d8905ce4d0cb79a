"""The form that answers a question: what it offers, what stands in it, and what has to be corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from emergency.domain.answer import QUESTIONS, Form
from emergency.domain.deadline import duties_of, presumed
from emergency.domain.decision import Vote
from emergency.domain.inventory import proposed_budget
from emergency.domain.terms import DecisionKind, Outcome
from emergency.presentation.asking import Asking
from emergency.presentation.controls import LINE_SHOWN, ORDERED, TEXT_SHOWN, Control, Sheet, limit_of, rows_of
from emergency.presentation.given import Given
from emergency.presentation.notices import AskedNotice
from emergency.presentation.plain import cut
from emergency.presentation.words import amount

_CHOSEN = (*ORDERED, "notices")


class AnswerForm:
    """The answer's form, empty or as it was posted."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._asking = sheet.asking
        self._question = QUESTIONS[sheet.asking.decision.kind]

    @property
    def offers_orders(self) -> bool:
        """Whether severity, teams, task force and budget are to be chosen."""
        return self._asking.decision.kind is DecisionKind.ORDERS

    @property
    def offers_notices(self) -> bool:
        """Whether the notices that apply are to be chosen."""
        return self._asking.decision.kind is DecisionKind.DUTIES

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
    def notices(self) -> Sequence[tuple[AskedNotice, bool]]:
        """The notices to choose from, and whether each is chosen."""
        chosen = self._values("notices")
        return [(notice, notice.id in chosen) for notice in self._asking.notice_teller.asked()]

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
            value=cut("".join(self._values("budget")), LINE_SHOWN),
            error=self._sheet.error_at("budget"),
        )

    @cached_property
    def _answer(self) -> Form | None:
        """The posted answer, or what stood in its form when ticks were saved; None where another form, or none, was."""
        return self._sheet.posted if self._sheet.action in {"", "tasks"} else None

    @cached_property
    def _proposed(self) -> Mapping[str, str]:
        """What is proposed: what another person voted for, else what the plan foresees; as stored fields."""
        asking, natural = self._asking, self._question.outcomes[0]
        mine = asking.decision.vote_of(asking.contact.id)
        others = [vote for vote in asking.decision.votes if vote is not mine]
        voted = [vote for vote in (*([mine] if mine else []), *others) if vote.outcome is natural]
        if voted:
            return voted[-1].fields
        if self.offers_notices:
            return {"notices": ",".join(presumed(duties_of(asking.incident, asking.plan)))}
        budget = proposed_budget(asking.incident.playbook, asking.incident.teams, asking.plan)
        return {
            "severity": asking.incident.severity,
            "teams": ",".join(asking.incident.teams),
            **({"budget": str(budget)} if budget else {}),
        }

    def _values(self, name: str) -> Sequence[str]:
        if self._answer is not None:
            return list(self._answer.get(name, ()))
        proposed = self._proposed.get(name, "") if name in _CHOSEN else ""
        if name == "budget" and proposed.isdecimal():
            return [amount(int(proposed))]
        return [value for value in proposed.split(",") if value]

    def _text(self, name: str) -> Control:
        asking, rows = self._asking, rows_of(name)
        always = all(name in self._question.required.get(outcome, ()) for outcome in self._question.outcomes)
        return Control(
            id=name,
            name=name,
            label=asking.word(f"{name}.label"),
            hint=asking.word(f"{name}.hint"),
            value=cut("\n".join(self._values(name)), TEXT_SHOWN if rows else LINE_SHOWN),
            required=always,
            error=self._sheet.error_at(name),
            rows=rows,
            limit=limit_of(name),
        )


def vote_of(asking: Asking, vote: Vote, proposal: Sequence[tuple[str, str]]) -> tuple[str, list[tuple[str, str]]]:
    """What somebody has voted: a sentence, what they chose where that isn't the proposal, and what they wrote."""
    words = asking.words
    outcome, time = words(f"outcome.{vote.outcome}"), words.moment(vote.at, asking.plan)
    told = words("page.decided.text", who=asking.names.contact(vote.by), time=time, outcome=outcome)
    given = Given(asking, vote.outcome, vote.fields)
    chosen = [] if given.chosen == proposal else given.chosen
    return told, [*chosen, *given.written]
