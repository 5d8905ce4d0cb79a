"""How the system hears of mails that did not arrive."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.queues import EventQueue

_DETAIL_TYPES = ["Email Bounced", "Email Complaint Received", "Email Rejected", "Email Delivery Delayed"]
"""What SES calls them on the event bus (EventBridge events reference, Amazon SES)."""

_READERS = 2
"""The fewest that AWS allows: the mails of an incident are few."""

_TRIES_FOR = Duration.minutes(5)
"""After that a person is asked to look, since somebody may wait for an answer from one who was never asked."""


class MailFeedback(EventQueue):
    """What SES tells the default event bus of this system's own mails, to `mail_feedback`."""

    def __init__(self, scope: Construct, construct_id: str, *, configuration_set: str, handler_timeout: int) -> None:
        """Declares the way of the feedback.

        Args:
            scope: The parent.
            construct_id: The id below the parent.
            configuration_set: The name of the set that this system's mails are sent with; others are let be.
            handler_timeout: How long the function may take, in seconds.
        """
        own_mails = {"mail": {"tags": {"ses:configuration-set": [configuration_set]}}}
        super().__init__(
            scope,
            construct_id,
            holds="Feedback",
            patterns={
                "Undelivered": events.EventPattern(source=["aws.ses"], detail_type=_DETAIL_TYPES, detail=own_mails)
            },
            handler_timeout=handler_timeout,
            readers=_READERS,
            tries_for=_TRIES_FOR,
        )

    @property
    def dead_letters(self) -> dict[str, sqs.Queue]:
        """Every queue that should stay empty, by what a message in it means."""
        return {
            "The system failed on what SES told of a mail that did not arrive: nobody else was asked instead.": (
                self.rejected
            ),
            "EventBridge could not deliver what SES told of a mail that did not arrive.": self.undelivered,
        }
