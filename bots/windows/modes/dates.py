"""Dates, times of day, and what stretches between two of them, found in free text or read from an answer.

What is a day, days.py and english_days.py say, what is a time, clocks.py; moments.py puts them together: 明天 + 下午 +
兩點半 is one point, and two points with 到 between them are a range. Nothing is guessed: what is not certainly a date
is left. Where an answer has to be a date, all of it has to be one, but for words like 就, 好了, please.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from bots.windows.modes.clocks import WORKDAY
from bots.windows.modes.days import made
from bots.windows.modes.moments import Found, Frame, Moment, Point, gather
from bots.windows.modes.numerals import SMALL, number
from bots.windows.modes.plain import level

LONGEST = 2000
"""Characters that are read; a date after that is not found."""

_ANSWER = 80  # characters: a longer answer is a story, not a date


class NoMoment(ValueError):
    """The text is no such date or time. ``reason`` names the sentence that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def find(text: str, frame: Frame) -> Found:
    """Find all dates, times, ranges and lengths in the text; places in it are those of the text."""
    return gather(level(text[:LONGEST]), frame)


_PAST = re.compile(
    r"補(?:打|登|卡|請|報|刷|簽|申|填|單|\s?\d|昨|前|上)|漏|忘記?了?打卡|昨[天日晚]|前天|上個?(?:週|星期|禮拜|月)|發生|消費|支出|購買|交易|發票|收據"
    r"|\b(?:yesterday|last (?:week|month)|forgot|missed|incurred|spent|occurred|happened|purchased?|receipt)\b"
)


def looks_back(text: str) -> bool:
    """Whether the words speak of something past, so that 5/12 may be the one that was."""
    return bool(_PAST.search(level(text[:LONGEST])))


def read_date(text: str, now: datetime, *, past: bool = False, since: date | None = None) -> date:
    """Return the day that the text is. Raises NoMoment."""
    moment = _only(text, now, Frame(now.date(), past, since))
    if moment.last and moment.last.day != moment.first.day:
        raise NoMoment("two_days")
    if moment.first.day is None:
        raise NoMoment("no_day")
    return moment.first.day


def read_time(text: str, now: datetime, *, ends: bool = False) -> time:
    """Return the time of day that the text is; of 下午 its beginning, or its end if this ``ends``. Raises NoMoment."""
    moment = _only(text, now, Frame(now.date()))
    if moment.first.day is not None and not _is_now(text):
        raise NoMoment("only_time")
    if moment.last:
        raise NoMoment("two_times")
    minute = moment.first.end if ends else moment.first.begin
    if minute is None:
        raise NoMoment("no_time")
    return time_at(minute)


def read_datetime(
    text: str, now: datetime, *, past: bool = False, ends: bool = False, beside: date | None = None
) -> datetime:
    """Return the moment that the text is, in the zone of ``now``. Raises NoMoment.

    A day alone is a working day: its beginning, or its end if this ``ends``. ``beside``: the day of the field this one
    belongs to; a time alone is on that day, and the end is not before it.
    """
    moment = _only(text, now, Frame(now.date(), past, beside if ends else None))
    if moment.last:
        raise NoMoment("two_times")
    if moment.first.day is None and beside is None:
        raise NoMoment("no_day")
    return moment_at(moment.first, now, ends=ends, day=beside)


def moment_at(point: Point, now: datetime, *, ends: bool = False, day: date | None = None) -> datetime:
    """Return the moment of a point that has a day, or of its time on ``day``. Raises NoMoment past the year 9999."""
    on = point.day or day
    assert on
    minute = point.end if ends else point.begin
    if minute is None:
        minute = WORKDAY[1] if ends else WORKDAY[0]
    try:
        return datetime.combine(on + timedelta(days=minute // 1440), time_at(minute), now.tzinfo)
    except OverflowError:
        raise NoMoment("no_such_day") from None


def time_at(minute: int) -> time:
    """Return the time of day so many minutes after midnight."""
    return time(minute // 60 % 24, minute % 60)


_NOW = re.compile(r"(?:就是?)?(?:現在|剛剛|剛才|right now|now|just now)")
_SOON = re.compile(rf"(?P<n>\d{{1,3}}|{SMALL}|半)\s?個?(?P<half>半)?\s?(?P<unit>小時|鐘頭|分鐘)[之以]?後")
_ISO = re.compile(r"\d{4}-\d\d-\d\dt\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:z|[+-]\d\d:\d\d)?")
_RUN = re.compile(r"(?P<y>(?:19|20|21)\d\d|1\d\d)(?P<m>\d\d)(?P<d>\d\d)")
_FILLING = re.compile(
    r"(?:\s|[,.!()~的吧好了是在於就從自到至起]|開始|結束|左右|大概|可以|我想|我要|請|那天|當天|為止|整"
    r"|\b(?:on|at|by|the|from|until|please|around|about|i|want|it|is|let's|say|for)\b)*"
)


def _is_now(text: str) -> bool:
    return _NOW.fullmatch(level(text).strip()) is not None


def _only(text: str, now: datetime, frame: Frame) -> Moment:
    """Return the one moment that the whole text is. Raises NoMoment."""
    plain = level(text).strip()
    if not plain or len(plain) > _ANSWER:
        raise NoMoment("no_date")
    if whole := _now(plain, now) or _iso(plain, now) or _run(plain):
        return Moment(0, len(plain), whole)
    found = gather(plain, frame)
    if len(found.moments) > 1:
        raise NoMoment("two_days")
    if not found.moments or found.lengths or not _all_said(plain, found.moments[0]):
        raise NoMoment("no_date")
    if found.moments[0].wrong:
        raise NoMoment("no_such_day")
    return found.moments[0]


def _all_said(plain: str, moment: Moment) -> bool:
    return all(_FILLING.fullmatch(rest) for rest in (plain[: moment.start], plain[moment.stop :]))


def _now(plain: str, now: datetime) -> Point | None:
    minute = now.hour * 60 + now.minute
    if match := _SOON.fullmatch(plain):
        minute += _minutes(match)
    elif not _NOW.fullmatch(plain):
        return None
    return Point(now.date(), minute, minute)


def _minutes(match: re.Match[str]) -> int:
    count = Decimal("0.5") if match["n"] == "半" else number(match["n"]) or Decimal(0)
    if match["half"]:
        count += Decimal("0.5")
    return int(count if match["unit"] == "分鐘" else count * 60)


def _iso(plain: str, now: datetime) -> Point | None:
    """Return what a picker of a platform or a browser sends: 2026-05-12T13:00."""
    if not _ISO.fullmatch(plain):
        return None
    try:
        read = datetime.fromisoformat(plain.upper())
        local = read.astimezone(now.tzinfo) if read.tzinfo else read
    except (ValueError, OverflowError):
        raise NoMoment("no_such_day") from None
    minute = local.hour * 60 + local.minute
    return Point(local.date(), minute, minute)


def _run(plain: str) -> Point | None:
    """Return 20260512 or 1150512."""
    if not (match := _RUN.fullmatch(plain)):
        return None
    year = int(match["y"])
    found = made(year + 1911 if year < 1000 else year, int(match["m"]), int(match["d"]))
    if found is None:
        raise NoMoment("no_such_day")
    return Point(found)
