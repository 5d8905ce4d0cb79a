from __future__ import annotations

from typing import Any

import pytest

from local.engine.intrinsics import NO_VALUE, Scope, TemplateError, condition_holds, resolve

SCOPE = Scope(
    ref=lambda name: {"Queue": "https://queue", "AWS::Region": "ap-northeast-1", "Stage": "prod"}[name],
    get_att=lambda logical_id, attribute: f"{logical_id}/{attribute}",
    import_value=lambda name: f"imported {name}",
    mappings={"Ports": {"prod": {"http": 443}}},
    conditions={
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "IsTest": {"Fn::Not": [{"Condition": "IsProd"}]},
        "Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsTest"}]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsTest"}]},
    },
)


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "Queue"}, "https://queue"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "Queue/Arn"),
        ({"Fn::GetAtt": "Queue.Nested.Arn"}, "Queue/Nested.Arn"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Queue"}, 3]]}, "a-https://queue-3"),
        ({"Fn::Sub": "${AWS::Region}/${Queue.Arn}/${!Literal}"}, "ap-northeast-1/Queue/Arn/${Literal}"),
        ({"Fn::Sub": ["${Own}-${Stage}", {"Own": {"Ref": "Queue"}}]}, "https://queue-prod"),
        ({"Fn::Select": [1, {"Fn::Split": ["/", "a/b/c"]}]}, "b"),
        ({"Fn::FindInMap": ["Ports", {"Ref": "Stage"}, "http"]}, 443),
        ({"Fn::If": ["IsProd", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsTest", "yes", {"Ref": "Stage"}]}, "prod"),
        ({"Fn::ImportValue": {"Fn::Sub": "x-${Stage}"}}, "imported x-prod"),
        ({"Fn::Base64": "hi"}, "aGk="),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [1, {"Ref": "AWS::NoValue"}]}, {"b": [1]}),
        ({"Ref": "Stage", "other": 1}, {"Ref": "Stage", "other": 1}),
        ("plain", "plain"),
        (None, None),
    ],
)
def test_intrinsic_functions(value: Any, resolved: Any) -> None:
    assert resolve(value, SCOPE) == resolved


def test_no_value_at_the_top_stays_recognisable() -> None:
    assert resolve({"Ref": "AWS::NoValue"}, SCOPE) is NO_VALUE


@pytest.mark.parametrize(("name", "holds"), [("IsProd", True), ("IsTest", False), ("Either", True), ("Both", False)])
def test_conditions(name: str, *, holds: bool) -> None:
    assert condition_holds(name, SCOPE) is holds


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"Fn::Transform": {}}, "Fn::Transform"),
        ({"Fn::FindInMap": ["Ports", "prod", "ftp"]}, "Ports has no prod.ftp"),
        ({"Fn::If": ["Unknown", 1, 2]}, "Unknown is not declared"),
    ],
)
def test_what_cannot_be_resolved_is_named(value: Any, says: str) -> None:
    with pytest.raises(TemplateError, match=says):
        resolve(value, SCOPE)
