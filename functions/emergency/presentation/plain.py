"""Text from outside made harmless for people: no control, bidirectional or invisible characters, a sane length (R23).

Escaping is not done here: every template escapes what it prints.
"""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def clean(text: str) -> str:
    """The text without characters that can't be seen or that change what is seen; line breaks and tabs stay."""
    return _UNSEEN.sub("", text)


def one_line(text: str, limit: int = 0) -> str:
    """The clean text on one line, cut to `limit` characters where a limit is given."""
    line = " ".join(clean(text.replace("\r", "\n")).split())
    return cut(line, limit) if limit else line


def cut(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis where it is longer than `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def web_link(address: str) -> str:
    """The address where a page may link to it: over https alone; empty for any other."""
    return address if address.startswith("https://") else ""
