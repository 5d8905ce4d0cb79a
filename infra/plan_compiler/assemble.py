"""Puts the validated files together into the plan that the functions read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from emergency.domain import plan as compiled
from emergency.domain.terms import DecisionKind, Role, Team
from infra.plan_compiler import shape
from infra.plan_compiler.checks import TAG, Globs, expand
from infra.plan_compiler.playbook_checks import task_name
from infra.plan_compiler.resource_checks import PEOPLE

_ASKS_BY_DEFAULT = {
    DecisionKind.ORDERS,
    DecisionKind.REVIEW,
    DecisionKind.RELEASE,
    DecisionKind.STATEMENT,
    DecisionKind.SEVERITY,
    DecisionKind.MAINTENANCE,
}
"""The kinds whose answer binds the company, its money or its word."""

Named = TypeVar("Named", bound=StrEnum)
Value = TypeVar("Value")
AnyTask = TypeVar("AnyTask", shape.TaskShape, shape.CleanUpShape)


@dataclass(frozen=True, kw_only=True)
class ValidFiles:
    """A plan's files, each valid by itself."""

    organisation: shape.OrganisationFile
    contacts: shape.ContactsFile
    risks: shape.RisksFile
    severities: shape.SeveritiesFile
    decisions: shape.DecisionsFile
    classification: shape.ClassificationFile
    resources: shape.ResourcesFile
    communications: shape.CommunicationsFile
    playbooks: Mapping[str, shape.PlaybookFile]
    deadlines: shape.DeadlinesFile
    correlation: shape.CorrelationFile
    reporting: shape.ReportingFile
    sources: shape.SourcesFile


def assemble(files: ValidFiles) -> compiled.Plan:
    """The compiled plan. The vocabulary's own order is kept, whatever order the files have."""
    organisation = files.organisation
    return compiled.Plan(
        company=_company(organisation.company),
        contacts={name: _contact(name, contact) for name, contact in files.contacts.contacts.items()},
        leadership=compiled.LeadershipGroup(
            head=organisation.leadership.head,
            deputy_heads=tuple(organisation.leadership.deputy_heads),
            members=tuple(organisation.leadership.members),
            legal=organisation.leadership.legal,
        ),
        teams={name: _team(team) for name, team in _in_order(organisation.teams).items()},
        risks={name: compiled.RiskPlan(**dict(risk)) for name, risk in _in_order(files.risks.risks).items()},
        matrix=tuple(tuple(row) for row in files.risks.matrix),
        rules=tuple(single for rule in files.classification.rules for single in _rules(rule)),
        severities={name: _severity(one) for name, one in _in_order(files.severities.severities).items()},
        decisions={kind: _decision(kind, one) for kind, one in _in_order(files.decisions.decisions).items()},
        playbooks={name: _playbook(playbook) for name, playbook in files.playbooks.items()},
        resources={name: _resource(name, one) for name, one in files.resources.resources.items()},
        hotlines=tuple(compiled.Hotline(**dict(hotline)) for hotline in files.resources.hotlines),
        carriers={carrier.id: _carrier(carrier) for carrier in files.resources.carriers},
        regions={name: _region(region) for name, region in files.resources.regions.items()},
        communications=_communications(files.communications),
        review_rounds=files.decisions.review_rounds,
        deadlines=_deadlines(files.deadlines),
        shortage_to=tuple(files.resources.shortage_to),
        contact_centre=_contact_centre(files.resources.contact_centre),
        figures=_figures(files.risks.figures),
        correlation=_correlation(files.correlation),
        reporting=_reporting(files.reporting),
        sources=tuple(_source(source) for source in files.sources.sources),
        longest_maintenance=files.reporting.longest_maintenance,
    )


def _in_order(named: Mapping[Named, Value]) -> dict[Named, Value]:
    if not named:
        return {}
    order = list(type(next(iter(named))))
    return {name: named[name] for name in sorted(named, key=order.index)}


def _company(company: shape.CompanyShape) -> compiled.Company:
    return compiled.Company(**{**dict(company), "locales": tuple(company.locales)})


def _contact(name: str, contact: shape.ContactShape) -> compiled.Contact:
    own = {key: value for key, value in dict(contact).items() if key != "away"}
    absences = sorted((compiled.Absence(**dict(absence)) for absence in contact.away), key=lambda one: one.first)
    return compiled.Contact(id=name, absences=tuple(absences), **own)


def _team(team: shape.TeamShape) -> compiled.TeamPlan:
    return compiled.TeamPlan(
        name=team.name,
        duty=team.duty,
        lead=team.lead,
        deputies=tuple(team.deputies),
        members=tuple(team.members),
    )


def _severity(severity: shape.SeverityShape) -> compiled.SeverityPlan:
    return compiled.SeverityPlan(
        name=severity.name,
        means=severity.means,
        wait={kind: tuple(waits) for kind, waits in _in_order(severity.wait).items()},
        orders_on_silence=severity.orders_on_silence,
    )


def _decision(kind: DecisionKind, decision: shape.DecisionShape) -> compiled.DecisionPlan:
    asks = kind in _ASKS_BY_DEFAULT if decision.second_factor is None else decision.second_factor
    by_amount = tuple(_approval(approval) for approval in decision.by_amount)
    return compiled.DecisionPlan(
        ladder=by_amount[-1].ladder if by_amount else _ladder(decision.ladder),
        second_factor=asks,
        needed=_in_order(decision.needed),
        remind_at=decision.remind,
        start_over=decision.start_over,
        hand_over=decision.hand_over,
        more_time=compiled.MoreTime(**dict(decision.more_time)) if decision.more_time else None,
        by_amount=by_amount,
    )


