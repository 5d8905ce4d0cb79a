"""asl-validator and cfn-lint: they pass, they would not pass anything, and the one exception is narrow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.checks.definitions import check_definitions
from infra.checks.template import check_template
from infra.sources import Sources
from tests.infra.template import Template

DEFINITIONS = sorted(Sources().state_machines.glob("*.asl.json"))


def test_the_definitions_are_valid() -> None:
    assert {path.name.removesuffix(".asl.json") for path in DEFINITIONS} >= {"emergency_response", "decision"}
    assert check_definitions(DEFINITIONS) == []


def test_a_state_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.asl.json"
    wrong.write_text(json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}}}))
    (finding,) = check_definitions([wrong])
    assert finding.startswith("wrong.asl.json: ")
    assert "Nowhere" in finding


def test_the_template_is_valid(template: Template) -> None:
    assert check_template(json.dumps(template.content)) == []


@pytest.mark.parametrize(
    ("timeout", "findings"),
    [
        ("{% $seconds %}", 0),  # right in JSONata, unknown to cfn-lint
        ("soon", 1),
    ],
)
def test_a_jsonata_string_may_stand_for_a_number_and_no_other_text_may(timeout: str, findings: int) -> None:
    assert len(check_template(_machine(timeout))) == findings


def test_a_wrong_property_is_found() -> None:
    wrong = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"Retention": 1}}}}
    (finding,) = check_template(json.dumps(wrong))
    assert finding.startswith("E3002 Resources/Queue/Properties/Retention")


def _machine(timeout: str) -> str:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": "ask"},
        "TimeoutSeconds": timeout,
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "Ask", "States": {"Ask": state}}
    role = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/workflow"}
    properties = {"DefinitionString": json.dumps(definition), "RoleArn": role}
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    return json.dumps({"Resources": {"Machine": machine}})
