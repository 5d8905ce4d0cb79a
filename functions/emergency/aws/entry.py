"""How Lambda enters: a task's payload is read into its type, logged by its ids alone, and handed on.

Payloads are never logged: they may hold a task token (R3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import msgspec
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


class TaskOfIncident(Protocol):
    """A task's payload, as the state machines send it."""

    @property
    def incident_id(self) -> str:
        """The incident that the task belongs to."""
        ...


T = TypeVar("T", bound=TaskOfIncident)
Result = dict[str, object]


def task(kind: type[T]) -> Callable[[Callable[[T], Result]], Callable[[object, LambdaContext], Result]]:
    """Makes a Lambda handler for a Step Functions task out of a function of the payload's type.

    The handler raises msgspec.ValidationError for a payload that doesn't fit. Errors leave under their class name,
    which is what `ErrorEquals` in the ASL catches.
    """

    def decorate(run: Callable[[T], Result]) -> Callable[[object, LambdaContext], Result]:
        @logger.inject_lambda_context(clear_state=True)
        def handler(event: object, _context: LambdaContext) -> Result:
            payload = msgspec.convert(event, kind)
            logger.append_keys(incident_id=payload.incident_id, operation=getattr(payload, "operation", None))
            result = run(payload)
            logger.info("done")
            return result

        return handler

    return decorate
