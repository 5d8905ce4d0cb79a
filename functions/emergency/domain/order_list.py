"""Lists of affected orders as a warehouse exports them: CSV in the encodings and with the headers that people use.

Good rows are counted, bad ones told row by row. Nothing of an order but its region, weight and day is kept, so that
whatever its number looks like, a formula of a spreadsheet among it, goes nowhere.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from io import StringIO

from emergency.domain.deliveries import OrderList, RowFinding
from emergency.domain.errors import UnusableFile
from emergency.domain.plan import Plan

MOST_BYTES = 8 * 1024 * 1024
"""The largest list that is read."""

MOST_ROWS = 100_000
"""The most orders that one list may hold."""

MOST_FINDINGS = 50
"""So many bad rows are told one by one; of the others it is said how many there are."""

ORDERS_FOLDER = "orders"
"""Where a warehouse's own system puts lists, in the uploads bucket: `orders/<incident id>/<name>`."""


class Column(StrEnum):
    """What a list tells of an order; the first two it must."""

    ORDER = "order"
    REGION = "region"
    WEIGHT = "weight"
    PROMISED = "promised"


_HEADERS: Mapping[Column, frozenset[str]] = {
    Column.ORDER: frozenset(
        {
            *("order", "orderid", "orderno", "ordernumber", "orderref", "orderreference"),
            *("訂單", "訂單編號", "訂單號", "訂單號碼", "订单", "订单编号", "订单号", "订单号码"),
        }
    ),
    Column.REGION: frozenset(
        {
            *("region", "area", "deliveryregion", "deliveryarea", "destination"),
            *("區域", "地區", "配送區域", "配送地區", "收貨地區", "縣市"),
            *("区域", "地区", "配送区域", "配送地区", "收货地区", "省市"),
        }
    ),
    Column.WEIGHT: frozenset({"weight", "weightkg", "weightg", "grossweight", "重量", "包裹重量", "毛重"}),
    Column.PROMISED: frozenset(
        {
            *("promised", "promiseddate", "promiseddelivery", "promisedby", "duedate", "deliverydate", "deliverby"),
            *("承諾日期", "承諾送達日", "承諾送達日期", "預計送達日", "預計送達日期", "送達日期"),
            *("承诺日期", "承诺送达日", "承诺送达日期", "预计送达日", "预计送达日期", "送达日期"),
        }
    ),
}
_NEEDED = (Column.ORDER, Column.REGION)
_ENCODINGS = ("cp950", "big5hkscs", "gb18030")
"""Those that are tried beside UTF-8, which no other encoding looks like. UTF-16 says itself what it is."""
_DELIMITERS = (",", ";", "\t")
_LOOKED_AT = 200
"""So many rows say which encoding fits."""

_BETWEEN = re.compile(r"[\s_\-./:：]+")
_UNIT = re.compile(r"[(\[（]?(kg|公斤|千克|g|克|公克)[)\]）]?$")
_GRAMS = {"kg": 1000, "公斤": 1000, "千克": 1000, "g": 1, "克": 1, "公克": 1}
_WEIGHT = re.compile(r"((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)(kg|公斤|千克|g|克|公克)?")
_DATE = re.compile(
    r"(?:民[國国] *)?([0-9]{4}|1[0-9]{2}(?=[-/.年]))"
    r"(?:[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日|([0-9]{2})([0-9]{2}))"
)
_REPUBLIC = 1911
"""What is added to a year of the Republic of China, as Taiwan's offices write it: with three digits since 2011."""
_REPUBLIC_DIGITS = 3
_FOR_EXCEL = re.compile(r"\Asep=.(?=\r?$)", re.IGNORECASE | re.MULTILINE)
"""A first line that says to Excel how the others are parted. It is emptied, so that lines keep their numbers."""
_TIME = re.compile(r"[t ]*[0-9]{1,2}:[0-9]{2}.*")
_MOST_GRAMS = 1_000_000
_CELL_LIMIT = 200
_MOST_LINES = 20
"""Over how many lines a row may go on: an address does over some, a quote that nobody closed over all."""
_SHOWN = 40


def read_order_list(name: str, content: bytes, plan: Plan) -> OrderList:
    """A list, read. Weights are kilograms where neither header nor cell says otherwise.

    Raises UnusableFile: `missing` for an empty one, `too_large`, `encoding` where it is no text of a known encoding,
    `header` where no line begins it that names order and region, `too_many_rows`, and `rows` where it can't be parted
    into rows, as when a quote is never closed.
    """
    if not content.strip():
        raise UnusableFile("missing")
    if len(content) > MOST_BYTES:
        raise UnusableFile("too_large")
    regions = _regions(plan)
    tables = [_Table.of(text, regions) for text in _decoded(content)]
    if not tables:
        raise UnusableFile("encoding")
    best = max(tables, key=lambda table: table.fits)
    if not all(column in best.columns for column in _NEEDED):
        raise UnusableFile("header")
    return best.read(name)


