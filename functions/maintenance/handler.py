"""Takes what maintenance people plan on a page, sets it once it was approved, and ends it: at its time, or before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from emergency.aws.entry import Result, logger, task
from emergency.aws.web import asked_for, posted
from emergency.domain.answer import Form
from emergency.domain.errors import (
    DecisionNotFound,
    ForgedForm,
    NotYours,
    PostUnavailable,
    RecordChanged,
    TooManyRequests,
    UnknownLink,
    UnusableAnswer,
)
from emergency.domain.standing import standing_nonce
from emergency.domain.timeline import Place
from emergency.identities import RandomIdentities, utc_now
from emergency.presentation.maintaining import END, MaintenanceForm
from emergency.presentation.templating import Page, security_headers
from emergency.use_cases.open_link import ONCE
from emergency.use_cases.standing_links import Standing, check_standing_form
from maintenance import composition as parts

app = APIGatewayHttpResolver()


@dataclass(frozen=True, kw_only=True)
class Maintenance:
    """The payload: what to do, the record's id, and the state that runs; `by` is whoever ends it early."""

    operation: Literal["settle", "end"]
    incident_id: str
    place: Place
    by: str = ""


def handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Gives the page for one HTTP request (payload format 2.0), or the result of a state machine's task."""
    return _carry_out(event, context) if "operation" in event else _answer(event, context)


@logger.inject_lambda_context(clear_state=True)
def _answer(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    return app.resolve(event, context)


@task(Maintenance)
def _carry_out(payload: Maintenance) -> Result:
    """Gives when to end it, empty where nothing was set; or how many signals were recorded meanwhile."""
    if payload.operation == "settle":
        until = parts.settle()(payload.incident_id, payload.place)
        # A Wait state reads whole seconds and a Z.
        return {"until": f"{until:%Y-%m-%dT%H:%M:%SZ}" if until else ""}
    ended = parts.end()(payload.incident_id, payload.place, payload.by)
    return {"signals": ended.signals, "still_on": len(ended.still_on)}


@app.get("/r/<link_id>/maintenance")
@app.head("/r/<link_id>/maintenance")
def show(link_id: str) -> Response[str]:
    """What the link's contact has planned, and the form. Changes nothing (R1)."""
    return _page(parts.open_link()(link_id), locale=asked_for(app.current_event, "lang"))


@app.post("/r/<link_id>/maintenance")
def take(link_id: str) -> Response[str]:
    """Plans maintenance, or ends it."""
    sent = posted(app.current_event)
    check_standing_form(link_id, sent.form)
    standing = parts.open_link()(link_id)
    locale, once, ending = sent.first("locale"), sent.first(ONCE), sent.first(END)
    try:
        if ending:
            parts.end()(ending, Place(execution=f"{ending}-maintenance", state=_WAITING), standing.contact.id)
        else:
            planned = parts.plan()(standing.contact.id, sent.form, once)
            logger.info("maintenance planned", incident_id=planned.incident_id, contact=standing.contact.id)
    except UnusableAnswer as why:
        return _page(standing, locale=locale, once=once, form=sent.form, error=why)
    except TooManyRequests:
        return _page(standing, locale=locale, once=once, form=sent.form, done="too_many")
    parts.open_link().use(standing)
    return _page(standing, locale=locale, done="ended" if ending else "sent")


_WAITING = "Wait until it ends"
"""The state in which maintenance is ended early."""


def _page(
    standing: Standing,
    *,
    locale: str,
    once: str = "",
    form: Form | None = None,
    error: UnusableAnswer | None = None,
    done: str = "",
) -> Response[str]:
    """The page; with what was posted, for the same showing, so that it stays one plan."""
    once = once or RandomIdentities().secret()
    page = MaintenanceForm(
        now=utc_now(),
        once=once,
        nonce=standing_nonce(standing.link_id, once),
        contact=standing.contact,
        report_url=f"/r/{standing.link_id}",
        locale=locale,
        planned=parts.show()(standing.contact.id),
        posted=form or {},
        error=error,
        done=done,
    )
    return _send(parts.pages().maintenance(page))


@app.not_found
@app.exception_handler([UnknownLink, NotYours, DecisionNotFound])
def unknown(_error: Exception) -> Response[str]:
    """404: there is no such link or maintenance, or not any more; how to get a link."""
    return _send(parts.pages().unknown())


@app.exception_handler(ForgedForm)
def forged(_error: ForgedForm) -> Response[str]:
    """403: the form doesn't belong to the link."""
    logger.warning("forged form")
    return _send(parts.pages().forged())


@app.exception_handler([ClientError, BotoCoreError, RecordChanged, PostUnavailable])
def failed(error: Exception) -> Response[str]:
    """503: the records can't be reached, or no mail is taken now."""
    logger.error("not reached", error=type(error).__name__)
    return _send(parts.pages().busy())


def _send(page: Page) -> Response[str]:
    return Response(
        status_code=int(page.status),
        content_type="text/html; charset=utf-8",
        body=page.html,
        headers=dict(security_headers(page.html, page.form_action)),
    )
