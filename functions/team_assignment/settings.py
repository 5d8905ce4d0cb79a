"""The environment of the `team_assignment` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Settings(FunctionSettings):
    """The records and the pages' base URL.

    `configuration_set` is what mail is sent with, `deadline_state_machine` runs the clocks.
    """

    pages_url: str
    configuration_set: str
    deadline_state_machine: str
