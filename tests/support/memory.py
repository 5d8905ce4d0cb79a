"""In-memory ports. They keep the promises of the adapters (versions, uniqueness, repeatability) and nothing else.

`Faults` can make any call fail, before or after it took effect: what a crash between two calls looks like.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from emergency.domain.assignment import Assignment
from emergency.domain.attachment import Uploaded, UploadForm
from emergency.domain.calls import Calls, Spoken
from emergency.domain.correlation import Alarm, Former, Register, Tally, former_of, from_before, let_go
from emergency.domain.deadline import ClockKind, Deadline, Watched
from emergency.domain.decision import CutShort, Decision
from emergency.domain.deliveries import Replan
from emergency.domain.errors import (
    ContactCentreUnavailable,
    DecisionNotFound,
    IncidentNotFound,
    MailRefused,
    NotEnrolled,
    NothingInStock,
    Overdrawn,
    RecordChanged,
    UnknownLink,
    WorkflowGone,
)
from emergency.domain.filing import Bundle, Filing, bundled
from emergency.domain.incident import Incident
from emergency.domain.inventory import Allocation, CallCount, Expense, OpenHotline, Stock
from emergency.domain.link import Link
from emergency.domain.notification import SentMail
from emergency.domain.plan import Contact, Plan, Resource, Voice
from emergency.domain.report import Record, Report
from emergency.domain.second_factor import Challenge
from emergency.domain.signal import Disposition, KeptSignal, SignalRecord
from emergency.domain.standing import StandingLink
from emergency.domain.statement import SiteFile, Statement
from emergency.domain.subscription import Subscriber
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.domain.timeline import TimelineEntry
from emergency.ports import Mail

EPOCH = datetime(2026, 11, 22, 3, 12, 45, tzinfo=UTC)


class Crash(Exception):
    """The process died here."""


@dataclass
class Faults:
    """Counts the calls of all ports; the call number `at` crashes, `before` or after it took effect."""

    at: int = -1
    before: bool = True
    calls: list[str] = field(default_factory=list)

    def around(self, name: str, effect: Callable[[], object]) -> object:
        self.calls.append(name)
        dies = len(self.calls) - 1 == self.at
        if dies and self.before:
            raise Crash(name)
        result = effect()
        if dies:
            raise Crash(name)
        return result


@dataclass
class MemoryStore:
    """What DynamoDB holds."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    planned: list[str] = field(default_factory=list)
    causes: dict[str, str] = field(default_factory=dict)
    signals: dict[str, SignalRecord] = field(default_factory=dict)
    kept: dict[str, KeptSignal] = field(default_factory=dict)
    register: Register = field(default_factory=Register)
    alarms: dict[str, Alarm] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    formers: dict[str, Former] = field(default_factory=dict)
    entries: dict[tuple[str, str], TimelineEntry] = field(default_factory=dict)
    decisions: dict[tuple[str, str], Decision] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    challenges: dict[tuple[str, str, str], Challenge] = field(default_factory=dict)
    device_keys: dict[str, str] = field(default_factory=dict)
    spent: dict[str, tuple[int, str]] = field(default_factory=dict)
    marked: dict[str, str] = field(default_factory=dict)
    assignments: dict[tuple[str, Team], Assignment] = field(default_factory=dict)
    loans: dict[tuple[str, str], Allocation] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    counted: dict[str, str] = field(default_factory=dict)
    expenses: dict[tuple[str, str], Expense] = field(default_factory=dict)
    deadlines: dict[tuple[str, str], Deadline] = field(default_factory=dict)
    mails: dict[tuple[str, str], SentMail] = field(default_factory=dict)
    hotlines: dict[str, OpenHotline] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    calls: dict[tuple[str, str], CallCount] = field(default_factory=dict)
    replans: dict[tuple[str, str], Replan] = field(default_factory=dict)
    statements: dict[tuple[str, str], Statement] = field(default_factory=dict)

    def expect_new(self, incident_id: str, entries: Sequence[TimelineEntry]) -> None:
        if any((incident_id, entry.key) in self.entries for entry in entries):
            raise RecordChanged("timeline")

    def put_challenge(self, challenge: Challenge) -> Challenge:
        stored = self.challenges.get(challenge_key(challenge))
        if (stored.version if stored else 0) != challenge.version:
            raise RecordChanged(challenge.contact)
        saved = replace(challenge, version=challenge.version + 1)
        self.challenges[challenge_key(challenge)] = saved
        return saved

    def write_down(self, incident_id: str, entries: Sequence[TimelineEntry]) -> None:
        for entry in entries:
            self.entries[incident_id, entry.key] = entry


