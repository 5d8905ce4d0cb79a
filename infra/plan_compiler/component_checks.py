"""What names components without being a rule: which depends on which, and the places of reports."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache

from emergency.domain.terms import Risk
from infra.plan_compiler.circles import circles
from infra.plan_compiler.findings import Finding, choice, shown
from infra.plan_compiler.shape import CORRELATION, REPORTING, seconds
from infra.plan_compiler.source import Node, repeated, same_id

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_LONGEST = 100
_ANY_OF = re.compile(r"\[!?\]?[^\]]*\]")

Components = Collection[tuple[str, str]]
"""The risk of each rule, and its component as a glob."""


def check_correlation(files: Mapping[str, Node]) -> Iterator[Finding]:
    """Says what of `depends` can never be true, or is true of a component and itself."""
    if CORRELATION not in files:
        return
    file = files[CORRELATION]
    yield from _times(file)
    depends = file.get("depends").entries()
    known = _components(files.get("classification.yaml"))
    for name, others in depends.items():
        yield from repeated(others.named())
        for other in others.named():
            if _fits(name, other.text()):
                yield other.finding(f"'{shown(other.text())}' is '{shown(name)}' itself", "name what it depends on")
        if known:
            yield from _known(name, others, known)
    yield from _circles(depends)


def check_places(files: Mapping[str, Node]) -> Iterator[Finding]:
    """Says which places of reports have a component that no alarm's incident has."""
    if REPORTING not in files:
        return
    places = files[REPORTING].get("places").items()
    yield from same_id(places)
    known = _components(files.get("classification.yaml"))
    for place in places:
        component = place.get("component")
        name = component.text()
        if known and name and not any(_overlap(name, glob) or glob.startswith(f"{name}/") for _, glob in known):
            yield component.finding(
                f"no rule of classification.yaml gives the component '{shown(name)}'",
                choice(name, _names(known)),
            )


def _times(file: Node) -> Iterator[Finding]:
    aftershocks, returns = (_seconds(file.get(name)) for name in ("aftershocks", "returns"))
    if aftershocks and returns and returns <= aftershocks:
        yield file.get("returns").finding(
            "is over before the aftershocks are, so no incident would ever name its former one",
            "write a longer time than that of aftershocks",
        )


def _known(name: str, others: Node, known: Components) -> Iterator[Finding]:
    risks = {risk for risk, glob in known if _overlap(name, glob)}
    if not risks:
        yield others.finding(
            f"no rule of classification.yaml gives a component like '{shown(name)}'", choice(name, _names(known))
        )
        return
    for other in others.named():
        risk, glob = _split(other.text())
        wanted = {risk} if risk else risks
        if not any(of in wanted and _overlap(glob, component) for of, component in known):
            named = [*_names(known, wanted), *(f"{of}/{one}" for of in Risk for one in _names(known, {of}))]
            elsewhere = [f"{of}/{glob}" for of, component in known if _overlap(glob, component)]
            yield other.finding(
                f"no rule of the same risk gives a component like '{shown(other.text())}'"
                if not risk
                else f"no rule for {risk} gives a component like '{shown(glob)}'",
                f"did you mean '{elsewhere[0]}'?" if elsewhere else choice(other.text(), named),
            )


def _circles(depends: Mapping[str, Node]) -> Iterator[Finding]:
    """Each circle once, at the first of its components that the file names."""
    order = list(depends)
    graph = {
        name: [other for other in order if other != name and any(_fits(other, node.text()) for node in nodes.named())]
        for name, nodes in depends.items()
    }
    for circle in circles(graph):
        start = circle.index(min(circle, key=order.index))
        first, *rest = [*circle[start:], *circle[:start], circle[start]]
        told = f"'{shown(first)}' depends on " + ", which depends on ".join(f"'{shown(name)}'" for name in rest)
        yield depends[first].finding(told, "keep the one direction that is true")


def _components(classification: Node | None) -> Components:
    """What the rules give, but for those to which every component would fit."""
    rules = classification.get("rules").items() if classification else []
    globs = [(rule.get("risk").text(), _PLACEHOLDER.sub("*", rule.get("component").text())) for rule in rules]
    return [(risk, glob) for risk, glob in dict.fromkeys(globs) if glob.strip("*")]


def _names(known: Components, risks: Collection[str] = tuple(Risk)) -> list[str]:
    return list(dict.fromkeys(glob for risk, glob in known if risk in risks))


def _split(glob: str) -> tuple[str, str]:
    """Risk and component of `<risk>/<component>`; an empty risk where none is named."""
    risk, _, component = glob.partition("/")
    return (risk, component) if component and risk in set(Risk) else ("", glob)


def _fits(name: str, glob: str) -> bool:
    return fnmatchcase(name, glob)


def _seconds(duration: Node) -> int | None:
    return seconds(duration.text())


def _overlap(one: str, other: str) -> bool:
    """Whether a text can fit both globs, or they are too long to tell. Of `[…]` any character is taken to do."""
    return max(len(one), len(other)) > _LONGEST or _meet(_ANY_OF.sub("?", one), _ANY_OF.sub("?", other))


@lru_cache(maxsize=50_000)
def _meet(one: str, other: str) -> bool:
    if not one or not other:
        return not (one or other).strip("*")
    if one[0] == "*":
        return _meet(one[1:], other) or _meet(one, other[1:])
    if other[0] == "*":
        return _meet(other, one)
    return (one[0] == other[0] or "?" in {one[0], other[0]}) and _meet(one[1:], other[1:])
