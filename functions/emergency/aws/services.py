"""The other adapters: mail by SES, executions in Step Functions, documents in S3, unusable events in SQS."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, Message
from email.policy import SMTP, Policy
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from emergency.domain.deadline import ClockKind
from emergency.domain.decision import CutShort
from emergency.domain.errors import MailRefused, PostUnavailable, WorkflowGone, WorkflowUnavailable
from emergency.domain.plan import Company
from emergency.domain.terms import DecisionKind, Outcome
from emergency.ports import Mail

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient


_REFUSALS = frozenset({"BadRequestException", "MessageRejected"})
"""What SES says of one mail or its address; everything else concerns the sender or passes."""


class _Unfolded(UnstructuredHeader, BaseHeader):
    """A header that stands on one line however long it is.

    Mail programs read the addresses of some headers as they stand (RFC 8058, 3.1). Folding would encode a long one.
    """

    def fold(self, *, policy: Policy[Message[str, str]]) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Unfolded)
_ON_THE_WIRE = SMTP.clone(header_factory=_HEADERS)


@dataclass(frozen=True)
class SesPost:
    """Sends mail through Amazon SES as multipart MIME, with text before HTML (RFC 2046, 5.1.4)."""

    company: Company
    configuration_set: str

    @cached_property
    def _client(self) -> SESV2Client:
        return boto3.client("sesv2")

    def send(self, mail: Mail) -> str:
        """See the port. SendEmail has no idempotency token: an answer that is lost on its way sends twice (R18).

        SES quotes addresses in its refusals, and what a function raises stands in its execution's history.
        """
        try:
            answer = self._client.send_email(
                FromEmailAddress=self.company.mail_from,
                Destination={"ToAddresses": [mail.to.email]},
                Content={"Raw": {"Data": mime_of(mail, self.company)}},
                ConfigurationSetName=self.configuration_set,
                EmailTags=[{"Name": name, "Value": value} for name, value in mail.tags.items()],
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            kind = MailRefused if code in _REFUSALS else PostUnavailable
            raise kind(f"{mail.name}: {code}") from None
        return answer["MessageId"]


def mime_of(mail: Mail, company: Company) -> bytes:
    """The mail as bytes for the wire.

    All mails of a thread refer to one root that was never sent, by which mail programs show them together (RFC 5322,
    3.6.4); `X-Entity-Ref-ID` is the same for a mail that was sent twice.
    """
    locale = mail.to.locale
    message = EmailMessage(policy=_ON_THE_WIRE)
    message["From"] = Address(company.name.get(locale) or company.name[company.locale], addr_spec=company.mail_from)
    message["To"] = Address(mail.to.name.get(locale) or next(iter(mail.to.name.values())), addr_spec=mail.to.email)
    message["Reply-To"] = company.reply_to
    message["Subject"] = mail.subject
    if mail.thread:
        root = f"<{mail.thread}@{company.mail_from.rpartition('@')[2]}>"
        message["In-Reply-To"] = root
        message["References"] = root
    message["X-Entity-Ref-ID"] = mail.name
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = locale
    for name, value in mail.headers.items():
        message[name] = value
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


@dataclass(frozen=True)
class StepFunctionsWorkflow:
    """Starts, resumes and hurries executions. The state machines' ARNs are needed to start only."""

    response_state_machine: str = ""
    release_state_machine: str = ""
    statement_state_machine: str = ""
    carrier_state_machine: str = ""
    severity_state_machine: str = ""
    maintenance_state_machine: str = ""
    deadline_state_machine: str = ""

    @cached_property
    def _client(self) -> SFNClient:
        return boto3.client("stepfunctions")

    def start(self, incident_id: str) -> None:
        """See the port."""
        self._start(self.response_state_machine, incident_id, {"incident_id": incident_id})

    def start_request(self, incident_id: str, decision_id: str, kind: DecisionKind) -> None:
        """See the port."""
        about = {"incident_id": incident_id, "decision_id": decision_id}
        state_machine = {
            DecisionKind.RELEASE: self.release_state_machine,
            DecisionKind.STATEMENT: self.statement_state_machine,
            DecisionKind.CARRIER: self.carrier_state_machine,
            DecisionKind.SEVERITY: self.severity_state_machine,
            DecisionKind.MAINTENANCE: self.maintenance_state_machine,
        }[kind]
        with self._gone(decision_id):
            self._start(state_machine, f"{incident_id}-{decision_id}", about)

    def start_clock(self, incident_id: str, clock: str, kind: ClockKind, seconds: int = 0) -> None:
        """See the port."""
        about: dict[str, str | int] = {"incident_id": incident_id, "clock": clock, "kind": kind}
        about["seconds"] = max(1, seconds)
        with self._gone(clock):
            self._start(self.deadline_state_machine, f"{incident_id}-clock-{clock}", about)

    def end_clock(self, task_token: str, clock: str) -> None:
        """See the port."""
        with self._gone(clock):
            self._client.send_task_success(taskToken=task_token, output=json.dumps({"clock": clock}))

    def move_clock(self, task_token: str, clock: str) -> None:
        """See the port."""
        with self._gone(clock):
            self._client.send_task_failure(taskToken=task_token, error="ClockMoved", cause=f"{clock} is looked at anew")

    def resume(self, task_token: str, decision_id: str, outcome: Outcome) -> None:
        """See the port."""
        with self._gone(decision_id):
            self._client.send_task_success(
                taskToken=task_token, output=json.dumps({"decision_id": decision_id, "outcome": outcome})
            )

    def cut_short(self, task_token: str, decision_id: str, reason: CutShort) -> None:
        """See the port."""
        with self._gone(decision_id):
            self._client.send_task_failure(taskToken=task_token, error=reason, cause=f"{decision_id} goes on at once")

    def _start(self, state_machine: str, name: str, about: Mapping[str, str | int]) -> None:
        """Starts an execution, unless one of that name runs or ran."""
        try:
            self._client.start_execution(stateMachineArn=state_machine, name=name, input=json.dumps(about))
        except self._client.exceptions.ExecutionAlreadyExists:
            return

    @contextmanager
    def _gone(self, decision_id: str) -> Iterator[None]:
        gone = self._client.exceptions
        try:
            yield
        except (gone.TaskTimedOut, gone.TaskDoesNotExist, gone.InvalidToken) as error:
            raise WorkflowGone(decision_id) from error
        except (ClientError, BotoCoreError) as error:
            raise WorkflowUnavailable(decision_id) from error


