"""Takes batches of EventBridge events from the event queue."""

from __future__ import annotations

import json
import os
from functools import cache

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from emergency.aws.entry import logger
from emergency.aws.services import SqsDeadLetters, StepFunctionsWorkflow
from emergency.aws.signals import DynamoSignals
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.errors import UnusableSignal
from emergency.domain.signal import SignalRecord, is_usable_id
from emergency.identities import RandomIdentities, pause, utc_now
from emergency.use_cases.reject_event import RejectEvent
from emergency.use_cases.report_incident import ReportIncident
from intake.settings import Settings

metrics = Metrics()
_processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


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


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, object], context: LambdaContext) -> PartialItemFailureResponse:
    """Gives the messages that failed and must come again; all others are done with."""
    return process_partial_response(event=event, record_handler=_take, processor=_processor, context=context)


def _take(record: SQSRecord) -> SignalRecord:
    """One event: an incident opens or is joined, or the event goes on file; an unusable one is kept with its reason."""
    event = _decoded(record.body)
    try:
        taken = _report()(event, record.body)
    except UnusableSignal as unusable:
        taken = _reject()(_id_of(event) or record.message_id, record.body, str(unusable))
    except Exception:
        # The batch processor would report the failure to SQS without a word in the log.
        logger.exception("signal comes again", message_id=record.message_id)
        raise
    metrics.add_metric(name=f"Signals{taken.disposition.capitalize()}", unit=MetricUnit.Count, value=1)
    logger.info("signal taken", disposition=taken.disposition, incident_id=taken.incident_id, reason=taken.reason)
    return taken


def _decoded(body: str) -> object:
    """The message's JSON, or its text where it is none, which no reader of signals accepts."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body


def _id_of(event: object) -> str:
    """The event's own id where it has a usable one, or empty."""
    event_id = event.get("id") if isinstance(event, dict) else None
    return event_id if isinstance(event_id, str) and is_usable_id(event_id) else ""
