"""A team's tasks: whose they are, what they wait for, and what becomes of them (P5, P6.3, P6.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from emergency.domain.assignment import (
    MOST_TASKS,
    AssignedTask,
    Assignment,
    added,
    assignment_for,
    cleaning,
    done_by_system,
    holding_up,
    next_prompt,
    prompted,
    prompts_due,
    reassigned,
    skipped,
    still_to_close,
    ticked,
)
from emergency.domain.classification import incident_from, rule_for
from emergency.domain.errors import UnusableAnswer
from emergency.domain.event import read_signal
from emergency.domain.incident import Incident
from emergency.domain.plan import Absence, Plan, Task
from emergency.domain.terms import AutomaticStep, Role, Severity, Step, Team
from tests.support.events import alarm
from tests.support.memory import EPOCH as NOW
from tests.support.plans import both, with_contact, working_plan

TECHNICAL, RELATIONS, SERVICE = Team.TECHNICAL_SUPPORT, Team.PUBLIC_RELATIONS, Team.CUSTOMER_SERVICE
RESPONSE, CLEAN_UP = Step.EMERGENCY_RESPONSE, Step.SITE_CLEAN_UP


@pytest.fixture(scope="module")
def plan() -> Plan:
    return working_plan()


@pytest.fixture(scope="module")
def incident(plan: Plan) -> Incident:
    signal = read_signal(alarm())
    opened = incident_from(signal, rule_for(signal, plan), plan, incident_id="INC-1", now=NOW)
    return replace(opened, teams=tuple(Team), severity=Severity.SEV2)


@pytest.fixture
def technical(incident: Incident, plan: Plan) -> Assignment:
    return assignment_for(incident, TECHNICAL, plan, NOW)


def owners(assignment: Assignment) -> dict[str, str]:
    return {task.id: task.owner for task in assignment.tasks}


class TestOwners:
    def test_a_role_belongs_to_its_holders_who_share_its_tasks(self, technical: Assignment) -> None:
        assert owners(technical) == {
            "look": "cto",
            "isolate": "engineer-b",
            "measure": "engineer-a",
            "meet": "cto",
        }

    def test_a_contact_owns_what_names_them_whatever_their_team(self, incident: Incident, plan: Plan) -> None:
        assert owners(assignment_for(incident, Team.LOGISTICS_SUPPORT, plan, NOW)) == {"tell": "head-of-legal"}

    def test_where_nobody_holds_the_role_the_lead_owns_the_task(self, incident: Incident, plan: Plan) -> None:
        tasks = {SERVICE: (Task(id="call", text=both("Call"), owner=Role.TEAM_MEMBERS),)}
        books = {name: replace(book, tasks=tasks) for name, book in plan.playbooks.items()}
        assignment = assignment_for(incident, SERVICE, replace(plan, playbooks=books), NOW)
        assert owners(assignment) == {"call": "head-of-customer-service"}

    def test_an_absent_persons_delegate_owns_their_tasks(self, incident: Incident, plan: Plan) -> None:
        away = (Absence(first=date(2026, 11, 22), last=date(2026, 11, 22)),)
        plan = with_contact(plan, "engineer-b", delegate="engineer-a", absences=away)
        plan = with_contact(plan, "head-of-legal", delegate="coo", absences=away)
        assert owners(assignment_for(incident, TECHNICAL, plan, NOW))["isolate"] == "engineer-a"
        assert owners(assignment_for(incident, Team.LOGISTICS_SUPPORT, plan, NOW))["tell"] == "coo"


class TestOrder:
    def test_what_a_team_waits_for_of_a_team_that_was_not_mobilised_holds_nothing_up(
        self, incident: Incident, plan: Plan
    ) -> None:
        alone = replace(incident, teams=(RELATIONS,))
        assert assignment_for(incident, RELATIONS, plan, NOW).tasks[0].after == ("technical_support/look",)
        assert assignment_for(alone, RELATIONS, plan, NOW).tasks[0].after == ()

    def test_a_task_waits_until_the_other_is_done_or_skipped(
        self, technical: Assignment, incident: Incident, plan: Plan
    ) -> None:
        relations = assignment_for(incident, RELATIONS, plan, NOW)
        others = {TECHNICAL: technical}
        with pytest.raises(UnusableAnswer) as waits:
            ticked(relations, {"statement"}, RESPONSE, by="coo", now=NOW, others=others)
        assert (waits.value.field, waits.value.problem) == ("tasks", "waits")
        assert holding_up(relations.tasks[0], others) == ("technical_support/look",)
        for after in (
            ticked(technical, {"look"}, RESPONSE, by="cto", now=NOW),
            skipped(technical, "look", by="cto", reason="Known", now=NOW),
        ):
            done = ticked(relations, {"statement"}, RESPONSE, by="coo", now=NOW, others={TECHNICAL: after})
            assert done.tasks[0].done_at == NOW

    def test_a_task_and_what_it_waits_for_can_be_ticked_together(self, technical: Assignment) -> None:
        done = ticked(technical, {"look", "isolate"}, RESPONSE, by="cto", now=NOW)
        assert [task.id for task in done.tasks if task.done_at] == ["look", "isolate"]

    def test_where_the_other_team_has_no_assignment_yet_nothing_is_held_up(
        self, incident: Incident, plan: Plan
    ) -> None:
        relations = assignment_for(incident, RELATIONS, plan, NOW)
        assert ticked(relations, {"statement"}, RESPONSE, by="coo", now=NOW).tasks[0].done_at == NOW


class TestTicking:
    def test_what_was_done_before_keeps_who_did_it_and_when(self, technical: Assignment) -> None:
        first = ticked(technical, {"look"}, RESPONSE, by="engineer-a", now=NOW)
        second = ticked(first, {"look", "measure"}, RESPONSE, by="cto", now=NOW + timedelta(hours=1))
        assert (second.task("look").done_by, second.task("look").done_at) == ("engineer-a", NOW)
        assert second.task("measure").done_by == "cto"

    def test_what_is_no_longer_ticked_is_open_again(self, technical: Assignment) -> None:
        done = ticked(technical, {"look"}, RESPONSE, by="cto", now=NOW)
        assert ticked(done, set(), RESPONSE, by="cto", now=NOW) == technical

    def test_what_the_system_does_is_nobodys_to_tick_or_to_untick(self, technical: Assignment) -> None:
        assert ticked(technical, {"meet"}, RESPONSE, by="cto", now=NOW) == technical
        done = done_by_system(technical, {AutomaticStep.INTRODUCE_TASK_FORCE}, NOW)
        assert (done.task("meet").done_at, done.task("meet").done_by) == (NOW, "")
        assert ticked(done, set(), RESPONSE, by="cto", now=NOW) == done

    def test_a_skipped_task_stays_skipped(self, technical: Assignment) -> None:
        passed_over = skipped(technical, "look", by="cto", reason="Known", now=NOW)
        assert ticked(passed_over, {"look"}, RESPONSE, by="cto", now=NOW) == passed_over

    def test_tasks_of_another_step_are_unknown(self, technical: Assignment, incident: Incident, plan: Plan) -> None:
        both_steps = cleaning(technical, incident, plan, NOW)
        for step, other in ((RESPONSE, "check"), (CLEAN_UP, "look")):
            with pytest.raises(UnusableAnswer):
                ticked(both_steps, {other}, step, by="cto", now=NOW)


class TestChanging:
    def test_a_task_goes_to_somebody_else_or_is_passed_over_while_it_is_open(self, technical: Assignment) -> None:
        assert reassigned(technical, "look", "engineer-a").task("look").owner == "engineer-a"
        gone = skipped(technical, "look", by="cto", reason="Known", now=NOW).task("look")
        assert (gone.skipped_by, gone.reason, gone.is_open) == ("cto", "Known", False)

    @pytest.mark.parametrize("task", ["look", "unknown"])
    def test_a_closed_or_unknown_task_cannot_be_changed(self, technical: Assignment, task: str) -> None:
        done = ticked(technical, {"look"}, RESPONSE, by="cto", now=NOW)
        with pytest.raises(UnusableAnswer):
            reassigned(done, task, "engineer-a")
        with pytest.raises(UnusableAnswer):
            skipped(done, task, by="cto", reason="r", now=NOW)

    def test_a_team_gets_only_so_many_tasks_and_the_same_one_once(self, technical: Assignment) -> None:
        full = technical
        for number in range(MOST_TASKS - len(technical.tasks)):
            full = added(full, AssignedTask(id=f"added-{number}", text=both("More")))
        assert added(full, full.tasks[-1]) == full
        with pytest.raises(UnusableAnswer):
            added(full, AssignedTask(id="one-too-many", text=both("More")))


class TestCleanUp:
    def test_the_checklist_is_added_and_what_was_switched_has_to_be_switched_back(
        self, technical: Assignment, incident: Incident, plan: Plan
    ) -> None:
        done = ticked(technical, {"look", "isolate"}, RESPONSE, by="cto", now=NOW)
        after = cleaning(done, incident, plan, NOW)
        assert [task.id for task in after.of(CLEAN_UP)] == ["back-isolate", "check", "returned"]
        assert [(task.id, task.owner) for task in still_to_close(after)] == [("back-isolate", "engineer-b")]
        back = ticked(after, {"back-isolate"}, CLEAN_UP, by="engineer-b", now=NOW)
        assert still_to_close(back) == ()

    def test_what_was_not_switched_has_not_to_be_switched_back(
        self, technical: Assignment, incident: Incident, plan: Plan
    ) -> None:
        assert still_to_close(cleaning(technical, incident, plan, NOW)) == ()
        assert still_to_close(None) == ()

    def test_targets_of_clean_up_count_from_its_beginning(
        self, technical: Assignment, incident: Incident, plan: Plan
    ) -> None:
        later = NOW + timedelta(days=1)
        assert cleaning(technical, incident, plan, later).task("check").due_at == later + timedelta(hours=1)


class TestPrompts:
    def test_each_prompt_is_due_at_its_share_of_the_time_and_once(self, technical: Assignment, plan: Plan) -> None:
        prompts = plan.deadlines.task_prompts
        for minutes, number in ((11.9, 0), (12, 1), (14.9, 1), (15, 2), (22.5, 3)):
            due = prompts_due([technical], prompts, NOW + timedelta(minutes=minutes))
            assert {one.task.id: one.number for one in due} == (
                dict.fromkeys(("look", "measure"), number) if number else {}
            )
        late = prompts_due([technical], prompts, NOW + timedelta(minutes=15))
        assert all(one.is_late for one in late)
        given = prompted(technical, late)
        assert prompts_due([given], prompts, NOW + timedelta(minutes=20)) == ()
        assert next_prompt([given], prompts) == NOW + timedelta(minutes=22.5)

    def test_nobody_is_prompted_for_what_is_done_skipped_or_without_a_target(
        self, technical: Assignment, plan: Plan
    ) -> None:
        closed = ticked(technical, {"look"}, RESPONSE, by="cto", now=NOW)
        closed = skipped(closed, "measure", by="cto", reason="r", now=NOW)
        assert prompts_due([closed], plan.deadlines.task_prompts, NOW + timedelta(days=9)) == ()
        assert next_prompt([closed], plan.deadlines.task_prompts) is None

    def test_late_is_what_passed_its_target_or_had_when_it_was_done(self, technical: Assignment) -> None:
        look, after = technical.task("look"), NOW + timedelta(minutes=16)
        assert (look.is_late(NOW), look.is_late(after)) == (False, True)
        assert replace(look, done_at=after).is_late(after + timedelta(days=1))
        assert not replace(look, done_at=NOW).is_late(after)
        assert not replace(look, skipped_at=after).is_late(after)
