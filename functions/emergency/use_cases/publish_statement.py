"""Publishes what was approved, and nothing else: on the status page, then to newsrooms and subscribers (P6.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from emergency.domain.deadline import Deadline, Watched, announced
from emergency.domain.decision import Answer, Decision
from emergency.domain.errors import DecisionStillOpen, NotApproved, RecordChanged, StatementOvertaken
from emergency.domain.notification import Notification, NotificationKind
from emergency.domain.plan import Plan
from emergency.domain.report import Record
from emergency.domain.seal import manifest, part
from emergency.domain.statement import Draft, SiteFile, Statement, incident_page, is_overtaken
from emergency.domain.terms import Outcome, Team
from emergency.domain.timeline import Fact, Place, TimelineEntry
from emergency.ports import Archive, Clock, Decisions, Incidents, SiteWriter, Statements, StatusSite, Workflow
from emergency.use_cases.attempts import until_written
from emergency.use_cases.do_by_system import DoBySystem
from emergency.use_cases.notify import Notify
from emergency.use_cases.seal_record import SealRecord, site_folder, site_listing
from emergency.use_cases.telling import fact_of
from emergency.use_cases.work_on_tasks import move_clock

_CONCERNED = (Team.PUBLIC_RELATIONS, Team.CUSTOMER_SERVICE)
"""The teams that hear of each statement: who wrote it, and who is asked about it by customers."""


@dataclass(frozen=True, kw_only=True)
class ShowStatements:
    """Writes the status page anew out of everything that was published.

    Several may do so at once: who finds, once its files are there, that more was published meanwhile writes them again.
    So the last to write has read everything.
    """

    statements: Statements
    writer: SiteWriter
    site: StatusSite
    clock: Clock

    def __call__(self) -> tuple[SiteFile, ...]:
        """The files as they are now. Raises RecordChanged where others publish faster than it writes."""
        return until_written(self._write)

    def _write(self) -> tuple[SiteFile, ...]:
        history = self.statements.history()
        files = self.writer.files(history, self.clock())
        for file in files:
            self.site.put(file)
        if self.statements.history() != history:
            raise RecordChanged("status page")
        return files


@dataclass(frozen=True, kw_only=True)
class PublishStatement:
    """Puts an approved statement on the status page; a second run changes nothing of what stands there."""

    incidents: Incidents
    decisions: Decisions
    statements: Statements
    plan: Plan
    show: ShowStatements
    archive: Archive
    seal: SealRecord
    do_by_system: DoBySystem
    workflow: Workflow
    clock: Clock

    def __call__(self, incident_id: str, decision_id: str, place: Place) -> Statement:
        """The statement as it was published.

        Raises IncidentNotFound, DecisionNotFound, DecisionStillOpen, and NotApproved for whatever wasn't agreed to by
        as many others as the plan asks. Raises StatementOvertaken for what says that it goes on, drafted before the
        public was told that it is over.
        """
        decision = self.decisions.get(incident_id, decision_id)
        draft, answer = approved(decision)
        statement = until_written(lambda: self._publish(decision, draft, answer, place))
        record = self.incidents.record(incident_id)
        # The next update is due from now on, which whoever watches the clock can't know.
        move_clock(record.deadlines.get(Watched.UPDATES), self.workflow)
        self._file(statement, self.show())
        self.do_by_system(incident_id)
        self.seal.anew(incident_id, place)
        return statement

    def _publish(self, decision: Decision, draft: Draft, answer: Answer, place: Place) -> Statement:
        record = self.incidents.record(decision.incident_id)
        before = published(record, decision.id)
        if before is not None:
            return before
        if is_overtaken(draft.phase, decision.opened_at, record.statements):
            raise StatementOvertaken(decision.id)
        incident, now = record.incident, self.clock()
        statement = Statement(
            incident_id=incident.id,
            id=decision.id,
            risk=incident.risk,
            phase=draft.phase,
            texts=draft.texts,
            by=draft.by,
            approved_by=answer.voters,
            began_at=incident.began_at,
            published_at=now,
            number=len(record.statements) + 1,
        )
        clock = record.deadlines.get(Watched.UPDATES)
        entry = _entry(decision, statement, clock, place)
        running = clock if clock and clock.over_at is None else None
        after = announced(running, statement, incident, self.plan, now) if running else None
        self.statements.publish(statement, [entry], after)
        return statement

    def _file(self, statement: Statement, files: Sequence[SiteFile]) -> None:
        """Files what the status page was at that moment, once; the other incidents' own pages stay out of it."""
        if self.archive.get(site_listing(statement)) is not None:
            return
        parts = []
        for file in _of_moment(statement, files):
            name, content = f"{site_folder(statement)}/{file.path}", file.content.encode()
            self.archive.put(name, content, file.content_type)
            parts.append(part(name, content))
        listing = manifest(statement.incident_id, parts, self.clock())
        self.archive.put(site_listing(statement), msgspec.json.encode(listing), "application/json")


