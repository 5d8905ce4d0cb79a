"""The status page's files: what was published and nothing else, valid for readers, programs and feeds (P6.3; R23)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from emergency.domain.statement import SHOWN_FOR, SiteFile, Statement, Wording
from emergency.domain.terms import Phase
from tests.support.hostile import TEXTS
from tests.support.publicly import PAGES_URL, STATUS_URL, site_writer, the_history, the_site
from tests.support.telling import company, minutes, the_statement

PLAN, _ = company()
HISTORY = the_history(PLAN)
SITE = the_site(*HISTORY)
PAGES = sorted(path for path in SITE if path.endswith(".html"))
FEEDS = [f"{locale}/feed.atom" for locale in PLAN.communications.locales]
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parents[2] / "support" / "atom.rng"))


class Links(HTMLParser):
    """Every address of a page, and every tag and attribute that could run or load something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(values)
        self.links += [str(values[name]) for name in ("href", "src") if name in values]
        self.forms += [str(values["action"])] if "action" in values else []

    def handle_data(self, data: str) -> None:
        self.text += data


def entries(feed: SiteFile) -> list[Any]:
    parsed = feedparser.parse(feed.content.encode())
    assert not parsed.bozo, parsed.get("bozo_exception")
    found: list[Any] = parsed.entries
    return found


class TestFiles:
    def test_there_is_all_that_readers_and_programs_look_for(self) -> None:
        assert {"index.html", "404.html", "status.json"} <= set(SITE)
        for locale in PLAN.communications.locales:
            assert {f"{locale}/{name}" for name in ("index.html", "history.html", "feed.atom")} <= set(SITE)
            assert f"{locale}/incidents/INC-20261122-7F3K.html" in SITE

    def test_what_a_reader_comes_upon_first_is_written_last(self) -> None:
        assert list(SITE)[-1] == "index.html"
        assert list(SITE).index("en/index.html") > list(SITE).index("en/incidents/INC-20261122-7F3K.html")

    def test_the_first_page_is_that_of_the_default_language(self) -> None:
        default = PLAN.communications.locales[0]
        assert f'<html lang="{default}"' in SITE["index.html"].content

    @pytest.mark.parametrize("path", PAGES)
    def test_every_link_leads_to_a_file_of_the_page(self, path: str) -> None:
        links = Links(SITE[path].content).links
        for link in links:
            target = urlsplit(link)
            if target.scheme == "data" or (not target.path and target.fragment):
                continue
            if path == "404.html":
                assert link.startswith(f"{STATUS_URL}/")
                continue
            assert not target.scheme, link
            assert not target.netloc, link
            found = str(PurePosixPath("/", *_resolved(path, target.path)))[1:]
            assert found in SITE, link

    @pytest.mark.parametrize("path", PAGES)
    def test_nothing_runs_and_nothing_is_loaded(self, path: str) -> None:
        read = Links(SITE[path].content)
        assert not read.tags & {"script", "iframe", "object", "embed", "img", "base", "video", "audio"}
        assert not {name for name in read.attributes if name.startswith("on") or name in {"style", "srcset"}}
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', SITE[path].content)
        assert policy
        assert "default-src &#39;none&#39;" in policy[1]
        assert "script-src" not in policy[1]
        assert SITE[path].content.index("Content-Security-Policy") < SITE[path].content.index("<style>")

    @pytest.mark.parametrize("path", ["index.html", "en/index.html"])
    def test_one_subscribes_where_subscribing_is_taken(self, path: str) -> None:
        assert Links(SITE[path].content).forms == [f"{PAGES_URL}/subscribe"]
        assert all(f'name="{name}"' in SITE[path].content for name in ("address", "locale", "website"))
        assert f"form-action {PAGES_URL}" in SITE[path].content

    @pytest.mark.parametrize("path", sorted(SITE))
    def test_nothing_of_the_inside_is_told(self, path: str) -> None:
        for name in ("head-of-marketing", "cto", "approved_by", "system_failure", *PLAN.leadership.deputy_heads):
            assert name not in SITE[path].content

    def test_the_same_history_gives_the_same_files(self) -> None:
        assert the_site(*reversed(HISTORY)) == SITE


