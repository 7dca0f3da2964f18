"""A small server of records on this machine that does what a test tells it and records what it was asked."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class RecordsServer:
    """``answers``: by path, the JSON, or a function of the handler that answers itself. ``asked``: paths in order."""

    answers: dict[str, Any | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    port: int = 0


def answer(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    """Answer a request."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def serving(records: RecordsServer) -> Iterator[RecordsServer]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            records.asked.append(self.path)
            records.headers.append({name.lower(): value for name, value in self.headers.items()})
            told = records.answers.get(self.path.partition("?")[0], [])
            try:
                if callable(told):
                    told(self)
                else:
                    answer(self, json.dumps(told).encode())
            except (BrokenPipeError, ConnectionResetError):
                pass

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    records.port = server.server_port
    try:
        yield records
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
