"""Reads the event files of a rehearsal."""

from __future__ import annotations

import json
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
