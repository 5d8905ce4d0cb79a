"""Pages, mails and reports in a real browser: they fit, they can be read and worked by everyone, they post what they show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize
from playwright.sync_api import Page as Tab

from emergency.domain.answer import QUESTIONS
from emergency.domain.attachment import Uploaded, UploadForm
from emergency.domain.errors import UnusableAnswer
from emergency.domain.terms import DecisionKind
from emergency.presentation.page import Page
from tests.browser.conftest import Site
from tests.browser.gallery import CORRECTED, DECIDED, LETTERS, NOTICES, PAGES, PLAN, QUESTIONS_ASKED, REPORT, Sight
from tests.browser.maintaining import MAINTAINING, MAINTAINING_ALIKE
from tests.browser.publishing import NO_SUCH_PAGE, STATUS_PAGE, WRITING
from tests.browser.reporting import REPORTERS_LETTERS, REPORTING, REPORTING_ALIKE, REPORTING_NOBODYS
from tests.browser.subscribing import ALIKE, NOBODYS, SUBSCRIBERS_LETTERS, SUBSCRIBING
from tests.support.telling import ALL_KINDS, LOCALES, briefing, shown, the_decision

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESKTOP = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=800)
NARROW = ViewportSize(width=320, height=256)
"""What is left of 1280 by 1024 at 400 percent."""


def question(kind: DecisionKind, locale: str) -> Page:
    return PAGES.question(shown(briefing(PLAN, the_decision(PLAN, kind), locale)))


def unusable(kind: DecisionKind, locale: str, field: str, problem: str) -> Page:
    told = shown(briefing(PLAN, the_decision(PLAN, kind), locale))
    return PAGES.unusable(told, {"measures": ["  "]}, UnusableAnswer(field, problem))


def documents(sights: Mapping[str, Sight], locales: Sequence[str]) -> Mapping[str, Callable[[], Page]]:
    """Each of these in each language, by name."""
    return {f"{name}-{locale}": partial(sight.of, locale) for name, sight in sights.items() for locale in locales}


TWO_SCRIPTS = ("en", "zh-Hant")
"""What differs between the Chinese locales beside words is the font, which the questions show."""
MAILS = {**documents(LETTERS, LOCALES), **documents({**SUBSCRIBERS_LETTERS, **REPORTERS_LETTERS}, TWO_SCRIPTS)}
DOCUMENTS: Mapping[str, Callable[[], Page]] = {
    **documents(QUESTIONS_ASKED, LOCALES),
    **documents({**CORRECTED, **DECIDED, **REPORT, **SUBSCRIBING, **ALIKE}, TWO_SCRIPTS),
    **documents({**WRITING, **REPORTING, **REPORTING_ALIKE, **MAINTAINING, **MAINTAINING_ALIKE}, TWO_SCRIPTS),
    **documents(STATUS_PAGE, LOCALES),
    **{
        name: partial(sight.of, "en")
        for name, sight in {**NO_SUCH_PAGE, **NOTICES, **NOBODYS, **REPORTING_NOBODYS}.items()
    },
    **MAILS,
}


Screen = tuple[ViewportSize, Literal["light", "dark"]]
SCREENS: Mapping[str, Sequence[Screen]] = {
    "en": ((PHONE, "light"), (DESKTOP, "dark")),
    "zh-Hant": ((PHONE, "dark"), (DESKTOP, "light")),
    "zh-Hans": ((PHONE, "light"),),
}
"""What a document in a language is looked at on: each kind of document is seen on all four."""


_tabs: WeakKeyDictionary[Browser, dict[str, Tab]] = WeakKeyDictionary()


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[tuple[BrowserContext, Tab]]:
    """An empty tab that looks at pages so. One is kept for each set of options: a new one is a process of Chromium's."""
    kept, name = _tabs.setdefault(browser, {}), repr(sorted(options.items()))
    if name not in kept:
        kept[name] = browser.new_context(**options).new_page()
        tools = kept[name].context.new_cdp_session(kept[name])
        tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    tab = kept[name]
    tab.goto("about:blank")
    tab.context.clear_cookies()
    tab.set_viewport_size(options.get("viewport", DESKTOP))
    tab.emulate_media(media="screen", color_scheme=options.get("color_scheme", "light"))
    yield tab.context, tab


