"""What a plan says about deliveries: regions and their names, and which carrier has what to do where."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from emergency.domain.plan import CARRIER_PREFIX
from infra.plan_compiler.findings import Finding, choice, shown
from infra.plan_compiler.people_checks import reads
from infra.plan_compiler.source import Node, repeated, same_id


def check_deliveries(file: Node, organisation: Node | None, contacts_file: Node | None) -> Iterator[Finding]:
    """Every finding about regions and carriers; the other two files are None where they can't be read."""
    regions, carriers = file.get("regions"), file.get("carriers").items()
    yield from _names(regions)
    yield from same_id(carriers)
    yield from repeated(carrier.get("contact_email") for carrier in carriers)
    contacts = contacts_file.get("contacts").entries() if contacts_file is not None else {}
    for carrier in carriers:
        yield from _lanes(carrier, regions)
        yield from _usual_day(carrier)
        yield from _taken(carrier.get("id"), contacts)
        if organisation is not None:
            yield from reads(carrier, organisation)
    served = {region for carrier in carriers for region in carrier.get("lanes").entries()}
    for name, region in regions.entries().items():
        if name not in served:
            yield region.finding("no carrier delivers there", "add it to a carrier's 'lanes', or remove it")


def _names(regions: Node) -> Iterator[Finding]:
    """A list of orders names a region in one of many ways, and each has to mean one region."""
    owners: dict[str, Node] = {}
    for name, region in regions.entries().items():
        named = [(region, name)]
        named += [(one, one.text()) for one in region.get("name").entries().values()]
        named += [(one, one.text()) for one in region.get("also").items()]
        for node, text in named:
            owner = owners.setdefault(_folded(text), region)
            if text and owner is not region:
                yield node.finding(
                    f"'{shown(text)}' names the region on line {owner.line} already",
                    "give each region names of its own",
                )


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _lanes(carrier: Node, regions: Node) -> Iterator[Finding]:
    for name, lane in carrier.get("lanes").entries().items():
        if name not in regions.entries():
            yield lane.finding(
                f"there is no region '{shown(name)}'",
                choice(name, regions.entries(), otherwise="add it to 'regions'"),
            )


def _usual_day(carrier: Node) -> Iterator[Finding]:
    capacity = carrier.get("daily_capacity")
    usual = sum(lane.get("parcels").number() or 0 for lane in carrier.get("lanes").entries().values())
    if capacity.number() is not None and 0 < (capacity.number() or 0) < usual:
        yield capacity.finding(
            f"is less than the {usual} parcels that its lanes have on a usual day", f"write {usual} or more"
        )


def _taken(name: Node, contacts: dict[str, Node]) -> Iterator[Finding]:
    asked_as = f"{CARRIER_PREFIX}{name.text()}"
    if asked_as in contacts:
        yield name.finding(
            f"the carrier is asked as '{shown(asked_as)}', which is a contact (line {contacts[asked_as].line} "
            f"of {contacts[asked_as].file})",
            "give one of the two another id",
        )
