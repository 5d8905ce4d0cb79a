"""The pages behind the links: they show a question, take its answer, and say plainly what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus

from emergency.domain.answer import Form
from emergency.domain.attachment import Uploaded, UploadForm
from emergency.domain.briefing import Briefing
from emergency.domain.decision import Decision, agreeing
from emergency.domain.errors import (
    CannotPassOn,
    NoMoreTime,
    TooManyRequests,
    UnusableAnswer,
    UnusableFile,
    WrongCode,
)
from emergency.domain.incident import IncidentStatus
from emergency.domain.plan import Contact, Locale, Plan
from emergency.domain.report import Record
from emergency.domain.second_factor import CODES, Challenge
from emergency.domain.terms import DecisionKind, Factor, Outcome, Phase
from emergency.domain.timeline import Fact, TimelineEntry
from emergency.presentation import given
from emergency.presentation.answers import answer_sheets
from emergency.presentation.asking import Asking
from emergency.presentation.beside import BesideForms
from emergency.presentation.controls import Sheet
from emergency.presentation.drafting import DraftForm, drafted_so_far
from emergency.presentation.files import origin_of, told_of_file, told_of_files
from emergency.presentation.forms import AnswerForm, vote_of
from emergency.presentation.given import Given, drafted
from emergency.presentation.ladder import ladder
from emergency.presentation.narrate import sentence
from emergency.presentation.plain import one_line
from emergency.presentation.public import drafted_texts
from emergency.presentation.replan import Replanning, ReplanPage, offers_replan
from emergency.presentation.templating import SECURITY_HEADERS, Page, render, security_headers, style
from emergency.presentation.words import Words, words_for
from emergency.presentation.work import WorkForms

__all__ = ["SECURITY_HEADERS", "Page", "PageWriter", "Shown", "security_headers"]

_RECENT = 8
_FOLDED_FROM = 12
_ENTRIES_SHOWN = 100
_TEXT_LIMIT = 600
DONE = frozenset(
    {
        *("note", "file", "tasks", "task_added", "reassigned", "skipped", "spent", "statement", "calls"),
        *("more_time", "request", "replan"),
    }
)
"""What `Shown.done` can name."""

_UNANSWERED = frozenset({Outcome.NOT_CONFIRMED})
_REFUSED: Mapping[type[Exception], tuple[HTTPStatus, str]] = {
    CannotPassOn: (HTTPStatus.CONFLICT, "page.refused.hand_over"),
    NoMoreTime: (HTTPStatus.CONFLICT, "page.refused.more_time"),
    TooManyRequests: (HTTPStatus.TOO_MANY_REQUESTS, "page.refused.request"),
}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a question's page shows.

    `url` is the page's own address, `nonce` binds its forms to the link, `once` is new each time the page is shown.
    `decisions` are all of the incident's, by id. `done` names what the reader has just done beside answering.
    """

    briefing: Briefing
    nonce: str
    url: str
    once: str
    now: datetime
    timeline: Sequence[TimelineEntry] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    done: str = ""


@dataclass(frozen=True, kw_only=True)
class _Summary:
    """What stands above the question when something was not done: why, and where on the page to go on."""

    heading: str
    text: str
    target: str = ""


