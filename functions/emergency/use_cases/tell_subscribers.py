"""A published statement goes to everybody who subscribed (P6.3)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from emergency.domain.errors import MailRefused, UnknownLink
from emergency.domain.statement import Statement
from emergency.domain.subscription import Subscriber, told_of
from emergency.ports import Post, Subscribers, SubscriptionMails
from emergency.use_cases.attempts import until_written

AT_ONCE = 100
"""How many are mailed in one call."""


@dataclass(frozen=True, kw_only=True)
class TellSubscribers:
    """Mails a statement to the next hundred subscribers. Run again, it mails those whom it had not come to (R18)."""

    subscribers: Subscribers
    post: Post
    mails: SubscriptionMails

    def __call__(self, statement: Statement, cursor: str = "") -> str:
        """Where to go on; empty where everybody was told. Raises PostUnavailable to be called again."""
        people, after = self.subscribers.confirmed(cursor, AT_ONCE)
        for subscriber in people:
            self._tell(subscriber, statement)
        return after

    def _tell(self, subscriber: Subscriber, statement: Statement) -> None:
        if statement.id in subscriber.told:
            return
        # One whom the provider refuses is passed by: the page says the same, and nobody else has to wait.
        with suppress(MailRefused):
            self.post.send(self.mails.statement(subscriber, statement))
        with suppress(UnknownLink):
            until_written(lambda: self._note(subscriber, statement))

    def _note(self, subscriber: Subscriber, statement: Statement) -> None:
        # Read again, as people leave and change their language at any time; who has left stays away.
        present = self.subscribers.of_link(subscriber.link_digest)
        if statement.id not in present.told:
            self.subscribers.save(told_of(present, statement.id))