def listened(tab: Tab) -> list[str]:
    """What the page will say on the console: nothing, when all is well."""
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    return complaints


def axe(tab: Tab) -> list[str]:
    """What axe finds against WCAG 2.2 AA and good practice."""
    if not AXE.exists():
        pytest.fail("The tests of the pages need axe-core: npm ci", pytrace=False)
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = tab.evaluate(
        """async () => (await axe.run(document, {resultTypes: ["violations"], runOnly:
        ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})).violations
        .map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 160)).join(" | "))"""
    )
    return [str(line) for line in found]


def sideways(tab: Tab) -> int:
    """How many pixels of the document lie beyond the window's right edge."""
    return int(tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def unfold(tab: Tab) -> None:
    """Opens whatever can be opened on the page."""
    tab.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_fits_and_hinders_nobody(name: str, browser: Browser, site: Site) -> None:
    address = site.show(f"/{name}", DOCUMENTS[name]())
    is_mail = name in MAILS
    with opened(browser, bypass_csp=is_mail) as (_, tab):
        complaints = listened(tab)
        tab.goto(address)
        locale = next((locale for locale in LOCALES if name.endswith(f"-{locale}")), "en")
        for viewport, scheme in SCREENS[locale]:
            tab.set_viewport_size(viewport)
            tab.emulate_media(color_scheme=scheme)
            assert sideways(tab) == 0
            unfold(tab)
            assert sideways(tab) == 0
            if not is_mail:
                assert axe(tab) == []
        tab.set_viewport_size(NARROW)
        assert sideways(tab) == 0
        # What the server answers is told on the console too; anything else there is a fault of the page.
        assert [line for line in complaints if "status of" not in line] == []


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_hinders_nobody(name: str, browser: Browser, site: Site) -> None:
    address = site.show(f"/{name}", DOCUMENTS[name]())
    with opened(browser, viewport=PHONE, bypass_csp=True) as (_, tab):
        tab.goto(address)
        # Mail readers show the letter inside a page of their own, which has the landmarks.
        assert [line for line in axe(tab) if not line.startswith(("region", "landmark-one-main"))] == []


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_form_posts_what_it_shows_without_script(
    kind: DecisionKind, locale: str, browser: Browser, site: Site
) -> None:
    address = site.show("/d/link", question(kind, locale))
    with opened(browser, viewport=PHONE, java_script_enabled=False) as (_, tab):
        tab.goto(address)
        for name in QUESTIONS[kind].texts:
            tab.locator(f"#{name}").fill("第一行\nsecond <line> & more")
        with tab.expect_navigation():
            tab.locator("button.natural").click()
    ((path, form),) = site.posted
    assert path == "/d/link"
    assert form.pop("nonce") == ["the-nonce"]
    assert form.pop("outcome") == [QUESTIONS[kind].outcomes[0].value]
    if kind is DecisionKind.ORDERS:
        # Nothing was opened: what stands in the closed part is what was proposed.
        assert form.pop("severity") == ["SEV2"]
        assert form.pop("teams") == ["technical_support", "customer_service", "public_relations"]
        assert form.pop("budget") == [""]
    if kind is DecisionKind.DUTIES:
        assert form.pop("notices") == ["gdpr-33", "cn-first-report", "cn-summary"]
    if kind is DecisionKind.COMPLETE:
        # The boxes go with the answer, so that nobody loses a tick who presses the last button first.
        assert form.pop("ticks") == ["shown"]
    assert set(form) == set(QUESTIONS[kind].texts)
    for name, values in form.items():
        # A field of one line has no line breaks.
        line = " " if name == "reference" else "\r\n"
        assert values == [f"第一行{line}second <line> & more"]


def test_orders_can_be_changed_and_post_the_changes(browser: Browser, site: Site) -> None:
    address = site.show("/d/link", question(DecisionKind.ORDERS, "en"))
    with opened(browser, viewport=PHONE, java_script_enabled=False) as (_, tab):
        tab.goto(address)
        tab.get_by_text("Change severity, teams, task force or budget").click()
        tab.get_by_label("Severity").select_option("SEV1")
        tab.get_by_label("Public relations").uncheck()
        tab.get_by_label("Budget (TWD)").fill("120,000")
        tab.get_by_text("Choose who joins the task force").click()
        tab.get_by_label("Vivian Leung").check()
        with tab.expect_navigation():
            tab.get_by_role("button", name="Activate the plan").click()
    ((_, form),) = site.posted
    assert form["severity"] == ["SEV1"]
    assert form["teams"] == ["technical_support", "customer_service"]
    assert form["budget"] == ["120,000"]
    assert form["task_force"] == ["head-of-legal"]


def at_work(browser: Browser, site: Site, act: Callable[[Tab], None], page: str = "complete") -> dict[str, list[str]]:
    """What a team's page posts after somebody has done something on it, without script."""
    address = site.show("/d/link", QUESTIONS_ASKED[page].of("en"))
    with opened(browser, viewport=PHONE, java_script_enabled=False) as (_, tab):
        tab.goto(address)
        with tab.expect_navigation():
            act(tab)
    ((path, form),) = site.posted
    assert path == "/d/link"
    assert form.pop("nonce") == ["the-nonce"]
    return form


def test_tasks_are_ticked_off(browser: Browser, site: Site) -> None:
    def act(tab: Tab) -> None:
        tab.get_by_role("checkbox", name="Publish the holding reply").check()
        tab.get_by_role("button", name="Save the ticks").click()

    # What is done already goes with it, though it is folded away.
    assert at_work(browser, site, act) == {
        "tasks": ["holding-reply", "brief-agents"],
        "was_done": ["brief-agents"],
        "ticks": ["shown"],
        "measures": [""],
        "action": ["tasks"],
    }


def test_a_question_is_handed_over(browser: Browser, site: Site) -> None:
    def act(tab: Tab) -> None:
        tab.get_by_text("Not you? Hand it over").click()
        tab.locator("#hand_over-reason").fill("On a plane.")
        tab.get_by_role("button", name="Hand over now").click()

    assert at_work(browser, site, act) == {"reason": ["On a plane."], "action": ["hand_over"]}


def test_more_time_is_asked_for(browser: Browser, site: Site) -> None:
    def act(tab: Tab) -> None:
        tab.get_by_text("Ask for more time").click()
        tab.get_by_role("button", name="Extend to").click()

    assert at_work(browser, site, act) == {"reason": [""], "extended": ["0"], "action": ["more_time"]}


def test_resources_are_asked_for(browser: Browser, site: Site) -> None:
    def act(tab: Tab) -> None:
        tab.get_by_text("Ask for resources or funds").click()
        tab.get_by_label("Resource").select_option(label="Handheld radios (radios)")
        tab.get_by_label("Quantity").fill("4")
        tab.get_by_label("What it is needed for").fill("The warehouse has no signal.")
        tab.get_by_role("button", name="Ask the leadership group").click()

    assert at_work(browser, site, act) == {
        "once": ["the-once"],
        "resource": ["radios"],
        "quantity": ["4"],
        "reason": ["The warehouse has no signal."],
        "action": ["request"],
    }


def test_a_note_goes_on_record(browser: Browser, site: Site) -> None:
    def act(tab: Tab) -> None:
        tab.get_by_text("Add a note to the record").click()
        tab.locator("#note").fill("The queue at 03:35.")
        tab.get_by_role("button", name="Put it on record").click()

    assert at_work(browser, site, act) == {"note": ["The queue at 03:35."], "action": ["note"]}


def change_tasks(tab: Tab) -> None:
    tab.get_by_text("Add, reassign or skip tasks").click()


def test_a_task_is_added(browser: Browser, site: Site) -> None:
    def act(tab: Tab) -> None:
        change_tasks(tab)
        tab.get_by_label("What is to be done").fill("Call the bank.")
        tab.locator("#add_task-owner").select_option(label="Derek Chen (chief technology officer)")
        tab.get_by_label("Target in minutes").fill("30")
        tab.get_by_role("button", name="Add the task").click()

    assert at_work(browser, site, act) == {
        "once": ["the-once"],
        "task_text": ["Call the bank."],
        "owner": ["chief-technology-officer"],
        "within": ["30"],
        "action": ["add_task"],
    }


def test_a_task_is_reassigned(browser: Browser, site: Site) -> None:
    def act(tab: Tab) -> None:
        change_tasks(tab)
        tab.locator("#reassign-task").select_option("vouchers")
        tab.get_by_label("Who does it from now on").select_option("head-of-legal")
        tab.get_by_role("button", name="Reassign the task").click()

    assert at_work(browser, site, act) == {"task": ["vouchers"], "owner": ["head-of-legal"], "action": ["reassign"]}


def test_a_task_is_skipped(browser: Browser, site: Site) -> None:
    def act(tab: Tab) -> None:
        change_tasks(tab)
        tab.locator("#skip-task").select_option("vouchers")
        tab.get_by_label("Why it is skipped").fill("Not before the cause is known.")
        tab.get_by_role("button", name="Skip the task").click()

    assert at_work(browser, site, act) == {
        "task": ["vouchers"],
        "reason": ["Not before the cause is known."],
        "action": ["skip"],
    }


def test_spending_is_reported(browser: Browser, site: Site) -> None:
    def act(tab: Tab) -> None:
        tab.get_by_text("Report what was spent or lost").click()
        tab.get_by_label("Taken from").select_option(label="Emergency funds: TWD 555,000 left")
        tab.get_by_label("How much").fill("12,500")
        tab.get_by_label("What for, or what happened").fill("Taxis for the night shift.")
        tab.locator("button[value=spend]").click()

    assert at_work(browser, site, act) == {
        "once": ["the-once"],
        "allocation": ["emergency-funds#customer_service"],
        "quantity": ["12,500"],
        "reason": ["Taxis for the night shift."],
        "action": ["spend"],
    }


def test_a_late_statement_is_written_from_where_the_page_begins(browser: Browser, site: Site) -> None:
    address = site.show("/d/link", QUESTIONS_ASKED["complete-speaking"].of("en"))
    with opened(browser, viewport=PHONE, java_script_enabled=False) as (_, tab):
        tab.goto(address)
        link = tab.get_by_role("link", name="Write the next statement: was due at 03:43")
        assert str(link.get_attribute("href")).endswith("/statement")
        tab.goto(site.show("/d/link/statement", WRITING["statement"].of("en")))
        tab.get_by_role("group", name="English").get_by_label("Title").fill("Checkout works again")
        tab.get_by_role("button", name="Send it for approval").click()
    ((path, form),) = site.posted
    assert path == "/d/link/statement"
    assert form["title-en"] == ["Checkout works again"]
    assert set(form) == {"action", "nonce", "once", "phase", "title-en", "text-en", "title-zh-Hant", "text-zh-Hant"}
    assert form["text-zh-Hant"][0].count("\r\n\r\n") > 0


def test_whoever_helps_ticks_tasks_off(browser: Browser, site: Site) -> None:
    def act(tab: Tab) -> None:
        tab.get_by_role("checkbox", name="Staff the hotline").check()
        tab.get_by_role("button", name="Save the ticks").click()

    assert at_work(browser, site, act, "complete-helping") == {
        "tasks": ["staff-hotline", "brief-agents"],
        "was_done": ["brief-agents"],
        "ticks": ["shown"],
        "action": ["tasks"],
    }


def test_notices_are_chosen_and_their_clocks_started(browser: Browser, site: Site) -> None:
    def act(tab: Tab) -> None:
        tab.get_by_label("Summary report").uncheck()
        tab.get_by_label("Final report").check()
        tab.get_by_role("button", name="Start the clocks of these notices").click()

    assert at_work(browser, site, act, "duties") == {
        "notices": ["gdpr-33", "cn-first-report", "final-report"],
        "comment": [""],
        "outcome": ["confirmed"],
    }


def sent_to(url: str) -> Page:
    """The page that sends a file to an address."""
    told = shown(briefing(PLAN, the_decision(PLAN, DecisionKind.COMPLETE)))
    return PAGES.upload(told, UploadForm(url=url, fields={"key": "uploads/x/${filename}"}))


def test_a_file_goes_to_the_place_that_its_page_names(browser: Browser, site: Site, tmp_path: Path) -> None:
    """That place is another origin: the page's policy allows it, and no other page's does."""
    (tmp_path / "queue.csv").write_text("waiting\n41\n", encoding="utf-8")
    elsewhere = site.address.replace("127.0.0.1", "localhost")
    page = sent_to(f"{elsewhere}/uploads")
    for path, served in (("/d/link/file", page), ("/d/strict/file", replace(page, form_action=""))):
        address = site.show(path, served)
        with opened(browser, viewport=PHONE, java_script_enabled=False) as (_, tab):
            tab.goto(address)
            tab.get_by_label("File").set_input_files(tmp_path / "queue.csv")
            tab.get_by_role("button", name="Send the file").click(no_wait_after=True)
            tab.wait_for_timeout(1_000)
    assert site.posted == [("/uploads", {"key": ["uploads/x/${filename}"], "file": ["queue.csv", "waiting\n41\n"]})]


def test_a_file_that_has_arrived_is_put_on_record(browser: Browser, site: Site) -> None:
    told = shown(briefing(PLAN, the_decision(PLAN, DecisionKind.COMPLETE)), url=f"{site.address}/d/link")
    file = Uploaded(key="uploads/x/queue.csv", size=11, uploaded_at=told.now)
    address = site.show("/d/link/file?key=uploads%2Fx%2Fqueue.csv", PAGES.uploaded(told, file))
    with opened(browser, viewport=PHONE, java_script_enabled=False) as (_, tab):
        tab.goto(address)
        with tab.expect_navigation():
            tab.get_by_role("button", name="Put it on record").click()
    form = {"nonce": ["the-nonce"], "key": ["uploads/x/queue.csv"], "action": ["file"]}
    assert site.posted == [("/d/link/file", form)]


def walk(tab: Tab, act: Mapping[tuple[str, str], Callable[[], None]], end: tuple[str, str]) -> list[tuple[str, str]]:
    """Tabs through a page from its beginning; where it comes to something of `act`, does that. Gives the way."""
    way: list[tuple[str, str]] = []
    for _ in range(60):
        tab.keyboard.press("Tab")
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        name, value = tab.evaluate(
            "(e => e.name ? [e.name, e.value] : [e.tagName.toLowerCase(), e.textContent])(document.activeElement)"
        )
        place = (name, value)
        way.append(place)
        if place in act:
            act[place]()
        if place == end:
            return way
    raise AssertionError(way)


def test_orders_are_given_and_confirmed_by_keyboard_alone(browser: Browser, site: Site) -> None:
    address = site.show("/d/link", question(DecisionKind.ORDERS, "en"))
    site.show("/d/link#posted", CORRECTED["code"].of("en"))
    change, people = "Change severity, teams, task force or budget", "Choose who joins the task force"
    with opened(browser, viewport=DESKTOP) as (_, tab):
        tab.goto(address)
        press, write = tab.keyboard.press, tab.keyboard.type
        way = walk(
            tab,
            {
                ("summary", change): lambda: press("Enter"),
                ("severity", "SEV2"): lambda: press("ArrowUp"),
                ("teams", "public_relations"): lambda: press("Space"),
                ("budget", ""): lambda: write("50000"),
                ("summary", people): lambda: press("Enter"),
                ("task_force", "head-of-legal"): lambda: press("Space"),
                ("comment", ""): lambda: write("Go."),
            },
            ("outcome", "activate"),
        )
        with tab.expect_navigation():
            press("Enter")
        confirmed = walk(tab, {("code", ""): lambda: write("284 913")}, ("action", "confirm"))
        with tab.expect_navigation():
            press("Enter")
    names = list(dict.fromkeys(name for name, _ in way))
    assert names == ["summary", "severity", "teams", "budget", "task_force", "comment", "outcome"]
    assert confirmed == [("code", ""), ("action", "confirm")]
    (_, form), (_, proof) = site.posted
    assert form["severity"] == ["SEV1"]
    assert form["teams"] == ["technical_support", "customer_service"]
    assert form["budget"] == ["50000"]
    assert form["task_force"] == ["head-of-legal"]
    assert form["comment"] == ["Go."]
    assert form["outcome"] == ["activate"]
    assert proof == {"nonce": ["the-nonce"], "challenge": ["1"], "code": ["284 913"], "action": ["confirm"]}


def test_enter_in_the_field_of_the_code_confirms(browser: Browser, site: Site) -> None:
    address = site.show("/d/link", CORRECTED["code"].of("en"))
    with opened(browser, viewport=PHONE, java_script_enabled=False) as (_, tab):
        tab.goto(address)
        tab.get_by_label("Code", exact=True).fill("284913")
        with tab.expect_navigation():
            tab.keyboard.press("Enter")
    ((_, form),) = site.posted
    assert form["action"] == ["confirm"]


def test_a_lost_code_is_sent_again(browser: Browser, site: Site) -> None:
    address = site.show("/d/link", CORRECTED["code"].of("en"))
    with opened(browser, viewport=PHONE, java_script_enabled=False) as (_, tab):
        tab.goto(address)
        with tab.expect_navigation():
            tab.get_by_role("button", name="Mail a new code").click()
    ((_, form),) = site.posted
    assert form == {"nonce": ["the-nonce"], "challenge": ["1"], "action": ["send_again"]}


@pytest.mark.parametrize(
    ("kind", "field", "problem"),
    [
        (DecisionKind.COMPLETE, "measures", "missing"),
        (DecisionKind.ORDERS, "severity", "unknown"),
        (DecisionKind.ORDERS, "teams", "missing"),
        (DecisionKind.ORDERS, "budget", "too_much"),
        (DecisionKind.ORDERS, "task_force", "unknown"),
        (DecisionKind.REVIEW, "comment", "missing"),
    ],
)
def test_the_error_summary_leads_to_the_field(
    kind: DecisionKind, field: str, problem: str, browser: Browser, site: Site
) -> None:
    leads_to(unusable(kind, "zh-Hant", field, problem), field, browser, site)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("unusable-request", "request-quantity"),
        ("unusable-spend", "spend-quantity"),
        ("unusable-skip", "skip-reason"),
        ("unusable-clean-up", "tasks"),
        ("unusable-notice", "reference"),
        ("unusable-file", "file"),
        ("code-wrong", "code"),
        ("code-over", "outcome"),
    ],
)
def test_the_summary_of_any_other_form_does_too(name: str, field: str, browser: Browser, site: Site) -> None:
    leads_to(CORRECTED[name].of("zh-Hant"), field, browser, site)


