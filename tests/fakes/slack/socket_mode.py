"""Socket Mode: the websocket that Slack sends envelopes through, and the acknowledgements that come back (RFC 6455)."""

import base64
import hashlib
import json
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedIOBase
from threading import Condition, Lock
from typing import Any
from uuid import uuid4

TEXT, CLOSE, PING, PONG, CONTINUED = 1, 8, 9, 10, 0
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3


@dataclass
class Link:
    """One open websocket of an app."""

    app_token: str
    reader: BufferedIOBase
    connection: socket.socket
    lock: Lock = field(default_factory=Lock)

    def send(self, opcode: int, payload: bytes) -> None:
        size, first = len(payload), 0x80 | opcode
        if size < 126:
            head = struct.pack("!BB", first, size)
        elif size < 65536:
            head = struct.pack("!BBH", first, 126, size)
        else:
            head = struct.pack("!BBQ", first, 127, size)
        with self.lock:
            self.connection.sendall(head + payload)

    def send_json(self, value: Mapping[str, Any]) -> None:
        self.send(TEXT, json.dumps(value).encode())


@dataclass
class SocketHub:
    """The open links; ``acks`` maps an acknowledged envelope's id to the payload that came with it."""

    acks: dict[str, Any] = field(default_factory=dict)
    _links: list[Link] = field(default_factory=list)
    _changed: Condition = field(default_factory=Condition)

    def serve(self, app_token: str, app_id: str, reader: BufferedIOBase, connection: socket.socket) -> None:
        """Say hello and read until the other side goes."""
        link = Link(app_token, reader, connection)
        link.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": app_id}})
        with self._changed:
            self._links.append(link)
            self._changed.notify_all()
        try:
            with suppress(OSError):
                while (frame := _read_message(link)) is not None:
                    self._take(frame)
        finally:
            with self._changed:
                self._links.remove(link)
                self._changed.notify_all()

    def wait_for_links(self, app_token: str, count: int = 1, timeout_s: float = 10.0) -> bool:
        """Wait until the app has so many links open; say whether it has."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._of(app_token)) >= count, timeout_s)

    def send(self, app_token: str, envelope: Mapping[str, Any]) -> None:
        """Send an envelope through one of the app's links, as Slack does with several; without one it raises."""
        with self._changed:
            links = self._of(app_token)
        if not links:
            raise ConnectionError("no socket of this app is open")
        links[-1].send_json(envelope)

    def wait_for_ack(self, envelope_id: str, timeout_s: float = 10.0) -> Any:
        """Return the payload of the acknowledgement (None without one); raise TimeoutError if none comes."""
        with self._changed:
            if not self._changed.wait_for(lambda: envelope_id in self.acks, timeout_s):
                raise TimeoutError(f"envelope {envelope_id} was not acknowledged in {timeout_s} s")
            return self.acks[envelope_id]

    def disconnect(self, app_token: str, reason: str = "refresh_requested") -> None:
        """Tell the app, as Slack does every few hours, that its links are about to close, and close them."""
        with self._changed:
            links = self._of(app_token)
        for link in links:
            link.send_json({"type": "disconnect", "reason": reason})
            link.send(CLOSE, struct.pack("!H", 1000))

    def close(self) -> None:
        with self._changed:
            links = list(self._links)
        for link in links:
            _shut(link.connection)

    def _of(self, app_token: str) -> list[Link]:
        return [link for link in self._links if link.app_token == app_token]

    def _take(self, frame: bytes) -> None:
        said = json.loads(frame)
        if "envelope_id" in said:
            with self._changed:
                self.acks[said["envelope_id"]] = said.get("payload")
                self._changed.notify_all()


def accept_key(key: str) -> str:
    return base64.b64encode(hashlib.sha1(f"{key}{GUID}".encode(), usedforsecurity=False).digest()).decode()


def envelope(
    kind: str, payload: Mapping[str, Any], retry_num: int | None = None, retry_reason: str = ""
) -> dict[str, Any]:
    """Wrap a payload: ``kind`` is events_api, interactive or slash_commands."""
    wrapped = {
        "envelope_id": str(uuid4()),
        "type": kind,
        "payload": dict(payload),
        "accepts_response_payload": kind != "events_api",
    }
    if kind == "events_api":
        wrapped |= {"retry_attempt": retry_num or 0, "retry_reason": retry_reason}
    return wrapped


def _read_message(link: Link) -> bytes | None:
    """Return the next whole text message; answer pings on the way; None when the link closes."""
    parts: list[bytes] = []
    while True:
        head = link.reader.read(2)
        if len(head) < 2:
            return None
        opcode, payload = head[0] & 0x0F, _payload(link, head[1])
        if opcode == CLOSE:
            link.send(CLOSE, payload[:2])
            return None
        if opcode == PING:
            link.send(PONG, payload)
        elif opcode in (TEXT, CONTINUED):
            parts.append(payload)
            if head[0] & 0x80:
                return b"".join(parts)


def _payload(link: Link, second: int) -> bytes:
    size = second & 0x7F
    if size == 126:
        (size,) = struct.unpack("!H", link.reader.read(2))
    elif size == 127:
        (size,) = struct.unpack("!Q", link.reader.read(8))
    mask = link.reader.read(4) if second & 0x80 else b"\0\0\0\0"
    return bytes(byte ^ mask[place % 4] for place, byte in enumerate(link.reader.read(size)))


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # it may have gone by itself
        connection.shutdown(socket.SHUT_RDWR)
