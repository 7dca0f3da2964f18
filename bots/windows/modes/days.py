"""Days as people write them, found in text that is levelled. Which day is meant, ``settle`` tells.

- Weeks begin on Monday: 下週日 is the Sunday that ends next week; "next Wednesday" is 下週三.
- A month and a day (5/12) are the ones of the last 60 days, if there are any (``PAST_DAYS``), else the next to come: on
  May 14 nobody means the 5/12 of next year.
- A day without a month (5號) or a weekday alone (週三) is the next to come, today included; where something past is
  meant (``past``: 補打卡, 發生日期), the last that was, within the same 60 days.
- A second day of a range is the first such day on or after the first: 12/30到1/2, 週三到週五.
- 民國 years have two or three digits. 5/12 is May 12: Taiwan writes the month first.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bots.windows.modes.numerals import SMALL, small

PAST_DAYS = 60
"""How far back a day may lie that is named without its year."""

_ROC = 1911
_WEEKDAYS = {character: index for index, character in enumerate("一二三四五六日")} | {"天": 6}
_WEEKDAYS |= {str(index + 1): index for index in range(7)}
_RELATIVE = {"大後": 3, "後": 2, "明": 1, "今": 0, "本": 0, "昨": -1, "前": -2, "大前": -3}
_MONTHS_OFF = {"下下": 2, "下": 1, "這": 0, "本": 0, "": 0, "上": -1, "上上": -2}
_YEARS_OFF = {"今": 0, "本": 0, "明": 1, "後": 2, "去": -1, "前": -2}


@dataclass(frozen=True, slots=True)
class Day:
    """A day as far as it was named. ``fixed`` needs nothing else; ``loose`` (14日) counts only in company.

    A ``weekday`` beside something else is there to be compared: 5/12（二）, 下週三(5/20).
    """

    fixed: date | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    loose: bool = False
    impossible: bool = False


Days = tuple[Day, Day]

IMPOSSIBLE = Day(impossible=True)


def settle(day: Day, today: date, *, past: bool = False, since: date | None = None) -> date | None:
    """Return the date that is meant; None if there is no such day. ``since``: the first day of the range."""
    if day.impossible or day.fixed:
        return day.fixed
    looks_back = past or day.month is not None
    if looks_back and since is None and (found := _last(day, today)):
        return found
    return _next(day, since or today)


def _next(day: Day, base: date) -> date | None:
    """Return the first day from ``base`` on that fits, within a year."""
    if day.weekday is not None:
        return base + timedelta((day.weekday - base.weekday()) % 7)
    fitting = (found for found in _candidates(day, base, 1) if base <= found)
    return next(fitting, None)


def _last(day: Day, today: date) -> date | None:
    """Return the last day until ``today`` that fits, of those that are not too long ago."""
    if day.weekday is not None:
        return today - timedelta((today.weekday() - day.weekday) % 7)
    fitting = (found for found in _candidates(day, today, -1) if found <= today)
    return next((found for found in fitting if (today - found).days <= PAST_DAYS), None)


def _candidates(day: Day, base: date, direction: int) -> Iterator[date]:
    for away in range(13):
        year, month = _shifted(base, direction * away)
        if day.month in (None, month) and (found := made(year, month, day.day or 0)):
            yield found


def made(year: int, month: int, day: int) -> date | None:
    """Return the date, None if there is none."""
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def later(today: date, days: int) -> Day:
    """Return the day so many days after today, before it if negative."""
    try:
        return Day(fixed=today + timedelta(days))
    except OverflowError:
        return IMPOSSIBLE


def _fixed(found: date | None) -> Day:
    return Day(fixed=found) if found else IMPOSSIBLE


def _month_day(month: int, day: int) -> Day:
    return Day(month=month, day=day) if made(2000, month, day) else IMPOSSIBLE


def _western(match: re.Match[str], _: date) -> Day:
    return _fixed(made(int(match["y"]), small(match["m"]), small(match["d"])))


def _written_out(match: re.Match[str], _: date) -> Day:
    year = _long(match["y"])
    if not match["roc"] and len(match["y"]) == 4:
        return _fixed(made(year, small(match["m"]), small(match["d"])))
    return _fixed(made(year + _ROC, small(match["m"]), small(match["d"]))) if 0 < year < 300 else IMPOSSIBLE


def _long(text: str) -> int:
    return int(text) if text.isdecimal() else small(text)


def _with_year_last(match: re.Match[str], _: date) -> Day:
    first, second, year = int(match["a"]), int(match["b"]), int(match["y"])
    return _fixed(made(year, first, second) or made(year, second, first))


def _of_year(match: re.Match[str], today: date) -> Day:
    return _fixed(made(today.year + _YEARS_OFF[match["off"]], small(match["m"]), small(match["d"])))


def _year_less(match: re.Match[str], _: date) -> Day:
    return _month_day(small(match["m"]), small(match["d"]))


def _year_less_range(match: re.Match[str], _: date) -> Days:
    month = small(match["m"])
    return _month_day(month, small(match["d"])), _month_day(month, small(match["e"]))


def _numbers_range(match: re.Match[str], _: date) -> Days:
    return _of_any_month(small(match["d"])), _of_any_month(small(match["e"]))


def _of_any_month(day: int, *, loose: bool = False) -> Day:
    return Day(day=day, loose=loose) if 1 <= day <= 31 else IMPOSSIBLE


def _number(match: re.Match[str], _: date) -> Day:
    return _of_any_month(small(match["d"]), loose=match["unit"] == "日")


def _shifted(today: date, months: int) -> tuple[int, int]:
    return today.year + (today.month - 1 + months) // 12, (today.month - 1 + months) % 12 + 1


def _of_month(match: re.Match[str], today: date) -> Day:
    return _fixed(made(*_shifted(today, _MONTHS_OFF[match["off"]]), small(match["d"])))


def _end_of_month(match: re.Match[str], today: date) -> Day:
    year, month = _shifted(today, _MONTHS_OFF[match["off"] or ""])
    return _fixed(made(year, month, monthrange(year, month)[1]))


def _end_of_named(match: re.Match[str], today: date) -> Day:
    month = small(match["m"])
    if not 1 <= month <= 12:
        return IMPOSSIBLE
    year = today.year + (month < today.month)
    return _fixed(made(year, month, monthrange(year, month)[1]))


def _end_of_year(match: re.Match[str], today: date) -> Day:
    return _fixed(made(today.year + _YEARS_OFF[match["off"] or "今"], 12, 31))


def _away(match: re.Match[str], today: date) -> Day:
    count, sign = small(match["n"]), 1 if "後" in match["way"] else -1
    if match["unit"].endswith("月"):
        year, month = _shifted(today, sign * count)
        return _fixed(made(year, month, min(today.day, monthrange(year, month)[1])) if 0 < year < 9999 else None)
    return later(today, sign * count * (1 if match["unit"] in "天日" else 7))


def _word(match: re.Match[str], today: date) -> Day:
    return later(today, _RELATIVE[match["off"]])


def _two_words(match: re.Match[str], today: date) -> Days:
    first = 0 if match[0].startswith("今") else 1
    return later(today, first), later(today, first + 1)


def _weekday(match: re.Match[str], today: date) -> Day:
    weekday, week = _WEEKDAYS[match["w"]], match["week"]
    if not week:
        return Day(weekday=weekday)
    return replace(later(today, weekday - today.weekday() + 7 * _MONTHS_OFF[week]), weekday=weekday)


_YEAR = r"(?P<y>(?:19|20|21)\d\d)"
_TO = r"\s?(?:-|~|到|至)\s?"
_M_D = rf"(?P<m>{SMALL})\s?月\s?(?P<d>{SMALL})"
_NO_COUNT = r"(?![\d萬千百元個人份件]|\.\d)"  # 12月3人 is no day
_ALONE = r"(?<![\d./-])"
_CN = "零一二三四五六七八九十"
_NOUNS = "會機廠樓門線車倉房桌碼店館口出艙櫃床站"  # nor is 3號會議室
_MONTHS = "下下|下|這|本|上上|上"

Reader = Callable[[re.Match[str], date], Day | Days]

_WAYS: tuple[tuple[str, Reader], ...] = (
    (
        rf"{_ALONE}(?:西元\s?)?{_YEAR}\s?[-/.年]\s?(?P<m>{SMALL})\s?[-/.月]\s?(?P<d>{SMALL})(?:\s?[日號])?(?!\d|\.\d)",
        _western,
    ),
    (
        rf"(?:(?P<roc>民國)\s?|(?<![\d{_CN}百]))(?P<y>\d{{2,3}}|[{_CN}百]{{2,6}})\s?年\s?{_M_D}(?:\s?[日號])?",
        _written_out,
    ),
    (r"(?P<roc>民國)\s?(?P<y>\d{2,3})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d|\.\d)", _written_out),
    (rf"(?P<roc>){_ALONE}(?P<y>1\d\d)(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?!\d|\.\d)", _written_out),
    (rf"{_ALONE}(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}})/{_YEAR}(?!\d)", _with_year_last),
    (rf"(?P<off>[今本明後去前])年\s?的?\s?(?P<m>{SMALL})\s?[月/]\s?(?P<d>{SMALL})(?:\s?[日號])?", _of_year),
    (rf"{_M_D}\s?[日號]?{_TO}(?P<e>{SMALL})\s?[日號]", _year_less_range),
    (
        (
            rf"{_ALONE}(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}}){_TO}(?P<e>\d{{1,2}})"
            r"(?:\s?[日號]|(?![\d/:.點月時天週]|\s?(?:[ap]m|個|小時)))"
        ),
        _year_less_range,
    ),
    (rf"(?<![\d{_CN}第a-z-])(?P<d>{SMALL}){_TO}(?P<e>{SMALL})號(?![{_NOUNS}])", _numbers_range),
    (rf"(?<!\d){_M_D}(?:\s?[日號]|{_NO_COUNT})", _year_less),
    (r"(?<![\d/.])(?P<m>\d{1,2})/(?P<d>\d{1,2})(?![\d/]|\.\d)(?:\s?[日號])?", _year_less),
    (rf"(?P<off>{_MONTHS})個?月的?\s?(?P<d>{SMALL})\s?[日號]", _of_month),
    (rf"(?<!\d)(?P<m>{SMALL})月底", _end_of_named),
    (rf"(?:(?P<off>{_MONTHS})個?)?月底", _end_of_month),
    (r"(?:(?P<off>[今明後去])年)?年?底(?<=年底)", _end_of_year),
    (rf"(?<!\d)(?P<n>\d{{3}}|{SMALL})\s?(?P<unit>天|日|週|個?星期|個?禮拜|個月)(?P<way>[之以]?[後前])(?!天)", _away),
    (r"(?:今明|明後)(?:兩天|兩日|二天|天)", _two_words),
    (
        rf"(?P<off>大後|大前|(?<![以之然最])後|(?<![說聲證表])明|今|昨|(?<![以之目先\d{_CN}兩])前|(?<!日)本)(?:天|日(?!期))",
        _word,
    ),
    (r"(?P<off>今|明|昨)(?=早|晚)", _word),
    (
        rf"(?<![每{_CN}兩幾])(?P<week>{_MONTHS})?個?(?:週|星期|禮拜)(?P<w>[一二三四五六日天](?!次)|[1-7](?![\d天日次]))",
        _weekday,
    ),
    (r"(?<=[\d日號天])\s?\((?P<week>)(?:週|星期|禮拜)?(?P<w>[一二三四五六日])\)", _weekday),
    (rf"(?<![\d{_CN}第.a-z#-])(?P<d>{SMALL})\s?(?P<unit>號|日(?![期誌本報文語常元幣]))(?![{_NOUNS}])", _number),
)

READERS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple((re.compile(pattern), read) for pattern, read in _WAYS)
"""How each way to write a day is found and read. The first that fits at a place is it."""
