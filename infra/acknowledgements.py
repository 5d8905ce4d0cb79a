"""Acknowledging a finding of the synthesis checks on the very construct that it is about."""

from __future__ import annotations

from typing import Any

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Accepts one finding on one construct.

    Args:
        construct: What the finding is about; everything below it is covered too, so name the smallest one.
        rule: The rule's id, with the finding in brackets where the rule reports several.
        reason: Why it is right here, in a sentence that a reviewer can disagree with.
    """
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def as_found(value: Any) -> str:  # noqa: ANN401 - whatever CloudFormation's functions are made of
    """A resolved value as the checks spell it in a finding: `{"Fn::GetAtt": ["Table", "Arn"]}` → `<Table.Arn>`."""
    match value:
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(as_found(part) for part in parts)
        case _:
            return str(value)
