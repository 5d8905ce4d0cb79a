"""The mails: they ask, remind, bring a code, tell what was decided and what is due; as HTML and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from emergency.domain.briefing import Briefing
from emergency.domain.notification import Notification
from emergency.domain.plan import Locale, Plan
from emergency.domain.second_factor import Challenge
from emergency.domain.terms import DecisionKind, Step
from emergency.ports import Mail
from emergency.presentation.asking import Asking
from emergency.presentation.given import Given, drafted, settled
from emergency.presentation.letter import Item, Letter, Part
from emergency.presentation.notify import letter_of
from emergency.presentation.plain import one_line
from emergency.presentation.reader import Reader
from emergency.presentation.words import Words, words_for

_SUBJECT_LIMIT = 200
_LINE_LIMIT = 600
_STEPS = {
    DecisionKind.ACKNOWLEDGE: Step.EMERGENCY_RESPONSE,
    DecisionKind.COMPLETE: Step.EMERGENCY_RESPONSE,
    DecisionKind.CLEAN_UP: Step.SITE_CLEAN_UP,
}
"""The questions that are about tasks, and of which step."""


class Purpose(StrEnum):
    """What a mail is for; it comes back with what the mail provider tells of it."""

    QUESTION = "question"
    REMINDER = "reminder"
    CODE = "code"
    SETTLED = "settled"


class MailWriter:
    """Writes every mail, each in its reader's language."""

    def __init__(self, plan: Plan, words_by_locale: Mapping[Locale, Words]) -> None:
        self._plan = plan
        self._words = words_by_locale

    def question(self, briefing: Briefing, link_url: str, now: datetime, *, reminder: bool = False) -> Mail:
        """The mail that puts a question to one person, with the link that is theirs alone; or reminds them of it.

        The decision is as its present level asks it.
        """
        asking, level = self._asking(briefing, now), briefing.decision.level
        letter = _reminder(asking, link_url) if reminder else _question(asking, link_url)
        suffix = f"{level}-{briefing.contact.id}{'-reminder' if reminder else ''}"
        return self._mail(asking, letter, suffix, Purpose.REMINDER if reminder else Purpose.QUESTION)

    def code(self, briefing: Briefing, code: str, challenge: Challenge, now: datetime) -> Mail:
        """The mail with the code that makes a person's answer count. It holds no link."""
        asking = self._asking(briefing, now)
        suffix = f"code-{challenge.number}-{briefing.contact.id}"
        return self._mail(asking, _code(asking, code, challenge), suffix, Purpose.CODE)

    def settled(self, briefing: Briefing, now: datetime) -> Mail:
        """The mail that tells a person who was asked what was decided, and by whom. It holds no link."""
        asking = self._asking(briefing, now)
        return self._mail(asking, _settled(asking), f"settled-{briefing.contact.id}", Purpose.SETTLED)

    def notification(self, notification: Notification, now: datetime) -> Mail:
        """A mail that tells something and asks nothing. Its name is the notification's."""
        words = words_for(notification.to.locale, self._plan, self._words)
        letter = letter_of(notification, Reader(notification.to, now, self._plan, words))
        incident_id, kind = notification.incident.id, notification.kind
        return Mail(
            to=notification.to,
            subject=one_line(letter.subject, _SUBJECT_LIMIT),
            html=letter.html(incident_id, self._plan, words),
            text=letter.text(incident_id, self._plan, words),
            thread=incident_id,
            name=notification.name,
            headers={"X-Emergency-Incident": one_line(incident_id), "X-Emergency-Purpose": kind},
            tags={"incident": incident_id, "contact": notification.to.id, "purpose": kind},
        )

    def _asking(self, briefing: Briefing, now: datetime) -> Asking:
        return Asking(briefing, now, self._plan, words_for(briefing.contact.locale, self._plan, self._words))

    def _mail(self, asking: Asking, letter: Letter, suffix: str, purpose: Purpose) -> Mail:
        incident, decision, contact = asking.incident, asking.decision, asking.contact
        return Mail(
            to=contact,
            subject=one_line(letter.subject, _SUBJECT_LIMIT),
            html=letter.html(incident.id, self._plan, asking.words),
            text=letter.text(incident.id, self._plan, asking.words),
            thread=incident.id,
            name=f"{incident.id}-{decision.id}-{suffix}",
            headers={
                "X-Emergency-Incident": one_line(incident.id),
                "X-Emergency-Decision": one_line(decision.id),
                "X-Emergency-Rung": str(decision.level),
                "X-Emergency-Purpose": purpose,
            },
            tags={
                "incident": incident.id,
                "decision": decision.id,
                "contact": contact.id,
                "level": str(decision.level),
                "purpose": purpose,
            },
        )


def _question(asking: Asking, link_url: str) -> Letter:
    """The question as it is put first; the first one of all says since when."""
    words, is_new = asking.words, asking.decision.kind is DecisionKind.ORDERS
    subject = _subject(asking, "mail.subject_since" if is_new else "mail.subject")
    happened = words.paragraph(asking.happened, asking.detected)
    people = words.paragraph(asking.escalated, asking.instead, asking.together)
    before = [asking.lead] if asking.outside else [happened, asking.proposal, asking.note, people]
    return _asking_letter(asking, subject, before, link_url)