def _decoded(content: bytes) -> list[str]:
    """The content in each encoding that it can be; in one alone where that is certain."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _as(content, "utf-16")
    certain = _as(content, "utf-8-sig")
    return certain or [text for encoding in _ENCODINGS for text in _as(content, encoding)]


def _as(content: bytes, encoding: str) -> list[str]:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return []
    # What holds zero bytes is a picture or a workbook, whatever it can be decoded as.
    return [] if "\0" in text else [_FOR_EXCEL.sub("", text)]


def _regions(plan: Plan) -> Mapping[str, str]:
    """The regions' ids by every name that a list may call them."""
    return {
        _key(name): id_
        for id_, region in plan.regions.items()
        for name in (*region.also, *region.name.values(), id_)
        if name
    }


def _key(text: str) -> str:
    """A name as it is compared: width, case and what stands between its parts make no difference."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True)
class _Table:
    """The text in one encoding, with its delimiter and where its columns are."""

    text: str
    delimiter: str
    columns: Mapping[Column, int]
    regions: Mapping[str, str]
    width: int
    in_grams: bool

    @classmethod
    def of(cls, text: str, regions: Mapping[str, str]) -> _Table:
        """The text, parted as its first line asks for."""
        header = next((line for line in text.splitlines() if line.strip()), "")
        tables = [cls._parted(text, header, delimiter, regions) for delimiter in _DELIMITERS]
        return max(tables, key=lambda table: len(table.columns))

    @classmethod
    def _parted(cls, text: str, header: str, delimiter: str, regions: Mapping[str, str]) -> _Table:
        names = [_key(name) for name in _first_row(header, delimiter)]
        bare = [_UNIT.sub("", name) if len(name) > 1 else name for name in names]
        columns = dict[Column, int]()
        for column, known in _HEADERS.items():
            at = next((at for at, name in enumerate(names) if name in known or bare[at] in known), None)
            if at is not None:
                columns[column] = at
        unit = _UNIT.search(names[columns[Column.WEIGHT]]) if Column.WEIGHT in columns else None
        return cls(text, delimiter, columns, regions, len(names), in_grams=bool(unit and _GRAMS[unit[1]] == 1))

    @property
    def fits(self) -> tuple[int, int]:
        """How well this reading fits: columns that are known, and of the first rows those whose region is."""
        at = self.columns.get(Column.REGION)
        if at is None:
            return len(self.columns), 0
        known = 0
        try:
            for number, (_, row) in enumerate(self._rows()):
                if number > _LOOKED_AT:
                    break
                known += row is not None and at < len(row) and _key(row[at]) in self.regions
        except UnusableFile:
            pass
        return len(self.columns), known

    def read(self, name: str) -> OrderList:
        """All rows, the good ones counted."""
        reading = _Reading(self)
        for line, row in self._rows():
            if row is None or any(cell.strip() for cell in row):
                reading.take(line, row)
        return OrderList(
            name=name,
            parcels=dict(reading.parcels),
            grams={region: grams for region, grams in reading.grams.items() if grams},
            promised=reading.promised,
            bad_rows=reading.bad_rows,
            findings=tuple(reading.findings),
        )

    def _rows(self) -> Iterator[tuple[int, Sequence[str] | None]]:
        """The rows below the header, each with the number of its first line in the file.

        None stands for a line whose quote isn't closed soon: it ends there, or it would take the rows below with it.
        Raises UnusableFile where the header is such a line.
        """
        lines = _Lines(list(StringIO(self.text, newline="")))
        is_header = True
        while lines.begin_row():
            row = lines.row(self.delimiter)
            if not is_header:
                yield lines.begins, row
            elif row is None:
                raise UnusableFile("rows")
            elif any(cell.strip() for cell in row):
                is_header = False


@dataclass
class _Lines:
    """The lines of a list, of which a row may take several. `begins` is the number of a row's first one."""

    lines: Sequence[str]
    begins: int = 0
    _at: int = 0
    _is_out: bool = False

    def begin_row(self) -> bool:
        """Whether another row begins here."""
        self.begins = self._at + 1
        return self._at < len(self.lines)

    def row(self, delimiter: str) -> Sequence[str] | None:
        """The row; None where it can't be read to its end, and the next one begins on the line below."""
        try:
            row = next(csv.reader(self, delimiter=delimiter), [])
        except csv.Error:
            self._is_out = True
            row = []
        if not self._is_out:
            return row
        self._at, self._is_out = self.begins, False
        return None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._at >= min(len(self.lines), self.begins - 1 + _MOST_LINES):
            self._is_out = True
            raise StopIteration
        self._at += 1
        return self.lines[self._at - 1]


