"""Mails: what they say in which order, in the reader's language, and that nothing from outside can bend them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from emergency.domain.answer import QUESTIONS, TEXT_LIMIT
from emergency.domain.assignment import AssignedTask
from emergency.domain.briefing import Briefing
from emergency.domain.decision import CutShort
from emergency.domain.notification import DueTask, Notification, NotificationKind
from emergency.domain.terms import DecisionKind, Factor, Outcome, Step, Team
from emergency.ports import Mail
from emergency.presentation.letter import Letter
from emergency.presentation.mail import MailWriter
from tests.support.hostile import HEADER, LONG, TEXTS, assert_harmless, assert_no_secrets, hostile_incident
from tests.support.teams_at_work import TEAM, the_notification, the_tasks
from tests.support.telling import (
    ALL_KINDS,
    LINK,
    LOCALES,
    active_incident,
    briefing,
    company,
    minutes,
    settled_decision,
    the_challenge,
    the_decision,
    the_incident,
    the_vote,
)

PLAN, WORDS = company()
MAILS = MailWriter(PLAN, WORDS)
HEAD, FIRST_DEPUTY = PLAN.leadership.head, PLAN.leadership.deputy_heads[0]
CODE = "284913"


def told(kind: DecisionKind, locale: str = "en", *, level: int = 0, **changes: object) -> Briefing:
    return briefing(PLAN, the_decision(PLAN, kind, level=level, **changes), locale)


def question(kind: DecisionKind, locale: str = "en", *, level: int = 0, **changes: object) -> Mail:
    return MAILS.question(told(kind, locale, level=level, **changes), LINK, minutes(4))


def reminder(kind: DecisionKind, locale: str = "en") -> Mail:
    return MAILS.question(told(kind, locale), LINK, minutes(10), reminder=True)


def code(kind: DecisionKind, locale: str = "en") -> Mail:
    about = told(kind, locale)
    return MAILS.code(about, CODE, the_challenge(PLAN, kind, about.contact.id), minutes(6))


def settled(kind: DecisionKind, locale: str = "en", by: str | None = None) -> Mail:
    return MAILS.settled(briefing(PLAN, settled_decision(PLAN, kind, by), locale, "head-of-logistics"), minutes(13))


WRITTEN: dict[str, Callable[..., Mail]] = {
    "question": question,
    "reminder": reminder,
    "code": code,
    "settled": settled,
}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("purpose", WRITTEN)
def test_every_mail_is_written_for_each_question_in_each_language(
    purpose: str, kind: DecisionKind, locale: str
) -> None:
    written = WRITTEN[purpose](kind, locale)
    assert f'lang="{locale}"' in written.html
    assert "INC-20261122-7F3K" in written.subject
    assert len(written.subject) <= 200
    assert "<table" not in written.html
    assert not re.search(r"\{\w+\}", written.subject + written.text)
    assert written.headers == {
        "X-Emergency-Incident": "INC-20261122-7F3K",
        "X-Emergency-Decision": the_decision(PLAN, kind).id,
        "X-Emergency-Rung": "0",
        "X-Emergency-Purpose": purpose,
    }
    assert written.tags == {
        "incident": "INC-20261122-7F3K",
        "decision": the_decision(PLAN, kind).id,
        "contact": written.to.id,
        "level": "0",
        "purpose": purpose,
    }
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", value) for value in written.tags.values())


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_only_the_mails_that_ask_hold_the_link(kind: DecisionKind) -> None:
    for written in (question(kind), reminder(kind)):
        assert written.html.count(LINK) == 1
        assert f"\n{LINK}\n" in written.text
    for written in (code(kind), settled(kind)):
        assert "href" not in written.html
        assert "://" not in written.text


def test_each_mail_of_a_question_has_a_name_of_its_own() -> None:
    ack = DecisionKind.ACKNOWLEDGE
    lead = PLAN.teams[Team.CUSTOMER_SERVICE].lead
    about = "INC-20261122-7F3K-acknowledge-customer_service"
    assert question(ack).name == f"{about}-0-{lead}"
    assert reminder(ack).name == f"{about}-0-{lead}-reminder"
    assert code(ack).name == f"{about}-code-1-{lead}"
    assert settled(ack).name == f"{about}-settled-head-of-logistics"
    assert {WRITTEN[purpose](ack).thread for purpose in WRITTEN} == {"INC-20261122-7F3K"}


def test_the_measure_of_a_mail() -> None:
    written = question(DecisionKind.ORDERS)
    assert written.subject == "[SEV2] Checkout failing since 03:09: activate the plan? (INC-20261122-7F3K)"
    order = [
        "Checkout failing since 03:09 (Taipei time).",
        "We propose to activate the plan at severity II and call technical support, customer service and public relations.",
        "Decide by 03:23. If nobody has answered by then, the deputy heads are asked.",
        LINK,
    ]
    places = [written.text.index(part) for part in order]
    assert places == sorted(places)


def test_the_measure_of_a_mail_in_chinese() -> None:
    written = question(DecisionKind.ORDERS, "zh-Hant")
    assert written.subject == "【重大】03:09 起結帳失敗，是否啟動預案？（INC-20261122-7F3K）"
    assert "03:09（台北時間）起結帳失敗。" in written.text
    assert "建議以「重大」等級啟動預案，並召集技術支持組、客戶服務組與公關發言組。" in written.text
    assert "請在 03:23 前決定。逾時未答覆，將改請副組長決定。" in written.text


def test_the_measure_of_a_mail_in_simplified_chinese() -> None:
    written = question(DecisionKind.ORDERS, "zh-Hans")
    assert written.subject == "【重大】03:09 起结算失败，是否启动预案？（INC-20261122-7F3K）"
    assert "03:09（台北时间）起结算失败。" in written.text
    assert "建议按“重大”级别启动预案，并召集技术支持组、客户服务组和公关发言组。" in written.text
    assert "请在 03:23 前决定。超时未答复，将改请副组长决定。" in written.text


@pytest.mark.parametrize(("locale", "font"), [("en", "TC"), ("zh-Hant", "TC"), ("zh-Hans", "SC")])
def test_a_mail_is_set_in_the_font_of_its_script(locale: str, font: str) -> None:
    html = question(DecisionKind.ORDERS, locale).html
    assert {family[-2:] for family in re.findall(r"'((?:PingFang|Noto Sans) \w+)'", html)} == {font}
    assert ("'Microsoft YaHei'" in html) == (locale == "zh-Hans")


def test_the_last_rung_says_what_the_plan_does_instead() -> None:
    last = the_decision(PLAN, DecisionKind.ORDERS).levels - 1
    assert "the plan is activated at severity II" in question(DecisionKind.ORDERS, level=last).text
    silent = question(DecisionKind.ORDERS, level=last, on_silence=Outcome.STAND_DOWN).text
    assert "the incident is stood down" in silent


def test_a_later_rung_says_who_stayed_silent_and_who_is_asked_besides() -> None:
    text = question(DecisionKind.ORDERS, level=1).text
    assert "No answer came from Lin Shu-yu (chief executive officer) in time. You are asked now." in text
    assert "is asked at the same time. The first answer counts." in text


def test_where_several_must_agree_nobody_is_told_that_the_first_answer_counts() -> None:
    rungs = ((HEAD, FIRST_DEPUTY),)
    text = question(DecisionKind.ORDERS, rungs=rungs, needed=2).text
    assert "2 people must give the same answer before it counts." in text
    assert "first answer" not in text


def test_a_question_handed_over_says_by_whom() -> None:
    handed_over = (the_decision(PLAN, DecisionKind.ACKNOWLEDGE).rungs[0][0],)
    text = question(DecisionKind.ACKNOWLEDGE, level=1, handed_over=handed_over).text
    assert "Chang Hui-wen (head of customer service) handed this over. You are asked now." in text
    assert "No answer" not in text


def test_a_team_reads_its_tasks_with_their_targets_and_customer_service_its_hotline() -> None:
    text = question(DecisionKind.ACKNOWLEDGE).text
    assert "1. By 03:34: Open the hotline" in text
    assert "3. Collect complaints" in text
    assert "+886 800 000 001" in text
    other = question(DecisionKind.ACKNOWLEDGE, team=Team.TECHNICAL_SUPPORT).text
    assert "+886 800 000 001" not in other


def test_a_question_lists_what_is_still_to_do_with_whoever_has_it_and_what_is_late() -> None:
    about = told(DecisionKind.COMPLETE)
    assert about.assignment is not None
    done, *rest = the_tasks(PLAN)
    tasks = (replace(done, done_at=minutes(20), done_by=done.owner), *rest)
    clean_up = AssignedTask(id="archive", text={"zh-Hant": "封存", "en": "Archive the chats."}, step=Step.SITE_CLEAN_UP)
    assignment = replace(about.assignment, tasks=(*tasks, clean_up))
    text = MAILS.question(replace(about, assignment=assignment), LINK, minutes(45)).text
    assert "Open the hotline" not in text
    assert "1. Was due at 03:49: Publish the holding reply for chat and e-mail.\n2. Collect" in text
    assert "and hand them to finance.\n   Yang Chih-wei (service quality officer)" in text
    assert "Archive" not in text
    asked = replace(told(DecisionKind.CLEAN_UP), assignment=assignment)
    assert "1. Archive the chats." in MAILS.question(asked, LINK, minutes(110)).text


def test_a_release_says_who_asks_for_what_and_why() -> None:
    written = question(DecisionKind.RELEASE)
    assert "release customer-service agents on standby (6 people) to customer service?" in written.subject
    assert (
        "Chang Hui-wen (head of customer service) asks for customer-service agents on standby (6 people)"
        in written.text
    )
    assert "Reason: “The Hong Kong centre is full until the morning shift.”" in written.text


def test_a_reminder_says_so_and_begins_with_when_its_reader_was_asked() -> None:
    written = reminder(DecisionKind.ORDERS)
    assert written.subject == "Reminder: [SEV2] Checkout failing: activate the plan? (INC-20261122-7F3K)"
    assert written.text.startswith("You were asked at 03:13 and have not answered yet.")
    chinese = reminder(DecisionKind.ORDERS, "zh-Hant")
    assert chinese.subject.startswith("【重大】提醒：結帳失敗")
    assert chinese.text.startswith("已於 03:13 請您答覆")


def test_a_mail_that_asks_after_a_cut_short_level_has_no_deadline_that_is_over() -> None:
    assert "Decide by" not in question(DecisionKind.ORDERS, cut_short=CutShort.MAIL_BOUNCED).text


# The code


def test_the_code_stands_on_a_line_of_its_own_and_nowhere_beside_the_subject() -> None:
    written = code(DecisionKind.ORDERS)
    preheader = re.search(r"<div style=\"display:none[^>]*>(.*?)</div>", written.html)
    assert f"\n{CODE}\n" in written.text
    assert written.text.count(CODE) == written.html.count(CODE) == 1
    assert CODE not in written.subject
    assert preheader is not None
    assert preheader[1]
    assert CODE not in preheader[1]
    # What an inbox shows beside the subject is at most about 200 characters of the text.
    assert written.text.index(CODE) > 200


def test_the_code_says_what_it_confirms_until_when_and_what_to_do_otherwise() -> None:
    written = code(DecisionKind.ORDERS)
    assert written.subject == "[SEV2] Checkout failing: code for your answer (INC-20261122-7F3K)"
    for part in (
        "You pressed “Activate the plan”. The code makes this answer count.",
        "- Severity: SEV1",
        "- Teams to call: Technical support and customer service",
        "- Budget: TWD 250,000",
        "- Note to the teams: Go.",
        "It is valid until 03:25 (Taipei time).",
        f"If you pressed no button, do nothing and write to {PLAN.company.reply_to}: somebody else has your link.",
    ):
        assert part in written.text


def test_the_code_for_a_release_says_of_what() -> None:
    text = code(DecisionKind.RELEASE).text
    assert "The question was: Release customer-service agents on standby (6 people) to customer service?" in text
    assert "You pressed “Release it”." in text


def test_a_code_is_mailed_even_where_a_changed_plan_no_longer_allows_the_answer() -> None:
    challenge = replace(the_challenge(PLAN, DecisionKind.ORDERS, HEAD, Factor.CODE), draft={})
    written = MAILS.code(told(DecisionKind.ORDERS), CODE, challenge, minutes(6))
    assert f"\n{CODE}\n" in written.text


# What was decided


def test_the_settled_mail_says_what_was_decided_by_whom_and_that_nothing_is_left_to_do() -> None:
    written = settled(DecisionKind.ORDERS, by=FIRST_DEPUTY)
    assert written.subject == "[SEV2] Checkout failing: plan activated (INC-20261122-7F3K)"
    for part in (
        "Derek Chen (chief technology officer) answered on 22 Nov, 03:21 (Taipei time): plan activated.",
        "- Severity: SEV1",
        "Nothing more is needed from you.",
    ):
        assert part in written.text


def test_the_settled_mail_names_all_who_agreed() -> None:
    decision = settled_decision(PLAN, DecisionKind.ORDERS, FIRST_DEPUTY)
    assert decision.answer is not None
    decision = replace(decision, answer=replace(decision.answer, voters=(HEAD, FIRST_DEPUTY)))
    text = MAILS.settled(briefing(PLAN, decision, "en", "head-of-legal"), minutes(13)).text
    assert "Lin Shu-yu (chief executive officer) and Derek Chen (chief technology officer) answered on" in text


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_where_nobody_answered_the_settled_mail_says_that_the_plan_decided(kind: DecisionKind) -> None:
    text = settled(kind, by="").text
    assert "Nobody had answered by 22 Nov, 03:21 (Taipei time), so the plan's own outcome counts" in text
    assert "Nothing more is needed from you." in text


def test_whoever_asked_for_something_reads_why_it_was_declined() -> None:
    decision = settled_decision(PLAN, DecisionKind.RELEASE, FIRST_DEPUTY)
    assert decision.answer is not None
    assert decision.request is not None
    answer = replace(decision.answer, outcome=Outcome.DECLINED, fields={"comment": "Ask the Taipei centre first."})
    written = MAILS.settled(briefing(PLAN, replace(decision, answer=answer), "en", decision.request.by), minutes(13))
    assert "declined" in written.subject
    assert "Remarks: Ask the Taipei centre first." in written.text


# What asks nothing


def notified(
    kind: NotificationKind, locale: str = "en", contact: str = "", after: float = 30, **changes: object
) -> Mail:
    return MAILS.notification(the_notification(PLAN, kind, locale, contact, **changes), minutes(after))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", NotificationKind)
def test_every_notification_is_written_in_each_language(kind: NotificationKind, locale: str) -> None:
    notification = the_notification(PLAN, kind, locale)
    written = MAILS.notification(notification, minutes(30))
    assert f'lang="{locale}"' in written.html
    # Newsrooms read it as any reader does: what it says comes first, and its number stands below.
    assert ("INC-20261122-7F3K" in written.subject) == (kind is not NotificationKind.STATEMENT)
    assert not re.search(r"\{\w+\}", written.subject + written.text)
    assert written.name == notification.name
    assert written.thread == "INC-20261122-7F3K"
    assert written.headers == {"X-Emergency-Incident": "INC-20261122-7F3K", "X-Emergency-Purpose": kind.value}
    assert written.tags == {"incident": written.thread, "contact": notification.to.id, "purpose": kind.value}
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", value) for value in written.tags.values())
    link = notification.link_url
    assert written.html.count(f'href="{link}"') == written.text.count(link or "://") == bool(link)
    assert "://" not in written.text.replace(link, "")


def test_the_task_force_reads_who_is_in_it_what_they_lead_and_how_to_reach_them() -> None:
    written = notified(NotificationKind.TASK_FORCE)
    assert written.text.startswith(
        "Derek Chen (chief technology officer) activated the plan at severity II at 03:26 (Taipei time)"
    )
    assert "- Derek Chen (chief technology officer), +886 2 0000 0102\n  Leads technical support\n" in written.text
    assert "- Vivian Leung (head of legal), +852 0000 0108\n\n" in written.text
    assert '<a href="tel:+85200000108"' in written.html


def test_where_the_plan_gave_the_orders_the_task_force_reads_nobodys_name_for_it() -> None:
    incident = active_incident(PLAN)
    assert incident.orders is not None
    incident = replace(incident, orders=replace(incident.orders, by=""))
    text = notified(NotificationKind.TASK_FORCE, incident=incident).text
    assert text.startswith("The plan is active at severity II. These people belong to the task force.")


def test_a_helper_reads_their_own_tasks_first_then_the_others_then_whom_to_ask() -> None:
    text = notified(NotificationKind.TEAM_CALLED, after=20).text
    order = [
        "Your tasks\n\n- By 03:34: Open the hotline and tell the contact centre its number.\n\n",
        "The team's other tasks\n\n- By 03:49: Publish",
        "Chang Hui-wen (head of customer service)\n",
        "Lend what the playbook sets aside.\n  Done by the system",
        "Leads the team and answers for it: Chang Hui-wen (head of customer service), +886 2 0000 0105.",
        f"Work on the tasks:\n{LINK}\n",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_a_helper_without_tasks_of_their_own_reads_the_teams() -> None:
    text = notified(NotificationKind.TEAM_CALLED, contact="contact-centre-manager-hong-kong").text
    assert "Your tasks" not in text
    assert "The team's other tasks" in text


def test_whoever_is_given_a_task_reads_by_whom() -> None:
    text = notified(NotificationKind.TASK_YOURS).text
    assert text.startswith(
        "Chang Hui-wen (head of customer service) gave you a task of customer service.\n\n- Collect complaints"
    )
    assert notified(NotificationKind.TASK_YOURS, people=()).text.startswith(
        "You were given a task of customer service."
    )


def test_several_tasks_that_are_due_are_one_mail() -> None:
    written = notified(NotificationKind.TASKS_DUE)
    assert "2 tasks are due soon" in written.subject
    assert "1. By 03:49: Publish the holding reply for chat and e-mail.\n   Customer service: you" in written.text
    assert "2. By 03:49:" in written.text
    assert "Technical support: Derek Chen (chief technology officer), +886 2 0000 0102" in written.text
    one = notified(NotificationKind.TASKS_DUE, tasks=(DueTask(team=TEAM, task=the_tasks(PLAN)[1]),))
    assert "a task is due soon" in one.subject
    assert "- By 03:49" in one.text
    assert "On that page you can give a task to somebody else" in one.text


def test_those_to_whom_a_late_task_goes_up_read_who_has_it_and_what_can_be_done() -> None:
    text = notified(NotificationKind.TASKS_LATE, after=60).text
    assert "1. Was due at 03:34: Open the hotline" in text
    assert "Customer service: Kuo Mei-ling (manager of the Taipei contact centre), +886 2 0000 0121" in text
    assert "Please ask whoever has them what is needed." in text
    assert "Your earlier mail" not in text


def test_the_owner_of_a_late_task_reads_where_it_is_ticked_off() -> None:
    tasks = (DueTask(team=TEAM, task=the_tasks(PLAN)[0]),)
    text = notified(NotificationKind.TASKS_LATE, contact=tasks[0].task.owner, tasks=tasks, after=60).text
    assert "Your earlier mail about this incident has the link to the page of the team." in text
    assert "tell the lead of the team" in text


def test_an_update_says_when_it_is_due_what_to_tell_and_to_others_whom_to_ask() -> None:
    due = notified(NotificationKind.UPDATE_DUE)
    assert "update to the public due at 04:26" in due.subject
    assert "Say where things stand, even if nothing is new." in due.text
    late = notified(NotificationKind.UPDATE_LATE, after=100).text
    assert late.startswith("The update to customers and media was due at 04:26.")
    assert "Please ask the lead of public relations what is needed: Tsai Hsin-yi (head of marketing), +886" in late


def test_a_shortage_says_what_was_wanted_by_whom_and_what_there_was() -> None:
    text = notified(NotificationKind.SHORTAGE).text
    assert "- Customer-service agents on standby: wanted 50 people, lent 40 people\n  Customer service: Chang" in text
    assert "- Forensic imaging kits: wanted 2 kits, lent 1\n" in text


@pytest.mark.parametrize("locale", LOCALES)
def test_the_reserve_reads_where_to_report_and_nothing_of_what_happened(locale: str) -> None:
    notification = the_notification(PLAN, NotificationKind.RESERVE_CALLED, locale)
    written = MAILS.notification(notification, minutes(30))
    assert "+886 2 0000 0105" in written.text
    secret = (notification.incident.title, notification.incident.place, notification.incident.first_impact)
    for part in (written.subject, written.html, written.text):
        assert not [text[locale] for text in secret if text[locale] in part]
        assert WORDS[locale](f"severity.level.{notification.incident.severity}") not in part


def hostile_notification(kind: NotificationKind, locale: str, text: str) -> Notification:
    """A notification of which every text from outside is the given one."""
    usual = the_notification(PLAN, kind, locale)
    written = dict.fromkeys(LOCALES, text)
    tasks = tuple(replace(one, task=replace(one.task, text=written, owner=text)) for one in usual.tasks)
    return replace(usual, incident=hostile_incident(usual.incident, text), tasks=tasks, people=(*usual.people, text))


@pytest.mark.parametrize("text", TEXTS, ids=["markup", "template", "turned", "header", "long"])
@pytest.mark.parametrize("kind", NotificationKind)
def test_r23_text_from_outside_is_harmless_in_notifications(kind: NotificationKind, text: str) -> None:
    for locale in LOCALES:
        written = MAILS.notification(hostile_notification(kind, locale, text), minutes(30))
        assert_harmless(written.html)
        written.text.encode("utf-8")
        assert len(written.subject) <= 200
        assert written.subject.isprintable()
        assert len(written.text) < 8_000


# What no mail does


def test_a_reader_whose_language_has_no_words_is_written_to_in_the_companys() -> None:
    assert f'lang="{PLAN.company.locale}"' in question(DecisionKind.ORDERS, "fr").html


def all_mails(kind: DecisionKind, locale: str, text: str) -> list[Mail]:
    """Every mail about a question of which every text from outside is the given one."""
    incident = hostile_incident(active_incident(PLAN), text)
    assert incident.orders is not None
    incident = replace(incident, orders=replace(incident.orders, comment=text))
    decision = the_decision(PLAN, kind)
    if decision.request:
        decision = replace(decision, request=replace(decision.request, reason=text))
    answered = settled_decision(PLAN, kind)
    assert answered.answer is not None
    fields = dict.fromkeys(answered.answer.fields, text)
    answered = replace(answered, answer=replace(answered.answer, fields=fields, by=text, voters=(text,)))
    challenge = the_challenge(PLAN, kind, HEAD)
    draft = {**challenge.draft, **{name: [text[:TEXT_LIMIT]] for name in QUESTIONS[kind].texts}}
    asked = briefing(PLAN, decision, locale, incident=incident)
    return [
        MAILS.question(asked, LINK, minutes(4)),
        MAILS.question(asked, LINK, minutes(4), reminder=True),
        MAILS.code(asked, CODE, replace(challenge, draft=draft), minutes(6)),
        MAILS.settled(replace(asked, decision=answered), minutes(13)),
    ]


@pytest.mark.parametrize("text", TEXTS, ids=["markup", "template", "turned", "header", "long"])
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_r23_text_from_outside_is_harmless_in_mails(kind: DecisionKind, locale: str, text: str) -> None:
    for written in all_mails(kind, locale, text):
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
    about = told(DecisionKind.ORDERS, id=HEADER)
    written = MAILS.question(replace(about, incident=replace(the_incident(), id=HEADER)), LINK, minutes(4))
    for value in (written.subject, *written.headers.values()):
        assert "\n" not in value
        assert "\r" not in value


def test_a_long_title_is_cut_so_that_the_subject_keeps_its_id() -> None:
    incident = replace(the_incident(), title=dict.fromkeys(LOCALES, LONG))
    about = replace(told(DecisionKind.ORDERS), incident=incident)
    for written in (MAILS.question(about, LINK, minutes(4)), MAILS.question(about, LINK, minutes(4), reminder=True)):
        assert written.subject.endswith("(INC-20261122-7F3K)")


@pytest.mark.parametrize("purpose", WRITTEN)
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_r3_no_secret_reaches_a_mail(purpose: str, kind: DecisionKind) -> None:
    assert_no_secrets(repr(WRITTEN[purpose](kind)))


def test_a_vote_of_ones_own_is_no_reason_to_be_told_of_silence() -> None:
    votes = (the_vote(PLAN, DecisionKind.ORDERS, HEAD),)
    assert "No answer came" not in question(DecisionKind.ORDERS, level=1, votes=votes).text


def test_r23_a_hostile_id_never_breaks_a_notifications_header() -> None:
    incident = replace(active_incident(PLAN), id=HEADER)
    for kind in NotificationKind:
        written = notified(kind, incident=incident)
        for value in (written.subject, *written.headers.values()):
            assert value.isprintable()


@pytest.mark.parametrize("text", TEXTS, ids=["markup", "template", "turned", "header", "long"])
def test_r23_a_number_to_dial_lets_nothing_through(text: str) -> None:
    phones = ["+886 2", "+886 2 0000 0102", text]
    letter = Letter(subject="", heading="", preheader="", parts=(), footer="", phones=phones)
    html = letter.dialled(f"{text} +886 2 0000 0102")
    assert_harmless(html)
    assert 'href="tel:+886200000102"' in html
