"""Takes events in: stored with their jobs in one transaction, before the platform hears 200.

Webhooks that arrive while a transaction is being written share the next one. A commit costs a flush of the disk and
a turn at the queue's notification lock whether it holds one event or fifty, so this is what makes bursts cheap.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Lock, Thread

import psycopg
import structlog

from bots.conversations.inbox import store
from bots.conversations.queue import Queue
from bots.errors import InboxUnavailable
from bots.messages import Arrival, Kind
from rag_core.database import Database
from rag_core.errors import DatabaseUnavailable

log = structlog.get_logger()

_TOGETHER = 64  # requests in one transaction
_PATIENCE_S = 8.0
_UNAVAILABLE = "The inbox cannot store events now; nothing was taken in. Check the database."


@dataclass(frozen=True, slots=True)
class _Request:
    arrivals: tuple[Arrival, ...]
    done: "Future[int]" = field(default_factory=Future)


class Intake:
    """Implements ``ports.Inbox``. Its thread starts at first use, so an object made before a fork is fine."""

    def __init__(self, database: Database, queue: Queue) -> None:
        self._database, self._queue = database, queue
        self._waiting: SimpleQueue[_Request] = SimpleQueue()
        self._starting = Lock()
        self._writer: Thread | None = None

    def take_in(self, arrivals: Sequence[Arrival]) -> int:
        """Store the events; return how many were new. Raises InboxUnavailable: then nothing is promised."""
        if not arrivals:
            return 0
        self._started()
        request = _Request(tuple(arrivals))
        self._waiting.put(request)
        try:
            return request.done.result(_PATIENCE_S)
        except Late as error:
            raise InboxUnavailable(_UNAVAILABLE) from error

    def _started(self) -> None:
        if self._writer is None or not self._writer.is_alive():
            with self._starting:
                if self._writer is None or not self._writer.is_alive():
                    self._writer = Thread(target=self._write, name="transom-intake", daemon=True)
                    self._writer.start()

    def _write(self) -> None:
        while True:
            requests = [self._waiting.get()]
            while len(requests) < _TOGETHER:
                try:
                    requests.append(self._waiting.get_nowait())
                except Empty:
                    break
            self._store(requests)

    def _store(self, requests: list[_Request]) -> None:
        try:
            counts = self._stored([request.arrivals for request in requests])
        except DatabaseUnavailable as error:
            _tell(requests, error)
        except Exception as error:
            if len(requests) == 1:
                self._rescue(requests[0].arrivals)
                _tell(requests, error)
            else:  # one of them is at fault: the others must not pay for it
                for request in requests:
                    self._store([request])
        else:
            for request, count in zip(requests, counts, strict=True):
                request.done.set_result(count)

    def _rescue(self, arrivals: Sequence[Arrival]) -> None:
        """Store what can be stored of a request that is refused as a whole: nobody may send it a second time."""
        for arrival in arrivals if len(arrivals) > 1 else ():
            with suppress(psycopg.Error, DatabaseUnavailable, ValueError):
                self._stored([(arrival,)])

    def _stored(self, batches: list[tuple[Arrival, ...]]) -> list[int]:
        arrivals = [arrival for batch in batches for arrival in batch]
        with self._database.application() as connection:
            taken = store.take_in(connection, arrivals)
            new = {(one.platform, one.account, one.event_id) for one in taken}
            self._withdraw(connection, arrivals, taken)
            self._queue.handle(connection, [one.conversation for one in taken if one.state == "pending"])
        return [_count(batch, new) for batch in batches]

    def _withdraw(
        self, connection: psycopg.Connection, arrivals: Sequence[Arrival], taken: Sequence[store.Taken]
    ) -> None:
        events = {_key(arrival): arrival.event for arrival in arrivals}
        for one in taken:
            event = events[(one.platform, one.account, one.event_id)]
            if event.kind in (Kind.UNSEND, Kind.EDIT) and event.message_id:
                store.withdraw(connection, event, one.id)


def _key(arrival: Arrival) -> tuple[str, str, str]:
    place = arrival.event.place
    return (place.platform, place.account, arrival.event.id)


def _count(batch: Sequence[Arrival], new: set[tuple[str, str, str]]) -> int:
    """Return how many were new, and take their keys out: of two equal events in one transaction one is new."""
    keys = {_key(arrival) for arrival in batch} & new
    new -= keys
    return len(keys)


def _tell(requests: Sequence[_Request], error: Exception) -> None:
    log.error("events not stored", requests=len(requests), error=type(error).__name__)
    for request in requests:
        refused = InboxUnavailable(_UNAVAILABLE)
        refused.__cause__ = error
        request.done.set_exception(refused)
