"""Shows a rehearsal step after step: lines with times, and on a terminal what is being waited for."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status

from local.executions import Execution

_MARKS = {"succeeded": "[green]✓[/]", "caught": "[yellow]![/]", "failed": "[red]✗[/]", "aborted": "[red]✗[/]"}


class Progress:
    """Prints lines as things happen. Use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._shown: set[tuple[str, int, str]] = set()
        self._status: Status | None = console.status("Starting") if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status:
            self._status.stop()

    @property
    def seconds(self) -> float:
        """Real seconds since the start."""
        return time.monotonic() - self._started

    def say(self, text: str, *, style: str = "") -> None:
        """Prints one line with the time."""
        self._console.print(f"[dim]{self.seconds:7.1f} s[/]  ", end="")
        self._console.print(text, style=style or None, markup=False, highlight=False, soft_wrap=True)

    def wait_for(self, text: str) -> None:
        """Shows on a terminal what is being waited for."""
        if self._status:
            self._status.update(text)

    def show(self, executions: tuple[Execution, ...]) -> None:
        """Prints the steps of each incident that ended since the last call."""
        waiting: list[str] = []
        for execution in reversed(executions):
            if execution.is_of_an_incident:
                self._show(execution)
            waiting += execution.current
        self.wait_for("Now: " + ", ".join(dict.fromkeys(waiting)) if waiting else "Waiting")

    def _show(self, execution: Execution) -> None:
        for number, visit in enumerate(execution.visits):
            if visit.type in ("Choice", "Pass") or visit.status == "running":
                continue
            key = (execution.arn, number, visit.status)
            if key in self._shown:
                continue
            self._shown.add(key)
            note = f", {visit.retries} retries" if visit.retries else ""
            note += f", {visit.error}" if visit.error else ""
            self._console.print(f"[dim]{self.seconds:7.1f} s[/]  {'  ' * visit.depth}{_MARKS[visit.status]} ", end="")
            self._console.print(f"{visit.name}{note}", markup=False, highlight=False, soft_wrap=True)
