"""The company's plan as the functions read it: compiled from `plan/` when the app is synthesised.

Durations are whole seconds, money is whole cents. A `Text` holds one sentence or name per locale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from emergency.domain.errors import UnknownContact
from emergency.domain.terms import AutomaticStep, DecisionKind, Factor, Outcome, Phase, Risk, Role, Severity, Team

Locale = str
"""A BCP 47 tag of a words file: `en`, `zh-Hant`, `zh-Hans`."""

Text = Mapping[Locale, str]

FUNDS = "funds"
"""The kind of resource that is money: its units are whole cents of the company's currency."""

CARRIER_PREFIX = "carrier-"
"""What the contact ids of carriers begin with."""

MEDIA_PREFIX = "media-"
"""What the contact ids of newsrooms begin with."""

DEFAULT_PLAYBOOK = "default"
"""The playbook for what fits none of the four risks, and for teams that a risk's own playbook has no tasks for."""


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
    legal: str = ""
    """The member who answers for what the law asks of the company; empty where the plan names nobody."""


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
    account: str = ""
    region: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tag key → glob of its value; an alarm must have them all."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Classifies a signal: the first rule that matches gives risk, component and the report's first words (P6.1).

    Raises nothing; the last rule of a plan matches everything. `likelihood` and `impact` override the risk's own,
    `playbook` names another playbook than the risk's: the default one for what fits none of the four risks.
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
    playbook: str = ""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """What a figure adds to likelihood and impact, which stay within 1 to 5, where it is `at_least` so much."""

    at_least: float
    likelihood: int = 0
    impact: int = 0


