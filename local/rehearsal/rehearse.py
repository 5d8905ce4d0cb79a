"""One rehearsal from the first event to the last answer."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.engine.faults import Fault
from local.records import IncidentRecord
from local.rehearsal.answers import AnswerScript
from local.rehearsal.events import happening_at
from local.rehearsal.people import People, contact_ids
from local.rehearsal.progress import Progress
from local.rehearsal.signals import LaterSignals
from local.rehearsal.visitors import Visitors
from local.stack import LocalStack

_INTAKE_SECONDS = 90.0
_LOOK_SECONDS = 0.1
_DEAD_LETTER_SECONDS = 10.0
DEFAULT_TIME_SCALE = 30.0
"""A minute of the plan in two seconds: short, and long enough for an answer within the shortest timer."""

_SPARE_SECONDS = 600.0
_CLOCK = "-deadline:"
_GOOD_ENDS = frozenset({"closed", "stood_down"})


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What is to be rehearsed.

    Attributes:
        events: Envelopes in the order of their delivery.
        limit: Real seconds after which the rehearsal gives up; None for as long as the plan can take.
        now: Whether each event happens when it is delivered, instead of when it says. Legal clocks count from there.
    """

    events: Sequence[Mapping[str, Any]]
    script: AnswerScript
    time_scale: float = DEFAULT_TIME_SCALE
    faults: Sequence[Fault] = ()
    limit: float | None = None
    now: bool = False


@dataclass(frozen=True, kw_only=True)
class Disposition:
    """What became of one event: opened, joined, cleared, suppressed, damped, ignored or rejected."""

    event_id: str
    kind: str
    incident_id: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """How the rehearsal ended. `outcome` is what became of the last event, as `summary.json` names it."""

    outcome: str
    incident: IncidentRecord | None
    dispositions: tuple[Disposition, ...]
    seconds: float
    problems: tuple[str, ...] = field(default=())

    @property
    def is_as_planned(self) -> bool:
        """Whether the incident ended as the plan allows."""
        if self.problems:
            return False
        if self.outcome in _GOOD_ENDS:
            return True
        if self.outcome in ("joined", "ignored", "cleared", "suppressed", "damped"):
            return self.incident is None or self.incident.status in _GOOD_ENDS
        return False


def rehearse(assembly: Path, plan: Rehearsal, progress: Progress) -> tuple[LocalStack, Result]:
    """Runs the rehearsal. The stack is given back still open, so that its records can be read; the caller closes it."""
    progress.wait_for("Starting the local home")
    stack = LocalStack(assembly, time_scale=plan.time_scale)
    stack.start()
    try:
        progress.wait_for("Loading the functions")
        stack.warm()
        return stack, _run(stack, plan, progress)
    except BaseException:
        stack.close()
        raise


def _run(stack: LocalStack, plan: Rehearsal, progress: Progress) -> Result:
    for fault in plan.faults:
        stack.faults.order(fault)
    for mail_fault in plan.script.mail_faults(contact_ids(stack.compiled_plan())):
        stack.mail_faults.order(mail_fault)
    started = time.monotonic()
    progress.say(f"The local home is up at {stack.url}")
    dispositions = _deliver(stack, plan, progress)
    people = People(stack, plan.script, time_scale=plan.time_scale, tell=progress.say)
    visitors = Visitors(stack, plan.script.visitors, tell=progress.say)
    later = LaterSignals(stack, plan.script.signals, time_scale=plan.time_scale, now=plan.now, tell=progress.say)
    limit = plan.limit or longest_course(stack.compiled_plan()) + _SPARE_SECONDS
    in_time = _live(stack, (visitors, people, later), progress, until=started + limit)
    for fault in stack.faults.left:
        progress.say(f"This fault never struck: {fault}")
    incident = _followed(stack, dispositions)
    problems = [*people.problems, *visitors.problems, *later.problems]
    if not in_time:
        problems.append(f"gave up after {limit:.0f} s; still running: {_still_running(stack)}")
    return Result(
        outcome=_outcome(dispositions[-1], incident),
        incident=incident,
        dispositions=tuple(dispositions),
        seconds=round(time.monotonic() - started, 3),
        problems=tuple(problems),
    )


def longest_course(plan: Mapping[str, Any]) -> float:
    """Seconds that an incident takes at most where nobody answers anything and every report is returned.

    `plan` is the compiled plan with its timers already divided. A notice to an authority can follow the response, or
    another notice, and each has its own time before anybody else is asked.
    """
    decisions = plan.get("decisions", {})
    notices = plan.get("deadlines", {}).get("notices", {}).values()
    rounds = {"review": int(plan.get("review_rounds", 0)) + 1, "notice": len(notices)}

    def course(wait: Mapping[str, Sequence[int]]) -> float:
        return sum(
            _longest_decision(decisions.get(kind, {}), waits) * rounds.get(kind, 1) for kind, waits in wait.items()
        )

    longest = max((course(severity.get("wait", {})) for severity in plan.get("severities", {}).values()), default=0.0)
    return longest + sum(float(notice["within"]) for notice in notices)


