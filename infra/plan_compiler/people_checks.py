"""What a plan says about its people: who holds which office, who stands in for whom, and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import pairwise

from emergency.domain.terms import Role
from infra.plan_compiler.findings import Finding, choice, shown
from infra.plan_compiler.shape import day
from infra.plan_compiler.source import Node, repeated

GROUP_ROLES = {Role.HEAD: "head", Role.DEPUTY_HEADS: "deputy_heads", Role.MEMBERS: "members", Role.LEGAL: "legal"}
"""The roles within the leadership group, and where organisation.yaml says who holds them."""

TEAM_ROLES = {Role.TEAM_LEAD: "lead", Role.TEAM_DEPUTIES: "deputies", Role.TEAM_MEMBERS: "members"}
"""The roles within a team, and where organisation.yaml says who holds them."""

_GROUP = ("head", "deputy_heads", "members")


def check_offices(organisation: Node, contacts: Node) -> Iterator[Finding]:
    """Every finding about who leads and who is in the teams."""
    known = tuple(contacts.entries())
    group = organisation.get("leadership")
    teams = organisation.get("teams").entries().values()
    for named in (*persons(group, *_GROUP, "legal"), *_in_teams(teams)):
        yield from _known_contact(named, known)
    yield from repeated(persons(group, *_GROUP))
    yield from _legal(group, known)
    for team in teams:
        yield from repeated(persons(team, "lead", "deputies", "members"))
    for name, contact in contacts.entries().items():
        yield from reads(contact, organisation)
        if name in list(Role):
            yield contact.finding(
                f"'{name}' is the name of a role, so it can't be the id of a contact",
                "write an id that names the office, like head-of-logistics",
            )


def check_absences(contacts: Node) -> Iterator[Finding]:
    """Every finding about delegates and absences. Without one, there is somebody to ask for everybody on each day."""
    for name, contact in contacts.entries().items():
        yield from _delegate(name, contact, contacts)
        yield from _days(name, contact)
        yield from _nobody_left(name, contact, contacts)


def reads(person: Node, organisation: Node) -> Iterator[Finding]:
    """A finding where the plan has no words in somebody's locale."""
    locales = [item.text() for item in organisation.get("company").get("locales").items()]
    locale = person.get("locale")
    if locale.text() and locales and locale.text() not in locales:
        yield locale.finding(f"the plan has no words in '{shown(locale.text())}'", choice(locale.text(), locales))


def holders(roles: Collection[str], organisation: Node, team: Node | None) -> list[str]:
    """The ids of all who hold one of the roles; those within a team need the team."""
    group = persons(organisation.get("leadership"), *(key for role, key in GROUP_ROLES.items() if role in roles))
    own = persons(team, *(key for role, key in TEAM_ROLES.items() if role in roles)) if team else ()
    return [person.text() for person in (*group, *own) if person.text()]


def persons(holder: Node, *roles: str) -> tuple[Node, ...]:
    """The nodes that name people, in the order of the roles."""
    named: list[Node] = []
    for role in roles:
        named.extend(holder.get(role).named())
    return tuple(named)


def absences(contact: Node) -> list[tuple[date, date, Node]]:
    """A contact's absences that can be read: first day, last day, and where they stand. The earliest comes first."""
    read = [(day(away.get("from").text()), day(away.get("until").text()), away) for away in contact.get("away").items()]
    whole = [(first, last, away) for first, last, away in read if first and last and first <= last]
    return sorted(whole, key=lambda absence: absence[0])


def stand_in(name: str, on: date, contacts: Node) -> str:
    """Who is asked for a contact on a day, as `Plan.stand_in` says it of a plan that has no findings."""
    seen: set[str] = set()
    asked = name
    while asked in contacts.entries() and asked not in seen:
        contact = contacts.get(asked)
        if not any(first <= on <= last for first, last, _ in absences(contact)):
            return asked
        seen.add(asked)
        asked = contact.get("delegate").text()
    return name


def _legal(group: Node, known: tuple[str, ...]) -> Iterator[Finding]:
    legal = group.get("legal")
    in_group = [person.text() for person in persons(group, *_GROUP)]
    if legal.text() in known and legal.text() not in in_group:
        yield legal.finding(
            f"'{shown(legal.text())}' is not in the leadership group",
            "add them to 'members', or name somebody of the group",
        )


def _in_teams(teams: Iterable[Node]) -> Iterator[Node]:
    for team in teams:
        yield from persons(team, "lead", "deputies", "members")


def _known_contact(named: Node, known: tuple[str, ...]) -> Iterator[Finding]:
    if named.text() and named.text() not in known:
        yield named.finding(
            f"no contact has the id '{shown(named.text())}'",
            choice(named.text(), known, otherwise="add the contact to contacts.yaml"),
        )


def _delegate(name: str, contact: Node, contacts: Node) -> Iterator[Finding]:
    delegate = contact.get("delegate")
    if delegate.text() == name:
        yield delegate.finding("nobody can stand in for themselves", "name somebody else")
    else:
        yield from _known_contact(delegate, tuple(contacts.entries()))


def _days(name: str, contact: Node) -> Iterator[Finding]:
    for away in contact.get("away").items():
        first, last = day(away.get("from").text()), day(away.get("until").text())
        if first and last and first > last:
            yield away.finding(f"ends on {last}, before it begins on {first}", "write the earlier day under 'from'")
        if not contact.get("delegate").text():
            yield away.finding(
                f"while '{shown(name)}' is away, nobody would be asked",
                "add 'delegate:' with the id of the contact who stands in",
            )
    for (_, end, earlier), (begin, _, later) in pairwise(absences(contact)):
        if begin <= end:
            yield later.finding(
                f"begins on {begin}, while the absence on line {earlier.line} lasts until {end}",
                "make one absence of the two",
            )


def _nobody_left(name: str, contact: Node, contacts: Node) -> Iterator[Finding]:
    """Absences with a day on which everybody on the way of delegates is away too; each absence is told once.

    Offices may stand in for each other. It suffices to look at the days on which an absence begins: whoever comes back
    can only be one more.
    """
    delegate = contact.get("delegate").text()
    if delegate == name or delegate not in contacts.entries():
        return
    begins = {first for other in contacts.entries().values() for first, _, _ in absences(other)}
    for first, last, away in absences(contact):
        alone = [on for on in sorted(begins) if first <= on <= last and stand_in(name, on, contacts) == name]
        if alone:
            yield away.finding(
                f"on {alone[0]} nobody is left to be asked for '{shown(name)}': every delegate is away too",
                "name a delegate who is there, or move one of the absences",
            )
