"""Words: texts by key and locale, counted ones, enumerations, times, durations and money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.answer import read_cents
from emergency.presentation.words import UnknownWord, amount, load_words, words_for
from infra.plan_compiler import compile_plan
from tests.support.telling import PLAN_FOLDER, company

PLAN, WORDS = company()
EN, ZH, HANS = WORDS["en"], WORDS["zh-Hant"], WORDS["zh-Hans"]
MOMENT = datetime(2026, 11, 21, 19, 12, tzinfo=UTC)


def test_a_missing_key_is_an_error_that_names_key_and_locale() -> None:
    with pytest.raises(UnknownWord, match=r"no\.such\.key.*zh-Hant"):
        ZH("no.such.key")
    with pytest.raises(UnknownWord, match=r"no\.such\.key"):
        ZH.plural("no.such.key", 2)


def test_a_placeholder_without_a_value_is_an_error_that_names_it() -> None:
    with pytest.raises(UnknownWord, match="zone"):
        EN("time.in_zone", time="03:12")


def test_values_are_never_read_as_placeholders() -> None:
    assert EN("time.in_zone", time="{zone}", zone="{0.__class__}") == "{zone} ({0.__class__})"


def test_counted_words_take_the_form_of_their_number() -> None:
    assert [EN.plural("time.days", count) for count in (1, 2)] == ["1 day", "2 days"]
    assert [ZH.plural("time.days", count) for count in (1, 2)] == ["1 天", "2 天"]
    assert [HANS.plural("time.minutes", count) for count in (1, 2)] == ["1 分钟", "2 分钟"]


@pytest.mark.parametrize(
    ("items", "english", "traditional", "simplified"),
    [
        ([], "", "", ""),
        (["a"], "a", "a", "a"),
        (["a", "b"], "a and b", "a與b", "a和b"),
        (["a", "b", "c", "d"], "a, b, c and d", "a、b、c與d", "a、b、c和d"),
    ],
)
def test_enumerations(items: list[str], english: str, traditional: str, simplified: str) -> None:
    assert EN.join(items) == english
    assert ZH.join(items).replace(" ", "") == traditional
    assert HANS.join(items).replace(" ", "") == simplified


def test_times_are_the_companys_with_the_zone_named() -> None:
    assert EN.moment(MOMENT, PLAN) == "22 Nov, 03:12 (Taipei time)"
    assert ZH.moment(MOMENT, PLAN) == "11 月 22 日 03:12（台北時間）"
    assert HANS.moment(MOMENT, PLAN) == "11 月 22 日 03:12（台北时间）"
    assert EN.clock(MOMENT, PLAN) == "03:12"
    assert EN.date(MOMENT, PLAN) == "22 Nov 2026"
    assert ZH.date(MOMENT, PLAN) == "2026 年 11 月 22 日"


def test_a_time_of_another_day_says_its_day() -> None:
    assert EN.when(MOMENT, MOMENT + timedelta(hours=20), PLAN) == "03:12"
    assert EN.when(MOMENT, MOMENT + timedelta(hours=21), PLAN) == "22 Nov, 03:12"


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "less than a second", "不到 1 秒"),
        (1, "1 second", "1 秒"),
        (62, "1 minute 2 seconds", "1 分鐘 2 秒"),
        (600, "10 minutes", "10 分鐘"),
        (1_081, "18 minutes", "18 分鐘"),
        (3_599, "1 hour", "1 小時"),
        (3_600, "1 hour", "1 小時"),
        (3_900, "1 hour 5 minutes", "1 小時 5 分鐘"),
        (86_400 * 2 + 300, "2 days", "2 天"),
        (86_400 * 2 + 3_700, "2 days 1 hour", "2 天 1 小時"),
    ],
)
def test_durations_in_words(seconds: int, english: str, chinese: str) -> None:
    assert EN.duration(seconds) == english
    assert ZH.duration(seconds) == chinese


@given(st.floats(min_value=0, max_value=1e8))
def test_every_duration_has_words(seconds: float) -> None:
    assert EN.duration(seconds)
    assert ZH.duration(seconds)


def test_money_is_written_from_whole_cents() -> None:
    assert EN.money(5_000_000, PLAN) == "TWD 50,000"
    assert EN.money(123_456, PLAN) == "TWD 1,234.56"


@given(st.integers(min_value=0, max_value=10**14))
def test_an_amount_as_it_is_written_is_read_back_as_the_same_cents(cents: int) -> None:
    assert read_cents({"budget": [amount(cents)]}, "budget") == cents


def test_chinese_keeps_a_space_beside_latin_and_none_beside_its_own_marks() -> None:
    assert ZH("mail.link", link="查看INC") == "查看 INC："
    assert ZH("page.lapsed.text", time=ZH.moment(MOMENT, PLAN), outcome="x").startswith(
        "到 11 月 22 日 03:12（台北時間）為止"
    )


def test_simplified_chinese_keeps_no_space_beside_its_quotes_and_leaves_those_of_english_alone() -> None:
    assert HANS("mail.link", link="按 “重大” 级别启动INC") == "按“重大”级别启动 INC："
    assert (
        HANS("mail.note", comment="The “main” server，按“SEV2” 处理")
        == "领导小组说明：“The “main” server，按“SEV2”处理”"
    )


def test_a_team_that_begins_an_english_sentence_gets_its_capital() -> None:
    assert EN.plural("timeline.team_assigned", 1, team="technical support").startswith("Technical support was")
    assert "Customer service is called" in EN(
        "mail.lead.acknowledge", level="x", team="customer service", time="03:00", teams="", round=1
    )


def test_a_reader_whose_locale_has_no_words_gets_the_companys() -> None:
    assert words_for("fr", PLAN, WORDS) is WORDS[PLAN.company.locale]
    assert words_for("en", PLAN, WORDS) is EN


def test_compiled_catalogues_are_read_when_first_used(tmp_path: Path) -> None:
    compile_plan(PLAN_FOLDER).write(tmp_path)
    (tmp_path / "words" / "xx.mo").write_bytes(b"not a catalogue")
    shelf = load_words(tmp_path / "words")
    assert list(shelf) == ["en", "xx", "zh-Hans", "zh-Hant"]
    assert shelf["en"]("step.orders") == "Orders"
    assert shelf["en"] is shelf["en"]
    with pytest.raises(OSError, match="magic"):
        shelf["xx"]
