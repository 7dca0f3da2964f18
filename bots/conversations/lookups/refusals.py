"""Why Postgres does not take a look-up's statement, for whoever wrote it: on which line, what, and how to mend it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import psycopg
from psycopg import errors

from bots.conversations.lookups.store import SCHEMA, Refused
from bots.windows.data import FOLDER
from bots.windows.faults import meant
from bots.windows.modes.sql_file import name_at, plain_name, words_of
from bots.windows.sources import Source

_SHOWN = 20  # names of a list


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to read: ``tables`` with their columns in the database; ``files`` those of ``data/``.

    ``broken`` are the names of the files that cannot be read. Another database than ours has no files.
    """

    tables: Mapping[str, Sequence[str]]
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Refusal:
    """``line`` is 1-based, None where Postgres does not say. ``waits``: the files are right, a sync is all it needs."""

    line: int | None
    sentence: str
    waits: bool = False


def refusal(refused: Refused, statement: str, source: Source, known: Known) -> Refusal:
    """Return what is wrong with the statement. No value of a record is in it: none was read."""
    error, at = refused.error, refused.at
    line = None if at is None else statement.count("\n", 0, at) + 1
    named = "" if at is None else name_at(statement, at)
    match error:
        case errors.UndefinedColumn() if named:
            sentence, waits = _no_column(named, statement, known)
        case errors.UndefinedTable() if named and _is_table(named, source):
            sentence, waits = _no_table(named, source, known)
        case errors.InsufficientPrivilege():
            sentence, waits = f"{_says(error)}; {_rights(source)}", False
        case _:
            sentence, waits = _says(error), False
    return Refusal(line, sentence, waits)


def _no_column(named: str, statement: str, known: Known) -> tuple[str, bool]:
    column, words = _last(named), words_of(statement)
    unloaded = [name for name, columns in known.files.items() if name in words and column in columns]
    if unloaded and column not in known.tables.get(unloaded[0], ()):
        return f"the column {column} of {FOLDER}/{unloaded[0]}.csv is not loaded yet; run  transom sync", True
    read = {name: columns for name, columns in known.tables.items() if name in words}
    there = sorted({one for columns in read.values() for one in columns})
    near = get_close_matches(column.lower(), there, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}? " if near else ""
    shown = "; ".join(f"{name} has {_listed(columns)}" for name, columns in read.items())
    return f"there is no column {named}; {hint}{shown}".rstrip("; "), False


def _is_table(named: str, source: Source) -> bool:
    """Whether a table is meant. ``b.days`` where no ``b`` is read is told so too; Postgres says it better."""
    return source.url != "" or "." not in named or plain_name(named.partition(".")[0]) == SCHEMA


def _no_table(named: str, source: Source, known: Known) -> tuple[str, bool]:
    table = _last(named)
    if table in known.files:
        return f"the table {table} of {FOLDER}/{table}.csv is not loaded yet; run  transom sync", True
    if table in known.broken:
        return f"there is no table {table} before {FOLDER}/{table}.csv can be read; set it right, then sync", False
    names = sorted({*known.tables, *known.files})
    place = f"the source {source.name} has no table" if source.url else "there is no table"
    if not names:
        return f"{place} {named}, nor any other that may be read", False
    return f"{place} {named}; {_meant_table(table, names)}", False


def _meant_table(table: str, names: Sequence[str]) -> str:
    near = get_close_matches(table.lower(), names, n=1, cutoff=0.6)
    return meant(table, near or names[:_SHOWN], "the tables are")


def _rights(source: Source) -> str:
    if source.url:
        return f"give the user of the source {source.name} the right to read it"
    return f"look-ups read the tables of {FOLDER}/ and nothing else; name another database as a source in company.yaml"


def _says(error: psycopg.Error) -> str:
    """Return Postgres' own words: of a statement that is not run they quote the file, and no record."""
    said = " ".join((error.diag.message_primary or type(error).__name__).split())
    hint = " ".join((error.diag.message_hint or "").split())
    return f"Postgres says: {said}" + (f" ({hint.rstrip('.')})" if hint else "")


def _last(named: str) -> str:
    return plain_name(named.rpartition(".")[2])


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(columns[:_SHOWN]) + (", …" if len(columns) > _SHOWN else "")
