"""Links: one person's own way to one decision, and the nonce that binds a form to it (design §4; R4, R6)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from emergency.domain.decision import Decision
from emergency.domain.errors import ForgedForm


@dataclass(frozen=True, kw_only=True)
class Link:
    """One person's own way to one decision. Only the digest of the link's id is stored (R4).

    `mail` is the name of the mail that holds it; `instead_of` is whom the person stands in for, or empty. With a
    link to `help`, its person works on the team's tasks and record, but doesn't answer the question.
    """

    digest: str
    incident_id: str
    decision_id: str
    contact: str
    level: int
    made_at: datetime
    mail: str = ""
    instead_of: str = ""
    help: bool = False


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
