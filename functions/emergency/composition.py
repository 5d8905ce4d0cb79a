"""Parts that several functions put together in the same way."""

from __future__ import annotations

from emergency.aws.clocks import DynamoSentMails
from emergency.aws.records import DynamoAssignments, DynamoIncidents
from emergency.aws.services import SesPost
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan, compiled_words
from emergency.identities import utc_now
from emergency.presentation.mail import MailWriter
from emergency.use_cases.do_by_system import DoBySystem
from emergency.use_cases.notify import Notify


def notify(table: RecordsTable, configuration_set: str) -> Notify:
    """Sends notifications by SES."""
    plan = compiled_plan()
    return Notify(
        sent=DynamoSentMails(table),
        post=SesPost(plan.company, configuration_set),
        mails=MailWriter(plan, compiled_words()),
        clock=utc_now,
    )


def do_by_system(table: RecordsTable) -> DoBySystem:
    """Ticks off automatic tasks."""
    return DoBySystem(incidents=DynamoIncidents(table), assignments=DynamoAssignments(table), clock=utc_now)
