"""What a person can do beside answering: hand the question over, extend it, ask for more, add to the record."""

from __future__ import annotations

from emergency.domain.plan import FUNDS
from emergency.domain.terms import DecisionKind
from emergency.presentation.controls import Control, Sheet

_KINDS_WITH_REQUESTS = frozenset({DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE})


class BesideForms:
    """The forms beside the answer that aren't about the team's work."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._asking = sheet.asking
        self._answers = not sheet.asking.briefing.helps

    @property
    def note(self) -> Control:
        """The note's text."""
        return self._sheet.area("note", "note", required=True)

    @property
    def offers_hand_over(self) -> bool:
        """Whether the reader can pass the question on."""
        return self._answers and self._asking.decision.may_hand_over(self._asking.contact.id)

    @property
    def hand_over_to(self) -> str:
        """Who is asked then."""
        next_ = self._asking.decision.next_rung
        return self._asking.words.plural("page.hand_over.text", len(next_), next=self._asking.rung(next_))

    @property
    def hand_over(self) -> Control:
        """Why it is passed on."""
        return self._sheet.area("hand_over", "reason")

    @property
    def extended_until(self) -> str:
        """Until when more time would last; empty where the plan gives none."""
        due_at, extension = self._asking.decision.due_at, self._asking.decision.extension
        can_be_extended = self._answers and due_at and extension and self._asking.due
        return self._asking.when(due_at + extension) if can_be_extended and due_at and extension else ""

    @property
    def extended(self) -> int:
        """How often more time was given before, so that the same form posted twice extends once."""
        return self._asking.decision.extended

    @property
    def more_time(self) -> Control:
        """Why more time is needed."""
        return self._sheet.area("more_time", "reason")

    @property
    def offers_requests(self) -> bool:
        """Whether the reader's team can ask for resources now."""
        decision, incident = self._asking.decision, self._asking.incident
        is_asked = decision.kind in _KINDS_WITH_REQUESTS and bool(decision.team)
        return self._answers and is_asked and incident.returning_at is None

    @property
    def resource(self) -> Control:
        """What is asked for."""
        return self._sheet.line("request", "resource", required=True)

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
        return self._sheet.line("request", "quantity", hint=hint, required=True)

    @property
    def request(self) -> Control:
        """Why it is asked for."""
        return self._sheet.area("request", "reason", required=True)
