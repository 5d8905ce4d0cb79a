"""Each kind of mistake about teams' work is found: whose a task is, what it waits for, clean-up, stock and loans."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.assignment import MOST_TASKS, assignment_for, cleaning
from emergency.domain.incident import Incident, IncidentStatus
from emergency.domain.plan import DEFAULT_PLAYBOOK
from emergency.domain.terms import AutomaticStep, Risk, Role, Severity, Step, Team
from infra.plan_compiler import CompiledPlan, compile_plan
from infra.plan_compiler.circles import begun_at, circles
from infra.plan_compiler.playbook_checks import BACK
from tests.unit.plan.conftest import Spoil, expect_finding, findings_of, line_of

BREACH = "playbooks/data_breach.yaml"
FAILURE = "playbooks/system_failure.yaml"
DEFAULT = "playbooks/default.yaml"
ORGANISATION = "organisation.yaml"
CONTACTS = "contacts.yaml"
RESOURCES = "resources.yaml"

CUT_OFF = "      owner: security-engineer\n      runbook: https://runbooks.banyan-market.example/breach/cut-off\n"
EVIDENCE = "      runbook: https://runbooks.banyan-market.example/breach/secure-evidence\n"
ENTRY = "      after: [secure-evidence]\n      runbook: https://runbooks.banyan-market.example/breach/find-entry\n"
BRIEFED = "after: [technical_support/find-out]"
HANDED_OVER = "      runbook: https://runbooks.banyan-market.example/breach/hand-over-evidence\n"
FUNDS = "    unit: { en: cents, zh-Hant: 分, zh-Hans: 分 }\n"
SERVERS = "    stock: 12\n"
ENGINEERS = "    kind: people\n    name: { en: Engineers on standby, zh-Hant: 待命工程師, zh-Hans: 待命工程师 }\n"

# file, what stands there, what is written instead, and the finding after `file:line: `
MISTAKES = {
    "an owner whom nobody knows": (
        BREACH,
        "owner: security-engineer",
        "owner: security-enginer",
        (
            "tasks.technical_support[cut-off].owner: 'security-enginer' is neither a role nor a contact; "
            "did you mean 'security-engineer'?"
        ),
    ),
    "an owner who is the owner": (
        BREACH,
        "owner: security-engineer",
        "owner: owner",
        (
            "tasks.technical_support[cut-off].owner: 'owner' stands for whoever is named here; "
            "write another role, or a contact's id"
        ),
    ),
    "a contact with the id of a role": (
        CONTACTS,
        "  social-media-editor:",
        "  head:",
        (
            "contacts.head: 'head' is the name of a role, so it can't be the id of a contact; "
            "write an id that names the office, like head-of-logistics"
        ),
    ),
    "a task after an unknown one": (
        BREACH,
        "after: [secure-evidence]",
        "after: [secure-evidense]",
        (
            "tasks.technical_support[what-was-taken].after[1]: there is no task 'secure-evidense'; "
            "did you mean 'secure-evidence'?"
        ),
    ),
    "a task after an unknown one of another team": (
        BREACH,
        "after: [technical_support/what-was-taken, approved-answers]",
        "after: [technical_support/what-was-told, approved-answers]",
        (
            "tasks.customer_service[tell-users].after[1]: there is no task 'technical_support/what-was-told'; "
            "did you mean 'technical_support/what-was-taken'?"
        ),
    ),
    "a task after one of clean-up": (
        BREACH,
        "after: [secure-evidence]",
        "after: [hand-over-evidence]",
        "tasks.technical_support[what-was-taken].after[1]: there is no task 'hand-over-evidence'",
    ),
    "a task after itself": (
        BREACH,
        EVIDENCE,
        EVIDENCE + "      after: technical_support/secure-evidence\n",
        "tasks.technical_support[secure-evidence].after: a task can't wait for itself; remove it",
    ),
    "a task after something that is no name": (
        BREACH,
        "after: [secure-evidence]",
        "after: [7]",
        "tasks.technical_support[what-was-taken].after[1]: must be text",
    ),
    "a circle over two teams": (
        BREACH,
        EVIDENCE,
        EVIDENCE + "      after: [customer_service/tell-users]\n",
        (
            "tasks.technical_support[secure-evidence].after: none of these could ever begin: "
            "'technical_support/secure-evidence' waits for 'customer_service/tell-users', "
            "which waits for 'technical_support/what-was-taken', "
            "which waits for 'technical_support/secure-evidence'; take one of them out of an 'after'"
        ),
    ),
    "a task due before what it waits for": (
        BREACH,
        ENTRY,
        ENTRY.replace("secure-evidence", "close-hole", 1),
        (
            "tasks.technical_support[find-entry].within.SEV1: is due before 'technical_support/close-hole' (12h), "
            "for which it waits; write 12h or longer"
        ),
    ),
    "a runbook that anybody could change": (
        BREACH,
        "https://runbooks.banyan-market.example/breach/cut-off",
        "http://runbooks.banyan-market.example/breach/cut-off",
        (
            "runbook: 'http://runbooks.banyan-market.example/breach/cut-off' can be read and changed on its way; "
            "write an address that begins with https://"
        ),
    ),
    "a runbook that is a path": (
        BREACH,
        "https://runbooks.banyan-market.example/breach/cut-off",
        "breach/cut-off",
        (
            "tasks.technical_support[cut-off].runbook: 'breach/cut-off' is not a web address; "
            "write the whole address, like https://wiki.company.example/runbook"
        ),
    ),
    "a runbook with somebody's password": (
        BREACH,
        "https://runbooks.banyan-market.example/breach/cut-off",
        "https://me:secret@runbooks.banyan-market.example/",
        "is not a web address",
    ),
    "a runbook with a space": (
        BREACH,
        "https://runbooks.banyan-market.example/breach/cut-off",
        "https://runbooks.banyan-market.example/cut off",
        "is not a web address",
    ),
    "a runbook without end": (
        BREACH,
        "https://runbooks.banyan-market.example/breach/cut-off",
        "https://runbooks.banyan-market.example/" + "x" * 300,
        "runbook: is longer than 300 characters; write a shorter address",
    ),
    "a step that the system doesn't know": (
        BREACH,
        "automatic: lend_resources",
        "automatic: lend_resource",
        ".automatic: 'lend_resource' is not known; did you mean 'lend_resources'?",
    ),
    "a step of clean-up among tasks": (
        BREACH,
        "automatic: open_hotline",
        "automatic: close_hotline",
        (
            "tasks.customer_service[open-hotline].automatic: "
            "'close_hotline' is something that the system does in 'clean_up'; "
            "move it there, or write one of: open_hotline, introduce_task_force, lend_resources"
        ),
    ),
    "a step of the response in clean-up": (
        BREACH,
        "automatic: return_resources",
        "automatic: lend_resources",
        (
            "clean_up.technical_support[return-resources].automatic: "
            "'lend_resources' is something that the system does in 'tasks'; "
            "move it there, or write one of: close_hotline, return_resources"
        ),
    ),
    "switching back without a translation": (
        DEFAULT,
        "        zh-Hans: 重新接回被隔离的部分，并恢复变更。\n",
        "",
        "tasks.technical_support[limit-damage].switch_back: has no translation for zh-Hans; add 'zh-Hans: …'",
    ),
    "switching back at clean-up": (
        BREACH,
        HANDED_OVER,
        HANDED_OVER + "      switch_back: { en: Undo it, zh-Hant: 復原, zh-Hans: 恢复 }\n",
        (
            "clean_up.technical_support[hand-over-evidence].switch_back: is for tasks: it says what clean-up has to undo, "
            "and this is clean-up already; move it to the task that switches something, or write it as the 'text' here"
        ),
    ),
    "clean-up after another team's": (
        BREACH,
        HANDED_OVER,
        HANDED_OVER + "      after: [customer_service/close-hotline]\n",
        (
            "clean_up.technical_support[hand-over-evidence].after[1]: 'customer_service/close-hotline' is of another team, "
            "and clean-up waits for a team's own checklist alone; "
            "name an entry of clean_up.technical_support, or leave it out"
        ),
    ),
    "clean-up after a task": (
        BREACH,
        HANDED_OVER,
        HANDED_OVER + "      after: [secure-evidence]\n",
        "clean_up.technical_support[hand-over-evidence].after[1]: clean_up.technical_support has no entry 'secure-evidence'",
    ),
    "clean-up after itself": (
        BREACH,
        HANDED_OVER,
        HANDED_OVER + "      after: [hand-over-evidence]\n",
        "clean_up.technical_support[hand-over-evidence].after[1]: a task can't wait for itself",
    ),
    "clean-up with the id of a task": (
        BREACH,
        "    - id: hand-over-evidence\n",
        "    - id: secure-evidence\n",
        "clean_up.technical_support[secure-evidence]: the id 'secure-evidence' is taken (line ",
    ),
    "clean-up of a team that isn't one": (
        BREACH,
        "clean_up:\n  technical_support:",
        "clean_up:\n  technical-support:",
        "clean_up.technical-support: 'technical-support' is not known; did you mean 'technical_support'?",
    ),
    "a task with the id of what is switched back": (
        BREACH,
        "    - id: hand-over-evidence\n",
        "    - id: back-cut-off\n",
        ("clean_up.technical_support[back-cut-off]: the id 'back-cut-off' is what switching back 'cut-off' (line "),
    ),
    "a default playbook without a team's tasks": (
        DEFAULT,
        "tasks:\n  technical_support:",
        "tasks:\n  technical-support:",
        "tasks: has nothing for 'technical_support', which can be called in any incident; add tasks.technical_support",
    ),
    "a default playbook without a team's clean-up": (
        DEFAULT,
        "clean_up:\n  technical_support:",
        "clean_up:\n  technical-support:",
        "clean_up: has nothing for 'technical_support', which can be called in any incident; add clean_up.tech",
    ),
    "people without names": (
        RESOURCES,
        ENGINEERS,
        ENGINEERS
        + "    unit: { en: people, zh-Hant: 人, zh-Hans: 人 }\n    reserve: []\n  more-engineers:\n"
        + ENGINEERS,
        (
            "resources.standby-engineers.reserve: names nobody, and people are lent by name; "
            "list them, each with id, name, email, phone and locale"
        ),
    ),
    "people counted twice": (
        RESOURCES,
        ENGINEERS,
        ENGINEERS + "    stock: 6\n",
        "resources.standby-engineers.stock: is the number of people in 'reserve', who are counted there; remove it",
    ),
    "things with names": (
        RESOURCES,
        ENGINEERS,
        ENGINEERS.replace("kind: people", "kind: tools") + "    stock: 6\n",
        "resources.standby-engineers.reserve: only people have a reserve list; write 'kind: people', or 'stock:' instead",
    ),
    "things without a stock": (
        RESOURCES,
        SERVERS,
        "",
        "resources.spare-servers.stock: is missing; add 'stock:'",
    ),
    "things with an empty stock": (RESOURCES, SERVERS, "    stock:\n", "resources.spare-servers.stock: is missing"),
    "a reservist with another's id": (
        RESOURCES,
        "id: standby-agent-1\n",
        "id: standby-engineer-1\n",
        "resources.standby-agents.reserve[standby-engineer-1]: the id 'standby-engineer-1' is taken (line ",
    ),
    "a reservist who is a contact": (
        RESOURCES,
        "id: standby-engineer-1\n",
        "id: platform-engineer\n",
        (
            "reserve[platform-engineer].id: 'platform-engineer' is a contact, who has other duties in an incident; "
            "name somebody else, or give another id"
        ),
    ),
    "a reservist who reads another language": (
        RESOURCES,
        '"+886 2 0000 0201"\n        locale: zh-Hant',
        '"+886 2 0000 0201"\n        locale: ja',
        "reserve[standby-engineer-1].locale: the plan has no words in 'ja'; write one of: en, zh-Hant, zh-Hans",
    ),
    "a reservist without a telephone": (
        RESOURCES,
        '        phone: "+886 2 0000 0201"\n',
        "",
        "resources.standby-engineers.reserve[standby-engineer-1].phone: is missing; add 'phone:'",
    ),
    "a day of stock-taking that isn't one": (
        RESOURCES,
        "counted: 2026-11-01",
        "counted: 2026-11-31",
        "resources.spare-servers.counted: '2026-11-31' is not a date; write year, month and day, like 2026-12-24",
    ),
    "a value below nothing": (
        RESOURCES,
        "value: 12000000",
        "value: -1",
        "spare-servers.value: -1 is too small; write 0",
    ),
    "funds with a value": (
        RESOURCES,
        FUNDS,
        FUNDS + "    value: 100\n",
        "resources.emergency-funds.value: says what a unit is worth, but funds are money already; remove it",
    ),
    "shortages told to a team": (
        RESOURCES,
        "shortage_to: [deputy_heads]",
        "shortage_to: [deputy_heads, team_lead]",
        (
            "shortage_to[2]: 'team_lead' doesn't decide about the company's resources; "
            "write one of: head, deputy_heads, members"
        ),
    ),
    "shortages told to nobody": (
        RESOURCES,
        "shortage_to: [deputy_heads]",
        "shortage_to: []",
        "shortage_to: has no entry; write at least one",
    ),
    "shortages told twice": (
        RESOURCES,
        "shortage_to: [deputy_heads]",
        "shortage_to: [head, head]",
        "shortage_to[2]: 'head' stands here a second time",
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "finding"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_found_and_the_remedy_named(
    plan_dir: Path, spoil: Spoil, file: str, old: str, new: str, finding: str
) -> None:
    spoil(file, old, new)

    expect_finding(plan_dir, finding)


# file, what stands there, and what may stand there as well
FINE = {
    "a contact as owner": (BREACH, "owner: security-engineer", "owner: head-of-legal"),
    "any role as owner": (BREACH, "owner: security-engineer", "owner: legal"),
    "no owner": (BREACH, "owner: security-engineer\n", "\n"),
    "one task to wait for, without a list": (BREACH, "after: [secure-evidence]", "after: secure-evidence"),
    "a task of one's own team, by its whole name": (
        BREACH,
        "after: [secure-evidence]",
        "after: [technical_support/secure-evidence]",
    ),
    "the same task twice": (BREACH, "after: [secure-evidence]", "after: [secure-evidence, secure-evidence]"),
    "clean-up in order": (BREACH, HANDED_OVER, HANDED_OVER + "      after: [return-resources]\n"),
    "a runbook with a port and a query": (
        BREACH,
        "https://runbooks.banyan-market.example/breach/cut-off",
        "https://wiki.banyan-market.example:8443/pages/?id=7&lang=en#cut-off",
    ),
    "more people than there are": (
        FAILURE,
        "standby-engineers, team: technical_support, quantity: 2",
        "standby-engineers, team: technical_support, quantity: 40",
    ),
    "the same task id in two teams": (DEFAULT, "- id: brief-agents\n", "- id: find-out\n"),
    "no stock-take yet": (RESOURCES, "    counted: 2026-11-01\n", ""),
    "nothing left in stock": (
        RESOURCES,
        FUNDS + "    stock: 500000000\n",
        FUNDS + "    stock: 500000000\n    reserve: []\n",
    ),
}


@pytest.mark.parametrize(("file", "old", "new"), FINE.values(), ids=FINE.keys())
def test_what_is_fine_is_no_finding(plan_dir: Path, spoil: Spoil, file: str, old: str, new: str) -> None:
    spoil(file, old, new)

    assert findings_of(plan_dir) == []


def test_every_circle_is_told_once(plan_dir: Path, spoil: Spoil) -> None:
    spoil(BREACH, EVIDENCE, EVIDENCE + "      after: [customer_service/tell-users]\n")
    spoil(BREACH, HANDED_OVER, HANDED_OVER + "      after: [return-resources]\n")
    back = "      automatic: return_resources\n"
    spoil(BREACH, back, back + "      after: [hand-over-evidence]\n")

    found = [line for line in findings_of(plan_dir) if "none of these could ever begin" in line]

    assert [line.split(": ")[1] for line in found] == [
        "tasks.technical_support[secure-evidence].after",
        "clean_up.technical_support[hand-over-evidence].after",
    ]


def test_a_role_that_nobody_in_the_team_holds_can_own_nothing(plan_dir: Path, spoil: Spoil) -> None:
    spoil(ORGANISATION, "    members: [platform-engineer, database-engineer, security-engineer]\n", "")
    spoil(BREACH, "owner: security-engineer", "owner: team_members")

    expect_finding(
        plan_dir,
        "tasks.technical_support[cut-off].owner: nobody holds the role team_members for the team 'technical_support'; "
        "name a contact for it in organisation.yaml, or write another owner",
    )


def test_shortages_are_told_to_somebody(plan_dir: Path, spoil: Spoil) -> None:
    spoil(RESOURCES, "shortage_to: [deputy_heads]", "shortage_to: [members]")
    path = plan_dir / ORGANISATION
    path.write_text(re.sub(r"  members:\n(    - .*\n)+", "", path.read_text(encoding="utf-8")), encoding="utf-8")

    expect_finding(plan_dir, "shortage_to: nobody holds the role members; name a contact for it in organisation.yaml")


def _without_its_own(plan_dir: Path, file: str, part: str, team: Team) -> None:
    """Takes a team's tasks or clean-up out of a playbook, so that the default one stands in."""
    path = plan_dir / file
    text = path.read_text(encoding="utf-8")
    before, after = re.split(rf"^{part}:\n", text, maxsplit=1, flags=re.MULTILINE)
    kept = re.sub(rf"^  {team}:\n((    .*)?\n)+?(?=\S|  \S)", "", after, count=1, flags=re.MULTILINE)
    assert kept != after
    path.write_text(f"{before}{part}:\n{kept}", encoding="utf-8")


