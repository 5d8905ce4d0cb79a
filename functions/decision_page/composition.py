"""What the pages work with: use cases over the adapters, each built when it is first needed."""

from __future__ import annotations

import os
from functools import cache

from decision_page.settings import Settings
from emergency.aws.deliveries import DynamoReplans
from emergency.aws.identity import DynamoAddressBook, DynamoChallenges, SecretAuthenticators
from emergency.aws.records import DynamoAssignments, DynamoDecisions, DynamoIncidents
from emergency.aws.services import S3Archive, SesPost, StepFunctionsWorkflow
from emergency.aws.stock import DynamoHotlines, DynamoInventory
from emergency.aws.table import RecordsTable
from emergency.aws.uploads import S3Uploads
from emergency.compiled import compiled_plan, compiled_words
from emergency.composition import do_by_system, help_links, notify
from emergency.identities import RandomIdentities, utc_now
from emergency.presentation.mail import MailWriter
from emergency.presentation.page import PageWriter
from emergency.use_cases.answer_question import AnswerQuestion
from emergency.use_cases.count_calls import CountCalls
from emergency.use_cases.draft_statement import DraftStatement
from emergency.use_cases.keep_record import AddFile, AddNote
from emergency.use_cases.open_link import OpenLink
from emergency.use_cases.pass_along import AskForMoreTime, HandOver
from emergency.use_cases.put_request import PutRequest
from emergency.use_cases.replan import PlanDeliveries
from emergency.use_cases.request_release import RequestRelease
from emergency.use_cases.spend import Spend
from emergency.use_cases.work_on_tasks import ChangeTasks, TickTasks

_NO_SECRET = "none"  # noqa: S105 - says that there is none


@cache
def settings() -> Settings:
    """The function's settings. Raises MissingSetting."""
    return Settings.from_environment(os.environ)


@cache
def pages() -> PageWriter:
    """Writes the pages."""
    return PageWriter(compiled_plan(), compiled_words())


@cache
def archive() -> S3Archive:
    """Reports and attachments."""
    return S3Archive(settings().archive_bucket)


@cache
def open_link() -> OpenLink:
    """Opens links."""
    return OpenLink(plan=compiled_plan(), incidents=_incidents(), decisions=_decisions())


@cache
def answer_question() -> AnswerQuestion:
    """Takes answers and codes."""
    plan, secret = compiled_plan(), settings().authenticator_secret
    return AnswerQuestion(
        plan=plan,
        decisions=_decisions(),
        challenges=DynamoChallenges(_table()),
        authenticators=SecretAuthenticators("" if secret == _NO_SECRET else secret),
        book=DynamoAddressBook(_table()),
        post=SesPost(plan.company, settings().configuration_set),
        mails=MailWriter(plan, compiled_words()),
        workflow=_workflow(),
        identities=RandomIdentities(),
        clock=utc_now,
    )


@cache
def hand_over() -> HandOver:
    """Passes questions on."""
    return HandOver(decisions=_decisions(), workflow=_workflow(), clock=utc_now)


@cache
def ask_for_more_time() -> AskForMoreTime:
    """Extends deadlines."""
    return AskForMoreTime(decisions=_decisions(), clock=utc_now)


@cache
def add_note() -> AddNote:
    """Takes notes."""
    return AddNote(incidents=_incidents(), clock=utc_now)


@cache
def add_file() -> AddFile:
    """Takes files."""
    return AddFile(
        incidents=_incidents(),
        uploads=S3Uploads(settings().uploads_bucket),
        archive=archive(),
        identities=RandomIdentities(),
        clock=utc_now,
    )


@cache
def change_tasks() -> ChangeTasks:
    """Adds tasks, gives them to others, passes them over."""
    return ChangeTasks(
        plan=compiled_plan(),
        assignments=DynamoAssignments(_table()),
        notify=notify(_table(), settings().configuration_set),
        links=help_links(_table(), settings().pages_url),
        workflow=_workflow(),
        clock=utc_now,
    )


@cache
def spend() -> Spend:
    """Takes expenses."""
    return Spend(plan=compiled_plan(), inventory=DynamoInventory(_table()), clock=utc_now)


@cache
def count_calls() -> CountCalls:
    """Takes counts of calls."""
    return CountCalls(hotlines=DynamoHotlines(_table()), clock=utc_now)


@cache
def draft_statement() -> DraftStatement:
    """Takes statements to the public, for others to approve."""
    return DraftStatement(plan=compiled_plan(), put=_put_request())


@cache
def plan_deliveries() -> PlanDeliveries:
    """Proposes re-plans, and takes the orders of the team's lead."""
    return PlanDeliveries(
        plan=compiled_plan(),
        replans=DynamoReplans(_table()),
        uploads=S3Uploads(settings().uploads_bucket),
        archive=archive(),
        put=_put_request(),
        do_by_system=do_by_system(_table()),
        clock=utc_now,
    )


@cache
def tick_tasks() -> TickTasks:
    """Notes what is done."""
    return TickTasks(assignments=DynamoAssignments(_table()), clock=utc_now)


@cache
def request_release() -> RequestRelease:
    """Takes requests for resources and funds."""
    return RequestRelease(plan=compiled_plan(), put=_put_request())


@cache
def _put_request() -> PutRequest:
    return PutRequest(
        plan=compiled_plan(),
        decisions=_decisions(),
        workflow=_workflow(),
        identities=RandomIdentities(),
        clock=utc_now,
    )


@cache
def _table() -> RecordsTable:
    return RecordsTable(settings().records_table)


@cache
def _incidents() -> DynamoIncidents:
    return DynamoIncidents(_table())


@cache
def _decisions() -> DynamoDecisions:
    return DynamoDecisions(_table())


@cache
def _workflow() -> StepFunctionsWorkflow:
    return StepFunctionsWorkflow(
        release_state_machine=settings().release_state_machine,
        statement_state_machine=settings().statement_state_machine,
        carrier_state_machine=settings().carrier_state_machine,
    )
