"""What a plan says about how long people have: the times of rungs, reminders, and all of them together."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence

from emergency.domain.terms import DecisionKind
from infra.plan_compiler.decision_checks import asked
from infra.plan_compiler.findings import Finding
from infra.plan_compiler.shape import (
    LEAST_REMIND,
    MOST_EXTENSIONS,
    MOST_REMIND,
    MOST_STARTS_OVER,
    YEAR,
    percent,
    seconds,
)
from infra.plan_compiler.source import Node

Waits = Mapping[DecisionKind, Sequence[tuple[Node, int]]]
"""The times of each kind's rungs at one severity, in seconds; 0 for what is no duration."""

_RUN_BY_THEMSELVES = {
    *(DecisionKind.NOTICE, DecisionKind.STATEMENT, DecisionKind.CARRIER, DecisionKind.SEVERITY),
    DecisionKind.MAINTENANCE,
}
"""The kinds that executions of their own ask about."""

_DAY = 86_400
_AFTER_REMINDER = 60
"""The seconds that a reminder must leave: less, and nobody could act on it."""


def check_waits(severities: Node, decisions: Node | None, kinds: Collection[DecisionKind]) -> Iterator[Finding]:
    """Every finding about how long people have to answer.

    Args:
        severities: The severities by name.
        decisions: The whole file of decisions; None where it can't be read.
        kinds: The kinds of decision that the plan needs.
    """
    for severity in severities.entries().values():
        wait = severity.get("wait")
        for kind in kinds:
            if isinstance(wait.value, dict) and kind not in wait.entries():
                yield wait.finding(f"no time is set for '{kind}'", f"add '{kind}:' with a duration, like 30m")
        waits = {kind: _times(wait.get(kind)) for kind in DecisionKind}
        yield from _complete_after_acknowledge(waits)
        if decisions is None:
            continue
        for kind in DecisionKind:
            decision = decisions.get("decisions").get(kind)
            yield from _surplus(kind, waits[kind], decision)
            yield from _reminder(waits[kind], decision)
        yield from _whole_run(wait, waits, decisions)


def check_terms(notices: Collection[Node], severities: Node, decision: Node) -> Iterator[Finding]:
    """Every finding about the terms of notices: each is the time of the first rung that is asked about it.

    Args:
        notices: What has a term.
        severities: The severities by name.
        decision: How the question about a notice is put.
    """
    waits = [severity.get("wait").get(DecisionKind.NOTICE) for severity in severities.entries().values()]
    later = max((_longest(DecisionKind.NOTICE, _times(wait), decision) for wait in waits), default=0)
    for notice in notices:
        within = notice.get("within")
        length = seconds(within.text().strip()) or 0
        yield from _reminder([(within, length)], decision)
        if length <= YEAR < length + later:
            yield within.finding(
                f"with the rungs that are asked afterwards it takes {(length + later) // _DAY} days, "
                "and an execution runs for 365 at most",
                "write a shorter term, or shorter times for 'notice' in severities.yaml",
            )


def _times(wait: Node) -> list[tuple[Node, int]]:
    return [(one, seconds(one.text().strip()) or 0) for one in wait.items() or [wait]]


def _complete_after_acknowledge(waits: Waits) -> Iterator[Finding]:
    (complete, shorter), (acknowledge, longer) = waits[DecisionKind.COMPLETE][0], waits[DecisionKind.ACKNOWLEDGE][0]
    if 0 < shorter < longer:
        yield complete.finding(
            "is shorter than 'acknowledge': tasks can't be complete before they are taken on",
            f"write {acknowledge.text()} or longer",
        )


def _surplus(kind: DecisionKind, waits: Sequence[tuple[Node, int]], decision: Node) -> Iterator[Finding]:
    rungs = _most_rungs(kind, decision)
    timed = max(rungs - 1, 1) if kind is DecisionKind.NOTICE else rungs
    if rungs > 0 and timed < len(waits):
        own = ", and the first has the notice's own term" if kind is DecisionKind.NOTICE else ""
        yield waits[timed][0].finding(
            f"is a time too many: the ladder of '{kind}' has {rungs} rung{'' if rungs == 1 else 's'}{own}",
            "remove it, or add a rung in decisions.yaml",
        )


def _most_rungs(kind: DecisionKind, decision: Node) -> int:
    return max(len(ladder.rungs) for ladder in asked(kind, decision))


def _reminder(waits: Sequence[tuple[Node, int]], decision: Node) -> Iterator[Finding]:
    remind = percent(decision.get("remind").text().strip())
    if remind is None or not LEAST_REMIND <= remind <= MOST_REMIND:
        return
    enough = math.ceil(_AFTER_REMINDER * 100 / (100 - remind))
    for wait, length in waits:
        if 0 < length < enough:
            left = length * (100 - remind) // 100
            yield wait.finding(
                f"leaves {left} s after the reminder at {remind}%, too little to act on",
                f"write {enough}s or longer, or take 'remind' out of {decision.place} in {decision.file}",
            )


def _whole_run(wait: Node, waits: Waits, decisions: Node) -> Iterator[Finding]:
    """An incident in which nobody ever answers must still end within the year that an execution can run."""
    rounds = decisions.get("review_rounds").number() or 0
    longest = {
        kind: _longest(kind, waits[kind], decisions.get("decisions").get(kind))
        for kind in DecisionKind
        if kind not in _RUN_BY_THEMSELVES
    }
    total = sum(longest.values()) + rounds * longest[DecisionKind.REVIEW]
    if total > YEAR and all(length <= YEAR for times in waits.values() for _, length in times):
        yield wait.finding(
            f"all rungs of all decisions together can take {total // _DAY} days, and an execution runs for 365 at most",
            "write shorter durations, or start over and give more time less often",
        )


def _longest(kind: DecisionKind, waits: Sequence[tuple[Node, int]], decision: Node) -> int:
    """The seconds until one decision ends by itself, when every extension is asked for on its longest rung."""
    times = [length for _, length in waits]
    rungs = [times[min(rung, len(times) - 1)] for rung in range(_most_rungs(kind, decision))]
    climbs = 1 + _within(decision.get("start_over"), MOST_STARTS_OVER)
    more = decision.get("more_time")
    share = percent(more.get("share").text().strip()) or 0
    return sum(rungs) * climbs + _within(more.get("times"), MOST_EXTENSIONS) * max(times) * share // 100


def _within(node: Node, most: int) -> int:
    return min(max(node.number() or 0, 0), most)
