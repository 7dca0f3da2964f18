"""The HTTP API: another system of the company asks a question, has people told something, or has it confirmed."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from bots.accounts import ApiClient
from bots.errors import BotsError, InboxUnavailable, NotServed, TooMany
from bots.messages import SourceCard
from bots.platforms.web.api_requests import (
    Call,
    Problem,
    read_call,
    read_confirmation,
    read_key,
    read_notify,
    read_wait,
)
from bots.platforms.web.description import described, docs_page
from bots.platforms.web.faults import log_incident, status_of
from bots.platforms.web.seats import Seats
from bots.platforms.web.signing import AnswerTokens
from bots.ports import Accepted, ApiDesk, Asked, NotifyDesk, Refused

PREFIX = "/api/"

_NO_CLIENT = Problem(401, "Send the client's token in the header  Authorization: Bearer TOKEN.")
_NO_WINDOW = Problem(403, "This client has no such window.")
_UNKNOWN = Problem(404, "There is no such answer, or it can no longer be fetched from here.")
_NO_CONFIRMATION = Problem(404, "This client has asked for no such confirmation.")


@dataclass(frozen=True, slots=True)
class Api:
    """The API for the clients that channels.yaml names. A call that finds no free seat does not wait for its answer.

    Without a ``notify_desk`` nobody is told anything, and nothing is confirmed.
    """

    desk: ApiDesk
    clients: Sequence[ApiClient]
    tokens: AnswerTokens
    seats: Seats
    notify_desk: NotifyDesk | None = None

    def blueprint(self) -> Blueprint:
        """Return the routes. What goes wrong is told as problem JSON (RFC 9457)."""
        blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
        blueprint.add_url_rule("/ask", "ask", self.ask, methods=["POST"])
        blueprint.add_url_rule("/answers/<token>", "answer", self.answer)
        if self.notify_desk:
            blueprint.add_url_rule("/notify", "notify", self.notify, methods=["POST"])
            blueprint.add_url_rule("/confirmations", "confirm", self.confirm, methods=["POST"])
            blueprint.add_url_rule("/confirmations/<id>", "confirmation", self.confirmation)
        blueprint.add_url_rule("/openapi.json", "openapi", lambda: jsonify(described()))
        blueprint.add_url_rule("/docs", "docs", lambda: docs_page(request.url_root))
        blueprint.register_error_handler(Problem, problem)
        for kind in (NotServed, TooMany, InboxUnavailable):
            blueprint.register_error_handler(kind, _refused)
        return blueprint

    def ask(self) -> ResponseReturnValue:
        """Take a question in and wait for its answer, as long as the caller likes to wait."""
        client = self._client()
        call, key = read_call(request), read_key(request) or str(uuid4())
        if call.window and call.window not in client.windows:
            raise _NO_WINDOW
        return self._answered(client, key, call)

    def answer(self, token: str) -> ResponseReturnValue:
        """Tell an answer that took longer, or that it still does."""
        client = self._client()
        key = self.tokens.read(token, client.name)
        if key is None:
            raise _UNKNOWN
        # The token was made when the question was stored, so the key is known, and the question is not needed again.
        return self._answered(client, key, Call("", "", read_wait(request)))

    def notify(self) -> ResponseReturnValue:
        """Take a notification in: it is told soon, once for its key."""
        client, order = self._client(), read_notify(request)
        accepted = _taken(self._notify_desk().notify(client.name, order))
        return jsonify(id=accepted.id, status=accepted.status), 202 if accepted.new else 200

    def confirm(self) -> ResponseReturnValue:
        """Ask a person to approve or deny something, once for its key."""
        client, order = self._client(), read_confirmation(request)
        try:
            accepted = _taken(self._notify_desk().confirm(client.name, order))
        except TooMany as error:
            raise Problem(429, "Too many confirmations wait for this person.", error.retry_s) from None
        location = url_for("api.confirmation", id=accepted.id)
        told = jsonify(id=accepted.id, status=accepted.status)
        return told, 202 if accepted.new else 200, {"Location": location}

    def confirmation(self, id: str) -> ResponseReturnValue:  # noqa: A002 as the path has it
        """Tell whether a confirmation was approved or denied, or has expired."""
        found = self._notify_desk().confirmation(self._client().name, id)
        if found is None:
            raise _NO_CONFIRMATION
        return jsonify(id=found.id, status=found.status)

    def _notify_desk(self) -> NotifyDesk:
        assert self.notify_desk is not None  # there are routes to it only where there is one
        return self.notify_desk

    def _client(self) -> ApiClient:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        found = [client for client in self.clients if _same(token.strip(), client.token)]  # all of them, always
        if kind.lower() != "bearer" or not found:
            raise _NO_CLIENT
        return found[0]

    def _answered(self, client: ApiClient, key: str, call: Call) -> ResponseReturnValue:
        asked = self._asked(client, key, call)
        if asked is None or asked.reply is None:
            location = url_for("api.answer", token=self.tokens.sign(client.name, key))
            return jsonify(id=key, status="working"), 202, {"Location": location, "Retry-After": "1"}
        return jsonify(_told(key, asked))

    def _asked(self, client: ApiClient, key: str, call: Call) -> Asked | None:
        wait_s = call.wait_s if call.wait_s > 0 and self.seats.take() else 0.0
        try:
            return self.desk.ask(client.name, key, call.question, call.window, wait_s)
        finally:
            if wait_s:
                self.seats.leave()


def problem(error: Problem) -> Response:
    """Return what went wrong as RFC 9457 tells it."""
    body = {"type": error.type, "title": error.title, "status": error.status, "detail": error.detail}
    response = jsonify(body)
    response.status_code = error.status
    response.content_type = "application/problem+json"
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Transom"'
    if error.retry_s:
        response.headers["Retry-After"] = str(error.retry_s)
    return response


def incident_problem(error: Exception, place: str) -> Response:
    """Log what nobody expected, and tell its incident id."""
    return problem(Problem(500, f"Something went wrong on our side: incident {log_incident(error, place)}."))


def _refused(error: BotsError) -> Response:
    if isinstance(error, NotServed):
        return problem(_NO_WINDOW)
    status, retry_s = status_of(error)
    lost = "Nothing could be stored. Send it again, with its key."
    return problem(Problem(status, "Too many questions." if status == 429 else lost, retry_s))


def _taken(outcome: Accepted | Refused) -> Accepted:
    if isinstance(outcome, Refused):
        raise Problem(409 if outcome.conflict else 422, outcome.detail)
    return outcome


def _same(sent: str, token: str) -> bool:
    """Whether it is the token, in a time that does not depend on how much of it is right. No token fits no call."""
    same = hmac.compare_digest(sha256(sent.encode()).digest(), sha256(token.encode()).digest())
    return same and bool(token)


def _told(key: str, asked: Asked) -> dict[str, Any]:
    reply = asked.reply
    assert reply is not None
    told: dict[str, Any] = {"id": key, "question": asked.question, "answer": reply.text, "refused": reply.refused}
    if reply.window:
        told["window"] = reply.window
    return told | {"sources": [_source(source) for source in reply.sources]}


def _source(source: SourceCard) -> dict[str, Any]:
    return {
        "number": source.number,
        "document": source.document,
        "title": source.title,
        "page": source.page,
        "heading": source.heading,
        "quote": source.quote,
    }
