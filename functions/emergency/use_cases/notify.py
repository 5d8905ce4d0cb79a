"""Mails that tell something and ask nothing: each is sent once, as far as the provider's answer arrives (R18)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from emergency.domain.errors import MailRefused
from emergency.domain.notification import Notification, SentMail
from emergency.ports import Clock, MailWriter, Post, SentMails


@dataclass(frozen=True, kw_only=True)
class Notify:
    """Sends notifications."""

    sent: SentMails
    post: Post
    mails: MailWriter
    clock: Clock

    def __call__(self, notification: Notification) -> bool:
        """Whether the person was told, now or before; False where the provider refuses their mail.

        Raises PostUnavailable to be called again.
        """
        before = self.was_sent(notification)
        if before is not None:
            return bool(before.mail_id)
        now = self.clock()
        try:
            mail_id = self.post.send(self.mails.notification(notification, now))
        except MailRefused:
            mail_id = ""
        self.sent.note(
            SentMail(
                incident_id=notification.incident.id,
                name=notification.name,
                kind=notification.kind,
                contact=notification.to.id,
                at=now,
                mail_id=mail_id,
            )
        )
        return bool(mail_id)

    def with_link(self, notification: Notification, link: Callable[[], str]) -> bool:
        """As a call, with a link that is made for this mail alone, and only where the mail is still to be sent."""
        before = self.was_sent(notification)
        return bool(before.mail_id) if before else self(replace(notification, link_url=link()))

    def each(self, notifications: Sequence[Notification]) -> tuple[str, ...]:
        """The contacts of those who were told."""
        return tuple(notification.to.id for notification in notifications if self(notification))

    def was_sent(self, notification: Notification) -> SentMail | None:
        """The mail, where it was sent or refused before."""
        return self.sent.get(notification.incident.id, notification.name)
