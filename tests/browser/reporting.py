"""The pages and mails of those who report incidents, one of each: what the browser tests open and the pictures show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from emergency.domain.attachment import Uploaded, UploadForm
from emergency.domain.errors import UnusableAnswer, UnusableFile
from emergency.domain.incident import IncidentStatus
from emergency.domain.plan import Contact, Locale
from emergency.domain.signal import Disposition, SignalRecord
from emergency.domain.terms import Step
from emergency.domain.timeline import Fact, TimelineEntry
from emergency.presentation.reporting import ReportForm, ReportPages, StandingMails
from emergency.presentation.templating import Page
from emergency.use_cases.add_to_report import Reported
from emergency.use_cases.standing_links import Standing
from tests.browser.gallery import PLAN, WORDS, Sight
from tests.support.telling import PLACE, active_incident, minutes

PAGES_URL = "https://pages.banyan-market.example"
PAGES, MAILS = ReportPages(PLAN, WORDS), StandingMails(PLAN, WORDS, pages_url=PAGES_URL)
SECRET = "kq3l0nqgk1s1l0cB9bQmV4xJ7yR2tW8uZ5aD6eF3hGo"
URL = f"{PAGES_URL}/r/{SECRET}"
ONCE = "h2k5"
_SAID = {
    "en": "Nobody can pay: all cards are refused since 11:05. The queue at the desk is twenty people long.",
    "zh-Hant": "11:05 起所有信用卡都刷不過，櫃檯前已有二十人在等。",
    "zh-Hans": "11:05 起所有信用卡都刷不了，柜台前已有二十人在等。",
}


def _contact(locale: Locale) -> Contact:
    return replace(PLAN.contact("head-of-customer-service"), locale=locale)


def _form(locale: Locale, **changes: object) -> Page:
    usual = ReportForm(now=minutes(4), once=ONCE, nonce="n", contact=_contact(locale), locale=locale)
    return PAGES.form(replace(usual, **changes))  # type: ignore[arg-type]


def _wrong(locale: Locale) -> Page:
    posted = {"time": ["2026-11-22T11:05"], "place": ["elsewhere"], "first_impact": [_SAID[locale]]}
    return _form(locale, posted=posted, problems={"place_words": "missing", "nature": "missing"})


def _taken(disposition: Disposition, incident_id: str = "INC-20261122-7F3K") -> SignalRecord:
    return SignalRecord(
        id="report-1", disposition=disposition, at=minutes(0), received_at=minutes(4), incident_id=incident_id
    )


def _sent(
    locale: Locale, disposition: Disposition = Disposition.OPENED, incident_id: str = "INC-20261122-7F3K"
) -> Page:
    file_url = f"{URL}/reports/{incident_id}/file" if incident_id else ""
    return PAGES.sent(_taken(disposition, incident_id), _contact(locale), locale, url=URL, file_url=file_url)


def the_reported(locale: Locale, *, is_over: bool = False) -> Reported:
    """An incident of which a contact has reported something, and added a photo."""
    contact, incident = _contact(locale), active_incident(PLAN)
    said = {"who": contact.id, "where": "checkout: Android", "text": _SAID[locale], "nature": "system_failure"}
    report = TimelineEntry(
        key="signal/report-1",
        at=minutes(4),
        step=Step.INCIDENT_REPORT,
        fact=Fact.INCIDENT_REPORTED,
        actor=contact.id,
        place=PLACE,
        details=said,
    )
    photo = replace(report, key="f", fact=Fact.FILE_ADDED, details={"who": contact.id, "file": "terminal.jpg"})
    return Reported(
        standing=Standing(link_id=SECRET, contact=contact),
        incident=replace(incident, status=IncidentStatus.CLOSED) if is_over else incident,
        reports=(report,),
        files=() if is_over else (photo,),
    )


def _upload(locale: Locale, error: UnusableFile | None = None) -> Page:
    form = UploadForm(url="https://uploads.s3.ap-northeast-1.amazonaws.com/", fields={"key": "k"})
    return PAGES.upload(the_reported(locale), form, URL, error)


def _uploaded(locale: Locale) -> Page:
    file = Uploaded(key="uploads/INC/report-file/x/1/terminal.jpg", size=1_240_000, uploaded_at=minutes(6))
    return PAGES.uploaded(the_reported(locale), file, URL, "n")


def _mail(locale: Locale) -> Page:
    return Page(status=200, html=MAILS.standing_link(_contact(locale), SECRET).html)


REPORTING: Mapping[str, Sight] = {
    "report-form": Sight("A contact reports an incident by a link of their own", _form),
    "report-form-wrong": Sight("What has to be corrected in a report", _wrong),
    "report-sent": Sight("The report has arrived, with its reference", _sent),
    "report-reported": Sight(
        "The same later, with the photos", lambda locale: PAGES.reported(the_reported(locale), URL)
    ),
    "report-upload": Sight("A photo for the report", _upload),
    "report-lost": Sight("Somebody has lost their link", PAGES.lost),
    "report-too-many": Sight("The open page has taken as many reports as it may", PAGES.too_many),
}
REPORTING_ALIKE: Mapping[str, Sight] = {
    "report-form-open": Sight("The open page", lambda locale: _form(locale, contact=None, nonce="")),
    "report-joined": Sight("It belongs to an incident", lambda locale: _sent(locale, Disposition.JOINED)),
    "report-aside": Sight("Nothing was opened", lambda locale: _sent(locale, Disposition.DAMPED, "")),
    "report-sent-open": Sight(
        "The open page's reference",
        lambda locale: PAGES.sent(_taken(Disposition.OPENED), None, locale, url="/report"),
    ),
    "report-over": Sight(
        "The incident is over", lambda locale: PAGES.reported(the_reported(locale, is_over=True), URL)
    ),
    "report-uploaded": Sight("The photo has arrived", _uploaded),
    "report-upload-wrong": Sight("A file too many", lambda locale: _upload(locale, UnusableFile("too_many"))),
    "report-queued": Sight("The records are out", lambda locale: PAGES.queued(_contact(locale), locale)),
    "report-queued-openly": Sight("The records are out, on the page for everybody", PAGES.queued_openly),
    "report-asked": Sight("A link was asked for", PAGES.asked),
    "report-lost-wrong": Sight(
        "No address", lambda locale: PAGES.lost(locale, entered="x", error=UnusableAnswer("address", "unusable"))
    ),
}
"""What looks like another one and is worth no picture."""

REPORTING_NOBODYS: Mapping[str, Sight] = {
    "report-unknown": Sight("A standing link that is none", lambda _: PAGES.unknown(), is_multilingual=True),
    "report-failed": Sight("A report can't be taken now", lambda _: PAGES.failed(), is_multilingual=True),
}
REPORTERS_LETTERS: Mapping[str, Sight] = {
    "mail-standing-link": Sight("The mail with the link by which a contact reports", _mail),
}
