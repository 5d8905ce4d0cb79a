"""What is wrong with a plan, and where: the findings that a company reads when its plan can't be used."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_QUOTED = 60
_CHOICES = 12


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong with a plan: file, line (from 1), place, problem, and what to write instead."""

    file: str
    line: int
    place: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        """`file:line: place: what is wrong; what to write instead`, on one line."""
        said = f"{self.file}:{self.line}: {self.place}: {self.problem}; {self.remedy}"
        return "".join(character if character.isprintable() else repr(character)[1:-1] for character in said)


class PlanError(Exception):
    """The plan can't be used. Holds every finding, in the order of files and lines."""

    def __init__(self, plan_dir: Path, findings: Iterable[Finding]) -> None:
        self.plan_dir = plan_dir
        self.findings = tuple(sorted(set(findings)))
        super().__init__(plan_dir, self.findings)

    def __str__(self) -> str:
        """One line for each finding, each with the file's path, and a last line that counts them."""
        lines = [f"{self.plan_dir}/{finding}" for finding in self.findings]
        count = len(self.findings)
        lines.append(f"The plan can't be used: {count} thing{'' if count == 1 else 's'} to put right.")
        return "\n".join(lines)


def shown(text: str) -> str:
    """A text of the plan as a finding quotes it: not more than a line's worth."""
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def choice(wrong: str, known: Iterable[str], *, far: str = "", otherwise: str = "") -> str:
    """The remedy for a name that isn't known: the nearest known one, or else all of them.

    Args:
        wrong: What the plan says.
        known: What it could have said.
        far: What to do where none is near, instead of naming them all.
        otherwise: What to do where nothing is known at all.
    """
    names = [str(name) for name in known]
    folded = {name.casefold().replace("-", "_"): name for name in names}
    near = difflib.get_close_matches(wrong[:100].casefold().replace("-", "_"), folded, n=1)
    if near:
        return f"did you mean '{folded[near[0]]}'?"
    if far:
        return far
    if not names:
        return otherwise or "there is nothing to choose from yet"
    first = ", ".join(names[:_CHOICES])
    return f"write one of: {first}{', …' if len(names) > _CHOICES else ''}"
