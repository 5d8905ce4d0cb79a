"""The clocks of tasks and updates: everybody is prompted once, and told in time where time runs out (P6.3, P8.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from emergency.domain.deadline import MOST_MISSED, Deadline, Watched
from emergency.domain.errors import PostUnavailable
from emergency.domain.incident import IncidentStatus
from emergency.domain.terms import DecisionKind, Outcome, Phase, Team
from emergency.ports import Mail
from emergency.use_cases.watch_clocks import IDLE_SECONDS, ClockLook, ClockStanding
from tests.support.house import House

TECHNICAL, RELATIONS = Team.TECHNICAL_SUPPORT, Team.PUBLIC_RELATIONS


@pytest.fixture
def incident_id(working: House) -> str:
    """An activated incident whose clocks run and whose technical and public relations teams were called."""
    incident_id = working.activate()
    working.start_clocks(incident_id)
    for team in (TECHNICAL, RELATIONS):
        working.assign(incident_id, team)
    working.post.sent.clear()
    return incident_id


def passed(house: House, **time: float) -> None:
    house.clock.now += timedelta(**time)


def mails(house: House, subject: str) -> list[str]:
    return [mail.to.id for mail in house.post.sent if mail.subject == subject]


def looked(house: House, incident_id: str, clock: Watched = Watched.TASKS) -> ClockLook:
    """The clock is looked at, twice, as every state may be retried; gives the second look."""
    first = house.look_at(incident_id, clock)
    sent = len(house.post.sent)
    second = house.look_at(incident_id, clock)
    assert len(house.post.sent) == sent
    assert (first.standing, first.what) == (second.standing, second.what)
    return second


class TestTasks:
    def test_the_clock_is_first_looked_at_when_the_first_prompt_is_due(self, working: House, incident_id: str) -> None:
        assert working.workflow.clocks[incident_id, "tasks"] == ("watched", 721)

    def test_owners_are_prompted_once_and_then_the_next_prompt_is_waited_for(
        self, working: House, incident_id: str
    ) -> None:
        assert looked(working, incident_id).seconds in range(690, 721)
        assert not working.post.sent
        passed(working, minutes=12.5)
        look = looked(working, incident_id)
        assert look.standing is ClockStanding.WATCH
        assert look.seconds in range(100, 181)
        assert mails(working, "tasks_due") == ["cto", "engineer-a"]
        assert working.facts(incident_id).count("task_due") == 2

    def test_what_is_late_goes_to_owner_and_lead_in_one_mail_each_and_then_up(
        self, working: House, incident_id: str
    ) -> None:
        passed(working, minutes=15.5)
        looked(working, incident_id)
        assert mails(working, "tasks_late") == ["cto", "engineer-a"]
        passed(working, minutes=8)
        looked(working, incident_id)
        assert mails(working, "tasks_late") == ["cto", "engineer-a", "cto", "coo"]
        assert working.facts(incident_id).count("task_late") == 4

    def test_a_clock_that_was_not_looked_at_for_long_gives_the_last_prompt_alone(
        self, working: House, incident_id: str
    ) -> None:
        passed(working, minutes=40)
        looked(working, incident_id)
        assert mails(working, "tasks_late") == ["cto", "coo"]
        assert mails(working, "tasks_due") == []

    def test_what_is_done_skipped_or_answered_for_prompts_nobody(self, working: House, incident_id: str) -> None:
        link = working.asked(incident_id, DecisionKind.COMPLETE, TECHNICAL)
        working.tick(link, "look")
        passed(working, minutes=16)
        looked(working, incident_id)
        assert mails(working, "tasks_late") == ["engineer-a", "cto"]
        working.press(link, Outcome.COMPLETED, measures=["Done"])
        working.post.sent.clear()
        passed(working, minutes=8)
        looked(working, incident_id)
        assert not mails(working, "tasks_late")

    def test_an_added_task_with_a_near_target_is_prompted_in_time(self, working: House, incident_id: str) -> None:
        link = working.asked(incident_id, DecisionKind.COMPLETE, TECHNICAL)
        opened = working.open(link)
        form = working.form(opened, task_text=["Call"], owner=["engineer-b"], within=["2"])
        working.tasks.add(opened, form)
        assert looked(working, incident_id).seconds in range(60, 97)
        passed(working, minutes=1.7)
        looked(working, incident_id)
        assert mails(working, "tasks_due") == ["engineer-b"]

    def test_a_task_whose_message_got_lost_is_seen_within_the_hour_though_others_have_days(
        self, working: House, incident_id: str
    ) -> None:
        """Taken out: the hour in `seconds_until`. A clock that slept for a day missed what was added meanwhile."""
        opened = working.open(working.asked(incident_id, DecisionKind.COMPLETE, TECHNICAL))
        working.tasks.add(opened, working.form(opened, task_text=["Watch"], owner=["cto"], within=["10000"]))
        passed(working, minutes=100)
        assert looked(working, incident_id).seconds == IDLE_SECONDS

    def test_where_the_playbook_has_no_targets_an_added_task_is_watched_all_the_same(self, working: House) -> None:
        """Taken out: the clock where no task has a target; nobody would ever be told that an added one is late."""
        books = {
            name: replace(
                book,
                tasks={team: tuple(replace(one, within={}) for one in tasks) for team, tasks in book.tasks.items()},
            )
            for name, book in working.plan.playbooks.items()
        }
        working.plan = replace(working.plan, playbooks=books)
        incident_id = working.activate()
        working.start_clocks(incident_id)
        assert working.workflow.clocks[incident_id, "tasks"] == ("watched", IDLE_SECONDS)
        working.assign(incident_id, TECHNICAL)
        working.watch(incident_id, Watched.TASKS)
        opened = working.open(working.asked(incident_id, DecisionKind.COMPLETE, TECHNICAL))
        working.tasks.add(opened, working.form(opened, task_text=["Call"], owner=["cto"], within=["2"]))
        assert working.workflow.moved == [("clock-token", "tasks")]

    def test_who_is_away_is_prompted_through_their_delegate_and_a_refused_mail_is_no_end(
        self, working: House, incident_id: str
    ) -> None:
        working.post.refuses.add("engineer-a")
        passed(working, minutes=12.5)
        assert looked(working, incident_id).standing is ClockStanding.WATCH
        assert mails(working, "tasks_due") == ["cto"]
        (noted,) = [
            e for (_, key), e in working.store.entries.items() if key == "task/technical_support/measure/prompt/1"
        ]
        assert noted.details["people"] == ()

    def test_where_no_mail_is_taken_now_the_prompt_is_given_later(
        self, working: House, incident_id: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def closed(mail: Mail) -> str:
            raise PostUnavailable(mail.name)

        passed(working, minutes=12.5)
        with monkeypatch.context() as down:
            down.setattr(working.post, "send", closed)
            with pytest.raises(PostUnavailable):
                working.look_at(incident_id, Watched.TASKS)
        assert "task_due" not in working.facts(incident_id)
        looked(working, incident_id)
        assert mails(working, "tasks_due") == ["cto", "engineer-a"]

    def test_a_task_that_changes_while_people_are_mailed_keeps_its_change(
        self, working: House, incident_id: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        link = working.asked(incident_id, DecisionKind.COMPLETE, TECHNICAL)
        passed(working, minutes=12.5)
        send = working.post.send

        def tick_meanwhile(mail: Mail) -> str:
            monkeypatch.setattr(working.post, "send", send)
            working.tick(link, "look")
            return send(mail)

        monkeypatch.setattr(working.post, "send", tick_meanwhile)
        looked(working, incident_id)
        stored = working.store.assignments[incident_id, TECHNICAL]
        assert stored.task("look").done_by == "cto"
        assert stored.task("measure").prompted == 1

    def test_at_clean_up_its_own_tasks_are_watched_until_they_were_handed_in(
        self, working: House, incident_id: str
    ) -> None:
        working.begin_clean_up(incident_id)
        assert working.look_at(incident_id, Watched.TASKS).standing is ClockStanding.OVER
        passed(working, minutes=61)
        looked(working, incident_id, Watched.CLEAN_UP)
        assert mails(working, "tasks_late") == ["cto"]
        link = working.asked(incident_id, DecisionKind.CLEAN_UP, TECHNICAL)
        working.press(link, Outcome.HANDED_IN, record=["All"])
        passed(working, minutes=60)
        assert looked(working, incident_id, Watched.CLEAN_UP).seconds == IDLE_SECONDS
        assert mails(working, "tasks_late") == ["cto"]

    def test_a_clock_ends_with_its_incident(self, working: House, incident_id: str) -> None:
        incident = working.store.incidents[incident_id]
        working.store.incidents[incident_id] = replace(incident, status=IncidentStatus.CLOSED)
        assert working.look_at(incident_id, Watched.TASKS).standing is ClockStanding.OVER

    def test_r24_a_response_from_before_clocks_has_none(self, working: House) -> None:
        incident_id = working.activate()
        for clock in Watched:
            assert working.look_at(incident_id, clock).standing is ClockStanding.OVER
            working.watch(incident_id, clock, f"token-{clock}")
        assert [clock for _, clock in working.workflow.ended] == list(Watched)
        working.begin_clean_up(incident_id)
        working.assemble(incident_id)


class TestUpdates:
    @pytest.fixture
    def relations(self, working: House, incident_id: str) -> str:
        """The link of the lead of public relations."""
        return working.asked(incident_id, DecisionKind.COMPLETE, RELATIONS)

    def clock(self, house: House, incident_id: str) -> Deadline:
        return house.store.deadlines[incident_id, Watched.UPDATES]

    def looked(self, house: House, incident_id: str) -> ClockLook:
        return looked(house, incident_id, Watched.UPDATES)

    def test_it_is_prompted_called_late_and_missed_and_the_leadership_group_is_paged(
        self, working: House, incident_id: str
    ) -> None:
        for minutes, subject, people in (
            (50, "update_due", ["head-of-marketing"]),
            (11, "update_late", ["head-of-marketing", "coo"]),
        ):
            passed(working, minutes=minutes)
            assert self.looked(working, incident_id).standing is ClockStanding.WATCH
            assert mails(working, subject) == people
        passed(working, minutes=30)
        look = self.looked(working, incident_id)
        assert (look.standing, look.what) == (ClockStanding.PAGE, "no update to the public, missed 1 in a row")
        assert working.facts(incident_id).count("update_late") == 2
        assert (self.clock(working, incident_id).beat, self.clock(working, incident_id).missed) == (1, 1)

    def test_it_is_paged_once_the_execution_waits_again_no_more(self, working: House, incident_id: str) -> None:
        """Taken out: `paged`. A function that died after it noted what was missed never had anybody paged."""
        passed(working, minutes=95)
        assert self.looked(working, incident_id).standing is ClockStanding.PAGE
        working.watch(incident_id, Watched.UPDATES)
        look = self.looked(working, incident_id)
        assert look.standing is ClockStanding.WATCH
        assert look.seconds == IDLE_SECONDS

    def publish(self, house: House, link: str, phase: Phase = Phase.UPDATE) -> None:
        question = house.approved(link, phase)
        house.publish(question.incident_id, question.id)

    def test_a_published_statement_sets_the_clock_for_the_next_once(
        self, working: House, incident_id: str, relations: str
    ) -> None:
        passed(working, minutes=95)
        self.looked(working, incident_id)
        working.watch(incident_id, Watched.UPDATES)
        question = working.approved(relations)
        for _ in range(2):
            working.publish(incident_id, question.id)
        clock = self.clock(working, incident_id)
        assert (clock.missed, clock.prompted, clock.beat) == (0, 0, 2)
        assert clock.due_at
        assert (clock.due_at - clock.began_at) == timedelta(hours=2)
        assert working.facts(incident_id).count("statement_published") == 1
        assert working.workflow.moved == [("clock-token", "updates")]
        assert self.looked(working, incident_id).standing is ClockStanding.WATCH

    def test_a_draft_alone_leaves_the_clock_alone(self, working: House, incident_id: str, relations: str) -> None:
        before = self.clock(working, incident_id)
        working.draft(relations)
        assert self.clock(working, incident_id) == before

    def test_after_so_many_misses_it_falls_silent_until_something_is_published(
        self, working: House, incident_id: str, relations: str
    ) -> None:
        standings = []
        for _ in range(MOST_MISSED):
            passed(working, hours=3.1)
            standings.append(working.look_at(incident_id, Watched.UPDATES).standing)
            working.watch(incident_id, Watched.UPDATES)
        assert standings == [ClockStanding.PAGE] * MOST_MISSED
        sent = len(working.post.sent)
        passed(working, days=1)
        silent = self.looked(working, incident_id)
        assert (silent.standing, silent.seconds) == (ClockStanding.WATCH, IDLE_SECONDS)
        assert len(working.post.sent) == sent
        self.publish(working, relations)
        working.watch(incident_id, Watched.UPDATES)
        passed(working, hours=2.1)
        assert self.looked(working, incident_id).standing is ClockStanding.WATCH
        assert mails(working, "update_late")[-2:] == ["head-of-marketing", "coo"]

    def test_nothing_more_is_due_once_the_public_knows_that_it_is_over(
        self, working: House, incident_id: str, relations: str
    ) -> None:
        self.publish(working, relations, Phase.RESOLVED)
        passed(working, days=1)
        assert self.looked(working, incident_id).seconds == IDLE_SECONDS
        assert not mails(working, "update_late")
        self.publish(working, relations, Phase.UPDATE)
        passed(working, hours=2.1)
        self.looked(working, incident_id)
        assert mails(working, "update_late")

    def test_a_clock_that_is_over_stays_so(self, working: House, incident_id: str, relations: str) -> None:
        working.end_clock(incident_id, Watched.UPDATES)
        over = self.clock(working, incident_id)
        self.publish(working, relations)
        assert self.clock(working, incident_id) == over

    def test_it_is_over_once_public_relations_is_done(self, working: House, incident_id: str, relations: str) -> None:
        working.press(relations, Outcome.COMPLETED, measures=["Said"])
        passed(working, hours=2)
        assert self.looked(working, incident_id).standing is ClockStanding.OVER
        assert not mails(working, "update_late")

    def test_where_public_relations_was_not_mobilised_there_is_no_clock(self, working: House) -> None:
        incident_id = working.activate(teams=(TECHNICAL,))
        working.start_clocks(incident_id)
        assert (incident_id, Watched.UPDATES) not in working.store.deadlines


def test_starting_the_clocks_again_starts_none_anew(working: House, incident_id: str) -> None:
    before = dict(working.store.deadlines), dict(working.workflow.clocks)
    passed(working, hours=5)
    working.start_clocks(incident_id)
    assert (working.store.deadlines, working.workflow.clocks) == before


def test_a_clock_that_ended_before_its_execution_waits_is_told_so(working: House, incident_id: str) -> None:
    working.end_clock(incident_id, Watched.TASKS)
    working.watch(incident_id, Watched.TASKS)
    assert working.workflow.ended == [("clock-token", "tasks")]
