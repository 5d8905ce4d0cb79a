"""The words files: mistakes in them are found, and plural forms follow the language."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from babel import Locale
from babel.plural import to_gettext

from infra.plan_compiler import compile_plan
from infra.plan_compiler.words import plural_forms, plural_rule
from tests.unit.plan.conftest import Spoil, findings_of, line_of

EN, ZH = "words/en.yaml", "words/zh-Hant.yaml"

MISTAKES = {
    "missing key": (ZH, "  orders: 指令下達\n", "", f"{ZH}:", "step.orders: is missing"),
    "unknown key": (
        EN,
        "  rear_support: ",
        "  rear_suport: ",
        "step.rear_suport: nothing in the system says this",
        "did you mean 'step.rear_support'?",
    ),
    "blank sentence": (ZH, "orders: 指令下達", "orders:", "step.orders: must be text", "write the sentence"),
    "number instead of a sentence": (ZH, "orders: 指令下達", "orders: 7", "step.orders: must be text", "in quotes"),
    "placeholder that nothing fills": (
        EN,
        '"{count} minutes"',
        '"{minutes} minutes"',
        "time.minutes.other: nothing fills '{minutes}' here",
        "write one of: count",
    ),
    "placeholder left out in one language": (
        ZH,
        '"{count} 分鐘"',
        '"幾分鐘"',
        "time.minutes: the placeholders differ from those in en ({count})",
        "use the same ones in each locale",
    ),
    "broken braces": (
        EN,
        '"{count} minutes"',
        '"{count minutes"',
        "time.minutes.other: has braces",
        "write placeholders like",
    ),
    "plural form missing": (
        EN,
        '    one: "{count} minute"\n',
        "",
        "time.minutes: the plural form 'one' is missing",
        "add 'one: …'",
    ),
    "plural form that the language lacks": (
        ZH,
        '    other: "{count} 分鐘"\n',
        '    other: "{count} 分鐘"\n    one: "{count} 分鐘"\n',
        "time.minutes.one: this locale has no plural form 'one'",
        "remove it",
    ),
    "counted sentence without forms": (
        EN,
        '    one: "{count} minute"\n    other: "{count} minutes"\n',
        '    "{count} minutes"\n',
        "time.minutes: counts something, so it needs plural forms",
        "write 'one: …' and 'other: …'",
    ),
    "plural forms where nothing is counted": (
        EN,
        "  orders: Orders\n",
        "  orders:\n    one: Order\n    other: Orders\n",
        "step.orders: has plural forms, but nothing is counted here",
        "write one sentence",
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "problem", "remedy"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_the_words_is_found(
    plan_dir: Path, spoil: Spoil, file: str, old: str, new: str, problem: str, remedy: str
) -> None:
    spoil(file, old, new)

    found = findings_of(plan_dir)

    assert any(problem in line and remedy in line and line.startswith(f"{file}:") for line in found), "\n".join(found)


def test_a_missing_key_is_reported_where_its_section_stands(plan_dir: Path, spoil: Spoil) -> None:
    spoil(EN, "  rear_support: Rear support\n", "")

    assert findings_of(plan_dir) == [
        (
            f"{EN}:{line_of(plan_dir, EN, 'step:')}: step.rear_support: is missing; "
            "add the sentence, as the example plan has it"
        )
    ]


def test_a_sentence_may_be_written_without_forms_where_the_language_has_one(plan_dir: Path, spoil: Spoil) -> None:
    spoil(ZH, 'minutes:\n    other: "{count} 分鐘"\n', 'minutes: "{count} 分鐘"\n')

    compile_plan(plan_dir).write(plan_dir / "out")

    with (plan_dir / "out" / "words" / "zh-Hant.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).ngettext("time.minutes", "time.minutes", 5) == "{count} 分鐘"


@pytest.mark.parametrize(
    ("tag", "forms"),
    [
        ("en", ("one", "other")),
        ("zh_Hant", ("other",)),
        ("fr", ("one", "other")),
        ("pl", ("one", "few", "many", "other")),
        ("ar", ("zero", "one", "two", "few", "many", "other")),
    ],
)
def test_plural_forms_are_the_language_s_own(tag: str, forms: tuple[str, ...]) -> None:
    assert plural_forms(Locale.parse(tag)) == forms


@pytest.mark.parametrize(
    "tag", ["en", "zh_Hant", "zh_Hans", "ja", "fr", "es", "pt", "it", "pl", "ru", "ar", "lv", "sl", "cy"]
)
def test_the_standard_library_understands_the_plural_rule(tag: str) -> None:
    rule = plural_rule(Locale.parse(tag))
    match = re.fullmatch(r"nplurals=(\d); plural=(.*);", to_gettext(rule))
    assert match is not None
    index = gettext.c2py(match[2])
    forms = plural_forms(Locale.parse(tag))
    assert [forms[index(count)] for count in range(200)] == [rule(count) for count in range(200)]
