"""The environment of the `decision_page` function."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Settings(FunctionSettings):
    """The records, the pages' base URL, and what pages reach beside them.

    `archive_bucket` holds reports and attachments, `uploads_bucket` files that wait for their person to put them on
    record, `configuration_set` is what mail is sent with,
    `release_state_machine`, `statement_state_machine` and `carrier_state_machine` are started by what people ask for,
    `authenticator_secret` keeps the secrets of authenticator apps (`none` where the plan has none), `status_url` is
    where the public reads the statements.
    """

    pages_url: str
    archive_bucket: str
    uploads_bucket: str
    configuration_set: str
    release_state_machine: str
    statement_state_machine: str
    carrier_state_machine: str
    authenticator_secret: str
    status_url: str
