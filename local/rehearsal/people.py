"""The people of a rehearsal: they read their mails, open the link, fill in the form and press a button.

They know only what stands in their mails, on the page and in their authenticator app; the records are asked for
nothing but the kind and team of a question, so that the answers file can name them.
"""

from __future__ import annotations

import functools
import heapq
import http.client
import itertools
import re
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from local.mailbox import Mail
from local.rehearsal.answers import HELP, AnswerScript, Fields, Press, Question, Reaction
from local.rehearsal.browser import Browser, Page
from local.rehearsal.codes import CODE_PURPOSE, authenticator_code, mailed_code
from local.rehearsal.forms import (
    ALL,
    CODE_FIELD,
    Button,
    Form,
    FormError,
    find_button,
    find_code_form,
    find_file_form,
    find_link,
    read_forms,
)

if TYPE_CHECKING:
    from local.stack import LocalStack

SENTENCE = "Checked and done as planned; nothing is left open from our side."
"""What a person writes into a required text field where the answers file says nothing."""

REFERENCE = "REHEARSAL-1"
"""What a person gives as an authority's reference number where the answers file says nothing."""

CODE_SECONDS = 20.0
"""Real seconds that a person waits for the mail with their code."""

_LOOK_SECONDS = 0.1
_PATIENCE = 3
"""How often a person looks again where a page broke."""

_FILE = "file"
"""The press that goes by the page's link to send a file, and the field that holds the file's path."""

_UNASKED: Fields = {"tasks": ALL, "reference": REFERENCE}
"""What people who answer fill in by themselves, where the form has it and the answers file doesn't speak of it."""

_ASKED_AGAIN = frozenset({400, 422})
_TOO_LATE = frozenset({409, 410})


@dataclass
class _Errand:
    """What a person is about in one question: the mail they go by, and the presses that are left.

    `used` are the fields of the reaction that have found their form; `breaks` counts the pages that broke.
    """

    mail: Mail
    question: Question
    reaction: Reaction = field(default_factory=Reaction)
    presses: list[Press] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    breaks: int = 0

    @property
    def who(self) -> str:
        return self.question.contact or self.question.address

    @property
    def what(self) -> str:
        return " of ".join(part for part in (self.question.kind or "a question", self.question.team) if part)

    @property
    def about(self) -> tuple[str, str, str]:
        """The person and the question; somebody is about one question only once at a time."""
        return self.question.address, self.mail.incident_id, self.mail.decision_id

    def fields_for(self, form: Form, button: Button) -> Fields:
        """What is written into the form: what this press says, and of the reaction's fields those that the form has.

        At the last press they are also those that no form had. Who answers fills in the rest by themselves.
        """
        is_last = len(self.presses) == 1
        own = {
            name: value
            for name, value in self.reaction.fields.items()
            if name in form.controls or (is_last and name not in self.used)
        }
        self.used |= own.keys()
        unasked = {name: value for name, value in _UNASKED.items() if button.answers and name in form.controls}
        given = {**unasked, **own, **self.presses[0].fields}
        not_here = {CODE_FIELD, *({_FILE} if self.sends_file else ())}
        return {name: value for name, value in given.items() if name not in not_here}

    @property
    def sends_file(self) -> bool:
        """Whether a file is sent by the store's own form before this press, on the page to which that leads back."""
        return self.presses[0].button == _FILE or (bool(self.presses[0].on) and _FILE in self.presses[0].fields)

    def said(self, name: str) -> str:
        """The one value that this press, or else the reaction, gives to a field; empty where neither does."""
        value = self.presses[0].fields.get(name) or self.reaction.fields.get(name, "")
        self.used.add(name)
        return value if isinstance(value, str) else "".join(value)


@dataclass(frozen=True)
class _Pressed:
    """What came of a press. `mails_before` is how many mails the mailbox held then."""

    page: Page
    button: Button
    mails_before: int

    @property
    def words(self) -> str:
        return self.button.text or self.button.value


