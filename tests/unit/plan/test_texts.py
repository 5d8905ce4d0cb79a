"""What people read is written as the house style asks, in every text of the plan and every sentence of the words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML

from emergency.domain.terms import Risk, Severity, Step, Team
from tests.unit.plan.conftest import PLAN_DIR

# What a script writes stands in its own national character set: Big5 for Traditional Chinese, GB 2312 for Simplified.
# Each also holds some characters of the other; those that could slip into a text, and mean nothing else, stand here.
CHARACTER_SETS = {"zh-Hant": "big5", "zh-Hans": "gb2312"}
STRANGERS = {
    "zh-Hant": set(
        "丰云价优体儿党几厂听圣坏复宁帘异怀惊愿扰挂据斗机极构柜气洁确离种筑网胜苹范茧荐虫触踊适"
        "万与么于仆夸庄怜晒朴洒淀痒蚕蜡赶"
    ),
    "zh-Hans": set("於後乾麽徵夥"),
}

# What a native of the mainland would not write: words of Taiwan in simplified characters.
CONVERTED = (
    "伺服器|网路|资讯|讯息|简讯|使用者|连结|连线|登入|登出|帐号|帐户|资料库|用户资料|个人资料|数位|软体|硬体|程式|列印|存取|位址|介面|介接|"
    "萤幕|搜寻|汇出|汇入|快取|当机|负载平衡|线上客服|行动路由|品质|社群媒体|推播|特卖|管道|取货点|运量|宅配|主管机关|转寄|透过|逾时|"
    "回报|纪录|身分|计画|规画|信件|贵组|营运"
)

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
HALF_WIDTH = re.compile(rf"[{HAN}][,;:?!()]|[,;:?!()][{HAN}]|[{HAN}]\.(?![\w])|[{HAN}]\s*[\"']|[\"']\s*[{HAN}]")
NO_SPACE = re.compile(rf"[{HAN}][A-Za-z0-9]|[A-Za-z0-9%][{HAN}]")
SPACED_OUT = re.compile(rf"[{HAN}] [{HAN}“”]|[“”] [{HAN}]|[，。、；：！？）」』】] | [，。、；：！？（「『【）」』】]")
DRAMA = re.compile(r"[!！]|\bOK\b|\bSubmit\b|[確确]定$")
APOLOGY = re.compile(r"sorry|apolog|抱歉|歉|見諒|谅解")
TO_CUSTOMERS = "communications.yaml.statements."


def _texts(value: Any, locale: str, place: str) -> Iterator[tuple[str, str]]:
    """The texts in a locale among the plan's data, each with its place."""
    if isinstance(value, dict):
        if isinstance(value.get(locale), str):
            yield place, value[locale]
        for key, child in value.items():
            yield from _texts(child, locale, f"{place}.{key}")
    elif isinstance(value, list):
        for number, child in enumerate(value, start=1):
            yield from _texts(child, locale, f"{place}[{number}]")


