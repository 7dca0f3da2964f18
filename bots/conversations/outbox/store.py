"""SQL of the outbox."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from bots.conversations.inbox.store import Claim, take_token, token_lives
from bots.conversations.outbox.written import reply_json
from bots.messages import InboundEvent, Place, Reply
from rag_core.database import ViewerConnection, scoped

ANSWER, HOLDING = 0, -1  # ordinals
CHANNEL = "transom"  # of NOTIFY; the payload is the conversation
_STAYS = ("web", "api")  # platforms that read the outbox themselves
_MAY_GO = """exists (
  select 1 from inbox i where i.conversation = o.conversation and i.token is not null and i.token_batch is null
    and i.token_until > now() + interval '2 seconds'
    and i.state not in ('pending', 'working'))"""
"""Whether the conversation of the outbox row o has a reply token to spare: one whose own event needs it no more."""


@dataclass(frozen=True, slots=True)
class Written:
    """A delivery as it is being written: what streams goes there, and the reply will."""

    id: str
    progress: str


@dataclass(frozen=True, slots=True)
class Due:
    """A row that is to be sent."""

    id: str
    event: int
    position: int
    place: dict[str, Any]
    sender: str
    message_id: str
    window_name: str
    kind: str
    reply: dict[str, Any]
    state: str
    attempt: int
    doubtful: bool
    batch: str | None
    token: str | None
    progress: str
    due: bool
    begun_at: datetime
    pushed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stuck:
    """A delivery that failed or whose fate nobody knows, for the person who looks after it. It holds no text."""

    id: str
    platform: str
    account: str
    conversation: str
    state: str
    attempt: int
    touched_at: datetime
    reason: str | None


def open_reply(connection: psycopg.Connection, claim: Claim, event: InboundEvent) -> Written:
    """Make the row that the event's reply will be, before a word of it is written. A later attempt takes it over.

    On Slack the attempt before may have begun to stream without living to note it: whoever delivers has to look first.
    """
    query = """
    insert into outbox as o (id, event, ordinal, made_by, conversation, platform, account, place, sender, message_id,
                             kind, state)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'streaming')
    on conflict (event, ordinal) do update
      set made_by = excluded.made_by, state = 'streaming', reply = null, batch = null, token = null,
          doubtful = o.state = 'streaming' and o.platform = 'slack', touched_at = now(),
          id = case when o.state = 'streaming' then o.id else excluded.id end,
          progress = case when o.state = 'streaming' then o.progress else '' end,
          attempt = case when o.state = 'streaming' then o.attempt else 0 end,
          pushed_at = case when o.state = 'streaming' then o.pushed_at end
    returning id::text, progress
    """
    values = [uuid4(), claim.id, ANSWER, claim.attempt, *_where(event.place), event.sender, event.message_id, "reply"]
    row = connection.execute(query, values).fetchone()
    assert row is not None
    connection.execute("delete from parts where delivery = %s and made_by < %s", [row[0], claim.attempt])
    return Written(row[0], row[1])


def _where(place: Place) -> tuple[str, str, str, Jsonb]:
    return (place.conversation, place.platform, place.account, Jsonb(asdict(place), dumps=json.dumps))


def add_part(connection: psycopg.Connection, claim: Claim, delivery: str, number: int, text: str) -> None:
    """Keep one more sentence of a reply that streams, and wake whoever follows it."""
    query = """
    insert into parts (delivery, made_by, number, text)
    select id, made_by, %s, %s from outbox where id = %s and made_by = %s and state = 'streaming'
    on conflict do nothing
    """
    connection.execute(query, [number, text.replace("\x00", ""), delivery, claim.attempt])
    wake(connection, claim.conversation)


def note_progress(connection: psycopg.Connection, claim: Claim, delivery: str, progress: str) -> None:
    """Note the platform's id of the message that streams."""
    connection.execute(
        "update outbox set progress = %s where id = %s and made_by = %s", [progress, delivery, claim.attempt]
    )


def close_reply(connection: psycopg.Connection, claim: Claim, window: str, kind: str, reply: Reply | None) -> bool:
    """Put the whole reply in its row, or withdraw the row if there is nothing to say; return whether it is to be sent.

    On the web it is where people read it already.
    """
    stays = claim.platform in _STAYS
    state = "withdrawn" if reply is None else "sent" if stays else "pending"
    query = """
    update outbox set reply = %s, state = %s, window_name = %s, kind = %s, touched_at = now(), next_at = now(),
                      sent_at = case when %s = 'sent' then now() end
    where event = %s and ordinal = %s and made_by = %s and state = 'streaming' returning id
    """
    kept = Jsonb(reply_json(reply), dumps=json.dumps) if reply else None
    row = connection.execute(query, [kept, state, window, kind, state, claim.id, ANSWER, claim.attempt]).fetchone()
    if row:
        connection.execute("delete from parts where delivery = %s", [row[0]])
    if stays:
        wake(connection, claim.conversation)
    return row is not None and state == "pending"


