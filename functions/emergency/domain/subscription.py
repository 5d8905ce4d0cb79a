"""Customers who want to be mailed every statement: they ask, confirm by a mailed link, and leave by another (P6.3)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from emergency.domain.errors import UnknownLink
from emergency.domain.link import digest_of
from emergency.domain.plan import Locale

CONFIRM_WITHIN = timedelta(hours=48)
"""How long an address is kept that nobody has confirmed."""

ASK_AGAIN_AFTER = timedelta(hours=1)
"""An address gets one confirmation mail in this time, whoever enters it how often."""

HONEYPOT = "website"
"""A field of the form that people don't see and programs fill in."""

ADDRESS_LIMIT = 254
"""Characters that a mail address may have (RFC 5321, 4.5.3.1.3, without its brackets)."""

PURPOSE = "subscription"
"""What mails to subscribers are tagged with, so that what becomes of them is known apart."""

_CLAIM = timedelta(minutes=1)
_REMEMBERED = 10


class SubscriberStatus(StrEnum):
    """How far somebody has come."""

    ASKED = "asked"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """Somebody's mail address, the language of their mails, and whether they confirmed that they want them.

    `secret` is the id of the one link that is theirs. `wanted` is another language that a confirmed address was asked
    for, until that is confirmed too. `claimed_at` is when a confirmation mail was begun, `mailed_at` when the last one
    was handed over. `told` are the ids of the last statements that were sent, newest last.
    """

    address: str
    locale: Locale
    secret: str
    asked_at: datetime
    status: SubscriberStatus = SubscriberStatus.ASKED
    confirmed_at: datetime | None = None
    wanted: Locale = ""
    claimed_at: datetime | None = None
    mailed_at: datetime | None = None
    told: tuple[str, ...] = ()
    version: int = 0

    @property
    def is_confirmed(self) -> bool:
        """Whether statements are sent."""
        return self.status is SubscriberStatus.CONFIRMED

    @property
    def address_digest(self) -> str:
        """What stands for the address in the records' keys."""
        return digest_of_address(self.address)

    @property
    def link_digest(self) -> str:
        """What stands for the subscriber's link in the records' keys."""
        return digest_of(self.secret)

    @property
    def expires_at(self) -> datetime | None:
        """When the address is forgotten unless it is confirmed before; None once it is."""
        return None if self.is_confirmed else self.asked_at + CONFIRM_WITHIN

    def is_over(self, now: datetime) -> bool:
        """Whether the time for confirming has passed."""
        return self.expires_at is not None and self.expires_at <= now

    def can_be_mailed(self, now: datetime) -> bool:
        """Whether a confirmation mail may go out: none within the hour, and none that is just being sent."""
        is_new = self.mailed_at is None or self.mailed_at + ASK_AGAIN_AFTER <= now
        return is_new and (self.claimed_at is None or self.claimed_at + _CLAIM <= now)


def digest_of_address(address: str) -> str:
    """The SHA-256 of an address as lower-case hex; the same however its letters are written."""
    return hashlib.sha256(address.casefold().encode()).hexdigest()


def asked(before: Subscriber | None, address: str, locale: Locale, secret: str, now: datetime) -> Subscriber:
    """The subscriber after somebody has entered the address; a link that was mailed before stays good.

    Nothing changes for a confirmed address until it is confirmed again: anybody can enter it.
    """
    if before is None:
        return Subscriber(address=address, locale=locale, secret=secret, asked_at=now)
    if before.is_confirmed:
        return replace(before, wanted=locale)
    kept = before.secret if not before.is_over(now) else secret
    return replace(before, locale=locale, secret=kept, asked_at=now)


def confirmed(subscriber: Subscriber, now: datetime) -> Subscriber:
    """The subscriber after the link's button was pressed. Raises UnknownLink where it came too late."""
    if subscriber.is_over(now):
        raise UnknownLink
    return replace(
        subscriber,
        status=SubscriberStatus.CONFIRMED,
        confirmed_at=subscriber.confirmed_at or now,
        locale=subscriber.wanted or subscriber.locale,
        wanted="",
    )


def told_of(subscriber: Subscriber, statement_id: str) -> Subscriber:
    """The subscriber after the statement was sent to them."""
    return replace(subscriber, told=(*subscriber.told, statement_id)[-_REMEMBERED:])
