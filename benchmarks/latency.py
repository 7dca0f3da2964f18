"""How a search's time and the index's size grow from 10,000 to 100,000 chunks, policies on.

The texts are sentences of the public corpora drawn at random to about 300 characters, the vectors are random,
and two audiences share the collection, so that every query goes through the policies. ``--quick``: a tenth.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
from rich.table import Table

from benchmarks import corpora
from benchmarks.report import show
from benchmarks.workplace import database
from rag_core.database import Database
from rag_core.ingest.read import Reading
from rag_core.ingest.sync import Syncer
from rag_core.models.ports import Embedder, Vectors
from rag_core.search.search import Searcher
from rag_core.types import Chunk, Collection, Scope, Source

_DIMENSION = 384
_CHUNKS_A_DOCUMENT = 100
_QUERIES = 300
_CHARACTERS = 300


class RandomEmbedder:
    """Random unit vectors: only the time of searching them is measured, not the time of making them."""

    name, dimension, leaves_company = "random", _DIMENSION, False

    def __init__(self) -> None:
        self._random = np.random.default_rng(7)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return one random unit vector a text."""
        vectors = self._random.standard_normal((len(texts), _DIMENSION), np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def embed_query(self, text: str) -> Vectors:
        """Return one random unit vector."""
        return np.asarray(self.embed_documents([text])[0], np.float32)


def main(*, quick: bool = False) -> None:
    """Measure and print the table."""
    sizes = (1_000, 10_000) if quick else (10_000, 100_000)
    rows = [(size, embedder, *_measure(size, embedder)) for size in sizes for embedder in (None, RandomEmbedder())]
    table = Table(
        "chunks", "vectors", "sync s", "p50 ms", "p95 ms", "lexical B/chunk", "vectors B/chunk", title="search latency"
    )
    for size, embedder, seconds, times, lexical, dense in rows:
        p50, p95 = np.percentile(times, [50, 95])
        kind = f"{_DIMENSION} dim" if embedder else "–"
        table.add_row(f"{size:,}", kind, f"{seconds:.0f}", f"{p50:.1f}", f"{p95:.1f}", f"{lexical:.0f}", f"{dense:.0f}")
    show(table)


def _measure(size: int, embedder: Embedder | None) -> tuple[float, list[float], float, float]:
    with database() as opened:
        began = perf_counter()
        _fill(opened, size, embedder)
        seconds = perf_counter() - began
        times = _times(Searcher(opened, embedder=embedder))
        lexical, dense = _sizes(opened)
        return seconds, times, lexical / size, dense / size


def _fill(opened: Database, size: int, embedder: Embedder | None) -> None:
    draw = random.Random(size)
    readings = {Path(f"/{n}.txt"): _reading(draw) for n in range(size // _CHUNKS_A_DOCUMENT)}

    def read_all(paths: Sequence[Path]) -> Iterator[tuple[Path, Reading]]:
        for path in paths:
            yield path, readings[path]

    # The files do not exist, so the plan is made here: what is measured begins where a file has been read.
    sources = tuple(
        Source(path, path.name, frozenset({"employees"} if n % 10 else {"managers"})) for n, path in enumerate(readings)
    )
    syncer = Syncer(
        opened, read_all=read_all, calibrate=lambda *_: [], embedder=embedder, digest=lambda path: path.name.encode()
    )
    syncer.sync([Collection("bench", sources)])


def _reading(draw: random.Random) -> Reading:
    return Reading("bench", None, tuple(Chunk(_text(draw)) for _ in range(_CHUNKS_A_DOCUMENT)), ())


def _text(draw: random.Random) -> str:
    parts: list[str] = []
    while sum(map(len, parts)) < _CHARACTERS:
        parts.append(draw.choice(corpora.sentences()))
    return "".join(parts)


def _times(searcher: Searcher) -> list[float]:
    draw = random.Random(3)
    questions = [asked.question for asked in draw.sample(corpora.drcd().asked, _QUERIES + 20)]
    scope = Scope(("bench",), frozenset({"employees"}))
    times = []
    for question in questions:
        began = perf_counter()
        searcher.search(question, scope)
        times.append((perf_counter() - began) * 1000)
    return times[20:]  # the first ones warm the caches


def _sizes(opened: Database) -> tuple[int, int]:
    with opened.owner() as connection:
        row = connection.execute(
            "select pg_total_relation_size('postings') + pg_total_relation_size('shards'),"
            " pg_total_relation_size('vectors')"
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


if __name__ == "__main__":
    import sys

    main(quick="--quick" in sys.argv)
