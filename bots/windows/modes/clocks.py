"""Times of day and lengths of time as people write them, found in text that is levelled.

- A part of the day without a time is office time: MORNING, AFTERNOON, EVENING, WORKDAY.
- 三點, 2:30, "at 4" without a part of the day are afternoon up to six o'clock (``ASSUMED_AFTERNOON``); 02:30 is not.
- Minutes are counted from midnight; from 1,440 on they are those of the next day (晚上12點, 24:00).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bots.windows.modes.numerals import SMALL, number, small

HOUR = 60
DAY = 24 * HOUR
MORNING = (9 * HOUR, 12 * HOUR)
NOON = (12 * HOUR, 12 * HOUR)
AFTERNOON = (13 * HOUR, 18 * HOUR)
EVENING = (18 * HOUR, 21 * HOUR)
WORKDAY = (9 * HOUR, 18 * HOUR)
ASSUMED_AFTERNOON = range(1, 7)

PARTS = {"morning": MORNING, "noon": NOON, "afternoon": AFTERNOON, "evening": EVENING, "day": WORKDAY}
"""Part of the day → from and until, in minutes from midnight. 凌晨 and 半夜 only say which half a time is of."""

_PART_OF = {
    "上午": "morning", "早上": "morning", "早晨": "morning", "清晨": "morning", "早": "morning", "中午": "noon",
    "正午": "noon", "下午": "afternoon", "午後": "afternoon", "傍晚": "evening", "晚上": "evening", "晚間": "evening",
    "晚": "evening", "夜間": "evening", "凌晨": "night", "半夜": "midnight", "深夜": "midnight",
}  # fmt: skip
_ENGLISH_PARTS = {"morning": "morning", "afternoon": "afternoon", "evening": "evening", "night": "evening"}


@dataclass(frozen=True, slots=True)
class Clock:
    """A time as written. ``twelve``: without a part of the day it may be of either half; ``loose``: alone it may be no
    time at all (一點)."""

    hour: int
    minute: int = 0
    half: str = ""
    twelve: bool = False
    loose: bool = False


Clocks = tuple[Clock, Clock]


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time, in days or in minutes."""

    days: Decimal | None = None
    minutes: Decimal | None = None


def minute_of(clock: Clock, part: str = "") -> int | None:
    """Return the minute of the day, None if there is no such time in that part of the day."""
    hour = _hour(clock, clock.half or part)
    if hour is None or clock.minute > 59 or hour * HOUR + clock.minute > 30 * HOUR:
        return None
    return hour * HOUR + clock.minute


def _hour(clock: Clock, part: str) -> int | None:
    hour = clock.hour
    if not 0 <= hour <= 24 or (hour == 24 and clock.minute):
        return None
    if part in ("", "day"):
        return hour + 12 if clock.twelve and hour in ASSUMED_AFTERNOON else hour
    return _HOURS[part](hour)


def _noon(hour: int) -> int | None:
    return hour + 12 if hour in (1, 2) else hour if 11 <= hour <= 14 else None


def _afternoon(hour: int) -> int | None:
    return hour + 12 if 0 < hour < 12 else hour if hour >= 12 else None


def _evening(hour: int) -> int | None:
    if hour in (0, 12):
        return 24
    return hour + 24 if hour < 5 else hour + 12 if hour < 12 else hour


def _midnight(hour: int) -> int | None:
    return 24 if hour == 12 else hour + 12 if 9 <= hour < 12 else hour


_HOURS: dict[str, Callable[[int], int | None]] = {
    "am": lambda hour: hour % 12 if hour <= 12 else None,
    "pm": _afternoon,
    "morning": lambda hour: hour if hour <= 12 else None,
    "noon": _noon,
    "afternoon": _afternoon,
    "evening": _evening,
    "night": lambda hour: hour % 12 if hour <= 12 else None,
    "midnight": _midnight,
}


def _half(written: str | None) -> str:
    return (written or "")[:1] + "m" if written else ""


def _digital(match: re.Match[str], _: date) -> Clock:
    hour, half = match["h"], _half(match["half"])
    return Clock(int(hour), int(match["min"]), half, twelve=not half and not hour.startswith("0"))


def _english(match: re.Match[str], _: date) -> Clock:
    return Clock(int(match["h"]), int(match["min"] or 0), _half(match["half"]))


def _spoken(match: re.Match[str], _: date) -> Clock:
    bare = match["q"] is None and match["min"] is None and match["sharp"] is None
    loose = bare and not match["h"].isdecimal()
    return Clock(small(match["h"]), _minutes(match), twelve=not match["h"].startswith("0"), loose=loose)


def _minutes(match: re.Match[str]) -> int:
    if match["q"]:
        return {"半": 30, "一刻": 15, "三刻": 45}[match["q"]]
    return small(match["min"]) if match["min"] else 0


def _o_clock(match: re.Match[str], _: date) -> Clock:
    return Clock(int(match["h"]), twelve=True)


def _at(match: re.Match[str], _: date) -> Clock:
    return Clock(int(match["h"]), twelve=True, loose=True)


def _word(match: re.Match[str], _: date) -> Clock:
    return Clock(24 if match["word"] == "midnight" else 12)


def _range(match: re.Match[str], _: date) -> Clocks:
    half = _half(match["half"])
    first = Clock(small(match["h"]), int(match["min"] or 0), twelve=True)
    last_minute = 30 if match["q"] else int(match["min2"] or 0)
    return first, Clock(small(match["h2"]), last_minute, half, twelve=not half)


def _bare_range(match: re.Match[str], _: date) -> Clocks:
    return Clock(int(match["h"]), twelve=True), Clock(int(match["h2"]), twelve=True)