def leads_to(page: Page, field: str, browser: Browser, site: Site) -> None:
    """The first link on the page leads to the field, which can be seen."""
    address = site.show("/d/link", page)
    with opened(browser, viewport=PHONE) as (_, tab):
        tab.goto(address)
        tab.keyboard.press("Tab")
        tab.keyboard.press("Enter")
        tab.wait_for_function("field => document.activeElement.id === field", arg=field)
        assert tab.locator(f"#{field}").is_visible()


def test_a_form_that_came_back_posts_to_the_same_link_again(browser: Browser, site: Site) -> None:
    address = site.show("/d/link", question(DecisionKind.REVIEW, "en"))
    site.show("/d/link#posted", unusable(DecisionKind.REVIEW, "en", "comment", "missing"))
    with opened(browser, viewport=PHONE) as (_, tab):
        tab.goto(address)
        with tab.expect_navigation():
            tab.get_by_role("button", name="Return for revision").click()
        tab.get_by_label("Remarks").fill("Say why.")
        with tab.expect_navigation():
            tab.get_by_role("button", name="Return for revision").click()
    assert [path for path, _ in site.posted] == ["/d/link", "/d/link"]
    assert site.posted[1][1]["comment"] == ["Say why."]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", ["orders", "complete", "duties", "notice", "upload", "code"])
