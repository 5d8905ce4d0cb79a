"""The plan that was compiled into the asset."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from emergency.domain.plan import Plan

FOLDER = Path(__file__).parent / "compiled"
"""Where the build puts `plan.json` and `words/<locale>.mo`."""


@cache
def compiled_plan() -> Plan:
    """The plan, read once in a process."""
    return msgspec.json.decode((FOLDER / "plan.json").read_bytes(), type=Plan)
