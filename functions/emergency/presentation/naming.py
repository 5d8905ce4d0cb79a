"""Names for ids: how contacts, teams, severities and resources are called in one locale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from emergency.domain.incident import Incident
from emergency.domain.plan import CARRIER_PREFIX, FUNDS, Plan
from emergency.domain.report_event import REPORT_TYPE, place_of
from emergency.domain.terms import DecisionKind, Risk, Role, Severity, Team
from emergency.presentation.plain import one_line
from emergency.presentation.words import Words

_ID_LIMIT = 120
_PLACE_LIMIT = 240


@dataclass(frozen=True)
class Names:
    """The plan's names in the words' locale. An id that the plan no longer holds is shown as it is."""

    plan: Plan
    words: Words

    def contact(self, contact_id: str) -> str:
        """Office and name of a contact: `Lin Wei (chief technology officer)`, `技術長林威`."""
        contact = self.plan.contacts.get(contact_id)
        if contact is None:
            return self._newsroom(contact_id) or self.carrier(contact_id.removeprefix(CARRIER_PREFIX))
        title = self.words.inside(self.plan.text(contact.title, self.words.locale))
        return self.words("person.full", name=self.plan.text(contact.name, self.words.locale), title=title)

    def _newsroom(self, contact_id: str) -> str:
        """A newsroom's name; empty where there is none of that id."""
        found = (one for one in self.plan.communications.media if one.contact.id == contact_id)
        return next((self.plan.text(one.name, self.words.locale) for one in found), "")

    def carrier(self, carrier_id: str) -> str:
        """A carrier's name."""
        carrier = self.plan.carriers.get(carrier_id)
        return one_line(self.plan.text(carrier.name, self.words.locale) if carrier else carrier_id, _ID_LIMIT)

    def person(self, person_id: str) -> str:
        """A contact, or somebody of a reserve list, who holds no office."""
        reserve = (one for resource in self.plan.resources.values() for one in resource.reserve)
        found = (
            next((one for one in reserve if one.id == person_id), None) if person_id not in self.plan.contacts else None
        )
        return self.plan.text(found.name, self.words.locale) if found else self.contact(person_id)

    def people(self, person_ids: Iterable[str]) -> str:
        """Several contacts or people of reserve lists as one enumeration."""
        return self.words.join([self.person(person_id) for person_id in person_ids])

    def contacts(self, contact_ids: Iterable[str]) -> str:
        """Several contacts as one enumeration."""
        return self.words.join([self.contact(contact_id) for contact_id in contact_ids])

    def place(self, said: str) -> str:
        """Where somebody's report says that it is: `Cart and checkout (only on Android)`."""
        place, told = place_of(said, self.plan)
        if place is None:
            return one_line(said, _PLACE_LIMIT)
        name, told = self.plan.text(place.name, self.words.locale), one_line(told, _PLACE_LIMIT)
        return self.words("reporting.place.more", place=name, words=told) if told else name

    def reporter(self, incident: Incident) -> str:
        """Who or what reported an incident: a contact, somebody whose name isn't known, or an alarm."""
        if incident.reporter:
            return self.contact(incident.reporter)
        is_persons = incident.signal_name == REPORT_TYPE
        return self.words("reporting.somebody") if is_persons else one_line(incident.signal_name, _ID_LIMIT)

    def team(self, team: Team | str) -> str:
        """A team's name as it stands alone."""
        name = self._team(team)
        return name[:1].upper() + name[1:]

    def team_inside(self, team: Team | str) -> str:
        """A team's name as it stands within a sentence."""
        return self.words.inside(self._team(team))

    def _team(self, team: Team | str) -> str:
        known = self.plan.teams.get(Team(team)) if team in set(Team) else None
        return self.plan.text(known.name, self.words.locale) if known else one_line(team, _ID_LIMIT)

    def teams(self, teams: Iterable[Team | str]) -> str:
        """Several teams as one enumeration within a sentence."""
        return self.words.join([self.team_inside(team) for team in teams])

    def severity(self, severity: Severity | str) -> str:
        """A severity's name."""
        known = self.plan.severities.get(Severity(severity)) if severity in set(Severity) else None
        return self.plan.text(known.name, self.words.locale) if known else one_line(severity, _ID_LIMIT)

    def level(self, severity: Severity | str) -> str:
        """A severity as it stands within a sentence: `severity II`, `「重大」等級`."""
        return self.words(f"severity.level.{severity}") if severity in set(Severity) else one_line(severity, _ID_LIMIT)

    def risk(self, risk: Risk) -> str:
        """A risk's name as it stands alone."""
        name = self.plan.text(self.plan.risks[risk].name, self.words.locale)
        return name[:1].upper() + name[1:]

    def resource(self, resource_id: str) -> str:
        """A resource's name as it stands within a sentence."""
        resource = self.plan.resources.get(resource_id)
        if resource is None:
            return one_line(resource_id, _ID_LIMIT)
        return self.words.inside(self.plan.text(resource.name, self.words.locale))

    def resource_alone(self, resource_id: str) -> str:
        """A resource's name as it stands alone."""
        name = self.resource(resource_id)
        return name[:1].upper() + name[1:]

    def teams_alone(self, teams: Iterable[Team | str]) -> str:
        """Several teams as one enumeration that stands alone."""
        names = self.teams(teams)
        return names[:1].upper() + names[1:]

    def quantity(self, resource_id: str, quantity: int) -> str:
        """So many units of a resource, or money where it is funds."""
        resource = self.plan.resources.get(resource_id)
        if resource is None:
            return str(quantity)
        if resource.kind == FUNDS:
            return self.words.money(quantity, self.plan)
        unit = self.plan.text(resource.unit, self.words.locale)
        return self.words.plural("quantity.units", quantity, number=f"{quantity:,}", unit=unit)

    def amount(self, resource_id: str, quantity: int) -> str:
        """So much of a resource within a sentence: `spare servers (4 units)`."""
        return self.words(
            "quantity.named", name=self.resource(resource_id), quantity=self.quantity(resource_id, quantity)
        )

    def amount_alone(self, resource_id: str, quantity: int) -> str:
        """So much of a resource as it stands alone."""
        told = self.amount(resource_id, quantity)
        return told[:1].upper() + told[1:]

    def notice_alone(self, notice_id: str) -> str:
        """The name of a notice to an authority: a title, which stands in quotes within a sentence."""
        notice = self.plan.deadlines.notices.get(notice_id)
        return one_line(self.plan.text(notice.name, self.words.locale) if notice else notice_id, _ID_LIMIT)

    def rung(self, contact_ids: Sequence[str], kind: DecisionKind, team: Team | None) -> str:
        """The people of one rung of a question's ladder by the roles that put them there: `the deputy heads`."""
        left = list(contact_ids)
        told: list[str] = []
        how = self.plan.decisions[kind]
        ladders = (how.ladder, *(approval.ladder for approval in how.by_amount))
        for role in dict.fromkeys(role for ladder in ladders for rung in ladder for role in rung):
            holders = [contact for contact in left if contact in self.plan.holders(role, team)]
            left = [contact for contact in left if contact not in holders]
            if holders:
                told.append(self._role(role, len(holders), team))
        return self.words.join([*told, *(self.contact(contact) for contact in left)])

    def _role(self, role: Role, count: int, team: Team | None) -> str:
        key, name = f"role.{role}", self.team_inside(team) if team else ""
        return self.words.plural(key, count, team=name) if role in _SHARED_ROLES else self.words(key, team=name)


_SHARED_ROLES = frozenset({Role.DEPUTY_HEADS, Role.MEMBERS, Role.TEAM_DEPUTIES, Role.TEAM_MEMBERS})