def approved(decision: Decision) -> tuple[Draft, Answer]:
    """The draft and the answer that approved it. Raises DecisionStillOpen, NotApproved."""
    draft, answer = decision.statement, decision.answer
    if answer is None:
        raise DecisionStillOpen(decision.id)
    if draft is None or answer.outcome is not Outcome.APPROVED:
        raise NotApproved(decision.id)
    if len(set(answer.voters)) < decision.needed or draft.by in answer.voters:
        raise NotApproved(decision.id)
    return draft, answer


def published(record: Record, decision_id: str) -> Statement | None:
    """The incident's statement that was published after that decision, or None."""
    return next((statement for statement in record.statements if statement.id == decision_id), None)


def _entry(decision: Decision, statement: Statement, clock: Deadline | None, place: Place) -> TimelineEntry:
    return fact_of(
        decision,
        Fact.STATEMENT_PUBLISHED,
        key="published",
        now=statement.published_at,
        actor=statement.by,
        details={
            "who": statement.by,
            "people": statement.approved_by,
            "phase": statement.phase,
            "text": next(iter(statement.texts.values())).title,
            **({"beat": clock.beat} if clock else {}),
        },
        place=place,
    )


def _of_moment(statement: Statement, files: Iterable[SiteFile]) -> Iterable[SiteFile]:
    own = incident_page(statement.incident_id)
    return (file for file in files if "incidents/" not in file.path or file.path.endswith(own))


class TellOnePage(Protocol):
    """Mails a statement to some of the subscribers, as `TellSubscribers` does."""

    def __call__(self, statement: Statement, cursor: str, /) -> str:
        """Where to go on; empty where everybody was told. Raises PostUnavailable to be called again."""
        ...


@dataclass(frozen=True, kw_only=True)
class TellOfStatement:
    """Mails a published statement: to the newsrooms, to the teams whom it concerns, to who subscribed."""

    plan: Plan
    incidents: Incidents
    decisions: Decisions
    notify: Notify
    status_url: str
    clock: Clock

    def media(self, incident_id: str, decision_id: str, place: Place) -> int:
        """How many newsrooms were told, now or before. Raises NotApproved, and PostUnavailable to be called again."""
        record, statement = self._published(incident_id, decision_id)
        newsrooms = [one.contact for one in self.plan.communications.media]
        told = self.notify.each(
            [
                Notification(
                    kind=NotificationKind.STATEMENT,
                    incident=record.incident,
                    to=contact,
                    about=statement.id,
                    statement=statement,
                    link_url=f"{self.status_url}/{self._public(contact.locale)}/{incident_page(incident_id)}",
                )
                for contact in newsrooms
            ]
        )
        self._tell_teams(record, statement)
        self._note(decision_id, record, Fact.MEDIA_TOLD, len(told), place)
        return len(told)

    def subscribers(self, incident_id: str, decision_id: str, cursor: str, tell: TellOnePage, place: Place) -> str:
        """Where to go on; empty where everybody was told.

        Raises NotApproved, and PostUnavailable to be called again.
        """
        record, statement = self._published(incident_id, decision_id)
        after = tell(statement, cursor)
        if not after:
            self._note(decision_id, record, Fact.SUBSCRIBERS_TOLD, None, place)
        return after

    def _published(self, incident_id: str, decision_id: str) -> tuple[Record, Statement]:
        record = self.incidents.record(incident_id)
        statement = published(record, decision_id)
        if statement is None:
            raise NotApproved(decision_id)
        return record, statement

    def _tell_teams(self, record: Record, statement: Statement) -> None:
        teams = [team for team in _CONCERNED if team in record.incident.teams]
        people = {self.plan.stand_in(who, self.clock()): team for team in teams for who in self.plan.team_people(team)}
        self.notify.each(
            [
                Notification(
                    kind=NotificationKind.STATEMENT_OUT,
                    incident=record.incident,
                    to=self.plan.contact(who),
                    about=statement.id,
                    team=team,
                    statement=statement,
                    link_url=f"{self.status_url}/",
                )
                for who, team in people.items()
            ]
        )

    def _public(self, locale: str) -> str:
        """One of the public's languages: the reader's, or else the default one."""
        locales = self.plan.communications.locales
        return locale if locale in locales else locales[0]

    def _note(self, decision_id: str, record: Record, fact: Fact, count: int | None, place: Place) -> None:
        decision = self.decisions.get(record.incident.id, decision_id)
        details = {} if count is None else {"count": count}
        entry = fact_of(decision, fact, key=fact, now=self.clock(), details=details, place=place)
        self.incidents.add(record.incident.id, [entry])
