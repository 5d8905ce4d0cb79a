"""`python -m infra.plan_compiler [PLAN_DIR]`: can the plan be used? One line a finding; exit code 1 if any.

`python -m infra.plan_compiler explain EVENT.json …` says what the plan makes of events.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from infra.plan_compiler import PlanError, compile_plan, explain

EXPLAIN = "explain"
_EPILOG = f"'python -m infra.plan_compiler {EXPLAIN} EVENT.json' says what the plan makes of an event."


def main(arguments: list[str] | None = None) -> int:
    """Checks one plan and prints what was found; 0 when it can be used, 1 when not. Or explains events by it."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == [EXPLAIN]:
        return explain.main(given[1:])
    parser = argparse.ArgumentParser(
        prog="python -m infra.plan_compiler", description="Checks a company's plan.", epilog=_EPILOG
    )
    parser.add_argument(
        "plan_dir", type=Path, nargs="?", default=Path("plan"), help="the plan's folder (default: plan)"
    )
    chosen = parser.parse_args(given)
    try:
        compiled = compile_plan(chosen.plan_dir)
    except PlanError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(compiled.summary())  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
