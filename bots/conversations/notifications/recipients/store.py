"""SQL of a run's recipients, their words and their answers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from rag_core.database import ViewerConnection, scoped


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient of a run. ``words`` stand in the text for this one alone; they are seen by this reader only."""

    recipient: str
    state: str
    told_at: datetime | None
    reminded_at: datetime | None
    responded_at: datetime | None
    words: dict[str, str]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Where a recipient is told."""

    recipient: str
    platform: str
    account: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Figures:
    """How far a run has come. ``parked``: waits on LINE for the person's next message, for want of a push."""

    recipients: int
    waiting: int
    unreachable: int
    opted_out: int
    skipped: int
    sent: int
    parked: int
    undelivered: int  # failed, or nobody knows
    answered: int
    reminded: int


@dataclass(frozen=True, slots=True)
class Result:
    """What one recipient answered; an empty value: nothing yet."""

    recipient: str
    name: str
    state: str
    value: str
    at: datetime | None


# --- telling ---


def add(
    connection: psycopg.Connection, run: str, who: Mapping[str, Mapping[str, str]], optional: tuple[str, str]
) -> int:
    """Write down whom the run goes to, each with their words; return how many. Who has turned it off is noted so.

    ``optional``: the notification (window, name) that people may turn off, two empty strings if they may not.
    """
    rows = json.dumps([{"recipient": recipient} for recipient in who])
    query = """
    insert into notification_recipients (run, recipient, state)
    select %s, n.recipient, case when exists (
        select 1 from notification_opt_outs o
        where o.recipient = n.recipient and o.window_name = %s and o.name = %s) then 'opted_out' else 'pending' end
    from json_to_recordset(%s) as n(recipient text) on conflict do nothing
    """
    count = connection.execute(query, [run, *optional, rows]).rowcount
    _add_words(connection, run, who)
    return count


def _add_words(connection: psycopg.Connection, run: str, who: Mapping[str, Mapping[str, str]]) -> None:
    rows = [{"recipient": recipient, "words": words} for recipient, words in who.items() if words]
    query = """
    insert into notification_words (run, recipient, words)
    select %s, n.recipient, n.words from json_to_recordset(%s) as n(recipient text, words jsonb)
    """
    if rows:
        connection.execute(query, [run, json.dumps(rows)])


def pending(connection: psycopg.Connection, run: str, limit: int) -> list[str]:
    """Return recipients who are to be told."""
    query = """
    select recipient from notification_recipients where run = %s and state = 'pending' order by recipient limit %s
    """
    return [row[0] for row in connection.execute(query, [run, limit])]


def silent(connection: psycopg.Connection, run: str, limit: int) -> list[Spoken]:
    """Return where recipients are reached who were told, have not answered, and were not reminded."""
    query = """
    select recipient, platform, account, user_id from notification_recipients
    where run = %s and state = 'told' and responded_at is null and reminded_at is null order by recipient limit %s
    """
    with connection.cursor(row_factory=class_row(Spoken)) as cursor:
        return cursor.execute(query, [run, limit]).fetchall()


def mark_queued(connection: psycopg.Connection, run: str, where: Iterable[Spoken]) -> None:
    """Note where these recipients are told."""
    rows = [
        {"recipient": one.recipient, "platform": one.platform, "account": one.account, "user_id": one.user_id}
        for one in where
    ]
    query = """
    update notification_recipients r set state = 'queued', platform = n.platform, account = n.account,
                                         user_id = n.user_id
    from json_to_recordset(%s) as n(recipient text, platform text, account text, user_id text)
    where r.run = %s and r.recipient = n.recipient and r.state = 'pending'
    """
    connection.execute(query, [json.dumps(rows), run])


def mark(connection: psycopg.Connection, run: str, recipients: Sequence[str], state: str) -> None:
    """Note that these recipients are not told, and why: ``unreachable``, ``opted_out``, ``skipped``."""
    query = """
    update notification_recipients set state = %s
    where run = %s and recipient = any (%s) and state in ('pending', 'queued')
    """
    connection.execute(query, [state, run, list(recipients)])


def mark_reminded(connection: psycopg.Connection, run: str, recipients: Sequence[str]) -> None:
    """Note that these recipients are reminded."""
    connection.execute(
        "update notification_recipients set reminded_at = now() where run = %s and recipient = any (%s)",
        [run, list(recipients)],
    )


