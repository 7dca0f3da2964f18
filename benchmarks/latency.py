"""How a search's time and the index's size grow from 10,000 to 100,000 chunks, policies on.

The texts are sentences of the public corpora drawn at random to about 300 characters, the vectors are random,
and two audiences share the collection, of which the viewer reads one with nine tenths of the chunks. The two sizes are
asked in turns: what counts is the ratio, which other work on the machine should not change. ``--quick``: a tenth.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from rich.table import Table

from benchmarks import corpora
from benchmarks.report import show, steps, tracked
from benchmarks.workplace import database
from rag_core.database import Database
from rag_core.ingest.read import Reading
from rag_core.ingest.sync import Syncer
from rag_core.models.ports import Embedder, Vectors
from rag_core.search.search import EXACT_BELOW, Searcher
from rag_core.search.store import Calibration
from rag_core.types import Chunk, Collection, Scope, Source

_DIMENSION = 384
_CHUNKS_A_DOCUMENT = 100
_QUERIES = 500
_WARM_UP = 50
_CHARACTERS = 300
_VECTORS_COUNT = [Calibration("fusion", tongue, 120, {"dense": 1.0}) for tongue in ("zh", "en")]
"""Claims that vectors help: measured, random ones would prove to be worth nothing, and so never be searched."""

Times = list[float]


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


@dataclass(frozen=True, slots=True)
class _Measured:
    """The times of one size's searches in milliseconds, by words alone and with vectors, and its index's bytes."""

    chunks: int
    sync_s: float
    words: Times
    vectors: Times
    lexical_bytes: int
    vector_bytes: int


def main(*, quick: bool = False) -> None:
    """Measure and print the table."""
    small, large = _measured((1_000, 10_000) if quick else (10_000, 100_000))
    table = Table(
        "chunks",
        "sync s",
        "words p50 ms",
        "p95 ms",
        "+ vectors p50 ms",
        "p95 ms",
        "lexical B/chunk",
        "vectors B/chunk",
        title=f"search latency, policies on, {_QUERIES} queries",
        caption=(
            f"Vectors: random, {_DIMENSION} dimensions, half precision; HNSW from {EXACT_BELOW:,} chunks on, below an "
            "exact scan. Sync: publishing chunks and vectors and building the graph; neither reading nor calibrating."
        ),
    )
    for one in (small, large):
        table.add_row(
            f"{one.chunks:,}",
            f"{one.sync_s:.0f}",
            *(f"{figure:.1f}" for figure in _percentiles(one)),
            f"{one.lexical_bytes / one.chunks:,.0f}",
            f"{one.vector_bytes / one.chunks:,.0f}",
        )
    ratios = (f"× {b / a:.1f}" for a, b in zip(_percentiles(small), _percentiles(large), strict=True))
    table.add_row("ratio", "", *ratios, "", "")
    show(table)


def _percentiles(one: _Measured) -> list[float]:
    return [float(np.percentile(times, p)) for times in (one.words, one.vectors) for p in (50, 95)]


def _measured(sizes: tuple[int, int]) -> list[_Measured]:
    """Fill a database for each size, then ask them in turns, so that other work on the machine slows all alike."""
    embedder = RandomEmbedder()
    with database() as small, database() as large:
        opened = (small, large)
        seconds = [_filled(one, size, embedder) for one, size in zip(opened, sizes, strict=True)]
        searchers = [Searcher(one, embedder=leg) for one in opened for leg in (None, embedder)]
        times = _times(searchers)
        return [
            _Measured(size, seconds[n], times[2 * n], times[2 * n + 1], *_sizes(opened[n]))
            for n, size in enumerate(sizes)
        ]


def _filled(opened: Database, size: int, embedder: Embedder) -> float:
    """Fill a database and return the seconds its sync took."""
    readings = _readings(size)
    began = perf_counter()
    _fill(opened, readings, embedder)
    return perf_counter() - began


def _readings(size: int) -> dict[Path, Reading]:
    draw = random.Random(size)
    return {Path(f"/{n}.txt"): _reading(draw) for n in range(size // _CHUNKS_A_DOCUMENT)}


def _fill(opened: Database, readings: Mapping[Path, Reading], embedder: Embedder) -> None:
    def read_all(paths: Sequence[Path]) -> Iterator[tuple[Path, Reading]]:
        for path in paths:
            yield path, readings[path]

    # The files do not exist, so the plan is made here: what is measured begins where a file has been read.
    sources = tuple(
        Source(path, path.name, frozenset({"employees"} if n % 10 else {"managers"})) for n, path in enumerate(readings)
    )
    with steps(f"{len(readings) * _CHUNKS_A_DOCUMENT:,} chunks") as progress:
        syncer = Syncer(
            opened,
            read_all=read_all,
            calibrate=lambda *_: _VECTORS_COUNT,
            embedder=embedder,
            progress=progress,
            digest=lambda path: path.name.encode(),
        )
        syncer.sync([Collection("bench", sources)])


def _reading(draw: random.Random) -> Reading:
    return Reading("bench", None, tuple(Chunk(_text(draw)) for _ in range(_CHUNKS_A_DOCUMENT)), ())


def _text(draw: random.Random) -> str:
    parts: list[str] = []
    while sum(map(len, parts)) < _CHARACTERS:
        parts.append(draw.choice(corpora.sentences()))
    return "".join(parts)


def _times(searchers: Sequence[Searcher]) -> list[Times]:
    """Return each searcher's times in milliseconds; every question goes to all of them, each being first in turn."""
    draw = random.Random(3)
    scope = Scope(("bench",), frozenset({"employees"}))
    times: list[Times] = [[] for _ in searchers]
    asked = draw.sample(corpora.drcd().asked, _QUERIES + _WARM_UP)
    for n, one in enumerate(tracked(asked, "asking")):
        for place in range(len(searchers)):
            which = (n + place) % len(searchers)
            began = perf_counter()
            searchers[which].search(one.question, scope)
            times[which].append((perf_counter() - began) * 1000)
    return [own[_WARM_UP:] for own in times]


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
