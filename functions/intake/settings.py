"""The environment of the `intake` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Settings(FunctionSettings):
    """The records, the machine that carries out the plan, and where unusable events go (a queue's URL).

    Alarms whose names begin with `own_alarm_prefix` watch this system itself and open no incident.
    """

    response_state_machine: str
    dead_letter_queue: str
    own_alarm_prefix: str
