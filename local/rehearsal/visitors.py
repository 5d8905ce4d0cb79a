"""The visitors of a rehearsal: customers who read the status page, subscribe, confirm, and maybe unsubscribe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.mailbox import Mail
from local.rehearsal.answers import Visitor
from local.rehearsal.browser import Browser, Page
from local.rehearsal.forms import Form, FormError, Submission, read_forms

if TYPE_CHECKING:
    from local.stack import LocalStack

_ADDRESS, _LOCALE = "address", "locale"
_ONE_CLICK = b"List-Unsubscribe=One-Click"


@dataclass
class _Visit:
    """How far a visitor has come: `read` mails of theirs were looked at, `statements` of these were statements."""

    visitor: Visitor
    browser: Browser
    began: bool = False
    read: int = 0
    statements: int = 0


class Visitors:
    """Does what the visitors do, as soon as they can. Call `work` again and again.

    Attributes:
        problems: What could not be done; one line each.
    """

    def __init__(self, stack: LocalStack, visitors: Sequence[Visitor], *, tell: Callable[[str], None]) -> None:
        self.problems: list[str] = []
        self._stack = stack
        self._tell = tell
        self._link = re.compile(re.escape(stack.url) + r"/s/[A-Za-z0-9_~-]+")
        self._visits = [_Visit(visitor, Browser()) for visitor in visitors]

    def work(self) -> None:
        """Lets each of them take the next step, where there is one."""
        for visit in [*self._visits]:
            try:
                self._go_on(visit)
            except (OSError, FormError) as error:
                self.problems.append(f"{visit.visitor.address} could not go on: {error}")
                self._tell(self.problems[-1])
                self._visits.remove(visit)

    def _go_on(self, visit: _Visit) -> None:
        if not visit.began:
            visit.began = True
            self._subscribe(visit)
        mine = [mail for mail in self._stack.mailbox.mails if visit.visitor.address in mail.to and not mail.lost]
        for mail in mine[visit.read :]:
            visit.read += 1
            self._read(visit, mail)

    def _subscribe(self, visit: _Visit) -> None:
        url = f"{self._stack.status_url}{visit.visitor.locale}/index.html"
        page = visit.browser.go_on(url)
        form = _form(read_forms(page.html), _ADDRESS)
        known = form.controls.get(_LOCALE)
        language = {_LOCALE: visit.visitor.locale} if known and known.kind != "hidden" else {}
        form.fill({_ADDRESS: visit.visitor.address, **language}, "")
        self._press(visit, page, form, "subscribes")

    def _read(self, visit: _Visit, mail: Mail) -> None:
        if "list-unsubscribe" not in mail.headers:
            self._confirm(visit, mail)
            return
        visit.statements += 1
        self._tell(f"{visit.visitor.address} reads: {mail.subject}")
        if visit.statements == visit.visitor.unsubscribes_after:
            self._unsubscribe(visit, mail)

    def _confirm(self, visit: _Visit, mail: Mail) -> None:
        link = self._link.search(mail.text)
        if link is None:
            raise FormError(f"the mail has no link to confirm by: {mail.subject}")
        page = visit.browser.follow(link.group(0))
        self._press(visit, page, _form(read_forms(page.html)), "confirms")

    def _press(self, visit: _Visit, page: Page, form: Form, does: str) -> None:
        answer = visit.browser.post(form.submission(form.buttons[0], page.url), page)
        if answer.status >= 400:  # noqa: PLR2004 - where errors begin
            raise FormError(f"{answer.url} answers {answer.status}")
        self._tell(f"{visit.visitor.address} {does}")

    def _unsubscribe(self, visit: _Visit, mail: Mail) -> None:
        """As a mail program does on one click (RFC 8058): a post without cookies that follows nothing."""
        target = re.search(r"<(https?://[^>]+)>", mail.headers["list-unsubscribe"])
        if target is None or mail.headers.get("list-unsubscribe-post") != _ONE_CLICK.decode():
            raise FormError(f"no mail program could unsubscribe by the headers of: {mail.subject}")
        submission = Submission(target.group(1), "application/x-www-form-urlencoded", _ONE_CLICK)
        answer = Browser().post(submission, Page(200, submission.url, ""))
        if (answer.status, answer.url) != (200, submission.url):
            raise FormError(f"one click to unsubscribe is answered with {answer.status}")
        self._tell(f"{visit.visitor.address} unsubscribes")


def _form(forms: Iterable[Form], control: str = "") -> Form:
    """The first form with a button, and with that control. Raises FormError where there is none."""
    for form in forms:
        if form.method == "post" and form.buttons and (not control or control in form.controls):
            return form
    raise FormError(f"the page has no form {'with ' + control if control else 'to press a button of'}")
