"""Sends a conversation's deliveries in their order. Nothing here writes an answer: a retry never regenerates."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import uniform

import psycopg
import structlog

from bots.conversations.outbox import store
from bots.conversations.outbox.merge import merged
from bots.conversations.outbox.store import Due
from bots.conversations.outbox.written import read_place, read_reply
from bots.messages import Again, Delivery, Links, Outcome, Parked, Rejected, Reply, Sent
from bots.ports import Courier
from rag_core.database import Database

log = structlog.get_logger()

_TRIES = 40  # about five hours; LINE keeps a retry key for a day
_WORTH_WAITING_S = 3.0  # in the job itself; the sweep wakes what has to wait longer
_FIRST_PAUSE_S = 0.5
_MOMENT_S = 0.05
_LONGEST_PAUSE_S = 600.0
_MOST_MERGED = 4

LinksOf = Callable[[str, Reply, datetime], Links]
"""The links of a delivery's reply that was begun at a time."""

Budgets = Callable[[str], int]
"""How many pushes a month a window may cost."""


@dataclass(frozen=True, slots=True)
class _Batch:
    rows: tuple[Due, ...]
    id: str
    attempt: int
    delivery: Delivery


class Deliverer:
    """Brings what the outbox holds to the platforms."""

    def __init__(self, database: Database, couriers: Mapping[str, Courier], links: LinksOf, budgets: Budgets) -> None:
        self._database, self._couriers, self._links, self._budgets = database, couriers, links, budgets

    def deliver(self, conversation: str) -> None:
        """Send what is due in the conversation, one after the other, until something has to wait."""
        while True:
            batch = self._claim(conversation)
            if batch is None:
                return
            outcome = self._couriers[batch.delivery.place.platform].deliver(batch.delivery)
            wait = self._settle(batch, outcome)
            if wait > _WORTH_WAITING_S:
                return
            time.sleep(wait)

    def _claim(self, conversation: str) -> _Batch | None:
        with self._database.application() as connection:
            rows = store.open_rows(connection, conversation)
            while rows and rows[0].state == "sending" and rows[0].attempt >= _TRIES:  # whoever sends it dies of it
                store.settle_over(connection, rows[0].batch or "", rows[0].attempt, "uncertain", "crashed")
                rows = store.open_rows(connection, conversation)
            if not rows or not rows[0].due:
                return None
            return self._started(connection, rows)

    def _started(self, connection: psycopg.Connection, rows: Sequence[Due]) -> _Batch | None:
        together = _together(rows)
        if dropped := _answered(together):
            store.drop_holding(connection, dropped)
            together = [row for row in together if row not in dropped]
        head = together[0]
        batch_id = head.batch or head.id
        place = read_place(head.place)
        # Left in the middle it may have arrived; on LINE only if there was something to send it with.
        begun = head.state == "sending" and (place.platform != "line" or bool(head.token or head.pushed_at))
        doubtful = head.doubtful or begun
        head = replace(head, doubtful=doubtful)
        token, may_push = "", False
        if place.platform == "line":
            events = [row.event for row in together]
            token = (
                "" if head.pushed_at else store.reserve_token(connection, place.conversation, head, batch_id, events)
            )
            may_push = not token and self._may_push(connection, head, batch_id, place.account)
        attempt = store.start(connection, together, batch_id, token, pushing=may_push, doubtful=doubtful)
        reply = merged([read_reply(row.reply) for row in together])
        delivery = Delivery(
            batch_id,
            place,
            head.sender,
            reply,
            self._links(head.id, reply, head.begun_at) if len(together) == 1 else self._merged_links(together),
            attempt=attempt,
            doubtful=doubtful,
            token=token,
            may_push=may_push,
            progress=head.progress,
            message_id=head.message_id,
            home=head.kind == "home",
        )
        return _Batch(tuple(together), batch_id, attempt, delivery)

    def _may_push(self, connection: psycopg.Connection, head: Due, batch: str, account: str) -> bool:
        if head.pushed_at:  # this batch has its push already, and the same key makes it one push only
            return True
        if head.doubtful or head.kind != "reply":
            return False
        return store.reserve_push(connection, account, head.window_name, batch, self._budgets(head.window_name))

    def _merged_links(self, rows: Sequence[Due]) -> Links:
        """Return the links of merged replies, those to pages under the numbers their sources have now."""
        pages: dict[int, str] = {}
        files: dict[str, str] = {}
        shift = 0
        for row in rows:
            reply = read_reply(row.reply)
            links = self._links(row.id, reply, row.begun_at)
            pages |= {number + shift: url for number, url in links.pages.items()}
            files |= links.files
            shift += len(reply.sources)
        return Links(pages=pages, files=files)

    def _settle(self, batch: _Batch, outcome: Outcome) -> float:
        """Write down what came of it; return how many seconds to wait before looking again."""
        if not isinstance(outcome, Sent):
            kind, reason = type(outcome).__name__.lower(), outcome.reason
            log.warning("not delivered", delivery=batch.id, attempt=batch.attempt, outcome=kind, reason=reason)
        with self._database.application() as connection:
            return _settled(connection, batch, outcome)


def _settled(connection: psycopg.Connection, batch: _Batch, outcome: Outcome) -> float:
    match outcome:
        case Sent(ids, pushed):
            store.settle_sent(connection, batch.id, batch.attempt, ids, pushed=pushed)
        case Parked(reason):
            had_token = bool(batch.delivery.token)
            store.settle_parked(connection, batch.id, batch.attempt, reason, had_token=had_token)
            return _MOMENT_S  # then look again: a token that came meanwhile takes it along, unless it is still locked
        case Rejected(reason, uncertain):
            state = "uncertain" if uncertain else "failed"
            store.settle_over(connection, batch.id, batch.attempt, state, reason)
        case Again(after_s, reason, doubtful):
            if batch.attempt >= _TRIES:
                state = "uncertain" if doubtful or batch.delivery.doubtful else "failed"
                store.settle_over(connection, batch.id, batch.attempt, state, reason)
                return 0.0
            wait = pause(after_s, batch.attempt)
            store.settle_again(connection, batch.id, batch.attempt, wait, reason, doubtful=doubtful)
            return wait
    return 0.0


def pause(after_s: float, attempt: int) -> float:
    """Return how long to wait: at least what the platform asks for, longer each time, a little by chance."""
    longer = min(_FIRST_PAUSE_S * 2.0 ** min(attempt - 1, 12), _LONGEST_PAUSE_S)
    return max(after_s, longer) * uniform(1.0, 1.25)  # noqa: S311 spreads, not hides


def _answered(rows: Sequence[Due]) -> list[Due]:
    """Return the words "still working" whose answer goes out with them."""
    answered = {row.event for row in rows if row.kind != "holding"}
    return [row for row in rows if row.kind == "holding" and row.event in answered]


def _together(rows: Sequence[Due]) -> list[Due]:
    """Return the rows that go out in one request: the batch that began already, else on LINE what is due at once."""
    head = rows[0]
    if head.batch:
        return [row for row in rows if row.batch == head.batch]
    if head.place["platform"] != "line" or head.kind == "home":
        return [head]
    together: list[Due] = []
    for row in rows:
        if row.batch or not row.due or len(together) == _MOST_MERGED:
            break
        together.append(row)
    return together
