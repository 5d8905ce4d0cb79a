"""Subscribing to the statements by mail: what the form sends, and the pages behind a subscriber's link (P6.3).

Nothing here logs an address or a link.
"""

from __future__ import annotations

import os
from functools import cache
from http import HTTPStatus
from urllib.parse import parse_qs

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from emergency.aws.entry import logger
from emergency.aws.services import SesPost
from emergency.aws.subscribers import DynamoSubscribers
from emergency.aws.table import RecordsTable
from emergency.aws.web import body_of
from emergency.compiled import compiled_plan, compiled_words
from emergency.domain.address import read_address
from emergency.domain.errors import PostUnavailable, RecordChanged, UnknownLink, UnusableAnswer
from emergency.domain.plan import Locale
from emergency.domain.subscription import ADDRESS_LIMIT, HONEYPOT
from emergency.identities import RandomIdentities, utc_now
from emergency.presentation.subscriptions import SubscriptionMails, SubscriptionPages
from emergency.presentation.templating import Page, security_headers
from emergency.use_cases.subscriptions import Subscribe, Subscriptions
from subscriptions.settings import Settings

MOST_BYTES = 4_096
"""The form holds an address and a language; a longer body is nobody's."""

_MOST_FIELDS = 10

app = APIGatewayHttpResolver()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Gives the page for one HTTP request (payload format 2.0)."""
    return app.resolve(event, context)


@app.post("/subscribe")
def subscribe() -> Response[str]:
    """Mails a link to the address that was entered. The answer is the same whatever is known of it."""
    if len(app.current_event.body or "") > MOST_BYTES:
        too_long = UnusableAnswer("address", "unusable")
        return _send(_pages().unusable("", "", too_long, HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
    form = _form()
    locale, entered = _locale(form), form.get("address", "")
    try:
        address = read_address(entered)
    except UnusableAnswer as error:
        return _send(_pages().unusable(locale, entered[:ADDRESS_LIMIT], error))
    if form.get(HONEYPOT):
        logger.info("filled in by a program")
    else:
        _subscribe()(address, locale)
    return _send(_pages().asked(locale))


@app.get("/s/<link_id>")
@app.head("/s/<link_id>")
def show(link_id: str) -> Response[str]:
    """A button that confirms. Changes nothing (R1)."""
    return _send(_pages().confirming(_subscriptions().open(link_id)))


@app.post("/s/<link_id>")
def confirm(link_id: str) -> Response[str]:
    """Statements are mailed from now on."""
    subscriber = _subscriptions().confirm(link_id)
    logger.info("confirmed")
    return _send(_pages().confirmed(subscriber))


@app.get("/s/<link_id>/unsubscribe")
@app.head("/s/<link_id>/unsubscribe")
def show_leaving(link_id: str) -> Response[str]:
    """A button that ends it. Changes nothing (R1)."""
    try:
        return _send(_pages().leaving(_subscriptions().open(link_id)))
    except UnknownLink:
        return _send(_pages().left())


@app.post("/s/<link_id>/unsubscribe")
def leave(link_id: str) -> Response[str]:
    """Forgets the subscriber: by the button, or by a mail program's one click (RFC 8058), whatever it sends with it."""
    locale = _subscriptions().leave(link_id)
    logger.info("left")
    return _send(_pages().left(locale))


@app.not_found
@app.exception_handler(UnknownLink)
def unknown(_error: Exception) -> Response[str]:
    """404: there is no such page; nothing says whether there ever was."""
    return _send(_pages().unknown())


@app.exception_handler([ClientError, BotoCoreError, RecordChanged, PostUnavailable])
def busy(error: Exception) -> Response[str]:
    """503: AWS didn't answer as it should, or takes no mail now."""
    logger.error("not reached", error=type(error).__name__)
    return _send(_pages().busy())


def _form() -> dict[str, str]:
    """The fields of the form, each with its first value; whatever is no form of ours has none."""
    try:
        fields = parse_qs(body_of(app.current_event).decode(), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def _locale(form: dict[str, str]) -> Locale:
    """The language that was asked for, or the public's first one."""
    locales = compiled_plan().communications.locales
    return form["locale"] if form.get("locale") in locales else locales[0]


def _send(page: Page) -> Response[str]:
    return Response(
        status_code=int(page.status),
        content_type="text/html; charset=utf-8",
        body=page.html,
        headers=dict(security_headers(page.html)),
    )


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _subscribers() -> DynamoSubscribers:
    return DynamoSubscribers(RecordsTable(_settings().subscribers_table))


@cache
def _subscriptions() -> Subscriptions:
    return Subscriptions(subscribers=_subscribers(), clock=utc_now)


@cache
def _subscribe() -> Subscribe:
    plan, settings = compiled_plan(), _settings()
    return Subscribe(
        subscribers=_subscribers(),
        post=SesPost(plan.company, settings.configuration_set),
        mails=SubscriptionMails(plan, compiled_words(), status_url=settings.status_url, pages_url=settings.pages_url),
        identities=RandomIdentities(),
        clock=utc_now,
    )


@cache
def _pages() -> SubscriptionPages:
    settings = _settings()
    return SubscriptionPages(
        compiled_plan(), compiled_words(), status_url=settings.status_url, pages_url=settings.pages_url
    )
