"""The pages behind the mailed links: GET and HEAD show, POST decides (design §4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.shared.cookies import Cookie, SameSite
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from decision_page import composition as parts
from emergency.aws.entry import logger
from emergency.aws.web import Posted, asked_for, cookie, posted, query
from emergency.compiled import compiled_plan
from emergency.domain.answer import Form
from emergency.domain.errors import (
    AuthenticatorUnavailable,
    CannotPassOn,
    CodeExpired,
    DecisionNotFound,
    DecisionSettled,
    EmergencyError,
    ForgedForm,
    IncidentNotFound,
    MailRefused,
    NoMoreTime,
    NotYours,
    PostUnavailable,
    RecordChanged,
    TooManyCodes,
    TooManyRequests,
    UnknownLink,
    UnusableAnswer,
    UnusableFile,
    WrongCode,
)
from emergency.domain.link import nonce_for
from emergency.domain.second_factor import TRUST_LIFE, device_name
from emergency.domain.statement import PHASE, next_phase
from emergency.domain.terms import DecisionKind, Phase, Team
from emergency.identities import RandomIdentities, utc_now
from emergency.presentation.page import Page, Shown, security_headers
from emergency.presentation.replan import Replanning
from emergency.use_cases.answer_question import Pressed
from emergency.use_cases.attempts import until_written
from emergency.use_cases.draft_statement import returned_draft, writes
from emergency.use_cases.open_link import Opened
from emergency.use_cases.seal_record import report_name
from emergency.use_cases.work_on_tasks import TICKS, step_of

app = APIGatewayHttpResolver()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Gives the page for one HTTP request (payload format 2.0)."""
    return app.resolve(event, context)


@app.get("/d/<link_id>")
@app.head("/d/<link_id>")
def show(link_id: str) -> Response[str]:
    """The question, or what became of it. Changes nothing (R1)."""
    opened = _open(link_id, outside=True)
    logger.info("shown", decision_id=opened.decision.id, contact=opened.contact.id)
    over = _over(opened)
    if over is not None:
        return _send(over)
    done = asked_for(app.current_event, "done")
    return _send(parts.pages().question(_shown(opened, link_id, done=done)))


@app.post("/d/<link_id>")
def act(link_id: str) -> Response[str]:
    """Takes what was posted: an answer, its code, or what a person does beside answering."""
    opened, sent = _open(link_id, outside=True), posted(app.current_event)
    if opened.outside and sent.first("action") not in _OUTSIDE:
        raise NotYours(opened.decision.id)
    if opened.decision.is_open and opened.is_over:
        return _send(parts.pages().gone(opened.briefing, utc_now()))
    try:
        return _ACTIONS.get(sent.first("action"), _answer)(opened, link_id, sent)
    except DecisionSettled:
        return _send(parts.pages().settled(_open(link_id, outside=True).briefing, utc_now(), posted=True))
    except (UnusableAnswer, CannotPassOn, NoMoreTime, TooManyRequests, CodeExpired, TooManyCodes) as why:
        return _send(_again(why, opened, link_id, sent))


def _again(why: EmergencyError, opened: Opened, link_id: str, sent: Posted) -> Page:
    """The question once more, with what stood in the way."""
    pages, shown = parts.pages(), _shown(opened, link_id)
    match why:
        case UnusableAnswer():
            return pages.unusable(shown, sent.form, why)
        case CannotPassOn() | NoMoreTime() | TooManyRequests():
            return pages.refused(_shown(_open(link_id, outside=True), link_id), why)
        case CodeExpired():
            return pages.code_over(shown, parts.answer_question().draft(opened, sent.form))
        case _:
            return pages.too_many_codes(shown)


def _answer(opened: Opened, link_id: str, sent: Posted) -> Response[str]:
    """An answer by its button; it counts at once, or waits for a code. Ticks beside it are saved with it."""
    if sent.first(TICKS):
        # The answer is what matters: it is not held up by boxes that can't be saved.
        with suppress(UnusableAnswer):
            opened = opened.with_assignment(parts.tick_tasks()(opened, sent.form))
    device = cookie(app.current_event, device_name(opened.link.incident_id, opened.link.contact))
    return _pressed(opened, link_id, parts.answer_question().press(opened, sent.form, device))


def _confirm(opened: Opened, link_id: str, sent: Posted) -> Response[str]:
    """The code that makes an answer count."""
    try:
        pressed = parts.answer_question().confirm(opened, sent.form)
    except WrongCode as wrong:
        challenge = parts.answer_question().pending(opened)
        if challenge is None:
            raise CodeExpired from wrong
        return _send(parts.pages().code(_shown(opened, link_id), challenge, wrong))
    return _pressed(opened, link_id, pressed)


