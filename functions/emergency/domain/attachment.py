"""Files that people add to an incident's record (P6.5)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from emergency.domain.errors import UnusableFile

MOST_BYTES = 4 * 1024 * 1024
"""The largest file: what a page's function can be handed in one request, with some room to spare."""

TYPES: Mapping[str, str] = {
    ".csv": "text/csv; charset=utf-8",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".log": "text/plain; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
}
"""The kinds of files that are kept, by the end of their names, and the type under which each is stored."""

_NAME_LIMIT = 80
_UNSAFE = re.compile(r"[^\w.\-]+")


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file for the record. `name` is safe to store and to show; `digest` is its SHA-256 as hex."""

    name: str
    content: bytes
    content_type: str

    @property
    def digest(self) -> str:
        """What identifies the content: the same file twice is one file."""
        return hashlib.sha256(self.content).hexdigest()

    def key(self, incident_id: str) -> str:
        """The archive's name for it."""
        return f"{incident_id}/attachments/{self.digest[:16]}-{self.name}"


def attachment(name: str, content: bytes) -> Attachment:
    """A file as it was sent. Raises UnusableFile: `missing`, `too_large` or `type`."""
    if not content or not name:
        raise UnusableFile("missing")
    if len(content) > MOST_BYTES:
        raise UnusableFile("too_large")
    base = PurePosixPath(PureWindowsPath(name).name)
    content_type = TYPES.get(base.suffix.lower())
    if content_type is None:
        raise UnusableFile("type")
    stem = _UNSAFE.sub("-", base.stem).strip("-.")[: _NAME_LIMIT - len(base.suffix)] or "file"
    return Attachment(name=stem + base.suffix.lower(), content=content, content_type=content_type)
