"""Events of other sources, read as the plan's mappings say: JMESPath over the whole event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from emergency.domain.envelope import Envelope, bare, clean, moment_or, named, not_after, number, text
from emergency.domain.errors import UnusableSignal
from emergency.domain.plan import SourceMapping
from emergency.domain.signal import ARN_LIMIT, NAME_LIMIT, REASON_LIMIT, Figures, Meaning, Signal


def mapping_for(envelope: Envelope, sources: Sequence[SourceMapping]) -> SourceMapping | None:
    """The first mapping of the plan that takes the event."""
    return next(
        (
            mapping
            for mapping in sources
            if mapping.source == envelope.source
            and (not mapping.detail_types or envelope.detail_type in mapping.detail_types)
        ),
        None,
    )


def read_mapped(envelope: Envelope, mapping: SourceMapping) -> Signal:
    """The signal that a mapping makes of an event. Raises UnusableSignal where it finds no name in it."""
    find = _Finder(envelope)
    name = clean(find.text(mapping.name), NAME_LIMIT)
    if not name:
        raise UnusableSignal(f"$: the mapping '{mapping.id}' finds no name at {clean(mapping.name, 80)}")
    signal = bare(envelope)
    meaning, why = _meaning(find.text(mapping.state) if mapping.state else None, mapping)
    at = moment_or(signal.at, find.found(mapping.at))
    return replace(
        signal,
        at=at,
        meaning=meaning,
        names=(name,),
        namespace=clean(find.text(mapping.namespace), NAME_LIMIT),
        metric=clean(find.text(mapping.metric), NAME_LIMIT),
        resource=named(find.text(mapping.resource)),
        reason=clean(find.text(mapping.reason), REASON_LIMIT),
        began_at=not_after(at, find.found(mapping.began_at)),
        why_neither=why,
        alarm=_same(find.text(mapping.alarm), mapping),
        figures=Figures(
            value=number(find.found(mapping.value)),
            threshold=number(find.found(mapping.threshold)),
            score=_within(number(find.found(mapping.score)), 10),
            users=_whole(number(find.found(mapping.users))),
        ),
    )


class _Finder:
    """Looks up expressions in one event."""

    def __init__(self, envelope: Envelope) -> None:
        self._event = {name.replace("_", "-"): value for name, value in msgspec.structs.asdict(envelope).items()}

    def found(self, expression: str) -> object:
        """What an expression finds; None without one, or where it doesn't fit the event."""
        if not expression:
            return None
        try:
            return jmespath.search(expression, self._event)
        except (JMESPathError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
            return None

    def text(self, expression: str) -> str:
        """What an expression finds, as text: also of a number, or of true and false."""
        found = self.found(expression)
        if isinstance(found, bool):
            return str(found).lower()
        if isinstance(found, int | float):
            return "" if number(found) is None else str(found)
        return text(found)


def _meaning(state: str | None, mapping: SourceMapping) -> tuple[Meaning, str]:
    """What the event means, and why where that is neither failure nor recovery."""
    if state is None:
        return Meaning.FAILURE, ""
    for meaning, states in ((Meaning.FAILURE, mapping.failure), (Meaning.RECOVERY, mapping.recovery)):
        if state.casefold() in {one.casefold() for one in states}:
            return meaning, ""
    return Meaning.NEITHER, f"the mapping '{mapping.id}' takes no notice of the state '{clean(state, 40)}'"


def _same(found: str, mapping: SourceMapping) -> str:
    """What stays the same while it goes on and off; other sources may call theirs the same."""
    own = clean(found, ARN_LIMIT)
    return own if not own or own.startswith("arn:") else f"{mapping.source}:{own}"[:ARN_LIMIT]


def _within(figure: float | None, most: int) -> float | None:
    return figure if figure is not None and 0 <= figure <= most else None


def _whole(figure: float | None) -> int | None:
    return int(figure) if figure is not None and figure >= 0 else None
