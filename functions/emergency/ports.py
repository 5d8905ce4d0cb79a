"""The ports: what the use cases need of the outside, named for the domain. The adapters stand in `emergency.aws`.

Every write is safe to repeat: it says what it expects, and a lost race is RecordChanged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from emergency.domain.assignment import Assignment
from emergency.domain.attachment import Uploaded, UploadForm
from emergency.domain.briefing import Briefing
from emergency.domain.calls import Calls, Spoken
from emergency.domain.correlation import Alarm, Former, Register, Tally
from emergency.domain.deadline import ClockKind, Deadline, Watched
from emergency.domain.decision import CutShort, Decision
from emergency.domain.deliveries import Replan
from emergency.domain.filing import Filing
from emergency.domain.incident import Incident
from emergency.domain.inventory import Allocation, CallCount, Expense, OpenHotline, Stock
from emergency.domain.link import Link
from emergency.domain.notification import Notification, SentMail
from emergency.domain.plan import Contact, Locale, Plan, Resource
from emergency.domain.report import Record, Report
from emergency.domain.second_factor import Challenge
from emergency.domain.signal import KeptSignal, SignalRecord
from emergency.domain.standing import StandingLink
from emergency.domain.statement import SiteFile, Statement
from emergency.domain.subscription import Subscriber
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.domain.timeline import TimelineEntry


class Clock(Protocol):
    """Gives the present time, in UTC."""

    def __call__(self) -> datetime:
        """Now."""
        ...


class Identities(Protocol):
    """Gives ids and secrets that nobody can guess."""

    def incident_id(self, now: datetime) -> str:
        """A new incident id, `INC-<date>-<four characters>`."""
        ...

    def secret(self) -> str:
        """256 random bits, URL-safe."""
        ...


class Pause(Protocol):
    """Waits before something is tried again."""

    def __call__(self, attempt: int, /) -> None:
        """Waits after the attempt of that number, the first being 1."""
        ...


class Signals(Protocol):
    """What became of each signal, and what signals are correlated by."""

    def recorded(self, signal_id: str) -> SignalRecord | None:
        """The record of a signal handled before, or None."""
        ...

    def recorded_among(self, signal_ids: Collection[str]) -> Mapping[str, SignalRecord]:
        """The records of those of up to 100 signals that were handled before, by their ids."""
        ...

    def register(self) -> Register:
        """What is open now."""
        ...

    def save(self, register: Register) -> None:
        """Stores the register read at its version. Raises RecordChanged where the version moved."""
        ...

    def alarms(self, arns: Collection[str]) -> Mapping[str, Alarm]:
        """Those of the alarms that were heard of, by their ARNs."""
        ...

    def tally(self, incident_id: str) -> Tally | None:
        """An incident's signals, counted; None where there is no such incident."""
        ...

    def tallies(self, incident_ids: Collection[str]) -> Mapping[str, Tally]:
        """As `tally`, of those of up to 100 incidents that keep one beside their record."""
        ...

    def former(self, cause: str) -> Former | None:
        """The incident that the cause had last and that is over, or None."""
        ...

    def open_incident_of(self, cause: str) -> str | None:
        """The id of an incident that the cause has open from the time before the register, or None (R24)."""
        ...

    def file(self, *filings: Filing) -> None:
        """Stores what signals change, in one transaction; of several, each is based on those before it.

        Raises RecordChanged where the signal was recorded before or something moved from the version that was read.
        """
        ...

    def note(self, signal: SignalRecord) -> None:
        """Records what became of an event that can't be read; a second time changes nothing."""
        ...

    def early(self, signal_id: str) -> KeptSignal | None:
        """A signal that was put on file without an incident, or None."""
        ...


class Incidents(Protocol):
    """Incident records with their timelines."""

    def get(self, incident_id: str) -> Incident:
        """The incident. Raises IncidentNotFound."""
        ...

    def save(self, incident: Incident, entries: Sequence[TimelineEntry] = (), *, release_cause: bool = False) -> None:
        """Stores the incident read at `incident.version`, with new timeline entries, in one transaction.

        `release_cause` lets go of its cause as the incident now stands: one that is over takes no signals any more, one
        whose response is over takes aftershocks alone. Raises RecordChanged where the version moved, also of what is
        open.
        """
        ...

    def add(self, incident_id: str, entries: Sequence[TimelineEntry]) -> None:
        """Adds timeline entries; one whose key is there already stays as it was."""
        ...

    def entry(self, incident_id: str, key: str) -> TimelineEntry | None:
        """The timeline's entry of that key, or None."""
        ...

    def timeline(self, incident_id: str) -> tuple[TimelineEntry, ...]:
        """The incident's timeline, oldest first."""
        ...

    def record(self, incident_id: str) -> Record:
        """Everything on record of the incident but its signals. Raises IncidentNotFound."""
        ...

    def signals(self, incident_id: str) -> Iterable[KeptSignal]:
        """The signals of an incident or of planned maintenance, by their own time."""
        ...


