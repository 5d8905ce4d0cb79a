"""What subscribers are shown and mailed: pages and letters without a word about anything that isn't published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import Contact, Locale, Plan
from emergency.domain.statement import Statement, incident_page
from emergency.domain.subscription import CONFIRM_WITHIN, PURPOSE, Subscriber
from emergency.ports import Mail
from emergency.presentation.letter import Letter, Part
from emergency.presentation.plain import one_line
from emergency.presentation.status_site.frame import Frame
from emergency.presentation.templating import Page
from emergency.presentation.words import Words, words_for

_SUBJECT_LIMIT = 200


class _Public:
    """What pages and mails have in common: the public's words, and where things stand."""

    def __init__(self, plan: Plan, words_by_locale: Mapping[Locale, Words], *, status_url: str, pages_url: str) -> None:
        self._plan = plan
        self._words = words_by_locale
        self._status_url = status_url
        self._pages_url = pages_url

    def _words_for(self, locale: Locale) -> Words:
        """The words of one of the public's languages, of the first one where it isn't any of them."""
        locales = self._plan.communications.locales
        return words_for(locale if locale in locales else locales[0], self._plan, self._words)

    def _name(self, words: Words) -> str:
        return self._plan.text(self._plan.communications.name, words.locale)

    def _company(self, words: Words) -> str:
        return self._plan.text(self._plan.company.name, words.locale)

    def _link(self, subscriber: Subscriber) -> str:
        return f"{self._pages_url}/s/{subscriber.secret}"

    def _leave_url(self, subscriber: Subscriber) -> str:
        return f"{self._link(subscriber)}/unsubscribe"


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    """What one page says in one language: perhaps with the form and what is wrong in it, a button, the way out."""

    site: Frame
    heading: str
    text: str
    problem: str = ""
    address: str = ""
    button: str = ""
    leave_url: str = ""


class SubscriptionPages(_Public):
    """The pages behind the form of the status page and behind the links of subscribers."""

    def asked(self, locale: Locale) -> Page:
        """200: the same for every address. What comes next is in the mailbox."""
        return self._page(HTTPStatus.OK, [self._sheet(locale, "asked")])

    def unusable(
        self, locale: Locale, address: str, error: UnusableAnswer, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
    ) -> Page:
        """422, or another status: the form once more, with what to correct."""
        site = self._frame(locale)
        sheet = _Sheet(
            site=site,
            heading=site.words("site.heading.subscribe"),
            text=site.words("site.subscribe.text"),
            problem=site.words(f"subscription.address.{error.problem}"),
            address=address,
        )
        return self._page(status, [sheet])

    def confirming(self, subscriber: Subscriber) -> Page:
        """200: the button that confirms the address; or that it is confirmed already."""
        if subscriber.is_confirmed and not subscriber.wanted:
            return self.confirmed(subscriber)
        return self._page(HTTPStatus.OK, [self._asking(subscriber.wanted or subscriber.locale, "confirm")])

    def confirmed(self, subscriber: Subscriber) -> Page:
        """200: statements are mailed from now on, and where to end that."""
        sheet = replace(self._sheet(subscriber.locale, "confirmed"), leave_url=self._leave_url(subscriber))
        return self._page(HTTPStatus.OK, [sheet])

    def leaving(self, subscriber: Subscriber) -> Page:
        """200: the button that ends it."""
        return self._page(HTTPStatus.OK, [self._asking(subscriber.locale, "leave")])

    def left(self, locale: Locale = "") -> Page:
        """200: nothing is mailed any more, and the address is gone."""
        return self._page(HTTPStatus.OK, [self._sheet(locale, "left")] if locale else self._voices("left"))

    def unknown(self) -> Page:
        """404 in all of the public's languages: no such link, or not any more."""
        return self._page(HTTPStatus.NOT_FOUND, self._voices("unknown"))

    def busy(self) -> Page:
        """503: something can't be reached; try again."""
        return self._page(HTTPStatus.SERVICE_UNAVAILABLE, self._voices("busy"))

    def _page(self, status: HTTPStatus, sheets: Sequence[_Sheet]) -> Page:
        html = sheets[0].site.page("site-subscription.html.j2", "index.html", sheets=sheets)
        return Page(status=status, html=html)

    def _voices(self, name: str) -> list[_Sheet]:
        return [self._sheet(locale, name) for locale in self._plan.communications.locales]

    def _asking(self, locale: Locale, name: str) -> _Sheet:
        sheet = self._sheet(locale, name)
        return replace(sheet, button=sheet.site.words(f"subscription.{name}.button"))

    def _sheet(self, locale: Locale, name: str) -> _Sheet:
        site, key = self._frame(locale), f"subscription.{name}"
        within = site.words.duration(CONFIRM_WITHIN.total_seconds())
        text = site.words(f"{key}.text", company=site.company, duration=within)
        return _Sheet(site=site, heading=site.words(f"{key}.heading"), text=text)

    def _frame(self, locale: Locale) -> Frame:
        return Frame(
            plan=self._plan,
            words=self._words_for(locale),
            base=f"{self._status_url}/",
            status_url=self._status_url,
            pages_url=self._pages_url,
        )


