"""SQL of what a conversation remembers besides its turns, and of what pages and links read of it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from rag_core.database import Database


class UsedLoginLinks:
    """Remembers which login links were used, for all web processes together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def use(self, token_id: str, expires: datetime) -> bool:
        """Note the use and return True, or return False if the link was used before."""
        first: LiteralString = "insert into used_login_links values (%s, %s) on conflict do nothing"
        with self._database.viewer(frozenset()) as viewer:
            viewer.connection.execute("delete from used_login_links where expires_at < now()")
            return viewer.connection.execute(first, [token_id, expires]).rowcount == 1


def chosen_window(connection: psycopg.Connection, conversation: str) -> str | None:
    """Return the window that was chosen by hand."""
    row = connection.execute("select window_name from conversations where name = %s", [conversation]).fetchone()
    return row[0] if row else None


def choose_window(connection: psycopg.Connection, conversation: str, window: str) -> None:
    """Keep the window that was chosen by hand; empty: none."""
    query = """
    insert into conversations (name, window_name) values (%s, nullif(%s, ''))
    on conflict (name) do update set window_name = excluded.window_name
    """
    connection.execute(query, [conversation, window])


def begin_anew(connection: psycopg.Connection, conversation: str, event: int | None = None) -> None:
    """Take up nothing any more that was said up to this event (None: up to now), and show nothing of it."""
    query = """
    insert into conversations as c (name, begun_after)
    values (%s, coalesce(%s, (select max(id) from inbox where conversation = %s), 0))
    on conflict (name) do update set begun_after = greatest(c.begun_after, excluded.begun_after)
    """
    connection.execute(query, [conversation, event, conversation])


def answer_waits(connection: psycopg.Connection, conversation: str) -> bool:
    """Return whether an answer waits in the conversation, or is on its way."""
    query = """
    select 1 from outbox where conversation = %s and state = 'parked' and kind = 'reply' union all
    select 1 from outbox where conversation = %s and state in ('pending', 'sending') and kind = 'reply' limit 1
    """
    return connection.execute(query, [conversation, conversation]).fetchone() is not None


def add_offer(connection: psycopg.Connection, event: int, number: str, window: str, name: str, content: bytes) -> None:
    """Keep a file that somebody offers for a window's knowledge."""
    connection.execute(
        "insert into offers (event, employee_number, window_name, name, content) values (%s, %s, %s, %s, %s)",
        [event, number, window, name[:200], content],
    )


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that waits for a decision."""

    id: int
    at: datetime
    employee_number: str
    window_name: str
    name: str
    bytes: int


def offers(connection: psycopg.Connection) -> list[Offered]:
    """Return the offered files, oldest first."""
    query = """
    select id, at, employee_number, window_name, name, length(content) as bytes from offers order by id
    """
    with connection.cursor(row_factory=class_row(Offered)) as cursor:
        return cursor.execute(query).fetchall()


def take_offer(connection: psycopg.Connection, offer: int) -> tuple[str, str, bytes] | None:
    """Remove an offered file and return its window, name and content; None if there is none of this number."""
    query = "delete from offers where id = %s returning window_name, name, content"
    row = connection.execute(query, [offer]).fetchone()
    return (row[0], row[1], bytes(row[2])) if row else None


def keep_upload(connection: psycopg.Connection, event_id: str, content: bytes) -> None:
    """Keep a file that the page sent for its event; nothing where the event has come already."""
    query = """
    insert into uploads (event_id, content)
    select %s, %s where not exists (
      select 1 from inbox where platform = 'web' and account = 'web' and event_id = %s)
    on conflict do nothing
    """
    connection.execute(query, [event_id, content, event_id])


def upload(connection: psycopg.Connection, event_id: str) -> bytes | None:
    """Return the file of an event; None if it is kept no more."""
    row = connection.execute("select content from uploads where event_id = %s", [event_id]).fetchone()
    return bytes(row[0]) if row else None


def drop_upload(connection: psycopg.Connection, event_id: str) -> None:
    """Delete the file of an event."""
    connection.execute("delete from uploads where event_id = %s", [event_id])


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a page or an API client with its reply, as far as that is written."""

    id: int
    event_id: str
    conversation: str
    body: str | None
    state: str
    delivery: str | None
    made_by: int | None
    outbox_state: str | None
    reply: dict[str, Any] | None
    kind: str


