"""A field's value, read from what somebody wrote. Where it is none, NotUnderstood says why in a sentence.

- A day alone in a moment's field is the working day's beginning, or its end where the field comes ``after`` another.
- A time alone there is on the day of that other field, if ``context.values`` has it.
- A day without a year is the next one, unless the field or the text speaks of something past (``dates.looks_back``).
- Money is New Taiwan dollars. Numbers and money are negative only where ``min`` is.
- A field with ``choices_from`` gets its choices by ``choosing.with_choices`` first.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Never

import regex  # type: ignore[import-untyped]  # its types are a package of their own

from bots.windows.modes import dates
from bots.windows.modes.amounts import read_money, read_number
from bots.windows.modes.choosing import choose, choose_some, person
from bots.windows.modes.dates import NoMoment
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.meaning import Context, Value
from bots.windows.modes.sentences import refuse
from bots.windows.modes.spans import day_of

_PATTERN_TIME_S = 0.1  # a pattern of the file that takes longer on some text is a trap
_LONGEST_FILE = 300
_LONGEST_READ = 2000  # characters of anything but a text; what is longer is told by its beginning
_NO_TEXT = (
    re.compile(  # what no person types, no database takes, or only deceives: controls, overrides, lone surrogates
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
    )
)
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060-\u2064\u00ad\u3164\u115f\u1160]*")
_REASONS = {"no_date": {"time": "no_time", "datetime": "no_moment"}}


def parse(field: FieldSpec, text: str, context: Context) -> Value:
    """Return the value of the field that the text is. Raises NotUnderstood."""
    if not text.strip():
        refuse(field, text, context, "empty")
    if len(text) > _LONGEST_READ and field.type != "text":
        text = text[: _LONGEST_READ + 1]
    return _READ[field.type](field, text, context)


def ends(field: FieldSpec) -> bool:
    """Whether the field is the end of something: of a part of the day, its end is meant."""
    return field.after is not None


def looks_back(field: FieldSpec, text: str) -> bool:
    """Whether the field or the text is about something past."""
    return any(map(dates.looks_back, (text, field.help, *field.label.values())))


def _text(field: FieldSpec, text: str, context: Context) -> str:
    value = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if _NO_TEXT.search(value):
        refuse(field, "", context, "control")
    if _INVISIBLE.fullmatch(value):
        refuse(field, "", context, "empty")
    if len(value) > field.longest:
        refuse(field, "", context, "too_long", longest=f"{field.longest:,}", length=f"{len(value):,}")
    if field.pattern and not matches(field.pattern, value):
        refuse(field, value, context, "pattern" if field.example else "pattern_plain")
    return value


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches; not if that takes too long to find out."""
    try:
        return regex.fullmatch(pattern, text, timeout=_PATTERN_TIME_S) is not None
    except (TimeoutError, regex.error):
        return False


def beside(field: FieldSpec, context: Context) -> date | None:
    """Return the day of the field that this one must come after or before, if it is known."""
    other = context.values.get(field.after or field.before or "")
    return day_of(other) if isinstance(other, date) else None


def _date(field: FieldSpec, text: str, context: Context) -> date:
    since = beside(field, context) if ends(field) else None
    try:
        return dates.read_date(text, context.now, past=looks_back(field, text), since=since)
    except NoMoment as error:
        _refuse_moment(field, text, context, error)


def _time(field: FieldSpec, text: str, context: Context) -> time:
    try:
        return dates.read_time(text, context.now, ends=ends(field))
    except NoMoment as error:
        _refuse_moment(field, text, context, error)


def _datetime(field: FieldSpec, text: str, context: Context) -> datetime:
    past, day = looks_back(field, text), beside(field, context)
    try:
        return dates.read_datetime(text, context.now, past=past, ends=ends(field), beside=day)
    except NoMoment as error:
        _refuse_moment(field, text, context, error)


def _refuse_moment(field: FieldSpec, text: str, context: Context, error: NoMoment) -> Never:
    refuse(field, text, context, _REASONS.get(error.reason, {}).get(field.type, error.reason))


def _file(field: FieldSpec, text: str, context: Context) -> str:
    if not text or len(text) > _LONGEST_FILE or not text.isprintable():
        refuse(field, text, context, "no_file")
    return text


_READ: Mapping[str, Callable[[FieldSpec, str, Context], Value]] = {
    "text": _text,
    "number": read_number,
    "money": read_money,
    "choice": choose,
    "choices": choose_some,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "person": person,
    "file": _file,
}
