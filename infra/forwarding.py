"""The small stack in a monitored region or account: its signals go to the home."""

from __future__ import annotations

from typing import cast

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from emergency.domain.plan import Plan
from infra.encryption import Encryption
from infra.fleet import Place
from infra.intake import signal_patterns
from infra.operations import Operations
from infra.queues import DeadLetterQueue, retry_policy
from infra.reception import BUS
from infra.roles import Grant, ServiceRole
from infra.stack import StackSettings
from infra.topics import Topics


class Forwarder(Construct):
    """From the default bus of this place to the default bus of the home, by the same rules as the home's own intake."""

    def __init__(self, scope: Construct, construct_id: str, *, home: Place, plan: Plan) -> None:
        super().__init__(scope, construct_id)
        self.undelivered = DeadLetterQueue(self, "UndeliveredSignals")
        # The partition is this stack's own, as events don't leave it.
        arn = Stack.of(self).format_arn(
            service="events", account=home.account, region=home.region, resource="event-bus", resource_name=BUS
        )
        self._bus = events.EventBus.from_event_bus_arn(self, "Home", arn)
        self._role = ServiceRole(
            self,
            "Role",
            service="events.amazonaws.com",
            description=f"Puts signals on the event bus of the emergency response, {home}",
            grants={"home": [Grant(actions=("events:PutEvents",), resources=(arn,))]},
        )
        for name, pattern in signal_patterns(plan).items():
            self._forward(name, pattern)

    @property
    def dead_letters(self) -> dict[str, sqs.Queue]:
        """The queue that should stay empty, by what a message in it means."""
        return {"A signal could not be forwarded to the emergency response: it opened no incident.": self.undelivered}

    def _forward(self, name: str, pattern: events.EventPattern) -> None:
        taken = ", ".join(pattern.detail_type or ())
        rule = events.Rule(self, name, description=f"To the emergency response: {taken}", event_pattern=pattern)
        rule.add_target(targets.EventBus(self._bus, dead_letter_queue=self.undelivered, role=self._role.closed))
        # The library's target for buses has no parameter for it, the resource has.
        resource = cast("events.CfnRule", rule.node.default_child)
        resource.add_property_override("Targets.0.RetryPolicy", retry_policy())


class Forwarding(Stack):
    """Everything that the response needs in a monitored place: the forwarding, and who hears when it fails.

    That has topics and a key of its own, since an alarm can only publish in its own region, and a page about broken
    forwarding must not have to be forwarded.
    """

    def __init__(self, scope: Construct, *, settings: StackSettings, home: Place, place: Place, plan: Plan) -> None:
        """Declares everything.

        Args:
            scope: The app.
            settings: The deployer's choices.
            home: Where the signals go.
            place: Where the stack goes.
            plan: The company's plan: which signals are taken, and who is paged.
        """
        super().__init__(
            scope,
            f"{settings.name}-Forwarding-{place.account}-{place.region}",
            stack_name=f"{settings.name}-Forwarding",
            description="Forwards signals to the emergency response",
            env=place.environment,
            termination_protection=settings.termination_protection,
            tags=settings.tags,
        )
        self.key = Encryption(self, "Encryption", keeps_data=False).key
        self.topics = Topics(self, "Topics", key=self.key, plan=plan)
        self.forwarder = Forwarder(self, "Forwarder", home=home, plan=plan)
        self.operations = Operations(self, "Operations", topics=self.topics)
        for watched in (self.forwarder, self.topics):
            self.operations.watch_dead_letters(watched.dead_letters)
        CfnOutput(
            self,
            "UndeliveredSignalsQueue",
            value=self.forwarder.undelivered.queue_url,
            description="Signals that could not be forwarded",
        )
