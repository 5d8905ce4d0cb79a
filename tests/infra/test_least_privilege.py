"""R21: no wildcard but where AWS offers nothing narrower, and there with a reason on the resource."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from tests.infra.template import Template, allowed

_WITHOUT_RESOURCE = {
    "dynamodb:ListStreams",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "states:SendTaskFailure",
    "states:SendTaskSuccess",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
"""The actions in use that accept no resource, by the service authorization reference."""

_PARTLY_OPEN = {
    "connect:AssociatePhoneNumberContactFlow": (":connect:",),
    "connect:DisassociatePhoneNumberContactFlow": (":connect:",),  # in one statement with it; flows mean nothing to it
    "s3:GetObject": ("<ArchiveBucket", "<UploadsBucket"),
    "s3:ListBucket": (
        "<ArchiveBucket",
        "<UploadsBucket",
    ),  # in one statement with GetObject; objects mean nothing to it
    "s3:PutObject": ("<ArchiveBucket", "<StatusSiteBucket", "<UploadsBucket"),
    "states:DescribeExecution": ("execution:<WorkflowDecisionStateMachine",),
    "states:StopExecution": ("execution:<WorkflowDecisionStateMachine",),
}
"""Actions on things whose names are known only when they happen, and what bounds them."""


def test_no_action_is_a_wildcard(template: Template) -> None:
    for name, role in template.of_type("AWS::IAM::Role").items():
        assert not [action for action, _ in allowed(role) if "*" in action], name


def test_a_wildcard_resource_stands_only_where_aws_offers_nothing_narrower(template: Template) -> None:
    for name, role in template.of_type("AWS::IAM::Role").items():
        for action, place in allowed(role):
            if place == "*":
                assert action in _WITHOUT_RESOURCE, (name, action)
            elif "*" in place:
                assert any(bound in place for bound in _PARTLY_OPEN[action]), (name, action, place)


def test_every_wildcard_is_acknowledged_on_its_role_with_a_reason(
    template: Template, acknowledged: dict[str, dict[str, str]]
) -> None:
    for name, role in template.of_type("AWS::IAM::Role").items():
        open_places = {place for _, place in allowed(role) if "*" in place}
        path = template.resources[name]["Metadata"]["aws:cdk:path"].removesuffix("/Resource")
        rules = acknowledged.get(path, {})
        assert {f"AwsSolutions-IAM5[Resource::{place}]" for place in open_places} <= rules.keys(), name


def test_an_acknowledgement_says_why_and_covers_one_resource(acknowledged: dict[str, dict[str, str]]) -> None:
    assert acknowledged
    for path, rules in acknowledged.items():
        assert path.count("/") >= 2, path
        assert all(len(reason) > 30 and reason.endswith(".") for reason in rules.values()), (path, rules)


@pytest.fixture
def acknowledged(assembly: Path) -> dict[str, dict[str, str]]:
    """Construct path → rule → reason, as the assembly records them."""
    metadata = json.loads((assembly / "EmergencyResponse.metadata.json").read_text(encoding="utf-8"))
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for path, entries in metadata.items():
        for entry in entries:
            if entry["type"] == "aws:cdk:acknowledged-rules":
                for rule, reason in entry["data"].items():
                    found[path.removeprefix("/")][rule.removeprefix("Annotation::")] = reason
    return dict(found)