class Maintenances(Protocol):
    """Records of planned maintenance: shaped like incidents', but in no list of them."""

    def create(self, record: Incident) -> Incident:
        """Stores a new record and gives it back; where it exists already, gives the stored one."""
        ...

    def planned(self) -> tuple[str, ...]:
        """The ids of all that isn't over, by the day on which it begins."""
        ...

    def end(self, record: Incident, entries: Sequence[TimelineEntry]) -> Incident:
        """Stores the record that is over, read at `record.version`, with entries, in one transaction; gives it back.

        Raises RecordChanged where the version moved.
        """
        ...


class Decisions(Protocol):
    """Questions, who was asked, and the links that lead to them."""

    def create(self, decision: Decision, entries: Sequence[TimelineEntry] = ()) -> Decision:
        """Stores a new decision with its entries and gives it back; where it exists already, gives the stored one."""
        ...

    def get(self, incident_id: str, decision_id: str) -> Decision:
        """The decision. Raises DecisionNotFound."""
        ...

    def save(
        self,
        decision: Decision,
        entries: Sequence[TimelineEntry] = (),
        links: Sequence[Link] = (),
        challenge: Challenge | None = None,
    ) -> Decision:
        """Stores the decision read at `decision.version`, with all the rest, in one transaction; gives it back.

        Raises RecordChanged where its version, or the challenge's, moved.
        """
        ...

    def link(self, digest: str) -> Link:
        """The link whose id has that digest. Raises UnknownLink."""
        ...


class Challenges(Protocol):
    """Proofs of who somebody is: codes asked for, devices trusted (design §4)."""

    def get(self, incident_id: str, decision_id: str, contact: str) -> Challenge | None:
        """The person's last challenge in that decision, or None."""
        ...

    def save(self, challenge: Challenge, entries: Sequence[TimelineEntry] = ()) -> Challenge:
        """Stores the challenge read at `challenge.version`, 0 for the first one; gives it back.

        Raises RecordChanged where the version moved.
        """
        ...

    def device_key(self, incident_id: str, fresh: str = "") -> str:
        """The secret by which the incident's trusted devices are known; `fresh` becomes it where there is none yet.

        Empty where there is none and no fresh one was given: then no device is trusted.
        """
        ...

    def spend(self, challenge: Challenge, step: int) -> bool:
        """Uses up, for this challenge, its contact's authenticator code of that time step.

        False where it, or a later one, was used for another challenge; a repeated call for the same one is True.
        """
        ...


class Authenticators(Protocol):
    """The secrets that contacts share with their authenticator apps."""

    def secret_of(self, contact: str) -> str:
        """The secret in base 32 (RFC 4648). Raises NotEnrolled, and AuthenticatorUnavailable to be called again."""
        ...


class AddressBook(Protocol):
    """Which contacts' mail addresses have turned out not to work."""

    def is_unreachable(self, contact: Contact) -> bool:
        """Whether the contact's present address was marked; a changed address starts anew."""
        ...

    def mark(self, contact: Contact, reason: str, now: datetime) -> None:
        """Marks the contact's present address."""
        ...

    def clear(self, contact: Contact) -> None:
        """Takes the mark away, as the contact has answered a mail; does nothing where there is none."""
        ...


class Assignments(Protocol):
    """The teams' assignments."""

    def create(self, assignment: Assignment, entry: TimelineEntry) -> Assignment:
        """Stores a new assignment with its timeline entry; where it exists already, gives the stored one."""
        ...

    def get(self, incident_id: str, team: Team) -> Assignment | None:
        """The team's assignment, or None."""
        ...

    def save(self, assignment: Assignment, entries: Sequence[TimelineEntry]) -> Assignment:
        """Stores the assignment read at `assignment.version`, with entries, in one transaction; gives it back.

        Raises RecordChanged where the version moved.
        """
        ...


