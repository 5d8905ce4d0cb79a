"""The log of AWS calls that the functions make, for the least-privilege test.

What is logged is (function, service, operation); the operation is found by botocore's own models of the services.
"""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from botocore.session import get_session

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_SIGNING_NAMES = {"ses": "sesv2", "states": "stepfunctions", "monitoring": "cloudwatch"}


@dataclass(frozen=True, order=True)
class Call:
    """One AWS call. `caller` is a function's short name, or what was registered for the access key."""

    caller: str
    service: str
    operation: str


@dataclass(frozen=True)
class Signature:
    """What a request's SigV4 signature tells."""

    access_key_id: str
    region: str
    service: str


def read_signature(headers: Mapping[str, str], query: str) -> Signature | None:
    """The signature in the Authorization header or, of a presigned request, in the query; None where there is none."""
    match = _CREDENTIAL.search(headers.get("authorization", ""))
    if match:
        return Signature(*match.groups())
    credential = parse_qs(query).get("X-Amz-Credential", [""])[0].split("/")
    if len(credential) == 5:  # noqa: PLR2004 - key, date, region, service, "aws4_request"
        return Signature(credential[0], credential[2], credential[3])
    return None


def operation_of(
    signing_name: str, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> tuple[str, str]:
    """(botocore service name, operation) of an AWS request; the operation is empty where it can't be told."""
    service = _SIGNING_NAMES.get(signing_name, signing_name)
    if service == "sesv2" and not path.startswith("/v2/"):
        service = "ses"
    target = headers.get("x-amz-target")
    if target:
        return service, target.rpartition(".")[2]
    rpc = re.fullmatch(r"/service/[^/]+/operation/(\w+)", path)
    if rpc:
        return service, rpc.group(1)
    action = parse_qs(body.decode("utf-8", "replace") or query).get("Action")
    if action:
        return service, action[0]
    return service, _rest_operation(service, method, path, query, is_copy="x-amz-copy-source" in headers)


def _rest_operation(service: str, method: str, path: str, query: str, *, is_copy: bool) -> str:
    given = set(parse_qs(query, keep_blank_values=True))
    best, best_rank = "", (-1, -1)
    for name, verb, pattern, literals in _rest_operations(service):
        # S3 tells a copy from a put by nothing but a header.
        if service == "s3" and ("Copy" in name) != is_copy:
            continue
        if verb == method and literals <= given and pattern.fullmatch(path):
            rank = (len(literals), len(pattern.pattern))
            if rank > best_rank:
                best, best_rank = name, rank
    return best


@functools.lru_cache(maxsize=16)
def _rest_operations(service: str) -> tuple[tuple[str, str, re.Pattern[str], frozenset[str]], ...]:
    model: Any = get_session().get_service_model(service)
    operations = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = http.get("requestUri", "/").partition("?")
        literals = frozenset(part.partition("=")[0] for part in query.split("&") if part)
        operations.append((name, http.get("method", "POST"), _uri_pattern(path), literals))
    return tuple(operations)


def _uri_pattern(uri: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", uri)
    text = "".join(
        (".+" if part.endswith("+}") else "[^/]+") if part.startswith("{") else re.escape(part) for part in parts
    )
    return re.compile(text + "/?")


_PART_OPERATIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def _parts(operation: str, body: bytes) -> tuple[str, ...]:
    """What a DynamoDB transaction does, since IAM asks for the actions of its parts; nothing for any other call."""
    if operation != "TransactWriteItems":
        return ()
    items = json.loads(body).get("TransactItems", [])
    return tuple(_PART_OPERATIONS[kind] for item in items for kind in item if kind in _PART_OPERATIONS)


class CallLog:
    """Counts the calls of each caller. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callers: dict[str, str] = {}
        self._calls: dict[Call, int] = {}

    def register(self, access_key_id: str, caller: str) -> None:
        """Calls signed with the key are the caller's from now on."""
        self._callers[access_key_id] = caller

    def record(
        self,
        signature: Signature,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Call | None:
        """Counts a request, where its key is a registered one, and tells what it is; None for everybody else's."""
        caller = self._callers.get(signature.access_key_id)
        if caller is None:
            return None
        service, operation = operation_of(signature.service, method, path, query, headers, body)
        with self._lock:
            for each in (operation, *_parts(operation, body)):
                call = Call(caller, service, each)
                self._calls[call] = self._calls.get(call, 0) + 1
        return Call(caller, service, operation)

    def seen(self) -> frozenset[tuple[str, str, str]]:
        """All (function, service, operation) seen so far."""
        with self._lock:
            return frozenset((call.caller, call.service, call.operation) for call in self._calls)

    def count(self, service: str, operation: str, caller: str | None = None) -> int:
        """How often an operation was called, by one caller or by all."""
        with self._lock:
            return sum(
                count
                for call, count in self._calls.items()
                if (call.service, call.operation) == (service, operation) and caller in (None, call.caller)
            )
