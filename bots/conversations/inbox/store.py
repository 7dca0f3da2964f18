"""SQL of the inbox."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from bots.messages import Arrival, InboundEvent, Kind, Place


@dataclass(frozen=True, slots=True)
class Taken:
    """An event that was new."""

    id: int
    platform: str
    account: str
    event_id: str
    conversation: str
    state: str


@dataclass(frozen=True, slots=True)
class Claim:
    """An event that is ours to handle, as long as ``attempt`` is the newest."""

    id: int
    platform: str
    account: str
    event_id: str
    conversation: str
    body: str
    attempt: int

    @property
    def tries(self) -> int:
        """How often it was taken up since somebody last had it answered again by hand."""
        return self.attempt % _ROUND


@dataclass(frozen=True, slots=True)
class Failed:
    """An event nobody could answer, for the person who looks after it. It holds no text."""

    id: int
    platform: str
    account: str
    kind: str
    conversation: str
    received_at: datetime
    attempt: int
    reason: str | None


_ROUND = 1_000  # a retry by hand begins a new round of attempts, so they only ever grow and old ones stay old
_SWEEPING = 7_263_002  # the advisory lock of whoever sweeps
_TAKING_IN = 7_263_003  # the advisory lock between messages and what takes them back
_FOR_EVER = 2**63 - 1

# A message that was unsent before it came (events arrive in any order) is withdrawn from the start.
_TAKE_IN = """
insert into inbox (platform, account, event_id, conversation, channel, sender, kind, message_id, body, sent_at, state,
                   token, token_until, gesture)
select n.platform, n.account, n.event_id, n.conversation, n.channel, n.sender, n.kind, n.message_id,
       case when gone then null else n.body::json end, n.sent_at, case when gone then 'withdrawn' else n.state end,
       nullif(n.token, ''), n.token_until, nullif(n.gesture, '')
from rows from (json_to_recordset(%s) as (
       platform text, account text, event_id text, conversation text, channel text, sender text, kind text,
       message_id text, body text, sent_at timestamptz, state text, token text, token_until timestamptz, gesture text))
     with ordinality as n (platform, account, event_id, conversation, channel, sender, kind, message_id, body, sent_at,
                           state, token, token_until, gesture, place)
