"""All use cases over one in-memory store: a response in miniature, driven call by call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from emergency.domain.assignment import Assignment
from emergency.domain.decision import Decision, Link, digest_of, nonce_for
from emergency.domain.incident import Incident
from emergency.domain.inventory import OpenHotline
from emergency.domain.plan import Contact, Plan
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.domain.timeline import Place
from emergency.ports import Mail
from emergency.use_cases.answer_question import AnswerQuestion
from emergency.use_cases.ask_people import AskPeople, LetPlanDecide, LookForAnswer, PrepareQuestion
from emergency.use_cases.assess_incident import AssessIncident
from emergency.use_cases.assign_team import AssignTeam
from emergency.use_cases.carry_out_orders import CarryOutOrders
from emergency.use_cases.file_report import AssembleRecord, CloseIncident, WriteReport
from emergency.use_cases.lend_resources import LendResources, ReturnResources
from emergency.use_cases.report_incident import ReportIncident
from emergency.use_cases.run_hotline import CloseTheHotline, OpenTheHotline
from tests.support.crashes import Crashing
from tests.support.events import alarm
from tests.support.memory import (
    CountingIdentities,
    Faults,
    MemoryArchive,
    MemoryAssignments,
    MemoryDecisions,
    MemoryHotlines,
    MemoryIncidents,
    MemoryInventory,
    MemoryPost,
    MemorySignals,
    MemoryStore,
    MemoryWorkflow,
    PlainReports,
    SteppingClock,
)

PLACE = Place(execution="INC", state="Some state")


class PlainMails:
    """Mails that hold their link and nothing else."""

    def question(
        self,
        incident: Incident,
        decision: Decision,
        contact: Contact,
        link_url: str,
        now: datetime,
        assignment: Assignment | None = None,
        hotline: OpenHotline | None = None,
    ) -> Mail:
        return Mail(
            to=contact,
            subject=decision.id,
            html=link_url,
            text=link_url,
            thread=incident.id,
            name=f"{decision.id}/{decision.level}/{contact.id}",
        )


@dataclass
class House:
    """The ports and the use cases over them; with `faults`, every port may crash."""

    plan: Plan
    store: MemoryStore = field(default_factory=MemoryStore)
    workflow: MemoryWorkflow = field(default_factory=MemoryWorkflow)
    post: MemoryPost = field(default_factory=MemoryPost)
    archive: MemoryArchive = field(default_factory=MemoryArchive)
    identities: CountingIdentities = field(default_factory=CountingIdentities)
    clock: SteppingClock = field(default_factory=SteppingClock)
    faults: Faults | None = None

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

    def report(self, event: object | None = None) -> str:
        """An alarm opens an incident, which is assessed; gives its id."""
        take = ReportIncident(
            plan=self.plan,
            signals=self._port(MemorySignals(self.store)),
            workflow=self._port(self.workflow),
            identities=self.identities,
            clock=self.clock,
            own_alarm_prefix="EmergencyResponse-",
        )
        incident_id = take(event or alarm()).incident_id
        AssessIncident(plan=self.plan, incidents=self.incidents, clock=self.clock)(incident_id, PLACE)
        return incident_id

    def prepare(self, incident_id: str, kind: DecisionKind, team: Team | None = None, round_: int = 0) -> Decision:
        prepare = PrepareQuestion(
            plan=self.plan,
            incidents=self.incidents,
            decisions=self.decisions,
            identities=self.identities,
            clock=self.clock,
        )
        return prepare(incident_id, kind, team, round_, PLACE)

    def ask(
        self, incident_id: str, decision_id: str, level: int = 0, token: str = "token-0", plan: Plan | None = None
    ) -> tuple[str, ...]:
        """Asks a rung; `plan` is what the company deployed since. Gives who could not be asked."""
        self.workflow.waiting.add(token)
        ask = AskPeople(
            plan=plan or self.plan,
            incidents=self.incidents,
            decisions=self.decisions,
            assignments=self.assignments,
            hotlines=self.hotlines,
            post=self._port(self.post),
            workflow=self._port(self.workflow),
            identities=self.identities,
            mails=PlainMails(),
            pages_url="https://pages.example",
            clock=self.clock,
        )
        return ask(incident_id, decision_id, level, token, PLACE)

    def answers(self) -> AnswerQuestion:
        return AnswerQuestion(
            plan=self.plan,
            incidents=self.incidents,
            decisions=self.decisions,
            workflow=self._port(self.workflow),
            clock=self.clock,
        )

    def press(self, link_id: str, outcome: Outcome, **fields: list[str]) -> Decision:
        """A person opens the link and presses a button of the form on it."""
        answers = self.answers()
        opened = answers.look(link_id)
        form = {"nonce": [nonce_for(opened.decision, opened.link)], "outcome": [outcome.value], **fields}
        return answers.decide(opened, form)

    def look(self, incident_id: str, decision_id: str, level: int = 0) -> tuple[str, Outcome | None]:
        look = LookForAnswer(decisions=self.decisions, incidents=self.incidents, clock=self.clock)
        return look(incident_id, decision_id, level, PLACE)

    def lapse(self, incident_id: str, decision_id: str) -> Outcome:
        return LetPlanDecide(decisions=self.decisions, clock=self.clock)(incident_id, decision_id, PLACE)

    def carry_out(self, incident_id: str, decision_id: str = "orders") -> Incident:
        carry_out = CarryOutOrders(plan=self.plan, incidents=self.incidents, decisions=self.decisions, clock=self.clock)
        return carry_out(incident_id, decision_id, PLACE)

    def assign(self, incident_id: str, team: Team) -> Assignment:
        assign = AssignTeam(plan=self.plan, incidents=self.incidents, assignments=self.assignments, clock=self.clock)
        return assign(incident_id, team, PLACE)

    def lend(self, incident_id: str) -> None:
        LendResources(plan=self.plan, incidents=self.incidents, inventory=self.inventory, clock=self.clock)(
            incident_id, PLACE
        )

    def give_back(self, incident_id: str) -> None:
        ReturnResources(inventory=self.inventory, clock=self.clock)(incident_id, PLACE)

    def open_hotline(self, incident_id: str) -> OpenHotline | None:
        open_hotline = OpenTheHotline(
            plan=self.plan, hotlines=self.hotlines, incidents=self.incidents, clock=self.clock
        )
        return open_hotline(incident_id, PLACE)

    def close_hotline(self, incident_id: str) -> None:
        CloseTheHotline(hotlines=self.hotlines, clock=self.clock)(incident_id, PLACE)

    def assemble(self, incident_id: str) -> None:
        AssembleRecord(incidents=self.incidents, archive=self._port(self.archive), clock=self.clock)(incident_id, PLACE)

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
            clock=self.clock,
        )
        close(incident_id, round_, PLACE)

    def link_ids(self, contact: str) -> list[str]:
        """The ids of the links that were mailed to a contact, oldest first."""
        return [mail.text.rpartition("/")[2] for mail in self.post.sent if mail.to.id == contact]

    def link_of(self, contact: str) -> Link:
        return self.store.links[digest_of(self.link_ids(contact)[-1])]

    def facts(self, incident_id: str) -> list[str]:
        return [entry.fact.value for entry in MemoryIncidents(self.store).timeline(incident_id)]
