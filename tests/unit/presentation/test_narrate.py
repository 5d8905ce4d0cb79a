"""The timeline told: every fact has a sentence in each language, whatever its details."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.terms import DecisionKind, Factor, Outcome, Risk, Step
from emergency.domain.timeline import SYSTEM, Detail, Fact, TimelineEntry
from emergency.presentation.narrate import sentence
from tests.support.teams_at_work import CLEANING, NOTICE, RESERVIST, TASK, plan_at_work, the_course
from tests.support.telling import LOCALES, PLACE, company, minutes, the_timeline

EXAMPLE, WORDS = company()
PLAN = plan_at_work(EXAMPLE)
LAW = "the notice “EU: personal data breach”"
LEAD = "head-of-customer-service"
TEAM: Mapping[str, Detail] = {"kind": "complete", "team": "customer_service", "who": LEAD}
LEAD_NAME = "Chang Hui-wen (head of customer service)"


def entry(fact: Fact, details: Mapping[str, Detail] | None = None) -> TimelineEntry:
    return TimelineEntry(
        key="k", at=minutes(0), step=Step.ORDERS, fact=fact, actor=SYSTEM, place=PLACE, details=details or {}
    )


def told(fact: Fact, locale: str = "en", **details: Detail) -> str:
    return sentence(entry(fact, {**TEAM, **details}), PLAN, WORDS[locale], Risk.SYSTEM_FAILURE)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("fact", Fact)
def test_every_fact_has_a_sentence_even_without_details(fact: Fact, locale: str) -> None:
    said = sentence(entry(fact), PLAN, WORDS[locale])
    assert said.endswith((".", "。", "”", "」"))
    assert "{" not in said


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", DecisionKind)
@pytest.mark.parametrize("fact", Fact)
def test_every_question_and_outcome_is_told(fact: Fact, kind: DecisionKind, locale: str) -> None:
    for outcome in Outcome:
        assert told(fact, locale, kind=kind, outcome=outcome, who="chief-executive", level=1)


def test_ids_become_names_and_quantities_get_their_units() -> None:
    english = [sentence(one, PLAN, WORDS["en"], Risk.SYSTEM_FAILURE) for one in the_timeline(PLAN)]
    chinese = [sentence(one, PLAN, WORDS["zh-Hant"], Risk.SYSTEM_FAILURE) for one in the_timeline(PLAN)]
    assert "Lent to technical support: spare servers (4 units)." in english
    assert "Lent to customer service: emergency funds (TWD 50,000)." in english
    assert any(line.startswith("Technical support was given 3 tasks") for line in english)
    assert any("（" not in line and "執行長" in line for line in chinese)
    for line in english + chinese:
        assert not any(id_ in line for id_ in ("chief-executive", "technical_support", "spare-servers", "SYSTEM"))
        assert "staff-hotline" not in line


def test_one_of_something_goes_without_the_unit_that_has_no_singular() -> None:
    said = told(Fact.RESOURCE_SHORT, resource="forensic-kits", wanted=2, quantity=1)
    assert said == "Short for customer service: forensic imaging kits. Wanted 2 kits, lent 1."
    assert told(Fact.RESOURCE_LENT, resource="forensic-kits", quantity=1).endswith("forensic imaging kits (1).")
    chinese = told(Fact.RESOURCE_LENT, "zh-Hant", resource="forensic-kits", quantity=1)
    assert chinese.endswith("數位鑑識工具組 1 套。")


@pytest.mark.parametrize("locale", LOCALES)
def test_ids_of_teams_work_become_names(locale: str) -> None:
    for one in the_course(PLAN):
        said = sentence(one, PLAN, WORDS[locale], Risk.SYSTEM_FAILURE)
        assert "–" not in said
        ids = (TASK, CLEANING, NOTICE, RESERVIST, "customer_service", "head-of", "mobile-phones", "2026-11")
        assert not [id_ for id_ in ids if id_ in said]


@pytest.mark.parametrize(
    ("fact", "details", "said"),
    [
        (Fact.TASK_DONE, {"who": "", "task": TASK}, "Done by the system: Staff the hotline"),
        (Fact.TASK_DONE, {"task": f"back-{TASK}"}, f"{LEAD_NAME} ticked off: Close the extra queue."),
        (Fact.TASK_DONE, {"task": CLEANING}, f"{LEAD_NAME} ticked off: Archive the chats."),
        (
            Fact.TASK_ADDED,
            {"task": "a1", "text": "Ask the bank.", "owner": "head-of-legal"},
            f"{LEAD_NAME} added a task for customer service, to be done by Vivian Leung (head of legal): Ask the bank.",
        ),
        (
            Fact.TASK_SKIPPED,
            {"task": CLEANING, "reason": "None were\nkept."},
            f"{LEAD_NAME} skipped a task of customer service: Archive the chats. Reason: “None were kept.”",
        ),
        (Fact.RESERVE_CALLED, {"people": (RESERVIST,)}, "Called from the reserve list to help customer service: Lai P"),
        (Fact.UPDATE_GIVEN, {"text": "All is well.", "beat": 0}, f"{LEAD_NAME} gave an update to the public: “All is"),
        (
            Fact.CLEAN_UP_BEGAN,
            {"teams": ("customer_service",), "tasks": 1},
            "Clean-up began for customer service, with 1",
        ),
        (
            Fact.RECORD_SEALED,
            {"parts": 3, "digest": "ab12"},
            "The complete record is sealed: 3 documents, SHA-256 ab12.",
        ),
        (
            Fact.FUNDS_SPENT,
            {"resource": "emergency-funds", "quantity": 150, "text": "Taxi."},
            f"{LEAD_NAME} spent TWD 1.50 for customer service. Reason: “Taxi.”",
        ),
    ],
)
def test_what_a_team_does_is_told(fact: Fact, details: Mapping[str, Detail], said: str) -> None:
    one = entry(fact, {**TEAM, **details})
    assert sentence(one, PLAN, WORDS["en"], Risk.SYSTEM_FAILURE).startswith(said)


def test_the_clock_of_a_notice_is_told_from_its_start_to_its_end() -> None:
    due = minutes(60).isoformat()
    assert told(Fact.DEADLINE_STARTED, notice=NOTICE, due=due) == f"The clock began for {LAW}, due by 22 Nov, 04:09."
    in_time = told(Fact.DEADLINE_MET, notice=NOTICE, reference="R-7", late=0)
    assert in_time == f"{LEAD_NAME} sent {LAW} in time. Reference: R-7."
    assert f"sent {LAW} late." in told(Fact.DEADLINE_MET, notice=NOTICE, reference="R-7", late=1)
    waived = told(Fact.DEADLINE_WAIVED, notice=NOTICE, text="No users in the EU.")
    assert waived == f"{LEAD_NAME} decided that {LAW} does not apply. Reason: “No users in the EU.”"


def test_the_question_about_a_notice_names_it() -> None:
    asked = told(Fact.DECISION_REMINDED, kind="notice", decision=f"notice-{NOTICE}")
    assert asked == f"{LEAD_NAME} was reminded of {LAW}."
    unknown = told(Fact.DECISION_REMINDED, kind="notice", decision="notice-of-an-older-plan")
    assert unknown == f"{LEAD_NAME} was reminded of a notice to an authority."


def test_several_people_are_one_enumeration() -> None:
    who = PLAN.leadership.deputy_heads
    assert " and " in told(Fact.DECISION_ASKED, kind="orders", who=who)


def test_what_the_plan_no_longer_holds_is_shown_as_it_is() -> None:
    said = told(Fact.RESOURCE_LENT, resource="old-kit", quantity=3, team="old_team")
    assert "old-kit" in said
    assert "old_team" in said
    assert "old-task" in told(Fact.TASK_DONE, task="old-task")


@pytest.mark.parametrize(
    ("factor", "how"),
    [
        (Factor.LINK, ""),
        (Factor.CODE, " Confirmed with a code."),
        (Factor.TOTP, " Confirmed with the authenticator app."),
        (Factor.DEVICE, " On a trusted device."),
    ],
)
def test_an_answer_tells_how_its_person_was_known(factor: Factor, how: str) -> None:
    said = told(Fact.DECISION_ANSWERED, outcome="completed", factor=factor, voters=(LEAD,), mail="m")
    assert said == f"{LEAD_NAME} reported the tasks of customer service complete.{how}"


def test_an_answer_tells_for_whom_it_was_given_and_who_had_agreed() -> None:
    said = told(
        Fact.DECISION_ANSWERED,
        outcome="completed",
        instead_of="head-of-logistics",
        factor="code",
        voters=("head-of-legal", "head-of-marketing", LEAD),
    )
    assert said.endswith(
        " In place of Ho Chi-keung (head of logistics). Confirmed with a code."
        " The same answer had come from Vivian Leung (head of legal) and Tsai Hsin-yi (head of marketing)."
    )


def test_a_vote_that_does_not_decide_is_told_as_one() -> None:
    said = told(Fact.VOTE_CAST, kind="orders", outcome="activate", factor="device")
    assert said == f"{LEAD_NAME} answered about the orders: plan activated. Others have to agree. On a trusted device."


def test_what_was_handed_over_is_told_with_whom_it_went_to_and_why() -> None:
    said = told(Fact.HANDED_OVER, to=("head-of-legal",), text="I am\non a plane.")
    assert said == (
        f"{LEAD_NAME} handed over the tasks of customer service to Vivian Leung (head of legal)."
        " Reason: “I am on a plane.”"
    )


def test_more_time_is_told_until_when() -> None:
    assert told(Fact.MORE_TIME, until=minutes(60).isoformat()) == (
        f"{LEAD_NAME} asked for more time for the tasks of customer service, until 22 Nov, 04:09."
    )
    assert "until whenever" in told(Fact.MORE_TIME, until="whenever")


def test_a_task_is_told_in_the_words_of_the_incidents_playbook() -> None:
    said = told(Fact.TASK_DONE, "zh-Hant", task="staff-hotline")
    assert "安排人員接聽專門熱線" in said
    assert not said.endswith("。。")
    unknown = sentence(entry(Fact.TASK_DONE, {**TEAM, "task": "staff-hotline"}), PLAN, WORDS["en"])
    assert "staff-hotline" in unknown


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("refused", "was not accepted"),
        ("bounce.permanent", "the address does not work"),
        ("bounce.transient", "takes no mail at the moment"),
        ("complaint", "marked as spam"),
        ("reject", "stopped by the mail service"),
        ("never heard of", "did not arrive"),
        ("", "did not arrive"),
    ],
)
def test_a_mail_that_did_not_arrive_is_told_with_its_reason(reason: str, why: str) -> None:
    assert why in told(Fact.MAIL_UNDELIVERED, reason=reason)


def test_a_stand_in_is_told_with_whom_they_stand_in_for() -> None:
    said = told(Fact.DECISION_DELEGATED, instead_of="head-of-legal")
    assert (
        said == f"Vivian Leung (head of legal) is away, so {LEAD_NAME} was asked about the tasks of customer service."
    )


DETAIL = st.one_of(st.text(max_size=50), st.integers(), st.tuples(st.text(max_size=10)), st.just(()))
NAMES = st.sampled_from(
    (
        *("name", "region", "severity", "likelihood", "who", "team", "teams", "task_force", "kind", "outcome"),
        *("level", "tasks", "number", "resource", "quantity", "wanted", "round", "unheard_of"),
        *("to", "instead_of", "factor", "voters", "text", "file", "until", "task", "reason"),
        *("people", "owner", "notice", "decision", "due", "late", "reference", "parts", "digest", "beat"),
    )
)


@given(st.sampled_from(Fact), st.dictionaries(NAMES, DETAIL), st.sampled_from(LOCALES))
def test_no_details_whatever_crash_a_sentence(fact: Fact, details: dict[str, Detail], locale: str) -> None:
    said = sentence(entry(fact, details), PLAN, WORDS[locale], Risk.SYSTEM_FAILURE)
    assert "\n" not in said