_MESSAGE = """
select i.id, i.event_id, i.conversation, i.body::text as body, i.state, o.id::text as delivery, o.made_by,
       o.state as outbox_state, o.reply, i.kind
from inbox i left join outbox o on o.event = i.id and o.ordinal = 0
"""


def message(connection: psycopg.Connection, platform: str, account: str, event_id: str) -> Message | None:
    """Return one message by its key."""
    query = _MESSAGE + "where i.platform = %s and i.account = %s and i.event_id = %s"
    with connection.cursor(row_factory=class_row(Message)) as cursor:
        return cursor.execute(query, [platform, account, event_id]).fetchone()


def messages(connection: psycopg.Connection, conversations: Sequence[str], limit: int) -> list[Message]:
    """Return the newest messages of the conversations since each was begun, with what was told there, oldest first."""
    query = (
        _MESSAGE  # noqa: S608 both are ours, and the values are parameters
        + """
    where i.platform = 'web' and i.account = 'web' and i.conversation = any (%s)
      and i.body is not null and i.kind in ('message', 'postback', 'submit', 'file', 'notice')
      and i.id > coalesce((select begun_after from conversations c where c.name = i.conversation), 0)
    order by i.id desc limit %s
    """
    )
    with connection.cursor(row_factory=class_row(Message)) as cursor:
        return cursor.execute(query, [list(conversations), limit]).fetchall()[::-1]


def note_seen(connection: psycopg.Connection, seen: Mapping[str, int]) -> None:
    """Note up to which notice each conversation was shown."""
    query = """
    insert into conversations as c (name, seen) values (%s, %s)
    on conflict (name) do update set seen = excluded.seen where c.seen < excluded.seen
    """
    with connection.cursor() as cursor:
        cursor.executemany(query, list(seen.items()))


def told(connection: psycopg.Connection, conversations: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return, of the conversations in which something was told, how much was not seen and the newest notice."""
    query = """
    select i.conversation, count(*) filter (where i.id > coalesce(c.seen, 0)), max(i.id)
    from inbox i join outbox o on o.event = i.id and o.ordinal = 0
    left join conversations c on c.name = i.conversation
    where i.conversation = any (%s) and i.kind = 'notice' and i.platform = 'web' and i.body is not null
      and o.state = 'sent' and o.reply is not null and i.id > coalesce(c.begun_after, 0)
    group by i.conversation
    """
    rows = connection.execute(query, [list(conversations)]).fetchall()
    return {name: (unseen, newest) for name, unseen, newest in rows}


def parts(connection: psycopg.Connection, delivery: str, made_by: int, after: int) -> Sequence[tuple[int, str]]:
    """Return the sentences of a reply that streams, from the one after ``after`` on."""
    query = "select number, text from parts where delivery = %s and made_by = %s and number > %s order by number"
    return [(row[0], row[1]) for row in connection.execute(query, [delivery, made_by, after]).fetchall()]


@dataclass(frozen=True, slots=True)
class Kept:
    """A delivery as a link finds it."""

    place: dict[str, Any]
    sender: str
    reply: dict[str, Any] | None


def kept(connection: psycopg.Connection, delivery: str) -> Kept | None:
    """Return a delivery by its id, wherever it has got to."""
    query = "select place, sender, reply from outbox where id = %s"
    with suppress(ValueError), connection.cursor(row_factory=class_row(Kept)) as cursor:
        return cursor.execute(query, [UUID(delivery)]).fetchone()
    return None
