"""Watching the system itself: alarms, and one dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from emergency.settings import NOTIFICATIONS
from infra.function import EmergencyFunction, metrics_namespace
from infra.functions import pascal_case
from infra.mail import Mail
from infra.topics import Topics

_MINUTE = Duration.minutes(1)
_SIGNAL_WAITS_TOO_LONG = Duration.minutes(5)
_INTAKE_STRUGGLES_AFTER = 10
"""In minutes. Longer than a storm of a thousand signals takes."""
_WAITS_TOO_LONG = Duration.minutes(1)
_UNDELIVERED = "MailsUndelivered"
"""What `mail_feedback` counts of mails that came back, and `decision_request` of those that were refused at once."""

_SUBSCRIBERS_LOST = "SubscribersLost"
"""What `mail_feedback` counts of subscribers whose mails came back, or who complained of one."""

_BOUNCES_UNDER_REVIEW, _COMPLAINTS_UNDER_REVIEW = 0.05, 0.001
"""The shares of mails from which on SES reviews an account."""

_FOLLOWING = ("decision_follow_up", "incident_follow_up")
_MAIL_WATCHERS = ("decision_request", "mail_feedback")


class Operations(Construct):
    """Alarms on everything that should never happen.

    All of them tell technical support. Those that can mean an incident that nobody handles page the leadership too.
    """

    def __init__(self, scope: Construct, construct_id: str, *, topics: Topics) -> None:
        super().__init__(scope, construct_id)
        self._support = actions.SnsAction(topics.operations)
        self._leadership = actions.SnsAction(topics.leadership)
        self.alarms: list[cloudwatch.Alarm] = []

    def watch_dead_letters(self, queues: Mapping[str, sqs.IQueue]) -> None:
        """A message there is lost until a person looks at it. `queues` are given by what a message in them means."""
        for meaning, queue in queues.items():
            self._alarm(
                f"{queue.node.id}Messages",
                f"{meaning} Read the message in the dead-letter queue; docs/operating.md says what to do with it.",
                queue.metric_approximate_number_of_messages_visible(period=_MINUTE, statistic="Maximum"),
                page=True,
            )

    def watch_queue(self, queue: sqs.IQueue) -> None:
        """Signals should be taken up within seconds."""
        self._alarm(
            "SignalsWait",
            "Signals have waited five minutes for intake. Incidents are not being opened.",
            queue.metric_approximate_age_of_oldest_message(period=_MINUTE, statistic="Maximum"),
            above=_SIGNAL_WAITS_TOO_LONG.to_seconds(),
            page=True,
        )
        # SQS leaves messages that were received three times out of their age, and Lambda counts no error where a
        # function reports which messages it failed on.
        self._alarm(
            "SignalsComeAgain",
            "For ten minutes on end intake was at some signal: it fails on them, and they come again. Its log says "
            "why; incidents may not be opened.",
            queue.metric_approximate_number_of_messages_not_visible(period=_MINUTE, statistic="Minimum"),
            minutes=_INTAKE_STRUGGLES_AFTER,
            page=True,
        )

    def watch_executions(self, machines: Mapping[str, sfn.StateMachine]) -> None:
        """Behind a failed or timed-out execution is something of an incident that nobody carries on any more."""
        for name, machine in machines.items():
            self._alarm(
                f"{pascal_case(name)}Failed",
                f"An execution of {name} failed. Look at it in the Step Functions console and carry on by hand.",
                machine.metric_failed(period=_MINUTE),
                page=True,
            )
            self._alarm(
                f"{pascal_case(name)}TimedOut",
                f"An execution of {name} took longer than it may. Look at it in the Step Functions console.",
                machine.metric_timed_out(period=_MINUTE),
                page=True,
            )

    def watch_functions(self, functions: Iterable[EmergencyFunction]) -> None:
        """Errors and throttles of a function; the workflow retries them, so support is told and nobody is paged."""
        for item in functions:
            name = pascal_case(item.name)
            self._alarm(
                f"{name}Errors",
                f"The function {item.name} failed. Its log group says why.",
                item.function.metric_errors(period=_MINUTE),
            )
            self._alarm(
                f"{name}Throttles",
                f"The function {item.name} was throttled. Look at the account's quota of concurrent executions.",
                item.function.metric_throttles(period=_MINUTE),
            )

    def watch_pages(self, api: apigateway.HttpApi) -> None:
        """While pages fail nobody can answer a question."""
        self._alarm(
            "PagesFail",
            "Link pages answer with errors. People can't answer the questions that they were mailed.",
            api.metric_server_error(period=_MINUTE, statistic="Sum"),
            page=True,
        )

    def watch_follow_up(self, decision_follow_up: EmergencyFunction, incident_follow_up: EmergencyFunction) -> None:
        """What they fail on and are given again counts as no error of theirs, so their backlogs are watched."""
        self._alarm(
            "DecisionsWait",
            "A decision on record waits for its follow-up for more than a minute. The log of decision_follow_up says "
            "why; see whether its incident goes on.",
            _age_of(decision_follow_up),
            above=_WAITS_TOO_LONG.to_milliseconds(),
        )
        self._alarm(
            "IncidentsWait",
            "An incident on record waits for its follow-up for more than a minute. The log of incident_follow_up says "
            "why; see whether its execution has begun.",
            _age_of(incident_follow_up),
            above=_WAITS_TOO_LONG.to_milliseconds(),
        )

    def watch_mail(self, *, refused: EmergencyFunction, came_back: EmergencyFunction) -> None:
        """Mails that did not arrive: those that one function saw refused, and those that another saw come back."""
        remedy = "The timeline says whose and why; reach the person otherwise and mend the address in the plan."
        self._alarm("MailsRefused", f"A mail of an incident was refused. {remedy}", refused.counted(_UNDELIVERED))
        self._alarm(
            "NotificationsRefused",
            "A mail that calls somebody, or tells of a task, was refused. The record's sent mails say whose; reach the "
            "person otherwise and mend the address in the plan.",
            self._refused_notifications,
        )
        self._alarm(
            _UNDELIVERED,
            f"A mail of an incident came back or was marked as unwanted. {remedy}",
            came_back.counted(_UNDELIVERED),
        )

    def watch_reputation(self, mail: Mail) -> None:
        """Mails to customers can cost the trust on which the mails to people of the plan depend."""
        remedy = "From twice as much on SES may stop all mails of the account; docs/operating.md says what to do."
        self._alarm(
            "MailBounceRate", f"One mail in twenty comes back. {remedy}", mail.bounce_rate, above=_BOUNCES_UNDER_REVIEW
        )
        self._alarm(
            "MailComplaintRate",
            f"One mail in a thousand is marked as unwanted. {remedy}",
            mail.complaint_rate,
            above=_COMPLAINTS_UNDER_REVIEW,
        )

    @property
    def _refused_notifications(self) -> cloudwatch.Metric:
        """Counted under a name of its own, as several functions send them and no alarm is a sum."""
        return cloudwatch.Metric(
            namespace=metrics_namespace(self),
            metric_name=_UNDELIVERED,
            dimensions_map={"service": NOTIFICATIONS},
            period=_MINUTE,
            statistic="Sum",
        )

    def draw(
        self,
        *,
        functions: Mapping[str, EmergencyFunction],
        machines: Mapping[str, sfn.StateMachine],
        signals: sqs.IQueue,
        mail: Mail,
    ) -> None:
        """The dashboard: alarms first, then what goes through the system."""
        dashboard = cloudwatch.Dashboard(self, "Dashboard", default_interval=Duration.hours(3))
        dashboard.add_widgets(
            cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(self.alarms), width=24, height=5)
        )
        dashboard.add_widgets(
            _graph("Executions started", [machine.metric_started() for machine in machines.values()]),
            _graph(
                "Signals",
                [signals.metric_number_of_messages_sent(), signals.metric_approximate_age_of_oldest_message()],
            ),
            _graph(
                "Durations of functions, p95",
                [item.function.metric_duration(statistic="p95") for item in functions.values()],
            ),
        )
        dashboard.add_widgets(
            _graph(
                "Mails that did not arrive: taken in, and by SES's own count",
                [
                    *(functions[name].counted(_UNDELIVERED) for name in _MAIL_WATCHERS),
                    self._refused_notifications,
                    functions["mail_feedback"].counted(_SUBSCRIBERS_LOST),
                    *mail.refusals,
                ],
            ),
            _graph("Age of what is to be followed up", [_age_of(functions[name]) for name in _FOLLOWING]),
        )

    def _alarm(
        self,
        name: str,
        description: str,
        metric: cloudwatch.IMetric,
        *,
        above: float = 0,
        minutes: int = 1,
        page: bool = False,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_description=description,
            metric=metric,
            threshold=above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=minutes,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(self._support, *([self._leadership] if page else []))
        self.alarms.append(alarm)


def _age_of(follow_up: EmergencyFunction) -> cloudwatch.Metric:
    return follow_up.function.metric("IteratorAge", period=_MINUTE, statistic="Maximum")


def _graph(title: str, metrics: list[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=metrics, width=8)
