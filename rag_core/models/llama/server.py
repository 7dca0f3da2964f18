"""The OpenAI dialect of the model process, so that one client speaks to it, to vLLM and to llama-server."""

import json
import socket
from collections.abc import Callable, Iterator
from itertools import chain
from math import isfinite
from time import time
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from rag_core.models.llama.chat import Caller, ChatRequest, read_request
from rag_core.models.llama.figures import exposition
from rag_core.models.llama.model import Loading, Model
from rag_core.models.llama.request import (
    BadRequest,
    Broken,
    Busy,
    Cancelled,
    EngineError,
    Finished,
    OutOfTime,
    Priority,
    Ticket,
    TooLong,
)

_STATUS = {Busy: 429, OutOfTime: 504, Cancelled: 499, Broken: 503, Loading: 503, TooLong: 400, BadRequest: 400}
_RETRY_AFTER_S = 2
_LONGEST_BODY = 4 << 20  # bytes


def create_server(model: Model) -> Flask:
    """Return the server's application."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _LONGEST_BODY
    app.register_error_handler(EngineError, _told)
    app.add_url_rule("/v1/chat/completions", view_func=_completions(model), methods=["POST"])
    app.add_url_rule("/v1/models", view_func=_models(model), methods=["GET"])
    app.add_url_rule("/tokenize", view_func=_tokenize(model), methods=["POST"])
    app.add_url_rule("/health", view_func=_health(model), methods=["GET"])
    app.add_url_rule("/metrics", view_func=_metrics(model), methods=["GET"])
    return app


def _completions(model: Model) -> Callable[[], ResponseReturnValue]:
    def completions() -> ResponseReturnValue:
        loaded = model.ready()
        asked = read_request(request.get_json(silent=True))
        ticket = loaded.engine.submit(loaded.chat.job(asked, _caller()))
        answer = _Answer(model.name, asked, ticket, _still_connected(request.environ.get("gunicorn.socket")))
        return answer.streamed() if asked.stream else answer.whole()

    return completions


class _Answer:
    """One completion on its way out."""

    def __init__(self, name: str, asked: ChatRequest, ticket: Ticket, wanted: Callable[[], bool]) -> None:
        self._head = {"id": f"chatcmpl-{uuid4().hex}", "created": int(time()), "model": asked.model or name}
        self._asked, self._ticket = asked, ticket
        self._events = ticket.events(wanted)

    def whole(self) -> ResponseReturnValue:
        """Return the completion as one body."""
        *pieces, finished = self._events
        assert isinstance(finished, Finished)
        message = {"role": "assistant", "content": "".join(map(str, pieces))}
        choice = {"index": 0, "message": message, "finish_reason": finished.reason}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": _usage(finished)}

    def streamed(self) -> Response:
        """Return the completion as events. Trouble before the first piece is answered as such."""
        first = next(self._events)
        return Response(self._stream(first), mimetype="text/event-stream", headers={"Cache-Control": "no-store"})

    def _stream(self, first: str | Finished) -> Iterator[str]:
        try:
            yield self._event({"role": "assistant", "content": ""})
            for event in chain([first], self._events):
                if isinstance(event, str):
                    yield self._event({"content": event})
                else:
                    yield from self._end(event)
        except EngineError as error:
            yield _data({"error": _error(error)})
        finally:
            self._ticket.cancel()  # if the reader has gone; an answer that has ended minds nothing

    def _end(self, finished: Finished) -> Iterator[str]:
        yield self._event({}, finished.reason)
        if self._asked.stream_options.include_usage:
            yield self._chunk([], usage=_usage(finished))
        yield "data: [DONE]\n\n"

    def _event(self, delta: dict[str, str], reason: str | None = None) -> str:
        return self._chunk([{"index": 0, "delta": delta, "finish_reason": reason}])

    def _chunk(self, choices: list[dict[str, Any]], **more: Any) -> str:
        return _data({**self._head, "object": "chat.completion.chunk", "choices": choices, **more})


def _models(model: Model) -> Callable[[], ResponseReturnValue]:
    def models() -> ResponseReturnValue:
        names = [model.name, *(f"{model.name}:{adapter}" for adapter in model.options.adapters)]
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "transom"} for name in names]
        return {"object": "list", "data": data}

    return models


def _tokenize(model: Model) -> Callable[[], ResponseReturnValue]:
    def tokenize() -> ResponseReturnValue:
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or not isinstance(body.get("content"), str):
            raise BadRequest("content: a text is needed.")
        return {"tokens": model.ready().chat.tokens(body["content"])}

    return tokenize


def _health(model: Model) -> Callable[[], ResponseReturnValue]:
    def health() -> ResponseReturnValue:
        told: dict[str, Any] = {"status": model.state, "model": model.name}
        if model.state != "ok":
            return told, 503
        engine = model.ready().engine
        return {**told, "waiting": engine.waiting, "writing": engine.writing}

    return health


def _metrics(model: Model) -> Callable[[], ResponseReturnValue]:
    def metrics() -> ResponseReturnValue:
        return Response(exposition(model), mimetype="text/plain; version=0.0.4")

    return metrics


def _caller() -> Caller:
    """Return whose request this is, from its headers. Raises BadRequest."""
    given = request.headers.get("X-Transom-Deadline-S")
    priority = request.headers.get("X-Transom-Priority", "person")
    if priority not in ("person", "batch"):
        raise BadRequest("X-Transom-Priority: must be person or batch.")
    tenant = unquote(request.headers.get("X-Transom-Tenant", ""))[:200]
    return Caller(tenant, Priority[priority.upper()], None if given is None else _seconds(given))


def _seconds(given: str) -> float:
    try:
        seconds = float(given)
    except ValueError:
        seconds = -1.0
    if not (isfinite(seconds) and seconds >= 0):
        raise BadRequest("X-Transom-Deadline-S: must be a number of seconds.")
    return seconds


def _still_connected(connection: socket.socket | None) -> Callable[[], bool]:
    """Return what tells whether the reader's connection is still open."""

    def still() -> bool:
        if connection is None:
            return True
        try:
            return bool(connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return True
        except OSError:
            return False

    return still


def _told(error: EngineError) -> ResponseReturnValue:
    response = jsonify({"error": _error(error)})
    response.status_code = _STATUS.get(type(error), 500)
    if isinstance(error, Busy):
        response.headers["Retry-After"] = str(_RETRY_AFTER_S)
    return response


def _error(error: EngineError) -> dict[str, Any]:
    kind = "server_error" if error.retryable else "invalid_request_error"
    told: dict[str, Any] = {"message": str(error), "type": kind, "code": error.code}
    if isinstance(error, TooLong):
        told |= {"n_prompt_tokens": error.prompt, "n_max_tokens": error.most, "n_ctx": error.context}
    return told


def _usage(finished: Finished) -> dict[str, Any]:
    prompt, answer = finished.prompt_tokens, len(finished.tokens)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": answer,
        "total_tokens": prompt + answer,
        "prompt_tokens_details": {"cached_tokens": finished.reused_tokens},
    }


def _data(fields: dict[str, Any]) -> str:
    return f"data: {json.dumps(fields, ensure_ascii=False, separators=(',', ':'))}\n\n"
