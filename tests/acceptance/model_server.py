"""A model server that speaks the OpenAI dialect and says whatever a test wants, at the pace it wants."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class ModelServer:
    """``says`` are the pieces of every answer; ``requests`` are the bodies it was sent.

    ``thinks``, where a test sets it, makes the pieces of each answer from the body of its request.
    """

    base_url: str
    says: Sequence[str] = ()
    status: int = 200
    pause_s: float = 0.0  # before each piece
    dies_after: int | None = None  # pieces; then the connection breaks
    requests: list[dict[str, Any]] = field(default_factory=list)
    thinks: Callable[[Mapping[str, Any]], Sequence[str]] | None = None

    def prompt(self) -> str:
        """Return everything that the last request told the model, one message behind the other."""
        return "\n".join(message["content"] for message in self.requests[-1]["messages"])


@contextmanager
def model_server(host: str = "127.0.0.1") -> Iterator[ModelServer]:
    """Yield a server on a free port of this machine."""
    server = ThreadingHTTPServer((host, 0), _Handler)
    server.daemon_threads = True
    model = ModelServer(f"http://{host}:{server.server_port}/v1")
    server.model = model  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # with chunks, as real servers stream: an answer cut off midway is seen to be

    def do_POST(self) -> None:
        model: ModelServer = self.server.model  # type: ignore[attr-defined]
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        model.requests.append(asked)
        if model.status != 200:
            self.send_error(model.status)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, piece in enumerate(model.thinks(asked) if model.thinks else model.says):
            time.sleep(model.pause_s)
            if model.dies_after == number:
                self.close_connection = True
                return
            self._event({"choices": [{"index": 0, "delta": {"content": piece}}]})
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _event(self, fields: dict[str, Any]) -> None:
        whole = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "parrot", **fields}
        self._chunk(f"data: {json.dumps(whole)}\n\n".encode())

    def _chunk(self, content: bytes) -> None:
        try:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
            self.wfile.flush()
        except OSError:  # whoever asked has gone
            self.close_connection = True

    def log_message(self, *said: Any) -> None:
        pass
