"""Each kind of mistake about clocks is found: prompts, updates to the public, and notices to authorities."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from emergency.domain.plan import Begins, NoticeStatus, Prompt
from emergency.domain.terms import Risk, Role, Severity, Team
from infra.plan_compiler import CompiledPlan, compile_plan
from tests.unit.plan.conftest import Spoil, expect_finding, findings_of

DEADLINES = "deadlines.yaml"
DECISIONS = "decisions.yaml"
SEVERITIES = "severities.yaml"
ORGANISATION = "organisation.yaml"
BREACH = "playbooks/data_breach.yaml"

LATE = "  - { at: 150%, to: [team_lead, team_deputies, deputy_heads] }\n"
FIRST = "first: { SEV1: 1h, SEV2: 2h, SEV3: 4h, SEV4: 1d }"
EVERY = "every: { SEV1: 1h, SEV2: 2h, SEV3: 4h, SEV4: 1d }"
AFTERWARDS = "begins: nis2-notification"
NOTIFICATION = "    status: in_force\n    begins: detected\n    within: 72h\n    risks: [system_failure,"
WIDE = "    risks: [system_failure, data_breach, network_attack]\n    severities: [SEV1, SEV2]\n"
IN_FINAL = "    begins: nis2-notification\n    within: 28d\n" + WIDE

NAMED = """\
    name: { en: Report, zh-Hant: 通報, zh-Hans: 报告 }
    recipient: { en: An authority, zh-Hant: 主管機關, zh-Hans: 主管部门 }
    term: { en: In time, zh-Hant: 及時, zh-Hans: 及时 }
    source: { en: An article, zh-Hant: 條文, zh-Hans: 条文 }
    url: https://law.example/article
    checked: 2026-11-22
"""
CLOCKS = f"""\
tasks:
  - {{ at: 80%, to: [owner] }}
  - {{ at: 100%, to: [owner, team_lead] }}
{LATE}
updates:
  {FIRST}
  {EVERY}
  prompts:
    - {{ at: 80%, to: [team_lead] }}
    - {{ at: 100%, to: [team_lead, team_deputies] }}
    - {{ at: 150%, to: [head, deputy_heads] }}

notices:
  gdpr-article-33:
{NAMED}    status: in_force
    begins: detected
    within: 72h
    risks: [data_breach]
  amended-act:
{NAMED}    status: draft
    begins: detected
    within: 1h
    risks: [data_breach]
    severities: [SEV1, SEV2, SEV3]
  summary:
{NAMED}    status: in_force
    begins: handled
    within: 30d
    risks: [data_breach]
  nis2-early-warning:
{NAMED}    status: in_force
    begins: detected
    within: 24h
{WIDE}  nis2-notification:
{NAMED}    status: in_force
    begins: detected
    within: 72h
{WIDE}  nis2-final-report:
{NAMED}    status: in_force
{IN_FINAL}"""
"""Clocks of a test's own: those of the example follow the laws."""


@pytest.fixture
def plan_dir(plan_dir: Path) -> Path:
    (plan_dir / DEADLINES).write_text(CLOCKS, encoding="utf-8")
    return plan_dir


