"""SQL of notifications: schedules, runs, and who does not want to be told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from bots.windows.modes.notification import Notification

_TICKING = 7_263_009  # the advisory lock of whoever follows the schedules


@dataclass(frozen=True, slots=True)
class Run:
    """One telling of a notification."""

    id: str
    window_name: str
    name: str
    key: str
    source: str  # schedule, api or command
    state: str
    order_hash: bytes
    notification: dict[str, Any]
    who: dict[str, Any]
    words: dict[str, str]
    due_at: datetime
    made_at: datetime
    attempt: int
    reason: str | None

    def what(self) -> Notification:
        """Return the notification as it was when the run was made. Raises ValidationError for an older form of it."""
        return Notification.model_validate(self.notification)


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that is to be made. ``words``: what the caller puts into the text."""

    id: str
    window: str
    name: str
    key: str
    source: str
    notification: Notification
    who: Mapping[str, Any]
    due_at: datetime
    words: Mapping[str, str]
    state: str = "waiting"
    order_hash: bytes = b""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """Up to when a notification's schedule has been followed."""

    window_name: str
    name: str
    schedule: str
    ticked_at: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """A due minute at which nobody was told, or a run that could not be made out."""

    id: str
    window_name: str
    name: str
    state: str
    due_at: datetime
    reason: str | None


_RUN = """
select id::text, window_name, name, key, source, state, order_hash, notification, who, words, due_at, made_at, attempt,
       reason
from notification_runs
"""


# --- schedules ---


def ticks_alone(connection: psycopg.Connection) -> bool:
    """Return whether nobody else follows the schedules; nobody else will until this transaction ends."""
    row = connection.execute("select pg_try_advisory_xact_lock(%s)", [_TICKING]).fetchone()
    return bool(row and row[0])


def ticks(connection: psycopg.Connection) -> dict[tuple[str, str], Tick]:
    """Return up to when each schedule has been followed."""
    query = "select window_name, name, schedule, ticked_at from notification_ticks"
    with connection.cursor(row_factory=class_row(Tick)) as cursor:
        return {(tick.window_name, tick.name): tick for tick in cursor.execute(query)}


def note_ticks(connection: psycopg.Connection, followed: Sequence[Tick]) -> None:
    """Note up to when these schedules have been followed."""
    query = """
    insert into notification_ticks (window_name, name, schedule, ticked_at) values (%s, %s, %s, %s)
    on conflict (window_name, name) do update set schedule = excluded.schedule, ticked_at = excluded.ticked_at
    """
    with connection.cursor() as cursor:
        cursor.executemany(query, [(one.window_name, one.name, one.schedule, one.ticked_at) for one in followed])


# --- runs ---


def add_run(connection: psycopg.Connection, new: NewRun) -> bool:
    """Keep a run; False if there is one of this key already."""
    query = """
    insert into notification_runs (id, window_name, name, key, source, order_hash, notification, who, words, state,
                                   due_at, next_at, reason)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (window_name, name, key) do nothing
    """
    kept = new.notification.model_dump(mode="json", exclude_defaults=True)
    values = [
        *(new.id, new.window, new.name, new.key, new.source, new.order_hash),
        *(_json(kept), _json(dict(new.who)), _json(dict(new.words))),
        *(new.state, new.due_at, new.due_at, new.reason),
    ]
    return connection.execute(query, values).rowcount == 1


def by_key(connection: psycopg.Connection, window: str, name: str, key: str) -> Run | None:
    """Return the run of this key."""
    return _one(connection, _RUN + "where window_name = %s and name = %s and key = %s", [window, name, key])


def by_id(connection: psycopg.Connection, run: str) -> Run | None:
    """Return the run; None if there is none, or this is no id."""
    try:
        return _one(connection, _RUN + "where id = %s", [UUID(run)])
    except ValueError:
        return None


def next_waiting(connection: psycopg.Connection, now: datetime) -> Run | None:
    """Return a run that is to begin, locked; one that another worker holds is passed over."""
    return _one(
        connection,
        _RUN + "where state = 'waiting' and next_at <= %s order by due_at limit 1 for update skip locked",
        [now],
    )


def next_telling(connection: psycopg.Connection, now: datetime) -> Run | None:
    """Return the run whose people are told next, locked. They take turns: a long one does not keep others waiting."""
    return _one(
        connection,
        _RUN + "where state = 'telling' and next_at <= %s order by touched_at limit 1 for update skip locked",
        [now],
    )


def next_reminding(connection: psycopg.Connection, now: datetime) -> Run | None:
    """Return a run whose silent people are to be reminded, locked."""
    return _one(
        connection,
        _RUN + "where remind_at <= %s and state = 'told' order by touched_at limit 1 for update skip locked",
        [now],
    )


