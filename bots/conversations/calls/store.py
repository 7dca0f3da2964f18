"""SQL of the calls of the company's systems."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from bots.conversations.submissions.store import Submission


@dataclass(frozen=True, slots=True)
class Due:
    """A call that is ours to make, as long as ``attempt`` is the newest: of a submission, or of a confirmation."""

    id: int
    submission: int | None
    confirmation: str | None
    number: str
    reader: str
    window_name: str
    form: str | None
    decided_by: str
    decided_at: datetime
    attempt: int


@dataclass(frozen=True, slots=True)
class StuckCall:
    """A call that nobody makes any more, for the person who looks after it."""

    id: int
    number: str
    window_name: str
    form: str | None  # None: of a confirmation, whose id ``number`` is
    touched_at: datetime
    attempt: int
    reason: str | None


def add(connection: psycopg.Connection, submission: Submission, decided_by: str) -> None:
    """Have the company's system called. Of a submission it is called once, however often this is asked."""
    query = """
    insert into calls (submission, number, reader, window_name, form, decided_by, decided_at)
    values (%s, %s, %s, %s, %s, %s, now()) on conflict (submission) do nothing
    """
    values = [submission.id, submission.number, submission.reader, submission.window, submission.form, decided_by]
    connection.execute(query, values)


def add_outcome(connection: psycopg.Connection, confirmation: str) -> None:
    """Have the outcome of a confirmation told where its client wants it, once; nothing if it wants it nowhere."""
    query = """
    insert into calls (confirmation, number, reader, window_name, decided_by, decided_at)
    select id, id::text, recipient, window_name, '', coalesce(answered_at, expires_at) from confirmations
    where id = %s and callback is not null and state <> 'pending' on conflict (confirmation) do nothing
    """
    connection.execute(query, [confirmation])


def claim(connection: psycopg.Connection, limit: int, lease_s: float) -> list[Due]:
    """Take calls that are due. Whoever takes them and dies leaves them to the next one when the lease is over."""
    query = """
    update calls set attempt = attempt + 1, touched_at = now(), next_at = now() + make_interval(secs => %s)
    where id in (select id from calls where state = 'pending' and next_at <= now()
                 order by next_at, id limit %s for update skip locked)
    returning id, submission, confirmation::text, number, reader, window_name, form, decided_by, decided_at, attempt
    """
    with connection.cursor(row_factory=class_row(Due)) as cursor:
        return sorted(cursor.execute(query, [lease_s, limit]).fetchall(), key=lambda due: due.id)


def settle_done(connection: psycopg.Connection, due: Due) -> bool:
    """Note that it has arrived; False if somebody else has it by now."""
    return _settle(connection, due, "done", None, 0.0)


def settle_again(connection: psycopg.Connection, due: Due, wait_s: float, reason: str) -> bool:
    """Have it made again after so many seconds."""
    return _settle(connection, due, "pending", reason, wait_s)


def settle_stuck(connection: psycopg.Connection, due: Due, reason: str) -> bool:
    """Give it up until somebody asks for it again."""
    return _settle(connection, due, "stuck", reason, 0.0)


def stuck(connection: psycopg.Connection, limit: int) -> list[StuckCall]:
    """Return the calls nobody makes any more, newest first."""
    query = """
    select id, number, window_name, form, touched_at, attempt, reason from calls
    where state = 'stuck' order by touched_at desc limit %s
    """
    with connection.cursor(row_factory=class_row(StuckCall)) as cursor:
        return cursor.execute(query, [limit]).fetchall()


def retry(connection: psycopg.Connection, calls: Sequence[int]) -> int:
    """Have calls made again; return how many were stuck."""
    query = """
    update calls set state = 'pending', attempt = 0, reason = null, next_at = now(), touched_at = now()
    where id = any (%s) and state = 'stuck'
    """
    return connection.execute(query, [list(calls)]).rowcount


def _settle(connection: psycopg.Connection, due: Due, state: str, reason: str | None, wait_s: float) -> bool:
    query = """
    update calls set state = %s, reason = %s, touched_at = now(), next_at = now() + make_interval(secs => %s)
    where id = %s and attempt = %s and state = 'pending'
    """
    return connection.execute(query, [state, reason, wait_s, due.id, due.attempt]).rowcount == 1
