"""How many requests of one process may wait at once. The other threads stay free for webhooks and pages."""

from collections.abc import Iterator
from threading import BoundedSemaphore

SEATS = 10


class Seats:
    """Places for requests that wait: open event streams, and calls of the API that wait for their answer."""

    def __init__(self, limit: int = SEATS) -> None:
        self._free = BoundedSemaphore(limit)

    def take(self) -> bool:
        """Take a place; return False if there is none. Never waits."""
        return self._free.acquire(blocking=False)

    def leave(self) -> None:
        """Give a place back. Raises ValueError if more are given back than were taken."""
        self._free.release()


def seated(seats: Seats, stream: Iterator[bytes], otherwise: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the stream from a place of its own, or ``otherwise`` where there is none.

    The place is taken with the first step and not before: a generator that never began is closed without a word.
    """
    if not seats.take():
        yield from otherwise
        return
    try:
        yield from stream
    finally:
        seats.leave()
