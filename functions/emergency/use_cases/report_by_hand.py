"""Reports that come by other ways than a page: by starting an execution, and through the queue (P6.1)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from emergency.domain.errors import JoinedAnother, NotYours, UnknownLink, UnusableSignal
from emergency.domain.incident_report import event_with
from emergency.domain.report_event import REPORT_SOURCE
from emergency.domain.signal import Disposition
from emergency.ports import Clock
from emergency.use_cases.report_incident import ReportIncident
from emergency.use_cases.standing_links import OpenStandingLink

_INCIDENT_ID = re.compile(r"INC-[0-9A-Z]{1,16}(?:-[0-9A-Z]{1,16}){1,3}")
"""What an execution may be called so that its incident is called the same."""


@dataclass(frozen=True, kw_only=True)
class ReportByHand:
    """Opens an incident for an execution that somebody has started with a report. A second run gives the same."""

    report: ReportIncident
    clock: Clock

    def __call__(self, report: object, execution: str) -> str:
        """The id of the incident that the execution carries out from now on.

        Raises UnusableSignal for a report that can't be read, and JoinedAnother where it belongs to an open incident.
        """
        event = event_with(report, id_=f"execution-{execution}", now=self.clock())
        id_ = execution if _INCIDENT_ID.fullmatch(execution) else ""
        taken = self.report.take(self.report.read(event), json.dumps(event), incident_id=id_, execution=execution)
        if taken.disposition is not Disposition.OPENED:
            raise JoinedAnother(taken.incident_id)
        return taken.incident_id


@dataclass(frozen=True, kw_only=True)
class NameReporter:
    """Names who wrote a report that waited in the queue while the records could not say whose link it came by."""

    open_link: OpenStandingLink

    def __call__(self, event: object) -> object:
        """The event with its reporter; any other event as it is. Raises UnusableSignal for a link that is nobody's."""
        detail = event.get("detail") if isinstance(event, dict) and event.get("source") == REPORT_SOURCE else None
        if not isinstance(event, dict) or not isinstance(detail, dict) or not detail.get("link"):
            return event
        try:
            contact = self.open_link.of_digest("", str(detail["link"])).contact
        except (UnknownLink, NotYours):
            raise UnusableSignal("$.detail.link: nobody in the plan has this link") from None
        told = {name: value for name, value in detail.items() if name != "link"}
        return {**event, "detail": {**told, "by": contact.id}}
