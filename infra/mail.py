"""Mail: the domain that mails come from, and the configuration set that every mail is sent with."""

from __future__ import annotations

from email.utils import parseaddr

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.function import Reach


class Mail(Construct):
    """An SES identity for the domain of the plan's sender, and a configuration set that demands TLS.

    Mails go to a few known people, so the suppression list is off: one refused mail must not silence a person for
    every later incident. What does not arrive is counted, and told to the default event bus.
    """

    def __init__(self, scope: Construct, construct_id: str, *, sender: str, create_identity: bool) -> None:
        """Declares the mail parts.

        Args:
            scope: The parent.
            construct_id: The id below the parent.
            sender: The plan's `mail_from`, with or without a display name.
            create_identity: Whether the identity is this stack's; False where the account has verified it already.
        """
        super().__init__(scope, construct_id)
        self.sender = parseaddr(sender)[1]
        self.domain = self.sender.partition("@")[2]
        self.configuration_set = ses.ConfigurationSet(
            self,
            "ConfigurationSet",
            disable_suppression_list=True,
            reputation_metrics=True,
            sending_enabled=True,
            tls_policy=ses.ConfigurationSetTlsPolicy.REQUIRE,
        )
        self._tell_what_became_of_mails()
        self.identity = self._new_identity() if create_identity else None

    @property
    def reach(self) -> Reach:
        """What sending a mail touches: the identity and the configuration set, and only the plan's own sender."""
        stack = Stack.of(self)
        return Reach(
            resources=(
                stack.format_arn(service="ses", resource="identity", resource_name=self.domain),
                stack.format_arn(
                    service="ses",
                    resource="configuration-set",
                    resource_name=self.configuration_set.configuration_set_name,
                ),
            ),
            conditions={"StringEquals": {"ses:FromAddress": self.sender}},
        )

    @property
    def refusals(self) -> list[cloudwatch.Metric]:
        """SES's own count of mails that came back, were marked as unwanted or not accepted."""
        return [self._told_by_ses(event, "Sum") for event in ("Bounce", "Complaint", "Reject")]

    @property
    def bounce_rate(self) -> cloudwatch.Metric:
        """The share of this system's mails that came back for good, by which SES judges a sender; 0 to 1."""
        return self._told_by_ses("Reputation.BounceRate", "Maximum")

    @property
    def complaint_rate(self) -> cloudwatch.Metric:
        """The share of this system's mails that were marked as unwanted; 0 to 1."""
        return self._told_by_ses("Reputation.ComplaintRate", "Maximum")

    def _told_by_ses(self, name: str, statistic: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/SES",
            metric_name=name,
            dimensions_map={"ses:configuration-set": self.configuration_set.configuration_set_name},
            statistic=statistic,
        )

    def _new_identity(self) -> ses.EmailIdentity:
        return ses.EmailIdentity(self, "Identity", identity=ses.Identity.domain(self.domain))

    def _tell_what_became_of_mails(self) -> None:
        refusals = [ses.EmailSendingEvent.BOUNCE, ses.EmailSendingEvent.COMPLAINT, ses.EmailSendingEvent.REJECT]
        bus = events.EventBus.from_event_bus_name(self, "DefaultBus", "default")
        self.configuration_set.add_event_destination(
            "Events",
            destination=ses.EventDestination.event_bus(bus),
            events=[*refusals, ses.EmailSendingEvent.DELIVERY_DELAY],
        )
        self.configuration_set.add_event_destination(
            "Metrics",
            destination=ses.EventDestination.cloud_watch_dimensions(
                [
                    ses.CloudWatchDimension(
                        name="ses:configuration-set",
                        source=ses.CloudWatchDimensionSource.MESSAGE_TAG,
                        default_value="none",
                    )
                ]
            ),
            events=refusals,
        )