@dataclass
class MemoryStandingLinks:
    links: dict[str, StandingLink] = field(default_factory=dict)

    def get(self, contact: str) -> StandingLink | None:
        return self.links.get(contact)

    def of_link(self, digest: str) -> StandingLink:
        found = next((link for link in self.links.values() if digest in link.digests), None)
        if found is None:
            raise UnknownLink
        return found

    def save(self, link: StandingLink) -> StandingLink:
        stored = self.links.get(link.contact)
        if (stored.version if stored else 0) != link.version:
            raise RecordChanged(link.contact)
        self.links[link.contact] = replace(link, version=link.version + 1)
        return self.links[link.contact]


@dataclass
class MemorySignals:
    store: MemoryStore

    def recorded(self, signal_id: str) -> SignalRecord | None:
        return self.store.signals.get(signal_id)

    def recorded_among(self, signal_ids: Collection[str]) -> Mapping[str, SignalRecord]:
        return {id_: self.store.signals[id_] for id_ in signal_ids if id_ in self.store.signals}

    def register(self) -> Register:
        return self.store.register

    def save(self, register: Register) -> None:
        if self.store.register.version != register.version:
            raise RecordChanged("register")
        self.store.register = replace(register, version=register.version + 1)

    def alarms(self, arns: Collection[str]) -> Mapping[str, Alarm]:
        return {arn: self.store.alarms[arn] for arn in arns if arn in self.store.alarms}

    def tally(self, incident_id: str) -> Tally | None:
        incident = self.store.incidents.get(incident_id)
        return self.store.tallies.get(incident_id) or (from_before(incident) if incident else None)

    def tallies(self, incident_ids: Collection[str]) -> Mapping[str, Tally]:
        return {id_: self.store.tallies[id_] for id_ in incident_ids if id_ in self.store.tallies}

    def former(self, cause: str) -> Former | None:
        return self.store.formers.get(cause)

    def open_incident_of(self, cause: str) -> str | None:
        return self.store.causes.get(cause)

    def file(self, *filings: Filing) -> None:
        bundle, store = bundled(filings), self.store
        self._expect(bundle)
        for one in (*bundle.kept, *bundle.moved):
            store.signals[one.record.id] = one.record
            store.kept[one.record.id] = one
        store.incidents |= {incident.id: incident for incident in bundle.incidents}
        if bundle.register:
            self.save(bundle.register)
        store.alarms |= {alarm.arn: replace(alarm, version=alarm.version + 1) for alarm in bundle.alarms}
        store.tallies |= {tally.incident_id: replace(tally, version=tally.version + 1) for tally in bundle.tallies}
        for incident_id, entry in bundle.entries:
            store.write_down(incident_id, [entry])

    def _expect(self, bundle: Bundle) -> None:
        store = self.store
        versions = [
            (bundle.register, store.register if bundle.register else None),
            *((alarm, store.alarms.get(alarm.arn)) for alarm in bundle.alarms),
            *((tally, store.tallies.get(tally.incident_id)) for tally in bundle.tallies),
        ]
        moved = any(new and new.version != (known.version if known else 0) for new, known in versions)
        exists = any(incident.id in store.incidents for incident in bundle.incidents)
        early = any(store.signals[one.record.id].disposition is not Disposition.IGNORED for one in bundle.moved)
        if moved or exists or early or any(self._known(one.record) for one in bundle.kept):
            raise RecordChanged(bundle.kept[0].record.id)
        for incident_id, entry in bundle.entries:
            store.expect_new(incident_id, [entry])

    def note(self, signal: SignalRecord) -> None:
        if not self._known(signal):
            self.store.signals[signal.id] = signal

    def early(self, signal_id: str) -> KeptSignal | None:
        kept = self.store.kept.get(signal_id)
        return None if kept is None or kept.record.incident_id else kept

    def _known(self, signal: SignalRecord) -> bool:
        known = self.store.signals.get(signal.id)
        return known is not None and known.disposition is not Disposition.REJECTED


