"""The one table of all records: keys, reads, and writes that say what they expect."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3

from emergency.aws.codec import Item, to_attributes, to_item
from emergency.domain.errors import RecordChanged
from emergency.domain.timeline import TimelineEntry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef as Write


_INCIDENT, _DECISION, TIMELINE = "INCIDENT#", "DECISION#", "TIMELINE#"
_MOST_READ = 100
"""How many items one BatchGetItem takes."""


class ConditionFailed(RecordChanged):
    """A transaction was cancelled; `failed` holds the positions of the writes whose expectation didn't hold."""

    def __init__(self, failed: Sequence[int]) -> None:
        super().__init__(f"writes {list(failed)} met something else than expected")
        self.failed = frozenset(failed)


def incident_key(incident_id: str) -> str:
    """The partition of everything that belongs to one incident."""
    return f"{_INCIDENT}{incident_id}"


def decision_of(keys: Mapping[str, object]) -> tuple[str, str] | None:
    """The incident's and the decision's id from the keys of an item; None where it is no decision."""
    pk, sk = keys.get("pk"), keys.get("sk")
    if not (isinstance(pk, str) and isinstance(sk, str) and pk.startswith(_INCIDENT) and sk.startswith(_DECISION)):
        return None
    return pk.removeprefix(_INCIDENT), sk.removeprefix(_DECISION)


def happening_of(keys: Mapping[str, object]) -> tuple[str, str] | None:
    """The incident's id and its timeline entry's key from the keys of an item; None where it is something else.

    The key is empty where the item is the incident itself.
    """
    pk, sk = keys.get("pk"), keys.get("sk")
    if not (isinstance(pk, str) and isinstance(sk, str) and pk.startswith(_INCIDENT)):
        return None
    if sk == "INCIDENT":
        return pk.removeprefix(_INCIDENT), ""
    return (pk.removeprefix(_INCIDENT), sk.removeprefix(TIMELINE)) if sk.startswith(TIMELINE) else None


@dataclass(frozen=True)
class RecordsTable:
    """Reads and writes items of one DynamoDB table."""

    name: str

    @cached_property
    def _client(self) -> DynamoDBClient:
        return boto3.client("dynamodb")

    def get(self, pk: str, sk: str) -> Item | None:
        """One item, read consistently, or None."""
        answer = self._client.get_item(
            TableName=self.name, Key=to_attributes({"pk": pk, "sk": sk}), ConsistentRead=True
        )
        return answer.get("Item")

    def get_all(self, keys: Collection[tuple[str, str]]) -> Sequence[Item]:
        """Those of the different items that there are, read consistently, in no order."""
        found: list[Item] = []
        left = [to_attributes({"pk": pk, "sk": sk}) for pk, sk in keys]
        while left:
            some, left = left[:_MOST_READ], left[_MOST_READ:]
            answer = self._client.batch_get_item(RequestItems={self.name: {"Keys": some, "ConsistentRead": True}})
            found += answer["Responses"].get(self.name, [])
            unread = answer["UnprocessedKeys"].get(self.name)
            left += unread["Keys"] if unread else []
        return found

    def query(self, pk: str, prefix: str = "") -> Iterator[Item]:
        """The items of a partition whose sort key begins with the prefix, in the sort key's order."""
        values = {":pk": pk, **({":sk": prefix} if prefix else {})}
        pages = self._client.get_paginator("query").paginate(
            TableName=self.name,
            KeyConditionExpression="pk = :pk" + (" AND begins_with(sk, :sk)" if prefix else ""),
            ExpressionAttributeValues=to_attributes(values),
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def page(self, pk: str, *, after: str, limit: int) -> tuple[Sequence[Item], str]:
        """Up to `limit` items of a partition after a sort key, and the sort key to go on after; empty at its end."""
        values = {":pk": pk, **({":after": after} if after else {})}
        answer = self._client.query(
            TableName=self.name,
            KeyConditionExpression="pk = :pk" + (" AND sk > :after" if after else ""),
            ExpressionAttributeValues=to_attributes(values),
            ConsistentRead=True,
            Limit=limit,
        )
        last = answer.get("LastEvaluatedKey")
        return answer["Items"], last["sk"]["S"] if last else ""

    def write(self, writes: Sequence[Write]) -> None:
        """Carries out the writes together or not at all.

        The SDK's own idempotency token makes a repeated call of its retries harmless.
        Raises ConditionFailed where an expectation didn't hold or another transaction was at the same items.
        """
        try:
            self._client.transact_write_items(TransactItems=list(writes))
        except self._client.exceptions.TransactionCanceledException as error:
            codes = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
            failed = [at for at, code in enumerate(codes) if code in {"ConditionalCheckFailed", "TransactionConflict"}]
            if not failed:
                raise
            raise ConditionFailed(failed) from error

    def put(self, item: Item) -> Write:
        """A write that stores an item, whatever was there."""
        return {"Put": {"TableName": self.name, "Item": item}}

    def put_new(self, item: Item) -> Write:
        """A write that stores an item and expects that there is none."""
        return {"Put": {"TableName": self.name, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}

    def put_if(self, item: Item, condition: str, values: dict[str, object]) -> Write:
        """A write that stores an item and expects a condition of the one that it replaces."""
        return {
            "Put": {
                "TableName": self.name,
                "Item": item,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": to_attributes(values),
            }
        }

    def put_at(self, item: Item, version: int) -> Write:
        """A write that stores an item over the one of that version."""
        return self.put_if(item, "version = :version", {":version": version})

    def put_next(self, item: Item, version: int) -> Write:
        """A write that stores an item over the one of that version, or as the first one where the version is 0."""
        return self.put_at(item, version) if version else self.put_new(item)

    def update(self, pk: str, sk: str, expression: str, condition: str, values: dict[str, object]) -> Write:
        """A write that changes attributes of an item and expects a condition."""
        return {
            "Update": {
                "TableName": self.name,
                "Key": to_attributes({"pk": pk, "sk": sk}),
                "UpdateExpression": expression,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": to_attributes(values),
            }
        }

    def delete(self, pk: str, sk: str, condition: str = "", values: dict[str, object] | None = None) -> Write:
        """A write that removes an item, where a condition is given only if it holds."""
        write: Write = {"Delete": {"TableName": self.name, "Key": to_attributes({"pk": pk, "sk": sk})}}
        if condition:
            write["Delete"]["ConditionExpression"] = condition
            write["Delete"]["ExpressionAttributeValues"] = to_attributes(values or {})
        return write

    def entry(self, incident_id: str, entry: TimelineEntry) -> Write:
        """A write that adds a timeline entry and expects that its key is new."""
        return self.put_new(to_item(entry, incident_key(incident_id), f"{TIMELINE}{entry.key}"))
