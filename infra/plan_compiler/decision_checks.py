"""What a plan says about who decides: ladders, approvals by amount, how many must agree, and who is left to do so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from emergency.domain.terms import DecisionKind, Role, Team
from infra.plan_compiler.findings import Finding, shown
from infra.plan_compiler.people_checks import GROUP_ROLES, TEAM_ROLES, absences, holders, stand_in
from infra.plan_compiler.source import Node

Rungs = Sequence[Sequence[str]]

_FOR_TEAMS = {DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE, DecisionKind.CLEAN_UP, DecisionKind.CARRIER}

_FOR_ONE_TEAM: Mapping[DecisionKind, Team] = {DecisionKind.CARRIER: Team.LOGISTICS_SUPPORT}
"""The kinds that one team alone is concerned with."""

_BARRED = {
    DecisionKind.RELEASE: "whoever asks for a release",
    DecisionKind.STATEMENT: "whoever drafts a statement",
    DecisionKind.MAINTENANCE: "whoever plans maintenance",
}
"""Who has no vote, by kind: they may be anybody on the ladder."""


@dataclass(frozen=True)
class Asked:
    """One ladder of a kind of decision. `node` holds it and how many must agree: the decision, or one approval of it.

    `for_teams` says that its rungs may name roles within the team concerned.
    """

    kind: DecisionKind
    node: Node
    for_teams: bool
    amount: str = ""

    @property
    def rungs(self) -> list[Node]:
        """The rungs as written, first asked first."""
        return self.node.get("ladder").items()

    def roles(self, rung: Node) -> list[str]:
        """The roles on a rung that can decide here."""
        return [role.text() for role in rung.items() if role.text() in self.known]

    @property
    def known(self) -> list[str]:
        """The roles that can decide here."""
        carrier = [Role.CARRIER] if self.kind is DecisionKind.CARRIER else []
        return [*carrier, *GROUP_ROLES, *(TEAM_ROLES if self.for_teams else ())]

    def people(self, rung: Node, organisation: Node, team: Node | None) -> list[str]:
        """Who is on a rung: contact ids, and the role itself for the carrier that is asked, whichever it is."""
        roles = self.roles(rung)
        return [*(role for role in roles if role == Role.CARRIER), *holders(roles, organisation, team)]

    def teams(self, organisation: Node) -> list[tuple[str, Node | None]]:
        """The teams for which the ladder has to be looked at; one without a name where it is alike for all."""
        roles = [role for rung in self.rungs for role in self.roles(rung)]
        return self.teams_of(roles, organisation)

    def teams_of(self, roles: Sequence[str], organisation: Node) -> list[tuple[str, Node | None]]:
        """As `teams`, for some of the ladder's roles."""
        if not any(role in TEAM_ROLES for role in roles):
            return [("", None)]
        teams = organisation.get("teams").entries()
        concerned = _FOR_ONE_TEAM.get(self.kind)
        return [(name, team) for name, team in teams.items() if concerned in (None, name)]


def asked(kind: DecisionKind, decision: Node) -> list[Asked]:
    """The ladders of a kind of decision: one, or one for each amount."""
    approvals = decision.get("by_amount").items() if kind is DecisionKind.RELEASE else []
    if not approvals:
        return [Asked(kind, decision, kind in _FOR_TEAMS)]
    limits = [approval.get("up_to").number() for approval in approvals]
    return [
        Asked(kind, approval, for_teams=True, amount=" of any amount" if limit is None else f" of up to {limit}")
        for approval, limit in zip(approvals, limits, strict=True)
    ]


def check_ladders(file: Node, organisation: Node, contacts_file: Node | None) -> Iterator[Finding]:
    """Every finding about who is asked; `contacts_file` is None where it can't be read."""
    for kind, decision in _decisions(file):
        for ladder in asked(kind, decision):
            yield from _rungs(ladder, organisation)
            yield from _needed(ladder, organisation)
            yield from _hand_over(decision.get("hand_over"), ladder, organisation)
            if contacts_file is not None:
                yield from _needed_in_absences(ladder, organisation, contacts_file.get("contacts"))


