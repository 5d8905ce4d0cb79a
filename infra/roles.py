"""Roles with nothing but inline policies: what a role may do stands in one place and nothing is added behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledgements import acknowledge, as_found
from infra.permissions import key_actions, services_of


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Some actions on some resources.

    Attributes:
        actions: IAM actions, each spelled out.
        resources: ARNs.
        key_arn: The customer-managed key that encrypts the resources, where one does.
        conditions: IAM conditions of the statement.
        why_wildcard: For resources with a `*`: why AWS offers nothing narrower.
    """

    actions: Sequence[str]
    resources: Sequence[str]
    key_arn: str | None = None
    conditions: Mapping[str, Mapping[str, str]] | None = None
    why_wildcard: str | None = None

    def statements(self) -> list[iam.PolicyStatement]:
        """The policy statements: the actions themselves, and the use of the key that comes with them."""
        own = iam.PolicyStatement(
            actions=list(self.actions), resources=list(self.resources), conditions=self.conditions
        )
        if self.key_arn is None:
            return [own]
        return [own, *(_use_of_key(self.key_arn, service) for service in services_of(self.actions))]


TRACING = Grant(
    actions=("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
    resources=("*",),
    why_wildcard="X-Ray's actions accept no resource",
)
"""Active tracing of a Lambda function."""


class ServiceRole(iam.Role):
    """A role of one AWS service, made of named grants. Later additions by the library are dropped on purpose."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        service: str,
        description: str,
        grants: Mapping[str, Sequence[Grant]],
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            assumed_by=iam.ServicePrincipal(service),
            description=description,
            inline_policies={name: _document(parts) for name, parts in grants.items() if parts},
        )
        self._acknowledge([grant for parts in grants.values() for grant in parts])

    @property
    def closed(self) -> iam.IRole:
        """The role as constructs get it: usable, not extendable."""
        return self.without_policy_updates()

    def _acknowledge(self, grants: Sequence[Grant]) -> None:
        """Accepts each wildcard resource whose grant says why it must be one. One resource may have several reasons."""
        reasons: dict[str, list[str]] = {}
        for grant in grants:
            for resource in grant.resources:
                place = as_found(Stack.of(self).resolve(resource))
                if "*" in place and grant.why_wildcard:
                    reasons.setdefault(place, []).append(grant.why_wildcard)
        for place, why in reasons.items():
            acknowledge(self, f"AwsSolutions-IAM5[Resource::{place}]", f"{'; '.join(why)}.")
        everything = "; ".join(f"{place}: {'; '.join(why)}" for place, why in reasons.items())
        acknowledge(self, "Serverless-LambdaStarPermissions", f"{everything}.")


def _document(grants: Sequence[Grant]) -> iam.PolicyDocument:
    return iam.PolicyDocument(statements=[part for grant in grants for part in grant.statements()])


def _use_of_key(key_arn: str, service: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=list(key_actions(service)),
        resources=[key_arn],
        conditions={"StringEquals": {"kms:ViaService": f"{service}.{Aws.REGION}.{Aws.URL_SUFFIX}"}},
    )
