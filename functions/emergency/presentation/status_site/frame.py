"""What is around every page that the public sees, on the status page and where one subscribes to it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from emergency.domain.plan import Locale, Plan
from emergency.domain.subscription import ADDRESS_LIMIT, HONEYPOT
from emergency.presentation.templating import render, style, style_sources
from emergency.presentation.words import Words


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A page in one language; `base` leads from it to the status page's root, and is empty or ends with a slash."""

    plan: Plan
    words: Words
    base: str
    status_url: str
    pages_url: str

    def page(self, template: str, file: str, **values: object) -> str:
        """The page of a template; `file` is what it is called in every language."""
        sheet = style("site")
        return render(template, site=self, words=self.words, file=file, style=sheet, policy=self._policy, **values)

    @property
    def _policy(self) -> str:
        """The policy that stands in the page itself, wherever it is served from."""
        pages = urlsplit(self.pages_url)
        return (
            f"default-src 'none'; style-src {style_sources(style('site'))}; img-src data:; "
            f"form-action {pages.scheme}://{pages.netloc}; base-uri 'none'"
        )

    @property
    def locale(self) -> Locale:
        """The page's language."""
        return self.words.locale

    @property
    def name(self) -> str:
        """What the status page is called."""
        return self.plan.text(self.plan.communications.name, self.locale)

    @property
    def company(self) -> str:
        """Whose services these are."""
        return self.plan.text(self.plan.company.name, self.locale)

    @property
    def home(self) -> str:
        """The first page in this language."""
        return self.link("index.html")

    @property
    def honeypot(self) -> str:
        """The field of the form that programs fill in."""
        return HONEYPOT

    @property
    def longest_address(self) -> int:
        """Characters that an address may have."""
        return ADDRESS_LIMIT

    def link(self, name: str) -> str:
        """A file in this language, as the page links to it."""
        return f"{self.base}{self.locale}/{name}"