# file, what stands there, what is written instead, and the finding after `file:line: `
MISTAKES = {
    "prompts in the wrong order": (
        DEADLINES,
        "- { at: 100%, to: [owner, team_lead] }",
        "- { at: 80%, to: [owner, team_lead] }",
        "tasks[2].at: 80% comes after 80%; write the earliest prompt first",
    ),
    "prompts about updates in the wrong order": (
        DEADLINES,
        "at: 150%, to: [head",
        "at: 50%, to: [head",
        "updates.prompts[3].at: 50% comes after 100%; write the earliest prompt first",
    ),
    "an update that counts as missed too early": (
        DEADLINES,
        "    - { at: 100%, to: [team_lead, team_deputies] }\n    - { at: 150%, to: [head, deputy_heads] }\n",
        "    - { at: 99%, to: [team_lead, team_deputies] }\n",
        (
            "updates.prompts[2].at: is the last prompt, so an update would count as missed at 99% of its time; "
            "add one at 100% or later"
        ),
    ),
    "a prompt before the time begins": (
        DEADLINES,
        "at: 80%",
        "at: 0%",
        "tasks[1].at: 0% is too small; write a percentage from 1% to 1000%",
    ),
    "a prompt long after the time is over": (DEADLINES, "at: 150%", "at: 1001%", "tasks[3].at: 1001% is too large"),
    "a prompt without percent sign": (
        DEADLINES,
        "at: 80%",
        "at: 80",
        "tasks[1].at: '80' has no percent sign; did you mean '80%'?",
    ),
    "a prompt to nobody": (DEADLINES, "to: [owner]", "to: []", "tasks[1].to: has no entry; write at least one"),
    "a prompt to a role that isn't one": (
        DEADLINES,
        "to: [owner]",
        "to: [owners]",
        "tasks[1].to[1]: 'owners' is not known; did you mean 'owner'?",
    ),
    "a prompt to the same role twice": (
        DEADLINES,
        "to: [owner]",
        "to: [owner, owner]",
        "tasks[1].to[2]: 'owner' stands here a second time",
    ),
    "a prompt about updates to an owner": (
        DEADLINES,
        "    - { at: 80%, to: [team_lead] }",
        "    - { at: 80%, to: [owner] }",
        ("updates.prompts[1].to[1]: an update has no owner, as tasks have; write another role, like team_lead"),
    ),
    "updates without a time at a severity": (
        DEADLINES,
        FIRST,
        FIRST.replace(", SEV4: 1d", ""),
        "updates.first: 'SEV4' is missing; add 'SEV4:'",
    ),
    "updates without an interval at a severity": (
        DEADLINES,
        EVERY,
        EVERY.replace("SEV1: 1h, ", ""),
        "updates.every: 'SEV1' is missing; add 'SEV1:'",
    ),
    "updates without an interval": (DEADLINES, f"  {EVERY}\n", "", "updates.every: is missing; add 'every:'"),
    "updates whose last prompt comes after a year": (
        DEADLINES,
        EVERY,
        EVERY.replace("SEV4: 1d", "SEV4: 300d"),
        (
            "updates.every.SEV4: its last prompt, at 150%, comes after 450 days, and an execution runs for 365 at most; "
            "write a shorter time, or earlier prompts in deadlines.yaml"
        ),
    ),
    "a task whose last prompt comes after a year": (
        BREACH,
        "within: { SEV1: 15m,",
        "within: { SEV1: 250d,",
        (
            "tasks.technical_support[cut-off].within.SEV1: its last prompt, at 150%, comes after 375 days, "
            "and an execution runs for 365 at most"
        ),
    ),
    "a notice that begins with an unknown one": (
        DEADLINES,
        AFTERWARDS,
        "begins: nis2-notfication",
        ("notices.nis2-final-report.begins: there is no notice 'nis2-notfication'; did you mean 'nis2-notification'?"),
    ),
    "a notice that begins at no known moment": (
        DEADLINES,
        "begins: handled",
        "begins: handle",
        "notices.summary.begins: there is no notice 'handle'; did you mean 'handled'?",
    ),
    "a notice that begins with itself": (
        DEADLINES,
        AFTERWARDS,
        "begins: nis2-final-report",
        (
            "notices.nis2-final-report.begins: none of these clocks could ever begin: "
            "'nis2-final-report' waits for 'nis2-final-report'; let one of them begin with detected or handled"
        ),
    ),
    "notices in a circle": (
        DEADLINES,
        NOTIFICATION,
        NOTIFICATION.replace("detected", "nis2-final-report"),
        (
            "notices.nis2-notification.begins: none of these clocks could ever begin: "
            "'nis2-notification' waits for 'nis2-final-report', which waits for 'nis2-notification'; "
            "let one of them begin with detected or handled"
        ),
    ),
    "a notice that begins with one of fewer risks": (
        DEADLINES,
        IN_FINAL,
        IN_FINAL.replace("nis2-notification", "gdpr-article-33"),
        (
            "notices.nis2-final-report.begins: 'gdpr-article-33' doesn't concern system_failure and network_attack, "
            "so there this clock never begins; write the same 'risks' for both"
        ),
    ),
    "a notice that begins with one of fewer severities": (
        DEADLINES,
        IN_FINAL,
        IN_FINAL.replace("    severities: [SEV1, SEV2]\n", ""),
        (
            "notices.nis2-final-report.begins: 'nis2-notification' doesn't concern SEV3 and SEV4, "
            "so there this clock never begins; write the same 'severities' for both"
        ),
    ),
    "a notice that begins with a draft": (
        DEADLINES,
        NOTIFICATION,
        NOTIFICATION.replace("in_force", "draft"),
        (
            "notices.nis2-final-report.begins: 'nis2-notification' is a draft, "
            "so this clock would wait for what nobody has to send; "
            "begin with detected or handled, or with a notice that is in force"
        ),
    ),
    "a notice with the name of a moment": (
        DEADLINES,
        "  gdpr-article-33:",
        "  detected:",
        "notices.detected: 'detected' says already when a clock begins; give the notice another id",
    ),
    "a notice with an id that can't be one": (
        DEADLINES,
        "  gdpr-article-33:",
        "  GDPR Article 33:",
        "notices.GDPR Article 33: 'GDPR Article 33' can't be an id",
    ),
    "a notice of unknown status": (
        DEADLINES,
        "status: draft",
        "status: drafted",
        "notices.amended-act.status: 'drafted' is not known; did you mean 'draft'?",
    ),
    "a notice that nobody ever checked": (
        DEADLINES,
        "    checked: 2026-11-22\n",
        "",
        "notices.gdpr-article-33.checked: is missing; add 'checked:'",
    ),
    "a notice without a term in time": (
        DEADLINES,
        "within: 24h",
        "within: immediately",
        "notices.nis2-early-warning.within: 'immediately' is not a duration",
    ),
    "a notice that concerns nothing": (
        DEADLINES,
        "risks: [data_breach]",
        "risks: []",
        "notices.gdpr-article-33.risks: has no entry; write at least one",
    ),
    "a notice that concerns a severity twice": (
        DEADLINES,
        "severities: [SEV1, SEV2, SEV3]",
        "severities: [SEV1, SEV1, SEV3]",
        "notices.amended-act.severities[2]: 'SEV1' stands here a second time",
    ),
    "a notice whose source isn't safe to read": (
        DEADLINES,
        "url: https://law.example",
        "url: http://law.example",
        "can be read and changed on its way; write an address that begins with https://",
    ),
    "a notice without a translation": (
        DEADLINES,
        "zh-Hans: 报告",
        "zh-Hanz: 报告",
        "notices.gdpr-article-33.name: has no translation for zh-Hans; add 'zh-Hans: …'",
    ),
    "a notice with a reminder that comes too late": (
        DEADLINES,
        "within: 1h",
        "within: 4m",
        (
            "notices.amended-act.within: leaves 48 s after the reminder at 80%, too little to act on; "
            "write 300s or longer, or take 'remind' out of decisions.notice in decisions.yaml"
        ),
    ),
    "a notice with rungs beyond the year": (
        DEADLINES,
        "within: 30d",
        "within: 365d",
        (
            "notices.summary.within: with the rungs that are asked afterwards it takes 365 days, "
            "and an execution runs for 365 at most; "
            "write a shorter term, or shorter times for 'notice' in severities.yaml"
        ),
    ),
    "nobody who knows the law": (
        ORGANISATION,
        "  legal: head-of-legal\n",
        "",
        (
            "leadership.legal: is missing, so nobody would say which notices of deadlines.yaml apply; "
            "add 'legal:' with the contact id of somebody in the leadership group"
        ),
    ),
    "somebody unknown who knows the law": (
        ORGANISATION,
        "legal: head-of-legal",
        "legal: head-of-law",
        "leadership.legal: no contact has the id 'head-of-law'; did you mean 'head-of-legal'?",
    ),
    "somebody outside the group who knows the law": (
        ORGANISATION,
        "legal: head-of-legal",
        "legal: platform-engineer",
        (
            "leadership.legal: 'platform-engineer' is not in the leadership group; "
            "add them to 'members', or name somebody of the group"
        ),
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
    "the earliest and the latest prompt": (DEADLINES, LATE, LATE.replace("150%", "1000%")),
    "a prompt to legal": (DEADLINES, "to: [owner]", "to: [legal]"),
    "a draft that begins with what is in force": (
        DEADLINES,
        "status: in_force\n    begins: nis2-notification",
        "status: draft\n    begins: nis2-notification",
    ),
    "a notice of fewer severities than the one before": (
        DEADLINES,
        IN_FINAL,
        IN_FINAL.replace("[SEV1, SEV2]", "[SEV1]"),
    ),
    "the head of the group as legal": (ORGANISATION, "legal: head-of-legal", "legal: chief-executive"),
}


@pytest.mark.parametrize(("file", "old", "new"), FINE.values(), ids=FINE.keys())
def test_what_is_fine_is_no_finding(plan_dir: Path, spoil: Spoil, file: str, old: str, new: str) -> None:
    spoil(file, old, new)

    assert findings_of(plan_dir) == []


def test_a_prompt_reaches_somebody_in_every_team(plan_dir: Path, spoil: Spoil) -> None:
    spoil(ORGANISATION, "    members: [warehouse-manager]\n", "")
    spoil(DEADLINES, "to: [owner]", "to: [team_members]")

    expect_finding(
        plan_dir,
        "tasks[1].to: nobody in the team 'logistics_support' holds the role team_members; "
        "name a contact for it in organisation.yaml, or add another role",
    )


def test_a_prompt_about_updates_reaches_somebody_in_the_team_that_gives_them(plan_dir: Path, spoil: Spoil) -> None:
    spoil(ORGANISATION, "    members: [warehouse-manager]\n", "")
    spoil(DEADLINES, "    - { at: 80%, to: [team_lead] }", "    - { at: 80%, to: [team_members] }")
    assert findings_of(plan_dir) == []

    spoil(ORGANISATION, "    members: [social-media-editor, head-of-legal]\n", "")

    expect_finding(
        plan_dir, "updates.prompts[1].to: nobody in the team 'public_relations' holds the role team_members; "
    )


def test_notices_without_the_questions_about_them_are_found(plan_dir: Path) -> None:
    for file, pattern in (
        (DECISIONS, r"  (duties|notice):\n(    .*\n)+"),
        (SEVERITIES, ", duties: .*, notice: [0-9hm]+"),
    ):
        path = plan_dir / file
        path.write_text(re.sub(pattern, "", path.read_text(encoding="utf-8")), encoding="utf-8")

    found = [finding.split(": ", 1)[1] for finding in findings_of(plan_dir)]

    assert found[:2] == [
        "decisions: 'duties' is missing; add 'duties:'",
        "decisions: 'notice' is missing; add 'notice:'",
    ]
    assert len(found) == 2 + 2 * len(Severity)
    assert all("no time is set for" in line for line in found[2:])


def test_clocks_are_compiled_with_all_that_the_plan_says(plan_dir: Path) -> None:
    plan = compile_plan(plan_dir).plan

    assert plan.leadership.legal == "head-of-legal"
    assert plan.deadlines.task_prompts[:2] == (
        Prompt(at=80, to=(Role.OWNER,)),
        Prompt(at=100, to=(Role.OWNER, Role.TEAM_LEAD)),
    )
    assert [prompt.at for prompt in plan.deadlines.update_prompts] == [80, 100, 150]
    assert plan.deadlines.updates is not None
    assert plan.deadlines.updates.first[Severity.SEV1] == 3_600
    assert plan.deadlines.updates.every[Severity.SEV4] == 86_400

    notice = plan.deadlines.notices["gdpr-article-33"]
    assert (notice.id, notice.within, notice.begins) == ("gdpr-article-33", 72 * 3_600, Begins.DETECTED)
    assert (notice.status, notice.checked) == (NoticeStatus.IN_FORCE, date(2026, 11, 22))
    assert (notice.risks, notice.severities) == ((Risk.DATA_BREACH,), tuple(Severity))


def test_a_plan_can_have_clocks_for_tasks_alone(plan_dir: Path) -> None:
    (plan_dir / DEADLINES).write_text("tasks:\n  - { at: 100%, to: [owner] }\n", encoding="utf-8")

    deadlines = compile_plan(plan_dir).plan.deadlines

    assert deadlines.task_prompts == (Prompt(at=100, to=(Role.OWNER,)),)
    assert (deadlines.updates, deadlines.update_prompts, deadlines.notices) == (None, (), {})


def test_updates_can_go_without_prompts(plan_dir: Path) -> None:
    path = plan_dir / DEADLINES
    text = re.sub(r"  prompts:\n(    - .*\n)+", "", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")

    assert compile_plan(plan_dir).plan.deadlines.update_prompts == ()


def test_everybody_whom_a_prompt_names_is_there(example: CompiledPlan) -> None:
    plan = example.plan
    for prompt in plan.deadlines.task_prompts:
        if Role.OWNER not in prompt.to:
            assert all(any(plan.holders(role, team) for role in prompt.to) for team in Team)
