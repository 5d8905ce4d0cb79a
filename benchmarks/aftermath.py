"""Lets events loose on the local home, and tells what came of them."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from benchmarks.storm import Delivery
from local.executions import Execution
from local.records import IncidentRecord
from local.rehearsal.answers import parse_answers
from local.rehearsal.people import People
from local.stack import LocalStack

STAND_DOWN = {"answers": [{"kind": "orders", "press": "stand_down", "after": 0, "fields": {"comment": "Measured."}}]}
"""What people answer once the storm is over: the shortest way to an incident's end."""

_LOG = logging.getLogger(__name__)
_LIMIT = 600.0
_PARTS = frozenset({"PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"})
"""What intake writes stands in transactions."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """What one incident came to.

    Attributes:
        first_mail: Seconds from the first delivery of an event of its cause to its first mail; infinite without one.
        mails: How many mails it sent, until people answered the first question.
        executions: How many executions it had in all.
        transitions: The billed state transitions of all of them together.
    """

    id: str
    cause: str
    status: str
    first_mail: float
    mails: int
    executions: int
    transitions: int


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """What came of a storm.

    Attributes:
        dispositions: How many signals were opened, joined, and so on.
        lost: The ids of events that nothing is on record of.
        dead_letters: How many messages lie in dead-letter queues.
        seconds: From the first delivery until all events were dealt with.
        intake_calls: How many calls of AWS intake has made.
    """

    courses: tuple[Course, ...]
    dispositions: Mapping[str, int]
    lost: frozenset[str]
    dead_letters: int
    seconds: float
    intake_calls: int

    @property
    def by_cause(self) -> Mapping[str, Course]:
        """The incidents by their cause; of several the last."""
        return {course.cause: course for course in self.courses}

    @property
    def transitions(self) -> int:
        """The billed state transitions of all incidents together."""
        return sum(course.transitions for course in self.courses)


def let_loose(stack: LocalStack, deliveries: Sequence[Delivery], *, in_real_time: bool = False) -> Aftermath:
    """Delivers the events, one after another or at their own times, and lets people stand every incident down.

    Raises TimeoutError where the storm isn't over after ten minutes.
    """
    dead_before, calls_before = stack.dead_letters(), _calls_of_intake(stack)
    began, first = datetime.now(UTC), dict[str, datetime]()
    started = time.monotonic()
    for delivery in deliveries:
        if in_real_time:
            time.sleep(max(0.0, started + delivery.after - time.monotonic()))
        first.setdefault(str(delivery.event["id"]), datetime.now(UTC))
        stack.put_event(delivery.event)
    stack.wait_until(stack.is_idle, _LIMIT, "the storm to be over")
    seconds, calls = time.monotonic() - started, _calls_of_intake(stack) - calls_before
    stack.wait_until(lambda: _all_are_asked(stack, began), _LIMIT, "the first mail of each incident")
    mails = Counter(mail.incident_id for mail in stack.mailbox.mails)
    _stand_down(stack)
    recorded = stack.reader.signals()
    signals = {id_: recorded.get(id_) for id_ in first}
    return Aftermath(
        courses=_courses(stack, _since(stack, began), signals, first, mails),
        dispositions=Counter(str(signal["disposition"]) for signal in signals.values() if signal),
        lost=frozenset(id_ for id_, signal in signals.items() if signal is None),
        dead_letters=stack.dead_letters() - dead_before,
        seconds=seconds,
        intake_calls=calls,
    )


def _calls_of_intake(stack: LocalStack) -> int:
    """The calls so far; the log names the parts of a transaction beside it."""
    made = {call for call in stack.calls.seen() if call[0] == "intake" and call[2] not in _PARTS}
    return sum(stack.calls.count(service, operation, caller) for caller, service, operation in made)


def _since(stack: LocalStack, began: datetime) -> tuple[IncidentRecord, ...]:
    found = stack.reader.incidents()
    return tuple(one for one in found if datetime.fromisoformat(str(one.incident["reported_at"])) >= began)


def _all_are_asked(stack: LocalStack, began: datetime) -> bool:
    mailed = {mail.incident_id for mail in stack.mailbox.mails}
    return {incident.id for incident in _since(stack, began)} <= mailed


def _stand_down(stack: LocalStack) -> None:
    people = People(stack, parse_answers(STAND_DOWN, "the benchmark"), time_scale=stack.time_scale, tell=_LOG.info)

    def is_over() -> bool:
        people.work()
        return stack.is_quiet()

    stack.wait_until(is_over, _LIMIT, "people to stand down")


def _courses(
    stack: LocalStack,
    incidents: Sequence[IncidentRecord],
    signals: Mapping[str, Mapping[str, Any] | None],
    first: Mapping[str, datetime],
    mails: Mapping[str, int],
) -> tuple[Course, ...]:
    executions = stack.executions()
    return tuple(
        Course(
            id=incident.id,
            cause=str(incident.incident["cause"]),
            status=incident.status,
            first_mail=_first_mail(stack, incident.id, signals, first),
            mails=mails.get(incident.id, 0),
            executions=sum(execution.incident_id == incident.id for execution in executions),
            transitions=_sum(lambda execution: execution.transitions, incident.id, executions),
        )
        for incident in incidents
    )


def _sum(of: Callable[[Execution], int], incident_id: str, executions: Sequence[Execution]) -> int:
    return sum(of(execution) for execution in executions if execution.incident_id == incident_id)


def _first_mail(
    stack: LocalStack,
    incident_id: str,
    signals: Mapping[str, Mapping[str, Any] | None],
    first: Mapping[str, datetime],
) -> float:
    delivered = [first[id_] for id_, signal in signals.items() if signal and signal.get("incident_id") == incident_id]
    mailed = [mail.at for mail in stack.mailbox.mails if mail.incident_id == incident_id]
    return (min(mailed) - min(delivered)).total_seconds() if mailed and delivered else float("inf")
