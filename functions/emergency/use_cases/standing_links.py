"""Standing links are opened by their contacts, handed out by mail, and mailed again to whoever lost theirs (P6.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from emergency.domain.answer import Form
from emergency.domain.errors import MailRefused, NotYours, PostUnavailable, RecordChanged
from emergency.domain.link import digest_of
from emergency.domain.plan import Contact, Plan
from emergency.domain.standing import StandingLink, check_standing_nonce, claimed, link_for, mailed, used
from emergency.ports import Clock, Identities, Post, StandingLinks, StandingMails
from emergency.use_cases.attempts import until_written
from emergency.use_cases.open_link import NONCE, ONCE


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An opened standing link: whose it is. `link_id` is what its address holds, and never goes on record."""

    link_id: str
    contact: Contact

    @property
    def digest(self) -> str:
        """What is stored of the link."""
        return digest_of(self.link_id)


def check_standing_form(link_id: str, form: Form) -> None:
    """Raises ForgedForm unless the form was shown on the page of this link."""
    check_standing_nonce(link_id, "".join(form.get(ONCE, ())), "".join(form.get(NONCE, ())))


@dataclass(frozen=True, kw_only=True)
class OpenStandingLink:
    """Reads whose standing link it is."""

    plan: Plan
    links: StandingLinks

    def __call__(self, link_id: str) -> Standing:
        """Whose it is; writes nothing (R1).

        Raises UnknownLink, and NotYours where they are no longer in the plan, or somebody else has their place in it.
        """
        return self.of_digest(link_id, digest_of(link_id))

    def of_digest(self, link_id: str, digest: str) -> Standing:
        """As a call, for a link of which only the digest is known."""
        link = self.links.of_link(digest)
        contact = self.plan.contacts.get(link.contact)
        if contact is None or not link.belongs_to(contact):
            raise NotYours(link.contact)
        return Standing(link_id=link_id, contact=contact)

    def use(self, standing: Standing) -> None:
        """Notes that something was done by the link: a former one ends. A second time changes nothing."""
        until_written(lambda: self._use(standing.digest))

    def _use(self, digest: str) -> None:
        link = self.links.of_link(digest)
        after = used(link, digest)
        if after != link:
            self.links.save(after)


@dataclass(frozen=True, kw_only=True)
class Invite:
    """Mails contacts their standing links."""

    plan: Plan
    links: StandingLinks
    post: Post
    mails: StandingMails
    identities: Identities
    clock: Clock

    def __call__(self, contacts: Sequence[str] = ()) -> tuple[str, ...]:
        """Mails the named contacts a new link, which ends their former one; all who have none where nobody is named.

        Gives the ids of those who were mailed. May be called again after it failed. Raises UnknownContact, and
        PostUnavailable to be called again.
        """
        named = [self.plan.contact(contact) for contact in contacts]
        wanted: Iterable[Contact] = named or [one for one in self.plan.contacts.values() if not self._has(one)]
        return tuple(contact.id for contact in wanted if self._mail(contact, alone=True))

    def again(self, address: str) -> None:
        """Mails a link to the contact of that address, at most one an hour; does nothing for any other address.

        Raises PostUnavailable to be asked again.
        """
        for contact in self.plan.contacts.values():
            if contact.email.casefold() == address.casefold():
                self._mail(contact, alone=False)

    def _has(self, contact: Contact) -> bool:
        return bool(link_for(contact, self.links.get(contact.id)).digest)

    def _mail(self, contact: Contact, *, alone: bool) -> bool:
        secret = self.identities.secret()
        link = until_written(lambda: self._claim(contact, secret, always=alone))
        if link is None:
            return False
        try:
            self.post.send(self.mails.standing_link(contact, secret))
        except MailRefused:
            # Their former link stays what it was.
            self._note(replace(link, coming="", claimed_at=None))
            return False
        except PostUnavailable:
            self._note(replace(link, coming="", claimed_at=None))
            raise
        self._note(mailed(link, self.clock(), alone=alone))
        return True

    def _claim(self, contact: Contact, secret: str, *, always: bool) -> StandingLink | None:
        """Takes the right to send the mail before it is sent, so that of many at once one does; None for the others."""
        link, now = link_for(contact, self.links.get(contact.id)), self.clock()
        if not always and not link.can_be_mailed(now):
            return None
        return self.links.save(claimed(link, digest_of(secret), now))

    def _note(self, link: StandingLink) -> None:
        # Another mail was begun since, or the link was used: the later one has the last word.
        with suppress(RecordChanged):
            self.links.save(link)
