"""The company's plan as the functions read it: compiled from `plan/` when the app is synthesised.

Durations are whole seconds, money is whole cents. A `Text` holds one sentence or name per locale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from emergency.domain.errors import UnknownContact
from emergency.domain.terms import DecisionKind, Factor, Outcome, Risk, Role, Severity, Team

Locale = str
"""A BCP 47 tag of a words file: `en`, `zh-Hant`, `zh-Hans`."""

Text = Mapping[Locale, str]

FUNDS = "funds"
"""The kind of resource that is money: its units are whole cents of the company's currency."""


@dataclass(frozen=True, kw_only=True)
class Company:
    """The company whose plan this is. `time_zone` is an IANA name, `locale` the default of reports and readers."""

    name: Text
    locale: Locale
    locales: tuple[Locale, ...]
    time_zone: str
    time_zone_name: Text
    currency: str
    mail_from: str
    reply_to: str


@dataclass(frozen=True, kw_only=True)
class Absence:
    """Days on which somebody can't be asked, first and last included, in the company's time zone."""

    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Somebody who can be asked. `id` is a role-like slug, since it stands in execution histories.

    `delegate` is the contact who is asked instead during `absences`. `second_factor` is CODE or TOTP.
    """

    id: str
    name: Text
    title: Text
    email: str
    phone: str
    locale: Locale
    second_factor: Factor = Factor.CODE
    delegate: str = ""
    absences: tuple[Absence, ...] = ()

    def is_away(self, day: date) -> bool:
        """Whether the plan says that the contact is away on that day."""
        return any(absence.first <= day <= absence.last for absence in self.absences)


@dataclass(frozen=True, kw_only=True)
class LeadershipGroup:
    """P4: contact ids by rank."""

    head: str
    deputy_heads: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TeamPlan:
    """P5: one response team. `members` are contact ids beside lead and deputies."""

    name: Text
    duty: Text
    lead: str
    deputies: tuple[str, ...]
    members: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RiskPlan:
    """P3: one risk with its assessed likelihood and impact, each 1 (lowest) to 5."""

    name: Text
    what_happens: Text
    harms: Text
    likelihood: int
    impact: int


@dataclass(frozen=True, kw_only=True)
class Match:
    """What a rule looks for in a signal. Each field is a glob, case-insensitive; empty means anything."""

    source: str = ""
    detail_type: str = ""
    namespace: str = ""
    metric: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Classifies a signal: the first rule that matches gives risk, component and the report's first words (P6.1).

    Raises nothing; the last rule of a plan matches everything. `likelihood` and `impact` override the risk's own.
    """

    id: str
    match: Match
    risk: Risk
    component: str
    title: Text
    place: Text
    first_impact: Text
    likelihood: int | None = None
    impact: int | None = None


@dataclass(frozen=True, kw_only=True)
class SeverityPlan:
    """One severity: its name, the seconds that each rung of a ladder waits, what silence on the orders means.

    `wait` has one number for each rung, first asked first; the last one counts for every rung after it.
    """

    name: Text
    means: Text
    wait: Mapping[DecisionKind, tuple[int, ...]]
    orders_on_silence: Outcome


@dataclass(frozen=True, kw_only=True)
class MoreTime:
    """How often more time can be asked for in one decision, and how much of the rung's time it is, in percent."""

    times: int
    share: int


