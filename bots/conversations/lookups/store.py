"""SQL of look-ups: reading as a role that can do nothing else, the company's own tables, what people are asked."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from bots.conversations.lookups.deadline import Deadline
from bots.conversations.lookups.records import Records
from bots.messages import InboundEvent, Language
from bots.windows.data import DataTable
from bots.windows.sources import Source
from rag_core.database import Database, ViewerConnection, scoped

LOOKUP_ROLE = "transom_lookup"
SCHEMA = "company"
_OURS = "transom "  # how the comment on a table begins that we made
_CURSOR = "lookup"
_BESIDE_S = 2.0  # for connecting and the way there and back

# --- reading ---


def read_own(database: Database, source: Source, statement: str, values: Mapping[str, Any], zone: str) -> Records:
    """Return what a statement finds in the company's own tables. It sees nothing else of the database.

    Raises psycopg's errors, and DatabaseUnavailable.
    """
    with _own(database) as connection:
        return _read(connection, source, statement, values, zone)


def read_elsewhere(source: Source, statement: str, values: Mapping[str, Any], zone: str) -> Records:
    """Return what a statement finds in another database, in a read-only transaction. Raises psycopg's errors."""
    with _elsewhere(source) as connection:
        return _read(connection, source, statement, values, zone)


@contextmanager
def _own(database: Database) -> Iterator[psycopg.Connection]:
    """Yield a transaction of the role that reads the company's own tables and nothing else."""
    with database.application() as connection:
        connection.execute("set transaction read only")
        # Nothing is left to the statement of what the application may: the role owns nothing and reads one schema.
        connection.execute(
            "select set_config('transom.groups', '', true), set_config('transom.person', '', true),"
            " set_config('search_path', 'company, pg_temp', true)"
        )
        connection.execute("set local role transom_lookup")
        yield connection


@contextmanager
def _elsewhere(source: Source) -> Iterator[psycopg.Connection]:
    """Yield a read-only transaction of another database, which is rolled back."""
    wait = max(2, math.ceil(source.timeout_s))
    with (
        psycopg.connect(source.url, connect_timeout=wait, application_name="transom look-up") as connection,
        # A server that stops answering keeps to no time-out of its own.
        Deadline(2 * source.timeout_s + _BESIDE_S, connection.fileno()),
    ):
        connection.read_only = True
        connection.execute("set local default_transaction_read_only = on")
        yield connection
        connection.rollback()


def _read(
    connection: psycopg.Connection, source: Source, statement: str, values: Mapping[str, Any], zone: str
) -> Records:
    """Read at most ``source.rows``. A cursor takes one statement, and none that changes anything."""
    _limit(connection, source, zone)
    with connection.cursor(name=_CURSOR) as cursor:
        cursor.execute(statement, values)  # the statement is from the company's file, where values are named
        columns = tuple(column.name for column in cursor.description or ())
        rows = cursor.fetchmany(source.rows + 1)
    return Records(columns, tuple(tuple(row) for row in rows[: source.rows]), cut=len(rows) > source.rows)


def _limit(connection: psycopg.Connection, source: Source, zone: str) -> None:
    connection.execute(
        "select set_config('statement_timeout', %s, true), set_config('TimeZone', %s, true)",
        [f"{max(1, round(source.timeout_s * 1000))}", zone],
    )


# --- trying a statement without running it ---


class Refused(Exception):
    """Postgres does not take a statement. ``at``: where, from 0, None where it does not say."""

    def __init__(self, error: psycopg.Error, at: int | None = None) -> None:
        super().__init__(f"{type(error).__name__} {error.sqlstate or ''}".strip())
        self.error, self.at = error, at


def try_own(database: Database, source: Source, statement: str, parameters: int, zone: str) -> tuple[str, ...]:
    """Return the columns that a statement would find in the company's own tables, without running it.

    ``statement`` has so many parameters, as ``$1``. Raises Refused, psycopg's errors, and DatabaseUnavailable.
    """
    with _own(database) as connection, connection.transaction(force_rollback=True):
        return _described(connection, source, statement, parameters, zone)


