"""What the values of a plan mean together: the matrix and rules here, all else in modules of their own.

The checks read the raw trees, so that they say all they can even where another value has the wrong shape.
"""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from emergency.domain.terms import DecisionKind, Risk, Severity, Team
from infra.plan_compiler.communication_checks import check_communications
from infra.plan_compiler.component_checks import check_correlation, check_places
from infra.plan_compiler.deadline_checks import check_deadlines, notices
from infra.plan_compiler.decision_checks import check_decisions, check_ladders
from infra.plan_compiler.delivery_checks import check_deliveries
from infra.plan_compiler.figure_checks import check_figures
from infra.plan_compiler.findings import Finding, choice, shown
from infra.plan_compiler.people_checks import check_absences, check_offices
from infra.plan_compiler.playbook_checks import check_playbooks
from infra.plan_compiler.resource_checks import check_resources
from infra.plan_compiler.shape import PLAYBOOKS, SOURCES
from infra.plan_compiler.source import Node, lacking, repeated, same_id
from infra.plan_compiler.source_checks import check_sources
from infra.plan_compiler.wait_checks import check_terms, check_waits

Files = Mapping[str, Node]
Globs = dict[str, str]

_ABOUT_NOTICES = (DecisionKind.DUTIES, DecisionKind.NOTICE)
_MATCH_FIELDS = ("source", "detail_type", "namespace", "metric", "name", "account", "region")
TAG = "tags."
"""What the name of a tag begins with among a match's globs."""

_SIDE = 5
_MAX_COMBINATIONS = 200


def check(files: Files) -> Iterator[Finding]:
    """Every finding about a plan's values together. `files` holds the trees that could be read, by file name."""
    yield from _complete(files)
    yield from _people(files)
    yield from _decisions(files)
    if "risks.yaml" in files:
        yield from _matrix(files["risks.yaml"].get("matrix"))
        yield from check_figures(files["risks.yaml"].get("figures"))
    if "classification.yaml" in files:
        yield from _rules(files["classification.yaml"].get("rules"))
    yield from check_correlation(files)
    yield from check_places(files)
    yield from check_playbooks(files)
    if "resources.yaml" in files:
        kept = files["resources.yaml"], files.get("organisation.yaml"), files.get("contacts.yaml")
        yield from check_resources(*kept)
        yield from check_deliveries(*kept)
    if "communications.yaml" in files:
        yield from check_communications(files["communications.yaml"], files.get("organisation.yaml"))
    yield from check_deadlines(files)
    if SOURCES in files:
        yield from check_sources(files[SOURCES].get("sources").items())
    if "evaluation.yaml" in files:
        yield from same_id(files["evaluation.yaml"].get("criteria").items())


def _people(files: Files) -> Iterator[Finding]:
    if "organisation.yaml" in files:
        yield from _company(files["organisation.yaml"].get("company"))
    if "organisation.yaml" in files and "contacts.yaml" in files:
        yield from check_offices(files["organisation.yaml"], files["contacts.yaml"].get("contacts"))
    if "contacts.yaml" in files:
        yield from check_absences(files["contacts.yaml"].get("contacts"))


def _decisions(files: Files) -> Iterator[Finding]:
    decisions = files.get("decisions.yaml")
    if "severities.yaml" in files:
        severities = files["severities.yaml"].get("severities")
        yield from check_waits(severities, decisions, _kinds(files))
        if decisions is not None:
            notice = decisions.get("decisions").get(DecisionKind.NOTICE)
            yield from check_terms(notices(files).values(), severities, notice)
    if decisions is not None:
        yield from check_decisions(decisions)
        if "organisation.yaml" in files:
            yield from check_ladders(decisions, files["organisation.yaml"], files.get("contacts.yaml"))


def _company(company: Node) -> Iterator[Finding]:
    locales = [item.text() for item in company.get("locales").items()]
    locale = company.get("locale")
    if locale.text() and locale.text() not in locales:
        yield locale.finding(
            f"'{shown(locale.text())}' is not among the plan's locales", choice(locale.text(), locales)
        )
    yield from repeated(company.get("locales").items())


def _kinds(files: Files) -> list[DecisionKind]:
    """The kinds of decision that the plan needs: without notices, nobody is asked about them."""
    return [kind for kind in DecisionKind if kind not in _ABOUT_NOTICES or notices(files)]


def _complete(files: Files) -> Iterator[Finding]:
    wanted: tuple[tuple[str, str, Iterable[str]], ...] = (
        ("organisation.yaml", "teams", Team),
        ("risks.yaml", "risks", Risk),
        ("severities.yaml", "severities", Severity),
        ("decisions.yaml", "decisions", _kinds(files)),
        *((file, "mobilise", Severity) for file in PLAYBOOKS.values()),
    )
    for file, key, names in wanted:
        if file in files:
            yield from lacking(files[file].get(key), names)


