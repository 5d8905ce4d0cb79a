"""Signals in DynamoDB, and what they are correlated by.

`OPEN` holds the one item `REGISTER`; `ALARM#<SHA-256 of its ARN>` an alarm, `FORMER#<cause>` the incident that a cause
had last, `INCIDENT#<id>` with `TALLY` an incident's signals, counted. `SIGNAL#<id>` says for a while what became of a
signal; it stands for good, with its event, under `SIGNALS#<incident>`. `CAUSE#<cause>` is left from incidents that were
opened before there was a register (R24).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from emergency.aws.codec import Item, from_item, to_attributes, to_item
from emergency.aws.table import ConditionFailed, RecordsTable, incident_key
from emergency.domain.correlation import (
    Alarm,
    Former,
    OpenIncident,
    Register,
    Tally,
    Window,
    former_of,
    from_before,
    let_go,
)
from emergency.domain.filing import Filing, bundled
from emergency.domain.incident import Incident
from emergency.domain.signal import Disposition, KeptSignal, Signal, SignalRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef as Write

SIGNAL_KEPT_FOR = timedelta(days=90)
"""How long a second delivery is known as such; far beyond EventBridge's day and an SQS queue's fortnight."""

_MOST_BYTES = 350_000
"""Of a packed event; an item has 400 KB. EventBridge's largest events take a fraction of it."""


def _expiry(at: datetime) -> int:
    return int((at + SIGNAL_KEPT_FOR).timestamp())


@dataclass(frozen=True)
class DynamoSignals:
    """Signals and what they are correlated by."""

    table: RecordsTable

    def recorded(self, signal_id: str) -> SignalRecord | None:
        """See the port."""
        item = self.table.get(f"SIGNAL#{signal_id}", "SIGNAL")
        return from_item(item, SignalRecord) if item else None

    def recorded_among(self, signal_ids: Collection[str]) -> Mapping[str, SignalRecord]:
        """See the port."""
        items = self.table.get_all([(f"SIGNAL#{signal_id}", "SIGNAL") for signal_id in dict.fromkeys(signal_ids)])
        return {record.id: record for record in (from_item(item, SignalRecord) for item in items)}

    def register(self) -> Register:
        """See the port."""
        return _register(self.table)

    def save(self, register: Register) -> None:
        """See the port."""
        self.table.write([_put_register(self.table, register)])

    def alarms(self, arns: Collection[str]) -> Mapping[str, Alarm]:
        """See the port."""
        items = self.table.get_all([(_alarm_key(arn), "ALARM") for arn in dict.fromkeys(arns)])
        return {alarm.arn: alarm for alarm in (from_item(item, Alarm) for item in items)}

    def tally(self, incident_id: str) -> Tally | None:
        """See the port."""
        item = self.table.get(incident_key(incident_id), "TALLY")
        if item:
            return from_item(item, Tally)
        incident = self.table.get(incident_key(incident_id), "INCIDENT")
        return from_before(from_item(incident, Incident)) if incident else None

    def tallies(self, incident_ids: Collection[str]) -> Mapping[str, Tally]:
        """See the port."""
        items = self.table.get_all([(incident_key(id_), "TALLY") for id_ in dict.fromkeys(incident_ids)])
        return {tally.incident_id: tally for tally in (from_item(item, Tally) for item in items)}

    def former(self, cause: str) -> Former | None:
        """See the port."""
        item = self.table.get(f"FORMER#{cause}", "FORMER")
        return from_item(item, Former) if item else None

    def open_incident_of(self, cause: str) -> str | None:
        """See the port."""
        return _open_from_before(self.table, cause)

    def file(self, *filings: Filing) -> None:
        """See the port."""
        bundle = bundled(filings)
        now = filings[-1].kept.record.received_at
        # The signals come first: a second delivery is told from a lost race by them.
        writes = [self._first(kept) for kept in bundle.kept]
        writes += [self._moved(kept) for kept in bundle.moved]
        writes += [write for kept in (*bundle.kept, *bundle.moved) for write in self._kept(kept)]
        writes += [write for incident in bundle.incidents for write in self._opened(incident)]
        if bundle.register:
            writes.append(_put_register(self.table, bundle.register))
        writes += [self._alarm(alarm, now) for alarm in bundle.alarms]
        writes += [_put_tally(self.table, tally) for tally in bundle.tallies]
        writes += [self.table.entry(incident_id, entry) for incident_id, entry in bundle.entries]
        self.table.write(writes)

    def note(self, signal: SignalRecord) -> None:
        """See the port."""
        try:
            self.table.write([self._new(_record_item(signal))])
        except ConditionFailed:
            return

    def early(self, signal_id: str) -> KeptSignal | None:
        """See the port."""
        item = self.table.get(f"SIGNAL#{signal_id}", "SIGNAL")
        return _unpacked(item) if item and "packed" in item else None

    def _first(self, kept: KeptSignal) -> Write:
        """A write that expects the signal to be new. What has no incident is kept here, with its event."""
        extra = {} if kept.record.incident_id else {"packed": _packed(kept)}
        return self._new({**_record_item(kept.record), **to_attributes(extra)})

    def _new(self, item: Item) -> Write:
        """A write that expects the signal to be new, or rejected before and now redriven."""
        condition = "attribute_not_exists(pk) OR disposition = :rejected"
        return self.table.put_if(item, condition, {":rejected": Disposition.REJECTED.value})

    def _moved(self, early: KeptSignal) -> Write:
        """A write that gives a signal without an incident its own."""
        return self.table.put_if(
            _record_item(early.record), "disposition = :ignored", {":ignored": Disposition.IGNORED.value}
        )

    def _kept(self, kept: KeptSignal) -> Sequence[Write]:
        """The write of a signal's permanent record, where it has an incident."""
        if not kept.record.incident_id:
            return []
        keys = {"pk": _kept_key(kept.record.incident_id), "sk": f"{kept.record.at.isoformat()}#{kept.record.id}"}
        attributes: dict[str, object] = msgspec.to_builtins(kept.record)
        return [self.table.put(to_attributes({**attributes, "packed": _packed(kept), **keys}))]

    def _opened(self, incident: Incident) -> Sequence[Write]:
        key = incident_key(incident.id)
        index = {"pk": "INCIDENTS", "sk": key, "incident_id": incident.id}
        return [
            self.table.put_new(to_item(incident, key, "INCIDENT")),
            self.table.put_new(to_attributes(index)),
        ]

    def _alarm(self, alarm: Alarm, now: datetime) -> Write:
        new = replace(alarm, version=alarm.version + 1)
        return self.table.put_next(to_item(new, _alarm_key(alarm.arn), "ALARM", expires_at=_expiry(now)), alarm.version)


