"""Search, from a question to passages: words, vectors, their fusion, and a reranker if there is one."""

from collections.abc import Sequence
from dataclasses import replace

from rag_core.database import Database, ViewerConnection
from rag_core.models.ports import Embedder, Reranker, Vectors
from rag_core.search import lexical, store
from rag_core.search.terms import query_terms
from rag_core.types import Evidence, Passage, Scope, SearchResult

_CANDIDATES = 40
_RERANKED = 20


class Searcher:
    """Finds passages for a viewer."""

    def __init__(
        self, database: Database, *, embedder: Embedder | None = None, reranker: Reranker | None = None
    ) -> None:
        self._database, self._embedder, self._reranker = database, embedder, reranker

    def search(self, question: str, scope: Scope, *, limit: int = 10) -> SearchResult:
        """Return up to ``limit`` passages, best first. Raises DatabaseUnavailable and EmbedderUnavailable."""
        depth = max(limit, _RERANKED) if self._reranker else limit
        with self._database.viewer(scope.groups) as viewer:
            result = find(viewer, question, scope.collections, limit=depth)
        if self._reranker:
            result = _reranked(result, self._reranker)
        return replace(result, passages=result.passages[:limit])


def find(
    viewer: ViewerConnection,
    question: str,
    collections: Sequence[str],
    *,
    limit: int,
    audience: int | None = None,
) -> SearchResult:
    """Search inside a viewer's transaction."""
    query = query_terms(question)
    scores = lexical.score(viewer, store.shards(viewer, collections, audience), query)
    best = scores.best(limit)
    chunks = {chunk.place: chunk for chunk in store.chunks_at(viewer, best)}
    passages = tuple(chunks[place].passage(scores.at(place)) for place in best if place in chunks)
    return SearchResult(question, passages, Evidence(scores.idf, {}))


def _reranked(result: SearchResult, reranker: Reranker) -> SearchResult:
    head, tail = result.passages[:_RERANKED], result.passages[_RERANKED:]
    if not head:
        return result
    scores = reranker.score(result.question, [passage.text for passage in head])
    ordered = sorted(zip(scores, head, strict=True), key=lambda pair: -pair[0])
    return replace(result, passages=(*(replace(p, score=s) for s, p in ordered), *tail))


_ = (Vectors, Passage)