def test_the_default_playbook_stands_in_for_a_team(plan_dir: Path) -> None:
    _without_its_own(plan_dir, "playbooks/logistics_delay.yaml", "clean_up", Team.CUSTOMER_SERVICE)

    plan = compile_plan(plan_dir).plan

    default = plan.playbooks[DEFAULT_PLAYBOOK].clean_up[Team.CUSTOMER_SERVICE]
    assert plan.team_clean_up(Risk.LOGISTICS_DELAY, Team.CUSTOMER_SERVICE) == default


def test_what_stands_in_waits_for_nothing_that_is_not_there(plan_dir: Path) -> None:
    _without_its_own(plan_dir, BREACH, "tasks", Team.CUSTOMER_SERVICE)
    line = line_of(plan_dir, DEFAULT, BRIEFED)

    assert (
        f"{DEFAULT}:{line}: tasks.customer_service[brief-agents].after[1]: 'technical_support/find-out' is not there "
        f"when these tasks stand in for those of 'customer_service' in {BREACH}; "
        "name a task of 'customer_service', or leave it out"
    ) in findings_of(plan_dir)


def test_what_stands_in_has_ids_of_its_own(plan_dir: Path, spoil: Spoil) -> None:
    _without_its_own(plan_dir, BREACH, "clean_up", Team.TECHNICAL_SUPPORT)
    line = line_of(plan_dir, DEFAULT, "- id: remove-stopgaps")
    spoil(BREACH, "- id: watch\n", "- id: remove-stopgaps\n")

    expect_finding(
        plan_dir,
        "tasks.technical_support[remove-stopgaps]: the id 'remove-stopgaps' is taken "
        f"(line {line} of {DEFAULT}); give it an id of its own",
    )


