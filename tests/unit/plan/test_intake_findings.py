"""Mistakes in what intake goes by: figures, what depends on what, places of reports, tags and accounts of rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.plan_compiler import compile_plan
from tests.unit.plan.conftest import Spoil, expect_finding, findings_of

RISKS = "risks.yaml"
CORRELATION = "correlation.yaml"
REPORTING = "reporting.yaml"
RULES = "classification.yaml"
STEP = "    - { at_least: 20, impact: 1 }\n"
LAST_RULE = "    match: [{}]"

MISTAKES = {
    "score that nothing reaches": (
        RISKS,
        "at_least: 9,",
        "at_least: 90,",
        "figures.score[1].at_least: no finding's severity reaches 90; write 10 or less",
    ),
    "times that everything reaches": (
        RISKS,
        STEP,
        STEP.replace("20", "0.5"),
        "figures.times_over[1].at_least: 0.5 is always reached: a figure beyond its threshold is more than 1 times",
    ),
    "step that adds nothing": (
        RISKS,
        STEP,
        "    - { at_least: 20 }\n",
        "figures.times_over[1]: adds nothing; add 'likelihood:' or 'impact:'",
    ),
    "step that adds what the one below adds": (
        RISKS,
        STEP,
        f"{STEP}    - {{ at_least: 90, impact: 1 }}\n",
        "figures.times_over[2]: adds what the lower step on line 59 adds already",
    ),
    "milder step for a worse figure": (
        RISKS,
        "{ at_least: 100000, likelihood: 1, impact: 1 }",
        "{ at_least: 100000, likelihood: 1 }",
        "figures.users[2]: adds less than the lower step on line 61, so a worse figure would be milder",
    ),
    "one figure twice": (
        RISKS,
        STEP,
        STEP + STEP,
        "figures.times_over[2]: stands here a second time for the same figure (first on line 59)",
    ),
    "step that is too large": (
        RISKS,
        STEP,
        "    - { at_least: 20, impact: 5 }\n",
        "figures.times_over[1].impact: 5 is too large; write 4 or less",
    ),
    "figure in quotes": (
        RISKS,
        STEP,
        "    - { at_least: '20', impact: 1 }\n",
        "figures.times_over[1].at_least: must be a number; write digits, without quotes",
    ),
    "unknown figure": (
        RISKS,
        "  times_over:",
        "  times_ovr:",
        "figures.times_ovr: nothing reads the key 'times_ovr'; did you mean 'times_over'?",
    ),
    "unknown component that depends": (
        CORRELATION,
        "  checkout: [",
        "  chekcout: [",
        "depends.chekcout: no rule of classification.yaml gives a component like 'chekcout'; did you mean 'checkout'?",
    ),
    "unknown component to depend on": (
        CORRELATION,
        '["*/checkout*"]',
        "[paymints]",
        "depends.checkout[1]: no rule of the same risk gives a component like 'paymints'; did you mean 'payments'?",
    ),
    "component of another risk without it": (
        CORRELATION,
        "network_attack/edge",
        "edge",
        "depends.storefront[1]: no rule of the same risk gives a component like 'edge'; did you mean 'network_attack/edge'?",
    ),
    "unknown component of a named risk": (
        CORRELATION,
        "network_attack/edge",
        "network_attack/egde",
        "depends.storefront[1]: no rule for network_attack gives a component like 'egde'; did you mean",
    ),
    "component that depends on itself": (
        CORRELATION,
        '["*/checkout*"]',
        '["check*"]',
        "depends.checkout[1]: 'check*' is 'checkout' itself; name what it depends on",
    ),
    "circle": (
        CORRELATION,
        'checkout: ["*/checkout*"]\n  payments: ["*/payment*"]',
        "checkout: [payments]\n  payments: [orders, checkout]",
        "depends.checkout: 'checkout' depends on 'payments', which depends on 'checkout'; keep the one direction",
    ),
    "the same twice": (
        CORRELATION,
        '["*/checkout*"]',
        '["*/checkout*", "*/checkout*"]',
        "depends.checkout[2]: '*/checkout*' stands here a second time",
    ),
    "return within the aftershocks": (
        CORRELATION,
        "returns: 7d",
        "returns: 15m",
        "returns: is over before the aftershocks are, so no incident would ever name its former one",
    ),
    "flapping after one change": (CORRELATION, "flaps: 4", "flaps: 1", "flaps: 1 is too small; write 2 or more"),
    "time without its unit": (
        CORRELATION,
        "quiet: 30m",
        "quiet: 30",
        "quiet: the duration '30' has no unit; did you mean '30m'?",
    ),
    "place with an unknown component": (
        REPORTING,
        "component: catalogue",
        "component: catalog",
        (
            "places[product-pages].component: no rule of classification.yaml gives the component 'catalog'; "
            "did you mean 'catalogue'?"
        ),
    ),
    "place with a placeholder": (
        REPORTING,
        "component: data",
        'component: "data/{resource}"',
        "places[user-data].component: has braces, but nothing is filled in here",
    ),
    "two places of one id": (
        REPORTING,
        "id: login",
        "id: search",
        "places[search]: the id 'search' is taken (line 13); give it an id of its own",
    ),
    "open page that is neither": (
        REPORTING,
        "open_page: false",
        "open_page: 'no'",
        "open_page: must be true or false",
    ),
    "account as a number": (
        RULES,
        LAST_RULE,
        "    match: [{ account: 111122223333 }]",
        "match[1].account: the account 111122223333 stands here as a number; write it in quotes: '111122223333'",
    ),
    "account that is none": (
        RULES,
        LAST_RULE,
        "    match: [{ account: '1111-2222-3333' }]",
        "match[1].account: '1111-2222-3333' is not an account; write its 12 digits in quotes, or a glob like '1111*'",
    ),
    "tag without a value": (
        RULES,
        LAST_RULE,
        "    match: [{ tags: { team: [] } }]",
        "match[1].tags.team: has no entry; write at least one",
    ),
    "tag that an earlier rule takes": (
        RULES,
        "  - id: anything-else\n",
        (
            "  - id: early\n    match: [{ tags: { team: '*' } }]\n"
            "    risk: system_failure\n    component: early\n"
            "    title: { en: E, zh-Hant: E, zh-Hans: E }\n    place: { en: E, zh-Hant: E, zh-Hans: E }\n"
            "    first_impact: { en: E., zh-Hant: E。, zh-Hans: E。 }\n"
            "  - id: late\n    match: [{ tags: { team: shop } }]\n"
            "    risk: system_failure\n    component: late\n"
            "    title: { en: E, zh-Hant: E, zh-Hans: E }\n    place: { en: E, zh-Hant: E, zh-Hans: E }\n"
            "    first_impact: { en: E., zh-Hant: E。, zh-Hans: E。 }\n"
            "  - id: anything-else\n"
        ),
        "rules[late].match[1]: can never match for tags.team 'shop': rule 'early' on line",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_r1_a_mistake_in_what_intake_goes_by_is_found(mistake: str, plan_dir: Path, spoil: Spoil) -> None:
    file, old, new, finding = MISTAKES[mistake]
    spoil(file, old, new)
    expect_finding(plan_dir, finding)


def test_a_rule_for_a_tag_alone_leaves_alarms_without_it_to_the_rules_after(plan_dir: Path, spoil: Spoil) -> None:
    spoil(RULES, "  - id: ddos\n    match:\n", "  - id: ddos\n    match:\n      - tags: { attack: '*' }\n")
    assert findings_of(plan_dir) == []


def test_a_tag_does_not_make_the_last_rule_match_everything(plan_dir: Path, spoil: Spoil) -> None:
    spoil(RULES, LAST_RULE, "    match: [{ tags: { team: '*' } }]")
    expect_finding(plan_dir, "rules[anything-else]: the last rule doesn't match everything")


def test_each_tag_and_account_is_an_alternative_of_its_own(plan_dir: Path, spoil: Spoil) -> None:
    spoil(
        RULES,
        "  - id: ddos\n    match:\n",
        "  - id: ddos\n    match:\n"
        "      - { account: ['1111*', '222222222222'], region: ap-east-1, tags: { a: [x, y], b: z } }\n",
    )
    matches = [rule.match for rule in compile_plan(plan_dir).plan.rules if "a" in rule.match.tags]
    assert {(match.account, match.region, match.tags["a"], match.tags["b"]) for match in matches} == {
        (account, "ap-east-1", tag, "z") for account in ("1111*", "222222222222") for tag in ("x", "y")
    }


def test_plans_without_the_new_files_keep_their_meaning(plan_dir: Path) -> None:
    (plan_dir / CORRELATION).unlink()
    (plan_dir / REPORTING).unlink()
    risks = plan_dir / RISKS
    risks.write_text(risks.read_text(encoding="utf-8").split("figures:")[0], encoding="utf-8")
    plan = compile_plan(plan_dir).plan
    assert (plan.correlation.related, plan.correlation.depends) == (900, {})
    assert (plan.reporting.places, plan.reporting.open_page, plan.longest_maintenance) == ((), False, 28_800)
    assert plan.figures.times_over == plan.figures.users == plan.figures.score == ()


def test_a_time_of_nothing_switches_a_rule_of_correlation_off(plan_dir: Path, spoil: Spoil) -> None:
    spoil(CORRELATION, "quiet: 30m", "quiet: 0m")
    assert compile_plan(plan_dir).plan.correlation.quiet == 0


def test_the_steps_of_a_figure_are_compiled_smallest_first(plan_dir: Path, spoil: Spoil) -> None:
    spoil(RISKS, STEP, f"    - {{ at_least: 90.5, impact: 2 }}\n{STEP}")
    assert [shift.at_least for shift in compile_plan(plan_dir).plan.figures.times_over] == [20, 90.5]


def test_endless_globs_are_read_in_bounded_time(plan_dir: Path, spoil: Spoil) -> None:
    spoil(CORRELATION, '["*/checkout*"]', f'["{"*a" * 2_000}b"]')
    findings_of(plan_dir)
