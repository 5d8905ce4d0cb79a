"""The pages by which people report incidents, and the mails that bring them there (P6.1).

A standing link is its contact's own; the open page is there for everybody where the plan says so. Nothing here logs a
link, an address, or what was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import msgspec
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from emergency.aws.entry import logger
from emergency.aws.web import Posted, asked_for, posted
from emergency.compiled import compiled_plan
from emergency.domain.address import read_address
from emergency.domain.answer import Form
from emergency.domain.errors import (
    DecisionSettled,
    ForgedForm,
    NotYours,
    PostUnavailable,
    RecordChanged,
    TooManyReports,
    UnknownLink,
    UnusableAnswer,
    UnusableFile,
    UnusableReport,
)
from emergency.domain.incident_report import PersonReport, read_report, report_id
from emergency.domain.link import digest_of
from emergency.domain.plan import Contact
from emergency.domain.signal import SignalRecord
from emergency.domain.standing import standing_nonce
from emergency.domain.subscription import ADDRESS_LIMIT, HONEYPOT
from emergency.identities import RandomIdentities, at_least, utc_now
from emergency.presentation.reporting import ReportForm
from emergency.presentation.templating import Page, security_headers
from emergency.use_cases.add_to_report import Reported
from emergency.use_cases.open_link import ONCE
from emergency.use_cases.standing_links import Standing, check_standing_form
from incident_report import composition as parts

MOST_BYTES = 32_768
"""The form holds five answers; a longer body is nobody's."""

ALIKE = 2.0
"""Seconds that asking for a link takes, whether a mail is sent meanwhile or not."""

_OUT = (ClientError, BotoCoreError, RecordChanged)
"""What the records raise where they can't be read or written now."""

app = APIGatewayHttpResolver()


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """The payload that mails links: to the named contacts a new one, to all who have none where nobody is named."""

    operation: str
    contacts: tuple[str, ...] = ()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Gives the page for one HTTP request (payload format 2.0), or mails links by hand: `{"operation": "invite"}`."""
    if event.get("operation") == "invite":
        wanted = msgspec.convert(event, Invitation)
        mailed = parts.invite()(wanted.contacts)
        logger.info("invited", contacts=mailed)
        return {"mailed": list(mailed)}
    return app.resolve(event, context)


@app.get("/r/<link_id>")
@app.head("/r/<link_id>")
def show(link_id: str) -> Response[str]:
    """The form of the link's contact. Changes nothing (R1), and needs no records: where they are out it has no name."""
    try:
        contact = parts.open_link()(link_id).contact
    except _OUT as error:
        _note_out(error)
        contact = None
    return _send(parts.pages().form(_form(link_id, contact)))


@app.post("/r/<link_id>")
def report(link_id: str) -> Response[str]:
    """Takes a report; while the records are out, the queue keeps it, with whose link it was for them to look at."""
    sent = _posted()
    check_standing_form(link_id, sent.form)
    try:
        standing = parts.open_link()(link_id)
    except _OUT as error:
        _note_out(error)
        return _report_later(link_id, sent.form)
    try:
        written = read_report(sent.form, compiled_plan(), utc_now())
    except UnusableReport as why:
        return _send(parts.pages().form(_form(link_id, standing.contact, sent.form, why)))
    return _take(standing, written, sent)


def _take(standing: Standing, written: PersonReport, sent: Posted) -> Response[str]:
    id_ = report_id(standing.digest, sent.first(ONCE))
    try:
        taken = parts.report()(written, id_=id_, by=standing.contact.id)
        parts.open_link().use(standing)
    except _OUT as error:
        _note_out(error)
        parts.report().later(written, id_=id_, link=standing.digest)
        return _send(parts.pages().queued(standing.contact, sent.first("locale")))
    _log(taken, standing.contact.id)
    url = _url(standing.link_id)
    file_url = f"{url}/reports/{taken.incident_id}/file" if taken.incident_id else ""
    return _send(parts.pages().sent(taken, standing.contact, sent.first("locale"), url=url, file_url=file_url))


def _report_later(link_id: str, form: Form) -> Response[str]:
    try:
        written = read_report(form, compiled_plan(), utc_now())
    except UnusableReport as why:
        return _send(parts.pages().form(_form(link_id, None, form, why)))
    digest = digest_of(link_id)
    parts.report().later(written, id_=report_id(digest, _first(form, ONCE)), link=digest)
    return _send(parts.pages().queued(None, _first(form, "locale")))


@app.get("/r/<link_id>/reports/<incident_id>")
@app.head("/r/<link_id>/reports/<incident_id>")
def show_reported(link_id: str, incident_id: str) -> Response[str]:
    """What the link's contact has reported of an incident. Changes nothing (R1)."""
    return _send(parts.pages().reported(_reported(link_id, incident_id), _url(link_id)))


@app.get("/r/<link_id>/reports/<incident_id>/file")
@app.head("/r/<link_id>/reports/<incident_id>/file")
def show_file(link_id: str, incident_id: str) -> Response[str]:
    """A form to send a file with, or the file that has arrived with it. Changes nothing (R1)."""
    reported, key = _reported(link_id, incident_id), asked_for(app.current_event, "key")
    if not reported.takes_files:
        return _send(parts.pages().reported(reported, _url(link_id)))
    if not key:
        return _send(_file_form(reported))
    try:
        found = parts.add_to_report().look(reported, key)
    except UnusableFile as why:
        return _send(_file_form(reported, why))
    return _send(parts.pages().uploaded(reported, found, _url(link_id), standing_nonce(link_id, key)))