def test_what_is_to_be_touched_is_large_enough(name: str, locale: str, browser: Browser, site: Site) -> None:
    address = site.show("/d/link", {**QUESTIONS_ASKED, **CORRECTED}[name].of(locale))
    with opened(browser, viewport=PHONE, has_touch=True) as (_, tab):
        tab.goto(address)
        unfold(tab)
        targets = tab.locator("button, select, summary, label.choice, .document, textarea, input:not([type=hidden])")
        for target in targets.all():
            box = target.bounding_box()
            assert box is not None
            is_box_of_choice = target.get_attribute("type") == "checkbox"
            assert box["height"] >= (24 if is_box_of_choice else 44)
            assert box["width"] >= (24 if is_box_of_choice else 44)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_question_its_deadline_and_its_buttons_come_before_all_else(
    locale: str, browser: Browser, site: Site
) -> None:
    """On a phone the answer to the orders is given within two screens, without opening anything."""
    address = site.show("/d/link", QUESTIONS_ASKED["orders"].of(locale))
    with opened(browser, viewport=PHONE) as (_, tab):
        tab.goto(address)
        deadline = tab.locator(".deadline").bounding_box()
        button = tab.locator("button.natural").bounding_box()
        assert deadline is not None
        assert button is not None
        assert deadline["y"] + deadline["height"] <= PHONE["height"]
        assert button["y"] + button["height"] <= 2 * PHONE["height"]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_team_s_page_begins_with_its_tasks_and_folds_the_rest(locale: str, browser: Browser, site: Site) -> None:
    """With a dozen tasks the first begins on the first screen of a phone, and the answer is within four."""
    address = site.show("/d/link", QUESTIONS_ASKED["complete"].of(locale))
    with opened(browser, viewport=PHONE) as (_, tab):
        tab.goto(address)
        first = tab.locator("li.task").first.bounding_box()
        button = tab.locator("button.natural").bounding_box()
        assert first is not None
        assert button is not None
        assert first["y"] + 48 <= PHONE["height"]
        assert button["y"] + button["height"] <= 4 * PHONE["height"]
        assert tab.locator("details[open]").count() == 0


@pytest.mark.parametrize("locale", LOCALES)
def test_a_report_prints_dark_on_white_whatever_the_screen_shows(locale: str, browser: Browser, site: Site) -> None:
    address = site.show("/report", REPORT["report"].of(locale))
    with opened(browser, viewport=DESKTOP, color_scheme="dark") as (_, tab):
        tab.goto(address)
        on_screen = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        tab.emulate_media(media="print", color_scheme="dark")
        assert on_screen == "rgb(20, 23, 26)"
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert tab.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_the_picture_is_told_to_those_who_do_not_see_it(browser: Browser, site: Site) -> None:
    address = site.show("/report", REPORT["report"].of("en"))
    with opened(browser, viewport=PHONE) as (_, tab):
        tab.goto(address)
        picture = tab.get_by_role("img")
        assert picture.count() == 1
        assert picture.get_attribute("aria-labelledby") == "picture-title picture-text"
        assert "The list below says the same in words." in (tab.locator("#picture-text").text_content() or "")
