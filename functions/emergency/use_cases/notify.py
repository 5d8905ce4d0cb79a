"""Mails that tell something and ask nothing: each is sent once, as far as the provider's answer arrives (R18)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from emergency.domain.decision import Decision
from emergency.domain.errors import MailRefused, RecordChanged
from emergency.domain.link import Link, digest_of
from emergency.domain.notification import Notification, SentMail
from emergency.ports import Clock, Decisions, Identities, MailWriter, Post, SentMails


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
        return f"{self.pages_url}/d/{link_id}" if self._saved(decision, link) else ""

    def _saved(self, decision: Decision, link: Link) -> bool:
        if not decision.is_open:
            return False
        try:
            self.decisions.save(decision, links=[link])
        except RecordChanged:
            return self._saved(self.decisions.get(decision.incident_id, decision.id), link)
        return True
