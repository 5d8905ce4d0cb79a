"""The complete record is filed and sealed: a manifest names each part with its SHA-256 (P6.5)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import msgspec

from emergency.domain.decision import Answer
from emergency.domain.errors import RecordChanged
from emergency.domain.plan import Plan
from emergency.domain.report import Record, without_secrets
from emergency.domain.seal import Manifest, Part, manifest, part
from emergency.domain.signal import KeptSignal
from emergency.domain.statement import Statement
from emergency.domain.terms import Step
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from emergency.ports import Archive, Clock, Incidents
from emergency.use_cases.attempts import until_written

_JSON, _LINES = "application/json", "application/jsonl"


def report_name(incident_id: str, locale: str, round_: int | None = None) -> str:
    """The archive's name of a report: of one round under review, or the final one."""
    return f"{incident_id}/report{f'-{round_}' if round_ else ''}.{locale}.html"


def record_name(incident_id: str) -> str:
    """The archive's name of the complete record."""
    return f"{incident_id}/record.json"


def signals_name(incident_id: str) -> str:
    """The archive's name of the incident's signals: one JSON document a line, each with the event as it came."""
    return f"{incident_id}/signals.jsonl"


def site_folder(statement: Statement) -> str:
    """The archive's folder of the status page's files as they were once that statement was on it."""
    return f"{statement.incident_id}/status-page/{statement.number}-{statement.id}"


def site_listing(statement: Statement) -> str:
    """The archive's name of the list of those files, each with its SHA-256. It is filed when all of them are."""
    return f"{site_folder(statement)}/files.json"


def manifest_name(incident_id: str) -> str:
    """The archive's name of the manifest. Each sealing is a new version of it, as the archive keeps them all."""
    return f"{incident_id}/manifest.json"


@dataclass(frozen=True, kw_only=True)
class SealRecord:
    """Files the record as it stands and seals it with everything that was filed before."""

    plan: Plan
    incidents: Incidents
    archive: Archive
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> Manifest:
        """The manifest. A second run over the same facts changes nothing. Raises IncidentNotFound.

        Several may seal at once, as notices are answered while the incident closes. Who sees that others have filed
        something meanwhile seals once more, so that the last manifest names what is there.
        """
        sealed = until_written(lambda: self._seal(incident_id))
        self.incidents.add(incident_id, [_entry(sealed, part("", _written(sealed).encode()).sha256, place)])
        return sealed

    def _seal(self, incident_id: str) -> Manifest:
        """The manifest as it was filed.

        Raises RecordChanged where it no longer names what the archive holds, or a question was answered since the
        record was read: it may have taken the place of one that has the answer. Other facts don't count, as in a storm
        there are always new ones.
        """
        record = self.incidents.record(incident_id)
        self._put(record_name(incident_id), _written(_to_file(record)))
        self._put(signals_name(incident_id), b"".join(map(_line, self.incidents.signals(incident_id))), _LINES)
        sealed = self._manifest(record)
        before = self.archive.get(manifest_name(incident_id))
        if before and (known := msgspec.json.decode(before, type=Manifest)).parts == sealed.parts:
            sealed = known
        if _written(sealed).encode() != before:
            self.archive.put(manifest_name(incident_id), _written(sealed), _JSON)
        now = self.incidents.record(incident_id)
        if self._manifest(record).parts != sealed.parts or _answers(now) != _answers(record):
            raise RecordChanged(incident_id)
        return sealed

    def _manifest(self, record: Record) -> Manifest:
        return manifest(record.incident.id, [*self._documents(record), *_attachments(record)], self.clock())

    def _put(self, name: str, document: str | bytes, content_type: str = _JSON) -> None:
        """Files a document, unless the archive holds the very same: what is locked is not piled up."""
        content = document.encode() if isinstance(document, str) else document
        if self.archive.get(name) != content:
            self.archive.put(name, content, content_type)

    def anew(self, incident_id: str, place: Place) -> None:
        """Seals once more what was added after the incident was closed; before that its own end will."""
        if self.incidents.get(incident_id).status.is_over:
            self(incident_id, place)

    def _documents(self, record: Record) -> Iterable[Part]:
        """The record itself, the reports of all rounds and languages, the status page after each statement."""
        incident = record.incident
        rounds = [*range(1, incident.report_round + 1), None]
        reports = [report_name(incident.id, locale, one) for one in rounds for locale in self.plan.company.locales]
        for name in (record_name(incident.id), signals_name(incident.id), *reports):
            content = self.archive.get(name)
            if content is not None:
                yield part(name, content)
        for listing in map(site_listing, record.statements):
            content = self.archive.get(listing)
            if content is not None:
                yield part(listing, content)
                yield from msgspec.json.decode(content, type=Manifest).parts


def _line(kept: KeptSignal) -> bytes:
    """A signal as a line of JSON; half of a pair of characters, which no UTF-8 can hold, as an escape."""
    return json.dumps(msgspec.to_builtins(kept)).encode() + b"\n"


def _answers(record: Record) -> Mapping[str, Answer | None]:
    return {decision.id: decision.answer for decision in record.decisions.values()}


def _attachments(record: Record) -> Iterable[Part]:
    """The files that came on record beside it, whatever they are; their digests were taken when they did."""
    for entry in record.timeline:
        about = entry.details
        if "archived" in about and "sha256" in about:
            yield Part(name=str(about["archived"]), size=int(str(about["size"])), sha256=str(about["sha256"]))


def _to_file(record: Record) -> Mapping[str, object]:
    """The record without its secrets and without what was sealed before: the seal is no part of what it seals."""
    timeline = tuple(entry for entry in record.timeline if entry.fact is not Fact.RECORD_SEALED)
    content: Mapping[str, object] = msgspec.to_builtins(without_secrets(replace(record, timeline=timeline)))
    return content


def _written(content: object) -> str:
    return msgspec.json.format(msgspec.json.encode(content)).decode()


def _entry(sealed: Manifest, digest: str, place: Place) -> TimelineEntry:
    return TimelineEntry(
        key=f"{Fact.RECORD_SEALED}/{digest[:16]}",
        at=sealed.sealed_at,
        step=Step.SITE_CLEAN_UP,
        fact=Fact.RECORD_SEALED,
        actor=SYSTEM,
        place=place,
        details={"parts": len(sealed.parts), "digest": digest},
    )
