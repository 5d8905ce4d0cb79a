"""The environment of the `maintenance` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Settings(FunctionSettings):
    """The records, what mail is sent with (`configuration_set`), and the machines that it starts.

    `response_state_machine` carries out the plan, `maintenance_state_machine` has planned maintenance approved.
    """

    configuration_set: str
    response_state_machine: str
    maintenance_state_machine: str
