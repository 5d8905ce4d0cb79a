"""What the plan's texts for the public say of one incident: the hotline's greeting, the answers of its agents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from emergency.domain.calls import Spoken
from emergency.domain.incident import Incident
from emergency.domain.plan import DEFAULT_PLAYBOOK, Locale, Plan
from emergency.domain.statement import filled
from emergency.presentation.words import Words, words_for


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
