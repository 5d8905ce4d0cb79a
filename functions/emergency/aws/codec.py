"""Values of the domain as DynamoDB items and back.

Readers ignore attributes that they don't know and take defaults for those that are missing, so that new code reads old
records and old code new ones (R24).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

T = TypeVar("T")
Item = dict[str, "AttributeValueTypeDef"]

_KEYS = frozenset({"pk", "sk", "expires_at"})


class _WholeNumbers(TypeDeserializer):
    """Gives `int` for a number; the records hold no other numbers."""

    def _deserialize_n(self, value: str) -> int:
        return int(value)


_serialize = TypeSerializer().serialize
_deserialize = _WholeNumbers().deserialize


def to_item(value: object, pk: str, sk: str, **extra: str | int) -> Item:
    """A dataclass as an item with its keys. Times become ISO 8601 in UTC, missing values are left out."""
    attributes: dict[str, object] = msgspec.to_builtins(value)
    return to_attributes({**_without_missing(attributes), **extra, "pk": pk, "sk": sk})


def to_attributes(values: Mapping[str, object]) -> Item:
    """Plain values in DynamoDB's notation."""
    return {name: _serialize(value) for name, value in values.items()}


def from_item(item: Mapping[str, Any], kind: type[T]) -> T:
    """The dataclass that an item holds. Raises msgspec.ValidationError naming the attribute that doesn't fit."""
    attributes = {name: _deserialize(value) for name, value in item.items() if name not in _KEYS}
    return msgspec.convert(attributes, kind)


def _without_missing(attributes: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in attributes.items() if value is not None}
