"""Reads the event files of a rehearsal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from local.engine.envelopes import NotAnEnvelopeError, check_envelope
from local.rehearsal.errors import UnusableInputError


def read_event(file: Path) -> dict[str, Any]:
    """The envelope in a file. Raises UnusableInputError."""
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise UnusableInputError(f"{file}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UnusableInputError(f"{file}: not UTF-8 text") from None
    try:
        return check_envelope(json.loads(text))
    except NotAnEnvelopeError as error:
        raise UnusableInputError(f"{file}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise UnusableInputError(f"{file}: not JSON: {error}") from None


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")


def happening_at(envelope: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The event as if it happened now: its time, and every other one in it, is moved by the same span."""
    span = now - datetime.fromisoformat(str(envelope["time"]))

    def moved(found: re.Match[str]) -> str:
        there = datetime.fromisoformat(found.group()) + span
        digits = len(found.group(1) or ".") - 1
        fraction = f".{there:%f}"[: digits + 1] if digits else ""
        return f"{there:%Y-%m-%dT%H:%M:%S}{fraction}{found.group(2)}"

    fresh: dict[str, Any] = json.loads(_MOMENT.sub(moved, json.dumps(envelope)))
    return fresh
