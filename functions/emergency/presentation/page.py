"""The pages behind the links: they show a question, take its answer, and say plainly what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from emergency.domain.assignment import Assignment
from emergency.domain.decision import QUESTIONS, TEXT_LIMIT, Decision, Question
from emergency.domain.errors import UnusableAnswer
from emergency.domain.incident import Incident, IncidentStatus
from emergency.domain.inventory import OpenHotline
from emergency.domain.plan import Contact, Locale, Plan
from emergency.domain.terms import DecisionKind, Outcome
from emergency.domain.timeline import TimelineEntry
from emergency.presentation.asking import Asking
from emergency.presentation.narrate import sentence
from emergency.presentation.plain import cut
from emergency.presentation.templating import SECURITY_HEADERS, render, security_headers, style
from emergency.presentation.words import Words, words_for

__all__ = ["SECURITY_HEADERS", "Page", "PageWriter", "security_headers"]

_ENTRIES_SHOWN = 40
_FORM_TEXT_LIMIT = 5 * TEXT_LIMIT
_FIELD_ROWS = {"comment": 3, "impact": 4, "proposal": 4}


@dataclass(frozen=True, kw_only=True)
class Page:
    """An answer to a browser: the HTTP status and the document. It goes out with SECURITY_HEADERS."""

    status: int
    html: str


class PageWriter:
    """Writes the pages of the decision links."""

    def __init__(self, plan: Plan, words_by_locale: Mapping[Locale, Words]) -> None:
        self._plan = plan
        self._words = words_by_locale

    def question(
        self,
        incident: Incident,
        decision: Decision,
        contact: Contact,
        *,
        nonce: str,
        url: str,
        now: datetime,
        timeline: Sequence[TimelineEntry] = (),
        assignment: Assignment | None = None,
        hotline: OpenHotline | None = None,
    ) -> Page:
        """200: the open question with its form. `url` is the page's own address, for the report's link below it."""
        asking = self._asking(incident, decision, contact, now, assignment, hotline)
        return self._form(HTTPStatus.OK, asking, _Form(asking, nonce, None, None), url, timeline)

    def unusable(
        self,
        incident: Incident,
        decision: Decision,
        contact: Contact,
        *,
        nonce: str,
        url: str,
        now: datetime,
        form: Mapping[str, Sequence[str]],
        error: UnusableAnswer,
        timeline: Sequence[TimelineEntry] = (),
        assignment: Assignment | None = None,
        hotline: OpenHotline | None = None,
    ) -> Page:
        """422: the form again, with what was entered, and what to correct."""
        asking = self._asking(incident, decision, contact, now, assignment, hotline)
        filled = _Form(asking, nonce, form, error)
        return self._form(HTTPStatus.UNPROCESSABLE_ENTITY, asking, filled, url, timeline)

    def recorded(self, incident: Incident, decision: Decision, contact: Contact, *, now: datetime) -> Page:
        """200 after a POST: the contact's answer is recorded. `decision` carries it."""
        asking = self._asking(incident, decision, contact, now)
        texts = [self._done(asking), self._recorded_at(asking)]
        return self._outcome(HTTPStatus.OK, asking, "page.done.heading", texts)

    def settled(
        self, incident: Incident, decision: Decision, contact: Contact, *, now: datetime, posted: bool = False
    ) -> Page:
        """410, or 409 where an answer was `posted`: who decided what and when, and how the incident stands."""
        asking = self._asking(incident, decision, contact, now)
        heading = "page.decided.heading" if decision.answer is None or decision.answer.by else "page.lapsed.heading"
        texts = [self._settled(asking)]
        if posted:
            texts.append(asking.words("page.decided.not_recorded"))
        return self._outcome(HTTPStatus.CONFLICT if posted else HTTPStatus.GONE, asking, heading, texts)

    def gone(self, incident: Incident, decision: Decision, contact: Contact, *, now: datetime) -> Page:
        """410: the workflow no longer waits for this answer."""
        asking = self._asking(incident, decision, contact, now)
        return self._outcome(HTTPStatus.GONE, asking, "page.gone.heading", [asking.words("page.gone.text")])

    def unknown(self) -> Page:
        """404 in all of the company's languages: no such link."""
        return self._notice(HTTPStatus.NOT_FOUND, "page.unknown")

    def forged(self, contact: Contact | None = None) -> Page:
        """403: the form doesn't belong to the link it was posted to."""
        return self._notice(HTTPStatus.FORBIDDEN, "page.forged", contact)

    def busy(self, contact: Contact | None = None) -> Page:
        """503: the records can't be reached; nothing was recorded, the link stays valid."""
        return self._notice(HTTPStatus.SERVICE_UNAVAILABLE, "page.error", contact)

    def _asking(
        self,
        incident: Incident,
        decision: Decision,
        contact: Contact,
        now: datetime,
        assignment: Assignment | None = None,
        hotline: OpenHotline | None = None,
    ) -> Asking:
        words = words_for(contact.locale, self._plan, self._words)
        return Asking(incident, decision, contact, now, self._plan, words, assignment, hotline)

    def _form(
        self, status: HTTPStatus, asking: Asking, form: _Form, url: str, timeline: Sequence[TimelineEntry]
    ) -> Page:
        shown = timeline[-_ENTRIES_SHOWN:]
        entries = [
            (
                asking.words.short_moment(entry.at, self._plan),
                entry.at.isoformat(),
                sentence(entry, self._plan, asking.words),
            )
            for entry in shown
        ]
        html = render(
            "question.html.j2",
            **self._frame(asking.words),
            asking=asking,
            form=form,
            report_url=f"{url.rstrip('/')}/report" if asking.decision.kind is DecisionKind.REVIEW else "",
            entries=entries,
            earlier=len(timeline) - len(shown),
        )
        return Page(status=status, html=html)

    def _outcome(self, status: HTTPStatus, asking: Asking, heading: str, texts: Sequence[str]) -> Page:
        html = render(
            "outcome.html.j2",
            **self._frame(asking.words),
            asking=asking,
            heading=asking.words(heading),
            texts=texts,
            written=_written(asking),
            state="" if status is HTTPStatus.OK else asking.words(f"status.{asking.incident.status}"),
        )
        return Page(status=status, html=html)

    def _notice(self, status: HTTPStatus, key: str, contact: Contact | None = None) -> Page:
        company = self._plan.company
        locales = [contact.locale] if contact else [company.locale, *company.locales]
        voices = list(dict.fromkeys(words_for(locale, self._plan, self._words) for locale in locales))
        html = render("notice.html.j2", **self._frame(voices[0]), voices=voices, key=key)
        return Page(status=status, html=html)

    def _frame(self, words: Words) -> dict[str, object]:
        """What every page's layout needs."""
        company = self._plan.text(self._plan.company.name, words.locale)
        return {"words": words, "style": style("base", "page"), "sender": words("mail.sender", company=company)}

    def _done(self, asking: Asking) -> str:
        answer = asking.decision.answer
        if answer is None:
            return ""
        if asking.incident.status is IncidentStatus.NEEDS_ATTENTION:
            return asking.words("page.done.by_hand")
        ordered = answer.fields.get("severity", asking.incident.severity)
        teams = answer.fields["teams"].split(",") if "teams" in answer.fields else asking.incident.teams
        return asking.word(f"done.{answer.outcome}", level=asking.names.level(ordered), teams=asking.names.teams(teams))

    def _recorded_at(self, asking: Asking) -> str:
        answer = asking.decision.answer
        at = answer.at if answer else asking.now
        return asking.words("page.done.at", time=asking.words.moment(at, self._plan))

    def _settled(self, asking: Asking) -> str:
        answer, words = asking.decision.answer, asking.words
        if answer is None:
            return words("page.gone.text")
        time, outcome = words.moment(answer.at, self._plan), words(f"outcome.{answer.outcome}")
        if not answer.by:
            return words("page.lapsed.text", time=time, outcome=outcome)
        if answer.by == asking.contact.id:
            return words("page.decided.by_you", time=time, outcome=outcome)
        return words("page.decided.text", who=asking.names.contact(answer.by), time=time, outcome=outcome)


