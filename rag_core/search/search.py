"""Search, from a question to passages: words, vectors, their fusion, and a reranker if there is one.

The two legs find candidates; their texts are looked at again (``rescore``), cosines are added at the worth that
sync measured for this collection and language (``fuse``). All of it in one transaction of the viewer's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag_core.database import Database, ViewerConnection
from rag_core.errors import EmbedderUnavailable
from rag_core.models.ports import Embedder, Reranker, Vectors
from rag_core.search import lexical, store
from rag_core.search.everyday import in_known_words
from rag_core.search.fuse import FusionWeights, combine_weights, fuse, language
from rag_core.search.rescore import Candidate, rescore
from rag_core.search.store import StoredChunk
from rag_core.search.terms import query_terms
from rag_core.types import ChunkKind, Evidence, Scope, SearchResult

EXACT_BELOW = 20_000
"""Visible chunks up to which an exact scan of the vectors beats the filtered graph (DESIGN: who may see what)."""

_CANDIDATES = 30  # a leg
_RERANKED = 20
_LONGEST_QUESTION = 2_000  # characters that are searched with


@dataclass(frozen=True, slots=True)
class Query:
    """A question made ready: its vector and the embedding set to look it up in, if there is an embedder."""

    text: str
    vector: Vectors | None = None
    embedder: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates of both legs, in no order. ``dense`` holds cosines, None where a chunk has no vector."""

    question: str  # in words the collection knows
    chunks: tuple[StoredChunk, ...]
    lexical: tuple[float, ...]
    dense: tuple[float | None, ...]
    weights: dict[str, float]  # of the question's terms: query weight × idf
    idf: dict[str, float]


class Searcher:
    """Finds passages for a viewer."""

    def __init__(
        self, database: Database, *, embedder: Embedder | None = None, reranker: Reranker | None = None
    ) -> None:
        self._database, self._embedder, self._reranker = database, embedder, reranker

    @property
    def database(self) -> Database:
        """Where it searches."""
        return self._database

    def search(self, question: str, scope: Scope, *, limit: int = 10) -> SearchResult:
        """Return up to ``limit`` passages, best first. Raises DatabaseUnavailable.

        An embedder that cannot be reached costs its leg, not the search.
        """
        embedder = self._allowed(scope)
        counts = embedder is not None and self._vectors_count(question, scope)
        result = self._find(prepared(question, embedder if counts else None), scope, limit)
        if embedder is not None and not counts and not result.passages:  # words know nothing: better a vector's guess
            result = self._find(prepared(question, embedder), scope, limit)
        if self._reranker:
            result = _reranked(result, self._reranker)
        return replace(result, passages=result.passages[:limit])

    def _find(self, query: Query, scope: Scope, limit: int) -> SearchResult:
        with self._database.viewer(scope.groups) as viewer:
            return find(viewer, query, scope.collections, limit=max(limit, _RERANKED))

    def _vectors_count(self, question: str, scope: Scope) -> bool:
        """Whether a vector would change the order: embedding a question takes longer than searching for it."""
        with self._database.viewer(scope.groups) as viewer:
            return fusion_weights(viewer, scope.collections).of(language(question)) > 0

    def _allowed(self, scope: Scope) -> Embedder | None:
        """Return the embedder if a question to these collections may go to it: it is as private as their texts."""
        if self._embedder is None or not self._embedder.leaves_company:
            return self._embedder
        with self._database.viewer(scope.groups) as viewer:
            return self._embedder if store.may_leave_company(viewer, scope.collections) else None


def prepared(question: str, embedder: Embedder | None) -> Query:
    """Return the question with its vector. Done before the transaction, which waits for no model."""
    if embedder is None or not question.strip():
        return Query(question)
    try:
        return Query(question, embedder.embed_query(question[:_LONGEST_QUESTION]), embedder.name)
    except EmbedderUnavailable:
        return Query(question)