@dataclass
class MemoryMaintenances:
    store: MemoryStore

    def create(self, record: Incident) -> Incident:
        if record.id not in self.store.incidents:
            self.store.planned.append(record.id)
        return self.store.incidents.setdefault(record.id, record)

    def planned(self) -> tuple[str, ...]:
        return tuple(sorted(self.store.planned))

    def end(self, record: Incident, entries: Sequence[TimelineEntry]) -> Incident:
        MemoryIncidents(self.store).save(record, entries)
        self.store.planned.remove(record.id)
        return self.store.incidents[record.id]


@dataclass
class MemoryIncidents:
    store: MemoryStore

    def get(self, incident_id: str) -> Incident:
        try:
            return self.store.incidents[incident_id]
        except KeyError:
            raise IncidentNotFound(incident_id) from None

    def save(self, incident: Incident, entries: Sequence[TimelineEntry] = (), *, release_cause: bool = False) -> None:
        if self.get(incident.id).version != incident.version:
            raise RecordChanged(incident.id)
        self.store.expect_new(incident.id, entries)
        self.store.incidents[incident.id] = replace(incident, version=incident.version + 1)
        self.store.write_down(incident.id, entries)
        if release_cause:
            self._release(incident)

    def _release(self, incident: Incident) -> None:
        register = let_go(self.store.register, incident)
        self.store.register = replace(register, version=register.version + 1)
        if incident.status.is_over and incident.closed_at:
            self.store.formers[incident.cause] = former_of(incident, incident.closed_at)
            tally = self.store.tallies.get(incident.id) or from_before(incident)
            self.store.tallies[incident.id] = replace(tally, ended_at=incident.closed_at, version=tally.version + 1)
        if self.store.causes.get(incident.cause) == incident.id:
            del self.store.causes[incident.cause]

    def add(self, incident_id: str, entries: Sequence[TimelineEntry]) -> None:
        for entry in entries:
            self.store.entries.setdefault((incident_id, entry.key), entry)

    def signals(self, incident_id: str) -> Iterable[KeptSignal]:
        mine = [kept for kept in self.store.kept.values() if kept.record.incident_id == incident_id]
        return sorted(mine, key=lambda kept: (kept.record.at, kept.record.id))

    def entry(self, incident_id: str, key: str) -> TimelineEntry | None:
        return self.store.entries.get((incident_id, key))

    def timeline(self, incident_id: str) -> tuple[TimelineEntry, ...]:
        mine = [entry for (owner, _), entry in self.store.entries.items() if owner == incident_id]
        return tuple(sorted(mine, key=lambda entry: (entry.at, entry.key)))

    def record(self, incident_id: str) -> Record:
        return Record(
            incident=self.get(incident_id),
            timeline=self.timeline(incident_id),
            decisions={d.id: d for (owner, _), d in self.store.decisions.items() if owner == incident_id},
            assignments={a.team: a for (owner, _), a in self.store.assignments.items() if owner == incident_id},
            allocations=tuple(a for (owner, _), a in self.store.loans.items() if owner == incident_id),
            hotline=self.store.hotlines.get(incident_id),
            expenses=tuple(e for (owner, _), e in self.store.expenses.items() if owner == incident_id),
            deadlines={d.id: d for (owner, _), d in self.store.deadlines.items() if owner == incident_id},
            sent=tuple(m for (owner, _), m in self.store.mails.items() if owner == incident_id),
            calls=tuple(c for (owner, _), c in self.store.calls.items() if owner == incident_id),
            tally=self.store.tallies.get(incident_id),
            replans=tuple(r for (owner, _), r in self.store.replans.items() if owner == incident_id),
            statements=tuple(s for (owner, _), s in self.store.statements.items() if owner == incident_id),
        )


