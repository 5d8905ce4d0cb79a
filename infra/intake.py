"""How signals come in."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from emergency.domain.plan import Plan
from emergency.domain.report_event import REPORT_SOURCE, REPORT_TYPE
from infra.queues import EventQueue

_READERS = 2
"""The fewest that Lambda takes: a storm of signals should queue, not race itself for what counts them.

What a batch of signals changes is one write, so two readers take thousands a minute.
"""

_TRIES_FOR = Duration.hours(6)
"""An evil hour of Step Functions or DynamoDB is waited out: what goes wrong for good, `intake` rejects itself."""


class Intake(EventQueue):
    """Signals from the default event bus to `intake`, which rejects what it can't use with a reason."""

    def __init__(self, scope: Construct, construct_id: str, *, plan: Plan, handler_timeout: int) -> None:
        super().__init__(
            scope,
            construct_id,
            holds="Signals",
            patterns=signal_patterns(plan),
            handler_timeout=handler_timeout,
            readers=_READERS,
            tries_for=_TRIES_FOR,
        )

    @property
    def dead_letters(self) -> dict[str, sqs.Queue]:
        """Every queue that should stay empty, by what a message in it means."""
        return {
            "Intake rejected a signal or failed on it: it opened no incident.": self.rejected,
            "EventBridge could not deliver a signal to the queue: it opened no incident.": self.undelivered,
        }


def signal_patterns(plan: Plan) -> dict[str, events.EventPattern]:
    """Rule → event pattern, of all that is taken from the event bus, at home as in every monitored place.

    Every alarm event passes, also one that can't be read, that is no change of state, and the system's own: `intake`
    puts each on record.
    """
    return {
        "Alarms": events.EventPattern(
            source=["aws.cloudwatch"],
            detail_type=[
                "CloudWatch Alarm State Change",
                "CloudWatch Alarm Contributor State Change",
                "CloudWatch Alarm Configuration Change",
            ],
        ),
        "Findings": events.EventPattern(
            source=["aws.guardduty", "aws.macie"], detail_type=["GuardDuty Finding", "Macie Finding"]
        ),
        "Health": events.EventPattern(
            source=["aws.health"],
            detail_type=["AWS Health Event", "AWS Health Abuse Event"],
            detail={"eventTypeCategory": ["issue"]},
        ),
        "Reports": events.EventPattern(source=[REPORT_SOURCE], detail_type=[REPORT_TYPE]),
        **{
            f"Mapped-{mapping.id}": events.EventPattern(
                source=[mapping.source], detail_type=list(mapping.detail_types) or None
            )
            for mapping in plan.sources
        },
    }
