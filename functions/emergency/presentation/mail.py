"""Mails that ask: one question to one person, as HTML and as text, in that person's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from emergency.domain.assignment import Assignment
from emergency.domain.decision import Decision
from emergency.domain.incident import Incident
from emergency.domain.inventory import OpenHotline
from emergency.domain.plan import Contact, Locale, Plan
from emergency.domain.terms import DecisionKind
from emergency.ports import Mail
from emergency.presentation.asking import Asking
from emergency.presentation.plain import clean, one_line
from emergency.presentation.templating import render
from emergency.presentation.words import Words, words_for

_SUBJECT_LIMIT = 200


class MailWriter:
    """Writes the mails that put decisions to people."""

    def __init__(self, plan: Plan, words_by_locale: Mapping[Locale, Words]) -> None:
        self._plan = plan
        self._words = words_by_locale

    def question(
        self,
        incident: Incident,
        decision: Decision,
        contact: Contact,
        link_url: str,
        now: datetime,
        assignment: Assignment | None = None,
        hotline: OpenHotline | None = None,
    ) -> Mail:
        """The mail that asks `contact` the decision through their own link.

        `decision` is as the present rung asks it: its level, due time and rungs. `assignment` gives the tasks to a
        team that is asked to take them on or to report them complete, `hotline` the number to customer service.
        """
        words = words_for(contact.locale, self._plan, self._words)
        asking = Asking(incident, decision, contact, now, self._plan, words, assignment, hotline)
        letter = _Letter(asking, link_url)
        return Mail(
            to=contact,
            subject=letter.subject,
            html=render("mail.html.j2", letter=letter, asking=asking, words=words),
            text=letter.text,
            thread=incident.id,
            name=f"{incident.id}-{decision.id}-{decision.level}-{contact.id}",
            headers={
                "X-Emergency-Incident": one_line(incident.id),
                "X-Emergency-Decision": one_line(decision.id),
                "X-Emergency-Rung": str(decision.level),
            },
        )


class _Letter:
    """The parts of one mail in the order in which they are read."""

    def __init__(self, asking: Asking, link_url: str) -> None:
        self._asking = asking
        self._words = asking.words
        self.link_url = link_url

    @property
    def subject(self) -> str:
        """Severity, incident and what is asked, on one line."""
        asking = self._asking
        is_new = asking.decision.kind is DecisionKind.ORDERS
        values = {"began": asking.began} if is_new else {}
        subject = self._words(
            "mail.subject_since" if is_new else "mail.subject",
            severity=asking.severity,
            title=asking.title,
            ask=asking.word("ask"),
            incident=asking.incident.id,
            **values,
        )
        return one_line(subject, _SUBJECT_LIMIT)

    @property
    def preheader(self) -> str:
        """What the inbox shows beside the subject."""
        return self._words.paragraph(self._asking.deadline, self._asking.lead)

    @property
    def before(self) -> list[str]:
        """The paragraphs before the tasks: what happened, what is asked, what was added, who else was and is asked."""
        asking, paragraph = self._asking, self._words.paragraph
        happened = paragraph(asking.happened, asking.detected)
        people = paragraph(asking.escalated, asking.together)
        return [part for part in (happened, asking.lead, asking.note, people) if part]

    @property
    def tasks(self) -> list[str]:
        """The tasks, each with its target."""
        return [
            self._words("mail.task_by", task=task.text, time=task.due) if task.due else task.text
            for task in self._asking.tasks
        ]

    @property
    def button(self) -> str:
        """What the link does."""
        return self._asking.word("link")

    @property
    def footer(self) -> str:
        """Why this person gets the mail, and what not to do with it."""
        reply = self._words("mail.footer.reply", address=self._asking.plan.company.reply_to)
        why = self._words("mail.footer.why", title=self._asking.office, company=self._asking.company)
        return self._words.paragraph(why, self._words("mail.footer.personal"), reply)

    @property
    def sender(self) -> str:
        """In whose name the mail is written."""
        return self._words("mail.sender", company=self._asking.company)

    @property
    def text(self) -> str:
        """The plain part: the same in the same order, to be read aloud."""
        asking = self._asking
        tasks = [f"{number}. {task}" for number, task in enumerate(self.tasks, 1)]
        parts = [
            *self.before,
            "\n".join(tasks),
            asking.hotline,
            self._words.paragraph(asking.deadline, asking.otherwise),
            f"{self._words('mail.link', link=self.button)}\n{self.link_url}",
            self.footer,
            f"{self.sender}\n{asking.incident.id}",
        ]
        return clean("\n\n".join(part for part in parts if part) + "\n")
