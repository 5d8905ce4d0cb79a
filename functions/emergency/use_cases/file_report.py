"""Steps 5 and 6: the complete record is formed, the post-incident report written, the incident closed (P6.5, P6.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from emergency.domain.decision import decision_id
from emergency.domain.incident import IncidentStatus
from emergency.domain.plan import Plan
from emergency.domain.report import Record, resolved_at, without_secrets, write_report
from emergency.domain.terms import DecisionKind, Outcome, Step
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from emergency.ports import Archive, Clock, Incidents, ReportWriter
from emergency.use_cases.attempts import until_written

_HTML = "text/html; charset=utf-8"
_JSON = "application/json"


def report_name(incident_id: str, locale: str, round_: int | None = None) -> str:
    """The archive's name of a report: of one round under review, or the final one."""
    return f"{incident_id}/report{f'-{round_}' if round_ else ''}.{locale}.html"


def record_name(incident_id: str) -> str:
    """The archive's name of the complete record."""
    return f"{incident_id}/record.json"


@dataclass(frozen=True, kw_only=True)
class AssembleRecord:
    """Forms the complete record of the handling; a second run forms it anew from the same facts."""

    incidents: Incidents
    archive: Archive
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> None:
        """Puts the record into the archive and the moment of resolution on the incident. Raises IncidentNotFound."""
        until_written(lambda: self._settle(incident_id, place))
        _file_record(self.incidents.record(incident_id), self.archive)

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
    """Closes the incident and files the final report and record; a second run files them again."""

    plan: Plan
    incidents: Incidents
    archive: Archive
    reports: ReportWriter
    clock: Clock

    def __call__(self, incident_id: str, round_: int, place: Place) -> None:
        """Closes. The cause may open a new incident from now on. Raises IncidentNotFound."""
        until_written(lambda: self._close(incident_id, round_, place))
        record = self.incidents.record(incident_id)
        report = write_report(record, round_=round_, now=record.incident.closed_at or self.clock())
        for locale in self.plan.company.locales:
            self.archive.put(report_name(incident_id, locale), self.reports.html(report, locale), _HTML)
        _file_record(record, self.archive)

    def _close(self, incident_id: str, round_: int, place: Place) -> None:
        record = self.incidents.record(incident_id)
        if record.incident.status is IncidentStatus.CLOSED:
            return
        now = self.clock()
        entry = TimelineEntry(
            key="incident_closed",
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


def _file_record(record: Record, archive: Archive) -> None:
    content: Mapping[str, object] = msgspec.to_builtins(without_secrets(record))
    archive.put(record_name(record.incident.id), msgspec.json.format(msgspec.json.encode(content)).decode(), _JSON)
