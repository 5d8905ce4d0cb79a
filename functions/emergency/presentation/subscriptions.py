"""What subscribers are shown and mailed: pages and letters without a word about anything that isn't published."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import Contact, Locale, Plan
from emergency.domain.statement import Statement
from emergency.domain.subscription import ADDRESS_LIMIT, CONFIRM_WITHIN, HONEYPOT, PURPOSE, Subscriber
from emergency.ports import Mail
from emergency.presentation.letter import Letter, Part
from emergency.presentation.plain import one_line
from emergency.presentation.templating import Page, render, style
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


class SubscriptionPages(_Public):
    """The pages behind the form of the status page and behind the links of subscribers."""

    def asked(self, locale: Locale) -> Page:
        """200: the same for every address. What comes next is in the mailbox."""
        return self._page(HTTPStatus.OK, locale, "asked")

    def unusable(
        self, locale: Locale, address: str, error: UnusableAnswer, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
    ) -> Page:
        """422, or another status: the form once more, with what to correct."""
        problem = self._words_for(locale)(f"subscription.address.{error.problem}")
        return self._page(status, locale, "ask", problem=problem, asks=True, address=address)

    def confirming(self, subscriber: Subscriber) -> Page:
        """200: the button that confirms the address; or that it is confirmed already."""
        if subscriber.is_confirmed and not subscriber.wanted:
            return self.confirmed(subscriber)
        locale = subscriber.wanted or subscriber.locale
        return self._page(HTTPStatus.OK, locale, "confirm", has_button=True)

    def confirmed(self, subscriber: Subscriber) -> Page:
        """200: statements are mailed from now on, and where to end that."""
        return self._page(HTTPStatus.OK, subscriber.locale, "confirmed", leave_url=self._leave_url(subscriber))

    def leaving(self, subscriber: Subscriber) -> Page:
        """200: the button that ends it."""
        return self._page(HTTPStatus.OK, subscriber.locale, "leave", has_button=True)

    def left(self, locale: Locale = "") -> Page:
        """200: nothing is mailed any more, and the address is gone."""
        return self._page(HTTPStatus.OK, locale, "left") if locale else self._notice(HTTPStatus.OK, "left")

    def unknown(self) -> Page:
        """404 in all of the public's languages: no such link, or not any more."""
        return self._notice(HTTPStatus.NOT_FOUND, "unknown")

    def busy(self) -> Page:
        """503: something can't be reached; try again."""
        return self._notice(HTTPStatus.SERVICE_UNAVAILABLE, "busy")

    def _page(
        self,
        status: HTTPStatus,
        locale: Locale,
        name: str,
        *,
        problem: str = "",
        asks: bool = False,
        address: str = "",
        has_button: bool = False,
        leave_url: str = "",
    ) -> Page:
        words, key = self._words_for(locale), f"subscription.{name}"
        within = words.duration(CONFIRM_WITHIN.total_seconds())
        html = render(
            "subscription.html.j2",
            words=words,
            style=style("base", "page"),
            sender=self._name(words),
            heading=words(f"{key}.heading"),
            texts=[words(f"{key}.text", company=self._company(words), duration=within)],
            problem=problem,
            asks=asks,
            address=address,
            limit=ADDRESS_LIMIT,
            honeypot=HONEYPOT,
            button=words(f"{key}.button") if has_button else "",
            leave_url=leave_url,
            pages_url=self._pages_url,
            home=f"{self._status_url}/{words.locale}/index.html",
        )
        return Page(status=status, html=html)

    def _notice(self, status: HTTPStatus, name: str) -> Page:
        voices = [self._words_for(locale) for locale in self._plan.communications.locales]
        first, key = voices[0], f"subscription.{name}"
        sender = self._name(first)
        html = render("notice.html.j2", words=first, style=style("base", "page"), sender=sender, voices=voices, key=key)
        return Page(status=status, html=html)


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
        wording = statement.texts.get(words.locale) or next(iter(statement.texts.values()))
        name, link = self._name(words), words("subscription.statement.link")
        title = one_line(wording.title)
        url = f"{self._status_url}/{words.locale}/incidents/{statement.incident_id}.html"
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
