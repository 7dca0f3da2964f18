"""Days as English has them, found in text that is levelled. Months and distances are dateparser's work.

dateparser sees only what is certainly a day ("12th of may", "in 3 weeks"): given a whole sentence, or a bare number or
word, it guesses.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from functools import lru_cache
from threading import Lock

from bots.windows.modes.days import IMPOSSIBLE, Day, Days, later, made

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORDS = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1, "after": 2, "before": -2, "this": 0}
_LEAP_YEAR = 2028
_lock = Lock()  # dateparser loads and keeps its locales without one


@lru_cache(maxsize=1024)
def _parsed(phrase: str, today: date) -> date | None:
    import dateparser

    settings = {
        "RELATIVE_BASE": datetime.combine(today, time()),
        "PARSERS": ["relative-time", "absolute-time"],
        "STRICT_PARSING": False,
        "DATE_ORDER": "DMY",
    }
    with _lock:
        found = dateparser.parse(phrase, languages=["en"], settings=settings)
    return found.date() if found else None


def _month_day(match: re.Match[str], _: date) -> Day:
    return _named(match["d"], match["m"], match["y"])


def _named(day: str, month: str, year: str | None) -> Day:
    found = _parsed(f"{day} {month} {_LEAP_YEAR}", date(_LEAP_YEAR, 1, 1))
    if found is None:
        return IMPOSSIBLE
    if not year:
        return Day(month=found.month, day=found.day)
    whole = made(int(year), found.month, found.day)
    return Day(fixed=whole) if whole else IMPOSSIBLE


def _month_days(match: re.Match[str], _: date) -> Days:
    return _named(match["d"], match["m"], match["y"]), _named(match["e"], match["m"], match["y"])


def _away(match: re.Match[str], today: date) -> Day:
    found = _parsed(re.sub(r"from (?:now|today)|later", "from now", match[0]), today)
    return Day(fixed=found) if found else IMPOSSIBLE


def _word(match: re.Match[str], today: date) -> Day:
    word = match["after"] or match["word"]
    return later(today, _WORDS["tomorrow" if word in ("tmr", "tmrw", "tomorow", "tommorow") else word])


def _weekday(match: re.Match[str], today: date) -> Day:
    weekday = _WEEKDAYS.index(match["w"][:3])
    which = (match["which"] or match["week"] or match["weeks"] or "").strip()
    if not which:
        return Day(weekday=weekday)
    away = {"next": weekday - today.weekday() + 7, "this": weekday - today.weekday()}
    found = later(today, away.get(which, -((today.weekday() - weekday) % 7 or 7)))
    return replace(found, weekday=weekday)


def _end_of_month(match: re.Match[str], today: date) -> Day:
    year, month = today.year, today.month
    if match["which"] == "next":
        year, month = year + month // 12, month % 12 + 1
    found = made(year, month, monthrange(year, month)[1])
    return Day(fixed=found) if found else IMPOSSIBLE


_MONTH = (
    r"(?P<m>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_ORDINAL = r"(?:st|nd|rd|th)?"
_OF_YEAR = r"(?:,?\s(?P<y>(?:19|20|21)\d\d)(?![\d:]))?"
_BEGIN, _END = r"(?<![a-z0-9])", r"(?![a-z0-9])"
_COUNT = r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
_FULL = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_SHORT = r"(?:mon|tues?|wed|thurs?|thu|fri)"

Reader = Callable[[re.Match[str], date], Day | Days]

_WAYS: tuple[tuple[str, Reader], ...] = (
    (
        rf"{_BEGIN}(?P<d>\d{{1,2}}){_ORDINAL}\s?(?:-|to|until)\s?(?P<e>\d{{1,2}}){_ORDINAL}\s(?:of\s)?{_MONTH}{_OF_YEAR}{_END}",
        _month_days,
    ),
    (
        rf"{_BEGIN}{_MONTH}\s(?P<d>\d{{1,2}}){_ORDINAL}\s?(?:-|to|until)\s?(?P<e>\d{{1,2}}){_ORDINAL}(?!\s?[ap]m|:){_OF_YEAR}{_END}",
        _month_days,
    ),
    (rf"{_BEGIN}(?P<d>\d{{1,2}}){_ORDINAL}\s?(?:of\s)?{_MONTH}{_OF_YEAR}{_END}", _month_day),
    (rf"{_BEGIN}{_MONTH}\s?(?:the\s)?(?P<d>\d{{1,2}}){_ORDINAL}(?!\s?[ap]m|:){_OF_YEAR}{_END}", _month_day),
    (rf"{_BEGIN}in\s{_COUNT}\s(?:day|week|month)s?{_END}", _away),
    (rf"{_BEGIN}{_COUNT}\s(?:day|week|month)s?\s(?:from\s(?:now|today)|later|ago){_END}", _away),
    (rf"{_BEGIN}(?:the\s)?day\s(?P<after>after|before)\s(?P<word>tomorrow|yesterday){_END}", _word),
    (rf"(?P<after>){_BEGIN}(?P<word>today|tomorr?ow|tommorow|tmrw?|yesterday){_END}", _word),
    (rf"(?P<after>){_BEGIN}(?P<word>this)\s(?=(?:morning|afternoon|evening)s?{_END})", _word),
    (rf"(?P<after>){_BEGIN}(?P<word>to)(?=night{_END})", lambda _, today: later(today, 0)),
    (
        rf"{_BEGIN}(?P<weeks>next|this)\sweek\s(?:on\s)?(?P<w>{_FULL}|{_SHORT}|sat|sun)(?P<which>)(?P<week>){_END}",
        _weekday,
    ),
    (
        rf"(?P<weeks>){_BEGIN}(?P<which>(?:this|next|last)\s)?(?P<w>{_FULL})(?:\s(?:of\s)?(?P<week>next|this)\sweek)?{_END}",
        _weekday,
    ),
    (rf"(?P<weeks>){_BEGIN}(?P<which>(?:this|next|last)\s)?(?P<w>{_SHORT})(?P<week>){_END}", _weekday),
    (rf"(?P<weeks>)(?P<week>){_BEGIN}(?:on\s)?(?P<which>(?:this|next|last)\s)(?P<w>sat|sun){_END}", _weekday),
    (r"(?<=\()(?P<weeks>)(?P<week>)(?P<which>)(?P<w>sat|sun)(?=\))", _weekday),
    (rf"{_BEGIN}(?:the\s)?end\sof\s(?:the\s)?(?P<which>this|next)?\s?month{_END}", _end_of_month),
)

READERS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple((re.compile(pattern), read) for pattern, read in _WAYS)
"""How each way to write a day is found and read."""
