"""Files that can't be read as a plan give findings, never a crash."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from emergency.domain.plan import Deadlines
from emergency.domain.terms import DecisionKind
from infra.plan_compiler import PlanError, compile_plan
from infra.plan_compiler.shape import DEADLINES, FILES, OPTIONAL
from tests.unit.plan.conftest import PLAN_DIR, Spoil, findings_of

FILE = "decisions.yaml"


@pytest.mark.parametrize(
    "file", [*sorted(FILES.keys() - OPTIONAL), "words/en.yaml", "words/zh-Hant.yaml", "words/zh-Hans.yaml"]
)
def test_a_missing_file(plan_dir: Path, file: str) -> None:
    (plan_dir / file).unlink()

    assert any(f"{file}:1: file: is missing; add the file '{file}'" in line for line in findings_of(plan_dir))


def test_a_plan_without_clocks(plan_dir: Path) -> None:
    (plan_dir / DEADLINES).unlink()

    assert compile_plan(plan_dir).plan.deadlines == Deadlines()


def test_a_plan_without_notices_needs_nobody_who_knows_the_law(plan_dir: Path, spoil: Spoil) -> None:
    (plan_dir / DEADLINES).unlink()
    spoil("organisation.yaml", "  legal: head-of-legal\n", "")
    path = plan_dir / "severities.yaml"
    path.write_text(re.sub(", duties: .*, notice: [0-9hm]+", "", path.read_text(encoding="utf-8")), encoding="utf-8")
    path = plan_dir / "decisions.yaml"
    asked = re.sub(r"  (duties|notice):\n(    .*\n)+", "", path.read_text(encoding="utf-8"))
    path.write_text(asked, encoding="utf-8")

    decisions = compile_plan(plan_dir).plan.decisions

    assert set(DecisionKind) - decisions.keys() == {DecisionKind.DUTIES, DecisionKind.NOTICE}


def test_clocks_in_a_folder_s_place(plan_dir: Path) -> None:
    (plan_dir / DEADLINES).unlink()
    (plan_dir / DEADLINES).mkdir()

    assert any(f"{DEADLINES}:1: file: is missing" in line for line in findings_of(plan_dir))


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("defaults", "did you mean 'default'?"),
        ("data-breach", "did you mean 'data_breach'?"),
        ("earthquake", "name it after one of the four risks, or remove it"),
    ],
)
def test_a_playbook_that_nothing_reads(plan_dir: Path, name: str, remedy: str) -> None:
    (plan_dir / "playbooks" / f"{name}.yaml").write_text("mobilise: {}\n", encoding="utf-8")

    assert findings_of(plan_dir) == [f"playbooks/{name}.yaml:1: file: nothing reads this file; {remedy}"]


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="is not a folder"):
        compile_plan(tmp_path / "nowhere")


def test_a_file_that_nothing_reads(plan_dir: Path) -> None:
    (plan_dir / "contact.yml").write_text("contacts: {}\n", encoding="utf-8")

    assert findings_of(plan_dir) == ["contact.yml:1: file: nothing reads this file; did you mean 'contacts.yaml'?"]


def test_words_of_a_language_that_the_plan_does_not_have(plan_dir: Path) -> None:
    (plan_dir / "words" / "ja.yaml").write_text("step: {}\n", encoding="utf-8")

    assert findings_of(plan_dir) == [
        (
            "words/ja.yaml:1: file: nothing reads this file; "
            "remove it, or add its locale to company.locales in organisation.yaml"
        )
    ]


def test_a_plan_in_one_language_needs_no_other(plan_dir: Path, spoil: Spoil) -> None:
    spoil("organisation.yaml", "locales: [en, zh-Hant, zh-Hans]", "locales: [zh-Hant]")
    for locale in ("en", "zh-Hans"):
        (plan_dir / "words" / f"{locale}.yaml").unlink()
    parser = YAML(typ="safe", pure=True)
    for file in FILES:
        content = parser.load((plan_dir / file).read_text(encoding="utf-8"))
        with (plan_dir / file).open("w", encoding="utf-8") as stream:
            parser.dump(_without(content, {"en", "zh-Hans"}), stream)

    found = findings_of(plan_dir)

    assert found
    assert all(re.search("in '(en|zh-Hans)'", line) for line in found)


def _without(value: Any, locales: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(child, locales) for key, child in value.items() if key not in locales}
    return [_without(child, locales) for child in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b"", f"{FILE}:1: file: is empty"),
        (b"# nothing but a comment\n", f"{FILE}:1: file: is empty"),
        (b"review_rounds: 3\ndecisions: [\n", "is not valid YAML"),
        (b"review_rounds: 3\n\tdecisions: {}\n", f"{FILE}:2: file: is not valid YAML"),
        (b"a: 1\n---\nb: 2\n", "keep one document a file"),
        (b"review_rounds: 3\n# \xff\xfe\n", f"{FILE}:2: file: is not UTF-8 text; save the file in the encoding UTF-8"),
        (b"review_rounds: \x00\n", f"{FILE}:1: file: is not valid YAML"),
        (b"- a list\n", f"{FILE}:1: file: must hold names with values"),
        (b"just words\n", f"{FILE}:1: file: must hold names with values"),
        (b"decisions: &l\n  orders: *l\nreview_rounds: 1\n", "decisions.orders: repeats another value by '*' or '<<'"),
        (b"review_rounds: !!python/object:os.system 3\n", "review_rounds: has the tag"),
        (b"? [a, b]\n: 1\n", "a name is itself a list or a mapping"),
        (
            b"review_rounds: 1\nreview_rounds: 2\n",
            f"{FILE}:2: review_rounds: 'review_rounds' stands here twice (first on line 1)",
        ),
        (b"decisions: " + b"[" * 40 + b"]" * 40 + b"\n", "values are nested too deeply to be read"),
        (b"decisions: " + b"[" * 2_000 + b"]" * 2_000 + b"\n", "values are nested too deeply to be read"),
        (b"review_rounds: " + b"9" * 5_000 + b"\n", "review_rounds: must be a whole number"),
        (b"decisions:\n  orders: 2026-11-22\n", "decisions.orders: must hold names with values"),
        (b"decisions: null\n", "decisions: has no value"),
        (b"review_rounds: true\n", "review_rounds: must be a whole number"),
        (b"review_rounds: 1.5\n", "review_rounds: must be a whole number"),
        (b"x" * 2_000_001, "is larger than 2 MB"),
    ],
)
def test_odd_content(plan_dir: Path, content: bytes, finding: str) -> None:
    (plan_dir / FILE).write_bytes(content)

    found = findings_of(plan_dir)

    assert any(finding in line for line in found), "\n".join(found)


def test_a_folder_in_a_file_s_place(plan_dir: Path) -> None:
    (plan_dir / FILE).unlink()
    (plan_dir / FILE).mkdir()

    assert any(f"{FILE}:1: file: is missing" in line for line in findings_of(plan_dir))


def test_a_byte_order_mark_and_windows_line_ends_are_fine(plan_dir: Path) -> None:
    content = (plan_dir / FILE).read_bytes().replace(b"\n", b"\r\n")
    (plan_dir / FILE).write_bytes(b"\xef\xbb\xbf" + content)

    assert findings_of(plan_dir) == []


def test_duplicate_keys_at_several_places_are_all_found(plan_dir: Path, spoil: Spoil) -> None:
    spoil("contacts.yaml", "    locale: zh-Hant\n", "    locale: zh-Hant\n    locale: en\n")
    spoil("contacts.yaml", '    phone: "+886 2 0000 0102"\n', '    phone: "+886 2 0000 0102"\n    phone: none\n')

    assert len([line for line in findings_of(plan_dir) if "stands here twice" in line]) == 2


def test_a_finding_stays_on_one_line_whatever_the_plan_says(plan_dir: Path, spoil: Spoil) -> None:
    spoil("organisation.yaml", "head: chief-executive", r'head: "a\n\u202eb\x1b[31m' + "x" * 5_000 + '"')

    found = findings_of(plan_dir)

    assert found
    assert all(line.isprintable() and len(line) < 500 for line in found)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["{", "{x", "{x!r}", "{0}", "*" * 50, "[", "あ", "-1d", "1" * 30, "SEV1", "en", "head"]),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=8), st.text(max_size=5), max_size=3),
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document, as the path of keys and indices to it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [path, *(place for key, child in inner for place in _places(child, (*path, key)))]


def _put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return document


@given(file=st.sampled_from([*FILES, "words/en.yaml"]), seed=st.integers(0, 10_000), odd=ODD)
@settings(max_examples=30)
def test_any_value_at_any_place_gives_findings_or_a_plan(
    tmp_path_factory: pytest.TempPathFactory, file: str, seed: int, odd: Any
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    for path in PLAN_DIR.rglob("*.yaml"):
        target = folder / path.relative_to(PLAN_DIR)
        target.parent.mkdir(exist_ok=True)
        target.symlink_to(path)
    document = YAML(typ="safe", pure=True).load((PLAN_DIR / file).read_text(encoding="utf-8"))
    place = random.Random(seed).choice(_places(document))
    (folder / file).unlink()
    with (folder / file).open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(_put(document, place, odd), stream)

    assert all(re.match(r"\S+:\d+: .+: .+; .+", finding) for finding in findings_of(folder))


@given(content=st.binary(max_size=200))
@settings(max_examples=60)
def test_any_bytes_give_findings(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    (folder / FILE).write_bytes(content)

    with pytest.raises(PlanError):
        compile_plan(folder)
