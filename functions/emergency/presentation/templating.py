"""The templates: one Jinja environment that escapes everything, made when something is first rendered.

`clean` runs over every value that a template prints, so that no text from outside can hide or turn what is around it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from emergency.presentation.plain import clean

_TEMPLATES = (Path(__file__).parent / "templates", Path(__file__).parent / "status_site" / "templates")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Page:
    """An answer to a browser: the HTTP status and the document. It goes out with SECURITY_HEADERS.

    `form_action` is the other origin that its form posts to, as `https://host`; empty for all pages but that of a file.
    """

    status: int
    html: str
    form_action: str = ""


def _finalize(value: object) -> object:
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def render(template: str, **values: object) -> str:
    """The template filled with the values, as UTF-8 text that is safe to encode."""
    return "".join(_environment().get_template(template).generate(**values))


@lru_cache(maxsize=8)
def style(*names: str) -> Markup:
    """The text of a document's style element: the named style sheets one after the other."""
    return Markup("".join(_sheet(f"{name}.css") for name in names))  # noqa: S704


def _sheet(name: str) -> str:
    folder = next(folder for folder in _TEMPLATES if (folder / name).exists())
    return (folder / name).read_text(encoding="utf-8")


def style_sources(*styles: str) -> str:
    """What a content security policy names as `style-src`: these styles and nothing else."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in styles]
    return " ".join(f"'sha256-{value}'" for value in hashes) or "'none'"


def _policy(*styles: str, form_action: str = "") -> str:
    allowed = style_sources(*styles)
    posts_to = f"'self' {form_action}".rstrip()
    return (
        f"default-src 'none'; style-src {allowed}; img-src data:; "
        f"form-action {posts_to}; frame-ancestors 'none'; base-uri 'none'"
    )


def security_headers(html: str, form_action: str = "") -> Mapping[str, str]:
    """The headers for a document of ours, with a policy that allows its own first style and nothing else.

    For stored documents, whose style may be older than the present one. The style stands before any text from outside.
    `form_action` is the one other origin that its forms post to, as `https://host`.
    """
    found = _STYLE.search(html)
    return {**_HEADERS, "Content-Security-Policy": _policy(*([found[1]] if found else []), form_action=form_action)}


_HEADERS: Mapping[str, str] = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

SECURITY_HEADERS: Mapping[str, str] = {
    **_HEADERS,
    "Content-Security-Policy": _policy(style("base", "page"), style("base", "report")),
}
"""The headers that every page is served with: nothing runs, nothing is loaded, nothing is kept."""