@dataclass(order=True)
class _Planned:
    due: float
    order: int
    act: Callable[[], None] = field(compare=False)


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
        reported = sorted(stack.reader.incidents(), key=lambda record: str(record.incident.get("reported_at", "")))
        self._incidents = {record.id: number for number, record in enumerate(reported, start=1)}
        self._read = 0
        self._order = itertools.count()
        self._planned: list[_Planned] = []
        self._errands: dict[tuple[str, str, str], _Errand] = {}
        self._browsers: defaultdict[str, Browser] = defaultdict(Browser)

    def work(self) -> bool:
        """Reads what is new and gives the answers that are due. Returns whether anything was done."""
        self._read_new_mails()
        worked = False
        while self._planned and self._planned[0].due <= time.monotonic():
            heapq.heappop(self._planned).act()
            worked = True
        return worked

    # --- Mails -----------------------------------------------------------------------------------------------------

    def _read_new_mails(self) -> None:
        mails = self._stack.mailbox.mails
        for mail in mails[self._read :]:
            self._take(mail)
        self._read = len(mails)

    def _take(self, mail: Mail) -> None:
        if mail.lost:
            self._tell(f"{', '.join(mail.to)} never gets a mail ({mail.lost}): {mail.subject}")
            return
        if mail.purpose == CODE_PURPOSE or self.link(mail) is None:
            return
        question = self._question(mail)
        errand = _Errand(mail, question)
        if errand.about in self._errands:
            # They are at it already, and go by the newest mail.
            self._errands[errand.about].mail = mail
            return
        reaction = self._script.reaction(question)
        if reaction is None:
            if question.kind != HELP:
                self._tell(f"{errand.who} stays silent ({errand.what})")
            return
        errand.reaction, errand.presses = reaction, [*reaction.presses]
        self._errands[errand.about] = errand
        self._plan_press(errand)

    def link(self, mail: Mail) -> str | None:
        """The personal link in a mail's text, or None."""
        match = self._link.search(mail.text)
        return match.group(0) if match else None

    def _question(self, mail: Mail) -> Question:
        kind, team = self._kind_and_team(mail)
        address = mail.to[0] if mail.to else ""
        contact = self._contacts.get(address.lower(), "")
        self._incidents.setdefault(mail.incident_id, len(self._incidents) + 1)
        return Question(
            address=address,
            contact=contact,
            kind=kind,
            team=team,
            decision=mail.decision_id,
            incident=self._incidents[mail.incident_id],
        )

    def _kind_and_team(self, mail: Mail) -> tuple[str, str]:
        """Of the mail's question; a mail with a link that asks none calls its reader to help."""
        if not mail.decision_id:
            return HELP, ""
        key = (mail.incident_id, mail.decision_id)
        if key not in self._kinds:
            decision = self._stack.reader.decision(*key)
            self._kinds[key] = (str(decision.get("kind", "")), str(decision.get("team") or ""))
        return self._kinds[key]

    # --- Presses ---------------------------------------------------------------------------------------------------

    def _plan(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._planned, _Planned(time.monotonic() + seconds, next(self._order), act))

    def _plan_press(self, errand: _Errand) -> None:
        self._plan(errand.presses[0].after / self._time_scale, functools.partial(self._guarded, errand, self._press))

    def _guarded(self, errand: _Errand, act: Callable[[_Errand], None]) -> None:
        """Lets the person do it; what can't be done as the script says is a problem, and ends the errand."""
        try:
            act(errand)
        except FormError as error:
            self._complain(errand, f"{errand.who} could not answer ({errand.what}): {error}")
        except (OSError, http.client.HTTPException) as error:
            self._complain(errand, f"{errand.who} could not reach the page ({errand.what}): {error}")

    def _press(self, errand: _Errand) -> None:
        url = self.link(errand.mail)
        assert url is not None
        browser = self._browsers[errand.question.address]
        mails_before = len(self._stack.mailbox.mails)
        press = errand.presses[0].button
        page = self._shown(errand, browser, browser.follow(url))
        found = find_button(read_forms(page.html), press)
        if found is None:
            self._tell(f"{errand.who} finds nothing to answer any more ({errand.what}, {page.status})")
            self._end(errand)
            return
        form, button = found
        form.fill(errand.fields_for(form, button), SENTENCE)
        answer = browser.post(form.submission(button, page.url), page)
        answer = self._once_more(errand, browser, button, answer)
        pressed = _Pressed(answer, button, mails_before)
        if find_code_form(read_forms(answer.html)) is None:
            self._pressed(errand, pressed)
        else:
            self._await_code(errand, pressed, until=time.monotonic() + CODE_SECONDS)

    def _shown(self, errand: _Errand, browser: Browser, page: Page) -> Page:
        """The page with the button: the mail's own, the one that links lead to, or the one that a file leads to."""
        press = errand.presses[0]
        for ending in press.on or ((f"/{_FILE}",) if press.button == _FILE else ()):
            target = find_link(page.html, page.url, ending)
            if target is None and press.on and page.status == http.HTTPStatus.OK:
                raise FormError(f"the page has no link to {ending!r}")
            if target is None:
                return page
            page = browser.go_on(target)
        return self._sent_file(errand, browser, page) if errand.sends_file else page

    def _sent_file(self, errand: _Errand, browser: Browser, form_page: Page) -> Page:
        """Sends a file by the page's form; the page to which the browser comes back asks about it."""
        found = find_file_form(read_forms(form_page.html))
        if found is None:
            return form_page
        form, button = found
        form.fill({_FILE: errand.said(_FILE)}, SENTENCE)
        back = browser.post(form.submission(button, form_page.url), form_page)
        if not back.url.startswith(form_page.url.partition("?")[0]):
            raise FormError(f"the file was refused with {back.status}")
        return back

    def _once_more(self, errand: _Errand, browser: Browser, button: Button, answer: Page) -> Page:
        """The page asks for words that this button needs; a person reads that, and writes them."""
        forms = read_forms(answer.html)
        if answer.status not in _ASKED_AGAIN or find_code_form(forms) or not any(f.method == "post" for f in forms):
            return answer
        found = find_button(forms, button.value)
        assert found is not None
        form, same = found
        fields = errand.fields_for(form, same)
        form.fill({name: value for name, value in fields.items() if name in form.controls}, SENTENCE)
        form.fill_texts(SENTENCE)
        return browser.post(form.submission(same, answer.url), answer)

    # --- Codes -----------------------------------------------------------------------------------------------------

    def _await_code(self, errand: _Errand, pressed: _Pressed, *, until: float) -> None:
        """Types the code as soon as the person has it."""
        code = self._code(errand, pressed)
        if code is not None:
            self._type_code(errand, pressed, code)
        elif time.monotonic() < until:
            look = functools.partial(self._await_code, pressed=pressed, until=until)
            self._plan(_LOOK_SECONDS, functools.partial(self._guarded, errand, look))
        elif self._was_lost(errand, pressed):
            self._tell(f"{errand.who} gets no code ({errand.what})")
            self._end(errand)
        else:
            self._complain(errand, f"{errand.who} was asked for a code and got none ({errand.what})")

    def _code(self, errand: _Errand, pressed: _Pressed) -> str | None:
        """The code of the answers file, of the person's authenticator app, or of the mail that has just come."""
        scripted = errand.reaction.fields.get(CODE_FIELD)
        secret = self._stack.totp_secrets.get(errand.question.contact)
        if scripted is not None:
            return str(scripted)
        if secret is not None:
            return authenticator_code(secret)
        mails = self._stack.mailbox.mails[pressed.mails_before :]
        return mailed_code(mails, errand.question.address, errand.mail.incident_id)

    def _type_code(self, errand: _Errand, pressed: _Pressed, code: str) -> None:
        form = find_code_form(read_forms(pressed.page.html))
        assert form is not None
        form.fill({CODE_FIELD: code}, SENTENCE)
        found = find_button([form], "confirm")
        assert found is not None
        browser = self._browsers[errand.question.address]
        answer = browser.post(form.submission(found[1], pressed.page.url), pressed.page)
        if find_code_form(read_forms(answer.html)) is None:
            self._pressed(errand, replace(pressed, page=answer))
        elif CODE_FIELD in errand.reaction.fields:
            self._tell(f"{errand.who} types another code than the right one ({errand.what}, {answer.status})")
            self._end(errand)
        else:
            self._complain(errand, f"{errand.who}'s code was refused with {answer.status} ({errand.what})")

    def _was_lost(self, errand: _Errand, pressed: _Pressed) -> bool:
        """Whether a code was mailed to the person and never arrived."""
        mails = self._stack.mailbox.mails[pressed.mails_before :]
        return any(m.lost and m.purpose == CODE_PURPOSE and errand.question.address in m.to for m in mails)

    # --- Ends ------------------------------------------------------------------------------------------------------

    def _pressed(self, errand: _Errand, pressed: _Pressed) -> None:
        status = pressed.page.status
        if status in _TOO_LATE:
            self._tell(f"{errand.who} answers too late ({errand.what}, {status})")
            self._end(errand)
        elif status >= http.HTTPStatus.INTERNAL_SERVER_ERROR and errand.breaks < _PATIENCE:
            self._tell(f"{errand.who} sees a page that broke, and will look again ({errand.what}, {status})")
            errand.breaks += 1
            self._plan_press(errand)
        elif status >= http.HTTPStatus.BAD_REQUEST:
            self._complain(errand, f"{errand.who}'s answer was refused with {status} ({errand.what})")
        else:
            self._tell(f"{errand.who}: {pressed.words} ({errand.what})")
            errand.presses.pop(0)
            if errand.presses:
                self._plan_press(errand)
            else:
                self._end(errand)

    def _end(self, errand: _Errand) -> None:
        del self._errands[errand.about]

    def _complain(self, errand: _Errand, problem: str) -> None:
        self.problems.append(problem)
        self._tell(problem)
        self._end(errand)


def contact_ids(plan: Mapping[str, Any]) -> dict[str, str]:
    """Mail address in lower case -> contact id, from the compiled plan; carriers and newsrooms among them."""
    carriers, media = plan.get("carriers") or {}, (plan.get("communications") or {}).get("media") or ()
    return (
        {str(one.get("contact_email", "")).lower(): f"carrier-{carrier}" for carrier, one in carriers.items()}
        | {str(one.get("email", "")).lower(): f"media-{one.get('id')}" for one in media}
        | {str(one.get("email", "")).lower(): contact for contact, one in plan.get("contacts", {}).items()}
    )
