"""BM25 over the shards a viewer sees: Robertson & Zaragoza, The Probabilistic Relevance Framework (2009), 3.4.

Document frequencies, the number of chunks and their mean length are those of the visible shards, so neither
a score nor its change tells of a chunk unseen.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag_core.database import ViewerConnection
from rag_core.search import store
from rag_core.search.postings import find, term_hash
from rag_core.search.rescore import K1, B
from rag_core.search.rescore import idf as inverse_frequency
from rag_core.search.store import Place, Shard

_COMMON_READ = 150_000
"""How many postings of common terms a question reads, the rarest of them first: what the others would add is little,
and the texts of the best candidates are looked at again with all terms."""

_List = tuple[NDArray[np.uint16], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class LexicalScores:
    """BM25 of every visible chunk for one question, by shard; ``idf`` of each of its terms, seen or not."""

    scores: Mapping[int, NDArray[np.float64]]
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
    hashes = {term: term_hash(term) for term in query}
    rows = {(shard.id, term): shard.spread.row_of(hashes[term]) for shard in shards for term in query}
    found = _known_lengths(shards, query, rows)
    unread = _too_common(found)
    lists = _posting_lists(viewer, {key: row for key, row in rows.items() if key[1] not in unread}, hashes)
    for key, (slots, _) in lists.items():
        if rows[key] >= 0:
            found[key[1]] += len(slots)
    idf = {term: inverse_frequency(chunks, found[term]) for term in query}
    mean = sum(shard.terms for shard in shards) / max(1, chunks) or 1.0
    weights = {term: query[term] * idf[term] for term in query}
    return LexicalScores({shard.id: _shard_scores(shard, lists, weights, mean) for shard in shards}, idf, chunks)


def _known_lengths(
    shards: Sequence[Shard], query: Mapping[str, float], rows: Mapping[tuple[int, str], int]
) -> dict[str, int]:
    """Return in how many chunks each term stands as a common term, which is known without reading its list."""
    return {term: sum(s.spread.length_of(rows[s.id, term]) for s in shards) for term in query}


def _too_common(lengths: Mapping[str, int]) -> set[str]:
    """Return the common terms that are left unread."""
    unread, read = set(), 0
    for term, length in sorted(lengths.items(), key=lambda item: item[1]):
        read += length
        if length and read > _COMMON_READ:
            unread.add(term)
    return unread


def _posting_lists(
    viewer: ViewerConnection, rows: Mapping[tuple[int, str], int], hashes: Mapping[str, int]
) -> dict[tuple[int, str], _List]:
    """Return (shard, term) → (slots, counts), with one read of the database."""
    wanted: dict[tuple[int, int], list[str]] = defaultdict(list)
    for (shard, term), row in rows.items():
        wanted[shard, row].append(term)
    lists: dict[tuple[int, str], _List] = {}
    for (shard, row), payload in store.payloads(viewer, list(wanted)).items():
        terms = wanted[shard, row]
        for term, found in zip(terms, find(payload, np.array([hashes[t] for t in terms], np.uint32)), strict=True):
            lists[shard, term] = found
    return lists


def _shard_scores(
    shard: Shard, lists: Mapping[tuple[int, str], _List], weights: Mapping[str, float], mean: float
) -> NDArray[np.float64]:
    """Add up one shard's BM25 in one pass over all its postings: a pass a term would cost more than it adds."""
    own = [(weights[term], *lists[shard.id, term]) for term in weights if (shard.id, term) in lists]
    if not own:
        return np.zeros(len(shard.lengths))
    slots = np.concatenate([slots for _, slots, _ in own])
    tf = np.concatenate([counts for _, _, counts in own]).astype(np.float32)
    weight = np.repeat(np.array([w for w, _, _ in own], np.float32), [len(slots) for _, slots, _ in own])
    norm = (K1 * (1 - B + B * shard.lengths / mean)).astype(np.float32)
    scores = np.bincount(slots, weight * tf * (K1 + 1) / (tf + norm[slots]), minlength=len(shard.lengths))
    return scores.astype(np.float64)
