"""A mail as a letter: its parts in the order in which they are read, the same as HTML and as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from emergency.domain.plan import Plan
from emergency.presentation.plain import clean
from emergency.presentation.templating import render
from emergency.presentation.words import Words


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item of a list; `under` is a second line that tells more of it."""

    text: str
    under: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that a letter says: a paragraph with perhaps a strong beginning, a list, a code, or a button."""

    text: str = ""
    strong: str = ""
    items: Sequence[Item] = ()
    numbered: bool = False
    code: str = ""
    url: str = ""
    above_url: str = ""

    @property
    def says_something(self) -> bool:
        """Whether there is anything to read."""
        return bool(self.text or self.strong or self.items or self.code)

    def plain(self, gap: str) -> str:
        """The same as text."""
        if self.items:
            return "\n".join(self._lines())
        if self.url:
            return f"{self.above_url}\n{self.url}"
        return self.code or gap.join(part for part in (self.strong, self.text) if part)

    def _lines(self) -> Sequence[str]:
        marks = [f"{number}." if self.numbered else "-" for number, _ in enumerate(self.items, 1)]
        lines: list[str] = []
        for mark, item in zip(marks, self.items, strict=True):
            lines.append(f"{mark} {item.text}")
            if item.under:
                lines.append(f"{' ' * len(mark)} {item.under}")
        return lines


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail, in the order in which it is read. `preheader` is what the inbox shows beside the subject.

    The telephone numbers of `phones` can be dialled from it. `sender` is who writes, the company's emergency response
    where it is empty. `leave_url` is where its reader says that no more such mails are wanted, `leave` the link's text.
    """

    subject: str
    heading: str
    preheader: str
    parts: Sequence[Part]
    footer: str
    phones: Sequence[str] = ()
    sender: str = ""
    leave: str = ""
    leave_url: str = ""

    def html(self, about: str, plan: Plan, words: Words) -> str:
        """The letter as an HTML document. `about` stands at its end: an incident's id, or where to read on."""
        sender = self.sender or _sender(plan, words)
        return render("mail.html.j2", letter=self, parts=self._spoken, words=words, about=about, sender=sender)

    def dialled(self, text: str) -> Markup:
        """The text as HTML, with its telephone numbers as links that call them, each on one line."""
        escaped = escape(clean(text))
        if not self.phones:
            return escaped
        numbers = "|".join(re.escape(str(escape(phone))) for phone in sorted(self.phones, key=len, reverse=True))
        return Markup(re.sub(numbers, _call, escaped))  # noqa: S704 - escaped above

    def text(self, about: str, plan: Plan, words: Words) -> str:
        """The same as text in the same order, to be read aloud."""
        parts = [*(part.plain(words.gap) for part in self._spoken), self.footer]
        if self.leave_url:
            parts.append(Part(url=self.leave_url, above_url=words("mail.link", link=self.leave)).plain(words.gap))
        parts.append(f"{self.sender or _sender(plan, words)}\n{about}")
        return clean("\n\n".join(part for part in parts if part) + "\n")

    @property
    def _spoken(self) -> Sequence[Part]:
        """The parts that say something."""
        return [part for part in self.parts if part.says_something]


def _call(found: re.Match[str]) -> str:
    digits = re.sub("[^+0-9]", "", found[0])
    return f'<a href="tel:{digits}" style="color:inherit;white-space:nowrap">{found[0]}</a>'


def _sender(plan: Plan, words: Words) -> str:
    return words("mail.sender", company=plan.text(plan.company.name, words.locale))
