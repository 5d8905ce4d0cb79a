"""How decisions on record are followed up: the records' stream is their outbox."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.function import EmergencyFunction, Reach
from infra.permissions import Port
from infra.queues import DeadLetterQueue

_BATCH = 10
_LANES = 10
"""The most that Lambda offers: a decision that fails holds up few others."""

_GIVEN_UP_AFTER = Duration.hours(1)
"""Long enough for a bad hour of SES or Step Functions; after it a rung's own timer has found the answer anyway."""


class FollowUp(Construct):
    """From the records' stream to `decision_follow_up`; what it fails on for an hour is told to `unfollowed`."""

    def __init__(self, scope: Construct, construct_id: str, *, table: dynamodb.TableV2, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self._stream_arn = table.table_stream_arn or ""
        self._key_arn = key.key_arn
        self.unfollowed = DeadLetterQueue(self, "UnfollowedDecisions")

    @property
    def reach(self) -> dict[Port, Reach]:
        """What reading the stream, and giving up on a part of it, touches."""
        return {
            Port.STREAM: Reach(resources=(self._stream_arn,), key_arn=self._key_arn),
            Port.STREAMS: Reach(
                resources=("*",),
                why_wildcard="Lambda sees to it that who reads a stream may list streams, which accepts no resource",
            ),
            Port.DEAD_LETTERS: Reach(resources=(self.unfollowed.queue_arn,)),
        }

    @property
    def dead_letters(self) -> dict[str, sqs.Queue]:
        """The queue that should stay empty, by what a message in it means."""
        return {
            "Decisions were not followed up for an hour: somebody was not told, or a request for release not put.": (
                self.unfollowed
            )
        }

    def feed(self, function: EmergencyFunction) -> None:
        """Lets the function read what changes of decisions, from the stream's beginning.

        From its end, changes would be lost while a new mapping starts to poll.
        """
        function.function.add_event_source_mapping(
            "Decisions",
            event_source_arn=self._stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            filters=[_changed_decision()],
            batch_size=_BATCH,
            parallelization_factor=_LANES,
            report_batch_item_failures=True,
            bisect_batch_on_error=True,
            max_record_age=_GIVEN_UP_AFTER,
            on_failure=sources.SqsDlq(self.unfollowed),
        )


def _changed_decision() -> dict[str, object]:
    """The filter: a decision was stored. One that people delete has nothing left to follow up."""
    return dict(
        lambda_.FilterCriteria.filter(
            {
                "eventName": lambda_.FilterRule.or_("INSERT", "MODIFY"),
                "dynamodb": {"Keys": {"sk": {"S": lambda_.FilterRule.begins_with("DECISION#")}}},
            }
        )
    )
