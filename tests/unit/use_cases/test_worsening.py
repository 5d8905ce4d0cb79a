"""Signals during the incident: what goes off is told, what is worse is decided on (P3, P6.1, P6.2; R13, R14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from emergency.domain.correlation import Tally
from emergency.domain.deadline import Watched
from emergency.domain.errors import DecisionStillOpen
from emergency.domain.incident_report import PersonReport, event_of
from emergency.domain.terms import DecisionKind, Outcome, Risk, Severity, Step, Team
from emergency.domain.timeline import CLEAN_UP, CLEARED, ORDERS, REPORTED, SYSTEM, WORSE, Fact, Place, TimelineEntry
from tests.support.house import House
from tests.support.memory import MemoryIncidents

WORSE_THAN_KNOWN = "severity-SEV1"


def heard(house: House, incident_id: str, key: str, **details: str) -> str:
    """A signal left an entry on the timeline; gives its key."""
    entry = TimelineEntry(
        key=key,
        at=house.clock(),
        step=Step.INCIDENT_REPORT,
        fact=Fact.SIGNAL_CLEARED if key.startswith(CLEARED) else Fact.SEVERITY_WORSENED,
        actor=SYSTEM,
        place=Place(execution=incident_id, state="1. Incident report"),
        details={"name": "db-down", "region": "ap-northeast-1", "reason": "No connections", **details},
    )
    MemoryIncidents(house.store).add(incident_id, [entry])
    return key


def worsened(house: House, incident_id: str, severity: str = "SEV1") -> None:
    house.follow_incident(incident_id, heard(house, incident_id, f"{WORSE}{severity}"))


def asked_to_raise(house: House, incident_id: str) -> str:
    """The question was put; gives the link of the head."""
    worsened(house, incident_id)
    house.ask(incident_id, WORSE_THAN_KNOWN, token="severity")
    return house.link_ids("ceo")[-1]


def raised(house: House, incident_id: str) -> Severity:
    house.press(asked_to_raise(house, incident_id), Outcome.RAISED)
    return house.raise_severity(incident_id)


def told(house: House, kind: str) -> list[str]:
    return [mail.to.id for mail in house.post.sent if mail.subject == kind]


def facts(house: House, incident_id: str, fact: Fact) -> list[TimelineEntry]:
    return [entry for entry in MemoryIncidents(house.store).timeline(incident_id) if entry.fact is fact]


class TestAsking:
    def test_a_worse_signal_is_put_to_the_leadership_with_what_it_says(self, working: House) -> None:
        incident_id = working.activate()
        worsened(working, incident_id)
        question = working.store.decisions[incident_id, WORSE_THAN_KNOWN]
        assert question.rungs[0] == ("ceo", "cto", "coo")
        assert question.worsening
        assert (question.worsening.signal, question.worsening.reason) == ("db-down", "No connections")
        assert working.workflow.releases == [(incident_id, WORSE_THAN_KNOWN)]

    def test_there_is_as_much_time_as_at_the_higher_severity(self, working: House) -> None:
        severities = dict(working.plan.severities)
        for severity, seconds in ((Severity.SEV1, 300), (Severity.SEV2, 600)):
            wait = {**severities[severity].wait, DecisionKind.SEVERITY: (seconds,)}
            severities[severity] = replace(severities[severity], wait=wait)
        house = House(replace(working.plan, severities=severities))
        incident_id = house.activate()
        worsened(house, incident_id)
        assert house.store.decisions[incident_id, WORSE_THAN_KNOWN].waits == (300,)

    def test_the_same_signal_twice_is_one_question(self, working: House) -> None:
        incident_id = working.activate()
        worsened(working, incident_id)
        before = working.store.decisions[incident_id, WORSE_THAN_KNOWN]
        worsened(working, incident_id)
        assert working.store.decisions[incident_id, WORSE_THAN_KNOWN] == before
        assert len(working.workflow.releases) == 1

    @pytest.mark.parametrize("severity", ["SEV2", "SEV3"])
    def test_nobody_is_asked_to_keep_or_lower_it(self, working: House, severity: str) -> None:
        incident_id = working.activate(severity="SEV2")
        worsened(working, incident_id, severity)
        assert not working.workflow.releases

    def test_before_orders_they_decide_and_know_it(self, working: House) -> None:
        incident_id = working.put_orders()
        worsened(working, incident_id)
        assert not working.workflow.releases
        working.press(working.link_ids("ceo")[-1], Outcome.ACTIVATE, severity=["SEV2"], teams=list(Team))
        working.carry_out(incident_id)
        working.follow_incident(incident_id, "orders")
        assert not working.workflow.releases

    def test_what_came_between_the_orders_answer_and_their_carrying_out_is_asked(self, working: House) -> None:
        incident_id = working.put_orders()
        working.press(working.link_ids("ceo")[-1], Outcome.ACTIVATE, severity=["SEV2"], teams=list(Team))
        worsened(working, incident_id)
        working.carry_out(incident_id)
        working.follow_incident(incident_id, "orders")
        assert working.workflow.releases == [(incident_id, WORSE_THAN_KNOWN)]

    def test_once_clean_up_has_begun_nobody_is_asked(self, working: House) -> None:
        incident_id = working.activate()
        working.begin_clean_up(incident_id)
        worsened(working, incident_id)
        assert not working.workflow.releases

    def test_r13_a_question_whose_start_got_lost_is_put_by_its_follow_up(self, working: House) -> None:
        incident_id = working.activate()
        worsened(working, incident_id)
        working.workflow.releases.clear()
        working.follow_up(incident_id, WORSE_THAN_KNOWN)
        assert working.workflow.releases == [(incident_id, WORSE_THAN_KNOWN)]


class TestRaising:
    def test_the_incident_is_raised_and_the_leads_of_the_called_teams_are_told(self, working: House) -> None:
        incident_id = working.activate(teams=[Team.TECHNICAL_SUPPORT, Team.PUBLIC_RELATIONS])
        assert raised(working, incident_id) is Severity.SEV1
        assert working.store.incidents[incident_id].severity is Severity.SEV1
        (entry,) = facts(working, incident_id, Fact.SEVERITY_RAISED)
        assert (entry.actor, entry.details["severity"], entry.details["before"]) == ("ceo", "SEV1", "SEV2")
        assert told(working, "severity_raised") == ["cto", "head-of-marketing"]

    def test_what_was_ordered_and_computed_stays_on_record(self, working: House) -> None:
        incident_id = working.activate()
        raised(working, incident_id)
        incident = working.store.incidents[incident_id]
        assert incident.orders
        assert (incident.orders.severity, incident.computed_severity) == (Severity.SEV2, Severity.SEV2)

    def test_a_second_run_changes_nothing_and_tells_nobody_twice(self, working: House) -> None:
        incident_id = working.activate()
        raised(working, incident_id)
        before, mails = working.store.incidents[incident_id], len(working.post.sent)
        assert working.raise_severity(incident_id) is Severity.SEV1
        assert (working.store.incidents[incident_id], len(working.post.sent)) == (before, mails)

    def test_kept_is_kept(self, working: House) -> None:
        incident_id = working.activate()
        working.press(asked_to_raise(working, incident_id), Outcome.KEPT)
        assert working.raise_severity(incident_id) is Severity.SEV2
        assert not facts(working, incident_id, Fact.SEVERITY_RAISED)

    def test_silence_raises_nothing(self, working: House) -> None:
        incident_id = working.activate()
        asked_to_raise(working, incident_id)
        assert working.lapse(incident_id, WORSE_THAN_KNOWN) is Outcome.NOT_RAISED
        assert working.raise_severity(incident_id) is Severity.SEV2

    def test_an_open_question_raises_nothing(self, working: House) -> None:
        incident_id = working.activate()
        asked_to_raise(working, incident_id)
        with pytest.raises(DecisionStillOpen):
            working.raise_severity(incident_id)

    def test_it_is_never_lowered(self, working: House) -> None:
        incident_id = working.activate(severity="SEV3")
        worsened(working, incident_id, "SEV2")
        working.ask(incident_id, "severity-SEV2", token="lower")
        lower = working.link_ids("ceo")[-1]
        raised(working, incident_id)
        working.press(lower, Outcome.RAISED)
        mails = len(working.post.sent)
        assert working.raise_severity(incident_id, "severity-SEV2") is Severity.SEV1
        assert len(working.post.sent) == mails

    def test_an_answer_after_clean_up_began_raises_nothing(self, working: House) -> None:
        incident_id = working.activate()
        link = asked_to_raise(working, incident_id)
        working.begin_clean_up(incident_id)
        working.press(link, Outcome.RAISED)
        assert working.raise_severity(incident_id) is Severity.SEV2

    def test_the_next_update_to_the_public_comes_due_at_the_higher_pace(self, working: House) -> None:
        assert working.plan.deadlines.updates
        first = {**working.plan.deadlines.updates.first, Severity.SEV1: 300}
        paced = replace(working.plan.deadlines.updates, first=first)
        working = House(replace(working.plan, deadlines=replace(working.plan.deadlines, updates=paced)))
        incident_id = working.activate(severity="SEV4")
        working.set_up_task_force(incident_id)
        before = working.store.deadlines[incident_id, Watched.UPDATES]
        working.watch(incident_id, Watched.UPDATES, token="updates")
        raised(working, incident_id)
        after = working.store.deadlines[incident_id, Watched.UPDATES]
        assert before.due_at
        assert after.due_at
        assert after.due_at < before.due_at
        assert after.due_at <= working.clock.now + timedelta(seconds=300)
        assert working.workflow.moved == [("updates", Watched.UPDATES)]


class TestFurtherNotices:
    """Legal confirmed which notices apply when fewer came into question."""

    @pytest.fixture
    def grave(self, working: House) -> House:
        """A plan in which one notice is for the gravest incidents alone."""
        notices = dict(working.plan.deadlines.notices)
        notices["early"] = replace(notices["early"], severities=(Severity.SEV1,))
        return House(replace(working.plan, deadlines=replace(working.plan.deadlines, notices=notices)))

    def test_those_that_only_the_higher_severity_brings_are_asked_for(self, grave: House) -> None:
        incident_id = grave.activate()
        grave.press(grave.asked(incident_id, DecisionKind.DUTIES), Outcome.CONFIRMED, notices=[])
        assert (incident_id, "notice-early") not in grave.workflow.clocks
        raised(grave, incident_id)
        assert (incident_id, "notice-early") in grave.workflow.clocks

    def test_those_that_legal_has_ruled_out_stay_out(self, working: House) -> None:
        incident_id = working.activate()
        working.press(working.asked(incident_id, DecisionKind.DUTIES), Outcome.CONFIRMED, notices=[])
        raised(working, incident_id)
        assert (incident_id, "notice-early") not in working.workflow.clocks


class TestCleared:
    def test_the_technical_lead_hears_which_alarm_went_off(self, working: House) -> None:
        incident_id = working.activate()
        working.follow_incident(incident_id, heard(working, incident_id, f"{CLEARED}a"))
        assert told(working, "alarm_cleared") == ["cto"]

    def test_however_many_go_off_few_mails_are_sent(self, working: House, monkeypatch: pytest.MonkeyPatch) -> None:
        incident_id = working.activate()
        left = 1_000
        usual = MemoryIncidents.record

        def counted(self: MemoryIncidents, incident: str) -> object:
            tally = Tally(
                incident_id=incident,
                signals=1_000,
                alarms=1_000,
                on=left,
                first_at=working.clock.now,
                last_at=working.clock.now,
                worst=Severity.SEV2,
            )
            return replace(usual(self, incident), tally=tally)

        monkeypatch.setattr(MemoryIncidents, "record", counted)
        start = working.clock.now.replace(minute=0, second=0)
        while left:
            left -= 1
            working.clock.now = start
            working.follow_incident(incident_id, heard(working, incident_id, f"{CLEARED}{left}"))
        assert 5 <= len(told(working, "alarm_cleared")) <= 11

    def test_a_second_run_tells_nobody_twice(self, working: House) -> None:
        incident_id = working.activate()
        key = heard(working, incident_id, f"{CLEARED}a")
        for _ in range(2):
            working.follow_incident(incident_id, key)
        assert told(working, "alarm_cleared") == ["cto"]

    def test_nobody_is_told_of_an_incident_that_is_over(self, working: House) -> None:
        incident_id = working.put_orders()
        working.press(working.link_ids("ceo")[-1], Outcome.STAND_DOWN)
        working.carry_out(incident_id)
        working.follow_incident(incident_id, heard(working, incident_id, f"{CLEARED}a"))
        assert not told(working, "alarm_cleared")


class TestReporters:
    def test_whoever_reported_hears_of_the_orders_and_of_the_end(self, working: House) -> None:
        report = PersonReport(
            noticed_at=working.clock.now,
            place="",
            words="the gate",
            risk=Risk.SYSTEM_FAILURE,
            first_impact="It is shut.",
        )
        who = "head-of-customer-service"
        incident_id = working.activate(event_of(report, id_="report-1", now=working.clock.now, by=who))
        working.begin_clean_up(incident_id)
        (reported,) = facts(working, incident_id, Fact.INCIDENT_REPORTED)
        assert reported.key.startswith(REPORTED)
        for key in (reported.key, ORDERS, CLEAN_UP):
            for _ in range(2):
                working.follow_incident(incident_id, key)
        for kind in ("report_taken", "report_ordered", "report_resolved"):
            assert told(working, kind) == [who]


class TestBeginning:
    def test_r14_an_execution_that_intake_did_not_start_is_started(self, working: House) -> None:
        incident_id = working.report()
        working.workflow.started.clear()
        for _ in range(2):
            working.follow_incident.begun(incident_id)
        assert working.workflow.started == [incident_id]

    def test_one_that_is_on_already_is_let_be(self, working: House) -> None:
        incident_id = working.activate()
        working.workflow.started.clear()
        working.follow_incident.begun(incident_id)
        assert not working.workflow.started

    def test_an_entry_that_people_have_deleted_has_nothing_left_to_follow(self, working: House) -> None:
        incident_id = working.activate()
        working.follow_incident(incident_id, f"{WORSE}SEV1")
        assert not working.workflow.releases
