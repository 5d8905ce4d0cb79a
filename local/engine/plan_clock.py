"""Divides the plan's timers in the local copy of the packaged asset. The functions know nothing of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local.engine.lambda_runtime import unpack

PLAN_FILE = Path("emergency/compiled/plan.json")
_TIMER_KEYS = frozenset({"wait", "within"})


def scaled(plan: Any, scale: float) -> Any:
    """A copy of the compiled plan whose timers (each `wait` and `within`) are divided, and last at least one second."""
    if isinstance(plan, Mapping):
        return {
            key: _divided(value, scale) if key in _TIMER_KEYS and isinstance(value, Mapping) else scaled(value, scale)
            for key, value in plan.items()
        }
    if isinstance(plan, list):
        return [scaled(item, scale) for item in plan]
    return plan


def _divided(timers: Mapping[str, int | Sequence[int]], scale: float) -> dict[str, int | list[int]]:
    """A rung's or a task's seconds, or a list of them with one for each rung."""

    def divided(seconds: int) -> int:
        return max(1, round(seconds / scale))

    return {
        key: divided(timer) if isinstance(timer, int) else [divided(seconds) for seconds in timer]
        for key, timer in timers.items()
    }


class ScaledCode:
    """Gives, for each asset, a folder with its content in which the plan's timers are divided."""

    def __init__(self, folder: Path, scale: float) -> None:
        self._folder = folder
        self._scale = scale
        self._prepared: dict[Path, Path] = {}

    def __call__(self, asset: Path) -> Path:
        """The folder for the asset, made once."""
        if asset not in self._prepared:
            self._prepared[asset] = self._prepare(unpack(asset))
        return self._prepared[asset]

    def _prepare(self, source: Path) -> Path:
        if self._scale == 1 or not (source / PLAN_FILE).is_file():
            return source
        copy = self._folder / source.name
        shutil.copytree(source, copy, copy_function=_link_or_copy)
        plan_file = copy / PLAN_FILE
        plan = json.loads(plan_file.read_text("utf-8"))
        plan_file.unlink()
        plan_file.write_text(json.dumps(scaled(plan, self._scale), ensure_ascii=False), "utf-8")
        return copy


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