def find(
    viewer: ViewerConnection, query: Query, collections: Sequence[str], *, limit: int, audience: int | None = None
) -> SearchResult:
    """Search inside a viewer's transaction; ``audience`` narrows to one audience, for calibrating."""
    found = candidates(viewer, query, collections, audience=audience)
    weight = fusion_weights(viewer, collections).of(language(query.text)) if query.vector is not None else 0.0
    scores = fuse(found.lexical, found.dense, weight)
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], found.chunks[i].id))[:limit]
    passages = tuple(found.chunks[i].passage(scores[i]) for i in order if scores[i] > 0)
    cosines = [cosine for cosine in found.dense if cosine is not None]
    return SearchResult(found.question, passages, Evidence(found.idf, {"cosine": max(cosines)} if cosines else {}))


def candidates(
    viewer: ViewerConnection, query: Query, collections: Sequence[str], *, audience: int | None = None
) -> Found:
    """Return the best chunks of both legs with the score of each leg."""
    shards = store.shards(viewer, collections, audience)
    question = in_known_words(viewer, shards, query.text)
    asked = query_terms(question[:_LONGEST_QUESTION])
    scores = lexical.score(viewer, shards, asked)
    chunks = {chunk.id: chunk for chunk in store.chunks_at(viewer, scores.best(_CANDIDATES))}
    dense = _dense(viewer, query, collections, chunks, exact=scores.chunks < EXACT_BELOW, audience=audience)
    weights = {term: weight * scores.idf[term] for term, weight in asked.items()}
    found = tuple(chunks.values())
    rescored = rescore(weights, [Candidate(_looked_at(c), scores.at(c.place), asked_of(c)) for c in found])
    cosines = tuple(dense.get(chunk.id) for chunk in found)
    return Found(question, found, tuple(rescored), cosines, weights, dict(scores.idf))


def asked_of(chunk: StoredChunk) -> str:
    """Return an FAQ's own question, empty for every other chunk."""
    return chunk.heading[-1] if chunk.kind == ChunkKind.FAQ and chunk.heading else ""


def _looked_at(chunk: StoredChunk) -> str:
    """Return the text whose sentences are looked at again.

    A table's row is read with the header above it; an article's paragraph with the law and the number it belongs to,
    without spaces, so that 第38條 meets 第 38 條.
    """
    first, *rest = [line for line in chunk.text.split("\n") if line.strip()] or [""]
    if chunk.kind == ChunkKind.TABLE and rest:
        continued = bool(chunk.heading) and " | " in chunk.heading[-1]  # over a page: the header is its heading
        return "\n".join(
            f"{chunk.heading[-1] if continued else first} {row}" for row in ((first, *rest) if continued else rest)
        )
    if chunk.kind == ChunkKind.LAW and chunk.heading:
        article = "".join("".join((chunk.heading[0], chunk.heading[-1])).split())
        return "\n".join(f"{article} {paragraph}" for paragraph in (first, *rest))
    return chunk.text


def fusion_weights(viewer: ViewerConnection, collections: Sequence[str]) -> FusionWeights:
    """Return what a cosine is worth to this viewer in these collections."""
    measured = store.calibrations(viewer, collections, "fusion")
    return combine_weights(
        [FusionWeights({one.language: one.figures["dense"]}, {one.language: one.samples}) for one in measured]
    )


def _dense(
    viewer: ViewerConnection,
    query: Query,
    collections: Sequence[str],
    chunks: dict[int, StoredChunk],
    *,
    exact: bool,
    audience: int | None,
) -> dict[int, float]:
    """Add the nearest chunks to ``chunks`` and return the cosine of each that has a vector."""
    if query.vector is None:
        return {}
    within = store.embedding_set(viewer, collections, query.embedder)
    if within is None:
        return {}
    near = store.nearest(viewer, within, collections, query.vector, _CANDIDATES, exact=exact, audience=audience)
    near |= store.similarities(viewer, within, [id_ for id_ in chunks if id_ not in near], query.vector)
    missing = [id_ for id_ in near if id_ not in chunks]
    chunks.update({chunk.id: chunk for chunk in store.chunks_by_id(viewer, missing)})
    return near


def _reranked(result: SearchResult, reranker: Reranker) -> SearchResult:
    head, tail = result.passages[:_RERANKED], result.passages[_RERANKED:]
    if not head:
        return result
    scores = reranker.score(result.question, [passage.text for passage in head])
    ordered = sorted(zip(scores, head, strict=True), key=lambda pair: -pair[0])
    return replace(result, passages=(*(replace(p, score=s) for s, p in ordered), *tail))
