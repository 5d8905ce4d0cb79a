"""Which signals have one cause, and what is remembered for it: open incidents, alarms that are on, planned maintenance.

The register is small, is read for every signal and changes only where an incident or a maintenance window opens or
ends. Whoever opens one writes the register that it was decided on, so that no two open for one cause.

Times that are compared are the signals' own, as far as they aren't in the future: what waited in a queue belongs where
it would have belonged at once. Only the quiet after people stood down is measured at the present: it ends for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from itertools import accumulate

from emergency.domain.classification import Classified
from emergency.domain.incident import Incident, IncidentStatus
from emergency.domain.plan import Correlation
from emergency.domain.signal import Signal
from emergency.domain.terms import Risk, Severity

MOST_CHILDREN = 100
"""Of how many children of a composite alarm is looked up where they belong."""

MOST_FAMILY = 300
"""How many ARNs an incident's family has at most; the register must stay small."""

MOST_FAMILIES_BYTES = 120_000
"""How long the ARNs of all families are together: one item of 400 KB holds everything that is open."""

_MOST_EARLY = 10
_MOST_CHANGES = 20

_WRONG_BY = timedelta(minutes=5)
"""How far ahead of ours a clock can be before it is wrong."""


@dataclass(frozen=True, kw_only=True)
class OpenIncident:
    """An incident that signals can join. `family` are the ARNs of the composite alarms in it and of their children.

    `opened_at` is the own time of the signal that opened it, `handled_at` when its response was over: from then on it
    takes aftershocks alone.
    """

    id: str
    cause: str
    risk: Risk
    component: str
    opened_at: datetime
    family: tuple[str, ...] = ()
    handled_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Window:
    """Planned maintenance that was approved: alarms of these components or names open nothing meanwhile.

    `components` and `alarms` are globs; an alarm is concerned where one of either fits. `id` is the incident-like
    record in which the signals are kept.
    """

    id: str
    components: tuple[str, ...]
    alarms: tuple[str, ...]
    first: datetime
    last: datetime


@dataclass(frozen=True, kw_only=True)
class Register:
    """What is open now."""

    incidents: tuple[OpenIncident, ...] = ()
    windows: tuple[Window, ...] = ()
    version: int = 0

    def incident(self, incident_id: str) -> OpenIncident | None:
        """The open incident of that id, or None."""
        return next((one for one in self.incidents if one.id == incident_id), None)

    def window(self, window_id: str) -> Window | None:
        """The maintenance window of that id, or None."""
        return next((one for one in self.windows if one.id == window_id), None)


@dataclass(frozen=True, kw_only=True)
class Former:
    """The incident that a cause had before, and how it ended."""

    incident_id: str
    cause: str
    ended_at: datetime
    severity: Severity
    stood_down: bool


@dataclass(frozen=True)
class Early:
    """A signal without an incident that said that its alarm went off, and when that was."""

    signal_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm as it was last heard of: what goes on and off, whichever incident it belongs to.

    `changed_at` is the alarm's own time of its last change, by which late events are known as such. `changes` are the
    latest of its changes, by which it is known to flap. `early` are those that said that it went off when nobody
    knew yet that it had been on.
    """

    arn: str
    is_on: bool
    changed_at: datetime
    incident_id: str = ""
    changes: tuple[datetime, ...] = ()
    is_flapping: bool = False
    early: tuple[Early, ...] = ()
    version: int = 0

    def is_newer_than(self, signal: Signal) -> bool:
        """Whether a signal tells of a time before what is known of the alarm."""
        return signal.at < self.changed_at


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The signals of one incident, counted.

    `signals` is how often a failure was reported, `alarms` how many alarms have been on, `on` how many are on now.
    `worst` is the highest severity that a signal was assessed at. `cleared_at` is when the last alarm went off; missing
    while one is on. With `ended_at` nothing is counted any more. `told` is how many timeline entries signals have made,
    `last_off_at` when an alarm went off last, whether or not another one is on.
    """

    incident_id: str
    signals: int
    alarms: int
    on: int
    first_at: datetime
    last_at: datetime
    worst: Severity
    cleared_at: datetime | None = None
    ended_at: datetime | None = None
    last_off_at: datetime | None = None
    told: int = 0
    version: int = 0


def alarm_of(signal: Signal) -> str:
    """What goes on and off: the alarm's ARN, or what else tells it from others; empty for a person's report."""
    if signal.report is not None:
        return ""
    return signal.alarm or f"{signal.source}/{signal.account}/{signal.region}/{signal.name}"


