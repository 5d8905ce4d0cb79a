"""Puts the validated files together into the plan that the functions read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from emergency.domain import plan as compiled
from emergency.domain.terms import DecisionKind, Risk
from infra.plan_compiler import shape
from infra.plan_compiler.checks import expand

_ASKS_BY_DEFAULT = {DecisionKind.ORDERS, DecisionKind.REVIEW, DecisionKind.RELEASE}
"""The kinds whose answer binds the company or its money (design §4)."""

Named = TypeVar("Named", bound=StrEnum)
Value = TypeVar("Value")


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
    playbooks: Mapping[Risk, shape.PlaybookFile]


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
        ),
        teams={name: _team(team) for name, team in _in_order(organisation.teams).items()},
        risks={name: compiled.RiskPlan(**dict(risk)) for name, risk in _in_order(files.risks.risks).items()},
        matrix=tuple(tuple(row) for row in files.risks.matrix),
        rules=tuple(single for rule in files.classification.rules for single in _rules(rule)),
        severities={name: _severity(one) for name, one in _in_order(files.severities.severities).items()},
        decisions={kind: _decision(kind, one) for kind, one in _in_order(files.decisions.decisions).items()},
        playbooks={risk: _playbook(playbook) for risk, playbook in _in_order(files.playbooks).items()},
        resources={name: compiled.Resource(id=name, **dict(one)) for name, one in files.resources.resources.items()},
        hotlines=tuple(compiled.Hotline(**dict(hotline)) for hotline in files.resources.hotlines),
        carriers=tuple(_carrier(carrier) for carrier in files.resources.carriers),
        review_rounds=files.decisions.review_rounds,
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
    return compiled.DecisionPlan(
        ladder=tuple(tuple(rung) for rung in decision.ladder),
        second_factor=asks,
        needed=_in_order(decision.needed),
        remind_at=decision.remind,
        start_over=decision.start_over,
        hand_over=decision.hand_over,
        more_time=compiled.MoreTime(**dict(decision.more_time)) if decision.more_time else None,
    )


def _rules(rule: shape.RuleShape) -> list[compiled.Rule]:
    """One rule for each alternative, as a compiled match has one glob a field."""
    matches = [globs for match in rule.match for globs in expand(match.model_dump())]
    return [
        compiled.Rule(
            id=rule.id,
            match=compiled.Match(**globs),
            **{name: value for name, value in dict(rule).items() if name not in {"id", "match"}},
        )
        for globs in matches
    ]


def _playbook(playbook: shape.PlaybookFile) -> compiled.Playbook:
    return compiled.Playbook(
        mobilise={severity: tuple(teams) for severity, teams in _in_order(playbook.mobilise).items()},
        tasks={
            team: tuple(compiled.Task(id=task.id, text=task.text, within=_in_order(task.within)) for task in tasks)
            for team, tasks in _in_order(playbook.tasks).items()
        },
        loans=tuple(compiled.Loan(**dict(loan)) for loan in playbook.loans),
    )


def _carrier(carrier: shape.CarrierShape) -> compiled.Carrier:
    return compiled.Carrier(**{**dict(carrier), "regions": tuple(carrier.regions)})