def _written(asking: Asking) -> list[tuple[str, str]]:
    """What was written with the answer: label and text of each field that holds something."""
    answer = asking.decision.answer
    if answer is None:
        return []
    fields = [name for name in QUESTIONS[asking.decision.kind].texts if answer.fields.get(name)]
    return [(asking.word(f"{name}.label"), answer.fields[name]) for name in fields]


@dataclass(frozen=True)
class _Field:
    """One text field of a form."""

    name: str
    label: str
    hint: str
    value: str
    required: bool
    error: str
    rows: int
    limit: int = TEXT_LIMIT


class _Form:
    """The form of one question, empty or as it was posted, with what is wrong in it."""

    def __init__(
        self,
        asking: Asking,
        nonce: str,
        posted: Mapping[str, Sequence[str]] | None,
        error: UnusableAnswer | None,
    ) -> None:
        self._asking = asking
        self._posted = posted
        self._error = error
        self._question: Question = QUESTIONS[asking.decision.kind]
        self.nonce = nonce

    @property
    def offers_orders(self) -> bool:
        """Whether severity and teams are to be chosen."""
        return self._asking.decision.kind is DecisionKind.ORDERS

    @property
    def buttons(self) -> list[tuple[Outcome, str]]:
        """The answers, natural one first."""
        return [(outcome, self._asking.word(f"button.{outcome}")) for outcome in self._question.outcomes]

    @property
    def texts(self) -> list[_Field]:
        """The text fields."""
        return [self._field(name) for name in self._question.texts]

    @property
    def severity(self) -> str:
        """The severity that is chosen: the posted one, else the proposed one."""
        return self._values("severity", [self._asking.incident.severity])[0]

    @property
    def teams(self) -> Sequence[str]:
        """The teams that are chosen: the posted ones, else the proposed ones."""
        return self._values("teams", list(self._asking.incident.teams))

    @property
    def wrong(self) -> str:
        """The id of the field to correct; empty where nothing is wrong."""
        return self._error.field if self._error else ""

    @property
    def error(self) -> str:
        """What to correct; empty where nothing is wrong."""
        if self._error is None:
            return ""
        words, field = self._asking.words, self._error.field
        if self._error.problem == "too_long" and field in self._question.texts:
            label = self._asking.word(f"{field}.label")
            return words("page.invalid.too_long", field=label, limit=TEXT_LIMIT)
        key = f"page.invalid.{field}_{self._error.problem}"
        return words(key if key in words else "page.invalid.unusable")

    def error_at(self, field: str) -> str:
        """What to correct in that field; empty where nothing is wrong there."""
        return self.error if self.wrong == field else ""

    def _field(self, name: str) -> _Field:
        asking = self._asking
        always = all(name in self._question.required.get(outcome, ()) for outcome in self._question.outcomes)
        return _Field(
            name=name,
            label=asking.word(f"{name}.label"),
            hint=asking.word(f"{name}.hint"),
            value=cut("\n".join(self._values(name, [])), _FORM_TEXT_LIMIT),
            required=always,
            error=self.error_at(name),
            rows=_FIELD_ROWS.get(name, 6),
        )

    def _values(self, name: str, proposed: Sequence[str]) -> Sequence[str]:
        if self._posted is None:
            return proposed
        return list(self._posted.get(name, ())) or ([] if name != "severity" else proposed)
