"""Reads ``people.csv``: who works here, with which groups and which manager."""

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from bots.windows.csv_file import BadCsv, records
from bots.windows.faults import SLUG_RULE, Fault
from bots.windows.parts import is_slug

FILE = "people.csv"

_HEADERS = {
    "employee_number": ("員工編號", "員編", "工號", "employee number", "employee no", "employee id"),
    "name": ("姓名", "name"),
    "email": ("電子郵件", "電子郵件地址", "電子信箱", "email", "email address"),
    "manager": ("主管", "主管員工編號", "直屬主管", "manager"),
    "groups": ("群組", "groups", "group"),
}
_COLUMN_OF = {re.sub(r"[\s._-]", "", name): column for column, names in _HEADERS.items() for name in names}
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
_BETWEEN_GROUPS = re.compile(r"[;、|]")
_LONGEST_NUMBER = 64  # characters
_FIRST_LINE = "name,employee_number,email,manager,groups"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One employee, as the company's list has them."""

    employee_number: str
    name: str
    email: str  # lower-case; empty: none
    manager: str  # the manager's employee number as the manager's own row writes it; empty: none
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Line:
    """A row before anything of it is believed. ``manager`` is as written here."""

    number: int
    person: PersonRow

    @property
    def key(self) -> str:
        """The employee number as numbers are compared."""
        return self.person.employee_number.casefold()


_Trouble = tuple[int, str]  # line, sentence


def load_people(company: Path) -> tuple[tuple[PersonRow, ...], tuple[Fault, ...]]:
    """Return the rows of ``people.csv`` that are right, in the file's order, and every fault.

    Whoever has faults must change nobody by the rows: a wrong line could be the one that takes a group away. Without
    the file there are no people and no fault; a list that is there and names nobody is a fault.
    """
    path = company / FILE
    if not os.path.lexists(path):
        return (), ()
    try:
        lines, troubles = _lines(_content(path))
    except BadCsv as error:
        return (), (Fault(FILE, error.line, str(error)),)
    troubles = sorted({*troubles, *_repeats(lines), *_unknown_managers(lines), *_circles(lines)})
    wrong = {number for number, _ in troubles}
    rows = tuple(line.person for line in _with_managers(lines) if line.number not in wrong)
    return rows, tuple(Fault(FILE, number, trouble) for number, trouble in troubles)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadCsv(f"the file cannot be read ({error.strerror})") from error


def _lines(content: bytes) -> tuple[list[_Line], list[_Trouble]]:
    rows = records(content, f"its first line is  {_FIRST_LINE}")
    at, header = next(rows, (1, []))
    columns = _columns(at, header)
    lines: list[_Line] = []
    troubles: list[_Trouble] = []
    for number, cells in rows:
        if any(cells[len(header) :]):
            troubles.append((number, "has more cells than the first line; put a text that holds a comma in quotes"))
        person, wrong = _person(cells, columns)
        lines.append(_Line(number, person))
        troubles += [(number, trouble) for trouble in wrong]
    if not lines:
        raise BadCsv("names nobody; write a line for each employee, or remove the file")
    return lines, troubles


def _columns(line: int, header: Sequence[str]) -> dict[str, int]:
    """Return where each column stands. Columns of other names are the company's own business."""
    named = [_COLUMN_OF.get(re.sub(r"[\s._-]", "", _plain(cell).lower())) for cell in header]
    missing = [f"{column} ({_HEADERS[column][0]})" for column in _HEADERS if column not in named]
    if missing:
        raise BadCsv(f"has no column {', '.join(missing)}; its first line is like  {_FIRST_LINE}", line)
    if repeated := [column for column in _HEADERS if named.count(column) > 1]:
        raise BadCsv(f"has two columns for {', '.join(repeated)}; keep one of them", line)
    return {column: named.index(column) for column in _HEADERS}


def _plain(cell: str) -> str:
    """Turn full-width letters, digits and marks into ordinary ones, as people type them in either way."""
    return unicodedata.normalize("NFKC", cell).strip()


def _person(cells: Sequence[str], columns: Mapping[str, int]) -> tuple[PersonRow, list[str]]:
    cell = {column: cells[at] if at < len(cells) else "" for column, at in columns.items()}
    number, email, manager = (_plain(cell[column]) for column in ("employee_number", "email", "manager"))
    groups = tuple(filter(None, (part.strip() for part in _BETWEEN_GROUPS.split(_plain(cell["groups"])))))
    person = PersonRow(number, cell["name"], email.lower(), manager, frozenset(groups))
    return person, list(_wrong(person, groups))


def _wrong(person: PersonRow, groups: Sequence[str]) -> Iterator[str]:
    number = person.employee_number
    if not number:
        yield "employee_number: is empty; write it like  A0012"
    elif not number.isprintable() or " " in number or len(number) > _LONGEST_NUMBER:
        yield f"employee_number: must be one word of at most {_LONGEST_NUMBER} characters; write it like  A0012"
    if not person.name:
        yield "name: is empty; write it like  高致遠"
    if person.email and not _EMAIL.fullmatch(person.email):
        yield "email: is not an e-mail address; write it like  name@a-company.example"
    if not groups:
        yield "groups: is empty, so this person could read nothing; write at least  employees"
    for group in groups:
        if not is_slug(group):
            yield f'groups: "{group}" {SLUG_RULE}; write them like  employees;managers'


def _repeats(lines: Sequence[_Line]) -> Iterator[_Trouble]:
    first: dict[tuple[str, str], int] = {}
    for line in lines:
        for column, value in (("employee_number", line.key), ("email", line.person.email)):
            earlier = first.setdefault((column, value), line.number) if value else line.number
            if earlier != line.number:
                yield line.number, f"{column}: is that of line {earlier} already; each person needs their own"


def _unknown_managers(lines: Sequence[_Line]) -> Iterator[_Trouble]:
    known = {line.key for line in lines}
    for line in lines:
        if line.person.manager and line.person.manager.casefold() not in known:
            trouble = f"nobody here has the employee number {line.person.manager}; write the manager's, or nothing"
            yield line.number, f"manager: {trouble}"


def _circles(lines: Sequence[_Line]) -> Iterator[_Trouble]:
    """Tell each line of a circle: an approval would go round in it for ever."""
    of_key = {line.key: line for line in reversed(lines)}
    manager_of = {key: line.person.manager.casefold() for key, line in of_key.items() if key and line.person.manager}
    done: set[str] = set()
    for key in manager_of:
        path, at = list[str](), key
        while at in manager_of and at not in done:
            done.add(at)
            path.append(at)
            at = manager_of[at]
        if at in path:
            circle = [of_key[one] for one in path[path.index(at) :]]
            shown = " → ".join(line.person.employee_number for line in chain(circle, circle[:1]))
            yield from ((line.number, f"manager: goes round in a circle ({shown}); correct one") for line in circle)


def _with_managers(lines: Sequence[_Line]) -> Iterator[_Line]:
    """Write each manager's number as the manager's own row does."""
    as_written = {line.key: line.person.employee_number for line in lines}
    for line in lines:
        person = line.person
        manager = as_written.get(person.manager.casefold(), "") if person.manager else ""
        yield replace(line, person=replace(person, manager=manager))