def test_a_circle_by_way_of_what_stands_in(plan_dir: Path, spoil: Spoil) -> None:
    _without_its_own(plan_dir, BREACH, "tasks", Team.CUSTOMER_SERVICE)
    spoil(DEFAULT, BRIEFED, "after: [technical_support/secure-evidence]")
    spoil(BREACH, EVIDENCE, EVIDENCE + "      after: [customer_service/brief-agents]\n")

    expect_finding(
        plan_dir,
        "tasks.technical_support[secure-evidence].after: none of these could ever begin: "
        "'technical_support/secure-evidence' waits for 'customer_service/brief-agents', "
        "which waits for 'technical_support/secure-evidence'",
    )


def test_a_team_has_no_more_tasks_than_it_can_see_through(plan_dir: Path, spoil: Spoil) -> None:
    entry = "    - { id: more-%d, text: { en: Look, zh-Hant: 查看, zh-Hans: 查看 } }\n"
    tasks = "tasks:\n  technical_support:\n"
    plan = compile_plan(plan_dir).plan
    listed = plan.playbooks[Risk.DATA_BREACH].tasks[Team.TECHNICAL_SUPPORT]
    checked = plan.playbooks[Risk.DATA_BREACH].clean_up[Team.TECHNICAL_SUPPORT]
    room = MOST_TASKS - len(listed) - len(checked) - len([task for task in listed if task.switch_back])
    spoil(BREACH, tasks, tasks + "".join(entry % number for number in range(room)))
    assert findings_of(plan_dir) == []

    spoil(BREACH, tasks, tasks + entry % room)

    expect_finding(
        plan_dir,
        f"with clean-up and what is switched back, 'technical_support' has {MOST_TASKS + 1} tasks, "
        f"and {MOST_TASKS} is the most; make fewer of them",
    )


