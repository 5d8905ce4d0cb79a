"""What a plan says about events of other sources: each is read once, and a recovery finds what it ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from emergency.domain.event import READ
from infra.plan_compiler.findings import Finding, choice, shown
from infra.plan_compiler.source import Node, repeated, same_id

_ENVELOPE = ("id", "source", "detail-type", "account", "region", "time", "resources", "detail")
"""What every event holds."""

_NO_EXPRESSIONS = frozenset({"id", "source", "detail_types", "failure", "recovery"})
_ON_THE_LEFT = frozenset(
    {"subexpression", "index_expression", "projection", "value_projection", "filter_projection", "flatten", "pipe"}
)
"""The kinds of an expression whose first part alone looks into the event; the others look into what that one found."""


def check_sources(sources: Sequence[Node]) -> Iterator[Finding]:
    """Every finding about the mappings of events."""
    yield from same_id(sources)
    for number, mapping in enumerate(sources):
        yield from repeated([*mapping.get("detail_types").named()])
        yield from _read_already(mapping)
        yield from _taken(mapping, sources[:number])
        yield from _states(mapping)
        for name, expression in mapping.entries().items():
            if name not in _NO_EXPRESSIONS:
                yield from _outside(expression)


def _detail_types(mapping: Node) -> set[str]:
    return {one.text() for one in mapping.get("detail_types").named()}


def _read_already(mapping: Node) -> Iterator[Finding]:
    source = mapping.get("source")
    known = READ.get(source.text(), frozenset())
    also = known & _detail_types(mapping) if _detail_types(mapping) else known
    if also:
        yield source.finding(
            f"events of {source.text()} are read without a mapping: {', '.join(sorted(also))}",
            "name in 'detail_types' other ones, or remove the mapping",
        )


def _taken(mapping: Node, earlier: Sequence[Node]) -> Iterator[Finding]:
    """A mapping that another one takes all events from would never be used."""
    types = _detail_types(mapping)
    for other in earlier:
        taken = _detail_types(other)
        if other.get("source").text() == mapping.get("source").text() and (not taken or (types and types <= taken)):
            yield mapping.finding(
                f"'{shown(other.get('id').text())}' on line {other.line} takes these events",
                "name other 'detail_types', or make one mapping of the two",
            )
            return


def _states(mapping: Node) -> Iterator[Finding]:
    state, failure, recovery = (mapping.get(name) for name in ("state", "failure", "recovery"))
    if not state.text():
        for listed in (failure, recovery):
            if listed.named():
                yield listed.finding("nothing says where the state stands", "add 'state:', like detail.status")
        return
    if not failure.named():
        yield failure.finding("no state is a failure, so no event would open an incident", "add 'failure:'")
    yield from repeated([*failure.named(), *recovery.named()])
    if recovery.named() and not mapping.get("alarm").text():
        yield mapping.get("alarm").finding(
            "is missing, so nobody could tell what a recovery is the end of",
            "add 'alarm:' with what stays the same, like detail.check",
        )


def _outside(expression: Node) -> Iterator[Finding]:
    """What is looked for beside the detail isn't in any event."""
    try:
        parsed = jmespath.compile(expression.text() or "detail").parsed
    except JMESPathError:
        return
    for name in dict.fromkeys(_looked_up(parsed)):
        if name not in _ENVELOPE:
            yield expression.finding(
                f"an event has nothing called '{shown(name)}' beside its detail",
                choice(name, _ENVELOPE, far=f"did you mean 'detail.{shown(name)}'?"),
            )
    for name in dict.fromkeys(_called(parsed)):
        if name not in Functions.FUNCTION_TABLE:
            yield expression.finding(
                f"there is no function '{shown(name)}'", choice(name, sorted(Functions.FUNCTION_TABLE))
            )


def _looked_up(tree: Mapping[str, Any]) -> Iterator[str]:
    """The names that an expression looks up in the event itself."""
    if tree.get("type") == "field":
        yield str(tree["value"])
    parts = tree.get("children", [])
    for part in parts[:1] if tree.get("type") in _ON_THE_LEFT else parts:
        if isinstance(part, dict):
            yield from _looked_up(part)


def _called(tree: Mapping[str, Any]) -> Iterator[str]:
    """The functions that an expression calls."""
    if tree.get("type") == "function_expression":
        yield str(tree["value"])
    for part in tree.get("children", []):
        if isinstance(part, dict):
            yield from _called(part)
