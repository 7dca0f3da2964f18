"""BM25 over the shards a viewer sees: Robertson & Zaragoza, The Probabilistic Relevance Framework (2009), 3.4.

Document frequencies, the number of chunks and their mean length are those of the visible shards, so neither
a score nor its change tells of a chunk unseen.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from rag_core.database import ViewerConnection
from rag_core.search import store
from rag_core.search.postings import find, term_hash
from rag_core.search.store import Place, Shard

K1 = 1.2
B = 0.75
_POSTINGS_READ = 2_000_000  # rarest terms first; beyond this a question is a document, and its common terms say little

_List = tuple[NDArray[np.uint16], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class LexicalScores:
    """BM25 of every visible chunk for one question, by shard; ``idf`` of each of its terms, seen or not."""

    scores: Mapping[int, NDArray[np.float32]]
    idf: Mapping[str, float]
    chunks: int

    def at(self, place: Place) -> float:
        """Return the score of the chunk in this place."""
        return float(self.scores[place.shard][place.slot])

    def best(self, limit: int) -> list[Place]:
        """Return the places of the best chunks that score above zero, best first."""
        tops: list[tuple[float, int, int]] = []
        for shard, scores in self.scores.items():
            few = np.argpartition(scores, -limit)[-limit:] if len(scores) > limit else np.arange(len(scores))
            tops.extend((-float(scores[slot]), shard, int(slot)) for slot in few if scores[slot] > 0)
        return [Place(shard, slot) for _, shard, slot in sorted(tops)[:limit]]


def score(viewer: ViewerConnection, shards: Sequence[Shard], query: Mapping[str, float]) -> LexicalScores:
    """Score the visible chunks for a question's terms, given with their weights in the question."""
    chunks = sum(shard.chunks for shard in shards)
    lists = _posting_lists(viewer, shards, list(query))
    found = {term: sum(len(slots) for slots, _ in per_shard.values()) for term, per_shard in lists.items()}
    idf = {term: log(1 + (chunks - found[term] + 0.5) / (found[term] + 0.5)) for term in query}
    scores = {shard.id: np.zeros(len(shard.lengths), np.float32) for shard in shards}
    norms = _length_norms(shards, chunks)
    read = 0
    for term in sorted(query, key=lambda term: found[term]):
        read += found[term]
        if read > _POSTINGS_READ:
            break
        for shard, (slots, counts) in lists[term].items():
            tf = counts.astype(np.float32)
            scores[shard][slots] += query[term] * idf[term] * tf * (K1 + 1) / (tf + norms[shard][slots])
    return LexicalScores(scores, idf, chunks)


def _length_norms(shards: Sequence[Shard], chunks: int) -> dict[int, NDArray[np.float32]]:
    mean = sum(shard.terms for shard in shards) / max(1, chunks) or 1.0
    return {shard.id: (K1 * (1 - B + B * shard.lengths / mean)).astype(np.float32) for shard in shards}


def _posting_lists(
    viewer: ViewerConnection, shards: Sequence[Shard], query: Sequence[str]
) -> dict[str, dict[int, _List]]:
    """Return term → shard → (slots, counts), with one read of the database."""
    hashes = {term: term_hash(term) for term in query}
    wanted: dict[tuple[int, int], list[str]] = defaultdict(list)
    for shard in shards:
        for term in query:
            wanted[shard.id, hashes[term] % shard.buckets].append(term)
    lists: dict[str, dict[int, _List]] = {term: {} for term in query}
    for (shard_id, bucket), payload in store.payloads(viewer, list(wanted)).items():
        terms = wanted[shard_id, bucket]
        for term, found in zip(terms, find(payload, np.array([hashes[t] for t in terms], np.uint32)), strict=True):
            lists[term][shard_id] = found
    return lists
