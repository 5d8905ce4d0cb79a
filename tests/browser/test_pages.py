"""Pages, mails and reports in a real browser: they fit, they can be read and worked by everyone, they post what they show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize
from playwright.sync_api import Page as Tab

from emergency.domain.decision import QUESTIONS
from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import Contact
from emergency.domain.terms import DecisionKind
from emergency.presentation.mail import MailWriter
from emergency.presentation.page import Page, PageWriter
from emergency.presentation.report import ReportWriter
from tests.browser.conftest import Site
from tests.support.telling import (
    ALL_KINDS,
    LINK,
    LOCALES,
    active_incident,
    company,
    empty_report,
    minutes,
    settled_decision,
    the_assignment,
    the_decision,
    the_hotline,
    the_incident,
    the_report,
    the_timeline,
)

PLAN, WORDS = company()
PAGES, MAILS, REPORTS = PageWriter(PLAN, WORDS), MailWriter(PLAN, WORDS), ReportWriter(PLAN, WORDS)
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESKTOP = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=800)
NARROW = ViewportSize(width=320, height=256)
"""What is left of 1280 by 1024 at 400 percent."""


def head(locale: str) -> Contact:
    return replace(PLAN.contact(PLAN.leadership.head), locale=locale)


def question(kind: DecisionKind, locale: str) -> Page:
    decision = the_decision(PLAN, kind, level=1 if kind is DecisionKind.ORDERS else 0)
    return PAGES.question(
        the_incident() if kind is DecisionKind.ORDERS else active_incident(PLAN),
        decision,
        replace(PLAN.contact(decision.rungs[decision.level][0]), locale=locale),
        nonce="the-nonce",
        url=LINK,
        now=minutes(4),
        timeline=the_timeline(PLAN)[:9],
        assignment=the_assignment(PLAN),
        hotline=the_hotline(),
    )


def unusable(kind: DecisionKind, locale: str, field: str, problem: str) -> Page:
    return PAGES.unusable(
        active_incident(PLAN),
        the_decision(PLAN, kind),
        head(locale),
        nonce="the-nonce",
        url=LINK,
        now=minutes(4),
        form={"measures": ["  "]},
        error=UnusableAnswer(field, problem),
    )


def mail(kind: DecisionKind, locale: str) -> Page:
    decision = the_decision(PLAN, kind)
    contact = replace(PLAN.contact(decision.rungs[0][0]), locale=locale)
    written = MAILS.question(
        active_incident(PLAN), decision, contact, LINK, minutes(4), the_assignment(PLAN), the_hotline()
    )
    return Page(status=200, html=written.html)


def recorded(locale: str) -> Page:
    decision = settled_decision(PLAN, DecisionKind.COMPLETE)
    return PAGES.recorded(active_incident(PLAN), decision, head(locale), now=minutes(12))


def settled(locale: str) -> Page:
    decision = settled_decision(PLAN, DecisionKind.ORDERS, "")
    return PAGES.settled(active_incident(PLAN), decision, head(locale), now=minutes(30), posted=True)


def report(locale: str) -> Page:
    return Page(status=200, html=REPORTS.html(the_report(PLAN), locale))


def report_of_nothing(locale: str) -> Page:
    return Page(status=200, html=REPORTS.html(empty_report(PLAN), locale))


def documents() -> Mapping[str, Callable[[], Page]]:
    """Every document that people are shown, by name."""
    told: dict[str, Callable[[], Page]] = {"unknown": PAGES.unknown, "forged": PAGES.forged, "busy": PAGES.busy}
    for locale in LOCALES:
        told |= {f"question-{kind}-{locale}": partial(question, kind, locale) for kind in ALL_KINDS}
        told |= {
            f"mail-{locale}": partial(mail, DecisionKind.ACKNOWLEDGE, locale),
            f"unusable-teams-{locale}": partial(unusable, DecisionKind.ORDERS, locale, "teams", "missing"),
            f"unusable-outcome-{locale}": partial(unusable, DecisionKind.ORDERS, locale, "outcome", "missing"),
            f"unusable-measures-{locale}": partial(unusable, DecisionKind.COMPLETE, locale, "measures", "missing"),
            f"recorded-{locale}": partial(recorded, locale),
            f"settled-{locale}": partial(settled, locale),
            f"report-{locale}": partial(report, locale),
            f"report-of-nothing-{locale}": partial(report_of_nothing, locale),
        }
    return told


DOCUMENTS = documents()


Screen = tuple[ViewportSize, Literal["light", "dark"]]
SCREENS: tuple[tuple[Screen, Screen], ...] = (
    ((PHONE, "light"), (DESKTOP, "dark")),
    ((PHONE, "dark"), (DESKTOP, "light")),
)
"""One pair for documents in English, the other for those in Chinese: each kind of document is seen on all four."""


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[tuple[BrowserContext, Tab]]:
    context = browser.new_context(**options)
    yield context, context.new_page()
    context.close()


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


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_fits_and_hinders_nobody(name: str, browser: Browser, site: Site) -> None:
    address = site.show(f"/{name}", DOCUMENTS[name]())
    is_mail = name.startswith("mail")
    with opened(browser, bypass_csp=is_mail) as (_, tab):
        complaints = listened(tab)
        tab.goto(address)
        for viewport, scheme in SCREENS["-zh-" in name]:
            tab.set_viewport_size(viewport)
            tab.emulate_media(color_scheme=scheme)
            assert sideways(tab) == 0
            if not is_mail:
                assert axe(tab) == []
        tab.set_viewport_size(NARROW)
        assert sideways(tab) == 0
        # What the server answers is told on the console too; anything else there is a fault of the page.
        assert [line for line in complaints if "status of" not in line] == []


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.startswith("mail")])
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
        for area in tab.locator("textarea").all():
            area.fill("第一行\nsecond <line> & more")
        with tab.expect_navigation():
            tab.locator("button.natural").click()
    ((path, form),) = site.posted
    assert path == "/d/link"
    assert form.pop("nonce") == ["the-nonce"]
    assert form.pop("outcome") == [QUESTIONS[kind].outcomes[0].value]
    if kind is DecisionKind.ORDERS:
        assert form.pop("severity") == ["SEV2"]
        assert form.pop("teams") == ["technical_support", "customer_service", "public_relations"]
    assert set(form) == set(QUESTIONS[kind].texts)
    for values in form.values():
        assert values == ["第一行\r\nsecond <line> & more"]


def test_an_answer_can_be_given_by_keyboard_alone(browser: Browser, site: Site) -> None:
    address = site.show("/d/link", question(DecisionKind.ORDERS, "en"))
    with opened(browser, viewport=DESKTOP) as (_, tab):
        tab.goto(address)
        visited = []
        for _ in range(20):
            tab.keyboard.press("Tab")
            focused = tab.evaluate("[document.activeElement.name, document.activeElement.value]")
            visited.append(tuple(focused))
            assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            if focused == ["severity", "SEV2"]:
                tab.keyboard.press("ArrowUp")
            if focused == ["teams", "public_relations"]:
                tab.keyboard.press("Space")
            if focused[0] == "comment":
                tab.keyboard.type("Go.")
            if focused == ["outcome", "stand_down"]:
                break
        tab.keyboard.press("Shift+Tab")
        with tab.expect_navigation():
            tab.keyboard.press("Enter")
    assert [name for name, _ in visited] == ["severity", *["teams"] * 4, "comment", "outcome", "outcome"]
    ((_, form),) = site.posted
    assert form["severity"] == ["SEV1"]
    assert form["teams"] == ["technical_support", "customer_service"]
    assert form["comment"] == ["Go."]
    assert form["outcome"] == ["activate"]


@pytest.mark.parametrize(
    ("kind", "field", "problem"),
    [
        (DecisionKind.COMPLETE, "measures", "missing"),
        (DecisionKind.ORDERS, "severity", "unknown"),
        (DecisionKind.ORDERS, "teams", "missing"),
        (DecisionKind.REVIEW, "comment", "missing"),
    ],
)
def test_the_error_summary_leads_to_the_field(
    kind: DecisionKind, field: str, problem: str, browser: Browser, site: Site
) -> None:
    address = site.show("/d/link", unusable(kind, "zh-Hant", field, problem))
    with opened(browser, viewport=PHONE) as (_, tab):
        tab.goto(address)
        tab.keyboard.press("Tab")
        tab.keyboard.press("Enter")
        tab.wait_for_function("field => document.activeElement.id === field", arg=field)


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
def test_what_is_to_be_touched_is_large_enough(locale: str, browser: Browser, site: Site) -> None:
    address = site.show("/d/link", question(DecisionKind.ORDERS, locale))
    with opened(browser, viewport=PHONE, has_touch=True) as (_, tab):
        tab.goto(address)
        for target in tab.locator("button, select, label.choice").all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 44
            assert box["width"] >= 44


@pytest.mark.parametrize("locale", LOCALES)
def test_a_report_prints_dark_on_white_whatever_the_screen_shows(locale: str, browser: Browser, site: Site) -> None:
    address = site.show("/report", report(locale))
    with opened(browser, viewport=DESKTOP, color_scheme="dark") as (_, tab):
        tab.goto(address)
        on_screen = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        tab.emulate_media(media="print", color_scheme="dark")
        assert on_screen == "rgb(20, 23, 26)"
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert tab.pdf(prefer_css_page_size=True).startswith(b"%PDF")


@pytest.mark.parametrize(("locale", "script"), [("en", "TC"), ("zh-Hant", "TC"), ("zh-Hans", "SC")])
@pytest.mark.parametrize("document", [partial(question, DecisionKind.CLEAN_UP), report], ids=["question", "report"])
def test_chinese_is_set_in_the_font_of_its_script(
    document: Callable[[str], Page], locale: str, script: str, browser: Browser, site: Site
) -> None:
    address = site.show("/d/link", document(locale))
    with opened(browser, viewport=PHONE) as (_, tab):
        tab.goto(address)
        fonts = tab.evaluate(
            "[...document.body.querySelectorAll('*')].map(element => getComputedStyle(element).fontFamily)"
        )
        assert {font for family in fonts for font in ("TC", "SC") if f"PingFang {font}" in family} == {script}


@pytest.mark.parametrize("own", LOCALES)
def test_a_notice_in_every_language_sets_each_in_its_own_font(own: str, browser: Browser, site: Site) -> None:
    plan = replace(PLAN, company=replace(PLAN.company, locale=own))
    address = site.show("/d/nobody", PageWriter(plan, WORDS).unknown())
    with opened(browser, viewport=PHONE) as (_, tab):
        tab.goto(address)
        for locale, font in (("zh-Hant", "PingFang TC"), ("zh-Hans", "PingFang SC")):
            family = tab.locator(f"div[lang={locale}] p").evaluate("element => getComputedStyle(element).fontFamily")
            assert font in family


def test_the_picture_is_told_to_those_who_do_not_see_it(browser: Browser, site: Site) -> None:
    address = site.show("/report", report("en"))
    with opened(browser, viewport=PHONE) as (_, tab):
        tab.goto(address)
        picture = tab.get_by_role("img")
        assert picture.count() == 1
        assert picture.get_attribute("aria-labelledby") == "picture-title picture-text"
        assert "The list below says the same in words." in (tab.locator("#picture-text").text_content() or "")
