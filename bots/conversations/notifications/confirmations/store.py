"""SQL of confirmations."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from rag_core.database import ViewerConnection, scoped


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What one person is to confirm. ``state``: pending, approved, denied or, by the clock of the database, expired."""

    id: str
    client: str
    window_name: str
    recipient: str
    state: str
    order_hash: bytes
    expires_at: datetime
    answered_at: datetime | None
    callback: str | None  # where its outcome is told


@dataclass(frozen=True, slots=True)
class NewConfirmation:
    """A confirmation that is to be asked for, until so many seconds have passed."""

    id: str
    client: str
    key: str
    order_hash: bytes
    window: str
    recipient: str
    text: str
    expires_s: int
    callback: str | None = None


_CONFIRMATION = """
select id::text, client, window_name, recipient, order_hash, expires_at, answered_at, callback,
       case when state = 'pending' and expires_at <= now() then 'expired' else state end as state
from confirmations
"""


def add(connection: psycopg.Connection, new: NewConfirmation) -> bool:
    """Keep a confirmation; False if the client has asked for one under this key already."""
    query = """
    insert into confirmations (id, client, key, order_hash, window_name, recipient, callback, expires_at)
    values (%s, %s, %s, %s, %s, %s, %s, now() + make_interval(secs => %s)) on conflict (client, key) do nothing
    """
    values = [new.id, new.client, new.key, new.order_hash, new.window, new.recipient, new.callback, new.expires_s]
    if connection.execute(query, values).rowcount != 1:
        return False
    connection.execute(
        "insert into confirmation_words (confirmation, recipient, text) values (%s, %s, %s)",
        [new.id, new.recipient, new.text],
    )
    return True


def by_key(connection: psycopg.Connection, client: str, key: str) -> Confirmation | None:
    """Return the confirmation the client asked for under this key."""
    with connection.cursor(row_factory=class_row(Confirmation)) as cursor:
        return cursor.execute(_CONFIRMATION + "where client = %s and key = %s", [client, key]).fetchone()


def by_id(connection: psycopg.Connection, confirmation: str) -> Confirmation | None:
    """Return a confirmation; None if there is none, or this is no id."""
    try:
        number = UUID(confirmation)
    except ValueError:
        return None
    with connection.cursor(row_factory=class_row(Confirmation)) as cursor:
        return cursor.execute(_CONFIRMATION + "where id = %s", [number]).fetchone()


def open_of(connection: psycopg.Connection, recipient: str) -> int:
    """Return how many confirmations wait for this person, and have nobody else add one until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"confirm:{recipient}"])
    row = connection.execute(
        "select count(*) from confirmations where recipient = %s and state = 'pending' and expires_at > now()",
        [recipient],
    ).fetchone()
    return int(row[0]) if row else 0


def text_of(viewer: ViewerConnection, confirmation: str) -> str | None:
    """Return the text, for its reader alone; None for everybody else, and when it was forgotten."""
    query = "select text from confirmation_words where confirmation = %s"
    row = scoped(viewer).execute(query, [confirmation]).fetchone()
    return row[0] if row else None


def answer(connection: psycopg.Connection, confirmation: str, recipient: str, state: str) -> bool:
    """Note the one answer; False if there is one already, or it has expired."""
    query = """
    update confirmations set state = %s, answered_at = now()
    where id = %s and recipient = %s and state = 'pending' and expires_at > now()
    """
    return connection.execute(query, [state, confirmation, recipient]).rowcount == 1


def expire(connection: psycopg.Connection, limit: int) -> list[str]:
    """Note which of those whose outcome is told have run out, and return their ids, each once.

    An answer that holds its row is under way and came in time: the row is passed over, and then is no longer pending.
    """
    query = """
    update confirmations set state = 'expired'
    where id in (select id from confirmations
                 where state = 'pending' and callback is not null and expires_at <= now()
                 order by expires_at limit %s for update skip locked)
    returning id::text
    """
    return [row[0] for row in connection.execute(query, [limit])]
