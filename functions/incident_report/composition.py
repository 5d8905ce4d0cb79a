"""What the report pages work with: use cases over the adapters, each built when it is first needed."""

from __future__ import annotations

import os
from functools import cache

from emergency.aws.records import DynamoIncidents
from emergency.aws.services import S3Archive, SesPost, SqsSignals, StepFunctionsWorkflow
from emergency.aws.signals import DynamoSignals
from emergency.aws.standing import DynamoOpenReports, DynamoStandingLinks
from emergency.aws.table import RecordsTable
from emergency.aws.uploads import S3Uploads
from emergency.compiled import compiled_plan, compiled_words
from emergency.identities import RandomIdentities, pause, utc_now
from emergency.presentation.reporting import ReportPages, StandingMails
from emergency.use_cases.add_to_report import AddToReport
from emergency.use_cases.report_by_person import ReportByPerson
from emergency.use_cases.report_incident import ReportIncident
from emergency.use_cases.standing_links import Invite, OpenStandingLink
from incident_report.settings import Settings


@cache
def settings() -> Settings:
    """The function's settings. Raises MissingSetting."""
    return Settings.from_environment(os.environ)


@cache
def pages() -> ReportPages:
    """Writes the pages."""
    return ReportPages(compiled_plan(), compiled_words())


@cache
def open_link() -> OpenStandingLink:
    """Opens standing links."""
    return OpenStandingLink(plan=compiled_plan(), links=DynamoStandingLinks(_table()))


@cache
def invite() -> Invite:
    """Mails standing links."""
    plan = compiled_plan()
    return Invite(
        plan=plan,
        links=DynamoStandingLinks(_table()),
        post=SesPost(plan.company, settings().configuration_set),
        mails=StandingMails(plan, compiled_words(), pages_url=settings().pages_url),
        identities=RandomIdentities(),
        clock=utc_now,
    )


@cache
def report() -> ReportByPerson:
    """Takes what people report."""
    return ReportByPerson(
        plan=compiled_plan(),
        report=ReportIncident(
            plan=compiled_plan(),
            signals=DynamoSignals(_table()),
            workflow=StepFunctionsWorkflow(settings().response_state_machine),
            identities=RandomIdentities(),
            clock=utc_now,
            own_alarm_prefix=settings().own_alarm_prefix,
            pause=pause,
        ),
        queue=SqsSignals(settings().signal_queue),
        counts=DynamoOpenReports(_table()),
        clock=utc_now,
    )


@cache
def add_to_report() -> AddToReport:
    """Takes files."""
    return AddToReport(
        incidents=DynamoIncidents(_table()),
        uploads=S3Uploads(settings().uploads_bucket),
        archive=S3Archive(settings().archive_bucket),
        identities=RandomIdentities(),
        clock=utc_now,
    )


@cache
def _table() -> RecordsTable:
    return RecordsTable(settings().records_table)
