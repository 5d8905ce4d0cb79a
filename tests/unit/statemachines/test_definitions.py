"""The state machines read as the plan reads, and every wait, failure and retry has a way on (R11, P6)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emergency.domain import errors
from emergency.domain.deadline import ClockKind
from emergency.domain.decision import CutShort
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.use_cases.ask_people import Standing
from emergency.use_cases.watch_clocks import IDLE_SECONDS, ClockStanding

FOLDER = Path(__file__).parents[3] / "statemachines"
NAMES = ["emergency_response", "decision", "deadline", "release", "statement", "carrier", "severity", "maintenance"]

MOVED = "ClockMoved"
"""What a watch is told when its next prompt has become another one."""

CLAUSES = {
    "P6.1": "事故報告",
    "P6.2": "指令下達",
    "P6.3": "應急響應",
    "P6.4": "後勤保障",
    "P6.5": "現場清理",
    "P6.6": "事後報告",
}
TEAM_CLAUSES = {
    Team.TECHNICAL_SUPPORT: "技術支持組",
    Team.CUSTOMER_SERVICE: "客戶服務組",
    Team.LOGISTICS_SUPPORT: "物流保障組",
    Team.PUBLIC_RELATIONS: "公關發言組",
}


def definition(name: str) -> dict[str, Any]:
    loaded = json.loads((FOLDER / f"{name}.asl.json").read_text())
    assert isinstance(loaded, dict)
    return loaded


def states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every state of a machine with its name, those of branches and maps too."""
    for name, state in machine["States"].items():
        yield name, state
        for inner in (*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())):
            yield from states(inner)


def every_state() -> list[Any]:
    return [
        pytest.param(state, id=f"{name}: {state_name}")
        for name in NAMES
        for state_name, state in states(definition(name))
    ]


def every_task() -> list[Any]:
    return [param for param in every_state() if param.values[0]["Type"] == "Task"]


def every_telling_task() -> list[Any]:
    """Those that mail people beside their own work; a watch only keeps its token, and things come back without a word."""
    telling = {"${TaskForceFunction}", "${TeamAssignmentFunction}", "${DeadlinesFunction}", "${ResourcesFunction}"}
    return [
        param
        for param in every_task()
        if param.values[0]["Arguments"].get("FunctionName") in telling
        and param.values[0]["Arguments"]["Payload"].get("operation") not in {"watch", "return"}
    ]


@pytest.mark.parametrize("state", every_state())
def test_a_state_cites_the_clause_that_it_carries_out(state: dict[str, Any]) -> None:
    assert re.match(r"P[4-8](\.\d)? ", state["Comment"])


@pytest.mark.parametrize(("clause", "words"), CLAUSES.items())
def test_every_clause_of_p6_has_a_state_named_in_the_plans_own_words(clause: str, words: str) -> None:
    comments = [state["Comment"] for _, state in states(definition("emergency_response"))]
    assert any(comment.startswith(clause) and words in comment for comment in comments)


@pytest.mark.parametrize(("team", "words"), TEAM_CLAUSES.items())
def test_every_team_of_p6_3_is_assigned_acknowledges_and_completes(team: Team, words: str) -> None:
    found = dict(states(definition("emergency_response")))
    assigned = [s for s in found.values() if s.get("Arguments", {}).get("Payload", {}).get("team") == team]
    assert len(assigned) == 1
    assert words in assigned[0]["Comment"]
    asked = [s["Arguments"]["Input"] for s in found.values() if "Input" in s.get("Arguments", {})]
    assert [i["kind"] for i in asked if i.get("team") == team] == ["acknowledge", "complete"]


def test_names_are_unique_and_readable() -> None:
    for name in NAMES:
        names = [state_name for state_name, _ in states(definition(name))]
        assert len(names) == len(set(names))
        assert max(map(len, names)) <= 80


