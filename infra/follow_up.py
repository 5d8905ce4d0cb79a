"""How decisions and incidents on record are followed up: the records' stream is their outbox."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from emergency.domain.timeline import FOLLOWED, FOLLOWED_BEGINNINGS
from infra.function import EmergencyFunction, Reach
from infra.permissions import Port
from infra.queues import DeadLetterQueue

_BATCH = 10
_LANES = 10
"""The most that Lambda offers: a decision that fails holds up few others."""

_GIVEN_UP_AFTER = Duration.hours(1)
"""Long enough for a bad hour of SES or Step Functions; after it a rung's own timer has found the answer anyway."""


class FollowUp(Construct):
    """From the records' stream to `decision_follow_up` and `incident_follow_up`.

    What they fail on for an hour is told to `unfollowed` and `unfollowed_incidents`.
    """

    def __init__(self, scope: Construct, construct_id: str, *, table: dynamodb.TableV2, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self._stream_arn = table.table_stream_arn or ""
        self._key_arn = key.key_arn
        self.unfollowed = DeadLetterQueue(self, "UnfollowedDecisions")
        self.unfollowed_incidents = DeadLetterQueue(self, "UnfollowedIncidents")

    @property
    def reach(self) -> dict[Port, Reach]:
        """What following up decisions touches: the stream, and the queue for what is given up."""
        return self._reach(self.unfollowed)

    @property
    def reach_for_incidents(self) -> dict[Port, Reach]:
        """As `reach`, for incidents."""
        return self._reach(self.unfollowed_incidents)

    def _reach(self, unfollowed: sqs.Queue) -> dict[Port, Reach]:
        return {
            Port.STREAM: Reach(resources=(self._stream_arn,), key_arn=self._key_arn),
            Port.STREAMS: Reach(
                resources=("*",),
                why_wildcard="Lambda sees to it that who reads a stream may list streams, which accepts no resource",
            ),
            Port.DEAD_LETTERS: Reach(resources=(unfollowed.queue_arn,)),
        }

    @property
    def dead_letters(self) -> dict[str, sqs.Queue]:
        """The queue that should stay empty, by what a message in it means."""
        return {
            "Decisions were not followed up for an hour: somebody was not told, or a request for release not put.": (
                self.unfollowed
            ),
            "Incidents were not followed up for an hour: an execution may not have begun, or somebody not been told.": (
                self.unfollowed_incidents
            ),
        }

    def feed(self, function: EmergencyFunction) -> None:
        """Lets the function read what changes of decisions, from the stream's beginning.

        From its end, changes would be lost while a new mapping starts to poll.
        """
        stored = lambda_.FilterRule.begins_with("DECISION#")
        # One that people delete has nothing left to follow up.
        changed = {
            "eventName": lambda_.FilterRule.or_("INSERT", "MODIFY"),
            "dynamodb": {"Keys": {"sk": {"S": stored}}},
        }
        self._feed(function, "Decisions", changed, self.unfollowed)

    def feed_incidents(self, function: EmergencyFunction) -> None:
        """Lets the function read which incidents are new, and the entries of timelines that something follows from."""
        new: list[object] = [*lambda_.FilterRule.or_("INCIDENT", *(f"TIMELINE#{key}" for key in FOLLOWED))]
        new += [lambda_.FilterRule.begins_with(f"TIMELINE#{key}")[0] for key in FOLLOWED_BEGINNINGS]
        told = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": new}}}}
        self._feed(function, "Incidents", told, self.unfollowed_incidents)

    def _feed(
        self, function: EmergencyFunction, name: str, pattern: Mapping[str, object], unfollowed: sqs.Queue
    ) -> None:
        function.function.add_event_source_mapping(
            name,
            event_source_arn=self._stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            filters=[dict(lambda_.FilterCriteria.filter(dict(pattern)))],
            batch_size=_BATCH,
            parallelization_factor=_LANES,
            report_batch_item_failures=True,
            bisect_batch_on_error=True,
            max_record_age=_GIVEN_UP_AFTER,
            on_failure=sources.SqsDlq(unfollowed),
        )
