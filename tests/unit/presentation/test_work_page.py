"""A team's page while it works, and the pages around it: tasks, loans, updates, notices to authorities, files."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from emergency.domain.answer import read_answer
from emergency.domain.assignment import AssignedTask, Assignment, still_to_close, ticked
from emergency.domain.attachment import TYPES, Uploaded, UploadForm
from emergency.domain.briefing import Briefing
from emergency.domain.decision import Answer, Decision
from emergency.domain.errors import UnusableAnswer, UnusableFile
from emergency.domain.terms import AutomaticStep, DecisionKind, Outcome, Severity, Step, Team
from emergency.presentation.naming import Names
from emergency.presentation.page import PageWriter, security_headers
from tests.support.hostile import TEXTS, assert_harmless
from tests.support.reading import Read, assert_sound, assert_tidy
from tests.support.team_page import NOTICES, RUNBOOK, loans, team_briefing, the_updates, with_clocks
from tests.support.telling import (
    LINK,
    LOCALES,
    active_incident,
    briefing,
    company,
    decision_put_at,
    minutes,
    settled_decision,
    shown,
    the_decision,
)

COMPILED, WORDS = company()
PLAN = with_clocks(COMPILED)
PAGES = PageWriter(PLAN, WORDS)
ORGANISATION = PLAN.teams[Team.CUSTOMER_SERVICE]
LEAD, DEPUTY = ORGANISATION.lead, ORGANISATION.deputies[0]
SPEAKERS = PLAN.teams[Team.PUBLIC_RELATIONS]
ANSWERS = {"hand_over", "more_time", "request", "spend", "add_task", "reassign", "skip"}


def at_work(kind: DecisionKind = DecisionKind.COMPLETE, locale: str = "en", **changes: object) -> str:
    """The page of customer service half an hour in."""
    return page_of(team_briefing(PLAN, kind, locale, **changes))  # type: ignore[arg-type]


def page_of(told: Briefing, after: float = 36) -> str:
    page = PAGES.question(shown(told, after=after))
    assert_sound(page)
    return page.html


def entry(html: str, text: str) -> str:
    """What the page says of one task."""
    entries = re.findall(r'<li class="task.*?</li>', html, re.DOTALL)
    (found,) = [part for part in entries if text in part.partition('<div class="about"')[0]]
    return str(found)


def with_task(**changes: object) -> Briefing:
    """A team with one task alone."""
    told = team_briefing(PLAN, DecisionKind.COMPLETE)
    assert told.assignment is not None
    (first, *_) = [task for task in told.assignment.tasks if task.id == "vouchers"]
    task = replace(first, **changes)  # type: ignore[arg-type]
    return replace(told, assignment=replace(told.assignment, tasks=(task,)))


# Tasks


def test_a_task_says_whose_it_is_and_until_when() -> None:
    html = at_work()
    assert "By 03:54" in entry(html, "holding reply for chat")
    assert "<b>You</b>" in entry(html, "holding reply for chat")
    assert "mine" in entry(html, "holding reply for chat")
    assert "<span>Yang Chih-wei</span>" in entry(html, "double charges")
    assert "mine" not in entry(html, "double charges")


def test_a_task_is_late_once_its_target_has_passed() -> None:
    html = at_work()
    assert '<span class="late">Was due at 03:42</span>' in entry(html, "Staff the hotline")
    assert "late" not in entry(html, "holding reply for chat")
    assert "2 of 11 done" in html
    assert '<span class="late">One is late</span>' in html
    on_time = page_of(team_briefing(PLAN, DecisionKind.COMPLETE), after=25)
    assert "late" not in entry(on_time, "Staff the hotline")
    assert "is late" not in on_time


def test_a_task_that_was_done_late_is_done() -> None:
    told = with_task(due_at=minutes(20), done_at=minutes(30), done_by=LEAD)
    assert 'class="late"' not in page_of(told)
    assert "Done: Chang Hui-wen (head of customer service), 03:39" in page_of(told)


def test_a_task_names_what_it_waits_for_and_has_no_box_until_then() -> None:
    waiting = entry(at_work(), "Answer with the cause")
    other_team = "Waits for: “Confirm what fails and since when” (technical support)"
    assert f"{other_team} and “Publish the holding reply for chat and e-mail, in Chinese a…”." in waiting
    assert "checkbox" not in waiting
    told = team_briefing(PLAN, DecisionKind.COMPLETE, assignments={})
    assert told.assignment is not None
    done = ticked(told.assignment, {"brief-agents", "holding-reply"}, Step.EMERGENCY_RESPONSE, by=LEAD, now=minutes(35))
    free = entry(page_of(replace(told, assignment=done)), "Answer with the cause")
    assert "checkbox" in free
    assert "Waits" not in free


def test_only_what_can_be_ticked_has_a_box() -> None:
    form = Read(at_work()).form("tasks")
    boxes = set(re.findall(r'name="tasks" value="([^"]+)"', at_work()))
    assert boxes == {
        *("brief-agents", "staff-hotline", "holding-reply", "list-double-charges", "count-contacts"),
        *("vouchers", "shift-plan", "scam-calls"),
    }
    assert form.fields["ticks"] == ["shown"]
    assert form.fields["tasks"] == ["brief-agents"]


def test_posting_the_page_as_it_stands_changes_no_task() -> None:
    told = team_briefing(PLAN, DecisionKind.COMPLETE)
    assert told.assignment is not None
    waits_again = replace(told.assignment.task("brief-agents"), after=("customer_service/vouchers",))
    tasks = tuple(waits_again if task.id == waits_again.id else task for task in told.assignment.tasks)
    assignment = replace(told.assignment, tasks=tasks)
    form = Read(page_of(replace(told, assignment=assignment))).form("tasks")
    after = ticked(assignment, form.fields["tasks"], Step.EMERGENCY_RESPONSE, by=DEPUTY, now=minutes(37))
    assert after == assignment


def test_a_statement_is_the_task_of_who_has_to_write_it_though_the_system_ticks_it() -> None:
    told = team_briefing(PLAN, DecisionKind.COMPLETE, team=Team.PUBLIC_RELATIONS)
    assert told.assignment is not None
    task = replace(
        told.assignment.tasks[0],
        owner=told.contact.id,
        automatic=AutomaticStep.PUBLISH_STATEMENT,
        done_at=None,
        skipped_at=None,
    )
    html = page_of(replace(told, assignment=replace(told.assignment, tasks=(task,))))
    assert "Ticked by the system once the first statement is published." in html
    assert "The system does this by itself." not in html
    assert "You" in entry(html, PLAN.text(task.text, "en")[:30])


def test_the_system_s_tasks_say_so() -> None:
    html = at_work()
    assert "The system does this by itself." in entry(html, "Lend what the plan foresees")
    assert "checkbox" not in entry(html, "Lend what the plan foresees")
    assert "Done by the system, 03:28" in entry(html, "Open the hotline: a number")


def test_a_skipped_task_says_by_whom_and_why() -> None:
    skipped = entry(at_work(), "Call the twenty largest")
    assert "Skipped: Chang Hui-wen (head of customer service), 03:38. Marketing has called them already." in skipped
    assert "checkbox" not in skipped


def test_of_many_tasks_those_that_are_over_are_folded_away() -> None:
    html = at_work()
    above, _, below = html.partition("3 done or skipped")
    for text in ("Staff the hotline", "Answer with the cause", "Lend what"):
        assert text in above
    for text in ("Tell all agents", "Open the hotline: a number", "Call the twenty"):
        assert text not in above
        assert text in below
    assert Read(html).open_details == 0
    few = page_of(with_task(done_at=minutes(30), done_by=LEAD))
    assert "done or skipped" not in few


def test_tasks_stand_as_they_were_assigned() -> None:
    html = at_work()
    texts = ("Staff the hotline", "holding reply", "double charges", "Count questions", "vouchers", "night shift")
    places = [html.index(text) for text in texts]
    assert places == sorted(places)


def test_a_runbook_is_linked_and_learns_nothing() -> None:
    task = entry(at_work(), "Staff the hotline")
    assert f'href="{RUNBOOK}" rel="noreferrer noopener"' in task
    for address in ("javascript:alert(1)", "http://runbooks.example/x", "//runbooks.example"):
        assert "Runbook" not in page_of(with_task(runbook=address))


def test_what_was_ticked_and_could_not_be_saved_stays_ticked() -> None:
    told = shown(team_briefing(PLAN, DecisionKind.COMPLETE), after=36)
    form = {"action": ["tasks"], "ticks": ["shown"], "tasks": ["vouchers"], "measures": ["Half of it."]}
    page = PAGES.unusable(told, form, UnusableAnswer("tasks", "waits"))
    answer = assert_sound(page).form("tasks")
    assert answer.fields["tasks"] == ["vouchers"]
    assert answer.fields["measures"] == ["Half of it."]
    assert "done or skipped" not in page.html


def test_acknowledging_shows_the_tasks_without_boxes() -> None:
    html = at_work(DecisionKind.ACKNOWLEDGE)
    assert "holding reply for chat" in html
    assert "checkbox" not in entry(html, "holding reply for chat")
    assert "tasks" not in Read(html).form("acknowledged").fields


def test_before_they_are_taken_on_the_first_of_many_tasks_stand_above_the_answer() -> None:
    html = at_work(DecisionKind.ACKNOWLEDGE)
    in_sight, _, folded = html.partition("8 more tasks")
    assert in_sight.count('<li class="task') == 4
    assert folded.count('<li class="task') == 8
    assert "holding reply for chat" in in_sight


def test_clean_up_shows_its_own_checklist() -> None:
    html = at_work(DecisionKind.CLEAN_UP)
    assert "Take the holding reply down" in html
    assert "Publish the holding reply" not in html
    assert "Must be switched back before the record can be handed in." in entry(html, "Take the holding reply down")
    assert "tasks" in Read(html).actions


@pytest.mark.parametrize("locale", LOCALES)
def test_a_record_is_not_handed_in_while_something_is_switched(locale: str) -> None:
    told = team_briefing(PLAN, DecisionKind.CLEAN_UP, locale)
    assert still_to_close(told.assignment)
    form = {"outcome": ["handed_in"], "ticks": ["shown"], "record": ["All answered."]}
    page = PAGES.unusable(shown(told, after=103), form, UnusableAnswer("tasks", "switched"))
    read = assert_sound(page)
    assert 'href="#tasks"' in page.html
    assert WORDS[locale]("page.invalid.tasks_switched") in page.html
    assert read.form("handed_in").fields["record"] == ["All answered."]


# Changing tasks


@pytest.mark.parametrize("kind", [DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE, DecisionKind.CLEAN_UP])
def test_who_answers_for_a_team_can_change_its_tasks(kind: DecisionKind) -> None:
    read = Read(at_work(kind))
    add, reassign, skip = (read.form(name) for name in ("add_task", "reassign", "skip"))
    assert add.fields["once"] == ["the-once"]
    assert add.required == {"task_text", "owner"}
    assert add.fields["owner"] == [LEAD]
    assert reassign.required == {"task", "owner"}
    assert skip.required == {"task", "reason"}


def test_only_open_tasks_of_the_present_step_are_offered() -> None:
    def offered(html: str) -> set[str]:
        select = re.search(r'<select id="skip-task".*?</select>', html, re.DOTALL)
        assert select is not None
        return set(re.findall(r'option value="([^"]+)"', select[0]))

    assert {"staff-hotline", "answer-with-cause", "lend-resources"} <= offered(at_work())
    assert not {"brief-agents", "open-hotline", "call-sellers"} & offered(at_work())
    assert offered(at_work(DecisionKind.CLEAN_UP)) == {"back-holding-reply", "close-hotline"}


def test_the_team_s_people_stand_before_everybody_else() -> None:
    select = re.search(r'<select id="reassign-owner".*?</select>', at_work(), re.DOTALL)
    assert select is not None
    team, others = select[0].split("<optgroup")[1:]
    assert 'label="Customer service"' in team
    assert 'label="Everybody else"' in others
    chosen = [re.findall(r'value="([^"]+)"', part) for part in (team, others)]
    assert tuple(chosen[0]) == PLAN.team_people(Team.CUSTOMER_SERVICE)
    assert sorted(chosen[0] + chosen[1]) == sorted(PLAN.contacts)


def test_a_team_without_an_open_task_can_still_be_given_one() -> None:
    read = Read(page_of(with_task(done_at=minutes(30), done_by=LEAD)))
    assert "add_task" in read.actions
    assert not {"reassign", "skip"} & set(read.actions)


# Helping


@pytest.mark.parametrize("locale", LOCALES)
def test_whoever_helps_works_on_the_tasks_and_answers_nothing(locale: str) -> None:
    html = at_work(locale=locale, contact=DEPUTY, helps=True)
    read = Read(html)
    assert set(read.actions) == {"tasks", "note"}
    assert not [name for form in read.forms for name, _ in form.buttons if name == "outcome"]
    assert f"{LINK}/file" in html
    team = Names(PLAN, WORDS[locale]).team_inside(Team.CUSTOMER_SERVICE)
    assert f"<h1>{WORDS[locale]('page.helps.heading', team=team)}</h1>" in html
    assert WORDS[locale]("page.label.answer") not in html
    assert 'class="deadline"' not in html


def test_whoever_helps_is_told_who_answers() -> None:
    html = at_work(contact=DEPUTY, helps=True)
    assert "Chang Hui-wen (head of customer service) answers for customer service." in html
    assert "You are asked" not in html
    assert "<b>You</b>" in entry(html, "Staff the hotline")


def test_whoever_helps_public_relations_writes_no_statement() -> None:
    told = team_briefing(
        PLAN, DecisionKind.COMPLETE, team=Team.PUBLIC_RELATIONS, contact=SPEAKERS.deputies[0], helps=True
    )
    assert not set(Read(page_of(told)).actions) & ANSWERS
    assert f"{LINK}/statement" not in page_of(told)


def test_before_the_question_was_put_the_page_speaks_of_the_lead_and_of_no_ladder() -> None:
    told = team_briefing(PLAN, DecisionKind.COMPLETE, contact=DEPUTY, helps=True)
    decision = replace(told.decision, asked=(), level_began_at=None, due_at=None)
    html = page_of(replace(told, decision=decision))
    assert "Chang Hui-wen (head of customer service) answers for customer service." in html
    assert "Who is asked, and when" not in html


# What the team has on loan


def test_spending_is_reported_beside_what_the_team_has() -> None:
    html = at_work()
    form = Read(html).form("spend")
    assert form.required == {"allocation", "quantity", "reason"}
    assert form.fields["once"] == ["the-once"]
    assert "TWD 600,000 lent, TWD 45,000 spent and TWD 555,000 left" in html
    assert 'value="emergency-funds#customer_service"' in html
    assert "Emergency funds: TWD 555,000 left" in html
    assert "spend" in Read(at_work(DecisionKind.CLEAN_UP)).actions
    assert "spend" not in Read(at_work(DecisionKind.ACKNOWLEDGE)).actions


def test_what_is_gone_or_returned_is_shown_and_not_offered() -> None:
    funds, radios = loans()
    gone = replace(funds, spent=funds.quantity)
    back = replace(radios, spent=2, returned_at=minutes(30))
    html = at_work(allocations=(gone, back))
    assert "spend" not in Read(html).actions
    assert "TWD 600,000 lent and TWD 600,000 spent" in html
    assert "2 radios written off and 4 radios returned" in html
    part = at_work(allocations=(gone, radios))
    assert 'option value="radios#customer_service"' in part
    assert 'option value="emergency-funds#customer_service"' not in part


def test_a_team_without_loans_sees_none() -> None:
    html = at_work(allocations=())
    assert "on loan" not in html
    assert "spend" not in Read(html).actions


def test_more_than_is_left_is_told_with_what_is_left() -> None:
    form = {"action": ["spend"], "allocation": ["emergency-funds#customer_service"], "quantity": ["800,000"]}
    told = shown(team_briefing(PLAN, DecisionKind.COMPLETE))
    html = PAGES.unusable(told, form, UnusableAnswer("quantity", "too_much")).html
    assert "Only TWD 555,000 is left." in html
    assert Read(html).form("spend").fields["quantity"] == ["800,000"]
    assert Read(html).form("request").fields["quantity"] == [""]
    assert Read(html).form("spend").fields["allocation"] == ["emergency-funds#customer_service"]


# Updates to the public


def test_public_relations_writes_statements_and_sees_when_the_next_is_due() -> None:
    def speaking(**changes: object) -> str:
        return page_of(team_briefing(PLAN, DecisionKind.COMPLETE, team=Team.PUBLIC_RELATIONS, **changes))  # type: ignore[arg-type]

    assert "due by 03:55" in speaking()
    assert f'href="{LINK}/statement"' in speaking()
    late = speaking(updates=the_updates(34))
    assert "was due at 03:43" in late
    assert late.index("was due at 03:43") < late.index("Your tasks")
    for updates in (None, replace(the_updates(), over_at=minutes(35)), replace(the_updates(), due_at=None)):
        assert "Write a statement" in speaking(updates=updates)
    assert f"{LINK}/statement" not in at_work(updates=the_updates())


# Notices to authorities


def duties(locale: str = "en") -> Briefing:
    decision = decision_put_at(18, PLAN, DecisionKind.DUTIES)
    return briefing(PLAN, decision, locale, incident=active_incident(PLAN))


def test_what_is_in_force_is_ticked_and_a_draft_is_not() -> None:
    html = page_of(duties())
    form = Read(html).form("confirmed")
    assert form.fields["notices"] == ["gdpr-33", "cn-first-report", "cn-summary"]
    outcome, fields = read_answer(DecisionKind.DUTIES, PLAN, {**form.fields, "outcome": ["confirmed"]})
    assert (outcome, fields) == (Outcome.CONFIRMED, {"notices": "gdpr-33,cn-first-report,cn-summary"})
    assert "draft, not in force" in entry(html, "Final report")
    assert "draft" not in entry(html, "First report")
    assert "not legal advice" in html


def test_each_notice_says_to_whom_by_what_law_and_until_when() -> None:
    html = page_of(duties())
    first = entry(html, "First report")
    assert "To The provincial cyberspace administration" in first
    assert 'href="https://law.example/cn-first-report" rel="noreferrer noopener"' in first
    assert "(checked on 20 Nov 2026)" in first
    assert "Time allowed: within 4 hours." in first
    assert "Due at 07:12." in first
    assert "Begins when the response is over: 30 days." in entry(html, "Summary report")
    assert "Begins once “Notice under GDPR, article 33” was sent: 30 days." in entry(html, "Final report")


def test_a_notice_whose_time_is_over_already_stands_out() -> None:
    late = page_of(duties(), after=300)
    assert '<b class="late">Due at 07:12.</b>' in entry(late, "First report")
    assert "late" not in entry(late, "Summary report")


def test_only_notices_for_this_kind_of_incident_are_asked_about() -> None:
    (one, *_) = NOTICES
    other = replace(one, severities=(Severity.SEV1,))
    plan = replace(PLAN, deadlines=replace(PLAN.deadlines, notices={other.id: other}))
    page = PageWriter(plan, WORDS).question(shown(duties()))
    assert "notices" not in assert_sound(page).form("confirmed").types
    assert "The plan knows of no notice for this kind of incident." in page.html


def test_unticked_notices_stay_unticked_when_the_form_comes_back() -> None:
    form = {"outcome": ["confirmed"], "notices": ["cn-summary"], "comment": ["Nobody in Europe."]}
    page = PAGES.unusable(shown(duties()), form, UnusableAnswer("notices", "unknown"))
    answer = assert_sound(page).form("confirmed")
    assert answer.fields["notices"] == ["cn-summary"]
    assert answer.fields["comment"] == ["Nobody in Europe."]
    nothing = PAGES.unusable(shown(duties()), {"outcome": ["confirmed"]}, UnusableAnswer("comment", "too_long"))
    assert "notices" not in Read(nothing.html).form("confirmed").fields


def test_confirmed_notices_are_told_back_by_name() -> None:
    told = briefing(PLAN, settled_decision(PLAN, DecisionKind.DUTIES), incident=active_incident(PLAN))
    assert "Notice under GDPR, article 33" in PAGES.recorded(told, minutes(13)).html
    assert told.decision.answer is not None
    none = replace(told.decision.answer, fields={})
    without = replace(told, decision=replace(told.decision, answer=none))
    assert "<dd>none</dd>" in PAGES.recorded(without, minutes(13)).html


def notice() -> Briefing:
    decision = decision_put_at(40, PLAN, DecisionKind.NOTICE)
    return briefing(PLAN, decision, incident=active_incident(PLAN))


def test_a_notice_is_asked_for_with_its_reference() -> None:
    html = page_of(notice(), after=41)
    form = Read(html).form("sent")
    assert [value for _, value in form.buttons] == ["sent", "does_not_apply"]
    assert form.types["reference"] == "text"
    assert form.types["comment"] == "textarea"
    assert not form.required
    assert "Has “Notice under GDPR, article 33” been sent?" in html
    assert "Send it by 25 Nov, 03:12." in html
    assert "<dd>The supervisory authority</dd>" in html
    assert 'href="https://law.example/gdpr-33"' in html
    assert 'maxlength="200"' in html


def test_an_overdue_notice_says_so_and_that_the_leadership_group_was_paged() -> None:
    decision = notice().decision
    assert decision.clock is not None
    due = decision.clock.due_at
    second = replace(decision, level=1, level_began_at=due, due_at=due + timedelta(hours=1))
    late = replace(
        second, asked=(*decision.asked, replace(decision.asked[0], contact=PLAN.leadership.head, level=1, at=due))
    )
    told = replace(notice(), decision=late, contact=replace(PLAN.contact(PLAN.leadership.head), locale="en"))
    html = PAGES.question(replace(shown(told), now=due + timedelta(minutes=5))).html
    assert "It was due at 03:12. Please answer by 04:12." in html
    assert "The notice was due at 03:12 and had not been sent. The leadership group was paged." in html
    on_time = page_of(notice(), after=41)
    assert "The leadership group is paged then." in on_time
    assert "was paged" not in on_time


def test_a_notice_that_the_plan_no_longer_holds_can_still_be_answered() -> None:
    plan = replace(PLAN, deadlines=replace(PLAN.deadlines, notices={}))
    page = PageWriter(plan, WORDS).question(shown(notice()))
    assert "sent" in [value for _, value in assert_sound(page).form("sent").buttons]
    assert "gdpr-33" in page.html.lower()
    assert "The plan no longer holds this notice." in page.html


def test_a_sent_notice_is_told_back_with_its_reference() -> None:
    told = briefing(PLAN, settled_decision(PLAN, DecisionKind.NOTICE), incident=active_incident(PLAN))
    assert "Receipt 2026-4711" in PAGES.settled(told, minutes(60)).html


# Files

FORM = UploadForm(url="https://uploads.example:8443/bucket", fields={"key": "uploads/x/${filename}", "policy": "p&<"})
FILE = Uploaded(key="uploads/INC/x/link/graph.png", size=1_258_000, uploaded_at=minutes(36))


def working(locale: str = "en") -> Briefing:
    return team_briefing(PLAN, DecisionKind.COMPLETE, locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_file_is_sent_to_where_it_waits(locale: str) -> None:
    page = PAGES.upload(shown(working(locale)), FORM)
    (form,) = assert_tidy(page).forms
    assert page.status == 200
    assert form.attributes["action"] == FORM.url
    assert form.attributes["enctype"] == "multipart/form-data"
    # The fields that were signed stand before the file, in their order; nothing of ours goes to the other side.
    assert list(form.types) == ["key", "policy", "file"]
    assert form.fields["policy"] == ["p&<"]
    assert form.buttons == [("", "")]
    assert f'accept="{",".join(TYPES)}"' in page.html
    assert "25 MB" in page.html
    assert f'href="{LINK}"' in page.html
    assert "the-nonce" not in page.html


def test_a_form_for_a_file_may_go_to_that_one_place_and_back() -> None:
    page = PAGES.upload(shown(working()), FORM)
    policy = security_headers(page.html, page.form_action)["Content-Security-Policy"]
    assert "form-action 'self' https://uploads.example:8443;" in policy
    other = PAGES.question(shown(working()))
    assert other.form_action == ""
    assert "form-action 'self';" in security_headers(other.html, other.form_action)["Content-Security-Policy"]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_file_that_has_arrived_goes_on_record_by_its_persons_word(locale: str) -> None:
    page = PAGES.uploaded(shown(working(locale)), FILE)
    (form,) = assert_tidy(page).forms
    assert page.status == 200
    # The address has no query, so that nothing of it is posted or stays in the browser's history.
    assert form.attributes["action"] == f"{LINK}/file"
    assert form.fields == {"nonce": ["the-nonce"], "key": [FILE.key]}
    assert form.buttons == [("action", "file")]
    assert "graph.png" in page.html
    assert "1.2 MB" in page.html
    assert "34 kB" in PAGES.uploaded(shown(working(locale)), replace(FILE, size=34_900)).html


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("problem", ["missing", "too_large", "too_many", "type"])
def test_a_file_that_can_not_be_kept_is_said_with_a_way_to_another(problem: str, locale: str) -> None:
    told, error = shown(working(locale)), UnusableFile(problem)
    again, refused = PAGES.upload(told, FORM, error), PAGES.uploaded(told, FILE, error)
    text = WORDS[locale](f"page.invalid.file_{problem}", megabytes=25)
    for page in (again, refused):
        assert_tidy(page)
        assert page.status == 422
        assert text in page.html
        assert 'role="alert"' in page.html
    assert 'href="#file"' in again.html
    assert not Read(refused.html).forms
    assert f'href="{LINK}/file"' in refused.html


def test_every_question_leads_to_the_page_for_files() -> None:
    for kind in DecisionKind:
        html = PAGES.question(shown(briefing(PLAN, the_decision(PLAN, kind)))).html
        # Carriers are outside the company: their page takes an answer and nothing else.
        assert (f'href="{LINK}/file"' in html) == (kind is not DecisionKind.CARRIER)
        assert 'type="file"' not in html


# What people write


@pytest.mark.parametrize("text", TEXTS, ids=["markup", "template", "turned", "header", "long"])
@pytest.mark.parametrize("locale", LOCALES)
def test_r23_what_a_team_writes_is_harmless_on_its_pages(text: str, locale: str) -> None:
    told = team_briefing(PLAN, DecisionKind.COMPLETE, locale)
    assert told.assignment is not None
    hostile = [
        AssignedTask(id=text, text={PLAN.company.locale: text}, owner=text, runbook=text, after=(f"{text}/{text}",)),
        AssignedTask(id="x", text={locale: text}, skipped_at=minutes(20), skipped_by=text, reason=text, added_by=text),
        AssignedTask(id="y", text={locale: text}, done_at=minutes(20), done_by=text, after=(text,)),
        AssignedTask(id="z", text={locale: text}, after=("customer_service/y", f"customer_service/{text}")),
    ]
    assignment: Assignment = replace(told.assignment, tasks=tuple(hostile))
    funds = replace(loans()[0], resource=text)
    told = replace(told, assignment=assignment, assignments={}, allocations=(funds,))
    decision: Decision = decision_put_at(40, PLAN, DecisionKind.NOTICE)
    assert decision.clock is not None
    lost = replace(decision, clock=replace(decision.clock, notice=text))
    answered = replace(
        settled_decision(PLAN, DecisionKind.DUTIES),
        answer=Answer(outcome=Outcome.CONFIRMED, by=text, at=minutes(12), fields={"notices": text, "comment": text}),
    )
    file = replace(FILE, key=f"uploads/{text}")
    form = UploadForm(url="https://uploads.example/", fields={text: text})
    for page in (
        PAGES.question(shown(told)),
        PAGES.question(shown(replace(told, helps=True))),
        PAGES.question(shown(briefing(PLAN, lost, locale))),
        PAGES.settled(briefing(PLAN, answered, locale), minutes(30)),
        PAGES.upload(shown(told), form),
        PAGES.uploaded(shown(told), file),
        PAGES.uploaded(shown(told), file, UnusableFile("type")),
    ):
        assert_harmless(page.html)