class SubscriptionMails(_Public):
    """The mails to subscribers; see the port. They belong to no thread, and hold no id of anything inside."""

    def confirmation(self, subscriber: Subscriber) -> Mail:
        """See the port."""
        words = self._words_for(subscriber.wanted or subscriber.locale)
        name, link = self._name(words), words("subscription.confirm.button")
        entered = words("subscription.mail.text", company=self._company(words))
        within = words.duration(CONFIRM_WITHIN.total_seconds())
        letter = Letter(
            subject=words("subscription.mail.subject", name=name),
            heading=words("subscription.mail.heading"),
            preheader=entered,
            parts=[
                Part(text=entered),
                Part(text=words("subscription.mail.confirm", duration=within)),
                Part(text=link, url=self._link(subscriber), above_url=words("mail.link", link=link)),
            ],
            footer=words("subscription.mail.stranger"),
            sender=name,
        )
        return self._mail(subscriber, letter, words, "subscription-confirmation")

    def statement(self, subscriber: Subscriber, statement: Statement) -> Mail:
        """See the port."""
        words = self._words_for(subscriber.locale)
        wording = statement.wording(words.locale)
        name, link = self._name(words), words("subscription.statement.link")
        title = one_line(wording.title)
        url = f"{self._status_url}/{words.locale}/{incident_page(statement.incident_id)}"
        lines = [line.strip() for line in wording.text.splitlines() if line.strip()]
        letter = Letter(
            subject=words("subscription.statement.subject", name=name, title=title),
            heading=title,
            preheader=next(iter(lines), ""),
            parts=[
                *(Part(text=line) for line in lines),
                Part(text=link, url=url, above_url=words("mail.link", link=link)),
            ],
            footer=words("subscription.statement.why", company=self._company(words)),
            sender=name,
            leave=words("subscription.leave.link"),
            leave_url=self._leave_url(subscriber),
        )
        headers = {
            "List-Unsubscribe": f"<{self._leave_url(subscriber)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        return self._mail(subscriber, letter, words, f"subscription-{statement.id}", headers)

    def _mail(
        self,
        subscriber: Subscriber,
        letter: Letter,
        words: Words,
        name: str,
        headers: Mapping[str, str] | None = None,
    ) -> Mail:
        about = f"{self._status_url}/{words.locale}/index.html"
        return Mail(
            to=_contact(subscriber, words.locale),
            subject=one_line(letter.subject, _SUBJECT_LIMIT),
            html=letter.html(about, self._plan, words),
            text=letter.text(about, self._plan, words),
            thread="",
            name=name,
            headers=headers or {},
            tags={"purpose": PURPOSE},
        )


def _contact(subscriber: Subscriber, locale: Locale) -> Contact:
    """Whom to write to: an address, and nothing else that is known."""
    nobody = {locale: ""}
    return Contact(id=PURPOSE, name=nobody, title=nobody, email=subscriber.address, phone="", locale=locale)
