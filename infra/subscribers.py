"""Who has asked to be mailed the statements: one DynamoDB table, apart from the records."""

from __future__ import annotations

from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.function import Reach
from infra.tables import EntityTable

_RESTORABLE_DAYS = 7
"""Enough to take back a mistake; after it nothing is left of an address whose owner has unsubscribed."""


class Subscribers(Construct):
    """A table of its own: it holds customers' addresses, which no other function needs and which have to go on demand.

    It has no stream, and its requests that nobody confirms forget themselves.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self._key_arn = key.key_arn
        self.table = EntityTable(self, "Table", key=key, restorable_days=_RESTORABLE_DAYS)

    @property
    def reach(self) -> Reach:
        """What reading and writing subscribers touches."""
        return Reach(resources=(self.table.table_arn,), key_arn=self._key_arn)
