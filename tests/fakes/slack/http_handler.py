"""The HTTP side of the fake: routes, faults, files and the websocket's handshake."""

import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .dispatch import Reply, act, answer_gesture, arrive, caller_of, gesture_call, too_many
from .faults import Fault
from .records import Call, Workspace
from .socket_mode import accept_key
from .state import State

STATUS = {200: "OK", 302: "Found", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests", 500: "Error"}
SIGN_IN = Reply(200, b"<!DOCTYPE html><title>Slack</title>Sign in", {"Content-Type": "text/html"})
NOTHING = Reply(404, b"", {})
BROKEN = Reply(500, b"<html>Server Error</html>", {"Content-Type": "text/html"})


class HttpServer(ThreadingHTTPServer):
    """Many connections at once; one that the other side breaks off is no news."""

    daemon_threads = True
    request_queue_size = 256
    slack: Any

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection of a client; ``server.slack`` is the SlackServer."""

    protocol_version = "HTTP/1.1"
    server: HttpServer
    disable_nagle_algorithm = True  # an answer of one piece must not wait for the other side's acknowledgement

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *said: Any) -> None:
        pass

    def _serve(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if url.path.startswith("/api/"):
            self._method(url.path.removeprefix("/api/"), url.query, body)
        elif url.path.startswith("/response/"):
            self._response_url(url.path.removeprefix("/response/"), body)
        elif url.path.startswith("/files-pri/"):
            self._download(url.path.split("/")[2].partition("-")[2])
        elif url.path == "/link/" and self.headers.get("Upgrade", "").lower() == "websocket":
            self._link(parse_qs(url.query).get("app_token", [""])[0])
        else:
            self._reply(SIGN_IN if url.path == "/signin" else NOTHING)

    def _method(self, method: str, query: str, body: bytes) -> None:
        slack = self.server.slack
        content_type, auth = self.headers.get("Content-Type", ""), self.headers.get("Authorization", "")
        arrived = arrive(slack.state, slack.described, method, query, content_type, auth, body)
        self._answer(arrived.call, lambda slack: act(slack.state, slack.described, slack.pace, arrived))

    def _answer(self, call: Call, action: Callable[[Any], Reply]) -> None:
        slack = self.server.slack
        slack.calls.append(call)
        slack.notify(call, "before")
        reply = self._act(call, action, slack.faults.next(call.method))
        if reply is None:
            self._drop()
        else:
            self._reply(reply)

    def _act(self, call: Call, action: Callable[[Any], Reply], fault: Fault | None) -> Reply | None:
        """Return the answer, None where the connection is to break without one."""
        kind = fault.kind if fault else ""
        if kind == "drop_before":
            return None
        if kind == "error_before":
            return BROKEN
        if fault and kind == "rate_limited":
            return too_many(fault.retry_after)
        if fault and kind == "delay":
            time.sleep(fault.seconds)
        reply = action(self.server.slack)
        self.server.slack.notify(call, "after")
        return {"drop_after": None, "error_after": BROKEN}.get(kind, reply)

    def _response_url(self, token: str, body: bytes) -> None:
        call = gesture_call(self.server.slack.state, token, body)
        self._answer(call, lambda slack: answer_gesture(slack.state, slack.described, token, call.args))

    def _download(self, name: str) -> None:
        state = self.server.slack.state
        caller = caller_of(state, self.headers.get("Authorization", "").removeprefix("Bearer "))
        call = Call("files.download", {"file": name}, state.clock(), caller.team if caller else "")
        self._answer(call, lambda slack: self._file(slack.state, name, caller))

    def _file(self, state: State, name: str, caller: Workspace | None) -> Reply:
        """Return the bytes to whoever has the team's token; others are sent to the sign-in page, as Slack does."""
        file = state.files.get(name)
        if file is None:
            return NOTHING
        if caller is None or caller.team != file.team or not _may_read_files(caller.scopes):
            return Reply(302, b"", {"Location": f"{state.base_url}/signin"})
        return Reply(200, file.content, {"Content-Type": file.mimetype})

    def _link(self, app_token: str) -> None:
        slack = self.server.slack
        workspace = caller_of(slack.state, app_token)
        if workspace is None:
            self._reply(NOTHING)
            return
        key = accept_key(self.headers.get("Sec-WebSocket-Key", ""))
        self.wfile.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + key.encode() + b"\r\n\r\n"
        )
        self.close_connection = True
        slack.sockets.serve(app_token, workspace.app_id, self.rfile, self.connection)

    def _reply(self, reply: Reply) -> None:
        head = [f"HTTP/1.1 {reply.status} {STATUS[reply.status]}", f"Content-Length: {len(reply.body)}"]
        head += [f"{name}: {value}" for name, value in reply.headers.items()]
        try:
            self.wfile.write("\r\n".join([*head, "", ""]).encode() + (b"" if self.command == "HEAD" else reply.body))
        except OSError:  # whoever asked has gone
            self.close_connection = True

    def _drop(self) -> None:
        self.close_connection = True
        with suppress(OSError):  # the other side may have been faster
            self.connection.shutdown(socket.SHUT_RDWR)


def _may_read_files(scopes: frozenset[str] | None) -> bool:
    return scopes is None or "files:read" in scopes
