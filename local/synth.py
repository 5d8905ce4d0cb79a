"""Synthesises the app for this machine, when what it is made from has changed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The repository."""

OUTPUT = ROOT / ".local" / "cdk.out"
_INPUTS = ("app.py", "cdk.json", "functions", "infra", "plan", "requirements", "statemachines")
_IGNORED = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache"})


class SynthesisError(RuntimeError):
    """The app can't be synthesised; the message is what `app.py` said."""


def assembly() -> Path:
    """The cloud assembly for this machine, synthesised anew where its inputs changed. Raises SynthesisError."""
    fingerprint = _fingerprint()
    mark = OUTPUT.parent / "cdk.out.inputs"
    if not ((OUTPUT / "manifest.json").is_file() and mark.is_file() and mark.read_text() == fingerprint):
        mark.unlink(missing_ok=True)
        shutil.rmtree(OUTPUT, ignore_errors=True)
        OUTPUT.parent.mkdir(exist_ok=True)
        _synthesise()
        mark.write_text(fingerprint)
    return OUTPUT


def _synthesise() -> None:
    settings = ROOT / "cdk.json"
    context = json.loads(settings.read_text("utf-8")).get("context", {}) if settings.is_file() else {}
    context["asset-platform"] = "host"
    environment = {**os.environ, "CDK_OUTDIR": str(OUTPUT), "CDK_CONTEXT_JSON": json.dumps(context)}
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0 or not (OUTPUT / "manifest.json").is_file():
        said = (done.stderr.strip() or done.stdout.strip() or f"exit status {done.returncode}").splitlines()
        raise SynthesisError("the app could not be synthesised:\n" + "\n".join(said[-30:]))


def _fingerprint() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for file in _files():
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for name in _INPUTS:
        path = ROOT / name
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from (
                file for file in sorted(path.rglob("*")) if file.is_file() and not _IGNORED.intersection(file.parts)
            )