def _approval(approval: shape.ApprovalShape) -> compiled.Approval:
    return compiled.Approval(
        up_to=None if approval.up_to is None else approval.up_to * shape.CENTS,
        ladder=_ladder(approval.ladder),
        needed=approval.needed,
    )


def _ladder(ladder: Sequence[Sequence[Role]]) -> tuple[tuple[Role, ...], ...]:
    return tuple(tuple(rung) for rung in ladder)


def _rules(rule: shape.RuleShape) -> list[compiled.Rule]:
    """One rule for each alternative, as a compiled match has one glob a field."""
    matches = [globs for match in rule.match for globs in expand(match.model_dump())]
    return [
        compiled.Rule(
            id=rule.id,
            match=_match(globs),
            **{name: value for name, value in dict(rule).items() if name not in {"id", "match"}},
        )
        for globs in matches
    ]


def _match(globs: Globs) -> compiled.Match:
    tags = {name.removeprefix(TAG): glob for name, glob in globs.items() if name.startswith(TAG)}
    return compiled.Match(tags=tags, **{name: glob for name, glob in globs.items() if not name.startswith(TAG)})


def _figures(figures: shape.FiguresShape) -> compiled.FigureShifts:
    """The shifts of each figure, the smallest first."""
    return compiled.FigureShifts(
        **{
            figure: tuple(sorted((compiled.Shift(**dict(shift)) for shift in shifts), key=lambda one: one.at_least))
            for figure, shifts in dict(figures).items()
        }
    )


def _correlation(file: shape.CorrelationFile) -> compiled.Correlation:
    depends = {component: tuple(others) for component, others in file.depends.items()}
    return compiled.Correlation(**{**dict(file), "depends": depends})


def _source(source: shape.SourceShape) -> compiled.SourceMapping:
    listed = {name: tuple(value) for name, value in dict(source).items() if isinstance(value, list)}
    return compiled.SourceMapping(**{**dict(source), **listed})


def _reporting(file: shape.ReportingFile) -> compiled.Reporting:
    return compiled.Reporting(
        places=tuple(compiled.ReportPlace(**dict(place)) for place in file.places),
        open_page=file.open_page,
        per_hour=file.per_hour,
    )


def _playbook(playbook: shape.PlaybookFile) -> compiled.Playbook:
    return compiled.Playbook(
        mobilise={severity: tuple(teams) for severity, teams in _in_order(playbook.mobilise).items()},
        tasks=_tasks(playbook.tasks),
        loans=tuple(compiled.Loan(**dict(loan)) for loan in playbook.loans),
        clean_up=_tasks(playbook.clean_up),
    )


def _tasks(by_team: Mapping[Team, Sequence[AnyTask]]) -> dict[Team, tuple[compiled.Task, ...]]:
    return {team: tuple(_task(team, task) for task in tasks) for team, tasks in _in_order(by_team).items()}


def _task(team: Team, task: AnyTask) -> compiled.Task:
    within = _in_order(task.within)
    after = tuple(dict.fromkeys(task_name(team, name) for name in task.after))
    return compiled.Task(**{**dict(task), "within": within, "after": after})


def _resource(name: str, resource: shape.ResourceShape) -> compiled.Resource:
    reserve = tuple(compiled.Reservist(**dict(one)) for one in resource.reserve)
    stock = len(reserve) if resource.kind == PEOPLE else resource.stock or 0
    return compiled.Resource(id=name, **{**dict(resource), "stock": stock, "reserve": reserve})


def _deadlines(deadlines: shape.DeadlinesFile) -> compiled.Deadlines:
    updates = deadlines.updates
    return compiled.Deadlines(
        task_prompts=_prompts(deadlines.tasks),
        update_prompts=_prompts(updates.prompts) if updates else (),
        updates=compiled.Updates(first=_in_order(updates.first), every=_in_order(updates.every)) if updates else None,
        notices={name: _notice(name, notice) for name, notice in deadlines.notices.items()},
    )


def _prompts(prompts: Sequence[shape.PromptShape]) -> tuple[compiled.Prompt, ...]:
    return tuple(compiled.Prompt(at=prompt.at, to=tuple(prompt.to)) for prompt in prompts)


def _notice(name: str, notice: shape.NoticeShape) -> compiled.Notice:
    concerned = {"risks": tuple(notice.risks), "severities": tuple(notice.severities)}
    return compiled.Notice(id=name, **{**dict(notice), **concerned})


def _contact_centre(centre: shape.ContactCentreShape | None) -> compiled.ContactCentre | None:
    return compiled.ContactCentre(**dict(centre)) if centre else None


def _region(region: shape.RegionShape) -> compiled.Region:
    return compiled.Region(name=region.name, also=tuple(region.also))


def _carrier(carrier: shape.CarrierShape) -> compiled.Carrier:
    lanes = {region: compiled.Lane(**dict(lane)) for region, lane in carrier.lanes.items()}
    return compiled.Carrier(**{**dict(carrier), "lanes": lanes})


def _communications(file: shape.CommunicationsFile) -> compiled.Communications:
    return compiled.Communications(
        name=file.name,
        locales=tuple(file.locales),
        media=tuple(compiled.MediaContact(**dict(newsroom)) for newsroom in file.media),
        statements={
            playbook: {phase: compiled.StatementTemplate(**dict(one)) for phase, one in _in_order(phases).items()}
            for playbook, phases in file.statements.items()
        },
        answers={
            playbook: tuple(compiled.QuestionAndAnswer(**dict(one)) for one in questions)
            for playbook, questions in file.answers.items()
        },
        greetings=file.greetings,
        voices={locale: compiled.Voice(**dict(voice)) for locale, voice in file.voices.items()},
    )
