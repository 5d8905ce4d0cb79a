"""Words: every sentence that the system itself says, by locale, from the compiled gettext catalogues.

A catalogue's msgid is a dotted key, its text has `{name}` placeholders. A key that a catalogue lacks is an error:
nobody is ever shown a raw key.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from emergency.domain.errors import EmergencyError
from emergency.domain.plan import Locale, Plan

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_THEN_LATIN = re.compile(f"(?<=[{_HAN}])(?=[A-Za-z0-9])")
_LATIN_THEN_HAN = re.compile(f"(?<=[A-Za-z0-9%])(?=[{_HAN}])")
_MARKS = "，。：；、！？（）「」『』【】"
_BESIDE_MARK = re.compile(f"(?<=[{_MARKS}]) +| +(?=[{_MARKS}])")
_BESIDE_QUOTE = re.compile(f"(?<=[{_HAN}]) +(?=[“”])|(?<=[“”]) +(?=[{_HAN}])")
"""Simplified Chinese shares its quotes with English, whose own spaces beside them stay."""
_SENTENCE_ENDS = tuple(".!?。！？…")

_NAME_FIRST = re.compile(r"(^|[.!?] )\{(team|teams|risk|resource|next|what|about)\}")
"""A sentence that begins with a name of the plan; within a sentence those names have no capital."""

_MINUTE = 60
_HOUR = 3_600
_DAY = 86_400
_KILOBYTE = 1024
_MEGABYTE = 1024 * _KILOBYTE
_UNITS = (("days", _DAY), ("hours", _HOUR), ("minutes", _MINUTE), ("seconds", 1))
_WHOLE_FROM = 100
_UNREADABLE = 10**12
_ROUNDED = ((10 * _MINUTE, _MINUTE), (_DAY, _HOUR))
"""From which length of time on only whole minutes, and only whole hours, are said."""


class UnknownWord(EmergencyError):
    """A key, or a value for one of its placeholders, that isn't there; the message names key and locale."""


class _Values(dict[str, object]):
    """The values of placeholders; `capital_x` is the value of `x` with a capital."""

    def __missing__(self, name: str) -> str:
        if not name.startswith("capital_"):
            raise KeyError(name)
        value = str(self[name.removeprefix("capital_")])
        return value[:1].upper() + value[1:]