def _matrix(matrix: Node) -> Iterator[Finding]:
    rows = matrix.items()
    if isinstance(matrix.value, list) and len(rows) != _SIDE:
        yield matrix.finding(f"has {len(rows)} rows", "write 5 rows of 5 severities, likelihood 1 first")
    for row in rows:
        if len(row.items()) != _SIDE:
            yield row.finding(f"has {len(row.items())} entries", "write 5 severities, impact 1 first")
    for likelihood, row in enumerate(rows, start=1):
        for impact, (lower, higher) in enumerate(pairwise(row.items()), start=1):
            yield from _milder(row, lower, higher, f"impact {impact + 1}", f"impact {impact}")
        above = rows[likelihood - 2].items() if likelihood > 1 else []
        for impact, (lower, higher) in enumerate(zip(above, row.items(), strict=False), start=1):
            where = f"likelihood {likelihood}", f"likelihood {likelihood - 1}"
            yield from _milder(row, lower, higher, f"{where[0]} at impact {impact}", where[1])


def _milder(row: Node, lower: Node, higher: Node, cell: str, other: str) -> Iterator[Finding]:
    """A higher likelihood or impact may never give a milder severity."""
    order = [str(severity) for severity in Severity]
    if lower.text() in order and higher.text() in order and order.index(higher.text()) > order.index(lower.text()):
        yield row.finding(
            f"{cell} is milder ({higher.text()}) than {other} ({lower.text()})",
            f"write {lower.text()} or graver for {cell}",
        )


def _rules(rules: Node) -> Iterator[Finding]:
    earlier: list[tuple[Node, Globs]] = []
    items = rules.items()
    yield from same_id(items)
    for number, rule in enumerate(items, start=1):
        matches = [(match, expand(match.plain())) for match in rule.get("match").items()]
        for match, alternatives in matches:
            yield from _match(match, alternatives, earlier)
        earlier.extend((rule, _narrowing(globs)) for _, alternatives in matches for globs in alternatives)
        if any(_catches_all(globs) for _, alternatives in matches for globs in alternatives):
            if number < len(items):
                after = "1 rule" if number == len(items) - 1 else f"{len(items) - number} rules"
                yield rule.finding(
                    f"matches everything, so the {after} after it can never match", "narrow it, or move it to the end"
                )
            return
    if items:
        yield items[-1].finding(
            "the last rule doesn't match everything, so a signal could fall through",
            "end the rules with one that has 'match: [{}]'",
        )


def _match(match: Node, alternatives: Sequence[Globs], earlier: Sequence[tuple[Node, Globs]]) -> Iterator[Finding]:
    """Says which of a match's globs an earlier rule takes, so that they never come to their turn."""
    if combinations(match.plain()) > _MAX_COMBINATIONS:
        yield match.finding("stands for too many combinations of globs", "split it, or write fewer globs")
    covered = {
        ", ".join(f"{name} '{shown(glob)}'" for name, glob in globs.items()): seen
        for globs in alternatives
        if (seen := _taker(_narrowing(globs), earlier)) is not None
    }
    if covered:
        (looked_for, cover), *more = covered.items()
        others = f" (and {len(more)} more)" if more else ""
        taker = f"rule '{shown(cover.get('id').text())}' on line {cover.line}"
        yield match.finding(
            f"can never match for {looked_for}{others}: {taker} takes it",
            "move it up, or remove it",
        )


def combinations(match: object) -> int:
    """How many single globs a match stands for, without making them."""
    if not isinstance(match, dict):
        return 0
    counts = [len(globs) if isinstance(globs, list) else 1 for globs in _listed(match).values()]
    return math.prod(count or 1 for count in counts)


def _listed(match: Mapping[str, object]) -> dict[str, object]:
    """Each field of a match, and each tag as a field of its own."""
    tags = match.get("tags")
    named = {f"{TAG}{key}": globs for key, globs in tags.items()} if isinstance(tags, dict) else {}
    return {**{name: globs for name, globs in match.items() if name != "tags"}, **named}


def expand(match: object) -> list[Globs]:
    """The single globs that a match with lists of globs stands for; none where it has another shape."""
    if not isinstance(match, dict) or combinations(match) > _MAX_COMBINATIONS:
        return []
    expanded: list[Globs] = [{}]
    for name, globs in _listed(match).items():
        if name not in _MATCH_FIELDS and not name.startswith(TAG):
            continue
        listed = [globs] if isinstance(globs, str) else globs
        if not isinstance(listed, list) or not all(isinstance(glob, str) for glob in listed):
            return []
        if listed:
            expanded = [{**one, name: glob} for one in expanded for glob in listed]
    return expanded


def _catches_all(globs: Globs) -> bool:
    return not _narrowing(globs)


def _narrowing(globs: Globs) -> Globs:
    """The globs that don't match everything, in the one case in which they are compared. A tag must be there at all."""
    return {name: glob.casefold() for name, glob in globs.items() if glob.strip("*") or name.startswith(TAG)}


def _taker(narrow: Globs, earlier: Sequence[tuple[Node, Globs]]) -> Node | None:
    return next((rule for rule, wide in earlier if _covers(wide, narrow)), None)


def _covers(wide: Globs, narrow: Globs) -> bool:
    """Whether each signal that `narrow` matches is matched by `wide`. Sound, but says no where it can't tell."""
    for name, glob in wide.items():
        looked_for = narrow.get(name)
        if looked_for is None:
            return False
        is_told = "*" in glob and "?" not in glob and "[" not in glob
        if looked_for != glob and not (is_told and fnmatch.fnmatchcase(looked_for, glob)):
            return False
    return True