def hold(connection: psycopg.Connection, event_id: int, event: InboundEvent, reply: Reply) -> None:
    """Add the word that we are still at it."""
    query = """
    insert into outbox (id, event, ordinal, made_by, conversation, platform, account, place, sender, message_id, kind,
                        reply, state)
    values (%s, %s, %s, 0, %s, %s, %s, %s, %s, %s, 'holding', %s, 'pending') on conflict (event, ordinal) do nothing
    """
    kept = Jsonb(reply_json(reply), dumps=json.dumps)
    connection.execute(query, [uuid4(), event_id, HOLDING, *_where(event.place), event.sender, event.message_id, kept])


def reply_of(connection: psycopg.Connection, event_id: int) -> str:
    """Return the id that the event's reply has, or will have; empty if nobody has begun it."""
    query = "select id::text from outbox where event = %s and ordinal = %s"
    row = connection.execute(query, [event_id, ANSWER]).fetchone()
    return str(row[0]) if row else ""


def unpark(connection: psycopg.Connection, conversation: str) -> bool:
    """Give what waits in the conversation another chance; return whether anything does."""
    query = "update outbox set state = 'pending', next_at = now() where conversation = %s and state = 'parked'"
    return connection.execute(query, [conversation]).rowcount > 0


def parked_sources(connection: psycopg.Connection, conversation: str) -> dict[str, list[int]]:
    """Return the answers that wait in the conversation with the chunks each rests on."""
    query = """
    select id::text, reply -> 'sources' from outbox
    where conversation = %s and state = 'parked' and window_name <> '' and reply is not null
    """
    rows = connection.execute(query, [conversation]).fetchall()
    return {row[0]: [int(source["chunk_id"]) for source in row[1]] for row in rows}


def withdraw_lost(viewer: ViewerConnection, conversation: str, readable: Collection[str]) -> None:
    """Withdraw the answers that wait but are not ``readable``, or not the reader's: of who was unbound since."""
    query = """
    update outbox set state = 'withdrawn', touched_at = now()
    where conversation = %s and state = 'parked' and window_name <> ''
      and not (id::text = any (%s) and exists (select 1 from turns t where t.delivery = outbox.id))
    """
    scoped(viewer).execute(query, [conversation, list(readable)])


def withdraw_waiting(connection: psycopg.Connection, conversation: str) -> None:
    """Withdraw what cannot reach anybody any more: we were blocked, or taken out of the group."""
    connection.execute(
        "update outbox set state = 'withdrawn', touched_at = now()"
        " where conversation = %s and state = 'pending' or conversation = %s and state = 'parked'",  # an index each
        [conversation, conversation],
    )


def wake(connection: psycopg.Connection, conversation: str) -> None:
    """Tell the web processes, when this transaction commits, that the conversation has something new."""
    connection.execute("select pg_notify(%s, %s)", [CHANNEL, conversation])


_DUE = """
select id::text, event, position, place, sender, message_id, window_name, kind, reply, state, attempt, doubtful,
       batch::text as batch, token, progress, next_at <= now() as due, begun_at, pushed_at
from outbox where conversation = %s and state in ('pending', 'sending') order by position for update
"""


def open_rows(connection: psycopg.Connection, conversation: str) -> list[Due]:
    """Return what the conversation has to send, in order, locked.

    Where a token has come, what was parked goes with it, before anything written later. A reply that was purged under
    way (its question was taken back) is not tried again.
    """
    unpark_all = f"""
    update outbox o set state = 'pending', next_at = now() where conversation = %s and state = 'parked' and {_MAY_GO}
    """  # noqa: S608 the condition is ours
    connection.execute(unpark_all, [conversation])
    connection.execute(
        "update outbox set state = 'withdrawn', touched_at = now()"
        " where conversation = %s and state in ('pending', 'sending') and reply is null",
        [conversation],
    )
    with connection.cursor(row_factory=class_row(Due)) as cursor:
        return cursor.execute(_DUE, [conversation]).fetchall()


def reserve_token(
    connection: psycopg.Connection, conversation: str, head: Due, batch: str, events: Sequence[int]
) -> str:
    """Return the batch's reply token if it lives, else another one of the conversation; empty if there is none.

    After a doubtful attempt only the very same token may be tried: another would say it twice.
    """
    if head.token and token_lives(connection, conversation, head.token):
        return head.token
    if head.doubtful:
        return ""
    taken = take_token(connection, conversation, batch, events)
    return taken[0] if taken else ""


def reserve_push(connection: psycopg.Connection, account: str, window: str, batch: str, budget: int) -> bool:
    """Take one push of the window's budget of this month for the batch; False if none is left."""
    if budget <= 0:
        return False
    connection.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"push:{account}:{window}"])
    query = """
    select count(distinct batch) from outbox where account = %s and window_name = %s and batch <> %s
      and pushed_at >= date_trunc('month', now())
    """
    row = connection.execute(query, [account, window, batch]).fetchone()
    return bool(row and row[0] < budget)


