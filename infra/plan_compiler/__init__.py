"""Reads the company's plan from `plan/`, says what is wrong with it, and compiles it for the functions.

Runs when the app is synthesised and when tests run; nothing of it is shipped.
"""

from __future__ import annotations

from infra.plan_compiler import _functions_root  # noqa: F401  # before anything that imports `emergency`
from infra.plan_compiler.compiler import CompiledPlan, compile_plan
from infra.plan_compiler.findings import Finding, PlanError

__all__ = ["CompiledPlan", "Finding", "PlanError", "compile_plan"]
