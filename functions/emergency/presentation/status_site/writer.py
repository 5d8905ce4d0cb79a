"""Writes the whole status page out of everything that was published.

No page has a script or loads anything, links between them are relative, and nothing of an incident is told that does
not stand in a published statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from emergency.domain.plan import Locale, Plan
from emergency.domain.statement import PublicIncident, SiteFile, Statement, incident_page, incidents_of
from emergency.presentation.status_site.data import status_json
from emergency.presentation.status_site.days import DaySquare, day_strip, local_day
from emergency.presentation.status_site.feed import atom_feed
from emergency.presentation.status_site.frame import Frame
from emergency.presentation.words import Words, words_for

RECENT = timedelta(days=14)
"""How long the first page tells of what is over."""

HTML = "text/html; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
JSON = "application/json"


@dataclass(frozen=True, kw_only=True)
class SiteWriter:
    """Writes the files. `status_url` is where they are read, `pages_url` where one subscribes; without end slashes."""

    plan: Plan
    words: Mapping[Locale, Words]
    status_url: str
    pages_url: str

    def files(self, history: Sequence[Statement], now: datetime) -> tuple[SiteFile, ...]:
        """All files as they are at `now`; what a reader comes upon first stands last."""
        incidents = incidents_of(history, now)
        locales = self.plan.communications.locales
        written = [file for locale in locales for file in self._of_locale(locale, incidents, now)]
        state = status_json(incidents, self.plan, self.status_url, now)
        views = [self._view(locale, "", incidents, now) for locale in locales]
        index = views[0].page("site-index.html.j2", "index.html")
        return (
            *written,
            SiteFile(path="404.html", content=self._not_found(views), content_type=HTML),
            SiteFile(path="status.json", content=state, content_type=JSON),
            SiteFile(path="index.html", content=index, content_type=HTML),
        )

    def _of_locale(self, locale: Locale, incidents: Sequence[PublicIncident], now: datetime) -> Iterator[SiteFile]:
        for incident in incidents:
            view, name = self._view(locale, "../../", incidents, now), incident_page(incident.id)
            content = view.page("site-incident.html.j2", name, incident=incident)
            yield SiteFile(path=f"{locale}/{name}", content=content, content_type=HTML)
        view = self._view(locale, "../", incidents, now)
        history = view.page("site-history.html.j2", "history.html")
        yield SiteFile(path=f"{locale}/history.html", content=history, content_type=HTML)
        feed = atom_feed(incidents, self.plan, view.words, self.status_url, now)
        yield SiteFile(path=f"{locale}/feed.atom", content=feed, content_type=ATOM)
        index = view.page("site-index.html.j2", "index.html")
        yield SiteFile(path=f"{locale}/index.html", content=index, content_type=HTML)

    def _view(self, locale: Locale, base: str, incidents: Sequence[PublicIncident], now: datetime) -> View:
        return View(
            plan=self.plan,
            words=words_for(locale, self.plan, self.words),
            shelf=self.words,
            incidents=incidents,
            now=now,
            base=base,
            status_url=self.status_url,
            pages_url=self.pages_url,
        )

    def _not_found(self, views: Sequence[View]) -> str:
        """In all languages at once, with whole addresses: whatever was asked for, this is what comes instead."""
        return views[0].page("site-not-found.html.j2", "404.html", views=views, home=self.status_url)


@dataclass(frozen=True, kw_only=True)
class View(Frame):
    """What a page of the site shows, in one language."""

    shelf: Mapping[Locale, Words]
    incidents: Sequence[PublicIncident]
    now: datetime

    def languages(self, name: str) -> list[tuple[Locale, str, str, bool]]:
        """The same page in every language: tag, the language's own name, link, and whether it is the page's own."""
        return [
            (locale, self._own_name(locale), f"{self.base}{locale}/{name}", locale == self.locale)
            for locale in self.plan.communications.locales
        ]

    def _own_name(self, locale: Locale) -> str:
        return words_for(locale, self.plan, self.shelf)("language.name")

    @property
    def current(self) -> list[PublicIncident]:
        """What is being worked on."""
        return [incident for incident in self.incidents if incident.is_current(self.now)]

    @property
    def recent(self) -> list[PublicIncident]:
        """What has ended lately."""
        ended = [incident for incident in self.incidents if not incident.is_current(self.now)]
        return [incident for incident in ended if self.now - incident.latest.published_at < RECENT]

    @property
    def months(self) -> list[tuple[str, list[PublicIncident]]]:
        """All incidents of the last year by the month in which they began, the latest first."""
        months: dict[tuple[int, int], list[PublicIncident]] = {}
        for incident in sorted(self.incidents, key=lambda one: (one.began_at, one.id), reverse=True):
            day = local_day(incident.began_at, self.plan)
            months.setdefault((day.year, day.month), []).append(incident)
        return [
            (self.words("site.month", month=self.words(f"site.months.{month}"), year=year), found)
            for (year, month), found in months.items()
        ]

    @property
    def days(self) -> list[DaySquare]:
        """The last days, oldest first."""
        return day_strip(self.incidents, self.plan, self.now)

    @property
    def days_told(self) -> str:
        """The last days in words."""
        days = self.days
        troubled = sum(day.is_troubled for day in days)
        return (
            self.words.plural("site.days.some", troubled, days=len(days))
            if troubled
            else self.words("site.days.none", days=len(days))
        )

    @property
    def changed(self) -> str:
        """When the page last said something new; empty where nothing was ever published."""
        latest = max((incident.latest.published_at for incident in self.incidents), default=None)
        return self.words("site.changed", time=self.moment(latest)) if latest else ""

    def short_moment(self, moment: datetime) -> str:
        """Day and time, with the year where it is another one."""
        if local_day(moment, self.plan).year == local_day(self.now, self.plan).year:
            return self.words.short_moment(moment, self.plan)
        date, clock = self.words.date(moment, self.plan), self.words.clock(moment, self.plan)
        return self.words("site.moment", date=date, clock=clock)

    def moment(self, moment: datetime) -> str:
        """The same with the zone named."""
        return self.words("time.in_zone", time=self.short_moment(moment), zone=self.words.zone(self.plan))

    def lasted(self, incident: PublicIncident) -> str:
        """How long it lasted, or since when it goes on."""
        if incident.resolved_at:
            duration = self.words.duration((incident.resolved_at - incident.began_at).total_seconds())
            return self.words("site.lasted", began=self.moment(incident.began_at), duration=duration)
        return self.words("site.since", began=self.moment(incident.began_at))

    def state(self, incident: PublicIncident) -> str:
        """`current`, `resolved`, or `ended` where nobody said that it was over."""
        return incident.state(self.now)

    def title(self, incident: PublicIncident) -> str:
        """What it is called: as the public was told first."""
        return incident.statements[0].wording(self.locale).title
