"""Signing and posting webhooks as LINE does."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from fakes.line.records import Channel

TIMEOUT_S = 2.0  # LINE counts a later answer as none


def signed(secret: str, body: bytes) -> dict[str, str]:
    """Return the headers with which LINE sends this body."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "LineBotWebhook/2.0",
        "x-line-signature": base64.b64encode(digest).decode(),
    }


def webhook_body(channel: Channel, events: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the body LINE sends for these events."""
    whole = {"destination": channel.destination, "events": list(events)}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def send_webhook(
    url: str,
    channel: Channel,
    events: Sequence[Mapping[str, Any]],
    *,
    timeout_s: float = TIMEOUT_S,
    secret: str | None = None,
) -> int:
    """Post the events and return the status; ``secret`` signs in place of the channel's.

    Raises TimeoutError without an answer in time, another OSError or HTTPException if the connection fails.
    """
    body = webhook_body(channel, events)
    return post(url, body, signed(channel.secret if secret is None else secret, body), timeout_s)


def post(url: str, body: bytes, headers: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> int:
    """Post a body and return the status; it raises what ``send_webhook`` raises."""
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.netloc, timeout=timeout_s)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, dict(headers))
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
