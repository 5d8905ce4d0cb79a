"""Standing links in DynamoDB: `STANDING#<contact>` holds a contact's, `STANDING-LINK#<digest>` leads to it.

Beside them stands how many reports the open page has taken in an hour.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from emergency.aws.codec import from_item, to_attributes, to_item
from emergency.aws.table import ConditionFailed, RecordsTable
from emergency.domain.errors import UnknownLink
from emergency.domain.standing import StandingLink

_STANDING, _COUNT = "STANDING", "COUNT"
_COUNTED_FOR = timedelta(hours=2)
_ATTEMPTS = 8


@dataclass(frozen=True)
class DynamoStandingLinks:
    """See the port StandingLinks."""

    table: RecordsTable

    def get(self, contact: str) -> StandingLink | None:
        """See the port."""
        item = self.table.get(f"{_STANDING}#{contact}", _STANDING)
        return from_item(item, StandingLink) if item else None

    def of_link(self, digest: str) -> StandingLink:
        """See the port."""
        item = self.table.get(f"{_STANDING}-LINK#{digest}", _STANDING)
        link = self.get(item["contact"]["S"]) if item else None
        if link is None or digest not in link.digests:
            raise UnknownLink
        return link

    def save(self, link: StandingLink) -> StandingLink:
        """See the port. What leads to a link that is no longer valid stays, and leads nowhere."""
        saved = replace(link, version=link.version + 1)
        ways = [
            self.table.put(
                to_attributes({"pk": f"{_STANDING}-LINK#{digest}", "sk": _STANDING, "contact": saved.contact})
            )
            for digest in saved.digests
        ]
        item = to_item(saved, f"{_STANDING}#{saved.contact}", _STANDING)
        self.table.write([self.table.put_next(item, link.version), *ways])
        return saved


@dataclass(frozen=True)
class DynamoOpenReports:
    """See the port OpenReports: one count an hour, `OPEN-REPORTS#<hour>`, and each report's place in it."""

    table: RecordsTable

    def take(self, report: str, now: datetime, most: int) -> bool:
        """See the port."""
        hour, counted = f"OPEN-REPORTS#{now:%Y-%m-%dT%H}", f"REPORT#{report}"
        ends = int((now + _COUNTED_FOR).timestamp())
        once = {"pk": hour, "sk": counted, "expires_at": ends}
        values: dict[str, object] = {":one": 1, ":most": most, ":ends": ends}
        expression = "ADD reports :one SET expires_at = :ends"
        room = "attribute_not_exists(pk) OR reports < :most"
        for _ in range(_ATTEMPTS):
            if self.table.get(hour, counted):
                return True
            counts = self.table.get(hour, _COUNT)
            if counts is not None and int(counts["reports"]["N"]) >= most:
                return False
            with suppress(ConditionFailed):
                self.table.write(
                    [
                        self.table.put_new(to_attributes(once)),
                        self.table.update(hour, _COUNT, expression, room, values),
                    ]
                )
                return True
        return False
