"""Puts a crash at each call of a use case's ports, and runs the use case again, as Lambda's retry or SQS would."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.memory import Crash, Faults


class Crashing:
    """A port whose calls are counted by `faults` and may crash."""

    def __init__(self, port: object, faults: Faults) -> None:
        self._port = port
        self._faults = faults

    def __getattr__(self, name: str) -> object:
        method = getattr(self._port, name)
        if not callable(method):
            return method
        return lambda *args, **kwargs: self._faults.around(name, lambda: method(*args, **kwargs))


def every_crash(run: Callable[[Faults], None], check: Callable[[], None], reset: Callable[[], None]) -> int:
    """Runs `run` once for each (call, before or after), crashing there, then again to its end; `check` must hold.

    Gives the number of crashes tried.
    """
    reset()
    clean = Faults()
    run(clean)
    check()
    tried = 0
    for at in range(len(clean.calls)):
        for before in (True, False):
            reset()
            try:
                run(Faults(at=at, before=before))
            except Crash:
                tried += 1
            run(Faults())
            check()
    return tried
