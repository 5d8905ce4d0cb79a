"""Public relations tells the public how things stand, in the cadence that the plan sets (P6.3)."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.answer import Form, read_required
from emergency.domain.deadline import Deadline, Watched, updated
from emergency.domain.errors import UnusableAnswer
from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Team
from emergency.domain.timeline import Fact
from emergency.ports import Clock, Deadlines
from emergency.use_cases.attempts import until_written
from emergency.use_cases.keep_record import check_addition
from emergency.use_cases.open_link import Opened, check_answerer, form_id
from emergency.use_cases.telling import fact_of

UPDATE = "update"


@dataclass(frozen=True, kw_only=True)
class GiveUpdate:
    """Puts on record that an update was given, and sets the clock for the next; the same form twice is one."""

    plan: Plan
    deadlines: Deadlines
    clock: Clock

    def __call__(self, opened: Opened, form: Form) -> None:
        """Takes what was told. Raises ForgedForm, NotYours, DecisionSettled, UnusableAnswer."""
        check_answerer(opened, form)
        check_addition(opened, form, UPDATE)
        if opened.decision.kind is not DecisionKind.COMPLETE or opened.decision.team is not Team.PUBLIC_RELATIONS:
            raise UnusableAnswer(UPDATE, "unknown")
        text = read_required(form, UPDATE)
        key = f"update/{form_id(opened, form, text)[:16]}"
        if not any(entry.key.endswith(key) for entry in opened.record.timeline):
            until_written(lambda: self._give(opened, text, key))

    def _give(self, opened: Opened, text: str, key: str) -> None:
        incident, who, now = opened.record.incident, opened.link.contact, self.clock()
        deadline = self.deadlines.get(incident.id, Watched.UPDATES) or Deadline(
            incident_id=incident.id, id=Watched.UPDATES, began_at=now
        )
        if deadline.given == key:
            return
        if deadline.due_at is None:
            raise UnusableAnswer(UPDATE, "unknown")
        entry = fact_of(
            opened.decision,
            Fact.UPDATE_GIVEN,
            key=key,
            now=now,
            actor=who,
            details={"who": who, "text": text, "beat": deadline.beat},
        )
        self.deadlines.save(updated(deadline, key, incident, self.plan, now), [entry])
