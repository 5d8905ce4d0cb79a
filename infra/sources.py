"""Where the parts that the stack is made of lie in the repository."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The folders and the lock that a synthesis reads; a test can point any of them elsewhere."""

    plan: Path = REPOSITORY / "plan"
    functions: Path = REPOSITORY / "functions"
    state_machines: Path = REPOSITORY / "statemachines"
    lock: Path = REPOSITORY / "requirements" / "functions.txt"
    cache: Path = REPOSITORY / ".local" / "assets"