def try_elsewhere(source: Source, statement: str, parameters: int, zone: str) -> tuple[str, ...]:
    """Return the columns that a statement would find in another database. Raises Refused, psycopg's errors."""
    with _elsewhere(source) as connection:
        return _described(connection, source, statement, parameters, zone)


def _described(
    connection: psycopg.Connection, source: Source, statement: str, parameters: int, zone: str
) -> tuple[str, ...]:
    """Let Postgres parse the statement, and plan it: only then it looks at the rights."""
    _limit(connection, source, zone)
    server, encoding = connection.pgconn, connection.info.encoding
    parsed = server.prepare(b"", statement.encode(encoding))
    if parsed.status != ExecStatus.COMMAND_OK:
        error = error_from_result(parsed, encoding)
        position = error.diag.statement_position
        raise Refused(error, int(position) - 1 if position else None)
    told = server.describe_prepared(b"")
    try:
        psycopg.RawCursor(connection).execute(b"explain " + statement.encode(encoding), [None] * parameters)
    except psycopg.DataError:
        pass  # it depends on the values, and these are none
    except psycopg.Error as error:
        raise Refused(error) from error
    return tuple((told.fname(at) or b"").decode(encoding) for at in range(told.nfields))


def is_set_up(connection: psycopg.Connection) -> bool:
    """Return whether the database has what look-ups need."""
    query = "select to_regrole(%s) is not null and to_regnamespace(%s) is not null"
    row = connection.execute(query, [LOOKUP_ROLE, SCHEMA]).fetchone()
    return row is not None and bool(row[0])


def own_tables(database: Database) -> dict[str, list[str]]:
    """Return the tables that look-ups may read in our database, with their columns."""
    with _own(database) as connection:
        return _tables(connection)


def tables_elsewhere(source: Source) -> dict[str, list[str]]:
    """Return the tables that look-ups may read in another database, with their columns. Raises psycopg's errors."""
    with _elsewhere(source) as connection:
        return _tables(connection)


def _tables(connection: psycopg.Connection) -> dict[str, list[str]]:
    query = """
    select table_name::text, array_agg(column_name::text order by ordinal_position) from information_schema.columns
    where table_schema not in ('pg_catalog', 'information_schema') group by table_schema, table_name
    """
    return dict(connection.execute(query).fetchall())


# --- the company's own tables ---


def made_tables(connection: psycopg.Connection) -> dict[str, str]:
    """Return the tables that were made of files, with the marks of those files."""
    query = """
    select c.relname, obj_description(c.oid, 'pg_class') from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'company' and c.relkind = 'r' and starts_with(obj_description(c.oid, 'pg_class'), %s)
    """
    rows = connection.execute(query, [_OURS]).fetchall()
    return {name: comment.removeprefix(_OURS) for name, comment in rows}


def replace_table(connection: psycopg.Connection, table: DataTable, *, known: bool) -> None:
    """Make the table hold exactly these rows, in this transaction. ``known``: we made the one there is.

    Of the same columns, it is emptied and filled, so that look-ups go on meanwhile. Raises psycopg's errors where
    something else in the database has its name or rests on it.
    """
    name = sql.Identifier(SCHEMA, table.name)
    wanted = [(column.name, column.type) for column in table.columns]
    if known and _columns(connection, table.name) == wanted:
        connection.execute(sql.SQL("delete from {}").format(name))
    else:
        _create(connection, name, table, replacing=known)
    with connection.cursor() as cursor, cursor.copy(sql.SQL("copy {} from stdin").format(name)) as copy:
        for row in table.rows:
            copy.write_row(row)
    connection.execute(sql.SQL("comment on table {} is {}").format(name, sql.Literal(_OURS + table.mark)))