@app.post("/r/<link_id>/reports/<incident_id>/file")
def add_file(link_id: str, incident_id: str) -> Response[str]:
    """Puts the file on record that has arrived."""
    reported = _reported(link_id, incident_id)
    try:
        parts.add_to_report()(reported, _posted().form)
    except UnusableFile as why:
        return _send(_file_form(reported, why))
    except DecisionSettled:
        return _send(parts.pages().reported(reported, _url(link_id)))
    back = Page(status=HTTPStatus.SEE_OTHER, html="")
    return _send(back, location=f"{_url(link_id)}/reports/{incident_id}")


@app.get("/report")
@app.head("/report")
def show_open() -> Response[str]:
    """The form for everybody, where the plan has one. Changes nothing (R1)."""
    if not compiled_plan().reporting.open_page:
        return _send(parts.pages().no_page())
    return _send(parts.pages().form(_form("", None)))


@app.post("/report")
def report_openly() -> Response[str]:
    """Takes a report of whoever it is, as many in an hour as the plan lets them all together."""
    if not compiled_plan().reporting.open_page:
        return _send(parts.pages().no_page())
    sent = _posted()
    locale, once = sent.first("locale"), sent.first(ONCE)
    try:
        written = read_report(sent.form, compiled_plan(), utc_now())
    except UnusableReport as why:
        return _send(parts.pages().form(_form("", None, sent.form, why)))
    if sent.first(HONEYPOT) or not once:
        logger.info("filled in by a program")
        return _send(parts.pages().refused())
    id_ = report_id("open", once)
    try:
        taken = parts.report().openly(written, id_=id_)
    except TooManyReports:
        logger.warning("too many reports")
        return _send(parts.pages().too_many(locale))
    except _OUT as error:
        _note_out(error)
        parts.report().later(written, id_=id_)
        return _send(parts.pages().queued_openly(locale))
    _log(taken, "")
    return _send(parts.pages().sent(taken, None, locale, url="/report"))


@app.get("/r")
@app.head("/r")
def show_lost() -> Response[str]:
    """The form by which a contact has their link mailed again. Changes nothing (R1)."""
    return _send(parts.pages().lost(asked_for(app.current_event, "lang")))


@app.post("/r")
def mail_again() -> Response[str]:
    """Mails the contact of the entered address a link. The answer is the same, and as fast, whoever is known."""
    sent = _posted()
    locale, entered = sent.first("locale"), sent.first("address")
    try:
        address = read_address(entered)
    except UnusableAnswer as why:
        return _send(parts.pages().lost(locale, entered=entered[:ADDRESS_LIMIT], error=why))
    if sent.first(HONEYPOT):
        logger.info("filled in by a program")
        return _send(parts.pages().asked(locale))
    with at_least(ALIKE):
        try:
            parts.invite().again(address)
        except (*_OUT, PostUnavailable) as error:
            # Only for an address that is known anything can fail: the page says whom to write to if no mail comes.
            logger.error("no link mailed", error=type(error).__name__)
    return _send(parts.pages().asked(locale))


@app.not_found
@app.exception_handler([UnknownLink, NotYours])
def unknown(_error: Exception) -> Response[str]:
    """404: there is no such link, or not any more; how to get one."""
    return _send(parts.pages().unknown())


@app.exception_handler(ForgedForm)
def forged(_error: ForgedForm) -> Response[str]:
    """403: the form doesn't belong to the link."""
    logger.warning("forged form")
    return _send(parts.pages().forged())


@app.exception_handler([*_OUT, PostUnavailable])
def failed(error: Exception) -> Response[str]:
    """503: neither records nor queue could be reached, or no mail is taken now; whom to call."""
    logger.error("not reached", error=type(error).__name__)
    return _send(parts.pages().failed())


def _reported(link_id: str, incident_id: str) -> Reported:
    logger.append_keys(incident_id=incident_id)
    return parts.add_to_report().open(parts.open_link()(link_id), incident_id)


def _file_form(reported: Reported, why: UnusableFile | None = None) -> Page:
    """The form, which brings the browser back here with the file's key."""
    url = _url(reported.standing.link_id)
    form = parts.add_to_report().form(reported, f"{url}/reports/{reported.incident.id}/file")
    return parts.pages().upload(reported, form, url, why)


def _url(link_id: str) -> str:
    return f"{parts.settings().pages_url}/r/{link_id}"


def _posted() -> Posted:
    """What was posted; a body that is too long for any form of ours is an empty one."""
    return posted(app.current_event) if len(app.current_event.body or "") <= MOST_BYTES else Posted()


def _form(
    link_id: str, contact: Contact | None, sent: Form | None = None, why: UnusableReport | None = None
) -> ReportForm:
    """The form anew; with what was posted, for the same showing, so that it stays one report."""
    once = _first(sent or {}, ONCE) or RandomIdentities().secret()
    return ReportForm(
        now=utc_now(),
        once=once,
        nonce=standing_nonce(link_id, once) if link_id else "",
        contact=contact,
        maintenance_url=f"/r/{link_id}/maintenance" if contact else "",
        locale=_first(sent, "locale") if sent else asked_for(app.current_event, "lang"),
        posted=sent or {},
        problems=why.problems if why else {},
    )


def _first(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "")


def _note_out(error: Exception) -> None:
    logger.error("records not reached", error=type(error).__name__)


def _log(taken: SignalRecord, contact: str) -> None:
    logger.info("reported", disposition=taken.disposition, incident_id=taken.incident_id, contact=contact)


def _send(page: Page, location: str = "") -> Response[str]:
    headers = dict(security_headers(page.html, page.form_action))
    return Response(
        status_code=int(page.status),
        content_type="text/html; charset=utf-8",
        body=page.html,
        headers={**headers, **({"Location": location} if location else {})},
    )
