"""Standing links in DynamoDB: `STANDING#<contact>` holds a contact's, `STANDING-LINK#<digest>` leads to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from emergency.aws.codec import from_item, to_attributes, to_item
from emergency.aws.table import RecordsTable
from emergency.domain.errors import UnknownLink
from emergency.domain.standing import StandingLink

_STANDING = "STANDING"


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
