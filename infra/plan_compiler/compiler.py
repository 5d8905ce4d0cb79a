"""From the folder `plan/` to what the functions load when they start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeVar

import msgspec

from emergency.domain.plan import Plan
from infra.plan_compiler import shape
from infra.plan_compiler.assemble import ValidFiles, assemble
from infra.plan_compiler.checks import check
from infra.plan_compiler.findings import Finding, PlanError, choice
from infra.plan_compiler.source import Node, Sources
from infra.plan_compiler.validation import validate
from infra.plan_compiler.words import catalogue_bytes, check_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

AnyShape = TypeVar("AnyShape", bound=shape.Shape)

_DEFAULT_LOCALES = ("en", "zh-Hant", "zh-Hans")


@dataclass(frozen=True, kw_only=True)
class CompiledPlan:
    """A valid plan, and its words as gettext catalogues by locale."""

    plan: Plan
    words: Mapping[str, bytes]

    def write(self, target: Path) -> None:
        """Writes `plan.json` and `words/<locale>.mo` below the folder. The same plan always gives the same bytes."""
        words = target / "words"
        words.mkdir(parents=True, exist_ok=True)
        (target / "plan.json").write_bytes(msgspec.json.encode(self.plan) + b"\n")
        for locale, catalogue in self.words.items():
            (words / f"{locale}.mo").write_bytes(catalogue)

    def summary(self) -> str:
        """What the plan holds, in one line."""
        plan = self.plan
        *most, last = self.words
        locales = f"{', '.join(most)} and {last}" if most else last
        tasks = sum(len(listed) for playbook in plan.playbooks.values() for listed in playbook.tasks.values())
        return (
            f"The plan of {plan.text(plan.company.name, 'en')} can be used: {len(plan.contacts)} contacts, "
            f"{len({rule.id for rule in plan.rules})} rules, {len(plan.playbooks)} playbooks with {tasks} tasks, "
            f"words in {locales}."
        )


def compile_plan(plan_dir: Path) -> CompiledPlan:
    """Reads, validates and compiles the plan in a folder. Raises PlanError with everything that is wrong with it."""
    sources = Sources(plan_dir)
    if not plan_dir.is_dir():
        raise PlanError(plan_dir, [Finding(".", 1, "folder", "is not a folder", "name the folder that holds the plan")])
    read = {
        file: sources.read(file) for file in shape.FILES if file not in shape.OPTIONAL or (plan_dir / file).exists()
    }
    trees = {file: tree for file, tree in read.items() if tree is not None}
    locales = _locales(trees.get("organisation.yaml"))
    words = {locale: tree for locale in locales if (tree := sources.read(f"words/{locale}.yaml")) is not None}
    findings = [*sources.findings, *_unread_files(plan_dir, locales)]
    valid: dict[str, shape.Shape] = {file: shape.FILES[file]() for file in shape.OPTIONAL}
    for file, tree in trees.items():
        content, wrong = validate(tree, shape.FILES[file], locales)
        findings.extend(wrong)
        if content is not None:
            valid[file] = content
    findings.extend(check(trees))
    findings.extend(check_words(words))
    if findings:
        raise PlanError(plan_dir, findings)
    return CompiledPlan(
        plan=assemble(_valid_files(valid)),
        words={locale: catalogue_bytes(locale, tree) for locale, tree in words.items()},
    )


def _locales(organisation: Node | None) -> tuple[str, ...]:
    """The locales that the plan says it has; the usual ones where it doesn't say."""
    if organisation is None:
        return _DEFAULT_LOCALES
    named = [item.text() for item in organisation.get("company").get("locales").items()]
    return tuple(dict.fromkeys(tag for tag in named if shape.locale_of(tag) is not None)) or _DEFAULT_LOCALES


def _unread_files(plan_dir: Path, locales: tuple[str, ...]) -> Iterator[Finding]:
    known = {*shape.FILES, *(f"words/{locale}.yaml" for locale in locales)}
    for path in sorted([*plan_dir.rglob("*.yaml"), *plan_dir.rglob("*.yml")]):
        file = path.relative_to(plan_dir).as_posix()
        if file not in known:
            yield Finding(file, 1, "file", "nothing reads this file", _remedy(file, known))


def _remedy(file: str, known: Collection[str]) -> str:
    if file.startswith("words/"):
        return "remove it, or add its locale to company.locales in organisation.yaml"
    if file.startswith("playbooks/"):
        far = "name it after one of the four risks, or remove it"
        return choice(PurePosixPath(file).stem, shape.PLAYBOOKS, far=far)
    return choice(file, sorted(known), far="remove it")


def _valid_files(valid: Mapping[str, shape.Shape]) -> ValidFiles:
    return ValidFiles(
        organisation=_one(valid, "organisation.yaml", shape.OrganisationFile),
        contacts=_one(valid, "contacts.yaml", shape.ContactsFile),
        risks=_one(valid, "risks.yaml", shape.RisksFile),
        severities=_one(valid, "severities.yaml", shape.SeveritiesFile),
        decisions=_one(valid, "decisions.yaml", shape.DecisionsFile),
        classification=_one(valid, "classification.yaml", shape.ClassificationFile),
        resources=_one(valid, "resources.yaml", shape.ResourcesFile),
        communications=_one(valid, "communications.yaml", shape.CommunicationsFile),
        playbooks={name: _one(valid, file, shape.PlaybookFile) for name, file in shape.PLAYBOOKS.items()},
        deadlines=_one(valid, shape.DEADLINES, shape.DeadlinesFile),
        correlation=_one(valid, shape.CORRELATION, shape.CorrelationFile),
        reporting=_one(valid, shape.REPORTING, shape.ReportingFile),
        sources=_one(valid, shape.SOURCES, shape.SourcesFile),
    )


def _one(valid: Mapping[str, shape.Shape], file: str, of: type[AnyShape]) -> AnyShape:
    content = valid[file]
    if not isinstance(content, of):
        raise TypeError(f"{file} was read as {type(content).__name__}")
    return content
