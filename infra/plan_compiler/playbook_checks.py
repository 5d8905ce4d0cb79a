"""What a plan says about its teams' work: who is called, whose each task is, and which tasks wait for which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from emergency.domain.assignment import MOST_TASKS
from emergency.domain.plan import DEFAULT_PLAYBOOK
from emergency.domain.terms import Role, Team
from infra.plan_compiler.circles import begun_at, circles, told
from infra.plan_compiler.findings import Finding, choice, shown
from infra.plan_compiler.people_checks import holders
from infra.plan_compiler.resource_checks import check_loans
from infra.plan_compiler.shape import PLAYBOOKS, seconds
from infra.plan_compiler.source import Node, repeated, same_id

Files = Mapping[str, Node]

_PARTS = ("tasks", "clean_up")
BACK = "back-"
"""What stands before the id of a task where it is switched back."""


def task_name(team: str, name: str) -> str:
    """A task as `after` names it, with its team: one without is of the same team."""
    return name if "/" in name else f"{team}/{name}"


def check_playbooks(files: Files) -> Iterator[Finding]:
    """Every finding about the playbooks, each together with the default one, which stands in for it."""
    default = files.get(PLAYBOOKS[DEFAULT_PLAYBOOK])
    for name, file in PLAYBOOKS.items():
        if file not in files:
            continue
        playbook = files[file]
        yield from _called(playbook)
        yield from _work(_InForce(name, playbook, default))
        yield from _owners(playbook, files.get("organisation.yaml"), files.get("contacts.yaml"))
        if "resources.yaml" in files:
            yield from check_loans(playbook.get("loans"), files["resources.yaml"].get("resources"))
    if default is not None:
        yield from _every_team(default)


@dataclass(frozen=True)
class _InForce:
    """A playbook as an incident has it: what it lacks for a team, the default one has."""

    name: str
    playbook: Node
    default: Node | None

    def part(self, part: str, team: str) -> list[Node]:
        """A team's tasks, or its checklist for clean-up."""
        own = self.playbook.get(part).get(team).items()
        return own or (self.default.get(part).get(team).items() if self.default else [])

    def by_name(self, part: str) -> dict[str, Node]:
        """The tasks of all teams, or all their checklists, by name."""
        return {
            f"{team}/{task.get('id').text()}": task
            for team in Team
            for task in self.part(part, team)
            if task.get("id").text()
        }

    def lends(self, task: Node) -> bool:
        """Whether a task comes from the default playbook into another one."""
        return task.file != self.playbook.file


def _called(playbook: Node) -> Iterator[Finding]:
    called: set[str] = set()
    for severity, teams in playbook.get("mobilise").entries().items():
        yield from repeated(teams.items())
        if isinstance(teams.value, list) and not teams.items():
            yield teams.finding(f"no team is mobilised at {shown(severity)}", "name at least one team")
        called.update(team.text() for team in teams.items())
    for loan in playbook.get("loans").items():
        team = loan.get("team")
        if team.text() in list(Team) and team.text() not in called:
            yield team.finding(
                f"lends to '{team.text()}', which this playbook never mobilises",
                "mobilise it or remove the loan",
            )


def _every_team(default: Node) -> Iterator[Finding]:
    for part in _PARTS:
        for team in Team:
            if not default.get(part).get(team).items():
                yield default.get(part).finding(
                    f"has nothing for '{team}', which can be called in any incident", f"add {part}.{team}"
                )


def _work(in_force: _InForce) -> Iterator[Finding]:
    for team in Team:
        tasks = [task for part in _PARTS for task in in_force.part(part, team)]
        tasks.sort(key=lambda task: not in_force.lends(task))
        yield from same_id(tasks)
        yield from _with_switching_back(in_force, team, tasks)
    yield from _order(in_force, "tasks", list(Team))
    for team in Team:
        yield from _order(in_force, "clean_up", [team])