def challenge_key(challenge: Challenge) -> tuple[str, str, str]:
    return challenge.incident_id, challenge.decision_id, challenge.contact


@dataclass
class MemoryDecisions:
    store: MemoryStore

    def create(self, decision: Decision, entries: Sequence[TimelineEntry] = ()) -> Decision:
        key = (decision.incident_id, decision.id)
        if key not in self.store.decisions:
            self.store.expect_new(decision.incident_id, entries)
            self.store.decisions[key] = decision
            self.store.write_down(decision.incident_id, entries)
        return self.store.decisions[key]

    def get(self, incident_id: str, decision_id: str) -> Decision:
        try:
            return self.store.decisions[incident_id, decision_id]
        except KeyError:
            raise DecisionNotFound(decision_id) from None

    def save(
        self,
        decision: Decision,
        entries: Sequence[TimelineEntry] = (),
        links: Sequence[Link] = (),
        challenge: Challenge | None = None,
    ) -> Decision:
        if self.get(decision.incident_id, decision.id).version != decision.version:
            raise RecordChanged(decision.id)
        self.store.expect_new(decision.incident_id, entries)
        if challenge:
            self.store.put_challenge(challenge)
        saved = replace(decision, version=decision.version + 1)
        self.store.decisions[decision.incident_id, decision.id] = saved
        self.store.write_down(decision.incident_id, entries)
        self.store.links.update({link.digest: link for link in links})
        return saved

    def link(self, digest: str) -> Link:
        try:
            return self.store.links[digest]
        except KeyError:
            raise UnknownLink from None


@dataclass
class MemoryChallenges:
    store: MemoryStore

    def get(self, incident_id: str, decision_id: str, contact: str) -> Challenge | None:
        return self.store.challenges.get((incident_id, decision_id, contact))

    def save(self, challenge: Challenge, entries: Sequence[TimelineEntry] = ()) -> Challenge:
        self.store.expect_new(challenge.incident_id, entries)
        saved = self.store.put_challenge(challenge)
        self.store.write_down(challenge.incident_id, entries)
        return saved

    def device_key(self, incident_id: str, fresh: str = "") -> str:
        if fresh:
            return self.store.device_keys.setdefault(incident_id, fresh)
        return self.store.device_keys.get(incident_id, "")

    def spend(self, challenge: Challenge, step: int) -> bool:
        owner = f"{challenge.incident_id}#{challenge.decision_id}#{challenge.number}"
        last, used_for = self.store.spent.get(challenge.contact, (-1, ""))
        if step < last or (step == last and used_for != owner):
            return False
        self.store.spent[challenge.contact] = (step, owner)
        return True


@dataclass
class MemoryAddressBook:
    store: MemoryStore

    def is_unreachable(self, contact: Contact) -> bool:
        return self.store.marked.get(contact.id) == contact.email

    def mark(self, contact: Contact, reason: str, now: datetime) -> None:
        self.store.marked[contact.id] = contact.email

    def clear(self, contact: Contact) -> None:
        if self.is_unreachable(contact):
            del self.store.marked[contact.id]


@dataclass
class MemoryAuthenticators:
    secrets: dict[str, str] = field(default_factory=dict)

    def secret_of(self, contact: str) -> str:
        try:
            return self.secrets[contact]
        except KeyError:
            raise NotEnrolled(contact) from None


