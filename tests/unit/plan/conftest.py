"""The example plan, and copies of it to spoil."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.plan_compiler import CompiledPlan, PlanError, compile_plan

PLAN_DIR = Path(__file__).resolve().parents[3] / "plan"

Spoil = Callable[[str, str, str], None]


@pytest.fixture(scope="session")
def example() -> CompiledPlan:
    return compile_plan(PLAN_DIR)


@pytest.fixture
def plan_dir(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PLAN_DIR, tmp_path / "plan"))


@pytest.fixture
def spoil(plan_dir: Path) -> Spoil:
    """Replaces the first occurrence of a text in a file of the copied plan."""

    def replace(file: str, old: str, new: str) -> None:
        path = plan_dir / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


def findings_of(plan_dir: Path) -> list[str]:
    """What the compiler finds in a plan, each as the line that it prints."""
    try:
        compile_plan(plan_dir)
    except PlanError as error:
        return [str(finding) for finding in error.findings]
    return []


def expect_finding(plan_dir: Path, finding: str) -> None:
    """Expects a finding among those of a plan, and of each that it says what to write instead."""
    found = findings_of(plan_dir)
    assert any(finding in line for line in found), "\n".join(found)
    assert all("; " in line for line in found)


def line_of(plan_dir: Path, file: str, text: str) -> int:
    """On which line of a file a text first stands."""
    lines = (plan_dir / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)
