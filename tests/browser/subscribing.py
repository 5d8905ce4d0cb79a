"""The pages and mails of subscribers, one of each: what the browser tests open and the pictures show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import Locale
from emergency.domain.statement import Statement, Wording
from emergency.domain.subscription import Subscriber, asked, confirmed
from emergency.domain.terms import Phase, Risk
from emergency.presentation.subscriptions import SubscriptionMails, SubscriptionPages
from emergency.presentation.templating import Page
from tests.browser.gallery import PLAN, WORDS, Sight
from tests.support.telling import minutes

STATUS, PAGES_URL = "https://status.banyan-market.example", "https://pages.banyan-market.example"
PAGES = SubscriptionPages(PLAN, WORDS, status_url=STATUS, pages_url=PAGES_URL)
MAILS = SubscriptionMails(PLAN, WORDS, status_url=STATUS, pages_url=PAGES_URL)


def _asking(locale: Locale) -> Subscriber:
    return asked(None, "mei.lin@example.org", locale, "kq3l0nqgk1s1l0cB9bQmV4xJ7yR2tW8uZ5aD6eF3hGo", minutes(30))


def _reading(locale: Locale) -> Subscriber:
    return confirmed(_asking(locale), minutes(32))


def _statement() -> Statement:
    texts = {
        "en": Wording(
            title="Checkout works again for most orders",
            text="Since 11:40 most orders go through again.\n\nIf yours failed, you were not charged. Please order again.",
        ),
        "zh-Hant": Wording(
            title="結帳功能已大致恢復",
            text="自 11:40 起，多數訂單已能完成。\n\n若您的訂單未完成，並未扣款，請重新下單。",
        ),
        "zh-Hans": Wording(
            title="结账功能已大致恢复",
            text="自 11:40 起，多数订单已能完成。\n\n如果您的订单未完成，并未扣款，请重新下单。",
        ),
    }
    return Statement(
        incident_id="INC-20261122-7F3K",
        id="statement-2",
        risk=Risk.SYSTEM_FAILURE,
        phase=Phase.UPDATE,
        texts=texts,
        by="pr-lead",
        approved_by=("ceo",),
        began_at=minutes(0),
        published_at=minutes(40) + timedelta(seconds=5),
    )


def _asked(locale: Locale) -> Page:
    return PAGES.asked(locale)


def _left(locale: Locale) -> Page:
    return PAGES.left(locale)


SUBSCRIBING: Mapping[str, Sight] = {
    "subscribe-asked": Sight("An address was entered on the status page", _asked),
    "subscribe-unusable": Sight(
        "An address that can't be used",
        lambda locale: PAGES.unusable(locale, "mei.lin@example", UnusableAnswer("address", "unusable")),
    ),
    "subscribe-confirm": Sight("The link of the mail", lambda locale: PAGES.confirming(_asking(locale))),
    "subscribe-confirmed": Sight("Statements come by mail", lambda locale: PAGES.confirmed(_reading(locale))),
    "subscribe-leave": Sight("The link that ends it", lambda locale: PAGES.leaving(_reading(locale))),
    "subscribe-left": Sight("It has ended", _left),
}
ALIKE: Mapping[str, Sight] = {
    "subscribe-missing": Sight(
        "No address was entered", lambda locale: PAGES.unusable(locale, "", UnusableAnswer("address", "missing"))
    ),
    "subscribe-language": Sight(
        "Another language is asked for", lambda locale: PAGES.confirming(replace(_reading("en"), wanted=locale))
    ),
}
"""What looks like another one and is worth no picture."""

NOBODYS: Mapping[str, Sight] = {
    "subscribe-unknown": Sight("A link that is over", lambda _: PAGES.unknown(), is_multilingual=True),
    "subscribe-busy": Sight("Something can't be reached", lambda _: PAGES.busy(), is_multilingual=True),
}


def _html(html: str) -> Page:
    return Page(status=200, html=html)


SUBSCRIBERS_LETTERS: Mapping[str, Sight] = {
    "mail-confirmation": Sight(
        "The mail that asks a subscriber to confirm", lambda locale: _html(MAILS.confirmation(_asking(locale)).html)
    ),
    "mail-statement-subscribed": Sight(
        "A statement, as subscribers get it", lambda locale: _html(MAILS.statement(_reading(locale), _statement()).html)
    ),
}
