"""Reads the records table as the console and the rehearsals need it: plain values, without secrets.

It knows the keys of the table and nothing of the domain's types, so that it shows whatever stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from local.engine.redaction import redact

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_HIDDEN = frozenset({"pk", "sk", "expires_at", "packed", "task_token", "form_key"})
_OVER = frozenset({"closed", "stood_down", "needs_attention"})


@dataclass(frozen=True, kw_only=True)
class IncidentRecord:
    """Everything on record of one incident. The values are JSON-like; times are ISO 8601 text."""

    id: str
    incident: Mapping[str, Any]
    timeline: tuple[Mapping[str, Any], ...] = ()
    decisions: tuple[Mapping[str, Any], ...] = ()
    assignments: tuple[Mapping[str, Any], ...] = ()
    allocations: tuple[Mapping[str, Any], ...] = ()
    expenses: tuple[Mapping[str, Any], ...] = ()
    deadlines: tuple[Mapping[str, Any], ...] = ()
    notifications: tuple[Mapping[str, Any], ...] = ()
    statements: tuple[Mapping[str, Any], ...] = ()
    replans: tuple[Mapping[str, Any], ...] = ()
    calls: tuple[Mapping[str, Any], ...] = ()
    hotline: Mapping[str, Any] = field(default_factory=dict)
    tally: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """reported, active, stood_down, closed or needs_attention."""
        return str(self.incident.get("status", ""))

    @property
    def is_over(self) -> bool:
        """Whether the incident waits for nobody any more."""
        return self.status in _OVER

    @property
    def title(self) -> str:
        """The incident's title in English, or in whatever language it has."""
        return in_english(self.incident.get("title", ""))

    def as_json(self) -> dict[str, Any]:
        """The record for scripts and files."""
        return {
            "incident_id": self.id,
            "incident": dict(self.incident),
            "timeline": [dict(entry) for entry in self.timeline],
            "decisions": [dict(decision) for decision in self.decisions],
            "assignments": [dict(assignment) for assignment in self.assignments],
            "allocations": [dict(allocation) for allocation in self.allocations],
            "expenses": [dict(expense) for expense in self.expenses],
            "deadlines": [dict(deadline) for deadline in self.deadlines],
            "notifications": [dict(mail) for mail in self.notifications],
            "statements": [dict(statement) for statement in self.statements],
            "replans": [dict(replan) for replan in self.replans],
            "calls": [dict(count) for count in self.calls],
            "hotline": dict(self.hotline) or None,
            "tally": dict(self.tally) or None,
        }


def in_english(text: Any) -> str:
    """A text of the plan (one sentence per locale) in English, or in its first locale; plain text as it is."""
    if isinstance(text, Mapping):
        return str(text.get("en") or next(iter(text.values()), ""))
    return str(text)


class RecordsReader:
    """Reads incidents and signals."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def incident_ids(self) -> tuple[str, ...]:
        """All incidents, newest first."""
        items = self._items("INCIDENTS")
        found = [str(item.get("incident_id") or str(item["sk"]).partition("#")[2]) for item in items]
        return tuple(reversed(found))

    def incidents(self) -> tuple[IncidentRecord, ...]:
        """All incidents with everything on record of them, newest first."""
        found = (self.incident(incident_id) for incident_id in self.incident_ids())
        return tuple(record for record in found if record is not None)

    def incident(self, incident_id: str) -> IncidentRecord | None:
        """One incident, or None."""
        items = list(self._items(f"INCIDENT#{incident_id}"))
        head = next((item for item in items if item["sk"] == "INCIDENT"), None)
        if head is None:
            return None

        def of(prefix: str) -> tuple[Mapping[str, Any], ...]:
            return tuple(_plain(item) for item in items if str(item["sk"]).startswith(prefix))

        tally = next((item for item in items if item["sk"] == "TALLY"), None)
        hotline = next((item for item in items if item["sk"] == "HOTLINE"), None)
        return IncidentRecord(
            id=incident_id,
            incident=_plain(head),
            timeline=_in_order(of("TIMELINE#")),
            decisions=tuple(sorted(of("DECISION#"), key=lambda item: str(item.get("opened_at", "")))),
            assignments=of("ASSIGNMENT#"),
            allocations=of("ALLOCATION#"),
            expenses=_in_order(of("EXPENSE#")),
            deadlines=of("DEADLINE#"),
            notifications=_in_order(of("MAIL#")),
            statements=_in_order(of("STATEMENT#"), "published_at"),
            replans=_in_order(of("REPLAN#"), "proposed_at"),
            calls=_in_order(of("CALLS#")),
            hotline=_plain(hotline) if hotline else {},
            tally=_plain(tally) if tally else {},
        )

    def decision(self, incident_id: str, decision_id: str) -> Mapping[str, Any]:
        """One decision; empty where there is none."""
        key = {"pk": f"INCIDENT#{incident_id}", "sk": f"DECISION#{decision_id}"}
        item = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
        return _plain(item) if item else {}

    def signal(self, event_id: str) -> Mapping[str, Any] | None:
        """What became of an event (`disposition`, `incident_id`, `reason`), or None while nobody has handled it."""
        key = {"pk": f"SIGNAL#{event_id}", "sk": "SIGNAL"}
        item = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
        return _plain(item) if item else None

    def signals(self) -> Mapping[str, Mapping[str, Any]]:
        """What became of every event, as `signal` tells it, by the event's id."""
        kinds = {"FilterExpression": Attr("sk").eq("SIGNAL"), "ConsistentRead": True}
        return {str(item["pk"]).partition("#")[2]: _plain(item) for item in _pages(self._table.scan, kinds)}

    def _items(self, partition: str) -> Iterator[Mapping[str, Any]]:
        yield from _pages(
            self._table.query, {"KeyConditionExpression": Key("pk").eq(partition), "ConsistentRead": True}
        )


def _pages(read: Callable[..., Any], about: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    start: dict[str, Any] = {}
    while True:
        answer = read(**about, **start)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _in_order(entries: Iterable[Mapping[str, Any]], by: str = "at") -> tuple[Mapping[str, Any], ...]:
    return tuple(sorted(entries, key=lambda entry: (str(entry.get(by, "")), str(entry.get("key", "")))))


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = _without_decimals({key: value for key, value in item.items() if key not in _HIDDEN})
    clean: dict[str, Any] = redact(values)
    return clean


def _without_decimals(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {key: _without_decimals(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_without_decimals(item) for item in value]
    return value