def check_decisions(file: Node) -> Iterator[Finding]:
    """Every finding about decisions that needs no other file."""
    for kind, decision in _decisions(file):
        by_amount = decision.get("by_amount")
        if kind is DecisionKind.RELEASE and by_amount.items():
            yield from _amounts(by_amount.items())
            for key in ("ladder", "needed"):
                if key in decision.entries():
                    yield decision.get(key).finding(
                        "is not looked at, since 'by_amount' says who decides", "remove it, or remove 'by_amount'"
                    )
        elif "by_amount" in decision.entries():
            worth = kind is DecisionKind.RELEASE
            yield by_amount.finding(
                "says nobody" if worth else "is for 'release' alone: nothing else is worth an amount",
                "write who decides up to which amount, or write 'ladder:'" if worth else "write 'ladder:'",
            )
        elif "ladder" not in decision.entries():
            yield decision.get("ladder").finding("is missing", "add 'ladder:'")
        if kind is DecisionKind.NOTICE:
            yield from _term_is_the_law_s(decision)
        if kind is DecisionKind.CARRIER:
            yield from _carrier_first(decision.get("ladder"))


def _decisions(file: Node) -> Iterator[tuple[DecisionKind, Node]]:
    for name, decision in file.get("decisions").entries().items():
        if name in list(DecisionKind) and isinstance(decision.value, dict):
            yield DecisionKind(name), decision


def _term_is_the_law_s(notice: Node) -> Iterator[Finding]:
    if "more_time" in notice.entries():
        yield notice.get("more_time").finding("can't be given: the term of a notice is the law's", "remove it")
    if notice.get("start_over").number():
        yield notice.get("start_over").finding(
            "would wait for the notice's whole term once more", "remove it, and add rungs instead"
        )


def _carrier_first(ladder: Node) -> Iterator[Finding]:
    rungs = ladder.items()
    if rungs and Role.CARRIER not in [role.text() for role in rungs[0].items()]:
        yield rungs[0].finding("asks others before the carrier itself", "write '- [carrier]' as the first rung")


def _amounts(approvals: Sequence[Node]) -> Iterator[Finding]:
    *limited, last = approvals
    for approval in limited:
        if "up_to" not in approval.entries():
            yield approval.finding(
                "has no limit, so nothing after it ever decides", "add 'up_to:', or move it to the end"
            )
    if "up_to" in last.entries():
        yield last.finding("has a limit, so nobody decides on more", "add an entry without 'up_to' at the end")
    for earlier, later in pairwise(approvals):
        before, after = earlier.get("up_to").number(), later.get("up_to").number()
        if before is not None and after is not None and after <= before:
            yield later.get("up_to").finding(
                f"{after} isn't more than {before} before it, so it never decides", "write the smallest amount first"
            )


def _rungs(ladder: Asked, organisation: Node) -> Iterator[Finding]:
    listed = ladder.node.get("ladder")
    if isinstance(listed.value, list) and not listed.items():
        yield listed.finding("asks nobody", "write at least one rung, like '- [head]'")
    for rung in ladder.rungs:
        if not rung.items():
            yield rung.finding("is a rung with nobody on it", "name at least one role, or remove the rung")
        yield from _out_of_place(ladder, rung)
        yield from _nobody(ladder, rung, organisation)


def _out_of_place(ladder: Asked, rung: Node) -> Iterator[Finding]:
    for role in rung.items():
        if role.text() in ladder.known:
            continue
        if role.text() == Role.OWNER:
            yield role.finding("'owner' is whoever has a task, and no task is decided here", _one_of(ladder.known))
        elif role.text() == Role.CARRIER:
            yield role.finding(
                "'carrier' is whose parcels are moved, and is asked about those alone", _one_of(ladder.known)
            )
        elif role.text() in TEAM_ROLES:
            yield role.finding(
                f"'{role.text()}' is a role within a team, but the whole leadership group decides here",
                _one_of(ladder.known),
            )


def _one_of(roles: Sequence[str]) -> str:
    return f"write one of: {', '.join(roles)}"


