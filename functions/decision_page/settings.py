"""The environment of the `decision_page` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Settings(FunctionSettings):
    """The records, the pages' base URL, and the bucket that holds reports."""

    pages_url: str
    archive_bucket: str
