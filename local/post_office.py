"""What SES does with a mail: refuses it, takes it to the mailbox, or lets happen to it what was ordered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from local.engine.delivery import Home
from local.engine.mail_events import MailEventDestination, SentMail, mail_event
from local.engine.mail_faults import MailFaultKind, MailFaults
from local.mailbox import Mailbox, read_mail

_REFUSALS = {
    MailFaultKind.REFUSE: ("MessageRejected", "Email address is not verified.", 400),
    MailFaultKind.THROTTLE: ("TooManyRequestsException", "Maximum sending rate exceeded.", 429),
}


class PostOffice:
    """Takes mails as SES does.

    Attributes:
        event_destinations: Where configuration sets send their events.
    """

    def __init__(
        self,
        home: Home,
        mailbox: Mailbox,
        faults: MailFaults,
        put_event: Callable[[Mapping[str, Any], str], None],
    ) -> None:
        self._home = home
        self._mailbox = mailbox
        self._put_event = put_event
        self._faults = faults
        self.event_destinations: Sequence[MailEventDestination] = ()

    def refusal(self, raw: str, destinations: Sequence[str]) -> tuple[str, str, int] | None:
        """The error code, message and HTTP status with which SendEmail refuses the mail, or None."""
        mail = read_mail(raw, destinations, "", datetime.now(UTC))
        due = self._faults.due(mail.to, refused=True)
        return _REFUSALS[due[0]] if due else None

    def take(
        self,
        raw: str,
        destinations: Sequence[str],
        mail_id: str,
        configuration_set: str,
        tags: Mapping[str, str],
    ) -> None:
        """Delivers a mail that SES took; an event of what became of it follows, where its configuration set has one."""
        mail = read_mail(raw, destinations, mail_id, datetime.now(UTC))
        due = self._faults.due(mail.to, refused=False)
        if due is None:
            self._mailbox.deliver(mail)
            return
        kind, recipients = due
        is_lost = not kind.arrives and len(recipients) == len(mail.to)
        self._mailbox.deliver(replace(mail, lost=kind.value) if is_lost else mail)
        sent = SentMail(id=mail_id, raw=raw, at=mail.at, to=mail.to, configuration_set=configuration_set, tags=tags)
        for destination in self.event_destinations:
            if destination.configuration_set == configuration_set and destination.wants(kind):
                self._put_event(self._event(kind, sent, recipients), destination.bus)

    def _event(self, kind: MailFaultKind, sent: SentMail, recipients: Sequence[str]) -> dict[str, Any]:
        home = self._home
        return mail_event(kind, sent, recipients, account=home.account, region=home.region, now=datetime.now(UTC))
