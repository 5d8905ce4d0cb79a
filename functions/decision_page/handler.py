"""The pages behind the mailed links: GET and HEAD show, POST decides (design §4)."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TypedDict
from urllib.parse import parse_qs

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from decision_page.settings import Settings
from emergency.aws.entry import logger
from emergency.aws.records import DynamoDecisions, DynamoIncidents
from emergency.aws.services import S3Archive, StepFunctionsWorkflow
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan, compiled_words
from emergency.domain.assignment import Assignment
from emergency.domain.decision import Decision, nonce_for
from emergency.domain.errors import (
    DecisionSettled,
    ForgedForm,
    RecordChanged,
    UnknownContact,
    UnknownLink,
    UnusableAnswer,
)
from emergency.domain.incident import Incident
from emergency.domain.inventory import OpenHotline
from emergency.domain.plan import Contact
from emergency.domain.terms import DecisionKind
from emergency.domain.timeline import TimelineEntry
from emergency.identities import utc_now
from emergency.presentation.page import Page, PageWriter, security_headers
from emergency.use_cases.answer_question import AnswerQuestion, Opened
from emergency.use_cases.file_report import report_name

MOST_FIELDS = 50
"""A form of ours has a dozen fields; more is nobody's answer."""

app = APIGatewayHttpResolver()


class _Question(TypedDict):
    """What the page of a question shows."""

    incident: Incident
    decision: Decision
    contact: Contact
    nonce: str
    url: str
    now: datetime
    timeline: Sequence[TimelineEntry]
    assignment: Assignment | None
    hotline: OpenHotline | None


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Gives the page for one HTTP request (payload format 2.0)."""
    return app.resolve(event, context)


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _answers() -> AnswerQuestion:
    table = RecordsTable(_settings().records_table)
    return AnswerQuestion(
        plan=compiled_plan(),
        incidents=DynamoIncidents(table),
        decisions=DynamoDecisions(table),
        workflow=StepFunctionsWorkflow(),
        clock=utc_now,
    )


@cache
def _pages() -> PageWriter:
    return PageWriter(compiled_plan(), compiled_words())


@app.get("/d/<link_id>")
@app.head("/d/<link_id>")
def show(link_id: str) -> Response[str]:
    """The question, or what became of it. Changes nothing (R1)."""
    opened = _open(link_id)
    if not opened.decision.is_open:
        return _send(_settled(opened, posted=False))
    if opened.record.incident.status.is_over:
        return _send(_about(_pages().gone, opened))
    return _send(_pages().question(**_asked(opened, link_id)))


@app.post("/d/<link_id>")
def decide(link_id: str) -> Response[str]:
    """The page that says that the answer counts, or why it doesn't."""
    opened = _open(link_id)
    form = _form()
    if opened.decision.is_open and opened.record.incident.status.is_over:
        return _send(_about(_pages().gone, opened))
    try:
        decision = _answers().decide(opened, form)
    except UnusableAnswer as error:
        return _send(_pages().unusable(**_asked(opened, link_id), form=form, error=error))
    except DecisionSettled:
        return _send(_settled(_open(link_id), posted=True))
    logger.info("decided", decision_id=decision.id)
    return _send(_pages().recorded(opened.record.incident, decision, opened.contact, now=utc_now()))


@app.get("/d/<link_id>/report")
@app.head("/d/<link_id>/report")
def show_report(link_id: str) -> Response[str]:
    """The report that a review asks about, in the reader's language."""
    opened = _open(link_id)
    if opened.decision.kind is not DecisionKind.REVIEW:
        raise UnknownLink
    company = compiled_plan().company
    locale = opened.contact.locale if opened.contact.locale in company.locales else company.locale
    report = S3Archive(_settings().archive_bucket).get(
        report_name(opened.link.incident_id, locale, opened.decision.round)
    )
    if report is None:
        raise UnknownLink
    return _send(Page(status=200, html=report))


@app.not_found
@app.exception_handler([UnknownLink, UnknownContact])
def unknown(_error: Exception) -> Response[str]:
    """404: there is no such page, or its person is no longer in the plan; nothing says whether there ever was."""
    return _send(_pages().unknown())


@app.exception_handler(ForgedForm)
def forged(_error: ForgedForm) -> Response[str]:
    """403: the form doesn't belong to the link."""
    logger.warning("forged form")
    return _send(_pages().forged())


@app.exception_handler([ClientError, BotoCoreError, RecordChanged])
def busy(error: Exception) -> Response[str]:
    """503: AWS didn't answer as it should; the link stays valid."""
    logger.error("not reached", error=type(error).__name__)
    return _send(_pages().busy())


def _open(link_id: str) -> Opened:
    opened = _answers().look(link_id)
    logger.append_keys(incident_id=opened.link.incident_id)
    return opened


def _asked(opened: Opened, link_id: str) -> _Question:
    record, team = opened.record, opened.decision.team
    return {
        "incident": record.incident,
        "decision": opened.decision,
        "contact": opened.contact,
        "nonce": nonce_for(opened.decision, opened.link),
        "url": f"{_settings().pages_url}/d/{link_id}",
        "now": utc_now(),
        "timeline": record.timeline,
        "assignment": record.assignments.get(team) if team else None,
        "hotline": record.hotline,
    }


def _settled(opened: Opened, *, posted: bool) -> Page:
    incident = opened.record.incident
    return _pages().settled(incident, opened.decision, opened.contact, now=utc_now(), posted=posted)


def _about(page: Callable[..., Page], opened: Opened) -> Page:
    return page(opened.record.incident, opened.decision, opened.contact, now=utc_now())


def _form() -> Mapping[str, Sequence[str]]:
    """The posted form; whatever is no form of ours is an empty one, which lacks the nonce."""
    try:
        body = app.current_event.decoded_body or ""
        return parse_qs(body, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}


def _send(page: Page) -> Response[str]:
    return Response(
        status_code=int(page.status),
        content_type="text/html; charset=utf-8",
        body=page.html,
        headers=dict(security_headers(page.html)),
    )
