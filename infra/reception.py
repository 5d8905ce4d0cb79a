"""How signals of other accounts come to the home's event bus."""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import Aws, Stack
from aws_cdk import aws_events as events
from constructs import Construct

BUS = "default"
"""The bus on which AWS's own services tell of alarms, findings and health."""


class Reception(Construct):
    """Lets the monitored accounts put events on the home's default bus; its own account needs no leave for it."""

    def __init__(self, scope: Construct, construct_id: str, *, accounts: Iterable[str]) -> None:
        super().__init__(scope, construct_id)
        for account in accounts:
            self._let_send(account)

    def _let_send(self, account: str) -> None:
        stack = Stack.of(self)
        sid = f"{stack.stack_name}-Forwarding-{account}"
        events.CfnEventBusPolicy(
            self,
            f"From{account}",
            event_bus_name=BUS,
            statement_id=sid,
            statement={
                "Sid": sid,
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{Aws.PARTITION}:iam::{account}:root"},
                "Action": "events:PutEvents",
                "Resource": stack.format_arn(service="events", resource="event-bus", resource_name=BUS),
            },
        )