class Inventory(Protocol):
    """The stock of P7 and what incidents have on loan of it."""

    def stock(self, resource: Resource) -> Stock:
        """What is there of a resource. A stock-take of the plan that is newer than the count begins it anew."""
        ...

    def lend(self, allocations: Sequence[Allocation], plan: Plan, entries: Sequence[TimelineEntry]) -> None:
        """Takes these loans of one incident out of the stock, all or none, with the people who were called.

        A repeated call changes nothing; a loan of nothing only goes on record. Raises NothingInStock where less is left
        of something or somebody was called elsewhere.
        """
        ...

    def spend(self, expense: Expense, entries: Sequence[TimelineEntry]) -> None:
        """Puts on record that a part of a loan is gone for good; a repeated call changes nothing.

        Raises Overdrawn where the loan has less left or was returned.
        """
        ...

    def give_back(self, allocation: Allocation, entries: Sequence[TimelineEntry], now: datetime) -> None:
        """Puts back what is left of a loan as it was read; a second time changes nothing.

        Raises RecordChanged where something was spent of it since.
        """
        ...

    def allocations(self, incident_id: str) -> tuple[Allocation, ...]:
        """What the incident has or had on loan."""
        ...


class Deadlines(Protocol):
    """The clocks that are watched by the time alone."""

    def create(self, deadline: Deadline, entries: Sequence[TimelineEntry] = ()) -> Deadline:
        """Stores a new clock with its entries; where it exists already, gives the stored one."""
        ...

    def get(self, incident_id: str, deadline: Watched) -> Deadline | None:
        """The clock, or None."""
        ...

    def save(self, deadline: Deadline, entries: Sequence[TimelineEntry] = ()) -> Deadline:
        """Stores the clock read at `deadline.version`, with entries, in one transaction; gives it back.

        Raises RecordChanged where the version moved.
        """
        ...


class Statements(Protocol):
    """What was published (P6.3): in the incident's record, and in the history that the status page is written from."""

    def publish(self, statement: Statement, entries: Sequence[TimelineEntry], deadline: Deadline | None = None) -> None:
        """Stores a new statement with its entries, and the clock read at `deadline.version`, in one transaction.

        Raises RecordChanged where it was published before, or the clock's version moved.
        """
        ...

    def history(self) -> tuple[Statement, ...]:
        """Everything that was published and is kept for the status page, oldest first."""
        ...


class StatusSite(Protocol):
    """Where the status page's files are served from."""

    def put(self, file: SiteFile) -> None:
        """Puts a file there; a second time it takes the place of the first."""
        ...


class SentMails(Protocol):
    """Which notifications were sent, so that each is sent once."""

    def get(self, incident_id: str, name: str) -> SentMail | None:
        """The mail of that name, or None where it wasn't sent yet."""
        ...

    def note(self, mail: SentMail) -> None:
        """Puts on record that a mail was sent."""
        ...


class Hotlines(Protocol):
    """The pool of telephone numbers claimed beforehand (P6.3)."""

    def take(self, hotline: OpenHotline, entries: Sequence[TimelineEntry]) -> bool:
        """Takes that number for the incident; False where another incident has it. A repeated take is True."""
        ...

    def open_for(self, incident_id: str) -> OpenHotline | None:
        """The incident's hotline, or None."""
        ...

    def note(self, hotline: OpenHotline, entries: Sequence[TimelineEntry] = ()) -> None:
        """Stores what is known of an open hotline by now. Raises RecordChanged where it was closed, or told before."""
        ...

    def count(self, calls: CallCount, entry: TimelineEntry) -> None:
        """Puts a count of calls on record; the same one twice is one."""
        ...

    def release(self, hotline: OpenHotline, entry: TimelineEntry, now: datetime) -> None:
        """Gives the number back to the pool; a second time changes nothing."""
        ...


