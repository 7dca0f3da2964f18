"""Posting lists as bytes: many terms a bucket, the buckets of a shard spread by a hash of the term.

A posting says: this term stands ``count`` times in the chunk in that slot. A bucket's payload is six arrays
one behind another, little-endian, so that Postgres's own compression finds the runs in each:

    uint32 number of terms, uint32 number of postings,
    uint32[terms] hash (ascending), uint16[terms] list length, uint16[postings] slot (ascending in a list),
    uint8[postings] count (255 means 255 or more)

Measured on 1,000 Wikipedia paragraphs (449 characters): a row a term 12.5 KB a chunk, buckets 2.2 KB before
compression. Two of a million terms share a 32-bit hash rarely enough (1 query term in 4,000) to leave it be.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

SHARD_SLOTS = 32_768
_BUCKET_POSTINGS = 2_000  # 6 to 8 KB a payload: past Postgres's compression threshold, quick to read


def term_hash(term: str) -> int:
    """Return the term's 32-bit hash."""
    return crc32(term.encode())


@dataclass(frozen=True, slots=True)
class Postings:
    """Parallel arrays, one element a posting, sorted by hash and slot."""

    hashes: NDArray[np.uint32]
    slots: NDArray[np.uint16]
    counts: NDArray[np.uint8]

    def without(self, slots: NDArray[np.uint16]) -> "Postings":
        """Return the postings of all other slots."""
        keep = ~np.isin(self.slots, slots)
        return Postings(self.hashes[keep], self.slots[keep], self.counts[keep])

    def plus(self, other: "Postings") -> "Postings":
        """Return both together, sorted."""
        return _sorted(
            np.concatenate([self.hashes, other.hashes]),
            np.concatenate([self.slots, other.slots]),
            np.concatenate([self.counts, other.counts]),
        )


def empty() -> Postings:
    """Return no postings."""
    return Postings(np.empty(0, np.uint32), np.empty(0, np.uint16), np.empty(0, np.uint8))


def collect(chunks: Iterable[tuple[int, Iterable[str]]]) -> Postings:
    """Return the postings of chunks given as (slot, terms)."""
    hashes: list[int] = []
    counts: list[int] = []
    slots: list[NDArray[np.uint16]] = []
    for slot, terms in chunks:
        found = Counter(map(term_hash, terms))
        hashes.extend(found)
        counts.extend(found.values())
        slots.append(np.full(len(found), slot, np.uint16))
    if not slots:
        return empty()
    return _sorted(
        np.array(hashes, np.uint32), np.concatenate(slots), np.minimum(np.array(counts, np.int64), 255).astype(np.uint8)
    )


def bucket_count(postings: Postings) -> int:
    """Return into how many buckets these postings go."""
    return max(1, len(postings.hashes) // _BUCKET_POSTINGS)


def encode(postings: Postings, buckets: int) -> Iterator[tuple[int, bytes]]:
    """Yield (bucket, payload) for every bucket that holds something."""
    bucket = postings.hashes % np.uint32(buckets)
    order = np.argsort(bucket, kind="stable")  # keeps hash and slot ascending inside a bucket
    edges = np.searchsorted(bucket[order], np.arange(buckets + 1))
    for number in range(buckets):
        rows = order[edges[number] : edges[number + 1]]
        if len(rows):
            yield number, _payload(postings.hashes[rows], postings.slots[rows], postings.counts[rows])


def decode(payload: bytes) -> Postings:
    """Return a payload's postings."""
    hashes, lengths, slots, counts = _arrays(payload)
    return Postings(np.repeat(hashes, lengths), slots, counts)


def find(payload: bytes, wanted: NDArray[np.uint32]) -> list[tuple[NDArray[np.uint16], NDArray[np.uint8]]]:
    """Return (slots, counts) for each wanted hash; two empty arrays for one that is not there."""
    hashes, lengths, slots, counts = _arrays(payload)
    ends = np.cumsum(lengths, dtype=np.int64)
    found = []
    for place, term in zip(np.searchsorted(hashes, wanted), wanted, strict=True):
        there = place < len(hashes) and hashes[place] == term
        run = slice(ends[place] - lengths[place], ends[place]) if there else slice(0, 0)
        found.append((slots[run], counts[run]))
    return found


def _sorted(hashes: NDArray[np.uint32], slots: NDArray[np.uint16], counts: NDArray[np.uint8]) -> Postings:
    order = np.argsort(hashes.astype(np.uint64) << np.uint64(16) | slots, kind="stable")
    return Postings(hashes[order], slots[order], counts[order])


def _payload(hashes: NDArray[np.uint32], slots: NDArray[np.uint16], counts: NDArray[np.uint8]) -> bytes:
    distinct, lengths = np.unique(hashes, return_counts=True)
    head = np.array([len(distinct), len(slots)], "<u4")
    parts = (head, distinct.astype("<u4"), lengths.astype("<u2"), slots.astype("<u2"), counts)
    return b"".join(part.tobytes() for part in parts)


def _arrays(
    payload: bytes,
) -> tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint16], NDArray[np.uint8]]:
    terms, postings = (int(n) for n in np.frombuffer(payload, "<u4", 2))
    at = 8
    hashes = np.frombuffer(payload, "<u4", terms, at)
    lengths = np.frombuffer(payload, "<u2", terms, at := at + 4 * terms)
    slots = np.frombuffer(payload, "<u2", postings, at := at + 2 * terms)
    counts = np.frombuffer(payload, np.uint8, postings, at + 2 * postings)
    return hashes, lengths, slots, counts
