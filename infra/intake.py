"""How signals come in: EventBridge rules, a queue, and a place for what could not be handled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.function import EmergencyFunction
from infra.queues import DeadLetterQueue

_VISIBILITY_FACTOR = 6
"""AWS asks for a visibility timeout of at least six times the function's own timeout. It is also how long an alarm
waits after `intake` failed for a moment, so the function's timeout is short."""
_RECEIVES = 5
_READERS = 5
"""A storm of signals of one cause should queue, not race itself for one incident or use up the account's functions."""


class Intake(Construct):
    """From the default event bus to `intake`.

    Each rule tries for a day, then hands over to `undelivered`; a message that `intake` fails on five times, or
    rejects with a reason, lands in `rejected`.
    """

    def __init__(self, scope: Construct, construct_id: str, *, handler_timeout: int) -> None:
        super().__init__(scope, construct_id)
        self.rejected = DeadLetterQueue(self, "RejectedSignals")
        self.undelivered = DeadLetterQueue(self, "UndeliveredSignals")
        self.queue = sqs.Queue(
            self,
            "Signals",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(4),
            visibility_timeout=Duration.seconds(handler_timeout * _VISIBILITY_FACTOR),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.rejected, max_receive_count=_RECEIVES),
        )
        for name, pattern in _patterns().items():
            self._rule(name, pattern)

    @property
    def dead_letters(self) -> dict[str, sqs.Queue]:
        """Every queue that should stay empty, by what a message in it means."""
        return {
            "Intake rejected a signal or failed on it: it opened no incident.": self.rejected,
            "EventBridge could not deliver a signal to the queue: it opened no incident.": self.undelivered,
        }

    def feed(self, intake: EmergencyFunction) -> None:
        """Lets the function read the queue, record by record: one bad signal doesn't hold up the others."""
        mapping = intake.function.add_event_source_mapping(
            "Signals",
            event_source_arn=self.queue.queue_arn,
            batch_size=10,
            report_batch_item_failures=True,
            max_concurrency=_READERS,
        )
        acknowledge(
            mapping,
            "Serverless-LambdaEventSourceMappingDestination",
            "A queue's mapping has no destination for failures; the queue's own redrive policy takes them.",
        )

    def _rule(self, name: str, pattern: Mapping[str, Any]) -> None:
        rule = events.Rule(
            self,
            name,
            description=f"Signals for the contingency plan: {', '.join(pattern['detail-type'])}",
            event_pattern=events.EventPattern(
                source=pattern["source"], detail_type=pattern["detail-type"], detail=pattern.get("detail")
            ),
        )
        rule.add_target(
            targets.SqsQueue(
                self.queue,
                dead_letter_queue=self.undelivered,
                max_event_age=Duration.hours(24),
                retry_attempts=185,
            )
        )


def _patterns() -> dict[str, dict[str, Any]]:
    """Rule → event pattern.

    Every alarm event passes, also one that can't be read and the system's own: `intake` puts each on record.
    """
    return {
        "Alarms": {
            "source": ["aws.cloudwatch"],
            "detail-type": ["CloudWatch Alarm State Change"],
        },
        "Findings": {
            "source": ["aws.guardduty", "aws.macie"],
            "detail-type": ["GuardDuty Finding", "Macie Finding"],
        },
        "Health": {
            "source": ["aws.health"],
            "detail-type": ["AWS Health Event"],
            "detail": {"eventTypeCategory": ["issue"]},
        },
    }
