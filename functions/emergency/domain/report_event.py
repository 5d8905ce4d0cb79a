"""People's incident reports (P6.1), as they come over the event bus."""

from __future__ import annotations

from dataclasses import replace

from emergency.domain.envelope import Envelope, bare, clean, moment, text
from emergency.domain.errors import UnusableSignal
from emergency.domain.plan import Plan, ReportPlace
from emergency.domain.signal import NAME_LIMIT, REASON_LIMIT, Meaning, Report, Signal
from emergency.domain.terms import Risk

REPORT_SOURCE = "emergency.report"
"""The source of people's reports on the event bus."""

REPORT_TYPE = "Incident Report"
"""Their detail-type."""

UNKNOWN_NATURE = "unknown"
"""The nature of what its reporter can't tell."""


def read_report(envelope: Envelope) -> Signal:
    """A person's report: `time`, `place`, `nature` and `first_impact`, and `by` where a contact reports it.

    Raises UnusableSignal with the name of the field that is missing or wrong.
    """
    detail = envelope.detail
    signal = bare(envelope)
    report = Report(
        place=_said(detail, "place", NAME_LIMIT),
        first_impact=_said(detail, "first_impact", REASON_LIMIT),
        risk=_nature(_said(detail, "nature", NAME_LIMIT)),
        by=clean(text(detail.get("by")), NAME_LIMIT),
    )
    try:
        began_at = moment(_said(detail, "time", NAME_LIMIT))
    except ValueError as error:
        raise UnusableSignal(f"$.detail.time: {error}") from error
    return reported(replace(signal, began_at=min(began_at, signal.at)), report)


def reported(signal: Signal, report: Report) -> Signal:
    """The signal of a person's report, with the id, times, account and region of `signal`.

    Rules match its nature (`unknown`, or a risk) by namespace, and its place by name; the place is also its resource.
    """
    return replace(
        signal,
        source=REPORT_SOURCE,
        detail_type=REPORT_TYPE,
        meaning=Meaning.FAILURE,
        names=(REPORT_TYPE, clean(report.place, NAME_LIMIT)),
        namespace=report.risk or UNKNOWN_NATURE,
        resource=clean(report.place, NAME_LIMIT),
        reason=clean(report.first_impact, REASON_LIMIT),
        report=report,
    )


def place_of(said: str, plan: Plan) -> tuple[ReportPlace | None, str]:
    """Which place of the plan a report names, by its id or a name of it, and what it tells more of it.

    None where it is none of them; then the whole says where it is.
    """
    name, _, words = said.partition(":")
    for place in plan.reporting.places:
        if name.strip().casefold() in {place.id.casefold(), *(own.casefold() for own in place.name.values())}:
            return place, words.strip()
    return None, said


def _said(detail: dict[str, object], field: str, limit: int) -> str:
    """What the report says in a field that must say something."""
    said = clean(text(detail.get(field)), limit)
    if not said:
        raise UnusableSignal(f"$.detail.{field}: must say something")
    return said


def _nature(said: str) -> Risk | None:
    natures = (*map(str, Risk), UNKNOWN_NATURE)
    if said not in natures:
        raise UnusableSignal(f"$.detail.nature: {clean(said, 40)!r} is not one of {', '.join(natures)}")
    return None if said == UNKNOWN_NATURE else Risk(said)
