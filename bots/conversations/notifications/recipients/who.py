"""From what a window file or a caller says of the recipients to the recipients, each with words for the text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import psycopg

from bots.conversations.lookups.records import LookupFailed
from bots.conversations.people import store as people
from bots.windows.modes.template import TemplateError, names_in
from bots.windows.modes.wording import OF_A_NOTIFICATION

COLUMN = "person"
RowsOf = Callable[[str, str], Sequence[Mapping[str, Any]]]
"""Runs a window's SQL file as look-ups are run, and returns its rows by column (``rows.rows_by``)."""

_PERSON = "person:"
_PLATFORMS = ("line", "slack")


class Unclear(Exception):
    """Nobody can be told, for what the text needs is not there. ``reason`` is a kind: it holds no text of people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotFound(Exception):
    """The SQL file could not be run now. ``reason`` is an error's kind."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def recipients(
    connection: psycopg.Connection, window: str, who: Mapping[str, Any], rows_of: RowsOf
) -> Mapping[str, Mapping[str, str]]:
    """Return the recipients, as readers, each with their own words. Raises Unclear, NotFound."""
    if sql := who.get("sql"):
        return _by_person(_rows(window, sql, rows_of))
    numbers: Iterable[str] = who.get("people") or ()
    if groups := who.get("groups"):
        numbers = [person.employee_number for person in people.in_groups(connection, groups)]
    return {reader(number): {} for number in numbers}


def check_words(text: str, *words: Mapping[str, str]) -> None:
    """Raise Unclear unless the text finds a word for each of its names. Some everybody has."""
    known = {name for some in words for name in some}.union(OF_A_NOTIFICATION)
    try:
        named = frozenset(names_in(text))
    except TemplateError:
        raise Unclear("no readable text") from None
    if missing := sorted(named - known):
        raise Unclear(f"no {missing[0]}")


def reader(who: str) -> str:
    """Return the reader that an employee number or an account, like "line:shop:U…", is."""
    platform, *rest = who.split(":", 2)
    return who if platform in _PLATFORMS and len(rest) == 2 else f"{_PERSON}{who}"


def number_of(recipient: str) -> str | None:
    """Return the employee number of a recipient; None for an account."""
    return recipient.removeprefix(_PERSON) if recipient.startswith(_PERSON) else None


def _rows(window: str, sql: str, rows_of: RowsOf) -> Sequence[Mapping[str, Any]]:
    try:
        return rows_of(window, sql)
    except LookupFailed as error:
        raise NotFound(error.reason) from error
    except Exception as error:  # whatever a look-up may raise: the runs behind this one must not wait for it
        raise NotFound(type(error).__name__) from error


def _by_person(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, str]]:
    """Return the rows by person. Of several for one person the first counts."""
    if rows and COLUMN not in rows[0]:
        raise Unclear(f"no column {COLUMN}")
    found: dict[str, Mapping[str, str]] = {}
    for row in rows:
        if row[COLUMN] is not None and (who := str(row[COLUMN]).strip()):
            found.setdefault(reader(who), {name: _text(value) for name, value in row.items() if name != COLUMN})
    return found


def _text(value: object) -> str:
    return "" if value is None else str(value)
