"""The hotline on pages, in mails and in the report; the agents' sheet; what the hotline says (P6.3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emergency.domain.plan import DEFAULT_PLAYBOOK, Locale
from emergency.domain.terms import DecisionKind, Phase, Risk, Team
from emergency.presentation.answers import answer_sheets
from emergency.presentation.mail import MailWriter
from emergency.presentation.page import PageWriter
from emergency.presentation.public import PublicAnnouncer
from emergency.presentation.report import ReportWriter
from tests.support.calling import the_counts, the_first_notice, the_record_so_far
from tests.support.team_page import team_briefing
from tests.support.telling import (
    LINK,
    LOCALES,
    active_incident,
    company,
    minutes,
    shown,
    the_hotline,
    the_report,
)

PLAN, WORDS = company()
PAGES, MAILS = PageWriter(PLAN, WORDS), MailWriter(PLAN, WORDS)
CONNECTED = replace(the_hotline(), phone_number="n", flow="f", connected_at=minutes(18))
WAITING = replace(CONNECTED, connected_at=None)
BY_HAND = replace(the_hotline(), by_hand=True)


@pytest.mark.parametrize(
    ("hotline", "kind", "told"),
    [
        (CONNECTED, DecisionKind.COMPLETE, "The hotline for this incident is +886 800 000 001."),
        (CONNECTED, DecisionKind.CLEAN_UP, ""),
        (BY_HAND, DecisionKind.ACKNOWLEDGE, "The system can't switch this number"),
        (BY_HAND, DecisionKind.COMPLETE, "The system can't switch this number"),
        (BY_HAND, DecisionKind.CLEAN_UP, "please switch it back to what it had before"),
        (WAITING, DecisionKind.COMPLETE, "not connected on Amazon Connect yet"),
        (replace(BY_HAND, closed_at=minutes(101)), DecisionKind.CLEAN_UP, ""),
    ],
)
def test_customer_service_reads_what_it_has_to_do_with_the_hotline(
    hotline: object, kind: DecisionKind, told: str
) -> None:
    asked = replace(team_briefing(PLAN, kind, "en"), hotline=hotline)  # type: ignore[arg-type]
    page, mail = PAGES.question(shown(asked, after=102)).html, MAILS.question(asked, LINK, minutes(102)).text
    for text in (page, " ".join(mail.split())):
        assert (the_hotline().number in text) == bool(told)
        assert told in text.replace("&#39;", "'")


def test_no_other_team_counts_calls_or_answers_them() -> None:
    for team in Team:
        html = PAGES.question(shown(team_briefing(PLAN, DecisionKind.COMPLETE, "en", team=team))).html
        assert ('href="https://' in html and "/answers" in html) == (team is Team.CUSTOMER_SERVICE)
        assert ('value="calls"' in html) == (team is Team.CUSTOMER_SERVICE)


def test_who_helps_answers_calls_and_does_not_count_them() -> None:
    deputy = PLAN.teams[Team.CUSTOMER_SERVICE].deputies[0]
    html = PAGES.question(shown(team_briefing(PLAN, DecisionKind.COMPLETE, "en", deputy, helps=True))).html
    assert "/answers" in html
    assert 'value="calls"' not in html


def test_the_last_count_of_people_and_of_amazon_connect_stand_by_the_form() -> None:
    asked = replace(team_briefing(PLAN, DecisionKind.CLEAN_UP, "en"), calls=the_counts(PLAN))
    html = PAGES.question(shown(asked, after=103)).html
    assert "On record: calls 1,210, complaints 12 (" in html
    assert "On record: calls 1,198, answered 1,015 (Amazon Connect, 04:50)" in html
    assert "calls 140" not in html


def sheet_of(locale: Locale, record: object = None) -> str:
    told = team_briefing(PLAN, DecisionKind.COMPLETE, locale)
    page = PAGES.answers(shown(told), record or the_record_so_far(PLAN, the_first_notice()))  # type: ignore[arg-type]
    assert page.status == 200
    return page.html


def test_agents_read_the_latest_statement_and_the_answers_in_every_language_of_the_public() -> None:
    later = the_first_notice(Phase.UPDATE, at=40)
    later = replace(later, texts={key: replace(one, title=f"Later {key}") for key, one in later.texts.items()})
    html = sheet_of("en", the_record_so_far(PLAN, later, the_first_notice()))
    assert "Later en" in html
    assert "Later zh-Hant" in html
    assert "Checkout fails for some" not in html
    assert '<section class="sheet" lang="zh-Hant"' in html
    assert "我付款了嗎？訂單成立了嗎？" in html
    assert "Was I charged, and was my order placed?" in html


def test_the_answers_say_when_the_next_update_comes_and_nothing_of_one_once_it_is_over() -> None:
    open_, over = sheet_of("en"), sheet_of("en", the_record_so_far(PLAN, the_first_notice(Phase.RESOLVED)))
    assert "The next update comes by 22 Nov, 03:51 (Taipei time)" in open_
    assert "The next update comes" not in over
    assert "{" not in open_.partition("</style>")[2]
    assert "{" not in over.partition("</style>")[2]


def test_before_anything_is_published_agents_promise_nothing_of_it() -> None:
    html = sheet_of("en", the_record_so_far(PLAN))
    assert "Nothing has been published yet." in html
    assert "目前已知" not in html.partition("<dl>")[0]


def test_r23_a_statement_cannot_bring_markup_to_the_sheet() -> None:
    hostile = the_first_notice()
    texts = {key: replace(one, title="<img src=x>", text="<b>\u202eoops") for key, one in hostile.texts.items()}
    html = sheet_of("en", the_record_so_far(PLAN, replace(hostile, texts=texts)))
    assert "<img" not in html
    assert "\u202e" not in html


def test_an_answer_without_a_hotline_names_customer_service() -> None:
    record = replace(the_record_so_far(PLAN), hotline=None)
    answers = replace(PLAN.communications.answers[Risk.SYSTEM_FAILURE][0], answer={"en": "Call {hotline}."})
    public = replace(PLAN.communications, answers={DEFAULT_PLAYBOOK: (answers,)}, locales=("en",))
    (sheet,) = answer_sheets(record, replace(PLAN, communications=public), WORDS)
    assert sheet.answers[0][1] == "Call our customer service."


@pytest.mark.parametrize("locale", LOCALES)
def test_the_sheet_is_read_in_the_readers_own_language(locale: Locale) -> None:
    assert f'<html lang="{locale}"' in sheet_of(locale)
    assert f"<h1>{WORDS[locale]('page.answers.heading')}</h1>" in sheet_of(locale)


def test_the_hotline_greets_in_each_of_the_publics_languages_in_its_voice() -> None:
    spoken = PublicAnnouncer(PLAN, WORDS).greeting(active_incident(PLAN))
    assert [one.voice.language for one in spoken] == ["cmn-CN", "en-US"]
    assert spoken[0].text.startswith("感謝您致電榕樹市集。")
    assert spoken[1].text.startswith("Thank you for calling Banyan Market.")


def test_a_playbook_without_a_greeting_has_the_default_one_and_a_language_without_a_voice_none() -> None:
    public = PLAN.communications
    default = {"default": {"en": "Since {since}.", "zh-Hant": "自 {since}起。"}}
    plan = replace(PLAN, communications=replace(public, greetings=default, voices={"en": public.voices["en"]}))
    (spoken,) = PublicAnnouncer(plan, WORDS).greeting(active_incident(plan))
    assert spoken.text == "Since 22 Nov, 03:09 (Taipei time)."


@pytest.mark.parametrize(
    ("hotline", "told"),
    [
        (CONNECTED, "has been open since"),
        (replace(BY_HAND, closed_at=minutes(101)), "People switched it by hand."),
        (replace(WAITING, closed_at=minutes(101)), "It was never connected on Amazon Connect."),
    ],
)
def test_the_report_says_how_the_hotline_was_switched(hotline: object, told: str) -> None:
    report = replace(the_report(PLAN), hotline=hotline)  # type: ignore[arg-type]
    html = ReportWriter(PLAN, WORDS).html(report, "en")
    assert told in html
    assert ("by hand" in html) == ("by hand" in told)


def test_the_report_lists_every_count() -> None:
    html = ReportWriter(PLAN, WORDS).html(replace(the_report(PLAN), calls=the_counts(PLAN)), "en")
    assert "Calls and complaints" in html
    for number in ("140", "1,210", "1,198", "1,015"):
        assert f">{number}</td>" in html
    assert "Amazon Connect, 22 Nov, 04:50" in html
    assert "Calls and complaints" not in ReportWriter(PLAN, WORDS).html(the_report(PLAN), "en")
