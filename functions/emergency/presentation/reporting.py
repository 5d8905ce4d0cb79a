"""The pages by which people report incidents (P6.1), and the mail that brings a standing link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus

from emergency.domain.answer import Form
from emergency.domain.attachment import Uploaded, UploadForm
from emergency.domain.errors import UnusableAnswer, UnusableFile
from emergency.domain.incident_report import ELSEWHERE, FIELDS, REPORT_LIMITS, local_minute
from emergency.domain.plan import Contact, Locale, Plan, RiskPlan
from emergency.domain.report_event import UNKNOWN_NATURE
from emergency.domain.signal import Disposition, SignalRecord
from emergency.domain.subscription import HONEYPOT
from emergency.domain.terms import Risk
from emergency.domain.timeline import TimelineEntry
from emergency.ports import Mail
from emergency.presentation.controls import LINE_SHOWN, Control
from emergency.presentation.files import origin_of, told_of_file, told_of_files
from emergency.presentation.letter import Letter, Part
from emergency.presentation.naming import Names
from emergency.presentation.plain import cut, one_line
from emergency.presentation.templating import Page, render, style
from emergency.presentation.words import Words, words_for
from emergency.use_cases.add_to_report import Reported

_SUBJECT_LIMIT = 200
_SHOWN = 5 * REPORT_LIMITS["first_impact"]
_NO_MORE: Mapping[bool, str] = {True: "reporting.sent.files_over", False: "page.invalid.file_too_many"}
"""Why no more files are taken: because the incident is over, or because there are enough."""

_OUTCOMES: Mapping[Disposition, str] = {Disposition.OPENED: "opened", Disposition.JOINED: "joined"}


@dataclass(frozen=True, kw_only=True)
class ReportForm:
    """The form as it is shown: for whom, in which language, with what was posted and what is wrong in it.

    Without a contact it is the page that is open to everybody. `nonce` binds it to its link, `once` is new each time.
    `maintenance_url` is where its contact plans maintenance.
    """

    now: datetime
    once: str
    nonce: str = ""
    contact: Contact | None = None
    maintenance_url: str = ""
    locale: Locale = ""
    posted: Form = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


class _Fields:
    """The fields of a report's form, in the reader's words."""

    def __init__(self, form: ReportForm, plan: Plan, words: Words) -> None:
        self._form = form
        self._plan = plan
        self._words = words

    @property
    def problems(self) -> Sequence[tuple[str, str]]:
        """What to correct, in the order of the form: each field's id, and what is wrong."""
        return [(name, self._problem(name)) for name in FIELDS if name in self._form.problems]

    @property
    def time(self) -> Control:
        """When it was noticed; now until somebody writes another time."""
        return self._control("time", hint=self._zone, value=local_minute(self._form.now, self._plan), required=True)

    @property
    def place(self) -> Control:
        """Where: one of the plan's places, or somewhere else."""
        return self._control("place", required=True)

    @property
    def places(self) -> Sequence[tuple[str, str]]:
        """What there is to choose from: ids and names."""
        known = [(place.id, self._plan.text(place.name, self._words.locale)) for place in self._plan.reporting.places]
        return [*known, (ELSEWHERE, self._words("reporting.place.elsewhere"))]

    @property
    def place_words(self) -> Control:
        """Where exactly; needed for somewhere else alone."""
        is_elsewhere = ELSEWHERE in self._form.posted.get("place", ())
        return self._control("place_words", required=is_elsewhere)

    @property
    def nature(self) -> Control:
        """What kind of incident it is."""
        return self._control("nature", required=True)

    @property
    def natures(self) -> Sequence[tuple[str, str, str]]:
        """The kinds to choose from: id, name, and what such an incident is; last, that its writer can't tell."""
        locale, text = self._words.locale, self._plan.text
        known = [(risk.value, text(told.name, locale), text(told.what_happens, locale)) for risk, told in self._risks]
        return [*known, (UNKNOWN_NATURE, self._words("reporting.nature.dont_know"), "")]

    @property
    def first_impact(self) -> Control:
        """What has happened so far."""
        return self._control("first_impact", required=True, rows=6)

    @property
    def _risks(self) -> Sequence[tuple[Risk, RiskPlan]]:
        return [(risk, self._plan.risks[risk]) for risk in Risk]

    @property
    def _zone(self) -> str:
        return self._words("reporting.time.hint", zone=self._words.zone(self._plan))

    def _control(self, name: str, *, hint: str = "", value: str = "", required: bool = False, rows: int = 0) -> Control:
        entered = "\n".join(self._form.posted.get(name, ())) if self._form.posted else value
        return Control(
            id=name,
            name=name,
            label=self._words(f"reporting.{name}.label"),
            hint=hint or self._words(f"reporting.{name}.hint"),
            value=cut(entered, _SHOWN if rows else LINE_SHOWN),
            required=required,
            error=self._problem(name),
            rows=rows,
            limit=REPORT_LIMITS.get(name, LINE_SHOWN),
        )

    def _problem(self, name: str) -> str:
        problem = self._form.problems.get(name, "")
        if not problem:
            return ""
        if problem == "too_long":
            label = self._words(f"reporting.{name}.label")
            return self._words("reporting.too_long", field=label, limit=REPORT_LIMITS.get(name, LINE_SHOWN))
        key = f"reporting.{name}.{problem}"
        key = key if key in self._words else f"reporting.{name}.missing"
        if key == "reporting.time.unusable":
            return self._words(key, example=local_minute(self._form.now, self._plan).replace("T", " "))
        return self._words(key)