def put_off(connection: psycopg.Connection, run: str, until: datetime, *, trouble: bool = False) -> None:
    """Go on with the run later; ``trouble`` counts as one more attempt."""
    connection.execute(
        "update notification_runs set next_at = %s, attempt = attempt + %s, touched_at = clock_timestamp()"
        " where id = %s",
        [until, int(trouble), run],
    )


def put_off_reminding(connection: psycopg.Connection, run: str, until: datetime | None) -> None:
    """Remind at another time; None: never again."""
    connection.execute(
        "update notification_runs set remind_at = %s, touched_at = clock_timestamp() where id = %s", [until, run]
    )


def begin_telling(connection: psycopg.Connection, run: str) -> None:
    """Note that it is known whom the run goes to."""
    connection.execute("update notification_runs set state = 'telling', touched_at = now() where id = %s", [run])


def touch(connection: psycopg.Connection, run: str) -> None:
    """Let other runs have their turn."""
    connection.execute("update notification_runs set touched_at = clock_timestamp() where id = %s", [run])


def end_telling(connection: psycopg.Connection, run: str, now: datetime, remind_at: datetime | None) -> None:
    """Note that everybody was told."""
    connection.execute(
        "update notification_runs set state = 'told', told_at = %s, remind_at = %s, touched_at = now() where id = %s",
        [now, remind_at, run],
    )


def fail(connection: psycopg.Connection, run: str, reason: str) -> None:
    """Give the run up. ``reason`` is a kind, never text of people."""
    connection.execute(
        "update notification_runs set state = 'failed', reason = %s, touched_at = now() where id = %s", [reason, run]
    )


def stop(connection: psycopg.Connection, run: str) -> bool:
    """Tell nobody else of the run, and remind nobody; False if there is nothing to stop."""
    query = """
    update notification_runs set state = 'stopped', remind_at = null, touched_at = now()
    where id = %s and (state in ('waiting', 'telling') or state = 'told' and remind_at is not null)
    """
    try:
        return connection.execute(query, [UUID(run)]).rowcount == 1
    except ValueError:
        return False


def missed(connection: psycopg.Connection, days: int, limit: int) -> list[Missed]:
    """Return the runs of the last days that were missed or have failed, newest first: for ``transom doctor``."""
    query = """
    select id::text, window_name, name, state, due_at, reason from notification_runs
    where state in ('missed', 'failed') and made_at > now() - make_interval(days => %s)
    order by due_at desc limit %s
    """
    with connection.cursor(row_factory=class_row(Missed)) as cursor:
        return cursor.execute(query, [days, limit]).fetchall()


def newest(connection: psycopg.Connection, limit: int) -> list[Run]:
    """Return the newest runs."""
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        return cursor.execute(_RUN + "order by made_at desc limit %s", [limit]).fetchall()


def in_flight(connection: psycopg.Connection) -> int:
    """Return how many notices of any kind are on their way: not yet said, or said and not yet delivered."""
    query = """
    select (select count(*) from inbox where state in ('pending', 'working') and kind = 'notice')
         + (select count(*) from outbox o join inbox i on i.id = o.event
            where o.state in ('pending', 'sending') and i.kind = 'notice')
    """
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def forget_texts(connection: psycopg.Connection, days: int) -> None:
    """Drop what was said and answered longer ago than so many days. Runs and counts stay."""
    connection.execute("select forget_notifications(now() - make_interval(days => %s))", [days])


# --- who does not want to be told ---


def opt_outs(connection: psycopg.Connection, recipient: str) -> frozenset[tuple[str, str]]:
    """Return the notifications (window, name) that the recipient has turned off."""
    query = "select window_name, name from notification_opt_outs where recipient = %s"
    return frozenset((row[0], row[1]) for row in connection.execute(query, [recipient]))


def opt_out(connection: psycopg.Connection, recipient: str, window: str, name: str) -> None:
    """Turn a notification off for the recipient."""
    connection.execute(
        "insert into notification_opt_outs (recipient, window_name, name) values (%s, %s, %s) on conflict do nothing",
        [recipient, window, name],
    )


def opt_in(connection: psycopg.Connection, recipient: str, window: str, name: str) -> None:
    """Turn a notification on again."""
    connection.execute(
        "delete from notification_opt_outs where recipient = %s and window_name = %s and name = %s",
        [recipient, window, name],
    )


def _one(connection: psycopg.Connection, query: str, values: Sequence[object]) -> Run | None:
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        return cursor.execute(query, values).fetchone()


def _json(value: Mapping[str, Any]) -> Jsonb:
    return Jsonb(value, dumps=json.dumps)
