"""A person's browser, as far as answering forms needs one: pages, forms, cookies."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

from local.rehearsal.forms import FormError, Submission

_PAGE_SECONDS = 60
_HEADERS = {"User-Agent": "Mozilla/5.0 (rehearsal)", "Accept": "text/html", "Accept-Language": "en"}


@dataclass(frozen=True)
class Page:
    """What the server answered to a browser. `policy` is its Content-Security-Policy."""

    status: int
    url: str
    html: str
    policy: str = ""

    def lets_post_to(self, url: str) -> bool:
        """Whether the page's policy lets its forms be sent there."""
        directives = (directive.split() for directive in self.policy.split(";"))
        allowed = next((sources for name, *sources in filter(None, directives) if name == "form-action"), None)
        return allowed is None or _origin(url) in allowed or ("'self'" in allowed and _origin(url) == _origin(self.url))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class _FollowedLink(urllib.request.Request):
    """A request that begins on somebody else's page, such as a mail's in webmail."""


class _CookieRules(DefaultCookiePolicy):
    """What browsers ask of cookies beyond the library: name prefixes, SameSite, and loopback counting as secure."""

    def __init__(self) -> None:
        super().__init__(secure_protocols=("http", "https"))

    def set_ok(self, cookie: Cookie, request: urllib.request.Request) -> bool:
        is_own = cookie.secure and cookie.path == "/" and not cookie.domain_specified
        return super().set_ok(cookie, request) and (is_own or not cookie.name.startswith("__Host-"))

    def return_ok(self, cookie: Cookie, request: urllib.request.Request) -> bool:
        is_strict = (cookie.get_nonstandard_attr("SameSite") or "").lower() == "strict"
        return super().return_ok(cookie, request) and not (is_strict and isinstance(request, _FollowedLink))


class Browser:
    """Fetches and posts pages of the local home, with cookies."""

    def __init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(CookieJar(_CookieRules()))
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def follow(self, url: str) -> Page:
        """Opens a page by a link in a mail."""
        return self._open(_FollowedLink(url, headers=_HEADERS))

    def go_on(self, url: str) -> Page:
        """Opens a page by a link of the page before."""
        return self._open(urllib.request.Request(url, headers=_HEADERS))  # noqa: S310 - loopback only

    def post(self, submission: Submission, shown: Page) -> Page:
        """Submits a form of the page that is shown. Raises FormError where the page's policy forbids it."""
        if not shown.lets_post_to(submission.url):
            raise FormError(f"the page doesn't let its forms be sent to {_origin(submission.url)}")
        headers = {**_HEADERS, "Content-Type": submission.content_type}
        request = urllib.request.Request(  # noqa: S310 - loopback only
            submission.url, submission.body, headers, method="POST"
        )
        return self._open(request)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=_PAGE_SECONDS) as answer:
                return _page(answer.status, answer)
        except urllib.error.HTTPError as error:
            return _page(error.code, error)


def _page(status: int, answer: Any) -> Page:
    policy = answer.headers.get("Content-Security-Policy") or ""
    return Page(status, answer.url, answer.read().decode("utf-8", "replace"), policy)
