"""A time after which a connection is broken off, also while a read waits: clients only limit each single read."""

import os
import socket
from contextlib import suppress
from threading import Lock, Timer
from typing import Self


class Deadline:
    """Shuts the sockets it was told of when time is up. ``rang``: it was.

    It keeps a descriptor of its own, so that a number that meanwhile means another file is never shut.
    """

    def __init__(self, seconds: float, descriptor: int | None = None) -> None:
        self.rang = False
        self._lock, self._held = Lock(), list[int]()
        if descriptor is not None:
            self.watch(descriptor)
        self._timer = Timer(seconds, self._ring)
        self._timer.daemon = True

    def watch(self, descriptor: int) -> None:
        """Shut this socket too when time is up; at once if it is."""
        with self._lock:
            self._held.append(os.dup(descriptor))
            if self.rang:
                self._shut()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for descriptor in self._held:
                os.close(descriptor)
            self._held.clear()

    def _ring(self) -> None:
        with self._lock:
            self.rang = True
            self._shut()

    def _shut(self) -> None:
        for descriptor in self._held:
            with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as one:
                one.shutdown(socket.SHUT_RDWR)
