"""boto3 clients of the loopback AWS. Sessions are shared, since a new one reads botocore's models from disk again."""

from __future__ import annotations

import functools
import threading
from typing import Any

import boto3
from botocore.config import Config

_making = threading.Lock()


@functools.cache
def _session(key_id: str, region: str) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=key_id,
        aws_secret_access_key="local",  # noqa: S106 - nothing on loopback checks it
        region_name=region,
    )


def client(service: str, *, endpoint: str, region: str, key_id: str, config: Config | None = None) -> Any:
    """A client whose calls are signed with the key id."""
    with _making:
        return _session(key_id, region).client(  # type: ignore[call-overload]
            service, endpoint_url=endpoint, config=config
        )


def table(name: str, *, endpoint: str, region: str, key_id: str) -> Any:
    """A DynamoDB table as a boto3 resource."""
    with _making:
        return _session(key_id, region).resource("dynamodb", endpoint_url=endpoint).Table(name)
