"""The seal of the complete record (P6.5): a manifest that names each part with its SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Part:
    """One document of the record: its name in the archive, its size in bytes, and its SHA-256 as hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All parts of an incident's record as they were at one time, by name. `sealed_at` is that time."""

    incident_id: str
    sealed_at: datetime
    parts: tuple[Part, ...]


def part(name: str, content: bytes) -> Part:
    """A document as a part of the record."""
    return Part(name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())


def manifest(incident_id: str, parts: Sequence[Part], now: datetime) -> Manifest:
    """The manifest of these parts; of two with one name the later one counts."""
    by_name = {one.name: one for one in parts}
    return Manifest(incident_id=incident_id, sealed_at=now, parts=tuple(by_name[name] for name in sorted(by_name)))
