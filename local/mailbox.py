"""What the system sent: mails as SES got them, and notifications as SNS got them."""

from __future__ import annotations

import email
import email.policy
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

from local.engine.redaction import redact_text


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One sent mail. `to` are addresses without names; `raw` is the message as the system made it.

    `lost` says why it never arrived: the name of a `MailFaultKind`; empty for a mail that arrived.
    """

    id: str
    at: datetime
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    raw: str
    headers: dict[str, str] = field(default_factory=dict)
    lost: str = ""

    def summary(self) -> dict[str, Any]:
        """The mail for `/mail.json`; with `lost` where it never arrived."""
        told = {
            "id": self.id,
            "at": self.at.isoformat(timespec="milliseconds"),
            "to": ", ".join(self.to),
            "subject": self.subject,
            "text": redact_text(self.text),
            "html": redact_text(self.html),
        }
        return told | {"lost": self.lost} if self.lost else told

    @property
    def incident_id(self) -> str:
        """The incident that the mail belongs to, or empty."""
        return self.headers.get("x-emergency-incident", "")

    @property
    def decision_id(self) -> str:
        """The decision that the mail asks for, or empty."""
        return self.headers.get("x-emergency-decision", "")

    @property
    def purpose(self) -> str:
        """What the mail is for: `question`, `reminder`, `settled` or `code`; or empty."""
        return self.headers.get("x-emergency-purpose", "")


@dataclass(frozen=True, kw_only=True)
class Notification:
    """One message published to a topic, such as the page to the leadership group."""

    id: str
    at: datetime
    topic: str
    subject: str
    text: str


def read_mail(raw: str, destinations: Sequence[str], mail_id: str, at: datetime) -> Mail:
    """Reads a MIME message. `destinations` are the envelope's recipients; they count where the header is silent."""
    message = email.message_from_string(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    recipients = getaddresses([str(value) for value in message.get_all("To", [])] or [*destinations])
    return Mail(
        id=mail_id,
        at=at,
        sender=str(message.get("From", "")),
        to=tuple(address for _, address in recipients if address),
        subject=str(message.get("Subject", "")),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        raw=raw,
        headers={name.lower(): str(value) for name, value in message.items()},
    )


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    return str(part.get_content()) if part is not None else ""


class Mailbox:
    """Keeps mails and notifications, oldest first. Safe to use from many threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._mails: list[Mail] = []
        self._notifications: list[Notification] = []

    def deliver(self, mail: Mail) -> None:
        """Keeps a mail."""
        with self._changed:
            self._mails.append(mail)
            self._changed.notify_all()

    def notify(self, topic: str, subject: str | None, message: str) -> None:
        """Keeps a notification."""
        notification = Notification(
            id=str(uuid.uuid4()),
            at=datetime.now(UTC),
            topic=topic,
            subject=redact_text(subject or ""),
            text=redact_text(message),
        )
        with self._changed:
            self._notifications.append(notification)
            self._changed.notify_all()

    @property
    def mails(self) -> tuple[Mail, ...]:
        """All mails so far, those that never arrived too."""
        with self._changed:
            return tuple(self._mails)

    @property
    def pages(self) -> tuple[Notification, ...]:
        """All notifications so far."""
        with self._changed:
            return tuple(self._notifications)

    def find(self, mail_id: str) -> Mail | None:
        """The mail with that id, or None."""
        return next((mail for mail in self.mails if mail.id == mail_id), None)

    def wait_for(self, count: int, timeout: float, matching: Callable[[Mail], bool] = bool) -> tuple[Mail, ...]:
        """Waits until `count` matching mails are there and gives them. Raises TimeoutError after `timeout` seconds."""

        def found() -> tuple[Mail, ...]:
            return tuple(mail for mail in self._mails if matching(mail))

        with self._changed:
            if not self._changed.wait_for(lambda: len(found()) >= count, timeout):
                raise TimeoutError(f"{len(found())} of {count} mails after {timeout} s")
            return found()
