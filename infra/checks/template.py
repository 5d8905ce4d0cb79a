"""Checks a synthesised template with cfn-lint."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cfnlint.api import ManualArgs, lint  # type: ignore[import-untyped]
from cfnlint.match import Match  # type: ignore[import-untyped]

_REGIONS = ("ap-east-1", "us-east-1")
"""A small region and the largest: what a region lacks is found without asking for all."""

_JSONATA_NUMBER = re.compile(r"'\{%.*%\}' is not of type 'number'", re.DOTALL)


def check_template(template: str) -> list[str]:
    """What cfn-lint finds in a template (JSON), one line each; empty when all is well."""
    config = ManualArgs(ignore_checks=["W3005"])  # the CDK repeats a dependency that a reference implies already
    return [_line(match) for match in _real(lint(template, regions=list(_REGIONS), config=config))]


def _real(matches: Iterable[Match]) -> list[Match]:
    return [match for match in matches if not _is_jsonata_number(match)]


def _is_jsonata_number(match: Match) -> bool:
    """A JSONata string where the schema knows only numbers, such as TimeoutSeconds: right, but unknown to E3601."""
    return match.rule.id == "E3601" and bool(_JSONATA_NUMBER.match(match.message))


def _line(match: Match) -> str:
    place = "/".join(str(part) for part in match.path or ())
    return f"{match.rule.id} {place}: {match.message}"
