"""What a rehearsal leaves behind in its folder."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.engine.redaction import redact_text
from local.rehearsal.errors import UnusableInputError
from local.rehearsal.rehearse import Result
from local.stack import LocalStack

_WRITTEN = (
    "summary.json",
    "incident.json",
    "executions.json",
    "report.html",
    "history/*.json",
    "mails/*.eml",
    "archive/**/*",
    "status-page/**/*",
)
_STATUS_PAGE = "status-page"
"""The folder of the archive with the status page as it was after each statement, and that with the page at the end."""


def prepare(folder: Path) -> None:
    """Makes the folder, checks that it can be written to, and takes out what an earlier rehearsal left there.

    Raises UnusableInputError.
    """
    try:
        for part in (folder, folder / "history", folder / "mails"):
            part.mkdir(parents=True, exist_ok=True)
        for pattern in _WRITTEN:
            for left in folder.glob(pattern):
                if left.is_file():
                    left.unlink()
        probe = folder / ".writable"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise UnusableInputError(f"{folder}: {error.strerror or error}") from None


def summary(stack: LocalStack, result: Result) -> dict[str, Any]:
    """What `summary.json` holds."""
    incident = result.incident.incident if result.incident else {}
    return {
        "incident_id": result.incident.id if result.incident else None,
        "outcome": result.outcome,
        "risk": incident.get("risk"),
        "severity": incident.get("severity"),
        "teams": list(incident.get("teams") or []),
        "mails": len(stack.mailbox.mails),
        "transitions": sum(execution.transitions for execution in stack.executions()),
        "seconds": result.seconds,
        "events": [
            {
                "id": item.event_id,
                "disposition": item.kind,
                "incident_id": item.incident_id or None,
                "reason": item.reason or None,
            }
            for item in result.dispositions
        ],
        "problems": list(result.problems),
    }


def write(folder: Path, stack: LocalStack, result: Result) -> None:
    """Writes all files of the rehearsal into the prepared folder."""
    _json(folder / "summary.json", summary(stack, result))
    documents = stack.archived(result.incident.id) if result.incident else {}
    _json(folder / "incident.json", result.incident.as_json() | status_page(documents) if result.incident else None)
    executions = stack.executions()
    _json(folder / "executions.json", [execution.as_json() for execution in executions])
    for execution in executions:
        _json(folder / "history" / f"{_file_name(execution.name)}.json", list(execution.history))
    for number, mail in enumerate(stack.mailbox.mails, 1):
        name = f"{number:03d}-{_file_name(mail.to[0] if mail.to else 'nobody')}.eml"
        (folder / "mails" / name).write_text(redact_text(mail.raw), "utf-8", newline="")
    report = stack.report(result.incident.id) if result.incident else None
    if report is not None:
        (folder / "report.html").write_text(redact_text(report), "utf-8")
    _store(folder / "archive", documents)
    _store(folder / _STATUS_PAGE, stack.status_files())


def status_page(documents: Mapping[str, bytes]) -> dict[str, Any]:
    """What `incident.json` says of the status page: its files after each statement, where `archive/` has them."""
    moments: dict[str, dict[str, Any]] = {}
    for name, content in sorted(documents.items()):
        folder, _, rest = name.partition("/")
        moment, _, file = rest.partition("/")
        if folder == _STATUS_PAGE and file:
            files = moments.setdefault(moment, {})
            files[file] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return {
        "status_page": [
            {"statement": moment.partition("-")[2], "folder": f"archive/{_STATUS_PAGE}/{moment}", "files": files}
            for moment, files in sorted(moments.items(), key=lambda item: int(item[0].partition("-")[0]))
        ]
    }


def _store(folder: Path, documents: Mapping[str, bytes]) -> None:
    """The documents byte for byte, so that their digests can be held against the manifest's."""
    for name, content in documents.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _json(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n", "utf-8")


def _file_name(text: str) -> str:
    return re.sub(r"[^\w.@-]", "_", text)[:120]
