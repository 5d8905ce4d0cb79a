"""`status.json`: what the status page says, for programs.

The document's shape, version 1; times are ISO 8601 in UTC, `urls` and `texts` have one value a language:

    {"version": 1, "name": {…}, "url": "https://…", "updated_at": "…", "state": "normal" | "incident",
     "incidents": [{"id": "INC-…", "state": "current" | "resolved" | "ended", "urls": {…},
                    "began_at": "…", "resolved_at": "…" | null,
                    "statements": [{"id": "…", "phase": "first_notice" | "update" | "resolved", "published_at": "…",
                                    "texts": {"en": {"title": "…", "text": "…"}}}]}]}
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from emergency.domain.plan import Plan
from emergency.domain.statement import PublicIncident, Statement, incident_page
from emergency.presentation.plain import clean

VERSION = 1


def status_json(incidents: Sequence[PublicIncident], plan: Plan, status_url: str, now: datetime) -> str:
    """The document as text."""
    document = {
        "version": VERSION,
        "name": dict(plan.communications.name),
        "url": f"{status_url}/",
        "updated_at": _time(max((one.latest.published_at for one in incidents), default=now)),
        "state": "incident" if any(one.is_current(now) for one in incidents) else "normal",
        "incidents": [_incident(one, plan, status_url, now) for one in incidents],
    }
    return msgspec.json.format(msgspec.json.encode(document)).decode()


def _incident(incident: PublicIncident, plan: Plan, status_url: str, now: datetime) -> dict[str, object]:
    resolved = incident.resolved_at
    return {
        "id": incident.id,
        "state": incident.state(now),
        "began_at": _time(incident.began_at),
        "resolved_at": _time(resolved) if resolved else None,
        "urls": {
            locale: f"{status_url}/{locale}/{incident_page(incident.id)}" for locale in plan.communications.locales
        },
        "statements": [_statement(statement) for statement in incident.statements],
    }


def _statement(statement: Statement) -> dict[str, object]:
    return {
        "id": statement.id,
        "phase": statement.phase,
        "published_at": _time(statement.published_at),
        "texts": {
            locale: {"title": clean(one.title), "text": clean(one.text)} for locale, one in statement.texts.items()
        },
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