def test_what_is_switched_back_is_called_as_the_checks_think(example: CompiledPlan) -> None:
    """The id that the domain gives is the one that the checks keep free."""
    plan, team, now = example.plan, Team.TECHNICAL_SUPPORT, datetime(2026, 11, 22, 9, tzinfo=UTC)
    incident = Incident(
        id="inc-1",
        status=IncidentStatus.ACTIVE,
        cause="alarm",
        rule="anything-else",
        risk=Risk.DATA_BREACH,
        component="shop",
        title={},
        place={},
        first_impact={},
        signal_name="alarm",
        signal_reason="",
        began_at=now,
        detected_at=now,
        reported_at=now,
        likelihood=3,
        impact=3,
        computed_severity=Severity.SEV1,
        severity=Severity.SEV1,
        teams=(team,),
    )
    assigned = assignment_for(incident, team, plan, now)
    done = replace(assigned, tasks=tuple(replace(task, done_at=now) for task in assigned.tasks))

    back = {task.id for task in cleaning(done, incident, plan, now).of(Step.SITE_CLEAN_UP)}

    switched = {f"{BACK}{task.id}" for task in assigned.tasks if task.switch_back}
    assert switched
    assert switched <= back


ENTRY_OF_RESERVE = (
    "      - { id: more-%d, name: { en: A, zh-Hant: 甲, zh-Hans: 甲 }, email: more@company.example, "
    'phone: "+886 2 0000 0999", locale: en }\n'
)


