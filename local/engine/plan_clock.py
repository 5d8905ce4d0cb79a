"""Divides the plan's timers in the local copy of the packaged asset. The functions know nothing of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.engine.lambda_runtime import unpack

PLAN_FILE = Path("emergency/compiled/plan.json")
_TIMER_KEYS = frozenset({"every", "first", "wait", "within"})


def scaled(plan: Any, scale: float) -> Any:
    """A copy of the compiled plan whose timers are divided, and last at least one second.

    Timers are each `wait` and `within`, and of the updates to the public `first` and `every`.
    """
    if isinstance(plan, Mapping):
        return {
            key: _divided(value, scale) if _is_timer(key, value) else scaled(value, scale)
            for key, value in plan.items()
        }
    if isinstance(plan, list):
        return [scaled(item, scale) for item in plan]
    return plan


def _is_timer(key: str, value: Any) -> bool:
    return key in _TIMER_KEYS and isinstance(value, (int, Mapping))


def _divided(timer: Any, scale: float) -> Any:
    """Seconds, a list of them with one for each rung, or either by severity or kind of decision."""
    if isinstance(timer, Mapping):
        return {key: _divided(value, scale) for key, value in timer.items()}
    if isinstance(timer, list):
        return [_divided(seconds, scale) for seconds in timer]
    return max(1, round(timer / scale))


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
