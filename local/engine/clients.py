"""boto3 clients of the loopback AWS. Sessions are shared, since a new one reads botocore's models from disk again."""

from __future__ import annotations

import functools
import threading
from typing import Any

import boto3
from botocore.awsrequest import AWSRequest
from botocore.config import Config

_making = threading.Lock()


@functools.cache
def _session(key_id: str, region: str) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=key_id,
        aws_secret_access_key="local",  # noqa: S106 - nothing on loopback checks it
        region_name=region,
    )


def client(
    service: str, *, endpoint: str, region: str, key_id: str, config: Config | None = None, account: str = ""
) -> Any:
    """A client whose calls are signed with the key id; with an account they are that account's, to moto."""
    with _making:
        made = _session(key_id, region).client(  # type: ignore[call-overload]
            service, endpoint_url=endpoint, config=config
        )
    if account:
        made.meta.events.register("before-sign", functools.partial(_as_account, account))
    return made


def _as_account(account: str, request: AWSRequest, **_: object) -> None:
    request.headers["x-moto-account-id"] = account


def table(name: str, *, endpoint: str, region: str, key_id: str) -> Any:
    """A DynamoDB table as a boto3 resource."""
    with _making:
        return _session(key_id, region).resource("dynamodb", endpoint_url=endpoint).Table(name)
