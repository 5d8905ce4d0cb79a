"""What the values of a plan mean together: references, ladders, timers, the matrix, rules and stock.

The checks read the raw trees, so that they say all they can even where another value has the wrong shape.
"""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise

from emergency.domain.terms import DecisionKind, Risk, Role, Severity, Team
from infra.plan_compiler.findings import Finding, choice, shown
from infra.plan_compiler.shape import PLAYBOOKS, YEAR, seconds
from infra.plan_compiler.source import Node

Files = Mapping[str, Node]
Globs = dict[str, str]

_TEAM_ROLES = {Role.TEAM_LEAD: "lead", Role.TEAM_DEPUTIES: "deputies"}
_GROUP_ROLES = {Role.HEAD: "head", Role.DEPUTY_HEADS: "deputy_heads", Role.MEMBERS: "members"}
_MATCH_FIELDS = ("source", "detail_type", "namespace", "metric", "name")
_DAY = 86_400
_SIDE = 5
_MAX_COMBINATIONS = 200


def check(files: Files) -> Iterator[Finding]:
    """Every finding about a plan's values together. `files` holds the trees that could be read, by file name."""
    if "organisation.yaml" in files:
        yield from _company(files["organisation.yaml"].get("company"))
    if "organisation.yaml" in files and "contacts.yaml" in files:
        yield from _people(files["organisation.yaml"], files["contacts.yaml"].get("contacts"))
    yield from _complete(files)
    if "risks.yaml" in files:
        yield from _matrix(files["risks.yaml"].get("matrix"))
    if "severities.yaml" in files:
        yield from _waits(files["severities.yaml"].get("severities"), files.get("decisions.yaml"))
    if "decisions.yaml" in files and "organisation.yaml" in files:
        yield from _ladders(files["decisions.yaml"].get("ladders"), files["organisation.yaml"])
    if "classification.yaml" in files:
        yield from _rules(files["classification.yaml"].get("rules"))
    for file in PLAYBOOKS.values():
        if file in files:
            yield from _playbook(files[file], files.get("resources.yaml"))
    yield from _twice_in_lists(files)


def _company(company: Node) -> Iterator[Finding]:
    locales = [item.text() for item in company.get("locales").items()]
    locale = company.get("locale")
    if locale.text() and locale.text() not in locales:
        yield locale.finding(
            f"'{shown(locale.text())}' is not among the plan's locales", choice(locale.text(), locales)
        )
    yield from _repeated(company.get("locales").items())


def _people(organisation: Node, contacts: Node) -> Iterator[Finding]:
    known = tuple(contacts.entries())
    group = organisation.get("leadership")
    teams = organisation.get("teams").entries().values()
    for named in (*_persons(group, "head", "deputy_heads", "members"), *_in_teams(teams)):
        yield from _known_contact(named, known)
    yield from _repeated(_persons(group, "head", "deputy_heads", "members"))
    for team in teams:
        yield from _repeated(_persons(team, "lead", "deputies", "members"))
    locales = [item.text() for item in organisation.get("company").get("locales").items()]
    for contact in contacts.entries().values():
        locale = contact.get("locale")
        if locale.text() and locales and locale.text() not in locales:
            yield locale.finding(f"the plan has no words in '{shown(locale.text())}'", choice(locale.text(), locales))


def _in_teams(teams: Iterable[Node]) -> Iterator[Node]:
    for team in teams:
        yield from _persons(team, "lead", "deputies", "members")


def _persons(holder: Node, *roles: str) -> tuple[Node, ...]:
    """The nodes that name people, in the order of the roles."""
    persons: list[Node] = []
    for role in roles:
        node = holder.get(role)
        persons.extend(node.items() or ([node] if node.text() else []))
    return tuple(persons)


def _known_contact(named: Node, known: tuple[str, ...]) -> Iterator[Finding]:
    if named.text() and named.text() not in known:
        yield named.finding(
            f"no contact has the id '{shown(named.text())}'",
            choice(named.text(), known, otherwise="add the contact to contacts.yaml"),
        )


