"""Generators and embedders behind an OpenAI-compatible server: vLLM, llama-server, LM Studio, Azure, a gateway."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from time import monotonic, sleep
from typing import Any

import numpy as np
import structlog

from rag_core.errors import EmbedderUnavailable, GeneratorUnavailable
from rag_core.models.ports import Vectors
from rag_core.models.prompt import messages
from rag_core.models.shorten import Overflow, smaller
from rag_core.models.stream import Alarm, Part, Tail, Thoughts, parts
from rag_core.models.trouble import OddAnswer, Place, Trouble, trouble_of, unavailable
from rag_core.types import GenerationRequest

log = structlog.get_logger()

Headers = Callable[[GenerationRequest, float], Mapping[str, str]]

_CONNECT_S = 5.0  # a machine that is there takes a connection at once
_LONGEST_PAUSE_S = 5.0  # that a person is made to wait for a busy server


@dataclass(frozen=True, slots=True)
class Server:
    """Where an OpenAI-compatible server is. ``is_ours``: what we send there stays inside the company.

    With ``azure_api_version`` (like 2024-10-21) it is Azure OpenAI: ``base_url`` is the resource's endpoint, and the
    model's name is the deployment's. ``socket`` is the path of a Unix socket to reach it by. ``setting`` begins the
    names of the settings that messages name.
    """

    base_url: str
    api_key: str
    timeout_s: float
    is_ours: bool
    azure_api_version: str = ""
    socket: str = ""
    setting: str = "TRANSOM_OPENAI"

    def client(self) -> Any:
        """Return a client that tries once and keeps to the time-out."""
        from openai import AzureOpenAI, OpenAI

        # A key is never optional for the client; servers on the intranet mostly want none.
        options: dict[str, Any] = {"api_key": self.api_key or "none", "timeout": self.timeout_s, "max_retries": 0}
        if self.azure_api_version:
            return AzureOpenAI(azure_endpoint=self.base_url, api_version=self.azure_api_version, **options)
        if self.socket:
            options["http_client"] = over_socket(self.socket)
        return OpenAI(base_url=self.base_url, **options)


def over_socket(path: str) -> Any:
    """Return an HTTP client that reaches every host by one Unix socket and keeps no connection open for later."""
    from httpx2 import Client, HTTPTransport, Limits

    return Client(transport=HTTPTransport(uds=path, limits=Limits(max_keepalive_connections=0)), trust_env=False)


def ping(base_url: str, api_key: str, azure_api_version: str = "") -> list[str]:
    """Return the names of the models a server offers, empty if it does not tell. Raises EmbedderUnavailable."""
    from openai import APIStatusError, OpenAIError

    server = Server(base_url, api_key, 5.0, is_ours=True, azure_api_version=azure_api_version)
    try:
        listed = server.client().models.list().data
    except APIStatusError as error:
        if error.status_code == 404:  # a server without a list
            return []
        raise EmbedderUnavailable(f"The model server at {base_url} answers {error.status_code}.") from error
    except OpenAIError as error:
        raise EmbedderUnavailable(f"The model server at {base_url} did not answer ({type(error).__name__}).") from error
    # Azure lists models, but is asked by the name of a deployment.
    return [] if azure_api_version else [model.id for model in listed]


class OpenAIGenerator:
    """Streams chat completions. The whole answer has the server's ``timeout_s``, not each piece of it.

    ``wait_s``: the longest wait for the first piece, and without a sign after it. ``headers`` makes each request's
    headers from it and the seconds left. Servers differ in what they take: what one refuses is left out from then on.
    """

    def __init__(
        self,
        server: Server,
        model: str,
        *,
        max_tokens: int = 700,
        wait_s: float | None = None,
        headers: Headers | None = None,
    ) -> None:
        self._server, self._model, self._max_tokens = server, model, max_tokens
        self._wait_s, self._headers = wait_s or server.timeout_s, headers
        self._dialect = _Dialect()
        self.name = f"openai:{model}"
        self.leaves_company = not server.is_ours

    def generate(self, request: GenerationRequest) -> Iterator[str]:
        """Yield the answer in pieces. Raises GeneratorUnavailable on any trouble and when the time is up."""
        deadline = monotonic() + self._server.timeout_s
        attempt: _Attempt | None = _Attempt(request, self._dialect)
        while attempt:
            said = False
            try:
                with closing(self._asked(attempt, deadline)) as pieces:
                    for piece in pieces:
                        said = True
                        yield piece
            except _troubles() as error:
                trouble = trouble_of(error)
                attempt = None if said else self._next(attempt, trouble, deadline)
                if attempt is None:
                    raise unavailable(trouble, self._place) from error
            else:
                return

    def _asked(self, attempt: "_Attempt", deadline: float) -> Generator[str, None, None]:
        from openai import Timeout

        left = self._left(deadline)
        wait = min(left, self._wait_s)
        with self._client.chat.completions.create(
            model=self._model,
            messages=messages(attempt.request),
            stream=True,
            timeout=Timeout(wait, connect=min(wait, _CONNECT_S)),
            extra_headers=self._headers(attempt.request, left) if self._headers else None,
            **attempt.dialect.options(self._max_tokens),
        ) as stream:
            self._dialect = attempt.dialect
            yield from self._read(stream, attempt.dialect, deadline)

    def _read(self, stream: Any, dialect: "_Dialect", deadline: float) -> Iterator[str]:
        thoughts, tail, finish = Thoughts(begun=dialect.thinks_unbegun), Tail(self._max_tokens), None
        with Alarm(stream.response, min(self._left(deadline), self._wait_s)) as alarm:
            for part in _until(alarm, parts(stream)):
                if part.text or part.thought:
                    alarm.set(self._left(deadline))
                finish = finish or part.finish
                if piece := tail.feed(thoughts.feed(part.text)):
                    yield piece
                if thoughts.unbegun:
                    self._dialect = replace(dialect, thinks_unbegun=True)
                    raise OddAnswer("thoughts without a beginning")
        if piece := tail.feed(thoughts.end()) + tail.end(finish):
            yield piece

    def _next(self, attempt: "_Attempt", trouble: Trouble, deadline: float) -> "_Attempt | None":
        """Return how to ask again, None where it would not help."""
        if dialect := attempt.dialect.without(trouble):
            return replace(attempt, dialect=dialect)
        if trouble.kind == OddAnswer.__name__ and self._dialect.thinks_unbegun > attempt.dialect.thinks_unbegun:
            return replace(attempt, dialect=self._dialect)
        if trouble.overflow:
            return self._shortened(attempt, trouble.overflow)
        pause = trouble.wait_s
        if not trouble.busy or attempt.waited or pause is None or pause > min(_LONGEST_PAUSE_S, self._left(deadline)):
            return None
        sleep(pause)
        return replace(attempt, waited=True)

    def _shortened(self, attempt: "_Attempt", told: Overflow) -> "_Attempt | None":
        shorter = smaller(attempt.request, told.share(self._max_tokens))
        if shorter is None:
            return None
        log.info(
            "prompt shortened",
            tokens=told.prompt,
            context=told.context,
            turns=len(attempt.request.history) - len(shorter.history),
            passages=len(attempt.request.passages) - len(shorter.passages),
        )
        return replace(attempt, request=shorter)

    def _left(self, deadline: float) -> float:
        left = deadline - monotonic()
        if left <= 0:
            raise _late()
        return left

    @property
    def _place(self) -> Place:
        return Place(self._server.base_url, self._model, self._server.setting)

    @cached_property
    def _client(self) -> Any:
        return self._server.client()


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What a server takes of what we would send."""

    limit: str = "max_tokens"
    temperature: bool = True
    thinks_unbegun: bool = False

    def options(self, max_tokens: int) -> dict[str, Any]:
        return {self.limit: max_tokens, **({"temperature": 0} if self.temperature else {})}

    def without(self, trouble: Trouble) -> "_Dialect | None":
        """Return the dialect without what was refused, None if it was none of it."""
        if self.limit == "max_tokens" and trouble.refuses("max_tokens"):  # newer models of OpenAI and Azure
            return replace(self, limit="max_completion_tokens")
        if self.temperature and trouble.refuses("temperature"):  # their reasoning models
            return replace(self, temperature=False)
        return None


