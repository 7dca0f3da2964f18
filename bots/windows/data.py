"""Reads the company's folder ``data/``: each CSV file is a table that look-ups can ask, its first line the columns.

What a column holds is found out over all its rows: whole numbers, numbers, dates, times with a date, true and false,
else text. Numbers that are names (employee numbers, order numbers, codes, telephones) stay text.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

from bots.windows.csv_file import BadCsv, check_width, records
from bots.windows.faults import Fault

FOLDER = "data"
READER_VERSION = 1
"""Raised when the same file makes another table than before."""

ColumnType = Literal["bigint", "numeric", "date", "timestamp", "boolean", "text"]
Cell = int | Decimal | date | datetime | bool | str | None

_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_NAME_RULE = "must be lower-case letters, digits and _, starting with a letter"
_LARGEST = 64 * 1024 * 1024  # bytes
_MOST_COLUMNS = 200
# Columns whose numbers are names: nobody adds them up, and their leading zeros count.
_NAMES_SOMETHING = re.compile(
    r"(.*_)?(number|no|id|code|sku|serial|person|manager|employee|approver|phone|tel|mobile|extension|ext|zip|postcode)"
)
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17}|[1-9][0-9]{0,2}(,[0-9]{3}){1,5})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17}|[1-9][0-9]{0,2}(,[0-9]{3}){1,5})(\.[0-9]{1,18})?")
_DATE = re.compile(r"([12][0-9]{3})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what it holds."""

    name: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class DataTable:
    """One file as a table. ``mark`` is the same as long as the file's content is."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    mark: str


@dataclass(frozen=True, slots=True)
class CompanyData:
    """The tables that could be read. ``there``: the names of all files, also of those that are wrong."""

    tables: tuple[DataTable, ...]
    there: frozenset[str]
    faults: tuple[Fault, ...]


def read_data(company: Path) -> CompanyData:
    """Return the tables of ``data/*.csv`` and what is wrong with the other files. No message holds a row's values."""
    tables: list[DataTable] = []
    faults: list[Fault] = []
    files = _files(company / FOLDER)
    for path in files:
        try:
            tables.append(_table(path))
        except BadCsv as error:
            faults.append(Fault(f"{FOLDER}/{path.name}", error.line, str(error)))
    repeated = {table.name for table in tables if sum(one.name == table.name for one in tables) > 1}
    faults += [Fault(f"{FOLDER}/{name}.csv", None, "is there twice, as .csv and .CSV") for name in sorted(repeated)]
    good = tuple(table for table in tables if table.name not in repeated)
    return CompanyData(good, frozenset(path.stem for path in files), tuple(faults))


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv" and path.name[0] not in ".~")


def _table(path: Path) -> DataTable:
    if not _NAME.fullmatch(path.stem):
        raise BadCsv(f"the file's name {_NAME_RULE}, like  leave_balances.csv")
    content = _content(path)
    lines = records(content)
    names = _columns(*next(lines, (1, [])))
    rows = list[list[str]]()
    for number, row in lines:
        check_width(len(row), len(names), number)
        rows.append(row)
    columns = tuple(Column(name, _type_of(name, [row[at] for row in rows])) for at, name in enumerate(names))
    reads = [_READS[column.type] for column in columns]
    cells = tuple(tuple(read(cell) if cell else None for read, cell in zip(reads, row, strict=True)) for row in rows)
    mark = f"{READER_VERSION}:{hashlib.sha256(content).hexdigest()}"
    return DataTable(path.stem, columns, cells, mark)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise BadCsv(f"is larger than {_LARGEST // 1024 // 1024} MB; name a database as a source in company.yaml")
        return path.read_bytes()
    except OSError as error:
        raise BadCsv(f"the file cannot be read ({error.strerror})") from error


def _columns(line: int, header: Sequence[str]) -> list[str]:
    if not header:
        raise BadCsv("is empty; its first line names the columns, like  employee_number,days", line)
    if len(header) > _MOST_COLUMNS:
        raise BadCsv(f"has more than {_MOST_COLUMNS} columns", line)
    seen: set[str] = set()
    for at, name in enumerate(header, 1):
        if not _NAME.fullmatch(name):
            raise BadCsv(f"the name of column {at} {_NAME_RULE}; write it like  employee_number", line)
        if name in seen:
            raise BadCsv(f"two columns are called {name}; give each a name of its own", line)
        seen.add(name)
    return list(header)


# --- what a column holds ---


def _type_of(name: str, cells: Sequence[str]) -> ColumnType:
    given = [cell for cell in cells if cell]
    if not given or _NAMES_SOMETHING.fullmatch(name):
        return "text"
    if all(cell.lower() in ("true", "false") for cell in given):
        return "boolean"
    if all(_WHOLE.fullmatch(cell) for cell in given):
        return "bigint"
    if all(_DECIMAL.fullmatch(cell) for cell in given):
        return "numeric"
    if all(_reads(_day, cell) for cell in given):
        return "date"
    return "timestamp" if all(_reads(_moment, cell) for cell in given) else "text"


def _reads(read: Callable[[str], Cell], cell: str) -> bool:
    try:
        read(cell)
    except ValueError:
        return False
    return True


def _number(cell: str) -> Decimal:
    return Decimal(cell.replace(",", ""))


def _day(cell: str) -> date:
    found = _DATE.fullmatch(cell)
    if found is None:
        raise ValueError("no date")
    return date(int(found[1]), int(found[2]), int(found[3]))


def _moment(cell: str) -> datetime:
    """Return the date with its time; a date alone is its midnight, as spreadsheets write it."""
    day, _, clock = cell.replace("T", " ", 1).partition(" ")
    begins = datetime.combine(_day(day), datetime.min.time())
    if not clock:
        return begins
    found = _TIME.fullmatch(clock.strip())
    if found is None:
        raise ValueError("no time of day")
    return begins.replace(hour=int(found[1]), minute=int(found[2]), second=int(found[3] or 0))


_READS: dict[ColumnType, Callable[[str], Cell]] = {
    "bigint": lambda cell: int(cell.replace(",", "")),
    "numeric": _number,
    "date": _day,
    "timestamp": _moment,
    "boolean": lambda cell: cell.lower() == "true",
    "text": str,
}