def _repeated(nodes: Iterable[Node]) -> Iterator[Finding]:
    first: dict[str, Node] = {}
    for node in nodes:
        name = node.text()
        if name and name in first:
            yield node.finding(
                f"'{shown(name)}' stands here a second time (first as {first[name].place}, line {first[name].line})",
                "name each one once",
            )
        elif name:
            first[name] = node


def _complete(files: Files) -> Iterator[Finding]:
    wanted: tuple[tuple[str, str, type[StrEnum]], ...] = (
        ("organisation.yaml", "teams", Team),
        ("risks.yaml", "risks", Risk),
        ("severities.yaml", "severities", Severity),
        ("decisions.yaml", "ladders", DecisionKind),
        *((file, "mobilise", Severity) for file in PLAYBOOKS.values()),
    )
    for file, key, names in wanted:
        if file in files and isinstance(files[file].get(key).value, dict):
            yield from _lacking(files[file].get(key), names)


def _lacking(node: Node, names: type[StrEnum]) -> Iterator[Finding]:
    for name in names:
        if name not in node.entries():
            yield node.finding(f"'{name}' is missing", f"add '{name}:'")


def _matrix(matrix: Node) -> Iterator[Finding]:
    rows = matrix.items()
    if isinstance(matrix.value, list) and len(rows) != _SIDE:
        yield matrix.finding(f"has {len(rows)} rows", "write 5 rows of 5 severities, likelihood 1 first")
    for row in rows:
        if len(row.items()) != _SIDE:
            yield row.finding(f"has {len(row.items())} entries", "write 5 severities, impact 1 first")
    for likelihood, row in enumerate(rows, start=1):
        for impact, (lower, higher) in enumerate(pairwise(row.items()), start=1):
            yield from _milder(row, lower, higher, f"impact {impact + 1}", f"impact {impact}")
        above = rows[likelihood - 2].items() if likelihood > 1 else []
        for impact, (lower, higher) in enumerate(zip(above, row.items(), strict=False), start=1):
            where = f"likelihood {likelihood}", f"likelihood {likelihood - 1}"
            yield from _milder(row, lower, higher, f"{where[0]} at impact {impact}", where[1])


def _milder(row: Node, lower: Node, higher: Node, cell: str, other: str) -> Iterator[Finding]:
    """A higher likelihood or impact may never give a milder severity."""
    order = [str(severity) for severity in Severity]
    if lower.text() in order and higher.text() in order and order.index(higher.text()) > order.index(lower.text()):
        yield row.finding(
            f"{cell} is milder ({higher.text()}) than {other} ({lower.text()})",
            f"write {lower.text()} or graver for {cell}",
        )


def _waits(severities: Node, decisions: Node | None) -> Iterator[Finding]:
    for severity in severities.entries().values():
        wait = severity.get("wait")
        for kind in DecisionKind:
            if isinstance(wait.value, dict) and kind not in wait.entries():
                yield wait.finding(f"no time is set for '{kind}'", f"add '{kind}:' with a duration, like 30m")
        times = {kind: seconds(wait.get(kind).text().strip()) or 0 for kind in DecisionKind}
        if 0 < times[DecisionKind.COMPLETE] < times[DecisionKind.ACKNOWLEDGE]:
            yield wait.get(DecisionKind.COMPLETE).finding(
                "is shorter than 'acknowledge': tasks can't be complete before they are taken on",
                f"write {wait.get(DecisionKind.ACKNOWLEDGE).text()} or longer",
            )
        if decisions is not None:
            yield from _whole_run(wait, times, decisions)


def _whole_run(wait: Node, times: Mapping[DecisionKind, int], decisions: Node) -> Iterator[Finding]:
    """An incident in which nobody ever answers must still end within the year that an execution can run."""
    rungs = {kind: len(decisions.get("ladders").get(kind).items()) for kind in DecisionKind}
    rounds = decisions.get("review_rounds").number() or 0
    repeats = {kind: rungs[kind] * (rounds + 1 if kind is DecisionKind.REVIEW else 1) for kind in DecisionKind}
    total = sum(times[kind] * repeats[kind] for kind in DecisionKind)
    if total > YEAR and max(times.values()) <= YEAR:
        yield wait.finding(
            f"all rungs of all decisions together can take {total // _DAY} days, and an execution runs for 365 at most",
            "write shorter durations",
        )


