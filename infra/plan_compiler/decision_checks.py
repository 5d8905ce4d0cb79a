"""What a plan says about its decisions: ladders, how many must agree, reminders, and the time that it takes in all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from emergency.domain.terms import DecisionKind, Role
from infra.plan_compiler.findings import Finding, shown
from infra.plan_compiler.people_checks import absences, persons, stand_in
from infra.plan_compiler.shape import (
    LEAST_REMIND,
    MOST_EXTENSIONS,
    MOST_REMIND,
    MOST_STARTS_OVER,
    YEAR,
    percent,
    seconds,
)
from infra.plan_compiler.source import Node

Waits = Mapping[DecisionKind, Sequence[tuple[Node, int]]]
"""The times of each kind's rungs at one severity, in seconds; 0 for what is no duration."""

Rungs = Sequence[Sequence[str]]

_TEAM_ROLES = {Role.TEAM_LEAD: "lead", Role.TEAM_DEPUTIES: "deputies"}
_GROUP_ROLES = {Role.HEAD: "head", Role.DEPUTY_HEADS: "deputy_heads", Role.MEMBERS: "members"}
_FOR_TEAMS = {DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE, DecisionKind.CLEAN_UP}
_DAY = 86_400
_AFTER_REMINDER = 60
"""The seconds that a reminder must leave: less, and nobody could act on it."""


def check_waits(severities: Node, decisions: Node | None) -> Iterator[Finding]:
    """Every finding about how long people have; `decisions` is the whole file, None where it can't be read."""
    for severity in severities.entries().values():
        wait = severity.get("wait")
        for kind in DecisionKind:
            if isinstance(wait.value, dict) and kind not in wait.entries():
                yield wait.finding(f"no time is set for '{kind}'", f"add '{kind}:' with a duration, like 30m")
        waits = {kind: _times(wait.get(kind)) for kind in DecisionKind}
        yield from _complete_after_acknowledge(waits)
        if decisions is None:
            continue
        for kind in DecisionKind:
            decision = decisions.get("decisions").get(kind)
            yield from _surplus(kind, waits[kind], decision)
            yield from _reminder(waits[kind], decision)
        yield from _whole_run(wait, waits, decisions)


def check_ladders(file: Node, organisation: Node, contacts_file: Node | None) -> Iterator[Finding]:
    """Every finding about who is asked; `contacts_file` is None where it can't be read."""
    for kind, decision in _decisions(file):
        yield from _rungs(kind, decision.get("ladder"), organisation)
        yield from _needed(kind, decision, organisation)
        yield from _hand_over(kind, decision, organisation)
        if contacts_file is not None:
            yield from _needed_in_absences(kind, decision, organisation, contacts_file.get("contacts"))


def _decisions(file: Node) -> Iterator[tuple[DecisionKind, Node]]:
    for name, decision in file.get("decisions").entries().items():
        if name in list(DecisionKind) and isinstance(decision.value, dict):
            yield DecisionKind(name), decision


def _times(wait: Node) -> list[tuple[Node, int]]:
    return [(one, seconds(one.text().strip()) or 0) for one in wait.items() or [wait]]


def _complete_after_acknowledge(waits: Waits) -> Iterator[Finding]:
    (complete, shorter), (acknowledge, longer) = waits[DecisionKind.COMPLETE][0], waits[DecisionKind.ACKNOWLEDGE][0]
    if 0 < shorter < longer:
        yield complete.finding(
            "is shorter than 'acknowledge': tasks can't be complete before they are taken on",
            f"write {acknowledge.text()} or longer",
        )


def _surplus(kind: DecisionKind, waits: Sequence[tuple[Node, int]], decision: Node) -> Iterator[Finding]:
    rungs = len(decision.get("ladder").items())
    if 0 < rungs < len(waits):
        yield waits[rungs][0].finding(
            f"is a time too many: the ladder of '{kind}' has {rungs} rung{'' if rungs == 1 else 's'}",
            "remove it, or add a rung in decisions.yaml",
        )


def _reminder(waits: Sequence[tuple[Node, int]], decision: Node) -> Iterator[Finding]:
    remind = percent(decision.get("remind").text().strip())
    if remind is None or not LEAST_REMIND <= remind <= MOST_REMIND:
        return
    enough = math.ceil(_AFTER_REMINDER * 100 / (100 - remind))
    for wait, length in waits:
        if 0 < length < enough:
            left = length * (100 - remind) // 100
            yield wait.finding(
                f"leaves {left} s after the reminder at {remind}%, too little to act on",
                f"write {enough}s or longer, or take 'remind' out of {decision.place} in {decision.file}",
            )


def _whole_run(wait: Node, waits: Waits, decisions: Node) -> Iterator[Finding]:
    """An incident in which nobody ever answers must still end within the year that an execution can run."""
    rounds = decisions.get("review_rounds").number() or 0
    longest = {kind: _longest(waits[kind], decisions.get("decisions").get(kind)) for kind in DecisionKind}
    total = sum(longest.values()) + rounds * longest[DecisionKind.REVIEW]
    if total > YEAR and all(length <= YEAR for times in waits.values() for _, length in times):
        yield wait.finding(
            f"all rungs of all decisions together can take {total // _DAY} days, and an execution runs for 365 at most",
            "write shorter durations, or start over and give more time less often",
        )


def _longest(waits: Sequence[tuple[Node, int]], decision: Node) -> int:
    """The seconds until one decision ends by itself, when every extension is asked for on its longest rung."""
    times = [length for _, length in waits]
    rungs = [times[min(rung, len(times) - 1)] for rung, _ in enumerate(decision.get("ladder").items())]
    climbs = 1 + _within(decision.get("start_over"), MOST_STARTS_OVER)
    more = decision.get("more_time")
    share = percent(more.get("share").text().strip()) or 0
    return sum(rungs) * climbs + _within(more.get("times"), MOST_EXTENSIONS) * max(times) * share // 100


