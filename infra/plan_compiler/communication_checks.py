"""What a plan says about what customers and media are told: languages, statements, greetings and answers."""

from __future__ import annotations

from collections.abc import Iterator

from emergency.domain.plan import DEFAULT_PLAYBOOK
from emergency.domain.terms import Phase
from infra.plan_compiler.findings import Finding, choice, shown
from infra.plan_compiler.source import Node, lacking, repeated, same_id


def check_communications(file: Node, organisation: Node | None) -> Iterator[Finding]:
    """Every finding about communications; the organisation is None where it can't be read."""
    public = [item.text() for item in file.get("locales").items()]
    yield from repeated(file.get("locales").items())
    if organisation is not None:
        yield from _spoken_by_the_company(file.get("locales"), organisation)
    yield from _voices(file.get("voices"), public)
    yield from _media(file.get("media"), public)
    for part in ("greetings", "statements", "answers"):
        yield from lacking(file.get(part), [DEFAULT_PLAYBOOK])
    for phases in file.get("statements").entries().values():
        yield from lacking(phases, Phase)
        yield from _nothing_follows(phases.get(Phase.RESOLVED))


def _spoken_by_the_company(locales: Node, organisation: Node) -> Iterator[Finding]:
    known = [item.text() for item in organisation.get("company").get("locales").items()]
    for locale in locales.items():
        if locale.text() and known and locale.text() not in known:
            yield locale.finding(
                f"the plan has no texts in '{shown(locale.text())}'",
                choice(locale.text(), known, far="write one of company.locales in organisation.yaml, or add it there"),
            )


def _voices(voices: Node, public: list[str]) -> Iterator[Finding]:
    for locale in dict.fromkeys(public):
        if locale and isinstance(voices.value, dict) and locale not in voices.entries():
            yield voices.finding(
                f"nobody says the hotline's greeting in '{shown(locale)}'",
                f"add '{shown(locale)}: {{ name: …, language: … }}' with a voice of Amazon Polly",
            )
    for locale, voice in voices.entries().items():
        if locale not in public:
            yield voice.finding(
                f"'{shown(locale)}' is not one of the public's locales",
                choice(locale, public, far="remove it, or add the locale to 'locales'"),
            )


def _media(media: Node, public: list[str]) -> Iterator[Finding]:
    yield from same_id(media.items())
    yield from repeated(newsroom.get("email") for newsroom in media.items())
    for newsroom in media.items():
        locale = newsroom.get("locale")
        if locale.text() and public and locale.text() not in public:
            yield locale.finding(
                f"no statement is written in '{shown(locale.text())}'",
                choice(locale.text(), public, far="write one of the public's locales, or add it to 'locales'"),
            )


def _nothing_follows(resolved: Node) -> Iterator[Finding]:
    for part in ("title", "text"):
        if any("{next_update}" in text.text() for text in resolved.get(part).entries().values()):
            yield resolved.get(part).finding(
                "names the next update, and none follows when all is resolved", "leave '{next_update}' out"
            )