def home_of(
    found: Classified, register: Register, alarms: Mapping[str, Alarm], rules: Correlation, at: datetime
) -> OpenIncident | None:
    """The open incident that a failure belongs to, or None. `alarms` are its own and its children, as known."""
    taking = [one for one in register.incidents if _takes(one, rules, at)]
    own = alarms.get(alarm_of(found.signal))
    family = {alarms[child].incident_id for child in found.signal.children if child in alarms}
    tests: tuple[Callable[[OpenIncident], bool], ...] = (
        lambda one: own is not None and own.incident_id == one.id,
        lambda one: one.cause == found.cause,
        lambda one: (
            _can_share(found.rule.risk, one.risk)
            and (one.id in family or not {found.signal.alarm, *found.signal.children}.isdisjoint(one.family))
        ),
        lambda one: abs(at - one.opened_at) < timedelta(seconds=rules.related) and _depend(found, one, rules),
    )
    return next((one for test in tests for one in taking if test(one)), None)


def _can_share(risk: Risk, open_risk: Risk) -> bool:
    """Whether a composite alarm can bring a failure into an incident: a breach within a failure would be overlooked."""
    return risk is open_risk or risk is not Risk.DATA_BREACH


def _takes(incident: OpenIncident, rules: Correlation, at: datetime) -> bool:
    return incident.handled_at is None or at < incident.handled_at + timedelta(seconds=rules.aftershocks)


def _depend(found: Classified, incident: OpenIncident, rules: Correlation) -> bool:
    one, other = (found.rule.risk, found.component), (incident.risk, incident.component)
    return _depends(one, other, rules) or _depends(other, one, rules)


def _depends(one: tuple[Risk, str], other: tuple[Risk, str], rules: Correlation) -> bool:
    """Whether one depends on the other, by whatever lies between."""
    reached, left = set[str](), [one]
    while left:
        risk, component = left.pop()
        for named, below in rules.depends.items():
            if named in reached or not _fits(named, component):
                continue
            reached.add(named)
            targets = [_target(pattern, risk) for pattern in below]
            if any(target == other[0] and _fits(glob, other[1]) for target, glob in targets):
                return True
            left += [(target, key) for target, glob in targets for key in rules.depends if _fits(glob, key)]
    return False


def _target(pattern: str, risk: Risk) -> tuple[Risk, str]:
    """The risk and the component's glob that a dependency names."""
    named, separator, component = pattern.partition("/")
    return (Risk(named), component) if separator and named in set(Risk) else (risk, pattern)


def _fits(glob: str, text: str) -> bool:
    return fnmatchcase(text.casefold(), glob.casefold())


def window_for(found: Classified, register: Register, at: datetime) -> Window | None:
    """The planned maintenance by which a failure opens nothing, or None. What people report is never suppressed."""
    if found.signal.report is not None:
        return None
    open_now = (one for one in register.windows if one.first <= at <= one.last)
    return next((one for one in open_now if _concerns(one, found)), None)


def _concerns(window: Window, found: Classified) -> bool:
    return any(_fits(glob, found.component) for glob in window.components) or any(
        _fits(glob, found.signal.alarm if glob.startswith("arn:") else found.signal.name) for glob in window.alarms
    )


def is_quiet(former: Former | None, found: Classified, rules: Correlation, now: datetime) -> bool:
    """Whether people have just stood down for the same cause, and it isn't worse than they knew."""
    if former is None or not former.stood_down or found.signal.report is not None:
        return False
    is_worse = found.assessed.severity < former.severity
    return now < former.ended_at + timedelta(seconds=rules.quiet) and not is_worse


def has_returned(former: Former | None, rules: Correlation, at: datetime) -> bool:
    """Whether a cause that opens an incident counts as one that came back."""
    return former is not None and at < former.ended_at + timedelta(seconds=rules.returns)


def credible(known: Alarm | None, at: datetime, now: datetime) -> Alarm | None:
    """The alarm as it is known; had a wrong clock dated it ahead, as before `at`: or all news of it would be late."""
    if known is None or at > now or known.changed_at <= now + _WRONG_BY:
        return known
    return replace(known, changed_at=at - timedelta.resolution, changes=())


def heard(before: Alarm | None, arn: str, *, is_on: bool, at: datetime, incident_id: str, rules: Correlation) -> Alarm:
    """The alarm after a signal of it. One that is older than what is known changes no state.

    Of two that tell of the same moment, the one that says that it is on counts.
    """
    if before is None:
        first = (at,) if is_on else ()
        return Alarm(arn=arn, is_on=is_on, changed_at=at, incident_id=incident_id, changes=first)
    after = replace(before, incident_id=incident_id)
    if (at, is_on) <= (before.changed_at, before.is_on):
        return after
    if is_on == before.is_on:
        return replace(after, changed_at=at)
    since = at - timedelta(seconds=rules.flaps_within)
    changes = (*(change for change in before.changes if change > since), at)[-_MOST_CHANGES:]
    is_flapping = rules.flaps_within > 0 and len(changes) >= rules.flaps
    return replace(after, is_on=is_on, changed_at=at, changes=changes, is_flapping=is_flapping)