def _reminder(asking: Asking, link_url: str) -> Letter:
    """The question once more, to somebody who has not answered it."""
    decision, words = asking.decision, asking.words
    mails = [mail.at for mail in decision.asked if mail.contact == asking.contact.id and not mail.reminder]
    asked_at = mails[-1] if mails else decision.level_began_at or decision.opened_at
    reminded = words("mail.reminded", time=asking.when(asked_at))
    happened = "" if asking.outside else asking.happened
    before = [reminded, words.paragraph(happened, asking.lead), asking.note]
    return _asking_letter(asking, _subject(asking, "mail.subject_reminder"), before, link_url)


def _asking_letter(asking: Asking, subject: str, before: Sequence[str], link_url: str) -> Letter:
    words, tasks = asking.words, _tasks(asking)
    link = asking.word("link")
    reply = words("mail.footer.reply", address=asking.plan.company.reply_to)
    return Letter(
        subject=subject,
        heading=asking.question,
        preheader=words.paragraph(asking.deadline, asking.lead),
        parts=[
            *(Part(text=text) for text in before),
            Part(items=[Item(text=words.labelled(label, told)) for label, told in asking.order]),
            *_wordings(asking),
            Part(items=tasks, numbered=bool(tasks)),
            Part(text=asking.hotline),
            Part(strong=asking.deadline, text=asking.otherwise),
            Part(text=link, url=link_url, above_url=words("mail.link", link=link)),
        ],
        footer=words.paragraph(_why(asking), words("mail.footer.personal"), reply),
        sender=_sender(asking),
    )


def _wordings(asking: Asking) -> list[Part]:
    """The drafted statement that is to be approved, whole and in every language."""
    return [
        part
        for _, language, wording in asking.wordings
        for part in (
            Part(strong=asking.words.labelled(language, wording.title)),
            *(Part(text=paragraph) for paragraph in wording.paragraphs),
        )
    ]


def _tasks(asking: Asking) -> list[Item]:
    """What the team still has to do in the step that is asked about."""
    step, assignment = _STEPS.get(asking.decision.kind), asking.briefing.assignment
    if step is None or assignment is None:
        return []
    reader = Reader(asking.contact, asking.now, asking.plan, asking.words)
    return [reader.task(task) for task in assignment.of(step) if task.is_open]


def _code(asking: Asking, code: str, challenge: Challenge) -> Letter:
    """The code stands below what it confirms, so that no inbox shows it beside the subject."""
    words, answer = asking.words, drafted(asking, challenge.draft)
    confirms = words("mail.code.confirms", answer=answer.button if answer else asking.question)
    valid = words("mail.code.valid", time=words.when_in_zone(challenge.expires_at, asking.now, asking.plan))
    stranger = words("mail.code.stranger", address=asking.plan.company.reply_to)
    return Letter(
        subject=_subject(asking, "mail.code.subject"),
        heading=words("mail.code.heading"),
        preheader=words.paragraph(confirms, valid),
        parts=[
            Part(text=_about(asking)),
            Part(text=confirms),
            Part(items=_lines(answer)),
            Part(text=words("mail.code.enter")),
            Part(code=code),
            Part(strong=valid),
            Part(text=stranger),
        ],
        footer=_why(asking),
        sender=_sender(asking),
    )


def _settled(asking: Asking) -> Letter:
    """What was decided, by whom, and that nothing is left to do."""
    words, answer = asking.words, asking.decision.answer
    outcome = words(f"outcome.{answer.outcome}") if answer else ""
    nothing_more = words("page.nothing_more")
    return Letter(
        subject=_subject(asking, "mail.settled.subject", outcome=outcome),
        heading=words("mail.settled.heading", outcome=outcome),
        preheader=words.paragraph(asking.settled, nothing_more),
        parts=[
            Part(text=_about(asking)),
            Part(text=asking.settled),
            Part(items=_lines(settled(asking))),
            Part(strong=nothing_more),
        ],
        footer=_why(asking),
        sender=_sender(asking),
    )


def _lines(answer: Given | None) -> tuple[Item, ...]:
    """What was answered, one line for each field."""
    return tuple(Item(text=one_line(line, _LINE_LIMIT)) for line in answer.lines) if answer else ()


def _subject(asking: Asking, key: str, **values: str) -> str:
    """Severity, incident and what it is about, on one line; to somebody outside, who writes instead.

    What is planned has no severity that anybody would have to know.
    """
    if asking.outside:
        key = f"mail.outside.{_UNRATED[key]}"
    elif asking.decision.maintenance:
        key = f"mail.planned.{_UNRATED[key]}"
    return asking.words(
        key,
        severity=asking.severity,
        title=asking.title,
        began=asking.began,
        ask=asking.word("ask"),
        incident=asking.incident.id,
        company=asking.company,
        **values,
    )


_UNRATED = {
    "mail.subject": "subject",
    "mail.subject_reminder": "subject_reminder",
    "mail.code.subject": "code_subject",
    "mail.settled.subject": "settled_subject",
}
"""The subjects of mails without a severity, by those of the same mails to the company's people about incidents."""


def _about(asking: Asking) -> str:
    """What it was about: the incident and the question; to somebody outside the question alone."""
    if asking.outside:
        return asking.words("mail.outside.about", question=asking.question)
    return asking.words("mail.about", title=asking.title, question=asking.question)


def _sender(asking: Asking) -> str:
    """Who writes to somebody outside; empty for the company's people."""
    return asking.company if asking.outside else ""


def _why(asking: Asking) -> str:
    """Why this person gets the mail."""
    if asking.outside:
        return asking.words("mail.outside.why", company=asking.company)
    return asking.words("mail.footer.why", title=asking.office, company=asking.company)
