"""What a plan says about its inventory: stock, reserve lists, hotlines, shortages, and what playbooks lend."""

from __future__ import annotations

from collections.abc import Iterator

from emergency.domain.plan import FUNDS
from emergency.domain.terms import Role
from infra.plan_compiler.findings import Finding, choice, shown
from infra.plan_compiler.people_checks import GROUP_ROLES, holders, reads
from infra.plan_compiler.source import Node, repeated, same_id

PEOPLE = "people"
"""The kind of resource that is a list of names."""

MOST_WRITES = 100
"""What one transaction of DynamoDB can write."""

_WRITES_OF_A_LOAN = 4
"""The stock, the loan, and what the timeline says of both."""

_CONNECT_IDS = ("phone_number", "flow")
"""What a hotline needs for Amazon Connect to switch it."""

_HEAR_OF_SHORTAGES = [role for role in GROUP_ROLES if role is not Role.LEGAL]


def check_resources(file: Node, organisation: Node | None, contacts_file: Node | None) -> Iterator[Finding]:
    """Every finding about the inventory by itself; the other two are None where they can't be read."""
    for resource in file.get("resources").entries().values():
        yield from _stock(resource)
    yield from _reservists(file, contacts_file)
    yield from _hotlines(file)
    yield from repeated(file.get("shortage_to").items())
    if organisation is not None:
        yield from _hear_of_shortages(file.get("shortage_to"), organisation)
        for person in _reserve(file):
            yield from reads(person, organisation)


def check_loans(loans: Node, resources: Node) -> Iterator[Finding]:
    """Every finding about what one playbook lends at activation."""
    lent: dict[str, int] = {}
    for loan in loans.items():
        named = loan.get("resource")
        if named.text() and named.text() not in resources.entries():
            yield named.finding(
                f"the inventory has no resource '{shown(named.text())}'",
                choice(named.text(), resources.entries(), otherwise="add it to resources.yaml"),
            )
            continue
        before = lent.get(named.text(), 0)
        lent[named.text()] = before + (loan.get("quantity").number() or 0)
        yield from _beyond_stock(loan, resources.get(named.text()), before)
    yield from _one_transaction(loans, resources)


def _stock(resource: Node) -> Iterator[Finding]:
    kind, stock, reserve = resource.get("kind").text(), resource.get("stock"), resource.get("reserve")
    if kind != PEOPLE:
        if stock.value is None:
            yield stock.finding("is missing", "add 'stock:'")
        if reserve.items():
            yield reserve.finding("only people have a reserve list", f"write 'kind: {PEOPLE}', or 'stock:' instead")
    else:
        if not reserve.items():
            yield reserve.finding(
                "names nobody, and people are lent by name",
                "list them, each with id, name, email, phone and locale",
            )
        if "stock" in resource.entries():
            yield stock.finding("is the number of people in 'reserve', who are counted there", "remove it")
    if kind == FUNDS and "value" in resource.entries():
        yield resource.get("value").finding("says what a unit is worth, but funds are money already", "remove it")


def _reserve(file: Node) -> Iterator[Node]:
    for resource in file.get("resources").entries().values():
        yield from resource.get("reserve").items()


def _reservists(file: Node, contacts_file: Node | None) -> Iterator[Finding]:
    yield from same_id(_reserve(file))
    known = contacts_file.get("contacts").entries() if contacts_file is not None else {}
    for person in _reserve(file):
        name = person.get("id")
        if name.text() in known:
            yield name.finding(
                f"'{shown(name.text())}' is a contact, who has other duties in an incident",
                "name somebody else, or give another id",
            )


def _hotlines(file: Node) -> Iterator[Finding]:
    hotlines, centre = file.get("hotlines").items(), file.get("contact_centre")
    yield from same_id(hotlines)
    for key in ("number", *_CONNECT_IDS):
        yield from repeated(hotline.get(key) for hotline in hotlines)
    on_connect = [hotline for hotline in hotlines if any(key in hotline.entries() for key in _CONNECT_IDS)]
    for hotline in on_connect:
        for key, other in (_CONNECT_IDS, _CONNECT_IDS[::-1]):
            if key not in hotline.entries():
                yield hotline.get(key).finding(
                    f"is missing, and without it Amazon Connect can't switch the number by its '{other}'",
                    f"add '{key}:', or remove '{other}' and switch the number by hand",
                )
        if not centre.entries():
            yield hotline.finding(
                "has ids of Amazon Connect, but the plan names no instance",
                "add 'contact_centre:' with instance, queue and hours, or remove the ids",
            )
    if centre.entries() and not on_connect:
        yield centre.finding(
            "answers no hotline, as none has its ids", "add 'phone_number:' and 'flow:' to the hotlines, or remove it"
        )


def _hear_of_shortages(roles: Node, organisation: Node) -> Iterator[Finding]:
    named = [role.text() for role in roles.items()]
    for role in roles.items():
        if role.text() in list(Role) and role.text() not in _HEAR_OF_SHORTAGES:
            yield role.finding(
                f"'{role.text()}' doesn't decide about the company's resources",
                f"write one of: {', '.join(_HEAR_OF_SHORTAGES)}",
            )
    if any(role in _HEAR_OF_SHORTAGES for role in named) and not holders(named, organisation, None):
        yield roles.finding(
            f"nobody holds the role {' or '.join(named)}",
            "name a contact for it in organisation.yaml, or write another role",
        )


def _beyond_stock(loan: Node, resource: Node, before: int) -> Iterator[Finding]:
    """People are lent as far as the reserve list goes, and who is short of them is told; things must be there."""
    stock, quantity = resource.get("stock").number(), loan.get("quantity")
    lent = before + (quantity.number() or 0)
    if resource.get("kind").text() != PEOPLE and stock is not None and lent > stock:
        yield quantity.finding(
            f"lends {lent} of '{shown(loan.get('resource').text())}' altogether, but the stock is {stock}",
            f"lend {max(0, stock - before)} at most here, or keep more in stock",
        )


def _one_transaction(loans: Node, resources: Node) -> Iterator[Finding]:
    """All that a playbook lends is lent at once or not at all, so it has to fit into one transaction."""
    called: dict[str, int] = {}
    for loan in loans.items():
        name = loan.get("resource").text()
        reserve = len(resources.get(name).get("reserve").items())
        called[name] = min(reserve, called.get(name, 0) + (loan.get("quantity").number() or 0))
    count, people = len(loans.items()), sum(called.values())
    writes = _WRITES_OF_A_LOAN * count + people + 1
    if writes > MOST_WRITES:
        yield loans.finding(
            f"{count} loans and {people} people take {writes} writes, and one transaction holds {MOST_WRITES}",
            "lend less at activation; teams can ask for more at any time",
        )
