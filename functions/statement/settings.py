"""The environment of the `statement` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Settings(FunctionSettings):
    """The records, who has subscribed, and where statements go.

    `status_bucket` holds the status page's files, which are read at `status_url`; `archive_bucket` keeps what they were
    at each moment. One subscribes at `pages_url`. `configuration_set` is what mail is sent with.
    """

    subscribers_table: str
    status_bucket: str
    archive_bucket: str
    configuration_set: str
    status_url: str
    pages_url: str
