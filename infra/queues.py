"""Queues: encrypted, reached through TLS only; and the way of events through one to a function."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.function import EmergencyFunction, Reach

_LAST_STOP = "It is a dead-letter queue, the last stop; an alarm watches it."

_VISIBILITY_FACTOR = 6
"""AWS asks for a visibility timeout of at least six times the function's own timeout. It is also how long a message
waits after the function failed for a moment, so the function's timeout is short."""

_UNDELIVERED_AFTER = Duration.hours(24)
_MOST_RETRIES = 185
"""With the day, what EventBridge does by itself, written down."""


class DeadLetterQueue(sqs.Queue):
    """Keeps what could not be delivered or handled for two weeks, the longest that SQS allows."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(
            scope,
            construct_id,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        acknowledge(self, "AwsSolutions-SQS3", _LAST_STOP)
        acknowledge(self, "Serverless-SQSRedrivePolicy", _LAST_STOP)


class EventQueue(Construct):
    """From the default event bus through a queue to a function.

    Each rule tries for a day, then hands over to `undelivered`; a message on which the function fails for as long as it
    may lands in `rejected`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        holds: str,
        patterns: Mapping[str, events.EventPattern],
        handler_timeout: int,
        readers: int,
        tries_for: Duration,
    ) -> None:
        """Declares rules and queues.

        Args:
            scope: The parent.
            construct_id: The id below the parent.
            holds: What the queue holds, in the plural; the queues are named for it.
            patterns: The name of each rule → its event pattern.
            handler_timeout: How long the function may take, in seconds.
            readers: How many of the function may read at once, 2 at least.
            tries_for: For how long a message on which the function fails comes again, at most.
        """
        super().__init__(scope, construct_id)
        self._readers = readers
        self.rejected = DeadLetterQueue(self, f"Rejected{holds}")
        self.undelivered = DeadLetterQueue(self, f"Undelivered{holds}")
        hidden = Duration.seconds(handler_timeout * _VISIBILITY_FACTOR)
        receives = round(tries_for.to_seconds() / hidden.to_seconds())
        self.queue = sqs.Queue(
            self,
            holds,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(4),
            visibility_timeout=hidden,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.rejected, max_receive_count=receives),
        )
        for name, pattern in patterns.items():
            self._rule(name, pattern)

    @property
    def reach(self) -> Reach:
        """What reading the queue touches."""
        return Reach(resources=(self.queue.queue_arn,))

    def feed(self, function: EmergencyFunction) -> None:
        """Lets the function read the queue, message by message: a bad one doesn't hold up the others."""
        mapping = function.function.add_event_source_mapping(
            self.queue.node.id,
            event_source_arn=self.queue.queue_arn,
            batch_size=10,
            report_batch_item_failures=True,
            max_concurrency=self._readers,
        )
        acknowledge(
            mapping,
            "Serverless-LambdaEventSourceMappingDestination",
            "A queue's mapping has no destination for failures; the queue's own redrive policy takes them.",
        )

    def _rule(self, name: str, pattern: events.EventPattern) -> None:
        taken = ", ".join(pattern.detail_type or pattern.source or ())
        rule = events.Rule(self, name, description=f"{self.queue.node.id}: {taken}", event_pattern=pattern)
        rule.add_target(
            targets.SqsQueue(
                self.queue,
                dead_letter_queue=self.undelivered,
                max_event_age=_UNDELIVERED_AFTER,
                retry_attempts=_MOST_RETRIES,
            )
        )


def retry_policy() -> dict[str, float]:
    """How a rule tries to deliver, for targets whose construct has no parameters for it."""
    return {"MaximumEventAgeInSeconds": _UNDELIVERED_AFTER.to_seconds(), "MaximumRetryAttempts": _MOST_RETRIES}
