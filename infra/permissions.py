"""What each function may do: function, port, IAM actions. The roles are built from this table and from nothing else.

The ports are what the adapters of `emergency.aws` reach, plus the queue that Lambda reads for `intake`. An action
stands here when an adapter makes the call; the parts of a transaction count as calls of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Port(StrEnum):
    """What a function reaches through AWS. Each port is one resource, or one pair of resources, of the stack."""

    RECORDS = "records"
    ARCHIVE = "archive"
    POST = "post"
    EXECUTIONS = "executions"
    TASKS = "tasks"
    SIGNALS = "signals"
    DEAD_LETTERS = "dead-letters"


_GET, _QUERY = "dynamodb:GetItem", "dynamodb:Query"
_PUT, _UPDATE, _DELETE = "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"

PERMISSIONS: Mapping[str, Mapping[Port, tuple[str, ...]]] = {
    "intake": {
        Port.RECORDS: (_GET, _PUT, _UPDATE),
        Port.EXECUTIONS: ("states:StartExecution",),
        Port.SIGNALS: ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
        Port.DEAD_LETTERS: ("sqs:SendMessage",),
    },
    "triage": {Port.RECORDS: (_GET, _PUT)},
    "orders": {Port.RECORDS: (_GET, _PUT, _DELETE)},
    "decision_request": {
        Port.RECORDS: (_GET, _PUT),
        Port.POST: ("ses:SendEmail", "ses:SendRawEmail"),
        Port.TASKS: ("states:SendTaskSuccess",),
    },
    "decision_page": {
        Port.RECORDS: (_GET, _QUERY, _PUT),
        Port.TASKS: ("states:SendTaskSuccess",),
        # Without ListBucket S3 answers "access denied" where it should say that there is no such report.
        Port.ARCHIVE: ("s3:GetObject", "s3:ListBucket"),
    },
    "team_assignment": {Port.RECORDS: (_GET, _PUT)},
    "customer_hotline": {Port.RECORDS: (_GET, _PUT, _DELETE)},
    "resources": {Port.RECORDS: (_GET, _QUERY, _PUT, _UPDATE)},
    "report": {Port.RECORDS: (_GET, _QUERY, _PUT, _DELETE), Port.ARCHIVE: ("s3:PutObject",)},
}
"""Function (its folder's name) → port → IAM actions."""

FUNCTIONS: tuple[str, ...] = tuple(PERMISSIONS)
"""Every function of the system, by its folder's name."""

_KEY_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "dynamodb": (
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ),
    "s3": ("kms:Decrypt", "kms:GenerateDataKey"),
    "sns": ("kms:Decrypt", "kms:GenerateDataKey"),
}
"""What a caller needs of the customer-managed key, by the service that encrypts with it."""

_SDK_SERVICES: Mapping[str, str] = {"ses": "sesv2", "states": "stepfunctions"}
"""Where boto3 has another name for a service than IAM."""


def actions_of(function: str) -> frozenset[str]:
    """Every IAM action that a function's adapters may use, without those on the key."""
    return frozenset(action for actions in PERMISSIONS[function].values() for action in actions)


def key_actions(service: str) -> tuple[str, ...]:
    """The actions on the key that come with using a service, by its IAM prefix; none where the key doesn't serve it."""
    return _KEY_ACTIONS.get(service, ())


def sdk_services() -> tuple[str, ...]:
    """The boto3 names of the services that functions call: what of botocore's data the asset has to keep."""
    prefixes = {_service(action) for function in FUNCTIONS for action in actions_of(function)}
    return tuple(sorted(_SDK_SERVICES.get(prefix, prefix) for prefix in prefixes))


def services_of(actions: Iterable[str]) -> tuple[str, ...]:
    """The IAM prefixes of some actions, sorted."""
    return tuple(sorted({_service(action) for action in actions}))


def _service(action: str) -> str:
    return action.partition(":")[0]
