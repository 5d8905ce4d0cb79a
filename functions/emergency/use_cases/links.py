"""Puts links on record before they are mailed, so that no mail ever holds a dead one (design §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emergency.domain.decision import Decision
from emergency.domain.errors import RecordChanged
from emergency.domain.link import Link, digest_of
from emergency.ports import Clock, Decisions, Identities


def save_links(decisions: Decisions, decision: Decision, links: Sequence[Link]) -> Decision:
    """The decision with its new links on record; where it was settled meanwhile, as it is, without them."""
    while decision.is_open:
        try:
            return decisions.save(decision, links=links)
        except RecordChanged:
            decision = decisions.get(decision.incident_id, decision.id)
    return decision


@dataclass(frozen=True, kw_only=True)
class HelpLinks:
    """Gives people who work with a team their own way to its page, on which they help and don't answer (P5)."""

    decisions: Decisions
    identities: Identities
    pages_url: str
    clock: Clock

    def __call__(self, decision: Decision, contact: str, mail: str) -> str:
        """The address for one mail; the link is on record before it is mailed. Empty where the question is settled."""
        link_id = self.identities.secret()
        link = Link(
            digest=digest_of(link_id),
            incident_id=decision.incident_id,
            decision_id=decision.id,
            contact=contact,
            level=decision.level,
            made_at=self.clock(),
            mail=mail,
            help=True,
        )
        saved = save_links(self.decisions, decision, [link])
        return f"{self.pages_url}/d/{link_id}" if saved.is_open else ""
