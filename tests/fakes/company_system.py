"""The company's own system on this machine: takes what it is told, answers as a test says, remembers what came."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass
class System:
    """``statuses`` are its next answers; then it takes everything. ``calls``: path, headers and body of each.

    While ``quick`` is not set, it answers nobody.
    """

    statuses: list[int] = field(default_factory=list)
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    quick: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.quick.set()

    @property
    def keys(self) -> list[str]:
        return [headers["Idempotency-Key"] for _, headers, _ in self.calls]


@contextmanager
def listening(system: System) -> Iterator[System]:
    """Listen until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            system.calls.append((self.path, dict(self.headers), body))
            system.quick.wait(30)
            status = system.statuses.pop(0) if system.statuses else 200
            self.send_response(status)
            self.send_header("Location", "http://169.254.169.254/")
            self.send_header("Content-Length", "0")
            with suppress(OSError):  # whoever called may be gone
                self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    system.port = server.server_port
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield system
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