class PageWriter:
    """Writes the pages of the decision links."""

    def __init__(self, plan: Plan, words_by_locale: Mapping[Locale, Words]) -> None:
        self._plan = plan
        self._words = words_by_locale

    # While the question is open

    def question(self, shown: Shown) -> Page:
        """200: the open question with its forms."""
        return self._question(HTTPStatus.OK, shown)

    def unusable(self, shown: Shown, form: Form, error: UnusableAnswer) -> Page:
        """422: the question with the form as it was posted, and what to correct in it."""
        return self._question(HTTPStatus.UNPROCESSABLE_ENTITY, shown, posted=form, error=error)

    def refused(self, shown: Shown, error: CannotPassOn | NoMoreTime | TooManyRequests) -> Page:
        """409, or 429 for too many requests: the question, and why what was asked for can't be done now."""
        status, key = _REFUSED[type(error)]
        words = self._asking(shown.briefing, shown.now).words
        return self._question(status, shown, summary=_Summary(heading=words("page.refused.heading"), text=words(key)))

    def code_over(self, shown: Shown, form: Form) -> Page:
        """422: the code can't be used any more; the question with the answer that waited for it."""
        words = self._asking(shown.briefing, shown.now).words
        summary = _Summary(heading=words("page.code_over.heading"), text=words("page.code_over.text"), target="outcome")
        return self._question(HTTPStatus.UNPROCESSABLE_ENTITY, shown, posted=form or None, summary=summary)

    def code(self, shown: Shown, challenge: Challenge, wrong: WrongCode | None = None) -> Page:
        """200, or 422 where the code was `wrong`: the field for the code, and the answer that it makes count."""
        asking = self._asking(shown.briefing, shown.now)
        is_mailed = challenge.factor is Factor.CODE
        html = render(
            "code.html.j2",
            **self._frame(asking.words, asking),
            asking=asking,
            nonce=shown.nonce,
            url=shown.url,
            number=challenge.number,
            answer=drafted(asking, challenge.draft),
            is_mailed=is_mailed,
            offers_another=is_mailed and challenge.number < CODES,
            valid_until=asking.when(challenge.expires_at),
            tries_left=challenge.tries_left,
            is_wrong=wrong is not None,
        )
        return Page(status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK, html=html)

    def too_many_codes(self, shown: Shown) -> Page:
        """429: this person has had all the codes that there are; somebody else has to answer."""
        asking = self._asking(shown.briefing, shown.now)
        text = asking.words("page.too_many_codes.text", address=self._plan.company.reply_to)
        return self._outcome(
            HTTPStatus.TOO_MANY_REQUESTS, asking, "page.too_many_codes.heading", [text], steps=ladder(asking)
        )

    # A file for the record

    def upload(self, shown: Shown, form: UploadForm, error: UnusableFile | None = None) -> Page:
        """200, or 422 where a file could not be used: the form that sends a file to where it waits.

        The page goes out with `security_headers(page.html, page.form_action)`.
        """
        page = self._file("upload.html.j2", shown, error, form=form)
        return replace(page, form_action=origin_of(form))

    def uploaded(self, shown: Shown, file: Uploaded, error: UnusableFile | None = None) -> Page:
        """200, or 422 where it can't be used: the file that has arrived, to be put on record."""
        words = self._asking(shown.briefing, shown.now).words
        return self._file("uploaded.html.j2", shown, error, **told_of_file(words, file))

    def _file(self, template: str, shown: Shown, error: UnusableFile | None, **values: object) -> Page:
        asking = self._asking(shown.briefing, shown.now)
        words = asking.words
        html = render(
            template,
            **self._frame(words),
            **values,
            asking=asking,
            nonce=shown.nonce,
            url=shown.url,
            incident_id=asking.incident.id,
            whose=words("page.personal", name=asking.names.contact(asking.contact.id)),
            file_url=_beneath(shown.url, "file"),
            **told_of_files(words, error),
        )
        return Page(status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK, html=html)

    # What the hotline's agents answer

    def answers(self, shown: Shown, record: Record) -> Page:
        """200: the agents' sheet, as it follows from what was published."""
        asking = self._asking(shown.briefing, shown.now)
        sheets = answer_sheets(record, self._plan, self._words)
        html = render("answers.html.j2", **self._frame(asking.words), asking=asking, sheets=sheets, url=shown.url)
        return Page(status=HTTPStatus.OK, html=html)

    # Deliveries, planned anew

    def replan(self, shown: Shown, replanning: Replanning, error: UnusableAnswer | UnusableFile | None = None) -> Page:
        """200, or 422 where something can't be used: the proposal with its fields, and what was ordered before.

        The page goes out with `security_headers(page.html, page.form_action)`, as it sends lists of orders.
        """
        asking = self._asking(shown.briefing, shown.now)
        html = render(
            "replan.html.j2",
            **self._frame(asking.words),
            asking=asking,
            page=ReplanPage(asking, replanning, error),
            nonce=shown.nonce,
            once=shown.once,
            url=shown.url,
            replan_url=_beneath(shown.url, "replan"),
        )
        status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
        return Page(status=status, html=html, form_action=origin_of(replanning.form))

    # A statement to the public

    def statement(self, shown: Shown, phase: Phase, returned: Decision | None = None) -> Page:
        """200: the form in which a statement is written: as the plan drafts it, or as it was `returned`."""
        return self._statement(HTTPStatus.OK, shown, phase, returned=returned)

    def statement_unusable(self, shown: Shown, phase: Phase, form: Form, error: UnusableAnswer) -> Page:
        """422: the form as it was posted, and what to correct in it."""
        return self._statement(HTTPStatus.UNPROCESSABLE_ENTITY, shown, phase, posted=form, error=error)

    def statement_refused(self, shown: Shown, phase: Phase, form: Form) -> Page:
        """429: the form as it was posted; the incident has as many statements as anybody can need."""
        return self._statement(HTTPStatus.TOO_MANY_REQUESTS, shown, phase, posted=form)

    def _statement(
        self,
        status: HTTPStatus,
        shown: Shown,
        phase: Phase,
        *,
        returned: Decision | None = None,
        posted: Form | None = None,
        error: UnusableAnswer | None = None,
    ) -> Page:
        asking, briefing = self._asking(shown.briefing, shown.now), shown.briefing
        texts = returned.statement.texts if returned and returned.statement else None
        drafted = texts or drafted_texts(briefing.incident, phase, briefing.hotline, self._plan, self._words, shown.now)
        is_refused = status is HTTPStatus.TOO_MANY_REQUESTS
        html = render(
            "statement.html.j2",
            **self._frame(asking.words),
            asking=asking,
            form=DraftForm(asking=asking, phase=phase, texts=drafted, returned=returned, posted=posted, error=error),
            refused=asking.words("page.refused.statement") if is_refused else "",
            nonce=shown.nonce,
            once=shown.once,
            url=shown.url,
            statement_url=_beneath(shown.url, "statement"),
        )
        return Page(status=status, html=html)

    # Once something was decided

    def recorded(self, briefing: Briefing, now: datetime) -> Page:
        """200 after a POST: the reader's answer counts. The decision carries it."""
        asking = self._asking(briefing, now)
        texts = [self._done(asking), self._recorded_at(asking)]
        return self._outcome(HTTPStatus.OK, asking, "page.done.heading", texts, answer=given.settled(asking))

    def voted(self, briefing: Briefing, now: datetime) -> Page:
        """200 after a POST: the reader's vote is on record; others have to agree before it counts."""
        asking = self._asking(briefing, now)
        words, decision = asking.words, briefing.decision
        vote = decision.vote_of(briefing.contact.id)
        missing = decision.needed - (len(agreeing(decision, vote)) if vote else 0)
        texts = [words.plural("page.voted.missing", missing), words("page.voted.change")]
        answer = Given(asking, vote.outcome, vote.fields) if vote else None
        return self._outcome(HTTPStatus.OK, asking, "page.voted.heading", texts, answer=answer, steps=ladder(asking))

    def handed_over(self, briefing: Briefing, now: datetime) -> Page:
        """200 after a POST: the question has gone on to others, and to whom."""
        asking = self._asking(briefing, now)
        texts = [
            asking.words("page.handed_over.text", who=self._next_after(asking)),
            asking.words("page.handed_over.still"),
        ]
        return self._outcome(HTTPStatus.OK, asking, "page.handed_over.heading", texts, steps=ladder(asking))

    def settled(self, briefing: Briefing, now: datetime, *, posted: bool = False) -> Page:
        """410, or 409 where an answer was `posted`: who decided what and when, and how the incident stands."""
        asking = self._asking(briefing, now)
        words, answer = asking.words, briefing.decision.answer
        # Nobody outside is told who of the company answered for them.
        is_lapsed = answer is not None and not answer.by and (not asking.outside or answer.outcome in _UNANSWERED)
        heading = "page.lapsed.heading" if is_lapsed else "page.decided.heading"
        texts = [words.paragraph(asking.settled or words("page.gone.text"), words("page.nothing_more"))]
        if posted:
            texts.append(words("page.decided.not_recorded"))
        status = HTTPStatus.CONFLICT if posted else HTTPStatus.GONE
        return self._outcome(status, asking, heading, texts, answer=given.settled(asking), steps=ladder(asking))

    def gone(self, briefing: Briefing, now: datetime) -> Page:
        """410: the workflow no longer waits for this answer."""
        asking = self._asking(briefing, now)
        return self._outcome(HTTPStatus.GONE, asking, "page.gone.heading", [asking.words("page.gone.text")])

    def replaced(self, briefing: Briefing, now: datetime) -> Page:
        """410: a newer version of this report is up for review."""
        asking = self._asking(briefing, now)
        return self._outcome(HTTPStatus.GONE, asking, "page.replaced.heading", [asking.words("page.replaced.text")])

    # Where there is no question to show

    def unknown(self) -> Page:
        """404 in all of the company's languages: no such link."""
        return self._notice(HTTPStatus.NOT_FOUND, "page.unknown")

    def not_yours(self, contact: Contact | None = None) -> Page:
        """403: the reader asked for this themselves, or is no longer in the plan; somebody else decides."""
        return self._notice(HTTPStatus.FORBIDDEN, "page.not_yours", contact)

    def forged(self, contact: Contact | None = None) -> Page:
        """403: the form doesn't belong to the link it was posted to."""
        return self._notice(HTTPStatus.FORBIDDEN, "page.forged", contact)

    def busy(self, contact: Contact | None = None) -> Page:
        """503: the records can't be reached; nothing was recorded, the link stays valid."""
        return self._notice(HTTPStatus.SERVICE_UNAVAILABLE, "page.error", contact)

    def _asking(self, briefing: Briefing, now: datetime) -> Asking:
        return Asking(briefing, now, self._plan, words_for(briefing.contact.locale, self._plan, self._words))

    def _question(
        self,
        status: HTTPStatus,
        shown: Shown,
        *,
        posted: Form | None = None,
        error: UnusableAnswer | None = None,
        summary: _Summary | None = None,
    ) -> Page:
        asking = self._asking(shown.briefing, shown.now)
        words = asking.words
        sheet = Sheet(asking, nonce=shown.nonce, once=shown.once, posted=posted, error=error)
        answer = AnswerForm(sheet)
        if sheet.problem:
            heading = words("page.invalid.heading")
            summary = _Summary(heading=heading, text=sheet.problem.text, target=sheet.problem.field)
        if asking.outside:
            html = render(
                "carrier.html.j2",
                **self._frame(words, asking),
                asking=asking,
                sheet=sheet,
                answer=answer,
                summary=summary,
            )
            return Page(status=status, html=html)
        # A handful of entries is not worth folding; of many, the latest stay in sight.
        entries = [self._entry(asking, entry) for entry in shown.timeline[-_ENTRIES_SHOWN:]]
        recent = _RECENT if len(entries) > _FOLDED_FROM else _FOLDED_FROM
        html = render(
            "question.html.j2",
            **self._frame(words),
            asking=asking,
            sheet=sheet,
            answer=answer,
            work=WorkForms(sheet),
            beside=BesideForms(sheet),
            summary=summary,
            done=words(f"page.done_beside.{shown.done}", time=asking.due) if shown.done in DONE else "",
            votes=[vote_of(asking, vote, answer.proposal) for vote in shown.briefing.decision.votes],
            requests=_requests(asking, shown.decisions),
            drafted=drafted_so_far(asking, shown.decisions),
            statement_url=_beneath(shown.url, "statement"),
            worse=self._worse(asking, shown.timeline),
            steps=ladder(asking),
            answers_url=_beneath(shown.url, "answers"),
            report_url=_beneath(shown.url, "report") if asking.decision.kind is DecisionKind.REVIEW else "",
            file_url=_beneath(shown.url, "file"),
            replan_url=_beneath(shown.url, "replan") if offers_replan(shown.briefing) else "",
            recent=entries[-recent:],
            earlier=entries[:-recent],
            left_out=len(shown.timeline) - len(entries),
        )
        return Page(status=status, html=html)

    def _worse(self, asking: Asking, timeline: Sequence[TimelineEntry]) -> str:
        """What is worse than the severity that orders are asked for; of several, the latest; empty where nothing is."""
        severity, kind = asking.incident.severity, asking.decision.kind
        worse = [
            entry
            for entry in timeline
            if entry.fact is Fact.SEVERITY_WORSENED and str(entry.details.get("severity", severity)) < severity
        ]
        return self._entry(asking, worse[-1])[2] if worse and kind is DecisionKind.ORDERS else ""

    def _entry(self, asking: Asking, entry: TimelineEntry) -> tuple[str, str, str]:
        told = sentence(entry, self._plan, asking.words, asking.incident.playbook)
        return asking.words.short_moment(entry.at, self._plan), entry.at.isoformat(), told

    def _outcome(
        self,
        status: HTTPStatus,
        asking: Asking,
        heading: str,
        texts: Sequence[str],
        *,
        answer: Given | None = None,
        steps: Sequence[str] = (),
    ) -> Page:
        html = render(
            "outcome.html.j2",
            **self._frame(asking.words, asking),
            asking=asking,
            heading=asking.words(heading),
            texts=texts,
            answer=answer,
            steps=steps,
            state="" if status is HTTPStatus.OK else asking.words(f"status.{asking.incident.status}"),
        )
        return Page(status=status, html=html)

    def _notice(self, status: HTTPStatus, key: str, contact: Contact | None = None) -> Page:
        company = self._plan.company
        locales = [contact.locale] if contact else [company.locale, *company.locales]
        voices = list(dict.fromkeys(words_for(locale, self._plan, self._words) for locale in locales))
        html = render("notice.html.j2", **self._frame(voices[0]), voices=voices, key=key)
        return Page(status=status, html=html)

    def _frame(self, words: Words, asking: Asking | None = None) -> dict[str, object]:
        """What every page's layout needs."""
        company = self._plan.text(self._plan.company.name, words.locale)
        sender = company if asking and asking.outside else words("mail.sender", company=company)
        return {"words": words, "style": style("base", "page"), "sender": sender}

    def _done(self, asking: Asking) -> str:
        answer = asking.decision.answer
        if answer is None:
            return ""
        if asking.incident.status is IncidentStatus.NEEDS_ATTENTION and not asking.outside:
            return asking.words("page.done.by_hand")
        ordered = answer.fields.get("severity", asking.incident.severity)
        teams = answer.fields["teams"].split(",") if "teams" in answer.fields else asking.incident.teams
        return asking.word(f"done.{answer.outcome}", level=asking.names.level(ordered), teams=asking.names.teams(teams))

    def _recorded_at(self, asking: Asking) -> str:
        answer = asking.decision.answer
        at = answer.at if answer else asking.now
        return asking.words("page.done.at", time=asking.words.moment(at, self._plan))

    @staticmethod
    def _next_after(asking: Asking) -> str:
        """Who is asked after the level on which the reader passed the question on."""
        decision = asking.decision
        level = max((mail.level for mail in decision.asked if mail.contact == asking.contact.id), default=0) + 1
        asked = [mail.contact for mail in decision.asked if mail.level == level]
        return asking.names.contacts(dict.fromkeys(asked or decision.rung(level)))


def _beneath(url: str, name: str) -> str:
    """The address of a page that belongs to a question's page."""
    return f"{url.rstrip('/')}/{name}"


def _requests(asking: Asking, decisions: Mapping[str, Decision]) -> list[str]:
    """What the asked team has requested so far, and what became of it."""
    words, names, told = asking.words, asking.names, []
    for decision in sorted(decisions.values(), key=lambda decision: decision.opened_at):
        request, answer = decision.request, decision.answer
        if request is None or asking.decision.team is None or request.team is not asking.decision.team:
            continue
        outcome = answer.outcome if answer else "open"
        comment = one_line(answer.fields.get("comment", ""), _TEXT_LIMIT) if answer else ""
        text = words(
            f"page.request.{outcome}",
            what=names.amount(request.resource, request.quantity),
            who=names.contact(answer.by if answer and answer.by else request.by),
        )
        told.append(words.paragraph(text, words("page.request.comment", comment=comment) if comment else ""))
    return told
