"""What a plan says about its clocks: who is prompted when, and which authorities must be told by when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from emergency.domain.plan import Begins, NoticeStatus
from emergency.domain.terms import Role, Severity, Team
from infra.plan_compiler.circles import begun_at, circles, told
from infra.plan_compiler.findings import Finding, choice, shown
from infra.plan_compiler.people_checks import TEAM_ROLES, holders
from infra.plan_compiler.shape import DEADLINES, PLAYBOOKS, YEAR, percent, seconds
from infra.plan_compiler.source import Node, lacking, repeated

Files = Mapping[str, Node]

_UPDATING = Team.PUBLIC_RELATIONS
"""The team that tells the public."""

_ALL = 100
_DAY = 86_400


def notices(files: Files) -> dict[str, Node]:
    """The notices of a plan; none where it has no clocks."""
    return files[DEADLINES].get("notices").entries() if DEADLINES in files else {}


def check_deadlines(files: Files) -> Iterator[Finding]:
    """Every finding about the plan's clocks."""
    if DEADLINES not in files:
        return
    deadlines, organisation = files[DEADLINES], files.get("organisation.yaml")
    updates = deadlines.get("updates")
    for prompts in (deadlines.get("tasks"), updates.get("prompts")):
        yield from _rising(prompts)
        yield from _prompted(prompts, organisation, of_tasks=prompts.place == "tasks")
    yield from _missed_too_early(updates.get("prompts"))
    for name in ("first", "every"):
        yield from lacking(updates.get(name), Severity)
    yield from _too_late(files)
    yield from _notices(notices(files))
    if notices(files) and organisation is not None and not organisation.get("leadership").get("legal").text():
        yield (
            organisation.get("leadership")
            .get("legal")
            .finding(
                f"is missing, so nobody would say which notices of {DEADLINES} apply",
                "add 'legal:' with the contact id of somebody in the leadership group",
            )
        )


def _rising(prompts: Node) -> Iterator[Finding]:
    for earlier, later in pairwise(prompts.items()):
        before, after = (percent(prompt.get("at").text().strip()) for prompt in (earlier, later))
        if before is not None and after is not None and after <= before:
            yield later.get("at").finding(f"{after}% comes after {before}%", "write the earliest prompt first")


def _missed_too_early(prompts: Node) -> Iterator[Finding]:
    """An update counts as missed with the last prompt about it."""
    latest = percent(prompts.items()[-1].get("at").text().strip()) if prompts.items() else None
    if latest is not None and latest < _ALL:
        yield (
            prompts.items()[-1]
            .get("at")
            .finding(
                f"is the last prompt, so an update would count as missed at {latest}% of its time",
                f"add one at {_ALL}% or later",
            )
        )


def _prompted(prompts: Node, organisation: Node | None, *, of_tasks: bool) -> Iterator[Finding]:
    for prompt in prompts.items():
        roles = [role.text() for role in prompt.get("to").items()]
        yield from repeated(prompt.get("to").items())
        if Role.CARRIER in roles:
            carrier = prompt.get("to").items()[roles.index(Role.CARRIER)]
            yield carrier.finding("a carrier is asked about its parcels alone", "write another role, like team_lead")
        elif Role.OWNER in roles and not of_tasks:
            owner = prompt.get("to").items()[roles.index(Role.OWNER)]
            yield owner.finding("an update has no owner, as tasks have", "write another role, like team_lead")
        elif organisation is not None and Role.OWNER not in roles and any(role in list(Role) for role in roles):
            yield from _somebody(prompt.get("to"), roles, organisation, list(Team) if of_tasks else [_UPDATING])


def _somebody(to: Node, roles: list[str], organisation: Node, of: list[Team]) -> Iterator[Finding]:
    teams = organisation.get("teams").entries() if any(role in TEAM_ROLES for role in roles) else {"": None}
    for name, team in teams.items():
        if name and name not in of:
            continue
        if not holders(roles, organisation, team):
            within = f"in the team '{shown(name)}' " if name else ""
            yield to.finding(
                f"nobody {within}holds the role {' or '.join(roles)}",
                "name a contact for it in organisation.yaml, or add another role",
            )


def _too_late(files: Files) -> Iterator[Finding]:
    """A clock runs until its last prompt, and no execution runs for longer than a year."""
    deadlines = files[DEADLINES]
    updates = deadlines.get("updates")
    times = [time for name in ("first", "every") for time in updates.get(name).entries().values()]
    yield from _over_a_year(updates.get("prompts"), times)
    tasks = [
        task
        for file in PLAYBOOKS.values()
        for part in ("tasks", "clean_up")
        if file in files
        for listed in files[file].get(part).entries().values()
        for task in listed.items()
    ]
    yield from _over_a_year(
        deadlines.get("tasks"), [time for task in tasks for time in task.get("within").entries().values()]
    )


def _over_a_year(prompts: Node, times: list[Node]) -> Iterator[Finding]:
    latest = max((percent(prompt.get("at").text().strip()) or 0 for prompt in prompts.items()), default=0)
    for time in times:
        length = seconds(time.text().strip()) or 0
        if length <= YEAR < length * latest // 100:
            yield time.finding(
                f"its last prompt, at {latest}%, comes after {length * latest // 100 // _DAY} days, "
                "and an execution runs for 365 at most",
                f"write a shorter time, or earlier prompts in {DEADLINES}",
            )


def _notices(named: Mapping[str, Node]) -> Iterator[Finding]:
    begins = {name: notice.get("begins") for name, notice in named.items()}
    for name, notice in named.items():
        yield from repeated([*notice.get("risks").items(), *notice.get("severities").items()])
        if name in list(Begins):
            yield notice.finding(f"'{name}' says already when a clock begins", "give the notice another id")
        elif begins[name].text() in named:
            yield from _begun_everywhere(notice, begins[name], named[begins[name].text()])
        elif begins[name].text() and begins[name].text() not in list(Begins):
            yield begins[name].finding(
                f"there is no notice '{shown(begins[name].text())}'",
                choice(begins[name].text(), [*Begins, *(other for other in named if other != name)]),
            )
    waits = {name: [after.text()] if after.text() in named else [] for name, after in begins.items()}
    for circle in circles(waits):
        from_here = begun_at(circle, lambda name: (False, named[name].line))
        yield begins[from_here[0]].finding(
            f"none of these clocks could ever begin: {told(from_here)}",
            f"let one of them begin with {' or '.join(Begins)}",
        )


def _begun_everywhere(notice: Node, begins: Node, earlier: Node) -> Iterator[Finding]:
    """A clock that begins with another notice never does in an incident which that one doesn't concern."""
    if notice.get("status").text() == NoticeStatus.IN_FORCE and earlier.get("status").text() == NoticeStatus.DRAFT:
        yield begins.finding(
            f"'{shown(begins.text())}' is a draft, so this clock would wait for what nobody has to send",
            f"begin with {' or '.join(Begins)}, or with a notice that is in force",
        )
    for key, every in (("risks", []), ("severities", list(Severity))):
        first, later = ([one.text() for one in each.get(key).items()] or every for each in (earlier, notice))
        without = [name for name in later if first and name not in first]
        if without:
            yield begins.finding(
                f"'{shown(begins.text())}' doesn't concern {' and '.join(without)}, so there this clock never begins",
                f"write the same '{key}' for both",
            )
