"""The letters that tell something and ask nothing: who is called, what is due, what is late, what is short."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from emergency.domain.inventory import Allocation
from emergency.domain.notification import DueTask, Notification, NotificationKind
from emergency.domain.terms import Team
from emergency.presentation.deliveries import DeliveryTeller
from emergency.presentation.letter import Item, Letter, Part
from emergency.presentation.plain import one_line
from emergency.presentation.reader import Reader

_TITLE_LIMIT = 90
_TEXT_LIMIT = 600
_MOST_ALARMS = 20


def letter_of(notification: Notification, reader: Reader) -> Letter:
    """The letter that tells it."""
    return _Telling(notification, reader).letter()


@dataclass(frozen=True)
class _Telling:
    """One notification as its reader is told it."""

    notification: Notification
    reader: Reader

    def letter(self) -> Letter:
        """The whole letter; its preheader is its first sentence of its own."""
        parts = _PARTS[self.notification.kind](self)
        return Letter(
            subject=self._subject,
            heading=self._said("heading"),
            preheader=next((part.text or part.strong for part in parts if part.text or part.strong), ""),
            parts=parts,
            footer=self._footer,
            sender=self._sender,
            phones=[contact.phone for contact in self.reader.plan.contacts.values() if contact.phone],
        )

    @property
    def _sender(self) -> str:
        """Newsrooms are written to by the status page; everybody else by the emergency response itself."""
        if self.notification.kind is not NotificationKind.STATEMENT:
            return ""
        return self.reader.plan.text(self.reader.plan.communications.name, self.reader.words.locale)

    @property
    def _subject(self) -> str:
        """Someone from outside reads nothing of the incident in it but its number."""
        incident, reader = self.notification.incident, self.reader
        if self.notification.kind is NotificationKind.RESERVE_CALLED:
            return self._said("subject", incident=incident.id)
        if self.notification.maintenance:
            title = reader.words("mail.planned.title", what=self._of_maintenance["what"])
            return reader.words("mail.planned.subject", title=title, ask=self._said("ask"), incident=incident.id)
        if self.notification.kind is NotificationKind.STATEMENT:
            return self._said("subject", company=self._company)
        return reader.words(
            "mail.subject",
            severity=reader.names.severity(incident.severity),
            title=self._title,
            ask=self._said("ask"),
            incident=incident.id,
        )

    @property
    def _footer(self) -> str:
        words, plan, company = self.reader.words, self.reader.plan, self._company
        if self.notification.kind is NotificationKind.STATEMENT:
            return words.paragraph(
                self._said("keep", address=plan.company.reply_to), self._said("why", company=company)
            )
        reply = words("notification.reply", address=plan.company.reply_to)
        if self.notification.kind is NotificationKind.RESERVE_CALLED:
            return words.paragraph(self._said("why", company=company), reply)
        title = words.inside(plan.text(self.notification.to.title, words.locale))
        is_own = self.notification.link_url and self.notification.statement is None
        personal = words("mail.footer.personal") if is_own else ""
        return words.paragraph(words("mail.footer.why", title=title, company=company), personal, reply)

    @property
    def _company(self) -> str:
        return self.reader.plan.text(self.reader.plan.company.name, self.reader.words.locale)

    def _said(self, name: str, **values: object) -> str:
        """A sentence of the notification's own kind, counted where it speaks of tasks."""
        key, told = f"notification.{self.notification.kind}.{name}", {**self._values, **values}
        if self.notification.kind in _COUNTED and name in _COUNTED_WORDS:
            return self.reader.words.plural(key, len(self.notification.tasks), **told)
        return self.reader.words(key, **told)

    @property
    def _values(self) -> Mapping[str, object]:
        notification, reader = self.notification, self.reader
        due_at = notification.due_at
        return {
            "team": reader.names.team_inside(self._team) if self._team else "",
            "level": reader.names.level(notification.incident.severity),
            "time": reader.when(due_at) if due_at else "",
            **self._ordered_parcels,
            **self._of_statement,
            **self._of_cleared,
            **self._of_raised,
            **self._of_maintenance,
        }

    @property
    def _of_cleared(self) -> Mapping[str, object]:
        cleared = self.notification.cleared
        if cleared is None:
            return {}
        return {
            "alarm": one_line(cleared.alarm, _TITLE_LIMIT),
            "region": one_line(cleared.region, _TITLE_LIMIT),
            "time": self.reader.when_in_zone(cleared.at),
        }

    @property
    def _of_raised(self) -> Mapping[str, object]:
        raised, names = self.notification.raised, self.reader.names
        if raised is None:
            return {}
        return {
            "alarm": one_line(raised.signal, _TITLE_LIMIT),
            "before": names.level(raised.before),
            "who": names.contacts(raised.by),
            "teams": names.teams(raised.uncalled),
        }

    @property
    def _of_statement(self) -> Mapping[str, object]:
        statement, words = self.notification.statement, self.reader.words
        if statement is None:
            return {}
        return {
            "title": statement.wording(words.locale).title,
            "phase": words(f"site.phase.{statement.phase}"),
            "time": self.reader.when_in_zone(statement.published_at),
        }

    @property
    def _team(self) -> Team | None:
        """The team that it is about: its own, or its first task's or loan's."""
        return next(iter(self._teams), None)

    @property
    def _title(self) -> str:
        return one_line(self.reader.plan.text(self.notification.incident.title, self.reader.words.locale), _TITLE_LIMIT)

    @property
    def _since(self) -> Part:
        """What the incident is, and since when."""
        began = self.reader.when_in_zone(self.notification.incident.began_at)
        return Part(text=self.reader.words("notification.since", title=self._title, began=began))

    @property
    def _happened(self) -> Part:
        """What happened, since when, with what effect."""
        reader, incident = self.reader, self.notification.incident
        impact = one_line(reader.plan.text(incident.first_impact, reader.words.locale), _TEXT_LIMIT)
        began = reader.when_in_zone(incident.began_at)
        sentence = reader.words.sentence(impact)
        return Part(text=reader.words("mail.happened", title=self._title, began=began, impact=sentence))

    def _lead(self, team: Team) -> str:
        """The team's lead of the day, with their number."""
        plan = self.reader.plan
        return self.reader.reached(plan.stand_in(plan.teams[team].lead, self.reader.now))

    @property
    def _link(self) -> Part:
        """The reader's way to the team's page; where they have one already, where it is."""
        words, notification = self.reader.words, self.notification
        if notification.link_url:
            link = words("notification.link")
            return Part(text=link, url=notification.link_url, above_url=words("mail.link", link=link))
        is_of_team = any(notification.to.id in self.reader.plan.team_people(team) for team in self._teams)
        return Part(text=words("notification.link_before")) if is_of_team else Part()

    @property
    def _teams(self) -> Sequence[Team]:
        told: tuple[DueTask | Allocation, ...] = (*self.notification.tasks, *self.notification.allocations)
        named = [self.notification.team] if self.notification.team else []
        return tuple(dict.fromkeys([*named, *(one.team for one in told)]))

    # Deliveries

    @property
    def _deliveries(self) -> DeliveryTeller:
        return DeliveryTeller(self.reader.plan, self.reader.words)

    @property
    def _ordered_parcels(self) -> Mapping[str, object]:
        order = self.notification.order
        if order is None:
            return {}
        return {
            "carrier": self.reader.names.carrier(order.carrier),
            "parcels": self._deliveries.parcels(order.parcels),
        }

    def carrier(self) -> Sequence[Part]:
        """What a carrier says of its order, region by region, and what can be done where it declines."""
        words, order = self.reader.words, self.notification.order
        lines = self._deliveries.order(order) if order else []
        is_declined = self.notification.kind is NotificationKind.CARRIER_DECLINED
        text = one_line(self.notification.text, _TEXT_LIMIT)
        return [
            Part(text=self._said("text")),
            Part(items=[Item(text=words.labelled(label, told)) for label, told in lines]),
            Part(text=words("mail.reason", text=text) if text else ""),
            Part(text=self._said("do") if is_declined else ""),
            self._link,
            self._since,
        ]

    # Planned maintenance

    @property
    def _of_maintenance(self) -> Mapping[str, object]:
        maintenance, reader = self.notification.maintenance, self.reader
        if maintenance is None:
            return {}
        return {
            "what": one_line(reader.words.join(maintenance.named), _TITLE_LIMIT),
            "first": reader.when_in_zone(maintenance.first),
            "last": reader.when_in_zone(maintenance.last),
            "who": reader.names.contacts(self.notification.people),
        }

    def maintenance_decided(self) -> Sequence[Part]:
        """Whether alarms open incidents, and what whoever decided adds."""
        text = one_line(self.notification.text, _TEXT_LIMIT)
        is_declined = self.notification.kind is NotificationKind.MAINTENANCE_DECLINED
        is_lapsed = is_declined and not self.notification.people
        return [
            Part(text=self._said("lapsed") if is_lapsed else self._said("text")),
            Part(text=self.reader.words("mail.reason", text=text) if text else ""),
            Part(text=self._said("do")),
        ]

    def maintenance_over(self) -> Sequence[Part]:
        """How much was recorded, and what is still wrong."""
        alarms = [Item(text=one_line(alarm, _TITLE_LIMIT)) for alarm in self.notification.still_on[:_MOST_ALARMS]]
        recorded = self.reader.words.plural(f"notification.{self.notification.kind}.text", self.notification.signals)
        return [
            Part(text=recorded),
            Part(text=self._said("still_on") if alarms else self._said("all_off")),
            Part(items=alarms),
        ]

    # The task force

    def task_force(self) -> Sequence[Part]:
        """Who ordered it, and how to reach everyone in it."""
        people = [person for person in self.notification.people if person in self.reader.plan.contacts]
        items = [Item(text=self.reader.reached(person), under=self._leads(person)) for person in people]
        return [
            Part(text=self._ordered),
            Part(items=items),
            self._happened,
            Part(text=self._said("next")),
        ]

    @property
    def _ordered(self) -> str:
        orders, reader = self.notification.incident.orders, self.reader
        if orders is None or not orders.by:
            return self._said("by_plan")
        return self._said("ordered", who=reader.names.contact(orders.by), at=reader.when_in_zone(orders.at))

    def _leads(self, person: str) -> str:
        """Which of the called teams the person leads."""
        plan, reader = self.reader.plan, self.reader
        teams = [team for team in self.notification.incident.teams if plan.teams[team].lead == person]
        return self._said("leads", teams=reader.names.teams(teams)) if teams else ""

    # Tasks

    def team_called(self) -> Sequence[Part]:
        """The reader's tasks first, then the others', whom to ask, and the way to the team's page."""
        words, reader, team = self.reader.words, self.reader, self._team
        tasks = [one for one in self.notification.tasks if one.task.is_open]
        own = [one for one in tasks if one.task.owner == reader.contact.id and not one.task.is_by_system]
        others = [one for one in tasks if one not in own]
        lead = self._said("lead", who=self._lead(team)) if team else ""
        return [
            Part(text=self._said("text")),
            *self._list(words("notification.tasks_yours"), own),
            *self._list(words("notification.tasks_others"), others),
            Part(text=lead),
            self._link,
            self._happened,
        ]

    def _list(self, label: str, tasks: Sequence[DueTask]) -> Sequence[Part]:
        return [Part(strong=label), Part(items=[self.reader.task(one.task) for one in tasks])] if tasks else []

    def task_yours(self) -> Sequence[Part]:
        """The task, and who gave it."""
        names, people = self.reader.names, self.notification.people
        task = next((one.task for one in self.notification.tasks), None)
        giver = next(iter(people), task.added_by if task else "")
        given = self._said("given", who=names.contact(giver)) if giver else self._said("text")
        return [
            Part(text=given),
            Part(items=[self.reader.task(one.task) for one in self.notification.tasks]),
            self._since,
            Part(text=self._said("lead", who=self._lead(self._team)) if self._team else ""),
            self._link,
        ]

    def tasks_due(self) -> Sequence[Part]:
        """The tasks, and what can be done where one takes longer."""
        return [Part(text=self._said("text")), *self._due, self._else, self._since]

    def tasks_late(self) -> Sequence[Part]:
        """The tasks with whoever has them, and what can be done."""
        own = all(one.task.owner == self.reader.contact.id for one in self.notification.tasks)
        return [
            Part(text=self._said("text")),
            *self._due,
            self._else if own else Part(text=self._said("up")),
            self._since,
        ]

    @property
    def _else(self) -> Part:
        """What the owner can do where a task takes longer: a lead by themselves, others through their lead."""
        leads = {self.reader.plan.teams[team].lead for team in self._teams}
        is_lead = leads == {self.reader.contact.id}
        return Part(text=self.reader.words("notification.else_lead" if is_lead else "notification.else"))

    @property
    def _due(self) -> Sequence[Part]:
        items = [self.reader.task(one.task, one.team, phone=True) for one in self.notification.tasks]
        return [Part(items=items, numbered=len(items) > 1), self._link]

    # Updates to the public

    def update(self) -> Sequence[Part]:
        """When it is or was due, what is to be told, and whom to ask where it isn't the reader's to give."""
        team = self._team or Team.PUBLIC_RELATIONS
        people = self.reader.plan.team_people(team)
        is_theirs = self.notification.to.id in people
        return [
            Part(text=self._said("text")),
            Part(text=self._said("do") if is_theirs else self._said("up", who=self._lead(team))),
            self._link,
            self._since,
        ]

    # Statements

    def statement(self) -> Sequence[Part]:
        """The statement as it was published, and where."""
        return [Part(text=self._said("phase")), *self._wording, self._published]

    def statement_out(self) -> Sequence[Part]:
        """That it is out, what it says, and where."""
        title = str(self._of_statement.get("title", ""))
        return [Part(text=self._said("text")), Part(strong=title), *self._wording, self._published, self._since]

    @property
    def _wording(self) -> Sequence[Part]:
        statement = self.notification.statement
        paragraphs = statement.wording(self.reader.words.locale).paragraphs if statement else ()
        return [Part(text=paragraph) for paragraph in paragraphs]

    @property
    def _published(self) -> Part:
        link = self._said("link")
        return Part(text=link, url=self.notification.link_url, above_url=self.reader.words("mail.link", link=link))

    # Signals during the incident

    def alarm_cleared(self) -> Sequence[Part]:
        """Which alarm went off, and how many are still on."""
        cleared = self.notification.cleared
        return [Part(text=self._said("text")), Part(text=self._still_on(cleared.on if cleared else None)), self._since]

    def _still_on(self, on: int | None) -> str:
        if on is None:
            return ""
        key = f"notification.{self.notification.kind}"
        return self.reader.words.plural(f"{key}.on", on) if on else self._said("all")

    def severity_raised(self) -> Sequence[Part]:
        """Who raised it and why, what that means for a team, and whom the plan would call beside."""
        raised = self.notification.raised
        uncalled = raised.uncalled if raised else ()
        items = [Item(text=self._lead(team), under=self.reader.names.team(team)) for team in uncalled]
        return [
            Part(text=self._said("text")),
            Part(text=self._said("means")),
            Part(text=self._said("teams") if uncalled else ""),
            Part(items=items),
            self._since,
        ]

    # Resources and reserves

    def shortage(self) -> Sequence[Part]:
        """What was wanted by whom and what there was, and what can be done."""
        items = [self._short(loan) for loan in self.notification.allocations]
        return [Part(text=self._said("text")), Part(items=items), Part(text=self._said("do")), self._since]

    def _short(self, loan: Allocation) -> Item:
        names = self.reader.names
        return Item(
            text=self._said(
                "item",
                resource=names.resource_alone(loan.resource),
                wanted=names.quantity(loan.resource, loan.wanted),
                quantity=names.quantity(loan.resource, loan.quantity),
            ),
            under=self.reader.words.labelled(names.team(loan.team), self._lead(loan.team)),
        )

    # Whoever reported it

    def reported(self) -> Sequence[Part]:
        """How it stands with what the reader reported."""
        incident, names = self.notification.incident, self.reader.names
        text = self._said("text", incident=incident.id, teams=names.teams(incident.teams))
        return [Part(text=text), self._since]

    def reserve_called(self) -> Sequence[Part]:
        """Which team is helped, and whom to report to. What happened is for the lead to tell."""
        plan, words, team = self.reader.plan, self.reader.words, self._team
        known = [person for person in self.notification.people if person in plan.contacts]
        who = self.reader.reached(known[0]) if known else self._lead(team) if team else ""
        company = plan.text(plan.company.name, words.locale)
        duty = plan.text(plan.teams[team].duty, words.locale) if team else ""
        return [
            Part(text=self._said("text", company=company)),
            Part(strong=self._said("report", who=who)),
            Part(text=self._said("duty", duty=duty) if duty else ""),
            Part(text=self._said("keep", incident=self.notification.incident.id)),
        ]


