"""The post-incident report as a document: one self-contained page for print and phone (P6.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from emergency.domain.decision import Answer
from emergency.domain.incident import Orders
from emergency.domain.inventory import OpenHotline
from emergency.domain.plan import Locale, Plan
from emergency.domain.report import Finding, Proposal, Report, TeamWork
from emergency.domain.terms import Outcome, Team
from emergency.domain.timeline import Fact, TimelineEntry
from emergency.presentation.naming import Names
from emergency.presentation.narrate import sentence
from emergency.presentation.picture import Picture, draw
from emergency.presentation.plain import one_line
from emergency.presentation.reasons import ReasonTeller
from emergency.presentation.tables import Tables
from emergency.presentation.templating import render, style
from emergency.presentation.words import Words, local_time, words_for

_TEXT_LIMIT = 600
_NOTE_LIMIT = 4_000
_COUNTED = frozenset({Finding.TASKS_LATE, Finding.UPDATES_LATE})
"""Findings whose proposal depends on how many there were."""


class ReportWriter:
    """Writes the post-incident report in one locale."""

    def __init__(self, plan: Plan, words_by_locale: Mapping[Locale, Words]) -> None:
        self._plan = plan
        self._words = words_by_locale

    def html(self, report: Report, locale: Locale) -> str:
        """The whole document, self-contained, in that locale or the company's own."""
        words = words_for(locale, self._plan, self._words)
        document = _Document(report, self._plan, words)
        return render("report.html.j2", document=document, report=report, words=words, style=style("base", "report"))


@dataclass(frozen=True, kw_only=True)
class _Moment:
    """One row of the times table; `at` is missing where the incident never came that far."""

    name: str
    at: datetime | None
    since_detected: str = ""
    since_before: str = ""


@dataclass(frozen=True, kw_only=True)
class _Line:
    """One line of the timeline."""

    at: str
    machine_time: str
    step: str
    text: str


@dataclass(frozen=True, kw_only=True)
class _Addition:
    """One note or file that somebody added to the record: who and when, and the note's text or the file's name."""

    who: str
    text: str
    is_file: bool


