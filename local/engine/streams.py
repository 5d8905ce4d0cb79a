"""Feeds functions from the streams of tables, as Lambda's own pollers do: in order, a batch at a time.

This module knows moto's streams and event patterns from the inside, like `moto_repairs`.
"""

from __future__ import annotations

import importlib
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.engine import moto_repairs
from local.engine.delivery import Home
from local.engine.envelopes import milliseconds

_log = logging.getLogger(__name__)

_IDLE_SECONDS = 0.05
_FIRST_BACKOFF_SECONDS = 0.2
_LONGEST_BACKOFF_SECONDS = 2.0
_CLOSING_SECONDS = 2.0

Record = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class StreamMapping:
    """An event source mapping from a table's stream to a function.

    Attributes:
        batch_size: The most records that one invocation gets.
        patterns: Only records that match one of them reach the function; without patterns all do.
        retries: How often a failed batch is tried again; None for as long as it takes.
        max_age: Seconds after which a record is given up; None for never.
        on_failure: ARN of the queue or topic that hears of records that are given up, or empty.
    """

    stream_arn: str
    function: str
    batch_size: int = 100
    patterns: tuple[Mapping[str, Any], ...] = ()
    partial_failures: bool = False
    bisects: bool = False
    retries: int | None = None
    max_age: float | None = None
    on_failure: str = ""

    @property
    def table(self) -> str:
        """The table's name."""
        return self.stream_arn.split(":", 5)[5].split("/")[1]

    def takes(self, record: Record) -> bool:
        """Whether the record passes the mapping's filter."""
        event_pattern = importlib.import_module("moto.events.models").EventPattern
        return not self.patterns or any(event_pattern(None, each).matches_event(record) for each in self.patterns)


class StreamPollers:
    """Feeds functions from their streams.

    A batch that fails is tried again after a pause that doubles; records behind it wait. A function that reports
    partial failures gets the batch again from the first record that it names, which starts the count of tries anew.
    A mapping that bisects halves a failed batch first, which counts as no try. The mapping's destination hears of
    what failed too often or grew too old. Batching windows and parallel shards are not imitated: every record is
    handed on at once, and one batch after another.
    """

    def __init__(self, home: Home, invoke: Callable[[str, Any], Any], deliver: Callable[[str, str], None]) -> None:
        self._home = home
        self._invoke = invoke
        self._deliver = deliver
        self._stopping = threading.Event()
        self._pollers: list[_Poller] = []

    def start(self, mapping: StreamMapping) -> None:
        """Starts polling for the mapping, from the stream's beginning: a table is empty when its app is loaded."""
        poller = _Poller(mapping, self._home, self._invoke, self._deliver, self._stopping)
        self._pollers.append(poller)
        poller.thread.start()

    @property
    def handled(self) -> int:
        """How many batches functions were through with so far; counted before a batch counts as dealt with."""
        return sum(poller.handled for poller in self._pollers)

    def are_idle(self) -> bool:
        """Whether every record so far has been handled."""
        return all(poller.is_idle() for poller in self._pollers)

    def close(self) -> None:
        """Stops polling; batches under way may finish within two seconds."""
        self._stopping.set()
        deadline = time.monotonic() + _CLOSING_SECONDS
        for poller in self._pollers:
            poller.thread.join(max(0.0, deadline - time.monotonic()))


