"""The same ledger over DynamoDB: what holds in memory holds where it is written."""

from __future__ import annotations

import itertools
from typing import Any

import boto3
from hypothesis import settings

from emergency.aws.stock import DynamoInventory
from emergency.aws.table import RecordsTable
from tests.functions.conftest import create_table
from tests.support.house import House
from tests.support.ledger import Ledger
from tests.support.plans import working_plan

_numbers = itertools.count()


class DynamoHouse(House):
    """A house whose stock is in DynamoDB; with `faults`, each of its transactions may be the last thing a process does."""

    table: RecordsTable

    @property
    def inventory(self) -> Any:
        return self._port(DynamoInventory(self.table))


class DynamoLedger(Ledger):
    def built(self) -> House:
        house = DynamoHouse(working_plan())
        house.table = create_table(f"records-{next(_numbers)}")
        return house

    def teardown(self) -> None:
        boto3.client("dynamodb").delete_table(TableName=self.house.table.name)  # type: ignore[attr-defined]


TestDynamoLedger = DynamoLedger.TestCase
TestDynamoLedger.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
