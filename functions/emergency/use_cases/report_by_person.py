"""A person reports an incident on a page (P6.1): straight into the records, or through the queue where they are out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from emergency.domain.errors import TooManyReports
from emergency.domain.incident_report import PersonReport, event_of
from emergency.domain.plan import Plan
from emergency.domain.signal import SignalRecord
from emergency.ports import Clock, OpenReports, SignalQueue


class TakesEvents(Protocol):
    """What becomes of events: ReportIncident."""

    def __call__(self, event: object) -> SignalRecord:
        """What became of the event. Raises UnusableSignal where it can't be read."""
        ...


@dataclass(frozen=True, kw_only=True)
class ReportByPerson:
    """Takes a report. The same `id_` twice is one report, and gives the same answer."""

    plan: Plan
    report: TakesEvents
    queue: SignalQueue
    counts: OpenReports
    clock: Clock

    def __call__(self, report: PersonReport, *, id_: str, by: str) -> SignalRecord:
        """What became of the report of a contact."""
        return self.report(event_of(report, id_=id_, now=self.clock(), by=by))

    def openly(self, report: PersonReport, *, id_: str) -> SignalRecord:
        """What became of a report by whoever it was. Raises TooManyReports for this hour."""
        now = self.clock()
        if not self.counts.take(id_, now, self.plan.reporting.per_hour):
            raise TooManyReports
        return self.report(event_of(report, id_=id_, now=now))

    def later(self, report: PersonReport, *, id_: str, link: str = "") -> None:
        """Puts a report on the queue, while the records can't be reached; `link` is the digest of its writer's link."""
        self.queue.put(event_of(report, id_=id_, now=self.clock(), link=link))
