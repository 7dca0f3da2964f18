"""Generators and embedders behind an OpenAI-compatible server: vLLM, llama-server, LM Studio, a company gateway."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import monotonic
from typing import Any

import numpy as np

from rag_core.errors import EmbedderUnavailable, GeneratorUnavailable
from rag_core.models.ports import Vectors
from rag_core.models.prompt import messages
from rag_core.types import GenerationRequest


@dataclass(frozen=True, slots=True)
class Server:
    """Where an OpenAI-compatible server is. ``is_ours``: what we send there stays inside the company."""

    base_url: str
    api_key: str
    timeout_s: float
    is_ours: bool

    def client(self) -> Any:
        """Return a client that tries once and keeps to the time-out."""
        from openai import OpenAI

        # A key is never optional for the client; servers on the intranet mostly want none.
        return OpenAI(base_url=self.base_url, api_key=self.api_key or "none", timeout=self.timeout_s, max_retries=0)


def ping(base_url: str, api_key: str) -> list[str]:
    """Return the names of the models a server offers, empty if it does not tell. Raises EmbedderUnavailable."""
    from openai import APIStatusError, OpenAIError

    try:
        return [model.id for model in Server(base_url, api_key, 5.0, is_ours=True).client().models.list().data]
    except APIStatusError as error:
        if error.status_code == 404:  # a server without a list
            return []
        raise EmbedderUnavailable(f"The model server at {base_url} answers {error.status_code}.") from error
    except OpenAIError as error:
        raise EmbedderUnavailable(f"The model server at {base_url} did not answer ({type(error).__name__}).") from error


class OpenAIGenerator:
    """Streams chat completions. The whole answer has ``timeout_s``, not each piece of it."""

    def __init__(self, server: Server, model: str, *, max_tokens: int = 700) -> None:
        self._server, self._model, self._max_tokens = server, model, max_tokens
        self.name = f"openai:{model}"
        self.leaves_company = not server.is_ours

    def generate(self, request: GenerationRequest) -> Iterator[str]:
        """Yield the answer in pieces. Raises GeneratorUnavailable on any trouble and when the time is up."""
        from openai import OpenAIError

        deadline = monotonic() + self._server.timeout_s
        try:
            with self._client.chat.completions.create(
                model=self._model,
                messages=messages(request),
                temperature=0,
                max_tokens=self._max_tokens,
                stream=True,
            ) as stream:
                yield from _pieces(stream, deadline)
        except OpenAIError as error:
            raise GeneratorUnavailable(f"The model server did not answer ({type(error).__name__}).") from error

    @cached_property
    def _client(self) -> Any:
        return self._server.client()


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


def _pieces(stream: Iterable[Any], deadline: float) -> Iterator[str]:
    for event in stream:
        if monotonic() > deadline:
            raise GeneratorUnavailable("The model server took too long.")
        if event.choices and (text := event.choices[0].delta.content):
            yield text