class _Document:
    """The report's parts as the template lays them out."""

    def __init__(self, report: Report, plan: Plan, words: Words) -> None:
        self._report = report
        self._incident = report.incident
        self._plan = plan
        self._words = words
        self.names = Names(plan, words)
        self.tables = Tables(report, plan, words)

    def _text(self, text: Mapping[Locale, str], limit: int = _TEXT_LIMIT) -> str:
        return one_line(self._plan.text(text, self._words.locale), limit)

    def at(self, moment: datetime) -> str:
        """Day and time; the zone is named once, with the times."""
        return self._words.short_moment(moment, self._plan)

    # The head

    @property
    def company(self) -> str:
        """The company's name."""
        return self._plan.text(self._plan.company.name, self._words.locale)

    @property
    def title(self) -> str:
        """What the incident is called."""
        return self._text(self._incident.title)

    @property
    def round(self) -> int:
        """The report's version, from 1."""
        return max(1, self._report.round)

    @property
    def subtitle(self) -> str:
        """Incident, version, when it was written."""
        time = self._words.moment(self._report.written_at, self._plan)
        return self._words("report.subtitle", incident=self._incident.id, round=self.round, time=time)

    @property
    def zone(self) -> str:
        """In which zone the times are."""
        return self._words("report.course.zone", zone=self._words.zone(self._plan))

    @property
    def summary(self) -> str:
        """The incident in three sentences."""
        words, incident = self._words, self._incident
        what = words(
            "report.summary.what",
            title=self.title,
            place=self._text(incident.place),
            time=words.moment(incident.detected_at, self._plan),
        )
        return words.paragraph(what, self._what_was_ordered, self._how_it_ended)

    @property
    def _what_was_ordered(self) -> str:
        orders, words = self._incident.orders, self._words
        if orders is None:
            return words("report.summary.no_orders")
        if orders.outcome is not Outcome.ACTIVATE:
            return words("report.summary.stood_down")
        level, teams = self.names.level(orders.severity), self.names.teams(orders.teams)
        return words.plural("report.summary.activated", len(orders.teams), level=level, teams=teams)

    @property
    def _how_it_ended(self) -> str:
        if not self._incident.teams:
            return ""
        times = self._report.times
        if times.resolved is None:
            return self._words("report.summary.unresolved")
        duration = self._words.duration((times.resolved - times.detected).total_seconds())
        return self._words("report.summary.resolved", duration=duration)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The key facts: label and value."""
        words, incident = self._words, self._incident
        orders = incident.orders
        return [
            (words("page.label.severity"), self.names.severity(incident.severity)),
            (words("page.label.risk"), self.names.risk(incident.risk)),
            (words("page.label.place"), self._text(incident.place)),
            (words("page.label.reported_by"), self.names.reporter(incident)),
            (words("page.label.signal_reason"), one_line(incident.signal_reason, _TEXT_LIMIT)),
            (words("page.label.former"), incident.former),
            (words("report.label.teams"), self.names.teams_alone(incident.teams)),
            (words("report.label.task_force"), self.names.contacts(orders.task_force) if orders else ""),
            (words("page.label.budget"), self._budget),
            (words("page.label.status"), words(f"status.{incident.status}")),
        ]

    @property
    def _budget(self) -> str:
        """What was ordered of the emergency funds; empty where the playbook's share stood."""
        orders = self._incident.orders
        return "" if orders is None or orders.budget is None else self._words.money(orders.budget, self._plan)

    # The course

    @property
    def picture(self) -> Picture | None:
        """The picture of the course; None where the timeline is empty."""
        moments = [(moment.name, moment.at) for moment in self._key_moments() if moment.at is not None]
        return draw(self._report.timeline, moments, self._plan, self._words)

    @property
    def described(self) -> str:
        """What the picture shows, in words."""
        timeline = self._report.timeline
        return self._words.plural(
            "report.course.described", len(timeline), begin=self.at(timeline[0].at), end=self.at(timeline[-1].at)
        )

    @property
    def days(self) -> Iterator[tuple[str, Iterator[_Line]]]:
        """The timeline day by day."""
        by_day = groupby(self._report.timeline, key=lambda entry: local_time(entry.at, self._plan).date())
        for _, entries in by_day:
            first = next(entries)
            yield self._words.date(first.at, self._plan), self._lines(first, entries)

    def _lines(self, first: TimelineEntry, rest: Iterator[TimelineEntry]) -> Iterator[_Line]:
        steps = {}
        for entry in [first, *rest]:
            if entry.step not in steps:
                steps[entry.step] = self._words(f"step.{entry.step}")
            yield _Line(
                at=self._words.exact_clock(entry.at, self._plan),
                machine_time=entry.at.isoformat(),
                step=steps[entry.step],
                text=sentence(entry, self._plan, self._words, self._incident.playbook),
            )

    # The teams

    @property
    def additions(self) -> Iterator[_Addition]:
        """The notes and files that people added, oldest first."""
        for entry in self._report.timeline:
            if entry.fact in {Fact.NOTE_ADDED, Fact.FILE_ADDED}:
                is_file = entry.fact is Fact.FILE_ADDED
                text = str(entry.details.get("file" if is_file else "text", ""))
                yield _Addition(
                    who=self.tables.by(entry.actor, entry.at),
                    text=one_line(text, _TEXT_LIMIT) if is_file else text[:_NOTE_LIMIT],
                    is_file=is_file,
                )

    def answered(self, answer: Answer | None, outcome: Outcome, key: str) -> str:
        """Who answered when; empty where nobody did."""
        if answer is None or answer.outcome is not outcome:
            return ""
        return self._words(key, who=self.names.contact(answer.by), time=self.at(answer.at))

    def acknowledged(self, work: TeamWork) -> str:
        """Who took on the tasks, and when; or that nobody did."""
        told = self.answered(work.acknowledged, Outcome.ACKNOWLEDGED, "report.measures.acknowledged")
        return told or self._words("report.measures.not_acknowledged")

    def completed(self, work: TeamWork) -> str:
        """Who reported the tasks complete, and when; or that nobody did."""
        told = self.answered(work.completed, Outcome.COMPLETED, "report.measures.completed")
        return told or self._words("report.measures.not_completed")

    def note(self, work: TeamWork) -> str:
        """What was written when the tasks were taken on."""
        return work.acknowledged.fields.get("comment", "")[:_NOTE_LIMIT] if work.acknowledged else ""

    # The impact

    @property
    def assessment(self) -> list[str]:
        """The severity as it was computed and as it was ordered, in sentences."""
        words, incident = self._words, self._incident
        computed = words(
            "report.impact.assessed",
            likelihood=incident.likelihood,
            impact=incident.impact,
            level=self.names.level(incident.computed_severity),
        )
        reasons = ReasonTeller(incident, self.names).reasons
        told = [words("report.impact.risk", risk=words.inside(self.names.risk(incident.risk))), computed, reasons]
        if (orders := incident.orders) and orders.outcome is Outcome.ACTIVATE:
            told.append(self._ordered(orders))
        told += self._raised
        told.append(words.plural("report.impact.signals", self._report.tally.signals))
        told.append(self._cleared)
        return told

    def _ordered(self, orders: Orders) -> str:
        level = self.names.level(orders.severity)
        if not orders.by:
            return self._words("report.impact.ordered_by_plan", level=level)
        return self._words("report.impact.ordered", who=self.names.contact(orders.by), level=level)

    @property
    def _raised(self) -> list[str]:
        """What the severity was raised to later, and when."""
        raised = [entry for entry in self._report.timeline if entry.fact is Fact.SEVERITY_RAISED]
        return [
            self._words(
                "report.impact.raised",
                level=self.names.level(str(entry.details.get("severity", ""))),
                time=self.at(entry.at),
            )
            for entry in raised
        ]

    @property
    def _cleared(self) -> str:
        """Whether its alarms are back to normal; empty where only people have reported it."""
        tally = self._report.tally
        if tally.cleared_at:
            return self._words("report.impact.cleared", time=self.at(tally.cleared_at))
        if tally.on > 1:
            return self._words.plural("report.impact.still_on", tally.on)
        return self._words("report.impact.not_cleared") if tally.alarms else ""

    @property
    def orders_comment(self) -> str:
        """What the leadership group wrote with its orders; empty where it wrote nothing."""
        orders = self._incident.orders
        return (
            self._words("report.impact.comment", comment=one_line(orders.comment)) if orders and orders.comment else ""
        )

    @property
    def first_impact(self) -> str:
        """The first assessment."""
        return self._words.sentence(self._text(self._incident.first_impact))

    @property
    def risk(self) -> list[tuple[str, str]]:
        """What the plan says of the risk: label and text."""
        risk = self._plan.risks[self._incident.risk]
        return [
            (self._words("report.impact.happens"), self._text(risk.what_happens)),
            (self._words("report.impact.harms"), self._text(risk.harms)),
        ]

    def said(self, name: str) -> list[tuple[str, str]]:
        """What each team wrote in a field: the team's name and its text."""
        return [(self.names.team(work.team), text) for work in self._report.teams if (text := work.said(name))]

    # The times

    @property
    def moments(self) -> list[_Moment]:
        """The times that the plan is judged by, each with the time since detection and since the one before."""
        detected = self._report.times.detected
        rows = self._all_moments()
        before: datetime | None = None
        told = []
        for row in rows:
            told.append(
                _Moment(
                    name=row.name,
                    at=row.at,
                    since_detected=self._since(detected, row.at) if row.at != detected else "",
                    since_before=self._since(before, row.at),
                )
            )
            before = row.at or before
        return told

    def _since(self, begin: datetime | None, end: datetime | None) -> str:
        if begin is None or end is None or end < begin:
            return ""
        return self._words.duration((end - begin).total_seconds())

    def _all_moments(self) -> list[_Moment]:
        """Every time in the order of the steps, the teams' acknowledgements by time."""
        words, times = self._words, self._report.times
        acknowledged = sorted(times.acknowledged.items(), key=lambda item: item[1])
        missing = [team for team in self._incident.teams if team not in times.acknowledged]
        return [
            _Moment(name=words("report.times.began"), at=times.began),
            _Moment(name=words("report.times.detected"), at=times.detected),
            _Moment(name=words("report.times.reported"), at=times.reported),
            _Moment(name=words("report.times.ordered"), at=times.ordered),
            *(self._acknowledgement(team, at) for team, at in acknowledged),
            *(self._acknowledgement(team, None) for team in missing),
            _Moment(name=words("report.times.resolved"), at=times.resolved),
            _Moment(name=words("report.times.closed"), at=times.closed),
        ]

    def _acknowledgement(self, team: Team, at: datetime | None) -> _Moment:
        return _Moment(name=self._words("report.times.acknowledged", team=self.names.team_inside(team)), at=at)

    def _key_moments(self) -> list[_Moment]:
        """The moments that the picture numbers."""
        words, times = self._words, self._report.times
        last = max(times.acknowledged.values(), default=None)
        return [
            _Moment(name=words("report.times.began"), at=times.began),
            _Moment(name=words("report.times.detected"), at=times.detected),
            _Moment(name=words("report.times.ordered"), at=times.ordered),
            _Moment(name=words("report.times.all_acknowledged"), at=last),
            _Moment(name=words("report.times.cleared"), at=self._report.tally.cleared_at),
            _Moment(name=words("report.times.resolved"), at=times.resolved),
            _Moment(name=words("report.times.closed"), at=times.closed),
        ]

    # Resources and proposals

    @property
    def hotline(self) -> str:
        """Which number was open for how long."""
        hotline = self._report.hotline
        if hotline is None:
            return self._words("report.resources.no_hotline")
        opened, remark = self.at(hotline.opened_at), self._remark(hotline)
        if hotline.closed_at is None:
            told = self._words("report.resources.hotline_open", number=hotline.number, opened=opened)
            return self._words.paragraph(told, remark)
        closed = self.at(hotline.closed_at)
        told = self._words("report.resources.hotline_closed", number=hotline.number, opened=opened, closed=closed)
        return self._words.paragraph(told, remark)

    def _remark(self, hotline: OpenHotline) -> str:
        """That people switched it, or that nobody did; empty where Amazon Connect did."""
        if hotline.by_hand:
            return self._words("report.resources.hotline_by_hand")
        is_missing = hotline.phone_number and hotline.connected_at is None
        return self._words("report.resources.hotline_not_connected") if is_missing else ""

    @property
    def proposals(self) -> list[str]:
        """The proposals that follow from the record."""
        return [self._proposal(proposal) for proposal in self._report.proposals]

    def _proposal(self, proposal: Proposal) -> str:
        details, key = proposal.details, f"report.proposal.{proposal.finding}"
        values: dict[str, object] = {}
        if team := details.get("team"):
            values["team"] = self.names.team_inside(str(team))
        if notice := details.get("notice"):
            values["notice"] = self.names.notice_alone(str(notice))
        if proposal.finding is Finding.RESOURCE_SHORT:
            resource = str(details.get("resource", ""))
            values["resource"] = self.names.resource(resource)
            for name in ("wanted", "quantity"):
                amount = details.get(name, 0)
                values[name] = self.names.quantity(resource, amount) if isinstance(amount, int) else str(amount)
        if proposal.finding in _COUNTED:
            count = details.get("count", 0)
            return self._words.plural(key, count if isinstance(count, int) else 0, **values)
        return self._words(key, **values)

    @property
    def sealed(self) -> str:
        """That the complete record was sealed; empty while it wasn't."""
        seal = self._report.seal
        if seal is None:
            return ""
        digest = one_line(seal.digest, _TEXT_LIMIT)
        return self._words.plural("report.sealed", seal.parts, time=self.at(seal.at), digest=digest)

    @property
    def remarks(self) -> list[tuple[str, str]]:
        """The comments with which versions were returned: who and when, and what they wrote."""
        return [
            (
                self.tables.by(answer.by, answer.at),
                answer.fields.get("comment", ""),
            )
            for answer in self._report.review_comments
        ]
