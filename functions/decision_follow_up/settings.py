"""The environment of the `decision_follow_up` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Settings(FunctionSettings):
    """The records, the configuration set that mail is sent with, and what requests, worse signals and notices start."""

    configuration_set: str
    release_state_machine: str
    statement_state_machine: str
    carrier_state_machine: str
    severity_state_machine: str
    maintenance_state_machine: str
    deadline_state_machine: str
