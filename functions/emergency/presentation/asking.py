"""What a question says, in one reader's words: shared by the mail that asks and the page that answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from emergency.domain.briefing import Briefing
from emergency.domain.decision import Decision
from emergency.domain.deliveries import CarrierOrder
from emergency.domain.incident import Incident
from emergency.domain.plan import Contact, Locale, Plan
from emergency.domain.statement import Wording
from emergency.domain.terms import DecisionKind, Severity, Team
from emergency.presentation.deliveries import DeliveryTeller
from emergency.presentation.naming import Names
from emergency.presentation.notices import AskedNotice, NoticeTeller
from emergency.presentation.plain import one_line
from emergency.presentation.reasons import ReasonTeller
from emergency.presentation.tasks import AskedTask, TaskTeller
from emergency.presentation.words import Words

_TITLE_LIMIT = 90
_TEXT_LIMIT = 600
_NAME_LIMIT = 120
_KINDS_WITH_HOTLINE = frozenset({DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE})


@dataclass(frozen=True)
class Asking:
    """One decision as one contact is asked it, told in that contact's words."""

    briefing: Briefing
    now: datetime
    plan: Plan
    words: Words

    @property
    def incident(self) -> Incident:
        """The incident that the question belongs to."""
        return self.briefing.incident

    @property
    def decision(self) -> Decision:
        """The question itself."""
        return self.briefing.decision

    @property
    def contact(self) -> Contact:
        """The reader."""
        return self.briefing.contact

    @property
    def names(self) -> Names:
        """Names for ids, in the reader's words."""
        return Names(self.plan, self.words)

    @property
    def team(self) -> str:
        """The asked team's name within a sentence; empty where no team is asked."""
        return self.names.team_inside(self.decision.team) if self.decision.team else ""

    @property
    def outside(self) -> bool:
        """Whether the reader is nobody of the company, and reads of their order alone."""
        return self.briefing.outside

    @property
    def order(self) -> Sequence[tuple[str, str]]:
        """What a carrier is asked to take over, region by region; empty for other questions."""
        order = self.decision.order
        return DeliveryTeller(self.plan, self.words).order(order) if order else []

    @property
    def what(self) -> str:
        """What the question is about, within a sentence: `spare servers (4 units)`, `severity I`; else empty."""
        request, clock = self.decision.request, self.decision.clock
        if self.decision.maintenance:
            return one_line(self.words.join(self.decision.maintenance.named), _NAME_LIMIT)
        if self.decision.order:
            return DeliveryTeller(self.plan, self.words).what(self.decision.order)
        if clock:
            return self.names.notice_alone(clock.notice)
        if self.decision.statement:
            return self.words(f"public.phase.{self.decision.statement.phase}")
        if self.decision.worsening:
            return self.names.level(self.decision.worsening.severity)
        return self.names.amount(request.resource, request.quantity) if request else ""

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
        """What the incident, or the planned maintenance, is called."""
        if self.decision.maintenance:
            return self.words("mail.planned.title", what=self.what)
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
    def because(self) -> str:
        """Why the severity was computed as it was; empty where the record doesn't say (R24)."""
        return ReasonTeller(self.incident, self.names).because

    @property
    def proposal(self) -> str:
        """What is asked; of those who give the orders, with why the severity is proposed."""
        gives_orders = self.decision.kind is DecisionKind.ORDERS
        return self.words.paragraph(self.lead, self.because if gives_orders else "")

    @property
    def signal(self) -> str:
        """Who or what reported it."""
        return self.names.reporter(self.incident)

    def word(self, name: str, **values: object) -> str:
        """A text of the decision's own kind: `question`, `deadline`, `button.activate`.

        Of a carrier's order the company's people are asked otherwise than the carrier.
        """
        inside = f"page.carrier_inside.{name}"
        is_inside = self.decision.order and not self.outside and inside in self.words
        key = inside if is_inside else f"decision.{self.decision.kind}.{name}"
        return self.words(key, team=self.team, what=self.what, **values)

    def when(self, moment: datetime) -> str:
        """A time as one would say it now."""
        return self.words.when(moment, self.now, self.plan)

    @property
    def question(self) -> str:
        """The question as a heading; for those who help, whose tasks these are."""
        return self.words("page.helps.heading", team=self.team) if self.briefing.helps else self.word("question")

    @property
    def began(self) -> str:
        """When it began, as one would say it now."""
        return self.when(self.incident.began_at)

    @property
    def happened(self) -> str:
        """What happened, since when, with what effect; or what is planned, and until when."""
        if self.decision.maintenance:
            first, last = self.when(self.decision.maintenance.first), self.when(self.decision.maintenance.last)
            return self.words("mail.planned.happened", what=self.what, first=first, last=last)
        began = self.words.when_in_zone(self.incident.began_at, self.now, self.plan)
        return self.words("mail.happened", title=self.title, began=began, impact=self.first_impact)

    @property
    def detected(self) -> str:
        """What reported it, when and where; empty where nothing did, as it is planned."""
        if self.decision.maintenance:
            return ""
        time = self.when(self.incident.detected_at)
        return self.words("mail.detected", alarm=self.signal, time=time, place=self.place)

    @property
    def lead(self) -> str:
        """What is asked, and what led to it; for those who help, who answers."""
        orders, notice = self.incident.orders, self.notice
        if self.briefing.helps:
            return self.words("page.helps.text", who=self._answers, team=self.team)
        if self.decision.clock and notice is None:
            return self.words("page.notice.gone")
        if self.decision.order and not self.outside:
            return self._carrier_inside(self.decision.order)
        return self.words(
            f"mail.lead.{self.decision.kind}",
            level=self.level,
            teams=self.names.teams(self.incident.teams),
            team=self.team,
            time=self.when(orders.at) if orders else "",
            round=max(1, self.decision.round),
            who=self.names.contact(self.decision.requested_by) if self.decision.requested_by else "",
            what=self.what,
            alarm=self._worse_signal,
            recipient=notice.recipient if notice else "",
            source=notice.source if notice else "",
            term=notice.term if notice else "",
        )

    @property
    def _worse_signal(self) -> str:
        """The name of the signal for which the severity is to be raised; empty for other questions."""
        worsening = self.decision.worsening
        return one_line(worsening.signal, _NAME_LIMIT) if worsening else ""

    def _carrier_inside(self, order: CarrierOrder) -> str:
        """To the team's lead: whom to call, and what to answer for them."""
        carrier = self.plan.carriers.get(order.carrier)
        name, phone = self.names.carrier(order.carrier), carrier.contact_phone if carrier else ""
        who = self.words("notification.person", who=name, phone=phone) if phone else name
        return self.words("mail.lead.carrier_inside", who=who)

    @property
    def _answers(self) -> str:
        """Who answers for the team: whoever is asked now, or its lead."""
        asked = [mail.contact for mail in self.decision.asked if mail.level == self.decision.level]
        lead = self.briefing.assignment.lead if self.briefing.assignment else self.decision.rung(0)[0]
        return self.names.contacts(dict.fromkeys(asked or [lead]))

    @property
    def note(self) -> str:
        """What somebody wrote that the reader should know before they answer; empty where nobody did.

        To the teams the leadership group's note with its orders, to whoever releases or approves something the reason
        of whoever asks for it, to whoever raises the severity what the signal says.
        """
        decision, orders = self.decision, self.incident.orders
        asked = decision.request or decision.maintenance or decision.worsening
        if asked and asked.reason:
            return self.words("mail.reason", text=one_line(asked.reason, _TEXT_LIMIT))
        if orders and orders.comment and self.decision.kind is DecisionKind.ACKNOWLEDGE:
            return self.words("mail.note", comment=one_line(orders.comment, _TEXT_LIMIT))
        return ""

    @property
    def due(self) -> str:
        """Until when the present level waits, as one would say it now; empty where nothing is waited for."""
        due_at = self.decision.due_at
        return self.when(due_at) if due_at and not self.decision.cut_short else ""

    @property
    def deadline(self) -> str:
        """By when an answer is asked for; empty where nothing is waited for."""
        clock = self.decision.clock
        if self.due and clock and clock.due_at <= self.now:
            return self.word("overdue", due=self.when(clock.due_at), time=self.due)
        return self.word("deadline", time=self.due) if self.due else ""

    @property
    def time_left(self) -> str:
        """How much time is left, or that it has passed; empty where nothing is waited for."""
        if self.decision.due_at is None or not self.due:
            return ""
        seconds = (self.decision.due_at - self.now).total_seconds()
        if seconds <= 0:
            return self.words("page.time_over")
        return self.words("page.time_left", duration=self.words.duration(seconds))

    def rung(self, contact_ids: Sequence[str]) -> str:
        """The people of one rung of the question's ladder, by their roles."""
        return self.names.rung(contact_ids, self.decision.kind, self.decision.team)

    @property
    def otherwise(self) -> str:
        """What happens when nobody answers: who is asked next, or what the plan declares."""
        decision, following = self.decision, self.decision.next_rung
        if following and decision.cut_short:
            return self.words.plural("ladder.now", len(following), next=self.rung(following))
        if decision.starts_over_next:
            return self.words("mail.start_over")
        if following:
            key = f"decision.{decision.kind}.silence.next"
            told = self.words.plural(key, len(following), next=self.rung(following))
            pages = decision.pages_before(decision.level + 1)
            return self.words.paragraph(told, self.words("ladder.page_then") if pages else "")
        return self.word(f"silence.{decision.on_silence}", level=self.level)

    @property
    def escalated(self) -> str:
        """Why the question came to the reader: who stayed silent, passed it on or could not be reached before.

        Empty for those who are asked first.
        """
        decision, words = self.decision, self.words
        if decision.level >= len(decision.rungs):
            return words("mail.escalated.over")
        before = [mail.contact for mail in decision.asked if mail.level < decision.level]
        unreached = [entry.contact for entry in decision.undelivered if entry.level < decision.level]
        passed_on = [contact for contact in decision.handed_over if contact in before]
        accounted_for = {*unreached, *passed_on, *(vote.by for vote in decision.votes)}
        silent = [contact for contact in before if contact not in accounted_for]
        told = [
            words(f"mail.escalated.{how}", who=self.names.contacts(who))
            for how, contacts in (("silent", silent), ("handed_over", passed_on), ("undelivered", unreached))
            if (who := [contact for contact in dict.fromkeys(contacts) if contact != self.contact.id])
        ]
        return words.paragraph(*told, words("mail.escalated.now")) if told else ""

    @property
    def instead_of(self) -> str:
        """The absent contact for whom the reader stands in; empty where they are asked themselves."""
        mails = [mail for mail in self.decision.asked if mail.contact == self.contact.id]
        if mails:
            return mails[-1].instead_of
        rung = self.decision.rung(self.decision.level)
        absent = [contact for contact in rung if self._stand_in(contact) == self.contact.id]
        return "" if not absent or self.contact.id in absent else absent[0]

    @property
    def instead(self) -> str:
        """That the reader is asked for somebody who is away; empty where they are asked themselves."""
        return self.words("mail.instead", absent=self.names.contact(self.instead_of)) if self.instead_of else ""

    @property
    def together(self) -> str:
        """Who else is asked at the same time, and how many of all have to agree; empty where nobody is."""
        people = dict.fromkeys(map(self._stand_in, self.decision.rung(self.decision.level)))
        others = [contact for contact in people if contact != self.contact.id]
        needed, words = self.decision.needed, self.words
        if not others and needed == 1:
            return ""
        rule = words.plural("mail.must_agree", needed) if needed > 1 else words("mail.first_counts")
        asked = words.plural("mail.together", len(others), others=self.names.contacts(others)) if others else ""
        return words.paragraph(asked, rule)

    def _stand_in(self, contact: str) -> str:
        """Who is asked for a contact; never whoever requested what is asked."""
        asked = self.plan.stand_in(contact, self.now)
        return contact if asked == self.decision.requested_by else asked

    @property
    def office(self) -> str:
        """The contact's office as it stands within a sentence."""
        return self.words.inside(self.plan.text(self.contact.title, self.words.locale))

    @property
    def company(self) -> str:
        """The company's name."""
        return self.plan.text(self.plan.company.name, self.words.locale)

    @property
    def tasks(self) -> tuple[AskedTask, ...]:
        """The team's tasks, where the question is about them."""
        return self.task_teller.tasks()

    @property
    def task_teller(self) -> TaskTeller:
        """What tells the team's tasks."""
        return TaskTeller(self.briefing, self.now, self.plan, self.words)

    @property
    def notice_teller(self) -> NoticeTeller:
        """What tells the notices to authorities."""
        return NoticeTeller(self.incident, self.now, self.plan, self.words)

    @property
    def notice(self) -> AskedNotice | None:
        """The notice that is asked about; None for other questions, and where the plan no longer has it."""
        clock = self.decision.clock
        notice = self.plan.deadlines.notices.get(clock.notice) if clock else None
        return self.notice_teller.told(notice) if notice else None

    @property
    def wordings(self) -> Sequence[tuple[Locale, str, Wording]]:
        """The drafted statement that is to be approved: language, its name, wording; empty for other questions."""
        draft = self.decision.statement
        texts = draft.texts if draft else {}
        return [(locale, self.words(f"public.language.{locale}"), wording) for locale, wording in texts.items()]

    @property
    def hotline(self) -> str:
        """The hotline's number and what to do with it, for the team that answers it; empty for everyone else."""
        hotline = self.briefing.hotline
        if hotline is None or hotline.closed_at or self.decision.team is not Team.CUSTOMER_SERVICE:
            return ""
        if self.decision.kind is DecisionKind.CLEAN_UP:
            return self.words("mail.hotline_back_by_hand", number=hotline.number) if hotline.by_hand else ""
        if self.decision.kind not in _KINDS_WITH_HOTLINE:
            return ""
        if hotline.is_to_connect:
            return self.words("mail.hotline_not_connected", number=hotline.number)
        return self.words("mail.hotline_by_hand" if hotline.by_hand else "mail.hotline", number=hotline.number)

    @property
    def settled(self) -> str:
        """Who decided what and when, or that the plan did; empty while the question is open."""
        answer, words = self.decision.answer, self.words
        if answer is None:
            return ""
        time, outcome = words.moment(answer.at, self.plan), words(f"outcome.{answer.outcome}")
        if self.outside:
            return words("page.outside.settled", time=time, outcome=outcome)
        if not answer.by:
            return words("page.lapsed.text", time=time, outcome=outcome)
        if {answer.by, *answer.voters} == {self.contact.id}:
            return words("page.decided.by_you", time=time, outcome=outcome)
        who = self.names.contacts(answer.voters or (answer.by,))
        return words("page.decided.text", who=who, time=time, outcome=outcome)

    def severity_options(self) -> Sequence[tuple[Severity, str]]:
        """The severities to choose from: id, and name with meaning."""
        return [
            (
                severity,
                self.words.labelled(self.names.severity(severity), self.plan.text(plan.means, self.words.locale)),
            )
            for severity, plan in self.plan.severities.items()
        ]

    def team_options(self) -> Sequence[tuple[Team, str, str]]:
        """The teams to choose from: id, name, duty."""
        return [
            (team, self.names.team(team), self.plan.text(plan.duty, self.words.locale))
            for team, plan in self.plan.teams.items()
        ]

    def contact_options(self) -> Sequence[tuple[str, str, str]]:
        """The people to choose from: id, name, office."""
        return [
            (id_, self.plan.text(contact.name, self.words.locale), self.plan.text(contact.title, self.words.locale))
            for id_, contact in self.plan.contacts.items()
        ]
