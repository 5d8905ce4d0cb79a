"""The real templates, state machines and handlers on the local engine. One synthesis serves every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from local import synth


@pytest.fixture(scope="session")
def app() -> Path:
    """The synthesised app for this machine."""
    return synth.assembly()
