"""Whoever has reported an incident looks at their report again, and adds photos and files to it (P6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emergency.domain.answer import Form
from emergency.domain.attachment import Uploaded, UploadForm, upload_prefix
from emergency.domain.errors import DecisionSettled, IncidentNotFound, UnknownLink, UnusableFile
from emergency.domain.filing import STATE
from emergency.domain.incident import Incident
from emergency.domain.link import Link
from emergency.domain.terms import Step
from emergency.domain.timeline import Fact, Place, TimelineEntry
from emergency.ports import Archive, Clock, Identities, Incidents, Uploads
from emergency.use_cases.keep_record import KEY, archived, arrived, told_of_file
from emergency.use_cases.standing_links import Standing, check_standing_form

MOST_FILES = 5
"""How many files one person adds to their reports of one incident."""

_FILES = "report-file"


@dataclass(frozen=True, kw_only=True)
class Reported:
    """An incident that the link's contact has reported: how it stands, what they said, what they added."""

    standing: Standing
    incident: Incident
    reports: tuple[TimelineEntry, ...]
    files: tuple[TimelineEntry, ...]

    @property
    def takes_files(self) -> bool:
        """Whether another file can be added."""
        return not self.incident.status.is_over and len(self.files) < MOST_FILES

    @property
    def link(self) -> Link:
        """What the files' places are named by: nobody else's form can name them."""
        return Link(
            digest=self.standing.digest,
            incident_id=self.incident.id,
            decision_id=_FILES,
            contact=self.standing.contact.id,
            level=0,
            made_at=self.incident.reported_at,
        )


@dataclass(frozen=True, kw_only=True)
class AddToReport:
    """Takes files: a form to send one, and, once it has arrived, its person's word that it belongs on record."""

    incidents: Incidents
    uploads: Uploads
    archive: Archive
    identities: Identities
    clock: Clock

    def open(self, standing: Standing, incident_id: str) -> Reported:
        """What the contact has reported of that incident; changes nothing (R1).

        Raises UnknownLink where they have reported nothing of it, or there is no such incident.
        """
        try:
            timeline = self.incidents.timeline(incident_id)
            reports = _of(timeline, Fact.INCIDENT_REPORTED, standing)
            if not reports:
                raise UnknownLink
            incident = self.incidents.get(incident_id)
        except IncidentNotFound:
            raise UnknownLink from None
        files = tuple(one for one in _of(timeline, Fact.FILE_ADDED, standing) if one.key.startswith(_FILES))
        return Reported(standing=standing, incident=incident, reports=reports, files=files)

    def form(self, reported: Reported, return_to: str) -> UploadForm:
        """A form for one file; changes nothing."""
        return self.uploads.form(upload_prefix(reported.link, self.identities.secret()), return_to)

    def look(self, reported: Reported, key: str) -> Uploaded:
        """The file that has arrived; changes nothing. Raises UnusableFile where it can't go on record."""
        return arrived(self.uploads, reported.link, key)

    def __call__(self, reported: Reported, form: Form) -> None:
        """Puts the file on record; the same file twice is one. Raises ForgedForm, DecisionSettled, UnusableFile."""
        check_standing_form(reported.standing.link_id, form)
        if reported.incident.status.is_over:
            raise DecisionSettled(reported.incident.id)
        file = archived(self.uploads, self.archive, reported.link, "".join(form.get(KEY, ())))
        key = f"{_FILES}/{reported.link.contact}/{file.digest[:16]}"
        if len(reported.files) >= MOST_FILES and key not in {one.key for one in reported.files}:
            raise UnusableFile("too_many")
        entry = TimelineEntry(
            key=key,
            at=self.clock(),
            step=Step.INCIDENT_REPORT,
            fact=Fact.FILE_ADDED,
            actor=reported.link.contact,
            place=Place(execution=reported.incident.execution, state=STATE),
            details=told_of_file(file, reported.link),
        )
        self.incidents.add(reported.incident.id, [entry])


def _of(timeline: Sequence[TimelineEntry], fact: Fact, standing: Standing) -> tuple[TimelineEntry, ...]:
    """The facts of a kind that the link's contact has brought about."""
    return tuple(one for one in timeline if one.fact is fact and one.details.get("who") == standing.contact.id)
