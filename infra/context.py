"""What a deployer can write into the context that the app can't use."""

from __future__ import annotations


class UnusableContext(Exception):
    """A value of the context can't be used; the message says which and what to give instead."""
