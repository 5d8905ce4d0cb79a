"""Follows up the decisions of the records' stream: what was decided reaches the workflow and everyone asked (R13)."""

from __future__ import annotations

import os
from functools import cache

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from decision_follow_up.settings import Settings
from emergency.aws.entry import logger
from emergency.aws.records import DynamoAssignments, DynamoDecisions, DynamoIncidents
from emergency.aws.services import SesPost, StepFunctionsWorkflow
from emergency.aws.stock import DynamoHotlines
from emergency.aws.table import RecordsTable, decision_of
from emergency.compiled import compiled_plan, compiled_words
from emergency.identities import utc_now
from emergency.presentation.mail import MailWriter
from emergency.use_cases.ask_people import Briefer
from emergency.use_cases.follow_up import FollowUp

_processor = BatchProcessor(event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)


@cache
def _follow_up() -> FollowUp:
    settings, plan = Settings.from_environment(os.environ), compiled_plan()
    table = RecordsTable(settings.records_table)
    return FollowUp(
        decisions=DynamoDecisions(table),
        briefer=Briefer(
            plan=plan,
            incidents=DynamoIncidents(table),
            assignments=DynamoAssignments(table),
            hotlines=DynamoHotlines(table),
        ),
        post=SesPost(plan.company, settings.configuration_set),
        mails=MailWriter(plan, compiled_words()),
        workflow=StepFunctionsWorkflow(
            release_state_machine=settings.release_state_machine,
            statement_state_machine=settings.statement_state_machine,
            carrier_state_machine=settings.carrier_state_machine,
            severity_state_machine=settings.severity_state_machine,
            maintenance_state_machine=settings.maintenance_state_machine,
            deadline_state_machine=settings.deadline_state_machine,
        ),
        clock=utc_now,
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> PartialItemFailureResponse:
    """Gives the record from which the stream must come again, if any."""
    return process_partial_response(event=event, record_handler=_take, processor=_processor, context=context)


def _take(record: DynamoDBRecord) -> None:
    """One change of a record; whatever is no decision is let be."""
    keys = record.dynamodb.keys if record.dynamodb else None
    named = decision_of(keys or {})
    if named is None:
        return
    incident_id, decision_id = named
    try:
        _follow_up()(incident_id, decision_id)
    except Exception:
        # The batch processor would report the failure to the stream without a word in the log.
        logger.exception("follow-up comes again", incident_id=incident_id, decision_id=decision_id)
        raise
    logger.info("followed up", incident_id=incident_id, decision_id=decision_id)