def _send_again(opened: Opened, link_id: str, sent: Posted) -> Response[str]:
    """A new code for the same answer."""
    return _pressed(opened, link_id, parts.answer_question().send_again(opened, sent.form))


def _pressed(opened: Opened, link_id: str, pressed: Pressed) -> Response[str]:
    if pressed.challenge is not None:
        return _send(parts.pages().code(_shown(opened, link_id), pressed.challenge))
    logger.info("answered", decision_id=pressed.decision.id, settled=not pressed.decision.is_open)
    briefing = replace(opened, decision=pressed.decision).briefing
    page = parts.pages().voted if pressed.decision.is_open else parts.pages().recorded
    return _send(page(briefing, utc_now()), _trusted(opened, pressed.device_token))


def _hand_over(opened: Opened, _link_id: str, sent: Posted) -> Response[str]:
    """The question goes to those who come next."""
    decision = parts.hand_over()(opened, sent.form)
    return _send(parts.pages().handed_over(replace(opened, decision=decision).briefing, utc_now()))


def _more_time(opened: Opened, link_id: str, sent: Posted) -> Response[str]:
    """The question waits longer."""
    parts.ask_for_more_time()(opened, sent.form)
    return _back(link_id, "more_time")


def _note(opened: Opened, link_id: str, sent: Posted) -> Response[str]:
    """A note goes on record. Pages from before files had a page of their own could send one with it (R24)."""
    if sent.file is not None:
        return _send(_over(opened) or _file_form(opened, link_id, UnusableFile("missing")))
    parts.add_note()(opened, sent.form)
    return _back(link_id, "note")


def _tasks(opened: Opened, link_id: str, sent: Posted) -> Response[str]:
    """Tasks are ticked off."""
    parts.tick_tasks()(opened, sent.form)
    return _back(link_id, "tasks")


def _request(opened: Opened, link_id: str, sent: Posted) -> Response[str]:
    """A request for resources or funds goes to those who decide on it."""
    parts.request_release()(opened, sent.form)
    return _back(link_id, "request")


def _add_task(opened: Opened, link_id: str, sent: Posted) -> Response[str]:
    """The team gets a task more."""
    parts.change_tasks().add(opened, sent.form)
    return _back(link_id, "task_added")


def _reassign(opened: Opened, link_id: str, sent: Posted) -> Response[str]:
    """A task goes to somebody else."""
    parts.change_tasks().reassign(opened, sent.form)
    return _back(link_id, "reassigned")


def _skip(opened: Opened, link_id: str, sent: Posted) -> Response[str]:
    """A task is passed over."""
    parts.change_tasks().skip(opened, sent.form)
    return _back(link_id, "skipped")


def _spend(opened: Opened, link_id: str, sent: Posted) -> Response[str]:
    """Funds are spent, or something is written off."""
    parts.spend()(opened, sent.form)
    return _back(link_id, "spent")


def _calls(opened: Opened, link_id: str, sent: Posted) -> Response[str]:
    """Calls and complaints are counted."""
    parts.count_calls()(opened, sent.form)
    return _back(link_id, "calls")


_ACTIONS: Mapping[str, Callable[[Opened, str, Posted], Response[str]]] = {
    "confirm": _confirm,
    "send_again": _send_again,
    "hand_over": _hand_over,
    "more_time": _more_time,
    "note": _note,
    "tasks": _tasks,
    "request": _request,
    "add_task": _add_task,
    "reassign": _reassign,
    "skip": _skip,
    "spend": _spend,
    "calls": _calls,
}
"""What a form's button can ask for beside an answer."""

_OUTSIDE = frozenset({"", "confirm", "send_again"})
"""What somebody from outside can do: answer, and prove who they are."""


@app.get("/d/<link_id>/report")
@app.head("/d/<link_id>/report")
def show_report(link_id: str) -> Response[str]:
    """The report that a review asks about, in the reader's language."""
    opened = _open(link_id)
    if opened.decision.kind is not DecisionKind.REVIEW:
        raise UnknownLink
    # A language that was deployed since has no report of that round; the company's own language has.
    for locale in (opened.contact.locale, compiled_plan().company.locale):
        report = parts.archive().get(report_name(opened.link.incident_id, locale, opened.decision.round))
        if report is not None:
            return _send(Page(status=200, html=report.decode()))
    raise UnknownLink


@app.get("/d/<link_id>/answers")
@app.head("/d/<link_id>/answers")
def show_answers(link_id: str) -> Response[str]:
    """What the hotline's agents answer, for customer service; until the incident is over. Changes nothing (R1)."""
    opened = _open(link_id)
    if opened.decision.team is not Team.CUSTOMER_SERVICE or step_of(opened.decision.kind) is None:
        raise UnknownLink
    if opened.is_over:
        return _send(parts.pages().gone(opened.briefing, utc_now()))
    return _send(parts.pages().answers(_shown(opened, link_id), opened.record))