def _resolved(path: str, link: str) -> list[str]:
    parts = path.split("/")[:-1]
    for part in link.split("/"):
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return parts


class TestPages:
    def test_what_goes_on_stands_first_with_every_word(self) -> None:
        text = Links(SITE["en/index.html"].content).text
        assert "We are working on a problem" in text
        for statement in HISTORY[-2:]:
            for paragraph in statement.texts["en"].paragraphs:
                assert paragraph in text
        assert text.index("Update · ") < text.index("First notice · ")

    def test_what_is_over_is_told_with_how_long_it_took(self) -> None:
        text = Links(SITE["en/incidents/INC-20261116-2C1D.html"].content).text
        assert "9 hours 20 minutes" in text
        assert "Resolved" in text

    def test_what_nobody_ended_is_not_called_resolved(self) -> None:
        text = Links(SITE["en/incidents/INC-20260912-9Z9Z.html"].content).text
        assert "No further statement" in text
        assert "Resolved" not in text

    def test_without_anything_to_tell_it_says_so(self) -> None:
        site = the_site()
        assert "No known problems" in site["en/index.html"].content
        assert "目前沒有已知的問題" in site["zh-Hant/index.html"].content
        assert "There were none in the last year." in site["en/history.html"].content

    def test_history_ages_out(self) -> None:
        later = minutes(40) + SHOWN_FOR
        assert not [path for path in the_site(*HISTORY, now=later) if "incidents" in path]

    def test_the_last_days_are_told_in_words_too(self) -> None:
        assert "Problems were reported on 3 of the last 90 days." in SITE["en/index.html"].content
        assert SITE["en/index.html"].content.count('class="bad"') == 3

    def test_a_year_is_named_where_it_is_another_one(self) -> None:
        site = the_site(*HISTORY, now=minutes(40) + timedelta(days=60))
        assert "22 Nov 2026, 03:35" in site["en/incidents/INC-20261122-7F3K.html"].content


class TestData:
    def test_programs_read_the_same(self) -> None:
        document = json.loads(SITE["status.json"].content)
        assert document["version"] == 1
        assert document["state"] == "incident"
        assert document["updated_at"] == "2026-11-21T19:40:00+00:00"
        going, over, forgotten = document["incidents"]
        assert [one["state"] for one in (going, over, forgotten)] == ["current", "resolved", "ended"]
        assert going["resolved_at"] is None
        assert going["urls"]["en"] == f"{STATUS_URL}/en/incidents/INC-20261122-7F3K.html"
        assert [one["phase"] for one in going["statements"]] == ["first_notice", "update"]
        assert going["statements"][0]["texts"]["en"]["title"] == "Some customers can't check out at the moment"
        assert set(going["statements"][0]) == {"id", "phase", "published_at", "texts"}
        assert set(going) == {"id", "state", "urls", "began_at", "resolved_at", "statements"}

    def test_a_page_that_tells_nothing_is_normal(self) -> None:
        document = json.loads(the_site()["status.json"].content)
        assert (document["state"], document["incidents"]) == ("normal", [])


