"""Synthesises the app for this machine, when what it is made from has changed."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.stack import HOME

ROOT = Path(__file__).resolve().parent.parent
"""The repository."""

OUTPUT = ROOT / ".local" / "cdk.out"
"""Holds one cloud assembly for each state of the inputs, so that nobody's assembly changes while it is in use."""

_KEPT = 4
_INPUTS = ("app.py", "cdk.json", "functions", "infra", "plan", "requirements", "statemachines")
_IGNORED = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache"})


class SynthesisError(RuntimeError):
    """The app can't be synthesised; the message is what `app.py` said."""


def assembly(context: Mapping[str, Any] | None = None) -> Path:
    """The cloud assembly of the present inputs for this machine, synthesised where needed. Raises SynthesisError.

    Args:
        context: Values above those of `cdk.json`.
    """
    OUTPUT.mkdir(parents=True, exist_ok=True)
    used = _context({**_configuration(), **(context or {})})
    with _alone():
        folder = OUTPUT / _fingerprint(used)
        if folder.is_dir():
            folder.touch()
        else:
            _synthesise(folder, used)
            _forget_old()
        return folder


@contextmanager
def _alone() -> Iterator[None]:
    """Lets one process synthesise at a time; the others find what it made."""
    with (OUTPUT / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _configuration() -> dict[str, Any]:
    settings = ROOT / "cdk.json"
    configuration: dict[str, Any] = json.loads(settings.read_text("utf-8"))["context"] if settings.is_file() else {}
    return configuration


def _context(context: Mapping[str, Any]) -> dict[str, Any]:
    """The context for this machine: where a home is named, it is here, and the other monitored places stay."""
    here = {"account": HOME.account, "region": HOME.region}
    moved = {
        "home": here,
        "monitored": [place for place in context.get("monitored") or [] if {**here, **place} != here],
    }
    return {**context, "asset-platform": "host", **(moved if context.get("home") else {})}


def _synthesise(folder: Path, context: Mapping[str, Any]) -> None:
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    environment = {
        **os.environ,
        "CDK_OUTDIR": str(unfinished),
        "CDK_CONTEXT_JSON": json.dumps(context),
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
    }
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0 or not (unfinished / "manifest.json").is_file():
        said = (done.stderr.strip() or done.stdout.strip() or f"exit status {done.returncode}").splitlines()
        raise SynthesisError("the app could not be synthesised:\n" + "\n".join(said[-30:]))
    unfinished.rename(folder)


def _forget_old() -> None:
    made = [folder for folder in OUTPUT.iterdir() if folder.is_dir()]
    for folder in sorted(made, key=lambda folder: folder.stat().st_mtime, reverse=True)[_KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)


def _fingerprint(context: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(sys.version.encode() + json.dumps(context, sort_keys=True).encode())
    for file in _files():
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _files() -> Iterator[Path]:
    for name in _INPUTS:
        path = ROOT / name
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from (
                file for file in sorted(path.rglob("*")) if file.is_file() and not _IGNORED.intersection(file.parts)
            )
