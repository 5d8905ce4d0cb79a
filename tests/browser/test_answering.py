"""Real pages of the running app in a real browser: scanners of two kinds, fifty answers at once, and people at work.

Everything is there: the synthesised app on the local engine, each handler in its own process, mail in the mailbox.
"""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Page as Tab

from local import synth
from local.mailbox import Mail
from local.stack import LocalStack
from tests.support.events import alarm

READS = {("dynamodb", "GetItem"), ("dynamodb", "Query")}
WAIT = 30.0
LINK = re.compile(r"http://\S+/d/[\w-]{43,}")
CODE = re.compile(r"^(\d{6})\s*$", re.MULTILINE)


@pytest.fixture(scope="module")
def home() -> Iterator[LocalStack]:
    """The app at the plan's own pace: no timer runs out while a test looks."""
    with LocalStack(synth.assembly(), time_scale=1) as stack:
        stack.warm()
        yield stack


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone that has never been here."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context
    context.close()


class Case:
    """One incident, and what people get of it."""

    def __init__(self, home: LocalStack, name: str) -> None:
        self.home = home
        self._seen = len(home.mailbox.mails)
        self._let_go_of_causes()
        home.put_event(alarm(name, event_id=name))
        self.incident_id = self.mail("chief-executive", "question").incident_id

    def _let_go_of_causes(self) -> None:
        """Lets the same cause open another incident, as the end of one does: each case has an incident of its own."""
        self.home.records.update_item(
            Key={"pk": "OPEN", "sk": "REGISTER"},
            UpdateExpression="SET incidents = :none, version = if_not_exists(version, :zero) + :one",
            ExpressionAttributeValues={":none": {}, ":zero": 0, ":one": 1},
        )

    def mail(self, contact: str, purpose: str, about: str = "") -> Mail:
        """The newest mail to somebody, of that purpose, about that decision."""

        def is_it(mail: Mail) -> bool:
            mine = not hasattr(self, "incident_id") or mail.incident_id == self.incident_id
            to = mail.to[0].startswith(contact)
            return mine and to and mail.purpose == purpose and mail.decision_id.startswith(about)

        def found() -> list[Mail]:
            return [mail for mail in self.home.mailbox.mails[self._seen :] if is_it(mail)]

        self.home.wait_until(lambda: bool(found()), WAIT, f"a mail ({purpose}) to {contact}")
        return found()[-1]

    def link(self, contact: str, about: str = "") -> str:
        match = LINK.search(self.mail(contact, "question", about).text)
        assert match
        return match.group()

    def code(self, contact: str) -> str:
        match = CODE.search(self.mail(contact, "code").text)
        assert match
        return match.group(1)

    def decision(self, decision_id: str = "orders") -> Mapping[str, Any]:
        decision: Mapping[str, Any] = self.home.reader.decision(self.incident_id, decision_id)
        return decision

    def facts(self) -> list[str]:
        incident = self.home.reader.incident(self.incident_id)
        assert incident is not None
        return [str(entry["fact"]) for entry in incident.timeline]


def calls_of_pages(home: LocalStack) -> Counter[tuple[str, str]]:
    """How often the pages' function has called what of AWS."""
    seen = [(service, operation) for function, service, operation in home.calls.seen() if function == "decision_page"]
    return Counter({call: home.calls.count(*call, "decision_page") for call in seen})


def press(tab: Tab, value: str) -> None:
    """Presses the button and waits for the page that answers: a click alone returns while the old one still stands."""
    with tab.expect_navigation():
        tab.locator(f'button[value="{value}"]').click()


def unfold(tab: Tab) -> None:
    """Opens everything that is folded."""
    folded = tab.locator("details:not([open]) > summary")
    while folded.count():
        folded.first.click()


def post(url: str, fields: dict[str, str]) -> int:
    body = urllib.parse.urlencode(fields).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, body, method="POST"), timeout=WAIT) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_r1_a_hundred_fetches_of_a_scanner_write_nothing_and_tell_nobody(home: LocalStack) -> None:
    """Taken out: a write in `show`, e.g. an entry "opened" on the timeline."""
    case = Case(home, "fetched")
    home.wait_until(home.is_idle, WAIT, "everything to settle")
    before = calls_of_pages(home)

    def fetch(number: int) -> int:
        headers: tuple[dict[str, str], ...] = (
            {},
            {"Purpose": "prefetch"},
            {"Sec-Purpose": "prefetch;prerender"},
            {"User-Agent": "SafeLinks"},
        )
        request = urllib.request.Request(
            case.link("chief-executive"), headers=headers[number % 4], method="HEAD" if number % 2 else "GET"
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=WAIT) as answer:
            return int(answer.status)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(fetch, range(100))) == {200}
    made = calls_of_pages(home) - before
    assert made.total() >= 100
    assert set(made) <= READS


def test_r2_a_scanner_that_presses_every_button_it_finds_decides_nothing(
    home: LocalStack, context: BrowserContext
) -> None:
    """Taken out: `if not opened.decision.second_factor` made true in `AnswerQuestion.press`."""
    case = Case(home, "pressed")
    url, tab = case.link("chief-executive"), context.new_page()
    tab.goto(url)
    pressed: list[str] = []
    for _ in range(40):
        left = [b for b in _buttons(tab) if b not in pressed]
        if not left:
            if tab.url == url and len(pressed) == len(set(pressed)) and not _buttons(tab):
                break
            tab.goto(url)
            left = [b for b in _buttons(tab) if b not in pressed]
            if not left:
                break
        pressed.append(left[0])
        unfold(tab)
        for field in tab.locator("input[name=code]").all():
            field.fill("123456")
        tab.locator(f'button[value="{left[0]}"]').first.click()
    assert {"activate", "stand_down", "confirm", "send_again", "note"} <= set(pressed)
    decision = case.decision()
    assert not decision.get("answer")
    assert not decision.get("votes")
    assert "factor_asked" in case.facts()