def mark_told(viewer: ViewerConnection, run: str, recipient: str) -> None:
    """Note that the recipient is told, in the transaction that writes it down."""
    scoped(viewer).execute(
        "update notification_recipients set state = 'told', told_at = now()"
        " where run = %s and recipient = %s and state = 'queued'",
        [run, recipient],
    )


# --- one recipient ---


def of_reader(viewer: ViewerConnection, run: str, reader: str) -> Recipient | None:
    """Return the reader among the run's recipients; None if the run does not go to them."""
    query = """
    select r.recipient, r.state, r.told_at, r.reminded_at, r.responded_at, coalesce(w.words, '{}') as words
    from notification_recipients r left join notification_words w using (run, recipient)
    where r.run = %s and r.recipient = %s
    """
    with scoped(viewer).cursor(row_factory=class_row(Recipient)) as cursor:
        return cursor.execute(query, [run, reader]).fetchone()


def at_account(connection: psycopg.Connection, run: str, platform: str, account: str, user: str) -> str | None:
    """Return who was to be told at this account; None if nobody was."""
    query = """
    select recipient from notification_recipients
    where run = %s and platform = %s and account = %s and user_id = %s limit 1
    """
    row = connection.execute(query, [run, platform, account, user]).fetchone()
    return row[0] if row else None


def answer(viewer: ViewerConnection, run: str, recipient: str) -> str:
    """Return the answer that counts, the reader's last one; empty if there is none."""
    query = "select value from notification_responses where run = %s and recipient = %s order by id desc limit 1"
    row = scoped(viewer).execute(query, [run, recipient]).fetchone()
    return row[0] if row else ""


def respond(viewer: ViewerConnection, run: str, recipient: str, value: str) -> None:
    """Keep the reader's answer; earlier ones stay beside it."""
    connection = scoped(viewer)
    connection.execute(
        "insert into notification_responses (run, recipient, value) values (%s, %s, %s)", [run, recipient, value]
    )
    connection.execute(
        "update notification_recipients set responded_at = now() where run = %s and recipient = %s", [run, recipient]
    )


# --- what came of it ---

_FIGURES = """
select count(*) as recipients,
  count(*) filter (where r.state = 'pending'
                      or r.state in ('queued', 'told') and coalesce(i.state, '') <> 'failed'
                         and coalesce(o.state, 'pending') in ('streaming', 'pending', 'sending')) as waiting,
  count(*) filter (where r.state = 'unreachable') as unreachable,
  count(*) filter (where r.state = 'opted_out') as opted_out,
  count(*) filter (where r.state = 'skipped') as skipped,
  count(*) filter (where r.state in ('queued', 'told') and o.state = 'sent') as sent,
  count(*) filter (where r.state in ('queued', 'told') and o.state = 'parked') as parked,
  count(*) filter (where r.state in ('queued', 'told')
                     and (i.state = 'failed' or o.state in ('failed', 'uncertain', 'withdrawn'))) as undelivered,
  count(*) filter (where r.responded_at is not null) as answered,
  count(*) filter (where r.reminded_at is not null) as reminded
from notification_recipients r
left join inbox i on i.platform = r.platform and i.account = r.account and i.event_id = %s || r.user_id
left join outbox o on o.event = i.id and o.ordinal = 0
where r.run = %s
"""


def figures(connection: psycopg.Connection, run: str, event_prefix: str) -> Figures:
    """Return how far the run has come. ``event_prefix`` and the user's id make the inbox's id of what was told."""
    with connection.cursor(row_factory=class_row(Figures)) as cursor:
        found = cursor.execute(_FIGURES, [event_prefix, run]).fetchone()
    assert found is not None
    return found


def results(connection: psycopg.Connection, run: str) -> list[Result]:
    """Return what each recipient answered, for whoever looks after the run."""
    with connection.cursor(row_factory=class_row(Result)) as cursor:
        return cursor.execute("select * from notification_results(%s)", [run]).fetchall()


def served(connection: psycopg.Connection, numbers: Sequence[str], groups: Iterable[str]) -> frozenset[str]:
    """Return those of the employee numbers that there are and that share a group with ``groups``."""
    query = "select employee_number from people where employee_number = any (%s) and groups && %s"
    return frozenset(row[0] for row in connection.execute(query, [list(numbers), list(groups)]))
