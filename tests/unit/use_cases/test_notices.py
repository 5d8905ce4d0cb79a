"""Notices to authorities: which apply, by when, who is warned, and what stands on record (P4; design §1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from emergency.domain.decision import Decision, NoticeClock, first_wait
from emergency.domain.errors import UnusableAnswer
from emergency.domain.terms import DecisionKind, Outcome, Risk, Severity, Team
from emergency.domain.timeline import Fact, TimelineEntry
from emergency.use_cases.ask_people import Standing
from tests.support.house import PLACE, House
from tests.support.memory import MemoryIncidents
from tests.support.plans import with_decision

LEGAL = "head-of-legal"


@pytest.fixture
def incident_id(working: House) -> str:
    """An activated incident."""
    return working.activate()


def confirm(house: House, incident_id: str, *notices: str) -> None:
    """Legal says which apply; an execution of the clock then starts them."""
    link = house.asked(incident_id, DecisionKind.DUTIES)
    house.press(link, Outcome.CONFIRMED, notices=list(notices))
    house.start_notices(incident_id, PLACE)


def started(house: House) -> list[str]:
    return [clock for (_, clock), (kind, _) in house.workflow.clocks.items() if kind == "notice"]


def notice(house: House, incident_id: str, id_: str = "early") -> Decision:
    return house.store.decisions[incident_id, f"notice-{id_}"]


def clock_of(decision: Decision) -> NoticeClock:
    assert decision.clock
    return decision.clock


def put(house: House, incident_id: str, id_: str = "early") -> str:
    """The notice's first rung is asked; gives the link of legal's head."""
    house.ask(incident_id, f"notice-{id_}", token=f"token-{id_}")
    return house.link_ids(LEGAL)[-1]


def entries(house: House, incident_id: str, fact: Fact) -> Sequence[TimelineEntry]:
    return [entry for entry in MemoryIncidents(house.store).timeline(incident_id) if entry.fact is fact]


def at(house: House, moment: datetime) -> None:
    house.clock.now = moment - timedelta(seconds=1)


class TestWhichApply:
    def test_legal_is_asked_which_apply_where_any_may(self, working: House, incident_id: str) -> None:
        working.start_clocks(incident_id)
        assert working.workflow.clocks[incident_id, "duties"][0] == "duties"

    def test_nobody_is_asked_where_the_plan_knows_none_for_the_risk_and_severity(self, working: House) -> None:
        for narrowed in ({"risks": (Risk.DATA_BREACH,)}, {"severities": (Severity.SEV1,)}):
            notices = {id_: replace(one, **narrowed) for id_, one in working.plan.deadlines.notices.items()}
            house = House(replace(working.plan, deadlines=replace(working.plan.deadlines, notices=notices)))
            incident_id = house.activate()
            house.start_clocks(incident_id)
            assert (incident_id, "duties") not in house.workflow.clocks
            house.start_notices(incident_id, PLACE)
            assert started(house) == []

    def test_before_legal_has_said_anything_none_is_started(self, working: House, incident_id: str) -> None:
        working.start_notices(incident_id, PLACE)
        working.asked(incident_id, DecisionKind.DUTIES)
        working.start_notices(incident_id, PLACE)
        assert started(working) == []

    def test_those_that_legal_chose_are_started_once_a_draft_among_them(self, working: House, incident_id: str) -> None:
        confirm(working, incident_id, "early", "planned", "summary", "full")
        working.start_notices(incident_id, PLACE)
        assert started(working) == ["notice-early", "notice-planned"]
        assert len(entries(working, incident_id, Fact.DEADLINE_STARTED)) == 2

    def test_where_legal_says_that_none_applies_none_is_started(self, working: House, incident_id: str) -> None:
        confirm(working, incident_id)
        working.begin_clean_up(incident_id)
        assert started(working) == []

    def test_where_legal_stays_silent_all_that_are_in_force_count(self, working: House, incident_id: str) -> None:
        working.asked(incident_id, DecisionKind.DUTIES)
        assert working.lapse(incident_id, "duties") is Outcome.NOT_CONFIRMED
        working.start_notices(incident_id, PLACE)
        assert started(working) == ["notice-early"]

    def test_a_notice_that_the_plan_does_not_know_is_unknown(self, working: House, incident_id: str) -> None:
        link = working.asked(incident_id, DecisionKind.DUTIES)
        with pytest.raises(UnusableAnswer):
            working.press(link, Outcome.CONFIRMED, notices=["early", "somebody else's"])


class TestWhenTheyAreDue:
    def test_their_time_counts_from_detection_however_late_legal_answers(
        self, working: House, incident_id: str
    ) -> None:
        working.clock.now += timedelta(hours=5)
        confirm(working, incident_id, "early")
        clock, detected = clock_of(notice(working, incident_id)), working.store.incidents[incident_id].detected_at
        assert (clock.began_at, clock.due_at) == (detected, detected + timedelta(hours=24))

    def test_those_after_the_response_count_from_the_beginning_of_clean_up(
        self, working: House, incident_id: str
    ) -> None:
        confirm(working, incident_id, "early", "summary")
        working.clock.now += timedelta(hours=9)
        working.begin_clean_up(incident_id)
        handled = working.store.incidents[incident_id].handled_at
        assert handled
        assert clock_of(notice(working, incident_id, "summary")).due_at == handled + timedelta(days=30)

    def test_legal_that_answers_after_the_response_still_starts_them(self, working: House, incident_id: str) -> None:
        working.begin_clean_up(incident_id)
        assert started(working) == []
        confirm(working, incident_id, "summary")
        assert started(working) == ["notice-summary"]

    def test_those_after_another_count_from_its_sending(self, working: House, incident_id: str) -> None:
        confirm(working, incident_id, "early", "full")
        link = put(working, incident_id)
        working.start_notices.after(incident_id, "notice-early", PLACE)
        assert started(working) == ["notice-early"]
        working.press(link, Outcome.SENT, reference=["A-1"])
        for _ in range(2):
            working.start_notices.after(incident_id, "notice-early", PLACE)
        answer = notice(working, incident_id).answer
        assert answer
        assert clock_of(notice(working, incident_id, "full")).began_at == answer.at

    def test_what_need_not_be_sent_starts_nothing(self, working: House, incident_id: str) -> None:
        confirm(working, incident_id, "early", "full")
        working.press(put(working, incident_id), Outcome.DOES_NOT_APPLY, comment=["No data of people"])
        working.start_notices.after(incident_id, "notice-early", PLACE)
        assert started(working) == ["notice-early"]
        (waived,) = entries(working, incident_id, Fact.DEADLINE_WAIVED)
        assert waived.details["text"] == "No data of people"

    def test_r13_a_clock_whose_start_got_lost_is_started_by_the_follow_up(
        self, working: House, incident_id: str
    ) -> None:
        confirm(working, incident_id, "early")
        working.workflow.clocks.clear()
        working.follow_up(incident_id, "notice-early")
        assert started(working) == ["notice-early"]


class TestWaiting:
    @pytest.fixture
    def link(self, working: House, incident_id: str) -> str:
        confirm(working, incident_id, "early")
        return put(working, incident_id)

    def test_the_first_rung_lasts_as_long_as_the_notice_has_time(
        self, working: House, incident_id: str, link: str
    ) -> None:
        assert working.open(link).contact.id == LEGAL
        decision = notice(working, incident_id)
        assert decision.due_at == clock_of(decision).due_at

    def test_it_is_warned_at_the_plans_share_of_its_own_time(self, working: House, incident_id: str, link: str) -> None:
        clock = clock_of(notice(working, incident_id))
        share = clock.began_at + timedelta(hours=24) * 0.8
        at(working, share - timedelta(minutes=10))
        early = working.look(incident_id, "notice-early").turn
        assert early
        assert (early.level, early.reminder) == (0, False)
        assert early.seconds in range(590, 601)
        at(working, share)
        turn = working.look(incident_id, "notice-early").turn
        assert turn
        assert (turn.level, turn.reminder) == (0, True)
        for _ in range(2):
            working.ask(incident_id, "notice-early", token="token-warned", reminder=True)
        (warned,) = entries(working, incident_id, Fact.DEADLINE_WARNED)
        assert (warned.details["who"], warned.details["notice"]) == (LEGAL, "early")
        assert warned.details["due"] == clock.due_at.isoformat()

    def test_the_first_wait_ends_when_it_is_to_be_warned_counted_from_detection(
        self, working: House, incident_id: str
    ) -> None:
        working.clock.now += timedelta(hours=5)
        confirm(working, incident_id, "early")
        decision = notice(working, incident_id)
        warned = clock_of(decision).began_at + timedelta(hours=24) * 0.8
        wait = timedelta(seconds=first_wait(decision, 0))
        assert abs(decision.opened_at + wait - warned) < timedelta(seconds=2)

    @pytest.mark.parametrize("seconds", [-1, 0, 5])
    def test_once_its_time_is_over_it_is_missed_on_record_and_paged_and_asked_for_higher_up(
        self, working: House, incident_id: str, link: str, seconds: int
    ) -> None:
        """Taken out: the moment in `is_overdue`; a timer that ran out just before left no trace of the miss."""
        due = clock_of(notice(working, incident_id)).due_at
        stepping, moment = working.clock, due + timedelta(seconds=seconds)
        working.clock = lambda: moment  # type: ignore[assignment]
        for _ in range(2):
            look = working.look(incident_id, "notice-early")
        working.clock = stepping
        at(working, due + timedelta(seconds=9))
        assert look.standing is Standing.PAGE
        assert look.turn
        assert look.turn.level == 1
        (missed,) = entries(working, incident_id, Fact.DEADLINE_MISSED)
        assert missed.at >= clock_of(notice(working, incident_id)).due_at
        working.ask(incident_id, "notice-early", level=1, token="token-1")
        assert working.press(working.link_ids("ceo")[-1], Outcome.SENT, reference=["B-2"]).answer
        (met,) = entries(working, incident_id, Fact.DEADLINE_MET)
        assert (met.details["reference"], met.details["late"], met.actor) == ("B-2", 1, "ceo")

    def test_sent_in_time_it_is_met_with_its_reference(self, working: House, incident_id: str, link: str) -> None:
        working.press(link, Outcome.SENT, reference=["A-1"])
        (met,) = entries(working, incident_id, Fact.DEADLINE_MET)
        assert (met.details["reference"], met.details["late"]) == ("A-1", 0)
        assert not entries(working, incident_id, Fact.DEADLINE_MISSED)

    @pytest.mark.parametrize("outcome", [Outcome.SENT, Outcome.DOES_NOT_APPLY])
    def test_an_answer_says_the_reference_or_why_not(
        self, working: House, incident_id: str, link: str, outcome: Outcome
    ) -> None:
        with pytest.raises(UnusableAnswer):
            working.press(link, outcome)
        assert notice(working, incident_id).is_open

    def test_asked_for_after_its_time_there_is_still_a_rungs_time_to_answer(
        self, working: House, incident_id: str
    ) -> None:
        working.clock.now += timedelta(hours=30)
        confirm(working, incident_id, "early")
        put(working, incident_id)
        due = notice(working, incident_id).due_at
        assert due
        assert due - working.clock.now > timedelta(seconds=590)

    def test_where_legal_cannot_be_mailed_others_have_all_the_time_that_is_left(
        self, working: House, incident_id: str
    ) -> None:
        """Taken out: the clock in `asking` for later rungs. A bounce cost all but a rung's wait of three days."""
        confirm(working, incident_id, "early")
        working.post.refuses.add(LEGAL)
        working.ask(incident_id, "notice-early", token="token-0")
        assert notice(working, incident_id).cut_short == "MailBounced"
        turn = working.look(incident_id, "notice-early").turn
        assert turn
        assert turn.level == 1
        assert not entries(working, incident_id, Fact.DEADLINE_MISSED)
        working.ask(incident_id, "notice-early", level=1, token="token-1")
        clock = clock_of(notice(working, incident_id))
        at(working, working.clock.now + timedelta(minutes=10))
        waits = working.look(incident_id, "notice-early", 1).turn
        assert waits
        assert (waits.level, waits.reminder) == (1, False)
        at(working, clock.began_at + timedelta(hours=24) * 0.8)
        working.ask(incident_id, "notice-early", level=1, token="token-2", reminder=True)
        assert [one.details["who"] for one in entries(working, incident_id, Fact.DEADLINE_WARNED)] == ["ceo"]
        at(working, clock.due_at)
        over = working.look(incident_id, "notice-early", 1)
        assert (over.standing, over.turn and over.turn.level) == (Standing.PAGE, 2)
        assert len(entries(working, incident_id, Fact.DEADLINE_MISSED)) == 1
        working.ask(incident_id, "notice-early", level=2, token="token-3")
        at(working, clock.due_at + timedelta(minutes=15))
        assert working.look(incident_id, "notice-early", 2).standing is Standing.LAPSE

    def test_a_ladder_of_one_rung_pages_before_the_plan_gives_up(self, working: House, incident_id: str) -> None:
        ladder = working.plan.decisions[DecisionKind.NOTICE].ladder[:1]
        working.plan = with_decision(working.plan, DecisionKind.NOTICE, ladder=ladder)
        confirm(working, incident_id, "early")
        put(working, incident_id)
        at(working, clock_of(notice(working, incident_id)).due_at)
        assert working.look(incident_id, "notice-early").standing is Standing.PAGE
        working.ask(incident_id, "notice-early", level=1, token="token-1")
        working.clock.now += timedelta(minutes=15)
        assert working.look(incident_id, "notice-early", 1).standing is Standing.LAPSE


