"""Log groups: every one is declared, encrypted and kept for a set time."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

RETENTION = logs.RetentionDays.ONE_YEAR
"""The plan is evaluated yearly (P8), so a year's logs are at hand. What must be kept longer is in the records."""


class LogGroup(logs.LogGroup):
    """A log group of this stack. It goes with the stack: a kept one would block the next deployment's name."""

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, name: str | None = None) -> None:
        super().__init__(
            scope,
            construct_id,
            log_group_name=name,
            retention=RETENTION,
            encryption_key=key,
            removal_policy=RemovalPolicy.DESTROY,
        )
