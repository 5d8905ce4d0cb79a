"""Statements: what customers and media are told, drafted, approved and published (P6.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from emergency.domain.plan import Locale
from emergency.domain.terms import Phase, Risk

PLACEHOLDERS = frozenset({"company", "since", "hotline", "next_update"})
"""What a template may leave open: the company's name, since when, the hotline's number, when the next update is due."""

TITLE_LIMIT = 120
BODY_LIMIT = 2_000
"""Characters that a statement's title and text may have in one language."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A statement in one language: plain text, paragraphs apart by an empty line."""

    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A statement as somebody wrote it, for others to approve. `texts` has one for each of the public's languages."""

    by: str
    phase: Phase
    texts: Mapping[Locale, Wording]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement as it was published. `id` is its decision's, `approved_by` are all who agreed to it."""

    incident_id: str
    id: str
    risk: Risk
    phase: Phase
    texts: Mapping[Locale, Wording]
    by: str
    approved_by: tuple[str, ...]
    began_at: datetime
    published_at: datetime


def filled(text: str, values: Mapping[str, str]) -> str:
    """A template with its placeholders filled; one without a value stays as it is, for people to see."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
