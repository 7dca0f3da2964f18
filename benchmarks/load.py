"""A load generator in a process of its own: signed LINE webhooks over kept connections, timed one by one."""

import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from threading import Thread
from typing import Any

_CONNECTIONS = 16
_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Target:
    """Where the webhooks go."""

    port: int
    path: str
    secret: str
    prefix: str  # makes event ids unique among runs


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: milliseconds of each answered request, how many were answered 200, and the time it took."""

    milliseconds: list[float]
    acknowledged: int
    seconds: float


def as_fast_as_possible(target: Target, seconds: float) -> Load:
    """Keep 16 connections busy: each sends its next event when the last is acknowledged."""
    return _apart(target, seconds, 0.0)


def at_rate(target: Target, seconds: float, rate: float) -> Load:
    """Send ``rate`` events a second, whether or not the earlier ones are acknowledged; times count from the plan."""
    return _apart(target, seconds, rate)


def text_event(event_id: str, person: int, text: str, token: str = "") -> dict[str, Any]:
    """Return one text message as LINE sends it."""
    return {
        "type": "message",
        "mode": "active",
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": f"U{person:032x}"},
        "webhookEventId": event_id,
        "deliveryContext": {"isRedelivery": False},
        "replyToken": token or f"token-{event_id}",
        "message": {"id": event_id, "type": "text", "text": text, "quoteToken": "q"},
    }


def webhook(target: Target, event_id: str, person: int, text: str, token: str = "") -> bytes:
    """Return the whole request that brings one text message."""
    event = text_event(event_id, person, text, token)
    body = json.dumps({"destination": "U0", "events": [event]}).encode()
    signature = base64.b64encode(hmac.new(target.secret.encode(), body, hashlib.sha256).digest()).decode()
    head = (
        f"POST {target.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Line-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def status(self, request: bytes) -> int:
        """Send a request and return the status of its answer; a connection the server has closed is opened anew."""
        for _ in range(3):
            try:
                if self._socket is None:
                    self._socket = socket.create_connection(("127.0.0.1", self._port), 30)
                    self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._socket.sendall(request)
                return self._answer(self._socket)
            except OSError:
                self._socket = None
        return 0

    def _answer(self, connection: socket.socket) -> int:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 0)
        while len(body) < length:
            body += self._more(connection)
        if b"connection: close" in lines:
            connection.close()
            self._socket = None
        return int(lines[0].split()[1])

    @staticmethod
    def _more(connection: socket.socket) -> bytes:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionResetError
        return piece


def _apart(target: Target, seconds: float, rate: float) -> Load:
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=[target, seconds, rate, sender])
    process.start()
    load: Load = receiver.recv()
    process.join()
    return load


def _run(target: Target, seconds: float, rate: float, sender: Any) -> None:
    times: list[float] = []
    acknowledged: list[int] = []
    began = time.perf_counter()

    def work(number: int) -> None:
        connection, done = Connection(target.port), 0
        plan = _plan(number, began, rate)
        while True:
            start = plan(done)
            if start - began >= seconds:
                return
            time.sleep(max(start - time.perf_counter(), 0.0))
            person = (done * _CONNECTIONS + number) % _PEOPLE
            request = webhook(target, f"{target.prefix}-{number}-{done}", person, "單筆滿多少免運費？")
            if not rate:
                start = time.perf_counter()
            status = connection.status(request)
            times.append((time.perf_counter() - start) * 1000)
            acknowledged.append(status == 200)
            done += 1

    threads = [Thread(target=work, args=[number]) for number in range(_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sender.send(Load(times, sum(acknowledged), time.perf_counter() - began))


def _plan(number: int, began: float, rate: float) -> Callable[[int], float]:
    """Return when a connection's n-th request is due."""
    if not rate:
        return lambda _: time.perf_counter()
    gap = _CONNECTIONS / rate
    return lambda done: began + gap * (done + number / _CONNECTIONS)
