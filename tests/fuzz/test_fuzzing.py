"""The fuzzer has had intake's reading for a while, and nothing came of it but rejections by name (R16)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 10
SEED = 20261122
"""Always the same, so that a red run can be repeated; `make fuzz` goes other ways each time."""


def test_r16_mutilated_events_are_read_or_rejected_by_name(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="libFuzzer isn't built for this platform")
    limits = [f"-max_total_time={SECONDS}", f"-seed={SEED}", f"-artifact_prefix={tmp_path}/"]
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.read_event", *limits],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "functions"), str(ROOT)]),
            "TMPDIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        errors="replace",
        timeout=20 * SECONDS,
        check=False,
    )
    crashes = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
    assert run.returncode == 0, f"{run.stderr[-4_000:]}\n{crashes}"
    runs = re.search(r"Done (\d+) runs", run.stderr)
    assert runs is not None
    assert int(runs[1]) > 1_000
