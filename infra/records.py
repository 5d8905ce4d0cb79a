"""The incident records: one DynamoDB table."""

from __future__ import annotations

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct


class Records(Construct):
    """One table for everything about incidents. It outlives the stack and can be restored to any second of 35 days.

    Its stream tells which items change, and nothing of what is in them.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.TableV2(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True, recovery_period_in_days=35
            ),
            time_to_live_attribute="expires_at",
            # Task tokens and form keys must not leave the table.
            dynamo_stream=dynamodb.StreamViewType.KEYS_ONLY,
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        _encrypt(self.table, key)


def _encrypt(table: dynamodb.TableV2, key: kms.IKey) -> None:
    """Sets the key below the construct, which takes a key only where the stack is bound to one region."""
    resource = cast("dynamodb.CfnGlobalTable", table.node.default_child)
    resource.add_property_override("SSESpecification", {"SSEEnabled": True, "SSEType": "KMS"})
    resource.add_property_override("Replicas.0.SSESpecification", {"KMSMasterKeyId": key.key_arn})