def _ladders(ladders: Node, organisation: Node) -> Iterator[Finding]:
    for name, ladder in ladders.entries().items():
        if name not in list(DecisionKind):
            continue
        if not ladder.items():
            yield ladder.finding("asks nobody", "write at least one rung, like '- [head]'")
        for_teams = DecisionKind(name) not in {DecisionKind.ORDERS, DecisionKind.REVIEW}
        for rung in ladder.items():
            if not rung.items():
                yield rung.finding("is a rung with nobody on it", "name at least one role, or remove the rung")
            elif for_teams:
                yield from _rung_of_teams(rung, organisation)
            else:
                yield from _rung_of_group(rung, organisation)


def _rung_of_group(rung: Node, organisation: Node) -> Iterator[Finding]:
    group_roles = {role: key for role, key in _GROUP_ROLES.items() if role in _roles(rung)}
    for role in rung.items():
        if role.text() in _TEAM_ROLES:
            yield role.finding(
                f"'{role.text()}' is a role within a team, but the whole leadership group decides here",
                f"write one of: {', '.join(_GROUP_ROLES)}",
            )
    holders = _persons(organisation.get("leadership"), *group_roles.values())
    if group_roles and not holders:
        yield rung.finding(
            f"nobody holds the role {' or '.join(group_roles)}",
            "name a contact for it in organisation.yaml, or remove the rung",
        )


def _rung_of_teams(rung: Node, organisation: Node) -> Iterator[Finding]:
    keys = [_TEAM_ROLES[role] for role in _TEAM_ROLES if role in _roles(rung)]
    group = [_GROUP_ROLES[role] for role in _GROUP_ROLES if role in _roles(rung)]
    if not keys and not group:
        return
    in_group = _persons(organisation.get("leadership"), *group)
    for name, team in organisation.get("teams").entries().items():
        if not in_group and not _persons(team, *keys):
            yield rung.finding(
                f"nobody in the team '{shown(name)}' holds the role {' or '.join(_roles(rung))}",
                f"name a contact in teams.{shown(name)} of organisation.yaml, or remove the rung",
            )


def _roles(rung: Node) -> list[str]:
    return [role.text() for role in rung.items() if role.text()]


def _rules(rules: Node) -> Iterator[Finding]:
    earlier: list[tuple[Node, Globs]] = []
    items = rules.items()
    for number, rule in enumerate(items, start=1):
        matches = [(match, expand(match.plain())) for match in rule.get("match").items()]
        for match, alternatives in matches:
            yield from _match(match, alternatives, earlier)
        earlier.extend((rule, globs) for _, alternatives in matches for globs in alternatives)
        if any(_catches_all(globs) for _, alternatives in matches for globs in alternatives):
            if number < len(items):
                after = "1 rule" if number == len(items) - 1 else f"{len(items) - number} rules"
                yield rule.finding(
                    f"matches everything, so the {after} after it can never match", "narrow it, or move it to the end"
                )
            return
    if items:
        yield items[-1].finding(
            "the last rule doesn't match everything, so a signal could fall through",
            "end the rules with one that has 'match: [{}]'",
        )


def _match(match: Node, alternatives: Sequence[Globs], earlier: Sequence[tuple[Node, Globs]]) -> Iterator[Finding]:
    """Says which of a match's globs an earlier rule takes, so that they never come to their turn."""
    if combinations(match.plain()) > _MAX_COMBINATIONS:
        yield match.finding("stands for too many combinations of globs", "split it, or write fewer globs")
    covered = {
        ", ".join(f"{name} '{shown(glob)}'" for name, glob in globs.items()): seen
        for globs in alternatives
        if (seen := next((rule for rule, wide in earlier if _covers(wide, globs)), None)) is not None
    }
    if covered:
        (looked_for, cover), *more = covered.items()
        others = f" (and {len(more)} more)" if more else ""
        taker = f"rule '{shown(cover.get('id').text())}' on line {cover.line}"
        yield match.finding(
            f"can never match for {looked_for}{others}: {taker} takes it",
            "move it up, or remove it",
        )


