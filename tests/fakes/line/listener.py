"""HTTP/1.1 with keep-alive in front of the fake."""

import json
import socket
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from fakes.line.records import Answer, Call

if TYPE_CHECKING:
    from fakes.line.server import LineServer


class Listener(ThreadingHTTPServer):
    """Listens on 127.0.0.1; closing it ends every connection that clients keep open."""

    daemon_threads = True
    request_queue_size = 256
    server: "LineServer"

    def __init__(self, port: int) -> None:
        self._open: set[Any] = set()
        self._open_lock = Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def base_url(self) -> str:
        """Where both api.line.me and api-data.line.me are found."""
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        with self._open_lock:
            for connection in self._open:
                _break(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: what is worth saying is in ``LineServer.crashes``; the rest is clients that went away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together: two writes would wait for each other's acknowledgement
    server: Listener

    def _exchange(self) -> None:
        call = self._call()
        line = self.server.server
        try:
            answer = line.handle(call)
        except BaseException as crash:
            line.crashes.append(crash)
            answer = Answer(500, {"message": "The fake crashed; see crashes"})
        if answer is None:
            self.close_connection = True
            _break(self.connection)
            return
        self._send(call, answer)

    do_GET = do_POST = do_PUT = do_DELETE = _exchange  # noqa: N815 - the names http.server asks for

    def _call(self) -> Call:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        return Call(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            raw=raw,
            json=_json(raw, self.headers.get("Content-Type") or ""),
            request_id=str(uuid.uuid4()),
        )

    def _send(self, call: Call, answer: Answer) -> None:
        body = answer.body
        if not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
        headers = {
            "content-type": "application/json",
            "x-line-request-id": call.request_id,
            **answer.headers,
            "content-length": str(len(body)),
        }
        try:
            self.send_response(answer.status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
        except OSError:  # whoever asked has gone
            self.close_connection = True

    def log_message(self, *said: Any) -> None:
        pass


def _json(raw: bytes, content_type: str) -> Any:
    if not raw or not content_type.lower().startswith("application/json"):
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _break(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # the other side was faster
        return