@dataclass
class MemoryAssignments:
    store: MemoryStore

    def create(self, assignment: Assignment, entry: TimelineEntry) -> Assignment:
        key = (assignment.incident_id, assignment.team)
        if key not in self.store.assignments:
            self.store.assignments[key] = assignment
            self.store.write_down(assignment.incident_id, [entry])
        return self.store.assignments[key]

    def get(self, incident_id: str, team: Team) -> Assignment | None:
        return self.store.assignments.get((incident_id, team))

    def save(self, assignment: Assignment, entries: Sequence[TimelineEntry]) -> Assignment:
        key = (assignment.incident_id, assignment.team)
        if self.store.assignments[key].version != assignment.version:
            raise RecordChanged(assignment.team)
        self.store.expect_new(assignment.incident_id, entries)
        self.store.assignments[key] = replace(assignment, version=assignment.version + 1)
        self.store.write_down(assignment.incident_id, entries)
        return self.store.assignments[key]


@dataclass
class MemoryInventory:
    store: MemoryStore

    def stock(self, resource: Resource) -> Stock:
        day = resource.counted.isoformat() if resource.counted else ""
        if day > self.store.counted.get(resource.id, ""):
            self.store.counted[resource.id] = day
            self.store.gone[resource.id] = 0
        called = {who for loan in self.store.loans.values() if loan.returned_at is None for who in loan.people}
        free = tuple(person.id for person in resource.reserve if person.id not in called)
        left = resource.stock - self._out(resource.id)
        return Stock(left=min(left, len(free)) if resource.reserve else left, free=free)

    def _out(self, resource: str) -> int:
        out = sum(loan.left for loan in self.store.loans.values() if loan.resource == resource)
        return out + self.store.gone.get(resource, 0)

    def lend(self, allocations: Sequence[Allocation], plan: Plan, entries: Sequence[TimelineEntry]) -> None:
        incident_id = allocations[0].incident_id
        known = [loan for loan in allocations if (incident_id, loan.id) in self.store.loans]
        if len(known) == len(allocations):
            return
        if known:
            raise RecordChanged(incident_id)
        wanted = Counter[str]()
        for loan in allocations:
            wanted[loan.resource] += loan.quantity
        for resource, quantity in wanted.items():
            stock = self.stock(plan.resources[resource])
            called = {who for loan in allocations if loan.resource == resource for who in loan.people}
            if quantity > max(0, stock.left) or called - set(stock.free):
                raise NothingInStock(incident_id)
        self.store.expect_new(incident_id, entries)
        self.store.loans.update({(incident_id, loan.id): loan for loan in allocations})
        self.store.write_down(incident_id, entries)

    def spend(self, expense: Expense, entries: Sequence[TimelineEntry]) -> None:
        key = (expense.incident_id, expense.allocation)
        loan = self.store.loans.get(key)
        if (expense.incident_id, expense.id) in self.store.expenses:
            return
        if loan is None or expense.quantity > loan.left:
            raise Overdrawn(expense.allocation)
        self.store.loans[key] = replace(loan, spent=loan.spent + expense.quantity)
        self.store.gone[loan.resource] = self.store.gone.get(loan.resource, 0) + expense.quantity
        self.store.expenses[expense.incident_id, expense.id] = expense
        self.store.write_down(expense.incident_id, entries)

    def give_back(self, allocation: Allocation, entries: Sequence[TimelineEntry], now: datetime) -> None:
        key = (allocation.incident_id, allocation.id)
        stored = self.store.loans[key]
        if stored.returned_at is not None:
            return
        if stored.spent != allocation.spent:
            raise RecordChanged(allocation.id)
        self.store.loans[key] = replace(stored, returned_at=now)
        self.store.write_down(allocation.incident_id, entries)

    def allocations(self, incident_id: str) -> tuple[Allocation, ...]:
        return tuple(a for (owner, _), a in self.store.loans.items() if owner == incident_id)


