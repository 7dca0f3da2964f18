"""Profiles, groups, rooms, the bot itself, what people sent, and the webhook's address."""

import secrets
from datetime import UTC, datetime
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fakes.line.ids import is_user_id
from fakes.line.limits import is_https
from fakes.line.records import Answer, Call, Problem, RefusedError
from fakes.line.state import Account, Group
from fakes.line.webhooks import send_webhook

if TYPE_CHECKING:
    from fakes.line.server import LineServer

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


def bot_info(server: "LineServer", account: Account, call: Call) -> Answer:
    """Return who the account is."""
    channel = account.channel
    info = {"userId": channel.destination, "basicId": f"@{channel.name}", "displayName": channel.name}
    return Answer(body={**info, "chatMode": "bot", "markAsReadMode": "auto"})


def profile(server: "LineServer", account: Account, call: Call, user: str) -> Answer:
    """Return a person's profile; nobody's who has blocked us."""
    return Answer(body=_profile(server, user))


def member_profile(server: "LineServer", account: Account, call: Call, chat: str, user: str) -> Answer:
    """Return the profile of a member of a group or room."""
    if user not in _group(account, chat).members:
        raise RefusedError(404, "Not found")
    about = _profile(server, user, even_blocked=True)
    return Answer(body={key: about[key] for key in ("displayName", "userId", "pictureUrl") if key in about})


def members_count(server: "LineServer", account: Account, call: Call, chat: str) -> Answer:
    """Return how many people are in a group or room."""
    return Answer(body={"count": len(_group(account, chat).members)})


def group_summary(server: "LineServer", account: Account, call: Call, chat: str) -> Answer:
    """Return a group's name."""
    return Answer(body={"groupId": chat, "groupName": _group(account, chat).name})


def leave(server: "LineServer", account: Account, call: Call, chat: str) -> Answer:
    """Leave a group or room."""
    _group(account, chat)
    del account.groups[chat]
    return Answer()


def link_token(server: "LineServer", account: Account, call: Call, user: str) -> Answer:
    """Return a token for linking accounts."""
    _profile(server, user)
    return Answer(body={"linkToken": secrets.token_urlsafe(24)})


def content(server: "LineServer", account: Account, call: Call, message: str) -> Answer:
    """Return what a person sent: 202 while LINE prepares it, 410 once it is unsent."""
    found = account.contents.get(message)
    if found is None or found.state == "failed":
        raise RefusedError(404, "Not found")
    if found.state == "unsent":
        raise RefusedError(410, "Gone")
    if found.state == "preparing":
        return Answer(202)
    return Answer(200, found.data, {"content-type": found.content_type})


def transcoding(server: "LineServer", account: Account, call: Call, message: str) -> Answer:
    """Return whether a content can be fetched."""
    found = account.contents.get(message)
    if found is None:
        raise RefusedError(404, "Not found")
    if found.state == "unsent":
        raise RefusedError(410, "Gone")
    status = {"preparing": "processing", "failed": "failed"}.get(found.state, "succeeded")
    return Answer(body={"status": status})


def get_webhook(server: "LineServer", account: Account, call: Call) -> Answer:
    """Return the webhook's address."""
    if account.webhook is None:
        raise RefusedError(404, "Webhook endpoint not found")
    return Answer(body={"endpoint": account.webhook, "active": account.webhook_active})


def set_webhook(server: "LineServer", account: Account, call: Call) -> Answer:
    """Keep the webhook's address; https, but http is allowed to this machine so that tests can be called."""
    endpoint = call.json["endpoint"]
    if not is_https(endpoint, 500) and urlsplit(endpoint).hostname not in _LOCAL:
        problem = Problem("Invalid webhook endpoint URL", "endpoint")
        raise RefusedError(400, "The request body has 1 error(s)", (problem,), is_violation=True)
    account.webhook = endpoint
    return Answer()


def test_webhook(server: "LineServer", account: Account, call: Call) -> Answer:
    """Send no events to the webhook and say what came back."""
    endpoint = (call.json or {}).get("endpoint") or account.webhook
    if endpoint is None:
        raise RefusedError(404, "Webhook endpoint not found")
    try:
        status = send_webhook(endpoint, account.channel, [], timeout_s=5.0)
    except TimeoutError:
        return _tested(0, "REQUEST_TIMEOUT", "Request timeout")
    except (OSError, HTTPException):
        return _tested(0, "COULD_NOT_CONNECT", "Could not connect")
    return _tested(status, "OK" if status == 200 else "ERROR_STATUS_CODE", str(status))


def _tested(status: int, reason: str, detail: str) -> Answer:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    about = {"timestamp": now, "statusCode": status, "reason": reason, "detail": detail}
    return Answer(body={"success": status == 200, **about})


def _group(account: Account, chat: str) -> Group:
    if chat not in account.groups:
        raise RefusedError(404, "Not found")
    return account.groups[chat]


def _profile(server: "LineServer", user: str, *, even_blocked: bool = False) -> dict[str, Any]:
    if not is_user_id(user):
        raise RefusedError(400, "The value for the 'userId' parameter is invalid", is_violation=True)
    if user in server.blocked and not even_blocked:
        raise RefusedError(404, "Not found")
    return {"userId": user, "displayName": f"User {user[1:5]}", "language": "zh-TW", **server.people.get(user, {})}
