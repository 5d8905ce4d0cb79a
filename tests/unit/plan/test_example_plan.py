"""The example plan is complete against the written one; each test names the clause that it holds."""

from __future__ import annotations

import gettext
import itertools
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from ruamel.yaml import YAML

from emergency.domain.plan import DEFAULT_PLAYBOOK, Begins, Plan
from emergency.domain.statement import PLACEHOLDERS
from emergency.domain.terms import AutomaticStep, DecisionKind, Outcome, Phase, Risk, Severity, Team
from infra.plan_compiler import CompiledPlan, compile_plan
from infra.plan_compiler.shape import GREETING_LIMIT, STEPS_OF_CLEAN_UP, STEPS_OF_TASKS, placeholders
from tests.unit.plan.conftest import PLAN_DIR


@pytest.fixture(scope="module")
def plan(example: CompiledPlan) -> Plan:
    return example.plan


def test_p2_the_departments_in_scope_have_people_and_teams(plan: Plan) -> None:
    assert set(plan.teams) == set(Team)
    offices = {contact.title["zh-Hant"] for contact in plan.contacts.values()}
    assert {"資訊部主管", "客服部主管", "物流部主管", "市場部主管", "法務部主管"} <= offices


def test_p3_four_risks_are_named_as_the_plan_names_them_and_assessed(plan: Plan) -> None:
    assert {risk: named.name["zh-Hant"] for risk, named in plan.risks.items()} == {
        Risk.SYSTEM_FAILURE: "系統故障",
        Risk.DATA_BREACH: "數據泄露",
        Risk.NETWORK_ATTACK: "網絡攻擊",
        Risk.LOGISTICS_DELAY: "物流延誤",
    }
    assert all(1 <= level <= 5 for risk in plan.risks.values() for level in (risk.likelihood, risk.impact))
    assert [len(row) for row in plan.matrix] == [5] * 5
    assert {cell for row in plan.matrix for cell in row} == set(Severity)


def test_p4_the_leadership_group_has_head_deputy_heads_and_members(plan: Plan) -> None:
    group = plan.leadership
    assert plan.contact(group.head).title["en"] == "Chief executive officer"
    assert [plan.contact(deputy).title["en"] for deputy in group.deputy_heads] == [
        "Chief technology officer",
        "Chief operating officer",
    ]
    assert [plan.contact(member).title["en"] for member in group.members] == [
        "Head of information technology",
        "Head of customer service",
        "Head of logistics",
        "Head of marketing",
        "Head of legal",
    ]


@pytest.mark.parametrize(
    ("team", "name", "lead"),
    [
        (Team.TECHNICAL_SUPPORT, "技術支持組", "Chief technology officer"),
        (Team.CUSTOMER_SERVICE, "客戶服務組", "Head of customer service"),
        (Team.LOGISTICS_SUPPORT, "物流保障組", "Head of logistics"),
        (Team.PUBLIC_RELATIONS, "公關發言組", "Head of marketing"),
    ],
)
def test_p5_each_team_has_its_name_lead_and_deputies(plan: Plan, team: Team, name: str, lead: str) -> None:
    assert plan.teams[team].name["zh-Hant"] == name
    assert plan.contact(plan.teams[team].lead).title["en"] == lead
    assert plan.teams[team].deputies
    assert plan.teams[team].members


def test_p62_silence_never_leaves_a_grave_incident_unanswered(plan: Plan) -> None:
    for severity in (Severity.SEV1, Severity.SEV2):
        assert plan.severities[severity].orders_on_silence is Outcome.ACTIVATE


def test_p62_graver_incidents_wait_less(plan: Plan) -> None:
    for kind in DecisionKind:
        for rung in range(3):
            waits = [_seconds(plan, severity, kind, rung) for severity in Severity]
            assert waits == sorted(waits)


@pytest.mark.parametrize("severity", [Severity.SEV1, Severity.SEV2])
def test_p62_a_grave_incident_is_acted_on_within_the_hour_even_in_silence(plan: Plan, severity: Severity) -> None:
    rungs = len(plan.ladder(DecisionKind.ORDERS, None))
    climb = sum(_seconds(plan, severity, DecisionKind.ORDERS, rung) for rung in range(rungs))
    assert climb * (plan.decisions[DecisionKind.ORDERS].start_over + 1) <= 3_600


def _seconds(plan: Plan, severity: Severity, kind: DecisionKind, rung: int) -> int:
    waits = plan.severities[severity].wait[kind]
    return waits[min(rung, len(waits) - 1)]


def test_p62_what_binds_the_company_its_money_or_its_word_asks_for_a_second_factor(plan: Plan) -> None:
    asking = {kind for kind, decision in plan.decisions.items() if decision.second_factor}
    company = {DecisionKind.ORDERS, DecisionKind.REVIEW, DecisionKind.SEVERITY}
    assert asking == {*company, DecisionKind.RELEASE, DecisionKind.STATEMENT, DecisionKind.MAINTENANCE}