def _with_switching_back(in_force: _InForce, team: Team, tasks: list[Node]) -> Iterator[Finding]:
    """At clean-up, a task to switch back comes for each that was switched: also with them a team has to see through."""
    back = {f"{BACK}{task.get('id').text()}": task for task in tasks if "switch_back" in task.entries()}
    for task in tasks:
        if task.get("id").text() in back:
            switched = back[task.get("id").text()]
            yield task.finding(
                f"the id '{shown(task.get('id').text())}' is what switching back '{shown(switched.get('id').text())}' "
                f"(line {switched.line}) is called",
                "give it another id",
            )
    if len(tasks) + len(back) > MOST_TASKS:
        last = in_force.playbook.get("tasks").get(team)
        yield last.finding(
            f"with clean-up and what is switched back, '{team}' has {len(tasks) + len(back)} tasks, "
            f"and {MOST_TASKS} is the most",
            "make fewer of them",
        )


def _order(in_force: _InForce, part: str, teams: list[Team]) -> Iterator[Finding]:
    """What waits for what among some teams' tasks."""
    tasks = {name: task for name, task in in_force.by_name(part).items() if _team_of(name) in teams}
    waits: dict[str, list[str]] = {}
    for name, task in tasks.items():
        named = {task_name(_team_of(name), other.text()): other for other in task.get("after").named()}
        for other, node in named.items():
            if other == name:
                yield node.finding("a task can't wait for itself", "remove it")
            elif other not in tasks:
                yield node.finding(*_nothing_there(in_force, part, name, node, tasks))
        waits[name] = [other for other in named if other in tasks and other != name]
        for other in waits[name]:
            yield from _due_before(task, other, tasks[other])
    for circle in circles(waits):
        from_here = begun_at(circle, lambda name: (in_force.lends(tasks[name]), tasks[name].line))
        yield (
            tasks[from_here[0]]
            .get("after")
            .finding(f"none of these could ever begin: {told(from_here)}", "take one of them out of an 'after'")
        )


def _due_before(task: Node, other: str, waited_for: Node) -> Iterator[Finding]:
    for severity, target in task.get("within").entries().items():
        theirs = waited_for.get("within").get(severity)
        if 0 < (seconds(target.text().strip()) or 0) < (seconds(theirs.text().strip()) or 0):
            yield target.finding(
                f"is due before '{other}' ({theirs.text()}), for which it waits", f"write {theirs.text()} or longer"
            )


def _nothing_there(in_force: _InForce, part: str, name: str, after: Node, tasks: Mapping[str, Node]) -> tuple[str, str]:
    team = _team_of(name)
    asked = shown(after.text())
    if in_force.lends(tasks[name]):
        return (
            f"'{asked}' is not there when these tasks stand in for those of '{team}' in {in_force.playbook.file}",
            f"name a task of '{team}', or leave it out",
        )
    near = [other.removeprefix(f"{team}/") for other in tasks]
    if part == "clean_up":
        if _team_of(task_name(team, after.text())) != team:
            return (
                f"'{asked}' is of another team, and clean-up waits for a team's own checklist alone",
                f"name an entry of clean_up.{team}, or leave it out",
            )
        return f"clean_up.{team} has no entry '{asked}'", choice(after.text(), near)
    return f"there is no task '{asked}'", choice(after.text(), near)


def _team_of(name: str) -> str:
    return name.partition("/")[0]


def _owners(playbook: Node, organisation: Node | None, contacts_file: Node | None) -> Iterator[Finding]:
    for part in _PARTS:
        for team, tasks in playbook.get(part).entries().items():
            for task in tasks.items():
                owner = task.get("owner")
                if owner.text() not in list(Role):
                    yield from _known_owner(owner, contacts_file)
                elif organisation is not None:
                    yield from _held(owner, team, organisation)


def _known_owner(owner: Node, contacts_file: Node | None) -> Iterator[Finding]:
    known = contacts_file.get("contacts").entries() if contacts_file is not None else {}
    if owner.text() and contacts_file is not None and owner.text() not in known:
        names = [*(role for role in Role if role not in {Role.OWNER, Role.CARRIER}), *known]
        yield owner.finding(f"'{shown(owner.text())}' is neither a role nor a contact", choice(owner.text(), names))


def _held(owner: Node, team: str, organisation: Node) -> Iterator[Finding]:
    role = owner.text()
    if role == Role.OWNER:
        yield owner.finding("'owner' stands for whoever is named here", "write another role, or a contact's id")
    elif not holders([role], organisation, organisation.get("teams").get(team)):
        yield owner.finding(
            f"nobody holds the role {role} for the team '{shown(team)}'",
            "name a contact for it in organisation.yaml, or write another owner",
        )
