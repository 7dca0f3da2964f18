"""SQL of look-ups: reading as a role that can do nothing else, the company's own tables, what people are asked."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
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
    with database.application() as connection:
        connection.execute("set transaction read only")
        # Nothing is left to the statement of what the application may: the role owns nothing and reads one schema.
        connection.execute(
            "select set_config('transom.groups', '', true), set_config('transom.person', '', true),"
            " set_config('search_path', 'company, pg_temp', true)"
        )
        connection.execute("set local role transom_lookup")
        return _read(connection, source, statement, values, zone)


def read_elsewhere(source: Source, statement: str, values: Mapping[str, Any], zone: str) -> Records:
    """Return what a statement finds in another database, in a read-only transaction. Raises psycopg's errors."""
    wait = max(2, math.ceil(source.timeout_s))
    with psycopg.connect(source.url, connect_timeout=wait, application_name="transom look-up") as connection:
        # A server that stops answering keeps to no time-out of its own.
        with Deadline(2 * source.timeout_s + _BESIDE_S, connection.fileno()):
            connection.read_only = True
            connection.execute("set local default_transaction_read_only = on")
            found = _read(connection, source, statement, values, zone)
            connection.rollback()
        return found


def _read(
    connection: psycopg.Connection, source: Source, statement: str, values: Mapping[str, Any], zone: str
) -> Records:
    """Read at most ``source.rows``. A cursor takes one statement, and none that changes anything."""
    connection.execute(
        "select set_config('statement_timeout', %s, true), set_config('TimeZone', %s, true)",
        [f"{max(1, round(source.timeout_s * 1000))}", zone],
    )
    with connection.cursor(name=_CURSOR) as cursor:
        cursor.execute(statement, values)  # the statement is from the company's file, where values are named
        columns = tuple(column.name for column in cursor.description or ())
        rows = cursor.fetchmany(source.rows + 1)
    return Records(columns, tuple(tuple(row) for row in rows[: source.rows]), cut=len(rows) > source.rows)


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