def _sentences(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _sentences(child, f"{place}.{key}")
    else:
        yield place, str(value)


def _all(locale: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for path in sorted(PLAN_DIR.rglob("*.yaml")):
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        file = path.relative_to(PLAN_DIR).as_posix()
        if path.parent.name == "words":
            found.extend(_sentences(content, file) if path.stem == locale else [])
        else:
            found.extend(_texts(content, locale, file))
    return found


TEXTS = {locale: _all(locale) for locale in ("en", "zh-Hant", "zh-Hans")}
ENGLISH, TRADITIONAL, SIMPLIFIED = TEXTS.values()

in_chinese = pytest.mark.parametrize("locale", CHARACTER_SETS)
in_each_language = pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)


def _is_foreign(character: str, locale: str) -> bool:
    """Whether a character is one that the locale's script doesn't write."""
    if character in STRANGERS[locale]:
        return True
    try:
        character.encode(CHARACTER_SETS[locale])
    except UnicodeEncodeError:
        return True
    return False


def _filled(text: str) -> str:
    """The text without its placeholders, whose spacing the system minds when it fills them."""
    return re.sub(r"\{\w+\}", "\u25a1", text)


def _offenders(texts: list[tuple[str, str]], pattern: re.Pattern[str]) -> list[str]:
    return [f"{place}: {text}" for place, text in texts if pattern.search(_filled(text))]


def test_there_is_a_text_in_each_language_for_each_place() -> None:
    assert len(ENGLISH) > 500
    places = [{place for place, _ in texts if not place.startswith("words/")} for texts in TEXTS.values()]
    assert places[0] == places[1] == places[2]


@in_chinese
def test_chinese_is_written_in_the_characters_of_its_script(locale: str) -> None:
    assert [
        f"{place}: {text}"
        for place, text in TEXTS[locale]
        if any(_is_foreign(character, locale) for character in re.findall(f"[{HAN}]", text))
    ] == []


@pytest.mark.parametrize(("locale", "other"), [("zh-Hant", "zh-Hans"), ("zh-Hans", "zh-Hant")])
def test_the_characters_of_the_other_script_are_told_apart(locale: str, other: str) -> None:
    differing = {
        text for (_, text), (_, counterpart) in zip(TEXTS[locale], TEXTS[other], strict=True) if text != counterpart
    }
    told_apart = [text for text in differing if any(_is_foreign(character, other) for character in text)]
    assert len(told_apart) > 0.95 * len(differing)


def test_simplified_chinese_is_not_converted_from_traditional() -> None:
    assert _offenders(SIMPLIFIED, re.compile(CONVERTED)) == []


@in_chinese
def test_chinese_punctuation_is_full_width(locale: str) -> None:
    assert _offenders(TEXTS[locale], HALF_WIDTH) == []


@in_chinese
def test_chinese_has_a_space_beside_latin_letters_and_digits(locale: str) -> None:
    assert _offenders(TEXTS[locale], NO_SPACE) == []


@in_chinese
def test_chinese_has_no_space_elsewhere(locale: str) -> None:
    assert _offenders(TEXTS[locale], SPACED_OUT) == []


@pytest.mark.parametrize(("locale", "never"), [("zh-Hant", "[“”‘’]"), ("zh-Hans", "[「」『』]")])
def test_each_script_has_its_own_quotes(locale: str, never: str) -> None:
    assert _offenders(TEXTS[locale], re.compile(never)) == []


def test_english_has_no_chinese_in_it() -> None:
    assert _offenders(ENGLISH, re.compile(f"[{HAN}，。、；：！？（）「」]")) == []


@in_each_language
def test_no_drama_and_no_button_that_says_ok(texts: list[tuple[str, str]]) -> None:
    assert _offenders(texts, DRAMA) == []


@in_each_language
def test_nobody_apologises_but_to_customers(texts: list[tuple[str, str]]) -> None:
    assert _offenders([(place, text) for place, text in texts if not place.startswith(TO_CUSTOMERS)], APOLOGY) == []


@in_each_language
def test_statements_give_away_nothing_from_inside(texts: list[tuple[str, str]]) -> None:
    """Nothing technical, no teams, no plan, no guess at a cause; and no bare figure that somebody would have to check."""
    inside = re.compile(
        r"server|databas|alarm|AWS|\bplan\b|incident response|伺服|服务器|資料庫|数据库|告警|預案|预案|小組|小组|[0-9]"
    )
    told = [(place, text) for place, text in texts if place.startswith("communications.yaml")]
    public = [(place, text) for place, text in told if not place.startswith("communications.yaml.media")]
    assert len(public) > 90
    assert _offenders(public, inside) == []


@in_each_language
def test_tasks_are_sentences_with_an_end(texts: list[tuple[str, str]]) -> None:
    tasks = [text for place, text in texts if place.startswith("playbooks/") and place.endswith(".text")]
    assert len(tasks) > 80
    assert [text for text in tasks if not text.endswith((".", "。"))] == []
    assert [text for text in tasks if len(text) > 160] == []


@pytest.mark.parametrize(
    ("term", "never"),
    [
        ("應急預案", "應急計畫"),
        ("網絡攻擊", "網路攻擊"),
        ("數據泄露", "資料外洩事件"),
        ("事後報告", "事後檢討"),
    ],
)
def test_the_plan_s_own_words_are_used(term: str, never: str) -> None:
    assert [text for _, text in TRADITIONAL if never in text] == [], f"write {term}"


def test_p3_to_p6_the_plan_s_own_words_are_those_of_the_plan_in_simplified_characters() -> None:
    written = dict(SIMPLIFIED)
    named = [
        *(f"risks.yaml.risks.{risk}.name" for risk in Risk),
        *(f"severities.yaml.severities.{severity}.name" for severity in Severity),
        *(f"organisation.yaml.teams.{team}.name" for team in Team),
        *(f"words/zh-Hans.yaml.step.{step}" for step in Step),
    ]
    assert [written[place] for place in named] == [
        *("系统故障", "数据泄露", "网络攻击", "物流延误"),
        *("特别重大", "重大", "较大", "一般"),
        *("技术支持组", "客户服务组", "物流保障组", "公关发言组"),
        *("事故报告", "指令下达", "应急响应", "后勤保障", "现场清理", "事后报告"),
    ]
