"""The form in which public relations writes a statement, and what became of those that were written (P6.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from emergency.domain.answer import Form
from emergency.domain.decision import Decision, drafts
from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import Locale
from emergency.domain.statement import BODY_LIMIT, TEXT, TITLE, TITLE_LIMIT, Texts, field_of
from emergency.domain.terms import Outcome, Phase
from emergency.presentation.asking import Asking
from emergency.presentation.controls import Control
from emergency.presentation.plain import cut, one_line

_SHOWN = 5 * BODY_LIMIT
_TEXT_LIMIT = 600
_LIMITS = {TITLE: TITLE_LIMIT, TEXT: BODY_LIMIT}
_ROWS = {TITLE: 0, TEXT: 10}
_PROBLEMS = frozenset({"missing", "too_long", "markup"})


@dataclass(frozen=True, kw_only=True)
class LanguageFields:
    """The fields of one of the public's languages."""

    locale: Locale
    name: str
    title: Control
    text: Control


@dataclass(frozen=True, kw_only=True)
class DraftForm:
    """The form for one phase, with what the plan drafts, or as it was posted, or as it came back."""

    asking: Asking
    phase: Phase
    texts: Texts
    returned: Decision | None = None
    posted: Form | None = None
    error: UnusableAnswer | None = None

    @property
    def phases(self) -> list[tuple[Phase, str, bool]]:
        """The phases to choose from: id, name, and whether it is the form's own."""
        return [(phase, self.asking.words(f"site.phase.{phase}"), phase is self.phase) for phase in Phase]

    @cached_property
    def languages(self) -> list[LanguageFields]:
        """The fields, language by language."""
        return [
            LanguageFields(
                locale=locale,
                name=self.asking.words(f"public.language.{locale}"),
                title=self._field(TITLE, locale, wording.title),
                text=self._field(TEXT, locale, wording.text),
            )
            for locale, wording in self.texts.items()
        ]

    @property
    def problem(self) -> tuple[str, str] | None:
        """What has to be corrected, and the id of where; None where nothing has."""
        if self.error is None:
            return None
        fields = [field for one in self.languages for field in (one.title, one.text)]
        found = next((field for field in fields if field.error), None)
        return (found.error, found.id) if found else (self.asking.words("page.invalid.unusable"), "phase")

    @property
    def came_back(self) -> str:
        """Who returned the draft, and why; empty where none came back."""
        answer = self.returned.answer if self.returned else None
        if answer is None:
            return ""
        comment = one_line(answer.fields.get("comment", ""), _TEXT_LIMIT)
        return self.asking.words("page.statement.came_back", who=self.asking.names.contact(answer.by), comment=comment)

    def _field(self, part: str, locale: Locale, drafted: str) -> Control:
        words, name, limit = self.asking.words, field_of(part, locale), _LIMITS[part]
        value = "\n".join(self.posted.get(name, ())) if self.posted is not None else drafted
        return Control(
            id=name,
            name=name,
            label=words(f"page.statement.{part}"),
            hint=words(f"page.statement.{part}_hint", limit=limit),
            value=cut(value.replace("\r\n", "\n"), _SHOWN),
            required=True,
            error=self._error_in(name, part, locale),
            rows=_ROWS[part],
            limit=limit,
        )

    def _error_in(self, name: str, part: str, locale: Locale) -> str:
        error, words = self.error, self.asking.words
        if error is None or error.field != name or error.problem not in _PROBLEMS:
            return ""
        what, language = words(f"page.statement.{part}"), words(f"public.language.{locale}")
        return words(f"page.statement.{error.problem}", field=what, language=language, limit=_LIMITS[part])


def drafted_so_far(asking: Asking, decisions: Mapping[str, Decision]) -> list[str]:
    """The incident's statements, one sentence each: what each is, and what became of it."""
    return [_told(asking, decision) for decision in drafts(decisions.values())]


def _told(asking: Asking, decision: Decision) -> str:
    words, draft, answer = asking.words, decision.statement, decision.answer
    if draft is None:
        return ""
    wording = draft.texts.get(words.locale) or next(iter(draft.texts.values()))
    outcome = answer.outcome if answer else "open"
    told = words(
        f"page.statement.became.{outcome}",
        title=one_line(wording.title),
        phase=words(f"site.phase.{draft.phase}"),
        who=asking.names.contacts(answer.voters or (answer.by,)) if answer and answer.by else "",
    )
    comment = answer.fields.get("comment", "") if answer and answer.outcome is Outcome.RETURNED else ""
    said = words("page.request.comment", comment=one_line(comment, _TEXT_LIMIT)) if comment else ""
    return words.paragraph(told, said)
