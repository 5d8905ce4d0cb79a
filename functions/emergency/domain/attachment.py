"""Files that people add to an incident's record (P6.5).

A file goes from the browser to a place of its own by a form that was signed for it, and comes on record when its person
says so on the page: until then it is nobody's, and a page that is only looked at changes nothing (R1).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath

from emergency.domain.errors import UnusableFile
from emergency.domain.link import Link

MOST_BYTES = 25 * 1024 * 1024
"""The largest file that comes on record."""

MOST_UPLOADED = 4 * MOST_BYTES
"""The largest file that can be sent at all: who sends one that is too large is told so by a page of ours."""

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

_BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    ".gif": (b"GIF87a", b"GIF89a"),
    ".jpeg": (b"\xff\xd8\xff",),
    ".jpg": (b"\xff\xd8\xff",),
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".webp": (b"RIFF",),
}
"""How files of a kind begin; the others are text and hold no zero byte."""

_NAME_LIMIT = 80
_UNSAFE = re.compile(r"[^\w.\-]+")
_PREFIX = "uploads"


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


@dataclass(frozen=True, kw_only=True)
class UploadForm:
    """How a browser sends a file: the address to post to, and the fields that stand before the file's own, `file`."""

    url: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """A file that was sent and isn't on record yet."""

    key: str
    size: int
    uploaded_at: datetime

    @property
    def name(self) -> str:
        """The name that it had on its sender's device."""
        return self.key.rpartition("/")[2]


def upload_prefix(link: Link, once: str) -> str:
    """Where files of this link's person go: nobody else's form can name them. `once` is new for each form."""
    return f"{_PREFIX}/{link.incident_id}/{link.decision_id}/{link.contact}/{once}/"


def check_upload(link: Link, key: str) -> None:
    """Raises UnusableFile (`missing`) where a key was not made for this link's person."""
    own = upload_prefix(link, "")[:-1]
    if not key.startswith(own) or key.count("/") != own.count("/") + 1 or key.endswith("/"):
        raise UnusableFile("missing")


def check_name(name: str) -> None:
    """Raises UnusableFile (`type`) where a file's name says that it can't be kept."""
    if PurePosixPath(PureWindowsPath(name).name).suffix.lower() not in TYPES:
        raise UnusableFile("type")


def attachment(name: str, content: bytes) -> Attachment:
    """A file as it was sent. Raises UnusableFile: `missing`, `too_large`, `type` by its name or by its content."""
    if not content or not name:
        raise UnusableFile("missing")
    if len(content) > MOST_BYTES:
        raise UnusableFile("too_large")
    base = PurePosixPath(PureWindowsPath(name).name)
    suffix = base.suffix.lower()
    if suffix not in TYPES or not _looks_like(suffix, content):
        raise UnusableFile("type")
    stem = _UNSAFE.sub("-", base.stem).strip("-.")[: _NAME_LIMIT - len(suffix)] or "file"
    return Attachment(name=stem + suffix, content=content, content_type=TYPES[suffix])


def _looks_like(suffix: str, content: bytes) -> bool:
    beginnings = _BEGINNINGS.get(suffix)
    return content.startswith(beginnings) if beginnings else b"\0" not in content
