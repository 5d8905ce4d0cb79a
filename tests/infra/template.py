"""Reading a synthesised template: resources by type, statements by role, values as the checks spell them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.acknowledgements import as_found

Properties = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """A CloudFormation template."""

    content: dict[str, Any]

    @classmethod
    def read(cls, assembly: Path, stack: str = "EmergencyResponse") -> Template:
        return cls(json.loads((assembly / f"{stack}.template.json").read_text(encoding="utf-8")))

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        return dict(self.content["Resources"])

    def of_type(self, kind: str) -> dict[str, Properties]:
        """Logical id → properties, of every resource of a type."""
        return {name: r.get("Properties", {}) for name, r in self.resources.items() if r["Type"] == kind}

    def functions(self) -> dict[str, Properties]:
        """Folder of a function → its properties."""
        return {
            item["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: item
            for item in self.of_type("AWS::Lambda::Function").values()
        }

    def role_of(self, properties: Properties) -> Properties:
        """The role that a function's `Role` or a state machine's `RoleArn` refers to."""
        reference = properties.get("Role") or properties["RoleArn"]
        role: Properties = self.resources[reference["Fn::GetAtt"][0]]["Properties"]
        return role

    def machine(self, name: str) -> Properties:
        """A state machine by its file's name."""
        wanted = f"Workflow{''.join(part.capitalize() for part in name.split('_'))}StateMachine"
        return next(p for n, p in self.of_type("AWS::StepFunctions::StateMachine").items() if n.startswith(wanted))

    def dead_letter_queues(self) -> set[str]:
        """The logical ids of the queues that something names as its dead-letter queue, wherever it does."""
        found: set[str] = set()
        for resource in self.resources.values():
            properties = resource.get("Properties", {})
            found |= {_target(policy["deadLetterTargetArn"]) for policy in _policies(properties)}
            for target in properties.get("Targets", []):
                found.add(_target(target["DeadLetterConfig"]["Arn"]))
        return found


def _policies(properties: Properties) -> list[Properties]:
    return [properties["RedrivePolicy"]] if "RedrivePolicy" in properties else []


def _target(arn: Properties) -> str:
    return str(arn["Fn::GetAtt"][0])


def statements(role: Properties, policy: str | None = None) -> list[dict[str, Any]]:
    """The statements of a role's inline policies, or of one of them."""
    return [
        statement
        for document in role.get("Policies", [])
        if policy in {None, document["PolicyName"]}
        for statement in document["PolicyDocument"]["Statement"]
    ]


def listed(value: Any) -> list[Any]:
    """IAM writes a list of one as the one."""
    return value if isinstance(value, list) else [value]


def actions(statement: dict[str, Any]) -> list[str]:
    return listed(statement["Action"])


def places(statement: dict[str, Any]) -> list[str]:
    """A statement's resources, with references spelled `<LogicalId.Attribute>`."""
    return [as_found(resource) for resource in listed(statement["Resource"])]


def allowed(role: Properties) -> Iterator[tuple[str, str]]:
    """Every pair of action and resource that a role allows."""
    for statement in statements(role):
        assert statement["Effect"] == "Allow"
        yield from ((action, place) for action in actions(statement) for place in places(statement))
