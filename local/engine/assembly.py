"""Reads a cloud assembly: the `cdk.out` folder that synthesising leaves. Pure but for reading files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.engine.intrinsics import TemplateError

_BOUND = re.compile(r"aws://(?P<account>\d+)/(?P<region>(?!unknown-)[a-z0-9-]+)")


@dataclass(frozen=True)
class StackTemplate:
    """One stack of the assembly: its template, and where the assets that it names by object key lie.

    Attributes:
        place: The account and region that the stack is bound to; None leaves both to whoever deploys it.
    """

    name: str
    template: Mapping[str, Any]
    assets: Mapping[str, Path]
    place: tuple[str, str] | None = None

    def asset(self, object_key: str) -> Path:
        """The file or folder behind an asset's object key. Raises TemplateError."""
        try:
            return self.assets[object_key]
        except KeyError:
            raise TemplateError(f"the stack {self.name} has no asset {object_key}") from None


def read_assembly(folder: Path) -> tuple[StackTemplate, ...]:
    """The assembly's stacks, those that others depend on first. Raises TemplateError."""
    manifest_file = folder / "manifest.json"
    if not manifest_file.is_file():
        raise TemplateError(f"{folder} is no cloud assembly: it has no manifest.json")
    artifacts: Mapping[str, Any] = _read(manifest_file).get("artifacts", {})
    stacks: list[StackTemplate] = []
    for name in _in_order(artifacts):
        artifact = artifacts[name]
        if artifact["type"] == "aws:cloudformation:stack":
            stacks.append(_stack(folder, name, artifact, artifacts))
        elif artifact["type"] == "cdk:cloud-assembly":
            stacks.extend(read_assembly(folder / artifact["properties"]["directoryName"]))
    return tuple(stacks)


def _read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


def _in_order(artifacts: Mapping[str, Any]) -> Iterator[str]:
    done: set[str] = set()

    def visit(name: str) -> Iterator[str]:
        if name in done or name not in artifacts:
            return
        done.add(name)
        for dependency in artifacts[name].get("dependencies", []):
            yield from visit(dependency)
        yield name

    for name in artifacts:
        yield from visit(name)


def _stack(folder: Path, name: str, artifact: Mapping[str, Any], artifacts: Mapping[str, Any]) -> StackTemplate:
    properties = artifact["properties"]
    assets: dict[str, Path] = {}
    for dependency in artifact.get("dependencies", []):
        manifest = artifacts.get(dependency, {})
        if manifest.get("type") == "cdk:asset-manifest":
            assets |= _assets(folder, _read(folder / manifest["properties"]["file"]))
    template = _read(folder / properties["templateFile"])
    return StackTemplate(str(properties.get("stackName", name)), template, assets, _place(artifact))


def _place(artifact: Mapping[str, Any]) -> tuple[str, str] | None:
    bound = _BOUND.fullmatch(str(artifact.get("environment", "")))
    return (bound["account"], bound["region"]) if bound else None


def _assets(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for file in manifest.get("files", {}).values():
        source = folder / file["source"]["path"]
        for destination in file.get("destinations", {}).values():
            found[destination["objectKey"]] = source
    return found
