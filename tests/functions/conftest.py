"""AWS as moto plays it inside the process, for adapters and handlers one at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, RLock
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.responses import DynamoHandler

from emergency import compiled
from emergency.aws.table import RecordsTable
from emergency.domain.errors import EmergencyError
from infra.plan_compiler import compile_plan
from local.engine import moto_repairs

# Powertools reads these when a handler is imported, as Lambda has them set by then.
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "test")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "EmergencyResponse")

KEEPING_THE_SESSION: Any = {"core": {"reset_boto3_session": False}}
"""A new session reads botocore's models from disk again, which took most of each test's time."""


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    for repair in (
        moto_repairs.dynamodb_one_at_a_time,
        moto_repairs.dynamodb_transactions,
        moto_repairs.dynamodb_values,
    ):
        moto_repairs.make(repair)
    with mock_aws(config=KEEPING_THE_SESSION):
        yield


def create_table(name: str) -> RecordsTable:
    """A records table as `infra/` declares it: two string keys, on demand."""
    boto3.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return RecordsTable(name)


@pytest.fixture
def table() -> RecordsTable:
    """The records table."""
    return create_table("records")


@pytest.fixture(scope="session")
def compiled_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example company's plan, compiled as the asset holds it."""
    folder = tmp_path_factory.mktemp("compiled")
    compile_plan(Path(__file__).parents[2] / "plan").write(folder)
    return folder


@pytest.fixture
def example(compiled_example: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Handlers read the example company's plan."""
    monkeypatch.setattr(compiled, "FOLDER", compiled_example)
    for cached in (compiled.compiled_plan, compiled.compiled_words):
        cached.cache_clear()
    yield
    for cached in (compiled.compiled_plan, compiled.compiled_words):
        cached.cache_clear()


@dataclass
class Context:
    """What Lambda tells a handler about itself."""

    function_name: str = "function"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:ap-northeast-1:123456789012:function:function"
    aws_request_id: str = "request"


@pytest.fixture
def context() -> Any:
    return Context()


def at_once(runs: Sequence[Callable[[], object]]) -> list[object]:
    """What each run gave, or the domain's error that it raised; all begin together."""
    ready = Barrier(len(runs))

    def one(run: Callable[[], object]) -> object:
        ready.wait()
        try:
            return run()
        except EmergencyError as error:
            return error

    with ThreadPoolExecutor(len(runs)) as pool:
        return list(pool.map(one, runs))


@pytest.fixture
def _one_call_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB serialises transactions over one item; moto doesn't by itself."""
    turn, call = RLock(), DynamoHandler.call_action

    def serialised(self: Any) -> Any:
        with turn:
            return call(self)

    monkeypatch.setattr(DynamoHandler, "call_action", serialised)