@app.get("/d/<link_id>/file")
@app.head("/d/<link_id>/file")
def show_file(link_id: str) -> Response[str]:
    """A form to send a file with, or the file that has arrived with it. Changes nothing (R1)."""
    opened = _open(link_id)
    over = _over(opened)
    if over is not None:
        return _send(over)
    key = asked_for(app.current_event, "key")
    if not key:
        return _send(_file_form(opened, link_id))
    try:
        return _send(parts.pages().uploaded(_shown(opened, link_id), parts.add_file().look(opened, key)))
    except UnusableFile as why:
        return _send(_file_form(opened, link_id, why))


@app.post("/d/<link_id>/file")
def add_file(link_id: str) -> Response[str]:
    """Puts the file on record that has arrived."""
    opened, sent = _open(link_id), posted(app.current_event)
    if opened.is_over:
        return _send(parts.pages().gone(opened.briefing, utc_now()))
    try:
        parts.add_file()(opened, sent.form)
    except UnusableFile as why:
        return _send(_file_form(opened, link_id, why))
    except DecisionSettled:
        return _send(parts.pages().settled(_open(link_id).briefing, utc_now(), posted=True))
    return _back(link_id, "file")


@app.get("/d/<link_id>/statement")
@app.head("/d/<link_id>/statement")
def show_statement(link_id: str) -> Response[str]:
    """The form in which a statement is written. Changes nothing (R1)."""
    opened = _writing(link_id)
    over = _over(opened)
    if over is not None:
        return _send(over)
    asked = asked_for(app.current_event, PHASE)
    wanted = Phase(asked) if asked in set(Phase) else None
    returned = returned_draft(opened, wanted)
    draft = returned.statement if returned else None
    phase = draft.phase if draft else wanted or next_phase(opened.record.statements)
    return _send(parts.pages().statement(_shown(opened, link_id), phase, returned))


@app.post("/d/<link_id>/statement")
def draft_statement(link_id: str) -> Response[str]:
    """Puts a draft to those who approve it."""
    opened, sent = _writing(link_id), posted(app.current_event)
    if opened.decision.is_open and opened.is_over:
        return _send(parts.pages().gone(opened.briefing, utc_now()))
    asked, shown = sent.first(PHASE), _shown(opened, link_id)
    phase = Phase(asked) if asked in set(Phase) else next_phase(opened.record.statements)
    try:
        parts.draft_statement()(opened, sent.form)
    except UnusableAnswer as why:
        return _send(parts.pages().statement_unusable(shown, phase, sent.form, why))
    except TooManyRequests:
        return _send(parts.pages().statement_refused(shown, phase, sent.form))
    except DecisionSettled:
        return _send(parts.pages().settled(opened.briefing, utc_now(), posted=True))
    return _back(link_id, "statement")


def _writing(link_id: str) -> Opened:
    opened = _open(link_id)
    if not writes(opened):
        raise UnknownLink
    return opened


def _file_form(opened: Opened, link_id: str, why: UnusableFile | None = None) -> Page:
    form = parts.add_file().form(opened, f"{parts.settings().pages_url}/d/{link_id}/file")
    return parts.pages().upload(_shown(opened, link_id), form, why)


@app.get("/d/<link_id>/replan")
@app.head("/d/<link_id>/replan")
def show_replan(link_id: str) -> Response[str]:
    """Where a failing carrier's parcels could go, by what the query says of them. Changes nothing (R1)."""
    opened = _open(link_id)
    over = _over(opened)
    if over is not None:
        return _send(over)
    asked = query(app.current_event)
    try:
        return _send(_replan_page(opened, link_id, asked))
    except (UnusableAnswer, UnusableFile) as why:
        return _send(_replan_again(opened, link_id, asked, why))


@app.post("/d/<link_id>/replan")
def order_replan(link_id: str) -> Response[str]:
    """Orders the re-plan, which asks the carriers."""
    sent = posted(app.current_event)
    try:
        # Where another page has ordered meanwhile, what is left is looked at again.
        until_written(lambda: _order_replan(_open(link_id), sent))
    except (UnusableAnswer, UnusableFile) as why:
        return _send(_replan_again(_open(link_id), link_id, sent.form, why))
    except TooManyRequests:
        return _send(_replan_again(_open(link_id), link_id, sent.form, UnusableAnswer("replan", "too_many")))
    except DecisionSettled:
        opened, pages = _open(link_id), parts.pages()
        is_over, now = opened.is_over, utc_now()
        return _send(pages.gone(opened.briefing, now) if is_over else pages.settled(opened.briefing, now, posted=True))
    return _back(link_id, "replan")