@dataclass
class MemoryDeadlines:
    store: MemoryStore

    def create(self, deadline: Deadline, entries: Sequence[TimelineEntry] = ()) -> Deadline:
        key = (deadline.incident_id, deadline.id)
        if key not in self.store.deadlines:
            self.store.expect_new(deadline.incident_id, entries)
            self.store.deadlines[key] = deadline
            self.store.write_down(deadline.incident_id, entries)
        return self.store.deadlines[key]

    def get(self, incident_id: str, deadline: Watched) -> Deadline | None:
        return self.store.deadlines.get((incident_id, deadline))

    def save(self, deadline: Deadline, entries: Sequence[TimelineEntry] = ()) -> Deadline:
        key = (deadline.incident_id, deadline.id)
        if self.store.deadlines[key].version != deadline.version:
            raise RecordChanged(deadline.id)
        self.store.expect_new(deadline.incident_id, entries)
        self.store.deadlines[key] = replace(deadline, version=deadline.version + 1)
        self.store.write_down(deadline.incident_id, entries)
        return self.store.deadlines[key]


@dataclass
class MemoryStatements:
    store: MemoryStore

    def publish(self, statement: Statement, entries: Sequence[TimelineEntry], deadline: Deadline | None = None) -> None:
        if (statement.incident_id, statement.id) in self.store.statements:
            raise RecordChanged(statement.id)
        self.store.expect_new(statement.incident_id, entries)
        if deadline:
            key = (deadline.incident_id, deadline.id)
            if self.store.deadlines[key].version != deadline.version:
                raise RecordChanged(deadline.id)
            self.store.deadlines[key] = replace(deadline, version=deadline.version + 1)
        self.store.statements[statement.incident_id, statement.id] = statement
        self.store.write_down(statement.incident_id, entries)

    def history(self) -> tuple[Statement, ...]:
        return tuple(sorted(self.store.statements.values(), key=lambda one: (one.published_at, one.id)))


@dataclass
class MemoryStatusSite:
    """The files that readers see, by path."""

    files: dict[str, SiteFile] = field(default_factory=dict)

    def put(self, file: SiteFile) -> None:
        self.files[file.path] = file


@dataclass
class MemorySentMails:
    store: MemoryStore

    def get(self, incident_id: str, name: str) -> SentMail | None:
        return self.store.mails.get((incident_id, name))

    def note(self, mail: SentMail) -> None:
        self.store.mails[mail.incident_id, mail.name] = mail


@dataclass
class MemoryHotlines:
    store: MemoryStore

    def take(self, hotline: OpenHotline, entries: Sequence[TimelineEntry]) -> bool:
        holder = self.store.taken.get(hotline.hotline)
        if holder is not None or hotline.incident_id in self.store.hotlines:
            return holder == hotline.incident_id
        self.store.taken[hotline.hotline] = hotline.incident_id
        self.store.hotlines[hotline.incident_id] = hotline
        self.store.write_down(hotline.incident_id, entries)
        return True

    def note(self, hotline: OpenHotline, entries: Sequence[TimelineEntry] = ()) -> None:
        stored = self.store.hotlines.get(hotline.incident_id)
        if stored is None or stored.closed_at is not None:
            raise RecordChanged(hotline.hotline)
        self.store.expect_new(hotline.incident_id, entries)
        self.store.hotlines[hotline.incident_id] = hotline
        self.store.write_down(hotline.incident_id, entries)

    def count(self, calls: CallCount, entry: TimelineEntry) -> None:
        if (calls.incident_id, calls.id) not in self.store.calls:
            self.store.calls[calls.incident_id, calls.id] = calls
            self.store.write_down(calls.incident_id, [entry])

    def open_for(self, incident_id: str) -> OpenHotline | None:
        return self.store.hotlines.get(incident_id)

    def release(self, hotline: OpenHotline, entry: TimelineEntry, now: datetime) -> None:
        if self.store.taken.get(hotline.hotline) == hotline.incident_id:
            del self.store.taken[hotline.hotline]
            self.store.hotlines[hotline.incident_id] = replace(hotline, closed_at=now)
            self.store.write_down(hotline.incident_id, [entry])