class TestFeed:
    @pytest.mark.parametrize("path", FEEDS)
    def test_it_is_what_rfc_4287_asks_for(self, path: str) -> None:
        feed = etree.fromstring(SITE[path].content.encode())
        SCHEMA.assertValid(feed)
        assert (feed.get("{http://www.w3.org/XML/1998/namespace}lang"), SITE[path].content_type) == (
            path.split("/", maxsplit=1)[0],
            "application/atom+xml; charset=utf-8",
        )

    def test_the_schema_finds_what_is_missing(self) -> None:
        feed = etree.fromstring(SITE[FEEDS[0]].content.encode())
        for name in ("id", "updated", "title", "author"):
            broken = etree.fromstring(etree.tostring(feed))
            found = broken.find(f"{{http://www.w3.org/2005/Atom}}{name}")
            assert found is not None
            broken.remove(found)
            assert not SCHEMA.validate(broken)

    def test_the_latest_statement_stands_first_and_links_to_its_page(self) -> None:
        first, *rest = entries(SITE["en/feed.atom"])
        assert first.title == "Most orders go through again"
        assert first.link == f"{STATUS_URL}/en/incidents/INC-20261122-7F3K.html#statement-7f3ku"
        assert "<p>Seven of ten orders go through again." in first.content[0].value
        assert len(rest) == len(HISTORY) - 1

    def test_an_id_is_an_entry_s_own_and_stays(self) -> None:
        ids = [entry.id for path in FEEDS for entry in entries(SITE[path])]
        assert len(set(ids)) == len(ids) == len(FEEDS) * len(HISTORY)
        later = the_site(*HISTORY, now=minutes(4_000))
        assert [entry.id for path in FEEDS for entry in entries(later[path])] == ids

    def test_it_knows_itself_and_the_page(self) -> None:
        feed = feedparser.parse(SITE["en/feed.atom"].content.encode()).feed
        assert {link.rel: link.href for link in feed.links} == {
            "self": f"{STATUS_URL}/en/feed.atom",
            "alternate": f"{STATUS_URL}/en/index.html",
        }
        assert feed.updated.startswith("2026-11-21T19:40:00")

    def test_an_empty_feed_is_valid_and_as_old_as_its_page(self) -> None:
        feed = the_site()["en/feed.atom"].content
        SCHEMA.assertValid(etree.fromstring(feed.encode()))
        assert not entries(the_site()["en/feed.atom"])
        assert "2026-11-21T19:49:00" in feed

    def test_it_does_not_grow_for_ever(self) -> None:
        many = [the_statement(PLAN, id=f"statement-{n}", published_at=minutes(n)) for n in range(80)]
        found = entries(the_site(*many, now=minutes(90))["en/feed.atom"])
        assert (len(found), found[0].id.rsplit("/")[-2]) == (50, "statement-79")


def unread(text: str) -> Statement:
    """A statement whose texts were never read: as if something had got around the form."""
    return the_statement(PLAN, texts={"en": Wording(title=text, text=text), "zh-Hant": Wording(title=text, text=text)})


def check_harmless(statement: Statement) -> None:
    site = the_site(statement)
    clean = the_site(replace(statement, texts=dict.fromkeys(statement.texts, Wording(title="t", text="t"))))
    for path, file in site.items():
        file.content.encode()
        if path.endswith(".html"):
            assert Links(file.content).tags <= Links(clean[path].content).tags | {"p", "h2", "h4"}
            assert Links(file.content).attributes == Links(clean[path].content).attributes
        elif path.endswith(".atom"):
            SCHEMA.assertValid(etree.fromstring(file.content.encode()))
            for entry in entries(file):
                assert set(re.findall(r"<([a-z]+)", entry.content[0].value)) <= {"p", "br"}
        else:
            json.loads(file.content)


@pytest.mark.parametrize("text", TEXTS)
def test_r23_hostile_text_stays_text(text: str) -> None:
    check_harmless(unread(text))


@given(st.text(max_size=200))
def test_r23_any_text_stays_text(text: str) -> None:
    check_harmless(unread(text))


@pytest.mark.parametrize("phase", Phase)
def test_every_language_has_every_phase(phase: Phase) -> None:
    for locale in ("en", "zh-Hant", "zh-Hans"):
        files = site_writer(locale).files([the_statement(PLAN, phase=phase)], minutes(40))
        assert {file.path for file in files if "incidents" in file.path} == {
            f"{locale}/incidents/INC-20261122-7F3K.html"
        }
