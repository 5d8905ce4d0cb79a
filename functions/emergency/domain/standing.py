"""Standing links: a contact's own way to report an incident at any time, kept as a bookmark (P6.1).

A link that is mailed takes the place of the one before when it is first used: whoever enters somebody's address to have
a link mailed takes nothing away from them. Only digests are stored (R4).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from emergency.domain.errors import ForgedForm
from emergency.domain.link import digest_of
from emergency.domain.plan import Contact

ASK_AGAIN_AFTER = timedelta(hours=1)
"""A contact gets one mail with a link in this time, whoever asks for it how often."""

_CLAIM = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class StandingLink:
    """A contact's link. `digest` is that of the link in use, `coming` that of one that was mailed and not used yet.

    `address` is the digest of the mail address that it was made for: whoever holds a post after somebody else gets a
    link of their own, and the former holder's leads nowhere. `claimed_at` is when the mail with a link was begun,
    `mailed_at` when the last one was handed over.
    """

    contact: str
    address: str
    digest: str = ""
    coming: str = ""
    claimed_at: datetime | None = None
    mailed_at: datetime | None = None
    version: int = 0

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of the links that are valid."""
        return tuple(digest for digest in (self.digest, self.coming) if digest)

    def belongs_to(self, contact: Contact) -> bool:
        """Whether the contact is still the person that it was made for."""
        return self.address == _digest_of_address(contact)

    def can_be_mailed(self, now: datetime) -> bool:
        """Whether a mail may go out on request: none within the hour, and none that is just being sent."""
        is_new = self.mailed_at is None or self.mailed_at + ASK_AGAIN_AFTER <= now
        return is_new and (self.claimed_at is None or self.claimed_at + _CLAIM <= now)


def link_for(contact: Contact, before: StandingLink | None = None) -> StandingLink:
    """What there is of the contact's link; nothing but its version where it was made for another address."""
    if before and before.belongs_to(contact):
        return before
    return StandingLink(
        contact=contact.id, address=_digest_of_address(contact), version=before.version if before else 0
    )


def claimed(link: StandingLink, digest: str, now: datetime) -> StandingLink:
    """The link while a new one is on its way to its contact; the one in use stays valid."""
    return replace(link, coming=digest, claimed_at=now)


def mailed(link: StandingLink, now: datetime, *, alone: bool) -> StandingLink:
    """The link after the mail was handed over; `alone` ends the one in use at once."""
    sent = replace(link, claimed_at=None, mailed_at=now)
    return used(sent, link.coming) if alone or not link.digest else sent


def used(link: StandingLink, digest: str) -> StandingLink:
    """The link after something was done by it: one that was coming is now the only one."""
    return replace(link, digest=digest, coming="") if digest and digest == link.coming else link


def standing_nonce(link_id: str, once: str) -> str:
    """Binds a form to the standing link's page that showed it. Nothing is stored or read for it (R1)."""
    return hmac.new(link_id.encode(), f"standing\n{once}".encode(), hashlib.sha256).hexdigest()


def check_standing_nonce(link_id: str, once: str, nonce: str) -> None:
    """Raises ForgedForm unless the nonce was made for this link and this showing of its page."""
    if not once or not hmac.compare_digest(standing_nonce(link_id, once).encode(), nonce.encode()):
        raise ForgedForm("standing")


def _digest_of_address(contact: Contact) -> str:
    return digest_of(contact.email.casefold())
