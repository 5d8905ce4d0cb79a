"""Somebody subscribes to the statements, confirms it, leaves again, or turns out not to be reached."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from emergency.domain.errors import MailRefused, PostUnavailable, RecordChanged, UnknownLink
from emergency.domain.link import digest_of
from emergency.domain.plan import Locale
from emergency.domain.subscription import Subscriber, asked, confirmed, digest_of_address
from emergency.ports import Clock, Identities, Post, Subscribers, SubscriptionMails
from emergency.use_cases.attempts import until_written


@dataclass(frozen=True, kw_only=True)
class Subscribe:
    """Mails the link by which an address is confirmed; at most one an hour."""

    subscribers: Subscribers
    post: Post
    mails: SubscriptionMails
    identities: Identities
    clock: Clock

    def __call__(self, address: str, locale: Locale) -> None:
        """Does the same to whoever looks on, whatever is known of the address. Raises PostUnavailable to try again."""
        claimed = until_written(lambda: self._claim(address, locale))
        if claimed is None:
            return
        try:
            self.post.send(self.mails.confirmation(claimed))
        except MailRefused:
            pass  # Whoever asks learns nothing of it, and the hour counts as for any other address.
        except PostUnavailable:
            self._note(replace(claimed, claimed_at=None))
            raise
        self._note(replace(claimed, claimed_at=None, mailed_at=self.clock()))

    def _claim(self, address: str, locale: Locale) -> Subscriber | None:
        """Takes the right to send the mail before it is sent, so that of many at once one does; None for the others."""
        before, now = self.subscribers.get(digest_of_address(address)), self.clock()
        if before is not None and not before.can_be_mailed(now):
            return None
        after = asked(before, address, locale, self.identities.secret(), now)
        return self.subscribers.save(replace(after, claimed_at=now))

    def _note(self, subscriber: Subscriber) -> None:
        # Whoever confirmed or left in the meantime has the last word.
        with suppress(RecordChanged):
            self.subscribers.save(subscriber)


@dataclass(frozen=True, kw_only=True)
class Subscriptions:
    """What the holder of a link can do with it."""

    subscribers: Subscribers
    clock: Clock

    def open(self, link_id: str) -> Subscriber:
        """Whose link it is. Changes nothing (R1). Raises UnknownLink, also where the time to confirm is over."""
        subscriber = self.subscribers.of_link(digest_of(link_id))
        if subscriber.is_over(self.clock()):
            raise UnknownLink
        return subscriber

    def confirm(self, link_id: str) -> Subscriber:
        """Statements are sent from now on. A second time changes nothing. Raises UnknownLink."""
        return until_written(lambda: self._confirm(link_id))

    def leave(self, link_id: str) -> Locale:
        """Forgets the subscriber and gives their language; a link that nobody has (any more) gives none."""
        try:
            subscriber = self.subscribers.of_link(digest_of(link_id))
        except UnknownLink:
            return ""
        self.subscribers.forget(subscriber)
        return subscriber.locale

    def _confirm(self, link_id: str) -> Subscriber:
        subscriber = self.open(link_id)
        after = confirmed(subscriber, self.clock())
        return subscriber if after == subscriber else self.subscribers.save(after)


@dataclass(frozen=True, kw_only=True)
class ForgetAddresses:
    """Forgets addresses whose mails came back for good, or whose owners complained."""

    subscribers: Subscribers

    def __call__(self, addresses: tuple[str, ...]) -> None:
        """A second time changes nothing."""
        for address in addresses:
            subscriber = self.subscribers.get(digest_of_address(address))
            if subscriber is not None:
                self.subscribers.forget(subscriber)
