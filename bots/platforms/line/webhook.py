"""Where LINE calls us: verify, store, answer 200. Nothing else happens here, for LINE waits two seconds at most."""

import json
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, Final

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from bots.accounts import LineAccount
from bots.errors import InboxUnavailable
from bots.messages import Arrival
from bots.platforms.line.client import is_signed
from bots.platforms.line.splitting import clean
from bots.ports import EventReader, Inbox

BODY_BYTES: Final = 1_000_000  # LINE's own bodies are some kilobytes

_log = structlog.get_logger()


class LineWebhook:
    """The webhooks of the company's LINE accounts, one address each."""

    def __init__(self, accounts: Iterable[LineAccount], inbox: Inbox, reader: EventReader) -> None:
        self._accounts = {account.name: account for account in accounts}
        self._inbox = inbox
        self._reader = reader

    def blueprint(self) -> Blueprint:
        """Return the route ``POST /line/<account>/webhook``."""
        blueprint = Blueprint("line", __name__)
        blueprint.add_url_rule("/line/<account>/webhook", "webhook", self.webhook, methods=["POST"])
        return blueprint

    def webhook(self, account: str) -> Response:
        """Store the events. 200 means that they are stored; after anything else LINE may send them again.

        404: no such account; 413: a megabyte or more; 401: the signature is not LINE's; 400: not a webhook's JSON;
        503: the inbox cannot store now.
        """
        known = self._accounts.get(account)
        if known is None:
            return _answer(404, "no such account")
        body = _limited_body()
        if body is None:
            return _answer(413, "too large")
        text = body.decode("utf-8", "replace")  # bytes that are no UTF-8 then miss their signature
        if not is_signed(known.secret, text, request.headers.get("X-Line-Signature", "")):
            _log.warning("line.webhook.unsigned", account=account)
            return _answer(401, "not signed")
        events = read_events(text)
        return _answer(400, "not a webhook") if events is None else self._store(account, events)

    def _store(self, account: str, events: list[dict[str, Any]]) -> Response:
        if not events:  # the button "Verify" in LINE's console
            return _answer(200, "ok")
        arrivals = [Arrival(self._reader.read(account, event), _dumped(event)) for event in events]
        try:
            new = self._inbox.take_in(arrivals)
        except InboxUnavailable:
            _log.error("line.webhook.not_stored", account=account, events=len(arrivals))
            return _answer(503, "not stored")
        _log.info("line.webhook.stored", account=account, events=len(arrivals), new=new)
        return _answer(200, "ok")


def read_events(text: str) -> list[dict[str, Any]] | None:
    """Return the events of a webhook's body, made fit to store; None if it is no webhook's body.

    What is no event among events is left out: the others count.
    """
    try:
        body = json.loads(text)
        events = body.get("events") if isinstance(body, dict) else None
        if not isinstance(events, list):
            return None
        return [_cleaned(event) for event in events if isinstance(event, dict)]
    except (ValueError, RecursionError):  # broken, or brackets nested without end
        return None


def _limited_body() -> bytes | None:
    request.max_content_length = BODY_BYTES  # the application's own limit is for questions from a page
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        return None
    # Of a body in chunks, whose length is not declared, Werkzeug reads as much as the limit and says nothing.
    return body if len(body) < BODY_BYTES else None


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return clean(value)
        case float() if not isfinite(value):  # Python reads infinity and NaN, and Postgres does not take them for JSON
            return None
        case Mapping():
            return {clean(key): _cleaned(inner) for key, inner in value.items()}
        case list():
            return [_cleaned(inner) for inner in value]
    return value


def _dumped(event: dict[str, Any]) -> str:
    return json.dumps(event, separators=(",", ":"))


def _answer(status: int, text: str) -> Response:
    return Response(text + "\n", status, mimetype="text/plain")