cross join lateral (
  select n.kind in ('message', 'file', 'sticker') and n.message_id <> '' and exists (
    select 1 from inbox u where u.platform = n.platform and u.account = n.account and u.message_id = n.message_id
      and u.message_id <> '' and u.channel = n.channel and u.kind in ('unsend', 'edit')) as gone
) as earlier
order by n.place
on conflict do nothing
returning id, platform, account, event_id, conversation, state
"""


def take_in(connection: psycopg.Connection, arrivals: Sequence[Arrival]) -> list[Taken]:
    """Store the events whose keys are new, in their order, and return them.

    A message and its unsend that come at the same moment wait for each other here, so that one of them sees the other.
    """
    taking_back = any(arrival.event.kind in (Kind.UNSEND, Kind.EDIT) for arrival in arrivals)
    lock = "pg_advisory_xact_lock" if taking_back else "pg_advisory_xact_lock_shared"
    connection.execute(f"select {lock}(%s)", [_TAKING_IN])
    rows = json.dumps([_row(arrival) for arrival in arrivals])  # one value: arrays cost four times as much to write
    with connection.cursor(row_factory=class_row(Taken)) as cursor:
        return sorted(cursor.execute(_TAKE_IN, [rows]).fetchall(), key=lambda taken: taken.id)


def is_known(connection: psycopg.Connection, place: Place, event_id: str) -> bool:
    """Return whether the event is in the inbox."""
    query = "select 1 from inbox where platform = %s and account = %s and event_id = %s"
    return connection.execute(query, [place.platform, place.account, event_id]).fetchone() is not None


def _row(arrival: Arrival) -> dict[str, Any]:
    event, place = arrival.event, arrival.event.place
    state = {Kind.IGNORED: "ignored", Kind.UNSEND: "done"}.get(event.kind, "pending")
    return {
        "platform": place.platform,
        "account": place.account,
        "event_id": event.id,
        "conversation": place.conversation,
        "channel": place.channel,
        "sender": event.sender,
        "kind": event.kind.value,
        "message_id": event.message_id,
        "body": arrival.body,
        "sent_at": event.sent_at.isoformat(),
        "state": state,
        "token": event.token,
        "token_until": event.token_until.isoformat() if event.token_until else None,
        "gesture": event.gesture,
    }


def withdraw(connection: psycopg.Connection, event: InboundEvent, before: int) -> None:
    """Forget the message that this event takes back or edits, and whatever was said to it.

    What is not sent yet stays unsent. ``before`` is the event's own number in the inbox: an edit takes back what came
    before it, an unsend everything.
    """
    place = event.place
    before = _FOR_EVER if event.kind is Kind.UNSEND else before
    connection.execute(
        "select withdraw_message(%s, %s, %s, %s, %s)",
        [place.platform, place.account, place.channel, event.message_id, before],
    )


def claim(connection: psycopg.Connection, conversation: str) -> Claim | None:
    """Take the conversation's next event. One that another worker left in the middle is taken over.

    A row that is locked (its token is being reserved, say) is waited for: passing it over would change the order.
    """
    query = """
    update inbox set state = 'working', attempt = attempt + 1, touched_at = now()
    where id = (select id from inbox where conversation = %s and state in ('pending', 'working')
                order by id limit 1 for update)
    returning id, platform, account, event_id, conversation, body::text as body, attempt
    """
    with connection.cursor(row_factory=class_row(Claim)) as cursor:
        return cursor.execute(query, [conversation]).fetchone()


def asks(connection: psycopg.Connection, conversation: str) -> bool:
    """Return whether somebody waits in the conversation: something of theirs is not begun, and no notice of ours."""
    query = "select 1 from inbox where conversation = %s and state = 'pending' and kind <> 'notice' limit 1"
    return connection.execute(query, [conversation]).fetchone() is not None


def finish(connection: psycopg.Connection, claim: Claim, state: str, reason: str | None = None) -> bool:
    """End the event; False if another attempt has taken it over, or its sender has taken it back."""
    query = """
    update inbox set state = %s, reason = %s, touched_at = now() where id = %s and attempt = %s and state = 'working'
    """
    return connection.execute(query, [state, reason, claim.id, claim.attempt]).rowcount == 1


def forget_body(connection: psycopg.Connection, claim: Claim) -> None:
    """Drop the event's text: it was not meant for us."""
    connection.execute("update inbox set body = null where id = %s", [claim.id])


def is_ours(connection: psycopg.Connection, claim: Claim) -> bool:
    """Return whether nobody has taken the event over, and lock it until the transaction ends."""
    query = "select 1 from inbox where id = %s and attempt = %s and state = 'working' for update"
    return connection.execute(query, [claim.id, claim.attempt]).fetchone() is not None


def answered(connection: psycopg.Connection, event: InboundEvent) -> bool:
    """Return whether the message that this event edits was one we answered."""
    query = """
    select 1 from inbox i where platform = %s and account = %s and channel = %s and message_id = %s
      and kind in ('message', 'file', 'edit') and event_id <> %s
      and exists (select 1 from outbox o where o.event = i.id and (o.window_name <> '' or o.state <> 'withdrawn'))
    """  # every event has a row; one we had nothing to say to was withdrawn without a window
    place = event.place
    values = [place.platform, place.account, place.channel, event.message_id, event.id]
    return connection.execute(query, values).fetchone() is not None


def take_token(
    connection: psycopg.Connection, conversation: str, batch: str, events: Sequence[int]
) -> tuple[str, datetime] | None:
    """Reserve one of the conversation's reply tokens for this batch: of those that live long enough, the eldest.

    The token of an event that is still being answered is for that answer; ``events`` are those the batch answers.
    """
    query = """
    update inbox set token_batch = %s
    where id = (select id from inbox where conversation = %s and token is not null and token_batch is null
                and token_until > now() + interval '2 seconds'
                and (state not in ('pending', 'working') or id = any (%s))
                order by token_until limit 1 for update skip locked)
    returning token, token_until
    """
    row = connection.execute(query, [batch, conversation, list(events)]).fetchone()
    return (row[0], row[1]) if row else None