def _first_row(header: str, delimiter: str) -> Sequence[str]:
    try:
        return next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return []


@dataclass
class _Reading:
    """What was found so far."""

    table: _Table
    parcels: Counter[str] = field(default_factory=Counter)
    grams: Counter[str] = field(default_factory=Counter)
    promised: dict[str, date] = field(default_factory=dict)
    findings: list[RowFinding] = field(default_factory=list)
    bad_rows: int = 0
    _seen: set[str] = field(default_factory=set)
    _rows: int = 0

    def take(self, line: int, row: Sequence[str] | None) -> None:
        """One row: counted where all of it is good, told where something isn't. Raises UnusableFile."""
        self._rows += 1
        if self._rows > MOST_ROWS:
            raise UnusableFile("too_many_rows")
        read = row or ()
        cells = {column: read[at].strip() if at < len(read) else "" for column, at in self.table.columns.items()}
        try:
            self._count(row, cells)
        except _BadCell as bad:
            self.bad_rows += 1
            if len(self.findings) < MOST_FINDINGS:
                value = cells[bad.column][:_SHOWN] if bad.column else ""
                self.findings.append(RowFinding(line=line, column=bad.column or "", problem=bad.problem, value=value))

    def _count(self, row: Sequence[str] | None, cells: Mapping[Column, str]) -> None:
        if row is None:
            raise _BadCell(None, "unclosed")
        if any(cell.strip() for cell in row[self.table.width :]):
            raise _BadCell(None, "too_many_columns")
        order = self._order(cells[Column.ORDER])
        region = self.table.regions.get(_key(cells[Column.REGION]))
        if region is None:
            raise _BadCell(Column.REGION, "unknown" if cells[Column.REGION] else "missing")
        grams = _grams(cells.get(Column.WEIGHT, ""), in_grams=self.table.in_grams)
        promised = _date(cells.get(Column.PROMISED, ""))
        self._seen.add(order)
        self.parcels[region] += 1
        self.grams[region] += grams
        if promised:
            self.promised[region] = min(promised, self.promised.get(region, promised))

    def _order(self, cell: str) -> str:
        if not cell:
            raise _BadCell(Column.ORDER, "missing")
        if len(cell) > _CELL_LIMIT:
            raise _BadCell(Column.ORDER, "unusable")
        order = unicodedata.normalize("NFKC", cell).casefold()
        if order in self._seen:
            raise _BadCell(Column.ORDER, "duplicate")
        return order


class _BadCell(Exception):
    """What is wrong in a row, and in which column; without one, the row as a whole."""

    def __init__(self, column: Column | None, problem: str) -> None:
        super().__init__(problem)
        self.column = column
        self.problem = problem


def _grams(cell: str, *, in_grams: bool) -> int:
    """A weight in grams; 0 for an empty cell."""
    text = _key_of_number(cell)
    if not text:
        return 0
    found = _WEIGHT.fullmatch(text)
    if found is None or len(text) > _SHOWN:
        raise _BadCell(Column.WEIGHT, "unusable")
    unit = _GRAMS[found[2]] if found[2] else 1 if in_grams else 1000
    try:
        grams = Decimal(found[1].replace(",", "")) * unit
    except InvalidOperation:
        raise _BadCell(Column.WEIGHT, "unusable") from None
    if not 0 < grams <= _MOST_GRAMS:
        raise _BadCell(Column.WEIGHT, "unusable")
    return max(1, round(grams))


def _date(cell: str) -> date | None:
    """A day, year first, also one of the Republic of China; None for an empty cell. A time after it is left out."""
    text = unicodedata.normalize("NFKC", cell).casefold().strip()
    if not text:
        return None
    found = _DATE.match(text)
    rest = text[found.end() :] if found else ""
    if found is None or (rest and not _TIME.fullmatch(rest)):
        raise _BadCell(Column.PROMISED, "unusable")
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year + _REPUBLIC if len(found[1]) == _REPUBLIC_DIGITS else year, month, day)
    except ValueError:
        raise _BadCell(Column.PROMISED, "unusable") from None


def _key_of_number(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).casefold().replace(" ", "")
