"""The Atom feed of one language (RFC 4287): an entry for each published statement, the latest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from feedgenerator import Atom1Feed
from markupsafe import Markup, escape

from emergency.domain.plan import Plan
from emergency.domain.statement import PublicIncident, Statement, Wording, incident_page
from emergency.presentation.plain import clean, one_line
from emergency.presentation.words import Words

MOST_ENTRIES = 50


class _Feed(Atom1Feed):  # type: ignore[misc]
    """A feed without entries is as old as it is said to be, not as the moment in which it is written."""

    def __init__(self, *, empty_since: datetime, **about: object) -> None:
        super().__init__(**about)
        self._empty_since = empty_since

    def latest_post_date(self) -> datetime:
        """When the feed last changed."""
        latest: datetime = super().latest_post_date() if self.items else self._empty_since
        return latest


def atom_feed(incidents: Sequence[PublicIncident], plan: Plan, words: Words, status_url: str, now: datetime) -> str:
    """The feed as text."""
    locale, company = words.locale, plan.text(plan.company.name, words.locale)
    name, page = plan.text(plan.communications.name, locale), f"{status_url}/{locale}"
    host = urlsplit(status_url).hostname or "localhost"
    feed = _Feed(
        empty_since=now,
        title=one_line(name),
        link=f"{page}/index.html",
        feed_url=f"{page}/feed.atom",
        feed_guid=f"{page}/feed.atom",
        description=words("site.feed.about", company=company),
        language=locale,
        author_name=company,
    )
    statements = [one for incident in incidents for one in incident.statements]
    for one in sorted(statements, key=lambda one: (one.published_at, one.id), reverse=True)[:MOST_ENTRIES]:
        wording = one.wording(locale)
        feed.add_item(
            title=one_line(wording.title),
            link=f"{page}/{incident_page(one.incident_id)}#{one.id}",
            description=None,
            content=_content(wording),
            unique_id=_tag(host, one, locale),
            pubdate=one.published_at,
            updateddate=one.published_at,
            categories=[one.phase.value],
        )
    written: str = feed.writeString("utf-8")
    return written


def _tag(host: str, statement: Statement, locale: str) -> str:
    """An id that stays the same wherever the page moves within its host (RFC 4151)."""
    return f"tag:{host},{statement.published_at:%Y-%m-%d}:{statement.incident_id}/{statement.id}/{locale}"


def _content(wording: Wording) -> str:
    """The text as HTML, which an Atom reader unescapes once."""
    lines = [escape(clean(one)).replace("\n", Markup("<br>")) for one in wording.paragraphs]
    return "".join(f"<p>{line}</p>" for line in lines)
