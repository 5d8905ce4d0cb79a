"""Subscribers in a table of their own: what customers entrust stands beside no record of an incident.

A subscriber is found by the digest of the address and by that of the link; whoever confirmed is listed under the
latter, which is random and so tells nothing to whoever reads where a listing goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from emergency.aws.codec import from_item, to_attributes, to_item
from emergency.aws.table import RecordsTable
from emergency.domain.errors import UnknownLink
from emergency.domain.subscription import Subscriber

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef as Write

_CONFIRMED, _SUBSCRIBER = "CONFIRMED", "SUBSCRIBER"
_ADDRESS_DIGEST = "address_digest"


@dataclass(frozen=True)
class DynamoSubscribers:
    """See the port Subscribers. Addresses that nobody confirms expire by the table's own time to live."""

    table: RecordsTable

    def get(self, address_digest: str) -> Subscriber | None:
        """See the port."""
        item = self.table.get(_address_key(address_digest), _SUBSCRIBER)
        return from_item(item, Subscriber) if item else None

    def of_link(self, digest: str) -> Subscriber:
        """See the port."""
        item = self.table.get(_link_key(digest), _SUBSCRIBER)
        subscriber = self._pointed_at(item) if item else None
        # An address that was asked for anew after its time has another link.
        if subscriber is None or subscriber.link_digest != digest:
            raise UnknownLink
        return subscriber

    def save(self, subscriber: Subscriber) -> Subscriber:
        """See the port."""
        saved = replace(subscriber, version=subscriber.version + 1)
        link = {_ADDRESS_DIGEST: saved.address_digest}
        ends: dict[str, Any] = {"expires_at": int(saved.expires_at.timestamp())} if saved.expires_at else {}
        address = to_item(saved, _address_key(saved.address_digest), _SUBSCRIBER, **ends)
        writes: list[Write] = [
            self.table.put_next(address, subscriber.version),
            self.table.put(to_attributes({**link, **ends, "pk": _link_key(saved.link_digest), "sk": _SUBSCRIBER})),
        ]
        if saved.is_confirmed:
            listed = {**link, "pk": _CONFIRMED, "sk": _link_key(saved.link_digest)}
            writes.append(self.table.put(to_attributes(listed)))
        self.table.write(writes)
        return saved

    def forget(self, subscriber: Subscriber) -> None:
        """See the port."""
        link = _link_key(subscriber.link_digest)
        self.table.write(
            [
                self.table.delete(
                    _address_key(subscriber.address_digest),
                    _SUBSCRIBER,
                    "attribute_not_exists(pk) OR secret = :secret",
                    {":secret": subscriber.secret},
                ),
                self.table.delete(link, _SUBSCRIBER),
                self.table.delete(_CONFIRMED, link),
            ]
        )

    def confirmed(self, cursor: str = "", limit: int = 100) -> tuple[tuple[Subscriber, ...], str]:
        """See the port."""
        items, after = self.table.page(_CONFIRMED, after=_link_key(cursor) if cursor else "", limit=limit)
        found = [subscriber for item in items if (subscriber := self._pointed_at(item)) and subscriber.is_confirmed]
        return tuple(found), after.removeprefix(_link_key(""))

    def _pointed_at(self, item: Mapping[str, Any]) -> Subscriber | None:
        return self.get(item[_ADDRESS_DIGEST]["S"])


def _address_key(digest: str) -> str:
    return f"ADDRESS#{digest}"


def _link_key(digest: str) -> str:
    return f"LINK#{digest}"
