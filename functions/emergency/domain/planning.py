"""Planned maintenance as it is asked for, kept on record, and held against alarms (P6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from emergency.domain.answer import Form, read_moment, read_required, read_text
from emergency.domain.correlation import Register, Window
from emergency.domain.errors import UnusableAnswer
from emergency.domain.incident import Incident, IncidentStatus
from emergency.domain.link import digest_of
from emergency.domain.maintenance import MAINTENANCE_PREFIX, Maintenance
from emergency.domain.plan import Plan
from emergency.domain.terms import Risk, Severity

COMPONENTS, ALARMS, FIRST, LAST, REASON = "components", "alarms", "first", "last", "reason"
"""The form's fields: parts of the platform, names of alarms (one a line), from, until, why."""

MOST_ALARMS, ALARM_LIMIT = 20, 200
"""How many names of alarms can be written, and how long each may be."""

FARTHEST = timedelta(days=60)
"""How long before it begins maintenance can be planned."""

REASON_LIMIT = 900
"""Characters that the reason may have."""

_ARN_BEFORE = 5
"""Parts of an ARN before what it names."""

_KEPT_FOR = timedelta(days=1)
"""A window whose end nobody could carry out leaves the register by the next one."""


def places(plan: Plan) -> tuple[str, ...]:
    """The components that can be chosen: those of the places where people report incidents."""
    return tuple(dict.fromkeys(place.component for place in plan.reporting.places))


def read_maintenance(form: Form, plan: Plan, *, by: str, now: datetime) -> Maintenance:
    """What was asked for on the form. Raises UnusableAnswer naming the field and what is wrong with it."""
    components = tuple(dict.fromkeys(value for value in form.get(COMPONENTS, ()) if value))
    if not set(components) <= set(places(plan)):
        raise UnusableAnswer(COMPONENTS, "unknown")
    alarms = _alarms(form)
    if not components and not alarms:
        raise UnusableAnswer(COMPONENTS, "missing")
    first, last = read_moment(form, FIRST, plan), read_moment(form, LAST, plan)
    _check_times(first, last, plan, now)
    return Maintenance(
        by=by,
        components=components,
        alarms=alarms,
        first=first,
        last=last,
        reason=read_required(form, REASON, REASON_LIMIT),
    )


def _alarms(form: Form) -> tuple[str, ...]:
    written = read_text(form, ALARMS).splitlines()
    alarms = tuple(dict.fromkeys(line.strip() for line in written if line.strip()))
    if len(alarms) > MOST_ALARMS or any(len(alarm) > ALARM_LIMIT for alarm in alarms):
        raise UnusableAnswer(ALARMS, "too_many")
    # What fits every alarm would leave the company without any.
    if not all(any(character.isalnum() for character in _own(alarm)) for alarm in alarms):
        raise UnusableAnswer(ALARMS, "too_wide")
    return alarms


def _own(alarm: str) -> str:
    """What tells the alarms that a glob fits from others: its name, without what stands in brackets."""
    name = alarm
    if alarm.startswith("arn:"):
        parts = alarm.split(":", 5)
        name = parts[5].removeprefix("alarm:") if len(parts) > _ARN_BEFORE else ""
    return re.sub(r"\[[^\]]*\]", "", name)


def _check_times(first: datetime, last: datetime, plan: Plan, now: datetime) -> None:
    if last <= first:
        raise UnusableAnswer(LAST, "before_first")
    if last <= now:
        raise UnusableAnswer(LAST, "over")
    if last - first > timedelta(seconds=plan.longest_maintenance):
        raise UnusableAnswer(LAST, "too_far")
    if first > now + FARTHEST:
        raise UnusableAnswer(FIRST, "too_far")


def maintenance_id(maintenance: Maintenance, once: str) -> str:
    """The id of the record: the same for the same form, however often it is posted."""
    said = (maintenance.by, once, *maintenance.named, maintenance.first.isoformat(), maintenance.last.isoformat())
    return f"{MAINTENANCE_PREFIX}{maintenance.first:%Y%m%d}-{digest_of(chr(10).join(said))[:8].upper()}"


def record_of(maintenance: Maintenance, plan: Plan, *, id_: str, now: datetime) -> Incident:
    """The record that is kept of planned maintenance, at the lowest severity.

    It is shaped like an incident's, so that questions, links, mails and a timeline can belong to it.
    """
    named = ", ".join(maintenance.named)
    return Incident(
        id=id_,
        status=IncidentStatus.PLANNED,
        cause=id_,
        rule="",
        risk=Risk.SYSTEM_FAILURE,
        component=named,
        title=dict.fromkeys(plan.company.locales, named),
        place=dict.fromkeys(plan.company.locales, ""),
        first_impact=dict.fromkeys(plan.company.locales, maintenance.reason),
        signal_name="",
        signal_reason="",
        began_at=maintenance.first,
        detected_at=maintenance.first,
        reported_at=now,
        likelihood=1,
        impact=1,
        computed_severity=Severity.SEV4,
        severity=Severity.SEV4,
        signals=0,
    )


def with_window(register: Register, incident_id: str, maintenance: Maintenance, now: datetime) -> Register:
    """The register with the maintenance's window, and without those whose time is long over."""
    window = Window(
        id=incident_id,
        components=maintenance.components,
        alarms=maintenance.alarms,
        first=maintenance.first,
        last=maintenance.last,
    )
    return replace(register, windows=(*_others(register.windows, incident_id, now), window))


def without_window(register: Register, incident_id: str, now: datetime) -> Register:
    """The register without the maintenance's window, and without those whose time is long over."""
    return replace(register, windows=tuple(_others(register.windows, incident_id, now)))


def _others(windows: Iterable[Window], incident_id: str, now: datetime) -> Iterable[Window]:
    return (one for one in windows if one.id != incident_id and one.last + _KEPT_FOR > now)
