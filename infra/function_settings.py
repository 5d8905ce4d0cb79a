"""Holds a function's environment variables against the settings type that the function itself reads."""

from __future__ import annotations

import runpy
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path


class SettingsMismatch(Exception):
    """The construct of a function and its `Settings` don't name the same fields."""


def fields_of(functions: Path, name: str) -> tuple[str, ...]:
    """The field names of `<name>/settings.py`'s `Settings`, in their order."""
    settings = runpy.run_path(str(functions / name / "settings.py"), run_name=f"{name}.settings")["Settings"]
    return tuple(field.name for field in fields(settings))


def check_settings(name: str, *, declared: Iterable[str], given: Iterable[str]) -> None:
    """Compares the fields that a function declares with those that its construct gives.

    Raises:
        SettingsMismatch: Naming the function, what is missing, what is too much, and where to mend it.
    """
    missing = sorted(set(declared) - set(given))
    extra = sorted(set(given) - set(declared))
    complaints = []
    if missing:
        complaints.append(f"the construct gives no {', '.join(missing)}")
    if extra:
        complaints.append(f"Settings has no field {', '.join(extra)}")
    if complaints:
        raise SettingsMismatch(
            f"{name}: {'; '.join(complaints)}. Name the same fields in infra/stack.py and functions/{name}/settings.py."
        )