class ReportPages:
    """Writes the pages."""

    def __init__(self, plan: Plan, words_by_locale: Mapping[Locale, Words]) -> None:
        self._plan = plan
        self._words = words_by_locale

    def form(self, form: ReportForm) -> Page:
        """200: the form; 422 where something in it has to be corrected."""
        words = self._words_for(form.contact, form.locale)
        html = render(
            "incident-report.html.j2",
            **self._frame(words),
            form=form,
            fields=_Fields(form, self._plan, words),
            whose=self._whose(form.contact, words),
            languages=self._languages(words),
            honeypot=HONEYPOT,
        )
        return Page(status=HTTPStatus.UNPROCESSABLE_ENTITY if form.problems else HTTPStatus.OK, html=html)

    def sent(
        self,
        taken: SignalRecord,
        contact: Contact | None,
        locale: Locale,
        *,
        url: str,
        reported: Sequence[tuple[str, str]] = (),
        files: Sequence[str] = (),
        file_url: str = "",
        no_more: str = "",
    ) -> Page:
        """200: the report is on record, with its reference, and what else its writer can do."""
        words = self._words_for(contact, locale)
        outcome = _OUTCOMES.get(taken.disposition, "recorded" if taken.incident_id else "aside")
        html = render(
            "incident-reported.html.j2",
            **self._frame(words),
            incident_id=taken.incident_id,
            text=words(f"reporting.sent.{outcome}", incident=taken.incident_id),
            news=self._news(taken, contact, words),
            reported=reported,
            files=files,
            file_url=file_url,
            no_more=no_more,
            url=url,
            whose=self._whose(contact, words),
        )
        return Page(status=HTTPStatus.OK, html=html)

    def reported(self, reported: Reported, url: str) -> Page:
        """200: what the link's contact has reported of an incident, and the files that they added."""
        contact, incident = reported.standing.contact, reported.incident
        words = self._words_for(contact, "")
        names = Names(self._plan, words)
        told = [(words.short_moment(one.at, self._plan), self._said(one, names)) for one in reported.reports]
        taken = SignalRecord(
            id="",
            disposition=Disposition.IGNORED,
            at=incident.detected_at,
            received_at=incident.reported_at,
            incident_id=incident.id,
        )
        return self.sent(
            taken,
            contact,
            "",
            url=url,
            reported=[(words("page.label.status"), words(f"status.{incident.status}")), *told],
            files=[one_line(str(one.details.get("file", ""))) for one in reported.files],
            file_url=f"{url}/reports/{incident.id}/file" if reported.takes_files else "",
            no_more="" if reported.takes_files else words(_NO_MORE[incident.status.is_over]),
        )

    def upload(self, reported: Reported, form: UploadForm, url: str, error: UnusableFile | None = None) -> Page:
        """200, or 422 where a file could not be used: the form that sends a file to where it waits."""
        page = self._file("report-upload.html.j2", reported, url, error, form=form)
        return replace(page, form_action=origin_of(form))

    def uploaded(self, reported: Reported, file: Uploaded, url: str, nonce: str) -> Page:
        """200: the file that has arrived, to be put on record."""
        words = self._words_for(reported.standing.contact, "")
        return self._file("report-uploaded.html.j2", reported, url, None, nonce=nonce, **told_of_file(words, file))

    def _file(self, template: str, reported: Reported, url: str, error: UnusableFile | None, **values: object) -> Page:
        contact = reported.standing.contact
        words, page = self._words_for(contact, ""), f"{url}/reports/{reported.incident.id}"
        html = render(
            template,
            **self._frame(words),
            **told_of_files(words, error),
            **values,
            incident_id=reported.incident.id,
            url=page,
            file_url=f"{page}/file",
            whose=self._whose(contact, words),
        )
        return Page(status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK, html=html)

    def _said(self, entry: TimelineEntry, names: Names) -> str:
        where, text = names.place(str(entry.details.get("where", ""))), str(entry.details.get("text", ""))
        return names.words.labelled(where, one_line(text, _SHOWN))

    def queued(self, contact: Contact | None, locale: Locale) -> Page:
        """202: the report is safe, and its reference follows."""
        return self._notice(HTTPStatus.ACCEPTED, "reporting.queued", [self._words_for(contact, locale)])

    def queued_openly(self, locale: Locale) -> Page:
        """202: the report is safe; nobody knows where to send its reference."""
        return self._notice(HTTPStatus.ACCEPTED, "reporting.queued_openly", [self._words_for(None, locale)])

    def refused(self) -> Page:
        """403 in all languages: a program seems to have filled in the form; whoever did not use one is told to call."""
        return self._notice(HTTPStatus.FORBIDDEN, "reporting.failed", self._voices)

    def too_many(self, locale: Locale) -> Page:
        """429: the open page has taken as many reports as it may; whom to call."""
        return self._notice(HTTPStatus.TOO_MANY_REQUESTS, "reporting.too_many", [self._words_for(None, locale)])

    def failed(self) -> Page:
        """503 in all languages: nothing could be stored; try again, or call."""
        return self._notice(HTTPStatus.SERVICE_UNAVAILABLE, "reporting.failed", self._voices)

    def lost(self, locale: Locale, *, entered: str = "", error: UnusableAnswer | None = None) -> Page:
        """200, or 422: the form by which somebody has their link mailed to them."""
        words = self._words_for(None, locale)
        address = Control(
            id="address",
            name="address",
            label=words("reporting.lost.label"),
            value=cut(entered, LINE_SHOWN),
            required=True,
            error=words(f"reporting.lost.{error.problem}") if error else "",
            limit=254,
        )
        html = render(
            "lost-link.html.j2",
            **self._frame(words),
            address=address,
            languages=self._languages(words),
            honeypot=HONEYPOT,
        )
        return Page(status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK, html=html)

    def asked(self, locale: Locale) -> Page:
        """200: the same for every address."""
        return self._notice(HTTPStatus.OK, "reporting.asked", [self._words_for(None, locale)])

    def unknown(self) -> Page:
        """404 in all languages: no such link; how to get one."""
        return self._notice(HTTPStatus.NOT_FOUND, "reporting.unknown", self._voices, url="/r")

    def forged(self) -> Page:
        """403 in all languages: the form doesn't belong to the link it was posted to."""
        return self._notice(HTTPStatus.FORBIDDEN, "page.forged", self._voices)

    def no_page(self) -> Page:
        """404 in all languages: there is no such page."""
        return self._notice(HTTPStatus.NOT_FOUND, "page.unknown", self._voices)

    def busy(self) -> Page:
        """503 in all languages: something can't be reached now."""
        return self._notice(HTTPStatus.SERVICE_UNAVAILABLE, "page.error", self._voices)

    @property
    def _voices(self) -> Sequence[Words]:
        company = self._plan.company
        locales = dict.fromkeys([company.locale, *company.locales])
        return list(dict.fromkeys(words_for(locale, self._plan, self._words) for locale in locales))

    def _notice(self, status: HTTPStatus, key: str, voices: Sequence[Words], url: str = "") -> Page:
        filled = {"phone": self._phone, "address": self._plan.company.reply_to}
        html = render("report-notice.html.j2", **self._frame(voices[0]), voices=voices, key=key, filled=filled, url=url)
        return Page(status=status, html=html)

    @property
    def _phone(self) -> str:
        """Whom to call: customer service's first number, or the address where the plan has none."""
        numbers = [hotline.number for hotline in self._plan.hotlines]
        return numbers[0] if numbers else self._plan.company.reply_to

    def _news(self, taken: SignalRecord, contact: Contact | None, words: Words) -> str:
        if not taken.incident_id:
            return ""
        return words("reporting.sent.news", address=contact.email) if contact else words("reporting.sent.reference")

    def _whose(self, contact: Contact | None, words: Words) -> str:
        if contact:
            return words("reporting.form.personal", name=Names(self._plan, words).contact(contact.id))
        return words("reporting.form.open", company=self._company(words))

    def _languages(self, words: Words) -> Sequence[tuple[Locale, str, bool]]:
        """The languages to choose from: tag, own name, and whether the page is in it."""
        return [
            (locale, words_for(locale, self._plan, self._words)("language.name"), locale == words.locale)
            for locale in self._plan.company.locales
        ]

    def _words_for(self, contact: Contact | None, locale: Locale) -> Words:
        """The words of the language that was chosen, or of the contact's own."""
        chosen = locale if locale in self._plan.company.locales else ""
        own = contact.locale if contact else self._plan.company.locale
        return words_for(chosen or own, self._plan, self._words)

    def _company(self, words: Words) -> str:
        return self._plan.text(self._plan.company.name, words.locale)

    def _frame(self, words: Words) -> dict[str, object]:
        sender = words("mail.sender", company=self._company(words))
        return {"words": words, "style": style("base", "page"), "sender": sender}


