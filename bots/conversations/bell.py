"""Rings when the outbox has something new for a conversation that a page in this process follows."""

import threading
import time
from collections import defaultdict
from typing import Self

import psycopg
import structlog

from bots.conversations.outbox.store import CHANNEL

log = structlog.get_logger()

_PAUSE_S = 1.0
_IDLE_S = 60.0  # how long it goes on listening when nobody waits


class Bell:
    """One thread a process that listens to Postgres while somebody waits. It starts at first use, so after the fork."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._changed = threading.Condition()
        self._rung: defaultdict[str, int] = defaultdict(int)  # of conversations somebody waits for
        self._waiting: defaultdict[str, int] = defaultdict(int)
        self._listener: threading.Thread | None = None

    def watch(self, conversation: str) -> "Watch":
        """Return a watch on the conversation: what rings from now on is not missed."""
        with self._changed:
            if self._listener is None or not self._listener.is_alive():
                self._listener = threading.Thread(target=self._listen, name="transom-bell", daemon=True)
                self._listener.start()
            self._waiting[conversation] += 1
            return Watch(self, conversation, self._rung[conversation])

    def wait(self, conversation: str, seen: int, timeout_s: float) -> int:
        """Wait until it has rung more often than ``seen``, or the time is up; return how often it has."""
        with self._changed:
            self._changed.wait_for(lambda: self._rung[conversation] > seen, timeout_s)
            return self._rung[conversation]

    def leave(self, conversation: str) -> None:
        """End one watch."""
        with self._changed:
            self._waiting[conversation] -= 1
            if self._waiting[conversation] <= 0:
                del self._waiting[conversation]
                self._rung.pop(conversation, None)

    def _listen(self) -> None:
        while True:
            try:
                self._hear()
            except psycopg.Error as error:
                log.warning("the bell does not hear the database", error=type(error).__name__)
                time.sleep(_PAUSE_S)
            if not self._is_needed():
                return

    def _hear(self) -> None:
        with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"listen {CHANNEL}")
            self._ring(None)  # what rang while nobody listened
            while self._waiting:
                for notification in connection.notifies(timeout=_IDLE_S):
                    self._ring(notification.payload)

    def _is_needed(self) -> bool:
        """Return whether anybody waits. If not, this thread ends, and the next watch starts another."""
        with self._changed:
            if not self._waiting:
                self._listener = None
            return bool(self._waiting)

    def _ring(self, conversation: str | None) -> None:
        with self._changed:
            for name in [conversation] if conversation else list(self._waiting):
                if name in self._waiting:
                    self._rung[name] += 1
            self._changed.notify_all()


class Watch:
    """A watch on one conversation; a context manager that ends it."""

    def __init__(self, bell: Bell, conversation: str, seen: int) -> None:
        self._bell, self._conversation, self._seen = bell, conversation, seen

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *trouble: object) -> None:
        self._bell.leave(self._conversation)

    def wait(self, timeout_s: float) -> bool:
        """Wait for the next ring; return whether it rang in time."""
        now = self._bell.wait(self._conversation, self._seen, timeout_s)
        rang, self._seen = now > self._seen, now
        return rang