def test_p62_one_answer_is_enough_where_every_minute_counts(plan: Plan) -> None:
    several = {kind for kind, how in plan.decisions.items() for severity in Severity if how.needed.get(severity, 1) > 1}
    assert several == {DecisionKind.STATEMENT}


def test_p64_a_release_has_two_pairs_of_eyes_and_three_where_it_is_worth_most(plan: Plan) -> None:
    approvals = plan.decisions[DecisionKind.RELEASE].by_amount
    for requester, team, approval in itertools.product(plan.contacts, Team, approvals):
        ladder = plan.ladder(DecisionKind.RELEASE, team, needed=approval.needed, barred=requester, approval=approval)
        assert requester not in {person for rung in ladder for person in rung}
        assert len(ladder[0]) >= approval.needed
    assert [approval.needed for approval in approvals][-1] == 2


def test_p62_orders_go_from_the_head_over_the_deputies_to_the_members(plan: Plan) -> None:
    group = plan.leadership
    assert plan.ladder(DecisionKind.ORDERS, None) == ((group.head,), group.deputy_heads, group.members)


@pytest.mark.parametrize("kind", [DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE, DecisionKind.CLEAN_UP])
@pytest.mark.parametrize("team", Team)
def test_p63_each_team_s_lead_is_asked_first_and_somebody_after(plan: Plan, kind: DecisionKind, team: Team) -> None:
    ladder = plan.ladder(kind, team)
    assert ladder[0] == (plan.teams[team].lead,)
    assert len(ladder) > 1


@pytest.mark.parametrize("kind", [DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE, DecisionKind.CLEAN_UP])
def test_p63_somebody_who_can_t_do_it_passes_it_on_at_once(plan: Plan, kind: DecisionKind) -> None:
    assert plan.decisions[kind].hand_over


def test_everybody_has_somebody_who_is_there_on_every_day_of_an_absence(plan: Plan) -> None:
    absences = [absence for contact in plan.contacts.values() for absence in contact.absences]
    assert absences
    for absence in absences:
        for day in (absence.first, absence.last):
            noon = datetime.combine(day, time(12), ZoneInfo(plan.company.time_zone))
            assert not any(plan.contact(plan.stand_in(name, noon)).is_away(day) for name in plan.contacts)


@pytest.mark.parametrize("risk", Risk)
@pytest.mark.parametrize("team", Team)
def test_p63_each_team_has_five_to_eight_tasks_for_each_risk(plan: Plan, risk: Risk, team: Team) -> None:
    tasks = plan.playbooks[risk].tasks[team]
    assert 5 <= len(tasks) <= 8
    assert len([task for task in tasks if task.within]) >= 3
    for task in tasks:
        targets = [task.within[severity] for severity in Severity if severity in task.within]
        assert targets == sorted(targets)


@pytest.mark.parametrize("name", [*Risk, DEFAULT_PLAYBOOK])
@pytest.mark.parametrize("team", Team)
def test_p65_each_team_has_a_checklist_for_clean_up_whatever_happened(plan: Plan, name: str, team: Team) -> None:
    assert plan.team_tasks(name, team)
    assert plan.team_clean_up(name, team)


@pytest.mark.parametrize("name", [*Risk, DEFAULT_PLAYBOOK])
def test_p63_what_the_system_does_by_itself_has_a_task_and_ends_with_clean_up(plan: Plan, name: str) -> None:
    playbook = plan.playbook(name)
    steps = {task.automatic for listed in playbook.tasks.values() for task in listed}
    closing = {task.automatic for listed in playbook.clean_up.values() for task in listed}
    when_carriers_fail = {AutomaticStep.PROPOSE_REPLAN} if name != Risk.LOGISTICS_DELAY else set()
    assert set(STEPS_OF_TASKS) - when_carriers_fail <= steps
    assert set(STEPS_OF_CLEAN_UP) <= closing


@pytest.mark.parametrize("risk", Risk)
def test_p63_what_the_public_is_told_waits_for_what_is_known(plan: Plan, risk: Risk) -> None:
    """The statement waits for the scope that technical or logistics support found out."""
    waited_for = {name.split("/")[0] for task in plan.team_tasks(risk, Team.PUBLIC_RELATIONS) for name in task.after}
    assert waited_for & {Team.TECHNICAL_SUPPORT, Team.LOGISTICS_SUPPORT}


@pytest.mark.parametrize("risk", Risk)
def test_p65_what_is_switched_for_an_incident_is_switched_back(plan: Plan, risk: Risk) -> None:
    assert any(task.switch_back for listed in plan.playbooks[risk].tasks.values() for task in listed)