def _part(match: re.Match[str], _: date) -> str:
    return _PART_OF[match[0]]


def _english_part(match: re.Match[str], _: date) -> str:
    return _ENGLISH_PARTS[match["part"]]


def _all_day(_match: re.Match[str], _: date) -> str:
    return "day"


def _length(match: re.Match[str], _: date) -> Length:
    half = Decimal("0.5")
    count = half if match["n"] in ("半", "half a", "half an", "half") else _count(match["n"])
    if match["and"] or match["more"]:
        count += half
    return _of_unit(count, match["unit"])


_ENGLISH_COUNTS = {
    word: i
    for i, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}


def _count(written: str) -> Decimal:
    if written in ("a", "an"):
        return Decimal(1)
    return Decimal(_ENGLISH_COUNTS[written]) if written in _ENGLISH_COUNTS else number(written) or Decimal(0)


def _of_unit(count: Decimal, unit: str) -> Length:
    if unit.startswith(("小時", "鐘頭", "hour", "hr")):
        return Length(minutes=count * HOUR)
    if unit.startswith(("分", "min")):
        return Length(minutes=count)
    return Length(days=count * 7 if unit.startswith(("週", "星期", "禮拜", "week")) else count)


_TO = r"\s?(?:-|~|到|至|to|and|until|till)\s?"
_HALF = r"(?P<half>a\.?m\.?|p\.?m\.?)(?![a-z])"
_POINT = r"[點時](?![間候段薪效機評心子餐數點])"
_NO_COUNT = "[個人元天份台位萬千幾多]"  # 三點十個人 is three o'clock, with ten people
_FINE = (
    r"(?P<min>\d{1,2}(?=\s?分(?!鐘後))|[零一二三四五六七八九十]{1,3}(?=\s?分)"
    rf"|\d\d(?!\d|{_NO_COUNT})|零[一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]?(?!{_NO_COUNT}))\s?分?"
)
_BEGIN, _END = r"(?<![a-z0-9])", r"(?![a-z0-9])"
_NUMBER_FOLLOWS = r"(?=\s?[\d一二三四五六七八九十兩])"
_ENGLISH_COUNT = r"\d{1,3}(?:\.\d)?|half an?|half|an?|one|two|three|four|five|six|seven|eight|nine|ten"

Reader = Callable[[re.Match[str], date], Clock | Clocks | Length | str]

_WAYS: tuple[tuple[str, Reader], ...] = (
    (
        (
            rf"(?<![\d:./a-z-])(?P<h>{SMALL})(?::(?P<min>\d\d))?{_TO}(?P<h2>{SMALL})(?::(?P<min2>\d\d))?\s?"
            rf"(?:{_HALF}|{_POINT}(?P<q>半)?)"
        ),
        _range,
    ),
    (
        (
            r"(?:(?<=[上下]午)|(?<=[早晚]上)|(?<=[上下]午 ))(?P<h>\d{1,2})\s?[-~到至]\s?(?P<h2>\d{1,2})"
            r"(?![\d/:.月號日天點時])"
        ),
        _bare_range,
    ),
    (rf"(?<![\d:.])(?P<h>\d{{1,2}}):(?P<min>\d\d)(?::\d\d(?:\.\d{{1,6}})?)?(?![\d:])(?:\s?{_HALF})?", _digital),
    (rf"(?<![\d:.,])(?P<h>\d{{1,2}})(?:[:.](?P<min>\d\d))?\s?{_HALF}", _english),
    (rf"(?<![\d:.])(?P<h>{SMALL})\s?{_POINT}\s?(?:(?P<q>半|一刻|三刻)|{_FINE}|(?P<sharp>整|鐘))?", _spoken),
    (rf"{_BEGIN}(?P<h>\d{{1,2}})\s?o'?clock{_END}", _o_clock),
    (rf"{_BEGIN}at\s(?P<h>\d{{1,2}})(?!\s?[\d:.%a-z$])", _at),
    (rf"{_BEGIN}(?:12\s)?(?P<word>noon|midday|midnight){_END}", _word),
    (r"[上下]午(?!茶)|[早晚]上(?!好)|(?<=[今明昨])[早晚]|早晨|清晨|[中正]午(?!餐)|午後|傍晚|[晚夜]間", _part),
    (rf"(?:凌晨|半夜|深夜){_NUMBER_FOLLOWS}", _part),
    (r"(?:一整|整|全)[天日]", _all_day),
    (
        rf"(?:{_BEGIN}|(?<=to)(?=night))(?<!good )(?:in\sthe\s|the\s)?(?P<part>morning|afternoon|evening|night){_END}",
        _english_part,
    ),
    (rf"{_BEGIN}(?:all|whole|full)\sday{_END}", _all_day),
    (
        (
            rf"(?<![\d.,第])(?P<n>\d{{1,3}}(?:\.\d)?|{SMALL}|半)\s?個?(?P<and>半)?\s?"
            r"(?P<unit>小時|鐘頭|分鐘|天|日(?=假)|工作天|工作日|星期|禮拜|週(?![年末]))(?P<more>半)?(?![之以]?[前後內])"
        ),
        _length,
    ),
    (
        (
            rf"{_BEGIN}(?P<n>{_ENGLISH_COUNT})\s?(?P<and>and\sa\shalf\s)?(?P<more>)"
            rf"(?P<unit>days?|hours?|hrs?|minutes?|mins?|weeks?){_END}"
        ),
        _length,
    ),
)

READERS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple((re.compile(pattern), read) for pattern, read in _WAYS)
"""How each way to write a time, a part of the day or a length is found and read."""