@dataclass
class MemoryContactCentre:
    """Amazon Connect as the hotline knows it: the flow of each number, what each flow says, who called."""

    flows: dict[str, str] = field(default_factory=dict)
    said: dict[str, tuple[Spoken, ...]] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)
    is_queue_open: bool = True
    counted: Calls | None = None
    refuses: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)

    def flow_of(self, phone_number: str) -> str:
        self._do("flow_of")
        return self.flows.get(phone_number, "")

    def greet(self, flow: str, greeting: Sequence[Spoken], about: str) -> None:
        self._do("greet")
        self.said[flow], self.about[flow] = tuple(greeting), about

    def is_staffed(self, now: datetime) -> bool:
        self._do("is_staffed")
        return self.is_queue_open

    def connect(self, phone_number: str, flow: str) -> None:
        self._do("connect")
        self.flows[phone_number] = flow

    def calls(self, since: datetime, until: datetime) -> Calls | None:
        self._do("calls")
        return self.counted

    def _do(self, call: str) -> None:
        if call in self.refuses:
            raise ContactCentreUnavailable(call)
        self.done.append(call)


@dataclass
class PlainAnnouncer:
    """Greetings that name their incident alone."""

    def greeting(self, incident: Incident) -> tuple[Spoken, ...]:
        return (Spoken(text=f"Greeting of {incident.id}", voice=Voice(name="Joanna", language="en-US")),)


@dataclass
class MemoryReplans:
    store_: MemoryStore

    def store(
        self, replan: Replan, entries: Sequence[TimelineEntry] = (), questions: Sequence[Decision] = ()
    ) -> Replan:
        key = (replan.incident_id, replan.id)
        if key in self.store_.replans:
            return self.store_.replans[key]
        self.store_.expect_new(replan.incident_id, entries)
        numbers = [one.number for one in self.store_.replans.values() if one.incident_id == replan.incident_id]
        if replan.number and replan.number in numbers:
            raise RecordChanged(replan.id)
        if any((one.incident_id, one.id) in self.store_.decisions for one in questions):
            raise RecordChanged(replan.id)
        self.store_.replans[key] = replan
        self.store_.decisions.update({(one.incident_id, one.id): one for one in questions})
        self.store_.write_down(replan.incident_id, entries)
        return replan

    def get(self, incident_id: str, replan_id: str) -> Replan | None:
        return self.store_.replans.get((incident_id, replan_id))


@dataclass
class MemoryWorkflow:
    """Executions that wait under a token; a token that is spent or unknown is gone."""

    started: list[str] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)
    resumed: list[tuple[str, str, Outcome]] = field(default_factory=list)
    hurried: list[tuple[str, str, CutShort]] = field(default_factory=list)
    releases: list[tuple[str, str]] = field(default_factory=list)
    clocks: dict[tuple[str, str], tuple[ClockKind, int]] = field(default_factory=dict)
    ended: list[tuple[str, str]] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)

    def start(self, incident_id: str) -> None:
        if incident_id not in self.started:
            self.started.append(incident_id)

    def resume(self, task_token: str, decision_id: str, outcome: Outcome) -> None:
        if task_token not in self.waiting:
            raise WorkflowGone(decision_id)
        self.waiting.discard(task_token)
        self.resumed.append((task_token, decision_id, outcome))

    def cut_short(self, task_token: str, decision_id: str, reason: CutShort) -> None:
        if task_token not in self.waiting:
            raise WorkflowGone(decision_id)
        self.waiting.discard(task_token)
        self.hurried.append((task_token, decision_id, reason))

    def start_clock(self, incident_id: str, clock: str, kind: ClockKind, seconds: int = 0) -> None:
        self.clocks.setdefault((incident_id, clock), (kind, seconds))

    def end_clock(self, task_token: str, clock: str) -> None:
        self._spend(task_token, clock, self.ended)

    def move_clock(self, task_token: str, clock: str) -> None:
        self._spend(task_token, clock, self.moved)

    def _spend(self, task_token: str, clock: str, told: list[tuple[str, str]]) -> None:
        if task_token not in self.waiting:
            raise WorkflowGone(clock)
        self.waiting.discard(task_token)
        told.append((task_token, clock))

    def start_request(self, incident_id: str, decision_id: str, kind: DecisionKind) -> None:
        if (incident_id, decision_id) not in self.releases:
            self.releases.append((incident_id, decision_id))


