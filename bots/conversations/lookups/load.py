"""Brings the tables of the company's folder ``data/`` up to date, in one transaction."""

from dataclasses import dataclass
from pathlib import Path

import psycopg

from bots.conversations.lookups import store
from bots.windows.data import FOLDER, DataTable, read_data
from bots.windows.faults import Fault


@dataclass(frozen=True, slots=True)
class DataReport:
    """How many tables there are now, which were made or filled anew, which went away, and which files are wrong."""

    tables: int
    changed: tuple[str, ...]
    dropped: tuple[str, ...]
    faults: tuple[Fault, ...]


def load_data(connection: psycopg.Connection, company: Path) -> DataReport:
    """Make the tables of schema ``company`` what the files say. ``connection`` is the owner's, outside a transaction.

    A file that is wrong leaves the table it made before; a table whose file is gone is dropped. What people made in
    that schema themselves is left alone.
    """
    read = read_data(company)
    faults = list(read.faults)
    with connection.transaction():
        known = store.made_tables(connection)
        changed = [table for table in read.tables if known.get(table.name) != table.mark]
        made = [table.name for table in changed if _made(connection, table, faults, known=table.name in known)]
        gone = [name for name in sorted(known) if name not in read.there]
        dropped = [name for name in gone if _dropped(connection, name, faults)]
        tables = len(store.made_tables(connection))
    return DataReport(tables, tuple(made), tuple(dropped), tuple(faults))


def _made(connection: psycopg.Connection, table: DataTable, faults: list[Fault], *, known: bool) -> bool:
    try:
        with connection.transaction():
            store.replace_table(connection, table, known=known)
    except psycopg.Error as error:
        faults.append(Fault(f"{FOLDER}/{table.name}.csv", None, _why(error, table.name)))
        return False
    return True


def _dropped(connection: psycopg.Connection, name: str, faults: list[Fault]) -> bool:
    try:
        with connection.transaction():
            store.drop_table(connection, name)
    except psycopg.Error as error:
        faults.append(Fault(f"{FOLDER}/{name}.csv", None, f"is gone, but its table stays: {_why(error, name)}"))
        return False
    return True


def _why(error: psycopg.Error, name: str) -> str:
    """Tell why the database refuses, without its own words: they quote rows."""
    match error:
        case psycopg.errors.DependentObjectsStillExist():
            return f"a view rests on the table company.{name}; drop the view, sync, and make it again"
        case psycopg.errors.DuplicateTable() | psycopg.errors.WrongObjectType():
            return f"company.{name} is there already and was not made of a file; give the file another name"
        case psycopg.errors.InsufficientPrivilege():
            return "the database's owner may not write to its schema company; give it the right to"
        case _:
            return f"the database does not take it ({type(error).__name__})"
