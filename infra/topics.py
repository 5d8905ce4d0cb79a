"""Topics: the ways to reach people that need neither the records nor a function."""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from emergency.domain.plan import Plan
from emergency.domain.terms import Team
from infra.encryption import alarms_of
from infra.queues import DeadLetterQueue


class PeopleTopic(sns.Topic):
    """An encrypted topic with a mail subscription for each of some contacts. Each confirms once, by mail."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        display_name: str,
        key: kms.IKey,
        undelivered: sqs.IQueue,
        plan: Plan,
        contacts: Iterable[str],
    ) -> None:
        super().__init__(scope, construct_id, display_name=display_name, master_key=key, enforce_ssl=True)
        self._let_alarms_publish()
        addresses = {plan.contact(contact).email: contact for contact in contacts}
        for address, contact in addresses.items():
            sns.Subscription(
                self,
                contact,
                topic=self,
                protocol=sns.SubscriptionProtocol.EMAIL,
                endpoint=address,
                dead_letter_queue=undelivered,
            )

    def _let_alarms_publish(self) -> None:
        """Once a topic has a policy of its own, CloudWatch must be named in it."""
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisStack",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic_arn],
                conditions=alarms_of(Stack.of(self)),
            )
        )


class Topics(Construct):
    """`leadership` pages the leadership group (P4); `operations` tells technical support what ails the system."""

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, plan: Plan) -> None:
        super().__init__(scope, construct_id)
        self.undelivered = DeadLetterQueue(self, "UndeliveredPages")
        group = plan.leadership
        self.leadership = PeopleTopic(
            self,
            "Leadership",
            display_name="Emergency response",
            key=key,
            undelivered=self.undelivered,
            plan=plan,
            contacts=(group.head, *group.deputy_heads, *group.members),
        )
        team = plan.teams[Team.TECHNICAL_SUPPORT]
        self.operations = PeopleTopic(
            self,
            "Operations",
            display_name="Emergency response system",
            key=key,
            undelivered=self.undelivered,
            plan=plan,
            contacts=(team.lead, *team.deputies),
        )

    @property
    def dead_letters(self) -> dict[str, sqs.Queue]:
        """The queue that should stay empty, by what a message in it means."""
        return {"A page could not be delivered to a person by mail.": self.undelivered}
