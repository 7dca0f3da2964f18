"""The ports that models stand behind. Whoever implements one keeps to the errors named here."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag_core.types import GenerationRequest

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns text into vectors of unit length."""

    @property
    def name(self) -> str:
        """Names the embedding set: the same name means interchangeable vectors."""
        ...

    @property
    def dimension(self) -> int:
        """The length of a vector. Raises EmbedderUnavailable where it takes the model to know."""
        ...

    @property
    def leaves_company(self) -> bool:
        """Whether the text goes to a machine that is not named as ours."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, shape (len(texts), dimension). Raises EmbedderUnavailable."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """Return one unit vector, shape (dimension,). Raises EmbedderUnavailable."""
        ...


class Reranker(Protocol):
    """Scores passages against a question, reading both together."""

    name: str

    def score(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return one score a text; higher is better. Raises EmbedderUnavailable."""
        ...


class Generator(Protocol):
    """Writes the answer from the passages of the request."""

    name: str
    leaves_company: bool

    def generate(self, request: GenerationRequest) -> Iterator[str]:
        """Yield the answer in pieces, citing passage n (1-based) as ``[n]``. May raise GeneratorUnavailable midway."""
        ...
