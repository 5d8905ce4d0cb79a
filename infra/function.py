"""What "a function" is in this system. Every Lambda function is one of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.logs import LogGroup
from infra.permissions import PERMISSIONS, Port
from infra.roles import TRACING, Grant, ServiceRole

RUNTIME = lambda_.Runtime.PYTHON_3_13
ARCHITECTURE = lambda_.Architecture.ARM_64


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How much of a machine a function gets, and for how long.

    Attributes:
        description: What it does, with its clause of the plan.
        memory: In MB; Lambda gives CPU in proportion.
        timeout: In seconds.
    """

    description: str
    memory: int = 512
    timeout: int = 30


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The resources behind a port, with the key that encrypts them and why a wildcard among them can't be narrower.

    Without resources nothing is behind it in this deployment, and the port grants nothing.
    """

    resources: Sequence[str]
    key_arn: str | None = None
    conditions: Mapping[str, Mapping[str, str]] | None = None
    why_wildcard: str | None = None


NOTHING = Reach(resources=())
"""What a port leads to that this deployment has no use for."""


class EmergencyFunction(Construct):
    """A function with its log group and a role of its own, made of the permissions table."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        settings: Mapping[str, str],
        shape: Shape,
        code: lambda_.Code,
        key: kms.IKey,
        reach: Mapping[Port, Reach],
    ) -> None:
        """Declares the function.

        Args:
            scope: The parent.
            construct_id: The id below the parent.
            name: The function's folder, which holds `handler.py`.
            settings: Field of the function's `Settings` → value; checked by the caller.
            shape: Memory and time.
            code: The packaged asset.
            key: Encrypts the log group.
            reach: The resources behind each port that the permissions table names for this function.
        """
        super().__init__(scope, construct_id)
        self.name = name
        self.log_group = LogGroup(self, "Logs", key=key)
        self.role = ServiceRole(
            self,
            "Role",
            service="lambda.amazonaws.com",
            description=f"What the function {name} may do",
            grants={**_grants(name, reach), "own-logs": [self._own_logs()], "tracing": [TRACING]},
        )
        self.function = lambda_.Function(
            self,
            "Function",
            description=shape.description,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler=f"{name}.handler.handler",
            code=code,
            memory_size=shape.memory,
            timeout=Duration.seconds(shape.timeout),
            role=self.role.closed,
            log_group=self.log_group,
            tracing=lambda_.Tracing.ACTIVE,
            environment={
                **{field.upper(): value for field, value in settings.items()},
                "POWERTOOLS_LOG_LEVEL": "INFO",
                "POWERTOOLS_METRICS_NAMESPACE": metrics_namespace(self),
                "POWERTOOLS_SERVICE_NAME": name,
            },
        )
        self._acknowledge()

    def counted(self, name: str) -> cloudwatch.Metric:
        """What the function counts under that name, summed up by the minute."""
        return cloudwatch.Metric(
            namespace=metrics_namespace(self),
            metric_name=name,
            dimensions_map={"service": self.name},
            period=Duration.minutes(1),
            statistic="Sum",
        )

    def _own_logs(self) -> Grant:
        return Grant(actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(self.log_group.log_group_arn,))

    def _acknowledge(self) -> None:
        runtime = "Python 3.13 is the runtime that the lock, the asset's bytecode and the tests are made for."
        acknowledge(self.function, "AwsSolutions-L1", runtime)
        acknowledge(self.function, "Serverless-LambdaLatestVersion", runtime)
        acknowledge(
            self.function,
            "Serverless-LambdaDLQ",
            "Step Functions, Lambda's pollers and the API wait for its answer; the one that EventBridge calls has a "
            "destination for what fails.",
        )


def metrics_namespace(scope: Construct) -> str:
    """Where the functions' own metrics stand: with two systems in one account, each counts for itself."""
    return Stack.of(scope).stack_name


def _grants(name: str, reach: Mapping[Port, Reach]) -> dict[str, list[Grant]]:
    ports = PERMISSIONS[name].items()
    return {port.value: [_grant(actions, reach[port])] for port, actions in ports if reach[port].resources}


def _grant(actions: Sequence[str], reach: Reach) -> Grant:
    return Grant(
        actions=actions,
        resources=reach.resources,
        key_arn=reach.key_arn,
        conditions=reach.conditions,
        why_wildcard=reach.why_wildcard,
    )
