"""The state machines: their definitions as written, their roles as their definitions need them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from infra.acknowledgements import as_found
from infra.sources import Sources
from tests.infra.template import Properties, Template, actions, allowed, places, statements

MACHINES = ("emergency_response", "decision", "deadline", "release", "statement", "carrier", "severity", "maintenance")
PARENTS = ("emergency_response", "deadline", "release", "statement", "carrier", "severity", "maintenance")
"""The machines that run others and wait for them."""

REQUESTS = {"release", "statement", "carrier"}
"""The machines that people start from a page."""

STARTED = {
    "intake": {"response"},
    "incident_follow_up": {"response", "severity"},
    "decision_page": REQUESTS,
    "decision_follow_up": {*REQUESTS, "severity", "maintenance", "deadline"},
    "task_force": {"deadline"},
    "severity": {"deadline"},
    "team_assignment": {"deadline"},
    "deadlines": {"deadline"},
    "maintenance": {"response", "maintenance"},
    "incident_report": {"response"},
}
"""Function → what it starts, by the names of its settings."""


def definition(name: str) -> str:
    return (Sources().state_machines / f"{name}.asl.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MACHINES)
def test_a_definition_goes_out_as_it_is_written(template: Template, name: str) -> None:
    assert template.machine(name)["DefinitionString"] == definition(name)


@pytest.mark.parametrize("name", MACHINES)
def test_every_placeholder_is_filled_and_nothing_else_is(template: Template, name: str) -> None:
    filled = template.machine(name).get("DefinitionSubstitutions", {})
    assert filled.keys() == set(re.findall(r"\$\{(\w+)\}", definition(name)))


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_logs_every_event_but_no_data_and_is_traced(template: Template, name: str) -> None:
    machine = template.machine(name)
    logging = machine["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["StateMachineType"] == "STANDARD"
    (destination,) = logging["Destinations"]
    group = template.resources[destination["CloudWatchLogsLogGroup"]["LogGroupArn"]["Fn::GetAtt"][0]]
    assert group["Properties"]["LogGroupName"] == f"/aws/vendedlogs/states/EmergencyResponse-{name}"
    assert group["Properties"]["RetentionInDays"] == 365


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_may_deliver_its_logs_and_traces(template: Template, name: str) -> None:
    held = {action for action, place in allowed(template.role_of(template.machine(name))) if place == "*"}
    assert {"logs:CreateLogDelivery", "logs:PutResourcePolicy", "xray:PutTraceSegments"} <= held


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_may_invoke_the_functions_that_it_names_and_no_others(template: Template, name: str) -> None:
    machine = template.machine(name)
    named = {
        f"<{value['Fn::GetAtt'][0]}.Arn>"
        for key, value in machine.get("DefinitionSubstitutions", {}).items()
        if key.endswith("Function")
    }
    assert _places_of(template.role_of(machine), "lambda:InvokeFunction") == named


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_may_do_what_its_integrations_do(template: Template, name: str) -> None:
    resources = set(re.findall(r'"arn:aws:states:::([\w:.]+)"', definition(name)))
    held = {action for action, _ in allowed(template.role_of(template.machine(name)))}
    for resource in resources:
        assert _needed(resource) <= held, resource
    possible = set().union(*(_needed(resource) for resource in resources)) if resources else set()
    assert {action for action in held if action.startswith(("dynamodb:", "sns:", "states:", "events:"))} <= possible


@pytest.mark.parametrize("name", PARENTS)
def test_running_a_child_and_waiting_for_it_needs_its_executions_and_one_rule(template: Template, name: str) -> None:
    role = template.role_of(template.machine(name))
    child = template.machine(name)["DefinitionSubstitutions"]["DecisionStateMachine"]["Ref"]
    assert _places_of(role, "states:StartExecution") == {f"<{child}>"}
    executions = f"arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<{child}.Name>:*"
    assert _places_of(role, "states:DescribeExecution") == _places_of(role, "states:StopExecution") == {executions}
    rule = (
        "arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:"
        "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
    )
    for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
        assert _places_of(role, action) == {rule}


@pytest.mark.parametrize("name", PARENTS)
def test_a_child_execution_is_linked_to_its_parent(name: str) -> None:
    starting = [
        state
        for state in _states(json.loads(definition(name)))
        if str(state.get("Resource", "")).endswith("startExecution.sync:2")
    ]
    assert starting
    for state in starting:
        linked = state["Arguments"]["Input"]["AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"]
        assert linked == "{% $states.context.Execution.Id %}"


@pytest.mark.parametrize("name", MACHINES)
def test_the_page_goes_through_the_key_and_past_the_table(template: Template, name: str) -> None:
    role = template.role_of(template.machine(name))
    paging = statements(role, "leadership")
    assert [actions(statement) for statement in paging] == [["sns:Publish"], ["kms:Decrypt", "kms:GenerateDataKey"]]
    (topic,) = places(paging[0])
    assert topic.startswith("<TopicsLeadership")


@pytest.mark.parametrize("function", STARTED)
def test_a_function_starts_the_machines_that_it_is_told_of_and_nothing_else(template: Template, function: str) -> None:
    properties = template.functions()[function]
    told = {
        name.removesuffix("_STATE_MACHINE").lower(): as_found(value)
        for name, value in properties["Environment"]["Variables"].items()
        if name.endswith("_STATE_MACHINE")
    }
    assert told.keys() == STARTED[function]
    assert _places_of(template.role_of(properties), "states:StartExecution") == set(told.values())


@pytest.mark.parametrize("machine", sorted(REQUESTS))
@pytest.mark.parametrize("function", [name for name, machines in STARTED.items() if machines >= REQUESTS])
def test_what_people_ask_for_is_started_by_reference(template: Template, function: str, machine: str) -> None:
    started = template.functions()[function]["Environment"]["Variables"][f"{machine.upper()}_STATE_MACHINE"]["Ref"]
    assert started.startswith(f"Workflow{machine.capitalize()}StateMachine")


@pytest.mark.parametrize("function", [name for name, machines in STARTED.items() if "deadline" in machines])
def test_clocks_are_started_by_the_name_of_their_machine(template: Template, function: str) -> None:
    """`deadline` invokes functions that start it, so a reference would make a circle."""
    told = template.functions()[function]["Environment"]["Variables"]["DEADLINE_STATE_MACHINE"]
    name = template.machine("deadline")["StateMachineName"]
    assert as_found(told) == f"arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:{name}"


def test_no_other_function_may_start_a_machine(template: Template) -> None:
    starting = {
        name
        for name, properties in template.functions().items()
        if _places_of(template.role_of(properties), "states:StartExecution")
    }
    assert starting == STARTED.keys()


def _needed(resource: str) -> set[str]:
    if resource.startswith("lambda:invoke"):
        return {"lambda:InvokeFunction"}
    if resource == "states:startExecution.sync:2":
        return {
            "states:StartExecution",
            "states:DescribeExecution",
            "states:StopExecution",
            "events:PutTargets",
            "events:PutRule",
            "events:DescribeRule",
        }
    service, _, call = resource.partition(":")
    return {f"{service}:{call[0].upper()}{call[1:]}"}


def _places_of(role: Properties, action: str) -> set[str]:
    return {place for held, place in allowed(role) if held == action}


def _states(node: Any) -> list[dict[str, Any]]:
    """Every state of a definition, however deep."""
    if isinstance(node, list):
        return [state for item in node for state in _states(item)]
    if not isinstance(node, dict):
        return []
    own = list(node["States"].values()) if "States" in node else []
    return own + [state for value in node.values() for state in _states(value)]