def _longest_decision(how: Mapping[str, Any], waits: Sequence[int]) -> float:
    """Seconds until the last rung is silent for the last time, with all the time that people can ask for.

    Reminders come within a rung's time; the last of `waits` counts for every rung after it.
    """
    rungs = len(how.get("ladder") or [""])
    ladder = sum(waits[min(rung, len(waits) - 1)] for rung in range(rungs))
    more_time = how.get("more_time") or {"times": 0, "share": 0}
    longest_extension = max(waits) * more_time["share"] / 100
    return float(ladder * (1 + how.get("start_over", 0)) + more_time["times"] * longest_extension)


def _deliver(stack: LocalStack, plan: Rehearsal, progress: Progress) -> list[Disposition]:
    """Delivers the events one after another, each when intake has dealt with the one before."""
    dispositions: list[Disposition] = []
    for given in plan.events:
        event = happening_at(given, datetime.now(UTC)) if plan.now else given
        progress.wait_for(f"Delivering {event['detail-type']}")
        disposition = _deliver_one(stack, event, dispositions)
        dispositions.append(disposition)
        what = " ".join(part for part in (disposition.kind, disposition.incident_id) if part)
        why = f" ({disposition.reason})" if disposition.reason else ""
        progress.say(f"{event['detail-type']} {event['id']}: {what}{why}", style="bold")
    return dispositions


def _deliver_one(stack: LocalStack, event: Mapping[str, Any], before: Sequence[Disposition]) -> Disposition:
    event_id = str(event["id"])
    dead_before = stack.dead_letters()
    if not stack.put_event(event):
        return Disposition(event_id=event_id, kind="ignored", reason="no rule of the app matches it")
    stack.wait_until(stack.is_idle, _INTAKE_SECONDS, f"intake to handle event {event_id}")
    signal = stack.reader.signal(event_id)
    if signal is None:
        # A message on its way to the dead-letter queue can be in neither queue for a moment.
        until = time.monotonic() + _DEAD_LETTER_SECONDS
        while stack.dead_letters() <= dead_before and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
        if stack.dead_letters() > dead_before:
            return Disposition(event_id=event_id, kind="rejected", reason="it is in the dead-letter queue")
        return Disposition(event_id=event_id, kind="ignored", reason="intake left no record of it")
    incident_id = str(signal.get("incident_id") or "")
    kind = str(signal.get("disposition", "ignored"))
    if any(earlier.event_id == event_id for earlier in before) and kind in ("opened", "joined"):
        kind = "joined"
    return Disposition(event_id=event_id, kind=kind, incident_id=incident_id, reason=str(signal.get("reason") or ""))


def _live(
    stack: LocalStack, people: Sequence[People | Visitors | LaterSignals], progress: Progress, *, until: float
) -> bool:
    """Lets people act until nothing runs any more. Returns False where the time was up before."""
    shown = 0.0
    while True:
        for each in people:
            each.work()
        if time.monotonic() - shown > 1:
            progress.show(stack.executions())
            shown = time.monotonic()
        if _is_over(stack):
            progress.show(stack.executions())
            return True
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK_SECONDS)


def _is_over(stack: LocalStack) -> bool:
    """Whether nothing goes on; which clocks are abandoned is asked only once nothing but clocks runs."""
    return all(_CLOCK in arn for arn in stack.running()) and stack.is_quiet(ignoring=abandoned_clocks(stack))


def abandoned_clocks(stack: LocalStack) -> frozenset[str]:
    """The executions that watch clocks of a failed response: they hear of it at their next look, maybe in an hour."""
    clocks = [arn for arn in stack.running() if _CLOCK in arn]
    return frozenset(arn for arn in clocks if _is_abandoned(stack, stack.input_of(arn)))


def _is_abandoned(stack: LocalStack, about: Mapping[str, Any]) -> bool:
    incident = stack.reader.incident(str(about.get("incident_id"))) if about.get("kind") == "watched" else None
    return incident is not None and incident.status == "needs_attention"


def _followed(stack: LocalStack, dispositions: Sequence[Disposition]) -> IncidentRecord | None:
    """The last event's incident, else the one opened last."""
    for disposition in reversed(dispositions):
        if disposition.incident_id:
            return stack.reader.incident(disposition.incident_id)
    return None


def _outcome(last: Disposition, incident: IncidentRecord | None) -> str:
    if last.kind != "opened":
        return last.kind
    return incident.status if incident is not None and incident.status in _GOOD_ENDS else "needs_attention"


def _still_running(stack: LocalStack) -> str:
    names = [arn.rpartition(":")[2] for arn in stack.running()]
    return ", ".join(names) or "nothing"
