"""The environment of the `subscriptions` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import EnvironmentSettings


@dataclass(frozen=True, kw_only=True)
class Settings(EnvironmentSettings):
    """The table of subscribers, what mail is sent with, and the base URLs of the status page and of these pages.

    Nothing of an incident is within its reach.
    """

    subscribers_table: str
    configuration_set: str
    status_url: str
    pages_url: str