class _Poller:
    """Reads one stream for one function. `_position` is the number of records that are dealt with."""

    def __init__(
        self,
        mapping: StreamMapping,
        home: Home,
        invoke: Callable[[str, Any], Any],
        deliver: Callable[[str, str], None],
        stopping: threading.Event,
    ) -> None:
        self._mapping = mapping
        self._home = home
        self._invoke = invoke
        self._deliver = deliver
        self._stopping = stopping
        self._position = 0
        self.handled = 0
        self.thread = threading.Thread(target=self._poll, name=f"poller of {mapping.table}", daemon=True)

    def is_idle(self) -> bool:
        return not self._read(self._position)

    def _poll(self) -> None:
        while not self._stopping.is_set():
            records = self._read(self._position, self._mapping.batch_size)
            if not records:
                self._stopping.wait(_IDLE_SECONDS)
                continue
            self._handle([record for record in records if self._mapping.takes(record)])
            self._position += len(records)

    def _read(self, position: int, limit: int | None = None) -> list[Record]:
        """The records of the stream from a position on."""
        with moto_repairs.dynamodb_alone:
            end = None if limit is None else position + limit
            return [item.record for item in self._shard().items[position:end]]

    def _shard(self) -> Any:
        """Moto's only shard of the stream. It is looked up each time, since a transaction rolled back replaces it."""
        backends = importlib.import_module("moto.dynamodb.models").dynamodb_backends
        shard = backends[self._home.account][self._home.region].tables[self._mapping.table].stream_shard
        if shard is None:
            raise LookupError(f"the table {self._mapping.table} has no stream")
        return shard

    def _handle(self, batch: Sequence[Record], tries: int = 0) -> None:
        """Gives the batch to the function until nothing of it is left. `tries` is how often it has failed."""
        while batch and not self._stopping.is_set():
            batch = self._without_expired(batch, tries)
            if not batch:
                return
            answer = self._answer(batch)
            failed = _first_failed(answer, batch, self._mapping)
            self.handled += 1
            if failed is None:
                return
            if failed:
                batch, tries = batch[failed:], 0
            elif self._mapping.bisects and len(batch) > 1:
                middle = (len(batch) + 1) // 2
                self._handle(batch[:middle], tries)
                batch = batch[middle:]
            elif self._mapping.retries is not None and tries >= self._mapping.retries:
                self._give_up(batch, "RetryAttemptsExhausted", tries + 1, failed_whole=answer is None)
                return
            else:
                tries += 1
            self._stopping.wait(min(_FIRST_BACKOFF_SECONDS * 2**tries, _LONGEST_BACKOFF_SECONDS))

    def _without_expired(self, batch: Sequence[Record], tries: int) -> Sequence[Record]:
        if self._mapping.max_age is None:
            return batch
        oldest = time.time() - self._mapping.max_age
        expired = [record for record in batch if _written_at(record) < oldest]
        if expired:
            self._give_up(expired, "RecordAgeExceeded", tries, failed_whole=bool(tries))
        return batch[len(expired) :]

    def _answer(self, batch: Sequence[Record]) -> str | None:
        """The function's answer as JSON text; None where it failed."""
        event = {"Records": [_event_record(record, self._mapping) for record in batch]}
        try:
            answer = self._invoke(self._mapping.function, event)
        except Exception:  # noqa: BLE001 - whatever failed, the poller goes on and the batch comes again
            _log.exception("The function %s could not be invoked", self._mapping.function)
            return None
        return None if answer.is_error else str(answer.payload)

    def _give_up(self, batch: Sequence[Record], condition: str, invocations: int, *, failed_whole: bool) -> None:
        """Passes the batch over, and tells the destination where its records stood, though not what was in them."""
        _log.warning("%d records of %s were given up: %s", len(batch), self._mapping.table, condition)
        if not self._mapping.on_failure:
            return
        function = f"arn:aws:lambda:{self._home.region}:{self._home.account}:function:{self._mapping.function}"
        told = {
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": function,
                "condition": condition,
                "approximateInvokeCount": invocations,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": "Unhandled" if failed_whole else None,
            },
            "version": "1.0",
            "timestamp": milliseconds(datetime.now(UTC)),
            "DDBStreamBatchInfo": {
                "shardId": self._shard().id,
                "startSequenceNumber": batch[0]["dynamodb"]["SequenceNumber"],
                "endSequenceNumber": batch[-1]["dynamodb"]["SequenceNumber"],
                "approximateArrivalOfFirstRecord": _arrival(batch[0]),
                "approximateArrivalOfLastRecord": _arrival(batch[-1]),
                "batchSize": len(batch),
                "streamArn": self._mapping.stream_arn,
            },
        }
        self._deliver(self._mapping.on_failure, json.dumps(told))


def _first_failed(answer: str | None, batch: Sequence[Record], mapping: StreamMapping) -> int | None:
    """The place in the batch from which on it has to come again, by Lambda's rules for partial answers; else None."""
    if answer is None:
        return 0
    if not mapping.partial_failures:
        return None
    response = json.loads(answer or "null") or {}
    reported = response.get("batchItemFailures") if isinstance(response, Mapping) else [{}]
    if not reported:
        return None
    places = {record["dynamodb"]["SequenceNumber"]: place for place, record in enumerate(batch)}
    try:
        return min(places[item["itemIdentifier"]] for item in reported)
    except (KeyError, TypeError):
        return 0


def _written_at(record: Record) -> float:
    return float(record["dynamodb"]["ApproximateCreationDateTime"])


def _arrival(record: Record) -> str:
    return milliseconds(datetime.fromtimestamp(_written_at(record), UTC))


def _event_record(record: Record, mapping: StreamMapping) -> dict[str, Any]:
    written = {"ApproximateCreationDateTime": int(_written_at(record))}
    return {**record, "dynamodb": {**record["dynamodb"], **written}, "eventSourceARN": mapping.stream_arn}
