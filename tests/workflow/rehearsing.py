"""Rehearsals as tests need them: an answers script, a stack that is still open afterwards, and the files it leaves."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from local.engine.faults import Fault
from local.rehearsal import files
from local.rehearsal.answers import parse_answers
from local.rehearsal.progress import Progress
from local.rehearsal.rehearse import Rehearsal, Result, rehearse
from local.stack import LocalStack

_OTHER_NAMES = {"HeadObject": "s3:GetObject", "ListObjectsV2": "s3:ListBucket"}
"""Calls that IAM knows by another name."""


def actions_called(stack: LocalStack) -> dict[str, set[str]]:
    """The IAM actions that each function's calls needed; a transaction's parts count as calls of their own."""
    needed: dict[str, set[str]] = {}
    for function, service, operation in stack.calls.seen():
        prefix = {"stepfunctions": "states", "sesv2": "ses"}.get(service, service)
        needed.setdefault(function, set()).add(_OTHER_NAMES.get(operation, f"{prefix}:{operation}"))
    return {function: actions - {"dynamodb:TransactWriteItems"} for function, actions in needed.items()}


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """One rehearsal: the open stack, how it ended, and the folder that `--out` would have filled."""

    stack: LocalStack
    result: Result
    out: Path

    @property
    def summary(self) -> dict[str, Any]:
        summary: dict[str, Any] = self.json("summary.json")
        return summary

    def json(self, name: str) -> Any:
        return json.loads((self.out / name).read_text())

    def facts(self) -> list[str]:
        return [entry["fact"] for entry in self.json("incident.json")["timeline"]]

    def decision(self, decision_id: str) -> dict[str, Any]:
        found = [d for d in self.json("incident.json")["decisions"] if d["id"] == decision_id]
        assert len(found) == 1
        decision: dict[str, Any] = found[0]
        return decision

    def actions(self) -> dict[str, set[str]]:
        return actions_called(self.stack)

    def status_of(self, execution: str) -> str:
        (found,) = [e for e in self.json("executions.json") if e["name"] == execution]
        return str(found["status"])


@contextmanager
def rehearsed(
    app: Path,
    out: Path,
    *events: Mapping[str, Any],
    answers: Mapping[str, Any] | None = None,
    faults: Sequence[str] = (),
    time_scale: float = 60,
    now: bool = False,
) -> Iterator[Rehearsed]:
    """Rehearses the events and leaves the stack open for a look."""
    plan = Rehearsal(
        events=events,
        script=parse_answers(answers or {}, "the test's answers"),
        time_scale=time_scale,
        faults=[Fault.parse(fault) for fault in faults],
        limit=240,
        now=now,
    )
    with Progress(Console(file=io.StringIO())) as progress:
        stack, result = rehearse(app, plan, progress)
    try:
        files.prepare(out)
        files.write(out, stack, result)
        yield Rehearsed(stack=stack, result=result, out=out)
    finally:
        stack.close()
