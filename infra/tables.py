"""Tables: paid by use, encrypted with the system's key, restorable for some days, kept when the stack goes."""

from __future__ import annotations

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct


class EntityTable(dynamodb.TableV2):
    """A table of whole entities by `pk` and `sk`; items forget themselves at `expires_at`, in seconds since 1970."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: kms.IKey,
        restorable_days: int,
        stream: dynamodb.StreamViewType | None = None,
    ) -> None:
        """Declares the table.

        Args:
            scope: The parent.
            construct_id: The id below the parent.
            key: Encrypts the items.
            restorable_days: For how many days what was deleted can be had back, 1 to 35.
            stream: What the table tells of its changes; nothing without it.
        """
        super().__init__(
            scope,
            construct_id,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True, recovery_period_in_days=restorable_days
            ),
            time_to_live_attribute="expires_at",
            dynamo_stream=stream,
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self._encrypt(key)

    def _encrypt(self, key: kms.IKey) -> None:
        """Sets the key below the construct, which takes a key only where the stack is bound to one region."""
        resource = cast("dynamodb.CfnGlobalTable", self.node.default_child)
        resource.add_property_override("SSESpecification", {"SSEEnabled": True, "SSEType": "KMS"})
        resource.add_property_override("Replicas.0.SSESpecification", {"KMSMasterKeyId": key.key_arn})
