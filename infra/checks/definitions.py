"""Checks the state machines' definitions with asl-validator."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from infra.sources import REPOSITORY

_VALIDATOR = REPOSITORY / "node_modules" / ".bin" / "asl-validator"


class ValidatorMissing(Exception):
    """asl-validator isn't installed."""


def check_definitions(paths: Iterable[Path]) -> list[str]:
    """What asl-validator finds wrong in definitions, one text for each that has faults; empty when all is well.

    It sees what cfn-lint misses: a dangling `Next`, states that can't be reached, malformed JSONata.

    Raises:
        ValidatorMissing: With what to install.
    """
    if shutil.which(str(_VALIDATOR)) is None:
        raise ValidatorMissing("asl-validator is missing: run `npm ci`.")
    return [complaint for complaint in map(_complaint, paths) if complaint]


def _complaint(path: Path) -> str:
    done = subprocess.run(  # noqa: S603 - our own tool and our own files
        [str(_VALIDATOR), "--json-path", str(path)], capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else f"{path.name}: {(done.stdout + done.stderr).strip()}"
