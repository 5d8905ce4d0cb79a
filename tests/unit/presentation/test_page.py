"""Link pages: each question, each thing that can become of it, and that a page does nothing but what it shows."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from emergency.domain.answer import QUESTIONS, TEXT_LIMIT, read_answer
from emergency.domain.decision import CutShort, Decision, voted
from emergency.domain.errors import (
    CannotPassOn,
    NoMoreTime,
    TooManyRequests,
    UnusableAnswer,
    WrongCode,
)
from emergency.domain.incident import IncidentStatus
from emergency.domain.plan import Contact
from emergency.domain.second_factor import CODES
from emergency.domain.terms import DecisionKind, Factor, Outcome, Team
from emergency.domain.timeline import Detail, Fact
from emergency.presentation.page import SECURITY_HEADERS, PageWriter, Shown, security_headers
from tests.support.hostile import TEXTS, assert_harmless, assert_no_secrets, hostile_incident, hostile_timeline
from tests.support.reading import Read, assert_sound
from tests.support.team_page import team_briefing, with_clocks
from tests.support.telling import (
    ALL_KINDS,
    LINK,
    LOCALES,
    active_incident,
    briefing,
    company,
    minutes,
    settled_decision,
    shown,
    the_challenge,
    the_decision,
    the_draft,
    the_incident,
    the_timeline,
    the_vote,
)

COMPILED, WORDS = company()
PLAN = with_clocks(COMPILED)
PAGES = PageWriter(PLAN, WORDS)
TIMELINE = the_timeline(PLAN)
HEAD, (FIRST_DEPUTY, SECOND_DEPUTY) = PLAN.leadership.head, PLAN.leadership.deputy_heads
LEADERSHIP = ((HEAD, FIRST_DEPUTY, SECOND_DEPUTY),)


def reader(locale: str) -> Contact:
    return replace(PLAN.contact(HEAD), locale=locale)


def asked(kind: DecisionKind, locale: str = "en", *, level: int = 0, **changes: object) -> Shown:
    return shown(briefing(PLAN, the_decision(PLAN, kind, level=level, **changes), locale), timeline=TIMELINE[:9])


def about(decision: Decision, locale: str = "en", contact: str = "") -> Shown:
    return shown(briefing(PLAN, decision, locale, contact))


DONE = ("note", "file", "tasks", "task_added", "reassigned", "skipped", "spent", "more_time", "request")


# The question


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_each_question_has_a_page_in_each_language(kind: DecisionKind, locale: str) -> None:
    page = PAGES.question(asked(kind, locale))
    read = assert_sound(page)
    answer = read.form(QUESTIONS[kind].outcomes[0])
    assert page.status == 200
    assert f'<html lang="{locale}"' in page.html
    answers = [button for button in answer.buttons if button != ("action", "tasks")]
    assert answers == [("outcome", outcome.value) for outcome in QUESTIONS[kind].outcomes]
    assert set(QUESTIONS[kind].texts) <= set(answer.fields)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_pressing_the_first_button_without_a_change_is_an_answer(kind: DecisionKind) -> None:
    answer = Read(PAGES.question(asked(kind)).html).form(QUESTIONS[kind].outcomes[0])
    texts = {name: ["Written."] for name in QUESTIONS[kind].required.get(QUESTIONS[kind].outcomes[0], ())}
    outcome, fields = read_answer(kind, PLAN, {**answer.fields, **texts, "outcome": [QUESTIONS[kind].outcomes[0]]})
    assert outcome is QUESTIONS[kind].outcomes[0]
    if kind is DecisionKind.ORDERS:
        assert fields == {"severity": "SEV2", "teams": "technical_support,customer_service,public_relations"}


def test_a_page_says_until_when_and_what_otherwise() -> None:
    html = PAGES.question(asked(DecisionKind.ORDERS)).html
    assert "Decide by 03:23." in html
    assert "9 minutes left" in html
    assert "the deputy heads are asked" in html


def test_what_the_proposal_means_stands_above_the_buttons() -> None:
    html = PAGES.question(asked(DecisionKind.ORDERS)).html
    below = html[html.index("“Activate the plan” means:") : html.index("<details")]
    for part in ("SEV2", "Technical support, customer service and public relations", "Chang Hui-wen", "the playbook"):
        assert part in below


def test_a_budget_that_the_playbook_foresees_is_proposed_in_units_of_the_currency() -> None:
    incident = the_incident(risk="data_breach")
    told = briefing(PLAN, the_decision(PLAN, DecisionKind.ORDERS), incident=incident)
    page = PAGES.question(shown(told))
    assert Read(page.html).form("activate").fields["budget"] == ["600,000"]
    assert "TWD 600,000" in page.html


def test_the_teams_leads_are_not_ticked_as_they_belong_to_the_task_force_in_any_case() -> None:
    form = Read(PAGES.question(asked(DecisionKind.ORDERS)).html).form("activate")
    assert "task_force" not in form.fields
    assert form.types["task_force"] == "checkbox"


def test_a_company_without_funds_is_offered_no_budget() -> None:
    resources = {id_: resource for id_, resource in PLAN.resources.items() if resource.kind != "funds"}
    page = PageWriter(replace(PLAN, resources=resources), WORDS).question(asked(DecisionKind.ORDERS))
    assert "budget" not in Read(page.html).form("activate").types
    assert "Budget" not in page.html.replace("task force or budget", "")


def test_only_a_review_links_to_the_report() -> None:
    assert f'href="{LINK}/report"' in PAGES.question(asked(DecisionKind.REVIEW)).html
    assert "/report" not in PAGES.question(asked(DecisionKind.ORDERS)).html


def test_a_release_shows_who_asks_for_what_and_why() -> None:
    html = PAGES.question(asked(DecisionKind.RELEASE)).html
    assert "Release customer-service agents on standby (6 people) to customer service?" in html
    assert "Chang Hui-wen (head of customer service) asks for" in html
    assert "The Hong Kong centre is full until the morning shift." in html


def test_a_long_course_shows_its_latest_entries_and_says_how_many_are_left_out() -> None:
    timeline = TIMELINE * 10
    html = PAGES.question(replace(asked(DecisionKind.ORDERS), timeline=timeline)).html
    assert f"{len(timeline) - 100} entries before these are not shown here." in html
    assert "92 earlier entries" in html
    assert html.count("<time") == 100
    assert "earlier entr" not in PAGES.question(replace(asked(DecisionKind.ORDERS), timeline=TIMELINE[:12])).html


# Votes


def two_of_three(*votes: object, contact: str = HEAD) -> Shown:
    decision = the_decision(PLAN, DecisionKind.ORDERS, rungs=LEADERSHIP, needed=2, votes=votes)
    return shown(briefing(PLAN, decision, "en", contact), after=13)


def test_where_somebody_voted_their_answer_is_shown_and_is_the_proposal() -> None:
    page = PAGES.question(two_of_three(the_vote(PLAN, DecisionKind.ORDERS, FIRST_DEPUTY)))
    form = Read(page.html).form("activate")
    assert "Derek Chen (chief technology officer) answered on 22 Nov, 03:20" in page.html
    assert "2 people must give the same answer before it counts." in page.html
    assert "The first answer counts." not in page.html
    assert form.fields["severity"] == ["SEV1"]
    assert form.fields["teams"] == ["technical_support", "customer_service"]
    assert form.fields["task_force"] == ["head-of-legal"]
    assert form.fields["budget"] == ["250,000"]
    assert form.fields["comment"] == [""]


def test_whoever_agrees_with_a_vote_by_pressing_the_button_decides() -> None:
    told = two_of_three(the_vote(PLAN, DecisionKind.ORDERS, FIRST_DEPUTY))
    form = Read(PAGES.question(told).html).form("activate")
    outcome, fields = read_answer(DecisionKind.ORDERS, PLAN, {**form.fields, "outcome": ["activate"]})
    vote = replace(the_vote(PLAN, DecisionKind.ORDERS, HEAD), outcome=outcome, fields=fields)
    assert voted(told.briefing.decision, vote).answer is not None


def test_another_persons_vote_is_proposed_before_ones_own() -> None:
    mine = the_vote(PLAN, DecisionKind.ORDERS, HEAD, severity="SEV3")
    theirs = the_vote(PLAN, DecisionKind.ORDERS, FIRST_DEPUTY)
    for votes, severity in (((mine, theirs), "SEV1"), ((theirs, mine), "SEV1"), ((mine,), "SEV3")):
        page = PAGES.question(two_of_three(*votes))
        assert Read(page.html).form("activate").fields["severity"] == [severity]


def test_a_vote_to_stand_down_proposes_nothing_for_activation() -> None:
    vote = replace(the_vote(PLAN, DecisionKind.ORDERS, FIRST_DEPUTY), outcome=Outcome.STAND_DOWN, fields={})
    page = PAGES.question(two_of_three(vote))
    assert Read(page.html).form("activate").fields["severity"] == ["SEV2"]
    assert "stood down" in page.html


@pytest.mark.parametrize("locale", LOCALES)
def test_a_vote_is_confirmed_with_who_else_has_to_agree(locale: str) -> None:
    told = two_of_three(the_vote(PLAN, DecisionKind.ORDERS, HEAD)).briefing
    page = PAGES.voted(replace(told, contact=reader(locale)), minutes(13))
    assert page.status == 200
    assert not assert_sound(page).forms
    assert WORDS[locale].plural("page.voted.missing", 1) in page.html
    assert "250,000" in page.html


def test_a_vote_that_differs_needs_as_many_as_if_it_were_the_first() -> None:
    mine = the_vote(PLAN, DecisionKind.ORDERS, HEAD, severity="SEV3")
    told = two_of_three(the_vote(PLAN, DecisionKind.ORDERS, FIRST_DEPUTY), mine)
    told = replace(told, briefing=replace(told.briefing, decision=replace(told.briefing.decision, needed=3)))
    assert "2 more people" in PAGES.voted(told.briefing, minutes(13)).html


def worsened(kind: DecisionKind, severity: str) -> str:
    details: dict[str, Detail] = {
        "name": "aurora-down",
        "region": "tokyo",
        "severity": severity,
        "likelihood": 4,
        "impact": 5,
    }
    worse = replace(TIMELINE[0], fact=Fact.SEVERITY_WORSENED, details=details)
    return PAGES.question(replace(asked(kind), timeline=(worse, *TIMELINE[:9]))).html


def test_who_gives_orders_reads_above_the_button_what_is_worse_than_the_severity_that_is_proposed() -> None:
    said = "aurora-down in tokyo is assessed at severity I"
    html = worsened(DecisionKind.ORDERS, "SEV1")
    assert html.index(f"<strong>{said}") < html.index("<button")
    for known in (worsened(DecisionKind.ORDERS, "SEV2"), worsened(DecisionKind.REVIEW, "SEV1")):
        assert f"<strong>{said}" not in known


def test_whether_to_raise_says_to_what_from_what_and_why() -> None:
    html = PAGES.question(asked(DecisionKind.SEVERITY)).html
    assert "<h1>Raise the incident to severity I?</h1>" in html
    assert "aurora-cluster-unavailable reports something worse: by the plan this is severity I." in html
    assert "The incident stands at severity II." in html
    assert "3 datapoints were less than the threshold" in html
    assert [value for _, value in Read(html).form("raised").buttons] == ["raised", "kept"]


# What a person can do beside answering


def test_what_can_be_done_beside_answering_depends_on_question_and_plan() -> None:
    beside = {kind: Read(PAGES.question(asked(kind)).html).actions for kind in ALL_KINDS}
    changes = ["add_task", "reassign", "skip"]
    assert beside == {
        DecisionKind.ORDERS: ["note"],
        DecisionKind.ACKNOWLEDGE: [*changes, "hand_over", "request", "note"],
        DecisionKind.COMPLETE: ["tasks", "calls", *changes, "hand_over", "more_time", "request", "note"],
        DecisionKind.CLEAN_UP: ["calls", "add_task", "hand_over", "more_time", "note"],
        DecisionKind.REVIEW: ["more_time", "note"],
        DecisionKind.RELEASE: ["note"],
        DecisionKind.DUTIES: ["note"],
        DecisionKind.NOTICE: ["note"],
        DecisionKind.STATEMENT: ["note"],
        DecisionKind.CARRIER: [],
        DecisionKind.SEVERITY: ["note"],
        DecisionKind.MAINTENANCE: ["note"],
    }


def test_nothing_is_handed_over_where_nobody_comes_next_and_no_time_given_beyond_the_plan() -> None:
    last = len(the_decision(PLAN, DecisionKind.COMPLETE).rungs) - 1
    assert "hand_over" not in Read(PAGES.question(asked(DecisionKind.COMPLETE, level=last)).html).actions
    assert "more_time" not in Read(PAGES.question(asked(DecisionKind.COMPLETE, extended=2)).html).actions


def test_nothing_is_requested_once_things_are_taken_back() -> None:
    incident = replace(active_incident(PLAN), returning_at=minutes(20))
    told = briefing(PLAN, the_decision(PLAN, DecisionKind.COMPLETE), incident=incident)
    assert "request" not in Read(PAGES.question(shown(told)).html).actions


def test_the_forms_beside_the_answer_carry_what_they_are_read_by() -> None:
    read = Read(PAGES.question(asked(DecisionKind.COMPLETE, extended=1)).html)
    note, request, more = read.form("note"), read.form("request"), read.form("more_time")
    assert "enctype" not in note.attributes
    assert note.types == {"nonce": "hidden", "note": "textarea"}
    assert note.required == {"note"}
    assert request.fields["once"] == ["the-once"]
    assert request.required == {"resource", "quantity", "reason"}
    assert more.fields["extended"] == ["1"]
    assert read.form("hand_over").types == {"nonce": "hidden", "reason": "textarea"}


def test_more_time_and_handing_over_say_what_they_do() -> None:
    html = PAGES.question(asked(DecisionKind.COMPLETE)).html
    assert "Extend to 15:13" in html
    assert "The deputy leads of customer service are asked at once." in html


def test_what_a_team_asked_for_is_shown_with_what_became_of_it() -> None:
    released = settled_decision(PLAN, DecisionKind.RELEASE, FIRST_DEPUTY)
    assert released.answer is not None
    declined = replace(
        released, answer=replace(released.answer, outcome=Outcome.DECLINED, fields={"comment": "None left."})
    )
    lapsed = settled_decision(PLAN, DecisionKind.RELEASE, "")
    waiting = the_decision(PLAN, DecisionKind.RELEASE)
    assert waiting.request is not None
    others = replace(waiting, request=replace(waiting.request, team=Team.PUBLIC_RELATIONS, resource="radios"))
    decisions = {str(number): one for number, one in enumerate((released, declined, lapsed, waiting, others))}
    html = PAGES.question(replace(asked(DecisionKind.ACKNOWLEDGE), decisions=decisions)).html
    for became in (
        ": released by Derek Chen (chief technology officer). “Six until 09:00.”",
        ": declined by Derek Chen (chief technology officer). “None left.”",
        ": nobody decided in time, so nothing is released.",
        ": asked for by Chang Hui-wen (head of customer service), not decided yet.",
    ):
        assert f"Customer-service agents on standby (6 people){became}" in html
    assert "adios (6" not in html


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("done", DONE)
def test_what_was_just_done_is_said_above_the_question(done: str, locale: str) -> None:
    html = PAGES.question(replace(asked(DecisionKind.COMPLETE, locale), done=done)).html
    assert 'role="status"' in html
    assert WORDS[locale](f"page.done_beside.{done}", time="11:13") in html


@pytest.mark.parametrize("done", ["", "answer", "<script>", "__class__"])
def test_nothing_else_is_said_to_have_been_done(done: str) -> None:
    assert 'role="status"' not in PAGES.question(replace(asked(DecisionKind.COMPLETE), done=done)).html


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("error", "status"),
    [(CannotPassOn("x"), 409), (NoMoreTime("x"), 409), (TooManyRequests("x"), 429)],
    ids=["hand over", "more time", "request"],
)
def test_what_can_not_be_done_now_is_said_above_the_question(
    error: CannotPassOn | NoMoreTime | TooManyRequests, status: int, locale: str
) -> None:
    page = PAGES.refused(asked(DecisionKind.COMPLETE, locale), error)
    read = assert_sound(page)
    assert page.status == status
    assert 'role="alert"' in page.html
    assert read.form("completed")


# What can't be used


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("kind", "field_", "problem"),
    [
        (DecisionKind.ORDERS, "outcome", "missing"),
        (DecisionKind.ORDERS, "outcome", "unknown"),
        (DecisionKind.ORDERS, "severity", "missing"),
        (DecisionKind.ORDERS, "severity", "unknown"),
        (DecisionKind.ORDERS, "teams", "missing"),
        (DecisionKind.ORDERS, "teams", "unknown"),
        (DecisionKind.ORDERS, "task_force", "unknown"),
        (DecisionKind.ORDERS, "budget", "unusable"),
        (DecisionKind.ORDERS, "budget", "too_much"),
        (DecisionKind.COMPLETE, "measures", "missing"),
        (DecisionKind.DUTIES, "notices", "unknown"),
        (DecisionKind.NOTICE, "reference", "missing"),
        (DecisionKind.NOTICE, "reference", "too_long"),
        (DecisionKind.NOTICE, "comment", "missing"),
        (DecisionKind.CLEAN_UP, "record", "missing"),
        (DecisionKind.CLEAN_UP, "proposal", "too_long"),
        (DecisionKind.REVIEW, "comment", "missing"),
        (DecisionKind.RELEASE, "comment", "missing"),
    ],
)
def test_an_unusable_answer_shows_the_form_again_with_a_link_to_the_field(
    kind: DecisionKind, field_: str, problem: str, locale: str
) -> None:
    page = PAGES.unusable(asked(kind, locale), {}, UnusableAnswer(field_, problem))
    assert_sound(page)
    assert page.status == 422
    assert f'href="#{field_}"' in page.html
    assert f'id="{field_}-error"' in page.html
    assert 'role="alert"' in page.html
    assert WORDS[locale]("page.invalid.unusable") not in page.html


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("action", "field_", "problem", "id_"),
    [
        ("tasks", "tasks", "unknown", "tasks"),
        ("tasks", "tasks", "waits", "tasks"),
        ("tasks", "tasks", "too_much", "tasks"),
        ("add_task", "task_text", "missing", "task_text"),
        ("add_task", "task_text", "too_long", "task_text"),
        ("add_task", "task_text", "too_much", "task_text"),
        ("add_task", "owner", "missing", "add_task-owner"),
        ("add_task", "owner", "unknown", "add_task-owner"),
        ("add_task", "within", "unusable", "within"),
        ("reassign", "task", "missing", "reassign-task"),
        ("reassign", "task", "unknown", "reassign-task"),
        ("reassign", "task", "closed", "reassign-task"),
        ("reassign", "owner", "missing", "reassign-owner"),
        ("reassign", "owner", "unknown", "reassign-owner"),
        ("skip", "task", "missing", "skip-task"),
        ("skip", "task", "closed", "skip-task"),
        ("skip", "reason", "missing", "skip-reason"),
        ("skip", "reason", "too_long", "skip-reason"),
        ("spend", "allocation", "missing", "allocation"),
        ("spend", "allocation", "unknown", "allocation"),
        ("spend", "quantity", "missing", "spend-quantity"),
        ("spend", "quantity", "unusable", "spend-quantity"),
        ("spend", "quantity", "too_much", "spend-quantity"),
        ("spend", "reason", "missing", "spend-reason"),
        ("spend", "reason", "too_long", "spend-reason"),
        ("note", "note", "missing", "note"),
        ("note", "note", "too_long", "note"),
        ("note", "note", "too_much", "note"),
        ("hand_over", "reason", "too_long", "hand_over-reason"),
        ("more_time", "reason", "too_long", "more_time-reason"),
        ("request", "resource", "missing", "resource"),
        ("request", "resource", "unknown", "resource"),
        ("request", "quantity", "missing", "request-quantity"),
        ("request", "quantity", "unusable", "request-quantity"),
        ("request", "quantity", "too_much", "request-quantity"),
        ("request", "reason", "missing", "request-reason"),
        ("request", "reason", "too_long", "request-reason"),
    ],
)
def test_a_form_beside_the_answer_comes_back_open_where_something_is_wrong_in_it(
    action: str, field_: str, problem: str, id_: str, locale: str
) -> None:
    form = {"action": [action], "resource": ["standby-agents"], "quantity": ["99"], "reason": ["Night."]}
    told = team_briefing(PLAN, DecisionKind.COMPLETE, locale, team=Team.PUBLIC_RELATIONS)
    page = PAGES.unusable(shown(told), form, UnusableAnswer(field_, problem))
    read = assert_sound(page)
    assert f'href="#{id_}"' in page.html
    assert f'id="{id_}-error"' in page.html
    assert WORDS[locale]("page.invalid.unusable") not in page.html
    assert read.open_details == (0 if action == "tasks" else 1)
    if action == "request":
        assert read.form("request").fields["quantity"] == ["99"]
        assert read.form("request").fields["resource"] == ["standby-agents"]
        assert read.form("request").fields["reason"] == ["Night."]
        assert read.form("hand_over").fields["reason"] == [""]


def test_limits_are_told_with_what_there_is() -> None:
    form = {"action": ["request"], "resource": ["radios"]}
    told = PAGES.unusable(asked(DecisionKind.COMPLETE), form, UnusableAnswer("quantity", "too_much")).html
    assert f"The inventory holds {PLAN.resources['radios'].stock} radios in all." in told
    orders = PAGES.unusable(asked(DecisionKind.ORDERS), {}, UnusableAnswer("budget", "too_much")).html
    assert "The emergency funds hold TWD 5,000,000 in all." in orders


def test_what_was_entered_stays_entered() -> None:
    entered = {
        "severity": ["SEV1"],
        "teams": ["logistics_support"],
        "task_force": ["head-of-legal"],
        "budget": ["lots"],
        "comment": ["\n  Line one\nline <two>"],
    }
    read = Read(PAGES.unusable(asked(DecisionKind.ORDERS), entered, UnusableAnswer("budget", "unusable")).html)
    form = read.form("activate")
    for name, values in entered.items():
        assert form.fields[name] == values
    assert read.open_details == 1
    none = Read(PAGES.unusable(asked(DecisionKind.ORDERS), {"comment": [""]}, UnusableAnswer("teams", "missing")).html)
    assert "teams" not in none.form("activate").fields


def test_somebody_unknown_in_the_task_force_opens_the_list_of_people() -> None:
    form = {"task_force": ["nobody"]}
    page = PAGES.unusable(asked(DecisionKind.ORDERS), form, UnusableAnswer("task_force", "unknown"))
    assert Read(page.html).open_details == 2


def test_a_text_far_too_long_comes_back_cut() -> None:
    page = PAGES.unusable(
        asked(DecisionKind.REVIEW), {"comment": ["x" * 1_000_000]}, UnusableAnswer("comment", "too_long")
    )
    assert len(page.html) < 6 * TEXT_LIMIT + 25_000
    assert str(TEXT_LIMIT) in page.html


def test_a_form_that_is_none_of_ours_is_told_at_the_answer() -> None:
    page = PAGES.unusable(asked(DecisionKind.ORDERS), {"action": ["no such"]}, UnusableAnswer("no such", "no such"))
    assert_sound(page)
    assert 'href="#outcome"' in page.html


# The code


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_code_page_shows_what_the_code_confirms(kind: DecisionKind, locale: str) -> None:
    told = replace(asked(kind, locale), now=minutes(7))
    page = PAGES.code(told, the_challenge(PLAN, kind, told.briefing.contact.id))
    read = assert_sound(page)
    button = WORDS[locale](f"decision.{kind}.button.{QUESTIONS[kind].outcomes[0]}")
    assert page.status == 200
    assert [form.buttons for form in read.forms] == [[("action", "confirm")], [("action", "send_again")]]
    assert page.html.count(button) >= 2
    assert told.briefing.contact.email not in page.html
    assert "03:25" in page.html
    for text in the_vote(PLAN, kind, "").fields.values():
        if "\n" not in text and " " in text:
            assert text in page.html


def test_the_code_page_of_orders_tells_severity_teams_people_and_budget() -> None:
    html = PAGES.code(asked(DecisionKind.ORDERS), the_challenge(PLAN, DecisionKind.ORDERS, HEAD)).html
    for part in (
        "SEV1",
        "Technical support and customer service",
        "Derek Chen (chief technology officer), Chang Hui-wen (head of customer service) and Vivian Leung",
        "TWD 250,000",
        "A six-digit code was mailed to Lin Shu-yu (chief executive officer).",
        "Valid until 03:25. 5 tries left.",
    ):
        assert part in html
    assert f'href="{LINK}"' in html


def test_the_field_for_the_code_suits_a_phone_and_its_keyboard() -> None:
    html = PAGES.code(asked(DecisionKind.ORDERS), the_challenge(PLAN, DecisionKind.ORDERS, HEAD)).html
    field_ = re.search(r'<input type="text" id="code"[^>]*>', html)
    assert field_ is not None
    for attribute in ('inputmode="numeric"', 'autocomplete="one-time-code"', 'maxlength="12"', "required"):
        assert attribute in field_[0]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("factor", [Factor.CODE, Factor.TOTP])
def test_a_wrong_code_is_said_with_the_tries_left(factor: Factor, locale: str) -> None:
    challenge = replace(the_challenge(PLAN, DecisionKind.ORDERS, HEAD, factor), tries=4)
    page = PAGES.code(asked(DecisionKind.ORDERS, locale), challenge, WrongCode(1))
    assert_sound(page)
    assert page.status == 422
    assert 'href="#code"' in page.html
    assert 'aria-invalid="true"' in page.html
    assert WORDS[locale].plural("page.code.tries", 1) in page.html


def test_an_authenticators_code_is_not_mailed_and_not_sent_again() -> None:
    challenge = the_challenge(PLAN, DecisionKind.ORDERS, HEAD, Factor.TOTP)
    page = PAGES.code(asked(DecisionKind.ORDERS), challenge)
    assert "Open your authenticator app" in page.html
    assert "mailed" not in page.html
    assert Read(page.html).actions == ["confirm"]


def test_the_last_code_is_not_offered_again() -> None:
    challenge = replace(the_challenge(PLAN, DecisionKind.ORDERS, HEAD), number=CODES)
    assert Read(PAGES.code(asked(DecisionKind.ORDERS), challenge).html).actions == ["confirm"]


def test_a_draft_that_a_changed_plan_no_longer_allows_can_still_be_looked_at() -> None:
    challenge = replace(the_challenge(PLAN, DecisionKind.ORDERS, HEAD), draft={"outcome": ["no such"]})
    page = PAGES.code(asked(DecisionKind.ORDERS), challenge)
    assert_sound(page)
    assert "Confirm your answer" in page.html


def test_when_the_code_is_over_the_question_comes_back_with_the_answer_filled_in() -> None:
    page = PAGES.code_over(asked(DecisionKind.ORDERS), the_draft(PLAN, DecisionKind.ORDERS))
    form = assert_sound(page).form("activate")
    assert page.status == 422
    assert "Press the button again to get a new code." in page.html
    assert form.fields["severity"] == ["SEV1"]
    assert form.fields["teams"] == ["technical_support", "customer_service"]
    assert form.fields["budget"] == ["250,000"]
    assert form.fields["comment"] == ["Go."]


def test_when_the_code_is_over_and_nothing_waited_for_it_the_proposal_is_filled_in() -> None:
    form = Read(PAGES.code_over(asked(DecisionKind.ORDERS), {}).html).form("activate")
    assert form.fields["teams"] == ["technical_support", "customer_service", "public_relations"]


@pytest.mark.parametrize("locale", LOCALES)
def test_no_more_codes_leads_to_somebody_else(locale: str) -> None:
    page = PAGES.too_many_codes(asked(DecisionKind.ORDERS, locale))
    assert page.status == 429
    assert not assert_sound(page).forms
    assert PLAN.company.reply_to in page.html


# What became of it


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_an_answer_is_confirmed_with_what_it_sets_in_motion(kind: DecisionKind, locale: str) -> None:
    page = PAGES.recorded(about(settled_decision(PLAN, kind), locale).briefing, minutes(12))
    assert page.status == 200
    assert not assert_sound(page).forms


def test_orders_are_confirmed_as_they_were_given_not_as_they_were_proposed() -> None:
    page = PAGES.recorded(about(settled_decision(PLAN, DecisionKind.ORDERS)).briefing, minutes(12))
    assert "severity I." in page.html
    assert "TWD 250,000" in page.html
    assert "public relations" not in page.html


def test_standing_down_is_confirmed_too() -> None:
    decision = settled_decision(PLAN, DecisionKind.ORDERS)
    assert decision.answer is not None
    decision = replace(decision, answer=replace(decision.answer, outcome=Outcome.STAND_DOWN, fields={}))
    page = PAGES.recorded(about(decision).briefing, minutes(12))
    assert "No team is called" in page.html


def test_where_the_plan_stopped_nobody_is_told_that_something_follows() -> None:
    told = about(settled_decision(PLAN, DecisionKind.ACKNOWLEDGE)).briefing
    stopped = replace(told, incident=replace(told.incident, status=IncidentStatus.NEEDS_ATTENTION))
    assert "people carry it out by hand" in " ".join(PAGES.recorded(stopped, minutes(12)).html.split())


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("by", ["chief-executive", "head-of-legal", ""])
def test_a_settled_question_says_who_decided_what_and_when(kind: DecisionKind, locale: str, by: str) -> None:
    told = about(settled_decision(PLAN, kind, by), locale).briefing
    looked, pressed = PAGES.settled(told, minutes(30)), PAGES.settled(told, minutes(30), posted=True)
    assert (looked.status, pressed.status) == (410, 409)
    assert "03:21" in looked.html
    assert not assert_sound(looked).forms
    assert WORDS[locale]("page.nothing_more") in looked.html
    assert WORDS[locale]("page.decided.not_recorded") in pressed.html
    assert WORDS[locale]("page.decided.not_recorded") not in looked.html


def test_all_who_agreed_are_named() -> None:
    decision = settled_decision(PLAN, DecisionKind.ORDERS, FIRST_DEPUTY)
    assert decision.answer is not None
    decision = replace(decision, answer=replace(decision.answer, voters=(HEAD, FIRST_DEPUTY)))
    html = PAGES.settled(about(decision, contact=HEAD).briefing, minutes(30)).html
    assert "Lin Shu-yu (chief executive officer) and Derek Chen (chief technology officer) answered on" in html


@pytest.mark.parametrize("locale", LOCALES)
def test_whoever_hands_over_learns_whom_it_went_to(locale: str) -> None:
    decision = the_decision(PLAN, DecisionKind.ACKNOWLEDGE)
    decision = replace(decision, handed_over=decision.rungs[0], cut_short=CutShort.HANDED_OVER)
    told = about(decision, locale).briefing
    page = PAGES.handed_over(told, minutes(6))
    assert page.status == 200
    assert not assert_sound(page).forms
    for contact in decision.rungs[1]:
        assert PLAN.text(PLAN.contact(contact).name, locale) in page.html
    # A second press finds the next level asked already; it still says whom the first one reached.
    later = replace(the_decision(PLAN, DecisionKind.ACKNOWLEDGE, level=1), handed_over=decision.rungs[0])
    again = PAGES.handed_over(replace(told, decision=later), minutes(16))
    assert PLAN.text(PLAN.contact(decision.rungs[1][0]).name, locale) in again.html
    assert PLAN.text(PLAN.contact(decision.rungs[2][0]).name, locale) not in again.html


def test_the_other_answers_have_their_status_and_their_language() -> None:
    told = about(the_decision(PLAN, DecisionKind.REVIEW)).briefing
    over = (PAGES.gone(told, minutes(30)), PAGES.replaced(told, minutes(30)))
    notices = (PAGES.unknown(), PAGES.not_yours(), PAGES.forged(), PAGES.busy())
    assert [page.status for page in (*over, *notices)] == [410, 410, 404, 403, 403, 503]
    for page in (*over, *notices):
        assert not assert_sound(page).forms
    for page in notices:
        for locale in LOCALES:
            assert f'lang="{locale}"' in page.html
    for write in (PAGES.not_yours, PAGES.forged, PAGES.busy):
        assert 'lang="zh-Hant"' not in write(reader("en")).html
        assert 'lang="en"' not in write(reader("zh-Hant")).html
        assert 'lang="zh-Hant"' not in write(reader("zh-Hans")).html


# What a page does not do


def test_the_policy_allows_the_pages_own_style_and_nothing_else() -> None:
    html = PAGES.question(asked(DecisionKind.ORDERS)).html
    styles = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert len(styles) == 1
    digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    for directive in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert directive in policy
    assert SECURITY_HEADERS["Cache-Control"] == "no-store"
    assert SECURITY_HEADERS["Referrer-Policy"] == "no-referrer"
    assert f"'sha256-{digest}'" in security_headers(html)["Content-Security-Policy"]
    assert "style-src 'none'" in security_headers("no style")["Content-Security-Policy"]


HOSTILE_FORM = ("comment", "measures", "record", "impact", "proposal", "severity", "teams", "task_force", "budget")
HOSTILE_SIDES = (
    *("note", "reason", "resource", "quantity", "tasks", "task_text", "task", "owner", "within"),
    *("allocation", "update"),
)


def _posted(text: str, action: str = "") -> Mapping[str, Sequence[str]]:
    names = HOSTILE_SIDES if action else HOSTILE_FORM
    return {**{name: [text] for name in names}, **({"action": [action]} if action else {})}


@pytest.mark.parametrize("text", TEXTS, ids=["markup", "template", "turned", "header", "long"])
@pytest.mark.parametrize("locale", LOCALES)
def test_r23_text_from_outside_is_harmless_on_pages(text: str, locale: str) -> None:
    incident = hostile_incident(active_incident(PLAN), text)
    timeline = hostile_timeline(TIMELINE, text)
    for kind in ALL_KINDS:
        decision = the_decision(PLAN, kind)
        if decision.request:
            decision = replace(decision, request=replace(decision.request, reason=text))
        told = shown(briefing(PLAN, decision, locale, incident=incident), timeline=timeline, done=text)
        for page in (
            PAGES.question(told),
            PAGES.unusable(told, _posted(text), UnusableAnswer(text, text)),
            PAGES.unusable(told, _posted(text), UnusableAnswer("comment", "too_long")),
            PAGES.code_over(told, _posted(text)),
            *(
                PAGES.unusable(told, _posted(text, action), UnusableAnswer("reason", text))
                for action in ("request", "add_task", "reassign", "skip", "spend", "update", text)
            ),
            PAGES.unusable(told, _posted(text, "note"), UnusableAnswer("note", text)),
        ):
            assert_harmless(page.html)


@pytest.mark.parametrize("text", TEXTS, ids=["markup", "template", "turned", "header", "long"])
@pytest.mark.parametrize("locale", LOCALES)
def test_r23_what_people_wrote_is_harmless_where_it_is_told_back(text: str, locale: str) -> None:
    incident = hostile_incident(active_incident(PLAN), text)
    for kind in ALL_KINDS:
        settled = settled_decision(PLAN, kind)
        assert settled.answer is not None
        fields = dict.fromkeys(settled.answer.fields, text)
        settled = replace(settled, answer=replace(settled.answer, fields=fields, by=text, voters=(text,)))
        told = briefing(PLAN, settled, locale, incident=incident)
        vote = replace(the_vote(PLAN, kind, text), fields=fields)
        open_ = replace(the_decision(PLAN, kind, votes=(vote,)), handed_over=(text,))
        asked_ = shown(replace(told, decision=open_), decisions={"release-1": settled})
        texts = QUESTIONS[kind].texts
        draft = {**the_draft(PLAN, kind), **{name: [text[:TEXT_LIMIT]] for name in texts}}
        challenge = replace(the_challenge(PLAN, kind, HEAD), draft=draft)
        for page in (
            PAGES.settled(told, minutes(30)),
            PAGES.recorded(told, minutes(30)),
            PAGES.question(asked_),
            PAGES.voted(replace(asked_.briefing, contact=replace(told.contact, id=text)), minutes(30)),
            PAGES.handed_over(asked_.briefing, minutes(30)),
            PAGES.code(asked_, challenge),
        ):
            assert_harmless(page.html)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_r3_no_secret_reaches_a_page(kind: DecisionKind) -> None:
    told = about(settled_decision(PLAN, kind)).briefing
    open_ = asked(kind)
    for page in (
        PAGES.question(replace(open_, decisions={"x": told.decision})),
        PAGES.code(open_, the_challenge(PLAN, kind, HEAD)),
        PAGES.settled(told, minutes(30)),
        PAGES.recorded(told, minutes(30)),
        PAGES.handed_over(open_.briefing, minutes(30)),
    ):
        assert_no_secrets(page.html)
