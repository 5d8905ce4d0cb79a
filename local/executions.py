"""Executions as people want to read them: state by state, with retries, errors and children. Pure.

Built from what the Step Functions API answers; task tokens are redacted on the way in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.engine.redaction import redact, redact_text

_FAILED = frozenset({"TaskFailed", "TaskTimedOut", "TaskStartFailed", "TaskSubmitFailed", "LambdaFunctionFailed"})
_CONTAINER_STARTS = frozenset({"ParallelStateStarted", "MapStateStarted", "MapIterationStarted"})


@dataclass
class StateVisit:
    """One time that an execution was in a state.

    Attributes:
        status: running, succeeded, caught (failed, and the state's Catch took over), failed or aborted.
        attempts: How often the task was scheduled; more than one means retries.
        depth: 0 at the top, one more inside each Parallel or Map.
        child_arn: The execution that the state started, or empty.
    """

    name: str
    type: str
    entered: datetime
    depth: int = 0
    exited: datetime | None = None
    status: str = "running"
    attempts: int = 0
    error: str = ""
    cause: str = ""
    child_arn: str = ""

    @property
    def retries(self) -> int:
        """Attempts after the first."""
        return max(0, self.attempts - 1)

    @property
    def seconds(self) -> float | None:
        """How long the visit lasted, or None while it lasts."""
        return (self.exited - self.entered).total_seconds() if self.exited else None

    def as_json(self) -> dict[str, Any]:
        """The visit for scripts."""
        return {
            "name": self.name,
            "type": self.type,
            "status": self.status,
            "entered": self.entered.isoformat(timespec="milliseconds"),
            "exited": self.exited.isoformat(timespec="milliseconds") if self.exited else None,
            "depth": self.depth,
            "attempts": self.attempts,
            "error": self.error,
            "cause": self.cause,
            "child": self.child_arn,
        }


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One execution with its visits. `input` and `output` are JSON text without task tokens."""

    arn: str
    name: str
    machine: str
    status: str
    started: datetime
    stopped: datetime | None
    input: str
    output: str
    error: str
    cause: str
    visits: tuple[StateVisit, ...] = field(repr=False)
    history: tuple[dict[str, Any], ...] = field(repr=False)

    @property
    def transitions(self) -> int:
        """Billed state transitions: each state entered, and each retry."""
        return len(self.visits) + sum(visit.retries for visit in self.visits)

    @property
    def incident_id(self) -> str:
        """The incident that the execution works for, by its input, or empty."""
        try:
            given = json.loads(self.input)
        except ValueError:
            return ""
        return str(given.get("incident_id", "")) if isinstance(given, Mapping) else ""

    @property
    def is_of_an_incident(self) -> bool:
        """Whether this is an incident's own execution, the one that its six steps are drawn in."""
        return self.name == self.incident_id

    @property
    def current(self) -> tuple[str, ...]:
        """The states that the execution is in, innermost only."""
        running = [visit for visit in self.visits if visit.status == "running"]
        deepest = max((visit.depth for visit in running), default=0)
        return tuple(visit.name for visit in running if visit.depth == deepest)

    def as_json(self) -> dict[str, Any]:
        """The execution for scripts, without its history."""
        return {
            "arn": self.arn,
            "name": self.name,
            "state_machine": self.machine,
            "status": self.status,
            "incident_id": self.incident_id,
            "started": self.started.isoformat(timespec="milliseconds"),
            "stopped": self.stopped.isoformat(timespec="milliseconds") if self.stopped else None,
            "transitions": self.transitions,
            "error": self.error,
            "cause": self.cause,
            "current": list(self.current),
            "states": [visit.as_json() for visit in self.visits],
        }


def execution_of(description: Mapping[str, Any], events: Sequence[Mapping[str, Any]], machine: str) -> Execution:
    """Reads DescribeExecution's and GetExecutionHistory's answers."""
    history = tuple(_clean_event(event) for event in events)
    status = str(description["status"])
    return Execution(
        arn=str(description["executionArn"]),
        name=str(description["name"]),
        machine=machine,
        status=status,
        started=_utc(description["startDate"]),
        stopped=_utc(description["stopDate"]) if description.get("stopDate") else None,
        input=redact_text(str(description.get("input", ""))),
        output=redact_text(str(description.get("output", ""))),
        error=redact_text(str(description.get("error", ""))),
        cause=redact_text(str(description.get("cause", ""))),
        visits=visits_of(history, is_over=status != "RUNNING"),
        history=history,
    )


def _clean_event(event: Mapping[str, Any]) -> dict[str, Any]:
    clean: dict[str, Any] = redact(dict(event))
    clean["timestamp"] = _utc(event["timestamp"]).isoformat(timespec="milliseconds")
    return clean


def _utc(moment: Any) -> datetime:
    value = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    return value.astimezone(UTC)


def visits_of(events: Iterable[Mapping[str, Any]], *, is_over: bool) -> tuple[StateVisit, ...]:
    """The visits of an execution, in the order in which their states were entered."""
    reader = _HistoryReader()
    for event in events:
        reader.read(event)
    if is_over:
        for visit in reader.visits:
            if visit.status == "running":
                failed = visit.error or visit.type == "Fail"
                visit.status = "failed" if failed else "aborted"
                visit.exited = reader.last
    return tuple(reader.visits)


class _HistoryReader:
    """Follows each event's previousEventId to the visit that it belongs to."""

    def __init__(self) -> None:
        self.visits: list[StateVisit] = []
        self.last: datetime | None = None
        self._owner: dict[int, StateVisit] = {}
        self._types: dict[int, str] = {}

    def read(self, event: Mapping[str, Any]) -> None:
        number, previous, kind = int(event["id"]), int(event.get("previousEventId", 0)), str(event["type"])
        self.last = _utc(event["timestamp"])
        self._types[number] = kind
        if kind.endswith("StateEntered"):
            owner: StateVisit | None = self._enter(event, previous, kind)
        elif kind.endswith("StateExited"):
            owner = self._exit(event, previous)
        else:
            owner = self._owner.get(previous)
            if owner is not None:
                _note(owner, kind, event)
        if owner is not None:
            self._owner[number] = owner

    def _enter(self, event: Mapping[str, Any], previous: int, kind: str) -> StateVisit:
        before = self._owner.get(previous)
        depth = before.depth if before else 0
        if before is not None and self._types.get(previous) in _CONTAINER_STARTS:
            depth += 1
        name = str(event["stateEnteredEventDetails"]["name"])
        visit = StateVisit(name, kind.removesuffix("StateEntered"), _utc(event["timestamp"]), depth)
        self.visits.append(visit)
        return visit

    def _exit(self, event: Mapping[str, Any], previous: int) -> StateVisit | None:
        name = str(event["stateExitedEventDetails"]["name"])
        visit = self._owner.get(previous)
        if visit is None or visit.name != name or visit.exited is not None:
            visit = next((v for v in self.visits if v.name == name and v.exited is None), None)
        if visit is not None:
            visit.exited = _utc(event["timestamp"])
            visit.status = "caught" if visit.error else "succeeded"
        return visit


def _note(visit: StateVisit, kind: str, event: Mapping[str, Any]) -> None:
    if kind == "TaskScheduled":
        visit.attempts += 1
        visit.error = visit.cause = ""
    elif kind in _FAILED:
        details = event.get(f"{kind[0].lower()}{kind[1:]}EventDetails", {})
        visit.error = str(details.get("error") or "States.Timeout")
        visit.cause = str(details.get("cause") or "")
    elif kind == "TaskSubmitted":
        visit.child_arn = _child(event.get("taskSubmittedEventDetails", {}))


def _child(details: Mapping[str, Any]) -> str:
    if details.get("resourceType") not in ("states", "stepfunctions"):
        return ""
    try:
        return str(json.loads(details.get("output", "{}")).get("ExecutionArn", ""))
    except ValueError:
        return ""
