"""What teams do in the believable incident of `telling`: tasks with owners, loans, clocks, and the mails about them."""

from __future__ import annotations

from dataclasses import replace

from emergency.domain.assignment import AssignedTask
from emergency.domain.inventory import Allocation
from emergency.domain.notification import DueTask, Notification, NotificationKind
from emergency.domain.plan import Contact, Locale, Plan
from emergency.domain.terms import AutomaticStep, Team
from tests.support.telling import LINK, active_incident, minutes, the_assignment

TEAM = Team.CUSTOMER_SERVICE


def the_tasks(plan: Plan, team: Team = TEAM) -> tuple[AssignedTask, ...]:
    """A team's tasks: the first its deputy's, the second its lead's, the third without a target, one of the system's."""
    people = plan.teams[team]
    first, second, third = the_assignment(plan, team).tasks
    of_system = {
        "en": "Lend what the playbook sets aside.",
        "zh-Hant": "撥用預案所列物資。",
        "zh-Hans": "调拨预案所列物资。",
    }
    return (
        replace(first, owner=people.deputies[0], began_at=minutes(17)),
        replace(second, owner=people.lead, began_at=minutes(17)),
        replace(third, owner=people.members[0], began_at=minutes(17)),
        AssignedTask(id="lend", text=of_system, owner=people.lead, automatic=AutomaticStep.LEND_RESOURCES),
    )


def the_notification(
    plan: Plan, kind: NotificationKind, locale: Locale = "en", contact: str = "", **changes: object
) -> Notification:
    """A mail of that kind as the workflow would have it sent."""
    people = plan.teams[TEAM]
    tasks = tuple(DueTask(team=TEAM, task=task) for task in the_tasks(plan))
    other = DueTask(team=Team.TECHNICAL_SUPPORT, task=the_tasks(plan, Team.TECHNICAL_SUPPORT)[1])
    incident = active_incident(plan)
    assert incident.orders is not None
    told: dict[NotificationKind, tuple[str, dict[str, object]]] = {
        NotificationKind.TASK_FORCE: (people.lead, {"people": (*incident.orders.task_force, "head-of-legal")}),
        NotificationKind.TEAM_CALLED: (people.deputies[0], {"team": TEAM, "tasks": tasks, "link_url": LINK}),
        NotificationKind.TASK_YOURS: (
            people.members[0],
            {"team": TEAM, "tasks": tasks[2:3], "people": (people.lead,), "link_url": LINK},
        ),
        NotificationKind.TASKS_DUE: (people.lead, {"about": "2", "tasks": (tasks[1], other)}),
        NotificationKind.TASKS_LATE: (plan.leadership.deputy_heads[1], {"about": "3", "tasks": (tasks[0], other)}),
        NotificationKind.UPDATE_DUE: (
            plan.teams[Team.PUBLIC_RELATIONS].lead,
            {"team": Team.PUBLIC_RELATIONS, "due_at": minutes(77), "about": "0"},
        ),
        NotificationKind.UPDATE_LATE: (
            plan.leadership.head,
            {"team": Team.PUBLIC_RELATIONS, "due_at": minutes(77), "about": "0-150"},
        ),
        NotificationKind.SHORTAGE: (plan.leadership.deputy_heads[0], {"allocations": the_shortages(plan)}),
        NotificationKind.RESERVE_CALLED: ("standby-agent-1", {"team": TEAM}),
    }
    to, fields = told[kind]
    to = contact or to
    reader = plan.contacts[to] if to in plan.contacts else a_reservist(to)
    return Notification(
        kind=kind,
        incident=incident,
        to=replace(reader, locale=locale),
        **{**fields, **changes},  # type: ignore[arg-type]
    )


def a_reservist(id_: str) -> Contact:
    """Somebody of the reserve list as they are written to: they hold no office."""
    name = {"en": "Lai Pin-yu", "zh-Hant": "賴品妤", "zh-Hans": "赖品妤"}
    return Contact(
        id=id_, name=name, title={}, email="reserve@banyan-market.example", phone="+886 2 0000 0221", locale="zh-Hant"
    )


def the_shortages(plan: Plan) -> tuple[Allocation, ...]:
    """Two loans that found less in stock than was wanted, one of a single unit."""
    incident = active_incident(plan)

    def short(resource: str, team: Team, wanted: int, quantity: int) -> Allocation:
        return Allocation(
            incident_id=incident.id,
            resource=resource,
            team=team,
            wanted=wanted,
            quantity=quantity,
            lent_at=minutes(17.5),
        )

    return (
        short("standby-agents", Team.CUSTOMER_SERVICE, 50, 40),
        short("forensic-kits", Team.TECHNICAL_SUPPORT, 2, 1),
    )
