"""The incident records: one DynamoDB table."""

from __future__ import annotations

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.tables import EntityTable


class Records(Construct):
    """One table for everything about incidents. It outlives the stack and can be restored to any second of 35 days.

    Its stream tells which items change, and nothing of what is in them.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.table = EntityTable(
            self,
            "Table",
            key=key,
            restorable_days=35,
            # Task tokens and form keys must not leave the table.
            stream=dynamodb.StreamViewType.KEYS_ONLY,
        )
