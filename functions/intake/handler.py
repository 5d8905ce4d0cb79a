"""Takes batches of EventBridge events from the event queue."""

from __future__ import annotations

import os
from functools import cache

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

from emergency.aws.entry import logger
from emergency.aws.services import SqsDeadLetters, StepFunctionsWorkflow
from emergency.aws.signals import DynamoSignals
from emergency.aws.standing import DynamoStandingLinks
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.identities import RandomIdentities, pause, utc_now
from emergency.use_cases.reject_event import RejectEvent
from emergency.use_cases.report_by_hand import NameReporter
from emergency.use_cases.report_incident import ReportIncident
from emergency.use_cases.standing_links import OpenStandingLink
from emergency.use_cases.take_messages import Message, TakeMessages, Taken
from intake.settings import Settings

metrics = Metrics()


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _signals() -> DynamoSignals:
    return DynamoSignals(RecordsTable(_settings().records_table))


@cache
def _report() -> ReportIncident:
    return ReportIncident(
        plan=compiled_plan(),
        signals=_signals(),
        workflow=StepFunctionsWorkflow(_settings().response_state_machine),
        identities=RandomIdentities(),
        clock=utc_now,
        own_alarm_prefix=_settings().own_alarm_prefix,
        pause=pause,
    )


@cache
def _reject() -> RejectEvent:
    return RejectEvent(signals=_signals(), dead_letters=SqsDeadLetters(_settings().dead_letter_queue), clock=utc_now)


@cache
def _take() -> TakeMessages:
    links = DynamoStandingLinks(RecordsTable(_settings().records_table))
    name_reporter = NameReporter(open_link=OpenStandingLink(plan=compiled_plan(), links=links))
    return TakeMessages(report=_report(), reject=_reject(), name_reporter=name_reporter)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, object], _context: LambdaContext) -> PartialItemFailureResponse:
    """Gives the messages that failed and must come again; all others are done with."""
    messages = [Message(record.message_id, record.body) for record in SQSEvent(event).records]
    failed = [taken.message.id for taken in _take()(messages) if not _told(taken)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _told(taken: Taken) -> bool:
    """Logs and counts what became of a message; whether it was taken."""
    record = taken.outcome
    if isinstance(record, Exception):
        logger.error("signal comes again", message_id=taken.message.id, exc_info=record)
        return False
    metrics.add_metric(name=f"Signals{record.disposition.capitalize()}", unit=MetricUnit.Count, value=1)
    logger.info("signal taken", disposition=record.disposition, incident_id=record.incident_id, reason=record.reason)
    return True
