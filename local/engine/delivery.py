"""Delivers what moto stores only: events to rules' targets, queue messages to functions, scheduled rules.

This module knows moto's rules and queues from the inside, like `moto_repairs`.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import json
import logging
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.engine import envelopes
from local.engine.lambda_runtime import LambdaRuntime

_log = logging.getLogger(__name__)

REDELIVERY_SECONDS = 0.3
"""How long a failed message stays invisible. AWS waits for the queue's visibility timeout, minutes."""

LATER_SECONDS = 0.2
"""How long after its cause an event comes that a service sends by itself."""

_IDLE_SECONDS = 0.05
_IN_FLIGHT_SECONDS = 3600
_POLLERS = 2
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_RATE_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


def _moto(module: str) -> Any:
    return importlib.import_module(module)


@dataclass(frozen=True, kw_only=True)
class Home:
    """An account and region in which something of the app lives here."""

    account: str
    region: str

    @classmethod
    def of_arn(cls, arn: str) -> Home:
        """Where the resource with that ARN is."""
        _, _, _, region, account, *_ = arn.split(":")
        return cls(account=account, region=region)


class EventBus:
    """Hands envelopes to the targets of the rules that match them: those of one bus, in one account and region.

    Attributes:
        handled: How many deliveries in the background have ended so far.
    """

    def __init__(self, home: Home, runtime: LambdaRuntime, time_scale: float = 1) -> None:
        self._home = home
        self._runtime = runtime
        self._time_scale = time_scale
        self._stopping = threading.Event()
        self._counting = threading.Lock()
        self._under_way = 0
        self.handled = 0

    def put(
        self,
        envelope: Mapping[str, Any],
        bus: str = "default",
        *,
        place: Home | None = None,
        forwarded: bool = False,
    ) -> tuple[str, ...]:
        """Delivers the envelope as it is. Returns the names of the rules that matched.

        Queues have the message when this returns; functions, executions, topics and other buses get theirs in the
        background.

        Args:
            envelope: The event.
            bus: Its name, or its ARN.
            place: Where the bus is; the home without it.
            forwarded: Whether the event comes from another bus; EventBridge hands such a one to no third bus.
        """
        matched = []
        for rule in self._rules(bus, place or self._home):
            pattern = rule.event_pattern
            if rule.state != "DISABLED" and pattern.get_pattern() and pattern.matches_event(dict(envelope)):
                matched.append(str(rule.name))
                self._send(rule, envelope, forwarded=forwarded)
        return tuple(matched)

    def put_later(self, envelope: Mapping[str, Any], bus: str = "default") -> None:
        """Delivers the envelope a moment later, in the background, as services tell of what they have done."""

        def put() -> None:
            if not self._stopping.wait(LATER_SECONDS):
                self.put(envelope, bus)

        self._in_background(put)

    def is_idle(self) -> bool:
        """Whether nothing is being delivered in the background."""
        with self._counting:
            return not self._under_way

    def _in_background(self, work: Callable[[], object]) -> None:
        with self._counting:
            self._under_way += 1

        def run() -> None:
            try:
                work()
            finally:
                with self._counting:
                    self._under_way -= 1
                    self.handled += 1

        threading.Thread(target=run, daemon=True).start()

    def alarm_changed(self, alarm: Any, before: Mapping[str, Any]) -> None:
        """Puts CloudWatch's own event for a changed alarm."""
        place = Home.of_arn(alarm.alarm_arn)
        self.put(_alarm_envelope(alarm, before, place), place=place)

    def start_schedules(self) -> None:
        """Lets the rules with a rate fire, at their rate divided by the time scale, at most once a second.

        What is done once a day is housekeeping that nobody waits for: its days are real ones.
        """
        for rule in self._rules("default", self._home):
            match = _RATE.fullmatch(str(rule.scheduled_expression or ""))
            if match and rule.state != "DISABLED":
                scale = 1 if match.group(2) == "day" else self._time_scale
                seconds = int(match.group(1)) * _RATE_SECONDS[match.group(2)] / scale
                threading.Thread(
                    target=self._fire, args=(rule, max(seconds, 1.0)), name=f"schedule {rule.name}", daemon=True
                ).start()

    def close(self) -> None:
        """Ends the schedules."""
        self._stopping.set()

    def _fire(self, rule: Any, seconds: float) -> None:
        while not self._stopping.wait(seconds):
            self._send(rule, _scheduled_envelope(rule, self._home))

    def _rules(self, bus: str, place: Home) -> list[Any]:
        backend = _moto("moto.events.models").events_backends[place.account][place.region]
        name = bus.rpartition("/")[2]
        return list(backend.describe_event_bus(name).rules.values())

    def _send(self, rule: Any, envelope: Mapping[str, Any], *, forwarded: bool = False) -> None:
        for target in list(rule.targets):
            body = envelopes.target_input(target, envelope, rule.arn)
            if forwarded and _is_bus(target["Arn"]):
                continue
            if ":sqs:" in target["Arn"]:
                self._deliver(rule.arn, target, body)
            else:
                self._in_background(functools.partial(self._deliver, rule.arn, target, body))

    def _deliver(self, rule_arn: str, target: Mapping[str, Any], body: str) -> None:
        try:
            self.deliver_to(str(target["Arn"]), body)
        except Exception as error:  # noqa: BLE001 - whatever failed, the event belongs into the target's dead-letter queue
            _log.exception("An event did not reach %s", target["Arn"])
            dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
            if dead_letters:
                _give_up(dead_letters, body, rule_arn, str(target["Arn"]), error)

    def deliver_to(self, arn: str, body: str) -> None:
        """Hands JSON text to the queue, function, state machine, topic or event bus with that ARN."""
        _, _, service, region, account, resource = arn.split(":", 5)
        if service == "sqs":
            _moto("moto.sqs.models").sqs_backends[account][region].send_message(resource, body)
        elif service == "lambda":
            answer = self._runtime.invoke(resource.split(":")[1], json.loads(body))
            if answer.is_error:
                _log.warning("The target %s failed: %s", arn, answer.payload)
        elif service == "states":
            models = _moto("moto.stepfunctions.parser.models")
            models.stepfunctions_parser_backends[account][region].start_execution(arn, execution_input=body)
        elif service == "sns":
            _moto("moto.sns.models").sns_backends[account][region].publish(message=body, arn=arn)
        elif service == "events":
            self.put(json.loads(body), resource, place=Home.of_arn(arn), forwarded=True)
        else:
            raise NotImplementedError(f"no local delivery to {arn}")