class Words:
    """The words of one locale. Calling it with a key and the values of its placeholders gives the text."""

    def __init__(self, locale: Locale, translations: gettext.NullTranslations) -> None:
        self.locale = locale
        self._translations = translations
        self._is_chinese = locale.split("-")[0] == "zh"

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, e.g. `words("mail.tasks")`. Raises UnknownWord."""
        return self._filled(key, self._translations.gettext(key), values)

    def plural(self, key: str, count: int, **values: object) -> str:
        """The text of a key in the form that fits `count`, which fills `{count}`. Raises UnknownWord."""
        return self._filled(key, self._translations.ngettext(key, key, count), {**values, "count": count})

    def __contains__(self, key: str) -> bool:
        """Whether the locale has that key."""
        return self._translations.gettext(key) != key

    def _filled(self, key: str, text: str, values: Mapping[str, object]) -> str:
        if text == key:
            raise UnknownWord(f"{key!r} has no words in {self.locale}")
        try:
            filled = _NAME_FIRST.sub(r"\1{capital_\2}", text).format_map(_Values(values))
        except (KeyError, IndexError) as error:
            raise UnknownWord(f"{key!r} in {self.locale} got no value for {error}") from None
        return self._spaced(filled)

    def _spaced(self, text: str) -> str:
        """Chinese text with a space between Han characters and Latin letters or digits, and none beside punctuation."""
        if not self._is_chinese:
            return text
        spaced = _LATIN_THEN_HAN.sub(" ", _HAN_THEN_LATIN.sub(" ", text))
        return _BESIDE_QUOTE.sub("", _BESIDE_MARK.sub("", spaced))

    def join(self, items: Sequence[str]) -> str:
        """The items as one enumeration: `a, b and c`; empty for none."""
        if not items:
            return ""
        *most, last = items
        if not most:
            return last
        rest = most[0]
        for item in most[1:]:
            rest = self("list.more", first=rest, last=item)
        return self("list.last", first=rest, last=last)

    @property
    def gap(self) -> str:
        """What stands between two sentences."""
        return "" if self._is_chinese else " "

    def paragraph(self, *sentences: str) -> str:
        """The sentences that say something, as one paragraph."""
        return self.gap.join(sentence for sentence in sentences if sentence)

    def sentence(self, text: str) -> str:
        """The text with the full stop that it may lack."""
        if not text or text.endswith(_SENTENCE_ENDS):
            return text
        return text + ("。" if self._is_chinese else ".")

    def inside(self, name: str) -> str:
        """A name of the plan as it stands within a sentence: English names lose the capital of their first word."""
        return name[0].lower() + name[1:] if self.locale == "en" and name[1:2].islower() else name

    def labelled(self, label: str, text: str) -> str:
        """A text with its label before it: `Team: customer service`."""
        return self("list.labelled", label=label, text=text)

    def clock(self, moment: datetime, plan: Plan) -> str:
        """The time of day in the company's zone: 03:22."""
        local = local_time(moment, plan)
        return self("time.clock", hour=f"{local:%H}", minute=f"{local:%M}")

    def exact_clock(self, moment: datetime, plan: Plan) -> str:
        """The time of day in the company's zone to the second: 03:22:05."""
        return f"{local_time(moment, plan):%H:%M:%S}"

    def date(self, moment: datetime, plan: Plan) -> str:
        """The day in the company's zone: 22 Nov 2026, 2026 年 11 月 22 日."""
        local = local_time(moment, plan)
        return self("time.date", day=local.day, month=self(f"time.month.{local.month}"), year=local.year)

    def day(self, moment: datetime, plan: Plan) -> str:
        """The day without its year: 22 Nov, 11 月 22 日."""
        local = local_time(moment, plan)
        return self("time.day", day=local.day, month=self(f"time.month.{local.month}"))

    def short_moment(self, moment: datetime, plan: Plan) -> str:
        """Day and time without the zone's name: 22 Nov, 03:12; 11 月 22 日 03:12."""
        return self("time.moment_short", **self._moment(moment, plan))

    def moment(self, moment: datetime, plan: Plan) -> str:
        """Day and time with the zone named: 22 Nov, 03:12 (Taipei time)."""
        return self("time.moment", **self._moment(moment, plan), zone=self.zone(plan))

    def _moment(self, moment: datetime, plan: Plan) -> dict[str, object]:
        local = local_time(moment, plan)
        return {"day": local.day, "month": self(f"time.month.{local.month}"), "clock": self.clock(moment, plan)}

    def zone(self, plan: Plan) -> str:
        """The name of the company's zone: Taipei time."""
        return plan.text(plan.company.time_zone_name, self.locale)

    def when(self, moment: datetime, now: datetime, plan: Plan) -> str:
        """The time as one would say it now: the clock alone today, with the day otherwise."""
        same_day = local_time(moment, plan).date() == local_time(now, plan).date()
        return self.clock(moment, plan) if same_day else self.short_moment(moment, plan)

    def when_in_zone(self, moment: datetime, now: datetime, plan: Plan) -> str:
        """The time as one would say it now, with the zone named: 03:22 (Taipei time)."""
        return self("time.in_zone", time=self.when(moment, now, plan), zone=self.zone(plan))

    def duration(self, seconds: float) -> str:
        """A length of time in words, its two largest units: 18 minutes; 1 hour 5 minutes."""
        whole = max(0, round(seconds))
        if whole == 0:
            return self("time.no_time")
        for shortest, unit_length in _ROUNDED:
            if whole >= shortest:
                whole = round(whole / unit_length) * unit_length
        parts: list[str] = []
        for unit, length in _UNITS:
            count, whole = divmod(whole, length)
            if count:
                parts.append(self.plural(f"time.{unit}", count))
            elif parts:
                break
        return parts[0] if len(parts) == 1 else self("time.units", larger=parts[0], smaller=parts[1])

    def size(self, count: int) -> str:
        """The size of a file of so many bytes: 1.2 MB, 34 kB."""
        if count >= _MEGABYTE:
            return self("quantity.megabytes", size=f"{count / _MEGABYTE:,.1f}")
        return self("quantity.kilobytes", size=f"{max(1, round(count / _KILOBYTE)):,}")

    def money(self, cents: int, plan: Plan) -> str:
        """Money in the company's currency from whole cents: TWD 50,000."""
        return self("quantity.money", currency=plan.company.currency, amount=amount(cents))


def amount(cents: int) -> str:
    """Whole cents as an amount of money, as it is written and read in forms: `50,000`, `1,234.56`."""
    return f"{cents / 100:,.2f}" if cents % 100 else f"{cents // 100:,}"


def figure(value: float) -> str:
    """What was measured, as it is read: three digits that count, and all of a larger whole number: `0.734`, `1,480`."""
    size = abs(value)
    if size >= _UNREADABLE or 0 < size < 1 / _UNREADABLE:
        return f"{value:.2e}"
    if size >= _WHOLE_FROM:
        return f"{value:,.0f}"
    return f"{Decimal(f'{value:.3g}'):f}"


def known(count: int | None) -> str:
    """A number as it is read; a dash where it isn't known."""
    return "–" if count is None else f"{count:,}"


class _Shelf(Mapping[Locale, Words]):
    """The catalogues of a folder, each read when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._files = {file.stem: file for file in sorted(folder.glob("*.mo"))}
        self._words: dict[Locale, Words] = {}

    def __getitem__(self, locale: Locale) -> Words:
        if locale not in self._words:
            with self._files[locale].open("rb") as file:
                self._words[locale] = Words(locale, gettext.GNUTranslations(file))
        return self._words[locale]

    def __iter__(self) -> Iterator[Locale]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def load_words(folder: Path) -> Mapping[Locale, Words]:
    """The words of every locale that has a `<locale>.mo` in the folder; a catalogue is read when first used."""
    return _Shelf(folder)


def words_for(locale: Locale, plan: Plan, shelf: Mapping[Locale, Words]) -> Words:
    """The words of a reader's locale, or of the company's own where that locale has none."""
    return shelf[locale] if locale in shelf else shelf[plan.company.locale]


@lru_cache(maxsize=4)
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)


def local_time(moment: datetime, plan: Plan) -> datetime:
    """The moment in the company's zone."""
    return moment.astimezone(_zone(plan.company.time_zone))