@dataclass(frozen=True, kw_only=True)
class FigureShifts:
    """How a signal's own figures change its assessment; of each kind, the highest one that is reached counts.

    `times_over` counts by how many times the threshold is exceeded, `users` by how many people are concerned, `score`
    by a finding's own severity, 0 to 10.
    """

    times_over: tuple[Shift, ...] = ()
    users: tuple[Shift, ...] = ()
    score: tuple[Shift, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Correlation:
    """Which signals belong to one incident. Times are in seconds.

    A signal joins an open incident of its risk and component, or of the same composite alarm. Within `related` of the
    opening it also joins one of a component that its own depends on, or the other way round: `depends` has component →
    those that it depends on, as globs, of the same risk or as `<risk>/<component>`.

    For `aftershocks` after the response is over, signals still join; later ones open an incident of their own, which
    names the former one if that ended within `returns`. For `quiet` after people have stood down, the same cause opens
    nothing unless it is worse. An alarm that changes `flaps` times `flaps_within` that time flaps: nobody is told of
    each change any more.
    """

    related: int = 900
    aftershocks: int = 900
    returns: int = 604_800
    quiet: int = 1_800
    flaps: int = 4
    flaps_within: int = 1_800
    depends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SourceMapping:
    """How events of another source are read: each field but the first three is a JMESPath expression over the event.

    `detail_types` are those that are taken, all where there are none. `state` gives what `failure` and `recovery` list;
    without it every event is a failure. `alarm` is what stays the same while something goes on and off.
    """

    id: str
    source: str
    detail_types: tuple[str, ...] = ()
    name: str
    alarm: str = ""
    state: str = ""
    failure: tuple[str, ...] = ()
    recovery: tuple[str, ...] = ()
    namespace: str = ""
    metric: str = ""
    resource: str = ""
    reason: str = ""
    at: str = ""
    began_at: str = ""
    value: str = ""
    threshold: str = ""
    score: str = ""
    users: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportPlace:
    """A place that people can name in an incident report, and the component by which it is correlated."""

    id: str
    name: Text
    component: str


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """How people report incidents (P6.1). With `open_page` everybody can, `per_hour` times in all."""

    places: tuple[ReportPlace, ...] = ()
    open_page: bool = False
    per_hour: int = 20


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
class Approval:
    """Who decides on a request that is worth up to so many cents (P6.4); without a limit, on every larger one."""

    up_to: int | None
    ladder: tuple[tuple[Role, ...], ...]
    needed: int = 1


@dataclass(frozen=True, kw_only=True)
class DecisionPlan:
    """How one kind of decision is put to people.

    `ladder` has the rungs, first asked first; each rung names roles. `needed` is how many people must agree.
    `remind_at` is the part of a rung's time, in percent, after which its people are reminded; 0 for never.
    `start_over` is how often the ladder begins anew, after the leadership group was paged, before silence has its
    declared outcome. `second_factor` says whether the answer needs more than the link (design §4).
    `by_amount` replaces `ladder` and `needed` for requests that are worth money, the smallest limit first.
    """

    ladder: tuple[tuple[Role, ...], ...]
    second_factor: bool = False
    needed: Mapping[Severity, int] = field(default_factory=dict)
    remind_at: int = 0
    start_over: int = 0
    hand_over: bool = False
    more_time: MoreTime | None = None
    by_amount: tuple[Approval, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task of a playbook. `within` is the target in seconds from its assignment; missing means no target.

    `owner` is a role or a contact id. `after` names the tasks that must be done or skipped before, as `<team>/<task>`.
    `runbook` is a web address. `automatic` is what the system does by itself: the task is done with it. `switch_back`
    says what has to be undone at clean-up once the task was done (P6.5).
    """

    id: str
    text: Text
    within: Mapping[Severity, int] = field(default_factory=dict)
    owner: str = Role.TEAM_LEAD
    after: tuple[str, ...] = ()
    runbook: str = ""
    automatic: AutomaticStep | None = None
    switch_back: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Loan:
    """What a playbook lends at activation (P7). `quantity` counts the resource's units; cents for funds."""

    resource: str
    team: Team
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Playbook:
    """What the plan does about one risk: teams to propose by severity, each team's tasks, resources lent.

    `clean_up` is each team's checklist for P6.5, beside what its own tasks have to switch back.
    """

    mobilise: Mapping[Severity, tuple[Team, ...]]
    tasks: Mapping[Team, tuple[Task, ...]]
    loans: tuple[Loan, ...] = ()
    clean_up: Mapping[Team, tuple[Task, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reservist:
    """Somebody of the plan's reserve list who can be called to help a team (P6.4). Not a contact: decides nothing."""

    id: str
    name: Text
    email: str
    phone: str
    locale: Locale


@dataclass(frozen=True, kw_only=True)
class Resource:
    """P7: one line of the inventory. For `kind` `funds` the stock is whole cents of the company's currency.

    `counted` is the day of the last stock-take: a newer one begins the count anew with `stock`. `value` is what a unit
    is worth in cents, by which requests are approved. `reserve` lists, for `kind` `people`, who they are; then `stock`
    is their number.
    """

    id: str
    kind: str
    name: Text
    unit: Text
    stock: int
    counted: date | None = None
    value: int = 0
    reserve: tuple[Reservist, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ContactCentre:
    """The Amazon Connect instance that answers the hotlines, by its ids: the queue that calls go to, its hours."""

    instance: str
    queue: str
    hours: str


@dataclass(frozen=True, kw_only=True)
class Hotline:
    """A telephone number, claimed beforehand, that customer service can open for an incident (P6.3).

    On Amazon Connect it has a `phone_number` id and a contact `flow` of its own for emergencies, so that two incidents'
    greetings never meet; without both, people switch it by hand.
    """

    id: str
    number: str
    name: Text
    phone_number: str = ""
    flow: str = ""


@dataclass(frozen=True, kw_only=True)
class Region:
    """A region that parcels are delivered to. `also` are other names by which lists of orders call it."""

    name: Text
    also: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Lane:
    """What a carrier does in one region: `cost` of a parcel in cents, and the `parcels` that it has on a usual day."""

    cost: int
    parcels: int


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """A logistics company that parcels can be moved to (P7). `lanes` are by region; the capacity counts over them all.

    What is ordered after the `cut_off`, in the company's time zone, is collected on the next day.
    """

    id: str
    name: Text
    lanes: Mapping[str, Lane]
    daily_capacity: int
    cut_off: time
    contact_email: str
    contact_phone: str
    locale: Locale

    @property
    def contact(self) -> Contact:
        """The carrier, as somebody to write to and to ask."""
        return Contact(
            id=f"{CARRIER_PREFIX}{self.id}",
            name=self.name,
            title=self.name,
            email=self.contact_email,
            phone=self.contact_phone,
            locale=self.locale,
        )


@dataclass(frozen=True, kw_only=True)
class MediaContact:
    """A newsroom that gets every statement."""

    id: str
    name: Text
    email: str
    locale: Locale

    @property
    def contact(self) -> Contact:
        """The newsroom, as somebody to write to."""
        return Contact(
            id=f"{MEDIA_PREFIX}{self.id}",
            name=self.name,
            title=self.name,
            email=self.email,
            phone="",
            locale=self.locale,
        )


@dataclass(frozen=True, kw_only=True)
class StatementTemplate:
    """What a statement says before people edit it. Its placeholders are those of `emergency.domain.statement`."""

    title: Text
    text: Text


@dataclass(frozen=True, kw_only=True)
class QuestionAndAnswer:
    """What customers ask, and what the agents of the hotline answer. With the same placeholders as statements."""

    question: Text
    answer: Text


@dataclass(frozen=True, kw_only=True)
class Voice:
    """How the hotline speaks a language: a voice of Amazon Polly, and its language tag, e.g. `cmn-CN`."""

    name: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Communications:
    """What customers and media are told, and how (P6.3).

    `locales` are the public's, the first one the default. Templates, answers and greetings stand by playbook, those of
    DEFAULT_PLAYBOOK count where a playbook has none.
    """

    name: Text
    locales: tuple[Locale, ...]
    media: tuple[MediaContact, ...]
    statements: Mapping[str, Mapping[Phase, StatementTemplate]]
    answers: Mapping[str, tuple[QuestionAndAnswer, ...]]
    greetings: Mapping[str, Text]
    voices: Mapping[Locale, Voice]


class Begins(StrEnum):
    """When the clock of a legal duty begins; it can also begin when another notice was sent."""

    DETECTED = "detected"
    """With the knowledge of the incident: the signal that opened it."""
    HANDLED = "handled"
    """When the response is over and clean-up begins."""


class NoticeStatus(StrEnum):
    """Whether a legal duty binds already."""

    IN_FORCE = "in_force"
    DRAFT = "draft"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A duty to tell an authority, with its clock (P4, head of legal). Engineering input, not legal advice.

    `begins` is a Begins, or the id of the notice whose sending starts it. `within` is in seconds; `term` is how the
    source itself words it. `source` names the law and article, `url` leads there, `checked` is when somebody last read
    it. It concerns incidents of these `risks` and `severities`.
    """

    id: str
    name: Text
    recipient: Text
    term: Text
    source: Text
    url: str
    checked: date
    status: NoticeStatus
    begins: str
    within: int
    risks: tuple[Risk, ...]
    severities: tuple[Severity, ...]


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """Who is mailed when so much of a clock's time is over, in percent: above 100 it is overdue."""

    at: int
    to: tuple[Role, ...]

    @property
    def is_late(self) -> bool:
        """Whether it says that the time is over."""
        return self.at >= 100  # noqa: PLR2004 - percent: all of the time


@dataclass(frozen=True, kw_only=True)
class Updates:
    """The cadence of updates to the public (P6.3): seconds from activation to the first, and between all others."""

    first: Mapping[Severity, int]
    every: Mapping[Severity, int]


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """The plan's clocks. `tasks` and `updates` say who is prompted when; the task's owner is Role.OWNER."""

    task_prompts: tuple[Prompt, ...] = ()
    update_prompts: tuple[Prompt, ...] = ()
    updates: Updates | None = None
    notices: Mapping[str, Notice] = field(default_factory=dict)


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
    playbooks: Mapping[str, Playbook]
    """By risk, and DEFAULT_PLAYBOOK."""
    resources: Mapping[str, Resource]
    hotlines: tuple[Hotline, ...]
    carriers: Mapping[str, Carrier]
    regions: Mapping[str, Region]
    communications: Communications
    review_rounds: int
    """How often a report may be returned for revision before it closes as it stands."""
    deadlines: Deadlines = field(default_factory=Deadlines)
    shortage_to: tuple[Role, ...] = (Role.DEPUTY_HEADS,)
    """Who is told when something can't be lent."""
    contact_centre: ContactCentre | None = None
    """Where hotlines are answered; without one, people switch them by hand."""
    figures: FigureShifts = field(default_factory=FigureShifts)
    correlation: Correlation = field(default_factory=Correlation)
    sources: tuple[SourceMapping, ...] = ()
    """Events of other sources; the first mapping that fits reads one."""
    reporting: Reporting = field(default_factory=Reporting)
    longest_maintenance: int = 28_800
    """The longest maintenance window that can be asked for, in seconds."""

    @property
    def funds(self) -> int:
        """The emergency funds that the company keeps, in cents (P7)."""
        return sum(resource.stock for resource in self.resources.values() if resource.kind == FUNDS)

    def contact(self, contact_id: str) -> Contact:
        """The contact with that id, a carrier's among them. Raises UnknownContact."""
        carrier = self.carriers.get(contact_id.removeprefix(CARRIER_PREFIX))
        if carrier and contact_id.startswith(CARRIER_PREFIX):
            return carrier.contact
        try:
            return self.contacts[contact_id]
        except KeyError:
            raise UnknownContact(contact_id) from None

    def knows(self, contact_id: str) -> bool:
        """Whether the plan has a contact of that id, a carrier's among them."""
        return contact_id in self.contacts or self.is_outside(contact_id)

    def is_outside(self, contact_id: str) -> bool:
        """Whether a contact is nobody of the company, but a carrier: told of nothing but what it is asked."""
        return any(one.contact.id == contact_id for one in self.carriers.values())

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
        if role is Role.LEGAL:
            return (self.leadership.legal,) if self.leadership.legal else ()
        if team is None or role in {Role.OWNER, Role.CARRIER}:
            return ()
        plan = self.teams[team]
        of_team = {Role.TEAM_LEAD: (plan.lead,), Role.TEAM_DEPUTIES: plan.deputies, Role.TEAM_MEMBERS: plan.members}
        return of_team[role]

    def reservist(self, resource: str, person: str) -> Contact:
        """Somebody of a resource's reserve list, as somebody to write to. Raises UnknownContact."""
        entry = self.resources.get(resource)
        one = next((one for one in entry.reserve if one.id == person), None) if entry else None
        if entry and one:
            return Contact(
                id=one.id, name=one.name, title=entry.name, email=one.email, phone=one.phone, locale=one.locale
            )
        raise UnknownContact(person)

    def all_of(self, roles: Iterable[Role], team: Team | None, now: datetime) -> tuple[str, ...]:
        """The contacts who hold these roles, or stand in for them; nobody twice."""
        holders = [contact for role in roles for contact in self.holders(role, team)]
        return tuple(dict.fromkeys(self.stand_in(contact, now) for contact in holders))

    def team_people(self, team: Team) -> tuple[str, ...]:
        """The contact ids of a team: lead, deputies, members; nobody twice (P5)."""
        plan = self.teams[team]
        return tuple(dict.fromkeys((plan.lead, *plan.deputies, *plan.members)))

    def ladder(
        self,
        kind: DecisionKind,
        team: Team | None,
        *,
        needed: int = 1,
        barred: str = "",
        approval: Approval | None = None,
        carrier: str = "",
    ) -> tuple[tuple[str, ...], ...]:
        """Who is asked, rung by rung: contact ids, nobody twice, no rung empty, nobody who is `barred`.

        Where several people are `needed`, the first rungs are asked together until they are enough. An `approval`
        brings a ladder of its own. `carrier` is the one that is asked about its parcels.
        """
        seen: set[str] = {barred}
        rungs: list[tuple[str, ...]] = []
        for roles in (approval or self.decisions[kind]).ladder:
            holders = [contact for role in roles for contact in self.holders(role, team)]
            if Role.CARRIER in roles and carrier:
                holders.append(self.carriers[carrier].contact.id)
            fresh = tuple(dict.fromkeys(contact for contact in holders if contact not in seen))
            seen.update(fresh)
            if fresh and rungs and len(rungs[0]) < needed:
                rungs[0] += fresh
            elif fresh:
                rungs.append(fresh)
        return tuple(rungs)

    def approval(self, resource: str, quantity: int) -> Approval | None:
        """Who decides on a request of that worth; None where the plan makes no difference."""
        entry = self.resources[resource]
        worth = quantity * (1 if entry.kind == FUNDS else entry.value)
        limits = self.decisions[DecisionKind.RELEASE].by_amount
        return next((one for one in limits if one.up_to is None or worth <= one.up_to), limits[-1] if limits else None)

    def playbook(self, name: str) -> Playbook:
        """The playbook of a risk or of that name; where a plan no longer has it, the default one."""
        return self.playbooks.get(name) or self.playbooks[DEFAULT_PLAYBOOK]

    def team_tasks(self, playbook: str, team: Team) -> tuple[Task, ...]:
        """A team's tasks; where the playbook has none for it, those of the default one."""
        return self._of_team(playbook, team, lambda one: one.tasks)

    def team_clean_up(self, playbook: str, team: Team) -> tuple[Task, ...]:
        """A team's checklist for clean-up; where the playbook has none for it, that of the default one."""
        return self._of_team(playbook, team, lambda one: one.clean_up)

    def _of_team(
        self, playbook: str, team: Team, part: Callable[[Playbook], Mapping[Team, tuple[Task, ...]]]
    ) -> tuple[Task, ...]:
        default = self.playbooks.get(DEFAULT_PLAYBOOK)
        return part(self.playbook(playbook)).get(team) or (part(default).get(team, ()) if default else ())

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
