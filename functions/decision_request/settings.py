"""The environment of the `decision_request` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Settings(FunctionSettings):
    """The records, the pages' base URL, and the configuration set that mail is sent with."""

    pages_url: str
    configuration_set: str
