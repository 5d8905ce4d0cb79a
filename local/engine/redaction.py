"""Keeps task tokens out of everything that the local home shows or writes (R3)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

TOKEN_PREFIX = "AQCEAAAAKgAAAAMAAAAALOCAL"  # noqa: S105 - the mark of a local token, no secret
"""How every task token of the local engine begins; the real service's begin much the same."""

REDACTED = "[task token]"

_TOKEN = re.compile(TOKEN_PREFIX + r"[A-Za-z0-9_-]*")
_SECRET_KEYS = frozenset({"task_token", "taskToken", "TaskToken"})


def new_task_token() -> str:
    """A task token as long as the real service's, recognisable by its prefix."""
    return TOKEN_PREFIX + secrets.token_urlsafe(420)


def redact_text(text: str) -> str:
    """The text with every task token replaced."""
    return _TOKEN.sub(REDACTED, text)


def redact(value: Any) -> Any:
    """A copy of a JSON-like value with every task token replaced, wherever it hides in a string."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {key: redact(item) for key, item in value.items() if key not in _SECRET_KEYS}
    if isinstance(value, (list, tuple)):
        return [redact(item) for item in value]
    return value