def _create(connection: psycopg.Connection, name: sql.Identifier, table: DataTable, *, replacing: bool) -> None:
    if replacing:
        connection.execute(sql.SQL("drop table {}").format(name))
    columns = [sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.type)) for column in table.columns]
    connection.execute(sql.SQL("create table {} ({})").format(name, sql.SQL(", ").join(columns)))
    connection.execute(sql.SQL("grant select on {} to {}").format(name, sql.Identifier(LOOKUP_ROLE)))


def _columns(connection: psycopg.Connection, table: str) -> list[tuple[str, str]]:
    query = """
    select a.attname, case format_type(a.atttypid, a.atttypmod) when 'timestamp without time zone' then 'timestamp'
        else format_type(a.atttypid, a.atttypmod) end
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'company' and c.relname = %s and a.attnum > 0 and not a.attisdropped order by a.attnum
    """
    return [(name, kind) for name, kind in connection.execute(query, [table]).fetchall()]


def drop_table(connection: psycopg.Connection, table: str) -> None:
    """Drop a table whose file is gone. Raises psycopg's errors where something else rests on it."""
    connection.execute(sql.SQL("drop table {}").format(sql.Identifier(SCHEMA, table)))


# --- what people are being asked ---


@dataclass(frozen=True, slots=True)
class Ask:
    """A look-up with the slots known so far. ``asking``: the slot that was asked for; None: it goes on with "more"."""

    id: str
    window: str
    name: str
    given: Mapping[str, Any]  # as JSON
    language: Language = "zh-TW"
    asking: str | None = None
    tries: int = 0


def open_ask(viewer: ViewerConnection, conversation: str) -> Ask | None:
    """Return what the reader is being asked in the conversation, None if nothing is, or was within the hour.

    A fresh start ends it, and so does taking the message back that asked for it.
    """
    query = """
    select id, window_name as window, name, given, language, asking, tries from lookup_asks a
    where conversation = %s and reader = current_setting('transom.person') and asking is not null
      and at > now() - interval '1 hour'
      and not exists (select 1 from inbox i where i.id = a.event and i.body is null)
      and not exists (select 1 from conversations c where c.name = a.conversation and c.begun_after >= a.event)
    """
    with scoped(viewer).cursor(row_factory=class_row(Ask)) as cursor:
        return cursor.execute(query, [conversation]).fetchone()


def kept_ask(viewer: ViewerConnection, ask: str) -> Ask | None:
    """Return what one of the reader's "more" buttons goes on with, None if it is not theirs or was forgotten."""
    query = """
    select id, window_name as window, name, given, language, asking, tries from lookup_asks
    where id = %s and asking is null and at > now() - interval '1 day'
    """
    with scoped(viewer).cursor(row_factory=class_row(Ask)) as cursor:
        return cursor.execute(query, [ask]).fetchone()


def keep(viewer: ViewerConnection, event: InboundEvent, reader: str, ask: Ask) -> None:
    """Keep it for the event that asked for it; what the reader was being asked before in its conversation is over."""
    connection, place = scoped(viewer), event.place
    connection.execute("select forget_lookup_asks()")
    end(viewer, place.conversation)
    connection.execute(
        "insert into lookup_asks (id, conversation, reader, window_name, name, given, language, asking, tries, event)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s,"
        " (select id from inbox where platform = %s and account = %s and event_id = %s)) on conflict (id) do nothing",
        [
            ask.id,
            place.conversation,
            reader,
            ask.window,
            ask.name,
            Jsonb(dict(ask.given)),
            ask.language,
            ask.asking,
            ask.tries,
            place.platform,
            place.account,
            event.id,
        ],
    )


def end(viewer: ViewerConnection, conversation: str) -> None:
    """Ask the reader nothing more in this conversation."""
    scoped(viewer).execute("delete from lookup_asks where conversation = %s and asking is not null", [conversation])