def test_p4_legal_is_asked_first_about_authorities(plan: Plan) -> None:
    for kind in (DecisionKind.DUTIES, DecisionKind.NOTICE):
        assert plan.ladder(kind, None)[0] == (plan.leadership.legal,)
        assert len(plan.ladder(kind, None)) > 1


@pytest.mark.parametrize(
    ("notice", "hours", "begins"),
    [
        ("gdpr-article-33", 72, Begins.DETECTED),
        ("china-incident-critical", 1, Begins.DETECTED),
        ("china-incident", 4, Begins.DETECTED),
        ("china-incident-summary", 30 * 24, Begins.HANDLED),
        ("taiwan-digital-economy-article-8", 72, Begins.DETECTED),
        ("nis2-early-warning", 24, Begins.DETECTED),
        ("nis2-notification", 72, Begins.DETECTED),
        ("nis2-final-report", 28 * 24, "nis2-notification"),
    ],
)
def test_p4_authorities_are_told_in_time(plan: Plan, notice: str, hours: int, begins: str) -> None:
    duty = plan.deadlines.notices[notice]
    assert (duty.within, duty.begins) == (hours * 3_600, begins)
    assert Risk.DATA_BREACH in duty.risks
    assert duty.source["en"]


def test_p63_customer_service_staffs_a_hotline_whatever_the_risk(plan: Plan) -> None:
    for playbook in plan.playbooks.values():
        assert any("專門熱線" in task.text["zh-Hant"] for task in playbook.tasks[Team.CUSTOMER_SERVICE])
    assert len(plan.hotlines) > 1


@pytest.mark.parametrize("risk", Risk)
def test_p64_each_risk_lends_people_and_things(plan: Plan, risk: Risk) -> None:
    kinds = {plan.resources[loan.resource].kind for loan in plan.playbooks[risk].loans}
    assert "people" in kinds
    assert kinds - {"people"}


@pytest.mark.parametrize("risk", Risk)
def test_p62_graver_incidents_mobilise_no_fewer_teams(plan: Plan, risk: Risk) -> None:
    called = [set(plan.playbooks[risk].mobilise[severity]) for severity in Severity]
    assert called[0] == set(Team)
    assert all(graver >= milder for graver, milder in itertools.pairwise(called))


def test_p7_the_inventory_holds_every_kind(plan: Plan) -> None:
    assert {resource.kind for resource in plan.resources.values()} == {
        "servers",
        "network",
        "communication",
        "tools",
        "people",
        "funds",
    }
    assert plan.resources["emergency-funds"].stock > 1_000_000


def test_p7_each_region_has_more_than_one_carrier(plan: Plan) -> None:
    served = [region for carrier in plan.carriers.values() for region in carrier.lanes]
    assert {region for region in plan.regions if served.count(region) < 2} == {"taiwan-islands"}


def test_p7_no_carrier_can_take_all_that_another_one_has(plan: Plan) -> None:
    """So a re-plan has to share parcels out, and a rehearsal sees that some are left."""
    for failing in plan.carriers.values():
        spare = {
            id_: carrier.daily_capacity - sum(lane.parcels for lane in carrier.lanes.values())
            for id_, carrier in plan.carriers.items()
            if carrier is not failing and carrier.lanes.keys() & failing.lanes.keys()
        }
        assert max(spare.values()) > 0
    harbour = plan.carriers["harbour-express"]
    assert max(plan.carriers[other].daily_capacity for other in ("lion-rock-courier", "victoria-freight")) < sum(
        lane.parcels for lane in harbour.lanes.values()
    )


def test_p63_carriers_are_asked_first_and_their_answer_can_come_by_telephone(plan: Plan) -> None:
    for id_, carrier in plan.carriers.items():
        ladder = plan.ladder(DecisionKind.CARRIER, Team.LOGISTICS_SUPPORT, carrier=id_)
        assert ladder == ((carrier.contact.id,), (plan.teams[Team.LOGISTICS_SUPPORT].lead,))
        assert plan.contact(carrier.contact.id) == carrier.contact


@pytest.mark.parametrize("severity", Severity)
def test_p63_two_approve_a_grave_statement_whoever_drafts_it(plan: Plan, severity: Severity) -> None:
    needed = plan.decisions[DecisionKind.STATEMENT].needed[severity]
    assert needed == (2 if severity in {Severity.SEV1, Severity.SEV2} else 1)
    for author in plan.contacts:
        ladder = plan.ladder(DecisionKind.STATEMENT, Team.PUBLIC_RELATIONS, needed=needed, barred=author)
        assert author not in {person for rung in ladder for person in rung}
        assert len(ladder[0]) >= needed


