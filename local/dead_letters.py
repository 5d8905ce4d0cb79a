"""Dead letters: what lies in the queues that should stay empty, and back with it to the queue that it was meant for.

The same for the local home and for AWS; it asks SQS and EventBridge and knows nothing of the engine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MOST_SHOWN = 100
"""How many messages of a queue are read to be shown."""

_BATCH = 10
_HIDDEN_SECONDS = 60
_WAIT_SECONDS = 1
_TEXT_LIMIT = 300
_LOGICAL_ID = re.compile(r"((?:Rejected|Un[a-z]+ed)[A-Z][A-Za-z]*?)(?:[0-9A-F]{8})?(?:-\w+)?$")


class DeadLettersError(RuntimeError):
    """The dead letters can't be shown or redriven as asked; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """One message.

    Attributes:
        sent_at: When it was first sent, in UTC.
        reason: Why it lies here, as far as that is known.
        event: What it is about: the alarm's or finding's name, or the kind of event.
    """

    sent_at: datetime
    reason: str
    event: str


@dataclass(frozen=True, kw_only=True)
class DeadLetterQueue:
    """A queue that should stay empty.

    Attributes:
        name: As the documentation calls it, such as `RejectedSignals`.
        destination: The ARN of the queue that its messages were meant for; empty where they were meant for none here.
        waiting: About how many messages can be read.
    """

    name: str
    url: str
    arn: str
    destination: str
    waiting: int


@dataclass(frozen=True, kw_only=True)
class _Queue:
    url: str
    attributes: Mapping[str, str]

    @property
    def arn(self) -> str:
        return self.attributes["QueueArn"]

    @property
    def rejects_to(self) -> str:
        """The ARN of its dead-letter queue; empty for one that is a last stop itself."""
        policy: Mapping[str, Any] = json.loads(self.attributes.get("RedrivePolicy") or "{}")
        return str(policy.get("deadLetterTargetArn", ""))


class DeadLetters:
    """The dead-letter queues of one deployment, in one account and region."""

    def __init__(self, *, sqs: Any, events: Any, stack: str) -> None:
        """Reads nothing yet.

        Args:
            sqs: A client of SQS.
            events: A client of EventBridge.
            stack: The name of the stack; the names of its queues begin with it.
        """
        self._sqs = sqs
        self._events = events
        self._stack = stack

    def queues(self) -> tuple[DeadLetterQueue, ...]:
        """Every queue of the stack that is a last stop, by name."""
        found = self._found()
        destinations = self._destinations([queue for queue in found if queue.rejects_to])
        last_stops = (
            DeadLetterQueue(
                name=_name(queue.arn),
                url=queue.url,
                arn=queue.arn,
                destination=destinations.get(queue.arn, ""),
                waiting=int(queue.attributes["ApproximateNumberOfMessages"]),
            )
            for queue in found
            if not queue.rejects_to
        )
        return tuple(sorted(last_stops, key=lambda queue: queue.name))

    def letters(self, queue: DeadLetterQueue) -> tuple[DeadLetter, ...]:
        """What lies in the queue, oldest first, MOST_SHOWN at most; it can be read again at once."""
        messages: dict[str, Mapping[str, Any]] = {}
        while len(messages) < min(queue.waiting, MOST_SHOWN):
            received = self._receive(queue)
            if not received:
                break
            messages |= {message["MessageId"]: message for message in received}
        self._show_again(queue, list(messages.values()))
        return tuple(sorted(map(_letter, messages.values()), key=lambda letter: letter.sent_at))

    def redrive(self, queue: DeadLetterQueue, to: Any, url: str) -> int:
        """Sends what lies in the queue now to another one, once through. Returns how many messages went.

        A message is sent before it is deleted here: whoever is interrupted sends one twice, and loses none.

        Args:
            queue: Where the messages lie.
            to: A client of SQS, for the other queue.
            url: The other queue.
        """
        moved = 0
        while moved < queue.waiting:
            received = self._receive(queue)
            if not received:
                break
            for message in received:
                to.send_message(QueueUrl=url, MessageBody=message["Body"])
                self._sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
                moved += 1
        return moved

    def _found(self) -> list[_Queue]:
        pages = self._sqs.get_paginator("list_queues").paginate(QueueNamePrefix=f"{self._stack}-")
        urls = [url for page in pages for url in page.get("QueueUrls", [])]
        return [
            _Queue(
                url=url, attributes=self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            )
            for url in urls
        ]

    def _destinations(self, fed: Sequence[_Queue]) -> dict[str, str]:
        """The ARN of a dead-letter queue → that of the queue before it, by a redrive policy or by a rule's target."""
        by_policy = {queue.rejects_to: queue.arn for queue in fed}
        by_rule = {letters: queue.arn for queue in fed for letters in self._undelivered_to(queue.arn)}
        return by_policy | by_rule

    def _undelivered_to(self, arn: str) -> Iterator[str]:
        for rule in self._events.list_rule_names_by_target(TargetArn=arn)["RuleNames"]:
            for target in self._events.list_targets_by_rule(Rule=rule)["Targets"]:
                if target["Arn"] == arn and "DeadLetterConfig" in target:
                    yield target["DeadLetterConfig"]["Arn"]

    def _receive(self, queue: DeadLetterQueue) -> list[Mapping[str, Any]]:
        received: list[Mapping[str, Any]] = self._sqs.receive_message(
            QueueUrl=queue.url,
            MaxNumberOfMessages=_BATCH,
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=_WAIT_SECONDS,
            AttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        return received

    def _show_again(self, queue: DeadLetterQueue, messages: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(messages), _BATCH):
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
                for number, message in enumerate(messages[start : start + _BATCH])
            ]
            self._sqs.change_message_visibility_batch(QueueUrl=queue.url, Entries=entries)


def _name(arn: str) -> str:
    physical = arn.rpartition(":")[2]
    found = _LOGICAL_ID.search(physical)
    return found[1] if found else physical


def _letter(message: Mapping[str, Any]) -> DeadLetter:
    body = _decoded(message["Body"])
    sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    attributes = {
        name: str(value.get("StringValue", "")) for name, value in message.get("MessageAttributes", {}).items()
    }
    return DeadLetter(sent_at=sent, reason=_printable(_reason(attributes, body)), event=_printable(_event(body)))


def _decoded(text: str) -> Mapping[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _reason(attributes: Mapping[str, str], body: Mapping[str, Any]) -> str:
    """What `intake` or EventBridge noted on the message, or what Lambda put into it."""
    said = (
        attributes.get("reason"),
        ": ".join(attributes[name] for name in ("ERROR_CODE", "ERROR_MESSAGE") if attributes.get(name)),
        _text_at(body, "responsePayload", "errorMessage"),
        _text_at(body, "requestContext", "condition"),
    )
    return next((reason for reason in said if reason), "its function failed on it again and again; its log says why")


def _event(body: Mapping[str, Any]) -> str:
    """What the message is about. Of feedback on mails no more than its kind: the rest names people."""
    event = body.get("requestPayload") if isinstance(body.get("requestPayload"), dict) else body
    named = (
        _text_at(event, "detail", "alarmName"),
        _text_at(event, "detail", "type"),
        _text_at(event, "detail", "eventTypeCode"),
        _text_at(event, "detail-type"),
        _text_at(event, "Subject"),
        _text_at(event, "requestContext", "functionArn").rpartition(":function:")[2],
    )
    return next((name for name in named if name), "not an event")


def _text_at(value: object, *path: str) -> str:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _printable(text: str) -> str:
    """Text from outside, without what would steer a terminal, and not without end."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)[:_TEXT_LIMIT]
