"""The client of our own model process: the OpenAI dialect over a Unix socket, with whose turn it is in the headers."""

import socket as sockets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rag_core.errors import GeneratorUnavailable
from rag_core.models.openai import OpenAIGenerator, Server, over_socket
from rag_core.types import GenerationRequest

_URL = "http://model"  # the host is never looked up
_HOW = "Start it with: transom model"
_KNOCK_S = 1.0


class LocalGenerator:
    """Writes with the model process. ``wait_s``: the longest wait for its first piece, ``timeout_s`` for the last.

    Whoever stops reading closes the connection, and the process stops writing.
    """

    leaves_company = False

    def __init__(
        self, socket: Path, model: str, *, timeout_s: float = 60.0, wait_s: float = 20.0, max_tokens: int = 700
    ) -> None:
        self.name = f"llama:{model}"
        self._socket = socket
        server = Server(f"{_URL}/v1", "", timeout_s, is_ours=True, socket=str(socket), setting="TRANSOM_LLAMA")
        self._inner = OpenAIGenerator(server, model, max_tokens=max_tokens, wait_s=wait_s, headers=_headers)

    def generate(self, request: GenerationRequest) -> Iterator[str]:
        """Yield the answer in pieces. Raises GeneratorUnavailable, at once where no process listens or it loads."""
        _knock(self._socket)
        yield from self._inner.generate(request)


def health(socket: Path, *, timeout_s: float = 5.0) -> dict[str, Any]:
    """Return what the model process says of itself, also while it is not well. Raises GeneratorUnavailable."""
    return _got(socket, "/health", timeout_s)


def models_of(socket: Path, *, timeout_s: float = 5.0) -> list[str]:
    """Return the names of the models that the process serves. Raises GeneratorUnavailable."""
    listed = _got(socket, "/v1/models", timeout_s).get("data") or []
    return [str(model["id"]) for model in listed]


def _got(socket: Path, path: str, timeout_s: float) -> dict[str, Any]:
    from httpx2 import HTTPError

    _knock(socket)
    try:
        with over_socket(str(socket)) as client:
            body = client.get(f"{_URL}{path}", timeout=timeout_s).json()
    except (HTTPError, ValueError) as error:
        raise GeneratorUnavailable(f"The model process does not answer ({type(error).__name__}). {_HOW}") from error
    if not isinstance(body, dict):
        raise GeneratorUnavailable("The model process answers what is no JSON object: something else listens there.")
    return body


def _knock(socket: Path) -> None:
    """Raise GeneratorUnavailable where nobody listens. The HTTP client would tell too, but leaves its socket open."""
    with sockets.socket(sockets.AF_UNIX) as probe:
        probe.settimeout(_KNOCK_S)
        try:
            probe.connect(str(socket))
        except OSError as error:
            raise GeneratorUnavailable(f"The model process does not run ({type(error).__name__}). {_HOW}") from error


def _headers(request: GenerationRequest, left_s: float) -> Mapping[str, str]:
    headers = {"X-Transom-Priority": "person", "X-Transom-Deadline-S": f"{left_s:.1f}"}
    if request.tenant:
        headers["X-Transom-Tenant"] = quote(request.tenant, safe="")  # headers are ASCII
    return headers
