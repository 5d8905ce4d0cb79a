"""Statements: what customers and media are told, drafted, approved and published (P6.3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from emergency.domain.answer import Form, read_choice, read_required
from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import DEFAULT_PLAYBOOK, Locale, Plan, StatementTemplate
from emergency.domain.terms import Phase, Risk

PLACEHOLDERS = frozenset({"company", "since", "hotline", "next_update"})
"""What a template may leave open: the company's name, since when, the hotline's number, when the next update is due."""

TITLE_LIMIT = 120
BODY_LIMIT = 2_000
"""Characters that a statement's title and text may have in one language."""

PHASE, TITLE, TEXT = "phase", "title", "text"
"""The fields of a drafted statement; those of the wording end in `-<locale>`."""

SHOWN_FOR = timedelta(days=365)
"""How long a published statement stays on the status page."""

CURRENT_FOR = timedelta(days=7)
"""After how long without a word an incident no longer counts as being worked on, also where none said it was over."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_MARKUP = re.compile(r"<[a-z/!?]|&(?:[a-z][a-z0-9]*|#[0-9]+|#x[0-9a-f]+);", re.IGNORECASE)
_JOINERS = "\u200c\u200d"
"""What no reader sees, but some scripts and signs are joined by."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A statement in one language: plain text, paragraphs apart by an empty line."""

    title: str
    text: str

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text's paragraphs; a line break within one counts."""
        return tuple(one.strip() for one in re.split(r"\n[ \t]*\n", self.text) if one.strip())


Texts = Mapping[Locale, Wording]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A statement as somebody wrote it, for others to approve. `texts` has one for each of the public's languages."""

    by: str
    phase: Phase
    texts: Texts


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement as it was published. `id` is its decision's, `approved_by` are all who agreed to it.

    `number` counts the incident's statements from 1.
    """

    incident_id: str
    id: str
    risk: Risk
    phase: Phase
    texts: Texts
    by: str
    approved_by: tuple[str, ...]
    began_at: datetime
    published_at: datetime
    number: int = 1

    def wording(self, locale: Locale) -> Wording:
        """The statement in a language, or in the first one that it has where it was published without that one."""
        return self.texts.get(locale) or next(iter(self.texts.values()))


@dataclass(frozen=True, kw_only=True)
class PublicIncident:
    """An incident as the public knows it: by its published statements alone, oldest first; there is at least one."""

    id: str
    statements: tuple[Statement, ...]

    @property
    def latest(self) -> Statement:
        """What was said last."""
        return self.statements[-1]

    @property
    def began_at(self) -> datetime:
        """Since when the public was told that it goes on."""
        return self.statements[0].began_at

    @property
    def resolved_at(self) -> datetime | None:
        """When the public was told that it is over; missing while it was not."""
        return self.latest.published_at if self.latest.phase is Phase.RESOLVED else None

    def is_current(self, now: datetime) -> bool:
        """Whether it counts as being worked on."""
        return self.resolved_at is None and now - self.latest.published_at < CURRENT_FOR

    def state(self, now: datetime) -> str:
        """`current`, `resolved`, or `ended` where nobody said that it was over."""
        if self.is_current(now):
            return "current"
        return "resolved" if self.resolved_at else "ended"

    def ended_at(self, now: datetime) -> datetime:
        """Until when it lasted, as far as the public was told."""
        return self.resolved_at or (now if self.is_current(now) else self.latest.published_at)


@dataclass(frozen=True, kw_only=True)
class SiteFile:
    """A file of the status page. `path` is relative to its root, without a slash at its beginning."""

    path: str
    content: str
    content_type: str


def incidents_of(history: Iterable[Statement], now: datetime) -> tuple[PublicIncident, ...]:
    """The incidents of which something was published in the last year; the one that was spoken of last comes first."""
    known: dict[str, list[Statement]] = {}
    for statement in sorted(history, key=lambda one: (one.published_at, one.id)):
        known.setdefault(statement.incident_id, []).append(statement)
    incidents = [PublicIncident(id=id_, statements=tuple(statements)) for id_, statements in known.items()]
    shown = [one for one in incidents if now - one.latest.published_at < SHOWN_FOR]
    return tuple(sorted(shown, key=lambda one: (one.latest.published_at, one.id), reverse=True))


def incident_page(incident_id: str) -> str:
    """Where an incident's own page stands on the status page, below each language."""
    return f"incidents/{incident_id}.html"


def next_phase(statements: Sequence[Statement]) -> Phase:
    """What the public most likely hears next: the first notice, and updates from then on."""
    return Phase.UPDATE if statements else Phase.FIRST_NOTICE


def is_overtaken(phase: Phase, drafted_at: datetime, statements: Iterable[Statement]) -> bool:
    """Whether a statement that was drafted then says that it goes on, and "resolved" was published since."""
    resolved_at = [one.published_at for one in statements if one.phase is Phase.RESOLVED]
    return phase is not Phase.RESOLVED and any(drafted_at <= at for at in resolved_at)


def template_for(plan: Plan, playbook: str, phase: Phase) -> StatementTemplate:
    """The plan's template for a phase: the playbook's own, or else the default one."""
    statements = plan.communications.statements
    return statements.get(playbook, {}).get(phase) or statements[DEFAULT_PLAYBOOK][phase]


def filled(text: str, values: Mapping[str, str]) -> str:
    """A template with its placeholders filled; one without a value stays as it is, for people to see."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def draft_from(plan: Plan, playbook: str, phase: Phase, values: Mapping[Locale, Mapping[str, str]]) -> Texts:
    """What the plan's template says in each of the public's languages, with the values of that language."""
    template = template_for(plan, playbook, phase)
    return {
        locale: Wording(
            title=filled(plan.text(template.title, locale), values[locale]),
            text=filled(plan.text(template.text, locale), values[locale]),
        )
        for locale in plan.communications.locales
    }


def field_of(part: str, locale: Locale) -> str:
    """The field that holds the title or the text in a language."""
    return f"{part}-{locale}"


def read_phase(form: Form) -> Phase:
    """The phase that a draft is for. Raises UnusableAnswer."""
    return Phase(read_choice(form, PHASE, tuple(Phase)))


def read_draft(form: Form, plan: Plan) -> Texts:
    """The wordings that were written, in each of the public's languages.

    Raises UnusableAnswer naming the field and what is wrong with it: `missing`, `too_long` or `markup`, which also
    stands for characters that can't be seen or that turn what is around them.
    """
    return {
        locale: Wording(
            title=" ".join(_written(form, field_of(TITLE, locale), TITLE_LIMIT).split()),
            text=_written(form, field_of(TEXT, locale), BODY_LIMIT),
        )
        for locale in plan.communications.locales
    }


def _written(form: Form, field: str, limit: int) -> str:
    text = read_required(form, field, limit)
    if _MARKUP.search(text) or any(_is_unseen(sign) for sign in text):
        raise UnusableAnswer(field, "markup")
    return text


def _is_unseen(sign: str) -> bool:
    if sign in "\n\t" + _JOINERS:
        return False
    return unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} or _is_no_character(ord(sign))


def _is_no_character(point: int) -> bool:
    """What Unicode never assigns, and XML does not allow everywhere."""
    return point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF  # noqa: PLR2004 - Unicode 23.7
