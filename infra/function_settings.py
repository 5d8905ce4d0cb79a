"""Holds a function's environment variables against the settings type that the function itself reads."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path


class SettingsMismatch(Exception):
    """The construct of a function and its `Settings` don't name the same fields."""


def fields_of(functions: Path, name: str) -> tuple[str, ...]:
    """The field names of `<name>/settings.py`'s `Settings`, in their order."""
    root = str(functions)
    if root not in sys.path:
        sys.path.insert(0, root)
    module = importlib.import_module(f"{name}.settings")
    return tuple(field.name for field in fields(module.Settings))


def check_settings(name: str, *, declared: Iterable[str], given: Iterable[str]) -> None:
    """Compares the fields that a function declares with those that its construct gives.

    Raises:
        SettingsMismatch: Naming the function, what is missing, what is too much, and where to mend it.
    """
    missing = sorted(set(declared) - set(given))
    extra = sorted(set(given) - set(declared))
    if not missing and not extra:
        return
    complaints = []
    if missing:
        complaints.append(f"the construct gives no {', '.join(missing)}")
    if extra:
        complaints.append(f"Settings has no field {', '.join(extra)}")
    raise SettingsMismatch(
        f"{name}: {'; '.join(complaints)}. Name the same fields in infra/stack.py and in functions/{name}/settings.py."
    )
