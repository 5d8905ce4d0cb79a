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
        subscriber = self._pointed_at(item, digest) if item else None
        if subscriber is None:
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
        found = [self._pointed_at(item, _digest_in(item["sk"]["S"])) for item in items]
        return tuple(one for one in found if one and one.is_confirmed), _digest_in(after)

    def _pointed_at(self, item: Mapping[str, Any], link_digest: str) -> Subscriber | None:
        """Whose link it is; None where the address was removed, or has another link since."""
        subscriber = self.get(item[_ADDRESS_DIGEST]["S"])
        return subscriber if subscriber and subscriber.link_digest == link_digest else None


def _address_key(digest: str) -> str:
    return f"ADDRESS#{digest}"


def _link_key(digest: str) -> str:
    return f"LINK#{digest}"


def _digest_in(link_key: str) -> str:
    return link_key.removeprefix(_link_key(""))
