"""Settings: each function's environment variables, declared once as the fields of one frozen type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

NOTIFICATIONS = "notifications"
"""The service under which refused notifications are counted, whichever function would have sent them."""


class MissingSetting(Exception):
    """An environment variable that the function's settings name isn't set."""


@dataclass(frozen=True, kw_only=True)
class EnvironmentSettings:
    """Base of every function's settings. A field `records_table` is the environment variable `RECORDS_TABLE`."""

    @classmethod
    def variables(cls) -> tuple[str, ...]:
        """The names of the environment variables, as the CDK construct must set them."""
        return tuple(field.name.upper() for field in fields(cls))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """The settings from the process's environment. Raises MissingSetting naming what isn't set."""
        missing = [name for name in cls.variables() if not environ.get(name)]
        if missing:
            raise MissingSetting(", ".join(missing))
        return cls(**{name.lower(): environ[name] for name in cls.variables()})


@dataclass(frozen=True, kw_only=True)
class FunctionSettings(EnvironmentSettings):
    """Base of the settings of functions that work with the records."""

    records_table: str
