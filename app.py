"""The CDK app. `python app.py` writes the cloud assembly to `cdk.out`; the CDK CLI calls it and says where instead."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from infra.application import create_app
from infra.asset import BuildFailed
from infra.context import UnusableContext
from infra.function_settings import SettingsMismatch
from infra.plan_compiler import PlanError
from infra.workflow import UnknownPlaceholder


def main() -> int:
    """Synthesises. What the people who edit the plan or a function can mend is said without a traceback."""
    try:
        create_app(output=Path(os.environ.get("CDK_OUTDIR", "cdk.out"))).synth()
    except (BuildFailed, PlanError, SettingsMismatch, UnknownPlaceholder, UnusableContext) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