class ContactCentre(Protocol):
    """Where the hotlines' calls are answered: Amazon Connect (P6.3). Ids are those of the plan.

    Everything can be repeated without harm, and raises ContactCentreUnavailable where it can't be done now.
    """

    def flow_of(self, phone_number: str) -> str:
        """The contact flow that calls to a number reach now; empty where none."""
        ...

    def greet(self, flow: str, greeting: Sequence[Spoken], about: str) -> None:
        """Has a flow say the greeting and put callers into the queue. `about` describes it to whoever looks at it."""
        ...

    def is_staffed(self, now: datetime) -> bool:
        """Whether the queue is switched on and open at this hour."""
        ...

    def connect(self, phone_number: str, flow: str) -> None:
        """Has calls to a number reach that flow; none where it is empty."""
        ...

    def calls(self, since: datetime, until: datetime) -> Calls | None:
        """The calls that reached the queue in that time; None where nothing is known."""
        ...


class Announcer(Protocol):
    """Writes what the hotline says."""

    def greeting(self, incident: Incident) -> tuple[Spoken, ...]:
        """The greeting of an incident's hotline, in each of the public's languages."""
        ...


class Replans(Protocol):
    """Where a failing carrier's parcels go: what was proposed, and what was ordered (P6.3)."""

    def store(
        self, replan: Replan, entries: Sequence[TimelineEntry] = (), questions: Sequence[Decision] = ()
    ) -> Replan:
        """Stores a new re-plan with the carriers' questions and entries, all or none, and gives it back.

        Where it exists already, gives the stored one. Raises RecordChanged where another one has its number: of two
        that were ordered at once, the second doesn't know what capacity the first has taken.
        """
        ...

    def get(self, incident_id: str, replan_id: str) -> Replan | None:
        """The re-plan, or None."""
        ...


class Workflow(Protocol):
    """The executions in Step Functions."""

    def start(self, incident_id: str) -> None:
        """Starts the incident's execution; one that was started before, running or ended, is left alone."""
        ...

    def resume(self, task_token: str, decision_id: str, outcome: Outcome) -> None:
        """Tells the waiting execution a decision's outcome.

        Raises WorkflowGone where nobody waits any more, WorkflowUnavailable to be called again.
        """
        ...

    def cut_short(self, task_token: str, decision_id: str, reason: CutShort) -> None:
        """Ends the wait of a decision's present level.

        Raises WorkflowGone where nobody waits any more, WorkflowUnavailable to be called again.
        """
        ...

    def end_clock(self, task_token: str, clock: str) -> None:
        """Tells an execution that watches a clock that it is over.

        Raises WorkflowGone where nobody waits any more, WorkflowUnavailable to be called again.
        """
        ...

    def move_clock(self, task_token: str, clock: str) -> None:
        """Has an execution look at its clock now, as something of it has changed. Raises as `end_clock`."""
        ...

    def start_clock(self, incident_id: str, clock: str, kind: ClockKind, seconds: int = 0) -> None:
        """Starts the execution of one clock; one started before is left alone.

        `clock` is a Watched, `duties`, or the id of a notice's decision; `seconds` are those until its first prompt.
        Raises WorkflowUnavailable to be called again.
        """
        ...

    def start_request(self, incident_id: str, decision_id: str, kind: DecisionKind) -> None:
        """Starts the execution that puts to people what came up beside the steps; one started before is left alone.

        `kind` is RELEASE, STATEMENT, CARRIER or SEVERITY. Raises WorkflowUnavailable to be called again.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail to one person. `name` makes doubles recognisable (R18).

    `thread` groups an incident's mails; it is empty for one that stands alone.
    `tags` come back with what the provider tells of the mail: ASCII letters, digits, `_` and `-` alone.
    """

    to: Contact
    subject: str
    html: str
    text: str
    thread: str
    name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


class Post(Protocol):
    """Sends mail."""

    def send(self, mail: Mail) -> str:
        """Hands the mail to the provider and gives its id of it. May send twice when repeated, never zero times.

        Raises MailRefused where the provider does not take this one, PostUnavailable where it takes none now.
        """
        ...


class Archive(Protocol):
    """Documents that remain: reports and complete records."""

    def put(self, name: str, content: str | bytes, content_type: str) -> None:
        """Stores a document under `<incident id>/<file>`, text as UTF-8; a second time it becomes a new version."""
        ...

    def get(self, name: str) -> bytes | None:
        """A stored document, or None."""
        ...