@dataclass
class MemoryPost:
    """Takes every mail but those to the contacts in `refuses`."""

    sent: list[Mail] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)

    def send(self, mail: Mail) -> str:
        if mail.to.id in self.refuses:
            raise MailRefused(mail.name)
        self.sent.append(mail)
        return f"mail-{len(self.sent)}"


@dataclass
class MemoryArchive:
    files: dict[str, bytes] = field(default_factory=dict)

    def put(self, name: str, content: str | bytes, content_type: str) -> None:
        self.files[name] = content.encode() if isinstance(content, str) else content

    def get(self, name: str) -> bytes | None:
        return self.files.get(name)

    @property
    def documents(self) -> dict[str, str]:
        """What is text."""
        return {name: content.decode() for name, content in self.files.items() if "/attachments/" not in name}


@dataclass
class MemoryUploads:
    """What browsers have sent, by key."""

    files: dict[str, bytes] = field(default_factory=dict)

    def form(self, prefix: str, return_to: str) -> UploadForm:
        return UploadForm(url="https://uploads.example/", fields={"key": prefix, "success_action_redirect": return_to})

    def look(self, key: str) -> Uploaded | None:
        content = self.files.get(key)
        return None if content is None else Uploaded(key=key, size=len(content), uploaded_at=EPOCH)

    def listed(self, prefix: str) -> tuple[Uploaded, ...]:
        found = [self.look(key) for key in self.files if key.startswith(prefix)]
        return tuple(one for one in found if one)

    def read(self, key: str) -> bytes | None:
        return self.files.get(key)


@dataclass
class MemoryDeadLetters:
    kept: list[tuple[str, str]] = field(default_factory=list)

    def put(self, body: str, reason: str) -> None:
        self.kept.append((body, reason))


@dataclass
class PlainReports:
    """Reports without words or layout."""

    def html(self, report: Report, locale: str) -> str:
        return f"{locale} round {report.round} closed {report.times.closed}"


class CountingIdentities:
    """Ids in order, so that tests can name them."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def incident_id(self, now: datetime) -> str:
        return f"INC-{now:%Y%m%d}-{next(self._numbers):04d}"

    def secret(self) -> str:
        return f"secret-{next(self._numbers):04d}"


class SteppingClock:
    """A clock that moves on one second at each look."""

    def __init__(self, start: datetime = EPOCH) -> None:
        self.now = start

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class MemorySubscribers:
    """Subscribers by the digest of their address, and by that of their link."""

    people: dict[str, Subscriber] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def get(self, address_digest: str) -> Subscriber | None:
        return self.people.get(address_digest)

    def of_link(self, digest: str) -> Subscriber:
        subscriber = self.people.get(self.links.get(digest, ""))
        if subscriber is None or subscriber.link_digest != digest:
            raise UnknownLink
        return subscriber

    def save(self, subscriber: Subscriber) -> Subscriber:
        before = self.people.get(subscriber.address_digest)
        if (before.version if before else 0) != subscriber.version:
            raise RecordChanged
        saved = replace(subscriber, version=subscriber.version + 1)
        self.people[saved.address_digest] = saved
        self.links[saved.link_digest] = saved.address_digest
        return saved

    def forget(self, subscriber: Subscriber) -> None:
        present = self.people.get(subscriber.address_digest)
        if present and present.secret != subscriber.secret:
            raise RecordChanged
        self.people.pop(subscriber.address_digest, None)
        self.links.pop(subscriber.link_digest, None)

    def confirmed(self, cursor: str = "", limit: int = 100) -> tuple[tuple[Subscriber, ...], str]:
        people = sorted((one.link_digest, one) for one in self.people.values() if one.is_confirmed)
        rest = [(digest, one) for digest, one in people if digest > cursor]
        after = rest[limit - 1][0] if len(rest) >= limit else ""
        return tuple(one for _, one in rest[:limit]), after
