"""Slack's requests to the product's webhook: how they are encoded, signed and posted."""

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

Encoding = Literal["json", "payload", "form"]
SOCKET_TYPES = {"json": "events_api", "payload": "interactive", "form": "slash_commands"}


@dataclass(frozen=True)
class Delivery:
    """One request of Slack: events are JSON, interactions JSON in a form field, slash commands a form.

    ``view`` names the view whose submission it is, ``ts`` the message it tells of, if there is one.
    """

    team: str
    secret: str
    payload: Mapping[str, Any]
    encoding: Encoding = "json"
    view: str = ""
    ts: str = ""

    @property
    def body(self) -> bytes:
        if self.encoding == "json":
            return json.dumps(self.payload, ensure_ascii=False).encode()
        fields = (
            {"payload": json.dumps(self.payload, ensure_ascii=False)} if self.encoding == "payload" else self.payload
        )
        return urlencode(fields).encode()

    @property
    def content_type(self) -> str:
        return "application/json" if self.encoding == "json" else "application/x-www-form-urlencoded"

    @property
    def socket_type(self) -> str:
        return SOCKET_TYPES[self.encoding]

    @property
    def event_id(self) -> str:
        return str(self.payload.get("event_id", ""))

    def changed(self, **fields: Any) -> "Delivery":
        """Return a delivery whose payload has other or further fields."""
        return replace(self, payload={**self.payload, **fields})


@dataclass(frozen=True)
class Answer:
    """What the product answered, and the seconds it took."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


def signed(secret: str, body: bytes, timestamp: float | str | None = None) -> dict[str, str]:
    """Return the headers that prove a body comes from Slack; ``timestamp`` is in seconds, now by default."""
    at = timestamp if isinstance(timestamp, str) else str(int(time.time() if timestamp is None else timestamp))
    mac = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={mac}"}


def send(
    url: str,
    delivery: Delivery,
    *,
    timestamp: float | str | None = None,
    retry_num: int | None = None,
    retry_reason: str | None = None,
    timeout_s: float = 10.0,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Post a delivery, signed; ``headers`` replace or add to Slack's. Raises OSError where no answer comes in time."""
    sent = {"Content-Type": delivery.content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
    sent |= signed(delivery.secret, delivery.body, timestamp)
    if retry_num is not None:
        sent |= {"X-Slack-Retry-Num": str(retry_num), "X-Slack-Retry-Reason": retry_reason or "http_timeout"}
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)
    began = time.monotonic()
    try:
        connection.request("POST", parts.path or "/", delivery.body, {**sent, **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, response.read(), dict(response.headers), time.monotonic() - began)
    finally:
        connection.close()
