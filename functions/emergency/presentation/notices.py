"""Notices to authorities as one reader sees them: to whom, by what law, until when (P4, head of legal)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from emergency.domain.deadline import duties_of
from emergency.domain.incident import Incident
from emergency.domain.plan import Begins, Notice, NoticeStatus, Plan, Text
from emergency.presentation.naming import Names
from emergency.presentation.plain import one_line, web_link
from emergency.presentation.words import Words

_LINE = 300


@dataclass(frozen=True, kw_only=True)
class AskedNotice:
    """One notice as the reader sees it; `until` says when its time ends, or when it begins to run."""

    id: str
    name: str
    recipient: str
    term: str
    source: str
    url: str
    checked: str
    is_draft: bool
    until: str
    is_over: bool


@dataclass(frozen=True)
class NoticeTeller:
    """Tells the plan's notices about one incident in one reader's words."""

    incident: Incident
    now: datetime
    plan: Plan
    words: Words

    def asked(self) -> tuple[AskedNotice, ...]:
        """All notices that the incident may have to be followed by."""
        return tuple(self.told(notice) for notice in duties_of(self.incident, self.plan))

    def told(self, notice: Notice) -> AskedNotice:
        """One notice."""
        return AskedNotice(
            id=notice.id,
            name=Names(self.plan, self.words).notice_alone(notice.id),
            recipient=self._text(notice.recipient),
            term=self.words.sentence(self._text(notice.term)),
            source=self._text(notice.source),
            url=web_link(notice.url),
            checked=self.words.date(datetime.combine(notice.checked, time(12), UTC), self.plan),
            is_draft=notice.status is NoticeStatus.DRAFT,
            until=self._until(notice),
            is_over=notice.begins == Begins.DETECTED and self._ends(notice) < self.now,
        )

    def names(self, ids: Sequence[str]) -> str:
        """Several notices by their names; says so where there are none."""
        names = Names(self.plan, self.words)
        return self.words.join([names.notice_alone(id_) for id_ in ids]) or self.words("page.notice.none")

    def _until(self, notice: Notice) -> str:
        words, within = self.words, self.words.duration(notice.within)
        if notice.begins == Begins.DETECTED:
            return words("page.notice.until", time=words.when(self._ends(notice), self.now, self.plan))
        if notice.begins == Begins.HANDLED:
            return words("page.notice.after_response", duration=within)
        other = Names(self.plan, words).notice_alone(notice.begins)
        return words("page.notice.after_notice", duration=within, notice=other)

    def _ends(self, notice: Notice) -> datetime:
        return self.incident.detected_at + timedelta(seconds=notice.within)

    def _text(self, text: Text) -> str:
        return one_line(self.plan.text(text, self.words.locale), _LINE)
