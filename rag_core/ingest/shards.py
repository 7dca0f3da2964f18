"""Writing the lexical index: chunks get slots in shards, and each touched shard is rewritten as a whole."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection

from rag_core.ingest import store
from rag_core.search.postings import SHARD_SLOTS, Postings, collect, decode, encode, layout
from rag_core.search.terms import terms
from rag_core.types import Chunk


class ShardWriter:
    """Hands out slots in the shards of one audience of a collection, then rewrites the shards it touched."""

    def __init__(self, connection: Connection, collection: int, audience: int, emptied: Mapping[int, Sequence[int]]):
        self._connection, self._collection, self._audience = connection, collection, audience
        self._lengths = {
            shard.id: _lengths(shard.lengths) for shard in store.open_shards(connection, collection, audience)
        }
        self._emptied = {
            shard: np.array(slots, np.uint16) for shard, slots in emptied.items() if shard in self._lengths
        }
        for shard, slots in self._emptied.items():
            self._lengths[shard][slots] = 0
        self._free = {shard: _holes(lengths) for shard, lengths in self._lengths.items()}
        self._added: dict[int, list[tuple[int, list[str]]]] = defaultdict(list)

    def place(self, chunk: Chunk) -> tuple[int, int]:
        """Return the (shard, slot) this chunk goes to."""
        shard = next((shard for shard, free in self._free.items() if free), None) or self._new_shard()
        slot = self._free[shard].pop()
        words = indexed_terms(chunk)
        self._lengths[shard][slot] = min(max(1, len(words)), 65_535)  # 0 means a hole
        self._added[shard].append((slot, words))
        return shard, slot

    def write(self) -> None:
        """Rewrite the shards that gained or lost chunks."""
        for shard in {*self._emptied, *self._added}:
            old = _together(decode(payload) for payload in store.shard_payloads(self._connection, shard))
            kept = old.without(self._emptied[shard]) if shard in self._emptied else old
            postings = kept.plus(collect(self._added[shard]))
            spread = layout(postings)
            lengths = np.trim_zeros(self._lengths[shard], "b")
            store.write_shard(self._connection, shard, lengths, spread, encode(postings, spread))

    def _new_shard(self) -> int:
        shard = store.new_shard(self._connection, self._collection, self._audience).id
        self._lengths[shard] = np.zeros(SHARD_SLOTS, np.uint16)
        self._free[shard] = list(range(SHARD_SLOTS - 1, -1, -1))
        return shard


def indexed_terms(chunk: Chunk) -> list[str]:
    """Return what a chunk is found by: the terms of its headings and of its text."""
    return terms("\n".join([*chunk.heading, chunk.text]))


def _lengths(raw: bytes) -> NDArray[np.uint16]:
    lengths = np.zeros(SHARD_SLOTS, np.uint16)
    stored = np.frombuffer(raw, "<u2")
    lengths[: len(stored)] = stored
    return lengths


def _holes(lengths: NDArray[np.uint16]) -> list[int]:
    """Return the free slots, the lowest last, so that pop takes it."""
    return [int(slot) for slot in np.flatnonzero(lengths == 0)[::-1]]


def _together(parts: Iterable[Postings]) -> Postings:
    parts = list(parts)
    if not parts:
        return collect([])
    return Postings(
        np.concatenate([part.hashes for part in parts]),
        np.concatenate([part.slots for part in parts]),
        np.concatenate([part.counts for part in parts]),
    )