def _order_replan(opened: Opened, sent: Posted) -> None:
    if opened.is_over:
        raise DecisionSettled(opened.decision.id)
    parts.plan_deliveries()(opened, sent.form)


def _replan_page(
    opened: Opened,
    link_id: str,
    asked: Form,
    why: UnusableAnswer | UnusableFile | None = None,
    posted: Form | None = None,
) -> Page:
    deliveries = parts.plan_deliveries()
    replanning = Replanning(
        draft=deliveries.draft(opened, asked),
        form=parts.add_file().form(opened, f"{parts.settings().pages_url}/d/{link_id}/replan"),
        waiting=deliveries.lists(opened),
        replans=opened.record.replans,
        decisions=opened.record.decisions,
        posted=posted,
    )
    return parts.pages().replan(_shown(opened, link_id), replanning, why)


def _replan_again(opened: Opened, link_id: str, asked: Form, why: UnusableAnswer | UnusableFile) -> Page:
    """The page with what can't be used: with what was written where that can still be shown, else as it began."""
    shown_again = {name: values for name, values in asked.items() if not isinstance(why, UnusableFile) or name != "key"}
    try:
        return _replan_page(opened, link_id, shown_again, why, asked if "once" in asked else None)
    except (UnusableAnswer, UnusableFile):
        return _replan_page(opened, link_id, {}, why)


@app.not_found
@app.exception_handler([UnknownLink, DecisionNotFound, IncidentNotFound])
def unknown(_error: Exception) -> Response[str]:
    """404: there is no such page; nothing says whether there ever was."""
    return _send(parts.pages().unknown())


@app.exception_handler(NotYours)
def not_yours(_error: NotYours) -> Response[str]:
    """403: somebody else decides this."""
    return _send(parts.pages().not_yours())


@app.exception_handler(ForgedForm)
def forged(_error: ForgedForm) -> Response[str]:
    """403: the form doesn't belong to the link."""
    logger.warning("forged form")
    return _send(parts.pages().forged())


@app.exception_handler(
    [ClientError, BotoCoreError, RecordChanged, PostUnavailable, MailRefused, AuthenticatorUnavailable]
)
def busy(error: Exception) -> Response[str]:
    """503: AWS didn't answer as it should, or takes no mail to this person; the link stays valid."""
    logger.error("not reached", error=type(error).__name__)
    return _send(parts.pages().busy())


def _open(link_id: str, *, outside: bool = False) -> Opened:
    """What is behind a link. Raises UnknownLink for somebody from outside, where the page isn't for them as well."""
    opened = parts.open_link()(link_id)
    if opened.outside and not outside:
        raise UnknownLink
    logger.append_keys(incident_id=opened.link.incident_id)
    return opened


def _over(opened: Opened) -> Page | None:
    """What became of a question that is no longer open; None where it is."""
    briefing, now = opened.briefing, utc_now()
    if opened.is_replaced:
        return parts.pages().replaced(briefing, now)
    if not opened.decision.is_open:
        return parts.pages().settled(briefing, now, posted=False)
    return parts.pages().gone(briefing, now) if opened.is_over else None


def _shown(opened: Opened, link_id: str, *, done: str = "") -> Shown:
    return Shown(
        briefing=opened.briefing,
        nonce=nonce_for(opened.decision, opened.link),
        url=f"{parts.settings().pages_url}/d/{link_id}",
        once=RandomIdentities().secret(),
        now=utc_now(),
        timeline=opened.record.timeline,
        decisions=opened.record.decisions,
        done=done,
    )


def _trusted(opened: Opened, token: str) -> list[Cookie]:
    """The cookie by which this person's device is known until the incident closes."""
    if not token:
        return []
    return [
        Cookie(
            name=device_name(opened.link.incident_id, opened.link.contact),
            value=token,
            path="/",
            secure=True,
            http_only=True,
            same_site=SameSite.STRICT_MODE,
            max_age=int(TRUST_LIFE.total_seconds()),
        )
    ]


def _back(link_id: str, done: str) -> Response[str]:
    """Back to the question, so that reloading the page posts nothing twice."""
    page = Page(status=303, html="")
    return _send(page, location=f"{parts.settings().pages_url}/d/{link_id}?done={done}")


def _send(page: Page, cookies: list[Cookie] | None = None, location: str = "") -> Response[str]:
    headers = dict(security_headers(page.html, page.form_action))
    return Response(
        status_code=int(page.status),
        content_type="text/html; charset=utf-8",
        body=page.html,
        headers={**headers, **({"Location": location} if location else {})},
        cookies=cookies or [],
    )