_PARTS: Mapping[NotificationKind, Callable[[_Telling], Sequence[Part]]] = {
    NotificationKind.TASK_FORCE: _Telling.task_force,
    NotificationKind.TEAM_CALLED: _Telling.team_called,
    NotificationKind.CLEAN_UP_CALLED: _Telling.team_called,
    NotificationKind.TASK_YOURS: _Telling.task_yours,
    NotificationKind.TASKS_DUE: _Telling.tasks_due,
    NotificationKind.TASKS_LATE: _Telling.tasks_late,
    NotificationKind.UPDATE_DUE: _Telling.update,
    NotificationKind.UPDATE_LATE: _Telling.update,
    NotificationKind.STATEMENT: _Telling.statement,
    NotificationKind.STATEMENT_OUT: _Telling.statement_out,
    NotificationKind.SHORTAGE: _Telling.shortage,
    NotificationKind.CARRIER_CONFIRMED: _Telling.carrier,
    NotificationKind.CARRIER_DECLINED: _Telling.carrier,
    NotificationKind.ALARM_CLEARED: _Telling.alarm_cleared,
    NotificationKind.SEVERITY_RAISED: _Telling.severity_raised,
    NotificationKind.RESERVE_CALLED: _Telling.reserve_called,
    NotificationKind.MAINTENANCE_APPROVED: _Telling.maintenance_decided,
    NotificationKind.MAINTENANCE_DECLINED: _Telling.maintenance_decided,
    NotificationKind.MAINTENANCE_OVER: _Telling.maintenance_over,
    NotificationKind.REPORT_TAKEN: _Telling.reported,
    NotificationKind.REPORT_ORDERED: _Telling.reported,
    NotificationKind.REPORT_STOOD_DOWN: _Telling.reported,
    NotificationKind.REPORT_RESOLVED: _Telling.reported,
    NotificationKind.REPORT_CLOSED: _Telling.reported,
}

_COUNTED = frozenset({NotificationKind.TASKS_DUE, NotificationKind.TASKS_LATE})
_COUNTED_WORDS = frozenset({"ask", "heading", "text", "up"})
"""What these say of their tasks depends on how many they are."""