@dataclass(frozen=True, kw_only=True)
class DecisionPlan:
    """How one kind of decision is put to people.

    `ladder` has the rungs, first asked first; each rung names roles. `needed` is how many people must agree.
    `remind_at` is the part of a rung's time, in percent, after which its people are reminded; 0 for never.
    `start_over` is how often the ladder begins anew, after the leadership group was paged, before silence has its
    declared outcome. `second_factor` says whether the answer needs more than the link (design §4).
    """

    ladder: tuple[tuple[Role, ...], ...]
    second_factor: bool = False
    needed: Mapping[Severity, int] = field(default_factory=dict)
    remind_at: int = 0
    start_over: int = 0
    hand_over: bool = False
    more_time: MoreTime | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task of a playbook. `within` is the target in seconds from activation; missing means no target."""

    id: str
    text: Text
    within: Mapping[Severity, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Loan:
    """What a playbook lends at activation (P7). `quantity` counts the resource's units; cents for funds."""

    resource: str
    team: Team
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Playbook:
    """What the plan does about one risk: teams to propose by severity, each team's tasks, resources lent."""

    mobilise: Mapping[Severity, tuple[Team, ...]]
    tasks: Mapping[Team, tuple[Task, ...]]
    loans: tuple[Loan, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Resource:
    """P7: one line of the inventory. For `kind` `funds` the stock is whole cents of the company's currency."""

    id: str
    kind: str
    name: Text
    unit: Text
    stock: int


@dataclass(frozen=True, kw_only=True)
class Hotline:
    """A telephone number, claimed beforehand, that customer service can open for an incident (P6.3)."""

    id: str
    number: str
    name: Text


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """A logistics company that parcels can be moved to (P7). `regions` are the plan's own region names."""

    id: str
    name: Text
    regions: tuple[str, ...]
    daily_capacity: int
    contact_email: str
    contact_phone: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The whole compiled plan."""

    company: Company
    contacts: Mapping[str, Contact]
    leadership: LeadershipGroup
    teams: Mapping[Team, TeamPlan]
    risks: Mapping[Risk, RiskPlan]
    matrix: tuple[tuple[Severity, ...], ...]
    """`matrix[likelihood - 1][impact - 1]` is the severity."""
    rules: tuple[Rule, ...]
    severities: Mapping[Severity, SeverityPlan]
    decisions: Mapping[DecisionKind, DecisionPlan]
    playbooks: Mapping[Risk, Playbook]
    resources: Mapping[str, Resource]
    hotlines: tuple[Hotline, ...]
    carriers: tuple[Carrier, ...]
    review_rounds: int
    """How often a report may be returned for revision before it closes as it stands."""

    @property
    def funds(self) -> int:
        """The emergency funds that the company keeps, in cents (P7)."""
        return sum(resource.stock for resource in self.resources.values() if resource.kind == FUNDS)

    def contact(self, contact_id: str) -> Contact:
        """The contact with that id. Raises UnknownContact."""
        try:
            return self.contacts[contact_id]
        except KeyError:
            raise UnknownContact(contact_id) from None

    def text(self, text: Text, locale: Locale) -> str:
        """The text in that locale, or in the company's own where the locale has none."""
        return text.get(locale) or text[self.company.locale]

    def severity_of(self, likelihood: int, impact: int) -> Severity:
        """The risk matrix (P3): the severity for a likelihood and an impact, each 1 to 5."""
        return self.matrix[likelihood - 1][impact - 1]

    def holders(self, role: Role, team: Team | None) -> tuple[str, ...]:
        """The contact ids that hold a role; team roles need the team."""
        if role is Role.HEAD:
            return (self.leadership.head,)
        if role is Role.DEPUTY_HEADS:
            return self.leadership.deputy_heads
        if role is Role.MEMBERS:
            return self.leadership.members
        if team is None:
            return ()
        return (self.teams[team].lead,) if role is Role.TEAM_LEAD else self.teams[team].deputies

    def ladder(
        self, kind: DecisionKind, team: Team | None, *, needed: int = 1, barred: str = ""
    ) -> tuple[tuple[str, ...], ...]:
        """Who is asked, rung by rung: contact ids, nobody twice, no rung empty, nobody who is `barred`.

        Where several people are `needed`, the first rungs are asked together until they are enough.
        """
        seen: set[str] = {barred}
        rungs: list[tuple[str, ...]] = []
        for roles in self.decisions[kind].ladder:
            holders = [contact for role in roles for contact in self.holders(role, team)]
            fresh = tuple(dict.fromkeys(contact for contact in holders if contact not in seen))
            seen.update(fresh)
            if fresh and rungs and len(rungs[0]) < needed:
                rungs[0] += fresh
            elif fresh:
                rungs.append(fresh)
        return tuple(rungs)

    def stand_in(self, contact_id: str, now: datetime) -> str:
        """Who is asked for a contact: themselves, or during an absence the delegate, or the delegate's.

        Where nobody on that way is there, the contact themselves: better somebody away than nobody.
        """
        today = now.astimezone(ZoneInfo(self.company.time_zone)).date()
        seen: set[str] = set()
        asked = contact_id
        while asked in self.contacts and asked not in seen:
            if not self.contacts[asked].is_away(today):
                return asked
            seen.add(asked)
            asked = self.contacts[asked].delegate
        return contact_id
