"""How what was found is shown to people: numbers with thousands, dates with weekdays, tables with headings."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bots.conversations.lookups.records import Records
from bots.messages import Language, Table

_LONGEST = 300  # characters of a cell
_MOST_DIGITS = 40  # that anybody writes out
_WEEKDAYS: Mapping[Language, str | tuple[str, ...]] = {
    "zh-TW": "一二三四五六日",
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_BOOLEANS: Mapping[Language, tuple[str, str]] = {"zh-TW": ("否", "是"), "en": ("no", "yes")}
# What no text of ours may hold: control characters (Postgres takes no NUL) and halves of characters.
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
# Numbers that are names: separators would only spoil them.
_NAMES_SOMETHING = re.compile(
    r"(.*[_.])?(number|no|id|code|year|month|week|day|phone|tel|ext|zip)|年|.*(編號|代號|單號|年度|電話|分機)"
)


def cell(value: object, column: str, language: Language, zone: ZoneInfo) -> str:
    """Return a cell as people read it. ``column`` tells numbers that count something from those that are names."""
    read = _read(value)
    if isinstance(read, list):
        return "、".join(cell(one, column, language, zone) for one in read)
    if isinstance(read, int | float | Decimal) and not isinstance(read, bool):
        return _number(read, column)
    if isinstance(read, bool):
        return _BOOLEANS[language][read]
    return _when(read, language, zone) if isinstance(read, date) else _text(plain(read))


def plain(value: object) -> str:
    """Return a value as a person would write it, for the values of choices, defaults and addresses."""
    match value:
        case None:
            written = ""
        case bool() | int():
            written = str(value).lower()
        case float() | Decimal():
            written = _plain_number(value)
        case datetime():
            written = f"{value:%Y-%m-%d %H:%M}"
        case time():
            written = f"{value:%H:%M}"
        case tuple() | list():
            written = "、".join(map(plain, value))
        case _:
            written = _UNFIT.sub("", str(value))
    return written


def words(records: Records, row: Sequence[object], language: Language, zone: ZoneInfo) -> dict[str, str]:
    """Return one record by column, each cell as people read it."""
    return {column: cell(value, column, language, zone) for column, value in zip(records.columns, row, strict=True)}


def table(
    records: Records, rows: Sequence[Sequence[Any]], headings: Mapping[str, str], language: Language, zone: ZoneInfo
) -> Table:
    """Return the rows under their headings; without any, under the names of the columns."""
    named = [(column, headings.get(column, column)) for column in headings or records.columns]
    at = {column: index for index, column in enumerate(records.columns)}
    chosen = [(column, heading, at[column]) for column, heading in named if column in at]
    cells = tuple(tuple(cell(row[index], column, language, zone) for column, _, index in chosen) for row in rows)
    return Table(tuple(heading for _, heading, _ in chosen), cells)


def _read(value: object) -> object:
    """Return a text that is nothing but an ISO date or time as that: JSON has no dates of its own."""
    if not isinstance(value, str):
        return value
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
        return datetime.fromisoformat(value) if _MOMENT.fullmatch(value) else value
    except ValueError:
        return value


def _number(number: float | Decimal, column: str) -> str:
    written = _plain_number(number)
    whole, dot, rest = written.partition(".")
    if _NAMES_SOMETHING.fullmatch(column.lower()) or not whole.lstrip("-").isdecimal():
        return written
    return f"{int(whole):,}{dot}{rest}" if whole not in ("-0", "") else written


def _plain_number(number: float | Decimal) -> str:
    """Return a number without an exponent and without zeros that say nothing."""
    if isinstance(number, int):
        return str(number)
    exact = Decimal(str(number))
    if not exact.is_finite() or abs(exact.adjusted()) > _MOST_DIGITS:
        return str(number)
    written = f"{exact:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _when(when: date, language: Language, zone: ZoneInfo) -> str:
    """Return a day, or a moment in the company's time zone."""
    if not isinstance(when, datetime):
        return _day(when, language)
    local = when.astimezone(zone) if when.tzinfo else when
    return f"{_day(local.date(), language)} {local:%H:%M}".replace("） ", "）")


def _day(day: date, language: Language) -> str:
    weekday = _WEEKDAYS[language][day.weekday()]
    return f"{day.year}/{day.month}/{day.day}（{weekday}）" if language == "zh-TW" else f"{day:%Y-%m-%d} ({weekday})"


def _text(text: str) -> str:
    clean = _UNFIT.sub("", text).strip()
    return clean if len(clean) <= _LONGEST else clean[:_LONGEST] + "…"
