"""A chat server over TCP or a Unix socket that answers as a test tells it, in the dialects of the servers out there.

Error bodies are shaped as those servers publish them: Azure OpenAI's unsupported_parameter, llama-server's
exceed_context_size_error, vLLM's and LM Studio's sentences, and our own model process's codes.
"""

import json
import select
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One request: its path with the query, its headers (names in lower case) and its body."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        """All messages, one behind the other."""
        return "\n".join(message["content"] for message in self.body["messages"])


@dataclass(frozen=True)
class Reply:
    """``events`` are sent one by one after ``pause_s`` each, ``body`` at once. ``dies``: the connection just ends."""

    events: Sequence[str] = ()
    body: str = ""
    status: int = 200
    kind: str = "text/event-stream"
    headers: Mapping[str, str] = field(default_factory=dict)
    pause_s: float = 0.0
    dies: bool = False
    chunked: bool = True


@dataclass
class FakeServer:
    """``reply`` answers each request; ``asked`` are all there were; ``left`` is set when a client went away."""

    url: str = ""
    reply: Callable[[Asked], Reply] = field(default=lambda asked: said("好。"))
    asked: list[Asked] = field(default_factory=list)
    left: Event = field(default_factory=Event)


def event(**fields: Any) -> str:
    """Return one event of a stream of chat completions."""
    return "data: " + json.dumps({"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", **fields})


def piece(text: str | None = None, finish: str | None = None, **delta: Any) -> str:
    """Return an event with the next piece of text."""
    told = {**({"content": text} if text is not None else {}), **delta}
    return event(choices=[{"index": 0, "delta": told, "finish_reason": finish}])


def said(*texts: str, finish: str | None = "stop", **how: Any) -> Reply:
    """Return an answer that streams and ends for the reason given."""
    return Reply([piece(role="assistant"), *map(piece, texts), piece(finish=finish), "data: [DONE]"], **how)


def failed(status: int, error: object, **headers: str) -> Reply:
    """Return an error with its body as JSON; names of headers are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(body=json.dumps({"error": error}), status=status, kind="application/json", headers=named)


def whole(text: str, finish: str = "stop") -> Reply:
    """Return an answer that does not stream although that was asked for."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    return Reply(body=json.dumps({"id": "1", "choices": [choice]}), kind="application/json; charset=utf-8")


def reasoning_model(asked: Asked) -> Reply:
    """Refuse, like OpenAI's and Azure's reasoning models, max_tokens and a temperature."""
    if "max_tokens" in asked.body:
        return _unsupported("max_tokens", "unsupported_parameter", "Use 'max_completion_tokens' instead.")
    if "temperature" in asked.body:
        return _unsupported("temperature", "unsupported_value", "Only the default (1) value is supported.")
    return said("好。")


def _unsupported(name: str, code: str, what: str) -> Reply:
    message = f"Unsupported parameter: '{name}' is not supported with this model. {what}"
    return failed(400, {"message": message, "type": "invalid_request_error", "param": name, "code": code})


def small_context(tokens: int, style: str) -> Callable[[Asked], Reply]:
    """Return a server with a context of so many tokens, a character being one, that refuses in this style."""

    def reply(asked: Asked) -> Reply:
        prompt, answer = len(asked.prompt), asked.body["max_tokens"]
        if prompt + answer <= tokens:
            return said("好。")
        return _too_long(style, prompt, answer, tokens)

    return reply


def _too_long(style: str, prompt: int, answer: int, context: int) -> Reply:
    limit = f"This model's maximum context length is {context} tokens"
    sentences = {
        "vllm": f"'max_tokens' is too large: {answer}. {limit} and your request has {prompt} input tokens.",
        "vllm at least": f"{limit}. However, you requested {answer} output tokens and your prompt contains at least "
        f"{context - answer + 1} input tokens, for a total of at least {context + 1} tokens.",
        "openai": f"{limit}. However, your messages resulted in {prompt} tokens.",
    }
    if style == "ours":
        counts = {"n_prompt_tokens": prompt, "n_max_tokens": answer, "n_ctx": context}
        return failed(400, {"message": "too long", "type": "error", "code": "context_length_exceeded", **counts})
    if style == "llama-server":
        counts = {"n_prompt_tokens": prompt, "n_ctx": context}
        return failed(400, {"code": 400, "message": "too long", "type": "exceed_context_size_error", **counts})
    if style == "lm-studio":
        return failed(400, f"Cannot truncate prompt with n_keep ({prompt}) >= n_ctx ({context})")
    if style == "in the stream":
        told = {"message": f"request ({prompt} tokens) exceeds the available context size ({context} tokens)"}
        return Reply(["event: error\ndata: " + json.dumps({"error": told})])
    return failed(400, {"message": sentences[style], "type": "BadRequestError", "param": None, "code": 400})


@contextmanager
def served(path: Path | None = None) -> Iterator[FakeServer]:
    """Serve on a free port of this machine, or on the Unix socket at ``path``, until the block ends."""
    fake = FakeServer("http://model/v1" if path else "")
    server = _Unix(str(path), _Handler) if path else _Tcp(("127.0.0.1", 0), _Handler)
    server.fake = fake
    fake.url = fake.url or f"http://127.0.0.1:{server.server_port}/v1"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Tcp(ThreadingHTTPServer):
    daemon_threads = True
    fake: FakeServer

    def handle_error(self, *_: object) -> None:
        """Stay quiet where a client broke off; any other mistake of a test's reply is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*_)


class _Unix(_Tcp):
    address_family = socket.AF_UNIX

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "model", 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Tcp

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def do_GET(self) -> None:
        self._answer({})

    def _answer(self, body: dict[str, Any]) -> None:
        fake = self.server.fake
        asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        fake.asked.append(asked)
        reply = fake.reply(asked)
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
            self.send_header(name, value)
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        streams = bool(reply.events) or not reply.body
        self.close_connection = reply.dies or not (reply.chunked or not streams)
        if not streams:
            self.send_header("Content-Length", str(len(reply.body.encode())))
        elif reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if not streams:
            self.wfile.write(reply.body.encode())
            return
        if all(self._sent(one, reply) for one in reply.events) and reply.chunked and not reply.dies:
            self.wfile.write(b"0\r\n\r\n")

    def _sent(self, one: str, reply: Reply) -> bool:
        """Send one event; return whether the client is still there."""
        gone, _, _ = select.select([self.connection], [], [], reply.pause_s)
        content = f"{one}\n\n".encode()
        try:
            if gone and not self.connection.recv(1, socket.MSG_PEEK):
                raise ConnectionResetError
            self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content) if reply.chunked else content)
            self.wfile.flush()
        except OSError:
            self.close_connection = True
            self.server.fake.left.set()
            return False
        return True

    def log_message(self, *_: object) -> None:
        """Stay quiet."""
