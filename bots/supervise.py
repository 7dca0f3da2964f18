"""``transom serve``: one process that keeps the others of a machine running: web, worker, the embedded database.

The parts are the commands ``transom web`` and ``transom worker``, as anybody may run them apart on other machines.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from threading import Event

import structlog

log = structlog.get_logger()

_LOOK_EVERY_S = 0.5
_LONGEST_PAUSE_S = 30.0
_STEADY_S = 60.0  # after which a crash counts as the first again
_PATIENCE_S = 60.0  # for a part to end what it is at


class Part:
    """One process that is started again when it ends, later each time."""

    def __init__(self, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = [sys.executable, "-m", "bots.cli", *arguments]
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._crashes = 0
        self._again_at = 0.0

    def keep(self) -> None:
        """Start it, if it does not run and its pause is over."""
        if self._process is not None and self._process.poll() is None:
            return
        now = time.monotonic()
        if self._process is not None:
            self._note_end(now)
        if now >= self._again_at:
            self._process = subprocess.Popen(self._command, env=self._environment)  # noqa: S603 our own command
            self._started_at = now

    def _note_end(self, now: float) -> None:
        assert self._process is not None
        self._crashes = 1 if now - self._started_at > _STEADY_S else self._crashes + 1
        pause = min(0.25 * 2**self._crashes, _LONGEST_PAUSE_S)
        log.error("part ended", part=self.name, status=self._process.returncode, again_in_s=round(pause, 1))
        self._process, self._again_at = None, now + pause

    def ask_to_stop(self) -> None:
        """Tell it to end what it is at, and stop."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self) -> None:
        """Wait until it has ended."""
        if self._process is not None:
            try:
                self._process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                log.error("part did not stop", part=self.name)
                self._process.kill()


def supervise(parts: Sequence[Part], look_after: Callable[[], None]) -> None:
    """Keep the parts running until SIGTERM or SIGINT; then stop them in their order, each after its work.

    ``look_after`` is called twice a second, to look after what is no part of ours.
    """
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.is_set():
        look_after()
        for part in parts:
            part.keep()
        stopping.wait(_LOOK_EVERY_S)
    for part in parts:
        part.ask_to_stop()
    for part in parts:
        part.wait()
