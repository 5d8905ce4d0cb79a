"""The environment of the `incident_follow_up` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Settings(FunctionSettings):
    """The records, the configuration set that mail is sent with, and what incidents and worse signals start."""

    configuration_set: str
    response_state_machine: str
    severity_state_machine: str
