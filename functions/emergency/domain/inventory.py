"""What an incident has on loan: resources of P7 and a telephone number for the hotline (P6.3, P6.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from emergency.domain.terms import Team


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """So many units of a resource, lent to a team (whole cents for funds). `quantity` may be less than `wanted`."""

    incident_id: str
    resource: str
    team: Team
    wanted: int
    quantity: int
    lent_at: datetime
    returned_at: datetime | None = None

    @property
    def id(self) -> str:
        """The allocation's id within its incident."""
        return f"{self.resource}#{self.team}"


@dataclass(frozen=True, kw_only=True)
class OpenHotline:
    """The hotline of one incident; `closed_at` is set when the number goes back to the pool."""

    incident_id: str
    hotline: str
    number: str
    opened_at: datetime
    closed_at: datetime | None = None
