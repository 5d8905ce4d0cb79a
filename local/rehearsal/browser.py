"""A person's browser, as far as answering forms needs one: pages, forms, cookies."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy

from local.rehearsal.forms import Submission

_PAGE_SECONDS = 60
_HEADERS = {"User-Agent": "Mozilla/5.0 (rehearsal)", "Accept": "text/html", "Accept-Language": "en"}


@dataclass(frozen=True)
class Page:
    """What the server answered to a browser."""

    status: int
    url: str
    html: str


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

    def post(self, submission: Submission) -> Page:
        """Submits a form."""
        headers = {**_HEADERS, "Content-Type": submission.content_type}
        request = urllib.request.Request(  # noqa: S310 - loopback only
            submission.url, submission.body, headers, method="POST"
        )
        return self._open(request)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=_PAGE_SECONDS) as answer:
                return Page(answer.status, answer.url, answer.read().decode("utf-8", "replace"))
        except urllib.error.HTTPError as error:
            return Page(error.code, request.full_url, error.read().decode("utf-8", "replace"))
