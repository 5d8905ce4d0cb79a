"""The state machines of `statemachines/`, each with a role made of what its own definition calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.function import EmergencyFunction
from infra.functions import pascal_case
from infra.logs import LogGroup
from infra.roles import Grant, ServiceRole
from infra.sources import Sources

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_DYNAMODB_CALL = re.compile(r'"arn:aws:states:::dynamodb:(\w+)"')

_LOG_DELIVERY = Grant(
    actions=(
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ),
    resources=("*",),
    why_wildcard="The actions of log delivery accept no resource",
)
_TRACING = Grant(
    actions=(
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ),
    resources=("*",),
    why_wildcard="X-Ray's actions accept no resource",
)


class UnknownPlaceholder(Exception):
    """A definition names something in `${…}` that the stack doesn't have."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What definitions can refer to beside functions and each other."""

    functions: Mapping[str, EmergencyFunction]
    table: dynamodb.ITable
    leadership: sns.ITopic
    key: kms.IKey


class Workflow(Construct):
    """The state machines: one runs an incident, one a question, one a clock, one whatever comes up beside the steps."""

    def __init__(self, scope: Construct, construct_id: str, *, sources: Sources, surroundings: Surroundings) -> None:
        super().__init__(scope, construct_id)
        self._sources = sources
        self._surroundings = surroundings
        self.decision = self._machine("decision")
        asking = {"DecisionStateMachine": self.decision}
        self.deadline = self._machine("deadline", children=asking)
        self.emergency_response = self._machine("emergency_response", children=asking)
        self.release = self._machine("release", children=asking)
        self.statement = self._machine("statement", children=asking)
        self.carrier = self._machine("carrier", children=asking)
        self.severity = self._machine("severity", children=asking)
        self.maintenance = self._machine("maintenance", children=asking)

    @property
    def machines(self) -> dict[str, sfn.StateMachine]:
        """All of them, by the names of their files."""
        return {
            "emergency_response": self.emergency_response,
            "decision": self.decision,
            "deadline": self.deadline,
            "release": self.release,
            "statement": self.statement,
            "carrier": self.carrier,
            "severity": self.severity,
            "maintenance": self.maintenance,
        }

    @property
    def requests(self) -> dict[str, str]:
        """The ARNs of the machines that people start from a page, by the settings that name them."""
        machines = {"release": self.release, "statement": self.statement, "carrier": self.carrier}
        return {f"{name}_state_machine": machine.state_machine_arn for name, machine in machines.items()}

    @property
    def raising(self) -> dict[str, str]:
        """The ARN of the machine that a worse signal starts, by the setting that names it."""
        return {"severity_state_machine": self.severity.state_machine_arn}

    @property
    def maintaining(self) -> dict[str, str]:
        """The ARN of the machine that planned maintenance starts, by the setting that names it."""
        return {"maintenance_state_machine": self.maintenance.state_machine_arn}

    def _machine(self, name: str, children: Mapping[str, sfn.StateMachine] | None = None) -> sfn.StateMachine:
        definition = (self._sources.state_machines / f"{name}.asl.json").read_text(encoding="utf-8")
        part = Construct(self, pascal_case(name))
        references = _References(name, definition, self._surroundings, children or {})
        logs = LogGroup(
            part,
            "Logs",
            key=self._surroundings.key,
            name=f"/aws/vendedlogs/states/{_name_of(Stack.of(self), name)}",
        )
        role = ServiceRole(
            part,
            "Role",
            service="states.amazonaws.com",
            description=f"What the state machine {name} may do",
            grants=references.grants(),
        )
        return sfn.StateMachine(
            part,
            "StateMachine",
            state_machine_name=_name_of(Stack.of(self), name),
            definition_body=sfn.DefinitionBody.from_string(definition),
            definition_substitutions=references.substitutions() or None,
            state_machine_type=sfn.StateMachineType.STANDARD,
            role=role.closed,
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=logs, level=sfn.LogLevel.ALL, include_execution_data=False),
        )


