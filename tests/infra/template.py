"""Reading a synthesised template: resources by type, statements by role, values as the checks spell them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.events.models import EventPattern

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

    def mapping_of(self, function: str) -> Properties:
        """The one event source mapping of a function, by its folder."""
        (mapping,) = self._mappings_of(function)
        return mapping

    def queues_read(self) -> dict[str, tuple[Properties, Properties]]:
        """Function that reads a queue → the mapping and the queue's properties."""
        found = {}
        for function in self.functions():
            for mapping in self._mappings_of(function):
                source = self.resources[target_of(mapping["EventSourceArn"])]
                if source["Type"] == "AWS::SQS::Queue":
                    found[function] = (mapping, source["Properties"])
        return found

    def dead_letter_queues(self) -> set[str]:
        """The logical ids of the queues that something names for what fails, wherever it does."""
        found: set[str] = set()
        for resource in self.resources.values():
            properties = resource.get("Properties", {})
            if "RedrivePolicy" in properties:
                found.add(target_of(properties["RedrivePolicy"]["deadLetterTargetArn"]))
            if "DestinationConfig" in properties:
                found.add(target_of(properties["DestinationConfig"]["OnFailure"]["Destination"]))
            for target in properties.get("Targets", []):
                found.add(target_of(target["DeadLetterConfig"]["Arn"]))
        return found

    def _mappings_of(self, function: str) -> list[Properties]:
        mappings = self.of_type("AWS::Lambda::EventSourceMapping").values()
        return [
            mapping
            for mapping in mappings
            if self.resources[mapping["FunctionName"]["Ref"]]["Properties"] == self.functions()[function]
        ]

    def rules_that_match(self, sent: dict[str, Any]) -> list[str]:
        """The logical ids of the rules that take an event; references in patterns are spelled `<LogicalId>`."""
        rules = self.of_type("AWS::Events::Rule").items()
        patterns = {name: spelled(rule["EventPattern"]) for name, rule in rules if "EventPattern" in rule}
        return [name for name, pattern in patterns.items() if takes(pattern, sent)]


def takes(pattern: Any, sent: dict[str, Any]) -> bool:
    """Whether an event pattern, which is also what a mapping filters by, takes an event."""
    return bool(EventPattern(json.dumps(pattern), pattern).matches_event(sent))  # type: ignore[arg-type]


def spelled(value: Any) -> Any:
    """A value with references spelled as the checks spell them."""
    if isinstance(value, list):
        return [spelled(item) for item in value]
    if not isinstance(value, dict):
        return value
    return as_found(value) if value.keys() <= {"Ref", "Fn::GetAtt"} else {k: spelled(v) for k, v in value.items()}


def target_of(arn: Properties) -> str:
    """The logical id behind the ARN of a resource of the stack."""
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