@dataclass(frozen=True)
class S3Archive:
    """Documents in the archive bucket, which keeps every version."""

    bucket: str

    @cached_property
    def _client(self) -> S3Client:
        return boto3.client("s3")

    def put(self, name: str, content: str | bytes, content_type: str) -> None:
        """See the port."""
        body = content.encode() if isinstance(content, str) else content
        # S3 checks the digest on arrival, and keeps it with the document.
        self._client.put_object(
            Bucket=self.bucket, Key=name, Body=body, ContentType=content_type, ChecksumAlgorithm="SHA256"
        )

    def get(self, name: str) -> bytes | None:
        """See the port."""
        try:
            return self._client.get_object(Bucket=self.bucket, Key=name)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None


@dataclass(frozen=True)
class SqsSignals:
    """The queue in front of `intake`; see the port SignalQueue."""

    queue_url: str

    @cached_property
    def _client(self) -> SQSClient:
        return boto3.client("sqs")

    def put(self, event: Mapping[str, object]) -> None:
        """See the port."""
        self._client.send_message(QueueUrl=self.queue_url, MessageBody=json.dumps(event, ensure_ascii=False))


@dataclass(frozen=True)
class SqsDeadLetters:
    """The dead-letter queue of the event queue: an alarm watches it, and it can be redriven."""

    queue_url: str

    @cached_property
    def _client(self) -> SQSClient:
        return boto3.client("sqs")

    def put(self, body: str, reason: str) -> None:
        """See the port."""
        self._client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=body,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": reason}},
        )
