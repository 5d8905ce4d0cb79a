"""The environment of the `severity` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Settings(FunctionSettings):
    """The records; `configuration_set` is what mail is sent with, `deadline_state_machine` runs the clocks."""

    configuration_set: str
    deadline_state_machine: str
