"""Mails: what they say in which order, in the reader's language, and that nothing from outside can bend them."""

from __future__ import annotations

import re
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from emergency.domain.plan import Contact
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.ports import Mail
from emergency.presentation.mail import MailWriter
from tests.support.hostile import HEADER, LONG, TEXTS, assert_harmless, assert_no_secrets, hostile_incident
from tests.support.telling import (
    ALL_KINDS,
    LINK,
    LOCALES,
    active_incident,
    company,
    minutes,
    the_assignment,
    the_decision,
    the_hotline,
    the_incident,
)

PLAN, WORDS = company()
MAILS = MailWriter(PLAN, WORDS)


def reader(locale: str, contact: str = "") -> Contact:
    return replace(PLAN.contact(contact or PLAN.leadership.head), locale=locale)


def mail(kind: DecisionKind, locale: str = "en", **changes: object) -> Mail:
    decision = the_decision(PLAN, kind, **changes)
    incident = the_incident() if kind is DecisionKind.ORDERS else active_incident(PLAN)
    contact = reader(locale, decision.rungs[decision.level][0])
    assignment = the_assignment(PLAN) if decision.team else None
    return MAILS.question(incident, decision, contact, LINK, minutes(4), assignment, the_hotline())


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_each_question_has_a_mail_in_each_language(kind: DecisionKind, locale: str) -> None:
    written = mail(kind, locale)
    assert f'lang="{locale}"' in written.html
    assert written.html.count(LINK) == 1
    assert f"\n{LINK}\n" in written.text
    assert "INC-20261122-7F3K" in written.subject
    assert len(written.subject) <= 200
    assert "<table" not in written.html
    assert written.headers == {
        "X-Emergency-Incident": "INC-20261122-7F3K",
        "X-Emergency-Decision": the_decision(PLAN, kind).id,
        "X-Emergency-Rung": "0",
    }


def test_the_measure_of_a_mail() -> None:
    written = mail(DecisionKind.ORDERS)
    assert written.subject == "[SEV2] Checkout failing since 03:09: activate the plan? (INC-20261122-7F3K)"
    order = [
        "Checkout failing since 03:09 (Taipei time).",
        "We propose to activate the plan at severity II and call technical support, customer service and public relations.",
        "Decide by 03:31. If nobody has answered by then, the deputy heads are asked.",
        LINK,
    ]
    places = [written.text.index(part) for part in order]
    assert places == sorted(places)


def test_the_measure_of_a_mail_in_chinese() -> None:
    written = mail(DecisionKind.ORDERS, "zh-Hant")
    assert written.subject == "【重大】03:09 起結帳失敗，是否啟動預案？（INC-20261122-7F3K）"
    assert "03:09（台北時間）起結帳失敗。" in written.text
    assert "建議以「重大」等級啟動預案，並召集技術支持組、客戶服務組與公關發言組。" in written.text
    assert "請在 03:31 前決定。逾時未答覆，將改請副組長決定。" in written.text


def test_the_measure_of_a_mail_in_simplified_chinese() -> None:
    written = mail(DecisionKind.ORDERS, "zh-Hans")
    assert written.subject == "【重大】03:09 起结算失败，是否启动预案？（INC-20261122-7F3K）"
    assert "03:09（台北时间）起结算失败。" in written.text
    assert "建议按“重大”级别启动预案，并召集技术支持组、客户服务组和公关发言组。" in written.text
    assert "请在 03:31 前决定。超时未答复，将改请副组长决定。" in written.text


@pytest.mark.parametrize(("locale", "font"), [("en", "TC"), ("zh-Hant", "TC"), ("zh-Hans", "SC")])
def test_a_mail_is_set_in_the_font_of_its_script(locale: str, font: str) -> None:
    html = mail(DecisionKind.ORDERS, locale).html
    assert {family[-2:] for family in re.findall(r"'((?:PingFang|Noto Sans) \w+)'", html)} == {font}
    assert ("'Microsoft YaHei'" in html) == (locale == "zh-Hans")


def test_the_last_rung_says_what_the_plan_does_instead() -> None:
    last = len(PLAN.ladder(DecisionKind.ORDERS, None)) - 1
    assert "the plan is activated at severity II" in mail(DecisionKind.ORDERS, level=last).text
    silent = mail(DecisionKind.ORDERS, level=last, on_silence=Outcome.STAND_DOWN).text
    assert "the incident is stood down" in silent


def test_a_later_rung_says_who_stayed_silent_and_who_is_asked_besides() -> None:
    text = mail(DecisionKind.ORDERS, level=1).text
    assert "No answer came from Lin Shu-yu (chief executive officer) in time" in text
    assert "is asked at the same time" in text


def test_a_team_reads_its_tasks_with_their_targets_and_customer_service_its_hotline() -> None:
    text = mail(DecisionKind.ACKNOWLEDGE).text
    assert "1. By 03:34: Open the hotline" in text
    assert "3. Collect complaints" in text
    assert "+886 800 000 001" in text
    other = mail(DecisionKind.ACKNOWLEDGE, team=Team.TECHNICAL_SUPPORT, rungs=(("chief-technology-officer",),)).text
    assert "+886 800 000 001" not in other


def test_a_reader_whose_language_has_no_words_is_written_to_in_the_companys() -> None:
    written = MAILS.question(the_incident(), the_decision(PLAN, DecisionKind.ORDERS), reader("fr"), LINK, minutes(4))
    assert f'lang="{PLAN.company.locale}"' in written.html


@pytest.mark.parametrize("text", TEXTS, ids=["markup", "template", "turned", "header", "long"])
@pytest.mark.parametrize("locale", LOCALES)
def test_r23_text_from_outside_is_harmless_in_mails(text: str, locale: str) -> None:
    for kind in ALL_KINDS:
        incident = hostile_incident(active_incident(PLAN), text)
        assert incident.orders is not None
        incident = replace(incident, orders=replace(incident.orders, comment=text))
        written = MAILS.question(
            incident, the_decision(PLAN, kind), reader(locale), LINK, minutes(4), the_assignment(PLAN)
        )
        assert_harmless(written.html)
        written.text.encode("utf-8")
        assert len(written.subject) <= 200
        assert written.subject.isprintable()
        assert len(written.text) < 5_000
        message = EmailMessage(policy=SMTP)
        message["Subject"] = written.subject
        for name, value in written.headers.items():
            message[name] = value
        assert "Bcc" not in dict(message.items())


def test_r23_a_hostile_id_never_breaks_a_header() -> None:
    decision = the_decision(PLAN, DecisionKind.ORDERS, id=HEADER)
    written = MAILS.question(replace(the_incident(), id=HEADER), decision, reader("en"), LINK, minutes(4))
    for value in (written.subject, *written.headers.values()):
        assert "\n" not in value
        assert "\r" not in value


def test_a_long_title_is_cut_so_that_the_subject_keeps_its_id() -> None:
    incident = replace(the_incident(), title=dict.fromkeys(LOCALES, LONG))
    written = MAILS.question(incident, the_decision(PLAN, DecisionKind.ORDERS), reader("en"), LINK, minutes(4))
    assert written.subject.endswith("(INC-20261122-7F3K)")


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_r3_no_secret_reaches_a_mail(kind: DecisionKind) -> None:
    assert_no_secrets(repr(mail(kind)))
