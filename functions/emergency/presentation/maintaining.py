"""The page on which somebody plans maintenance, and ends it (P6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from emergency.domain.answer import Form
from emergency.domain.decision import Decision
from emergency.domain.errors import UnusableAnswer
from emergency.domain.incident import Incident
from emergency.domain.incident_report import local_minute
from emergency.domain.plan import Contact, Locale, Plan
from emergency.domain.planning import ALARMS, COMPONENTS, FIRST, LAST, REASON, REASON_LIMIT
from emergency.presentation.controls import LINE_SHOWN, Control
from emergency.presentation.plain import cut, one_line
from emergency.presentation.reporting import ReportPages
from emergency.presentation.templating import Page, render
from emergency.presentation.words import Words

END = "end"
"""The button that ends maintenance early; its value is the record's id."""

_SHOWN = 5 * REASON_LIMIT
_NAME_LIMIT = 120
_ROWS = {ALARMS: 3, REASON: 4}
_LIMITS = {REASON: REASON_LIMIT}


@dataclass(frozen=True, kw_only=True)
class MaintenanceForm:
    """The page as it is shown to a contact: what they have planned, and the form, with what was posted in it.

    `done` is `sent` or `ended` after that was done, `too_many` where no more can be planned. `report_url` is where they
    report incidents. `nonce` binds the forms to the link, `once` is new each time.
    """

    now: datetime
    once: str
    nonce: str
    contact: Contact
    report_url: str
    locale: Locale = ""
    planned: Sequence[tuple[Incident, Decision]] = ()
    posted: Form = field(default_factory=dict)
    error: UnusableAnswer | None = None
    done: str = ""


@dataclass(frozen=True)
class _Planned:
    """Maintenance that its reader has planned and that isn't over."""

    id: str
    what: str
    state: str


class _Fields:
    """The fields of the form and what stands beside it, in the reader's words."""

    def __init__(self, form: MaintenanceForm, plan: Plan, words: Words) -> None:
        self._form = form
        self._plan = plan
        self._words = words

    @property
    def problem(self) -> tuple[str, str] | None:
        """What to correct: the field's id, and what is wrong; None where nothing is."""
        error = self._form.error
        return (error.field, self._problem(error.field)) if error else None

    @property
    def components(self) -> Control:
        """Which parts of the platform are worked on."""
        return self._control(COMPONENTS)

    @property
    def places(self) -> Sequence[tuple[str, str, bool]]:
        """What there is to choose from: component, names of its places, and whether it is chosen."""
        chosen, names = self._form.posted.get(COMPONENTS, ()), dict[str, list[str]]()
        for place in self._plan.reporting.places:
            names.setdefault(place.component, []).append(self._plan.text(place.name, self._words.locale))
        return [(component, self._words.join(named), component in chosen) for component, named in names.items()]

    @property
    def alarms(self) -> Control:
        """Which alarms beside, by their names."""
        return self._control(ALARMS)

    @property
    def first(self) -> Control:
        """When it begins; now until somebody writes another time."""
        return self._control(FIRST, hint=self._words.zone(self._plan), value=local_minute(self._form.now, self._plan))

    @property
    def last(self) -> Control:
        """When it ends."""
        return self._control(LAST, hint=self._words("maintaining.last.hint", longest=self._longest))

    @property
    def reason(self) -> Control:
        """What is done, and why."""
        return self._control(REASON)

    @property
    def planned(self) -> Sequence[_Planned]:
        """What the reader has planned already."""
        return [self._told(incident, question) for incident, question in self._form.planned]

    def _told(self, incident: Incident, question: Decision) -> _Planned:
        maintenance, words = question.maintenance, self._words
        what, times = "", ""
        if maintenance:
            what = one_line(words.join(maintenance.named), _NAME_LIMIT)
            first, last = (words.short_moment(at, self._plan) for at in (maintenance.first, maintenance.last))
            times = words("maintaining.own.time", first=first, last=last)
        state = words("maintaining.own.open" if question.is_open else "maintaining.own.approved")
        return _Planned(id=incident.id, what=what, state=words.paragraph(times, state))

    @property
    def _longest(self) -> str:
        return self._words.duration(self._plan.longest_maintenance)

    def _control(self, name: str, *, hint: str = "", value: str = "") -> Control:
        entered = "\n".join(self._form.posted.get(name, ())) if self._form.posted else value
        rows = _ROWS.get(name, 0)
        return Control(
            id=name,
            name=name,
            label=self._words(f"maintaining.{name}.label"),
            hint=hint or self._words(f"maintaining.{name}.hint"),
            value=cut(entered, _SHOWN if rows else LINE_SHOWN),
            required=name in {FIRST, LAST, REASON},
            error=self._problem(name),
            rows=rows,
            limit=_LIMITS.get(name, _SHOWN if rows else LINE_SHOWN),
        )

    def _problem(self, name: str) -> str:
        error = self._form.error
        if error is None or error.field != name:
            return ""
        for key in (f"maintaining.{name}.{error.problem}", f"maintaining.{error.problem}"):
            if key in self._words:
                return self._words(key, longest=self._longest, limit=_LIMITS.get(name, LINE_SHOWN))
        return self._words("maintaining.unusable")


class MaintenancePages(ReportPages):
    """Writes the page; and the notices of the pages beside it."""

    def maintenance(self, form: MaintenanceForm) -> Page:
        """200: the page; 422 where something in its form has to be corrected, 429 where no more can be planned."""
        words = self._words_for(form.contact, form.locale)
        html = render(
            "maintenance.html.j2",
            **self._frame(words),
            form=form,
            end=END,
            fields=_Fields(form, self._plan, words),
            whose=self._whose(form.contact, words),
            languages=self._languages(words),
        )
        refused = HTTPStatus.TOO_MANY_REQUESTS if form.done == "too_many" else HTTPStatus.OK
        return Page(status=HTTPStatus.UNPROCESSABLE_ENTITY if form.error else refused, html=html)