def _lend(plan_dir: Path, engineers: int) -> None:
    """Lets the playbook for breaches lend four things, so many engineers out of 86, and ten agents."""
    resources = plan_dir / RESOURCES
    text = resources.read_text(encoding="utf-8")
    reserve = "    reserve:\n"
    more = "".join(ENTRY_OF_RESERVE % number for number in range(80))
    resources.write_text(text.replace(reserve, reserve + more, 1), encoding="utf-8")
    things = ("spare-servers", "spare-switches", "mobile-routers", "radios")
    loans = [
        *(f"  - {{ resource: {thing}, team: technical_support, quantity: 1 }}\n" for thing in things),
        f"  - {{ resource: standby-engineers, team: technical_support, quantity: {engineers} }}\n",
        "  - { resource: standby-agents, team: customer_service, quantity: 10 }\n",
    ]
    path = plan_dir / BREACH
    before, _ = path.read_text(encoding="utf-8").split("loans:\n")
    path.write_text(before + "loans:\n" + "".join(loans), encoding="utf-8")


def test_what_a_playbook_lends_fits_into_one_transaction(plan_dir: Path) -> None:
    """Six loans with 75 people are 6 x 4 + 75 + 1 = 100 writes, as many as DynamoDB takes at once."""
    _lend(plan_dir, 65)

    assert findings_of(plan_dir) == []


