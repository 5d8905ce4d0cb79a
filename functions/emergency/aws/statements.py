"""What was published, in DynamoDB: `STATEMENT#<id>` beside its incident, and all of them under `STATUS`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from emergency.aws.codec import from_item, to_item
from emergency.aws.table import RecordsTable, incident_key
from emergency.domain.deadline import Deadline
from emergency.domain.statement import SHOWN_FOR, Statement
from emergency.domain.timeline import TimelineEntry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef as Write

_STATUS = "STATUS"

KEPT_FOR = SHOWN_FOR + timedelta(days=30)
"""How long the history keeps a statement; the incident's own record keeps it for good."""


@dataclass(frozen=True)
class DynamoStatements:
    """Published statements."""

    table: RecordsTable

    def publish(self, statement: Statement, entries: Sequence[TimelineEntry], deadline: Deadline | None = None) -> None:
        """See the port."""
        key, kept_until = incident_key(statement.incident_id), int((statement.published_at + KEPT_FOR).timestamp())
        listed = f"{statement.incident_id}#{statement.id}"
        self.table.write(
            [
                self.table.put_new(to_item(statement, key, f"STATEMENT#{statement.id}")),
                self.table.put_new(to_item(statement, _STATUS, listed, expires_at=kept_until)),
                *(self.table.entry(statement.incident_id, entry) for entry in entries),
                *([self._moved(deadline)] if deadline else []),
            ]
        )

    def _moved(self, deadline: Deadline) -> Write:
        new = replace(deadline, version=deadline.version + 1)
        item = to_item(new, incident_key(new.incident_id), f"DEADLINE#{new.id}")
        return self.table.put_at(item, deadline.version)

    def history(self) -> tuple[Statement, ...]:
        """See the port."""
        return by_time(from_item(item, Statement) for item in self.table.query(_STATUS))


def by_time(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """The statements, oldest first."""
    return tuple(sorted(statements, key=lambda one: (one.published_at, one.id)))
