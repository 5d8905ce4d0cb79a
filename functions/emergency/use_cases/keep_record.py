"""What people add to the record while their task is open: notes, and files that they have sent (P6.3, P6.5)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from emergency.domain.answer import Form, read_required
from emergency.domain.attachment import (
    MOST_BYTES,
    Attachment,
    Uploaded,
    UploadForm,
    attachment,
    check_name,
    check_upload,
    upload_prefix,
)
from emergency.domain.errors import DecisionSettled, UnusableAnswer, UnusableFile
from emergency.domain.link import Link
from emergency.domain.timeline import Detail, Fact
from emergency.ports import Archive, Clock, Identities, Incidents, Uploads
from emergency.use_cases.open_link import Opened, check_form
from emergency.use_cases.telling import fact_of

NOTE = "note"
KEY = "key"
MOST_ADDED = 200
"""How much one person adds to one incident's record: more is a mistake, or somebody else's link.

Every page reads the whole record, and has to open for everybody else.
"""
_ADDED = frozenset(
    {
        Fact.NOTE_ADDED,
        Fact.FILE_ADDED,
        Fact.TASK_DONE,
        Fact.TASK_REOPENED,
        Fact.TASK_ADDED,
        Fact.TASK_REASSIGNED,
        Fact.TASK_SKIPPED,
        Fact.FUNDS_SPENT,
        Fact.WRITTEN_OFF,
        Fact.CALLS_COUNTED,
    }
)


@dataclass(frozen=True, kw_only=True)
class AddNote:
    """Puts a note on record. The same note of the same person twice is one."""

    incidents: Incidents
    clock: Clock

    def __call__(self, opened: Opened, form: Form) -> None:
        """Adds what was written.

        Raises ForgedForm, UnusableAnswer where nothing was or the person has added too much, DecisionSettled.
        """
        check_addition(opened, form, NOTE)
        note, who = read_required(form, NOTE), opened.link.contact
        entry = fact_of(
            opened.decision,
            Fact.NOTE_ADDED,
            key=f"note/{who}/{hashlib.sha256(note.encode()).hexdigest()[:16]}",
            now=self.clock(),
            actor=who,
            details={"who": who, "text": note},
        )
        self.incidents.add(opened.link.incident_id, [entry])


@dataclass(frozen=True, kw_only=True)
class AddFile:
    """Takes files: a form to send one, and, once it has arrived, its person's word that it belongs on record."""

    incidents: Incidents
    uploads: Uploads
    archive: Archive
    identities: Identities
    clock: Clock

    def form(self, opened: Opened, return_to: str) -> UploadForm:
        """A form for one file of this link's person; changes nothing."""
        return self.uploads.form(upload_prefix(opened.link, self.identities.secret()), return_to)

    def look(self, opened: Opened, key: str) -> Uploaded:
        """The file that has arrived; changes nothing. Raises UnusableFile where it can't go on record."""
        return arrived(self.uploads, opened.link, key)

    def __call__(self, opened: Opened, form: Form) -> None:
        """Puts the file on record; the same file twice is one. Raises ForgedForm, DecisionSettled, UnusableFile."""
        try:
            check_addition(opened, form, KEY)
        except UnusableAnswer:
            raise UnusableFile("too_many") from None
        who, incident_id = opened.link.contact, opened.link.incident_id
        file = archived(self.uploads, self.archive, opened.link, "".join(form.get(KEY, ())))
        entry = fact_of(
            opened.decision,
            Fact.FILE_ADDED,
            key=f"file/{who}/{file.digest[:16]}",
            now=self.clock(),
            actor=who,
            details=told_of_file(file, opened.link),
        )
        self.incidents.add(incident_id, [entry])


def arrived(uploads: Uploads, link: Link, key: str) -> Uploaded:
    """The file that a link's person has sent; changes nothing. Raises UnusableFile where it can't go on record."""
    check_upload(link, key)
    found = uploads.look(key)
    if found is None:
        raise UnusableFile("missing")
    if found.size > MOST_BYTES:
        raise UnusableFile("too_large")
    check_name(found.name)
    return found


def archived(uploads: Uploads, archive: Archive, link: Link, key: str) -> Attachment:
    """The file that a link's person has sent, stored with its incident. Raises UnusableFile."""
    found = arrived(uploads, link, key)
    content = uploads.read(found.key)
    if content is None:
        raise UnusableFile("missing")
    file = attachment(found.name, content)
    archive.put(file.key(link.incident_id), file.content, file.content_type)
    return file


def told_of_file(file: Attachment, link: Link) -> Mapping[str, Detail]:
    """What the timeline says of a file that has come on record."""
    return {
        "who": link.contact,
        "file": file.name,
        "archived": file.key(link.incident_id),
        "sha256": file.digest,
        "size": len(file.content),
    }


def check_addition(opened: Opened, form: Form, field: str) -> None:
    """Raises ForgedForm, DecisionSettled, and UnusableAnswer where the person has added too much."""
    check_form(opened, form)
    if not opened.decision.is_open:
        raise DecisionSettled(opened.decision.id)
    who = opened.link.contact
    if sum(entry.actor == who and entry.fact in _ADDED for entry in opened.record.timeline) >= MOST_ADDED:
        raise UnusableAnswer(field, "too_much")