@pytest.mark.parametrize("name", [*Risk, DEFAULT_PLAYBOOK])
def test_p63_the_public_can_be_told_in_its_languages_whatever_happens(plan: Plan, name: str) -> None:
    said = plan.communications
    assert said.locales == ("zh-Hant", "en")
    assert said.voices.keys() == set(said.locales)
    assert list(said.statements[name]) == list(Phase)
    assert 5 <= len(said.answers[name]) <= 7
    assert all(len(greeting) <= GREETING_LIMIT for greeting in said.greetings[name].values())
    for phase, template in said.statements[name].items():
        for text in template.text.values():
            assert "since" in placeholders(text)
            assert ("next_update" in placeholders(text)) is (phase is not Phase.RESOLVED)
            assert placeholders(text) <= PLACEHOLDERS


@pytest.mark.parametrize("name", [*Risk, DEFAULT_PLAYBOOK])
@pytest.mark.parametrize("severity", Severity)
def test_p63_the_first_word_is_due_when_the_clock_of_updates_says_so(plan: Plan, name: str, severity: Severity) -> None:
    (first,) = (
        task
        for task in plan.team_tasks(name, Team.PUBLIC_RELATIONS)
        if task.automatic is AutomaticStep.PUBLISH_STATEMENT
    )
    updates = plan.deadlines.updates
    assert updates is not None
    assert first.within.get(severity, updates.first[severity]) == updates.first[severity]
    assert not first.after


def test_p63_the_alarm_of_a_carrier_names_it(plan: Plan) -> None:
    (component,) = {rule.component for rule in plan.rules if rule.id == "late-deliveries"}
    assert component == "carriers/{resource}"


def test_p8_the_four_criteria_are_written_down() -> None:
    content: Any = YAML(typ="safe", pure=True).load((PLAN_DIR / "evaluation.yaml").read_text(encoding="utf-8"))
    assert [criterion["id"] for criterion in content["criteria"]] == ["handling", "users", "cooperation", "resources"]


def test_people_read_english_and_chinese_in_both_scripts(plan: Plan) -> None:
    assert {contact.locale for contact in plan.contacts.values()} == {"en", "zh-Hant", "zh-Hans"}


def test_each_language_is_read_by_somebody_who_is_asked(plan: Plan) -> None:
    asked = {
        contact
        for kind in DecisionKind
        for team in Team
        for rung in plan.ladder(kind, None if kind in {DecisionKind.ORDERS, DecisionKind.REVIEW} else team)
        for contact in rung
    }
    assert {plan.contact(contact).locale for contact in asked} == set(plan.company.locales)


def test_all_addresses_are_examples(plan: Plan) -> None:
    addresses = [contact.email for contact in plan.contacts.values()]
    addresses += [carrier.contact_email for carrier in plan.carriers.values()]
    addresses += [newsroom.email for newsroom in plan.communications.media]
    addresses += [plan.company.mail_from, plan.company.reply_to]
    assert all(address.endswith(".example") for address in addresses)


def test_what_is_written_reads_back_as_the_same_plan(example: CompiledPlan, tmp_path: Path) -> None:
    example.write(tmp_path)

    assert msgspec.json.decode((tmp_path / "plan.json").read_bytes(), type=Plan) == example.plan


def test_the_same_plan_gives_the_same_bytes(example: CompiledPlan, tmp_path: Path) -> None:
    example.write(tmp_path / "one")
    compile_plan(PLAN_DIR).write(tmp_path / "two")

    for name in ("plan.json", "words/en.mo", "words/zh-Hant.mo", "words/zh-Hans.mo"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_catalogues_read_with_the_standard_library(example: CompiledPlan, tmp_path: Path) -> None:
    example.write(tmp_path)
    read = {}
    for locale in ("en", "zh-Hant", "zh-Hans"):
        with (tmp_path / "words" / f"{locale}.mo").open("rb") as file:
            read[locale] = gettext.GNUTranslations(file)

    assert read["en"].gettext("step.orders") == "Orders"
    assert read["zh-Hant"].gettext("step.orders") == "指令下達"
    assert read["zh-Hans"].gettext("step.orders") == "指令下达"
    assert read["en"].ngettext("time.minutes", "time.minutes", 1) == "{count} minute"
    assert read["en"].ngettext("time.minutes", "time.minutes", 2) == "{count} minutes"
    assert read["zh-Hant"].ngettext("time.minutes", "time.minutes", 1) == "{count} 分鐘"
    assert read["zh-Hans"].ngettext("time.minutes", "time.minutes", 1) == "{count} 分钟"


def test_the_plan_stays_small_enough_to_load_at_every_start(example: CompiledPlan) -> None:
    # Half a megabyte is read in some five milliseconds.
    assert len(msgspec.json.encode(example.plan)) < 500_000
