"""Each kind of mistake in a plan is found, with its line, its place and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.plan_compiler import PlanError, compile_plan
from infra.plan_compiler.__main__ import main
from tests.unit.plan.conftest import Spoil, expect_finding, findings_of, line_of

ORGANISATION = "organisation.yaml"
CONTACTS = "contacts.yaml"
RISKS = "risks.yaml"
SEVERITIES = "severities.yaml"
DECISIONS = "decisions.yaml"
RULES = "classification.yaml"
RESOURCES = "resources.yaml"
PLAYBOOK = "playbooks/system_failure.yaml"

# file, what stands there, what is written instead, and the finding after `file:line: `
MISTAKES = {
    "unknown contact as head": (
        ORGANISATION,
        "head: chief-executive",
        "head: chief-exekutive",
        "leadership.head: no contact has the id 'chief-exekutive'; did you mean 'chief-executive'?",
    ),
    "unknown contact in a team": (
        ORGANISATION,
        "deputies: [communications-manager]",
        "deputies: [communication-manager]",
        (
            "teams.public_relations.deputies[1]: no contact has the id 'communication-manager'; "
            "did you mean 'communications-manager'?"
        ),
    ),
    "unknown team": (
        ORGANISATION,
        "  public_relations:",
        "  public_relation:",
        "teams.public_relation: 'public_relation' is not known; did you mean 'public_relations'?",
    ),
    "team without a lead": (
        ORGANISATION,
        "    lead: head-of-marketing\n",
        "",
        "teams.public_relations.lead: the team has no lead; add 'lead:' with the id of a contact",
    ),
    "team with a blank lead": (
        ORGANISATION,
        "lead: head-of-marketing",
        "lead:",
        "teams.public_relations.lead: the team has no lead; add 'lead:' with the id of a contact",
    ),
    "lead who is also deputy": (
        ORGANISATION,
        "deputies: [communications-manager]",
        "deputies: [head-of-marketing]",
        "teams.public_relations.deputies[1]: 'head-of-marketing' stands here a second time",
    ),
    "head who is also deputy head": (
        ORGANISATION,
        "deputy_heads: [chief-technology-officer, ",
        "deputy_heads: [chief-executive, ",
        "leadership.deputy_heads[1]: 'chief-executive' stands here a second time",
    ),
    "bad time zone": (
        ORGANISATION,
        "Asia/Taipei",
        "Asia/Taipeh",
        "company.time_zone: 'Asia/Taipeh' is not a time zone; did you mean 'Asia/Taipei'?",
    ),
    "bad currency": (
        ORGANISATION,
        "currency: TWD",
        "currency: NTD",
        "company.currency: 'NTD' is not a currency; write its three capital letters, like TWD or HKD",
    ),
    "bad sender": (
        ORGANISATION,
        "emergency@banyan-market.example",
        "emergency@banyan",
        "company.mail_from: 'emergency@banyan' is not an e-mail address; write one address, like ceo@company.example",
    ),
    "default locale that the plan lacks": (
        ORGANISATION,
        "  locale: zh-Hant\n",
        "  locale: ja\n",
        "company.locale: 'ja' is not among the plan's locales; write one of: en, zh-Hant, zh-Hans",
    ),
    "not a locale": (
        ORGANISATION,
        "locales: [en, zh-Hant, zh-Hans]",
        "locales: [en, zh-Hant, klingon!]",
        "company.locales[3]: 'klingon!' is not a locale; write one of: en, zh-Hant, zh-Hans",
    ),
    "missing translation": (
        ORGANISATION,
        ", zh-Hant: 公關發言組",
        "",
        "teams.public_relations.name: has no translation for zh-Hant; add 'zh-Hant: …'",
    ),
    "translation into an unknown locale": (
        ORGANISATION,
        "zh-Hant: 公關發言組",
        "zh-Hant: 公關發言組, zh-Hent: 公關",
        "teams.public_relations.name: 'zh-Hent' is not one of the plan's locales; did you mean 'zh-Hant'?",
    ),
    "blank text": (ORGANISATION, "zh-Hant: 公關發言組", "zh-Hant: ''", "teams.public_relations.name.zh-Hant: is blank"),
    "text on two lines": (
        ORGANISATION,
        "zh-Hant: 公關發言組",
        r'zh-Hant: "公關\n發言組"',
        "teams.public_relations.name.zh-Hant: has a line break or an invisible character",
    ),
    "braces where nothing is filled": (
        ORGANISATION,
        "zh-Hant: 公關發言組",
        "zh-Hant: '公關{alarm}'",
        "teams.public_relations.name: has braces in zh-Hant, but nothing is filled in here",
    ),
    "unknown key": (
        ORGANISATION,
        "reply_to:",
        "replyto:",
        "company.replyto: nothing reads the key 'replyto'; did you mean 'reply_to'?",
    ),
    "bad e-mail": (
        CONTACTS,
        "email: chief-executive@banyan-market.example",
        'email: "a@b.example, c@d.example"',
        "contacts.chief-executive.email: 'a@b.example, c@d.example' is not an e-mail address",
    ),
    "bad telephone number": (
        CONTACTS,
        '"+886 2 0000 0101"',
        '"02-0000-0101"',
        "contacts.chief-executive.phone: '02-0000-0101' is not a telephone number",
    ),
    "telephone number without quotes": (
        CONTACTS,
        '"+886 2 0000 0101"',
        "+886200000101",
        "contacts.chief-executive.phone: must be text; write words, and put numbers in quotes",
    ),
    "contact whose locale the plan lacks": (
        CONTACTS,
        "locale: zh-Hant",
        "locale: ja",
        "contacts.chief-executive.locale: the plan has no words in 'ja'; write one of: en, zh-Hant, zh-Hans",
    ),
    "contact id that can't be one": (
        CONTACTS,
        "  social-media-editor:",
        "  Social Media Editor:",
        "contacts.Social Media Editor: 'Social Media Editor' can't be an id",
    ),
    "likelihood too high": (RISKS, "likelihood: 4", "likelihood: 6", "likelihood: 6 is too large; write 5 or less"),
    "likelihood in words": (RISKS, "likelihood: 4", "likelihood: high", "likelihood: must be a whole number"),
    "missing risk": (RISKS, "  logistics_delay:", "  data_breach2:", "risks: 'logistics_delay' is missing"),
    "matrix with four rows": (
        RISKS,
        "  - [SEV3, SEV3, SEV2, SEV1, SEV1]\n",
        "",
        "matrix: has 4 rows; write 5 rows of 5 severities, likelihood 1 first",
    ),
    "matrix row with four entries": (
        RISKS,
        "  - [SEV3, SEV3, SEV2, SEV1, SEV1]",
        "  - [SEV3, SEV3, SEV2, SEV1]",
        "matrix[5]: has 4 entries; write 5 severities, impact 1 first",
    ),
    "matrix milder for a higher impact": (
        RISKS,
        "  - [SEV3, SEV3, SEV2, SEV1, SEV1]",
        "  - [SEV3, SEV3, SEV2, SEV1, SEV2]",
        "matrix[5]: impact 5 is milder (SEV2) than impact 4 (SEV1); write SEV1 or graver for impact 5",
    ),
    "matrix milder for a higher likelihood": (
        RISKS,
        "  - [SEV3, SEV3, SEV2, SEV1, SEV1]",
        "  - [SEV4, SEV4, SEV2, SEV1, SEV1]",
        "matrix[5]: likelihood 5 at impact 2 is milder (SEV4) than likelihood 4 (SEV3)",
    ),
    "unknown severity": (
        RISKS,
        "  - [SEV3, SEV3, SEV2, SEV1, SEV1]",
        "  - [SEV3, SEV3, SEV2, SEV1, SEV0]",
        "matrix[5][5]: 'SEV0' is not known; did you mean 'SEV",
    ),
    "timer of zero": (SEVERITIES, "orders: 5m", "orders: 0m", "wait.orders: '0m' leaves no time at all"),
    "negative timer": (SEVERITIES, "orders: 5m", "orders: -5m", "wait.orders: '-5m' is not a duration; write a whole"),
    "timer without unit": (
        SEVERITIES,
        "orders: 5m",
        "orders: 5",
        "severities.SEV1.wait.orders: the duration '5' has no unit; did you mean '5m'?",
    ),
    "timer in words": (
        SEVERITIES,
        "orders: 5m",
        "orders: soon",
        (
            "severities.SEV1.wait.orders: 'soon' is not a duration; "
            "write a whole number with its unit: s, m, h or d, like 10m, 4h or 2d"
        ),
    ),
    "timer over a year": (
        SEVERITIES,
        "review: 2d",
        "review: 366d",
        "severities.SEV1.wait.review: '366d' is longer than a year, which no timer can run; write 365d or less",
    ),
    "timers over a year together": (
        SEVERITIES,
        "review: 2d",
        "review: 60d",
        "severities.SEV1.wait: all rungs of all decisions together can take 603 days",
    ),
    "decision kind without a timer": (
        SEVERITIES,
        ", review: 2d",
        "",
        "severities.SEV1.wait: no time is set for 'review'; add 'review:' with a duration, like 30m",
    ),
    "no timers at all": (
        SEVERITIES,
        (
            "wait: { orders: 5m, acknowledge: 5m, complete: 4h, clean_up: 1d, review: 2d, release: 10m, duties: 15m, "
            "notice: 30m,\n            statement: 3m, carrier: 30m, severity: 5m, maintenance: 2h }"
        ),
        "wait: {}",
        "severities.SEV1.wait: no time is set for 'orders'",
    ),
    "complete before acknowledged": (
        SEVERITIES,
        "complete: 4h",
        "complete: 4m",
        (
            "severities.SEV1.wait.complete: is shorter than 'acknowledge': tasks can't be complete before they are taken on; "
            "write 5m or longer"
        ),
    ),
    "unknown decision kind": (
        SEVERITIES,
        "clean_up: 1d",
        "cleanup: 1d",
        "severities.SEV1.wait.cleanup: 'cleanup' is not known; did you mean 'clean_up'?",
    ),
    "silence that means nothing": (
        SEVERITIES,
        "orders_on_silence: activate",
        "orders_on_silence: acknowledged",
        "severities.SEV1.orders_on_silence: 'acknowledged' is not known; write one of: activate, stand_down",
    ),
    "missing severity": (SEVERITIES, "  SEV4:", "  SEV5:", "severities: 'SEV4' is missing; add 'SEV4:'"),
    "too many review rounds": (DECISIONS, "review_rounds: 3", "review_rounds: 99", "review_rounds: 99 is too large"),
    "unknown risk": (
        RULES,
        "risk: network_attack",
        "risk: network-attack",
        "rules[reported-attack].risk: 'network-attack' is not known; did you mean 'network_attack'?",
    ),
    "rule that looks for nothing known": (
        RULES,
        "- namespace: AWS/DDoSProtection",
        "- name_space: AWS/DDoSProtection",
        "rules[ddos].match[1].name_space: nothing reads the key 'name_space'; did you mean 'namespace'?",
    ),
    "no final catch-all": (
        RULES,
        "match: [{}]",
        "match: [{ name: x* }]",
        "rules[anything-else]: the last rule doesn't match everything, so a signal could fall through",
    ),
    "rule after a catch-all": (
        RULES,
        "      - namespace: AWS/DDoSProtection",
        '      - name: "*"',
        "rules[ddos]: matches everything, so the 34 rules after it can never match; narrow it, or move it to the end",
    ),
    "rule that an earlier one covers": (
        RULES,
        "      - namespace: [AWS/EC2,",
        "      - namespace: [AWS/Lambda, AWS/EC2,",
        "rules[host].match[1]: can never match for namespace 'AWS/Lambda': rule 'application' on line",
    ),
    "duplicate rule id": (RULES, "id: firewall", "id: ddos", "rules[ddos]: the id 'ddos' is taken (line "),
    "unknown placeholder": (
        RULES,
        '{ en: "Network edge, {region}", zh-Hant: "對外網路，{region}", zh-Hans: "公网入口，{region}" }',
        '{ en: "Network edge, {regio}", zh-Hant: "對外網路，{regio}", zh-Hans: "公网入口，{regio}" }',
        "rules[ddos].place: nothing fills '{regio}' here; did you mean 'region'?",
    ),
    "placeholders that differ between locales": (
        RULES,
        '"對外網路，{region}"',
        '"對外網路"',
        "rules[ddos].place: the placeholders differ between locales (en: region; zh-Hant: none; zh-Hans: region)",
    ),
    "broken placeholder": (
        RULES,
        '"對外網路，{region}"',
        '"對外網路，{region"',
        "rules[ddos].place: has braces in zh-Hant that name nothing; write placeholders like {account}",
    ),
    "component with an unknown placeholder": (
        RULES,
        "component: hosts/{resource}",
        "component: hosts/{host}",
        "rules[intrusion-attempt].component: nothing fills '{host}' here",
    ),
    "loan of something unknown": (
        PLAYBOOK,
        "resource: spare-servers",
        "resource: spare-server",
        "the inventory has no resource 'spare-server'; did you mean 'spare-servers'?",
    ),
    "rule that names no playbook": (
        RULES,
        "playbook: default",
        "playbook: defaults",
        "rules[test-environment].playbook: there is no playbook 'defaults'; did you mean 'default'?",
    ),
    "loan beyond the stock": (
        PLAYBOOK,
        "resource: spare-servers, team: technical_support, quantity: 4",
        "resource: spare-servers, team: technical_support, quantity: 40",
        "lends 40 of 'spare-servers' altogether, but the stock is 12; lend 12 at most here, or keep more in stock",
    ),
    "loan of nothing": (PLAYBOOK, "quantity: 4", "quantity: 0", "quantity: 0 is too small; write 1 or more"),
    "severity that calls nobody": (
        PLAYBOOK,
        "SEV4: [technical_support]",
        "SEV4: []",
        "mobilise.SEV4: no team is mobilised at SEV4; name at least one team",
    ),
    "team mobilised twice": (
        PLAYBOOK,
        "SEV4: [technical_support]",
        "SEV4: [technical_support, technical_support]",
        "mobilise.SEV4[2]: 'technical_support' stands here a second time",
    ),
    "playbook without a severity": (PLAYBOOK, "  SEV4: [technical_support]\n", "", "mobilise: 'SEV4' is missing"),
    "duplicate task id": (PLAYBOOK, "id: stop-changes", "id: confirm-scope", "the id 'confirm-scope' is taken (line "),
    "task with a target in words": (PLAYBOOK, "SEV1: 10m,", "SEV1: at once,", "'at once' is not a duration"),
    "unknown kind of resource": (
        RESOURCES,
        "kind: servers",
        "kind: server",
        "resources.spare-servers.kind: 'server' is not known; did you mean 'servers'?",
    ),
    "negative stock": (RESOURCES, "stock: 12", "stock: -1", "stock: -1 is too small; write 0 or more"),
    "hotline with another's number": (
        RESOURCES,
        'number: "+886 2 0000 0802"',
        'number: "+886 2 0000 0801"',
        "hotlines[taiwan-2].number: '+886 2 0000 0801' stands here a second time",
    ),
    "criterion without a measure": (
        "evaluation.yaml",
        "every: 180d",
        "every: 0d",
        "every: '0d' leaves no time at all",
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "finding"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_found_and_the_remedy_named(
    plan_dir: Path, spoil: Spoil, file: str, old: str, new: str, finding: str
) -> None:
    spoil(file, old, new)

    expect_finding(plan_dir, finding)


def test_a_finding_names_file_line_place_problem_and_remedy(plan_dir: Path, spoil: Spoil) -> None:
    spoil(SEVERITIES, "acknowledge: 10m", "acknowledge: 10")
    line = line_of(plan_dir, SEVERITIES, "acknowledge: 10,")

    assert findings_of(plan_dir) == [
        f"severities.yaml:{line}: severities.SEV2.wait.acknowledge: the duration '10' has no unit; did you mean '10m'?"
    ]


def test_a_rung_without_people_names_the_team_that_lacks_them(plan_dir: Path, spoil: Spoil) -> None:
    spoil(ORGANISATION, "    deputies: [communications-manager]\n", "")

    found = findings_of(plan_dir)

    assert len(found) == 3
    assert all("nobody in the team 'public_relations' holds the role team_deputies" in line for line in found)


def test_all_mistakes_are_listed_in_the_order_of_files_and_lines(plan_dir: Path, spoil: Spoil) -> None:
    spoil(SEVERITIES, "orders: 5m", "orders: soon")
    spoil(ORGANISATION, "head: chief-executive", "head: nobody-we-know")
    spoil(ORGANISATION, "currency: TWD", "currency: XXXX")
    spoil(PLAYBOOK, "resource: spare-servers", "resource: spares")

    with pytest.raises(PlanError) as raised:
        compile_plan(plan_dir)

    places = [(finding.file, finding.place) for finding in raised.value.findings]
    assert places == [
        (ORGANISATION, "company.currency"),
        (ORGANISATION, "leadership.head"),
        (PLAYBOOK, "loans[1].resource"),
        (SEVERITIES, "severities.SEV1.wait.orders"),
    ]
    lines = str(raised.value).splitlines()
    assert lines[0].startswith(f"{plan_dir}/organisation.yaml:")
    assert lines[-1] == "The plan can't be used: 4 things to put right."


def test_the_command_prints_findings_and_fails(
    plan_dir: Path, spoil: Spoil, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(plan_dir)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("The plan of Banyan Market can be used: ")
    assert said.endswith("words in en, zh-Hant and zh-Hans.\n")

    spoil(ORGANISATION, "currency: TWD", "currency: XXXX")

    assert main([str(plan_dir)]) == 1
    assert "company.currency: 'XXXX' is not a currency" in capsys.readouterr().err
