"""Passages and searches made by hand, with the idf that a small collection of plain words would give."""

from collections.abc import Callable, Sequence

import pytest

from rag_core.search.terms import query_terms
from rag_core.types import ChunkKind, Evidence, Passage, SearchResult

MakePassage = Callable[..., Passage]
MakeSearch = Callable[..., SearchResult]


@pytest.fixture
def passage() -> MakePassage:
    def make(
        text: str, *, kind: ChunkKind = ChunkKind.PROSE, heading: Sequence[str] = (), chunk_id: int = 1
    ) -> Passage:
        return Passage(chunk_id, "hr", "documents/rules.pdf", "Rules", 3, tuple(heading), text, kind, 1.0)

    return make


@pytest.fixture
def search() -> MakeSearch:
    def make(question: str, *passages: Passage, idf: float = 5.0, cosine: float | None = None) -> SearchResult:
        signals = {} if cosine is None else {"cosine": cosine}
        return SearchResult(question, passages, Evidence(dict.fromkeys(query_terms(question), idf), signals))

    return make
