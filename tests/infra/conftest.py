"""One synthesis for all tests of the template: starting the CDK's Node process is what takes the time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from emergency.domain.plan import Plan
from infra.application import create_app
from infra.plan_compiler import compile_plan
from infra.sources import Sources
from tests.infra.template import Template

UNBUNDLED: dict[str, Any] = {"aws:cdk:bundling-stacks": []}
"""Leaves the packaged asset out, which is the slow part."""

HOME = {"account": "111122223333", "region": "ap-southeast-1"}
OTHER = "444455556666"
MONITORED: list[dict[str, str]] = [
    {"region": "ap-northeast-1"},
    {"account": OTHER, "region": "ap-northeast-1"},
    {"account": OTHER, "region": "ap-southeast-1"},
]
STACKS = [
    "EmergencyResponse-Forwarding-111122223333-ap-northeast-1",
    "EmergencyResponse-Forwarding-444455556666-ap-northeast-1",
    "EmergencyResponse-Forwarding-444455556666-ap-southeast-1",
]
"""What each monitored place gets."""


def unbundled(output: Path, sources: Sources | None = None, context: Mapping[str, Any] | None = None) -> App:
    return create_app(output=output, context={**UNBUNDLED, **(context or {})}, sources=sources)


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cdk") / "cdk.out"
    unbundled(folder, context={"aws:cdk:enable-path-metadata": True}).synth()
    return folder


@pytest.fixture(scope="session")
def template(assembly: Path) -> Template:
    return Template.read(assembly)


@pytest.fixture(scope="session")
def company() -> Plan:
    """The repository's own plan, as the stack was made from it."""
    return compile_plan(Sources().plan).plan


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fleet") / "cdk.out"
    unbundled(folder, context={"home": HOME, "monitored": MONITORED}).synth()
    return folder
