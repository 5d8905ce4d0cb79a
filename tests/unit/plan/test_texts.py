"""What people read is written as the house style asks, in every text of the plan and every sentence of the words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.unit.plan.conftest import PLAN_DIR

# Characters that only simplified Chinese has; a few hundred of the commonest.
SIMPLIFIED = set(
    "们这来时对实应关务请误达资问订单页览链网络级别响报备复够尽坏处险严为产业东丝两丧丰临丽举义乌乐乔习乡书买乱亏云亚亲亿仅从仓仪"
    "价众优会伟传伤伦体侠侦债倾偿储儿党兰兴养兽内冈册写军农决况冻净凉减凑几凤凭凯击创删刘则刚劝办动励劳势华协卖卢卫却厂厅历厉压厌"
    "参双发变叙叶号叹吓听启吴员呐呕咏哑唤啸团园围国图圆圣场块坚坛坝坟坠垄垒垦垫墙壮声壳壶处头夹夺奋奖妇妈孙学宁宝宠审宪宫宽宾对寻导寿将"
    "尔尘尝层属岁岂岗岛币帅师帐帘带帮库废庙庞开异弃张弥弯弹强归当录彻径忆忧怀态总恋恶恼悦惊惧惨惩惯愤愿懒户执扩扫扬扰抚抛抢护"
    "担拟拥择挂挡挣挤挥捞损换据掷搁携摄摆摇撑敌数斗断无旧显晓暂术机杂权条极构枪柜标栏树样档桥检楼欢欧残毁毕毙气汇汉汤沟没沪泪泼泽洁浅"
    "浆测济浓涛润涨渊渐渔湾湿满滚滞滤灭灯灵灾灿炉点炼烂热爱爷牵牺犹狭狱猎猪环现玛珑琐电画畅疗疯监盖盘矿码砖础确碍离种积称稳穷窍"
    "窃竖竞笔笼筑签简粮粪紧红纤约纪纯纲纳纵纷纸纹线练组细织终绍经结绕绘给绝统继绩绪续维绵综绿缓编缘缩缴罗罚罢职联聪肃肠肤胆胜脉脏脑脚脱"
    "脸舆舰舱艰艳艺节芦苏苹范茧荐荣药莲获营萧萨蓝蔷虏虑虫虽蚀蚁补衬袭装见观规视觉觅触计认讨让训议讯记讲许论设访证评识诉词试诗诚话诞询该详"
    "语诱说诵诺读课谁调谈谋谎谢谱贝负贡财责贤败货质贩贪贫购贯贱贴贵贷贸费贺贼赁赂赃赋赌赏赐赔赖赚赛赞赠赢赵趋跃践踊踪车轨轩转轮软轰轻载较辅辆辈"
    "辉辐输辖辞边辽迁过迈运还进远违连迟适选逊递遗邓邮邻郑酱释里针钉钟钢钥钱铁铃铅银链销锁锅锋错锡锦键锻镇镜长门闪闭间闲闷闸闹闻阀阁阅队阳阴阵阶际陆陈险随隐隶难雾静韩顶顷项顺须顽顾顿预领颇频颗题颜额风飞饥饭饮饰饱饼馆驱驳驶驻驾验骂骗骚鱼鲁鲜鸟鸡鸣鸭鸿鹅鹰麦黄齐齿龄龙龟"
) - set("里")

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
HALF_WIDTH = re.compile(rf"[{HAN}][,;:?!()]|[,;:?!()][{HAN}]|[{HAN}]\.(?![\w])|[{HAN}]\s*[\"']|[\"']\s*[{HAN}]")
NO_SPACE = re.compile(rf"[{HAN}][A-Za-z0-9]|[A-Za-z0-9%][{HAN}]")
SPACED_OUT = re.compile(rf"[{HAN}] [{HAN}]|[，。、；：！？）」』】] | [，。、；：！？（「『【）」』】]")
DRAMA = re.compile(r"[!！]|sorry|apolog|抱歉|致歉|\bOK\b|\bSubmit\b|確定$")


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


ENGLISH, CHINESE = _all("en"), _all("zh-Hant")


def _filled(text: str) -> str:
    """The text without its placeholders, whose spacing the system minds when it fills them."""
    return re.sub(r"\{\w+\}", "\u25a1", text)


def _offenders(texts: list[tuple[str, str]], pattern: re.Pattern[str]) -> list[str]:
    return [f"{place}: {text}" for place, text in texts if pattern.search(_filled(text))]


def test_there_is_a_text_in_each_language_for_each_place() -> None:
    assert len(ENGLISH) > 500
    plan_places = {place for place, _ in CHINESE if not place.startswith("words/")}
    assert plan_places == {place for place, _ in ENGLISH if not place.startswith("words/")}


def test_chinese_has_no_simplified_characters() -> None:
    assert [f"{place}: {text}" for place, text in CHINESE if SIMPLIFIED & set(text)] == []


def test_chinese_punctuation_is_full_width() -> None:
    assert _offenders(CHINESE, HALF_WIDTH) == []


def test_chinese_has_a_space_beside_latin_letters_and_digits() -> None:
    assert _offenders(CHINESE, NO_SPACE) == []


def test_chinese_has_no_space_elsewhere() -> None:
    assert _offenders(CHINESE, SPACED_OUT) == []


def test_chinese_quotes_are_corner_brackets() -> None:
    assert _offenders(CHINESE, re.compile("[“”‘’]")) == []


def test_english_has_no_chinese_in_it() -> None:
    assert _offenders(ENGLISH, re.compile(f"[{HAN}，。、；：！？（）「」]")) == []


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE], ids=["en", "zh-Hant"])
def test_no_drama_no_apology_and_no_button_that_says_ok(texts: list[tuple[str, str]]) -> None:
    assert _offenders(texts, DRAMA) == []


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE], ids=["en", "zh-Hant"])
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
    assert [text for _, text in CHINESE if never in text] == [], f"write {term}"