def start(
    connection: psycopg.Connection, rows: Sequence[Due], batch: str, token: str, *, pushing: bool, doubtful: bool
) -> int:
    """Mark the rows as being sent, together; return the number of this attempt."""
    attempt = rows[0].attempt + 1
    connection.execute(
        "update outbox set state = 'sending', attempt = %s, batch = %s, token = %s, doubtful = %s, touched_at = now(),"
        " pushed_at = case when %s then coalesce(pushed_at, now()) end where id = any (%s::uuid[])",
        [attempt, batch, token or None, doubtful, pushing, [row.id for row in rows]],
    )
    return attempt


def drop_holding(connection: psycopg.Connection, rows: Sequence[Due]) -> None:
    """Withdraw "still working" where the answer goes out with it."""
    connection.execute(
        "update outbox set state = 'withdrawn', touched_at = now() where id = any (%s::uuid[])",
        [[row.id for row in rows]],
    )


def settle_sent(connection: psycopg.Connection, batch: str, attempt: int, ids: Sequence[str], *, pushed: bool) -> None:
    """Note that the batch has arrived."""
    connection.execute(
        "update outbox set state = 'sent', sent_at = now(), touched_at = now(), platform_ids = %s, reason = null,"
        " pushed_at = case when %s then coalesce(pushed_at, now()) end"
        " where batch = %s and attempt = %s and state = 'sending'",
        [list(ids), pushed, batch, attempt],
    )


def settle_again(
    connection: psycopg.Connection, batch: str, attempt: int, after_s: float, reason: str, *, doubtful: bool
) -> None:
    """Note that the batch is to be tried again after so many seconds."""
    connection.execute(
        "update outbox set state = 'pending', next_at = now() + make_interval(secs => %s), reason = %s,"
        " doubtful = doubtful or %s, touched_at = now() where batch = %s and attempt = %s and state = 'sending'",
        [after_s, reason, doubtful, batch, attempt],
    )


def settle_parked(connection: psycopg.Connection, batch: str, attempt: int, reason: str, *, had_token: bool) -> None:
    """Note that the batch waits for a tap; "still working" is not worth waiting for.

    Where its token turned out dead, it is to be tried again at once: by another token, or by a push.
    """
    query = """
    update outbox set batch = null, token = null, pushed_at = null, reason = %s, touched_at = now(), next_at = now(),
      state = case when kind = 'holding' then 'withdrawn' when %s then 'pending' else 'parked' end
    where batch = %s and attempt = %s and state = 'sending'
    """
    connection.execute(query, [reason, had_token, batch, attempt])


def settle_over(connection: psycopg.Connection, batch: str, attempt: int, state: str, reason: str) -> None:
    """Give the batch up: ``failed``, which gives its push back, or ``uncertain`` if it may have arrived."""
    connection.execute(
        "update outbox set state = %s, reason = %s, touched_at = now(),"
        " pushed_at = case when %s = 'uncertain' then pushed_at end"
        " where batch = %s and attempt = %s and state = 'sending'",
        [state, reason, state, batch, attempt],
    )


def forgotten(connection: psycopg.Connection, settled_s: float) -> list[str]:
    """Return the conversations whose next delivery is due (or was left in the middle) and that have no job for it."""
    query = """
    select distinct conversation from outbox o
    where (state = 'pending' and next_at <= now() and touched_at < now() - make_interval(secs => least(%s, 1))
           or state = 'sending' and touched_at < now() - make_interval(secs => %s))
      and not exists (select 1 from procrastinate_jobs j
                      where j.lock = 'deliver:' || o.conversation and j.status in ('todo', 'doing'))
    """
    return [row[0] for row in connection.execute(query, [settled_s, settled_s]).fetchall()]


def forget_parked(connection: psycopg.Connection, days: int) -> None:
    """Withdraw what has waited for a tap longer than so many days, with its text."""
    connection.execute(
        "update outbox set state = 'withdrawn', reply = null, touched_at = now()"
        " where state = 'parked' and touched_at < now() - make_interval(days => %s)",
        [days],
    )


def stuck(connection: psycopg.Connection, limit: int) -> list[Stuck]:
    """Return the deliveries that failed or are uncertain, newest first."""
    query = """
    select id::text, platform, account, conversation, state, attempt, touched_at, reason from outbox
    where state in ('failed', 'uncertain') order by position desc limit %s
    """
    with connection.cursor(row_factory=class_row(Stuck)) as cursor:
        return cursor.execute(query, [limit]).fetchall()


def retry(connection: psycopg.Connection, deliveries: Sequence[str]) -> list[str]:
    """Have failed or uncertain deliveries sent again; return their conversations."""
    query = """
    update outbox set state = 'pending', doubtful = false, batch = null, token = null, attempt = attempt + 1,
                      next_at = now(), touched_at = now(), reason = null
    where id::text = any (%s) and state in ('failed', 'uncertain') and reply is not null returning conversation
    """
    return [row[0] for row in connection.execute(query, [list(deliveries)]).fetchall()]