@pytest.mark.parametrize("state", every_task())
def test_a_task_tries_again_and_leads_on(state: dict[str, Any]) -> None:
    assert state["Retry"]
    assert state.get("Catch") or state["Resource"].endswith("sns:publish")


@pytest.mark.parametrize("state", every_task())
def test_r11_a_wait_for_a_person_has_an_end_and_a_way_on(state: dict[str, Any]) -> None:
    if not state["Resource"].endswith(".waitForTaskToken"):
        return
    assert state["TimeoutSeconds"]
    caught = [error for catch in state["Catch"] for error in catch["ErrorEquals"]]
    assert {"States.Timeout", "States.HeartbeatTimeout", "States.ALL"} <= set(caught)
    retried = [error for retry in state["Retry"] for error in retry["ErrorEquals"]]
    assert not {"States.Timeout", "States.ALL"} & set(retried)


def test_r11_nothing_waits_but_a_question_for_its_answer_and_a_clock_for_its_end() -> None:
    waiting = {
        (name, state["Arguments"]["FunctionName"], state["Arguments"]["Payload"]["operation"])
        for name in NAMES
        for _, state in states(definition(name))
        if state.get("Resource", "").endswith(".waitForTaskToken")
    }
    assert waiting == {
        ("decision", "${DecisionRequestFunction}", "ask"),
        ("deadline", "${DeadlinesFunction}", "watch"),
    }


@pytest.mark.parametrize("reason", CutShort)
def test_r11_a_wait_that_is_cut_short_leads_where_its_end_leads_and_is_not_tried_again(reason: CutShort) -> None:
    """Both are errors of one task, and the first retrier that names an error is the one that counts."""
    ask = dict(states(definition("decision")))["Ask"]
    assert _caught(ask, reason) == _caught(ask, "States.Timeout") == "Look for an answer"
    first = next(retry for retry in ask["Retry"] if {reason, "States.TaskFailed"} & set(retry["ErrorEquals"]))
    assert (reason in first["ErrorEquals"], first["MaxAttempts"]) == (True, 0)


def test_r19_a_mail_provider_that_takes_no_mail_is_tried_again_and_then_the_next_rung_is_asked() -> None:
    """Taken out: `PostUnavailable` among what `Ask` catches; the whole incident failed after a throttled quarter minute."""
    ask = dict(states(definition("decision")))["Ask"]
    assert _caught(ask, "PostUnavailable") == "Look for an answer"
    first = next(
        retry for retry in ask["Retry"] if {"PostUnavailable", "States.TaskFailed"} & set(retry["ErrorEquals"])
    )
    assert first["ErrorEquals"] == ["PostUnavailable"]
    assert first["MaxAttempts"] > 0


def test_wherever_a_question_stands_when_time_is_up_there_is_a_way_on() -> None:
    found = dict(states(definition("decision")))
    choice = found["Answered after all?"]
    ways = {match["Condition"]: match["Next"] for match in choice["Choices"]}
    assert ways == {
        f"{{% $states.input.status = '{Standing.SETTLED}' %}}": "Answered",
        f"{{% $states.input.status = '{Standing.ASK}' %}}": "Ask",
        f"{{% $states.input.status = '{Standing.PAGE}' %}}": "Page the leadership group",
    }
    # ESCALATE is said to executions of an older definition alone.
    assert set(Standing) - {Standing.SETTLED, Standing.ASK, Standing.PAGE, Standing.ESCALATE} == {Standing.LAPSE}
    assert choice["Default"] == "Let the plan decide"


def test_a_silent_ladder_that_starts_over_pages_first_and_asks_also_when_no_page_goes_out() -> None:
    page = dict(states(definition("decision")))["Page the leadership group"]
    assert page["Resource"] == "arn:aws:states:::sns:publish"
    assert page["Arguments"]["TopicArn"] == "${LeadershipTopic}"
    assert page["Next"] == _caught(page, "States.ALL") == "Ask"