def test_what_a_playbook_lends_can_be_too_much_for_one_transaction(plan_dir: Path) -> None:
    _lend(plan_dir, 66)

    assert [finding.split(": ", 1)[1] for finding in findings_of(plan_dir)] == [
        (
            "loans: 6 loans and 76 people take 101 writes, and one transaction holds 100; "
            "lend less at activation; teams can ask for more at any time"
        )
    ]


def test_people_beyond_the_reserve_take_no_writes(plan_dir: Path, spoil: Spoil) -> None:
    loan = "standby-engineers, team: technical_support, quantity: 2"
    spoil(FAILURE, loan, loan.replace("quantity: 2", "quantity: 2000"))

    assert findings_of(plan_dir) == []


def test_tasks_are_compiled_with_all_that_the_plan_says(example: CompiledPlan) -> None:
    plan = example.plan
    breach = plan.playbooks[Risk.DATA_BREACH]
    by_id = {team: {task.id: task for task in tasks} for team, tasks in breach.tasks.items()}

    tell = by_id[Team.CUSTOMER_SERVICE]["tell-users"]
    assert tell.after == ("technical_support/what-was-taken", "customer_service/approved-answers")
    assert tell.owner == Role.TEAM_LEAD
    assert tell.runbook == "https://runbooks.banyan-market.example/service/tell-affected-users"
    assert by_id[Team.CUSTOMER_SERVICE]["open-hotline"].automatic is AutomaticStep.OPEN_HOTLINE
    assert set(by_id[Team.TECHNICAL_SUPPORT]["cut-off"].switch_back or {}) == set(plan.company.locales)
    closing = {task.automatic for task in breach.clean_up[Team.CUSTOMER_SERVICE]}
    assert {AutomaticStep.CLOSE_HOTLINE, AutomaticStep.RETURN_RESOURCES} <= closing
    assert plan.rules[-1].playbook == DEFAULT_PLAYBOOK


