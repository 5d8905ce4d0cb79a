"""Queues: encrypted, reached through TLS only."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.acknowledgements import acknowledge

_LAST_STOP = "It is a dead-letter queue, the last stop; an alarm watches it."


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
