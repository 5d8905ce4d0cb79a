"""The environment of the `maintenance` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Settings(FunctionSettings):
    """The records, the machine that carries out the plan, and `configuration_set`, what mail is sent with."""

    configuration_set: str
    response_state_machine: str
