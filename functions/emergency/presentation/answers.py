"""The sheet of the hotline's agents: the latest statement, and what callers ask, in each of the public's languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emergency.domain.deadline import Watched
from emergency.domain.plan import DEFAULT_PLAYBOOK, Locale, Plan
from emergency.domain.report import Record
from emergency.domain.statement import PLACEHOLDERS, Statement, Wording, filled
from emergency.domain.terms import Phase
from emergency.presentation.public import public_values
from emergency.presentation.words import Words, words_for


@dataclass(frozen=True, kw_only=True)
class AnswerSheet:
    """What agents say in one language. Its frame is told in `words`, those of that language.

    `statement` is the latest one, `published` when it was; both are empty while there is none. `answers` are questions
    with their answers.
    """

    words: Words
    statement: Wording | None
    published: str
    answers: tuple[tuple[str, str], ...]


def answer_sheets(record: Record, plan: Plan, shelf: Mapping[Locale, Words]) -> list[AnswerSheet]:
    """A sheet for each of the public's languages, as the record stands."""
    latest = max(record.statements, key=lambda one: (one.published_at, one.id), default=None)
    return [
        _sheet(record, plan, words_for(locale, plan, shelf), latest, locale) for locale in plan.communications.locales
    ]


def _sheet(record: Record, plan: Plan, words: Words, latest: Statement | None, locale: Locale) -> AnswerSheet:
    values = _values(record, plan, words, latest)
    answers = plan.communications.answers
    told = (
        (plan.text(one.question, locale), plan.text(one.answer, locale))
        for one in answers.get(record.incident.playbook) or answers[DEFAULT_PLAYBOOK]
    )
    return AnswerSheet(
        words=words,
        statement=latest.texts.get(locale) if latest else None,
        published=words.moment(latest.published_at, plan) if latest else "",
        answers=tuple(
            (filled(question, values), filled(answer, values))
            for question, answer in told
            if _can_be_said(question + answer, values)
        ),
    )


def _values(record: Record, plan: Plan, words: Words, latest: Statement | None) -> Mapping[str, str]:
    hotline, updates = record.hotline, record.deadlines.get(Watched.UPDATES)
    is_over = updates is None or updates.over_at is not None or (latest and latest.phase is Phase.RESOLVED)
    return public_values(
        plan,
        words,
        record.incident,
        hotline=hotline.number if hotline and hotline.closed_at is None else words("public.hotline"),
        next_update=None if is_over or updates is None else updates.due_at,
    )


def _can_be_said(text: str, values: Mapping[str, str]) -> bool:
    """Nothing is promised for a time that nobody knows: no next update, no answer that names one."""
    return all(name in values for name in PLACEHOLDERS if f"{{{name}}}" in text)