def test_whose_turn_it_is_goes_from_the_look_to_the_state_that_asks() -> None:
    found = dict(states(definition("decision")))
    for match in found["Answered after all?"]["Choices"][1:]:
        assert match["Assign"].keys() == {"level", "reminder", "seconds"}
    asked = found["Ask"]
    assert asked["TimeoutSeconds"] == "{% $seconds %}"
    assert (asked["Arguments"]["Payload"]["level"], asked["Arguments"]["Payload"]["reminder"]) == (
        "{% $level %}",
        "{% $reminder %}",
    )


def test_what_is_released_is_lent_and_nothing_else_is() -> None:
    found = dict(states(definition("release")))
    assert found["Decide on the request"]["Next"] == "Released?"
    (match,) = found["Released?"]["Choices"]
    assert match["Condition"] == f"{{% $outcome = '{Outcome.RELEASED}' %}}"
    assert (match["Next"], found["Released?"]["Default"]) == ("Lend what was released", "Not released")
    lending = found["Lend what was released"]["Arguments"]
    assert (lending["FunctionName"], lending["Payload"]["operation"]) == ("${ResourcesFunction}", "release")


def test_a_request_that_can_t_be_dealt_with_is_paged_and_fails_visibly() -> None:
    found = dict(states(definition("release")))
    for name in ("Decide on the request", "Lend what was released"):
        assert _caught(found[name], "States.ALL") == "Page about the request"
    page = found["Page about the request"]
    assert page["Next"] == _caught(page, "States.ALL") == "Request failed"
    assert found["Request failed"]["Type"] == "Fail"


def test_a_severity_is_raised_where_people_say_so_and_by_silence_never() -> None:
    found = dict(states(definition("severity")))
    assert found["Decide on the severity"]["Arguments"]["Input"]["kind"] == "severity"
    (match,) = found["Raised?"]["Choices"]
    assert match["Condition"] == "{% $outcome = 'raised' %}"
    assert (match["Next"], found["Raised?"]["Default"]) == ("Raise the severity", "Kept")
    assert found["Kept"]["Type"] == "Succeed"
    assert found["Raise the severity"]["Arguments"]["FunctionName"] == "${SeverityFunction}"
    for name in ("Decide on the severity", "Raise the severity"):
        page = found[_caught(found[name], "States.ALL")]
        assert page["Resource"] == "arn:aws:states:::sns:publish"
        assert found[page["Next"]]["Type"] == found[_caught(page, "States.ALL")]["Type"] == "Fail"


def test_whatever_a_carrier_answers_is_noted() -> None:
    machine = definition("carrier")["States"]
    assert machine["Ask the carrier"]["Arguments"]["Input"]["kind"] == "carrier"
    note = machine[machine["Ask the carrier"]["Next"]]
    assert note["Arguments"]["Payload"]["operation"] == "settle"
    assert machine[note["Next"]]["Type"] == "Succeed"
    for name in ("Ask the carrier", "Note the carrier's answer"):
        page = machine[machine[name]["Catch"][0]["Next"]]
        assert page["Resource"] == "arn:aws:states:::sns:publish"
        assert {machine[page["Next"]]["Type"], machine[page["Catch"][0]["Next"]]["Type"]} == {"Fail"}


def test_a_re_plan_is_proposed_once_logistics_support_is_called_and_the_team_works_on_without_it() -> None:
    found = dict(states(definition("emergency_response")))
    assert found["Assign logistics support"]["Next"] == "Propose a re-plan"
    propose = found["Propose a re-plan"]
    assert propose["Arguments"]["Payload"]["operation"] == "propose"
    assert propose["Next"] == propose["Catch"][0]["Next"] == "Logistics support acknowledges"