def combinations(match: object) -> int:
    """How many single globs a match stands for, without making them."""
    if not isinstance(match, dict):
        return 0
    counts = [len(globs) if isinstance(globs, list) else 1 for globs in match.values()]
    return math.prod(count or 1 for count in counts)


def expand(match: object) -> list[Globs]:
    """The single globs that a match with lists of globs stands for; none where it has another shape."""
    if not isinstance(match, dict) or combinations(match) > _MAX_COMBINATIONS:
        return []
    expanded: list[Globs] = [{}]
    for name in _MATCH_FIELDS:
        globs = match.get(name, [])
        listed = [globs] if isinstance(globs, str) else globs
        if not isinstance(listed, list) or not all(isinstance(glob, str) for glob in listed):
            return []
        if listed:
            expanded = [{**one, name: glob} for one in expanded for glob in listed]
    return expanded


def _catches_all(globs: Mapping[str, str]) -> bool:
    return all(not glob.strip("*") for glob in globs.values())


def _covers(wide: Mapping[str, str], narrow: Mapping[str, str]) -> bool:
    """Whether each signal that `narrow` matches is matched by `wide`. Sound, but says no where it can't tell."""
    for name, glob in wide.items():
        if not glob.strip("*"):
            continue
        if "?" in glob or "[" in glob:
            if glob.casefold() != narrow.get(name, "").casefold():
                return False
        elif not fnmatch.fnmatchcase(narrow.get(name, "").casefold(), glob.casefold()):
            return False
    return True


def _playbook(playbook: Node, resources: Node | None) -> Iterator[Finding]:
    tasks = playbook.get("tasks")
    called: set[str] = set()
    for severity, teams in playbook.get("mobilise").entries().items():
        yield from _repeated(teams.items())
        if isinstance(teams.value, list) and not teams.items():
            yield teams.finding(f"no team is mobilised at {shown(severity)}", "name at least one team")
        for team in teams.items():
            called.add(team.text())
            if team.text() in list(Team) and not tasks.get(team.text()).items():
                yield team.finding(f"'{team.text()}' is mobilised here but has no tasks", f"add tasks.{team.text()}")
    yield from _same_id([task for team in tasks.entries().values() for task in team.items()])
    for loan in playbook.get("loans").items():
        team = loan.get("team")
        if team.text() in list(Team) and team.text() not in called:
            yield team.finding(
                f"lends to '{team.text()}', which this playbook never mobilises",
                "mobilise it or remove the loan",
            )
    if resources is not None:
        yield from _stock(playbook.get("loans"), resources.get("resources"))


def _stock(loans: Node, resources: Node) -> Iterator[Finding]:
    lent: dict[str, int] = {}
    for loan in loans.items():
        named = loan.get("resource")
        if named.text() and named.text() not in resources.entries():
            yield named.finding(
                f"the inventory has no resource '{shown(named.text())}'",
                choice(named.text(), resources.entries(), otherwise="add it to resources.yaml"),
            )
            continue
        stock = resources.get(named.text()).get("stock").number()
        quantity = loan.get("quantity").number() or 0
        lent[named.text()] = lent.get(named.text(), 0) + quantity
        if stock is not None and lent[named.text()] > stock:
            yield loan.get("quantity").finding(
                f"lends {lent[named.text()]} of '{shown(named.text())}' altogether, but the stock is {stock}",
                f"lend {max(0, stock - lent[named.text()] + quantity)} at most here, or keep more in stock",
            )


def _twice_in_lists(files: Files) -> Iterator[Finding]:
    lists = (
        ("classification.yaml", "rules"),
        ("resources.yaml", "hotlines"),
        ("resources.yaml", "carriers"),
        ("evaluation.yaml", "criteria"),
    )
    for file, key in lists:
        if file in files:
            yield from _same_id(files[file].get(key).items())
    if "resources.yaml" in files:
        yield from _repeated(hotline.get("number") for hotline in files["resources.yaml"].get("hotlines").items())


def _same_id(items: Iterable[Node]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for item in items:
        name = item.get("id").text()
        if name and name in first:
            yield item.finding(f"the id '{shown(name)}' is taken (line {first[name]})", "give it an id of its own")
        elif name:
            first[name] = item.line
