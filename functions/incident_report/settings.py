"""The environment of the `incident_report` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Settings(FunctionSettings):
    """The records, the machine that carries out the plan, and what mail is sent with.

    `signal_queue` (its URL) takes reports while the records can't be reached. Alarms whose names begin with
    `own_alarm_prefix` watch this system itself. `pages_url` is where the addresses of these pages begin.
    `uploads_bucket` holds files that wait for their person to put them on record, `archive_bucket` those that are.
    """

    response_state_machine: str
    signal_queue: str
    own_alarm_prefix: str
    archive_bucket: str
    uploads_bucket: str
    configuration_set: str
    pages_url: str