def machine_arn(stack: Stack, machine: str) -> str:
    """The ARN of a machine by its name, for functions that it invokes: they can't refer to what refers to them."""
    return stack.format_arn(
        service="states",
        resource="stateMachine",
        resource_name=_name_of(stack, machine),
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def _name_of(stack: Stack, machine: str) -> str:
    """Ops find it in the console by this name; with the stack's name in it, two systems fit into one account."""
    return f"{stack.stack_name}-{machine}"


class _References:
    """What one definition names in `${…}`, as values and as permissions."""

    def __init__(
        self, name: str, definition: str, surroundings: Surroundings, children: Mapping[str, sfn.StateMachine]
    ) -> None:
        self._definition = definition
        self._table = surroundings.table
        self._topic = surroundings.leadership
        self._key_arn = surroundings.key.key_arn
        functions = {f"{pascal_case(key)}Function": value for key, value in surroundings.functions.items()}
        named = set(_PLACEHOLDER.findall(definition))
        known = {*functions, *children, "RecordsTable", "LeadershipTopic"}
        if unknown := sorted(named - known):
            raise UnknownPlaceholder(
                f"statemachines/{name}.asl.json names {', '.join(unknown)}; the stack has {', '.join(sorted(known))}."
            )
        self._named = named
        self._functions = {key: value for key, value in functions.items() if key in named}
        self._children = {key: value for key, value in children.items() if key in named}

    def substitutions(self) -> dict[str, str]:
        """Placeholder → value, for those that the definition names."""
        values = {
            "RecordsTable": self._table.table_name,
            "LeadershipTopic": self._topic.topic_arn,
            **{key: value.function.function_arn for key, value in self._functions.items()},
            **{key: value.state_machine_arn for key, value in self._children.items()},
        }
        return {key: value for key, value in values.items() if key in self._named}

    def grants(self) -> dict[str, list[Grant]]:
        """The role's policies, by what they are for."""
        return {
            "functions": self._invoking(),
            "child-executions": [grant for child in self._children.values() for grant in _running(child)],
            "leadership": self._paging(),
            "records": self._writing(),
            "log-delivery": [_LOG_DELIVERY],
            "tracing": [_TRACING],
        }

    def _invoking(self) -> list[Grant]:
        arns = [item.function.function_arn for item in self._functions.values()]
        return [Grant(actions=("lambda:InvokeFunction",), resources=arns)] if arns else []

    def _paging(self) -> list[Grant]:
        if "LeadershipTopic" not in self._named:
            return []
        return [Grant(actions=("sns:Publish",), resources=(self._topic.topic_arn,), key_arn=self._key_arn)]

    def _writing(self) -> list[Grant]:
        calls = sorted(set(_DYNAMODB_CALL.findall(self._definition)))
        actions = [f"dynamodb:{call[0].upper()}{call[1:]}" for call in calls]
        return [Grant(actions=actions, resources=(self._table.table_arn,), key_arn=self._key_arn)] if actions else []


def _running(child: sfn.StateMachine) -> list[Grant]:
    """What `.sync:2` needs: start the child, look at and stop its executions, and the rule that reports their end."""
    stack = Stack.of(child)
    executions = stack.format_arn(
        service="states",
        resource="execution",
        resource_name=f"{child.state_machine_name}:*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    rule = stack.format_arn(
        service="events", resource="rule", resource_name="StepFunctionsGetEventsForStepFunctionsExecutionRule"
    )
    return [
        Grant(actions=("states:StartExecution",), resources=(child.state_machine_arn,)),
        Grant(
            actions=("states:DescribeExecution", "states:StopExecution"),
            resources=(executions,),
            why_wildcard="The names of executions hold the incidents' ids, known only when they happen",
        ),
        Grant(actions=("events:DescribeRule", "events:PutRule", "events:PutTargets"), resources=(rule,)),
    ]
