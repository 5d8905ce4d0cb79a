"""Writes a picture of every page in every state into docs/screenshots: `make screenshots`."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import infra.plan_compiler  # noqa: F401 - it makes `emergency` importable where only the repository's root is

# isort: split
from PIL import Image
from playwright.sync_api import FloatRect, ViewportSize, sync_playwright

from emergency.domain.plan import Locale
from tests.browser.conftest import CHROMIUM
from tests.browser.gallery import CORRECTED, DECIDED, LETTERS, NOTICES, QUESTIONS_ASKED, Sight
from tests.browser.maintaining import MAINTAINING
from tests.browser.publishing import NO_SUCH_PAGE, STATUS_PAGE, WRITING
from tests.browser.reporting import REPORTERS_LETTERS, REPORTING, REPORTING_NOBODYS
from tests.browser.subscribing import NOBODYS, SUBSCRIBERS_LETTERS, SUBSCRIBING

TARGET = Path(__file__).parents[2] / "docs" / "screenshots"
PHONE = ViewportSize(width=390, height=844)
COLOURS = 16
CHAPTERS: Mapping[str, Mapping[str, Sight]] = {
    "While a question is open": QUESTIONS_ASKED,
    "Where something has to be corrected or confirmed": CORRECTED,
    "Once it was decided": DECIDED,
    "Where there is no question to show": NOTICES,
    "Statements, and the page on which customers read them": {**WRITING, **STATUS_PAGE, **NO_SUCH_PAGE},
    "Mails": LETTERS,
    "When people report incidents": {**REPORTING, **REPORTING_NOBODYS, **REPORTERS_LETTERS},
    "When somebody plans maintenance": MAINTAINING,
    "What customers see who subscribe": {**SUBSCRIBING, **NOBODYS, **SUBSCRIBERS_LETTERS},
}


def reduced(picture: bytes) -> bytes:
    """The picture as a PNG with a palette, a fraction of its size."""
    small = io.BytesIO()
    colours = (
        Image.open(io.BytesIO(picture))
        .convert("RGB")
        .quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    )
    colours.save(small, "PNG", optimize=True)
    return small.getvalue()


def locales_of(name: str, sight: Sight) -> tuple[Locale, ...]:
    """The languages in which a page is shown; the orders, which most hangs on, in all."""
    if sight.is_multilingual:
        return ("en",)
    return ("en", "zh-Hant", "zh-Hans") if name == "orders" else ("en", "zh-Hant")


def file_of(name: str, sight: Sight, locale: Locale) -> str:
    """The picture's file name."""
    return f"{name}.png" if sight.is_multilingual else f"{name}.{locale}.png"


def index() -> Iterator[str]:
    """The lines of the README beside the pictures."""
    yield "# Pages and mails, as a phone shows them"
    yield ""
    yield "Written by `make screenshots`; run it again after changing a page, a mail or their words."
    for chapter, sights in CHAPTERS.items():
        yield from ("", f"## {chapter}", "", "| page | what it shows |", "|---|---|")
        for name, sight in sights.items():
            links = ", ".join(
                f"[{'all languages' if sight.is_multilingual else locale}]({file_of(name, sight, locale)})"
                for locale in locales_of(name, sight)
            )
            yield f"| {name}: {links} | {sight.told} |"


def main() -> None:
    """Writes the pictures and their list, and takes away those of pages that there are no more."""
    TARGET.mkdir(parents=True, exist_ok=True)
    written = {"README.md"}
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-lcd-text"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        tab = browser.new_page(viewport=PHONE)
        for sights in CHAPTERS.values():
            for name, sight in sights.items():
                for locale in locales_of(name, sight):
                    # A document that sets its own policy leaves it to whatever is written into the same tab after it.
                    tab.goto("about:blank")
                    tab.set_content(sight.of(locale).html)
                    file = file_of(name, sight, locale)
                    clip = FloatRect(x=0, y=0, width=PHONE["width"], height=sight.worth) if sight.worth else None
                    (TARGET / file).write_bytes(reduced(tab.screenshot(full_page=True, clip=clip)))
                    written.add(file)
        browser.close()
    (TARGET / "README.md").write_text("\n".join(index()) + "\n", encoding="utf-8")
    for old in TARGET.iterdir():
        if old.name not in written:
            old.unlink()


if __name__ == "__main__":
    main()