def test_the_task_force_is_set_up_between_activation_and_response_and_nothing_waits_for_its_mails() -> None:
    found = dict(states(definition("emergency_response")))
    (activated,) = found["Plan activated?"]["Choices"]
    assert activated["Next"] == "Set up the task force"
    assert found["Set up the task force"]["Arguments"]["FunctionName"] == "${TaskForceFunction}"
    _leads_on_whatever_happens(found, "Set up the task force", "Page about the task force")
    assert found["Set up the task force"]["Next"] == "3. Emergency response and 4. Rear support"


def test_checklists_are_given_out_before_records_are_asked_for_and_no_record_waits_for_them() -> None:
    found = dict(states(definition("emergency_response")))
    assert found["Every branch through?"]["Default"] == "Begin clean-up"
    begun = found["Begin clean-up"]["Arguments"]
    assert (begun["FunctionName"], begun["Payload"]["operation"]) == ("${TeamAssignmentFunction}", "clean_up")
    _leads_on_whatever_happens(found, "Begin clean-up", "Page about clean-up")
    assert found["Begin clean-up"]["Next"] == "5. Site clean-up"


def test_a_number_that_connect_does_not_switch_back_keeps_no_loan_and_no_report_from_being_settled() -> None:
    found = dict(states(definition("emergency_response")))
    closing = found["Close the hotline"]
    page = _caught(closing, errors.ContactCentreUnavailable.__name__)
    assert found[page]["Arguments"]["TopicArn"] == "${LeadershipTopic}"
    assert found[page]["Next"] == _caught(found[page], "States.ALL") == closing["Next"] == "Return resources"
    assert _caught(closing, "States.ALL") == "Page the leadership group"


def _leads_on_whatever_happens(found: dict[str, dict[str, Any]], name: str, page: str) -> None:
    assert _caught(found[name], "States.ALL") == page
    assert found[page]["Arguments"]["TopicArn"] == "${LeadershipTopic}"
    assert found[page]["Next"] == _caught(found[page], "States.ALL") == found[name]["Next"]


def test_every_kind_of_clock_has_its_way() -> None:
    found = dict(states(definition("deadline")))
    choice = found["Which clock?"]
    ways = {match["Condition"]: match["Next"] for match in choice["Choices"]}
    assert ways == {
        f"{{% $states.input.kind = '{ClockKind.DUTIES}' %}}": "Ask which duties apply",
        f"{{% $states.input.kind = '{ClockKind.NOTICE}' %}}": "Send the notice",
    }
    assert set(ClockKind) - {ClockKind.DUTIES, ClockKind.NOTICE} == {ClockKind.WATCHED}
    assert choice["Default"] == "Watch the clock"
    for way in (choice, *choice["Choices"]):
        assert way["Assign"].keys() == {"incidentId", "clock", "seconds"}


def test_a_watched_clock_waits_as_long_as_the_last_look_said_and_is_looked_at_after_each_wait() -> None:
    found = dict(states(definition("deadline")))
    watched, look = found["Watch the clock"], found["Look at the clock"]
    assert watched["End"] is True  # whoever ends the wait ends the clock
    assert watched["TimeoutSeconds"] == "{% $seconds %}"
    assert _caught(watched, "States.Timeout") == _caught(watched, "States.HeartbeatTimeout") == "Look at the clock"
    assert look["Assign"]["seconds"] == "{% $states.result.Payload.seconds %}"
    choice = found[look["Next"]]
    ways = {match["Condition"]: match["Next"] for match in choice["Choices"]}
    assert ways == {
        f"{{% $states.input.status = '{ClockStanding.WATCH}' %}}": "Watch the clock",
        f"{{% $states.input.status = '{ClockStanding.PAGE}' %}}": "Page the leadership group",
    }
    assert set(ClockStanding) - {ClockStanding.WATCH, ClockStanding.PAGE} == {ClockStanding.OVER}
    assert found[choice["Default"]]["Type"] == "Succeed"


