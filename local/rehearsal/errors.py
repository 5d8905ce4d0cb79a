"""What makes a rehearsal impossible before it starts."""

from __future__ import annotations


class UnusableInputError(ValueError):
    """Input that can't be used; the message is one clear line for the person who gave it."""
