"""`python -m infra.checks [TEMPLATE …]`: are definitions and templates fit for AWS? Exit code 1 with findings, if not.

Without arguments it reads the templates of `cdk.out`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from infra.checks.definitions import ValidatorMissing, check_definitions
from infra.checks.template import check_template
from infra.sources import REPOSITORY, Sources


def main(arguments: Sequence[str]) -> int:
    """Runs both checks and prints what they found."""
    templates = [Path(argument) for argument in arguments] or sorted(REPOSITORY.glob("cdk.out/*.template.json"))
    if not templates:
        sys.stderr.write("There is no template in cdk.out: synthesise first.\n")
        return 1
    try:
        findings = check_definitions(sorted(Sources().state_machines.glob("*.asl.json")))
    except ValidatorMissing as missing:
        findings = [str(missing)]
    for template in templates:
        findings += [f"{template.name}: {line}" for line in check_template(template.read_text(encoding="utf-8"))]
    for finding in findings:
        sys.stderr.write(f"{finding}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
