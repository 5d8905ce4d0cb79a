"""What pages say of files: which can be sent, what has arrived, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from emergency.domain.attachment import TYPES, Uploaded, UploadForm
from emergency.domain.errors import UnusableFile
from emergency.presentation.controls import MEGABYTES
from emergency.presentation.plain import one_line
from emergency.presentation.words import Words

_FILE_NAME_LIMIT = 80


def told_of_files(words: Words, error: UnusableFile | None) -> Mapping[str, object]:
    """What can be sent, and what is wrong with what was."""
    kinds = words.join([_kind(end) for end in TYPES])
    return {
        "hint": words("page.upload.file_hint", types=kinds, megabytes=MEGABYTES),
        "problem": words(f"page.invalid.file_{error.problem}", megabytes=MEGABYTES) if error else "",
        "types": TYPES,
    }


def told_of_file(words: Words, file: Uploaded) -> Mapping[str, object]:
    """The file that has arrived, its name and its size."""
    return {"file": file, "name": one_line(file.name, _FILE_NAME_LIMIT), "size": words.size(file.size)}


def origin_of(form: UploadForm) -> str:
    """Where a form posts to, as a content security policy names it."""
    target = urlsplit(form.url)
    return f"{target.scheme}://{target.netloc}"


def _kind(ending: str) -> str:
    """A kind of file as people call it: `PNG`."""
    return ending.removeprefix(".").upper()