def with_early(alarm: Alarm, signal: Signal) -> Alarm:
    """The alarm with a signal that said that it went off, when nobody knew that it had been on."""
    return replace(alarm, early=(*alarm.early, Early(signal.id, signal.at))[-_MOST_EARLY:])


def begun(incident: Incident) -> Tally:
    """An incident's tally before its first signal is counted."""
    return Tally(
        incident_id=incident.id,
        signals=0,
        alarms=0,
        on=0,
        first_at=incident.detected_at,
        last_at=incident.detected_at,
        worst=incident.computed_severity,
    )


def from_before(incident: Incident) -> Tally:
    """The tally of an incident whose signals were counted on its own record (R24)."""
    return replace(
        begun(incident),
        signals=incident.signals,
        alarms=1,
        cleared_at=incident.cleared_at,
        last_off_at=incident.cleared_at,
        ended_at=incident.closed_at if incident.status.is_over else None,
    )


def reported(tally: Tally, at: datetime, severity: Severity) -> Tally:
    """The tally with one more report of a failure."""
    return replace(
        tally,
        signals=tally.signals + 1,
        first_at=min(tally.first_at, at),
        last_at=max(tally.last_at, at),
        worst=min(tally.worst, severity),
    )


def switched(tally: Tally, before: Alarm | None, after: Alarm) -> Tally:
    """The tally after an alarm of the incident was heard of."""
    was_here = before is not None and before.incident_id == tally.incident_id
    was_on = was_here and before is not None and before.is_on
    offs = [tally.last_off_at, None if after.is_on else after.changed_at]
    return _settled(
        replace(
            tally,
            alarms=tally.alarms + (not was_here),
            on=tally.on + after.is_on - was_on,
            last_off_at=max((off for off in offs if off is not None), default=None),
        )
    )


def left(tally: Tally, at: datetime) -> Tally:
    """The tally after an alarm that was on went over to another incident."""
    return _settled(replace(tally, on=max(0, tally.on - 1), last_off_at=max(tally.last_off_at or at, at)))


def _settled(tally: Tally) -> Tally:
    return replace(tally, cleared_at=None if tally.on else tally.last_off_at)


def with_opened(register: Register, incident: Incident, signal: Signal) -> Register:
    """The register with an incident that opens now."""
    opened = OpenIncident(
        id=incident.id,
        cause=incident.cause,
        risk=incident.risk,
        component=incident.component,
        opened_at=incident.detected_at,
    )
    return with_family(replace(register, incidents=(*register.incidents, opened)), incident.id, signal)


def with_family(register: Register, incident_id: str, signal: Signal) -> Register:
    """The register with a composite alarm and its children in an incident's family; as it was for other alarms."""
    if not signal.children:
        return register
    known = register.incident(incident_id)
    grown = (*(known.family if known else ()), *filter(None, (signal.alarm, *signal.children)))
    others = sum(_length(arn) for one in register.incidents if one.id != incident_id for arn in one.family)
    lengths = accumulate((_length(arn) for arn in dict.fromkeys(grown)), initial=others)
    room = sum(length <= MOST_FAMILIES_BYTES for length in lengths) - 1
    family = tuple(dict.fromkeys(grown))[: max(0, min(MOST_FAMILY, room))]
    return _changed(register, incident_id, lambda one: replace(one, family=family))


def _length(arn: str) -> int:
    return len(arn.encode(errors="surrogatepass"))


def _changed(register: Register, incident_id: str, change: Callable[[OpenIncident], OpenIncident]) -> Register:
    incidents = tuple(change(one) if one.id == incident_id else one for one in register.incidents)
    return replace(register, incidents=incidents)


def let_go(register: Register, incident: Incident) -> Register:
    """The register after an incident's response is over, or all of it."""
    if incident.status.is_over:
        return replace(register, incidents=tuple(one for one in register.incidents if one.id != incident.id))
    return _changed(register, incident.id, lambda one: replace(one, handled_at=incident.handled_at))


def former_of(incident: Incident, ended_at: datetime) -> Former:
    """What its cause remembers of an incident that is over."""
    return Former(
        incident_id=incident.id,
        cause=incident.cause,
        ended_at=ended_at,
        severity=min(incident.severity, incident.computed_severity),
        stood_down=incident.status is IncidentStatus.STOOD_DOWN,
    )