def _give_up(dead_letters: str, body: str, rule_arn: str, target_arn: str, error: Exception) -> None:
    """Keeps an event that could not be delivered, with what EventBridge notes on such a message."""
    notes = {
        "RULE_ARN": rule_arn,
        "TARGET_ARN": target_arn,
        "ERROR_CODE": type(error).__name__,
        "ERROR_MESSAGE": str(error) or type(error).__name__,
    }
    attributes = {name: {"DataType": "String", "StringValue": text} for name, text in notes.items()}
    place = Home.of_arn(dead_letters)
    queues = _moto("moto.sqs.models").sqs_backends[place.account][place.region]
    queues.send_message(dead_letters.rpartition(":")[2], body, message_attributes=attributes)


def _is_bus(arn: str) -> bool:
    return ":event-bus/" in arn


def _scheduled_envelope(rule: Any, home: Home) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": home.account,
        "time": envelopes.whole_seconds(datetime.now(UTC)),
        "region": home.region,
        "resources": [rule.arn],
        "detail": {},
    }


def _alarm_envelope(alarm: Any, before: Mapping[str, Any], home: Home) -> dict[str, Any]:
    return envelopes.alarm_state_change(
        alarm_name=alarm.name,
        alarm_arn=alarm.alarm_arn,
        configuration=_alarm_configuration(alarm),
        previous=envelopes.alarm_state(
            value=before["value"], reason=before["reason"], reason_data=before["reason_data"], at=before["at"]
        ),
        current=envelopes.alarm_state(
            value=alarm.state_value,
            reason=alarm.state_reason,
            reason_data=alarm.state_reason_data,
            at=alarm.state_updated_timestamp,
        ),
        account=home.account,
        region=home.region,
        now=datetime.now(UTC),
    )


def _alarm_configuration(alarm: Any) -> dict[str, Any]:
    if alarm.rule:
        return envelopes.composite_configuration(alarm.rule, alarm.description)
    if alarm.metric_data_queries:
        queries = [_as_query(query) for query in alarm.metric_data_queries]
        return envelopes.metric_queries_configuration(queries, alarm.description)
    return envelopes.single_metric_configuration(
        namespace=alarm.namespace,
        metric=alarm.metric_name,
        dimensions={dimension.name: dimension.value for dimension in alarm.dimensions},
        period=int(alarm.period or 60),
        stat=alarm.statistic or alarm.extended_statistic or "Average",
        description=alarm.description,
    )


