"""Follows up incidents of the records' stream: executions begin, and what signals change reaches people (R13, R14)."""

from __future__ import annotations

import os
from functools import cache

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from emergency.aws.entry import logger
from emergency.aws.records import DynamoDecisions, DynamoIncidents
from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.table import RecordsTable, happening_of
from emergency.compiled import compiled_plan
from emergency.composition import notify
from emergency.identities import RandomIdentities, utc_now
from emergency.use_cases.follow_incident import FollowIncident, TellOfCleared
from emergency.use_cases.raise_severity import AskWhetherToRaise
from emergency.use_cases.tell_reporters import TellReporters
from incident_follow_up.settings import Settings

_processor = BatchProcessor(event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)


@cache
def _follow() -> FollowIncident:
    settings, plan = Settings.from_environment(os.environ), compiled_plan()
    table = RecordsTable(settings.records_table)
    incidents = DynamoIncidents(table)
    workflow = StepFunctionsWorkflow(
        response_state_machine=settings.response_state_machine, severity_state_machine=settings.severity_state_machine
    )
    mails = notify(table, settings.configuration_set)
    return FollowIncident(
        incidents=incidents,
        workflow=workflow,
        ask_whether_to_raise=AskWhetherToRaise(
            plan=plan,
            incidents=incidents,
            decisions=DynamoDecisions(table),
            workflow=workflow,
            identities=RandomIdentities(),
            clock=utc_now,
        ),
        tell_of_cleared=TellOfCleared(plan=plan, incidents=incidents, notify=mails, clock=utc_now),
        tell_reporters=TellReporters(plan=plan, incidents=incidents, notify=mails),
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> PartialItemFailureResponse:
    """Gives the record from which the stream must come again, if any."""
    return process_partial_response(event=event, record_handler=_take, processor=_processor, context=context)


def _take(record: DynamoDBRecord) -> None:
    """One new item; whatever is no incident and no entry of a timeline is let be."""
    keys = record.dynamodb.keys if record.dynamodb else None
    happened = happening_of(keys or {})
    if happened is None:
        return
    incident_id, key = happened
    try:
        if key:
            _follow()(incident_id, key)
        else:
            _follow().begun(incident_id)
    except Exception:
        # The batch processor would report the failure to the stream without a word in the log.
        logger.exception("follow-up comes again", incident_id=incident_id, entry=key)
        raise
    logger.info("followed up", incident_id=incident_id, entry=key)
