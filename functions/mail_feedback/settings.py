"""The environment of the `mail_feedback` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Settings(FunctionSettings):
    """The records, and the table of subscribers, whose addresses may turn out not to work."""

    subscribers_table: str
