"""`python -m infra.checks [TEMPLATE …]`: are definitions and templates fit for AWS? Exit code 1 with findings, if not.

Without arguments it synthesises the app, without the packaged asset, and reads what comes out.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.application import create_app
from infra.checks.definitions import ValidatorMissing, check_definitions
from infra.checks.template import check_template
from infra.sources import Sources


def main(arguments: Sequence[str]) -> int:
    """Runs both checks and prints what they found."""
    findings = _of_definitions()
    with tempfile.TemporaryDirectory() as folder:
        for template in [Path(argument) for argument in arguments] or _synthesised(Path(folder)):
            findings += [f"{template.name}: {line}" for line in check_template(template.read_text(encoding="utf-8"))]
    for finding in findings:
        sys.stderr.write(f"{finding}\n")
    return 1 if findings else 0


def _of_definitions() -> list[str]:
    try:
        return check_definitions(sorted(Sources().state_machines.glob("*.asl.json")))
    except ValidatorMissing as missing:
        return [str(missing)]


def _synthesised(folder: Path) -> list[Path]:
    create_app(output=folder, context={"aws:cdk:bundling-stacks": []}).synth()
    return sorted(folder.glob("*.template.json"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
