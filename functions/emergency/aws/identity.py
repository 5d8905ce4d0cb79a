"""Who somebody is, and whether mail reaches them: challenges, trusted devices, authenticators, the address book.

Layout, beside the incidents' records in the same table: `CHALLENGE#<incident>#<decision>` with one item a person,
`DEVICES#<incident>` with the incident's device key, `CONTACT#<id>` with `TOTP` (the last code used) and `MAIL` (the
mark of an address that doesn't work, known by its digest).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import pyotp

from emergency.aws.codec import from_item, to_attributes, to_item
from emergency.aws.table import ConditionFailed, RecordsTable
from emergency.domain.errors import AuthenticatorUnavailable, NotEnrolled
from emergency.domain.plan import Contact
from emergency.domain.second_factor import CODE_LIFE, Challenge
from emergency.domain.timeline import TimelineEntry

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef as Write

_UNSPENT = "attribute_not_exists(pk) OR step < :step OR (step = :step AND used_for = :owner)"
_SECRETS_KEPT_SECONDS = 300
_KEPT_AFTER_EXPIRY = 90 * 24 * 3600


def put_challenge(table: RecordsTable, challenge: Challenge) -> Write:
    """A write that stores a challenge over the version that it was read at."""
    new = replace(challenge, version=challenge.version + 1)
    expires_at = int((challenge.opened_at + CODE_LIFE).timestamp()) + _KEPT_AFTER_EXPIRY
    pk = f"CHALLENGE#{challenge.incident_id}#{challenge.decision_id}"
    return table.put_next(to_item(new, pk, challenge.contact, expires_at=expires_at), challenge.version)


@dataclass(frozen=True)
class DynamoChallenges:
    """Challenges, device keys, and authenticator codes that were used."""

    table: RecordsTable

    def get(self, incident_id: str, decision_id: str, contact: str) -> Challenge | None:
        """See the port."""
        item = self.table.get(f"CHALLENGE#{incident_id}#{decision_id}", contact)
        return from_item(item, Challenge) if item else None

    def save(self, challenge: Challenge, entries: Sequence[TimelineEntry] = ()) -> Challenge:
        """See the port."""
        noted = [self.table.entry(challenge.incident_id, entry) for entry in entries]
        self.table.write([put_challenge(self.table, challenge), *noted])
        return replace(challenge, version=challenge.version + 1)

    def device_key(self, incident_id: str, fresh: str = "") -> str:
        """See the port."""
        pk = f"DEVICES#{incident_id}"
        item = self.table.get(pk, "DEVICES")
        if item is None and fresh:
            try:
                self.table.write([self.table.put_new(to_attributes({"pk": pk, "sk": "DEVICES", "device_key": fresh}))])
            except ConditionFailed:
                return self.device_key(incident_id)
            return fresh
        return item["device_key"]["S"] if item else ""

    def spend(self, challenge: Challenge, step: int) -> bool:
        """See the port."""
        owner = f"{challenge.incident_id}#{challenge.decision_id}#{challenge.number}"
        item = {"pk": f"CONTACT#{challenge.contact}", "sk": "TOTP", "step": step, "used_for": owner}
        spent = self.table.put_if(to_attributes(item), _UNSPENT, {":step": step, ":owner": owner})
        try:
            self.table.write([spent])
        except ConditionFailed:
            return False
        return True


@dataclass(frozen=True)
class DynamoAddressBook:
    """Marks of addresses that don't work. An address stands there as its digest alone."""

    table: RecordsTable

    def is_unreachable(self, contact: Contact) -> bool:
        """See the port."""
        item = self.table.get(f"CONTACT#{contact.id}", "MAIL")
        return item is not None and item["address"]["S"] == _digest(contact)

    def mark(self, contact: Contact, reason: str, now: datetime) -> None:
        """See the port."""
        item = {
            "pk": f"CONTACT#{contact.id}",
            "sk": "MAIL",
            "address": _digest(contact),
            "reason": reason,
            "marked_at": now.isoformat(),
        }
        self.table.write([self.table.put(to_attributes(item))])

    def clear(self, contact: Contact) -> None:
        """See the port."""
        if self.is_unreachable(contact):
            self.table.write([self.table.delete(f"CONTACT#{contact.id}", "MAIL")])


def _digest(contact: Contact) -> str:
    return hashlib.sha256(contact.email.lower().encode()).hexdigest()


@dataclass(frozen=True)
class SecretAuthenticators:
    """The secrets of authenticator apps: one secret in AWS Secrets Manager, a JSON object of contact id → base 32."""

    secret: str

    @cached_property
    def _provider(self) -> SecretsProvider:
        # Few contacts use an authenticator; nobody else waits for this import.
        from aws_lambda_powertools.utilities.parameters import SecretsProvider  # noqa: PLC0415

        return SecretsProvider()

    def secret_of(self, contact: str) -> str:
        """See the port. A system without authenticators keeps no secret, and has nobody enrolled."""
        if not self.secret:
            raise NotEnrolled(contact)
        found = self._kept(contact).get(contact)
        if not isinstance(found, str) or not found:
            raise NotEnrolled(contact)
        try:
            pyotp.TOTP(found).byte_secret()
        except ValueError:
            raise AuthenticatorUnavailable(contact) from None
        return found

    def _kept(self, contact: str) -> Mapping[str, object]:
        """All secrets by contact id. What the provider raises is not passed on, since it may quote the secret."""
        from aws_lambda_powertools.utilities.parameters import exceptions  # noqa: PLC0415 - see `_provider`

        try:
            kept = self._provider.get(self.secret, max_age=_SECRETS_KEPT_SECONDS, transform="json")
        except (exceptions.GetParameterError, exceptions.TransformParameterError):
            raise AuthenticatorUnavailable(contact) from None
        return kept if isinstance(kept, Mapping) else {}