def _nobody(ladder: Asked, rung: Node, organisation: Node) -> Iterator[Finding]:
    roles = ladder.roles(rung)
    for name, team in ladder.teams_of(roles, organisation):
        if roles and not ladder.people(rung, organisation, team):
            within, where = (
                (f"in the team '{shown(name)}' ", f"in teams.{shown(name)} of") if name else ("", "for it in")
            )
            yield rung.finding(
                f"nobody {within}holds the role {' or '.join(roles)}",
                f"name a contact {where} organisation.yaml, or remove the rung",
            )


def _people(ladder: Asked, organisation: Node) -> Iterator[tuple[str, Rungs]]:
    """Who is asked, nobody twice: once, or once for each team, which is then named.

    A ladder with a rung that nobody is on is left out, as that is told already.
    """
    for name, team in ladder.teams(organisation):
        seen: set[str] = set()
        rungs: list[list[str]] = []
        on_rungs = [ladder.people(rung, organisation, team) for rung in ladder.rungs]
        for on_rung in on_rungs:
            fresh = [person for person in on_rung if person not in seen]
            seen.update(fresh)
            if fresh:
                rungs.append(fresh)
        if rungs and all(on_rungs):
            yield f" of the team '{shown(name)}'" if name else "", rungs


def _needed(ladder: Asked, organisation: Node) -> Iterator[Finding]:
    for named, rungs in _people(ladder, organisation):
        people = sum(len(rung) for rung in rungs)
        enough = _votes(ladder.kind, people)
        for node, needed in _numbers_needed(ladder.node):
            if needed > enough:
                less = f"write {enough} or less, or add" if enough else "add"
                yield node.finding(
                    f"{needed} must agree, but {_on_ladder(ladder.kind, people, named)}",
                    f"{less} a rung with somebody else",
                )


def _needed_in_absences(ladder: Asked, organisation: Node, contacts: Node) -> Iterator[Finding]:
    """A delegate who is asked anyway has one vote, not two; enough people must be left on each day."""
    for named, rungs in _people(ladder, organisation):
        people = [person for rung in rungs for person in rung]
        needed = max(number for _, number in _numbers_needed(ladder.node))
        if needed > _votes(ladder.kind, len(people)):
            continue
        for on, away in _beginnings(contacts):
            left = len({stand_in(person, on, contacts) for person in people})
            if needed > _votes(ladder.kind, left):
                yield away.finding(
                    f"{needed} must agree on '{ladder.kind}'{ladder.amount}, "
                    f"but on {on} {_on_ladder(ladder.kind, left, named)}",
                    "name a delegate who isn't asked anyway",
                )
                break


def _beginnings(contacts: Node) -> list[tuple[date, Node]]:
    """The first day of every absence. No other day leaves fewer people: whoever comes back can only be one more."""
    begun = [(first, away) for contact in contacts.entries().values() for first, _, away in absences(contact)]
    return sorted(begun, key=lambda beginning: beginning[0])


def _numbers_needed(node: Node) -> list[tuple[Node, int]]:
    needed = node.get("needed")
    return [(one, one.number() or 1) for one in needed.entries().values()] or [(needed, needed.number() or 1)]


def _votes(kind: DecisionKind, people: int) -> int:
    """How many of so many people can agree, when one of them may have no vote."""
    return people - 1 if kind in _BARRED else people


def _on_ladder(kind: DecisionKind, people: int, named: str) -> str:
    barred = f", and {_BARRED[kind]} has no vote" if kind in _BARRED else ""
    return f"only {people} {'is' if people == 1 else 'are'} on the ladder{named}{barred}"


def _hand_over(hand_over: Node, ladder: Asked, organisation: Node) -> Iterator[Finding]:
    if hand_over.value is not True:
        return
    for named, rungs in _people(ladder, organisation):
        if len(rungs) == 1:
            yield hand_over.finding(
                f"there is nobody to pass the question to: the ladder{named}{ladder.amount} has a single rung",
                "add a rung with somebody else, or write 'hand_over: false'",
            )
