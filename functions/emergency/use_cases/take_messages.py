"""A batch of events from the queue: signals are taken together, unusable ones rejected, what failed comes again.

One event that makes trouble never holds up the others (R15).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from emergency.domain.errors import UnusableSignal
from emergency.domain.signal import SignalRecord, is_usable_id
from emergency.use_cases.reject_event import RejectEvent
from emergency.use_cases.report_by_hand import NameReporter
from emergency.use_cases.report_incident import ReportIncident
from emergency.use_cases.report_together import Arrived, ReportTogether


@dataclass(frozen=True)
class Message:
    """One message of the queue: its id, and an EventBridge event as JSON."""

    id: str
    body: str


@dataclass(frozen=True)
class Taken:
    """What became of a message: the record of its signal, or the error for which it has to come again."""

    message: Message
    outcome: SignalRecord | Exception


@dataclass(frozen=True, kw_only=True)
class TakeMessages:
    """Takes a batch. Repeating it for messages that were taken changes nothing."""

    report: ReportIncident
    reject: RejectEvent
    name_reporter: NameReporter

    def __call__(self, messages: Sequence[Message]) -> Sequence[Taken]:
        """What became of each message, in no order. Raises nothing."""
        arrived, taken = list[tuple[Message, Arrived]](), list[Taken]()
        for message in messages:
            event = _decoded(message.body)
            try:
                arrived.append((message, Arrived(self.report.read(self.name_reporter(event)), message.body)))
            except UnusableSignal as unusable:
                event_id, reason = _id_of(event) or message.id, str(unusable)
                taken.append(_outcome(message, partial(self.reject, event_id, message.body, reason)))
            except Exception as error:  # noqa: BLE001 - whose link it is can't be looked up now
                taken.append(Taken(message, error))
        records = self._together([one for _, one in arrived])
        return [
            *taken,
            *(
                _outcome(message, partial(self._carried_out, one, record))
                for (message, one), record in zip(arrived, records, strict=True)
            ),
        ]

    def _together(self, arrived: Sequence[Arrived]) -> Sequence[SignalRecord | None]:
        """What became of each signal; None where it has to be taken by itself."""
        one_by_one = [None] * len(arrived)
        if len(arrived) == 1:
            return one_by_one
        try:
            return ReportTogether(report=self.report)(arrived)
        except Exception:  # noqa: BLE001 - whichever signal it was, it must not hold up the others
            return one_by_one

    def _carried_out(self, one: Arrived, record: SignalRecord | None) -> SignalRecord:
        if record is None:
            return self.report.take(one.signal, one.event)
        self.report.carry_out(record)
        return record


def _outcome(message: Message, take: Callable[[], SignalRecord]) -> Taken:
    try:
        return Taken(message, take())
    except Exception as error:  # noqa: BLE001 - it is told of, and the message comes again
        return Taken(message, error)


def _decoded(body: str) -> object:
    """The message's JSON, or its text where it is none, which no reader of signals accepts."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body


def _id_of(event: object) -> str:
    """The event's own id where it has a usable one, or empty."""
    event_id = event.get("id") if isinstance(event, dict) else None
    return event_id if isinstance(event_id, str) and is_usable_id(event_id) else ""