def test_a_clock_whose_prompts_moved_is_looked_at_at_once_and_waited_for_anew() -> None:
    """Somebody added a task that is due sooner; tried again, the watch would wait as long as before."""
    watched = dict(states(definition("deadline")))["Watch the clock"]
    assert _caught(watched, MOVED) == "Look at the clock"
    first = next(retry for retry in watched["Retry"] if {MOVED, "States.TaskFailed"} & set(retry["ErrorEquals"]))
    assert (MOVED in first["ErrorEquals"], first["MaxAttempts"]) == (True, 0)


def test_a_missed_clock_is_watched_on_also_when_no_page_goes_out() -> None:
    page = dict(states(definition("deadline")))["Page the leadership group"]
    assert page["Arguments"]["TopicArn"] == "${LeadershipTopic}"
    assert page["Next"] == _caught(page, "States.ALL") == "Watch the clock"


def test_a_clock_is_watched_on_when_mail_is_down_for_longer_than_a_look_is_tried() -> None:
    """Taken out: its catch. One outage of the mail provider ended every reminder of an incident for good."""
    look = dict(states(definition("deadline")))["Look at the clock"]
    caught = look["Catch"][0]
    assert (caught["ErrorEquals"], caught["Next"]) == (["PostUnavailable"], "Page the leadership group")
    assert 60 < caught["Assign"]["seconds"] < IDLE_SECONDS
    assert set(caught["Assign"]) == set(look["Assign"])


def test_legal_is_asked_which_duties_apply_and_each_notice_until_it_was_sent() -> None:
    found = dict(states(definition("deadline")))
    asked = {
        name: state["Arguments"]["Input"] for name, state in found.items() if "Input" in state.get("Arguments", {})
    }
    assert {name: question["kind"] for name, question in asked.items()} == {
        "Ask which duties apply": DecisionKind.DUTIES,
        "Send the notice": DecisionKind.NOTICE,
    }
    assert asked["Send the notice"]["decision_id"] == "{% $clock %}"
    for question, after, operation in (
        ("Ask which duties apply", "Start the clocks of notices", "start"),
        ("Send the notice", "Start what follows the notice", "follow"),
    ):
        assert found[question]["Next"] == after
        called = found[after]["Arguments"]
        assert (called["FunctionName"], called["Payload"]["operation"]) == ("${DeadlinesFunction}", operation)


def test_where_legal_can_t_be_asked_people_hear_of_it_and_the_notices_in_force_begin() -> None:
    found = dict(states(definition("deadline")))
    page = found["Page about the duties"]
    assert _caught(found["Ask which duties apply"], "States.ALL") == "Page about the duties"
    assert page["Next"] == _caught(page, "States.ALL") == "Start the clocks of notices"


def test_a_notice_that_was_answered_late_gets_into_the_sealed_record() -> None:
    found = dict(states(definition("deadline")))
    assert found["Start what follows the notice"]["Next"] == "Seal the record anew"
    sealed = found["Seal the record anew"]["Arguments"]
    assert (sealed["FunctionName"], sealed["Payload"]["operation"]) == ("${ReportFunction}", "seal")


def test_a_clock_that_can_t_be_watched_is_paged_and_fails_visibly() -> None:
    found = dict(states(definition("deadline")))
    tasks = {name for name, state in found.items() if state["Type"] == "Task"}
    pages = {name for name in tasks if name.startswith("Page ")}
    for name in tasks - pages - {"Ask which duties apply"}:
        assert _caught(found[name], "States.ALL") == "Page about the clock", name
    page = found["Page about the clock"]
    assert page["Arguments"]["TopicArn"] == "${LeadershipTopic}"
    assert page["Next"] == _caught(page, "States.ALL") == "Clock failed"
    assert found["Clock failed"]["Type"] == "Fail"


@pytest.mark.parametrize("state", every_telling_task())
def test_where_no_mail_goes_out_for_a_moment_what_tells_people_is_tried_five_times(state: dict[str, Any]) -> None:
    """The first retrier that names an error counts, so this one must stand before the one for everything else."""
    for error in ("PostUnavailable", "WorkflowUnavailable"):
        first = next(retry for retry in state["Retry"] if {error, "States.TaskFailed"} & set(retry["ErrorEquals"]))
        assert error in first["ErrorEquals"]
        assert first["MaxAttempts"] >= 5