def _buttons(tab: Tab) -> list[str]:
    return [str(button.get_attribute("value")) for button in tab.locator("button[type=submit]").all()]


def test_r5_fifty_answers_at_once_over_http_have_one_winner(home: LocalStack, context: BrowserContext) -> None:
    """Taken out: the version and the one key of the outcome's entry, both (see `test_decisions.py`)."""
    case = Case(home, "raced")
    activate(case, context)
    link = case.link("chief-technology-officer", "acknowledge")
    tab = context.new_page()
    tab.goto(link)
    nonce = str(tab.locator('input[name="nonce"]').first.get_attribute("value"))
    before = home.calls.count("stepfunctions", "SendTaskSuccess")
    forms = [{"nonce": nonce, "outcome": "acknowledged", "comment": f"answer {number}"} for number in range(49)]
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda form: post(link, form), [*forms, {"outcome": "acknowledged"}]))
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 403, 409, 503}
    assert case.facts().count("decision_answered") == 2
    home.wait_until(home.is_idle, WAIT, "everything to settle")
    # Whoever comes late may tell the workflow again; it takes the first word alone.
    assert home.calls.count("stepfunctions", "SendTaskSuccess") > before
    execution = f"{case.incident_id}-acknowledge-technical_support"
    home.wait_until(lambda: ended(home, execution) is not None, WAIT, "the question's execution to end")
    assert ended(home, execution) == "SUCCEEDED"
    answered = case.decision("acknowledge-technical_support")
    assert len(answered["votes"]) == 1


def ended(home: LocalStack, name: str) -> str | None:
    """How an execution ended, or None while it runs."""
    (found,) = [execution for execution in home.executions() if execution.name == name]
    return None if found.status == "RUNNING" else found.status


def activate(case: Case, context: BrowserContext) -> None:
    """The head activates the plan on their phone, at the second try of the code."""
    tab = context.new_page()
    tab.goto(case.link("chief-executive"))
    tab.locator("#comment").fill("先穩住結帳")
    press(tab, "activate")
    if tab.locator("input[name=code]").count():
        code = case.code("chief-executive")
        tab.locator("input[name=code]").fill(f"{(int(code) + 1) % 1_000_000:06d}")
        press(tab, "confirm")
        assert tab.locator('[role="alert"]').is_visible()
        tab.locator("input[name=code]").fill(f"{code[:3]} {code[3:]}")
        press(tab, "confirm")
    assert tab.locator("form").count() == 0
    tab.close()


def test_r8_a_code_makes_the_phone_trusted_and_the_cookie_tells_nothing(
    home: LocalStack, context: BrowserContext
) -> None:
    """Taken out: each attribute of the cookie in `_trusted`."""
    case = Case(home, "trusted")
    activate(case, context)
    (cookie,) = context.cookies(home.url)
    assert cookie["name"].startswith("__Host-device-")
    assert cookie["httpOnly"]
    assert cookie["secure"]
    assert cookie["sameSite"] == "Strict"
    assert "chief" not in str(cookie)
    assert case.incident_id not in str(cookie)
    assert case.decision()["votes"][0]["factor"] == "code"
    other = Case(home, "not trusted here")
    tab = context.new_page()
    tab.goto(other.link("chief-executive"))
    press(tab, "stand_down")
    assert tab.locator("input[name=code]").is_visible()


def test_a_team_works_on_its_page(home: LocalStack, context: BrowserContext, tmp_path: Path) -> None:
    case = Case(home, "worked on")
    activate(case, context)
    tab = context.new_page()
    tab.goto(case.link("chief-technology-officer", "acknowledge"))
    press(tab, "acknowledged")
    tab.goto(case.link("chief-technology-officer", "complete"))
    picture = tmp_path / "graph.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    steps: list[tuple[str, Callable[[], None]]] = [
        ("tasks", lambda: _tick(tab)),
        ("note", lambda: tab.locator("textarea[name=note]").fill("Node 3 is <b>out</b> & drained")),
        ("file", lambda: _send(tab, picture)),
        ("more_time", lambda: None),
        ("request", lambda: _ask_for_servers(tab)),
    ]
    for action, fill in steps:
        unfold(tab)
        fill()
        press(tab, action)
        assert f"/d/{case.link('chief-technology-officer', 'complete').rpartition('/')[2]}?done=" in tab.url, action
    assert tab.locator("b", has_text="out").count() == 0
    assert "Node 3 is <b>out</b> & drained" in str(tab.locator("main").text_content())
    facts = case.facts()
    assert {"task_done", "note_added", "file_added", "more_time", "release_requested"} <= set(facts)
    decider = case.mail("chief-executive", "question", "release")
    assert decider.incident_id == case.incident_id
    unfold(tab)
    press(tab, "hand_over")
    assert tab.locator("form").count() == 0
    assert case.link("head-of-it", "complete")


def _tick(tab: Tab) -> None:
    tab.locator("input[name=tasks]").first.check()


def _send(tab: Tab, picture: Path) -> None:
    """By the page's link to the form that goes to the bucket, and back to the page that asks whether it is meant."""
    tab.get_by_role("link", name="Add a file").click()
    tab.locator("input[type=file]").set_input_files(picture)
    tab.locator("form:has(input[type=file]) button").click()
    tab.wait_for_url("**/file?**")


def _ask_for_servers(tab: Tab) -> None:
    tab.locator("select[name=resource]").select_option("spare-servers")
    tab.locator("form:has(button[value=request]) input[name=quantity]").fill("1")
    tab.locator("form:has(button[value=request]) textarea[name=reason]").fill("Load is still rising")
