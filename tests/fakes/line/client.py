"""A client without opinions: sends to the fake what no SDK would."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fakes.line.ids import user_id
from fakes.line.records import Channel

if TYPE_CHECKING:
    from fakes.line.server import LineServer


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: lower-case header names, a JSON body parsed, any other as bytes."""

    status: int
    body: Any
    headers: Mapping[str, str]


def ask(
    base_url: str,
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 10.0,
) -> Answered:
    """Send one request over a connection of its own; bytes go out as they are, everything else as JSON.

    Raises TimeoutError without an answer in time, another OSError or HTTPException if the connection fails.
    """
    sent = {"authorization": f"Bearer {token}"} if token is not None else {}
    raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    if raw is not None:
        sent["content-type"] = "application/json"
    connection = HTTPConnection(urlsplit(base_url).netloc, timeout=timeout_s)
    try:
        connection.request(method, path, raw, {**sent, **(headers or {})})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        content = answer.read()
    finally:
        connection.close()
    is_json = found.get("content-type", "").startswith("application/json")
    return Answered(answer.status, json.loads(content) if is_json else content, found)


def reply(line: "LineServer", channel: Channel, token: str, text: str = "hello", **how: Any) -> Answered:
    """Answer a reply token with a text; ``how`` is what ``ask`` takes by name."""
    body = {"replyToken": token, "messages": [{"type": "text", "text": text}]}
    return ask(line.base_url, "POST", "/v2/bot/message/reply", body, token=channel.token, **how)


def push(
    line: "LineServer", channel: Channel, to: str | None = None, key: str | None = None, text: str = "hello"
) -> Answered:
    """Push a text to ``to`` (a person named amy), under a retry key if there is one."""
    body = {"to": to or user_id("amy"), "messages": [{"type": "text", "text": text}]}
    headers = {"X-Line-Retry-Key": key} if key else {}
    return ask(line.base_url, "POST", "/v2/bot/message/push", body, token=channel.token, headers=headers)
