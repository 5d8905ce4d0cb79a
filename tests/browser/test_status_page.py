"""The status page in a browser: every page of it, in every language, without script, and the way from one to another."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from emergency.presentation.templating import Page
from tests.browser.conftest import Site
from tests.browser.test_pages import DESKTOP, NARROW, PHONE, axe, listened, opened, sideways
from tests.support.publicly import the_history, the_site
from tests.support.telling import company

PLAN, _ = company()
FILES = the_site(*the_history(PLAN))
PAGES = sorted(path for path in FILES if path.endswith(".html"))
LOCALES = PLAN.communications.locales


@pytest.fixture
def status(site: Site, tmp_path: Path) -> str:
    """The address of the whole site, served as static files."""
    for path, file in FILES.items():
        site.show(f"/{path}", Page(status=200, html=file.content))
    return site.address


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_and_hinders_nobody(path: str, browser: Browser, status: str) -> None:
    with opened(browser) as (_, tab):
        complaints = listened(tab)
        tab.goto(f"{status}/{path}")
        for viewport in (PHONE, DESKTOP):
            tab.set_viewport_size(viewport)
            for scheme in ("light", "dark"):
                tab.emulate_media(color_scheme=scheme)
                assert sideways(tab) == 0
                assert axe(tab) == []
        tab.set_viewport_size(NARROW)
        assert sideways(tab) == 0
        assert complaints == []


def test_one_goes_from_news_to_an_incident_to_history_and_to_the_other_language(browser: Browser, status: str) -> None:
    with opened(browser, viewport=PHONE, java_script_enabled=False) as (_, tab):
        tab.goto(f"{status}/en/index.html")
        tab.get_by_role("link", name="Some customers can't check out at the moment").click()
        assert tab.url == f"{status}/en/incidents/INC-20261122-7F3K.html"
        assert tab.get_by_text("Seven of ten orders go through again.").is_visible()
        tab.get_by_role("link", name="All incidents of the last year").click()
        tab.get_by_role("link", name="Parcels to the south are late").click()
        tab.get_by_role("link", name="繁體中文").click()
        assert tab.url == f"{status}/zh-Hant/incidents/INC-20261116-2C1D.html"
        tab.get_by_role("link", name="回到服務狀態頁").click()
        assert tab.url == f"{status}/zh-Hant/index.html"


def test_the_root_leads_on_like_the_page_of_its_language(browser: Browser, status: str) -> None:
    with opened(browser, viewport=DESKTOP, java_script_enabled=False) as (_, tab):
        tab.goto(f"{status}/index.html")
        tab.get_by_role("link", name="English").click()
        assert tab.url == f"{status}/en/index.html"


def test_on_paper_nothing_is_lost_that_was_said(browser: Browser, status: str) -> None:
    with opened(browser, viewport=DESKTOP, java_script_enabled=False) as (_, tab):
        tab.goto(f"{status}/en/incidents/INC-20261122-7F3K.html")
        tab.emulate_media(media="print")
        assert tab.get_by_text("nobody is charged twice").is_visible()


def test_whoever_uses_a_keyboard_can_skip_to_the_content(browser: Browser, status: str) -> None:
    with opened(browser, viewport=DESKTOP) as (_, tab):
        tab.goto(f"{status}/en/index.html")
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.className") == "skip"
        assert tab.evaluate("document.activeElement.getBoundingClientRect().top") >= 0


@pytest.mark.parametrize("locale", LOCALES)
def test_the_field_for_programs_is_out_of_sight_and_out_of_reach(locale: str, browser: Browser, status: str) -> None:
    with opened(browser, viewport=PHONE) as (_, tab):
        tab.goto(f"{status}/{locale}/index.html")
        field = tab.locator("[name=website]")
        assert field.get_attribute("tabindex") == "-1"
        box = field.bounding_box()
        assert box is None or box["x"] + box["width"] < 0