def kept_signals(table: RecordsTable, incident_id: str) -> Iterator[KeptSignal]:
    """The signals of an incident or of planned maintenance, by their own time."""
    return (_unpacked(item) for item in table.query(_kept_key(incident_id)))


def released(table: RecordsTable, incident: Incident) -> Sequence[Write]:
    """The writes by which an incident lets go of its cause, as it now stands."""
    register = _register(table)
    after = let_go(register, incident)
    writes = [] if after == register else [_put_register(table, after)]
    ended_at = incident.closed_at if incident.status.is_over else None
    if ended_at:
        former = former_of(incident, ended_at)
        writes.append(table.put(to_item(former, f"FORMER#{former.cause}", "FORMER")))
        item = table.get(incident_key(incident.id), "TALLY")
        tally = from_item(item, Tally) if item else from_before(incident)
        writes.append(_put_tally(table, replace(tally, ended_at=ended_at)))
    if _open_from_before(table, incident.cause) == incident.id:
        mine: dict[str, object] = {":incident": incident.id}
        condition = "attribute_not_exists(pk) OR incident_id = :incident"
        writes.append(table.delete(f"CAUSE#{incident.cause}", "OPEN", condition, mine))
    return writes


@dataclass(frozen=True, kw_only=True)
class _Stored:
    """The register as it is stored: by the incidents' ids, so that a state machine can take one out by itself."""

    incidents: Mapping[str, OpenIncident] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    version: int


def _register(table: RecordsTable) -> Register:
    item = table.get("OPEN", "REGISTER")
    if item is None:
        return Register()
    stored = from_item(item, _Stored)
    incidents = sorted(stored.incidents.values(), key=lambda one: (one.opened_at, one.id))
    return Register(incidents=tuple(incidents), windows=stored.windows, version=stored.version)


def _open_from_before(table: RecordsTable, cause: str) -> str | None:
    item = table.get(f"CAUSE#{cause}", "OPEN")
    return item["incident_id"]["S"] if item else None


def _put_register(table: RecordsTable, register: Register) -> Write:
    incidents = {one.id: one for one in register.incidents}
    new = _Stored(incidents=incidents, windows=register.windows, version=register.version + 1)
    return table.put_next(to_item(new, "OPEN", "REGISTER"), register.version)


def _put_tally(table: RecordsTable, tally: Tally) -> Write:
    new = replace(tally, version=tally.version + 1)
    return table.put_next(to_item(new, incident_key(tally.incident_id), "TALLY"), tally.version)


def _record_item(record: SignalRecord) -> Item:
    return to_item(record, f"SIGNAL#{record.id}", "SIGNAL", expires_at=_expiry(record.received_at))


def _alarm_key(arn: str) -> str:
    return f"ALARM#{sha256(arn.encode(errors='surrogatepass')).hexdigest()}"


def _kept_key(incident_id: str) -> str:
    return f"SIGNALS#{incident_id}"


def _packed(kept: KeptSignal) -> bytes:
    """The signal and its event, compressed. Of an event beyond all that EventBridge delivers, its beginning."""
    packed = _compressed(kept.signal, kept.event)
    return packed if len(packed) <= _MOST_BYTES else _compressed(kept.signal, kept.event[: _MOST_BYTES // 4])


def _compressed(signal: Signal, event: str) -> bytes:
    return zlib.compress(json.dumps({"signal": msgspec.to_builtins(signal), "event": event}).encode())


def _unpacked(item: Mapping[str, AttributeValueTypeDef]) -> KeptSignal:
    content = json.loads(zlib.decompress(item["packed"]["B"]))
    return KeptSignal(
        record=from_item(item, SignalRecord), signal=msgspec.convert(content["signal"], Signal), event=content["event"]
    )
