"""EventBridge's envelope around every event, and how text, times and figures from outside are taken.

Text from outside stays text: it is cut to a sane length and stripped of control characters here, and escaped where it
is shown. What an event says in another way than its documentation is taken as unsaid, so that no alarm is lost for it.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice

import msgspec

from emergency.domain.errors import UnusableSignal
from emergency.domain.signal import ARN_LIMIT, ID_LIMIT, NAME_LIMIT, Meaning, Signal, is_usable_id

_YEARS = range(2000, 2200)
"""Times outside these years are no event's; some of them can't be told in every time zone."""

_TIME_LIMIT = 64
_TAGS_LIMIT = 50
_LARGEST = 1e18
"""Figures beyond it, or as near to zero, measure nothing that a person could be told."""


class Envelope(msgspec.Struct, rename={"detail_type": "detail-type"}):
    """What EventBridge puts around the detail; AWS promises all but `resources` for every event."""

    id: str
    source: str
    detail_type: str
    time: str
    detail: dict[str, object]
    account: object = ""
    region: object = ""
    resources: object = None

    @property
    def at(self) -> datetime:
        """When the event was sent. Raises UnusableSignal where the time can't be read."""
        try:
            return moment(self.time)
        except ValueError as error:
            raise UnusableSignal(f"$.time: {error}") from error

    @property
    def named_resources(self) -> list[str]:
        """The resources that are named; hardly ever more than one."""
        listed = self.resources if isinstance(self.resources, list) else []
        return [resource for resource in listed if isinstance(resource, str)]


def envelope_of(event: object) -> Envelope:
    """The event's envelope. Raises msgspec.ValidationError or UnusableSignal where it lacks what makes it one."""
    envelope = msgspec.convert(event, Envelope)
    if not is_usable_id(envelope.id):
        raise UnusableSignal(f"$.id: must have 1 to {ID_LIMIT} visible characters")
    return envelope


def bare(envelope: Envelope) -> Signal:
    """What every signal takes from its envelope; the rest means nothing yet."""
    return Signal(
        id=envelope.id,
        source=envelope.source,
        detail_type=envelope.detail_type,
        account=clean(text(envelope.account), NAME_LIMIT),
        region=clean(text(envelope.region), NAME_LIMIT),
        meaning=Meaning.NEITHER,
        names=(clean(envelope.detail_type, NAME_LIMIT),),
        at=envelope.at,
        began_at=envelope.at,
    )


def clean(said: str, limit: int) -> str:
    """Text from outside, without control characters and not longer than `limit`."""
    visible = "".join(
        " " if unicodedata.category(character).startswith("C") else character for character in said[: 8 * limit]
    )
    return " ".join(visible.split())[:limit]


def text(value: object) -> str:
    """A value as text; what isn't text, null above all, is empty."""
    return value if isinstance(value, str) else ""


def number(value: object) -> float | None:
    """A value as a figure; None for what isn't a finite one of a size that means something."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        figure = float(value)
    except OverflowError:
        return None
    is_sane = math.isfinite(figure) and (not figure or 1 / _LARGEST <= abs(figure) <= _LARGEST)
    return figure if is_sane else None


def inside(value: object, *path: str | int) -> object:
    """What stands at a path of keys and indices, or None where the path breaks off."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def decoded(said: str) -> Mapping[str, object]:
    """The object that a text holds as JSON; an empty one where it holds none."""
    try:
        return msgspec.json.decode(said or "{}", type=dict[str, object])
    except (msgspec.DecodeError, ValueError, RecursionError):
        return {}


def named(resource: str) -> str:
    """What people call a resource: of an ARN the part behind its type, of anything else the whole."""
    resource = resource[: 8 * ARN_LIMIT]
    own = resource.split(":", 5)[-1] if resource.startswith("arn:") else resource
    _kind, separator, name = own.partition(":" if ":" in own else "/")
    return clean(name if resource.startswith("arn:") and separator else own, NAME_LIMIT)


def moment(said: str) -> datetime:
    """A time as AWS writes it: ISO 8601 with Z or +0000, or the HTTP date of AWS Health. Raises ValueError."""
    try:
        read = _parsed(said[:_TIME_LIMIT])
        read = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{clean(said, 40)!r} is out of range") from error
    if read.year not in _YEARS:
        raise ValueError(f"{clean(said, 40)!r} is out of range")
    return read


def _parsed(said: str) -> datetime:
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError) as error:
        raise ValueError(f"{clean(said, 40)!r} is no time") from error


def moment_or(fallback: datetime, said: object) -> datetime:
    """A time by an event's own word; `fallback` where it says nothing usable."""
    try:
        return moment(said) if isinstance(said, str) else fallback
    except ValueError:
        return fallback


def not_after(at: datetime, began: object) -> datetime:
    """When it began, by an event's own word; `at` where it says nothing usable, or a later time."""
    return min(moment_or(at, began), at)


def tags_of(*values: object) -> dict[str, str]:
    """Tags in the spellings that AWS has: an object, or a list of keys and values. The first word on a key counts."""
    found: dict[str, str] = {}
    for key, value in islice((pair for tags in values for pair in _pairs(tags)), _TAGS_LIMIT):
        found.setdefault(clean(key, NAME_LIMIT), clean(value, NAME_LIMIT))
    return found


def _pairs(tags: object) -> Iterator[tuple[str, str]]:
    listed: Iterable[tuple[object, object]] = ()
    if isinstance(tags, dict):
        listed = tags.items()
    elif isinstance(tags, list):
        listed = ((_first(one, "key", "Key", "TagKey"), _first(one, "value", "Value", "TagValue")) for one in tags)
    for key, value in listed:
        if isinstance(key, str) and key and isinstance(value, str):
            yield key, value


def _first(value: object, *keys: str) -> object:
    return next((value[key] for key in keys if key in value), None) if isinstance(value, dict) else None
