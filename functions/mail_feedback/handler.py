"""Takes what SES tells of mails that did not arrive (R19)."""

from __future__ import annotations

import os
from functools import cache

import msgspec
from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from emergency.aws.entry import logger
from emergency.aws.identity import DynamoAddressBook
from emergency.aws.records import DynamoDecisions, DynamoIncidents
from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.subscribers import DynamoSubscribers
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.mail_feedback import Feedback, lost_addresses, read_feedback
from emergency.identities import utc_now
from emergency.use_cases.note_undelivered import NoteUndelivered
from emergency.use_cases.subscriptions import ForgetAddresses
from mail_feedback.settings import Settings

metrics = Metrics()
_processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _forget() -> ForgetAddresses:
    return ForgetAddresses(subscribers=DynamoSubscribers(RecordsTable(_settings().subscribers_table)))


@cache
def _note() -> NoteUndelivered:
    table = RecordsTable(_settings().records_table)
    return NoteUndelivered(
        plan=compiled_plan(),
        incidents=DynamoIncidents(table),
        decisions=DynamoDecisions(table),
        book=DynamoAddressBook(table),
        workflow=StepFunctionsWorkflow(),
        clock=utc_now,
    )


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, object], context: LambdaContext) -> PartialItemFailureResponse:
    """Gives the messages that failed and must come again; all others are done with."""
    return process_partial_response(event=event, record_handler=_take, processor=_processor, context=context)


def _take(record: SQSRecord) -> None:
    """One mail's fate. What can't be read comes again and ends in the dead-letter queue, where an alarm sees it."""
    try:
        event = msgspec.json.decode(record.body, type=dict[str, object])
        lost = lost_addresses(event)
        if lost is not None:
            _lose(lost)
            return
        feedback = read_feedback(event)
        if feedback is None:
            logger.info("not a mail of ours", message_id=record.message_id)
            return
        _note()(feedback)
    except Exception:
        logger.exception("feedback comes again", message_id=record.message_id)
        raise
    is_late = feedback.kind is Feedback.DELIVERY_DELAY
    metrics.add_metric(name="MailsDelayed" if is_late else "MailsUndelivered", unit=MetricUnit.Count, value=1)
    logger.warning(
        "mail did not arrive",
        incident_id=feedback.incident_id,
        decision_id=feedback.decision_id,
        contact=feedback.contact,
        reason=feedback.reason,
    )


def _lose(addresses: tuple[str, ...]) -> None:
    """Counted apart from people of the plan: anybody can enter an address that doesn't exist, and nobody waits."""
    _forget()(addresses)
    metrics.add_metric(name="SubscribersLost", unit=MetricUnit.Count, value=len(addresses))
    logger.info("subscriber not reached", lost=len(addresses))
