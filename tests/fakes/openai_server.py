"""A small OpenAI-compatible server on this machine that does what a test tells it and records what it was asked."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class FakeOpenAI:
    """``embed`` makes vectors; ``status`` other than 200 is answered instead of anything else."""

    embed: Callable[[str], list[float]] = lambda text: [float(len(text)), 1.0]
    status: int = 200
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""


@contextmanager
def served(fake: FakeOpenAI) -> Iterator[FakeOpenAI]:
    """Serve the fake until the block ends; ``fake.url`` is its base address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            fake.asked.append(body)
            data = [{"index": i, "embedding": fake.embed(text)} for i, text in enumerate(body.get("input", []))]
            answer = json.dumps({"object": "list", "data": data, "model": body["model"]}).encode()
            self.send_response(fake.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