class Uploads(Protocol):
    """Where files wait that a browser has sent, until their person puts them on record."""

    def form(self, prefix: str, return_to: str) -> UploadForm:
        """A form for one file, good for an hour; then the browser is sent to `return_to` with the file's `key`."""
        ...

    def look(self, key: str) -> Uploaded | None:
        """What was sent under a key, without its content; None where nothing was, or it is gone by now."""
        ...

    def listed(self, prefix: str) -> tuple[Uploaded, ...]:
        """What waits under a prefix, the newest first; of very many the first thousand by name."""
        ...

    def read(self, key: str) -> bytes | None:
        """The content, or None."""
        ...


class DeadLetters(Protocol):
    """Where events go that can't be used, with the reason, for people to look at."""

    def put(self, body: str, reason: str) -> None:
        """Keeps an event's body and why it was rejected."""
        ...


class MailWriter(Protocol):
    """Writes mails in their reader's language."""

    def question(self, briefing: Briefing, link_url: str, now: datetime, *, reminder: bool = False) -> Mail:
        """The mail that puts a question to one person, with the link that is theirs alone; or reminds them of it."""
        ...

    def code(self, briefing: Briefing, code: str, challenge: Challenge, now: datetime) -> Mail:
        """The mail with the code that makes a person's answer count. It holds no link."""
        ...

    def notification(self, notification: Notification, now: datetime) -> Mail:
        """A mail that tells something and asks nothing. Its name is the notification's."""
        ...

    def settled(self, briefing: Briefing, now: datetime) -> Mail:
        """The mail that tells a person who was asked what was decided, and by whom. It holds no link."""
        ...


class ReportWriter(Protocol):
    """Writes the post-incident report."""

    def html(self, report: Report, locale: Locale) -> str:
        """The report as one self-contained HTML document."""
        ...


class Subscribers(Protocol):
    """Who has asked to be mailed the statements."""

    def get(self, address_digest: str) -> Subscriber | None:
        """Whoever has the address with that digest, or None; may be over its time."""
        ...

    def of_link(self, digest: str) -> Subscriber:
        """Whose link's id has that digest. Raises UnknownLink."""
        ...

    def save(self, subscriber: Subscriber) -> Subscriber:
        """Stores the subscriber read at `subscriber.version`, 0 for a new one, with the way to it; gives it back.

        Raises RecordChanged where the version moved.
        """
        ...

    def forget(self, subscriber: Subscriber) -> None:
        """Removes everything that is known of the subscriber; a second time changes nothing."""
        ...

    def confirmed(self, cursor: str = "", limit: int = 100) -> tuple[tuple[Subscriber, ...], str]:
        """Up to `limit` of those who confirmed, in an order that says nothing of them, and where to go on.

        `cursor` is empty to begin with, and in the answer where nobody is left. It holds nothing of anybody.
        """
        ...


class SubscriptionMails(Protocol):
    """Writes mails to subscribers in their language."""

    def confirmation(self, subscriber: Subscriber) -> Mail:
        """The mail with the link by which an address is confirmed."""
        ...

    def statement(self, subscriber: Subscriber, statement: Statement) -> Mail:
        """The statement, with the way to unsubscribe by one click (RFC 8058)."""
        ...


class StandingLinks(Protocol):
    """The contacts' standing links, by which they report incidents (P6.1)."""

    def get(self, contact: str) -> StandingLink | None:
        """The contact's link, or None."""
        ...

    def of_link(self, digest: str) -> StandingLink:
        """The link of which one in use, or mailed and not used yet, has that digest. Raises UnknownLink."""
        ...

    def save(self, link: StandingLink) -> StandingLink:
        """Stores the link read at `link.version`, 0 for a new one; gives it back.

        Raises RecordChanged where the version moved.
        """
        ...


class OpenReports(Protocol):
    """How many reports the open page has taken."""

    def take(self, report: str, now: datetime, most: int) -> bool:
        """Counts a report in its hour, the same one once; False where the hour has as many as `most`."""
        ...


class SignalQueue(Protocol):
    """The queue that signals come through."""

    def put(self, event: Mapping[str, object]) -> None:
        """Puts an event there, to be taken as if EventBridge had brought it."""
        ...


class StandingMails(Protocol):
    """Writes the mails that bring standing links."""

    def standing_link(self, contact: Contact, link_id: str) -> Mail:
        """The mail with the contact's own standing link."""
        ...


class SiteWriter(Protocol):
    """Writes the status page."""

    def files(self, history: Sequence[Statement], now: datetime) -> tuple[SiteFile, ...]:
        """All of its files, out of everything that was published."""
        ...