def _as_query(query: Any) -> Mapping[str, Any]:
    """One of moto's metric queries in the API's spelling."""
    stat = query.metric_stat
    metric = stat and {
        "Namespace": stat.metric.namespace,
        "MetricName": stat.metric.metric_name,
        "Dimensions": [{"Name": item.name, "Value": item.value} for item in stat.metric.dimensions],
    }
    return {
        "Id": query.id,
        "Expression": query.expression,
        "Label": query.label,
        "Period": query.period,
        "ReturnData": str(query.return_data).lower() != "false",
        "MetricStat": stat and {"Metric": metric, "Period": int(stat.period), "Stat": stat.stat},
    }


@dataclass(frozen=True, kw_only=True)
class QueueMapping:
    """An event source mapping from a queue to a function."""

    queue_arn: str
    function: str
    batch_size: int
    partial_failures: bool

    @property
    def queue(self) -> str:
        """The queue's name."""
        return self.queue_arn.rpartition(":")[2]


class QueuePollers:
    """Feeds functions from their queues, as Lambda's own pollers do.

    A batch that fails comes again after REDELIVERY_SECONDS, or only those of its messages that the function reports;
    the queue's redrive policy moves what failed too often.

    Attributes:
        handled: Changes with every batch that a function was through with, before the batch leaves its queue.
    """

    def __init__(self, home: Home, invoke: Callable[[str, Any], Any]) -> None:
        self._home = home
        self._invoke = invoke
        self._stopping = threading.Event()
        self._receiving = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._numbers = itertools.count(1)
        self.handled = 0

    def start(self, mapping: QueueMapping) -> None:
        """Starts polling for the mapping."""
        for number in range(_POLLERS):
            thread = threading.Thread(
                target=self._poll, args=(mapping,), name=f"poller {number} of {mapping.queue}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    @contextmanager
    def between_receives(self) -> Iterator[None]:
        """Keeps the pollers from receiving, so that no message is on its way to a dead-letter queue, and in neither."""
        with self._receiving:
            yield

    def close(self) -> None:
        """Stops polling; a batch under way may finish within two seconds."""
        self._stopping.set()
        deadline = time.monotonic() + 2
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _poll(self, mapping: QueueMapping) -> None:
        while not self._stopping.is_set():
            messages = self._receive(mapping)
            if messages:
                self._handle(mapping, messages)
            else:
                self._stopping.wait(_IDLE_SECONDS)

    def _receive(self, mapping: QueueMapping) -> list[Any]:
        with self._receiving:
            received: list[Any] = self._backend.receive_message(
                mapping.queue, mapping.batch_size, 0, _IN_FLIGHT_SECONDS, ["All"]
            )
            return received

    def _handle(self, mapping: QueueMapping, messages: list[Any]) -> None:
        event = {"Records": [_record(message, mapping, self._home.region) for message in messages]}
        try:
            answer = self._invoke(mapping.function, event)
        except Exception:  # noqa: BLE001 - whatever failed, the poller goes on and the messages come again
            _log.exception("The function %s could not be invoked", mapping.function)
            failed = {str(message.id) for message in messages}
        else:
            failed = failed_messages(answer, {str(message.id) for message in messages}, mapping)
        self.handled = next(self._numbers)
        for message in messages:
            if str(message.id) in failed:
                self._give_back(mapping, message)
            else:
                self._backend.delete_message(mapping.queue, message.receipt_handle)

    def _give_back(self, mapping: QueueMapping, message: Any) -> None:
        for stored in self._backend.get_queue(mapping.queue)._messages:  # noqa: SLF001
            if stored.id == message.id:
                stored.visible_at = time.time() * 1000 + REDELIVERY_SECONDS * 1000

    @property
    def _backend(self) -> Any:
        return _moto("moto.sqs.models").sqs_backends[self._home.account][self._home.region]


def failed_messages(answer: Any, sent: set[str], mapping: QueueMapping) -> set[str]:
    """The ids of the messages that have to come again, by Lambda's rules for partial batch answers."""
    if answer.is_error:
        return sent
    if not mapping.partial_failures:
        return set()
    response = json.loads(answer.payload or "null") or {}
    if not isinstance(response, Mapping) or not isinstance(response.get("batchItemFailures") or [], list):
        return sent
    reported = {str(item.get("itemIdentifier") or "") for item in response.get("batchItemFailures") or []}
    return sent if reported - sent else reported


def _record(message: Any, mapping: QueueMapping, region: str) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(int(message.sent_timestamp)),
            "SenderId": str(message.sender_id),
            "ApproximateFirstReceiveTimestamp": str(int(message.approximate_first_receive_timestamp)),
        },
        "messageAttributes": {},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping.queue_arn,
        "awsRegion": region,
    }
