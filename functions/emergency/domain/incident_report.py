"""What a person reports (P6.1): time, place, nature and first impact, as the form brings it and as an event carries it.

A report becomes an event of people's reports and is read like every other: by whatever way it comes, by the page, by
hand or through the queue, it is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from emergency.domain.answer import Form, read_choice, read_moment, read_required, read_text
from emergency.domain.envelope import clean
from emergency.domain.errors import UnusableAnswer, UnusableReport
from emergency.domain.link import digest_of
from emergency.domain.plan import Plan
from emergency.domain.report_event import REPORT_SOURCE, REPORT_TYPE, UNKNOWN_NATURE
from emergency.domain.terms import Risk

ELSEWHERE = "elsewhere"
"""The place of a form that is none of the plan's."""

REPORT_LIMITS: Mapping[str, int] = {"place_words": 160, "first_impact": 900}
"""Characters that the form's texts may have."""

FIELDS = ("time", "place", "place_words", "nature", "first_impact")

_AHEAD = timedelta(minutes=5)
"""How far a device's clock may be ahead."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class PersonReport:
    """A report as its form was filled in. `place` is the id of a place of the plan or empty, `words` tells more of it.

    `risk` is missing where its writer can't tell.
    """

    noticed_at: datetime
    place: str
    words: str
    risk: Risk | None
    first_impact: str

    @property
    def where(self) -> str:
        """The place as an event says it: `checkout: only on Android`."""
        return ": ".join(part for part in (self.place, self.words) if part)


def read_report(form: Form, plan: Plan, now: datetime) -> PersonReport:
    """The report that a posted form holds.

    Raises UnusableReport with what to correct in each field: `missing`, `unknown`, `unusable`, `future` or `too_long`.
    """
    problems: dict[str, str] = {}

    def field(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except UnusableAnswer as why:
            problems[why.field] = why.problem
            return None

    places = (*(place.id for place in plan.reporting.places), ELSEWHERE)
    noticed_at = field(lambda: _time(form, plan, now))
    place = field(lambda: read_choice(form, "place", places)) or ""
    words = field(lambda: _words(form, needed=place == ELSEWHERE)) or ""
    nature = field(lambda: read_choice(form, "nature", (*Risk, UNKNOWN_NATURE)))
    first_impact = field(lambda: _visible(form, "first_impact", read_required)) or ""
    if problems or noticed_at is None:
        raise UnusableReport(problems)
    return PersonReport(
        noticed_at=noticed_at,
        place="" if place == ELSEWHERE else place,
        words=words,
        risk=None if nature in {None, UNKNOWN_NATURE} else Risk(str(nature)),
        first_impact=first_impact,
    )


def report_id(page: str, once: str) -> str:
    """Names a report by the page that it was written on and by its showing, so that a double press is one report."""
    return f"report-{digest_of(f'{page}/{once}')[:40]}"


def event_of(report: PersonReport, *, id_: str, now: datetime, by: str = "", link: str = "") -> dict[str, object]:
    """The event that carries a report; `by` is a contact id, `link` the digest of a link of an unknown owner."""
    detail = {
        "time": report.noticed_at.astimezone(UTC).isoformat(),
        "place": report.where,
        "nature": report.risk or UNKNOWN_NATURE,
        "first_impact": report.first_impact,
        "by": by,
        "link": link,
    }
    return event_with({name: value for name, value in detail.items() if value}, id_=id_, now=now)


def event_with(detail: object, *, id_: str, now: datetime) -> dict[str, object]:
    """The event of a person's report with that detail, whether that can be read or not."""
    return {
        "version": "0",
        "id": id_,
        "source": REPORT_SOURCE,
        "detail-type": REPORT_TYPE,
        "account": "",
        "region": "",
        "time": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "resources": [],
        "detail": detail,
    }


def local_minute(moment: datetime, plan: Plan) -> str:
    """A moment as a form's field holds it: day and time in the company's zone."""
    return f"{moment.astimezone(ZoneInfo(plan.company.time_zone)):%Y-%m-%dT%H:%M}"


def _time(form: Form, plan: Plan, now: datetime) -> datetime:
    moment = read_moment(form, "time", plan)
    if moment > now + _AHEAD:
        raise UnusableAnswer("time", "future")
    return moment


def _words(form: Form, *, needed: bool) -> str:
    return clean(_visible(form, "place_words", read_required if needed else read_text), REPORT_LIMITS["place_words"])


def _visible(form: Form, name: str, read: Callable[[Form, str, int], str]) -> str:
    """A text field. Raises UnusableAnswer (`missing`) where nothing in it can be seen."""
    said = read(form, name, REPORT_LIMITS[name])
    if said and not clean(said, 1):
        raise UnusableAnswer(name, "missing")
    return said
