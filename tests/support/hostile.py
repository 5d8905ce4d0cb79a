"""Text from outside that means harm, and what must not be left of it in anything that people are shown."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from emergency.domain.incident import Incident
from emergency.domain.timeline import TimelineEntry

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' onmouseover='alert(3)"
TEMPLATE = "{{1234*1000001}}{% raw %}${1234*1000001}{0}{incident}{__class__}%(x)s"
TURNED = "invoice\u202efdp.exe\u2066\u200b\ufeff\x07\x1b[31m\x00\ud800"
HEADER = "x\r\nBcc: everyone@example.com\n\nbody\x85\u2028end"
LONG = "長" * 5_000 + "W" * 5_000

TEXTS = (MARKUP, TEMPLATE, TURNED, HEADER, LONG)

_UNSEEN = ("\u202e", "\u2066", "\u200b", "\ufeff", "\x07", "\x1b", "\x00", "\ud800", "\u2028", "\x85")


def hostile_incident(incident: Incident, text: str) -> Incident:
    """The incident with every text that comes from outside replaced."""
    told = dict.fromkeys(("en", "zh-Hant", "zh-Hans"), text)
    return replace(
        incident, title=told, place=told, first_impact=told, signal_name=text, signal_reason=text, component=text
    )


def hostile_timeline(timeline: tuple[TimelineEntry, ...], text: str) -> tuple[TimelineEntry, ...]:
    """The timeline with every text in its details replaced."""
    return tuple(
        replace(entry, details={key: text if isinstance(value, str) else value for key, value in entry.details.items()})
        for entry in timeline
    )


class _Acts(HTMLParser):
    """Refuses every element and attribute that does something by itself."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "img", "iframe", "object", "embed"}
        assert not [name for name, _ in attrs if name.startswith("on")]


def assert_harmless(html: str) -> None:
    """Nothing of the hostile texts acts in the document: no element, no template, no unseen character."""
    html.encode("utf-8")
    _Acts().feed(html)
    assert "1234001234" not in html
    assert not [character for character in _UNSEEN if character in html]


def assert_no_secrets(text: str) -> None:
    """No secret of a decision is in the text."""
    assert "canary" not in text
