"""What the plan's texts for the public say of one incident: the hotline's greeting, its agents' answers, statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from emergency.domain.calls import Spoken
from emergency.domain.incident import Incident
from emergency.domain.inventory import OpenHotline
from emergency.domain.plan import DEFAULT_PLAYBOOK, Locale, Plan
from emergency.domain.statement import Texts, draft_from, filled
from emergency.domain.terms import Phase
from emergency.presentation.words import Words, words_for

_ROUND = timedelta(minutes=5)
"""What is promised to the public is said in round times."""


def public_values(
    plan: Plan, words: Words, incident: Incident, *, hotline: str = "", next_update: datetime | None = None
) -> dict[str, str]:
    """What fills the placeholders of the public's texts, in the words' language; without what isn't known."""
    known = {
        "company": plan.text(plan.company.name, words.locale),
        "since": words.moment(incident.began_at, plan),
        "hotline": hotline,
        "next_update": words.moment(next_update, plan) if next_update else "",
    }
    return {name: value for name, value in known.items() if value}


@dataclass(frozen=True)
class PublicAnnouncer:
    """Writes what the hotline says, by the plan's greetings."""

    plan: Plan
    words_by_locale: Mapping[Locale, Words]

    def greeting(self, incident: Incident) -> tuple[Spoken, ...]:
        """See the port."""
        public = self.plan.communications
        text = public.greetings.get(incident.playbook) or public.greetings[DEFAULT_PLAYBOOK]
        return tuple(
            Spoken(text=filled(self.plan.text(text, locale), self._values(incident, locale)), voice=voice)
            for locale in public.locales
            if (voice := public.voices.get(locale))
        )

    def _values(self, incident: Incident, locale: Locale) -> dict[str, str]:
        return public_values(self.plan, words_for(locale, self.plan, self.words_by_locale), incident)


def drafted_texts(
    incident: Incident,
    phase: Phase,
    hotline: OpenHotline | None,
    plan: Plan,
    words_by_locale: Mapping[Locale, Words],
    now: datetime,
) -> Texts:
    """A statement as the plan's template for the incident's playbook drafts it, in each of the public's languages.

    What isn't known is said in words: customer service for the hotline, soon for the next update.
    """
    number = hotline.number if hotline and hotline.closed_at is None else ""
    values = {}
    for locale in plan.communications.locales:
        words = words_for(locale, plan, words_by_locale)
        known = public_values(plan, words, incident, hotline=number, next_update=_next_update(incident, plan, now))
        values[locale] = {
            "hotline": words("public.hotline"),
            "next_update": words("public.no_next_update"),
            **known,
        }
    return draft_from(plan, incident.playbook, phase, values)


def _next_update(incident: Incident, plan: Plan, now: datetime) -> datetime | None:
    """When the update after this one is due, rounded up."""
    updates = plan.deadlines.updates
    if updates is None:
        return None
    due_at = now + timedelta(seconds=updates.every[incident.severity])
    past = timedelta(minutes=due_at.minute, seconds=due_at.second, microseconds=due_at.microsecond) % _ROUND
    return due_at - past + (_ROUND if past else timedelta())
