"""Steps 5 and 6: the complete record is formed, the post-incident report written, the incident closed (P6.5, P6.6)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from emergency.domain.deadline import Watched
from emergency.domain.decision import decision_id
from emergency.domain.incident import IncidentStatus
from emergency.domain.plan import Plan
from emergency.domain.report import Record, resolved_at, write_report
from emergency.domain.terms import DecisionKind, Outcome, Step
from emergency.domain.timeline import CLOSED, SYSTEM, Fact, Place, TimelineEntry
from emergency.ports import Archive, Clock, Incidents, ReportWriter
from emergency.use_cases.attempts import until_written
from emergency.use_cases.do_by_system import DoBySystem
from emergency.use_cases.seal_record import SealRecord, report_name
from emergency.use_cases.watch_clocks import EndClock

_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class AssembleRecord:
    """Forms the complete record of the handling and seals it; a second run does so anew. Clean-up's clock ends."""

    incidents: Incidents
    do_by_system: DoBySystem
    end_clock: EndClock
    seal: SealRecord
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> None:
        """Puts the record into the archive and the moment of resolution on the incident.

        Raises IncidentNotFound, WorkflowUnavailable.
        """
        self.do_by_system(incident_id)
        self.end_clock(incident_id, Watched.CLEAN_UP)
        until_written(lambda: self._settle(incident_id, place))
        self.seal(incident_id, place)

    def _settle(self, incident_id: str, place: Place) -> None:
        record = self.incidents.record(incident_id)
        if any(entry.fact is Fact.RECORD_ASSEMBLED for entry in record.timeline):
            return
        incident = replace(record.incident, resolved_at=resolved_at(record.decisions, record.incident.teams))
        entry = TimelineEntry(
            key="record_assembled",
            at=self.clock(),
            step=Step.SITE_CLEAN_UP,
            fact=Fact.RECORD_ASSEMBLED,
            actor=SYSTEM,
            place=place,
        )
        self.incidents.save(incident, [entry])


@dataclass(frozen=True, kw_only=True)
class WriteReport:
    """Writes one round of the report in every language of the plan."""

    plan: Plan
    incidents: Incidents
    archive: Archive
    reports: ReportWriter
    clock: Clock

    def __call__(self, incident_id: str, round_: int, place: Place) -> bool:
        """Files the report; True while it may still be returned for revision. Raises IncidentNotFound."""
        until_written(lambda: self._note(incident_id, round_, place))
        report = write_report(self.incidents.record(incident_id), round_=round_, now=self.clock())
        for locale in self.plan.company.locales:
            name = report_name(incident_id, locale, round_)
            self.archive.put(name, self.reports.html(report, locale), _HTML)
        return round_ <= self.plan.review_rounds

    def _note(self, incident_id: str, round_: int, place: Place) -> None:
        incident = self.incidents.get(incident_id)
        if incident.report_round >= round_:
            return
        entry = TimelineEntry(
            key=f"report_written/{round_}",
            at=self.clock(),
            step=Step.POST_INCIDENT_REPORT,
            fact=Fact.REPORT_WRITTEN,
            actor=SYSTEM,
            place=place,
            details={"round": round_},
        )
        self.incidents.save(replace(incident, report_round=round_), [entry])


@dataclass(frozen=True, kw_only=True)
class CloseIncident:
    """Closes the incident, files the final report and seals the record; a second run files them again."""

    plan: Plan
    incidents: Incidents
    archive: Archive
    reports: ReportWriter
    seal: SealRecord
    clock: Clock

    def __call__(self, incident_id: str, round_: int, place: Place) -> None:
        """Closes. The cause may open a new incident from now on. Raises IncidentNotFound."""
        until_written(lambda: self._close(incident_id, round_, place))
        record = self.incidents.record(incident_id)
        report = write_report(record, round_=round_, now=record.incident.closed_at or self.clock())
        for locale in self.plan.company.locales:
            self.archive.put(report_name(incident_id, locale), self.reports.html(report, locale), _HTML)
        self.seal(incident_id, place)

    def _close(self, incident_id: str, round_: int, place: Place) -> None:
        record = self.incidents.record(incident_id)
        if record.incident.status is IncidentStatus.CLOSED:
            return
        now = self.clock()
        entry = TimelineEntry(
            key=CLOSED,
            at=now,
            step=Step.POST_INCIDENT_REPORT,
            fact=Fact.INCIDENT_CLOSED,
            actor=SYSTEM,
            place=place,
            details={"outcome": _review(record, round_)},
        )
        closed = replace(record.incident, status=IncidentStatus.CLOSED, closed_at=now)
        self.incidents.save(closed, [entry], release_cause=True)


def _review(record: Record, round_: int) -> Outcome:
    decision = record.decisions.get(decision_id(DecisionKind.REVIEW, None, round_))
    return decision.answer.outcome if decision and decision.answer else Outcome.NOT_REVIEWED
