from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from local.console.flow import flow_of, spans_of
from local.engine.redaction import REDACTED, new_task_token
from local.executions import execution_of, visits_of

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class History:
    """Writes a history as the API gives it."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, kind: str, previous: int, **details: Any) -> int:
        number = len(self.events) + 1
        key = {"StateEntered": "stateEntered", "StateExited": "stateExited"}
        name = next((short for end, short in key.items() if kind.endswith(end)), f"{kind[0].lower()}{kind[1:]}")
        moment = START + timedelta(seconds=number)
        event = {
            "id": number,
            "previousEventId": previous,
            "type": kind,
            "timestamp": moment,
            f"{name}EventDetails": details,
        }
        self.events.append(event)
        return number

    def retried_task(self, previous: int, name: str) -> int:
        entered = self.add("TaskStateEntered", previous, name=name)
        first = self.add("TaskScheduled", entered, parameters="{}")
        failed = self.add("TaskFailed", first, error="Runtime.ExitError", cause="killed")
        second = self.add("TaskScheduled", failed, parameters="{}")
        done = self.add("TaskSucceeded", second)
        return self.add("TaskStateExited", done, name=name)


def test_retries_are_attempts_of_one_visit_and_are_billed() -> None:
    history = History()
    history.retried_task(0, "1. Incident report")
    (visit,) = visits_of(history.events, is_over=True)
    assert (visit.status, visit.attempts, visit.retries, visit.error) == ("succeeded", 2, 1, "")
    assert visit.seconds == 5


def test_a_failure_that_a_catch_took_over() -> None:
    history = History()
    entered = history.add("TaskStateEntered", 0, name="Ask")
    late = history.add("TaskTimedOut", history.add("TaskScheduled", entered))
    history.add("TaskStateExited", late, name="Ask")
    (visit,) = visits_of(history.events, is_over=True)
    assert (visit.status, visit.error) == ("caught", "States.Timeout")


def test_branches_lie_deeper_and_follow_their_own_events() -> None:
    history = History()
    entered = history.add("ParallelStateEntered", 0, name="Both")
    started = history.add("ParallelStateStarted", entered)
    left = history.add("PassStateEntered", started, name="Left")
    right = history.add("TaskStateEntered", started, name="Right")
    history.add("PassStateExited", left, name="Left")
    submitted = history.add(
        "TaskSubmitted", right, resourceType="states", output=json.dumps({"ExecutionArn": "arn:child"})
    )
    exited = history.add("TaskStateExited", submitted, name="Right")
    both = history.add("ParallelStateExited", exited, name="Both")
    history.add("SucceedStateEntered", both, name="Closed")
    visits = visits_of(history.events, is_over=False)
    assert [(v.name, v.depth, v.status) for v in visits] == [
        ("Both", 0, "succeeded"),
        ("Left", 1, "succeeded"),
        ("Right", 1, "succeeded"),
        ("Closed", 0, "running"),
    ]
    assert visits[2].child_arn == "arn:child"


def test_what_an_ended_execution_left_open_was_aborted_or_failed() -> None:
    history = History()
    waiting = history.add("TaskStateEntered", 0, name="Ask")
    history.add("FailStateEntered", waiting, name="Needs attention")
    assert [v.status for v in visits_of(history.events, is_over=True)] == ["aborted", "failed"]


def test_an_execution_is_read_without_its_task_tokens() -> None:
    token = new_task_token()
    history = History()
    entered = history.add("TaskStateEntered", 0, name="Ask")
    history.add("TaskScheduled", entered, parameters=json.dumps({"Payload": {"token": token}}), taskToken=token)
    description = {
        "executionArn": "arn:aws:states:r:a:execution:decision:INC-1-orders",
        "name": "INC-1-orders",
        "status": "RUNNING",
        "startDate": START,
        "input": json.dumps({"incident_id": "INC-1", "x": token}),
    }
    execution = execution_of(description, history.events, "decision")
    shown = json.dumps([execution.as_json(), execution.history, execution.input])
    assert token not in shown
    assert REDACTED in shown
    assert (execution.incident_id, execution.current, execution.transitions) == ("INC-1", ("Ask",), 1)
    (span,) = spans_of(execution, START + timedelta(seconds=10))
    assert (span.start, span.width) == (10.0, 90.0)


def test_the_outline_follows_the_way_through_the_states() -> None:
    definition = {
        "StartAt": "Ask",
        "States": {
            "Page": {"Type": "Task", "End": True},
            "Answered?": {"Type": "Choice", "Choices": [{"Condition": "{% $ok %}", "Next": "Both"}], "Default": "Ask"},
            "Both": {
                "Type": "Parallel",
                "Branches": [{"StartAt": "Left", "States": {"Left": {"Type": "Pass", "End": True}}}],
                "End": True,
            },
            "Ask": {
                "Type": "Task",
                "Comment": "P6.2",
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Page"}],
                "Next": "Answered?",
            },
        },
    }
    history = History()
    history.retried_task(0, "Ask")
    steps = flow_of(definition, visits_of(history.events, is_over=True))
    assert [step.name for step in steps] == ["Ask", "Answered?", "Both", "Page"]
    assert (steps[0].status, steps[0].comment, steps[1].status) == ("succeeded", "P6.2", "")
    assert steps[0].leads_to == [("", "Answered?"), ("on States.ALL", "Page")]
    assert steps[1].leads_to == [("$ok", "Both"), ("otherwise", "Ask")]
    assert steps[2].branches[0][0].name == "Left"
