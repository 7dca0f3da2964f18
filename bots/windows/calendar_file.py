"""Reads ``calendar.csv``: public holidays, and the weekends on which people work.

The government's calendar (中華民國政府行政機關辦公日曆表, a CSV a year from data.gov.tw) is read as it is: its column
是否放假 holds 2 for a day off and 0 for a working day. A list that somebody writes needs the same two columns.
"""

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bots.windows.csv_file import BadCsv, records
from bots.windows.faults import Fault
from bots.windows.modes.workdays import WEEKDAYS, Calendar, is_weekday

FILE = "calendar.csv"

_FIRST_LINE = "日期,放假,說明"
_DATE = ("日期", "西元日期", "date")
_OFF = ("放假", "是否放假", "off", "isholiday")
_FREE = ("2", "是", "放假", "補假", "yes", "off")
_WORKING = ("0", "否", "上班", "補班", "補行上班", "no", "work")
_WRITTEN = re.compile(r"(\d{4})(\d{2})(\d{2})|(\d{4})([-/.])(\d{1,2})\5(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})日")


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    day: date
    off: bool


_Trouble = tuple[int, str]  # line, sentence


def load_calendar(company: Path) -> tuple[Calendar, tuple[Fault, ...]]:
    """Return the days as ``calendar.csv`` has them, and every fault: a line that is wrong does not count.

    Without the file people work from Monday to Friday.
    """
    path = company / FILE
    if not os.path.lexists(path):
        return WEEKDAYS, ()
    try:
        rows, troubles = _rows(_content(path))
    except BadCsv as error:
        return WEEKDAYS, (Fault(FILE, error.line, str(error)),)
    return _calendar(rows), tuple(Fault(FILE, line, trouble) for line, trouble in troubles)


def out_of_date(company: Path, today: date) -> Iterator[Fault]:
    """Yield what there is to say of a calendar that names no day from today on: nobody has gone on with it."""
    calendar, _ = load_calendar(company)
    last = max(calendar.off | calendar.works, default=today)
    if last < today:
        yield Fault(FILE, None, f"ends on {last}; add the days that follow, or workdays counts Monday to Friday")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadCsv(f"the file cannot be read ({error.strerror})") from error


def _calendar(rows: Sequence[_Row]) -> Calendar:
    """Return what differs from Monday to Friday: the government's list names every day of a year."""
    off = frozenset(row.day for row in rows if row.off and is_weekday(row.day))
    return Calendar(off, frozenset(row.day for row in rows if not row.off and not is_weekday(row.day)))


def _rows(content: bytes) -> tuple[list[_Row], list[_Trouble]]:
    found = records(content, f"its first line is  {_FIRST_LINE}")
    at, header = next(found, (1, []))
    where = _columns(at, header)
    rows: dict[date, _Row] = {}
    troubles: list[_Trouble] = []
    for line, cells in found:
        if cells == header:  # of another year's list, below the first
            continue
        try:
            row = _row(line, cells, where)
            _add(rows, row)
        except ValueError as error:
            troubles.append((line, str(error)))
    return list(rows.values()), troubles


def _columns(line: int, header: Sequence[str]) -> tuple[int, int]:
    """Return where the date and whether it is off stand; other columns are for people."""
    names = [_plain(cell).replace(" ", "").replace("_", "") for cell in header]
    return _column(line, names, _DATE), _column(line, names, _OFF)


def _column(line: int, names: Sequence[str], known: Sequence[str]) -> int:
    found = [at for at, name in enumerate(names) if name in known]
    if len(found) != 1:
        lacks = "has no column" if not found else "has two columns for"
        raise BadCsv(f"{lacks} {known[0]}; its first line is like  {_FIRST_LINE}", line)
    return found[0]


def _plain(cell: str) -> str:
    """Turn full-width letters, digits and marks into ordinary ones, as people type them in either way."""
    return unicodedata.normalize("NFKC", cell).strip().lower()


def _row(line: int, cells: Sequence[str], where: tuple[int, int]) -> _Row:
    """Return what a line says. Raises ValueError with the sentence for whoever wrote it."""
    day, off = (_plain(cells[at]) if at < len(cells) else "" for at in where)
    return _Row(line, _day(day), _is_off(off))


def _day(text: str) -> date:
    found = _WRITTEN.fullmatch(text)
    try:
        return date(*[int(part) for part in found.groups() if part and part.isdecimal()] if found else ())
    except (TypeError, ValueError):
        what = "there is no such day" if found else "that is no date"
        trouble = f'is "{text}", but {what}' if text else "is empty"
        raise ValueError(f"{_DATE[0]}: {trouble}; write it like  2026-10-10") from None


def _is_off(text: str) -> bool:
    if text in _FREE or text in _WORKING:
        return text in _FREE
    what = f'is "{text}"' if text else "is empty"
    raise ValueError(f"{_OFF[0]}: {what}; write  放假 (or 2) for a day off,  上班 (or 0) for a day people work")


def _add(rows: dict[date, _Row], row: _Row) -> None:
    """Keep a row. Raises ValueError if its day stands there with the opposite."""
    earlier = rows.setdefault(row.day, row)
    if earlier.off != row.off:
        raise ValueError(f"{_DATE[0]}: {row.day} is the opposite in line {earlier.line}; keep one of them")