def token_lives(connection: psycopg.Connection, conversation: str, token: str) -> bool:
    """Return whether a reply token of the conversation may still be used."""
    query = "select 1 from inbox where conversation = %s and token = %s and token_until > now() limit 1"
    return connection.execute(query, [conversation, token]).fetchone() is not None


def forgotten(connection: psycopg.Connection, settled_s: float) -> list[str]:
    """Return the conversations that have an event to handle, untouched for so many seconds, and no job."""
    query = """
    select distinct conversation from inbox i
    where state in ('pending', 'working') and touched_at < now() - make_interval(secs => %s)
      and not exists (select 1 from procrastinate_jobs j
                      where j.lock = 'handle:' || i.conversation and j.status in ('todo', 'doing'))
    """
    return [row[0] for row in connection.execute(query, [settled_s]).fetchall()]


def waiting_long(connection: psycopg.Connection, patience_s: float) -> list[tuple[int, str, str, str]]:
    """Mark and return the events (id, platform, account, body) whose reply token must be spent before it is lost.

    One a conversation at a time: whoever sent three messages is told once that we are at it.
    """
    query = """
    with late as (
      select distinct on (conversation) id from inbox i
      where state in ('pending', 'working') and token is not null and token_batch is null and held_at is null
        and kind in ('message', 'postback', 'edit', 'file')
        and received_at < now() - make_interval(secs => %s) and token_until > now() + interval '2 seconds'
        and not exists (select 1 from inbox h where h.conversation = i.conversation
                        and h.held_at > now() - interval '20 seconds')
      order by conversation, id)
    update inbox set held_at = now() from late where inbox.id = late.id
    returning inbox.id, inbox.platform, inbox.account, inbox.body::text
    """
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query, [patience_s]).fetchall()]


def failed(connection: psycopg.Connection, limit: int) -> list[Failed]:
    """Return the events that could not be answered, newest first."""
    query = """
    select id, platform, account, kind, conversation, received_at, attempt %% %s as attempt, reason from inbox
    where state = 'failed' order by id desc limit %s
    """
    with connection.cursor(row_factory=class_row(Failed)) as cursor:
        return cursor.execute(query, [_ROUND, limit]).fetchall()


def retry(connection: psycopg.Connection, events: Sequence[int]) -> list[str]:
    """Have failed events handled again; return their conversations. One whose text is gone stays as it is."""
    query = """
    update inbox set state = 'pending', reason = null, attempt = (attempt / %s + 1) * %s, touched_at = now()
    where id = any (%s) and state = 'failed' and body is not null returning conversation
    """
    return [row[0] for row in connection.execute(query, [_ROUND, _ROUND, list(events)]).fetchall()]


def recent(connection: psycopg.Connection, platform: str, sender: str, seconds: int) -> int:
    """Return how many events this sender sent within the last seconds."""
    query = """
    select count(*) from inbox where platform in ('web', 'api') and platform = %s and sender = %s
      and received_at > now() - make_interval(secs => %s)
    """
    row = connection.execute(query, [platform, sender, seconds]).fetchone()
    return int(row[0]) if row else 0


def forget_texts(connection: psycopg.Connection, days: int) -> None:
    """Drop what was written and said longer ago than so many days. Keys and counts stay."""
    connection.execute("select forget_texts(now() - make_interval(days => %s))", [days])


def sweeps_alone(connection: psycopg.Connection) -> bool:
    """Return whether nobody else sweeps; nobody else will until this transaction ends."""
    row = connection.execute("select pg_try_advisory_xact_lock(%s)", [_SWEEPING]).fetchone()
    return bool(row and row[0])


def workers(connection: psycopg.Connection) -> int:
    """Return how many workers gave a sign of life within half a minute."""
    query = "select count(*) from procrastinate_workers where last_heartbeat > now() - interval '30 seconds'"
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
