"""The events that SES puts on EventBridge about mails that did not simply arrive. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_string
from email.utils import parseaddr
from typing import Any

from local.engine.envelopes import milliseconds, whole_seconds
from local.engine.mail_faults import MailFaultKind

_SUPPRESSED = (
    "Amazon SES did not send the message to this address because it is on the suppression list for your account."
)
_Tell = Callable[[Sequence[str], datetime], dict[str, Any]]

_GIVEN_UP_AFTER = timedelta(hours=14)
"""How long SES keeps trying to deliver a mail."""


@dataclass(frozen=True, kw_only=True)
class MailEventDestination:
    """Where a configuration set sends events of some types. `bus` is the name of an event bus."""

    configuration_set: str
    bus: str
    types: frozenset[str]

    @classmethod
    def of(cls, configuration_set: str, bus: str, types: Sequence[str]) -> MailEventDestination:
        """Takes the types as templates spell them (`deliveryDelay`) or as the API does (`DELIVERY_DELAY`)."""
        plain = frozenset(name.replace("_", "").lower() for name in types)
        return cls(configuration_set=configuration_set, bus=bus, types=plain)

    def wants(self, kind: MailFaultKind) -> bool:
        """Whether an event of the kind goes here."""
        return kind in _EVENTS and _EVENTS[kind].event_type.lower() in self.types


@dataclass(frozen=True, kw_only=True)
class SentMail:
    """A mail that SES took, as its events tell of it."""

    id: str
    raw: str
    at: datetime
    to: tuple[str, ...]
    configuration_set: str
    tags: Mapping[str, str]


def mail_event(
    kind: MailFaultKind, mail: SentMail, recipients: Sequence[str], *, account: str, region: str, now: datetime
) -> dict[str, Any]:
    """The envelope of what became of a mail for some of its recipients."""
    event = _EVENTS[kind]
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": event.detail_type,
        "source": "aws.ses",
        "account": account,
        "time": whole_seconds(now),
        "region": region,
        "resources": [f"arn:aws:ses:{region}:{account}:configuration-set/{mail.configuration_set}"],
        "detail": {
            "eventType": event.event_type,
            event.part: event.tell(recipients, now),
            "mail": _mail(mail, account, region),
        },
    }


def _mail(mail: SentMail, account: str, region: str) -> dict[str, Any]:
    message = message_from_string(mail.raw)
    headers = [{"name": name, "value": str(value)} for name, value in message.items()]
    source = str(message.get("From", ""))
    domain = parseaddr(source)[1].rpartition("@")[2]
    tags = {
        "ses:operation": "SendEmail",
        "ses:configuration-set": mail.configuration_set,
        "ses:source-ip": "127.0.0.1",
        "ses:from-domain": domain,
        "ses:caller-identity": "local",
        **mail.tags,
    }
    return {
        "timestamp": milliseconds(mail.at),
        "source": source,
        "sourceArn": f"arn:aws:ses:{region}:{account}:identity/{domain}",
        "sendingAccountId": account,
        "messageId": mail.id,
        "destination": list(mail.to),
        "headersTruncated": False,
        "headers": headers,
        "commonHeaders": {
            "from": [source],
            "to": list(mail.to),
            "messageId": mail.id,
            "subject": str(message.get("Subject", "")),
        },
        "tags": {name: [value] for name, value in tags.items()},
    }


def _bounce(bounce_type: str, sub_type: str, status: str, says: str) -> _Tell:
    def tell(recipients: Sequence[str], now: datetime) -> dict[str, Any]:
        return {
            "feedbackId": str(uuid.uuid4()),
            "bounceType": bounce_type,
            "bounceSubType": sub_type,
            "bouncedRecipients": [
                {"emailAddress": address, "action": "failed", "status": status, "diagnosticCode": says}
                for address in recipients
            ],
            "timestamp": milliseconds(now),
            "reportingMTA": "dns; local.example",
        }

    return tell


def _complaint(recipients: Sequence[str], now: datetime) -> dict[str, Any]:
    return {
        "feedbackId": str(uuid.uuid4()),
        "complaintSubType": None,
        "complainedRecipients": [{"emailAddress": address} for address in recipients],
        "timestamp": milliseconds(now),
        "complaintFeedbackType": "abuse",
        "arrivalDate": milliseconds(now),
    }


def _reject(_recipients: Sequence[str], _now: datetime) -> dict[str, Any]:
    return {"reason": "Bad content"}


def _delay(recipients: Sequence[str], now: datetime) -> dict[str, Any]:
    says = "smtp; 421 4.4.1 Unable to connect to remote host"
    return {
        "timestamp": milliseconds(now),
        "delayType": "TransientCommunicationFailure",
        "expirationTime": milliseconds(now + _GIVEN_UP_AFTER),
        "delayedRecipients": [
            {"emailAddress": address, "status": "4.4.1", "diagnosticCode": says} for address in recipients
        ],
    }


@dataclass(frozen=True)
class _Event:
    """One type of event: its name in `eventType`, on the bus, and what the part named for it says."""

    event_type: str
    detail_type: str
    tell: _Tell

    @property
    def part(self) -> str:
        return self.event_type[0].lower() + self.event_type[1:]


_BOUNCED = "Email Bounced"
_EVENTS: Mapping[MailFaultKind, _Event] = {
    MailFaultKind.BOUNCE: _Event(
        "Bounce", _BOUNCED, _bounce("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown")
    ),
    MailFaultKind.SOFT_BOUNCE: _Event(
        "Bounce", _BOUNCED, _bounce("Transient", "General", "4.4.7", "smtp; 550 4.4.7 message expired")
    ),
    MailFaultKind.SUPPRESSED: _Event(
        "Bounce", _BOUNCED, _bounce("Permanent", "OnAccountSuppressionList", "5.1.1", _SUPPRESSED)
    ),
    MailFaultKind.COMPLAINT: _Event("Complaint", "Email Complaint Received", _complaint),
    MailFaultKind.REJECT: _Event("Reject", "Email Rejected", _reject),
    MailFaultKind.DELAY: _Event("DeliveryDelay", "Email Delivery Delayed", _delay),
}
