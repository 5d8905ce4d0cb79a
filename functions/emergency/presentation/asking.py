"""What a question says, in one reader's words: shared by the mail that asks and the page that answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from emergency.domain.assignment import Assignment
from emergency.domain.decision import Decision
from emergency.domain.incident import Incident
from emergency.domain.inventory import OpenHotline
from emergency.domain.plan import Contact, Plan
from emergency.domain.terms import DecisionKind, Severity, Team
from emergency.presentation.naming import Names
from emergency.presentation.plain import one_line
from emergency.presentation.words import Words

_TITLE_LIMIT = 90
_TEXT_LIMIT = 600
_NAME_LIMIT = 120
_KINDS_WITH_TASKS = frozenset({DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE})


@dataclass(frozen=True, kw_only=True)
class AskedTask:
    """One task as the reader sees it; `due` is its target time, empty where there is none."""

    text: str
    due: str


@dataclass(frozen=True)
class Asking:
    """One decision as one contact is asked it, told in that contact's words."""

    incident: Incident
    decision: Decision
    contact: Contact
    now: datetime
    plan: Plan
    words: Words
    assignment: Assignment | None = None
    open_hotline: OpenHotline | None = None

    @property
    def names(self) -> Names:
        """Names for ids, in the reader's words."""
        return Names(self.plan, self.words)

    @property
    def team(self) -> str:
        """The asked team's name within a sentence; empty where no team is asked."""
        return self.names.team_inside(self.decision.team) if self.decision.team else ""

    @property
    def severity(self) -> str:
        """The incident's severity."""
        return self.names.severity(self.incident.severity)

    @property
    def level(self) -> str:
        """The incident's severity as it stands within a sentence."""
        return self.names.level(self.incident.severity)

    @property
    def title(self) -> str:
        """What the incident is called."""
        return one_line(self.plan.text(self.incident.title, self.words.locale), _TITLE_LIMIT)

    @property
    def place(self) -> str:
        """Where it happens."""
        return one_line(self.plan.text(self.incident.place, self.words.locale), _NAME_LIMIT)

    @property
    def first_impact(self) -> str:
        """What the incident was first thought to harm."""
        return self.words.sentence(one_line(self.plan.text(self.incident.first_impact, self.words.locale), _TEXT_LIMIT))

    @property
    def reason(self) -> str:
        """What the signal itself says."""
        return one_line(self.incident.signal_reason, _TEXT_LIMIT)

    @property
    def signal(self) -> str:
        """The name of what reported it."""
        return one_line(self.incident.signal_name, _NAME_LIMIT)

    def word(self, name: str, **values: object) -> str:
        """A text of the decision's own kind: `question`, `deadline`, `button.activate`."""
        return self.words(f"decision.{self.decision.kind}.{name}", team=self.team, **values)

    @property
    def question(self) -> str:
        """The question as a heading."""
        return self.word("question")

    @property
    def began(self) -> str:
        """When it began, as one would say it now."""
        return self.words.when(self.incident.began_at, self.now, self.plan)

    @property
    def happened(self) -> str:
        """What happened, since when, with what effect."""
        began = self.words.when_in_zone(self.incident.began_at, self.now, self.plan)
        return self.words("mail.happened", title=self.title, began=began, impact=self.first_impact)

    @property
    def detected(self) -> str:
        """What reported it, when and where."""
        time = self.words.when(self.incident.detected_at, self.now, self.plan)
        return self.words("mail.detected", alarm=self.signal, time=time, place=self.place)

    @property
    def lead(self) -> str:
        """What is asked, and what led to it."""
        orders = self.incident.orders
        return self.words(
            f"mail.lead.{self.decision.kind}",
            level=self.level,
            teams=self.names.teams(self.incident.teams),
            team=self.team,
            time=self.words.when(orders.at, self.now, self.plan) if orders else "",
            round=max(1, self.decision.round),
        )

    @property
    def note(self) -> str:
        """What the leadership group wrote with its orders, for the teams; empty where it wrote nothing."""
        orders = self.incident.orders
        if orders is None or not orders.comment or self.decision.kind is not DecisionKind.ACKNOWLEDGE:
            return ""
        return self.words("mail.note", comment=one_line(orders.comment, _TEXT_LIMIT))

    @property
    def due(self) -> str:
        """Until when the present rung waits, as one would say it now; empty while nobody is asked yet."""
        due_at = self.decision.due_at
        return self.words.when(due_at, self.now, self.plan) if due_at else ""

    @property
    def deadline(self) -> str:
        """By when an answer is asked for; empty while nobody is asked yet."""
        return self.word("deadline", time=self.due) if self.due else ""

    @property
    def time_left(self) -> str:
        """How much time is left, or that it has passed; empty while nobody is asked yet."""
        if self.decision.due_at is None:
            return ""
        seconds = (self.decision.due_at - self.now).total_seconds()
        if seconds <= 0:
            return self.words("page.time_over")
        return self.words("page.time_left", duration=self.words.duration(seconds))

    @property
    def otherwise(self) -> str:
        """What happens when nobody answers: who is asked next, or what the plan declares."""
        if following := self.decision.next_rung:
            return self.words.plural(
                f"decision.{self.decision.kind}.silence.next",
                len(following),
                next=self.names.rung(following, self.decision.team),
            )
        return self.word(f"silence.{self.decision.on_silence}", level=self.level)

    @property
    def escalated(self) -> str:
        """Who was asked before and stayed silent; empty on the first rung."""
        before = [contact for rung in self.decision.rungs[: self.decision.level] for contact in rung]
        before = [contact for contact in before if contact != self.contact.id]
        return self.words("mail.escalated", who=self.names.contacts(before)) if before else ""

    @property
    def together(self) -> str:
        """Who else is asked at the same time; empty where nobody is."""
        others = [contact for contact in self._rung if contact != self.contact.id]
        if not others:
            return ""
        return self.words.plural("mail.together", len(others), others=self.names.contacts(others))

    @property
    def office(self) -> str:
        """The contact's office as it stands within a sentence."""
        return self.words.inside(self.plan.text(self.contact.title, self.words.locale))

    @property
    def people(self) -> str:
        """Why this contact is asked, who was asked before, and who is asked besides."""
        why = self.words("page.why", title=self.office, company=self.company)
        return self.words.paragraph(self.escalated, why, self.together)

    @property
    def company(self) -> str:
        """The company's name."""
        return self.plan.text(self.plan.company.name, self.words.locale)

    @property
    def _rung(self) -> Sequence[str]:
        return (
            self.decision.rungs[min(self.decision.level, len(self.decision.rungs) - 1)] if self.decision.rungs else ()
        )

    @property
    def tasks(self) -> tuple[AskedTask, ...]:
        """The team's tasks, where the question is about them."""
        if self.assignment is None or self.decision.kind not in _KINDS_WITH_TASKS:
            return ()
        return tuple(
            AskedTask(
                text=one_line(self.plan.text(task.text, self.words.locale), _TEXT_LIMIT),
                due=self.words.when(task.due_at, self.now, self.plan) if task.due_at else "",
            )
            for task in self.assignment.tasks
        )

    @property
    def hotline(self) -> str:
        """The hotline's number, for the team that answers it while the response goes on; empty for everyone else."""
        if self.open_hotline is None or self.open_hotline.closed_at:
            return ""
        if self.decision.team is not Team.CUSTOMER_SERVICE or self.decision.kind not in _KINDS_WITH_TASKS:
            return ""
        return self.words("mail.hotline", number=self.open_hotline.number)

    def severity_options(self) -> list[tuple[Severity, str, str]]:
        """The severities to choose from: id, name, meaning."""
        return [
            (severity, self.names.severity(severity), self.plan.text(plan.means, self.words.locale))
            for severity, plan in self.plan.severities.items()
        ]

    def team_options(self) -> list[tuple[Team, str, str]]:
        """The teams to choose from: id, name, duty."""
        return [
            (team, self.names.team(team), self.plan.text(plan.duty, self.words.locale))
            for team, plan in self.plan.teams.items()
        ]
