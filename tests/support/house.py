"""All use cases over one in-memory store: a response in miniature, driven call by call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from emergency.domain.assignment import Assignment
from emergency.domain.briefing import Briefing
from emergency.domain.deadline import Watched
from emergency.domain.decision import Decision
from emergency.domain.deliveries import Replan
from emergency.domain.incident import Incident
from emergency.domain.inventory import CallCount, Expense, OpenHotline
from emergency.domain.link import Link, digest_of, nonce_for
from emergency.domain.mail_feedback import MailFeedback
from emergency.domain.notification import Notification
from emergency.domain.plan import Plan
from emergency.domain.second_factor import Challenge
from emergency.domain.statement import SiteFile, Statement, field_of
from emergency.domain.terms import DecisionKind, Outcome, Phase, Severity, Team
from emergency.domain.timeline import Place
from emergency.ports import Mail
from emergency.use_cases.answer_question import AnswerQuestion, Pressed
from emergency.use_cases.ask_people import (
    AskPeople,
    Briefer,
    Call,
    LetPlanDecide,
    Look,
    LookForAnswer,
    PrepareQuestion,
)
from emergency.use_cases.assess_incident import AssessIncident
from emergency.use_cases.assign_team import AssignTeam
from emergency.use_cases.begin_clean_up import BeginCleanUp
from emergency.use_cases.call_helpers import CallHelpers
from emergency.use_cases.carry_out_orders import CarryOutOrders
from emergency.use_cases.count_calls import CountCalls
from emergency.use_cases.do_by_system import DoBySystem
from emergency.use_cases.draft_statement import DraftStatement
from emergency.use_cases.file_report import AssembleRecord, CloseIncident, WriteReport
from emergency.use_cases.follow_incident import FollowIncident, TellOfCleared
from emergency.use_cases.follow_up import FollowUp
from emergency.use_cases.introduce_task_force import IntroduceTaskForce
from emergency.use_cases.keep_record import AddFile, AddNote
from emergency.use_cases.lend_resources import LendResources, RearSupport, ReleaseResources, ReturnResources
from emergency.use_cases.links import HelpLinks
from emergency.use_cases.maintain import Ended, EndMaintenance, PlanMaintenance, SettleMaintenance
from emergency.use_cases.note_undelivered import NoteUndelivered
from emergency.use_cases.notices import StartNotices
from emergency.use_cases.notify import Notify
from emergency.use_cases.open_link import Opened, OpenLink
from emergency.use_cases.pass_along import AskForMoreTime, HandOver
from emergency.use_cases.publish_statement import PublishStatement, ShowStatements, TellOfStatement
from emergency.use_cases.put_request import PutRequest
from emergency.use_cases.raise_severity import AskWhetherToRaise, RaiseSeverity
from emergency.use_cases.replan import PlanDeliveries, ProposeReplan, SettleCarrier
from emergency.use_cases.report_incident import ReportIncident
from emergency.use_cases.request_release import RequestRelease
from emergency.use_cases.run_hotline import CloseTheHotline, OpenTheHotline
from emergency.use_cases.seal_record import SealRecord
from emergency.use_cases.spend import Spend
from emergency.use_cases.start_clocks import StartClocks
from emergency.use_cases.tell_reporters import TellReporters
from emergency.use_cases.watch_clocks import ClockLook, EndClock, LookAtClock, WatchClock
from emergency.use_cases.work_on_tasks import ChangeTasks, TickTasks
from tests.support.crashes import Crashing
from tests.support.events import alarm
from tests.support.memory import (
    CountingIdentities,
    Faults,
    MemoryAddressBook,
    MemoryArchive,
    MemoryAssignments,
    MemoryAuthenticators,
    MemoryChallenges,
    MemoryContactCentre,
    MemoryDeadlines,
    MemoryDecisions,
    MemoryHotlines,
    MemoryIncidents,
    MemoryInventory,
    MemoryMaintenances,
    MemoryPost,
    MemoryReplans,
    MemorySentMails,
    MemorySignals,
    MemoryStatements,
    MemoryStatusSite,
    MemoryStore,
    MemoryUploads,
    MemoryWorkflow,
    PlainAnnouncer,
    PlainReports,
    SteppingClock,
)

PLACE = Place(execution="INC", state="Some state")


class PlainMails:
    """Mails that hold their link, their code or an outcome, and nothing else."""

    def question(self, briefing: Briefing, link_url: str, now: datetime, *, reminder: bool = False) -> Mail:
        name = f"{briefing.decision.level}/{briefing.contact.id}"
        return self._mail(briefing, link_url, f"{name}/reminder" if reminder else name)

    def code(self, briefing: Briefing, code: str, challenge: Challenge, now: datetime) -> Mail:
        return self._mail(briefing, code, f"code-{challenge.number}/{briefing.contact.id}")

    def notification(self, notification: Notification, now: datetime) -> Mail:
        return Mail(
            to=notification.to,
            subject=notification.kind,
            html=notification.link_url,
            text=notification.link_url or notification.kind,
            thread=notification.incident.id,
            name=notification.name,
        )

    def settled(self, briefing: Briefing, now: datetime) -> Mail:
        answer = briefing.decision.answer
        return self._mail(briefing, answer.outcome if answer else "", f"settled/{briefing.contact.id}")

    def _mail(self, briefing: Briefing, text: str, name: str) -> Mail:
        return Mail(
            to=briefing.contact,
            subject=briefing.decision.id,
            html=text,
            text=text,
            thread=briefing.incident.id,
            name=f"{briefing.decision.id}/{name}",
        )


class PlainSite:
    """A status page of one file: what was published, one line each."""

    def files(self, history: Sequence[Statement], now: datetime) -> tuple[SiteFile, ...]:
        lines = [f"{one.incident_id} {one.id} {next(iter(one.texts.values())).text}" for one in history]
        incidents = dict.fromkeys(one.incident_id for one in history)
        return (
            *(SiteFile(path=f"en/incidents/{one}.html", content=one, content_type="text/html") for one in incidents),
            SiteFile(path="index.html", content="\n".join(lines), content_type="text/html"),
        )


@dataclass
class House:
    """The ports and the use cases over them; with `faults`, every port may crash."""

    plan: Plan
    store: MemoryStore = field(default_factory=MemoryStore)
    workflow: MemoryWorkflow = field(default_factory=MemoryWorkflow)
    post: MemoryPost = field(default_factory=MemoryPost)
    archive: MemoryArchive = field(default_factory=MemoryArchive)
    uploads: MemoryUploads = field(default_factory=MemoryUploads)
    contact_centre: MemoryContactCentre = field(default_factory=MemoryContactCentre)
    identities: CountingIdentities = field(default_factory=CountingIdentities)
    clock: SteppingClock = field(default_factory=SteppingClock)
    site: MemoryStatusSite = field(default_factory=MemoryStatusSite)
    faults: Faults | None = None

    authenticators: MemoryAuthenticators = field(default_factory=MemoryAuthenticators)

    def _port(self, port: Any) -> Any:
        return Crashing(port, self.faults) if self.faults else port

    @property
    def incidents(self) -> Any:
        return self._port(MemoryIncidents(self.store))

    @property
    def decisions(self) -> Any:
        return self._port(MemoryDecisions(self.store))

    @property
    def assignments(self) -> Any:
        return self._port(MemoryAssignments(self.store))

    @property
    def inventory(self) -> Any:
        return self._port(MemoryInventory(self.store))

    @property
    def hotlines(self) -> Any:
        return self._port(MemoryHotlines(self.store))

    @property
    def deadlines(self) -> Any:
        return self._port(MemoryDeadlines(self.store))

    @property
    def notify(self) -> Notify:
        return Notify(
            sent=self._port(MemorySentMails(self.store)),
            post=self._port(self.post),
            mails=PlainMails(),
            clock=self.clock,
        )

    @property
    def links(self) -> HelpLinks:
        return HelpLinks(
            decisions=self.decisions, identities=self.identities, pages_url="https://pages.example", clock=self.clock
        )

    @property
    def call_helpers(self) -> CallHelpers:
        return CallHelpers(
            plan=self.plan,
            incidents=self.incidents,
            prepare=self.prepare_question,
            notify=self.notify,
            links=self.links,
            clock=self.clock,
        )

    @property
    def do_by_system(self) -> DoBySystem:
        return DoBySystem(incidents=self.incidents, assignments=self.assignments, clock=self.clock)

    @property
    def rear_support(self) -> RearSupport:
        return RearSupport(
            plan=self.plan, inventory=self.inventory, incidents=self.incidents, notify=self.notify, clock=self.clock
        )

    @property
    def end_clock(self) -> EndClock:
        return EndClock(deadlines=self.deadlines, workflow=self._port(self.workflow), clock=self.clock)

    @property
    def seal(self) -> SealRecord:
        return SealRecord(plan=self.plan, incidents=self.incidents, archive=self._port(self.archive), clock=self.clock)

    @property
    def start_clocks(self) -> StartClocks:
        return StartClocks(
            plan=self.plan,
            incidents=self.incidents,
            deadlines=self.deadlines,
            workflow=self._port(self.workflow),
            clock=self.clock,
        )

    @property
    def start_notices(self) -> StartNotices:
        return StartNotices(
            plan=self.plan,
            incidents=self.incidents,
            decisions=self.decisions,
            workflow=self._port(self.workflow),
            identities=self.identities,
            clock=self.clock,
        )

    @property
    def challenges(self) -> Any:
        return self._port(MemoryChallenges(self.store))

    @property
    def book(self) -> Any:
        return self._port(MemoryAddressBook(self.store))

    def briefer(self, plan: Plan | None = None) -> Briefer:
        return Briefer(
            plan=plan or self.plan, incidents=self.incidents, assignments=self.assignments, hotlines=self.hotlines
        )

    @property
    def take(self) -> ReportIncident:
        """Takes events."""
        return ReportIncident(
            plan=self.plan,
            signals=self._port(MemorySignals(self.store)),
            workflow=self._port(self.workflow),
            identities=self.identities,
            clock=self.clock,
            own_alarm_prefix="EmergencyResponse-",
        )

    def report(self, event: object | None = None) -> str:
        """An alarm opens an incident, which is assessed; gives its id."""
        incident_id = self.take(event or alarm()).incident_id
        AssessIncident(plan=self.plan, incidents=self.incidents, clock=self.clock)(incident_id, PLACE)
        return incident_id

    @property
    def prepare_question(self) -> PrepareQuestion:
        return PrepareQuestion(
            plan=self.plan,
            incidents=self.incidents,
            decisions=self.decisions,
            identities=self.identities,
            clock=self.clock,
        )

    def prepare(self, incident_id: str, kind: DecisionKind, team: Team | None = None, round_: int = 0) -> Decision:
        return self.prepare_question(incident_id, kind, team, round_, PLACE)

    def ask(
        self,
        incident_id: str,
        decision_id: str,
        level: int = 0,
        token: str = "token-0",
        plan: Plan | None = None,
        *,
        reminder: bool = False,
    ) -> tuple[str, ...]:
        """Asks a level; `plan` is what the company deployed since. Gives who could not be asked."""
        self.workflow.waiting.add(token)
        ask = AskPeople(
            plan=plan or self.plan,
            decisions=self.decisions,
            briefer=self.briefer(plan),
            book=self.book,
            post=self._port(self.post),
            workflow=self._port(self.workflow),
            identities=self.identities,
            mails=PlainMails(),
            pages_url="https://pages.example",
            clock=self.clock,
        )
        return ask(
            Call(
                incident_id=incident_id,
                decision_id=decision_id,
                level=level,
                task_token=token,
                place=PLACE,
                reminder=reminder,
            )
        )

    def put_orders(self) -> str:
        """An alarm opens an incident, and the first rung is asked for the orders; gives the incident's id."""
        incident_id = self.report()
        self.prepare(incident_id, DecisionKind.ORDERS)
        self.ask(incident_id, "orders")
        return incident_id

    def activate(self, event: object | None = None, teams: Sequence[Team] = tuple(Team), severity: str = "SEV2") -> str:
        """An incident whose plan the head has activated; gives its id."""
        incident_id = self.report(event)
        self.prepare(incident_id, DecisionKind.ORDERS)
        self.ask(incident_id, "orders", token=f"orders of {incident_id}")
        self.press(self.link_ids("ceo")[-1], Outcome.ACTIVATE, severity=[severity], teams=[str(team) for team in teams])
        self.carry_out(incident_id)
        return incident_id

    def asked(self, incident_id: str, kind: DecisionKind, team: Team | None = None) -> str:
        """A question that the first rung was asked; gives the link of the first of them."""
        question = self.prepare(incident_id, kind, team)
        self.ask(incident_id, question.id, token=f"{question.id} of {incident_id}")
        return self.link_ids(question.rungs[0][0])[-1]

    def open(self, link_id: str, plan: Plan | None = None) -> Opened:
        return OpenLink(plan=plan or self.plan, incidents=self.incidents, decisions=self.decisions)(link_id)

    def answers(self) -> AnswerQuestion:
        return AnswerQuestion(
            plan=self.plan,
            decisions=self.decisions,
            challenges=self.challenges,
            authenticators=self._port(self.authenticators),
            book=self.book,
            post=self._port(self.post),
            mails=PlainMails(),
            workflow=self._port(self.workflow),
            identities=self.identities,
            clock=self.clock,
        )

    def form(self, opened: Opened, **fields: list[str]) -> dict[str, list[str]]:
        """A posted form of that page."""
        return {"nonce": [nonce_for(opened.decision, opened.link)], **fields}

    def press(self, link_id: str, outcome: Outcome, **fields: list[str]) -> Decision:
        """A person opens the link, presses a button, and types the code where one is asked for."""
        opened = self.open(link_id)
        pressed = self.answers().press(opened, self.form(opened, outcome=[outcome.value], **fields))
        if pressed.challenge is None:
            return pressed.decision
        return self.confirm(link_id, self.code_for(opened.contact.id)).decision

    def press_only(
        self, link_id: str, outcome: Outcome, fields: dict[str, list[str]] | None = None, device: str = ""
    ) -> Pressed:
        """A person opens the link and presses a button, and nothing else."""
        opened = self.open(link_id)
        return self.answers().press(opened, self.form(opened, outcome=[outcome.value], **(fields or {})), device)

    def confirm(self, link_id: str, code: str) -> Pressed:
        """A person types a code."""
        opened = self.open(link_id)
        return self.answers().confirm(opened, self.form(opened, code=[code]))

    def code_for(self, contact: str) -> str:
        """The code that was mailed to a contact last."""
        return [mail.text for mail in self.post.sent if mail.to.id == contact and "/code-" in mail.name][-1]

    def hand_over(self, link_id: str, **fields: list[str]) -> Decision:
        opened = self.open(link_id)
        pass_on = HandOver(decisions=self.decisions, workflow=self._port(self.workflow), clock=self.clock)
        return pass_on(opened, self.form(opened, **fields))

    def more_time(self, link_id: str, **fields: list[str]) -> Decision:
        opened = self.open(link_id)
        return AskForMoreTime(decisions=self.decisions, clock=self.clock)(opened, self.form(opened, **fields))

    def note(self, link_id: str, text: str) -> None:
        opened = self.open(link_id)
        AddNote(incidents=self.incidents, clock=self.clock)(opened, self.form(opened, note=[text]))

    @property
    def files(self) -> AddFile:
        return AddFile(
            incidents=self.incidents,
            uploads=self._port(self.uploads),
            archive=self._port(self.archive),
            identities=self.identities,
            clock=self.clock,
        )

    def upload(self, link_id: str, name: str, content: bytes) -> str:
        """A person's browser sends a file; gives its key."""
        opened = self.open(link_id)
        key = self.files.form(opened, f"https://pages.example/d/{link_id}/file").fields["key"] + name
        self.uploads.files[key] = content
        return key

    def add_file(self, link_id: str, key: str) -> None:
        """A person says that the file that was sent belongs on record."""
        opened = self.open(link_id)
        self.files(opened, self.form(opened, key=[key]))

    @property
    def tasks(self) -> ChangeTasks:
        return ChangeTasks(
            plan=self.plan,
            assignments=self.assignments,
            notify=self.notify,
            links=self.links,
            workflow=self._port(self.workflow),
            clock=self.clock,
        )

    def spend(self, link_id: str, **fields: list[str]) -> Expense:
        opened = self.open(link_id)
        return Spend(plan=self.plan, inventory=self.inventory, clock=self.clock)(opened, self.form(opened, **fields))

    def count_calls(self, link_id: str, **fields: list[str]) -> CallCount:
        opened = self.open(link_id)
        return CountCalls(hotlines=self.hotlines, clock=self.clock)(opened, self.form(opened, **fields))

    def draft(self, link_id: str, phase: Phase = Phase.FIRST_NOTICE, said: str = "It is slow.") -> Decision:
        """Public relations writes the same in every language, and asks for approval."""
        opened = self.open(link_id)
        draft = DraftStatement(plan=self.plan, put=self.put_request)
        locales = self.plan.communications.locales
        fields = {"phase": [phase.value], **{field_of("title", one): [f"{phase}: {said}"] for one in locales}}
        return draft(opened, self.form(opened, **fields, **{field_of("text", one): [said] for one in locales}))

    def approved(self, link_id: str, phase: Phase = Phase.FIRST_NOTICE, said: str = "It is slow.") -> Decision:
        """A statement that was drafted, and approved by as many as the plan asks."""
        question = self.draft(link_id, phase, said)
        self.ask(question.incident_id, question.id, token=question.id)
        for who in question.rungs[0][: question.needed]:
            question = self.press(self.link_ids(who)[-1], Outcome.APPROVED)
        return question

    @property
    def show(self) -> ShowStatements:
        return ShowStatements(
            statements=self._port(MemoryStatements(self.store)),
            writer=PlainSite(),
            site=self._port(self.site),
            clock=self.clock,
        )

    def publish(self, incident_id: str, decision_id: str) -> Statement:
        publish = PublishStatement(
            plan=self.plan,
            incidents=self.incidents,
            decisions=self.decisions,
            statements=self._port(MemoryStatements(self.store)),
            show=self.show,
            archive=self._port(self.archive),
            seal=self.seal,
            do_by_system=self.do_by_system,
            workflow=self._port(self.workflow),
            clock=self.clock,
        )
        return publish(incident_id, decision_id, PLACE)

    @property
    def tell(self) -> TellOfStatement:
        return TellOfStatement(
            plan=self.plan,
            incidents=self.incidents,
            decisions=self.decisions,
            notify=self.notify,
            status_url="https://status.example",
            clock=self.clock,
        )

    def tick(self, link_id: str, *tasks: str, shown: Opened | None = None) -> Assignment:
        """Posts exactly these boxes as ticked, from the page as it is now or as it was `shown`."""
        opened = self.open(link_id)
        assignment = (shown or opened).briefing.assignment
        was_done = [task.id for task in assignment.tasks if task.done_at] if assignment else []
        tick = TickTasks(assignments=self.assignments, clock=self.clock)
        return tick(opened, self.form(opened, tasks=list(tasks), was_done=was_done))

    def request(self, link_id: str, **fields: list[str]) -> Decision:
        opened = self.open(link_id)
        request = RequestRelease(plan=self.plan, put=self.put_request)
        return request(opened, self.form(opened, **fields))

    @property
    def put_request(self) -> PutRequest:
        return PutRequest(
            plan=self.plan,
            decisions=self.decisions,
            workflow=self._port(self.workflow),
            identities=self.identities,
            clock=self.clock,
        )

    @property
    def replans(self) -> Any:
        return self._port(MemoryReplans(self.store))

    @property
    def deliveries(self) -> PlanDeliveries:
        return PlanDeliveries(
            plan=self.plan,
            replans=self.replans,
            uploads=self._port(self.uploads),
            archive=self._port(self.archive),
            put=self.put_request,
            do_by_system=self.do_by_system,
            clock=self.clock,
        )

    def propose_replan(self, incident_id: str) -> Replan | None:
        propose = ProposeReplan(
            plan=self.plan,
            incidents=self.incidents,
            replans=self.replans,
            do_by_system=self.do_by_system,
            clock=self.clock,
        )
        return propose(incident_id, PLACE)

    def replan(self, link_id: str, **fields: list[str]) -> Replan:
        """The lead orders a re-plan on the page."""
        opened = self.open(link_id)
        return self.deliveries(opened, self.form(opened, **fields))

    def settle_carrier(self, incident_id: str, decision_id: str) -> Outcome:
        settle = SettleCarrier(
            plan=self.plan,
            incidents=self.incidents,
            decisions=self.decisions,
            notify=self.notify,
            clock=self.clock,
        )
        return settle(incident_id, decision_id, PLACE)

    def follow_up(self, incident_id: str, decision_id: str) -> None:
        follow_up = FollowUp(
            decisions=self.decisions,
            briefer=self.briefer(),
            post=self._port(self.post),
            mails=PlainMails(),
            workflow=self._port(self.workflow),
            clock=self.clock,
        )
        follow_up(incident_id, decision_id)

    @property
    def ask_whether_to_raise(self) -> AskWhetherToRaise:
        return AskWhetherToRaise(
            plan=self.plan,
            incidents=self.incidents,
            decisions=self.decisions,
            workflow=self._port(self.workflow),
            identities=self.identities,
            clock=self.clock,
        )

    @property
    def follow_incident(self) -> FollowIncident:
        return FollowIncident(
            incidents=self.incidents,
            workflow=self._port(self.workflow),
            ask_whether_to_raise=self.ask_whether_to_raise,
            tell_of_cleared=TellOfCleared(
                plan=self.plan, incidents=self.incidents, notify=self.notify, clock=self.clock
            ),
            tell_reporters=TellReporters(plan=self.plan, incidents=self.incidents, notify=self.notify),
        )

    def raise_severity(self, incident_id: str, decision_id: str = "severity-SEV1") -> Severity:
        settle = RaiseSeverity(
            plan=self.plan,
            incidents=self.incidents,
            decisions=self.decisions,
            deadlines=self.deadlines,
            start_clocks=self.start_clocks,
            start_notices=self.start_notices,
            notify=self.notify,
            workflow=self._port(self.workflow),
            clock=self.clock,
        )
        return settle(incident_id, decision_id, PLACE)

    def feed_back(self, feedback: MailFeedback) -> None:
        note = NoteUndelivered(
            plan=self.plan,
            incidents=self.incidents,
            decisions=self.decisions,
            book=self.book,
            workflow=self._port(self.workflow),
            clock=self.clock,
        )
        note(feedback)

    def look(self, incident_id: str, decision_id: str, level: int = 0) -> Look:
        look = LookForAnswer(decisions=self.decisions, incidents=self.incidents, clock=self.clock)
        return look(incident_id, decision_id, level, PLACE)

    def time_out(self, incident_id: str, decision_id: str) -> Look:
        """Lets the present level run out, and looks."""
        decision = self.store.decisions[incident_id, decision_id]
        if decision.due_at:
            self.clock.now = max(self.clock.now, decision.due_at)
        return self.look(incident_id, decision_id, decision.level)

    def lapse(self, incident_id: str, decision_id: str) -> Outcome:
        return LetPlanDecide(decisions=self.decisions, clock=self.clock)(incident_id, decision_id, PLACE)

    def carry_out(self, incident_id: str, decision_id: str = "orders") -> Incident:
        carry_out = CarryOutOrders(plan=self.plan, incidents=self.incidents, decisions=self.decisions, clock=self.clock)
        return carry_out(incident_id, decision_id, PLACE)

    def assign(self, incident_id: str, team: Team) -> Assignment:
        assign = AssignTeam(
            plan=self.plan,
            incidents=self.incidents,
            assignments=self.assignments,
            call_helpers=self.call_helpers,
            do_by_system=self.do_by_system,
            clock=self.clock,
        )
        return assign(incident_id, team, PLACE)

    def set_up_task_force(self, incident_id: str) -> None:
        """The clocks begin, and the task force is introduced."""
        self.start_clocks(incident_id)
        introduce = IntroduceTaskForce(plan=self.plan, incidents=self.incidents, notify=self.notify, clock=self.clock)
        introduce(incident_id, PLACE)

    def begin_clean_up(self, incident_id: str) -> None:
        begin = BeginCleanUp(
            plan=self.plan,
            incidents=self.incidents,
            assignments=self.assignments,
            end_clock=self.end_clock,
            start_clocks=self.start_clocks,
            start_notices=self.start_notices,
            do_by_system=self.do_by_system,
            call_helpers=self.call_helpers,
            clock=self.clock,
        )
        begin(incident_id, PLACE)

    def watch(self, incident_id: str, clock: Watched, token: str = "clock-token") -> None:
        self.workflow.waiting.add(token)
        watch = WatchClock(deadlines=self.deadlines, workflow=self._port(self.workflow))
        watch(incident_id, clock, token)

    def look_at(self, incident_id: str, clock: Watched) -> ClockLook:
        look = LookAtClock(
            plan=self.plan,
            incidents=self.incidents,
            assignments=self.assignments,
            deadlines=self.deadlines,
            notify=self.notify,
            clock=self.clock,
        )
        return look(incident_id, clock, PLACE)

    def lend(self, incident_id: str) -> None:
        lend = LendResources(
            plan=self.plan,
            incidents=self.incidents,
            inventory=self.inventory,
            rear_support=self.rear_support,
            do_by_system=self.do_by_system,
            clock=self.clock,
        )
        lend(incident_id, PLACE)

    def left(self, resource: str) -> int:
        """How much of a resource is in stock."""
        left: int = self.inventory.stock(self.plan.resources[resource]).left
        return left

    def give_back(self, incident_id: str) -> None:
        ReturnResources(incidents=self.incidents, inventory=self.inventory, clock=self.clock)(incident_id, PLACE)

    def release(self, incident_id: str, decision_id: str) -> None:
        release = ReleaseResources(
            incidents=self.incidents,
            decisions=self.decisions,
            inventory=self.inventory,
            rear_support=self.rear_support,
            clock=self.clock,
        )
        release(incident_id, decision_id, PLACE)

    @property
    def maintenances(self) -> Any:
        return self._port(MemoryMaintenances(self.store))

    def plan_maintenance(self, by: str, **form: list[str]) -> Decision:
        plan = PlanMaintenance(plan=self.plan, maintenances=self.maintenances, put=self.put_request, clock=self.clock)
        return plan(by, form, "once")

    def settle_maintenance(self, incident_id: str) -> datetime | None:
        settle = SettleMaintenance(
            plan=self.plan,
            incidents=self.incidents,
            decisions=self.decisions,
            maintenances=self.maintenances,
            signals=self._port(MemorySignals(self.store)),
            notify=self.notify,
            clock=self.clock,
        )
        return settle(incident_id, PLACE)

    def end_maintenance(self, incident_id: str, by: str = "") -> Ended:
        end = EndMaintenance(
            plan=self.plan,
            incidents=self.incidents,
            decisions=self.decisions,
            maintenances=self.maintenances,
            signals=self._port(MemorySignals(self.store)),
            report=self.take,
            notify=self.notify,
            clock=self.clock,
        )
        return end(incident_id, PLACE, by)

    def open_hotline(self, incident_id: str) -> OpenHotline | None:
        open_hotline = OpenTheHotline(
            plan=self.plan,
            hotlines=self.hotlines,
            incidents=self.incidents,
            centre=self._port(self.contact_centre),
            announcer=PlainAnnouncer(),
            clock=self.clock,
        )
        return open_hotline(incident_id, PLACE)

    def close_hotline(self, incident_id: str) -> None:
        close_hotline = CloseTheHotline(
            hotlines=self.hotlines, centre=self._port(self.contact_centre), clock=self.clock
        )
        close_hotline(incident_id, PLACE)

    def assemble(self, incident_id: str) -> None:
        assemble = AssembleRecord(
            incidents=self.incidents,
            do_by_system=self.do_by_system,
            end_clock=self.end_clock,
            seal=self.seal,
            clock=self.clock,
        )
        assemble(incident_id, PLACE)

    def write(self, incident_id: str, round_: int = 1) -> bool:
        write = WriteReport(
            plan=self.plan,
            incidents=self.incidents,
            archive=self._port(self.archive),
            reports=PlainReports(),
            clock=self.clock,
        )
        return write(incident_id, round_, PLACE)

    def close(self, incident_id: str, round_: int = 1) -> None:
        close = CloseIncident(
            plan=self.plan,
            incidents=self.incidents,
            archive=self._port(self.archive),
            reports=PlainReports(),
            seal=self.seal,
            clock=self.clock,
        )
        close(incident_id, round_, PLACE)

    def link_ids(self, contact: str) -> list[str]:
        """The ids of the links that were mailed to a contact, oldest first."""
        mails = [mail.text for mail in self.post.sent if mail.to.id == contact]
        return [text.rpartition("/")[2] for text in mails if text.startswith("https://")]

    def link_of(self, contact: str) -> Link:
        return self.store.links[digest_of(self.link_ids(contact)[-1])]

    def facts(self, incident_id: str) -> list[str]:
        return [entry.fact.value for entry in MemoryIncidents(self.store).timeline(incident_id)]
