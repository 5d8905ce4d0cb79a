"""Lists of orders as they come: encodings, headers, delimiters, and rows that are wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emergency.domain import order_list
from emergency.domain.deliveries import OrderList, RowFinding
from emergency.domain.errors import UnusableFile
from emergency.domain.order_list import MOST_BYTES, MOST_FINDINGS, read_order_list
from tests.support.plans import small_plan

PLAN = small_plan()
HEADER = "order,region,weight,promised\n"
TRADITIONAL = "訂單編號,配送地區,重量（公斤）,承諾送達日\n甲一,北部,1.2,2026/11/25\n甲二,南部,0.8,2026年11月24日\n"
SIMPLIFIED = "订单号；配送地区；重量；承诺日期\n甲一；北部；1.2公斤；2026-11-25\n".replace("；", ";")


def read(text: str, encoding: str = "utf-8") -> OrderList:
    return read_order_list("orders.csv", text.encode(encoding), PLAN)


def findings(text: str) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.problem) for one in read(HEADER + text).findings]


def problem_of(content: bytes) -> str:
    with pytest.raises(UnusableFile) as caught:
        read_order_list("orders.csv", content, PLAN)
    return caught.value.problem


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp950", "big5hkscs", "gb18030", "utf-16"])
def test_a_list_is_read_in_the_encodings_of_people_s_offices(encoding: str) -> None:
    found = read(TRADITIONAL, encoding)
    assert found.parcels == {"north": 1, "south": 1}
    assert found.grams == {"north": 1200, "south": 800}
    assert found.promised == {"north": date(2026, 11, 25), "south": date(2026, 11, 24)}
    assert not found.findings


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_simplified_headers_and_semicolons_are_read(encoding: str) -> None:
    assert read(SIMPLIFIED, encoding).parcels == {"north": 1}


def test_a_character_that_only_hong_kong_has_is_read() -> None:
    text = "訂單,地區\n啫喱-1,北部\n"
    with pytest.raises(UnicodeEncodeError):
        (text + "㗎").encode("cp950")
    assert read(text + "㗎,南部\n", "big5hkscs").parcels == {"north": 1, "south": 1}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_delimiter_and_line_end(delimiter: str, end: str) -> None:
    rows = [["Order No.", "Delivery Region"], ["1", "NORTH"], ["2", "n"], ["3", "Ｎｏｒｔｈ"], ["4", "南部"]]
    text = end.join(delimiter.join(row) for row in rows)
    assert read(text).parcels == {"north": 3, "south": 1}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_excel_s_own_first_line_is_no_header_and_moves_no_other(end: str) -> None:
    found = read(f"sep=;{end}order;region{end}1;North{end}2;Nowhere{end}", "utf-8-sig")
    assert found.parcels == {"north": 1}
    assert [(one.line, one.column) for one in found.findings] == [(4, "region")]


def test_good_rows_are_kept_and_bad_ones_told_by_their_lines() -> None:
    rows = [
        "A1,north,1,2026-11-25",
        "A2,west,1,2026-11-25",
        ",north,1,2026-11-25",
        "A4,north,heavy,2026-11-25",
        "A5,north,1,25/11/2026",
        "a1,south,1,2026-11-25",
        "A7,south,1,2026-11-25,surplus",
        "A8",
        "",
        "A9,south,,",
    ]
    found = read(HEADER + "\n".join(rows))
    assert found.parcels == {"north": 1, "south": 1}
    assert found.bad_rows == 7
    assert [(one.line, one.column, one.problem) for one in found.findings] == [
        (3, "region", "unknown"),
        (4, "order", "missing"),
        (5, "weight", "unusable"),
        (6, "promised", "unusable"),
        (7, "order", "duplicate"),
        (8, "", "too_many_columns"),
        (9, "region", "missing"),
    ]
    assert found.findings[0].value == "west"


def test_a_row_over_several_lines_is_told_by_its_first() -> None:
    assert findings('"A\n1",north,1,2026-11-25\nA2,west,,') == [(4, "region", "unknown")]


def test_a_row_that_was_bad_may_come_again_corrected() -> None:
    assert read(HEADER + "A1,west,,\nA1,north,,").parcels == {"north": 1}


@pytest.mark.parametrize(
    ("cell", "grams"),
    [("1", 1000), ("1.5", 1500), ("１．５", 1500), ("900 g", 900), ("2公斤", 2000), ("800克", 800), ("0.0001", 1)],
)
def test_weights(cell: str, grams: int) -> None:
    assert read(f"{HEADER}A1,north,{cell},").grams == {"north": grams}


@pytest.mark.parametrize("cell", ["0", "-1", "1e3", "NaN", "2斤", "1;5", "9999999", "1" * 300, '"1,5"'])
def test_weights_that_mean_nothing_or_two_things_are_told(cell: str) -> None:
    assert findings(f"A1,north,{cell},") == [(2, "weight", "unusable")]


def test_a_header_may_say_that_weights_are_grams() -> None:
    assert read("order,region,weight (g)\nA1,north,750\nA2,north,1 kg").grams == {"north": 1750}


@pytest.mark.parametrize("cell", ["2026-11-25", "2026/11/5", "20261125", "2026-11-25T18:00+08:00", "2026.11.25 09:30"])
def test_dates_that_begin_with_the_year(cell: str) -> None:
    assert read(f"{HEADER}A1,north,,{cell}").promised["north"].year == 2026


@pytest.mark.parametrize("cell", ["115/11/25", "民國115年11月25日", "115年11月25日", "115.11.25", "民國 115-11-25"])
def test_years_of_the_republic_are_read_as_taiwan_s_offices_write_them(cell: str) -> None:
    assert read(f"{HEADER}A1,north,,{cell}").promised == {"north": date(2026, 11, 25)}


@pytest.mark.parametrize(
    "cell",
    [
        "1151125",
        "202/11/25",
        "15/11/25",
        "11/12/2026",
        "2026-13-01",
        "2026-02-30",
        "tomorrow",
        "0000-01-01",
        "2026-11-25x",
    ],
)
def test_dates_that_mean_nothing_or_two_things_are_told(cell: str) -> None:
    assert findings(f"A1,north,,{cell}") == [(2, "promised", "unusable")]


@pytest.mark.parametrize("order", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "<script>", "\t=1"])
def test_an_order_that_looks_like_a_formula_is_counted_and_kept_nowhere(order: str) -> None:
    found = read(f'{HEADER}"{order}",north,,')
    assert found.parcels == {"north": 1}
    assert order not in repr(found)


def test_many_bad_rows_are_counted_and_the_first_ones_told() -> None:
    found = read(HEADER + "A,west,,\n" * 200)
    assert found.bad_rows == 200
    assert len(found.findings) == MOST_FINDINGS
    assert found.findings[-1] == RowFinding(line=51, column="region", problem="unknown", value="west")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "missing"),
        (b" \r\n ", "missing"),
        (b"x" * (MOST_BYTES + 1), "too_large"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff", "encoding"),
        (b"PK\x03\x04\x14\0\x06\0", "encoding"),
        (b"name,colour\nA1,red", "header"),
        (b"order\nA1", "header"),
        ("訂單編號,重量\n1,2".encode("cp950"), "header"),
        (b'order,region,"note\nA1,north', "rows"),
    ],
)
def test_what_is_no_list_of_orders_is_said(content: bytes, problem: str) -> None:
    assert problem_of(content) == problem


@pytest.mark.parametrize("broken", ['A2,"north,,', '"A2,north,,', '=cmd,"' + "north," * 40_000])
def test_a_quote_that_is_never_closed_takes_no_other_row_with_it(broken: str) -> None:
    good = "".join(f"B{number},south,,\n" for number in range(200))
    found = read(f"{HEADER}A1,north,,\n{broken}\n{good}")
    assert found.parcels == {"north": 1, "south": 200}
    assert [(one.line, one.column, one.problem) for one in found.findings] == [(3, "", "unclosed")]


def test_two_quotes_that_are_never_closed_are_none_around_what_lies_between() -> None:
    good = "".join(f"B{number},south,,\n" for number in range(100))
    found = read(f'{HEADER}"A1,north,,\n{good}"A2,north,,\nA3,north,,\n')
    assert found.parcels == {"south": 100, "north": 1}
    assert found.bad_rows == 2


def test_a_cell_may_go_on_over_some_lines() -> None:
    assert read('order,note,region\nA1,"2 F.\n5 Lane\n",north\nA2,,south').parcels == {"north": 1, "south": 1}


def test_a_list_longer_than_anybody_s_is_refused_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_list, "MOST_ROWS", 3)
    rows = "".join(f"A{number},north,,\n" for number in range(4))
    assert problem_of((HEADER + rows).encode()) == "too_many_rows"


def test_regions_are_known_by_all_their_names() -> None:
    regions = {id_: replace(region, also=(*region.also, "Taoyuan City")) for id_, region in PLAN.regions.items()}
    plan = replace(PLAN, regions={"north": regions["north"]})
    assert read_order_list("x", b"order;region\n1;taoyuan-city\n2;north", plan).parcels == {"north": 2}


@given(st.binary(max_size=400))
@example(b"\xff\xfe")
@example(b'order,region\n"')
@example("order,region\n\ud800,north".encode("utf-8", "surrogatepass"))
def test_whatever_the_bytes_there_is_a_list_or_a_named_error(content: bytes) -> None:
    for text in (content, HEADER.encode() + content, "訂單,地區\n".encode("cp950") + content):
        try:
            found = read_order_list("any", text, PLAN)
        except UnusableFile:
            continue
        assert set(found.parcels) <= set(PLAN.regions)
        assert found.bad_rows >= len(found.findings)


@given(st.text(max_size=200))
def test_whatever_the_text_good_rows_beside_it_are_kept(text: str) -> None:
    line = " ".join(text.replace('"', "").split()).replace("\0", "")
    found = read(f"{HEADER}A1,north,,\n{line}\nA2,south,,\n")
    assert found.parcels["north"] >= 1
    assert found.parcels["south"] >= 1