class TestAfterTheEnd:
    def test_a_notice_is_answered_after_the_incident_was_closed_and_the_record_sealed_anew(
        self, working: House, incident_id: str
    ) -> None:
        confirm(working, incident_id, "early")
        link = put(working, incident_id)
        working.assemble(incident_id)
        working.write(incident_id)
        working.close(incident_id)
        before = working.archive.files[f"{incident_id}/manifest.json"]
        working.press(link, Outcome.SENT, reference=["A-1"])
        working.seal.anew(incident_id, PLACE)
        assert working.archive.files[f"{incident_id}/manifest.json"] != before
        filed = json.loads(working.archive.files[f"{incident_id}/record.json"])
        assert "deadline_met" in [entry["fact"] for entry in filed["timeline"]]
        assert len(entries(working, incident_id, Fact.RECORD_SEALED)) == 3

    def test_two_notices_whose_record_is_sealed_at_once_both_get_into_it(
        self, working: House, incident_id: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Taken out: the second look at the answers. Who had read first wrote last, and the other's answer was gone."""
        confirm(working, incident_id, "early", "planned")
        links = {id_: put(working, incident_id, id_) for id_ in ("early", "planned")}
        working.close(incident_id)
        working.press(links["early"], Outcome.SENT, reference=["A-1"])
        put_into_archive = working.archive.put

        def slow(name: str, content: str | bytes, content_type: str) -> None:
            monkeypatch.setattr(working.archive, "put", put_into_archive)
            working.press(links["planned"], Outcome.SENT, reference=["B-2"])
            working.seal.anew(incident_id, PLACE)
            put_into_archive(name, content, content_type)

        monkeypatch.setattr(working.archive, "put", slow)
        working.seal.anew(incident_id, PLACE)
        filed = json.loads(working.archive.files[f"{incident_id}/record.json"])
        met = [entry["details"]["reference"] for entry in filed["timeline"] if entry["fact"] == "deadline_met"]
        assert sorted(met) == ["A-1", "B-2"]

    def test_before_the_end_nothing_is_sealed_anew(self, working: House, incident_id: str) -> None:
        working.seal.anew(incident_id, PLACE)
        assert not working.archive.files

    def test_any_other_question_is_over_with_the_incident(self, working: House, incident_id: str) -> None:
        confirm(working, incident_id, "early")
        team = working.asked(incident_id, DecisionKind.COMPLETE, Team.TECHNICAL_SUPPORT)
        own = put(working, incident_id)
        working.close(incident_id)
        assert (working.open(team).is_over, working.open(own).is_over) == (True, False)