class StandingMails:
    """Writes the mails that bring standing links; see the port. They belong to no incident."""

    def __init__(self, plan: Plan, words_by_locale: Mapping[Locale, Words], *, pages_url: str) -> None:
        self._plan = plan
        self._words = words_by_locale
        self._pages_url = pages_url

    def standing_link(self, contact: Contact, link_id: str) -> Mail:
        """See the port."""
        words = words_for(contact.locale, self._plan, self._words)
        company, link = self._plan.text(self._plan.company.name, words.locale), words("reporting.mail.link")
        title = words.inside(self._plan.text(contact.title, words.locale))
        text = words("reporting.mail.text")
        letter = Letter(
            subject=words("reporting.mail.subject", company=company),
            heading=words("reporting.mail.heading"),
            preheader=text,
            parts=[
                Part(text=text),
                Part(text=words("reporting.mail.keep")),
                Part(text=link, url=f"{self._pages_url}/r/{link_id}", above_url=words("mail.link", link=link)),
            ],
            footer=words.paragraph(
                words("reporting.mail.why", title=title, company=company), words("mail.footer.personal")
            ),
        )
        return Mail(
            to=contact,
            subject=one_line(letter.subject, _SUBJECT_LIMIT),
            html=letter.html("", self._plan, words),
            text=letter.text("", self._plan, words),
            thread="",
            name=f"standing-link-{contact.id}",
            tags={"contact": contact.id, "purpose": "standing-link"},
        )
