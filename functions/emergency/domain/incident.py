"""The incident: what signals with one cause open, one record and one execution (P6.1, P6.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from emergency.domain.assessment import Reason
from emergency.domain.plan import Plan, Text
from emergency.domain.terms import Outcome, Risk, Severity, Team


class IncidentStatus(StrEnum):
    """Where the incident stands."""

    REPORTED = "reported"
    ACTIVE = "active"
    STOOD_DOWN = "stood_down"
    CLOSED = "closed"
    NEEDS_ATTENTION = "needs_attention"
    PLANNED = "planned"
    """No incident: maintenance that was asked for, approved or not, until it is over."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to the incident."""
        return self in {IncidentStatus.STOOD_DOWN, IncidentStatus.CLOSED}


@dataclass(frozen=True, kw_only=True)
class Orders:
    """The leadership group's answer in step 2. `by` is a contact id, or empty where the plan decided.

    `budget` is what the teams get of the emergency funds, in cents; missing where the playbook's share stands.
    """

    decision_id: str
    outcome: Outcome
    severity: Severity
    teams: tuple[Team, ...]
    task_force: tuple[str, ...]
    by: str
    at: datetime
    comment: str = ""
    budget: int | None = None


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One incident's record.

    The report of P6.1 stands in `detected_at` (time), `place`, `title` and `risk` (nature) and `first_impact`.
    `computed_severity` is the matrix's word and never changes; `severity` is what people made of it.
    """

    id: str
    status: IncidentStatus
    cause: str
    rule: str
    risk: Risk
    component: str
    title: Text
    place: Text
    first_impact: Text
    signal_name: str
    signal_reason: str
    began_at: datetime
    detected_at: datetime
    reported_at: datetime
    likelihood: int
    impact: int
    computed_severity: Severity
    severity: Severity
    teams: tuple[Team, ...] = ()
    orders: Orders | None = None
    signals: int = 1
    cleared_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    returning_at: datetime | None = None
    """When what is on loan began to be taken back: nothing is lent any more."""
    handled_at: datetime | None = None
    """When the response was over and clean-up began."""
    report_round: int = 0
    named_playbook: str = ""
    reasons: tuple[Reason, ...] = ()
    """What the computed severity rests on; empty in records from before the reasons were kept (R24)."""
    reporter: str = ""
    """The contact who reported it; empty where it was an alarm, or somebody whose name isn't known."""
    former: str = ""
    """The incident that the same cause had before, where it came back within the plan's time."""
    execution_name: str = ""
    """The execution's name where it had begun before the incident was opened and isn't called by its id."""
    version: int = 0

    @property
    def playbook(self) -> str:
        """The playbook that is followed: the one that the rule named, or the risk's own."""
        return self.named_playbook or self.risk

    @property
    def execution(self) -> str:
        """The name of the `emergency_response` execution: the incident's id, unless it had begun before."""
        return self.execution_name or self.id


def proposed(incident: Incident, plan: Plan) -> Incident:
    """The incident with the teams that the playbook proposes at its severity (P5)."""
    mobilise = plan.playbook(incident.playbook).mobilise
    return replace(incident, teams=mobilise.get(incident.severity, tuple(Team)))


def ordered(incident: Incident, orders: Orders) -> Incident:
    """The incident after the orders: active with the ordered severity and teams, or stood down (P6.2)."""
    if orders.outcome is Outcome.ACTIVATE:
        return replace(
            incident,
            status=IncidentStatus.ACTIVE,
            severity=orders.severity,
            teams=orders.teams,
            orders=orders,
        )
    return replace(incident, status=IncidentStatus.STOOD_DOWN, teams=(), orders=orders, closed_at=orders.at)


def can_be_raised(incident: Incident, severity: Severity) -> bool:
    """Whether the response runs at a lower severity: before orders they decide, and clean-up responds to nothing."""
    is_responding = incident.status is IncidentStatus.ACTIVE and incident.handled_at is None
    return is_responding and severity < incident.severity


def further_teams(incident: Incident, plan: Plan) -> tuple[Team, ...]:
    """The teams that the playbook proposes at the present severity and that weren't called."""
    proposal = proposed(incident, plan).teams
    return tuple(team for team in proposal if team not in incident.teams)


def anonymous(incident: Incident) -> Incident:
    """The incident without what tells what happened, where, and what was ordered. Whether it is over remains."""
    nothing = dict.fromkeys((*incident.title, *incident.place, *incident.first_impact), "")
    return replace(
        incident,
        cause="",
        rule="",
        component="",
        title=nothing,
        place=nothing,
        first_impact=nothing,
        signal_name="",
        signal_reason="",
        reasons=(),
        teams=(),
        orders=None,
    )


def task_force(plan: Plan, teams: Iterable[Team], chosen: Iterable[str] = ()) -> tuple[str, ...]:
    """The task force (專項小組) that the orders set up: the mobilised teams' leads and who was chosen beside them."""
    leads = [plan.teams[team].lead for team in teams]
    return tuple(dict.fromkeys([*leads, *(contact for contact in chosen if contact in plan.contacts)]))