@dataclass(frozen=True, slots=True)
class _Attempt:
    request: GenerationRequest
    dialect: _Dialect
    waited: bool = False


class OpenAIEmbedder:
    """Embeds through ``/embeddings``."""

    def __init__(self, server: Server, model: str) -> None:
        self._server, self._model = server, model
        self.name = f"openai:{model}"
        self.leaves_company = not server.is_ours

    @cached_property
    def dimension(self) -> int:
        """The length of its vectors, learnt by asking once."""
        return int(self.embed_query("?").shape[0])

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (len(texts), dimension). Raises EmbedderUnavailable."""
        from openai import OpenAIError

        try:
            answer = self._client.embeddings.create(model=self._model, input=list(texts), encoding_format="float")
        except OpenAIError as error:
            raise EmbedderUnavailable(
                f"The embeddings server at {self._server.base_url} did not answer ({type(error).__name__})."
            ) from error
        vectors = np.array([row.embedding for row in answer.data], np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-9), np.float32)

    def embed_query(self, text: str) -> Vectors:
        """Return one unit vector. Raises EmbedderUnavailable."""
        return np.asarray(self.embed_documents([text])[0], np.float32)

    @cached_property
    def _client(self) -> Any:
        return self._server.client()


def _until(alarm: Alarm, given: Iterator[Part]) -> Iterator[Part]:
    """Yield what is given until the alarm rings; then raise GeneratorUnavailable, however the reading ended."""
    try:
        for part in given:
            if alarm.rang:
                break
            yield part
    except _troubles():
        if not alarm.rang:
            raise
    if alarm.rang:
        raise _late()


def _late() -> GeneratorUnavailable:
    return GeneratorUnavailable("The model server took too long.")


def _troubles() -> tuple[type[Exception], ...]:
    """Return what the client raises, what reading a body past it raises, and what is no JSON."""
    from httpx2 import HTTPError
    from openai import OpenAIError

    return (OpenAIError, HTTPError, ValueError, OSError)
