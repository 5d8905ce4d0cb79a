"""What each function may do: function, port, IAM actions. The roles are built from this table and from nothing else.

The ports are what the adapters of `emergency.aws` reach, plus the queues and the stream that Lambda reads for a
function. An action stands here when an adapter, or Lambda on the function's behalf, makes the call; the parts of a
transaction count as calls of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Port(StrEnum):
    """What a function reaches through AWS. For each function a port is one resource, or one pair of them.

    Attributes:
        QUEUE: The queue that Lambda reads for the function.
        STREAM: The records' stream, which Lambda reads for the function.
        STREAMS: All streams of the account, by name.
        SIGNALS: The queue that signals come through.
        DEAD_LETTERS: Where goes what the function could not handle.
        AUTHENTICATORS: The secret of authenticator apps, in deployments that have one.
        UPLOADS: Where files wait that browsers have sent.
        CONTACT_CENTRE: What of the plan's Amazon Connect instance is read: itself, the queue and its hours.
        GREETINGS: The contact flows for emergencies, which say what happens.
        NUMBERS: The hotlines' telephone numbers, and the flows that they can lead to.
        STATUS_SITE: The bucket of the page that customers read.
        SUBSCRIBERS: Who has asked to be mailed the statements.
    """

    RECORDS = "records"
    ARCHIVE = "archive"
    POST = "post"
    EXECUTIONS = "executions"
    TASKS = "tasks"
    QUEUE = "queue"
    STREAM = "stream"
    STREAMS = "streams"
    SIGNALS = "signals"
    DEAD_LETTERS = "dead-letters"
    AUTHENTICATORS = "authenticators"
    UPLOADS = "uploads"
    CONTACT_CENTRE = "contact-centre"
    GREETINGS = "greetings"
    NUMBERS = "numbers"
    STATUS_SITE = "status-site"
    SUBSCRIBERS = "subscribers"


_GET, _GET_ALL, _QUERY = "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"
_PUT, _UPDATE, _DELETE = "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"
_SEND = ("ses:SendEmail", "ses:SendRawEmail")
_TELL = ("states:SendTaskFailure", "states:SendTaskSuccess")
_END_CLOCK = ("states:SendTaskSuccess",)
_MOVE_CLOCK = ("states:SendTaskFailure",)
_START = ("states:StartExecution",)
_READ_AND_WRITE = ("s3:GetObject", "s3:ListBucket", "s3:PutObject")
"""Without ListBucket S3 answers "access denied" where it should say that there is no such document."""

_READ_QUEUE = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
_READ_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")

PERMISSIONS: Mapping[str, Mapping[Port, tuple[str, ...]]] = {
    "intake": {
        Port.RECORDS: (_GET, _GET_ALL, _PUT),
        Port.EXECUTIONS: _START,
        Port.QUEUE: _READ_QUEUE,
        Port.DEAD_LETTERS: ("sqs:SendMessage",),
    },
    "triage": {Port.RECORDS: (_GET, _PUT)},
    "orders": {Port.RECORDS: (_GET, _PUT, _DELETE)},
    "decision_request": {Port.RECORDS: (_GET, _PUT), Port.POST: _SEND, Port.TASKS: _TELL},
    "decision_page": {
        Port.RECORDS: (_GET, _QUERY, _PUT, _UPDATE, _DELETE),
        Port.POST: _SEND,
        Port.TASKS: _TELL,
        Port.EXECUTIONS: _START,
        Port.ARCHIVE: _READ_AND_WRITE,
        # Nothing here puts an upload there itself: S3 lets a form do what may do the role that signed it.
        Port.UPLOADS: _READ_AND_WRITE,
        Port.AUTHENTICATORS: ("secretsmanager:GetSecretValue",),
    },
    "decision_follow_up": {
        Port.RECORDS: (_GET, _PUT),
        Port.POST: _SEND,
        Port.TASKS: _TELL,
        Port.EXECUTIONS: _START,
        Port.STREAM: _READ_STREAM,
        Port.STREAMS: ("dynamodb:ListStreams",),
        Port.DEAD_LETTERS: ("sqs:SendMessage",),
    },
    "incident_follow_up": {
        Port.RECORDS: (_GET, _QUERY, _PUT),
        Port.POST: _SEND,
        Port.EXECUTIONS: _START,
        Port.STREAM: _READ_STREAM,
        Port.STREAMS: ("dynamodb:ListStreams",),
        Port.DEAD_LETTERS: ("sqs:SendMessage",),
    },
    "mail_feedback": {
        Port.RECORDS: (_GET, _PUT),
        Port.SUBSCRIBERS: (_GET, _DELETE),
        Port.TASKS: _TELL,
        Port.QUEUE: _READ_QUEUE,
    },
    "task_force": {Port.RECORDS: (_GET, _QUERY, _PUT), Port.POST: _SEND, Port.EXECUTIONS: _START},
    "severity": {
        Port.RECORDS: (_GET, _QUERY, _PUT),
        Port.POST: _SEND,
        Port.TASKS: _MOVE_CLOCK,
        Port.EXECUTIONS: _START,
    },
    "team_assignment": {
        Port.RECORDS: (_GET, _QUERY, _PUT),
        Port.POST: _SEND,
        Port.TASKS: _END_CLOCK,
        Port.EXECUTIONS: _START,
    },
    "deadlines": {
        Port.RECORDS: (_GET, _QUERY, _PUT),
        Port.POST: _SEND,
        Port.TASKS: _END_CLOCK,
        Port.EXECUTIONS: _START,
    },
    "customer_hotline": {
        Port.RECORDS: (_GET, _QUERY, _PUT, _DELETE),
        Port.CONTACT_CENTRE: (
            "connect:DescribeHoursOfOperation",
            "connect:DescribeQueue",
            "connect:GetMetricDataV2",
            "connect:ListFlowAssociations",
        ),
        Port.GREETINGS: ("connect:UpdateContactFlowContent", "connect:UpdateContactFlowMetadata"),
        Port.NUMBERS: ("connect:AssociatePhoneNumberContactFlow", "connect:DisassociatePhoneNumberContactFlow"),
    },
    "statement": {
        Port.RECORDS: (_GET, _QUERY, _PUT),
        Port.SUBSCRIBERS: (_GET, _QUERY, _PUT),
        Port.STATUS_SITE: ("s3:PutObject",),
        Port.ARCHIVE: _READ_AND_WRITE,
        Port.POST: _SEND,
        Port.TASKS: _MOVE_CLOCK,
        Port.DEAD_LETTERS: ("sqs:SendMessage",),
    },
    "subscriptions": {Port.SUBSCRIBERS: (_GET, _PUT, _DELETE), Port.POST: _SEND},
    "incident_report": {
        Port.RECORDS: (_GET, _QUERY, _PUT, _UPDATE),
        Port.ARCHIVE: _READ_AND_WRITE,
        Port.UPLOADS: _READ_AND_WRITE,
        Port.EXECUTIONS: _START,
        Port.POST: _SEND,
        # The queue in front of intake: it keeps reports while the records can't be reached.
        Port.SIGNALS: ("sqs:SendMessage",),
    },
    "carriers": {Port.RECORDS: (_GET, _QUERY, _PUT), Port.POST: _SEND},
    "maintenance": {Port.RECORDS: (_GET, _GET_ALL, _QUERY, _PUT, _DELETE), Port.POST: _SEND, Port.EXECUTIONS: _START},
    "resources": {Port.RECORDS: (_GET, _QUERY, _PUT, _UPDATE, _DELETE), Port.POST: _SEND},
    "report": {
        Port.RECORDS: (_GET, _QUERY, _PUT, _DELETE),
        Port.ARCHIVE: _READ_AND_WRITE,
        Port.TASKS: _END_CLOCK,
    },
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
    "secretsmanager": ("kms:Decrypt",),
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
