"""The plan that was compiled into the asset."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from emergency.domain.plan import Locale, Plan
from emergency.presentation.words import Words, load_words

FOLDER = Path(__file__).parent / "compiled"
"""Where the build puts `plan.json` and `words/<locale>.mo`."""


@cache
def compiled_plan() -> Plan:
    """The plan, read once in a process."""
    return msgspec.json.decode((FOLDER / "plan.json").read_bytes(), type=Plan)


@cache
def compiled_words() -> Mapping[Locale, Words]:
    """The words of every locale, each read when it is first used."""
    return load_words(FOLDER / "words")
