"""The people of a rehearsal: they read their mails, open the link, fill in the form and press a button.

They know only what stands in the mail and on the page, as a browser would; the records are asked for nothing but the
kind and team of a question, so that the answers file can name them.
"""

from __future__ import annotations

import heapq
import http.client
import itertools
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any

from local.mailbox import Mail
from local.rehearsal.answers import AnswerScript, Question, Reaction
from local.rehearsal.forms import Form, FormError, read_forms

if TYPE_CHECKING:
    from local.stack import LocalStack

SENTENCE = "Checked and done as planned; nothing is left open from our side."
"""What a person writes into a required text field where the answers file says nothing."""

_PAGE_SECONDS = 60
_ASKED_AGAIN = frozenset({400, 422})
_TOO_LATE = frozenset({409, 410})


@dataclass(frozen=True)
class _Submitted:
    """What came of opening a link: the last status, and the button that was pressed; empty where there was no form."""

    status: int
    pressed: str = ""


@dataclass(frozen=True)
class Page:
    """What the server answered to a browser."""

    status: int
    url: str
    html: str


class Browser:
    """Fetches and posts pages of the local home, with cookies."""

    def __init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def get(self, url: str) -> Page:
        """Opens a page."""
        return self._open(urllib.request.Request(url, headers=_HEADERS))  # noqa: S310 - loopback only

    def post(self, url: str, body: bytes) -> Page:
        """Submits a form."""
        headers = {**_HEADERS, "Content-Type": "application/x-www-form-urlencoded"}
        return self._open(urllib.request.Request(url, body, headers, method="POST"))  # noqa: S310

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=_PAGE_SECONDS) as answer:
                return Page(answer.status, answer.url, answer.read().decode("utf-8", "replace"))
        except urllib.error.HTTPError as error:
            return Page(error.code, request.full_url, error.read().decode("utf-8", "replace"))


_HEADERS = {"User-Agent": "Mozilla/5.0 (rehearsal)", "Accept": "text/html", "Accept-Language": "en"}


@dataclass(order=True)
class _Planned:
    due: float
    order: int
    mail: Mail = field(compare=False)
    question: Question = field(compare=False)
    reaction: Reaction = field(compare=False)


class People:
    """Reads new mails and answers them when their time has come. Call `work` again and again.

    Attributes:
        problems: What couldn't be done as the answers file says; one line each.
    """

    def __init__(
        self, stack: LocalStack, script: AnswerScript, *, time_scale: float, tell: Callable[[str], None]
    ) -> None:
        self.problems: list[str] = []
        self._stack = stack
        self._script = script
        self._time_scale = time_scale
        self._tell = tell
        self._link = re.compile(re.escape(stack.url) + r"/d/[A-Za-z0-9_~-]+")
        self._contacts = contact_ids(stack.compiled_plan())
        self._kinds: dict[tuple[str, str], tuple[str, str]] = {}
        self._read = 0
        self._order = itertools.count()
        self._planned: list[_Planned] = []

    def work(self) -> bool:
        """Reads what is new and gives the answers that are due. Returns whether anything was done."""
        self._read_new_mails()
        worked = False
        while self._planned and self._planned[0].due <= time.monotonic():
            self._answer(heapq.heappop(self._planned))
            worked = True
        return worked

    def _read_new_mails(self) -> None:
        mails = self._stack.mailbox.mails
        for mail in mails[self._read :]:
            self._plan_answer(mail)
        self._read = len(mails)

    def _plan_answer(self, mail: Mail) -> None:
        if mail.lost:
            self._tell(f"{', '.join(mail.to)} never gets a mail ({mail.lost}): {mail.subject}")
            return
        if self.link(mail) is None:
            return
        kind, team = self._kind_and_team(mail)
        address = mail.to[0] if mail.to else ""
        question = Question(address=address, contact=self._contacts.get(address.lower(), ""), kind=kind, team=team)
        reaction = self._script.reaction(question)
        if reaction is None:
            self._tell(f"{_who(question)} stays silent ({_what(question)})")
            return
        due = time.monotonic() + reaction.after / self._time_scale
        heapq.heappush(self._planned, _Planned(due, next(self._order), mail, question, reaction))

    def link(self, mail: Mail) -> str | None:
        """The personal link in a mail's text, or None."""
        match = self._link.search(mail.text)
        return match.group(0) if match else None

    def _kind_and_team(self, mail: Mail) -> tuple[str, str]:
        key = (mail.incident_id, mail.decision_id)
        if key not in self._kinds:
            decision = self._stack.reader.decision(*key)
            self._kinds[key] = (str(decision.get("kind", "")), str(decision.get("team") or ""))
        return self._kinds[key]

    def _answer(self, planned: _Planned) -> None:
        url = self.link(planned.mail)
        assert url is not None
        who, what = _who(planned.question), _what(planned.question)
        try:
            answered = self._submit(Browser(), url, planned.reaction)
        except FormError as error:
            self._complain(f"{who} could not answer ({what}): {error}")
        except (OSError, http.client.HTTPException) as error:
            self._complain(f"{who} could not reach the page ({what}): {error}")
        else:
            self._tell_of(answered, who, what)

    def _submit(self, browser: Browser, url: str, reaction: Reaction) -> _Submitted:
        page = browser.get(url)
        form = _form(page)
        if form is None:
            return _Submitted(page.status)
        form.fill(reaction.fields, SENTENCE)
        button = form.press(reaction.press)
        answer = browser.post(*form.submission(button, page.url))
        again = _form(answer)
        if answer.status in _ASKED_AGAIN and again is not None:
            # The page asks for words that this button needs; a person reads that, and writes them.
            again.fill(reaction.fields, SENTENCE)
            again.fill_texts(SENTENCE)
            answer = browser.post(*again.submission(again.press(button.value), answer.url))
        return _Submitted(answer.status, button.text or button.value)

    def _tell_of(self, answered: _Submitted, who: str, what: str) -> None:
        if not answered.pressed:
            self._tell(f"{who} finds nothing to answer any more ({what}, {answered.status})")
        elif answered.status < 400:  # noqa: PLR2004 - HTTP's first error
            self._tell(f"{who}: {answered.pressed} ({what})")
        elif answered.status in _TOO_LATE:
            self._tell(f"{who} answers too late ({what}, {answered.status})")
        else:
            self._complain(f"{who}'s answer was refused with {answered.status} ({what})")

    def _complain(self, problem: str) -> None:
        self.problems.append(problem)
        self._tell(problem)


def _form(page: Page) -> Form | None:
    return next((form for form in read_forms(page.html) if form.method == "post"), None)


def contact_ids(plan: dict[str, Any]) -> dict[str, str]:
    """Mail address in lower case -> contact id, from the compiled plan."""
    contacts = plan.get("contacts", {})
    return {str(contact.get("email", "")).lower(): contact_id for contact_id, contact in contacts.items()}


def _who(question: Question) -> str:
    return question.contact or question.address


def _what(question: Question) -> str:
    return " of ".join(part for part in (question.kind or "a question", question.team) if part)