def test_without_an_owner_a_task_is_the_lead_s(plan_dir: Path, spoil: Spoil) -> None:
    spoil(BREACH, CUT_OFF, CUT_OFF.replace("      owner: security-engineer\n", ""))

    assert compile_plan(plan_dir).plan.playbooks[Risk.DATA_BREACH].tasks[Team.TECHNICAL_SUPPORT][0].owner == "team_lead"


def test_a_reserve_list_is_the_stock(example: CompiledPlan) -> None:
    engineers = example.plan.resources["standby-engineers"]

    assert engineers.stock == len(engineers.reserve) == 6
    assert engineers.reserve[0].id == "standby-engineer-1"
    assert example.plan.resources["spare-servers"].counted == date(2026, 11, 1)
    assert example.plan.resources["spare-servers"].value == 12_000_000
    assert example.plan.shortage_to == (Role.DEPUTY_HEADS,)


NAMES = tuple("abcdef")


@given(waits=st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES), max_size=3), max_size=6))
def test_circles_are_true_and_none_is_left(waits: dict[str, set[str]]) -> None:
    left = {name: set(others) for name, others in waits.items()}
    for circle in circles({name: sorted(others) for name, others in waits.items()}):
        for name, other in zip(circle, [*circle[1:], circle[0]], strict=True):
            assert other in waits[name]
        assert sorted(begun_at(circle, lambda name: (False, ord(name)))) == sorted(circle)
        left[circle[-1]].discard(circle[0])

    # What waits for nothing that is left can be done, until everything is: then there is no circle any more.
    while done := [name for name, others in left.items() if not others & left.keys()]:
        for name in done:
            del left[name]
    assert left == {}
