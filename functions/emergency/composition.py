"""Parts that several functions put together in the same way."""

from __future__ import annotations

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from emergency.aws.clocks import DynamoSentMails
from emergency.aws.entry import logger
from emergency.aws.records import DynamoAssignments, DynamoDecisions, DynamoIncidents
from emergency.aws.services import SesPost, StepFunctionsWorkflow
from emergency.aws.subscribers import DynamoSubscribers
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan, compiled_words
from emergency.domain.errors import MailRefused
from emergency.identities import RandomIdentities, utc_now
from emergency.ports import Mail
from emergency.presentation.mail import MailWriter
from emergency.presentation.subscriptions import SubscriptionMails
from emergency.settings import NOTIFICATIONS
from emergency.use_cases.ask_people import PrepareQuestion
from emergency.use_cases.do_by_system import DoBySystem
from emergency.use_cases.links import HelpLinks
from emergency.use_cases.notices import StartNotices
from emergency.use_cases.notify import Notify
from emergency.use_cases.tell_subscribers import TellSubscribers


class CountedPost(SesPost):
    """Mail by SES that counts what is refused, as nobody else is told of a notification that never left."""

    def send(self, mail: Mail) -> str:
        """See the port."""
        try:
            return super().send(mail)
        except MailRefused:
            logger.error("not reached by mail", mail=mail.name, contact=mail.to.id)
            counted = EphemeralMetrics(service=NOTIFICATIONS)
            counted.add_metric(name="MailsUndelivered", unit=MetricUnit.Count, value=1)
            counted.flush_metrics()
            raise


def notify(table: RecordsTable, configuration_set: str) -> Notify:
    """Sends notifications by SES."""
    plan = compiled_plan()
    return Notify(
        sent=DynamoSentMails(table),
        post=CountedPost(plan.company, configuration_set),
        mails=MailWriter(plan, compiled_words()),
        clock=utc_now,
    )


def do_by_system(table: RecordsTable) -> DoBySystem:
    """Ticks off automatic tasks."""
    return DoBySystem(incidents=DynamoIncidents(table), assignments=DynamoAssignments(table), clock=utc_now)


def prepare_question(table: RecordsTable) -> PrepareQuestion:
    """Puts questions on record."""
    return PrepareQuestion(
        plan=compiled_plan(),
        incidents=DynamoIncidents(table),
        decisions=DynamoDecisions(table),
        identities=RandomIdentities(),
        clock=utc_now,
    )


def start_notices(table: RecordsTable, workflow: StepFunctionsWorkflow) -> StartNotices:
    """Starts the clocks of notices."""
    return StartNotices(
        plan=compiled_plan(),
        incidents=DynamoIncidents(table),
        decisions=DynamoDecisions(table),
        workflow=workflow,
        identities=RandomIdentities(),
        clock=utc_now,
    )


def help_links(table: RecordsTable, pages_url: str) -> HelpLinks:
    """Gives people who help their own way to a team's page."""
    return HelpLinks(
        decisions=DynamoDecisions(table), identities=RandomIdentities(), pages_url=pages_url, clock=utc_now
    )


def tell_subscribers(
    subscribers_table: str, configuration_set: str, *, status_url: str, pages_url: str
) -> TellSubscribers:
    """Mails statements to subscribers."""
    plan = compiled_plan()
    return TellSubscribers(
        subscribers=DynamoSubscribers(RecordsTable(subscribers_table)),
        post=CountedPost(plan.company, configuration_set),
        mails=SubscriptionMails(plan, compiled_words(), status_url=status_url, pages_url=pages_url),
    )
