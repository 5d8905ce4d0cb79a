"""Writes a picture of every page in every state into docs/screenshots: `python -m tests.browser.screenshots`."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import infra.plan_compiler  # noqa: F401 - it makes `emergency` importable where only the repository's root is

# isort: split
from playwright.sync_api import FloatRect, ViewportSize, sync_playwright
from playwright.sync_api import Page as Tab

from emergency.domain.plan import Locale
from tests.browser.conftest import CHROMIUM
from tests.browser.gallery import CORRECTED, DECIDED, LETTERS, NOTICES, QUESTIONS_ASKED, Sight

TARGET = Path(__file__).parents[2] / "docs" / "screenshots"
PHONE = ViewportSize(width=390, height=844)
COLOURS = 16
CHAPTERS: Mapping[str, Mapping[str, Sight]] = {
    "While a question is open": QUESTIONS_ASKED,
    "Where something has to be corrected or confirmed": CORRECTED,
    "Once it was decided": DECIDED,
    "Where there is no question to show": NOTICES,
    "Mails": LETTERS,
}

_REDUCE = """async ([source, most]) => {
  const image = new Image(); image.src = source; await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), {width: image.width, height: image.height});
  const context = canvas.getContext("2d"); context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, image.width, image.height).data, seen = new Map();
  for (let at = 0; at < pixels.length; at += 4) {
    const colour = (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
    seen.set(colour, (seen.get(colour) || 0) + 1);
  }
  const parts = colour => [colour >> 16, (colour >> 8) & 255, colour & 255];
  const apart = (a, b) => parts(a).reduce((sum, part, n) => sum + (part - parts(b)[n]) ** 2, 0);
  const palette = [], left = [...seen].sort((a, b) => b[1] - a[1]);
  while (palette.length < most && left.length) {
    let best = 0, worth = -1;
    for (let n = 0; n < left.length; n++) {
      const gap = palette.length ? Math.min(...palette.map(known => apart(known, left[n][0]))) : 1;
      if (gap * left[n][1] > worth) { worth = gap * left[n][1]; best = n; }
    }
    palette.push(left.splice(best, 1)[0][0]);
  }
  const nearest = new Map();
  for (const colour of seen.keys())
    nearest.set(colour, palette.reduce((a, b, n) => apart(b, colour) < apart(palette[a], colour) ? n : a, 0));
  let indices = "";
  for (let at = 0; at < pixels.length; at += 4)
    indices += String.fromCharCode(nearest.get((pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2]));
  return [image.width, image.height, palette.flatMap(parts), btoa(indices)];
}"""
"""Reduces a picture to its most telling colours: those of many pixels that are far from every colour taken before."""


def reduced(tab: Tab, picture: bytes) -> bytes:
    """The picture as a PNG with a palette, a fraction of its size."""
    source = "data:image/png;base64," + base64.b64encode(picture).decode()
    width, height, palette, encoded = tab.evaluate(_REDUCE, [source, COLOURS])
    indices = base64.b64decode(encoded)
    rows = (indices[row * width : (row + 1) * width] for row in range(height))
    packed = b"".join(b"\0" + _packed(row) for row in rows)
    head = struct.pack(">IIBBBBB", width, height, 4, 3, 0, 0, 0)
    parts = [(b"IHDR", head), (b"PLTE", bytes(palette)), (b"IDAT", zlib.compress(packed, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _packed(row: bytes) -> bytes:
    """Two pixels of four bits in a byte."""
    even = row + b"\0" * (len(row) % 2)
    return bytes(left << 4 | right for left, right in zip(even[::2], even[1::2], strict=True))


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


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
    yield "Written by `python -m tests.browser.screenshots`; run it again after changing a page, a mail or their words."
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
        tab, workbench = browser.new_page(viewport=PHONE), browser.new_page()
        for sights in CHAPTERS.values():
            for name, sight in sights.items():
                for locale in locales_of(name, sight):
                    tab.set_content(sight.of(locale).html)
                    file = file_of(name, sight, locale)
                    clip = FloatRect(x=0, y=0, width=PHONE["width"], height=sight.worth) if sight.worth else None
                    (TARGET / file).write_bytes(reduced(workbench, tab.screenshot(full_page=True, clip=clip)))
                    written.add(file)
        browser.close()
    (TARGET / "README.md").write_text("\n".join(index()) + "\n", encoding="utf-8")
    for old in TARGET.iterdir():
        if old.name not in written:
            old.unlink()


if __name__ == "__main__":
    main()
