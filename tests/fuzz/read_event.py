"""Feeds intake's reading with mutilated events: `python -m tests.fuzz.read_event -max_total_time=60`.

All arguments are libFuzzer's. It begins with the sample events, takes parts of their JSON out, puts other ones in, or
spoils the text itself, and goes on with whatever reaches code that nothing reached before. An event is read or rejected
by name; any other error ends the run with the event in a file.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import atheris

with atheris.instrument_imports(include=["emergency.domain"]):
    from emergency.domain.classification import incident_from, rule_for
    from emergency.domain.errors import UnusableSignal
    from emergency.domain.event import read_signal
    from emergency.domain.signal import NAME_LIMIT, is_usable_id

from infra.plan_compiler import compile_plan
from tests.support.events import checked, person, samples

if TYPE_CHECKING:
    from emergency.domain.plan import Plan

PLAN_DIR = Path(__file__).resolve().parents[2] / "plan"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
MAX_BYTES = 65_536

_ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, 10**400, "", "\ud800", "\u202ex\x00", "9" * 5_000, "0001-01-01T00:00:00+14:00",
    "Mon, 01 Jan 99999 00:00:00 +0000", "{", '{"recentDatapoints":[[]],"threshold":"x"}', "[" * 5_000, [], {},
    [[[[[]]]]], {"": {"": []}}, "arn:", "ALARM(" * 500, "NOT OK(x) OR ALARM('a\" b')", "SUM(x) FROM SCHEMA(",
    "emergency.report", "Incident Report", "shop.monitoring", "Check Changed", "aws.health", "AWS Health Event",
)  # fmt: skip
"""What nobody expects, and the names that lead to other readers."""


def mutilate(data: bytes, max_size: int, seed: int) -> bytes:
    """Another event: one with another structure, or else one with other bytes."""
    chance = random.Random(seed)
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        return bytes(atheris.Mutate(data, max_size))
    if chance.random() < 0.2:
        return bytes(atheris.Mutate(data, max_size))
    for _ in range(chance.randint(1, 6)):
        event = _changed(event, chance)
    changed = json.dumps(event).encode()
    return changed if len(changed) <= max_size else bytes(atheris.Mutate(data, max_size))


def _changed(value: Any, chance: random.Random) -> Any:
    """The value with one change somewhere in it."""
    if isinstance(value, dict) and value:
        key = "detail" if "detail" in value and chance.random() < 0.8 else chance.choice(list(value))
        if chance.random() < 0.1:
            return {other: kept for other, kept in value.items() if other != key}
        return {**value, key: _changed(value[key], chance)}
    if isinstance(value, list) and value:
        index = chance.randrange(len(value))
        return [*value[:index], _changed(value[index], chance), *value[index + chance.randint(0, 1) :]]
    if isinstance(value, str) and value.startswith("{"):
        return _within(value, chance)
    if isinstance(value, str) and chance.random() < 0.5:
        return bytes(atheris.Mutate(value.encode(errors="replace"), len(value) + 20)).decode(errors="replace")
    return chance.choice(_ODD)


def _within(text: str, chance: random.Random) -> str:
    """The JSON that a text holds, with one change somewhere in it."""
    try:
        return json.dumps(_changed(json.loads(text), chance))
    except (ValueError, RecursionError):
        return text[: chance.randrange(len(text))]


def take(plan: Plan, data: bytes) -> None:
    """What intake does with a message, up to the records. Raises AssertionError where text comes through uncleaned."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        event = data.decode(errors="replace")
    try:
        signal = read_signal(event, plan.sources)
    except UnusableSignal:
        return
    rule = rule_for(signal, plan)
    incident = incident_from(signal, rule, plan, incident_id="INC-1", now=NOW)
    told = (*signal.names, signal.namespace, signal.metric, signal.resource, signal.region, *signal.tags.values())
    assert all(len(text) <= NAME_LIMIT and (not text or text.isprintable()) for text in told), "uncleaned text"
    assert is_usable_id(signal.id), "an id that can't be a key"
    assert incident.began_at <= NOW, "an incident of tomorrow"


def main() -> None:
    """Runs libFuzzer, which ends the process."""
    plan = compile_plan(PLAN_DIR).plan
    corpus = Path(tempfile.mkdtemp(prefix="events-"))
    for name, event in {**samples(), "report": person(), "mapped": checked(value=40, limit=4.0, users=1200)}.items():
        (corpus / name).write_text(json.dumps(event), encoding="utf-8")
    arguments = [sys.argv[0], f"-max_len={MAX_BYTES}", "-timeout=5", *sys.argv[1:], str(corpus)]
    atheris.Setup(arguments, lambda data: take(plan, data), custom_mutator=mutilate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
