"""Looks after what was left lying: events and deliveries whose worker died, tokens about to run out, old texts.

Everything here is safe to do twice and by two workers at once; an advisory lock only saves the work.
"""

from time import monotonic

import psycopg
import structlog

from bots.conversations.inbox import store as inbox
from bots.conversations.outbox import store as outbox
from bots.conversations.queue import Queue
from bots.conversations.reading import Readers
from bots.conversations.texts import language_spoken, say
from bots.messages import Choice, InboundEvent, Reply
from rag_core.database import Database

log = structlog.get_logger()

HOLD_AFTER_S = 35.0  # of a reply token's minute: what is not answered by then is told to wait
_FORGET_EVERY_S = 3600.0


class Sweeper:
    """Sweeps, once each time it is told to."""

    def __init__(
        self, database: Database, queue: Queue, readers: Readers, *, settled_s: float, retention_days: int
    ) -> None:
        self._database, self._queue, self._readers = database, queue, readers
        self._settled_s, self._retention_days = settled_s, retention_days
        self._forget_at = monotonic()

    def sweep(self) -> None:
        """Give a job to every conversation that has something to do and none, and spend tokens before they are lost."""
        with self._database.application() as connection:
            if not inbox.sweeps_alone(connection):
                return
            self._hold(connection)
            unhandled = inbox.forgotten(connection, self._settled_s)
            undelivered = outbox.forgotten(connection, self._settled_s)
            self._queue.handle(connection, unhandled)
            self._queue.deliver(connection, undelivered)
        self._forget()
        if unhandled or undelivered:
            log.info("taken up again", events=len(unhandled), deliveries=len(undelivered))

    def _hold(self, connection: psycopg.Connection) -> None:
        for event_id, platform, account, body in inbox.waiting_long(connection, HOLD_AFTER_S):
            event = self._readers.read(platform, account, body)
            if not (event.place.direct or event.addressed):
                continue
            awaited = outbox.reply_of(connection, event_id)
            outbox.hold(connection, event_id, event, _still_working(event, awaited))
            outbox.unpark(connection, event.place.conversation)  # what waits already goes along
            self._queue.deliver(connection, [event.place.conversation])

    def _forget(self) -> None:
        """Forget old texts, in a transaction of its own: it takes long, and nobody is to wait for it."""
        if monotonic() >= self._forget_at:
            self._forget_at = monotonic() + _FORGET_EVERY_S
            with self._database.application() as connection:
                outbox.forget_parked(connection, self._retention_days)
                inbox.forget_texts(connection, self._retention_days)


def _still_working(event: InboundEvent, awaited: str) -> Reply:
    language = language_spoken(event) or "zh-TW"
    tap = Choice(say(language, "show_answer"), data=f"answer={awaited}")
    return Reply(say(language, "working"), choices=(tap,), language=language)