def _within(node: Node, most: int) -> int:
    return min(max(node.number() or 0, 0), most)


def _rungs(kind: DecisionKind, ladder: Node, organisation: Node) -> Iterator[Finding]:
    if isinstance(ladder.value, list) and not ladder.items():
        yield ladder.finding("asks nobody", "write at least one rung, like '- [head]'")
    for rung in ladder.items():
        if not rung.items():
            yield rung.finding("is a rung with nobody on it", "name at least one role, or remove the rung")
        elif kind in _FOR_TEAMS:
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
    if group_roles and not _holders(rung, organisation, None):
        yield rung.finding(
            f"nobody holds the role {' or '.join(group_roles)}",
            "name a contact for it in organisation.yaml, or remove the rung",
        )


def _rung_of_teams(rung: Node, organisation: Node) -> Iterator[Finding]:
    if not any(role in [*_TEAM_ROLES, *_GROUP_ROLES] for role in _roles(rung)):
        return
    for name, team in organisation.get("teams").entries().items():
        if not _holders(rung, organisation, team):
            yield rung.finding(
                f"nobody in the team '{shown(name)}' holds the role {' or '.join(_roles(rung))}",
                f"name a contact in teams.{shown(name)} of organisation.yaml, or remove the rung",
            )


def _roles(rung: Node) -> list[str]:
    return [role.text() for role in rung.items() if role.text()]


def _holders(rung: Node, organisation: Node, team: Node | None) -> list[str]:
    """The ids of all who hold a role of a rung; team roles need the team."""
    roles = _roles(rung)
    group = persons(organisation.get("leadership"), *(key for role, key in _GROUP_ROLES.items() if role in roles))
    own = persons(team, *(key for role, key in _TEAM_ROLES.items() if role in roles)) if team else ()
    return [person.text() for person in (*group, *own) if person.text()]


def _ladders(kind: DecisionKind, decision: Node, organisation: Node) -> Iterator[tuple[str, Rungs]]:
    """Who is asked, nobody twice: once for the leadership group, or once for each team, which is then named.

    A ladder with a rung that nobody is on is left out, as that is told already.
    """
    teams = list(organisation.get("teams").entries().items()) if kind in _FOR_TEAMS else [("", None)]
    for name, team in teams:
        seen: set[str] = set()
        rungs: list[list[str]] = []
        on_rungs = [_holders(rung, organisation, team) for rung in decision.get("ladder").items()]
        for holders in on_rungs:
            fresh = [person for person in holders if person not in seen]
            seen.update(fresh)
            if fresh:
                rungs.append(fresh)
        if rungs and all(on_rungs):
            yield f" of the team '{shown(name)}'" if name else "", rungs


def _needed(kind: DecisionKind, decision: Node, organisation: Node) -> Iterator[Finding]:
    for named, rungs in _ladders(kind, decision, organisation):
        people = sum(len(rung) for rung in rungs)
        enough = _votes(kind, people)
        for node, needed in _numbers_needed(decision):
            if needed > enough:
                less = f"write {enough} or less, or add" if enough else "add"
                yield node.finding(
                    f"{needed} must agree, but {_on_ladder(kind, people, named)}",
                    f"{less} a rung with somebody else",
                )


def _needed_in_absences(kind: DecisionKind, decision: Node, organisation: Node, contacts: Node) -> Iterator[Finding]:
    """A delegate who is asked anyway has one vote, not two; enough people must be left on each day."""
    for named, rungs in _ladders(kind, decision, organisation):
        people = [person for rung in rungs for person in rung]
        needed = max(number for _, number in _numbers_needed(decision))
        if needed > _votes(kind, len(people)):
            continue
        for on, away in _beginnings(contacts):
            left = len({stand_in(person, on, contacts) for person in people})
            if needed > _votes(kind, left):
                yield away.finding(
                    f"{needed} must agree on '{kind}', but on {on} {_on_ladder(kind, left, named)}",
                    "name a delegate who isn't asked anyway",
                )
                break


def _beginnings(contacts: Node) -> list[tuple[date, Node]]:
    """The first day of every absence. No other day leaves fewer people: whoever comes back can only be one more."""
    begun = [(first, away) for contact in contacts.entries().values() for first, _, away in absences(contact)]
    return sorted(begun, key=lambda beginning: beginning[0])


def _numbers_needed(decision: Node) -> list[tuple[Node, int]]:
    node = decision.get("needed")
    return [(one, one.number() or 1) for one in node.entries().values()] or [(node, node.number() or 1)]


def _votes(kind: DecisionKind, people: int) -> int:
    """How many of so many people can agree; whoever asks for a release may be one of them without a vote."""
    return people - 1 if kind is DecisionKind.RELEASE else people


def _on_ladder(kind: DecisionKind, people: int, named: str) -> str:
    barred = ", and whoever asks for a release has no vote" if kind is DecisionKind.RELEASE else ""
    return f"only {people} {'is' if people == 1 else 'are'} on the ladder{named}{barred}"


def _hand_over(kind: DecisionKind, decision: Node, organisation: Node) -> Iterator[Finding]:
    if decision.get("hand_over").value is not True:
        return
    for named, rungs in _ladders(kind, decision, organisation):
        if len(rungs) == 1:
            yield decision.get("hand_over").finding(
                f"there is nobody to pass the question to: the ladder{named} has a single rung",
                "add a rung with somebody else, or write 'hand_over: false'",
            )
