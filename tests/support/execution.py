"""An execution of `decision.asl.json` in miniature: it asks, waits under a token with a timer, looks, and goes on.

What it does on each event is what the definition says; the definition itself runs in the workflow tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from emergency.domain.decision import Decision, first_wait
from emergency.domain.errors import NobodyReached
from emergency.domain.terms import Outcome
from emergency.use_cases.ask_people import Look, Standing
from tests.support.house import House
from tests.support.memory import Crash, Faults

TRIES = 5
"""How often Step Functions runs a state that crashes, the first time included."""


@dataclass
class Execution:
    """One decision's execution over a house. `ended` is its outcome, or the name of the error that it failed with."""

    house: House
    incident_id: str
    decision_id: str
    level: int = 0
    reminder: bool = False
    token: str = ""
    until: datetime | None = None
    ended: Outcome | str | None = None
    pages: int = 0
    crashes: list[Faults] = field(default_factory=list)
    """At which calls the next runs of a function crash; spent one by one."""

    _tokens: int = 0

    @property
    def decision(self) -> Decision:
        return self.house.store.decisions[self.incident_id, self.decision_id]

    def start(self) -> None:
        self._enter(first_wait(self.decision, 0))

    def work(self) -> None:
        """Goes on where something happened: an answer or a hurry came in, or the timer ran out."""
        while self.ended is None and self._goes_on():
            pass

    def _goes_on(self) -> bool:
        resumed = [outcome for token, _, outcome in self.house.workflow.resumed if token == self.token]
        if resumed:
            self.ended = resumed[0]
            return True
        hurried = any(token == self.token for token, _, _ in self.house.workflow.hurried)
        if hurried or (self.until is not None and self.house.clock.now >= self.until):
            self._look()
            return True
        return False

    def _enter(self, seconds: int) -> None:
        """The state that asks, tried again under a new token where its function crashes."""
        for _ in range(TRIES):
            self.house.workflow.waiting.discard(self.token)
            self._tokens += 1
            self.token = f"token-{self._tokens}"
            self.until = self.house.clock.now + timedelta(seconds=seconds)
            try:
                self._with_crash(self._ask)
            except Crash:
                if self._was_told():
                    return
                continue
            return
        self._fail("Crash")

    def _was_told(self) -> bool:
        """Whether the wait ended although the function died: its token was answered before."""
        told = [*self.house.workflow.resumed, *self.house.workflow.hurried]
        return any(token == self.token for token, _, _ in told)

    def _ask(self) -> None:
        self.house.ask(self.incident_id, self.decision_id, self.level, self.token, reminder=self.reminder)

    def _look(self) -> None:
        self.house.workflow.waiting.discard(self.token)
        found = self._tried(lambda: self.house.look(self.incident_id, self.decision_id, self.level))
        if isinstance(found, Look):
            self._go_on(found)

    def _go_on(self, found: Look) -> None:
        if found.standing is Standing.SETTLED:
            self.ended = found.outcome
        elif found.turn is not None:
            self.pages += found.standing is Standing.PAGE
            self.level, self.reminder = found.turn.level, found.turn.reminder
            self._enter(found.turn.seconds)
        else:
            outcome = self._tried(lambda: self.house.lapse(self.incident_id, self.decision_id))
            if isinstance(outcome, Outcome):
                self.ended = outcome

    def _tried(self, run: object) -> object:
        for _ in range(TRIES):
            try:
                return self._with_crash(run)
            except Crash:
                continue
            except NobodyReached:
                self._fail("NobodyReached")
                return None
        self._fail("Crash")
        return None

    def _with_crash(self, run: object) -> object:
        self.house.faults = self.crashes.pop() if self.crashes else None
        try:
            return run()  # type: ignore[operator]
        finally:
            self.house.faults = None

    def _fail(self, error: str) -> None:
        self.ended = error
        self.until = None