def test_every_error_that_the_asl_names_is_one_that_the_domain_raises() -> None:
    named = {
        error
        for name in NAMES
        for _, state in states(definition(name))
        for rule in (*state.get("Retry", ()), *state.get("Catch", ()))
        for error in rule["ErrorEquals"]
        if "." not in error
    }
    known = {name for name in dir(errors) if isinstance(getattr(errors, name), type)} | {"MissingSetting"}
    assert named <= known | set(CutShort) | {MOVED}


def test_the_last_resort_needs_neither_records_nor_a_function() -> None:
    found = dict(states(definition("emergency_response")))
    page = found["Page the leadership group"]
    assert page["Resource"] == "arn:aws:states:::sns:publish"
    assert page["Next"] == page["Catch"][0]["Next"] == "Mark as needing attention"
    for name in ("Mark as needing attention", "Note on the timeline"):
        assert found[name]["Resource"].startswith("arn:aws:states:::dynamodb:")
        assert found[name]["Catch"][0]["ErrorEquals"] == ["States.ALL"]
    assert found["Needs attention"]["Type"] == "Fail"


def test_task_tokens_go_nowhere_but_to_the_function_that_stores_them() -> None:
    for name in NAMES:
        for _, state in states(definition(name)):
            text = json.dumps(state)
            if "Task.Token" in text:
                assert state["Resource"] == "arn:aws:states:::lambda:invoke.waitForTaskToken"
                assert state["Arguments"]["FunctionName"] in {"${DecisionRequestFunction}", "${DeadlinesFunction}"}
                assert state["Arguments"]["Payload"]["task_token"] == "{% $states.context.Task.Token %}"
                assert text.count("Task.Token") == 1


@pytest.mark.parametrize(
    ("parent", "name"),
    [
        ("emergency_response", "{% $incidentId & '-"),
        ("deadline", "{% $incidentId & '-' & $clock & '-decision'"),
        ("release", "{% $states.input.incident_id & '-"),
        ("statement", "{% $states.input.incident_id & '-"),
        ("carrier", "{% $states.input.incident_id & '-"),
        ("severity", "{% $states.input.incident_id & '-"),
        ("maintenance", "{% $states.input.incident_id & '-"),
    ],
)
def test_child_executions_are_linked_to_their_parents_and_named_after_the_incident(parent: str, name: str) -> None:
    children = [s for _, s in states(definition(parent)) if s.get("Resource", "").endswith("startExecution.sync:2")]
    assert children
    for state in children:
        assert state["Arguments"]["Name"].startswith(name)
        assert "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID" in state["Arguments"]["Input"]


def test_substitutions_stand_only_inside_strings_so_that_the_file_stays_json() -> None:
    for name in NAMES:
        text = (FOLDER / f"{name}.asl.json").read_text()
        assert set(re.findall(r"\$\{(\w+)\}", text)) <= {
            "TriageFunction",
            "OrdersFunction",
            "DecisionRequestFunction",
            "TaskForceFunction",
            "SeverityFunction",
            "TeamAssignmentFunction",
            "DeadlinesFunction",
            "CustomerHotlineFunction",
            "ResourcesFunction",
            "CarriersFunction",
            "MaintenanceFunction",
            "StatementFunction",
            "ReportFunction",
            "DecisionStateMachine",
            "RecordsTable",
            "LeadershipTopic",
        }


def _caught(state: dict[str, Any], error: str) -> str:
    """Where a state leads when it fails that way: the first catcher that names the error or all of them."""
    return next(str(c["Next"]) for c in state["Catch"] if {error, "States.ALL"} & set(c["ErrorEquals"]))
