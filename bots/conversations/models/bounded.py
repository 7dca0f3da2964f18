"""Asks somebody who may never answer."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from threading import Lock
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Bounded(Generic[Found]):
    """Asks in a thread of its own, once at a time: whoever comes meanwhile shares the answer, so threads never pile up.

    ``ask`` must not raise.
    """

    def __init__(self, ask: Callable[[], Found]) -> None:
        self._ask, self._lock = ask, Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="transom-bounded")
        self._asked: Future[Found] | None = None

    def begin(self) -> Callable[[float], Found | None]:
        """Ask, and return what waits so many seconds for the answer: None if it takes longer."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = self._pool.submit(self._ask)
            asked = self._asked

        def wait(seconds: float) -> Found | None:
            try:
                return asked.result(max(seconds, 0.0))
            except TooLate:
                return None

        return wait
